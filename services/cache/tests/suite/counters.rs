//! A recorder of metrics for one thread, and what the cache counts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

use crate::fixture::{local_cache, source};

#[tokio::test]
async fn each_key_is_counted_once_with_what_became_of_it() {
    let counters = Counters::default();
    let _installed = metrics::set_default_local_recorder(&counters);
    cache::describe_metrics();
    let cache = local_cache();
    source(&cache, "x").await;
    source(&cache, "x").await;
    source(&cache, "y").await;
    assert_eq!(counters.get("hawiya_cache_lookups_total", "miss"), 2);
    assert_eq!(counters.get("hawiya_cache_lookups_total", "hit_local"), 1);
    assert_eq!(counters.get("hawiya_cache_lookups_total", ""), 3);
}

/// Counters and gauges by name and labels.
#[derive(Default)]
pub(crate) struct Counters(Mutex<BTreeMap<String, Arc<AtomicU64>>>);

impl Counters {
    /// The sum of the counters of this name that have this label.
    pub(crate) fn get(&self, name: &str, label: &str) -> u64 {
        let counters = self.0.lock().unwrap();
        let matching = counters.iter().filter(|(key, _)| key.contains(name) && key.contains(label));
        matching.map(|(_, count)| count.load(Ordering::Relaxed)).sum()
    }

    fn slot(&self, key: &Key) -> Arc<AtomicU64> {
        Arc::clone(self.0.lock().unwrap().entry(key.to_string()).or_default())
    }
}

impl Recorder for Counters {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.slot(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.slot(key))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}
