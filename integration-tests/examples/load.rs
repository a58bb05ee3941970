//! What happens under load, measured: `cargo run --release -p integration-tests --example load --
//! rolling|kill|overload|redis [CALLS_A_SECOND]`.
//!
//! Three processes of each service, with PostgreSQL. `rolling` restarts each in turn; `kill` kills
//! one of three of each. `redis` troubles the Redis of one process of each, and calls again five
//! seconds after the trouble is over; `overload` sends large batches to one process of each, then four times as many,
//! then as many as before.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "it measures and says what")]

use std::{env, fs, time::Duration};

use integration_tests::{Calls, Load, Redis, Replicas, Service, Tally, quantile};
use tokio::time::{Instant, sleep};
use tonic::Code;

#[expect(dead_code, reason = "nobody kills the database here")]
#[path = "../../services/registry/tests/suite/postgres.rs"]
mod postgres;

/// How long the load lasts between two events, and a phase of the overload.
const BETWEEN: Duration = Duration::from_secs(2);
const PHASE: Duration = Duration::from_secs(10);

/// How long Redis answers nothing, and how long after a trouble all is well again.
const PAUSED: Duration = Duration::from_secs(30);
const BACK_WITHIN: Duration = Duration::from_secs(5);

/// Mentions of a batch of the overload.
const OVERLOAD_ITEMS: usize = 500;

#[tokio::main]
async fn main() {
    let arguments: Vec<_> = env::args().collect();
    let rate = arguments.get(2).map_or(2_000, |rate| rate.parse().unwrap());
    match arguments.get(1).map(String::as_str) {
        Some("rolling") => rolling(rate).await,
        Some("kill") => kill(rate).await,
        Some("overload") => overload(rate).await,
        Some("redis") => redis(rate).await,
        _ => println!("say `rolling`, `kill`, `overload` or `redis`, and how many calls a second"),
    }
}

async fn rolling(rate: usize) {
    let server = postgres::Server::start().expect("PostgreSQL is installed");
    let mut replicas = start([3; 4], vec![("DATABASE_URL", server.database())]).await;
    let load = Load::start(replicas.callers(), Calls::Mixed, rate);
    sleep(BETWEEN).await;
    for service in Service::ALL {
        for number in 0..3 {
            replicas.roll(service, number).await;
            sleep(BETWEEN).await;
        }
    }
    say("rolling", &load.stop().await);
}

async fn kill(rate: usize) {
    let server = postgres::Server::start().expect("PostgreSQL is installed");
    let mut replicas = start([3; 4], vec![("DATABASE_URL", server.database())]).await;
    for service in Service::ALL {
        let load = Load::start(replicas.callers(), Calls::Mixed, rate);
        sleep(BETWEEN).await;
        let at = Instant::now().into_std();
        replicas.kill(service, 0);
        sleep(2 * BETWEEN).await;
        let tally = load.stop().await;
        say(&format!("kill -9 of a {}", service.name()), &tally);
        let second = Duration::from_secs(1);
        let later = tally.failures.iter().filter(|(when, ..)| when.duration_since(at) > second);
        println!("  failed later than a second after it: {}", later.count());
        replicas.spawn(service, 0);
        replicas.wait_serving(service, 0).await;
    }
}

async fn overload(rate: usize) {
    let replicas = start([1; 4], Vec::new()).await;
    for (phase, rate) in [("normal", rate), ("four times", 4 * rate), ("normal again", rate)] {
        let load = Load::start(replicas.callers(), Calls::Batches(OVERLOAD_ITEMS), rate);
        let begin = Instant::now();
        sleep(PHASE).await;
        let (before, memory) = (load.done(), memory(&replicas));
        let tally = load.stop().await;
        say(phase, &tally);
        println!(
            "  {before} ended in {:.1} s; resident {memory:?} MB; refused after p50 {:?}, p99 {:?}",
            begin.elapsed().as_secs_f64(),
            quantile(tally.failed_after.clone(), 0.5),
            quantile(tally.failed_after.clone(), 0.99),
        );
        let recovered = tally.failures.iter().map(|(when, ..)| when).max();
        let recovered = recovered.map(|when| when.duration_since(begin.into_std()));
        println!("  last refusal {recovered:?} after the begin of the phase");
    }
}

async fn redis(rate: usize) {
    let mut redis = Redis::start().await.expect("Redis is installed");
    let replicas = Replicas::start([1; 4], vec![("REDIS_URL", redis.url())]).await;
    let load = || Load::start(replicas.callers(), Calls::Mixed, rate);
    phase("with Redis", load()).await;
    for trouble in ["paused for 30 s", "flushed", "full of garbage", "killed", "another password"] {
        let during = load();
        sleep(BETWEEN).await;
        match trouble {
            "paused for 30 s" => {
                redis.pause();
                sleep(PAUSED).await;
                redis.resume();
            }
            "flushed" => redis.flush(),
            "full of garbage" => drop(redis.plant_garbage()),
            "killed" => redis.stop(),
            _ => redis.replace_by_a_locked_one().await,
        }
        sleep(BETWEEN).await;
        say(&format!("Redis {trouble}"), &during.stop().await);
        if matches!(trouble, "killed" | "another password") {
            redis.stop();
            redis.start_again().await;
        }
        sleep(BACK_WITHIN).await;
        phase("  five seconds later", load()).await;
    }
}

async fn phase(what: &str, load: Load) {
    sleep(PHASE).await;
    say(what, &load.stop().await);
}

async fn start(counts: [usize; 4], mut settings: Vec<(&'static str, String)>) -> Replicas {
    settings.push(("HAWIYA_CACHE_BUDGET", "1s".to_owned()));
    settings.extend(env::var("HAWIYA_WORK_MAX").ok().map(|work| ("HAWIYA_WORK_MAX", work)));
    Replicas::start(counts, settings).await
}

/// Resident memory of the first process of each service, in MB.
fn memory(replicas: &Replicas) -> [u64; 4] {
    Service::ALL.map(|service| {
        let status = format!("/proc/{}/status", replicas.process(service, 0).id());
        let status = fs::read_to_string(status).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_024
    })
}

fn say(what: &str, tally: &Tally) {
    let refused = |code| tally.failures.iter().filter(|(.., one)| one.code() == code).count();
    println!(
        "{what}: {} answered, {} failed ({} of them RESOURCE_EXHAUSTED); p50 {:?}, p99 {:?}",
        tally.answered,
        tally.failures.len(),
        refused(Code::ResourceExhausted),
        tally.quantile(None, 0.5),
        tally.quantile(None, 0.99),
    );
    for method in tally.took.keys() {
        let (half, most) = (tally.quantile(Some(method), 0.5), tally.quantile(Some(method), 0.99));
        println!("  {method:<14} {:>7} p50 {half:?}, p99 {most:?}", tally.took[method].len());
    }
    print!("{}", tally.complaints());
}
