//! One Redis server: reads within a budget, writes behind the caller's back.

use std::iter::zip;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use redis::{RedisResult, Value};
use tokio::task::JoinSet;
use tracing::{Instrument, Span, debug_span};

use crate::envelope::{self, Sealed};
use crate::key::{Key, Slot, Space};
use crate::link::{Link, Trouble};
use crate::remote::Reply;
use crate::writes::Writes;

/// Keys of one exchange. Redis serves nobody else meanwhile, and the values of a thousand keys come
/// well within the budget; a longer batch asks again, within what is left of it.
const KEYS_MAX: usize = 1_000;

/// A server, reached or not.
pub(crate) struct Server {
    link: Arc<Link>,
    read: Read,
    budget: Duration,
    writes: Writes,
    /// Ends the background work with the server.
    _tasks: JoinSet<()>,
}

/// How many values are read in one exchange.
#[derive(Clone, Copy)]
pub(crate) enum Read {
    /// By one `MGET`, the fastest.
    Mget,
    /// By a `GET` each: a node of a cluster refuses an `MGET` of keys in several slots.
    Gets,
}

impl Read {
    /// Read in traces; the keys are hashes and tell nothing.
    fn span(self, keys: usize) -> Span {
        let (name, operation) = match self {
            Read::Mget => ("redis MGET", "MGET"),
            Read::Gets => ("redis GET", "GET"),
        };
        debug_span!(
            "redis",
            otel.name = name,
            otel.kind = "client",
            db.system.name = "redis",
            db.operation.name = operation,
            db.operation.batch.size = keys,
        )
    }
}

/// A key as it is asked for.
pub(crate) struct Asked {
    pub(crate) slot: Slot,
    /// The full name of the value.
    pub(crate) name: String,
}

impl Asked {
    pub(crate) fn new(space: &Space, key: Key) -> Asked {
        Asked { slot: space.slot(key), name: space.name(key) }
    }
}

impl Server {
    /// Starts to connect and returns at once. Must be called inside a tokio runtime.
    pub(crate) fn open(link: Link, read: Read, budget: Duration) -> Server {
        let link = Arc::new(link);
        let (writes, queue) = Writes::new(Arc::clone(&link));
        let mut tasks = JoinSet::new();
        let keeper = Arc::clone(&link);
        tasks.spawn(async move { keeper.keep().await });
        tasks.spawn(queue.drain());
        Server { link, read, budget, writes, _tasks: tasks }
    }

    /// Since when it has been away; `None` while it is there.
    pub(crate) fn away_since(&self) -> Option<SystemTime> {
        self.link.away_since()
    }

    /// One reply a key, in order, after one budget at most.
    pub(crate) async fn read(&self, asked: &[Asked]) -> Vec<Reply> {
        let began = Instant::now();
        let mut left = self.budget;
        let mut replies = Vec::with_capacity(asked.len());
        for asked in asked.chunks(KEYS_MAX) {
            let exchange = self.exchange(asked, left).instrument(self.read.span(asked.len()));
            let Ok(values) = exchange.await else { break };
            replies.extend(zip(asked, values).map(|(asked, value)| self.reply(asked.slot, value)));
            left = self.budget.saturating_sub(began.elapsed());
        }
        replies.resize_with(asked.len(), || Reply::Degraded);
        replies
    }

    /// Stores the values when it can, or drops them. Never waits.
    pub(crate) fn write(&self, space: &Space, values: impl IntoIterator<Item = (Key, Sealed)>) {
        self.writes.push(space, values);
    }

    async fn exchange(
        &self,
        asked: &[Asked],
        limit: Duration,
    ) -> Result<Vec<RedisResult<Value>>, Trouble> {
        let names = asked.iter().map(|asked| &asked.name);
        match self.read {
            Read::Mget => {
                let mut command = redis::cmd("MGET");
                names.for_each(|name| _ = command.arg(name));
                let values = self.link.exchange(limit, async |mut connection| {
                    command.query_async::<Vec<Value>>(&mut connection).await
                });
                Ok(values.await?.into_iter().map(Ok).collect())
            }
            Read::Gets => {
                let mut pipeline = redis::Pipeline::with_capacity(asked.len());
                pipeline.ignore_errors();
                names.for_each(|name| _ = pipeline.cmd("GET").arg(name));
                let values = self.link.exchange(limit, async |mut connection| {
                    pipeline.query_async(&mut connection).await
                });
                values.await
            }
        }
    }

    fn reply(&self, slot: Slot, value: RedisResult<Value>) -> Reply {
        match value {
            // A key of another type, such as a list, is `nil` to `MGET` too; `SET` will replace it.
            Ok(Value::Nil) => Reply::Miss,
            Ok(Value::BulkString(stored)) => {
                envelope::open(slot, &Bytes::from(stored)).map_or(Reply::Garbage, Reply::Hit)
            }
            // The slot is elsewhere, or on its way: who knows the cluster should ask it again.
            Err(error) if error.is_cluster_error() => {
                self.link.misdirected();
                Reply::Degraded
            }
            Ok(_) | Err(_) => Reply::Garbage,
        }
    }
}
