//! The life of an entity over the wire: what is answered, and what is refused with which field.

use proto::{registry::v1 as wire, r#type::v1 as shared};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::fixture::{Fixture, entity};

fn update(entity: wire::Entity, paths: &[&str]) -> wire::UpdateEntityRequest {
    let paths: Vec<_> = paths.iter().map(|path| (*path).to_owned()).collect();
    let update_mask = (!paths.is_empty()).then_some(prost_types::FieldMask { paths });
    wire::UpdateEntityRequest { entity: Some(entity), update_mask, note: note() }
}

fn note() -> Option<wire::ChangeNote> {
    Some(wire::ChangeNote { actor: "a person".into(), comment: "known better".into() })
}

fn merge(survivor: &str, merged: &[&str]) -> wire::MergeEntitiesRequest {
    let merged_ids = merged.iter().map(|id| (*id).to_owned()).collect();
    wire::MergeEntitiesRequest { survivor_id: survivor.into(), merged_ids, note: note() }
}

fn fields(refused: &Status) -> Vec<String> {
    let found = refused.get_details_bad_request().unwrap().field_violations;
    found.into_iter().map(|violation| violation.field).collect()
}

#[tokio::test]
async fn a_mask_says_what_is_set_and_without_one_it_is_what_is_populated() {
    let mut registry = Fixture::start().await;
    let old = wire::Entity { country: "RU".into(), ..entity("Q1", "old") };
    registry.import(vec![old]).await;
    let new = wire::Entity { description: "new".into(), r#type: 0, ..entity("Q1", "new") };
    let request = update(new.clone(), &["description", "country"]);
    let updated = registry.client.update_entity(request).await.unwrap().into_inner();
    let stored = updated.entity.unwrap();
    assert_eq!((stored.names[0].text.as_str(), stored.country.as_str()), ("old", ""));
    assert_eq!((stored.description.as_str(), updated.catalogue_version), ("new", 2));
    let updated = registry.client.update_entity(update(new, &[])).await.unwrap().into_inner();
    assert_eq!(updated.entity.unwrap().names[0].text, "new");
}

#[tokio::test]
async fn what_is_wrong_with_an_update_is_named() {
    let mut registry = Fixture::start().await;
    registry.import(vec![entity("Q1", "a")]).await;
    let bad = wire::Entity { country: "Russia".into(), ..entity("Q1", "a") };
    for (request, expected) in [
        (
            update(entity("Q1", "a"), &["nmaes", "names", "etag"]),
            "update_mask.paths[0] update_mask.paths[2]",
        ),
        (update(bad.clone(), &["country"]), "entity.country"),
        (update(entity("a b", "a"), &["names"]), "entity.canonical_id"),
        (
            update(wire::Entity { names: Vec::new(), ..entity("Q1", "") }, &["names"]),
            "entity.names",
        ),
        (
            update(wire::Entity { canonical_id: "Q1".into(), ..Default::default() }, &[]),
            "update_mask",
        ),
        (wire::UpdateEntityRequest::default(), "entity"),
    ] {
        let refused = registry.client.update_entity(request).await.unwrap_err();
        assert_eq!(
            (refused.code(), fields(&refused).join(" ").as_str()),
            (Code::InvalidArgument, expected)
        );
    }
    // What is not set need not be right.
    assert!(registry.client.update_entity(update(bad, &["names"])).await.is_ok());
}

#[tokio::test]
async fn an_old_etag_is_aborted_and_an_unknown_id_not_found() {
    let mut registry = Fixture::start().await;
    registry.import(vec![entity("Q1", "a")]).await;
    let guarded = wire::Entity { etag: "old".into(), ..entity("Q1", "b") };
    let refused = registry.client.update_entity(update(guarded, &["names"])).await.unwrap_err();
    assert_eq!(refused.code(), Code::Aborted);
    let unknown = registry.client.update_entity(update(entity("Q9", "b"), &["names"])).await;
    assert_eq!(unknown.unwrap_err().code(), Code::NotFound);
    let delete =
        wire::DeleteEntityRequest { canonical_id: "Q1".into(), etag: "old".into(), note: None };
    assert_eq!(registry.client.delete_entity(delete).await.unwrap_err().code(), Code::Aborted);
}

#[tokio::test]
async fn a_merged_entity_tells_where_it_went_and_its_history_who_and_why() {
    let mut registry = Fixture::start().await;
    registry.import(vec![entity("Q1", "a"), entity("Q2", "b")]).await;
    let merged = registry.client.merge_entities(merge("Q1", &["Q2"])).await.unwrap().into_inner();
    assert_eq!((merged.entity.unwrap().names.len(), merged.catalogue_version), (2, 4));
    let get = wire::GetEntityRequest { canonical_id: "Q2".into() };
    let gone = registry.client.get_entity(get).await.unwrap().into_inner().entity.unwrap();
    assert_eq!((gone.state(), gone.redirect_id.as_str()), (wire::LifecycleState::Merged, "Q1"));
    let canonical_ids = vec!["Q2".into(), "Q9".into()];
    let request = wire::ResolveIdsRequest { canonical_ids, as_of_time: None };
    let resolved = registry.client.resolve_ids(request).await.unwrap().into_inner().resolutions;
    assert_eq!(
        (&resolved[0].current_ids, &resolved[0].path),
        (&vec!["Q1".into()], &vec!["Q2".into(), "Q1".into()])
    );
    assert_eq!(resolved[1].state(), wire::LifecycleState::Unspecified);

    let request = wire::ListChangesRequest { canonical_id: "Q2".into(), ..Default::default() };
    let changes = registry.client.list_changes(request).await.unwrap().into_inner().changes;
    assert_eq!((changes.len(), changes[0].kind()), (2, wire::ChangeKind::Merged));
    assert_eq!((&changes[0].note, &changes[0].change_id), (&note(), &merged.change_id));

    let request = wire::RevertChangeRequest { change_id: merged.change_id.clone(), note: note() };
    let reverted = registry.client.revert_change(request).await.unwrap().into_inner();
    assert_eq!(reverted.entities.len(), 2);
    let request = wire::ListChangesRequest { page_size: 1, ..Default::default() };
    let page = registry.client.list_changes(request).await.unwrap().into_inner();
    assert_eq!(page.changes[0].reverted_change_id, merged.change_id);
    let request =
        wire::ListChangesRequest { page_token: page.next_page_token, ..Default::default() };
    assert_eq!(registry.client.list_changes(request).await.unwrap().into_inner().changes.len(), 5);
}

#[tokio::test]
async fn a_redirect_to_itself_and_to_what_is_gone_is_refused() {
    let mut registry = Fixture::start().await;
    registry.import(vec![entity("Q1", "a"), entity("Q2", "b"), entity("Q3", "c")]).await;
    let request = merge("Q1", &["Q2", "Q1", "Q2"]);
    let refused = registry.client.merge_entities(request).await.unwrap_err();
    assert_eq!(fields(&refused), ["merged_ids[1]", "merged_ids[2]"]);
    registry.client.merge_entities(merge("Q1", &["Q2"])).await.unwrap();
    for request in [merge("Q2", &["Q1"]), merge("Q3", &["Q2"])] {
        let refused = registry.client.merge_entities(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::FailedPrecondition);
        assert!(refused.message().contains("`Q2` is merged into `Q1`"), "{}", refused.message());
    }
}

#[tokio::test]
async fn a_split_names_the_successor_that_is_wrong() {
    let mut registry = Fixture::start().await;
    registry.import(vec![entity("Q1", "a")]).await;
    let split = |successors| wire::SplitEntityRequest {
        canonical_id: "Q1".into(),
        successors,
        ..Default::default()
    };
    let bad = vec![entity("R1", "x"), wire::Entity { r#type: 0, ..entity("R1", "…") }];
    let refused = registry.client.split_entity(split(bad)).await.unwrap_err();
    let found = fields(&refused);
    assert_eq!(
        found,
        ["successors[1].canonical_id", "successors[1].type", "successors[1].names[0].text"]
    );
    let refused = registry.client.split_entity(split(vec![entity("", "x")])).await.unwrap_err();
    assert_eq!(fields(&refused), ["successors"]);
    let two = vec![entity("", "x"), entity("R2", "y")];
    let made = registry.client.split_entity(split(two)).await.unwrap().into_inner();
    assert_eq!((made.successors.len(), made.catalogue_version), (2, 4));
    assert!(made.successors[0].canonical_id.starts_with("hw-"));
}

#[tokio::test]
async fn a_decision_is_recorded_and_what_is_wrong_with_one_is_named() {
    let mut registry = Fixture::start().await;
    let create =
        |decision| wire::CreateDecisionRequest { decision: Some(decision), ..Default::default() };
    let bad = shared::Decision {
        text: "…".into(),
        kind: shared::DecisionKind::Yes.into(),
        scope: "a b".into(),
        expire_time: Some(prost_types::Timestamp { seconds: 1, nanos: 0 }),
        ..Default::default()
    };
    let refused = registry.client.create_decision(create(bad)).await.unwrap_err();
    let expected =
        ["decision.text", "decision.canonical_id", "decision.scope", "decision.expire_time"];
    assert_eq!(fields(&refused), expected);
    let good = shared::Decision {
        text: "Пхеньян".into(),
        kind: shared::DecisionKind::No.into(),
        actor: "a person".into(),
        ..Default::default()
    };
    let made = registry.client.create_decision(create(good)).await.unwrap().into_inner();
    let made = made.decision.unwrap();
    let request =
        wire::BatchLookupDecisionsRequest { forms: vec![made.form.clone()], scope: String::new() };
    let found = registry.client.batch_lookup_decisions(request).await.unwrap().into_inner();
    assert_eq!(found.decision_sets[0].decisions, std::slice::from_ref(&made));
    let listed =
        registry.client.list_decisions(wire::ListDecisionsRequest::default()).await.unwrap();
    assert_eq!(listed.into_inner().decisions, [made]);
}
