//! The import stream: its order, its acknowledgements, its refusals.

use proto::registry::v1 as wire;
use tonic::{Code, Status};

use crate::fixture::{Fixture, chunk, entity, header};

type Acks = (Vec<wire::ImportEntitiesResponse>, Option<Status>);

async fn import(registry: &mut Fixture, chunks: Vec<wire::ImportEntitiesRequest>) -> Acks {
    let acks = registry.client.import_entities(tokio_stream::iter(chunks)).await.unwrap();
    let (mut acks, mut seen) = (acks.into_inner(), Vec::new());
    loop {
        match acks.message().await {
            Ok(Some(ack)) => seen.push(ack),
            Ok(None) => return (seen, None),
            Err(status) => return (seen, Some(status)),
        }
    }
}

fn counts(ack: &wire::ImportEntitiesResponse) -> [i64; 4] {
    let counts = ack.counts.unwrap();
    let wire::ImportCounts { created_count, updated_count, .. } = counts;
    [created_count, updated_count, counts.unchanged_count, counts.rejected_count]
}

fn upsert() -> Option<wire::ImportHeader> {
    Some(header(wire::ImportMode::Upsert))
}

#[tokio::test]
async fn every_chunk_is_acknowledged_and_the_same_rows_again_change_nothing() {
    let mut registry = Fixture::start().await;
    let chunks = || {
        let second = vec![entity("Q3", "c"), entity("Q1", "other")];
        let first = vec![entity("Q1", "a"), entity("Q2", "b")];
        vec![chunk(0, upsert(), first), chunk(1, None, second)]
    };
    let (acks, end) = import(&mut registry, chunks()).await;
    assert!(end.is_none());
    assert_eq!([counts(&acks[0]), counts(&acks[1])], [[2, 0, 0, 0], [3, 1, 0, 0]]);
    assert_eq!((acks[0].catalogue_version, acks[1].catalogue_version), (2, 4));
    let (acks, _) = import(&mut registry, vec![chunk(0, upsert(), vec![entity("Q2", "b")])]).await;
    assert_eq!((counts(&acks[0]), acks[0].catalogue_version), ([0, 0, 1, 0], 4));
}

#[tokio::test]
async fn a_bad_row_fails_alone_with_its_number() {
    let mut registry = Fixture::start().await;
    let mut bad = entity("", "…");
    bad.country = "Russia".into();
    let rows = vec![entity("Q1", "a"), bad, entity("Q1", "b"), entity("Q2", "c")];
    let (acks, end) = import(&mut registry, vec![chunk(0, upsert(), rows)]).await;
    assert!(end.is_none());
    assert_eq!(counts(&acks[0]), [2, 0, 0, 2]);
    let errors: Vec<_> = acks[0].errors.iter().map(|error| error.row_number).collect();
    assert_eq!(errors, [2, 3]);
    let error = |at: usize| acks[0].errors[at].error.clone().unwrap();
    for field in ["entity.canonical_id", "entity.country", "entity.names[0].text"] {
        assert!(error(0).message.contains(field), "{}", error(0).message);
    }
    assert!(error(1).message.contains("twice"), "{}", error(1).message);
    assert_eq!(error(1).code, Code::InvalidArgument as i32);
}

#[tokio::test]
async fn rows_belong_to_the_dataset_of_the_header_unless_they_say_otherwise() {
    let mut registry = Fixture::start().await;
    let other = wire::Entity { dataset: "other".into(), ..entity("Q2", "b") };
    registry.import(vec![entity("Q1", "a"), other]).await;
    for (dataset, id) in [("test", "Q1"), ("other", "Q2")] {
        let request = wire::ListEntitiesRequest { dataset: dataset.into(), ..Default::default() };
        let listed = registry.client.list_entities(request).await.unwrap().into_inner();
        assert_eq!((listed.entities.len(), listed.entities[0].canonical_id.as_str()), (1, id));
    }
}

#[tokio::test]
async fn a_dry_run_counts_what_an_import_would_do_and_does_nothing() {
    let mut registry = Fixture::start().await;
    registry.import(vec![entity("Q1", "a"), entity("Q2", "b")]).await;
    let chunks = |mode| {
        let first = vec![entity("Q1", "a"), entity("Q2", "new"), entity("Q3", "c")];
        let second = vec![entity("Q3", "c"), entity("Q2", "newer"), entity("Q4", "…")];
        vec![chunk(0, Some(header(mode)), first), chunk(1, None, second)]
    };
    let (dry, _) = import(&mut registry, chunks(wire::ImportMode::DryRun)).await;
    assert_eq!(counts(&dry[1]), [1, 2, 2, 1]);
    assert_eq!(dry[1].catalogue_version, 2);
    let (real, _) = import(&mut registry, chunks(wire::ImportMode::Upsert)).await;
    assert_eq!(counts(&real[1]), counts(&dry[1]));
}

