//! A shared Redis: it saves work, and whatever becomes of it no answer changes.

use std::time::{Duration, Instant};

use integration_tests::{
    Clients, Process, Processes, Redis, RedisCluster, Service,
    catalogue::{self, MISSION},
    query, until,
};
use proto::resolution::v1 as wire;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use wire::{AnswerOrigin, item_outcome::Outcome};

const AWAY: &str = "redis is away";

async fn lookups(process: &Process, outcome: &str) -> f64 {
    let labels = format!(r#"outcome="{outcome}""#);
    process.metric("hawiya_cache_lookups_total", &labels).await
}

async fn start() -> Option<(Redis, Processes)> {
    let redis = Redis::start().await?;
    let processes = Processes::start(Some(redis.url())).await;
    processes.wait_redis().await;
    Some((redis, processes))
}

/// Asks a resolver that has just started, and so knows nothing but what Redis tells it.
async fn fresh_origin(processes: &Processes, text: &str) -> AnswerOrigin {
    let (resolver, clients) = processes.spawn_another(Service::Resolver);
    clients.wait_serving(Service::Resolver).await;
    until("the new resolver has found redis", async || {
        resolver.metric("hawiya_cache_up", "").await == 1.0
    })
    .await;
    let found = clients.resolve(text).await.origin();
    let hits = if found == AnswerOrigin::SharedCache { 1.0 } else { 0.0 };
    assert_eq!(lookups(&resolver, "hit_redis").await, hits);
    found
}

/// Resolves `text` and waits until Redis has the answer.
async fn resolve_and_store(processes: &Processes, redis: &Redis, text: &str) {
    let before = redis.key_count();
    assert_eq!(processes.clients.resolve(text).await.origin(), AnswerOrigin::Computed);
    // The resolver's answer and the matcher's.
    until("the answer is stored", async || redis.key_count() >= before + 2).await;
}

#[tokio::test]
async fn the_second_identical_call_is_a_hit_and_so_is_the_first_of_another_process() {
    let Some((redis, mut processes)) = start().await else { return };
    let before = lookups(processes.process(Service::Resolver), "hit_local").await;
    resolve_and_store(&processes, &redis, "بيونج يانج").await;
    let again = processes.clients.resolve("بيونج يانج").await;
    assert_eq!((again.origin(), again.canonical_id.as_str()), (AnswerOrigin::LocalCache, "Q18808"));
    let after = lookups(processes.process(Service::Resolver), "hit_local").await;
    assert_eq!(after - before, 1.0);

    assert_eq!(fresh_origin(&processes, "بيونج يانج").await, AnswerOrigin::SharedCache);
    processes.kill(Service::Resolver);
    processes.spawn(Service::Resolver);
    processes.wait_serving().await;
    processes.wait_redis().await;
    let restarted = processes.clients.resolve("بيونج يانج").await;
    assert_eq!(restarted, wire::Resolution { origin: AnswerOrigin::SharedCache.into(), ..again });
}

/// Names nobody asked for before, so that nothing about them is cached.
fn unheard_of(count: usize) -> Vec<String> {
    let spellings = MISSION.iter().cycle();
    spellings.take(count).enumerate().map(|(at, (text, _))| format!("{text} {at}")).collect()
}

fn message(texts: &[String]) -> wire::StreamResolveRequest {
    let item = |(item_number, text): (i64, &String)| wire::ResolveItem {
        item_number,
        query: Some(query(text)),
        options: None,
    };
    wire::StreamResolveRequest { items: (0..).zip(texts).map(item).collect(), options: None }
}

/// What an answer says, without where it came from.
fn said(outcome: wire::ItemOutcome) -> wire::Resolution {
    let Some(Outcome::Resolution(resolution)) = outcome.outcome else { panic!("{outcome:?}") };
    wire::Resolution { origin: 0, ..resolution }
}

async fn expected(clients: &Clients, texts: &[String]) -> Vec<wire::Resolution> {
    let options =
        wire::ResolveOptions { max_staleness: Some(Default::default()), ..Default::default() };
    let request = wire::StreamResolveRequest { options: Some(options), ..message(texts) };
    let answers = clients.resolver().stream_resolve(tokio_stream::iter([request])).await;
    let answer = answers.unwrap().into_inner().message().await.unwrap().unwrap();
    answer.outcomes.into_iter().map(said).collect()
}

/// Asks a stream for 20 names at a time; in its middle `calamity` happens. Every answer is the one that
/// is given without a cache.
async fn answers_stay(processes: &Processes, texts: &[String], calamity: impl AsyncFnOnce()) {
    let (sender, requests) = mpsc::channel(1);
    let mut resolver = processes.clients.resolver();
    let answers = resolver.stream_resolve(ReceiverStream::new(requests)).await.unwrap();
    let mut answers = answers.into_inner();
    let (mut found, mut calamity) = (Vec::new(), Some(calamity));
    for (at, texts) in texts.chunks(20).enumerate() {
        if at == 8
            && let Some(calamity) = calamity.take()
        {
            calamity().await;
        }
        sender.send(message(texts)).await.unwrap();
        let answer = answers.message().await.unwrap().expect("the stream goes on");
        found.extend(answer.outcomes.into_iter().map(said));
    }
    drop(sender);
    assert!(answers.message().await.unwrap().is_none());
    assert_eq!(found, expected(&processes.clients, texts).await);
}

#[tokio::test]
async fn redis_killed_in_the_middle_of_a_stream_changes_no_answer_and_is_one_warning() {
    let Some((mut redis, processes)) = start().await else { return };
    answers_stay(&processes, &unheard_of(400), async || redis.stop()).await;

    for service in Service::ALL {
        let process = processes.process(service);
        until(&format!("{service:?} says so"), async || process.logged(AWAY) > 0).await;
        assert_eq!(process.logged(AWAY), 1, "{}", process.log());
    }
    let resolver = processes.process(Service::Resolver);
    assert_eq!(resolver.logged(r#""level":"WARN""#), 1, "{}", resolver.log());
    assert_eq!(resolver.logged(r#""level":"ERROR""#), 0, "{}", resolver.log());
    assert_eq!(resolver.metric("hawiya_cache_up", "").await, 0.0);

    redis.start_again().await;
    processes.wait_redis().await;
    resolve_and_store(&processes, &redis, "للافروف").await;
    assert_eq!(fresh_origin(&processes, "للافروف").await, AnswerOrigin::SharedCache);
    assert_eq!(resolver.logged(AWAY), 1, "{}", resolver.log());
}

/// Each service may lose its budget of 50 ms once; the rest is for a machine with neighbours.
const BOUND: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_redis_that_hangs_delays_an_answer_by_a_bounded_time() {
    let Some(redis) = Redis::start().await else { return };
    let processes = Processes::start_with(vec![("REDIS_URL", redis.url())]).await;
    processes.wait_redis().await;
    redis.pause();
    let mut slowest = Duration::ZERO;
    for (spelling, id) in MISSION {
        let asked = Instant::now();
        let found = processes.clients.resolve(spelling).await;
        slowest = slowest.max(asked.elapsed());
        assert_eq!((found.canonical_id.as_str(), found.degradations), (id, Vec::new()));
    }
    assert!(slowest < BOUND, "{slowest:?}");
    redis.resume();
    processes.wait_redis().await;
    let found = processes.clients.resolve("بيونغ يانغ من جديد").await;
    assert_eq!(found.origin(), AnswerOrigin::Computed);
}

#[tokio::test]
async fn garbage_under_every_key_changes_no_answer() {
    let Some((redis, mut processes)) = start().await else { return };
    let texts = unheard_of(60);
    let before = expected(&processes.clients, &texts).await;
    for text in &texts {
        processes.clients.resolve(text).await;
    }
    until("all answers are stored", async || redis.key_count() >= 60).await;
    // Processes without a memory of their own, so that all they know is what Redis holds.
    for service in Service::ALL {
        processes.kill(service);
    }
    assert!(redis.plant_garbage() >= 60);
    processes.restart().await;
    processes.wait_redis().await;
    for (text, before) in texts.iter().zip(before) {
        let found = processes.clients.resolve(text).await;
        assert_eq!(wire::Resolution { origin: 0, ..found }, before);
    }
    let resolver = processes.process(Service::Resolver);
    assert!(lookups(resolver, "garbage").await > 0.0);
    assert_eq!(lookups(resolver, "hit_redis").await, 0.0);
}

#[tokio::test]
async fn answers_of_another_catalogue_in_the_same_redis_are_not_given() {
    let Some(redis) = Redis::start().await else { return };
    let settings = || vec![("REDIS_URL", redis.url()), ("HAWIYA_CACHE_BUDGET", "5s".to_owned())];
    // Two catalogues of one version each, as when a file was lost and begun again.
    for id in ["T1", "T2"] {
        let mut processes = Processes::prepare(settings());
        for service in Service::ALL {
            processes.spawn(service);
        }
        processes.wait_serving().await;
        processes.wait_redis().await;
        let version = processes.clients.import(vec![catalogue::person(id, &["Zayd Qutrub"])]).await;
        processes.clients.settle(version).await;
        let found = processes.clients.resolve("Zayd Qutrub").await;
        assert_eq!(found.canonical_id, id);
        until("the answer is stored", async || redis.key_count() >= 2).await;
    }
}

#[tokio::test]
async fn a_redis_that_forgets_or_is_replaced_by_a_locked_one_changes_no_answer() {
    let Some((mut redis, processes)) = start().await else { return };
    let texts = unheard_of(300);
    answers_stay(&processes, &texts, async || redis.flush()).await;
    let others: Vec<String> = texts.iter().map(|text| format!("{text} b")).collect();
    answers_stay(&processes, &others, async || redis.replace_by_a_locked_one().await).await;
    let resolver = processes.process(Service::Resolver);
    until("it is noticed", async || resolver.metric("hawiya_cache_up", "").await == 0.0).await;
    assert_eq!(resolver.logged("nobody knows"), 0, "{}", resolver.log());
}

#[tokio::test]
async fn a_redis_cluster_loses_a_primary_and_moves_slots_under_load_and_no_answer_changes() {
    let Some(mut cluster) = RedisCluster::start().await else { return };
    let processes = Processes::start(Some(cluster.url())).await;
    processes.wait_redis().await;
    let texts = unheard_of(300);
    answers_stay(&processes, &texts, async || cluster.rebalance([4, 5, 5])).await;
    // The resolver's answers and the matcher's.
    until("the answers are stored", async || cluster.key_count() >= 600).await;
    assert_eq!(fresh_origin(&processes, &texts[0]).await, AnswerOrigin::SharedCache);

    let others: Vec<String> = texts.iter().map(|text| format!("{text} b")).collect();
    answers_stay(&processes, &others, async || cluster.nodes[1].stop()).await;
    cluster.nodes[1].start_again().await;
    processes.wait_redis().await;
    let again: Vec<String> = texts.iter().map(|text| format!("{text} c")).collect();
    answers_stay(&processes, &again, async || {}).await;
}
