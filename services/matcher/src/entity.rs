//! What the matcher knows of an entity.

use proto::vocabulary::{EntityType, Gender};
use serde::{Deserialize, Serialize};

/// An entity of the catalogue, as far as matching needs it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entity {
    pub(crate) id: String,
    pub(crate) entity_type: EntityType,
    /// As the catalogue writes them; never empty, the first is the primary one.
    pub(crate) names: Vec<String>,
    /// ISO 3166-1 alpha-2, or empty.
    pub(crate) country: String,
    pub(crate) dataset: String,
    pub(crate) birth_date: Option<PartialDate>,
    pub(crate) founding_date: Option<PartialDate>,
    pub(crate) gender: Gender,
    pub(crate) external_ids: Vec<ExternalId>,
    /// 0.0 to 1.0.
    pub(crate) prominence: f64,
}

/// An identifier another authority gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExternalId {
    pub(crate) scheme: String,
    pub(crate) value: String,
}

/// A date of which only some parts may be known; an unknown part is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartialDate {
    pub(crate) year: i32,
    pub(crate) month: i32,
    pub(crate) day: i32,
    pub(crate) approximate: bool,
}

/// How far apart two years may be when one of them is only about right.
const APPROXIMATE_YEARS: i32 = 2;

impl PartialDate {
    /// Whether both can be one date: every part that both know is equal.
    pub(crate) fn may_equal(self, other: Self) -> bool {
        if self.approximate || other.approximate {
            return self.year.abs_diff(other.year) <= APPROXIMATE_YEARS.unsigned_abs();
        }
        let part = |a: i32, b: i32| a == 0 || b == 0 || a == b;
        self.year == other.year && part(self.month, other.month) && part(self.day, other.day)
    }
}

impl std::fmt::Display for PartialDate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.approximate { "~" } else { "" };
        match (self.month, self.day) {
            (0, _) => write!(formatter, "{sign}{:04}", self.year),
            (month, 0) => write!(formatter, "{sign}{:04}-{month:02}", self.year),
            (month, day) => write!(formatter, "{sign}{:04}-{month:02}-{day:02}", self.year),
        }
    }
}

/// Whether a filter or a piece of evidence that says `wanted` admits `actual`: a country and a city
/// are locations too.
pub(crate) fn type_admits(wanted: EntityType, actual: EntityType) -> bool {
    let place = matches!(actual, EntityType::Country | EntityType::City);
    wanted == actual || (wanted == EntityType::Location && place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: i32, month: i32, day: i32) -> PartialDate {
        PartialDate { year, month, day, approximate: false }
    }

    #[test]
    fn an_unknown_part_of_a_date_contradicts_nothing() {
        assert!(date(1950, 3, 21).may_equal(date(1950, 0, 0)));
        assert!(!date(1950, 3, 21).may_equal(date(1950, 3, 22)));
        assert!(!date(1950, 3, 21).may_equal(date(1951, 3, 21)));
        assert!(PartialDate { approximate: true, ..date(1952, 0, 0) }.may_equal(date(1950, 3, 21)));
    }

    #[test]
    fn a_city_is_a_location_and_a_location_is_no_city() {
        assert!(type_admits(EntityType::Location, EntityType::City));
        assert!(!type_admits(EntityType::City, EntityType::Location));
    }
}
