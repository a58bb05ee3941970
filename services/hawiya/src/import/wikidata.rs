//! Wikidata entities as JSON, an entity a line, as in its dumps.
//!
//! Only what an entity has a field for is read of the claims; a line of a dump holds hundreds.

mod classes;
mod item;
mod languages;

use registry::{Entity, PartialDate, entity::NameKind};
use serde_json::Value;

use super::{
    Options, Problem, Rows, countries,
    draft::{EntityDraft, gender_of},
    input::Input,
    json,
};
use classes::Class;
use item::{Claims, Item};

/// Properties that are ids in other schemes.
const SCHEMES: [(&str, &str); 22] = [
    ("P213", "isni"),
    ("P214", "viaf"),
    ("P227", "gnd"),
    ("P238", "iata"),
    ("P239", "icao"),
    ("P244", "loc"),
    ("P249", "ticker"),
    ("P297", "iso3166-1"),
    ("P300", "iso3166-2"),
    ("P345", "imdb"),
    ("P402", "osm"),
    ("P458", "imo"),
    ("P496", "orcid"),
    ("P587", "mmsi"),
    ("P946", "isin"),
    ("P1278", "lei"),
    ("P1566", "geonames"),
    ("P1937", "unlocode"),
    ("P2627", "bic"),
    ("P2771", "duns"),
    ("P3347", "permid"),
    ("P10632", "opensanctions"),
];

/// Properties that are names: native, official, short, of birth, pseudonym, nickname.
const NAMES: [(&str, NameKind); 6] = [
    ("P1559", NameKind::Alias),
    ("P1448", NameKind::Alias),
    ("P1813", NameKind::Alias),
    ("P1477", NameKind::Former),
    ("P742", NameKind::Nickname),
    ("P1449", NameKind::Nickname),
];

/// Other properties that are read: class, countries, gender, birth, beginnings, coordinates.
const VALUES: [&str; 9] = ["P31", "P17", "P27", "P21", "P569", "P571", "P580", "P585", "P625"];

/// The languages whose label is primary, the first that is there.
const PRIMARY_LANGUAGES: [&str; 3] = ["en", "mul", "ar"];

/// How many names an entity may have (`registry.proto`).
const NAMES_MAX: usize = 1_000;

/// Links to so many wikis make an entity as prominent as can be.
const SITELINKS_MAX: f64 = 400.0;

/// The Julian calendar, in which old dates are given.
const JULIAN: &str = "Q1985786";

pub(super) fn knows(input: &Input) -> bool {
    let start = String::from_utf8_lossy(&input.head[..input.head.len().min(4 << 10)]);
    let has = |key: &str| start.contains(key);
    has("\"labels\":") && has("\"id\":") || has("\"type\":\"item\"")
}

pub(super) fn open(input: Input, options: &Options) -> anyhow::Result<Rows> {
    let options = options.clone();
    Ok(json::rows(input, move |line| {
        let item: Item = serde_json::from_str(line).map_err(json::problems)?;
        entity(&item, &options)
    }))
}

fn is_read(property: &str) -> bool {
    VALUES.contains(&property)
        || NAMES.iter().any(|(known, _)| *known == property)
        || SCHEMES.iter().any(|(known, _)| *known == property)
}

/// The entity of an item; none for pages of the wiki, names as such, properties, and what has no
/// name in the languages that are wanted.
fn entity(item: &Item, options: &Options) -> Result<Option<Entity>, Vec<Problem>> {
    let claims = &item.claims;
    let Class::Entity(kind) = classes::of(claims) else { return Ok(None) };
    if item.kind != "item" {
        return Ok(None);
    }
    let mut draft = EntityDraft::new(item.id.as_str(), kind);
    add_names(item, options, &mut draft);
    if !draft.has_names() {
        return Ok(None);
    }
    let described = ["en", "ar"].iter().find_map(|language| item.descriptions.get(*language));
    if let Some(text) = described.or_else(|| item.descriptions.values().next()) {
        draft.description(&text.value);
    }
    draft.external_id("wikidata", &item.id);
    for (property, scheme) in SCHEMES {
        claims.texts(property).for_each(|id| draft.external_id(scheme, id));
    }
    draft.country(&countries_of(claims, draft.is_person()));
    draft.gender(claims.ids("P21").next().and_then(gender));
    let dates: &[&str] = if draft.is_person() { &["P569"] } else { &["P571", "P580", "P585"] };
    let dates: Vec<_> =
        dates.iter().flat_map(|property| claims.values(property)).filter_map(date).collect();
    draft.dates(&dates);
    let prominence = (1.0 + item.sitelinks as f64).ln() / (1.0 + SITELINKS_MAX).ln();
    draft.prominence((prominence.min(1.0) * 1000.0).round() / 1000.0);
    draft.finish().map(Some)
}

