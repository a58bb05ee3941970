//! What one process stores, another finds; what Redis forgets is computed again.

use cache::Source;

use crate::fixture::{
    GENEROUS, Resolution, connected, key, keys, resolution, source, space, until,
};
use crate::redis_server::{RedisServer, redis_server};

fn stored(server: &RedisServer) -> usize {
    redis::cmd("DBSIZE").query(&mut server.raw()).unwrap()
}

#[tokio::test]
async fn what_one_process_computed_another_finds_in_redis_and_then_at_home() {
    let Some(server) = redis_server(&[]) else { return };
    let (first, second) =
        (connected(server.url(), GENEROUS).await, connected(server.url(), GENEROUS).await);
    assert_eq!(source(&first, "بيونغ يانغ").await, Source::Computed);
    until("stored", || stored(&server) == 1).await;
    assert_eq!(source(&second, "بيونغ يانغ").await, Source::Redis);
    assert_eq!(source(&second, "بيونغ يانغ").await, Source::Local);
}

#[tokio::test]
async fn a_batch_longer_than_one_mget_comes_back_in_order() {
    let Some(server) = redis_server(&[]) else { return };
    let (first, second) =
        (connected(server.url(), GENEROUS).await, connected(server.url(), GENEROUS).await);
    let keys = keys(2_500);
    let entity = |n: usize| resolution(&format!("Q{n}"));
    first.put_many(
        &space(),
        keys.iter().copied().enumerate().step_by(2).map(|(n, key)| (key, entity(n))),
    );
    until("stored", || stored(&server) == 1_250).await;

    let found: Vec<Option<Resolution>> = second.get_many(&space(), &keys).await;
    let expected: Vec<Option<Resolution>> =
        (0..2_500).map(|n| (n % 2 == 0).then(|| entity(n))).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_value_has_a_readable_name_and_a_limited_life() {
    let Some(server) = redis_server(&[]) else { return };
    let cache = connected(server.url(), GENEROUS).await;
    cache.put_many(&space(), [(key("محمد"), resolution("Q9458"))]);
    until("stored", || stored(&server) == 1).await;
    let name = format!("hawiya:resolution:f1:ar-7:c42:{}", key("محمد"));
    let life_ms: i64 = redis::cmd("PTTL").arg(name).query(&mut server.raw()).unwrap();
    assert!((500_000..=660_000).contains(&life_ms), "{life_ms}");
}

#[tokio::test]
async fn a_flushed_redis_is_filled_again() {
    let Some(server) = redis_server(&[]) else { return };
    let first = connected(server.url(), GENEROUS).await;
    source(&first, "x").await;
    until("stored", || stored(&server) == 1).await;
    redis::cmd("FLUSHALL").exec(&mut server.raw()).unwrap();

    let second = connected(server.url(), GENEROUS).await;
    assert_eq!(source(&second, "x").await, Source::Computed);
    until("stored again", || stored(&server) == 1).await;
    assert_eq!(source(&first, "x").await, Source::Local);
}

#[tokio::test]
async fn a_cache_that_is_dropped_hangs_up() {
    let Some(server) = redis_server(&[]) else { return };
    let mut raw = server.raw();
    let cache = connected(server.url(), GENEROUS).await;
    drop(cache);
    let mut clients = || redis::cmd("CLIENT").arg("LIST").query::<String>(&mut raw).unwrap();
    until("hung up", || clients().lines().count() == 1).await;
}
