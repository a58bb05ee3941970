//! What people decided about an entity, so that an import leaves it alone.
//!
//! A field that a person set keeps its value. A person who deleted, merged, split or brought back
//! an entity decided about its life. What a merge brought stays: names and external ids of the
//! dataset are added to those that are there.

use super::record::{Record, State};
use crate::{
    Draft,
    entity::{Entity, Fields, InvalidEntity},
};

/// What is held in one entity. Every change hands it on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Fields that a person set.
    pub fields: Fields,
    /// Whether a person decided that it is there, or is not.
    pub life: bool,
    /// Whether a merge brought names and ids.
    pub joined: bool,
}

/// Bits above those of the fields.
const LIFE: i64 = 1 << 16;
const JOINED: i64 = 1 << 17;

impl Held {
    /// With fields that a person sets.
    pub(super) fn with_fields(self, fields: Fields) -> Self {
        Self { fields: self.fields.and(fields), ..self }
    }

    /// After a person decided whether it lives.
    pub(super) fn with_life(self) -> Self {
        Self { life: true, ..self }
    }

    /// After a person merged others into it.
    pub(super) fn with_joined(self) -> Self {
        Self { life: true, joined: true, ..self }
    }

    /// After a change that made `after` of `before` is taken back: what it added is gone, but for
    /// the fields that were `decided` since, and what it took is there again.
    pub(super) fn without(self, before: Self, after: Self, decided: Fields) -> Self {
        let (before, after) = (before.bits(), after.bits());
        let open = after & !before & !i64::from(decided.bits());
        Self::of_bits(self.bits() & !open | before & !after)
    }

    /// Whether no person ever decided anything.
    pub(super) fn is_nothing(self) -> bool {
        self == Self::default()
    }

    /// As the store writes it.
    pub(super) fn bits(self) -> i64 {
        let life = if self.life { LIFE } else { 0 };
        let joined = if self.joined { JOINED } else { 0 };
        i64::from(self.fields.bits()) | life | joined
    }

    /// As the store has written it.
    pub(super) fn of_bits(bits: i64) -> Self {
        let fields = Fields::of_bits((bits & 0xFFFF) as u16);
        Self { fields, life: bits & LIFE != 0, joined: bits & JOINED != 0 }
    }

    /// What an imported row makes of what is stored.
    fn imposed_on(self, row: &Entity, stored: &Entity) -> Result<Entity, InvalidEntity> {
        let mut draft = Draft::clone(row);
        if self.joined {
            draft.absorb(stored);
        }
        for field in self.fields.iter() {
            field.copy(stored, &mut draft);
        }
        Entity::try_from(draft)
    }
}

/// What an import has to do for one row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Import {
    /// There is no such entity.
    Create(Entity),
    /// It becomes this.
    Update(Entity),
    /// It is what the row says.
    Leave,
    /// It differs, and that is what a person wanted.
    Keep,
    /// With what a person added it would be more than an entity can be.
    Refuse(InvalidEntity),
}

impl Import {
    /// What `row` means, given what is stored under its id.
    pub(super) fn of(row: Entity, stored: Option<&Record>) -> Self {
        let Some(record) = stored else { return Self::Create(row) };
        match record.state {
            State::Active if record.held.is_nothing() && row == record.entity => Self::Leave,
            State::Active if record.held.is_nothing() => Self::Update(row),
            State::Active => Self::beside(&row, record),
            // The dataset has it again, after a version that had not.
            State::Deleted if !record.held.life => Self::back(&row, record),
            State::Merged | State::Split | State::Deleted => Self::Keep,
        }
    }

    fn beside(row: &Entity, record: &Record) -> Self {
        match record.held.imposed_on(row, &record.entity) {
            Ok(entity) if entity != record.entity => Self::Update(entity),
            Ok(_) if *row == record.entity => Self::Leave,
            Ok(_) => Self::Keep,
            Err(invalid) => Self::Refuse(invalid),
        }
    }

    fn back(row: &Entity, record: &Record) -> Self {
        record.held.imposed_on(row, &record.entity).map_or_else(Self::Refuse, Self::Update)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::Field;

    fn entity(name: &str, country: &str) -> Entity {
        let line = serde_json::json!({
            "id": "Q1", "type": "person", "names": [{"text": name}], "country": country,
        });
        serde_json::from_value(line).unwrap()
    }

    #[test]
    fn what_is_held_is_read_as_it_was_written() {
        let held = Held::default().with_fields([Field::Names].into_iter().collect()).with_joined();
        assert_eq!(Held::of_bits(held.bits()), held);
        assert!(Held::of_bits(0).is_nothing() && !held.is_nothing());
    }

    #[test]
    fn a_field_that_a_person_set_keeps_its_value_and_the_others_follow() {
        let held = Held::default().with_fields([Field::Country].into_iter().collect());
        let imported = held.imposed_on(&entity("new", "US"), &entity("old", "RU")).unwrap();
        assert_eq!(imported, entity("new", "RU"));
    }

    #[test]
    fn a_change_that_is_taken_back_takes_only_what_it_added() {
        let of = |fields: &[Field]| Held::default().with_fields(fields.iter().copied().collect());
        let before = of(&[Field::Country]);
        let after = of(&[Field::Country, Field::Names, Field::Gender]).with_joined();
        let now = after.with_fields([Field::Type].into_iter().collect());
        let decided = [Field::Gender].into_iter().collect();
        let expected = of(&[Field::Country, Field::Gender, Field::Type]);
        assert_eq!(now.without(before, after, decided), expected);
        assert_eq!(before.without(after, before, Fields::default()), after);
    }

    #[test]
    fn what_a_merge_brought_stays_beside_what_is_new() {
        let mut survivor = Draft::from(entity("old", ""));
        survivor.absorb(&entity("other", ""));
        let survivor = Entity::try_from(survivor).unwrap();
        let held = Held::default().with_joined();
        let imported = held.imposed_on(&entity("new", ""), &survivor).unwrap();
        let names: Vec<_> = imported.names.iter().map(|name| name.text.as_str()).collect();
        assert_eq!(names, ["new", "old", "other"]);
    }
}
