//! FollowTheMoney, the model of OpenSanctions, Aleph and others, as JSON lines.
//!
//! Of its schemata those that stand for something with a name are entities; relations between them
//! (ownership, family) and papers (sanctions, passports) are skipped.

use std::collections::BTreeMap;

use registry::{
    Entity,
    entity::{EntityType, NameKind},
};
use serde::Deserialize;

use super::{
    Options, Problem, Rows, countries, dates,
    draft::{EntityDraft, gender_of},
    input::Input,
    json,
};

/// What schemata stand for. The first of a type is what an entity of that type is written as.
const TYPES: [(&str, EntityType); 20] = [
    ("Person", EntityType::Person),
    ("Organization", EntityType::Organization),
    ("Company", EntityType::Organization),
    ("LegalEntity", EntityType::Organization),
    ("PublicBody", EntityType::Organization),
    ("Vessel", EntityType::Vessel),
    ("Airplane", EntityType::Aircraft),
    ("Event", EntityType::Event),
    ("Project", EntityType::Event),
    ("Territory", EntityType::Location),
    ("Address", EntityType::Location),
    ("RealEstate", EntityType::Location),
    ("Vehicle", EntityType::Other),
    ("Asset", EntityType::Other),
    ("Security", EntityType::Product),
    ("CryptoWallet", EntityType::Other),
    ("BankAccount", EntityType::Other),
    ("License", EntityType::Other),
    ("Position", EntityType::Other),
    ("Occupation", EntityType::Other),
];

/// Schemata that stand for no thing with a name of its own.
const RELATIONS: [&str; 25] = [
    "Associate",
    "CallForTenders",
    "Contract",
    "ContractAward",
    "CourtCase",
    "CourtCaseParty",
    "Debt",
    "Directorship",
    "Documentation",
    "EconomicActivity",
    "Employment",
    "Family",
    "Identification",
    "Interest",
    "Interval",
    "Membership",
    "Occupancy",
    "Ownership",
    "Passport",
    "Payment",
    "Representation",
    "Risk",
    "Sanction",
    "Succession",
    "UnknownLink",
];

/// Properties that are ids, and their schemes; also how ids are written.
pub(crate) const SCHEMA_IDS: [(&str, &str); 20] = [
    ("wikidataId", "wikidata"),
    ("imoNumber", "imo"),
    ("mmsi", "mmsi"),
    ("callSign", "call-sign"),
    ("leiCode", "lei"),
    ("innCode", "inn"),
    ("ogrnCode", "ogrn"),
    ("okpoCode", "okpo"),
    ("registrationNumber", "registration"),
    ("passportNumber", "passport"),
    ("idNumber", "national-id"),
    ("taxNumber", "tax"),
    ("vatCode", "vat"),
    ("dunsCode", "duns"),
    ("swiftBic", "bic"),
    ("isin", "isin"),
    ("uniqueEntityId", "uei"),
    ("npiCode", "npi"),
    ("ticker", "ticker"),
    ("territoryCode", "iso3166-1"),
];

/// Properties that are names.
const NAMES: [(&str, NameKind); 5] = [
    ("name", NameKind::Alias),
    ("alias", NameKind::Alias),
    ("previousName", NameKind::Former),
    ("abbreviation", NameKind::Acronym),
    ("weakAlias", NameKind::Nickname),
];

/// Properties that say the country, the closest first.
const COUNTRIES: [&str; 6] =
    ["nationality", "citizenship", "flag", "mainCountry", "jurisdiction", "country"];

/// Properties that are dates of a beginning.
const BEGINNINGS: [&str; 4] = ["birthDate", "incorporationDate", "buildDate", "startDate"];

/// Properties that say what it is.
const DESCRIPTIONS: [&str; 3] = ["summary", "description", "notes"];

#[derive(Deserialize)]
struct Thing {
    id: String,
    schema: String,
    #[serde(default)]
    caption: String,
    #[serde(default)]
    properties: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    datasets: Vec<String>,
}

/// What an entity of a type is written as.
pub(crate) fn schema_of(entity_type: EntityType) -> &'static str {
    match entity_type {
        EntityType::Country | EntityType::City => "Territory",
        EntityType::Product => "Asset",
        other => TYPES.iter().find(|(_, known)| *known == other).map_or("Asset", |(name, _)| name),
    }
}

pub(super) fn knows(input: &Input) -> bool {
    let start = String::from_utf8_lossy(&input.head[..input.head.len().min(16 << 10)]);
    let first = start.trim_start_matches('\u{FEFF}').lines().next().unwrap_or_default();
    first.starts_with('{') && ["\"schema\"", "\"properties\""].iter().all(|key| first.contains(key))
}

pub(super) fn open(input: Input, _: &Options) -> anyhow::Result<Rows> {
    Ok(json::rows(input, |line| {
        let thing: Thing = serde_json::from_str(line).map_err(json::problems)?;
        entity(thing)
    }))
}

