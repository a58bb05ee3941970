//! Readiness is for those who choose a replica: it ends when the index is staler than it may be,
//! and answers do not.

use integration_tests::{Processes, Service, catalogue::MISSION, until};
use proto::{matching::v1 as matching, resolution::v1 as wire};
use tonic_health::pb::health_check_response::ServingStatus;

/// Who stands on the index.
const FOLLOWERS: [Service; 2] = [Service::Matcher, Service::Resolver];

async fn is(processes: &Processes, service: Service, expected: ServingStatus) -> bool {
    let named = processes.clients.health(service, service.wire_name()).await.ok();
    let whole = processes.clients.health(service, "").await.ok();
    named == Some(expected) && whole == Some(expected)
}

async fn wait(processes: &Processes, expected: ServingStatus) {
    for service in FOLLOWERS {
        let what = format!("{service:?} is {expected:?}");
        until(&what, async || is(processes, service, expected).await).await;
    }
}

async fn state(processes: &Processes) -> matching::IndexState {
    let request = matching::GetIndexStatusRequest {};
    processes.clients.matcher().get_index_status(request).await.unwrap().into_inner().state()
}

#[tokio::test]
async fn a_stale_index_is_not_ready_beyond_its_limit_and_still_answers() {
    let limit = ("HAWIYA_INDEX_STALENESS_MAX", "1s".to_owned());
    let mut processes = Processes::start_with(vec![limit]).await;
    processes.kill(Service::Registry);
    wait(&processes, ServingStatus::NotServing).await;
    assert_eq!(state(&processes).await, matching::IndexState::Stale);
    let (text, id) = MISSION[0];
    let found = processes.clients.resolve_uncached(text).await.unwrap();
    assert_eq!(found.canonical_id, id);
    assert!(found.degradations().any(|known| known == wire::Degradation::IndexStale));
    for service in FOLLOWERS {
        let ready = processes.process(service).metric("hawiya_ready", "").await;
        assert_eq!(ready, 0.0, "{service:?}");
    }
    assert!(is(&processes, Service::Normalizer, ServingStatus::Serving).await);

    processes.spawn(Service::Registry);
    wait(&processes, ServingStatus::Serving).await;
}

#[tokio::test]
async fn without_a_limit_a_stale_index_stays_ready() {
    let limit = ("HAWIYA_INDEX_STALENESS_MAX", "0s".to_owned());
    let mut processes = Processes::start_with(vec![limit]).await;
    processes.kill(Service::Registry);
    let is_stale = async || state(&processes).await == matching::IndexState::Stale;
    until("the matcher has lost the registry", is_stale).await;
    let resolver = processes.process(Service::Resolver);
    let knows = async || resolver.metric("hawiya_resolver_index_stale", "").await == 1.0;
    until("the resolver knows", knows).await;
    for service in FOLLOWERS {
        assert!(is(&processes, service, ServingStatus::Serving).await, "{service:?}");
    }
}
