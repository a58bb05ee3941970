//! Too much work: some is refused at once and told when to come back, the rest is done as ever.

use integration_tests::{Processes, Service, until};
use proto::normalization::v1 as wire;
use tokio::task::JoinSet;
use tonic::{Code, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_types::StatusExt;

use integration_tests::Clients;

/// Callers at a time, many times as many as are worked on.
const CALLERS: usize = 64;

/// Names of a batch: work for a while.
const NAMES: usize = 500;

async fn normalize(clients: Clients) -> Result<usize, Status> {
    let texts = (0..NAMES).map(|number| format!("سيرجي لافروف {number}")).collect();
    let request = wire::BatchNormalizeRequest { texts, options: None };
    let answer = clients.normalizer().batch_normalize(request).await?.into_inner();
    Ok(answer.outcomes.iter().filter(|outcome| outcome.outcome.is_some()).count())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_much_is_refused_at_once_and_the_rest_is_answered() {
    let mut processes = Processes::prepare(vec![("HAWIYA_WORK_MAX", "1".to_owned())]);
    processes.spawn(Service::Normalizer);
    let clients = processes.clients.clone();
    clients.wait_serving(Service::Normalizer).await;

    let mut calls = JoinSet::new();
    for _ in 0..CALLERS {
        calls.spawn(normalize(clients.clone()));
    }
    let (mut answered, mut refused) = (0, 0);
    while let Some(outcome) = calls.join_next().await {
        match outcome.unwrap() {
            Ok(names) => {
                assert_eq!(names, NAMES);
                answered += 1;
            }
            Err(status) => {
                assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
                assert_eq!(status.get_details_error_info().unwrap().reason, "OVERLOADED");
                let wait = status.get_details_retry_info().and_then(|info| info.retry_delay);
                assert!(wait.is_some_and(|wait| !wait.is_zero()), "{status:?}");
                refused += 1;
            }
        }
        // Whoever asks how it is gets an answer all the while.
        let health = clients.health(Service::Normalizer, "").await.unwrap();
        assert_eq!(health, ServingStatus::Serving);
    }
    assert!(answered > 0 && refused > 0, "{answered} answered, {refused} refused");
    let normalizer = processes.process(Service::Normalizer);
    let told = normalizer.metric("hawiya_admission_refused_total", "").await;
    assert_eq!(told, refused as f64);

    let admitted = async || normalize(clients.clone()).await.is_ok();
    until("it takes work again", admitted).await;
    for _ in 0..10 {
        assert_eq!(normalize(clients.clone()).await.unwrap(), NAMES);
    }
    assert_eq!(normalizer.metric("hawiya_admission_queue", "").await, 0.0);
}
