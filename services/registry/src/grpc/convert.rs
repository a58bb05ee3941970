//! Entities between the wire and the domain, both ways; also for the command-line client.
//!
//! Reading from the wire notes what cannot be read and goes on, so that a caller is told of a
//! wrong enum value and of a wrong name at once.

use proto::{registry::v1 as wire, r#type::v1 as shared};
use tonic_types::FieldViolation;

use crate::{
    PartialDate,
    entity::{
        Draft, Entity, EntityType, ExternalId, Gender, InvalidEntity, Name, NameDraft, NameKind,
        Proposal,
    },
    store::{Record, State},
};

impl TryFrom<wire::Entity> for Entity {
    type Error = InvalidEntity;

    fn try_from(entity: wire::Entity) -> Result<Self, InvalidEntity> {
        Proposal::from(entity).check()
    }
}

impl From<wire::Entity> for Proposal {
    /// Output-only fields are ignored.
    fn from(entity: wire::Entity) -> Self {
        let mut reading = Reading::default();
        let draft = Draft {
            id: entity.canonical_id,
            r#type: reading.entity_type(entity.r#type),
            country: entity.country,
            gender: reading.gender(entity.gender),
            birth_date: reading.date("birth_date", entity.birth_date),
            founding_date: reading.date("founding_date", entity.founding_date),
            description: entity.description,
            prominence: entity.prominence,
            names: Name::all(reading.names(entity.names)),
            external_ids: entity.external_ids.into_iter().map(ExternalId::from).collect(),
            dataset: entity.dataset,
            attributes: entity.attributes.into_iter().collect(),
        };
        Self { draft, violations: reading.violations }
    }
}

/// Reads values and notes those that are none.
#[derive(Default)]
struct Reading {
    violations: Vec<FieldViolation>,
}

impl Reading {
    fn note(&mut self, field: String, text: impl Into<String>) {
        self.violations.push(FieldViolation::new(field, text));
    }

    fn entity_type(&mut self, value: i32) -> EntityType {
        let read = shared::EntityType::try_from(value).ok().and_then(entity_type_of);
        read.unwrap_or_else(|| {
            self.note("entity.type".into(), format!("is `{value}`: give one of the known types"));
            EntityType::Other
        })
    }

    fn gender(&mut self, value: i32) -> Option<Gender> {
        match shared::Gender::try_from(value) {
            Ok(shared::Gender::Unspecified) => None,
            Ok(shared::Gender::Female) => Some(Gender::Female),
            Ok(shared::Gender::Male) => Some(Gender::Male),
            Ok(shared::Gender::Other) => Some(Gender::Other),
            Err(_) => {
                self.note("entity.gender".into(), unknown(value));
                None
            }
        }
    }

    fn date(&mut self, field: &str, date: Option<shared::PartialDate>) -> Option<PartialDate> {
        let shared::PartialDate { year, month, day, approximate } = date?;
        match PartialDate::try_new(year, month, day) {
            Ok(date) if approximate => Some(date.approximately()),
            Ok(date) => Some(date),
            Err(error) => {
                self.note(format!("entity.{field}"), error.to_string());
                None
            }
        }
    }

    fn names(&mut self, names: Vec<shared::Name>) -> Vec<NameDraft> {
        let read = |(at, name)| self.name(at, name);
        names.into_iter().enumerate().map(read).collect()
    }

    fn name(&mut self, at: usize, name: shared::Name) -> NameDraft {
        let shared::Name { text, language, script, kind } = name;
        let kind = match shared::NameKind::try_from(kind) {
            Ok(kind) => name_kind_of(kind),
            Err(_) => {
                self.note(format!("entity.names[{at}].kind"), unknown(kind));
                None
            }
        };
        NameDraft { text, language, script, kind }
    }
}

fn unknown(value: i32) -> String {
    format!("is `{value}`, which is not a value of this enum")
}

impl From<Entity> for wire::Entity {
    /// Output-only fields are left empty.
    fn from(entity: Entity) -> Self {
        let Draft {
            id,
            r#type,
            country,
            gender,
            birth_date,
            founding_date,
            description,
            prominence,
            names,
            external_ids,
            dataset,
            attributes,
        } = Draft::from(entity);
        Self {
            canonical_id: id,
            r#type: shared::EntityType::from(r#type).into(),
            names: names.into_iter().map(shared::Name::from).collect(),
            external_ids: external_ids.into_iter().map(shared::ExternalId::from).collect(),
            country,
            birth_date: birth_date.map(shared::PartialDate::from),
            founding_date: founding_date.map(shared::PartialDate::from),
            gender: gender.map_or(shared::Gender::Unspecified, shared::Gender::from).into(),
            description,
            dataset,
            attributes: attributes.into_iter().collect(),
            prominence,
            ..Self::default()
        }
    }
}

impl From<Record> for wire::Entity {
    fn from(record: Record) -> Self {
        let links =
            |state: State| if record.state == state { record.links.clone() } else { Vec::new() };
        Self {
            redirect_id: links(State::Merged).pop().unwrap_or_default(),
            successor_ids: links(State::Split),
            delete_time: (record.state == State::Deleted).then(|| record.updated.into()),
            state: wire::LifecycleState::from(record.state).into(),
            etag: record.etag,
            catalogue_version: record.version,
            create_time: Some(record.created.into()),
            update_time: Some(record.updated.into()),
            ..Self::from(record.entity)
        }
    }
}

impl From<Name> for shared::Name {
    fn from(name: Name) -> Self {
        let Name { text, language, script, kind } = name;
        Self { text, language, script, kind: shared::NameKind::from(kind).into() }
    }
}

impl From<shared::ExternalId> for ExternalId {
    fn from(id: shared::ExternalId) -> Self {
        Self { scheme: id.scheme, value: id.value }
    }
}

impl From<ExternalId> for shared::ExternalId {
    fn from(id: ExternalId) -> Self {
        Self { scheme: id.scheme, value: id.value }
    }
}

impl From<PartialDate> for shared::PartialDate {
    fn from(date: PartialDate) -> Self {
        Self {
            year: date.year(),
            month: date.month(),
            day: date.day(),
            approximate: date.is_approximate(),
        }
    }
}

/// The type a value of the wire means; `None` for UNSPECIFIED.
pub(super) fn entity_type_of(value: shared::EntityType) -> Option<EntityType> {
    Some(match value {
        shared::EntityType::Unspecified => return None,
        shared::EntityType::Person => EntityType::Person,
        shared::EntityType::Organization => EntityType::Organization,
        shared::EntityType::Location => EntityType::Location,
        shared::EntityType::Country => EntityType::Country,
        shared::EntityType::City => EntityType::City,
        shared::EntityType::Vessel => EntityType::Vessel,
        shared::EntityType::Aircraft => EntityType::Aircraft,
        shared::EntityType::Event => EntityType::Event,
        shared::EntityType::Product => EntityType::Product,
        shared::EntityType::Other => EntityType::Other,
    })
}

impl From<EntityType> for shared::EntityType {
    fn from(value: EntityType) -> Self {
        match value {
            EntityType::Person => Self::Person,
            EntityType::Organization => Self::Organization,
            EntityType::Location => Self::Location,
            EntityType::Country => Self::Country,
            EntityType::City => Self::City,
            EntityType::Vessel => Self::Vessel,
            EntityType::Aircraft => Self::Aircraft,
            EntityType::Event => Self::Event,
            EntityType::Product => Self::Product,
            EntityType::Other => Self::Other,
        }
    }
}

impl From<Gender> for shared::Gender {
    fn from(value: Gender) -> Self {
        match value {
            Gender::Female => Self::Female,
            Gender::Male => Self::Male,
            Gender::Other => Self::Other,
        }
    }
}

fn name_kind_of(value: shared::NameKind) -> Option<NameKind> {
    Some(match value {
        shared::NameKind::Unspecified => return None,
        shared::NameKind::Primary => NameKind::Primary,
        shared::NameKind::Alias => NameKind::Alias,
        shared::NameKind::Former => NameKind::Former,
        shared::NameKind::Acronym => NameKind::Acronym,
        shared::NameKind::Nickname => NameKind::Nickname,
    })
}

impl From<NameKind> for shared::NameKind {
    fn from(value: NameKind) -> Self {
        match value {
            NameKind::Primary => Self::Primary,
            NameKind::Alias => Self::Alias,
            NameKind::Former => Self::Former,
            NameKind::Acronym => Self::Acronym,
            NameKind::Nickname => Self::Nickname,
        }
    }
}

/// The state a value of the wire means; `None` for UNSPECIFIED.
pub(super) fn state_of(value: wire::LifecycleState) -> Option<State> {
    Some(match value {
        wire::LifecycleState::Unspecified => return None,
        wire::LifecycleState::Active => State::Active,
        wire::LifecycleState::Merged => State::Merged,
        wire::LifecycleState::Split => State::Split,
        wire::LifecycleState::Deleted => State::Deleted,
    })
}

impl From<State> for wire::LifecycleState {
    fn from(value: State) -> Self {
        match value {
            State::Active => Self::Active,
            State::Merged => Self::Merged,
            State::Split => Self::Split,
            State::Deleted => Self::Deleted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire_entity() -> wire::Entity {
        let line = include_str!("../../testdata/body-v1.json");
        wire::Entity::from(serde_json::from_str::<Entity>(line).unwrap())
    }

    #[test]
    fn an_entity_comes_back_from_the_wire_as_it_went() {
        let entity: Entity =
            serde_json::from_str(include_str!("../../testdata/body-v1.json")).unwrap();
        assert_eq!(Entity::try_from(wire_entity()).unwrap(), entity);
    }

    #[test]
    fn what_is_wrong_on_the_wire_is_told_with_what_is_wrong_besides() {
        let mut entity = wire_entity();
        entity.r#type = 0;
        entity.gender = 99;
        entity.birth_date =
            Some(shared::PartialDate { year: 1950, month: 2, day: 30, approximate: false });
        entity.names[1].kind = 77;
        entity.names[1].text.clear();
        entity.prominence = f64::NAN;
        let found = Entity::try_from(entity).unwrap_err().0;
        let fields: Vec<_> = found.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "entity.type",
                "entity.gender",
                "entity.birth_date",
                "entity.names[1].kind",
                "entity.prominence",
                "entity.names[1].text",
            ]
        );
    }
}
