//! The starter catalogue keeps every limit and can be imported.

use std::{fs, path::Path};

use registry::Entity;

use crate::fixture::Fixture;

#[tokio::test]
async fn every_line_of_the_starter_catalogue_is_an_entity_and_is_imported() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hawiya/starter");
    let mut wrong = Vec::new();
    let mut registry = Fixture::start().await;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        let (mut rows, text) = (Vec::new(), fs::read_to_string(&path).unwrap());
        for (at, line) in text.lines().enumerate() {
            match serde_json::from_str::<Entity>(line) {
                Ok(entity) => rows.push(entity.into()),
                Err(error) => wrong.push(format!("{}:{}: {error}", path.display(), at + 1)),
            }
        }
        let ack = registry.import(rows).await;
        assert_eq!(ack.counts.unwrap().rejected_count, 0, "{ack:?}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
