//! What the cache counts, under which names.

use std::time::Duration;

use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

/// Tells the installed recorder what the numbers of this crate mean. Call it once, at start-up.
pub fn describe_metrics() {
    describe_counter!(LOOKUPS, "Keys looked up in the cache, by kind of value and outcome.");
    describe_counter!(WRITES, "Values meant for Redis, by outcome.");
    describe_gauge!(QUEUE, Unit::Bytes, "Values that wait to be written to Redis.");
    describe_gauge!(UP, "1 while Redis answers, 0 while the cache does without it.");
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

pub(crate) fn set_up(cache: &'static str, up: bool) {
    gauge!(UP, "cache" => cache).set(if up { 1.0 } else { 0.0 });
}

pub(crate) fn set_queue_bytes(cache: &'static str, bytes: usize) {
    gauge!(QUEUE, "cache" => cache).set(bytes as f64);
}

pub(crate) fn record_exchange(cache: &'static str, took: Duration) {
    histogram!(SECONDS, "cache" => cache).record(took);
}
