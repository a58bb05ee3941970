//! Every spelling of a name has one canonical id, whichever call is asked.

use integration_tests::{Clients, Processes, Service, catalogue::MISSION, query};
use proto::{resolution::v1 as wire, vocabulary::Verdict};
use wire::{item_outcome, resolve_outcome};

#[tokio::test]
async fn all_spellings_of_a_name_have_one_canonical_id_over_every_call() {
    let processes = Processes::start(None).await;
    unary(&processes.clients).await;
    batch(&processes.clients).await;
    stream(&processes.clients).await;
}

async fn unary(clients: &Clients) {
    for (spelling, id) in MISSION {
        check(spelling, id, clients.resolve(spelling).await);
    }
}

async fn batch(clients: &Clients) {
    let queries = MISSION.map(|(spelling, _)| query(spelling)).to_vec();
    let request = wire::BatchResolveRequest { queries, options: None };
    let outcomes = clients.resolver().batch_resolve(request).await.unwrap().into_inner().outcomes;
    assert_eq!(outcomes.len(), MISSION.len());
    for ((spelling, id), outcome) in MISSION.into_iter().zip(outcomes) {
        let Some(resolve_outcome::Outcome::Resolution(found)) = outcome.outcome else {
            panic!("{spelling} was refused")
        };
        check(spelling, id, found);
    }
}

async fn stream(clients: &Clients) {
    let message = |(number, (spelling, _)): (i64, (&str, _))| wire::StreamResolveRequest {
        items: vec![wire::ResolveItem {
            item_number: number,
            query: Some(query(spelling)),
            options: None,
        }],
        options: None,
    };
    let messages: Vec<_> = (100..).zip(MISSION).map(message).collect();
    let mut answers =
        clients.resolver().stream_resolve(tokio_stream::iter(messages)).await.unwrap().into_inner();
    for (number, (spelling, id)) in (100..).zip(MISSION) {
        let outcome = answers.message().await.unwrap().unwrap().outcomes.remove(0);
        assert_eq!(outcome.item_number, number);
        let Some(item_outcome::Outcome::Resolution(found)) = outcome.outcome else {
            panic!("{spelling} was refused")
        };
        check(spelling, id, found);
    }
    assert!(answers.message().await.unwrap().is_none());
}

fn check(spelling: &str, id: &str, found: wire::Resolution) {
    assert_eq!(found.canonical_id, id, "{spelling}: {}", found.reason);
    assert_eq!((found.verdict(), found.text.as_str()), (Verdict::Match, spelling));
    assert_eq!(found.entity.unwrap().canonical_id, id);
    assert!(found.degradations.is_empty() && !found.reason.is_empty() && found.score >= 0.8);
}

#[tokio::test]
async fn the_order_in_which_services_start_does_not_matter() {
    let mut processes = Processes::prepare(Vec::new());
    for service in [Service::Resolver, Service::Matcher, Service::Normalizer] {
        processes.spawn(service);
    }
    let clients = processes.clients.clone();
    clients.wait_serving(Service::Normalizer).await;
    processes.spawn(Service::Registry);
    processes.wait_serving().await;
    let version = clients.import(integration_tests::catalogue::starter()).await;
    let found = clients.resolve_at("بيونج يانج", version).await;
    assert_eq!(found.canonical_id, "Q18808");
}
