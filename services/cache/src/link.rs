//! Whether Redis is there: one connection, the judgement on it, and the loop that brings it back.
//!
//! One failed exchange is enough to give a connection up. From then on nobody waits for Redis: a
//! request that finds no connection computes at once, while [`Link::keep`] knocks in the
//! background. Waiting for a second failure would cost more requests their budget and win
//! nothing, since knocking is cheap and the first knock comes at once.
//!
//! The client's own `ConnectionManager` is not used: it reconnects inside a request and retries
//! there, so that how long a request takes is decided by its settings and not by our budget.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use redis::aio::MultiplexedConnection;
use redis::{ErrorKind, RedisError, RedisResult, ServerErrorKind, Value};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

use crate::complaint::Complaint;
use crate::meters::{Presence, record_exchange};
use crate::peer::{Connection, Peer};

/// Longest wait for a connection, TLS, greeting and password included. Nobody waits for it but the loop.
pub(crate) const CONNECT_MAX: Duration = Duration::from_millis(500);

/// Pauses between knocks grow from the first to the second, so that a Redis that is back is found
/// within a second, connecting included.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_millis(400);

/// A connection that lasted this long was sound; after a shorter one the loop pauses before it
/// knocks again, lest a Redis that answers only knocks costs one budget after the other.
const SOUND: Duration = Duration::from_secs(5);

/// How often an idle connection is tried, so that [`Link::away_since`] is true of a quiet service too.
const IDLE_TRY: Duration = Duration::from_secs(1);

/// The connection to a server, when there is one.
pub(crate) struct Link {
    presence: Arc<Presence>,
    peer: Peer,
    budget: Duration,
    state: Mutex<State>,
    lost: Notify,
    /// Who wants to know when the server is lost, or is not the one to ask; of a cluster only.
    moved: Option<Arc<Notify>>,
}

/// Why an exchange brought nothing. The texts hold no password: the client quotes only the server.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("no connection")]
    Away,
    #[error("no answer within {0:?}")]
    Slow(Duration),
    #[error(
        "it is a node of a cluster: begin `REDIS_URL` with `redis-cluster://` or `rediss-cluster://`"
    )]
    Cluster,
    #[error(transparent)]
    Redis(#[from] redis::RedisError),
}

impl Trouble {
    /// Whether only a node of a cluster says so.
    fn is_of_cluster(&self) -> bool {
        let cross_slot = ErrorKind::Server(ServerErrorKind::CrossSlot);
        matches!(self, Trouble::Redis(error) if error.is_cluster_error() || error.kind() == cross_slot)
    }
}

struct State {
    line: Option<Line>,
    /// When the last line was lost, or the cache made.
    since: SystemTime,
    /// Lines so far.
    lines: u64,
    complaint: Complaint,
}

#[derive(Clone)]
struct Line {
    connection: Connection,
    /// Tells a late failure of an old connection from a failure of this one.
    number: u64,
}

impl Link {
    pub(crate) fn new(
        presence: Arc<Presence>,
        peer: Peer,
        budget: Duration,
        moved: Option<Arc<Notify>>,
    ) -> Link {
        presence.enters();
        let since = SystemTime::now();
        let state = State { line: None, since, lines: 0, complaint: Complaint::default() };
        Link { presence, peer, budget, state: Mutex::new(state), lost: Notify::new(), moved }
    }

