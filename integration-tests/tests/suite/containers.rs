//! The image and the composition as an operator gets them: what is in them, and what they do when a
//! part is killed, paused, cut off or replaced. Skipped, and told so, where no Docker engine runs.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use integration_tests::{
    CONTAINERS, Clients, Composition, Service,
    catalogue::{self, MISSION},
    docker, until,
};
use proto::resolution::v1 as wire;
use serde_json::{Value, json};
use tonic::Code;

/// One composition for all that is tested of it: making it is what costs.
#[tokio::test(flavor = "multi_thread")]
async fn the_composition_is_safe_and_stays_right_whatever_is_taken_away() {
    let Some(composition) = Composition::start().await else { return };
    the_image_holds_the_binary_and_says_what_it_is_made_of(&composition);
    containers_have_no_rights_and_ports_are_on_loopback(&composition);

    let clients = &composition.clients;
    let version = clients.import(catalogue::starter()).await;
    clients.settle(version).await;
    all_is_right(clients).await;

    without_redis_answers_are_computed(&composition).await;
    without_the_normalizer_answers_are_the_same_and_say_so(&composition).await;
    without_its_database_the_registry_refuses_writes_and_names_are_resolved(&composition).await;
    a_killed_matcher_comes_back_with_its_index(&composition).await;
    one_replica_after_the_other_is_replaced_under_load(&composition).await;
}

/// Every spelling leads where it should, computed anew.
async fn all_is_right(clients: &Clients) {
    for (spelling, id) in MISSION {
        let found = clients.resolve_uncached(spelling).await.unwrap();
        assert_eq!(found.canonical_id, id, "{spelling}: {found:?}");
    }
}