fn entity(thing: Thing) -> Result<Option<Entity>, Vec<Problem>> {
    let Thing { id, schema, caption, mut properties, datasets } = thing;
    let known = TYPES.iter().find(|(name, _)| *name == schema).map(|(_, kind)| *kind);
    let is_nameless = schema == "Address" && !properties.contains_key("name");
    if RELATIONS.contains(&schema.as_str()) || is_nameless {
        return Ok(None);
    }
    let mut draft = EntityDraft::new(id, known.unwrap_or(EntityType::Other));
    draft.attribute("schema", if known.is_none() { &schema } else { "" });
    draft.attribute("datasets", &datasets.join(", "));
    if schema == "Territory" {
        draft.set_type(territory(&properties));
    }
    if properties.get("name").is_some_and(|names| names.contains(&caption)) {
        draft.primary(&caption, "");
    }
    let mut take = |key: &str| properties.remove(key).unwrap_or_default();
    for (property, kind) in NAMES {
        take(property).iter().for_each(|name| draft.name(name, "", kind));
    }
    for (property, scheme) in SCHEMA_IDS {
        take(property).iter().for_each(|id| draft.external_id(scheme, id));
    }
    add_values(&mut draft, &mut take);
    for (property, values) in properties {
        draft.attribute(&property, &values.join("; "));
    }
    draft.finish().map(Some)
}

fn add_values(draft: &mut EntityDraft, take: &mut impl FnMut(&str) -> Vec<String>) {
    let stated = COUNTRIES.map(|property| (property, take(property)));
    if let Some((_, closest)) = stated.iter().find(|(_, values)| !values.is_empty()) {
        let codes: Vec<&str> = closest.iter().filter_map(|code| country(code)).collect();
        draft.country(&codes);
    }
    for (property, values) in &stated {
        draft.attribute(property, &values.join(", "));
    }
    draft.gender(take("gender").first().and_then(|gender| gender_of(gender)));
    let texts: Vec<String> = BEGINNINGS.iter().flat_map(|property| take(property)).collect();
    let dates: Vec<_> = texts.iter().filter_map(|text| dates::parse(text)).collect();
    draft.dates(&dates);
    let mut descriptions = DESCRIPTIONS.iter().flat_map(|property| take(property));
    if let Some(first) = descriptions.next() {
        draft.description(&first);
    }
    let rest: Vec<String> = descriptions.collect();
    draft.attribute("notes", &rest.join("; "));
}

/// The country of FollowTheMoney's code: alpha-2 in small letters, or one of its own ("suhh").
fn country(code: &str) -> Option<&'static str> {
    countries::code(&code.to_uppercase()).filter(|_| code.len() == 2)
}

fn territory(properties: &BTreeMap<String, Vec<String>>) -> EntityType {
    match properties.get("level").and_then(|levels| levels.first()).map(String::as_str) {
        Some("country") => EntityType::Country,
        Some("locality") => EntityType::City,
        _ => EntityType::Location,
    }
}

#[cfg(test)]
mod tests {
    use super::super::formats::tests::check;
    use expect_test::expect;

    #[test]
    fn a_thing_has_what_its_properties_say_and_a_relation_is_skipped() {
        let text = r#"{"id":"x-1","caption":"Ali Example","schema":"Person","properties":{"name":["علي مثال","Ali Example"],"weakAlias":["The Sample"],"previousName":["Aly"],"nationality":["ir"],"country":["ir","iq"],"birthDate":["1961-05"],"gender":["male"],"wikidataId":["Q1"],"topics":["sanction"],"notes":["Known for nothing."]},"datasets":["sample_list"]}
{"id":"x-2","schema":"Ownership","properties":{"owner":["x-1"]}}
{"id":"x-3","schema":"Vessel","properties":{"name":["Sea Sample"],"flag":["pa"],"imoNumber":["IMO1234567"]}}
{"id":"x-4","schema":"Company","properties":{}}
{"id":"x-5","schema":"Territory","properties":{"name":["Tanta"],"level":["locality"],"country":["eg"]}}
{"id":"x-6","schema":"Person","properties":{"name":"Ali"}}
"#;
        check(
            "entities.ftm.json",
            text,
            expect![[r#"
                1 {"id":"x-1","type":"person","country":"IR","gender":"male","birth_date":"1961-05","description":"Known for nothing.","names":[{"text":"Ali Example","script":"Latn","kind":"primary"},{"text":"علي مثال","script":"Arab","kind":"alias"},{"text":"Aly","script":"Latn","kind":"former"},{"text":"The Sample","script":"Latn","kind":"nickname"}],"external_ids":[{"scheme":"wikidata","value":"Q1"}],"attributes":{"country":"ir, iq","datasets":"sample_list","nationality":"ir","topics":"sanction"}}
                2 skipped 1
                3 {"id":"x-3","type":"vessel","country":"PA","names":[{"text":"Sea Sample","script":"Latn","kind":"primary"}],"external_ids":[{"scheme":"imo","value":"1234567"}],"attributes":{"flag":"pa"}}
                4 !names: is empty: give at least one item
                5 {"id":"x-5","type":"city","country":"EG","names":[{"text":"Tanta","script":"Latn","kind":"primary"}],"attributes":{"country":"eg","level":"locality"}}
                6 !: invalid type: string "Ali", expected a sequence at column 56
            "#]],
        );
    }
}
