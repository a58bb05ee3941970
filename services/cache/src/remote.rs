//! The Redis level: what other processes computed, within the budget of a request.

use std::iter::zip;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use redis::Value;
use tokio::task::JoinSet;
use tracing::{Instrument, debug_span};

use crate::config::CacheError;
use crate::envelope::{self, Sealed};
use crate::key::{Key, Slot, Space};
use crate::link::{Link, Trouble};
use crate::writes::Writes;

/// Keys of one `MGET`. Redis serves nobody else meanwhile, and the values of a thousand keys come
/// well within the budget; a longer batch asks again, within what is left of it.
const MGET_KEYS_MAX: usize = 1_000;

/// Redis, reached or not.
pub(crate) struct Remote {
    link: Arc<Link>,
    budget: Duration,
    writes: Writes,
    /// Ends the background work with the cache.
    _tasks: JoinSet<()>,
}

/// What Redis says about one key.
pub(crate) enum Reply {
    /// The bytes of the message.
    Hit(Bytes),
    Miss,
    Garbage,
    /// Not asked, or no answer in time.
    Degraded,
}

impl Remote {
    /// Starts to connect and returns at once. Must be called inside a tokio runtime.
    pub(crate) fn open(
        url: &str,
        budget: Duration,
        cache: &'static str,
    ) -> Result<Remote, CacheError> {
        let link = Arc::new(Link::new(cache, redis::Client::open(url)?, budget));
        let (writes, queue) = Writes::new(cache, Arc::clone(&link));
        let mut tasks = JoinSet::new();
        let keeper = Arc::clone(&link);
        tasks.spawn(async move { keeper.keep().await });
        tasks.spawn(queue.drain());
        Ok(Remote { link, budget, writes, _tasks: tasks })
    }

    /// Since when Redis has been away; `None` while it is there.
    pub(crate) fn away_since(&self) -> Option<SystemTime> {
        self.link.away_since()
    }

    /// One reply a key, in order, after one budget at most.
    pub(crate) async fn read(&self, space: &Space, keys: &[Key]) -> Vec<Reply> {
        let asked = Instant::now();
        let mut left = self.budget;
        let mut replies = Vec::with_capacity(keys.len());
        for keys in keys.chunks(MGET_KEYS_MAX) {
            let Ok(values) = self.mget(space, keys, left).await else { break };
            let slots = keys.iter().map(|key| space.slot(*key));
            replies.extend(zip(slots, values).map(|(slot, value)| reply(slot, value)));
            left = self.budget.saturating_sub(asked.elapsed());
        }
        replies.resize_with(keys.len(), || Reply::Degraded);
        replies
    }

    async fn mget(
        &self,
        space: &Space,
        keys: &[Key],
        limit: Duration,
    ) -> Result<Vec<Value>, Trouble> {
        // Read in traces; the keys are hashes and tell nothing.
        let span = debug_span!(
            "redis",
            otel.name = "redis MGET",
            otel.kind = "client",
            db.system.name = "redis",
            db.operation.name = "MGET",
            db.operation.batch.size = keys.len(),
        );
        let mut command = redis::cmd("MGET");
        for key in keys {
            command.arg(space.name(*key));
        }
        self.link
            .exchange(limit, async |mut connection| command.query_async(&mut connection).await)
            .instrument(span)
            .await
    }

    /// Stores the values when it can, or drops them. Never waits.
    pub(crate) fn write(&self, space: &Space, values: impl IntoIterator<Item = (Key, Sealed)>) {
        self.writes.push(space, values);
    }
}

fn reply(slot: Slot, value: Value) -> Reply {
    match value {
        // A key of another type, such as a list, is `nil` to `MGET` too; `SET` will replace it.
        Value::Nil => Reply::Miss,
        Value::BulkString(stored) => {
            envelope::open(slot, &Bytes::from(stored)).map_or(Reply::Garbage, Reply::Hit)
        }
        _ => Reply::Garbage,
    }
}
