//! An entity: what a canonical id stands for, in the shape in which it is stored and exchanged.
//!
//! A [`Draft`] is what somebody says an entity is; an [`Entity`] is a draft that keeps every limit
//! of the contract. As JSON both are one line of a catalogue file: keys that say nothing are left
//! out, an unknown key is an error that names it.
//!
//! ```
//! let line = r#"{"id":"Q58217","type":"person","names":[{"text":"سيرغي لافروف","language":"ar"}]}"#;
//! let entity: registry::Entity = serde_json::from_str(line).unwrap();
//! assert_eq!(entity.names[0].script, "Arab");
//! ```
//!
//! The life of an entity (state, version, times) is not here: it belongs to the store.

mod checks;
mod field;
mod name;

use std::{collections::BTreeMap, fmt, ops::Deref};

use serde::{Deserialize, Serialize};
use tonic_types::FieldViolation;
use uuid::Uuid;

pub(crate) use checks::check_external_id;
pub use checks::{ENTITY_BYTES_MAX, check_id};
pub use field::{Field, Fields};
pub use name::{Name, NameDraft, NameKind};

use crate::PartialDate;

/// What somebody says an entity is; nothing is checked yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Canonical id; empty when one is to be minted.
    #[serde(default)]
    pub id: String,
    /// What kind of thing it is.
    pub r#type: EntityType,
    /// ISO 3166-1 alpha-2; empty when none or several.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub country: String,
    /// Gender, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// Date of birth, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<PartialDate>,
    /// Date of founding, launch or beginning, for anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub founding_date: Option<PartialDate>,
    /// What it is, in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// How often it is meant when its name is said, 0.0 to 1.0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub prominence: f64,
    /// Its names, exactly one of them primary.
    #[serde(default, deserialize_with = "name::deserialize_all")]
    pub names: Vec<Name>,
    /// Ids that other authorities gave it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub external_ids: Vec<ExternalId>,
    /// Dataset it came from; empty when entered by hand.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub dataset: String,
    /// Anything else worth keeping.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

/// A draft that keeps every limit of the contract. Reads as the draft it was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Draft")]
pub struct Entity(Draft);

impl Entity {
    /// An entity that was checked when it was written; older limits stay good for older entities.
    pub(crate) fn stored(draft: Draft) -> Self {
        Self(draft)
    }
}

impl Draft {
    /// Takes over the names and external ids of another that this one lacks; a primary name of the
    /// other becomes an alias.
    pub(crate) fn absorb(&mut self, other: &Self) {
        for name in &other.names {
            let known = |own: &Name| own.text == name.text && own.language == name.language;
            if !self.names.iter().any(known) {
                let kind = if name.kind == NameKind::Primary { NameKind::Alias } else { name.kind };
                self.names.push(Name { kind, ..name.clone() });
            }
        }
        let new = other.external_ids.iter().filter(|id| !self.external_ids.contains(id));
        self.external_ids.extend(new.cloned().collect::<Vec<_>>());
    }
}

impl TryFrom<Draft> for Entity {
    type Error = InvalidEntity;

    fn try_from(draft: Draft) -> Result<Self, InvalidEntity> {
        let violations = checks::violations_of(&draft);
        if violations.is_empty() { Ok(Self(draft)) } else { Err(InvalidEntity(violations)) }
    }
}

impl From<Entity> for Draft {
    fn from(entity: Entity) -> Self {
        entity.0
    }
}

impl Deref for Entity {
    type Target = Draft;

    fn deref(&self) -> &Draft {
        &self.0
    }
}

/// A draft with what was found wrong with it while it was read, so that all is told at once.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// What could be read.
    pub draft: Draft,
    /// What could not.
    pub violations: Vec<FieldViolation>,
}

impl Proposal {
    /// The entity, or everything that is wrong.
    pub fn check(self) -> Result<Entity, InvalidEntity> {
        let Self { draft, mut violations } = self;
        match Entity::try_from(draft) {
            Ok(entity) if violations.is_empty() => return Ok(entity),
            Ok(_) => {}
            Err(invalid) => violations.extend(invalid.0),
        }
        Err(InvalidEntity(violations))
    }
}

impl From<Draft> for Proposal {
    fn from(draft: Draft) -> Self {
        Self { draft, violations: Vec::new() }
    }
}

/// Everything that is wrong with a draft, with paths such as `entity.names[3].text`.
#[derive(Clone, Debug)]
pub struct InvalidEntity(pub Vec<FieldViolation>);

