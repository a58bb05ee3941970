//! What a hit costs: in this process, and in batches of 100 from a real Redis.
//!
//! The second needs `redis-server` on the PATH and is left out without it.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cache::{Cache, CacheConfig, CacheStatus, Fresh, Key, Space};
use criterion::{Criterion, Throughput, criterion_main};
use tokio::runtime::Runtime;

/// About the size of an answer with three candidates.
#[derive(Clone, PartialEq, prost::Message)]
struct Answer {
    #[prost(bytes, tag = "1")]
    bytes: Vec<u8>,
}

fn answer() -> Answer {
    Answer { bytes: vec![7; 400] }
}

fn space() -> Space {
    Space::new("bench", 1, Duration::from_secs(600)).rules("ar-7").catalogue(42)
}

fn requests(count: u32) -> Vec<Key> {
    (0..count).map(|n| Key::of(&n.to_le_bytes())).collect()
}

fn keys(criterion: &mut Criterion) {
    let request = "بيونغ يانغ, place, kp".as_bytes();
    criterion.bench_function("key of a request", |bencher| bencher.iter(|| Key::of(request)));
}

fn local_hits(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let space = space();
    let cache = Cache::new(CacheConfig::default(), "bench").expect("no url, no error");
    let mut group = criterion.benchmark_group("local hits");
    for count in [1, 100] {
        let keys = requests(count);
        runtime.block_on(get_or_compute(&cache, &space, &keys));
        group.throughput(Throughput::Elements(count.into()));
        group.bench_function(format!("batch of {count}"), |bencher| {
            bencher.to_async(&runtime).iter(|| get_or_compute(&cache, &space, &keys));
        });
    }
}

fn redis_hits(criterion: &mut Criterion) {
    let Some(server) = Server::start() else { return };
    let runtime = Runtime::new().expect("a runtime");
    let (space, keys) = (space(), requests(100));
    let cache = runtime.block_on(filled(&server, &keys));
    let mut group = criterion.benchmark_group("redis hits");
    group.throughput(Throughput::Elements(100));
    group.bench_function("batch of 100, one caller", |bencher| {
        bencher.to_async(&runtime).iter(|| get(&cache, &space, &keys));
    });
    group.throughput(Throughput::Elements(400));
    group.bench_function("batch of 100, four callers", |bencher| {
        bencher.to_async(&runtime).iter(|| async {
            tokio::join!(
                get(&cache, &space, &keys),
                get(&cache, &space, &keys),
                get(&cache, &space, &keys),
                get(&cache, &space, &keys)
            )
        });
    });
}

async fn get_or_compute(cache: &Cache, space: &Space, keys: &[Key]) {
    let compute = |positions: Vec<usize>| async move {
        Ok::<_, io::Error>(positions.iter().map(|_| Fresh::keep(answer())).collect())
    };
    let answers = cache.get_or_compute_many(space, keys, compute).await;
    std::hint::black_box(answers.expect("it is computed"));
}

async fn get(cache: &Cache, space: &Space, keys: &[Key]) {
    let answers: Vec<Option<Answer>> = cache.get_many(space, keys).await;
    assert!(answers.iter().all(Option::is_some), "all are in redis");
}

/// A cache with these values in Redis and, having no room, none in the process.
async fn filled(server: &Server, keys: &[Key]) -> Cache {
    let redis_url = Some(format!("redis://127.0.0.1:{}/", server.port));
    let budget = Duration::from_secs(5);
    let config = CacheConfig { redis_url, budget, local_bytes_max: 0, ..CacheConfig::default() };
    let cache = Cache::new(config, "bench").expect("a good url");
    while cache.status() != CacheStatus::Connected {
        tokio::task::yield_now().await;
    }
    cache.put_many(&space(), keys.iter().map(|key| (*key, answer())));
    while cache.get_many::<Answer>(&space(), keys).await.iter().any(Option::is_none) {}
    cache
}

/// A Redis for the time of the benchmark.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start() -> Option<Server> {
        let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
        let child = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--port", &port.to_string()])
            .stdout(Stdio::null())
            .spawn();
        let server = Server { child: child.ok()?, port };
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "redis-server does not start");
        }
        Some(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

criterion_main!(group::benches);

// In a module, because the macro makes a public function without a comment.
mod group {
    criterion::criterion_group!(benches, super::keys, super::local_hits, super::redis_hits);
}
