//! Redis Cluster: every value is found on its node, and while nodes come, go and hand over slots no
//! answer is wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cache::{Cache, CacheStatus, Fresh, Source};
use tokio::task::JoinHandle;

use crate::fixture::{
    BUDGET, GENEROUS, Log, Resolution, cache_at, connected, keys, resolution, source, space, until,
};
use crate::redis_cluster::{RedisCluster, redis_cluster, size};

pub(crate) const VALUES: usize = 3_000;

fn entity(position: usize) -> Resolution {
    resolution(&format!("Q{position}"))
}

/// A cluster that holds a value for each of the keys.
async fn filled(options: &[&str]) -> Option<RedisCluster> {
    let cluster = redis_cluster(options).await?;
    fill(&connected(cluster.url(), GENEROUS).await, &cluster).await;
    Some(cluster)
}

/// Stores a value for each of the keys.
pub(crate) async fn fill(cache: &Cache, cluster: &RedisCluster) {
    let values = keys(VALUES).into_iter().enumerate().map(|(at, key)| (key, entity(at)));
    cache.put_many(&space(), values);
    until("stored", || cluster.stored() == VALUES).await;
}

/// How many of the values a cache that knows nothing finds; each is the right one.
pub(crate) async fn found(cache: &Cache) -> usize {
    let found: Vec<Option<Resolution>> = cache.get_many(&space(), &keys(VALUES)).await;
    assert_eq!(found.len(), VALUES);
    let right = |(at, value): (usize, &Option<Resolution>)| {
        assert!(value.as_ref().is_none_or(|value| *value == entity(at)), "{at}: {value:?}");
        value.is_some()
    };
    found.iter().enumerate().filter(|(at, value)| right((*at, value))).count()
}

#[tokio::test]
async fn values_lie_on_all_nodes_and_are_found_in_order_from_any_of_them() {
    let Some(cluster) = filled(&[]).await else { return };
    for node in &cluster.nodes {
        assert!(size(node) > VALUES / 6, "{}", size(node));
    }
    for url in [cluster.url(), cluster.url_of_all()] {
        let other = connected(url, GENEROUS).await;
        assert_eq!(found(&other).await, VALUES);
    }
}

/// Asks for ever new batches of the same values, each answered right, until told to stop.
fn load(url: String, stop: Arc<AtomicBool>) -> JoinHandle<usize> {
    tokio::spawn(async move {
        let mut calls = 0;
        while !stop.load(Ordering::Relaxed) {
            // Nothing is remembered in this process, so that every value comes from Redis or is computed.
            let cache = cache_at(url.clone(), BUDGET);
            for _ in 0..5 {
                let compute = async |positions: Vec<usize>| {
                    Ok::<_, String>(
                        positions.into_iter().map(|at| Fresh::keep(entity(at))).collect(),
                    )
                };
                let answers =
                    cache.get_or_compute_many(&space(), &keys(300), compute).await.unwrap();
                let values = answers.into_iter().map(|answer| answer.value);
                assert!(values.eq((0..300).map(entity)));
                calls += 1;
                tokio::task::yield_now().await;
            }
        }
        calls
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slots_that_move_under_load_change_no_answer_and_are_found_where_they_went() {
    let Some(cluster) = filled(&[]).await else { return };
    let known = connected(cluster.url(), GENEROUS).await;
    let stop = Arc::new(AtomicBool::new(false));
    let load = load(cluster.url_of_all(), Arc::clone(&stop));
    let cluster = Arc::new(cluster);
    let moving = Arc::clone(&cluster);
    tokio::task::spawn_blocking(move || moving.reshard(0, 1, 300)).await.unwrap();
    // The map of `known` is older than the move.
    until("the new places are known", || {
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async { found(&known).await }) == VALUES
        })
    })
    .await;
    stop.store(true, Ordering::Relaxed);
    assert!(load.await.unwrap() > 0);
    assert_eq!(cluster.stored(), VALUES);
}

#[tokio::test]
async fn a_lost_primary_costs_its_own_values_only_and_is_found_again() {
    let Some(mut cluster) = filled(&["--cluster-require-full-coverage", "no"]).await else {
        return;
    };
    let log = Log::capture();
    let cache = connected(cluster.url_of_all(), BUDGET).await;
    let lost = size(&cluster.nodes[1]);
    cluster.nodes[1].kill();
    until_degraded(&cache).await;
    let left = VALUES - lost;
    let other = cache_at(cluster.url_of_all(), GENEROUS);
    let mut best = 0;
    while best < left {
        best = best.max(found(&other).await);
        tokio::task::yield_now().await;
    }
    assert_eq!(best, left);
    for request in 0..50 {
        let source = source(&cache, &format!("while it is away {request}")).await;
        assert_eq!(source, Source::Computed);
    }
    cluster.nodes[1].restart();
    until("whole again", || cache.status() == CacheStatus::Connected).await;
    assert_eq!(log.count("ERROR"), 0, "{}", log.text());
}

/// Asks until the cache has noticed that something is away; every answer is right.
async fn until_degraded(cache: &Cache) {
    let mut requests = 0..;
    while cache.status() == CacheStatus::Connected {
        source(cache, &format!("until it is noticed {:?}", requests.next())).await;
    }
}

#[tokio::test]
async fn a_cluster_that_stops_without_one_of_its_nodes_is_computed_without() {
    let Some(mut cluster) = filled(&[]).await else { return };
    let cache = connected(cluster.url_of_all(), BUDGET).await;
    cluster.nodes[2].kill();
    until_degraded(&cache).await;
    for request in 0..200 {
        source(&cache, &format!("without it {request}")).await;
    }
    cluster.nodes[2].restart();
    until("whole again", || cache.status() == CacheStatus::Connected).await;
}

#[tokio::test]
async fn a_node_of_a_cluster_that_is_taken_for_a_single_server_is_told_with_the_cure() {
    let Some(cluster) = redis_cluster(&[]).await else { return };
    let log = Log::capture();
    let cache = cache_at(cluster.nodes[0].url(), BUDGET);
    until("it is told", || log.count("redis-cluster://") > 0).await;
    assert_eq!(source(&cache, "x").await, Source::Computed);
}
