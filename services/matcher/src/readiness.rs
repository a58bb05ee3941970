//! Whether callers are sent to this matcher: while it has an index that is no staler than it may be.
//!
//! An index answers however stale it is, and says so; readiness is for those who choose a replica.

use std::{sync::Arc, time::Duration};

use chassis::Health;
use tokio::time::{Instant, interval};

use crate::catalogue::Catalogue;

/// How often the age of the index is looked at: a registry that says nothing is noticed by the clock.
const EVERY: Duration = Duration::from_secs(1);

/// Tells the health service.
#[derive(Clone)]
pub(crate) struct Readiness {
    catalogue: Arc<Catalogue>,
    health: Health,
    /// How long the registry may be away; `None`: for ever.
    staleness_max: Option<Duration>,
    begun: Instant,
}

impl Readiness {
    pub(crate) fn new(
        catalogue: Arc<Catalogue>,
        health: Health,
        staleness_max: Option<Duration>,
    ) -> Self {
        Self { catalogue, health, staleness_max, begun: Instant::now() }
    }

    /// Says how it is now.
    pub(crate) fn tell(&self) {
        self.health.set(self.catalogue.is_ready() && self.is_fresh());
    }

    /// Says it every second, for ever.
    pub(crate) async fn keep(self) {
        let mut every = interval(EVERY);
        loop {
            every.tick().await;
            // Before the first index there is nothing to be ready for, and the feed says when there is.
            if self.catalogue.is_ready() {
                self.tell();
            }
        }
    }

    /// Whether the registry was heard of lately; at a restart it gets as long as at any other time.
    fn is_fresh(&self) -> bool {
        let heard = self.catalogue.progress().registry_heard.unwrap_or(self.begun);
        self.staleness_max.is_none_or(|max| heard.elapsed() < max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Index;

    fn readiness(catalogue: &Arc<Catalogue>, staleness_max: Option<Duration>) -> Readiness {
        Readiness::new(Arc::clone(catalogue), Health::default(), staleness_max)
    }

    #[tokio::test(start_paused = true)]
    async fn an_index_is_ready_until_it_is_staler_than_it_may_be() {
        let catalogue = Arc::new(Catalogue::default());
        let limited = readiness(&catalogue, Some(Duration::from_secs(60)));
        let unlimited = readiness(&catalogue, None);
        let ready = || {
            [&limited, &unlimited].map(|readiness| {
                readiness.tell();
                readiness.health.is_ready()
            })
        };
        assert_eq!(ready(), [false, false], "there is no index");
        catalogue.replace(Index::default(), 0);
        assert_eq!(ready(), [true, true]);
        catalogue.lost_registry();
        tokio::time::advance(Duration::from_secs(59)).await;
        assert_eq!(ready(), [true, true]);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(ready(), [false, true]);
        catalogue.apply(Vec::new(), 0, "token", 0);
        assert_eq!(ready(), [true, true], "the registry is back");
    }
}
