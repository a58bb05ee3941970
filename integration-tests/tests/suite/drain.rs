//! A service that is told to end answers what it has begun, says so, and ends well.

use integration_tests::{Processes, Replicas, Service, query};
use proto::resolution::v1 as wire;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Code;
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest,
};
use tonic_types::StatusExt;
use wire::item_outcome::Outcome;

fn message(first: i64) -> wire::StreamResolveRequest {
    let item = |item_number| wire::ResolveItem {
        item_number,
        query: Some(query(&format!("سيرجي لافروف {item_number}"))),
        options: None,
    };
    wire::StreamResolveRequest { items: (first..first + 100).map(item).collect(), options: None }
}

#[tokio::test]
async fn a_stream_gets_its_answers_and_then_is_told_to_go_elsewhere() {
    let mut processes = Processes::start(None).await;
    let (sender, requests) = mpsc::channel(8);
    let mut answers = processes
        .clients
        .resolver()
        .stream_resolve(ReceiverStream::new(requests))
        .await
        .unwrap()
        .into_inner();
    for first in [0, 100, 200, 300] {
        sender.send(message(first)).await.unwrap();
    }
    let mut numbers = Vec::new();
    let first = answers.message().await.unwrap().unwrap();
    numbers.extend(first.outcomes.iter().map(|outcome| outcome.item_number));
    processes.process(Service::Resolver).terminate();
    let ended = loop {
        match answers.message().await {
            Ok(Some(answer)) => {
                numbers.extend(answer.outcomes.iter().map(|outcome| outcome.item_number));
            }
            Ok(None) => panic!("the stream ended as if it were whole"),
            Err(status) => break status,
        }
    };
    assert_eq!(ended.code(), Code::Unavailable, "{ended:?}");
    assert_eq!(ended.get_details_error_info().unwrap().reason, "DRAINING");
    // Whole messages, in order, without gaps: the caller goes on after the last.
    let count = i64::try_from(numbers.len()).unwrap();
    assert_eq!(numbers, (0..count).collect::<Vec<_>>());
    assert!(count >= 100 && count % 100 == 0);
    assert_eq!(processes.wait(Service::Resolver).await.code(), Some(0));
}

#[tokio::test]
async fn every_service_ends_well_when_it_is_told_to() {
    let mut processes = Processes::start(None).await;
    for service in Service::ALL {
        processes.process(service).terminate();
        let status = processes.wait(service).await;
        let log = processes.process(service).log();
        assert_eq!(status.code(), Some(0), "{service:?}: {log}");
        assert!(log.contains("stopped") && !log.contains("cut off"), "{service:?}: {log}");
    }
}

#[tokio::test]
async fn a_stream_of_reflection_that_is_left_open_is_ended_and_not_waited_for() {
    let mut processes = Processes::prepare(Vec::new());
    processes.spawn(Service::Normalizer);
    processes.clients.wait_serving(Service::Normalizer).await;
    let mut client = ServerReflectionClient::new(processes.clients.channel(Service::Normalizer));
    let (sender, requests) = mpsc::channel(1);
    let message_request = Some(MessageRequest::ListServices(String::new()));
    sender.send(ServerReflectionRequest { host: String::new(), message_request }).await.unwrap();
    let answers = client.server_reflection_info(ReceiverStream::new(requests)).await;
    let mut answers = answers.unwrap().into_inner();
    assert!(answers.message().await.unwrap().is_some());
    processes.process(Service::Normalizer).terminate();
    assert_eq!(answers.message().await.unwrap(), None);
    assert_eq!(processes.wait(Service::Normalizer).await.code(), Some(0));
    let log = processes.process(Service::Normalizer).log();
    assert!(log.contains("stopped") && !log.contains("cut off"), "{log}");
    drop(sender);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_survives_the_loss_of_a_matcher_and_goes_on_at_another_resolver() {
    const MESSAGES: i64 = 40;
    const ITEMS: i64 = 10;
    let few = |first| {
        let mut few = message(first);
        few.items.truncate(10);
        few
    };
    let mut replicas = Replicas::start([2, 1, 2, 1], Vec::new()).await;
    let mut resolvers = [0, 1].map(|number| replicas.clients(Service::Resolver, number).resolver());
    let mut numbers: Vec<i64> = Vec::new();
    for (at, resolver) in resolvers.iter_mut().enumerate() {
        let next = i64::try_from(numbers.len()).unwrap();
        let (sender, requests) = mpsc::channel(1);
        let feed = tokio::spawn(async move {
            for first in (next..MESSAGES * ITEMS).step_by(10) {
                // Fails when the stream was ended: the other one begins again.
                if sender.send(few(first)).await.is_err() {
                    break;
                }
            }
        });
        let answers = resolver.stream_resolve(ReceiverStream::new(requests)).await;
        let mut answers = answers.unwrap().into_inner();
        let ended = loop {
            let answer = match answers.message().await {
                Ok(Some(answer)) => answer,
                Ok(None) => break None,
                Err(status) => break Some(status),
            };
            for outcome in answer.outcomes {
                assert!(matches!(outcome.outcome, Some(Outcome::Resolution(_))), "{outcome:?}");
                numbers.push(outcome.item_number);
            }
            match numbers.len() {
                50 => replicas.kill(Service::Matcher, 0),
                150 if at == 0 => replicas.process(Service::Resolver, 0).terminate(),
                _ => {}
            }
        };
        feed.await.unwrap();
        match ended {
            Some(status) => {
                let told = status.get_details_error_info().map(|info| info.reason);
                assert_eq!((at, told.as_deref()), (0, Some("DRAINING")), "{status:?}");
            }
            None => assert_eq!(at, 1, "the first stream was to be cut short"),
        }
    }
    assert_eq!(numbers, (0..MESSAGES * ITEMS).collect::<Vec<_>>());
}
