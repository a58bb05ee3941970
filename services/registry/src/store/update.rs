//! A person changes fields of an entity, or deletes it.

use super::{
    append::Next,
    create::first,
    record::{ChangeKind, Origin, Record, State},
    session::Session,
    write::{Written, active, make, together},
};
use crate::{
    Draft, Error,
    entity::{Entity, Field, Fields, Proposal},
};

/// A call to change fields.
#[derive(Clone, Debug)]
pub struct Update {
    etag: String,
    draft: Draft,
    fields: Fields,
    origin: Origin,
}

impl Update {
    /// A call to give `fields` the values they have in what is proposed. What is wrong with other
    /// fields does not matter: nobody set them.
    pub fn try_new(
        proposal: Proposal,
        fields: Fields,
        etag: String,
        origin: Origin,
    ) -> Result<Self, Error> {
        let Proposal { draft, mut violations } = proposal;
        let of_other_field = |path: &str| {
            let set = |field: Field| is_within(path, field) && !fields.contains(field);
            Field::ALL.into_iter().any(set)
        };
        violations.retain(|wrong| !of_other_field(&wrong.field));
        if violations.is_empty() {
            Ok(Self { etag, draft, fields, origin })
        } else {
            Err(Error::Invalid(violations))
        }
    }

    pub(super) async fn run(self, mut session: Session) -> Result<Written<Record>, Error> {
        let Self { etag, draft, fields, origin } = self;
        let before = active(&mut session, &draft.id, &etag).await?;
        let mut changed = Draft::clone(&before.entity);
        fields.iter().for_each(|field| field.copy(&draft, &mut changed));
        let entity = Entity::try_from(changed)?;
        let held = before.held.with_fields(fields);
        if entity == before.entity && held == before.held {
            return Ok(Written::nothing(before));
        }
        let next = Next::active(ChangeKind::Updated, entity, held);
        one(session, next, before, origin).await
    }
}

/// Whether a violation is about a field: `entity.names[3].text` is about `names`.
fn is_within(path: &str, field: Field) -> bool {
    let rest = path.strip_prefix("entity.").and_then(|path| path.strip_prefix(field.path()));
    rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
}

/// A call to delete an entity.
#[derive(Clone, Debug)]
pub struct Deletion {
    /// The entity.
    pub id: String,
    /// What guards it; empty deletes whatever is there.
    pub etag: String,
    /// Who and why.
    pub origin: Origin,
}

impl Deletion {
    pub(super) async fn run(self, mut session: Session) -> Result<Written<Record>, Error> {
        let before = active(&mut session, &self.id, &self.etag).await?;
        let held = before.held.with_life();
        let next = Next::ended(ChangeKind::Deleted, &before, State::Deleted, held);
        one(session, next, before, self.origin).await
    }
}

async fn one(
    session: Session,
    next: Next,
    before: Record,
    origin: Origin,
) -> Result<Written<Record>, Error> {
    let written = make(session, vec![(next, Some(before))], together(origin), None).await?;
    let Written { value, version, kinds } = written;
    Ok(Written { value: first(value.records)?, version, kinds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_is_about_the_field_that_its_path_begins_with() {
        assert!(is_within("entity.names[3].text", Field::Names));
        assert!(is_within("entity.type", Field::Type));
        assert!(!is_within("entity.type_of", Field::Type));
        assert!(!is_within("request_id", Field::Names));
    }
}
