//! What one machine does a second; run with
//! `cargo test --release -p registry --test suite -- --ignored --nocapture speed`.

use std::time::Instant;

use proto::{registry::v1 as wire, r#type::v1 as shared};

use crate::fixture::{Fixture, chunk, entity, header};

const ENTITIES: usize = 100_000;

/// Five names in three scripts, an external id and a description: what a real row has.
fn generated(at: usize) -> wire::Entity {
    // A multiplier that is prime to the count spreads the names over the index.
    let mixed = at * 7_919 % ENTITIES;
    let name = |text: String, language: &str| shared::Name {
        text,
        language: language.into(),
        ..Default::default()
    };
    wire::Entity {
        names: vec![
            name(format!("Sergey Lavrov {mixed}"), "en"),
            name(format!("Sergei Lavrow {mixed}"), "de"),
            name(format!("سيرغي لافروف {mixed}"), "ar"),
            name(format!("Сергей Лавров {mixed}"), "ru"),
            name(format!("سرگئی لاوروف {mixed}"), "fa"),
        ],
        country: "RU".into(),
        description: "an entity made up to measure how fast entities are taken in".into(),
        prominence: 0.5,
        external_ids: vec![shared::ExternalId {
            scheme: "wikidata".into(),
            value: format!("Q{at}"),
        }],
        ..entity(&format!("Q{at}"), "")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn speed_of_imports_gets_and_snapshots() {
    let mut registry = Fixture::start().await;
    let rows: Vec<_> = (0..ENTITIES).map(generated).collect();
    for pass in ["new", "unchanged"] {
        let chunks: Vec<_> = (0i64..)
            .zip(rows.chunks(1_000))
            .map(|(number, rows)| {
                let header = (number == 0).then(|| header(wire::ImportMode::Upsert));
                chunk(number, header, rows.to_vec())
            })
            .collect();
        let begin = Instant::now();
        let acks = registry.client.import_entities(tokio_stream::iter(chunks)).await.unwrap();
        let mut acks = acks.into_inner();
        while acks.message().await.unwrap().is_some() {}
        report(&format!("import, {pass}"), ENTITIES, begin);
    }
    let ids: Vec<_> = rows.iter().map(|row| row.canonical_id.clone()).collect();
    for pass in ["from the store", "from the cache"] {
        let begin = Instant::now();
        for ids in ids[..20_000].chunks(1_000) {
            let request = wire::BatchGetEntitiesRequest { canonical_ids: ids.to_vec() };
            registry.client.batch_get_entities(request).await.unwrap();
        }
        report(&format!("batch get, {pass}"), 20_000, begin);
    }
    let begin = Instant::now();
    let request = wire::WatchChangesRequest { start: None };
    let mut told = registry.client.watch_changes(request).await.unwrap().into_inner();
    while told.message().await.unwrap().unwrap().catalogue_version.is_none() {}
    report("snapshot", ENTITIES, begin);
}

fn report(what: &str, count: usize, begin: Instant) {
    println!("{what}: {:.0}/s", count as f64 / begin.elapsed().as_secs_f64());
}
