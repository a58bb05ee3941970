//! An answer follows the catalogue, cached or not.

use std::time::{Duration, Instant};

use integration_tests::{Suite, catalogue::person, until_within};
use proto::{registry::v1 as registry, resolution::v1 as wire, vocabulary::Verdict};
use tonic::Code;
use wire::AnswerOrigin;

/// The resolver asks the matcher every fifth of a second; the rest is for a busy machine.
const SOON: Duration = Duration::from_secs(1);

async fn cached(suite: &Suite, text: &str) -> String {
    suite.clients.resolve(text).await;
    let again = suite.clients.resolve(text).await;
    assert_eq!(again.origin(), AnswerOrigin::LocalCache);
    again.canonical_id
}

#[tokio::test]
async fn a_caller_that_names_the_version_reads_its_own_writes() {
    let suite = Suite::start().await;
    let entity = Some(person("T1", &["Zayd Qutrub", "زيد قطرب"]));
    assert_eq!(suite.clients.resolve("زيد قطرب").await.verdict(), Verdict::NoMatch);
    let request = registry::CreateEntityRequest { entity, ..Default::default() };
    let created = suite.clients.registry().create_entity(request).await.unwrap().into_inner();
    let found = suite.clients.resolve_at("زيد قطرب", created.catalogue_version).await;
    assert_eq!(found.canonical_id, "T1");
    assert!(found.catalogue_version >= created.catalogue_version);
}

#[tokio::test]
async fn a_cached_answer_is_not_given_to_a_caller_that_names_a_later_version() {
    let suite = Suite::start_empty().await;
    let version = suite.clients.import(vec![person("T1", &["Zayd Qutrub"])]).await;
    suite.clients.settle(version).await;
    assert_eq!(cached(&suite, "Zayd Qutrub").await, "T1");
    for (old, new) in [("T1", "T2"), ("T2", "T1"), ("T1", "T2")] {
        let moved = vec![person(old, &["Hilal Barmak"]), person(new, &["Zayd Qutrub"])];
        let version = suite.clients.import(moved).await;
        assert_eq!(suite.clients.resolve_at("Zayd Qutrub", version).await.canonical_id, new);
        assert_eq!(suite.clients.resolve_at("Hilal Barmak", version).await.canonical_id, old);
    }
}

#[tokio::test]
async fn a_cached_answer_changes_within_a_second_of_the_catalogue() {
    let suite = Suite::start_empty().await;
    let version = suite.clients.import(vec![person("T1", &["Zayd Qutrub"])]).await;
    suite.clients.settle(version).await;
    assert_eq!(cached(&suite, "Zayd Qutrub").await, "T1");
    let moved = vec![person("T1", &["Hilal Barmak"]), person("T2", &["Zayd Qutrub"])];
    suite.clients.import(moved).await;
    let is_new = async || suite.clients.resolve("Zayd Qutrub").await.canonical_id == "T2";
    until_within(SOON, "the new answer", is_new).await;
    assert_eq!(suite.clients.resolve("Hilal Barmak").await.canonical_id, "T1");
}

#[tokio::test]
async fn a_version_that_does_not_come_is_unavailable_at_the_deadline() {
    let suite = Suite::start_empty().await;
    let options = wire::ResolveOptions { min_catalogue_version: 1_000_000, ..Default::default() };
    let query = Some(integration_tests::query("Zayd Qutrub"));
    let request = wire::ResolveRequest { query, options: Some(options) };
    let mut request = tonic::Request::new(request);
    request.set_timeout(Duration::from_millis(300));
    let asked = Instant::now();
    let refused = suite.clients.resolver().resolve(request).await.unwrap_err();
    // CANCELLED is our own clock, which on a busy machine is read before the refusal.
    let codes = [Code::Unavailable, Code::DeadlineExceeded, Code::Cancelled];
    assert!(codes.contains(&refused.code()), "{refused:?}");
    let took = asked.elapsed();
    assert!(took >= Duration::from_millis(250) && took < Duration::from_secs(5), "{took:?}");
}
