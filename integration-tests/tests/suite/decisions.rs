//! What people decide about a mention is obeyed from the next call on.

use integration_tests::{Suite, catalogue::person, query};
use proto::{
    registry::v1 as registry,
    resolution::v1 as wire,
    r#type::v1 as shared,
    vocabulary::{NoMatchReason, Verdict},
};
use shared::DecisionKind;
use tonic::Code;
use tonic_types::StatusExt;

/// Two people of one name, and one of another.
async fn suite() -> Suite {
    let suite = Suite::start_empty().await;
    let entities = vec![
        person("T1", &["Zayd Qutrub", "زيد قطرب"]),
        person("T2", &["Zayd Qutrub"]),
        person("T3", &["Hilal Barmak"]),
    ];
    let version = suite.clients.import(entities).await;
    suite.clients.settle(version).await;
    suite
}

async fn decide(suite: &Suite, text: &str, kind: DecisionKind, id: &str) -> shared::Decision {
    decide_in(suite, text, kind, id, "").await
}

async fn decide_in(
    suite: &Suite,
    text: &str,
    kind: DecisionKind,
    canonical_id: &str,
    scope: &str,
) -> shared::Decision {
    let request = wire::RecordDecisionRequest {
        text: text.to_owned(),
        canonical_id: canonical_id.to_owned(),
        kind: kind.into(),
        scope: scope.to_owned(),
        actor: "a person".to_owned(),
        ..Default::default()
    };
    let recorded = suite.clients.resolver().record_decision(request).await.unwrap();
    recorded.into_inner().decision.unwrap()
}

#[tokio::test]
async fn a_yes_settles_what_was_ambiguous_for_every_spelling_of_the_form() {
    let suite = suite().await;
    assert_eq!(suite.clients.resolve("Zayd Qutrub").await.verdict(), Verdict::Ambiguous);
    let decision = decide(&suite, "Zayd Qutrub", DecisionKind::Yes, "T2").await;
    for text in ["Zayd Qutrub", "zayd qutrub", "Zayd Qutrub"] {
        let found = suite.clients.resolve(text).await;
        assert_eq!((found.verdict(), found.canonical_id.as_str()), (Verdict::Match, "T2"));
        assert_eq!(found.decision_id, decision.decision_id);
        assert_eq!(found.reason, "a person decided that it is `Zayd Qutrub`");
        assert_eq!(found.entity.unwrap().canonical_id, "T2");
    }
    assert_eq!(suite.clients.resolve("Hilal Barmak").await.canonical_id, "T3");
}

#[tokio::test]
async fn a_no_to_one_entity_leaves_the_others() {
    let suite = suite().await;
    let decision = decide(&suite, "Zayd Qutrub", DecisionKind::No, "T1").await;
    let found = suite.clients.resolve("Zayd Qutrub").await;
    assert_eq!((found.verdict(), found.canonical_id.as_str()), (Verdict::Match, "T2"));
    assert_eq!(found.decision_id, decision.decision_id);
    decide(&suite, "Hilal Barmak", DecisionKind::No, "T3").await;
    let found = suite.clients.resolve("Hilal Barmak").await;
    assert_eq!(found.verdict(), Verdict::NoMatch);
    assert_eq!(found.no_match_reason(), NoMatchReason::Decided);
}

#[tokio::test]
async fn a_no_to_all_and_a_defer_say_so_and_can_be_taken_back() {
    let suite = suite().await;
    let cases = [
        (DecisionKind::No, NoMatchReason::Decided),
        (DecisionKind::Defer, NoMatchReason::Deferred),
    ];
    for (kind, reason) in cases {
        decide(&suite, "Hilal Barmak", kind, "").await;
        let found = suite.clients.resolve("Hilal Barmak").await;
        assert_eq!((found.verdict(), found.no_match_reason()), (Verdict::NoMatch, reason));
        assert!(found.canonical_id.is_empty() && found.entity.is_none());
    }
    decide(&suite, "Hilal Barmak", DecisionKind::Yes, "T3").await;
    assert_eq!(suite.clients.resolve("Hilal Barmak").await.canonical_id, "T3");
}

#[tokio::test]
async fn a_decision_of_a_scope_counts_there_before_those_of_everybody() {
    let suite = suite().await;
    decide(&suite, "Zayd Qutrub", DecisionKind::Yes, "T1").await;
    decide_in(&suite, "Zayd Qutrub", DecisionKind::Yes, "T2", "desk").await;
    let of = async |scope: &str| {
        let decision_scope = scope.to_owned();
        let options = wire::ResolveOptions { decision_scope, ..Default::default() };
        suite.clients.try_resolve("Zayd Qutrub", options).await.unwrap().canonical_id
    };
    assert_eq!((of("").await.as_str(), of("desk").await.as_str()), ("T1", "T2"));
    assert_eq!(of("elsewhere").await, "T1");
}

#[tokio::test]
async fn a_decision_follows_a_merge_and_keeps_to_the_filter() {
    let suite = suite().await;
    decide(&suite, "Abu Zayd", DecisionKind::Yes, "T1").await;
    let merge = registry::MergeEntitiesRequest {
        survivor_id: "T2".to_owned(),
        merged_ids: vec!["T1".to_owned()],
        note: None,
    };
    let merged = suite.clients.registry().merge_entities(merge).await.unwrap().into_inner();
    suite.clients.settle(merged.catalogue_version).await;
    assert_eq!(suite.clients.resolve("Abu Zayd").await.canonical_id, "T2");
    let types = vec![shared::EntityType::City.into()];
    let filter = Some(shared::Filter { types, ..Default::default() });
    let query = shared::NameQuery { filter, ..query("Abu Zayd") };
    let request = wire::ResolveRequest { query: Some(query), options: None };
    let found = suite.clients.resolver().resolve(request).await.unwrap().into_inner();
    assert_eq!(found.resolution.unwrap().verdict(), Verdict::NoMatch);
}

#[tokio::test]
async fn decisions_are_listed_and_a_wrong_one_is_refused_with_its_field() {
    let suite = suite().await;
    let first = decide(&suite, "Zayd Qutrub", DecisionKind::No, "T1").await;
    let second = decide(&suite, "Hilal Barmak", DecisionKind::Defer, "").await;
    let list = async |text: &str| {
        let request = wire::ListDecisionsRequest { text: text.to_owned(), ..Default::default() };
        suite.clients.resolver().list_decisions(request).await.unwrap().into_inner().decisions
    };
    assert_eq!(list("").await, [second, first.clone()]);
    assert_eq!(list("zayd qutrub").await, [first]);
    let wrong = wire::RecordDecisionRequest { scope: "a b".to_owned(), ..Default::default() };
    let refused = suite.clients.resolver().record_decision(wrong).await.unwrap_err();
    let fields: Vec<_> = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<_> = fields.into_iter().map(|wrong| wrong.field).collect();
    assert_eq!(fields, ["text", "kind", "scope"]);
    let unknown = wire::RecordDecisionRequest {
        text: "x".to_owned(),
        canonical_id: "T9".to_owned(),
        kind: DecisionKind::Yes.into(),
        ..Default::default()
    };
    let refused = suite.clients.resolver().record_decision(unknown).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
}