    /// The service whose cache this is.
    pub(crate) fn cache(&self) -> &'static str {
        self.presence.cache()
    }

    /// The server answered that another one has what it was asked for.
    pub(crate) fn misdirected(&self) {
        self.moved.iter().for_each(|moved| moved.notify_one());
    }

    /// Since when there has been no connection; `None` while there is one.
    pub(crate) fn away_since(&self) -> Option<SystemTime> {
        let state = self.state();
        state.line.is_none().then_some(state.since)
    }

    /// One exchange of at most `limit`. Its failure is the connection's: a command whose refusal
    /// says nothing about the connection turns it into an `Ok`.
    pub(crate) async fn exchange<T, F>(
        &self,
        limit: Duration,
        command: impl FnOnce(MultiplexedConnection) -> F,
    ) -> Result<T, Trouble>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let line = self.state().line.clone().ok_or(Trouble::Away)?;
        let asked = Instant::now();
        let answer = within(limit, command(line.connection.commands.clone())).await;
        record_exchange(self.cache(), asked.elapsed());
        if let Err(trouble) = &answer {
            self.judge(line.number, limit, trouble);
        }
        answer
    }

    fn judge(&self, number: u64, limit: Duration, trouble: &Trouble) {
        // Less than a whole budget, at the end of a long batch, proves nothing about Redis.
        let proof = !matches!(trouble, Trouble::Slow(_)) || limit >= self.budget;
        if proof && self.hang_up(number) {
            self.complain(trouble);
            self.lost.notify_one();
            self.misdirected();
        }
    }

    fn hang_up(&self, number: u64) -> bool {
        let mut state = self.state();
        let current = state.line.as_ref().is_some_and(|line| line.number == number);
        if current {
            state.line = None;
            state.since = SystemTime::now();
            self.presence.lost();
        }
        current
    }

    /// Connects, and connects again whenever the connection is lost. Never returns.
    pub(crate) async fn keep(&self) {
        let mut pause = PAUSE_MIN;
        loop {
            let connected = Instant::now();
            match self.connect().await {
                Ok(connection) => self.hold(connection).await,
                Err(trouble) => self.complain(&trouble),
            }
            if connected.elapsed() >= SOUND {
                pause = PAUSE_MIN;
                continue;
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    async fn connect(&self) -> Result<Connection, Trouble> {
        let connection = within(CONNECT_MAX, self.peer.connect()).await?;
        within(self.budget, self.knock(connection.commands.clone())).await?;
        Ok(connection)
    }

    /// Lends the connection out until it is lost.
    async fn hold(&self, connection: Connection) {
        self.pick_up(connection);
        while timeout(IDLE_TRY, self.lost.notified()).await.is_err() {
            // What comes of it is judged inside.
            let _ = self.exchange(self.budget, |connection| self.knock(connection)).await;
        }
    }

    fn pick_up(&self, connection: Connection) {
        if self.connect_line(connection) {
            info!(cache = self.cache(), address = %self.address(), "redis is back");
        }
    }

    /// Returns whether the log has been told of a trouble that is over now.
    fn connect_line(&self, connection: Connection) -> bool {
        let mut state = self.state();
        state.lines += 1;
        state.line = Some(Line { connection, number: state.lines });
        self.presence.found();
        state.complaint.withdrawn()
    }

    /// Asks what a request asks. A `PING` is answered even where this user may read nothing, and then
    /// every connection would be good until the first request tries it. In a cluster, a node that
    /// says who else has the key is there.
    async fn knock(&self, mut connection: MultiplexedConnection) -> RedisResult<Value> {
        let answer = redis::cmd("MGET").arg("hawiya:knock").query_async(&mut connection).await;
        answer.or_else(|error: RedisError| {
            let is_there = self.moved.is_some() && error.redirect_node().is_some();
            if is_there { Ok(Value::Nil) } else { Err(error) }
        })
    }

    fn complain(&self, trouble: &Trouble) {
        let is_misnamed = self.moved.is_none() && trouble.is_of_cluster();
        let trouble = if is_misnamed { &Trouble::Cluster } else { trouble };
        if self.state().complaint.due() {
            let address = self.address();
            warn!(cache = self.cache(), %address, error = %trouble, "redis is away, computing without it");
        }
    }

    fn address(&self) -> &redis::ConnectionAddr {
        self.peer.address()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No step under this lock can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = RedisResult<T>>,
) -> Result<T, Trouble> {
    timeout(limit, answer).await.map_err(|_| Trouble::Slow(limit))?.map_err(Trouble::from)
}

impl Drop for Link {
    fn drop(&mut self) {
        self.presence.leaves(self.away_since().is_none());
    }
}
