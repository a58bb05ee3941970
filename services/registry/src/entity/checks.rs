//! The limits of the contract, all of them at once (`registry.proto`, message `Entity`).
//!
//! Paths are put together only for what is wrong: an import checks a million names a minute.

use std::{collections::HashSet, hash::Hash};

use chassis::Violations;
use tonic_types::FieldViolation;

use super::{Draft, ExternalId, Name, NameKind};

/// The largest entity, in bytes of its texts. A message of 4 MiB must hold it and its history line.
pub const ENTITY_BYTES_MAX: usize = 1 << 20;

/// How many violations of one entity are told; a message must hold those of 1,000 rows.
const VIOLATIONS_MAX: usize = 100;

const NAMES_MAX: usize = 1_000;
const EXTERNAL_IDS_MAX: usize = 100;
const ATTRIBUTES_MAX: usize = 100;
const DESCRIPTION_CHARS_MAX: usize = 2_000;

/// What is wrong with a canonical id, if anything.
#[must_use]
pub fn check_id(id: &str) -> Option<String> {
    let mut found = Violations::default();
    found.check_label("", id, 128, "._:-");
    found.into_inner().pop().map(|violation| violation.description)
}

/// Everything that is wrong with a draft, the first hundred at most.
pub(super) fn violations_of(draft: &Draft) -> Vec<FieldViolation> {
    let mut found = Found(Vec::new());
    found.within("entity.", |inner| check_values(inner, draft));
    check_names(&mut found, &draft.names);
    check_external_ids(&mut found, &draft.external_ids);
    check_attributes(&mut found, draft);
    if bytes_of(draft) > ENTITY_BYTES_MAX {
        found.add("entity", format!("has more than {ENTITY_BYTES_MAX} bytes of text: shorten it"));
    }
    found.0.truncate(VIOLATIONS_MAX);
    found.0
}

/// Violations with full paths.
struct Found(Vec<FieldViolation>);

impl Found {
    fn within(&mut self, path: impl std::fmt::Display, check: impl FnOnce(&mut Violations)) {
        let mut inner = Violations::default();
        check(&mut inner);
        for violation in inner.into_inner() {
            let field = format!("{path}{}", violation.field);
            self.0.push(FieldViolation::new(field, violation.description));
        }
    }

    fn add(&mut self, field: impl Into<String>, text: impl Into<String>) {
        self.0.push(FieldViolation::new(field, text));
    }
}

fn check_values(found: &mut Violations, draft: &Draft) {
    if let Some(text) = check_id(&draft.id) {
        found.add("canonical_id", text);
    }
    if !draft.country.is_empty() {
        check_country(found, "country", &draft.country);
    }
    if !draft.dataset.is_empty() {
        found.check_label("dataset", &draft.dataset, 64, "._-");
    }
    found.check_length("description", &draft.description, DESCRIPTION_CHARS_MAX);
    found.check_fraction("prominence", draft.prominence);
}

/// Checks an ISO 3166-1 alpha-2 code: its form, not whether it was ever assigned.
fn check_country(found: &mut Violations, field: &str, country: &str) {
    if country.len() != 2 || !country.bytes().all(|letter| letter.is_ascii_uppercase()) {
        let shown: String = country.chars().take(40).collect();
        found.add(field, format!("is `{shown}`: give two capital letters of ISO 3166-1"));
    }
}

fn check_names(found: &mut Found, names: &[Name]) {
    found.within("entity.", |inner| inner.check_batch("names", names.len(), NAMES_MAX));
    let primary_count = names.iter().filter(|name| name.kind == NameKind::Primary).count();
    if !names.is_empty() && primary_count != 1 {
        found.add("entity.names", format!("has {primary_count} primary names: give exactly one"));
    }
    for (at, name) in names.iter().enumerate().take(NAMES_MAX) {
        found.within(format_args!("entity.names[{at}]."), |inner| check_name(inner, name));
    }
    for at in repeated(names.iter().map(|name| (&name.text, &name.language))) {
        found.add(format!("entity.names[{at}]"), "is there twice, with equal text and language");
    }
}

fn check_name(found: &mut Violations, name: &Name) {
    found.check_text("text", &name.text);
    if !is_language(&name.language) {
        found.add("language", "is not a BCP 47 tag such as `ar` or `zh-Hant`");
    }
    if !is_script(&name.script) {
        found.add("script", "is not an ISO 15924 code such as `Arab`");
    }
}

/// The form of a BCP 47 tag: subtags of one to eight letters or digits; empty is unknown.
fn is_language(tag: &str) -> bool {
    let subtag = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|letter| letter.is_ascii_alphanumeric())
    };
    tag.is_empty() || (tag.len() <= 35 && tag.split('-').all(subtag))
}

fn is_script(code: &str) -> bool {
    let [first, rest @ ..] = code.as_bytes() else { return false };
    rest.len() == 3 && first.is_ascii_uppercase() && rest.iter().all(u8::is_ascii_lowercase)
}

fn check_external_ids(found: &mut Found, external_ids: &[ExternalId]) {
    if external_ids.len() > EXTERNAL_IDS_MAX {
        found.add("entity.external_ids", format!("has more than {EXTERNAL_IDS_MAX} items"));
    }
    for (at, external_id) in external_ids.iter().enumerate().take(EXTERNAL_IDS_MAX) {
        found.within(format_args!("entity.external_ids[{at}]."), |inner| {
            check_external_id(inner, external_id);
        });
    }
    for at in repeated(external_ids.iter()) {
        found.add(format!("entity.external_ids[{at}]"), "is there twice");
    }
}

