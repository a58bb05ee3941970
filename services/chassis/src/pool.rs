//! Calls a service that has replicas, so that the loss of one is not the loss of a call.
//!
//! Each replica is watched through its own health service (`replica`); which replicas there are
//! is looked up again and again (`members`). A call goes to the less busy of two that serve. One
//! that is marked [`repeatable`] and fails is tried once or twice more elsewhere, within its
//! deadline and while the `budget` lasts; a stream or an unmarked write is never sent twice. With
//! no replica left, a call fails at once with UNAVAILABLE and a time to come back.
//!
//! Retries are here and nowhere above: retries of retries multiply what a struggling service gets.

mod attempt;
mod budget;
mod members;
mod replica;

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use metrics::{counter, describe_counter, describe_gauge};
use tokio::time::{Instant, timeout_at};
use tonic::{Status, body::Body};
use tower::Service;

use self::{
    attempt::{Answer, Attempt, Cause},
    budget::Budget,
    members::{Choice, Members, Membership},
    replica::{LOOK_TIMEOUT, Replica, State},
};
use crate::{Fault, deadline, settings::Addresses};

/// How often one call is sent at most.
const ATTEMPTS_MAX: usize = 3;

/// How long a call waits for replicas that are just being looked at.
const LOOK_MAX: Duration = Duration::from_secs(1 + LOOK_TIMEOUT.as_secs());

/// When a caller may come back that found no replica.
const COME_BACK: Duration = Duration::from_secs(1);

/// Marks a call that may be sent twice: a read, or a write that the service knows again by its
/// `request_id`. Its answer is gathered whole before it is given on, so it must not be a stream.
#[must_use]
pub fn repeatable<T>(mut request: tonic::Request<T>) -> tonic::Request<T> {
    request.extensions_mut().insert(Repeatable);
    request
}

#[derive(Clone, Copy, Debug)]
struct Repeatable;

/// Says what the metrics mean.
pub fn describe_metrics() {
    describe_gauge!("hawiya_pool_replicas", "replicas of a neighbour, by what is known of them");
    describe_counter!("hawiya_pool_retries_total", "calls sent again elsewhere, by cause");
    describe_counter!("hawiya_pool_unretried_total", "retries that the budget did not allow");
    describe_counter!("hawiya_pool_refused_total", "calls for which there was no replica");
}

/// Begins at zero what may stay away for long.
fn begin_counting(neighbour: &'static str) {
    for cause in [Cause::Connection, Cause::Unavailable].map(Cause::name) {
        counter!("hawiya_pool_retries_total", "neighbour" => neighbour, "cause" => cause)
            .increment(0);
    }
    counter!("hawiya_pool_unretried_total", "neighbour" => neighbour).increment(0);
    counter!("hawiya_pool_refused_total", "neighbour" => neighbour).increment(0);
}

/// The replicas of a neighbour, called as if they were one; cheap to clone.
#[derive(Clone, Debug)]
pub struct Pool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    neighbour: &'static str,
    addresses: Addresses,
    members: Membership,
    budget: Budget,
    turn: AtomicUsize,
}

impl Pool {
    /// A pool over the replicas of `neighbour`, as it is called in metrics. Does not wait. Must be
    /// made within a runtime, on which it watches them until it is dropped.
    #[must_use]
    pub fn new(neighbour: &'static str, addresses: &Addresses) -> Self {
        begin_counting(neighbour);
        Self(Arc::new(Inner {
            neighbour,
            addresses: addresses.clone(),
            members: Membership::follow(neighbour, addresses.clone()),
            budget: Budget::default(),
            turn: AtomicUsize::new(0),
        }))
    }
}

impl Service<http::Request<Body>> for Pool {
    type Response = http::Response<Body>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let inner = Arc::clone(&self.0);
        match request.extensions().get::<Repeatable>() {
            Some(Repeatable) => Box::pin(async move { inner.call(request).await }),
            None => Box::pin(async move { inner.call_once(request).await }),
        }
    }
}

impl Inner {
    async fn call_once(&self, request: http::Request<Body>) -> Answer {
        let deadline = deadline::of_headers(request.headers());
        self.replica(&[], deadline).await?.stream(request).await
    }

