//! Redis gone, hung, locked, full or forbidden: the answers stay right and come in time.

use std::time::{Duration, Instant};

use cache::{Cache, CacheConfig, CacheStatus, Source};

use crate::counters::Counters;
use crate::fixture::{
    BUDGET, GENEROUS, Log, Resolution, SLACK, cache_at, connected, key, resolution, source, space,
    until,
};
use crate::redis_server::{RedisServer, redis_server};

fn is_degraded(cache: &Cache) -> bool {
    matches!(cache.status(), CacheStatus::Degraded { .. })
}

/// A value that only Redis can have: stored by another process, asked for by nobody here.
async fn planted(server: &RedisServer, request: &str) {
    let other = connected(server.url(), GENEROUS).await;
    source(&other, request).await;
    let name = format!("{}{}", space().prefix(), key(request));
    until("stored", || redis::cmd("EXISTS").arg(&name).query(&mut server.raw()).unwrap()).await;
}

/// Asks for ever new keys, each computed in time, until the cache has noticed.
async fn computed_until_degraded(cache: &Cache) {
    let mut requests = 0..;
    while !is_degraded(cache) {
        let request = format!("while it goes {}", requests.next().unwrap());
        let asked = Instant::now();
        assert_eq!(source(cache, &request).await, Source::Computed);
        assert!(asked.elapsed() < BUDGET + SLACK, "{:?}", asked.elapsed());
    }
}

/// A thousand calls without Redis take less than a thousand budgets, by far.
async fn nobody_waits(cache: &Cache) {
    let asked = Instant::now();
    for n in 0..1_000 {
        let source = source(cache, &format!("without it {n}")).await;
        assert_eq!(source, Source::Computed);
    }
    assert!(asked.elapsed() < 10 * BUDGET, "{:?}", asked.elapsed());
}

#[tokio::test]
async fn redis_killed_is_computed_without_and_logged_once_and_found_again() {
    let Some(mut server) = redis_server(&[]) else { return };
    let log = Log::capture();
    let cache = connected(server.url(), BUDGET).await;
    source(&cache, "before").await;

    server.kill();
    computed_until_degraded(&cache).await;
    nobody_waits(&cache).await;
    assert_eq!(source(&cache, "before").await, Source::Local);
    until("knocked in vain", || log.count("redis is away") == 1).await;

    server.restart();
    let back = Instant::now();
    until("connected again", || cache.status() == CacheStatus::Connected).await;
    assert!(back.elapsed() < Duration::from_secs(1) + SLACK, "{:?}", back.elapsed());
    planted(&server, "after").await;
    assert_eq!(source(&cache, "after").await, Source::Redis);
    assert_eq!((log.count("redis is away"), log.count("redis is back")), (1, 1), "{}", log.text());
}

#[tokio::test]
async fn a_redis_that_hangs_costs_one_budget_and_then_nothing() {
    let Some(server) = redis_server(&[]) else { return };
    let cache = connected(server.url(), BUDGET).await;
    planted(&server, "after").await;

    server.pause();
    let asked = Instant::now();
    assert_eq!(source(&cache, "first").await, Source::Computed);
    assert!(asked.elapsed() < BUDGET + SLACK, "{:?}", asked.elapsed());
    assert!(is_degraded(&cache), "one timeout is enough");
    nobody_waits(&cache).await;

    server.resume();
    let back = Instant::now();
    until("connected again", || cache.status() == CacheStatus::Connected).await;
    assert!(back.elapsed() < Duration::from_secs(1) + SLACK, "{:?}", back.elapsed());
    assert_eq!(source(&cache, "after").await, Source::Redis);
}

#[tokio::test]
async fn calls_in_flight_when_redis_hangs_lose_one_budget_each_and_all_at_once() {
    let Some(server) = redis_server(&[]) else { return };
    let cache = connected(server.url(), BUDGET).await;
    server.pause();
    let asked = Instant::now();
    let requests: Vec<String> = (0..200).map(|n| n.to_string()).collect();
    let calls = requests.iter().map(|request| source(&cache, request));
    let sources = futures_util::future::join_all(calls).await;
    assert!(asked.elapsed() < BUDGET + SLACK, "{:?}", asked.elapsed());
    assert!(sources.iter().all(|source| *source == Source::Computed));
}

