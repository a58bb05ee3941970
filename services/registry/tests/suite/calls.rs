//! Calls with one answer.

use proto::{registry::v1 as wire, r#type::v1 as shared};
use tonic::Code;
use tonic_types::StatusExt;

use crate::fixture::{Fixture, entity};

fn create(entity: wire::Entity, request_id: &str) -> wire::CreateEntityRequest {
    let request_id = request_id.into();
    wire::CreateEntityRequest { entity: Some(entity), request_id, note: None }
}

#[tokio::test]
async fn a_created_entity_is_got_listed_and_looked_up() {
    let mut registry = Fixture::start().await;
    let mut new = entity("", "سيرغي لافروف");
    new.external_ids = vec![shared::ExternalId { scheme: "wikidata".into(), value: "Q1".into() }];
    let created = registry.client.create_entity(create(new, "")).await.unwrap().into_inner();
    let stored = created.entity.unwrap();
    assert!(stored.canonical_id.starts_with("hw-"), "{}", stored.canonical_id);
    assert_eq!((stored.names[0].script.as_str(), stored.names[0].kind), ("Arab", 1));
    assert_eq!((stored.catalogue_version, created.catalogue_version), (1, 1));
    assert!(stored.create_time.is_some() && !stored.etag.is_empty());

    let canonical_id = stored.canonical_id.clone();
    let got = registry.client.get_entity(wire::GetEntityRequest { canonical_id }).await.unwrap();
    assert_eq!(got.into_inner().entity.as_ref(), Some(&stored));
    let listed = registry.client.list_entities(wire::ListEntitiesRequest::default()).await.unwrap();
    assert_eq!(listed.into_inner().entities.first(), Some(&stored));
    let keys = [
        wire::lookup_key::Key::Name("سيرغي لافروف".into()),
        wire::lookup_key::Key::ExternalId(stored.external_ids[0].clone()),
        wire::lookup_key::Key::Name("nobody".into()),
    ];
    let keys = keys.map(|key| wire::LookupKey { key: Some(key) }).to_vec();
    let found =
        registry.client.lookup_entities(wire::LookupEntitiesRequest { keys }).await.unwrap();
    let counts: Vec<_> = found.get_ref().results.iter().map(|found| found.entities.len()).collect();
    assert_eq!(counts, [1, 1, 0]);
}

#[tokio::test]
async fn a_taken_id_and_a_used_request_id_are_refused() {
    let mut registry = Fixture::start().await;
    let first = registry.client.create_entity(create(entity("Q1", "a"), "r-1")).await.unwrap();
    let again = registry.client.create_entity(create(entity("Q1", "a"), "r-1")).await.unwrap();
    assert_eq!(again.get_ref().entity, first.get_ref().entity);
    for (entity, request_id) in [(entity("Q1", "a"), ""), (entity("Q2", "b"), "r-1")] {
        let refused = registry.client.create_entity(create(entity, request_id)).await.unwrap_err();
        assert_eq!(refused.code(), Code::AlreadyExists);
    }
}

#[tokio::test]
async fn everything_wrong_with_a_request_is_told_at_once() {
    let mut registry = Fixture::start().await;
    let mut bad = entity("a b", "…");
    bad.r#type = 0;
    bad.prominence = f64::NAN;
    let refused = registry.client.create_entity(create(bad, "no spaces")).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let found = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<_> = found.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "entity.type",
            "request_id",
            "entity.canonical_id",
            "entity.prominence",
            "entity.names[0].text"
        ]
    );
    let nothing = registry.client.create_entity(wire::CreateEntityRequest::default()).await;
    assert_eq!(nothing.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_batch_answers_every_position_of_one_version() {
    let mut registry = Fixture::start().await;
    registry.import(vec![entity("Q1", "a"), entity("Q2", "b")]).await;
    let ids = ["Q2", "Q9", "Q2", "not an id", "Q1"];
    // Twice, because the second answer comes out of the cache.
    for _ in 0..2 {
        let canonical_ids = ids.map(str::to_owned).to_vec();
        let request = wire::BatchGetEntitiesRequest { canonical_ids };
        let answer = registry.client.batch_get_entities(request).await.unwrap().into_inner();
        let lines: Vec<_> = answer.outcomes.into_iter().map(line_of).collect();
        assert_eq!(lines, ["Q2", "NotFound", "Q2", "InvalidArgument", "Q1"]);
        assert_eq!(answer.catalogue_version, 2);
    }
}

fn line_of(outcome: wire::EntityOutcome) -> String {
    match outcome.outcome.unwrap() {
        wire::entity_outcome::Outcome::Entity(entity) => entity.canonical_id,
        wire::entity_outcome::Outcome::Error(error) => format!("{:?}", Code::from(error.code)),
    }
}

#[tokio::test]
async fn a_change_is_seen_by_the_next_get_in_spite_of_the_cache() {
    let mut registry = Fixture::start().await;
    for name in ["before", "after"] {
        registry.import(vec![entity("Q1", name)]).await;
        let request = wire::GetEntityRequest { canonical_id: "Q1".into() };
        let got = registry.client.get_entity(request).await.unwrap().into_inner();
        assert_eq!(got.entity.unwrap().names[0].text, name);
    }
}

#[tokio::test]
async fn an_unknown_id_and_a_bad_batch_say_so() {
    let mut registry = Fixture::start().await;
    let get = |id: &str| wire::GetEntityRequest { canonical_id: id.into() };
    let missing = registry.client.get_entity(get("Q9")).await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
    assert_eq!(missing.get_details_resource_info().unwrap().resource_name, "Q9");
    let wrong = registry.client.get_entity(get("a b")).await.unwrap_err();
    assert_eq!(wrong.code(), Code::InvalidArgument);
    for size in [0, 1_001] {
        let canonical_ids = vec!["Q1".to_owned(); size];
        let request = wire::BatchGetEntitiesRequest { canonical_ids };
        let refused = registry.client.batch_get_entities(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn a_list_is_paged_to_its_end_and_a_wrong_token_is_refused() {
    let mut registry = Fixture::start().await;
    registry.import((0..25).map(|at| entity(&format!("Q{at:02}"), "x")).collect()).await;
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = wire::ListEntitiesRequest { page_size: 10, page_token, ..Default::default() };
        let page = registry.client.list_entities(request).await.unwrap().into_inner();
        seen.extend(page.entities.into_iter().map(|entity| entity.canonical_id));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, (0..25).map(|at| format!("Q{at:02}")).collect::<Vec<_>>());
    for request in [
        wire::ListEntitiesRequest { page_token: "Q07".into(), ..Default::default() },
        wire::ListEntitiesRequest { page_size: -1, ..Default::default() },
        wire::ListEntitiesRequest { types: vec![0], ..Default::default() },
        wire::ListEntitiesRequest { states: vec![99], ..Default::default() },
    ] {
        let refused = registry.client.list_entities(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn a_second_registry_on_the_same_file_does_not_start() {
    let first = Fixture::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let second = registry::run(listener, first.config(), first.shutdown.clone()).await;
    let text = second.unwrap_err().to_string();
    assert!(text.contains("another process has the catalogue"), "{text}");
}

#[tokio::test]
async fn an_answer_that_no_message_could_hold_is_refused_with_the_cure() {
    let mut registry = Fixture::start().await;
    let described = |at| {
        let description = "ب".repeat(2_000);
        wire::Entity { description, ..entity(&format!("Q{at}"), "x") }
    };
    for at in 0..2 {
        registry.import((at * 500..at * 500 + 500).map(described).collect()).await;
    }
    let key = wire::LookupKey { key: Some(wire::lookup_key::Key::Name("x".into())) };
    let request = wire::LookupEntitiesRequest { keys: vec![key; 10] };
    let refused = registry.client.lookup_entities(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.message().contains("ask for fewer"), "{}", refused.message());
    let canonical_ids = (0..1_000).map(|at| format!("Q{at}")).collect();
    let request = wire::BatchGetEntitiesRequest { canonical_ids };
    let refused = registry.client.batch_get_entities(request).await.unwrap_err();
    assert!(refused.message().contains("ask for fewer"), "{}", refused.message());
}
