//! How often one caller may call: a bucket of tokens each, refilled at a rate.
//!
//! A call takes one token. What it sends beyond a KiB takes more, one a KiB, when it has come in: a
//! stream of a million names is one call. The debt of a large message is paid by waiting, which
//! slows a stream down to the rate of its caller and refuses nothing that has begun.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::{SettingError, Settings};

/// Callers that are remembered. A caller with a full bucket is the same as one that is not known.
const CALLERS_MAX: usize = 10_000;

/// What one token pays of a message.
pub(crate) const BYTES_OF_TOKEN: usize = 1 << 10;

/// A limit of one caller.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quota {
    /// Tokens that come back in a second.
    pub calls_per_second: f64,
    /// Tokens that can be saved.
    pub burst: f64,
}

impl Quota {
    /// Reads `HAWIYA_CALLS_PER_SECOND` and `HAWIYA_CALLS_BURST`: the limit of callers who have none
    /// of their own.
    pub fn read(settings: &Settings<'_>) -> Result<Option<Self>, SettingError> {
        let rate: Option<usize> = settings.optional("HAWIYA_CALLS_PER_SECOND")?;
        let burst: Option<usize> = settings.optional("HAWIYA_CALLS_BURST")?;
        Self::of(rate.map(|rate| rate as f64), burst.map(|burst| burst as f64)).map_err(|_| {
            let value = rate.map_or_else(String::new, |rate| rate.to_string());
            let expected = "at least 1, and HAWIYA_CALLS_BURST only with it".into();
            SettingError { name: "HAWIYA_CALLS_PER_SECOND", value, expected }
        })
    }

    /// A limit of numbers that somebody wrote.
    pub(crate) fn of(rate: Option<f64>, burst: Option<f64>) -> Result<Option<Self>, String> {
        let is_good = |number: f64| number.is_finite() && number > 0.0;
        let Some(calls_per_second) = rate else {
            return if burst.is_none() {
                Ok(None)
            } else {
                Err("`burst` needs `calls_per_second`".to_owned())
            };
        };
        let burst = burst.unwrap_or(calls_per_second).max(1.0);
        if is_good(calls_per_second) && is_good(burst) {
            Ok(Some(Self { calls_per_second, burst }))
        } else {
            Err("`calls_per_second` and `burst` have to be above 0".to_owned())
        }
    }
}

/// The buckets of callers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buckets(Arc<Mutex<HashMap<Arc<str>, Bucket>>>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
    quota: Quota,
}

impl Bucket {
    fn full(quota: Quota) -> Self {
        Self { tokens: quota.burst, filled: Instant::now(), quota }
    }

    fn fill(&mut self, quota: Quota) {
        let now = Instant::now();
        let seconds = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + seconds * quota.calls_per_second).min(quota.burst);
        (self.filled, self.quota) = (now, quota);
    }

    /// How long until there is one token.
    fn wait(&self, tokens: f64) -> Duration {
        Duration::from_secs_f64((tokens - self.tokens).max(0.0) / self.quota.calls_per_second)
    }
}

impl Buckets {
    /// Takes the token of a call, or says when there will be one.
    pub(crate) fn begin(&self, caller: &str, quota: Quota) -> Result<(), Duration> {
        self.with(caller, quota, |bucket| {
            if bucket.tokens < 1.0 {
                return Err(bucket.wait(1.0));
            }
            bucket.tokens -= 1.0;
            Ok(())
        })
    }

    /// Takes tokens that may not be there, and says how long it takes until the debt is paid.
    pub(crate) fn charge(&self, caller: &str, quota: Quota, tokens: f64) -> Duration {
        self.with(caller, quota, |bucket| {
            bucket.tokens -= tokens;
            bucket.wait(0.0)
        })
    }

    fn with<T>(&self, caller: &str, quota: Quota, use_it: impl FnOnce(&mut Bucket) -> T) -> T {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(caller) {
            bucket.fill(quota);
            return use_it(bucket);
        }
        if buckets.len() >= CALLERS_MAX {
            forget_some(&mut buckets);
        }
        use_it(buckets.entry(caller.into()).or_insert_with(|| Bucket::full(quota)))
    }
}

/// Forgets whose bucket is full by now; if nobody's is, all: to be generous for a moment is better
/// than to grow.
fn forget_some(buckets: &mut HashMap<Arc<str>, Bucket>) {
    buckets.retain(|_, bucket| {
        bucket.fill(bucket.quota);
        bucket.tokens < bucket.quota.burst
    });
    if buckets.len() >= CALLERS_MAX {
        buckets.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: Quota = Quota { calls_per_second: 2.0, burst: 3.0 };

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_taken_and_then_the_rate() {
        let buckets = Buckets::default();
        for _ in 0..3 {
            assert_eq!(buckets.begin("a", QUOTA), Ok(()));
        }
        assert_eq!(buckets.begin("a", QUOTA), Err(Duration::from_millis(500)));
        assert_eq!(buckets.begin("b", QUOTA), Ok(()));
        tokio::time::advance(Duration::from_millis(500)).await;
        assert_eq!(buckets.begin("a", QUOTA), Ok(()));
        assert!(buckets.begin("a", QUOTA).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_debt_is_paid_before_the_next_call() {
        let buckets = Buckets::default();
        assert_eq!(buckets.begin("a", QUOTA), Ok(()));
        assert_eq!(buckets.charge("a", QUOTA, 12.0), Duration::from_secs(5));
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(buckets.begin("a", QUOTA), Err(Duration::from_millis(500)));
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_callers_as_there_is_room_for_are_remembered() {
        let buckets = Buckets::default();
        for number in 0..2 * CALLERS_MAX {
            assert_eq!(buckets.begin(&number.to_string(), QUOTA), Ok(()));
        }
        assert!(buckets.0.lock().unwrap().len() <= CALLERS_MAX);
    }

    #[test]
    fn numbers_that_are_no_limit_are_refused() {
        assert_eq!(Quota::of(None, None), Ok(None));
        for (rate, burst) in [(None, Some(1.0)), (Some(0.0), None), (Some(f64::NAN), None)] {
            assert!(Quota::of(rate, burst).is_err());
        }
    }
}