fn add_names(item: &Item, options: &Options, draft: &mut EntityDraft) {
    let wanted = |language: &str| options.wants(language);
    let primary = PRIMARY_LANGUAGES.iter().find_map(|language| item.labels.get(*language));
    let labels = primary.into_iter().chain(item.labels.values());
    for label in labels.chain(item.aliases.values().flatten()) {
        let language = languages::tag(&label.language);
        if wanted(&language) {
            draft.alias(&label.value, &language);
        }
    }
    for (property, kind) in NAMES {
        for value in item.claims.values(property) {
            let language = languages::tag(value["language"].as_str().unwrap_or_default());
            let text = value.as_str().or_else(|| value["text"].as_str()).unwrap_or_default();
            if wanted(&language) {
                draft.name(text, &language, kind);
            }
        }
    }
    if draft.names_count() > NAMES_MAX {
        draft.fold_languages();
    }
}

/// A country's own code; or else the countries of a person, those that ended left out, or the
/// country something is in.
fn countries_of(claims: &Claims, is_person: bool) -> Vec<&'static str> {
    let own: Vec<_> = claims.texts("P297").filter_map(countries::code).collect();
    if !own.is_empty() {
        return own;
    }
    let property = if is_person { "P27" } else { "P17" };
    claims.ids(property).filter_map(countries::code_of_wikidata).collect()
}

fn gender(id: &str) -> Option<registry::entity::Gender> {
    gender_of(match id {
        "Q6581097" | "Q44148" | "Q2449503" => "male",
        "Q6581072" | "Q43445" | "Q1052281" => "female",
        _ => "other",
    })
}

/// A point in time as precise as it says (11: a day, 10: a month, 9: a year, 8: a decade).
fn date(value: &Value) -> Option<PartialDate> {
    let precision = value["precision"].as_i64()?;
    let time = value["time"].as_str()?;
    let (sign, rest) = (if time.starts_with('-') { -1 } else { 1 }, time.get(1..)?);
    let mut parts = rest.split(['-', 'T']).map(|part| part.parse::<i32>().ok());
    let mut part = || parts.next().flatten();
    let (year, month, day) = (sign * part()?, part()?, part()?);
    let date = match precision {
        11.. => PartialDate::try_new(year, month, day),
        10 => PartialDate::try_new(year, month, 0),
        9 => PartialDate::try_new(year, 0, 0),
        // The middle of the decade.
        8 => PartialDate::try_new(year.saturating_add(5), 0, 0).map(PartialDate::approximately),
        _ => return None,
    };
    let is_julian =
        value["calendarmodel"].as_str().is_some_and(|calendar| calendar.ends_with(JULIAN));
    // Some days off our calendar.
    let is_off = is_julian && precision > 9;
    date.ok().map(|date| if is_off { date.approximately() } else { date })
}

#[cfg(test)]
mod tests {
    use super::super::{
        Options,
        formats::tests::{check, rows},
        fuzzing::tests::survive,
    };
    use super::*;
    use expect_test::expect;

