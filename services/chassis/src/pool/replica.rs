//! One replica: a connection, how busy it is, and what its health service says.
//!
//! A replica is followed through `Watch` of `grpc.health.v1` (as gRFC A17 has it), so that one that
//! drains or was killed is left before the next call fails. One that is lost is looked at at once;
//! if that is in vain, or it is lost again soon, after pauses that double.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt;
use metrics::gauge;
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
};
use tonic::Status;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tracing::{debug, info};

use crate::{Channel, channel::CONNECT_TIMEOUT};

/// How long a replica may take to say how it is.
pub(super) const LOOK_TIMEOUT: Duration = Duration::from_secs(2 * CONNECT_TIMEOUT.as_secs());

/// The first and the longest pause before a lost replica is looked at again.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// A replica that served for so long is not one that comes and goes.
const STEADY: Duration = Duration::from_secs(10);

/// A replica that let a call wait to its end, and answered nobody for so long, is doubted.
const SILENCE: Duration = Duration::from_secs(1);

/// What is known of a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum State {
    /// Being looked at.
    Checked,
    /// It says that it serves.
    Serving,
    /// It is there and does not say that it serves: it starts, drains, or is too busy to say
    /// anything. Better than nothing: a call fails at once only when nobody is there.
    Waiting,
    /// It cannot be reached.
    Away,
}

impl State {
    const ALL: [Self; 4] = [Self::Checked, Self::Serving, Self::Waiting, Self::Away];

    fn name(self) -> &'static str {
        match self {
            Self::Checked => "checked",
            Self::Serving => "serving",
            Self::Waiting => "waiting",
            Self::Away => "away",
        }
    }
}

/// A replica.
#[derive(Debug)]
pub(super) struct Replica {
    neighbour: &'static str,
    at: String,
    channel: Channel,
    calls: AtomicUsize,
    state: AtomicU8,
    doubted: Notify,
    heard_ms: AtomicU64,
}

impl Replica {
    pub(super) fn new(neighbour: &'static str, at: String, channel: Channel) -> Self {
        count(neighbour, State::Checked, 1.0);
        Self {
            neighbour,
            at,
            channel,
            calls: AtomicUsize::new(0),
            state: AtomicU8::new(State::Checked as u8),
            doubted: Notify::new(),
            heard_ms: AtomicU64::new(now_ms()),
        }
    }

    /// Its address.
    pub(super) fn at(&self) -> &str {
        &self.at
    }

    pub(super) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    pub(super) fn is(&self, state: State) -> bool {
        self.state.load(Ordering::Relaxed) == state as u8
    }

    /// Calls under way.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// Notes that a call begins, and that it ends when the result is dropped.
    pub(super) fn load(self: &Arc<Self>) -> Load {
        self.calls.fetch_add(1, Ordering::Relaxed);
        Load(Arc::clone(self))
    }

    /// Notes that it answered.
    pub(super) fn heard(&self) {
        self.heard_ms.store(now_ms(), Ordering::Relaxed);
    }

    /// Notes that a caller's time ran out. That alone says little: callers may be in a hurry.
    pub(super) fn kept_waiting(&self) {
        let silent_ms = now_ms().saturating_sub(self.heard_ms.load(Ordering::Relaxed));
        let is_silent = u128::from(silent_ms) >= SILENCE.as_millis();
        if is_silent && self.change(State::Serving, State::Waiting) {
            self.doubted.notify_one();
        }
    }

    /// Notes that it lost a call: nobody else calls it before it was looked at.
    pub(super) fn doubt(&self) {
        let known = [State::Serving, State::Waiting];
        if known.into_iter().any(|state| self.change(state, State::Checked)) {
            self.doubted.notify_one();
        }
    }

    fn change(&self, from: State, to: State) -> bool {
        let (from_number, to_number) = (from as u8, to as u8);
        let order = Ordering::Relaxed;
        let changed = self.state.compare_exchange(from_number, to_number, order, order).is_ok();
        if changed {
            count(self.neighbour, from, -1.0);
            count(self.neighbour, to, 1.0);
        }
        changed
    }

    fn set(&self, state: State) {
        while !State::ALL.into_iter().any(|before| self.change(before, state)) {}
    }

    /// Follows what it says for ever; `told` is called after each change.
    pub(super) async fn follow(self: Arc<Self>, told: impl Fn()) {
        let mut pause = Duration::ZERO;
        loop {
            let begin = Instant::now();
            let end = self.listen(&told).await;
            if end == End::Lost && begin.elapsed() >= STEADY {
                pause = Duration::ZERO;
            }
            self.set(match end {
                End::Silent => State::Waiting,
                // It may be back at once.
                End::Lost if pause.is_zero() => State::Checked,
                End::Lost | End::Unreachable => State::Away,
            });
            debug!(neighbour = self.neighbour, at = self.at, ?end, ?pause, "lost a replica");
            told();
            sleep(pause).await;
            pause = (pause * 2).clamp(PAUSE.0, PAUSE.1);
        }
    }

    /// Listens to its health until it is silent, gone or in doubt.
    async fn listen(&self, told: &impl Fn()) -> End {
        // What was doubted before this look is what it is for.
        let _ = self.doubted.notified().now_or_never();
        let mut client = HealthClient::new(self.channel());
        let look = async {
            let mut health = client.watch(HealthCheckRequest::default()).await?.into_inner();
            Ok::<_, Status>((health.message().await?, health))
        };
        let (mut news, mut health) = match timeout(LOOK_TIMEOUT, look).await {
            Ok(Ok((news @ Some(_), health))) => (news, health),
            Ok(_) => return End::Unreachable,
            Err(_) => return End::Silent,
        };
        while let Some(said) = news {
            self.heard();
            let serving = said.status() == ServingStatus::Serving;
            self.set(if serving { State::Serving } else { State::Waiting });
            info!(neighbour = self.neighbour, at = self.at, serving, "found a replica");
            told();
            news = tokio::select! {
                news = health.message() => news.ok().flatten(),
                // Who only kept a call waiting is still there.
                () = self.doubted.notified() => return if self.is(State::Waiting) {
                    End::Silent
                } else {
                    End::Lost
                },
            };
        }
        End::Lost
    }
}

/// How listening to a replica ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// It was there, and is in doubt now.
    Lost,
    /// Its connection was refused, or broke before it said anything.
    Unreachable,
    /// It took longer than it may.
    Silent,
}

impl Drop for Replica {
    fn drop(&mut self) {
        let state = State::ALL[usize::from(self.state.load(Ordering::Relaxed))];
        count(self.neighbour, state, -1.0);
    }
}

/// A call under way.
#[derive(Debug)]
pub(super) struct Load(Arc<Replica>);

impl Drop for Load {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::Relaxed);
    }
}

fn count(neighbour: &'static str, state: State, change: f64) {
    gauge!("hawiya_pool_replicas", "neighbour" => neighbour, "state" => state.name())
        .increment(change);
}

/// Milliseconds since the first question.
fn now_ms() -> u64 {
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(BEGIN.elapsed().as_millis()).unwrap_or(u64::MAX)
}
