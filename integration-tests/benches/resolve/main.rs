//! What a resolution costs: streamed and alone, known to the cache and not, beside a bare echo.
//!
//! Client and services are one process, as `hawiya up` is, and share what cores there are. The
//! catalogue is `catalogue.tsv` beside the project, asked by other spellings of its names; without
//! it there is nothing to measure. Every figure is the median of rounds that alternate with the
//! echo's, so that what else the machine does falls on both.
//!
//! `items/s` is by the clock. `µs CPU` is what all threads of the process spent an item, client
//! included, and `per core` what one core of nobody else's would answer by it.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints and stops")]

mod ask;
mod clock;
mod echo;
mod known;

use std::time::Duration;

use cache::CacheConfig;
use integration_tests::{Redis, Suite, until};
use tokio::time::sleep;

use crate::{
    ask::Client,
    clock::{Latencies, Spent, median},
    known::Known,
};

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 5;

/// After an import the matcher makes one segment of the many it came in, once nothing changes for a second.
const QUIET: Duration = Duration::from_secs(4);

/// Items of a round that the cache knows, and of a round of echoes.
const ITEMS: usize = 400_000;

/// Callers at the same time, and how often each calls.
const CALLS: [(usize, usize); 2] = [(1, 4_000), (64, 200)];

fn main() {
    let Some(known) = Known::read() else {
        println!("SKIPPED: no catalogue.tsv beside the project");
        return;
    };
    chassis::telemetry::metrics_handle();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure(&known));
}

async fn measure(known: &Known) {
    let suite = Suite::start_empty().await;
    let version = suite.clients.import(known.entities()).await;
    suite.clients.settle(version).await;
    sleep(QUIET).await;
    let client = Client::new(&suite.addresses[0]);
    let echo = Client::new(&echo::start().await);
    measure_streams(known, &suite, &client, &echo).await;
    measure_calls(known, &client, &echo).await;
    drop(suite);
    measure_redis(known).await;
}

async fn measure_streams(known: &Known, suite: &Suite, client: &Client, echo: &Client) {
    let (mut echoes, mut warm, mut cold) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Another catalogue version makes every cache of every service worthless.
        suite.clients.settle(suite.clients.import(vec![known::stranger(round)]).await).await;
        let asked = client.resolve_stream(known, known.count()).await;
        assert_eq!(asked.cached, 0);
        cold.push(asked.spent);
        know_all(known, client).await;
        echoes.push(echo.echo_stream(known, ITEMS).await);
        let asked = client.resolve_stream(known, ITEMS).await;
        assert_eq!(asked.cached, ITEMS);
        warm.push(asked.spent);
    }
    let bare = median(&echoes);
    println!(
        "{:<26}  {:>9}  {:>8}  {:>9}  {:>6}",
        "stream", "items/s", "µs CPU", "per core", "× echo"
    );
    print_stream("echo", bare, bare);
    print_stream("StreamResolve, warm", median(&warm), bare);
    print_stream("StreamResolve, cold", median(&cold), bare);
}

async fn measure_calls(known: &Known, client: &Client, echo: &Client) {
    println!(
        "\n{:<26}  {:>9}  {:>8}  {:>9}  {:>6}",
        "call", "p50 µs", "p99 µs", "µs CPU", "× echo"
    );
    for (callers, calls) in CALLS {
        let (mut bare, mut warm) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            bare.push(echo.echo_calls(known, callers, calls).await);
            warm.push(client.resolve_calls(known, callers, calls).await);
        }
        let (bare, warm) = (Latencies::medians(&bare), Latencies::medians(&warm));
        print_calls(&format!("echo, {callers} at a time"), bare, bare);
        print_calls(&format!("Resolve, warm, {callers} at a time"), warm, bare);
    }
}

/// What a replica reads from Redis that another one put there: one that keeps nothing itself.
async fn measure_redis(known: &Known) {
    let Some(redis) = Redis::start().await else { return };
    let cache =
        CacheConfig { redis_url: Some(redis.url()), local_bytes_max: 0, ..CacheConfig::default() };
    let suite = Suite::start_with(cache).await;
    suite.clients.settle(suite.clients.import(known.entities()).await).await;
    let client = Client::new(&suite.addresses[0]);
    know_all(known, &client).await;
    let (mut spent, mut cached) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let asked = client.resolve_stream(known, ITEMS / 10).await;
        spent.push(asked.spent);
        cached.push(asked.cached as f64 / (ITEMS / 10) as f64);
    }
    println!("\nin Redis, whose own CPU is not counted; found in it: {cached:.3?}");
    print_stream("StreamResolve", median(&spent), median(&spent));
}

/// Asks until every answer is kept: one that had to do without a neighbour, because the machine is
/// busy, is not.
async fn know_all(known: &Known, client: &Client) {
    until("the cache knows all", async || {
        client.resolve_stream(known, known.count()).await.cached == known.count()
    })
    .await;
}

fn print_stream(name: &str, spent: Spent, bare: Spent) {
    let (rate, cpu) = (spent.rate(), spent.cpu_micros());
    let slower = bare.rate() / rate;
    println!("{name:<26}  {rate:>9.0}  {cpu:>8.2}  {:>9.0}  {slower:>6.2}", 1e6 / cpu);
}

fn print_calls(name: &str, calls: Latencies, bare: Latencies) {
    let Latencies { p50, p99, cpu_micros } = calls;
    println!("{name:<26}  {p50:>9.0}  {p99:>8.0}  {cpu_micros:>9.1}  {:>6.2}", p50 / bare.p50);
}
