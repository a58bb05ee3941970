//! A server with too much work refuses at once what would wait too long, and nothing else.

use std::{convert::identity, sync::Arc};

use chassis::ServerConfig;
use tokio::{
    net::TcpListener,
    sync::{Notify, Semaphore},
    task::JoinSet,
};
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_types::StatusExt;

use crate::fixture::{Replica, config, pool, send, until};

#[tokio::test]
async fn what_would_wait_too_long_is_refused_and_told_when_to_come_back() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gate = Arc::new(Semaphore::new(0));
    let (passed, begun) = (Arc::clone(&gate), Arc::new(Notify::new()));
    let begins = Arc::clone(&begun);
    let replica =
        Replica::start_on(listener, ServerConfig { work_max: 2, ..config() }, move |text| {
            let (passed, begins) = (Arc::clone(&passed), Arc::clone(&begins));
            async move {
                begins.notify_one();
                drop(passed.acquire().await);
                Ok(text)
            }
        });
    let pool = pool(&[replica.at]);

    let mut admitted = JoinSet::new();
    for _ in 0..2 {
        let pool = pool.clone();
        admitted.spawn(async move { send(&pool, "first", identity).await });
        begun.notified().await;
    }
    for _ in 0..3 {
        let refused = send(&pool, "later", identity).await.unwrap_err();
        assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
        assert_eq!(refused.get_details_error_info().unwrap().reason, "OVERLOADED");
        let wait = refused.get_details_retry_info().and_then(|info| info.retry_delay);
        assert!(wait.is_some_and(|wait| !wait.is_zero()), "{refused:?}");
    }
    assert_eq!(replica.asked(), 2, "the others were refused before any work");

    let mut health = HealthClient::new(pool.clone());
    health.check(HealthCheckRequest::default()).await.unwrap();

    gate.add_permits(1);
    while let Some(answer) = admitted.join_next().await {
        assert_eq!(answer.unwrap().unwrap(), "first");
    }
    until("it takes work again", async || send(&pool, "again", identity).await.is_ok()).await;
}
