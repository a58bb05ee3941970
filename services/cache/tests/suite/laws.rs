//! Whatever is asked for together, before or again: the answer is what computing would give.

use std::io;
use std::time::Duration;

use cache::{Cache, CacheConfig, Cached, Fresh, Key, Source};
use futures_util::future::join_all;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::fixture::{GENEROUS, Resolution, connected, local_cache, resolution, space};
use crate::redis_server::redis_server;

fn key(request: u8) -> Key {
    Key::of(&[request])
}

fn expected(request: u8) -> Resolution {
    resolution(&format!("Q{request}"))
}

async fn call(cache: &Cache, requests: &[u8]) -> Vec<Cached<Resolution>> {
    let keys: Vec<Key> = requests.iter().map(|request| key(*request)).collect();
    let compute = |positions: Vec<usize>| async move {
        tokio::task::yield_now().await;
        let value = |position: &usize| Fresh::keep(expected(requests[*position]));
        Ok::<_, io::Error>(positions.iter().map(value).collect())
    };
    cache.get_or_compute_many(&space(), &keys, compute).await.unwrap()
}

/// Asks for all batches at once, twice, and compares with computing each alone.
async fn check(caches: &[Cache], batches: &[Vec<u8>]) {
    for _ in 0..2 {
        let calls =
            batches.iter().zip(caches.iter().cycle()).map(|(batch, cache)| call(cache, batch));
        for (batch, answer) in batches.iter().zip(join_all(calls).await) {
            let values: Vec<Resolution> = answer.into_iter().map(|cached| cached.value).collect();
            let computed: Vec<Resolution> = batch.iter().copied().map(expected).collect();
            assert_eq!(values, computed);
        }
    }
}

fn batches() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(0..40_u8, 0..20), 1..8)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

proptest! {
    #[test]
    fn a_cache_in_this_process_gives_what_computing_gives(batches in batches()) {
        block_on(check(&[local_cache()], &batches));
    }

    // A level so small and so forgetful that keys vanish between any two steps.
    #[test]
    fn a_cache_that_forgets_everything_gives_what_computing_gives(batches in batches()) {
        let config = CacheConfig { local_bytes_max: 1, ..CacheConfig::default() };
        block_on(check(&[Cache::new(config, "test").unwrap()], &batches));
    }
}

#[test]
fn processes_that_share_a_redis_give_what_computing_gives() {
    let Some(server) = redis_server(&[]) else { return };
    block_on(async {
        let caches =
            [connected(server.url(), GENEROUS).await, connected(server.url(), GENEROUS).await];
        let mut runner = TestRunner::deterministic();
        for _ in 0..50 {
            let batches = batches().new_tree(&mut runner).unwrap().current();
            check(&caches, &batches).await;
            redis::cmd("FLUSHALL").exec(&mut server.raw()).unwrap();
        }
    });
}

#[test]
fn no_keys_are_no_answers() {
    assert!(block_on(call(&local_cache(), &[])).is_empty());
}

#[test]
fn values_of_another_catalogue_are_not_seen() {
    block_on(async {
        let cache = local_cache();
        call(&cache, &[1]).await;
        let later = space().catalogue(43);
        let found: Vec<Option<Resolution>> = cache.get_many(&later, &[key(1)]).await;
        assert_eq!(found, [None]);
        assert_eq!(call(&cache, &[1]).await[0].source, Source::Local);
    });
}

#[test]
fn without_redis_a_value_lives_as_long_as_its_space_says() {
    block_on(async {
        let local_ttl = Duration::ZERO;
        let cache =
            Cache::new(CacheConfig { local_ttl, ..CacheConfig::default() }, "test").unwrap();
        call(&cache, &[1]).await;
        assert_eq!(call(&cache, &[1]).await[0].source, Source::Local);
    });
}
