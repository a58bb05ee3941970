//! What one machine does a second; run with
//! `cargo test --release -p registry --test suite -- --ignored --nocapture speed`.
//! `HAWIYA_SPEED_ENTITIES` says with how many entities, `DATABASE_URL` in which PostgreSQL.

use std::{env, fs, time::Instant};

use proto::{registry::v1 as wire, r#type::v1 as shared};

use crate::fixture::{Fixture, chunk, entity, header};

/// Entities unless said otherwise, and ids that are asked for.
const ENTITIES: usize = 100_000;
const ASKED: usize = 20_000;

/// Five names in three scripts, an external id and a description: what a real row has.
fn generated(at: usize) -> wire::Entity {
    // A multiplier that is prime to the count spreads the names over the index.
    let mixed = at * 7_919 % 1_000_000;
    let name = |text: String, language: &str| shared::Name {
        text,
        language: language.into(),
        ..Default::default()
    };
    wire::Entity {
        names: vec![
            name(format!("Sergey Lavrov {mixed}"), "en"),
            name(format!("Sergei Lavrow {mixed}"), "de"),
            name(format!("سيرغي لافروف {mixed}"), "ar"),
            name(format!("Сергей Лавров {mixed}"), "ru"),
            name(format!("سرگئی لاوروف {mixed}"), "fa"),
        ],
        country: "RU".into(),
        description: "an entity made up to measure how fast entities are taken in".into(),
        prominence: 0.5,
        external_ids: vec![shared::ExternalId {
            scheme: "wikidata".into(),
            value: format!("Q{at}"),
        }],
        ..entity(&format!("Q{at}"), "")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn speed_of_imports_gets_and_snapshots() {
    let entities =
        env::var("HAWIYA_SPEED_ENTITIES").map_or(ENTITIES, |count| count.parse().unwrap());
    let mut registry = Fixture::start().await;
    for pass in ["new", "unchanged"] {
        // Made as they are sent: a million rows would be measured with the memory of the client.
        let chunks = (0..entities).step_by(1_000).map(move |first| {
            let header = (first == 0).then(|| header(wire::ImportMode::Upsert));
            let rows = (first..entities.min(first + 1_000)).map(generated).collect();
            chunk(first as i64 / 1_000, header, rows)
        });
        let measured = Measurement::begin();
        let acks = registry.client.import_entities(tokio_stream::iter(chunks)).await.unwrap();
        let mut acks = acks.into_inner();
        while acks.message().await.unwrap().is_some() {}
        measured.report(&format!("import, {pass}"), entities);
    }
    let ids: Vec<_> = (0..ASKED).map(|at| format!("Q{}", at * 7 % entities)).collect();
    for pass in ["from the store", "from the cache"] {
        let measured = Measurement::begin();
        for ids in ids.chunks(100) {
            let request = wire::BatchGetEntitiesRequest { canonical_ids: ids.to_vec() };
            registry.client.batch_get_entities(request).await.unwrap();
        }
        measured.report(&format!("batch get by the hundred, {pass}"), ASKED);
    }
    let measured = Measurement::begin();
    let request = wire::WatchChangesRequest { start: None };
    let mut told = registry.client.watch_changes(request).await.unwrap().into_inner();
    while told.message().await.unwrap().unwrap().catalogue_version.is_none() {}
    measured.report("snapshot", entities);
    println!("most memory: {}", peak_memory());
}

/// As Linux counts it, of this process: client and registry.
fn peak_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |size| size.trim().to_owned())
}

/// A measurement: what is done a second, and how many seconds of processors a million would cost,
/// which a machine with neighbours does not change.
struct Measurement {
    begin: Instant,
    cpu: f64,
}

impl Measurement {
    fn begin() -> Self {
        Self { begin: Instant::now(), cpu: cpu_seconds() }
    }

    fn report(self, what: &str, count: usize) {
        let (seconds, cpu) = (self.begin.elapsed().as_secs_f64(), cpu_seconds() - self.cpu);
        let per_million = cpu * 1e6 / count as f64;
        println!(
            "{what}: {:.0}/s, {per_million:.1} s of processors a million",
            count as f64 / seconds
        );
    }
}

/// What this process has used, client and registry, as Linux counts it in hundredths.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in brackets, may have spaces; user and system time follow it.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let times = fields.split_whitespace().skip(11).take(2);
    times.filter_map(|time| time.parse::<f64>().ok()).sum::<f64>() / 100.0
}
