//! What the tests share: a message, a space, a patient `until`, and the log as text.

use std::cell::RefCell;
use std::io;
use std::sync::Once;
use std::time::{Duration, Instant};

use cache::{Cache, CacheConfig, CacheStatus, Cached, Fresh, Key, Source, Space};

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Resolution {
    #[prost(string, tag = "1")]
    pub(crate) entity: String,
}

pub(crate) fn resolution(entity: &str) -> Resolution {
    Resolution { entity: entity.to_owned() }
}

pub(crate) fn space() -> Space {
    Space::new("resolution", 1, Duration::from_secs(600)).rules("ar-7").catalogue(42)
}

pub(crate) fn key(request: &str) -> Key {
    Key::of(request.as_bytes())
}

pub(crate) fn keys(count: usize) -> Vec<Key> {
    (0..count).map(|n| key(&format!("request {n}"))).collect()
}

/// A budget no neighbour of the machine can use up, for tests that want hits.
pub(crate) const GENEROUS: Duration = Duration::from_secs(5);

/// The budget of tests that measure it.
pub(crate) const BUDGET: Duration = Duration::from_millis(100);

/// What a machine with neighbours may add to a measured time.
pub(crate) const SLACK: Duration = Duration::from_millis(400);

pub(crate) fn local_cache() -> Cache {
    Cache::new(CacheConfig::default(), "test").unwrap()
}

/// A cache as another process would have it: nothing shared but Redis.
pub(crate) fn cache_at(url: String, budget: Duration) -> Cache {
    Cache::new(config_of(url, budget), "test").unwrap()
}

pub(crate) fn config_of(url: String, budget: Duration) -> CacheConfig {
    CacheConfig { redis_url: Some(url), budget, ..CacheConfig::default() }
}

pub(crate) async fn connected(url: String, budget: Duration) -> Cache {
    let cache = cache_at(url, budget);
    until_connected(&cache).await;
    cache
}

pub(crate) async fn until_connected(cache: &Cache) {
    until("connected", || cache.status() == CacheStatus::Connected).await;
}

/// One key through the cache, computed as `entity` where it is not there.
pub(crate) async fn resolve(cache: &Cache, request: &str, entity: &str) -> Cached<Resolution> {
    let compute = |positions: Vec<usize>| async move {
        Ok::<_, io::Error>(positions.iter().map(|_| Fresh::keep(resolution(entity))).collect())
    };
    let answers = cache.get_or_compute_many(&space(), &[key(request)], compute).await;
    answers.unwrap().pop().unwrap()
}

pub(crate) async fn source(cache: &Cache, request: &str) -> Source {
    let answer = resolve(cache, request, "Q18808").await;
    assert_eq!(answer.value, resolution("Q18808"));
    answer.source
}

/// Waits for `condition` and says in vain for what.
pub(crate) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// What this thread logs from now on; a test and all its tasks are one thread.
pub(crate) struct Log;

thread_local! {
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Log {
    pub(crate) fn capture() -> Log {
        static INSTALLED: Once = Once::new();
        // One subscriber for all tests: those that come and go with a test race with each other
        // for the levels that `tracing` remembers for the whole process.
        INSTALLED.call_once(|| {
            let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
            subscriber.with_ansi(false).with_writer(|| Log).init();
        });
        LINES.take();
        Log
    }

    pub(crate) fn text(&self) -> String {
        LINES.with_borrow(|lines| String::from_utf8(lines.clone()).unwrap())
    }

    pub(crate) fn count(&self, words: &str) -> usize {
        self.text().matches(words).count()
    }
}

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(line));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