/// Equal when the same is wrong.
impl PartialEq for InvalidEntity {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl fmt::Display for InvalidEntity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, wrong) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            write!(formatter, "{separator}`{}` {}", wrong.field, wrong.description)?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidEntity {}

/// An identifier some other authority gave to an entity.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalId {
    /// The authority, "wikidata".
    pub scheme: String,
    /// The identifier, exactly as the authority writes it.
    pub value: String,
}

/// The kind of thing an entity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntityType {
    /// A human being, living, dead or legendary.
    Person,
    /// A company, agency, ministry, party, armed group, broadcaster, team.
    Organization,
    /// A place that is neither a country nor a city.
    Location,
    /// A state or territory with an ISO 3166-1 code of its own.
    Country,
    /// A city, town or village.
    City,
    /// A ship or boat.
    Vessel,
    /// One aircraft, not a model of aircraft.
    Aircraft,
    /// A war, treaty, summit, attack, election.
    Event,
    /// A model of weapon, vehicle, device or software.
    Product,
    /// Anything else.
    Other,
}

impl EntityType {
    /// Its name, as files and the store write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organization => "organization",
            Self::Location => "location",
            Self::Country => "country",
            Self::City => "city",
            Self::Vessel => "vessel",
            Self::Aircraft => "aircraft",
            Self::Event => "event",
            Self::Product => "product",
            Self::Other => "other",
        }
    }
}

/// The gender of a person, as a source states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gender {
    /// Female.
    Female,
    /// Male.
    Male,
    /// Stated as neither.
    Other,
}

/// A new canonical id: "hw-" and 26 characters that sort by time to the millisecond.
#[must_use]
pub fn mint_id() -> String {
    // Crockford's base 32 keeps the order of the bytes and leaves out letters that look like digits.
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let number = Uuid::now_v7().as_u128();
    let digit = |place: u32| char::from(LETTERS[(number >> (5 * place)) as usize & 31]);
    let digits: String = (0..26).rev().map(digit).collect();
    format!("hw-{digits}")
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(line: &str, expected: Expect) {
        match serde_json::from_str::<Entity>(line) {
            Ok(entity) => expected.assert_eq(&serde_json::to_string(&entity).unwrap()),
            Err(error) => expected.assert_eq(&error.to_string()),
        }
    }

    #[test]
    fn a_line_is_written_as_it_was_read_with_kinds_and_scripts() {
        check(
            r#"{"id":"Q58217","type":"person","country":"RU","gender":"male","birth_date":"1950-03-21","description":"foreign minister of Russia since 2004","prominence":0.85,"names":[{"text":"Sergey Lavrov","language":"en","kind":"primary"},{"text":"سيرغي لافروف","language":"ar"}],"external_ids":[{"scheme":"wikidata","value":"Q58217"}],"founding_date":"1947","dataset":"starter","attributes":{"k":"v"}}"#,
            expect![[
                r#"{"id":"Q58217","type":"person","country":"RU","gender":"male","birth_date":"1950-03-21","founding_date":"1947","description":"foreign minister of Russia since 2004","prominence":0.85,"names":[{"text":"Sergey Lavrov","language":"en","script":"Latn","kind":"primary"},{"text":"سيرغي لافروف","language":"ar","script":"Arab","kind":"alias"}],"external_ids":[{"scheme":"wikidata","value":"Q58217"}],"dataset":"starter","attributes":{"k":"v"}}"#
            ]],
        );
        check(
            r#"{"id":"a","type":"vessel","names":[{"text":"Чайковский"}]}"#,
            expect![[
                r#"{"id":"a","type":"vessel","names":[{"text":"Чайковский","script":"Cyrl","kind":"primary"}]}"#
            ]],
        );
    }

    #[test]
    fn an_unknown_key_is_named() {
        check(
            r#"{"id":"a","type":"city","nmaes":[]}"#,
            expect![
                "unknown field `nmaes`, expected one of `id`, `type`, `country`, `gender`, `birth_date`, `founding_date`, `description`, `prominence`, `names`, `external_ids`, `dataset`, `attributes` at line 1 column 31"
            ],
        );
        check(
            r#"{"id":"a","type":"city","names":[{"txt":"x"}]}"#,
            expect![
                "unknown field `txt`, expected one of `text`, `language`, `script`, `kind` at line 1 column 39"
            ],
        );
    }

    #[test]
    fn minted_ids_sort_by_time_and_are_ids() {
        let first = mint_id();
        std::thread::sleep(std::time::Duration::from_millis(2));
        let second = mint_id();
        assert!(first < second, "{first} {second}");
        assert_eq!((first.len(), check_id(&first)), (29, None));
    }
}