fn the_image_holds_the_binary_and_says_what_it_is_made_of(composition: &Composition) {
    let sbom = "usr/share/doc/hawiya/sbom.cdx.json";
    assert_eq!(composition.files(), ["usr/local/bin/hawiya", sbom]);
    let image = composition.inspect(&composition.image);
    let config = &image["Config"];
    assert_eq!(config["User"], "10001:10001");
    assert_eq!(config["Healthcheck"]["Test"], json!(["CMD", "/usr/local/bin/hawiya", "health"]));
    let label = |name: &str| config["Labels"][format!("org.opencontainers.image.{name}")].clone();
    assert_eq!(label("version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(label("licenses"), env!("CARGO_PKG_LICENSE"));
    assert_eq!(label("source"), env!("CARGO_PKG_REPOSITORY"));
    let version = docker(&["run", "--rm", "--read-only", &composition.image, "--version"]);
    assert_eq!(version.trim(), format!("hawiya {}", env!("CARGO_PKG_VERSION")));
}

fn containers_have_no_rights_and_ports_are_on_loopback(composition: &Composition) {
    for service in CONTAINERS {
        let container = composition.inspect(&composition.container(service));
        let host = &container["HostConfig"];
        assert_eq!(host["ReadonlyRootfs"], true, "{service}");
        assert_eq!(host["CapDrop"], json!(["ALL"]), "{service}");
        assert_eq!(host["SecurityOpt"], json!(["no-new-privileges:true"]), "{service}");
        let user = container["Config"]["User"].as_str().unwrap();
        assert!(!["", "0", "root"].contains(&user.split(':').next().unwrap()), "{service}: {user}");
        let ports = container["NetworkSettings"]["Ports"].as_object().unwrap();
        let bindings = ports.values().filter_map(Value::as_array).flatten();
        let hosts: BTreeSet<_> = bindings.map(|binding| binding["HostIp"].as_str()).collect();
        assert!(hosts.is_subset(&BTreeSet::from([Some("127.0.0.1")])), "{service}: {hosts:?}");
    }
}

async fn without_redis_answers_are_computed(composition: &Composition) {
    let redis = composition.container("redis");
    docker(&["pause", &redis]);
    all_is_right(&composition.clients).await;
    docker(&["unpause", &redis]);
    all_is_right(&composition.clients).await;
}

async fn without_the_normalizer_answers_are_the_same_and_say_so(composition: &Composition) {
    // The resolver would find it on the other network they share.
    for network in ["suite", "cache"] {
        composition.cut("normalizer", network);
    }
    for (spelling, id) in MISSION {
        let found = composition.clients.resolve_uncached(spelling).await.unwrap();
        assert_eq!(found.canonical_id, id, "{found:?}");
        let degradations: Vec<_> = found.degradations().collect();
        assert!(degradations.contains(&wire::Degradation::Normalizer), "{found:?}");
    }
    for network in ["suite", "cache"] {
        composition.mend("normalizer", network);
    }
    let whole = async || {
        let found = composition.clients.resolve_uncached("Lavrov").await.unwrap();
        assert_eq!(found.canonical_id, "Q58217");
        found.degradations.is_empty()
    };
    until("the normalizer is asked again", whole).await;
}

async fn without_its_database_the_registry_refuses_writes_and_names_are_resolved(
    composition: &Composition,
) {
    let postgres = composition.container("postgres");
    docker(&["pause", &postgres]);
    // Each waits for the registry as long as it may, so a few will do.
    for (spelling, id) in &MISSION[..2] {
        let found = composition.clients.resolve_uncached(spelling).await.unwrap();
        assert_eq!(found.canonical_id, *id, "{spelling}: {found:?}");
    }
    docker(&["unpause", &postgres]);
    docker(&["kill", &postgres]);
    all_is_right(&composition.clients).await;
    docker(&["start", &postgres]);
    composition.wait_healthy("postgres").await;
    let person = catalogue::person("P1", &["Zebulon Quackenbush"]);
    let version = composition.clients.import(vec![person]).await;
    let found = composition.clients.resolve_at("Zebulon Quackenbush", version).await;
    assert_eq!(found.canonical_id, "P1", "a write after the database was back");
}

async fn a_killed_matcher_comes_back_with_its_index(composition: &Composition) {
    let matcher = composition.container("matcher");
    docker(&["kill", &matcher]);
    for (spelling, id) in MISSION {
        right_or_unavailable(&composition.clients, spelling, id).await;
    }
    docker(&["start", &matcher]);
    composition.wait_healthy("matcher").await;
    composition.clients.wait_serving(Service::Resolver).await;
    all_is_right(&composition.clients).await;
}

/// Asks once; whether there was an answer.
async fn right_or_unavailable(clients: &Clients, spelling: &str, id: &str) -> bool {
    match clients.resolve_uncached(spelling).await {
        Ok(found) => {
            assert_eq!(found.canonical_id, id, "{spelling}: {found:?}");
            true
        }
        Err(status) => {
            assert_eq!(status.code(), Code::Unavailable, "{spelling}: {status:?}");
            false
        }
    }
}

async fn one_replica_after_the_other_is_replaced_under_load(composition: &Composition) {
    composition.compose(&["up", "--detach", "--no-build", "--no-recreate", "--scale", "matcher=2"]);
    composition.wait_healthy("matcher").await;
    let load = Load::start(&composition.clients);
    for matcher in composition.containers("matcher") {
        docker(&["stop", &matcher]);
        let answered = load.answered();
        until("the other replica answers", async || load.answered() > answered + 100).await;
        docker(&["start", &matcher]);
        composition.wait_healthy("matcher").await;
    }
    let refused = load.end().await;
    assert_eq!(refused, 0, "no request is lost when a replica goes and the other is there");
    all_is_right(&composition.clients).await;
}

/// Callers that ask one name after the other, and take no wrong answer.
struct Load {
    counts: std::sync::Arc<Counts>,
    callers: tokio::task::JoinSet<()>,
}

#[derive(Default)]
struct Counts {
    answered: AtomicUsize,
    refused: AtomicUsize,
    is_over: AtomicBool,
}

impl Load {
    const CALLERS: usize = 4;

    fn start(clients: &Clients) -> Self {
        let counts = std::sync::Arc::new(Counts::default());
        let mut callers = tokio::task::JoinSet::new();
        for caller in 0..Self::CALLERS {
            let (clients, counts) = (clients.clone(), counts.clone());
            callers.spawn(async move {
                for (spelling, id) in MISSION.into_iter().cycle().skip(caller) {
                    if counts.is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    let was_answered = right_or_unavailable(&clients, spelling, id).await;
                    let count = if was_answered { &counts.answered } else { &counts.refused };
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        Self { counts, callers }
    }

    fn answered(&self) -> usize {
        self.counts.answered.load(Ordering::Relaxed)
    }

    /// Ends it and says how many requests were refused.
    async fn end(self) -> usize {
        self.counts.is_over.store(true, Ordering::Relaxed);
        let callers = self.callers.join_all();
        callers.await;
        self.counts.refused.load(Ordering::Relaxed)
    }
}
