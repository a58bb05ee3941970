//! How many calls may be sent again: a share of those that are sent, and a few besides.
//!
//! Without it a service that struggles would be sent up to three times as much just then.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// What a call earns, in retries.
const PER_CALL: f64 = 0.2;

/// What is there without a call, so that quiet clients may retry too.
const PER_SECOND: f64 = 5.0;

/// The most that can be saved: as many calls as may be under way with one replica when it dies.
const SAVED_MAX: f64 = 200.0;

/// A purse of retries, full at first.
#[derive(Debug)]
pub(super) struct Budget(Mutex<Purse>);

#[derive(Debug)]
struct Purse {
    retries: f64,
    at: Instant,
}

impl Default for Budget {
    fn default() -> Self {
        Self(Mutex::new(Purse { retries: SAVED_MAX, at: Instant::now() }))
    }
}

impl Budget {
    /// Notes that a call is made.
    pub(super) fn earn(&self) {
        let mut purse = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        purse.retries = (purse.retries + PER_CALL).min(SAVED_MAX);
    }

    /// Whether a call may be sent again; if so, that is paid.
    pub(super) fn spend(&self) -> bool {
        let mut purse = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let since: Duration = now - std::mem::replace(&mut purse.at, now);
        purse.retries = (purse.retries + PER_SECOND * since.as_secs_f64()).min(SAVED_MAX);
        let allowed = purse.retries >= 1.0;
        if allowed {
            purse.retries -= 1.0;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(budget: &Budget) -> usize {
        std::iter::repeat_with(|| budget.spend()).take_while(|allowed| *allowed).count()
    }

    #[tokio::test(start_paused = true)]
    async fn one_call_in_five_may_be_sent_again() {
        let budget = Budget::default();
        assert_eq!(spent(&budget), 200);
        for _ in 0..51 {
            budget.earn();
        }
        assert_eq!(spent(&budget), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_quiet_client_may_retry_now_and_then() {
        let budget = Budget::default();
        spent(&budget);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(spent(&budget), 10);
        tokio::time::advance(Duration::from_secs(3_600)).await;
        assert_eq!(spent(&budget), 200);
    }
}
