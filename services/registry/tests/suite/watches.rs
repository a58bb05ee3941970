//! The change feed over the wire.

use proto::registry::v1::{self as wire, watch_changes_request::Start};
use tonic::Code;
use tonic_types::StatusExt;

use crate::fixture::{Fixture, entity};

fn watch(start: Start) -> wire::WatchChangesRequest {
    wire::WatchChangesRequest { start: Some(start) }
}

fn now() -> wire::WatchChangesRequest {
    watch(Start::StartPoint(wire::StartPoint::Now.into()))
}

#[tokio::test]
async fn a_snapshot_is_followed_by_changes_and_can_be_resumed() {
    let mut registry = Fixture::start().await;
    registry.import(vec![entity("Q1", "a")]).await;
    let request = wire::WatchChangesRequest { start: None };
    let mut told = registry.client.watch_changes(request).await.unwrap().into_inner();
    let snapshot = told.message().await.unwrap().unwrap();
    assert_eq!(snapshot.changes[0].kind(), wire::ChangeKind::Snapshot);
    assert_eq!(snapshot.catalogue_version, None);
    let closing = told.message().await.unwrap().unwrap();
    assert_eq!(closing.catalogue_version, Some(1));

    registry.import(vec![entity("Q1", "b")]).await;
    let batch = told.message().await.unwrap().unwrap();
    let change = &batch.changes[0];
    assert_eq!((change.kind(), change.catalogue_version), (wire::ChangeKind::Updated, 2));
    assert_eq!(change.note.as_ref().unwrap().actor, "tests");
    assert!(!change.change_id.is_empty() && change.commit_time.is_some());

    let resumed = watch(Start::ResumeToken(closing.resume_token));
    let mut again = registry.client.watch_changes(resumed).await.unwrap().into_inner();
    assert!(again.message().await.unwrap().unwrap().changes.is_empty());
    assert_eq!(again.message().await.unwrap().unwrap().changes, batch.changes);
}

#[tokio::test]
async fn a_token_of_another_catalogue_means_begin_with_a_snapshot() {
    let (mut one, mut other) = (Fixture::start().await, Fixture::start().await);
    let mut told = other.client.watch_changes(now()).await.unwrap().into_inner();
    let token = told.message().await.unwrap().unwrap().resume_token;
    let refused = one.client.watch_changes(watch(Start::ResumeToken(token))).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert!(refused.message().contains("begin with a snapshot"));
    let unknown = one.client.watch_changes(watch(Start::StartPoint(9))).await.unwrap_err();
    assert_eq!(unknown.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_drain_ends_a_watch_and_says_when_to_come_back() {
    let mut registry = Fixture::start().await;
    let mut told = registry.client.watch_changes(now()).await.unwrap().into_inner();
    told.message().await.unwrap().unwrap();
    registry.shutdown.cancel();
    let end = told.message().await.unwrap_err();
    assert_eq!(end.code(), Code::Unavailable);
    assert!(end.get_details_retry_info().is_some());
    drop(told);
    registry.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_watcher_that_does_not_read_holds_up_nobody() {
    let mut registry = Fixture::start().await;
    let large = |id: usize, text: &str| {
        let mut entity = entity(&format!("Q{id}"), "x");
        let value = text.repeat(2_000);
        entity.attributes = (0..100).map(|key| (format!("k{key}"), value.clone())).collect();
        entity
    };
    let lazy = registry.client.watch_changes(now()).await.unwrap();
    for text in ["a", "b", "c", "d"] {
        registry.import((0..15).map(|id| large(id, text)).collect()).await;
    }
    let mut lazy = lazy.into_inner();
    let mut version = 0;
    while version < 60 {
        let batch = lazy.message().await.unwrap().unwrap();
        for change in batch.changes {
            version += 1;
            assert_eq!(change.catalogue_version, version);
        }
    }
}
