//! Three processes of each service, called all the while: each is restarted in turn, and one is
//! killed. No call fails.
//!
//! The rate is what a busy machine can do in a debug build; `cargo run --release --example load`
//! does it with more.

use integration_tests::{Calls, Load, Replicas, Service, until};

use crate::postgres::Server;

/// Calls a second.
const RATE: usize = 20;

/// Calls that have to end between one event and the next.
const CALLS: usize = 10;

async fn calls_end(load: &Load) {
    let before = load.done();
    until("calls end", async || load.done() >= before + CALLS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_call_fails_while_every_service_is_restarted_and_one_of_each_is_killed() {
    let Some(database) = Server::start() else { return };
    let settings = vec![("DATABASE_URL", database.database())];
    let mut replicas = Replicas::start([3; 4], settings).await;
    let load = Load::start(replicas.callers(), Calls::Mixed, RATE);
    calls_end(&load).await;
    for service in Service::ALL {
        for number in 0..replicas.count(service) {
            replicas.roll(service, number).await;
            calls_end(&load).await;
        }
    }
    for service in Service::ALL {
        replicas.kill(service, 0);
        calls_end(&load).await;
        replicas.spawn(service, 0);
        replicas.wait_serving(service, 0).await;
    }
    let tally = load.stop().await;
    assert_eq!(tally.failures.len(), 0, "of {}:\n{}", tally.answered, tally.complaints());
    assert!(tally.answered >= CALLS * 17);
}