    const DUMP: &str = r#"[
{"type":"item","id":"Q90001","labels":{"en":{"language":"en","value":"Ali Example"},"ar":{"language":"ar","value":"\u0639\u0644\u064a \u0645\u062b\u0627\u0644"},"zh-hant":{"language":"zh-hant","value":"阿里"}},"descriptions":{"en":{"language":"en","value":"sample minister"}},"aliases":{"en":[{"language":"en","value":"Aly Example"}]},"claims":{"P31":[{"mainsnak":{"snaktype":"value","property":"P31","datavalue":{"value":{"entity-type":"item","numeric-id":5,"id":"Q5"},"type":"wikibase-entityid"}},"type":"statement","rank":"normal"}],"P27":[{"mainsnak":{"snaktype":"value","datavalue":{"value":{"id":"Q794"}}},"rank":"normal"},{"mainsnak":{"snaktype":"value","datavalue":{"value":{"id":"Q159"}}},"rank":"normal","qualifiers":{"P582":[{}]}}],"P21":[{"mainsnak":{"snaktype":"value","datavalue":{"value":{"id":"Q6581097"}}},"rank":"normal"}],"P569":[{"mainsnak":{"snaktype":"value","datavalue":{"value":{"time":"+1950-03-21T00:00:00Z","precision":11,"calendarmodel":"http://www.wikidata.org/entity/Q1985727"}}},"rank":"preferred"},{"mainsnak":{"snaktype":"value","datavalue":{"value":{"time":"+1951-00-00T00:00:00Z","precision":9}}},"rank":"normal"}],"P214":[{"mainsnak":{"snaktype":"value","datavalue":{"value":"123"}},"rank":"normal"}],"P1449":[{"mainsnak":{"snaktype":"value","datavalue":{"value":{"text":"أبو مثال","language":"ar"}}},"rank":"normal"}],"P999":[{"unread":1}]},"sitelinks":{"enwiki":{"title":"x"},"arwiki":{"title":"y"}}},
{"type":"item","id":"Q90002","labels":{"en":{"language":"en","value":"Example (disambiguation)"}},"claims":{"P31":[{"mainsnak":{"snaktype":"value","datavalue":{"value":{"id":"Q4167410"}}},"rank":"normal"}]}},
{"type":"item","id":"Q90003","labels":[],"descriptions":[],"aliases":[],"claims":[],"sitelinks":[]},
{"type":"property","id":"P1","labels":{"en":{"language":"en","value":"x"}},"claims":{}},
{"type":"item","id":"Q90004","labels":{"en":{"language":"en","value":"cut
]
"#;

    #[test]
    fn an_item_of_a_dump_has_what_its_claims_say() {
        check(
            "dump.json",
            DUMP,
            expect![[r#"
            2 {"id":"Q90001","type":"person","country":"IR","gender":"male","birth_date":"1950-03-21","description":"sample minister","prominence":0.183,"names":[{"text":"Ali Example","language":"en","script":"Latn","kind":"primary"},{"text":"علي مثال","language":"ar","script":"Arab","kind":"alias"},{"text":"阿里","language":"zh-Hant","script":"Hani","kind":"alias"},{"text":"Aly Example","language":"en","script":"Latn","kind":"alias"},{"text":"أبو مثال","language":"ar","script":"Arab","kind":"nickname"}],"external_ids":[{"scheme":"wikidata","value":"Q90001"},{"scheme":"viaf","value":"123"}]}
            3 skipped 1
            4 skipped 1
            5 skipped 1
            6 !: EOF while parsing a string at column 73
        "#]],
        );
    }

    #[test]
    fn a_damaged_dump_is_no_reason_to_panic() {
        survive(&[("dump.json", DUMP.as_bytes())], "");
    }

    #[test]
    fn labels_come_in_the_languages_that_are_wanted() {
        let options = Options { languages: vec!["ar".to_owned()], ..Options::default() };
        let shown = rows(&[("dump.json", DUMP)], &options);
        assert!(shown.contains("علي مثال") && !shown.contains("Ali Example"), "{shown}");
    }

    #[test]
    fn a_date_is_as_precise_as_it_says() {
        let read = |time: &str, precision: i64, calendar: &str| {
            let calendar = format!("http://www.wikidata.org/entity/{calendar}");
            let value = serde_json::json!({"time": time, "precision": precision, "calendarmodel": calendar});
            date(&value).map(|date| date.to_string())
        };
        let gregorian = "Q1985727";
        assert_eq!(read("+1950-03-21T00:00:00Z", 11, gregorian).as_deref(), Some("1950-03-21"));
        assert_eq!(read("+1950-03-00T00:00:00Z", 10, gregorian).as_deref(), Some("1950-03"));
        assert_eq!(read("+1950-00-00T00:00:00Z", 9, gregorian).as_deref(), Some("1950"));
        assert_eq!(read("+1950-00-00T00:00:00Z", 8, gregorian).as_deref(), Some("~1955"));
        assert_eq!(read("-0044-03-15T00:00:00Z", 11, JULIAN).as_deref(), Some("~-0044-03-15"));
        assert_eq!(read("+1900-00-00T00:00:00Z", 7, gregorian), None);
    }
}
