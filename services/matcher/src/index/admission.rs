//! A filter in the numbers of one segment, so that a candidate is admitted without looking at its texts.

use super::{build::country, segment::View};
use crate::{entity::type_admits, query::Filter};

/// Which entities of a segment a filter admits.
pub(super) struct Admission {
    is_open: bool,
    /// By type.
    types: Option<[bool; 256]>,
    countries: Option<Vec<u16>>,
    datasets: Option<Vec<u16>>,
    /// Entities, ascending.
    excluded: Vec<u32>,
}

impl Admission {
    pub(super) fn new(filter: &Filter, view: &View<'_>) -> Self {
        let mut excluded: Vec<u32> =
            filter.excluded_ids.iter().filter_map(|id| view.find(id)).collect();
        excluded.sort_unstable();
        let countries = filter.countries.iter().map(|code| country(code));
        let places = view.dataset_names().zip(0..);
        let datasets = places
            .filter(|(name, _)| filter.datasets.iter().any(|dataset| dataset == name))
            .map(|(_, place)| place);
        Self {
            is_open: filter.is_open(),
            types: (!filter.types.is_empty()).then(|| types(filter)),
            countries: (!filter.countries.is_empty()).then(|| countries.collect()),
            datasets: (!filter.datasets.is_empty()).then(|| datasets.collect()),
            excluded,
        }
    }

    /// Whether it admits all.
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    pub(super) fn admits(&self, view: &View<'_>, entity: u32) -> bool {
        let at = entity as usize;
        let one_of = |admitted: &Option<Vec<u16>>, value: u16| {
            admitted.as_ref().is_none_or(|admitted| admitted.contains(&value))
        };
        self.is_open
            || self.types.as_ref().is_none_or(|types| types[usize::from(view.types[at])])
                && one_of(&self.countries, view.countries[at])
                && one_of(&self.datasets, view.datasets[at])
                && self.excluded.binary_search(&entity).is_err()
    }
}

fn types(filter: &Filter) -> [bool; 256] {
    std::array::from_fn(|number| {
        let number = i32::try_from(number).unwrap_or(0);
        let actual = proto::vocabulary::EntityType::try_from(number);
        actual.is_ok_and(|actual| filter.types.iter().any(|wanted| type_admits(*wanted, actual)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{entity::Entity, index::Builder};
    use proto::vocabulary::EntityType;

    fn admits(filter: &Filter) -> bool {
        let mut builder = Builder::default();
        builder.push(Entity {
            id: "nato".to_owned(),
            entity_type: EntityType::Organization,
            names: vec!["NATO".to_owned()],
            dataset: "starter".to_owned(),
            ..Entity::default()
        });
        let segment = builder.build();
        Admission::new(filter, &segment.view()).admits(&segment.view(), 0)
    }

    #[test]
    fn an_entity_without_country_is_admitted_only_where_no_country_is_asked_for() {
        assert!(admits(&Filter::default()));
        assert!(!admits(&Filter { countries: vec!["BE".to_owned()], ..Filter::default() }));
    }

    #[test]
    fn types_and_datasets_are_those_listed() {
        let of_type = |entity_type| Filter { types: vec![entity_type], ..Filter::default() };
        assert!(admits(&of_type(EntityType::Organization)));
        assert!(!admits(&of_type(EntityType::Person)));
        let of_dataset =
            |name: &str| Filter { datasets: vec![name.to_owned()], ..Filter::default() };
        assert!(admits(&of_dataset("starter")) && !admits(&of_dataset("ofac")));
    }

    #[test]
    fn an_excluded_id_is_never_admitted() {
        assert!(!admits(&Filter { excluded_ids: vec!["nato".to_owned()], ..Filter::default() }));
    }
}
