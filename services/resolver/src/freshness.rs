//! Which catalogue version a cached answer may have, and since when that is known.
//!
//! The matcher is asked every fifth of a second, because it is the matcher's index that answers are
//! made of. A cached answer of that version is what the matcher would say now.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use metrics::{Unit, describe_gauge, gauge};
use tokio::{sync::watch, time::Instant};

const VERSION: &str = "hawiya_resolver_catalogue_version";
const CONFIRMED: &str = "hawiya_resolver_catalogue_confirmed_timestamp_seconds";
const STALE: &str = "hawiya_resolver_index_stale";

/// Says what the metrics mean.
pub(crate) fn describe_metrics() {
    describe_gauge!(VERSION, "catalogue version under which the cache is read");
    describe_gauge!(CONFIRMED, Unit::Seconds, "when the matcher last confirmed it, since 1970");
    describe_gauge!(STALE, "1 while the matcher says that its index is stale, else 0");
}

/// What was last confirmed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Confirmed {
    /// Which catalogue it is.
    pub(crate) catalogue_id: Arc<str>,
    /// Catalogue version of the matcher's index.
    pub(crate) version: i64,
    /// The matcher has lost the registry.
    pub(crate) is_stale: bool,
    at: Instant,
}

/// The last confirmation, if there ever was one, and the newest decision.
#[derive(Debug, Default)]
pub(crate) struct Freshness {
    confirmed: watch::Sender<Option<Confirmed>>,
    /// Id of the newest decision, empty when there is none; `None` before the registry said so.
    decision: watch::Sender<Option<Arc<str>>>,
}

impl Freshness {
    /// Notes what the matcher says of itself now.
    pub(crate) fn confirm(&self, catalogue_id: Arc<str>, version: i64, is_stale: bool) {
        let at = Instant::now();
        gauge!(VERSION).set(version as f64);
        gauge!(STALE).set(if is_stale { 1.0 } else { 0.0 });
        if let Ok(now) = SystemTime::now().duration_since(UNIX_EPOCH) {
            gauge!(CONFIRMED).set(now.as_secs_f64());
        }
        self.confirmed.send_replace(Some(Confirmed { catalogue_id, version, is_stale, at }));
    }

    /// Notes which decision is the newest; an empty id says that there is none.
    pub(crate) fn decided(&self, decision_id: &str) {
        self.decision.send_replace(Some(decision_id.into()));
    }

    /// The id of the newest decision, as far as it is known.
    pub(crate) fn newest_decision(&self) -> Option<Arc<str>> {
        self.decision.borrow().clone()
    }

    /// Whether it is known that there is no decision, so that none has to be looked up.
    pub(crate) fn nobody_decided(&self) -> bool {
        self.newest_decision().is_some_and(|id| id.is_empty())
    }

    /// The last confirmation, however old.
    pub(crate) fn last(&self) -> Option<Confirmed> {
        self.confirmed.borrow().clone()
    }

    /// The catalogue and the version of it under which the cache may be read: confirmed no longer
    /// than `max_staleness` ago, and not before `version_min`. With a `max_staleness` of zero there
    /// is none.
    pub(crate) fn cached(&self, max_staleness: Duration, version_min: i64) -> Option<Confirmed> {
        let confirmed = self.last()?;
        let usable = confirmed.at.elapsed() < max_staleness && confirmed.version >= version_min;
        usable.then_some(confirmed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_version_serves_until_it_is_too_old_for_the_caller() {
        let freshness = Freshness::default();
        let second = Duration::from_secs(1);
        let version = |max_staleness, version_min| {
            freshness.cached(max_staleness, version_min).map(|confirmed| confirmed.version)
        };
        assert_eq!(version(second, 0), None);
        freshness.confirm("a".into(), 7, false);
        assert_eq!(version(second, 7), Some(7));
        assert_eq!(version(second, 8), None);
        assert_eq!(version(Duration::ZERO, 0), None);
        tokio::time::advance(2 * second).await;
        assert_eq!(version(second, 0), None);
        assert_eq!(version(3 * second, 0), Some(7));
    }
}
