//! A mention to be matched, checked and normalized: nothing behind this file checks it again.

use names::Name;
use proto::vocabulary::{EntityType, Gender};

use crate::entity::{Entity, ExternalId, PartialDate, type_admits};

/// A mention.
#[derive(Debug)]
pub(crate) struct Query {
    /// At least one.
    pub(crate) spellings: Vec<Spelling>,
    pub(crate) filter: Filter,
    pub(crate) evidence: Evidence,
}

/// One spelling of a mention; its name is not empty.
#[derive(Debug)]
pub(crate) struct Spelling {
    pub(crate) text: String,
    pub(crate) name: Name,
}

impl Spelling {
    /// Normalizes a text; nothing when nothing of it is left.
    pub(crate) fn new(text: String) -> Option<Self> {
        let name = Name::new(&text);
        (!name.is_empty()).then_some(Self { text, name })
    }
}

/// What a candidate must be. An empty list admits all.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) types: Vec<EntityType>,
    pub(crate) countries: Vec<String>,
    pub(crate) datasets: Vec<String>,
    pub(crate) excluded_ids: Vec<String>,
}

impl Filter {
    /// Whether `entity` may be a candidate.
    pub(crate) fn admits(&self, entity: &Entity) -> bool {
        let one_of =
            |admitted: &[String], value: &String| admitted.is_empty() || admitted.contains(value);
        let types = &self.types;
        (types.is_empty() || types.iter().any(|wanted| type_admits(*wanted, entity.entity_type)))
            && one_of(&self.countries, &entity.country)
            && one_of(&self.datasets, &entity.dataset)
            && !self.excluded_ids.contains(&entity.id)
    }
}

/// What is known about the mention besides its spelling.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    /// UNSPECIFIED says nothing.
    pub(crate) entity_type: EntityType,
    /// Empty says nothing.
    pub(crate) country: String,
    pub(crate) birth_date: Option<PartialDate>,
    pub(crate) founding_date: Option<PartialDate>,
    pub(crate) gender: Gender,
    pub(crate) external_ids: Vec<ExternalId>,
}

/// When a candidate counts as a match.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Policy {
    /// The lowest score of a match.
    pub(crate) threshold: f64,
    /// The smallest distance to the runner-up.
    pub(crate) margin: f64,
}

impl Default for Policy {
    fn default() -> Self {
        Self { threshold: 0.80, margin: 0.03 }
    }
}

/// How mentions are to be matched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) candidates_max: usize,
    pub(crate) policy: Policy,
    pub(crate) explain: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_without_country_is_admitted_only_where_no_country_is_asked_for() {
        let nato = Entity { entity_type: EntityType::Organization, ..Entity::default() };
        assert!(Filter::default().admits(&nato));
        assert!(!Filter { countries: vec!["BE".to_owned()], ..Filter::default() }.admits(&nato));
    }

    #[test]
    fn an_excluded_id_is_never_admitted() {
        let entity = Entity { id: "Q1".to_owned(), ..Entity::default() };
        assert!(
            !Filter { excluded_ids: vec!["Q1".to_owned()], ..Filter::default() }.admits(&entity)
        );
    }
}