    async fn call(&self, request: http::Request<Body>) -> Answer {
        let deadline = deadline::of_headers(request.headers());
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        self.budget.earn();
        let mut replica = self.replica(&[], deadline).await?;
        let mut unwilling = Vec::new();
        for sent in 1.. {
            let request = copy_of(&head, &body, deadline);
            let (answer, cause) = match within(deadline, replica.attempt(request)).await {
                Attempt::Done(answer) => return answer,
                Attempt::Failed(answer, cause) => (answer, cause),
            };
            if cause == Cause::Unavailable {
                unwilling.push(replica);
            }
            if sent == ATTEMPTS_MAX || !self.may_repeat(cause) {
                return answer;
            }
            replica = match self.replica(&unwilling, deadline).await {
                Ok(replica) => replica,
                // What the last one said tells more than that there is no other.
                Err(_) => return answer,
            };
        }
        unreachable!("the last attempt returns")
    }

    fn may_repeat(&self, cause: Cause) -> bool {
        let (neighbour, cause) = (self.neighbour, cause.name());
        let allowed = self.budget.spend();
        if allowed {
            counter!("hawiya_pool_retries_total", "neighbour" => neighbour, "cause" => cause)
                .increment(1);
        } else {
            counter!("hawiya_pool_unretried_total", "neighbour" => neighbour).increment(1);
        }
        allowed
    }

    /// A replica to call that is not among the `unwilling`. Waits a moment for those that are just
    /// being looked at when there is no better one: a connection that was lost may be back at once.
    async fn replica(
        &self,
        unwilling: &[Arc<Replica>],
        deadline: Option<Instant>,
    ) -> Result<Arc<Replica>, Status> {
        let choose = |members: &Members| self.choose(members, unwilling);
        if let Some(Choice::Of(replica)) = self.members.now(choose) {
            return Ok(replica);
        }
        let look_until = Instant::now() + LOOK_MAX;
        let until = deadline.map_or(look_until, |deadline| deadline.min(look_until));
        match timeout_at(until, self.members.find(choose)).await {
            Ok(Choice::Of(replica)) => Ok(replica),
            _ => Err(self.nobody()),
        }
    }

    fn choose(&self, members: &Members, unwilling: &[Arc<Replica>]) -> Choice {
        let willing: Vec<_> = members
            .iter()
            .filter(|replica| !unwilling.iter().any(|other| Arc::ptr_eq(other, replica)))
            .collect();
        for state in [State::Serving, State::Waiting] {
            let all: Vec<_> = willing.iter().copied().filter(|replica| replica.is(state)).collect();
            if let Some(replica) = self.less_busy(&all) {
                return Choice::Of(Arc::clone(replica));
            }
        }
        let looked_at = willing.iter().any(|replica| replica.is(State::Checked));
        if looked_at { Choice::NotYet } else { Choice::Nobody }
    }

    /// The less busy of two, which two by turns. Always the least busy of all would make every
    /// client run to the same replica; and looking at two is nearly as good (Mitzenmacher 2001).
    fn less_busy<'a>(&self, replicas: &[&'a Arc<Replica>]) -> Option<&'a Arc<Replica>> {
        let count = replicas.len();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let first = replicas.get(turn % count.max(1))?;
        let step = 1 + (turn / count) % (count - 1).max(1);
        let second = replicas[(turn + step) % count];
        Some(if second.calls() < first.calls() { second } else { first })
    }

    fn nobody(&self) -> Status {
        counter!("hawiya_pool_refused_total", "neighbour" => self.neighbour).increment(1);
        Status::from(Fault::Unavailable {
            reason: "NO_REPLICA",
            text: format!("no {} answers at `{}`", self.neighbour, self.addresses),
            retry_after: COME_BACK,
        })
    }
}

fn copy_of(
    head: &http::request::Parts,
    body: &Bytes,
    deadline: Option<Instant>,
) -> http::Request<Body> {
    let mut head = head.clone();
    deadline::pass_on(deadline, &mut head.headers);
    http::Request::from_parts(head, Body::new(Full::new(body.clone())))
}

async fn within(deadline: Option<Instant>, attempt: impl Future<Output = Attempt>) -> Attempt {
    let Some(deadline) = deadline else { return attempt.await };
    timeout_at(deadline, attempt).await.unwrap_or_else(|_| Attempt::Done(Err(attempt::too_late())))
}
