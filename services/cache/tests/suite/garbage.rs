//! Whatever else is found under a key of ours is a miss, and is overwritten.

use cache::Source;
use redis::Cmd;

use crate::counters::Counters;
use crate::fixture::{GENEROUS, connected, key, source, space, until};
use crate::redis_server::{RedisServer, redis_server};

fn name(request: &str) -> String {
    format!("{}{}", space().prefix(), key(request))
}

fn get(server: &RedisServer, request: &str) -> Vec<u8> {
    redis::cmd("GET").arg(name(request)).query(&mut server.raw()).unwrap_or_default()
}

/// A good value under the name of `request`, written by a cache.
async fn good(server: &RedisServer, request: &str) -> Vec<u8> {
    let cache = connected(server.url(), GENEROUS).await;
    source(&cache, request).await;
    until("stored", || !get(server, request).is_empty()).await;
    get(server, request)
}

/// Plants, asks, and expects: computed, counted under `outcome`, replaced by the good value.
async fn check(plant: impl FnOnce(&[u8]) -> Cmd, outcome: &str) {
    let Some(server) = redis_server(&[]) else { return };
    let good = good(&server, "x").await;
    redis::cmd("DEL").arg(name("x")).exec(&mut server.raw()).unwrap();
    plant(&good).exec(&mut server.raw()).unwrap();

    let counters = Counters::default();
    let _installed = metrics::set_default_local_recorder(&counters);
    let cache = connected(server.url(), GENEROUS).await;
    assert_eq!(source(&cache, "x").await, Source::Computed);
    assert_eq!(counters.get("hawiya_cache_lookups_total", outcome), 1);
    until("overwritten", || get(&server, "x") == good).await;
    until("counted", || counters.get("hawiya_cache_writes_total", "stored") == 1).await;
}

fn set(value: &[u8]) -> Cmd {
    redis::cmd("SET").arg(name("x")).arg(value).take()
}

#[tokio::test]
async fn a_value_of_somebody_else() {
    check(|_| set(b"<html>502 Bad Gateway</html>"), "garbage").await;
}

#[tokio::test]
async fn an_empty_value() {
    check(|_| set(b""), "garbage").await;
}

#[tokio::test]
async fn a_truncated_value() {
    check(|good| set(&good[..good.len() - 1]), "garbage").await;
}

#[tokio::test]
async fn an_older_format() {
    check(|good| set(&[b"HWY\x00", &good[4..]].concat()), "garbage").await;
}

#[tokio::test]
async fn a_newer_format() {
    check(|good| set(&[b"HWY\xff", &good[4..]].concat()), "garbage").await;
}

#[tokio::test]
async fn a_list() {
    check(|_| redis::cmd("RPUSH").arg(name("x")).arg("Q1").take(), "miss").await;
}

#[tokio::test]
async fn a_value_renamed_to_another_key_is_not_its_answer() {
    let Some(server) = redis_server(&[]) else { return };
    good(&server, "كمال").await;
    redis::cmd("RENAME").arg(name("كمال")).arg(name("جمال")).exec(&mut server.raw()).unwrap();
    let cache = connected(server.url(), GENEROUS).await;
    assert_eq!(source(&cache, "جمال").await, Source::Computed);
}
