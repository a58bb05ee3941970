//! The queue between computing a value and storing it in Redis.
//!
//! The caller has its answer already and does not wait. Whatever has gathered while one pipeline
//! was under way goes as the next, so that a batch is one exchange and many single values are
//! few. A full queue drops: a value that is not stored is computed again, that is all.

use std::sync::Arc;
use std::time::Duration;

use redis::{Pipeline, RedisError, RedisResult};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tracing::warn;

use crate::complaint::Complaint;
use crate::envelope::Sealed;
use crate::key::{Key, Space};
use crate::link::{Link, Trouble};
use crate::meters::{Written, count_writes, queue_changed};
use crate::ttl::life;

/// Bytes that may wait for a Redis server in this process.
const QUEUE_BYTES_MAX: usize = 16 << 20;

/// A larger value is not stored: it would take Redis longer to send than most take to compute.
const VALUE_BYTES_MAX: usize = 1 << 20;

/// Values and bytes of one pipeline. Reads share the connection and queue up behind it, so it
/// should take a small part of their budget.
const PIPELINE_VALUES_MAX: usize = 500;
const PIPELINE_BYTES_MAX: usize = 256 << 10;

/// Nobody waits for a write, so it may take longer than a read before Redis counts as away.
const WRITE_MAX: Duration = Duration::from_secs(1);

/// The end of the queue that requests see.
pub(crate) struct Writes {
    link: Arc<Link>,
    room: Arc<Semaphore>,
    sender: mpsc::UnboundedSender<Write>,
}

/// The end that Redis sees.
pub(crate) struct Queue {
    link: Arc<Link>,
    receiver: mpsc::UnboundedReceiver<Write>,
    complaint: Complaint,
}

struct Write {
    name: String,
    value: Sealed,
    life: Duration,
    /// What it takes of the queue, given back when it is dropped.
    _room: OwnedSemaphorePermit,
}

impl Write {
    /// What it takes of the queue.
    fn bytes(&self) -> f64 {
        (self.name.len() + self.value.as_bytes().len()) as f64
    }
}

impl Writes {
    pub(crate) fn new(link: Arc<Link>) -> (Writes, Queue) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let room = Arc::new(Semaphore::new(QUEUE_BYTES_MAX));
        let queue = Queue { link: Arc::clone(&link), receiver, complaint: Complaint::default() };
        (Writes { link, room, sender }, queue)
    }

    /// Queues what there is room for and drops the rest; all of it while Redis is away.
    pub(crate) fn push(&self, space: &Space, values: impl IntoIterator<Item = (Key, Sealed)>) {
        let away = self.link.away_since().is_some();
        let (mut dropped, mut queued) = (0, 0.0);
        for (key, value) in values {
            let write = if away { None } else { self.admit(space, key, value) };
            let bytes = write.and_then(|write| {
                let bytes = write.bytes();
                self.sender.send(write).is_ok().then_some(bytes)
            });
            dropped += usize::from(bytes.is_none());
            queued += bytes.unwrap_or_default();
        }
        queue_changed(self.link.cache(), queued);
        if dropped > 0 {
            count_writes(self.link.cache(), Written::Dropped, dropped);
        }
    }

    fn admit(&self, space: &Space, key: Key, value: Sealed) -> Option<Write> {
        let name = space.name(key);
        let bytes = name.len() + value.as_bytes().len();
        let permits = u32::try_from(bytes).ok().filter(|_| bytes <= VALUE_BYTES_MAX)?;
        let room = Arc::clone(&self.room).try_acquire_many_owned(permits).ok()?;
        Some(Write { name, value, life: life(space.ttl(), space.slot(key)), _room: room })
    }
}

/// A node that leaves its cluster takes what waits for it along.
impl Drop for Queue {
    fn drop(&mut self) {
        let mut left = 0.0;
        while let Ok(write) = self.receiver.try_recv() {
            left += write.bytes();
        }
        queue_changed(self.link.cache(), -left);
    }
}

impl Queue {
    /// Stores what comes until the cache is gone.
    pub(crate) async fn drain(mut self) {
        let mut waiting = Vec::with_capacity(PIPELINE_VALUES_MAX);
        while self.receiver.recv_many(&mut waiting, PIPELINE_VALUES_MAX).await > 0 {
            let mut rest = waiting.as_slice();
            while !rest.is_empty() {
                let (now, later) = rest.split_at(fitting(rest));
                self.store(now).await;
                rest = later;
            }
            queue_changed(self.link.cache(), -waiting.iter().map(Write::bytes).sum::<f64>());
            waiting.clear();
        }
    }

    async fn store(&mut self, writes: &[Write]) {
        let pipeline = pipeline(writes);
        let stored = self.link.exchange(WRITE_MAX, async |mut connection| {
            refusal_apart(pipeline.query_async::<()>(&mut connection).await)
        });
        let written = match stored.await {
            Ok(Ok(())) => Written::Stored,
            Ok(Err(refusal)) => self.refused(&refusal),
            Err(Trouble::Away) => Written::Dropped,
            Err(_) => Written::Failed,
        };
        count_writes(self.link.cache(), written, writes.len());
    }

    fn refused(&mut self, refusal: &RedisError) -> Written {
        if refusal.is_cluster_error() {
            self.link.misdirected();
        } else if self.complaint.due() {
            warn!(cache = self.link.cache(), error = %refusal, "redis refuses to store values");
        }
        Written::Failed
    }
}

/// How many of the first writes make a pipeline: what fits, and always one.
fn fitting(writes: &[Write]) -> usize {
    let mut bytes = 0;
    let fitting = writes.iter().take_while(|write| {
        bytes += write.name.len() + write.value.as_bytes().len();
        bytes <= PIPELINE_BYTES_MAX
    });
    fitting.count().max(1)
}

fn pipeline(writes: &[Write]) -> Pipeline {
    let mut pipeline = redis::pipe();
    for Write { name, value, life, .. } in writes {
        let life_ms = life.as_millis() as u64;
        pipeline.cmd("SET").arg(name).arg(value.as_bytes()).arg("PX").arg(life_ms).ignore();
    }
    pipeline
}

/// A Redis that is full or a replica refuses to store and still answers reads: that is no reason
/// to hang up.
fn refusal_apart(stored: RedisResult<()>) -> RedisResult<RedisResult<()>> {
    match stored {
        Err(error) if error.is_io_error() || error.is_unrecoverable_error() => Err(error),
        stored => Ok(stored),
    }
}
