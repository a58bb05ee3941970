//! What a person decided about a mention.

use std::time::SystemTime;

use names::Name;
use sqlx::{ColumnIndex, Decode, FromRow, Type};

use super::record::{micros_of, time_of, word};

/// What a person decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The mention means the entity.
    Yes,
    /// It does not, or it means none that is known.
    No,
    /// Not now.
    Defer,
}

impl Answer {
    const ALL: [Self; 3] = [Self::Yes, Self::No, Self::Defer];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Defer => "defer",
        }
    }
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its number; 0 before it is stored.
    pub number: i64,
    /// The mention as the person saw it.
    pub text: String,
    /// Its form.
    pub form: String,
    /// The rules that made the form.
    pub rules_version: String,
    /// The entity it is about; empty: none.
    pub entity_id: String,
    /// Yes, no or defer.
    pub answer: Answer,
    /// Whose mentions it applies to; empty: everybody's.
    pub scope: String,
    /// Who decided.
    pub actor: String,
    /// Why.
    pub comment: String,
    /// When.
    pub created: SystemTime,
    /// When it stops to apply.
    pub expires: Option<SystemTime>,
}

impl Decision {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> String {
        format!("d{}", self.number)
    }

    /// What a call is recognized by when it is repeated: all but what this registry adds.
    pub(super) fn said(&self) -> impl serde::Serialize + use<> {
        let (answer, expires) = (self.answer.name(), self.expires.map(micros_of));
        let texts = [&self.text, &self.entity_id, &self.scope, &self.actor, &self.comment];
        (texts.map(String::clone), answer, expires)
    }
}

/// Which decisions are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecisionFilter {
    /// Admitted scope; empty admits all.
    pub scope: String,
    /// The entity they are about; empty admits all.
    pub entity_id: String,
    /// Their form; empty admits all.
    pub form: String,
}

/// The columns of a decision.
pub(super) const COLUMNS: &str = "number, text, form, rules_version, entity_id, kind, scope, actor, comment, \
    time, expires";

impl<'r, R: sqlx::Row> FromRow<'r, R> for Decision
where
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        let expires: i64 = row.try_get("expires")?;
        Ok(Self {
            number: row.try_get("number")?,
            text: row.try_get("text")?,
            form: row.try_get("form")?,
            rules_version: row.try_get("rules_version")?,
            entity_id: row.try_get("entity_id")?,
            answer: word(row.try_get("kind")?, &Answer::ALL, Answer::name)?,
            scope: row.try_get("scope")?,
            actor: row.try_get("actor")?,
            comment: row.try_get("comment")?,
            created: time_of(row.try_get("time")?),
            expires: (expires > 0).then(|| time_of(expires)),
        })
    }
}

/// The form under which a decision about a mention is found.
#[must_use]
pub fn form_of(text: &str) -> String {
    Name::new(text).form().to_owned()
}
