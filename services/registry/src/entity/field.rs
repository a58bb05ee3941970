//! The fields of an entity that a caller can set, by the paths the contract gives them.

use super::Draft;

/// One field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `type`.
    Type,
    /// `names`, all of them.
    Names,
    /// `external_ids`, all of them.
    ExternalIds,
    /// `country`.
    Country,
    /// `birth_date`.
    BirthDate,
    /// `founding_date`.
    FoundingDate,
    /// `gender`.
    Gender,
    /// `description`.
    Description,
    /// `dataset`.
    Dataset,
    /// `attributes`, all of them.
    Attributes,
    /// `prominence`.
    Prominence,
}

impl Field {
    /// All of them. A field has its position here as its bit in the store: append only.
    pub const ALL: [Self; 11] = [
        Self::Type,
        Self::Names,
        Self::ExternalIds,
        Self::Country,
        Self::BirthDate,
        Self::FoundingDate,
        Self::Gender,
        Self::Description,
        Self::Dataset,
        Self::Attributes,
        Self::Prominence,
    ];

    /// Its path in a field mask.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Names => "names",
            Self::ExternalIds => "external_ids",
            Self::Country => "country",
            Self::BirthDate => "birth_date",
            Self::FoundingDate => "founding_date",
            Self::Gender => "gender",
            Self::Description => "description",
            Self::Dataset => "dataset",
            Self::Attributes => "attributes",
            Self::Prominence => "prominence",
        }
    }

    /// Gives `to` the value that `from` has.
    pub fn copy(self, from: &Draft, to: &mut Draft) {
        match self {
            Self::Type => to.r#type = from.r#type,
            Self::Names => to.names.clone_from(&from.names),
            Self::ExternalIds => to.external_ids.clone_from(&from.external_ids),
            Self::Country => to.country.clone_from(&from.country),
            Self::BirthDate => to.birth_date = from.birth_date,
            Self::FoundingDate => to.founding_date = from.founding_date,
            Self::Gender => to.gender = from.gender,
            Self::Description => to.description.clone_from(&from.description),
            Self::Dataset => to.dataset.clone_from(&from.dataset),
            Self::Attributes => to.attributes.clone_from(&from.attributes),
            Self::Prominence => to.prominence = from.prominence,
        }
    }

    /// Whether both have the same value.
    #[must_use]
    pub fn is_equal(self, one: &Draft, other: &Draft) -> bool {
        match self {
            Self::Type => one.r#type == other.r#type,
            Self::Names => one.names == other.names,
            Self::ExternalIds => one.external_ids == other.external_ids,
            Self::Country => one.country == other.country,
            Self::BirthDate => one.birth_date == other.birth_date,
            Self::FoundingDate => one.founding_date == other.founding_date,
            Self::Gender => one.gender == other.gender,
            Self::Description => one.description == other.description,
            Self::Dataset => one.dataset == other.dataset,
            Self::Attributes => one.attributes == other.attributes,
            Self::Prominence => one.prominence == other.prominence,
        }
    }

    /// Whether `draft` says anything there. Every entity has a type.
    #[must_use]
    pub fn is_populated(self, draft: &Draft) -> bool {
        match self {
            Self::Type => true,
            Self::Names => !draft.names.is_empty(),
            Self::ExternalIds => !draft.external_ids.is_empty(),
            Self::Country => !draft.country.is_empty(),
            Self::BirthDate => draft.birth_date.is_some(),
            Self::FoundingDate => draft.founding_date.is_some(),
            Self::Gender => draft.gender.is_some(),
            Self::Description => !draft.description.is_empty(),
            Self::Dataset => !draft.dataset.is_empty(),
            Self::Attributes => !draft.attributes.is_empty(),
            Self::Prominence => draft.prominence != 0.0,
        }
    }

    fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// A set of fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fields(u16);

impl Fields {
    /// The fields in which `draft` says something.
    #[must_use]
    pub fn populated(draft: &Draft) -> Self {
        Field::ALL.into_iter().filter(|field| field.is_populated(draft)).collect()
    }

    /// Those in order.
    pub fn iter(self) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(move |field| self.contains(*field))
    }

    /// Whether `field` is among them.
    #[must_use]
    pub fn contains(self, field: Field) -> bool {
        self.0 & field.bit() != 0
    }

    /// These and those.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// As the store writes them.
    pub(crate) fn bits(self) -> u16 {
        self.0
    }

    /// As the store has written them.
    pub(crate) fn of_bits(bits: u16) -> Self {
        Self(bits)
    }
}

impl FromIterator<Field> for Fields {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> Self {
        Self(fields.into_iter().fold(0, |bits, field| bits | field.bit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_copied_and_compared_alone() {
        let full: Draft =
            serde_json::from_str(include_str!("../../testdata/body-v1.json")).unwrap();
        let empty: Draft = serde_json::from_str(r#"{"type":"city"}"#).unwrap();
        for field in Field::ALL {
            let mut draft = empty.clone();
            field.copy(&full, &mut draft);
            for other in Field::ALL {
                let copied = other.is_equal(&full, &draft);
                // The example has no date of founding, and neither has an empty draft.
                assert_eq!(copied, other == field || other == Field::FoundingDate, "{field:?}");
            }
        }
        assert_eq!(Fields::populated(&full).iter().count(), 10);
    }

    #[test]
    fn a_set_is_read_as_it_was_written() {
        let set: Fields = [Field::Names, Field::Prominence].into_iter().collect();
        assert_eq!(Fields::of_bits(set.bits()), set);
        assert_eq!(set.iter().collect::<Vec<_>>(), [Field::Names, Field::Prominence]);
    }
}
