//! What the cache counts, under which names.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

/// Tells the installed recorder what the numbers of this crate mean. Call it once, at start-up.
pub fn describe_metrics() {
    describe_counter!(LOOKUPS, "Keys looked up in the cache, by kind of value and outcome.");
    describe_counter!(WRITES, "Values meant for Redis, by outcome.");
    describe_gauge!(QUEUE, Unit::Bytes, "Values that wait to be written to Redis.");
    describe_gauge!(UP, "Share of the Redis servers that answer: 1 all, 0 none.");
    describe_histogram!(
        SECONDS,
        Unit::Seconds,
        "Time of one exchange with Redis, failures included."
    );
}

const LOOKUPS: &str = "hawiya_cache_lookups_total";
const WRITES: &str = "hawiya_cache_writes_total";
const QUEUE: &str = "hawiya_cache_write_queue_bytes";
const UP: &str = "hawiya_cache_up";
const SECONDS: &str = "hawiya_cache_redis_seconds";

/// How the lookup of one key ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    HitLocal,
    HitRedis,
    Miss,
    /// Another request in this process had it in hand.
    Shared,
    /// Redis held something that is not a value of ours.
    Garbage,
    /// Redis was not asked, or did not answer.
    Degraded,
}

impl Outcome {
    const ALL: [(Outcome, &'static str); 6] = [
        (Outcome::HitLocal, "hit_local"),
        (Outcome::HitRedis, "hit_redis"),
        (Outcome::Miss, "miss"),
        (Outcome::Shared, "shared"),
        (Outcome::Garbage, "garbage"),
        (Outcome::Degraded, "degraded"),
    ];
}

/// The outcomes of one batch; counted when it is dropped, so that a batch that fails or is
/// cancelled is counted as far as it came, and a batch of 1,000 costs a few increments.
pub(crate) struct Tally {
    cache: &'static str,
    kind: &'static str,
    outcomes: [u64; Outcome::ALL.len()],
}

impl Tally {
    pub(crate) fn new(cache: &'static str, kind: &'static str) -> Tally {
        Tally { cache, kind, outcomes: [0; Outcome::ALL.len()] }
    }

    pub(crate) fn add(&mut self, outcome: Outcome) {
        self.outcomes[outcome as usize] += 1;
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        for (outcome, label) in Outcome::ALL {
            let count = self.outcomes[outcome as usize];
            if count > 0 {
                counter!(LOOKUPS, "cache" => self.cache, "kind" => self.kind, "outcome" => label)
                    .increment(count);
            }
        }
    }
}

/// How the writing of values ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Written {
    Stored,
    /// Never sent: no connection, no room in the queue, or too large.
    Dropped,
    Failed,
}

pub(crate) fn count_writes(cache: &'static str, written: Written, count: usize) {
    let outcome = match written {
        Written::Stored => "stored",
        Written::Dropped => "dropped",
        Written::Failed => "failed",
    };
    counter!(WRITES, "cache" => cache, "outcome" => outcome).increment(count as u64);
}

/// How many of the Redis servers of a cache there are, and how many of them answer.
pub(crate) struct Presence {
    cache: &'static str,
    /// Known, answering.
    servers: Mutex<(u32, u32)>,
}

impl Presence {
    pub(crate) fn new(cache: &'static str) -> Presence {
        let presence = Presence { cache, servers: Mutex::default() };
        presence.change(|_, _| {});
        presence
    }

    pub(crate) fn cache(&self) -> &'static str {
        self.cache
    }

    /// A server that does not answer yet.
    pub(crate) fn enters(&self) {
        self.change(|known, _| *known += 1);
    }

    pub(crate) fn found(&self) {
        self.change(|_, answering| *answering += 1);
    }

    pub(crate) fn lost(&self) {
        self.change(|_, answering| *answering -= 1);
    }

    /// A server that is no longer asked.
    pub(crate) fn leaves(&self, was_answering: bool) {
        self.change(|known, answering| {
            *known -= 1;
            *answering -= u32::from(was_answering);
        });
    }

    fn change(&self, change: impl FnOnce(&mut u32, &mut u32)) {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, answering) = &mut *servers;
        change(known, answering);
        gauge!(UP, "cache" => self.cache).set(f64::from(*answering) / f64::from(*known).max(1.0));
    }
}

/// Notes that so many bytes more wait to be written.
pub(crate) fn queue_changed(cache: &'static str, bytes: f64) {
    gauge!(QUEUE, "cache" => cache).increment(bytes);
}

pub(crate) fn record_exchange(cache: &'static str, took: Duration) {
    histogram!(SECONDS, "cache" => cache).record(took);
}
