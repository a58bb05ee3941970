//! A call to a service with replicas survives the loss of one of them.

use std::{
    convert::identity,
    future,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chassis::{
    Fault, Pool, repeatable,
    settings::{Addresses, Setting},
};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use crate::fixture::{Line, Replica, config, pool, send, until};

/// Callers that go on until they are told; any call that fails is a panic.
struct Callers {
    done: Arc<AtomicUsize>,
    enough: CancellationToken,
    tasks: JoinSet<()>,
}

impl Callers {
    fn start(pool: &Pool) -> Self {
        let (done, enough) = (Arc::new(AtomicUsize::new(0)), CancellationToken::new());
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            let (pool, done, enough) = (pool.clone(), Arc::clone(&done), enough.clone());
            tasks.spawn(async move {
                while !enough.is_cancelled() {
                    assert_eq!(send(&pool, "لافروف", repeatable).await.unwrap(), "لافروف");
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        Self { done, enough, tasks }
    }

    /// Waits until they made so many more calls.
    async fn make(&self, more: usize) {
        let before = self.done.load(Ordering::Relaxed);
        until("calls are made", async || self.done.load(Ordering::Relaxed) >= before + more).await;
    }

    async fn stop(mut self) {
        self.enough.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
    }
}

fn unavailable() -> Status {
    let text = "as the test wants".to_owned();
    Fault::Unavailable { reason: "TEST", text, retry_after: Duration::from_secs(1) }.into()
}

/// An address of loopback where nobody listens.
async fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn calls_are_spread_and_none_is_lost_with_a_replica() {
    let replicas = [Replica::echo().await, Replica::echo().await, Replica::echo().await];
    let lost = Line::to(replicas[0].at).await;
    let pool = pool(&[lost.at, replicas[1].at, replicas[2].at]);
    let callers = Callers::start(&pool);
    until("all are asked", async || replicas.iter().all(|replica| replica.asked() > 20)).await;
    lost.cut();
    callers.make(100).await;
    let before = replicas[0].asked();
    callers.make(100).await;
    assert_eq!(replicas[0].asked(), before);
    callers.stop().await;
}

#[tokio::test]
async fn a_replica_that_drains_is_left_and_ends_without_waiting_for_its_clients() {
    let [ending, staying] = [Replica::echo().await, Replica::echo().await];
    let pool = pool(&[ending.at, staying.at]);
    let callers = Callers::start(&pool);
    until("both are asked", async || ending.asked() > 20 && staying.asked() > 20).await;
    ending.shutdown.cancel();
    // It would take the twenty seconds of its drain if the pool kept it.
    tokio::time::timeout(Duration::from_secs(15), ending.served).await.unwrap().unwrap().unwrap();
    callers.make(100).await;
    callers.stop().await;
}

/// Two replicas that leave the first call of all without an answer, and the lines to them.
async fn first_call_hangs() -> [(Replica, Line); 2] {
    let asked = Arc::new(AtomicUsize::new(0));
    let hang_first = |asked: Arc<AtomicUsize>| {
        move |text| {
            let is_first = asked.fetch_add(1, Ordering::Relaxed) == 0;
            async move { if is_first { future::pending().await } else { Ok(text) } }
        }
    };
    let one = Replica::start(hang_first(Arc::clone(&asked))).await;
    let other = Replica::start(hang_first(asked)).await;
    let lines = (Line::to(one.at).await, Line::to(other.at).await);
    [(one, lines.0), (other, lines.1)]
}

#[tokio::test]
async fn a_call_is_sent_twice_only_when_it_is_marked() {
    for (mark, times) in [(repeatable as fn(Request<String>) -> _, 2), (identity, 1)] {
        let replicas = first_call_hangs().await;
        let pool = pool(&replicas.each_ref().map(|(_, line)| line.at));
        let call = tokio::spawn(async move { send(&pool, "a", mark).await });
        let asked = || replicas.iter().map(|(replica, _)| replica.asked()).sum::<usize>();
        until("it is asked", async || asked() == 1).await;
        replicas
            .iter()
            .filter(|(replica, _)| replica.asked() == 1)
            .for_each(|(_, line)| line.cut());
        match call.await.unwrap() {
            Ok(answer) => assert_eq!((answer.as_str(), times), ("a", 2)),
            Err(lost) => assert_eq!((lost.code(), times), (Code::Unavailable, 1), "{lost:?}"),
        }
        assert_eq!(asked(), times);
    }
}

#[tokio::test]
async fn a_replica_that_cannot_answer_now_sends_a_read_elsewhere() {
    let unwilling = Replica::start(async |_| Err(unavailable())).await;
    let willing = Replica::echo().await;
    let pool = pool(&[unwilling.at, willing.at]);
    until("both are found", async || {
        drop(send(&pool, "a", identity).await);
        unwilling.asked() > 0 && willing.asked() > 0
    })
    .await;
    let before = unwilling.asked();
    for _ in 0..20 {
        assert_eq!(send(&pool, "a", repeatable).await.unwrap(), "a");
    }
    assert!(unwilling.asked() > before);
}

#[tokio::test]
async fn nobody_is_asked_twice_who_said_that_he_cannot_answer() {
    let unwilling = Replica::start(async |_| Err(unavailable())).await;
    let refused = send(&pool(&[unwilling.at]), "a", repeatable).await.unwrap_err();
    assert_eq!(refused.get_details_error_info().unwrap().reason, "TEST");
    assert_eq!(unwilling.asked(), 1);
}

#[tokio::test]
async fn a_refusal_of_the_request_is_not_repeated() {
    let wrong = async |_| Err(Status::from(Fault::invalid("text", "is wrong")));
    let replicas = [Replica::start(wrong).await, Replica::start(wrong).await];
    let pool = pool(&replicas.each_ref().map(|replica| replica.at));
    let refused = send(&pool, "a", repeatable).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(replicas[0].asked() + replicas[1].asked(), 1);
}

#[tokio::test]
async fn without_a_replica_a_call_fails_at_once_until_there_is_one() {
    let at = nobody().await;
    let pool = pool(&[at]);
    let refused = send(&pool, "a", repeatable).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
    assert_eq!(refused.get_details_error_info().unwrap().reason, "NO_REPLICA");
    assert!(refused.get_details_retry_info().unwrap().retry_delay.is_some());
    assert!(refused.message().contains(&at.to_string()), "{refused:?}");

    let listener = TcpListener::bind(at).await.unwrap();
    let _replica = Replica::start_on(listener, config(), async |text| Ok(text));
    until("it is found", async || send(&pool, "a", repeatable).await.is_ok()).await;
}

#[tokio::test]
async fn the_deadline_of_a_call_holds_for_all_its_attempts() {
    let replicas = [
        Replica::start(async |_| future::pending().await).await,
        Replica::start(async |_| future::pending().await).await,
    ];
    let pool = pool(&replicas.each_ref().map(|replica| replica.at));
    let hurried = |request| {
        let mut request = repeatable(request);
        request.set_timeout(Duration::from_millis(200));
        request
    };
    let late = send(&pool, "a", hurried).await.unwrap_err();
    assert_eq!(late.code(), Code::DeadlineExceeded, "{late:?}");
    assert_eq!(replicas[0].asked() + replicas[1].asked(), 1);
}

#[tokio::test]
async fn a_name_stands_for_the_machines_it_resolves_to() {
    let replica = Replica::echo().await;
    let address = format!("http://localhost:{}", replica.at.port());
    let pool = Pool::new("texts", &Addresses::parse(&address).unwrap());
    assert_eq!(send(&pool, "a", repeatable).await.unwrap(), "a");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_costs_its_caller_and_nobody_else() {
    let too_much = async |text: String| match text.as_str() {
        // More than a client of HTTP/2 takes in headers: it resets the stream.
        "bad" => Err(Status::invalid_argument("a".repeat(40_000))),
        _ => Ok(text),
    };
    let replicas = [Replica::start(too_much).await, Replica::start(too_much).await];
    let pool = pool(&replicas.each_ref().map(|replica| replica.at));
    send(&pool, "good", repeatable).await.unwrap();
    let asked = || replicas.iter().map(Replica::asked).sum::<usize>();
    for calls in 1..=4 {
        let refused = send(&pool, "bad", repeatable).await.unwrap_err();
        assert_eq!(refused.code(), Code::Internal, "{refused:?}");
        assert_eq!(asked(), 1 + calls, "nobody else is asked");
    }
    send(&pool, "good", identity).await.unwrap();
}

#[tokio::test]
async fn an_address_that_does_not_resolve_leaves_the_others() {
    let replica = Replica::echo().await;
    let addresses = Addresses::parse(&format!("http://nowhere.invalid:1,http://{}", replica.at));
    let pool = Pool::new("texts", &addresses.unwrap());
    assert_eq!(send(&pool, "a", identity).await.unwrap(), "a");
}
