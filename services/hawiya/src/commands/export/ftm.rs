//! FollowTheMoney: an entity a line, as OpenSanctions and Aleph read it.
//!
//! It knows no language of a name and no date that is about right; attributes stay behind.

use std::collections::BTreeMap;

use registry::{
    Draft, PartialDate,
    entity::{EntityType, NameKind},
};
use serde::Serialize;

use super::csv::gender;
use crate::import::{SCHEMA_IDS, schema_of};

#[derive(Debug, Serialize)]
pub(super) struct Thing {
    id: String,
    caption: String,
    schema: &'static str,
    properties: BTreeMap<&'static str, Vec<String>>,
    datasets: Vec<String>,
}

/// An entity as FollowTheMoney has it.
pub(super) fn thing(draft: &Draft) -> Thing {
    let mut properties: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let mut add = |property, value: String| {
        if !value.is_empty() {
            properties.entry(property).or_default().push(value);
        }
    };
    for name in &draft.names {
        add(name_property(name.kind), name.text.clone());
    }
    add(country_property(draft.r#type), draft.country.to_lowercase());
    add("gender", draft.gender.map_or("", gender).to_owned());
    add("birthDate", draft.birth_date.map_or_else(String::new, date));
    add(beginning_property(draft.r#type), draft.founding_date.map_or_else(String::new, date));
    add("notes", draft.description.clone());
    add("level", level(draft.r#type).to_owned());
    for id in &draft.external_ids {
        match SCHEMA_IDS.iter().find(|(_, scheme)| *scheme == id.scheme) {
            Some((property, _)) => add(property, id.value.clone()),
            None => add("keywords", format!("{}:{}", id.scheme, id.value)),
        }
    }
    let primary = draft.names.iter().find(|name| name.kind == NameKind::Primary);
    Thing {
        id: draft.id.clone(),
        caption: primary.map_or_else(String::new, |name| name.text.clone()),
        schema: schema_of(draft.r#type),
        properties,
        datasets: Some(draft.dataset.clone()).into_iter().filter(|name| !name.is_empty()).collect(),
    }
}

fn name_property(kind: NameKind) -> &'static str {
    match kind {
        NameKind::Primary => "name",
        NameKind::Alias => "alias",
        NameKind::Former => "previousName",
        NameKind::Acronym => "abbreviation",
        NameKind::Nickname => "weakAlias",
    }
}

fn country_property(entity_type: EntityType) -> &'static str {
    match entity_type {
        EntityType::Person => "nationality",
        EntityType::Vessel => "flag",
        _ => "country",
    }
}

fn beginning_property(entity_type: EntityType) -> &'static str {
    match entity_type {
        EntityType::Vessel | EntityType::Aircraft => "buildDate",
        EntityType::Event => "startDate",
        _ => "incorporationDate",
    }
}

fn level(entity_type: EntityType) -> &'static str {
    match entity_type {
        EntityType::Country => "country",
        EntityType::City => "locality",
        _ => "",
    }
}

fn date(date: PartialDate) -> String {
    date.to_string().trim_start_matches('~').to_owned()
}
