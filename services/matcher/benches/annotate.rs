//! Tokens a second of annotating Arabic news, with 65,000 names in the catalogue.
//!
//! The names are those of the starter catalogue and, in Arabic and Russian, of `catalogue.tsv` beside the project;
//! without that there is nothing to measure. Times are CPU times of one thread, where the system tells them: the
//! median of several rounds, each with its own call, so that every round looks its words up anew.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]
#![allow(clippy::unwrap_used, reason = "a benchmark stops and says why")]

use std::{
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use matcher::local::{Entity, Local, Overlap};
use proto::vocabulary::EntityType;

/// Rounds of each size.
const ROUNDS: usize = 15;

fn main() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(rows) = fs::read_to_string(here.join("../../../shared/eval/catalogue.tsv")) else {
        println!("SKIPPED: no catalogue.tsv beside the project");
        return;
    };
    let mut entities = starter(&here.join("../hawiya/starter"));
    entities.extend(rows.lines().skip(1).map(row));
    let names: usize = entities.iter().map(|entity| entity.names.len()).sum();
    let local = Local::new(entities);
    let article = fs::read_to_string(here.join("../../deploy/samples/article-ar.txt")).unwrap();
    let clock = Clock::start();
    black_box(local.annotate(&[&article], Overlap::Longest));
    println!("{names} names; the automaton is made in {:.2} s", clock.seconds());
    println!("{:>9}  {:>9}  {:>10}  {:>9}", "texts", "tokens", "tokens/s", "mentions");
    for texts in [1, 10, 100] {
        measure(&local, &article, texts);
    }
}

/// So many texts in a call. The sentences of the article in other orders: texts of one day share their words.
fn measure(local: &Local, article: &str, texts: usize) {
    let sentences: Vec<&str> = article.split_inclusive(['.', '\n']).collect();
    let texts: Vec<String> = (0..texts)
        .map(|at| {
            let mut sentences = sentences.clone();
            let length = sentences.len();
            sentences.rotate_left(at % length);
            sentences.concat()
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let tokens: usize = texts.iter().map(|text| names::running_words(text).len()).sum();
    let mut mentions = 0;
    let mut speeds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let clock = Clock::start();
            let found = black_box(local.annotate(&texts, Overlap::Longest));
            mentions = found.iter().map(Vec::len).sum();
            tokens as f64 / clock.seconds()
        })
        .collect();
    speeds.sort_by(f64::total_cmp);
    println!("{:>9}  {tokens:>9}  {:>10.0}  {mentions:>9}", texts.len(), speeds[ROUNDS / 2]);
}

fn row(row: &str) -> Entity {
    let columns: Vec<&str> = row.split('\t').collect();
    let names = columns.iter().skip(1).take(2).filter(|name| !name.is_empty());
    Entity {
        id: format!("row:{}", columns[0]),
        names: names.map(|name| (*name).to_owned()).collect(),
        ..Entity::default()
    }
}

fn starter(folder: &Path) -> Vec<Entity> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let lines = |file: PathBuf| -> Vec<Entity> {
        fs::read_to_string(file).unwrap().lines().map(entity).collect()
    };
    files.flat_map(lines).collect()
}

fn entity(line: &str) -> Entity {
    let entity: serde_json::Value = serde_json::from_str(line).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let named = format!("ENTITY_TYPE_{}", text(&entity["type"]).to_uppercase());
    Entity {
        id: text(&entity["id"]),
        entity_type: EntityType::from_str_name(&named).unwrap_or_default(),
        names: entity["names"].as_array().unwrap().iter().map(|name| text(&name["text"])).collect(),
        country: text(&entity["country"]),
        prominence: entity["prominence"].as_f64().unwrap_or_default(),
    }
}

/// CPU time of this thread (Linux: the first number of `/proc/thread-self/schedstat`), or else the time.
struct Clock {
    cpu: Option<Duration>,
    started: Instant,
}

impl Clock {
    fn start() -> Self {
        Self { cpu: cpu_time(), started: Instant::now() }
    }

    fn seconds(&self) -> f64 {
        let cpu = self.cpu.zip(cpu_time()).map(|(start, end)| end.saturating_sub(start));
        cpu.unwrap_or_else(|| self.started.elapsed()).as_secs_f64()
    }
}

fn cpu_time() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?))
}
