//! What the suites of the tests know.

use std::{fs, path::PathBuf};

use proto::{registry::v1 as wire, r#type::v1 as shared};

/// The root of the repository.
#[must_use]
pub fn repository() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    folder.parent().expect("the crate is in the workspace").to_owned()
}

/// The starter catalogue, as `hawiya up` imports it.
#[must_use]
pub fn starter() -> Vec<wire::Entity> {
    let folder = repository().join("services/hawiya/starter");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|path| path.extension() == Some("jsonl".as_ref())).collect();
    files.sort();
    let texts = files.iter().map(|path| fs::read_to_string(path).unwrap());
    let entity =
        |line: &str| wire::Entity::from(serde_json::from_str::<registry::Entity>(line).unwrap());
    texts.flat_map(|text| text.lines().map(entity).collect::<Vec<_>>()).collect()
}

/// A person with these names, the first of them primary.
#[must_use]
pub fn person(id: &str, names: &[&str]) -> wire::Entity {
    let name = |text: &&str| shared::Name { text: (*text).to_owned(), ..Default::default() };
    wire::Entity {
        canonical_id: id.to_owned(),
        r#type: shared::EntityType::Person.into(),
        names: names.iter().map(name).collect(),
        ..Default::default()
    }
}

/// Spellings and the canonical id that each of them means in the starter catalogue.
pub const MISSION: [(&str, &str); 14] = [
    ("بيونج يانج", "Q18808"),
    ("بيونغ يانغ", "Q18808"),
    ("بيونغيانغ", "Q18808"),
    ("پیونگ\u{200C}یانگ", "Q18808"),
    ("Pyongyang", "Q18808"),
    ("Пхеньян", "Q18808"),
    ("평양", "Q18808"),
    ("سيرجي لافروف", "Q58217"),
    ("سيرغي لافروف", "Q58217"),
    ("لافروف", "Q58217"),
    ("للافروف", "Q58217"),
    ("أكد سيرجي لافروف", "Q58217"),
    ("Lavrov", "Q58217"),
    ("Лавров", "Q58217"),
];