#[tokio::test]
async fn breaking_the_rules_of_the_stream_ends_it_and_keeps_what_was_acknowledged() {
    let mut registry = Fixture::start().await;
    let rows = || vec![entity("Q1", "a")];
    let many = (0..1_001).map(|at| entity(&format!("R{at}"), "x")).collect();
    let cases = [
        ("header", vec![chunk(0, None, rows())], 0),
        ("header", vec![chunk(0, upsert(), rows()), chunk(1, upsert(), rows())], 1),
        ("chunk_number", vec![chunk(0, upsert(), rows()), chunk(2, None, rows())], 1),
        ("chunk_number", vec![chunk(1, upsert(), rows())], 0),
        ("rows", vec![chunk(0, upsert(), many)], 0),
        (
            "header.mode",
            vec![chunk(0, upsert().map(|header| wire::ImportHeader { mode: 9, ..header }), rows())],
            0,
        ),
    ];
    for (field, chunks, acknowledged) in cases {
        let (acks, end) = import(&mut registry, chunks).await;
        let end = end.unwrap();
        assert_eq!((end.code(), acks.len()), (Code::InvalidArgument, acknowledged), "{field}");
        assert!(end.message().contains(&format!("`{field}`")), "{}", end.message());
    }
    let get = wire::GetEntityRequest { canonical_id: "Q1".into() };
    assert!(registry.client.get_entity(get).await.is_ok());
}

#[tokio::test]
async fn a_whole_dataset_of_which_no_row_was_taken_in_removes_nothing() {
    let mut registry = Fixture::start().await;
    registry.import(vec![entity("Q1", "a"), entity("Q2", "b")]).await;
    let bad = wire::Entity { country: "Russia".into(), ..entity("Q1", "a") };
    for rows in [Vec::new(), vec![bad]] {
        for mode in [wire::ImportMode::ReplaceDryRun, wire::ImportMode::Replace] {
            let only = chunk(0, Some(header(mode)), rows.clone());
            let only = wire::ImportEntitiesRequest { last: true, ..only };
            let (acks, end) = import(&mut registry, vec![only]).await;
            assert!(end.is_none());
            assert_eq!((acks[0].counts.unwrap().removed_count, acks[0].catalogue_version), (0, 2));
        }
    }
}

#[tokio::test]
async fn an_export_is_what_was_imported_by_id() {
    let mut registry = Fixture::start().await;
    let rows: Vec<_> = (0..1_000).map(|at| entity(&format!("Q{at:04}"), "x")).collect();
    registry.import(rows).await;
    registry.import((1_000..1_500).map(|at| entity(&format!("Q{at:04}"), "x")).collect()).await;
    let request =
        wire::ExportEntitiesRequest { after_canonical_id: "Q0009".into(), ..Default::default() };
    let mut pages = registry.client.export_entities(request).await.unwrap().into_inner();
    let mut ids = Vec::new();
    while let Some(page) = pages.message().await.unwrap() {
        assert_eq!(page.catalogue_version, 1_500);
        ids.extend(page.entities.into_iter().map(|entity| entity.canonical_id));
    }
    assert_eq!(ids, (10..1_500).map(|at| format!("Q{at:04}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_whole_dataset_removes_what_it_no_longer_has_with_its_last_message() {
    let mut registry = Fixture::start().await;
    let rows = ["Q1", "Q2", "Q3"].map(|id| entity(id, "a")).to_vec();
    registry.import(rows).await;
    let chunks = |mode, last| {
        let bad = wire::Entity { country: "Russia".into(), ..entity("Q2", "a") };
        let first = chunk(0, Some(header(mode)), vec![entity("Q1", "b")]);
        vec![first, wire::ImportEntitiesRequest { last, ..chunk(1, None, vec![bad]) }]
    };
    // A client that dies halfway removes nothing.
    let (cut, _) = import(&mut registry, chunks(wire::ImportMode::ReplaceDryRun, false)).await;
    assert_eq!((cut[1].counts.unwrap().removed_count, cut[1].catalogue_version), (0, 3));
    let (dry, _) = import(&mut registry, chunks(wire::ImportMode::ReplaceDryRun, true)).await;
    let (real, _) = import(&mut registry, chunks(wire::ImportMode::Replace, true)).await;
    assert_eq!((dry[1].counts, dry[1].catalogue_version), (real[1].counts, 3));
    let counts = real[1].counts.unwrap();
    assert_eq!((counts.updated_count, counts.rejected_count, counts.removed_count), (1, 1, 1));
    let get = wire::GetEntityRequest { canonical_id: "Q3".into() };
    let gone = registry.client.get_entity(get).await.unwrap().into_inner().entity.unwrap();
    assert_eq!(gone.state(), wire::LifecycleState::Deleted);
    assert!(gone.delete_time.is_some());
    let mut after = chunks(wire::ImportMode::Replace, true);
    after.push(chunk(2, None, Vec::new()));
    let (acks, end) = import(&mut registry, after).await;
    assert_eq!((acks.len(), end.unwrap().code()), (2, Code::InvalidArgument));
}
