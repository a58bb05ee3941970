//! A neighbour is gone: what can be done without is done without and said so.

use integration_tests::{Processes, Service, catalogue, until};
use proto::{registry::v1 as registry, resolution::v1 as wire};
use tonic::Code;
use tonic_types::StatusExt;
use wire::Degradation::{IndexStale, Normalizer, Registry};

fn degradations(found: &wire::Resolution) -> Vec<wire::Degradation> {
    found.degradations().collect()
}

#[tokio::test]
async fn without_the_registry_the_index_answers_and_says_how_old_it_is() {
    let mut processes = Processes::start(None).await;
    let clients = processes.clients.clone();
    let before = clients.resolve_uncached("لافروف").await.unwrap();
    processes.kill(Service::Registry);

    let found = clients.resolve_uncached("لافروف").await.unwrap();
    assert!(degradations(&found).contains(&Registry), "{found:?}");
    assert_eq!(found.canonical_id, "Q58217");
    let is_stale = async || {
        let found = clients.resolve_uncached("لافروف").await.unwrap();
        assert_eq!(found.canonical_id, "Q58217");
        degradations(&found) == [Registry, IndexStale]
    };
    until("the index is called stale", is_stale).await;

    // The same file: the matcher goes on from where it was.
    processes.spawn(Service::Registry);
    clients.wait_serving(Service::Registry).await;
    let follows = async || {
        let found = clients.resolve_uncached("لافروف").await.unwrap();
        degradations(&found).is_empty() && found.catalogue_version == before.catalogue_version
    };
    until("the matcher follows again", follows).await;
    let entity = Some(catalogue::person("T1", &["Zayd Qutrub", "زيد قطرب"]));
    let request = registry::CreateEntityRequest { entity, ..Default::default() };
    let created = clients.registry().create_entity(request).await.unwrap().into_inner();
    assert_eq!(created.catalogue_version, before.catalogue_version + 1);
    let found = clients.resolve_at("زيد قطرب", created.catalogue_version).await;
    assert_eq!(found.canonical_id, "T1");
    let matcher = processes.process(Service::Matcher);
    assert_eq!(matcher.logged("index built"), 1, "it resumed: {}", matcher.log());
}

#[tokio::test]
async fn without_the_normalizer_the_form_is_the_same() {
    let mut processes = Processes::start(None).await;
    let before = processes.clients.resolve_uncached("بيونج يانج").await.unwrap();
    assert_eq!(degradations(&before), []);
    processes.kill(Service::Normalizer);
    let found = processes.clients.resolve_uncached("بيونج يانج").await.unwrap();
    assert_eq!(degradations(&found), [Normalizer]);
    let degradations = before.degradations.clone();
    assert_eq!(wire::Resolution { degradations, ..found }, before);

    processes.spawn(Service::Normalizer);
    let whole = async || {
        processes.clients.resolve_uncached("بيونج يانج").await.unwrap().degradations.is_empty()
    };
    until("the normalizer is asked again", whole).await;
}

#[tokio::test]
async fn without_the_matcher_an_unknown_mention_is_unavailable_until_it_is_back() {
    let mut processes = Processes::start(None).await;
    let clients = processes.clients.clone();
    clients.resolve("Lavrov").await;
    processes.kill(Service::Matcher);
    let cached = clients.resolve("Lavrov").await;
    assert_eq!(
        (cached.canonical_id.as_str(), cached.origin()),
        ("Q58217", wire::AnswerOrigin::LocalCache)
    );

    let refused = clients.resolve_uncached("Lavrov").await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable, "{refused}");
    let wait = refused.get_details_retry_info().and_then(|info| info.retry_delay);
    assert!(wait.is_some_and(|wait| !wait.is_zero()), "{refused:?}");
    assert_eq!(refused.get_details_error_info().unwrap().reason, "MATCHER_UNAVAILABLE");

    processes.spawn(Service::Matcher);
    let answers = async || match clients.resolve_uncached("Lavrov").await {
        Ok(found) => found.canonical_id == "Q58217",
        Err(status) => {
            assert_eq!(status.code(), Code::Unavailable, "{status}");
            false
        }
    };
    until("answers return", answers).await;
}
