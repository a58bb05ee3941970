//! The registry is killed in the middle of its work, again and again: what it had acknowledged is
//! there, nothing is half there, and its feed goes on where it was.
//!
//! `HAWIYA_CRASH_ROUNDS` says how often it is killed (10 unless said otherwise).

use std::{
    collections::BTreeMap,
    env,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use integration_tests::{Clients, Processes, Service, catalogue::person, query, until};
use proto::{matching::v1 as matching, registry::v1 as wire};
use tonic::Status;

use crate::postgres::Server;

/// Callers that write at the same time.
const WRITERS: usize = 4;

/// The registry is killed after up to as many acknowledgements.
const ACKS_MAX: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_registry_loses_nothing_on_sqlite() {
    kill_again_and_again(Processes::prepare(Vec::new())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_registry_loses_nothing_on_postgres() {
    let Some(mut server) = Server::start() else { return };
    let settings = vec![("DATABASE_URL", server.database())];
    let (processes, told) = kill_again_and_again(Processes::prepare(settings)).await;
    server.kill();
    server.start_again();
    told.check(&processes.clients).await;
}

/// Kills it, and returns the suite with what it has to know.
async fn kill_again_and_again(mut processes: Processes) -> (Processes, Told) {
    let rounds = env::var("HAWIYA_CRASH_ROUNDS").ok().map_or(10, |rounds| rounds.parse().unwrap());
    let mut told = Told::default();
    let mut random = Random(u64::from(std::process::id()) + 1);
    processes.spawn(Service::Registry);
    processes.spawn(Service::Matcher);
    processes.clients.wait_serving(Service::Registry).await;
    let mut feed = Feed::begin(&processes.clients).await;
    for round in 0..rounds {
        let acks_until = random.below(ACKS_MAX);
        let acks = Arc::new(AtomicUsize::new(0));
        let write = |writer| {
            let (clients, acks) = (processes.clients.clone(), Arc::clone(&acks));
            tokio::spawn(Writer::new(format!("r{round}w{writer}"), clients, acks).write())
        };
        let writers: Vec<_> = (0..WRITERS).map(write).collect();
        until("enough is written", async || acks.load(Ordering::Relaxed) >= acks_until).await;
        processes.kill(Service::Registry);
        for writer in writers {
            told.expected.extend(writer.await.unwrap());
        }
        processes.spawn(Service::Registry);
        processes.clients.wait_serving(Service::Registry).await;
        told.check(&processes.clients).await;
        feed.check(&processes.clients).await;
        told.check_history(&processes.clients).await;
    }
    compare_matchers(&mut processes, &told).await;
    (processes, told)
}

/// A generator of numbers that need not be good, only various.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        // Knuth's MMIX constants.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// A name of two words that hardly any other id has anything like: the matcher looks at a limited
/// number of names, and which of thousands that are alike is up to its index.
fn spelled(id: &str) -> String {
    const SYLLABLES: [&str; 16] = [
        "ba", "der", "fi", "gol", "hu", "jam", "ke", "lin", "mo", "nur", "pa", "res", "si", "tov",
        "vu", "zan",
    ];
    // FNV-1a, because neighbouring ids must have names that are far apart.
    let spread = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325, spread);
    let syllable = |at: u32| SYLLABLES[(hash >> (8 * at)) as usize % SYLLABLES.len()];
    let word = |syllables: std::ops::Range<u32>| syllables.map(syllable).collect::<String>();
    format!("{} {}", word(0..4), word(4..8))
}

/// What an entity must be, because that was acknowledged and nothing was asked since.
#[derive(Clone, Debug, PartialEq)]
enum Expected {
    Named(String),
    MergedInto(String),
}

/// Writes until it is told no more, and remembers what was acknowledged.
struct Writer {
    prefix: String,
    clients: Clients,
    acks: Arc<AtomicUsize>,
    expected: BTreeMap<String, Expected>,
}

impl Writer {
    fn new(prefix: String, clients: Clients, acks: Arc<AtomicUsize>) -> Self {
        Self { prefix, clients, acks, expected: BTreeMap::new() }
    }

    async fn write(mut self) -> BTreeMap<String, Expected> {
        for step in 0.. {
            if self.step(step).await.is_err() {
                break;
            }
        }
        self.expected
    }

    async fn step(&mut self, step: usize) -> Result<(), Status> {
        let prefix = format!("{}n{step}", self.prefix);
        let id = |part: &str| format!("{prefix}{part}");
        let (survivor, merged) = (id("a"), id("b"));
        for id in [&survivor, &merged] {
            self.create(id).await?;
        }
        self.rename(&survivor).await?;
        self.merge(&survivor, &merged).await?;
        let rows: Vec<_> = (0..20).map(|row| id(&format!("i{row}"))).collect();
        self.import(rows).await
    }

    async fn create(&mut self, id: &str) -> Result<(), Status> {
        let name = spelled(id);
        let entity = Some(person(id, &[&name]));
        let request = wire::CreateEntityRequest { entity, ..Default::default() };
        self.clients.registry().create_entity(request).await?;
        self.acknowledged(id, Expected::Named(name));
        Ok(())
    }

    async fn rename(&mut self, id: &str) -> Result<(), Status> {
        let name = spelled(&format!("{id} renamed"));
        // Until the answer is there, either name is right.
        self.expected.remove(id);
        let entity = Some(person(id, &[&name]));
        let request = wire::UpdateEntityRequest { entity, ..Default::default() };
        self.clients.registry().update_entity(request).await?;
        self.acknowledged(id, Expected::Named(name));
        Ok(())
    }

    async fn merge(&mut self, survivor: &str, merged: &str) -> Result<(), Status> {
        self.expected.remove(merged);
        let request = wire::MergeEntitiesRequest {
            survivor_id: survivor.to_owned(),
            merged_ids: vec![merged.to_owned()],
            note: None,
        };
        self.clients.registry().merge_entities(request).await?;
        self.acknowledged(merged, Expected::MergedInto(survivor.to_owned()));
        Ok(())
    }

    async fn import(&mut self, ids: Vec<String>) -> Result<(), Status> {
        let row = |id: &String| {
            let entity = Some(person(id, &[&spelled(id)]));
            wire::ImportRow { row_number: 0, entity }
        };
        let header = wire::ImportHeader { dataset: "test".to_owned(), ..Default::default() };
        let chunk = wire::ImportEntitiesRequest {
            header: Some(header),
            chunk_number: 0,
            rows: ids.iter().map(row).collect(),
            last: true,
        };
        let acks = self.clients.registry().import_entities(tokio_stream::iter([chunk])).await?;
        if acks.into_inner().message().await?.is_some() {
            for id in ids {
                self.acknowledged(&id, Expected::Named(spelled(&id)));
            }
        }
        Ok(())
    }

    fn acknowledged(&mut self, id: &str, expected: Expected) {
        self.acks.fetch_add(1, Ordering::Relaxed);
        self.expected.insert(id.to_owned(), expected);
    }
}

/// Everything that was ever acknowledged.
#[derive(Default)]
struct Told {
    expected: BTreeMap<String, Expected>,
}

impl Told {
    async fn check(&self, clients: &Clients) {
        let all: Vec<_> = self.expected.iter().collect();
        for some in all.chunks(1_000) {
            let canonical_ids = some.iter().map(|(id, _)| (*id).clone()).collect();
            let request = wire::BatchGetEntitiesRequest { canonical_ids };
            let answer = clients.registry().batch_get_entities(request).await.unwrap().into_inner();
            for ((id, expected), outcome) in some.iter().zip(answer.outcomes) {
                assert_eq!(found(outcome).as_ref(), Some(*expected), "{id} was acknowledged");
            }
        }
    }

    /// Versions without gaps, and of every merge both halves.
    async fn check_history(&self, clients: &Clients) {
        let mut below = None;
        let mut halves: BTreeMap<String, usize> = BTreeMap::new();
        let mut page_token = String::new();
        loop {
            let request =
                wire::ListChangesRequest { page_size: 1_000, page_token, ..Default::default() };
            let page = clients.registry().list_changes(request).await.unwrap().into_inner();
            for change in page.changes {
                let version = change.catalogue_version;
                assert!(below.is_none_or(|below| version == below - 1), "a gap at {version}");
                below = Some(version);
                if change.kind() == wire::ChangeKind::Merged {
                    *halves.entry(change.change_id).or_default() += 1;
                }
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert!(below.is_none_or(|first| first == 1), "the history begins at {below:?}");
        assert!(halves.values().all(|halves| *halves == 2), "half a merge in {halves:?}");
    }
}

fn found(outcome: wire::EntityOutcome) -> Option<Expected> {
    let Some(wire::entity_outcome::Outcome::Entity(entity)) = outcome.outcome else { return None };
    Some(match entity.state() {
        wire::LifecycleState::Merged => Expected::MergedInto(entity.redirect_id),
        _ => Expected::Named(entity.names[0].text.clone()),
    })
}

/// A consumer of the change feed that was away while the registry was killed.
struct Feed {
    resume_token: String,
    version: i64,
}

impl Feed {
    async fn begin(clients: &Clients) -> Self {
        let request = wire::WatchChangesRequest { start: None };
        let mut told = clients.registry().watch_changes(request).await.unwrap().into_inner();
        loop {
            let batch = told.message().await.unwrap().unwrap();
            // Within the snapshot there is no version to go on from.
            if let Some(version) = batch.catalogue_version {
                return Self { resume_token: batch.resume_token, version };
            }
        }
    }

    /// Goes on from the token: the next versions, each once, up to that of the registry.
    async fn check(&mut self, clients: &Clients) {
        let start = wire::watch_changes_request::Start::ResumeToken(self.resume_token.clone());
        let request = wire::WatchChangesRequest { start: Some(start) };
        let mut told = clients.registry().watch_changes(request).await.unwrap().into_inner();
        loop {
            let batch = told.message().await.unwrap().unwrap();
            for change in &batch.changes {
                assert_eq!(change.catalogue_version, self.version + 1, "a gap or a repeat");
                self.version = change.catalogue_version;
            }
            self.resume_token = batch.resume_token;
            if self.version == batch.registry_catalogue_version {
                return;
            }
        }
    }
}

/// The matcher that followed through all of it says what one says that was started just now.
async fn compare_matchers(processes: &mut Processes, told: &Told) {
    processes.clients.wait_serving(Service::Matcher).await;
    let (_process, fresh) = processes.spawn_another(Service::Matcher);
    fresh.wait_serving(Service::Matcher).await;
    let names: Vec<_> = told.expected.keys().take(500).map(|id| spelled(id)).collect();
    let request = wire::ListChangesRequest { page_size: 1, ..Default::default() };
    let newest = processes.clients.registry().list_changes(request).await.unwrap().into_inner();
    let version = newest.changes.first().map_or(0, |change| change.catalogue_version);
    let answers = async |clients: &Clients| {
        let options = matching::MatchOptions {
            candidates_max: 5,
            min_catalogue_version: version,
            ..Default::default()
        };
        let queries = names.iter().map(|name| query(name)).collect();
        let request = matching::BatchMatchEntitiesRequest { queries, options: Some(options) };
        clients.matcher().batch_match_entities(request).await.unwrap().into_inner().outcomes
    };
    assert!(!names.is_empty());
    assert_eq!(answers(&processes.clients).await, answers(&fresh).await);
}