pub(crate) fn check_external_id(found: &mut Violations, external_id: &ExternalId) {
    let scheme = &external_id.scheme;
    if scheme.bytes().any(|letter| letter.is_ascii_uppercase()) {
        found.add("scheme", "has capital letters: write it in lower case");
    } else {
        found.check_label("scheme", scheme, 64, "_.-");
    }
    if external_id.value.is_empty() {
        found.add("value", "is empty");
    }
    found.check_length("value", &external_id.value, 256);
}

fn check_attributes(found: &mut Found, draft: &Draft) {
    if draft.attributes.len() > ATTRIBUTES_MAX {
        found.add("entity.attributes", format!("has more than {ATTRIBUTES_MAX} entries"));
    }
    for (key, value) in draft.attributes.iter().take(ATTRIBUTES_MAX) {
        if key.is_empty() || key.chars().take(65).count() > 64 {
            found.add("entity.attributes", "has a key that is empty or longer than 64 characters");
        } else if value.chars().take(2_001).count() > 2_000 {
            found.add(format!("entity.attributes[{key:?}]"), "is longer than 2000 characters");
        }
    }
}

/// The positions of items that were there before.
fn repeated<T: Hash + Eq>(items: impl Iterator<Item = T>) -> Vec<usize> {
    let mut seen = HashSet::new();
    items.enumerate().filter_map(|(at, item)| (!seen.insert(item)).then_some(at)).collect()
}

fn bytes_of(draft: &Draft) -> usize {
    let names: usize = draft.names.iter().map(|name| name.text.len() + name.language.len()).sum();
    let ids: usize = draft.external_ids.iter().map(|id| id.scheme.len() + id.value.len()).sum();
    let attributes: usize =
        draft.attributes.iter().map(|(key, value)| key.len() + value.len()).sum();
    names + ids + attributes + draft.description.len()
}

#[cfg(test)]
mod tests {
    use crate::{Draft, Entity};

    fn good() -> Draft {
        let line = r#"{"id":"Q1","type":"person","names":[{"text":"Лавров"},{"text":"لافروف"}]}"#;
        serde_json::from_str(line).unwrap()
    }

    #[track_caller]
    fn check(spoil: impl FnOnce(&mut Draft), fields: &[&str]) {
        let mut draft = good();
        spoil(&mut draft);
        let found = Entity::try_from(draft).map_or_else(|invalid| invalid.0, |_| Vec::new());
        let found: Vec<_> = found.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(found, fields);
    }

    #[test]
    fn every_limit_is_kept_and_named_by_its_path() {
        check(|_| {}, &[]);
        check(|draft| draft.id = "a b".into(), &["entity.canonical_id"]);
        check(|draft| draft.id.clear(), &["entity.canonical_id"]);
        check(|draft| draft.country = "ru".into(), &["entity.country"]);
        check(|draft| draft.dataset = "a/b".into(), &["entity.dataset"]);
        check(|draft| draft.prominence = f64::NAN, &["entity.prominence"]);
        check(|draft| draft.prominence = 1.1, &["entity.prominence"]);
        check(|draft| draft.description = "ب".repeat(2_001), &["entity.description"]);
        check(|draft| draft.names.clear(), &["entity.names"]);
        check(|draft| draft.names[1].kind = draft.names[0].kind, &["entity.names"]);
        check(|draft| draft.names[1].text = "…".into(), &["entity.names[1].text"]);
        check(|draft| draft.names[1].language = "ar_EG".into(), &["entity.names[1].language"]);
        check(|draft| draft.names[1].script = "arab".into(), &["entity.names[1].script"]);
        check(|draft| draft.names[1].text = draft.names[0].text.clone(), &["entity.names[1]"]);
    }

    #[test]
    fn external_ids_and_attributes_have_limits_too() {
        let id = |scheme: &str, value: &str| crate::entity::ExternalId {
            scheme: scheme.into(),
            value: value.into(),
        };
        check(
            |draft| draft.external_ids = vec![id("Q", ""), id("imo", "1"), id("imo", "1")],
            &[
                "entity.external_ids[0].scheme",
                "entity.external_ids[0].value",
                "entity.external_ids[2]",
            ],
        );
        check(
            |draft| draft.external_ids = (0..101).map(|at| id("imo", &at.to_string())).collect(),
            &["entity.external_ids"],
        );
        check(
            |draft| drop(draft.attributes.insert(String::new(), String::new())),
            &["entity.attributes"],
        );
        check(
            |draft| drop(draft.attributes.insert("k".into(), "v".repeat(2_001))),
            &["entity.attributes[\"k\"]"],
        );
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        check(
            |draft| {
                draft.country = "Russia".into();
                draft.names[1].text.clear();
            },
            &["entity.country", "entity.names[1].text"],
        );
    }

    #[test]
    fn an_entity_that_no_message_could_hold_is_refused() {
        let name = |at: usize| crate::entity::NameDraft {
            text: format!("{at} {}", "𐎠".repeat(990)),
            language: String::new(),
            script: String::new(),
            kind: None,
        };
        check(
            |draft| draft.names = crate::entity::Name::all((0..1_000).map(name).collect()),
            &["entity"],
        );
    }
}