#[tokio::test]
async fn an_idle_cache_notices_by_itself_that_redis_is_gone() {
    let Some(mut server) = redis_server(&[]) else { return };
    let cache = connected(server.url(), BUDGET).await;
    server.kill();
    until("noticed", || is_degraded(&cache)).await;
}

#[tokio::test]
async fn a_redis_that_was_never_there_is_not_waited_for() {
    let log = Log::capture();
    // Port 1 is nobody's.
    let cache = cache_at("redis://:s3cret@127.0.0.1:1/".to_owned(), BUDGET);
    assert!(is_degraded(&cache));
    nobody_waits(&cache).await;
    until("logged", || log.count("redis is away") == 1).await;
    assert!(log.text().contains("127.0.0.1:1"), "{}", log.text());
    assert!(!log.text().contains("s3cret"), "{}", log.text());
}

#[tokio::test]
async fn a_wrong_password_is_one_line_that_does_not_show_it() {
    let Some(server) = redis_server(&["--requirepass", "right"]) else { return };
    let log = Log::capture();
    let cache = cache_at(server.url_as(":wr0ng"), BUDGET);
    until("logged", || log.count("redis is away") == 1).await;
    nobody_waits(&cache).await;
    assert!(is_degraded(&cache));
    assert!(!log.text().contains("wr0ng"), "{}", log.text());

    let admitted = connected(server.url_as(":right"), GENEROUS).await;
    assert_eq!(source(&admitted, "x").await, Source::Computed);
}

#[tokio::test]
async fn a_user_who_may_read_nothing_counts_as_away_and_not_as_flapping() {
    let Some(server) = redis_server(&[]) else { return };
    let rights = ["SETUSER", "blind", "on", ">pass", "~hawiya:*", "+@all", "-mget"];
    redis::cmd("ACL").arg(&rights).exec(&mut server.raw()).unwrap();
    let log = Log::capture();
    let cache = cache_at(server.url_as("blind:pass"), BUDGET);
    until("logged", || log.count("redis is away") == 1).await;
    assert!(log.text().contains("NoPerm"), "{}", log.text());
    nobody_waits(&cache).await;
    assert!(is_degraded(&cache));
}

#[tokio::test]
async fn a_full_redis_stores_nothing_and_still_serves_what_it_has() {
    let Some(server) = redis_server(&[]) else { return };
    planted(&server, "early").await;
    redis::cmd("CONFIG").arg(&["SET", "maxmemory", "1"]).exec(&mut server.raw()).unwrap();
    let counters = Counters::default();
    let _installed = metrics::set_default_local_recorder(&counters);
    let log = Log::capture();

    let cache = connected(server.url(), GENEROUS).await;
    assert_eq!(source(&cache, "late").await, Source::Computed);
    until("refused", || counters.get("hawiya_cache_writes_total", "failed") == 1).await;
    assert_eq!(source(&cache, "early").await, Source::Redis);
    assert_eq!(cache.status(), CacheStatus::Connected);
    assert_eq!(log.count("refuses to store"), 1, "{}", log.text());
}

#[tokio::test]
async fn writes_beyond_the_queue_are_dropped_and_counted() {
    let Some(server) = redis_server(&[]) else { return };
    let counters = Counters::default();
    let _installed = metrics::set_default_local_recorder(&counters);
    let cache = connected(server.url(), GENEROUS).await;
    let half_a_mebibyte = "Q".repeat(512 << 10);
    let entries = (0..100).map(|n| (key(&n.to_string()), resolution(&half_a_mebibyte)));
    cache.put_many(&space(), entries);
    let writes = |outcome| counters.get("hawiya_cache_writes_total", outcome);
    assert!(writes("dropped") >= 60, "16 MiB hold 31 of them: {}", writes("dropped"));
    until("all counted", || writes("dropped") + writes("stored") == 100).await;

    let found: Vec<Option<Resolution>> = cache.get_many(&space(), &[key("0")]).await;
    assert_eq!(found, [Some(resolution(&half_a_mebibyte))]);
}

#[tokio::test]
async fn a_url_that_is_none_is_refused_at_once() {
    let redis_url = Some("http://:s3cret@cache".to_owned());
    let error =
        Cache::new(CacheConfig { redis_url, ..CacheConfig::default() }, "test").unwrap_err();
    assert_eq!(error.to_string(), "`REDIS_URL` is not a redis url: Redis URL did not parse");
}
