//! One name of an entity, as one source writes it.
//!
//! A source may leave out the kind and the script of a name; they are filled in for the names of
//! an entity together, because which name is the primary one depends on the others.

use icu_properties::{CodePointMapData, PropertyNamesShort, props::Script};
use serde::{Deserialize, Deserializer, Serialize};

/// A name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Name {
    /// The name as written.
    pub text: String,
    /// BCP 47 tag of its language; empty when unknown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// ISO 15924 code of its script; "Zyyy" when it has no letters.
    pub script: String,
    /// What kind of name it is.
    pub kind: NameKind,
}

/// What kind of name a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NameKind {
    /// The name shown where one is shown.
    Primary,
    /// Another name in use, in any language.
    Alias,
    /// A name no longer in use.
    Former,
    /// Initials or a contraction.
    Acronym,
    /// A name by which friends or the press know it.
    Nickname,
}

/// A name whose kind and script may be left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameDraft {
    /// The name as written.
    pub text: String,
    /// BCP 47 tag of its language; empty when unknown.
    #[serde(default)]
    pub language: String,
    /// ISO 15924 code; empty: that of most of its letters.
    #[serde(default)]
    pub script: String,
    /// Absent: an alias, or primary for the first such name when no name is primary.
    pub kind: Option<NameKind>,
}

impl Name {
    /// The names of one entity, with kinds and scripts filled in.
    #[must_use]
    pub fn all(mut drafts: Vec<NameDraft>) -> Vec<Self> {
        if !drafts.iter().any(|name| name.kind == Some(NameKind::Primary))
            && let Some(first) = drafts.iter_mut().find(|name| name.kind.is_none())
        {
            first.kind = Some(NameKind::Primary);
        }
        drafts.into_iter().map(Self::from).collect()
    }
}

impl From<NameDraft> for Name {
    fn from(draft: NameDraft) -> Self {
        let NameDraft { text, language, mut script, kind } = draft;
        if script.is_empty() {
            script = script_code(&text).to_owned();
        }
        Self { text, language, script, kind: kind.unwrap_or(NameKind::Alias) }
    }
}

pub(super) fn deserialize_all<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Name>, D::Error> {
    Vec::deserialize(from).map(Name::all)
}

/// ISO 15924 code of the script most letters are in (UAX #24); of two with as many, the one that
/// comes first in the text. The same as `names::Name::script`, but for every script there is.
fn script_code(text: &str) -> &'static str {
    let scripts = CodePointMapData::<Script>::new();
    let mut counts: Vec<(Script, usize)> = Vec::with_capacity(4);
    for letter in text.chars() {
        let script = scripts.get(letter);
        match counts.iter_mut().find(|(seen, _)| *seen == script) {
            _ if matches!(script, Script::Common | Script::Inherited | Script::Unknown) => {}
            Some((_, count)) => *count += 1,
            None => counts.push((script, 1)),
        }
    }
    let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    most.and_then(|(script, _)| PropertyNamesShort::new().get(script)).unwrap_or("Zyyy")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(stated: &[Option<NameKind>]) -> Vec<NameKind> {
        let name = |kind: &Option<NameKind>| NameDraft {
            text: "x".into(),
            language: String::new(),
            script: String::new(),
            kind: *kind,
        };
        Name::all(stated.iter().map(name).collect()).iter().map(|name| name.kind).collect()
    }

    #[test]
    fn the_first_name_without_a_kind_is_primary_when_none_is() {
        use NameKind::{Acronym, Alias, Primary};
        assert_eq!(kinds(&[None, None]), [Primary, Alias]);
        assert_eq!(kinds(&[None, Some(Primary)]), [Alias, Primary]);
        assert_eq!(kinds(&[Some(Acronym), None, None]), [Acronym, Primary, Alias]);
        assert_eq!(kinds(&[Some(Alias)]), [Alias]);
    }

    #[test]
    fn the_script_is_that_of_most_letters() {
        for (text, code) in [
            ("لافروف", "Arab"),
            ("Лавров", "Cyrl"),
            ("Lavrov", "Latn"),
            ("平壌", "Hani"),
            ("평양", "Hang"),
            ("プーチン", "Kana"),
            ("ירושלים", "Hebr"),
            ("አዲስ አበባ", "Ethi"),
            ("X لافروف", "Arab"),
            ("هواسونغ 15", "Arab"),
            ("7", "Zyyy"),
            ("", "Zyyy"),
        ] {
            assert_eq!(script_code(text), code, "{text}");
        }
    }
}
