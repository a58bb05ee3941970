//! Redis behind TLS: found by whoever trusts it, away for everybody else, and never a crash.

use std::sync::{Arc, Mutex};

use cache::{Cache, CacheConfig, CacheStatus, Source, Tls};
use tempfile::TempDir;

use crate::authority::Authority;
use crate::cluster::{VALUES, fill, found};
use crate::fixture::{
    BUDGET, GENEROUS, Log, config_of, key, source, space, until, until_connected,
};
use crate::redis_cluster::{form, node};
use crate::redis_server::{RedisServer, free_port, redis_server};

/// A server that speaks TLS on a port of its own, and plainly to the test.
struct Secured {
    server: RedisServer,
    port: u16,
    authority: Authority,
    _folder: TempDir,
}

impl Secured {
    /// Whether clients have to show a certificate: `yes`, `no`.
    fn start(clients: &str) -> Option<Secured> {
        let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
        let port = free_port();
        let options = authority.options(folder.path(), port, clients);
        let server = redis_server(&borrowed(&options)).or_else(skipped)?;
        Some(Secured { server, port, authority, _folder: folder })
    }

    /// The default user takes any password.
    fn url(&self) -> String {
        format!("rediss://default:s3cret@127.0.0.1:{}/", self.port)
    }

    /// A cache on it, connected or not.
    fn cache(&self, tls: Tls) -> Cache {
        cache_at(self.url(), tls)
    }
}

fn borrowed(options: &[String]) -> Vec<&str> {
    options.iter().map(String::as_str).collect()
}

fn cache_at(url: String, tls: Tls) -> Cache {
    Cache::new(CacheConfig { tls: Some(tls), ..config_of(url, GENEROUS) }, "test").unwrap()
}

fn is_degraded(cache: &Cache) -> bool {
    matches!(cache.status(), CacheStatus::Degraded { .. })
}

fn skipped<T>() -> Option<T> {
    let required = std::env::var("HAWIYA_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(!required, "HAWIYA_REQUIRE_ALL is set: `redis-server` does not speak TLS");
    eprintln!("\n*** SKIPPED: `redis-server` does not speak TLS, nothing was tested ***\n");
    None
}

#[tokio::test]
async fn what_one_process_stored_by_tls_another_finds() {
    let Some(secured) = Secured::start("no") else { return };
    let tls = || secured.authority.tls(None);
    let (first, other) = (secured.cache(tls()), secured.cache(tls()));
    until_connected(&first).await;
    source(&first, "Пхеньян").await;
    let name = format!("{}{}", space().prefix(), key("Пхеньян"));
    let is_stored = || redis::cmd("EXISTS").arg(&name).query(&mut secured.server.raw()).unwrap();
    until("stored", is_stored).await;
    until_connected(&other).await;
    assert_eq!(source(&other, "Пхеньян").await, Source::Redis);
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_away_until_somebody_does() {
    let Some(secured) = Secured::start("no") else { return };
    let log = Log::capture();
    let believed = Arc::new(Mutex::new(Authority::new().believed(None)));
    let asked = Arc::clone(&believed);
    let cache = secured.cache(Tls::new(move || Arc::clone(&asked.lock().unwrap())));
    until("logged", || log.count("redis is away") == 1).await;
    assert!(log.text().contains("invalid peer certificate"), "{}", log.text());
    assert!(!log.text().contains("s3cret"), "{}", log.text());
    assert_eq!(source(&cache, "x").await, Source::Computed);
    assert!(is_degraded(&cache));

    // As when the file of authorities was renewed.
    *believed.lock().unwrap() = secured.authority.believed(None);
    until_connected(&cache).await;
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_believed() {
    let Some(secured) = Secured::start("no") else { return };
    let log = Log::capture();
    let url = format!("rediss://localhost:{}/", secured.port);
    let cache = cache_at(url, secured.authority.tls(None));
    until("logged", || log.count("redis is away") == 1).await;
    assert!(log.text().contains("not valid for name"), "{}", log.text());
    assert!(is_degraded(&cache));
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_is_shown_one_or_is_away() {
    let Some(secured) = Secured::start("yes") else { return };
    let log = Log::capture();
    let bare = secured.cache(secured.authority.tls(None));
    until("logged", || log.count("redis is away") == 1).await;
    assert!(is_degraded(&bare));

    let own = secured.authority.certify("resolver.example");
    until_connected(&secured.cache(secured.authority.tls(Some(&own)))).await;
}

#[tokio::test]
async fn a_server_that_hangs_behind_tls_is_left_and_found_again_without_old_connections() {
    let Some(secured) = Secured::start("no") else { return };
    let tls = Some(secured.authority.tls(None));
    let config = CacheConfig { tls, ..config_of(secured.url(), BUDGET) };
    let cache = Cache::new(config, "test").unwrap();
    until_connected(&cache).await;
    secured.server.pause();
    until("noticed", || is_degraded(&cache)).await;
    assert_eq!(source(&cache, "x").await, Source::Computed);
    secured.server.resume();
    until_connected(&cache).await;
    let connections =
        || -> String { redis::cmd("CLIENT").arg("LIST").query(&mut secured.server.raw()).unwrap() };
    // That of the cache, and that which asks.
    until("one connection is left", || connections().lines().count() == 2).await;
}

#[tokio::test]
async fn every_node_of_a_cluster_is_spoken_to_by_tls() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let ports: [u16; 3] = std::array::from_fn(|_| free_port());
    let nodes: Option<Vec<RedisServer>> = ports
        .iter()
        .map(|port| {
            let options = authority.options(folder.path(), *port, "no");
            node(&[&borrowed(&options)[..], &["--tls-cluster", "yes"]].concat())
        })
        .collect();
    let Some(nodes) = nodes.or_else(skipped) else { return };
    let trusted = folder.path().join("ca.crt");
    let flags = ["--tls", "--cacert", trusted.to_str().unwrap()];
    let cluster = form(
        nodes,
        &ports.map(|port| format!("127.0.0.1:{port}")),
        flags.map(str::to_owned).to_vec(),
    )
    .await;

    let url = format!("rediss-cluster://127.0.0.1:{}", ports[0]);
    let cache = || cache_at(url.clone(), authority.tls(None));
    let (first, other) = (cache(), cache());
    until_connected(&first).await;
    fill(&first, &cluster).await;
    until_connected(&other).await;
    assert_eq!(found(&other).await, VALUES);
}
