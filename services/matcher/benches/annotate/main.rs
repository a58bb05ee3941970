//! Tokens a second of annotating Arabic news, with 66,000 names in the catalogue, no text twice.
//!
//! The names are those of the starter catalogue and, in Arabic and Russian, of `catalogue.tsv` beside the project;
//! without that there is nothing to measure. Times are CPU times of one thread.
//! `new words` is the share of the tokens that no text before had: what is known of a word is kept as long as the
//! index.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]
#![allow(clippy::unwrap_used, reason = "a benchmark stops and says why")]

mod texts;

use std::{
    collections::HashSet,
    fs,
    hint::black_box,
    path::{Path, PathBuf},
};

use matcher::local::{Entity, Local, Overlap};
use proto::vocabulary::EntityType;
use rustix::time::{ClockId, Timespec, clock_gettime};

use self::texts::Newsroom;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(rows) = fs::read_to_string(here.join("../../../shared/eval/catalogue.tsv")) else {
        println!("SKIPPED: no catalogue.tsv beside the project");
        return;
    };
    let starter = starter(&here.join("../hawiya/starter"));
    let names: Vec<String> = arabic_names(&starter, &rows);
    let entities: Vec<Entity> = starter.into_iter().chain(rows.lines().skip(1).map(row)).collect();
    let count: usize = entities.iter().map(|entity| entity.names.len()).sum();
    let samples = here.join("../../deploy/samples/articles");
    let articles = texts::articles(&[&samples, &samples.join("held-out")]);
    let mut newsroom = Newsroom::new(1, names, &articles);
    let local = Local::new(entities);
    let clock = Clock::start();
    black_box(local.annotate(&["موسكو"], Overlap::Longest));
    println!("{count} names; the automaton is made in {:.2} s", clock.seconds());
    measure_first(&local, &articles, newsroom.texts(27));
    let mut bench = Bench { local: &local, read: HashSet::new() };
    println!(
        "{:<44}  {:>8}  {:>9}  {:>9}  {:>8}  {:>8}  {:>8}",
        "texts", "tokens", "new words", "tokens/s", "median", "slowest", "mentions"
    );
    bench.measure("articles, one after another, each alone", &articles, 1);
    bench.measure("news, one after another, each alone", &newsroom.texts(300), 1);
    bench.measure("the next of them", &newsroom.texts(1_000), 1);
    bench.measure("10 a call", &newsroom.texts(500), 10);
    bench.measure("100 a call", &newsroom.texts(1_000), 100);
}

/// What a text costs when it is the first one that an index is asked about.
fn measure_first(local: &Local, articles: &[String], news: Vec<String>) {
    let folder = std::env::temp_dir().join(format!("hawiya-annotate-{}", std::process::id()));
    local.save(&folder).unwrap();
    for (what, texts) in [("articles", articles), ("news", &news)] {
        let mut speeds: Vec<f64> = texts
            .iter()
            .map(|text| {
                let local = Local::load(&folder).unwrap();
                black_box(local.annotate(&["موسكو"], Overlap::Longest));
                let clock = Clock::start();
                black_box(local.annotate(&[text], Overlap::Longest));
                tokens(text) as f64 / clock.seconds()
            })
            .collect();
        speeds.sort_by(f64::total_cmp);
        let (slowest, median) = (speeds[0], speeds[speeds.len() / 2]);
        println!(
            "the first text of an index, {} {what}, tokens/s: median {median:.0}, slowest {slowest:.0}",
            texts.len()
        );
    }
    fs::remove_dir_all(folder).unwrap();
}

struct Bench<'l> {
    local: &'l Local,
    /// Every word so far.
    read: HashSet<String>,
}

impl Bench<'_> {
    /// So many texts a call. Tokens a second over all calls, of the median call and of the slowest one.
    fn measure(&mut self, what: &str, texts: &[String], a_call: usize) {
        let (mut seconds, mut mentions, mut speeds) = (0.0, 0, Vec::new());
        for texts in texts.chunks(a_call) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let clock = Clock::start();
            let found = black_box(self.local.annotate(&texts, Overlap::Longest));
            let taken = clock.seconds();
            seconds += taken;
            mentions += found.iter().map(Vec::len).sum::<usize>();
            let tokens: usize = texts.iter().map(|text| tokens(text)).sum();
            speeds.push(tokens as f64 / taken);
        }
        speeds.sort_by(f64::total_cmp);
        let (slowest, median) = (speeds[0], speeds[speeds.len() / 2]);
        let tokens: usize = texts.iter().map(|text| tokens(text)).sum();
        let new = texts.iter().map(|text| self.new_words(text)).sum::<usize>();
        let (speed, new) = (tokens as f64 / seconds, 100.0 * new as f64 / tokens as f64);
        println!(
            "{what:<44}  {tokens:>8}  {new:>7.1} %  {speed:>9.0}  {median:>8.0}  {slowest:>8.0}  {mentions:>8}"
        );
    }

    fn new_words(&mut self, text: &str) -> usize {
        let words = names::running_words(text);
        words.iter().filter(|word| self.read.insert(text[word.bytes()].to_owned())).count()
    }
}

fn tokens(text: &str) -> usize {
    names::running_words(text).len()
}

/// The Arabic names, those of the starter catalogue first.
pub(crate) fn arabic_names(starter: &[Entity], rows: &str) -> Vec<String> {
    let is_arabic = |name: &&str| name.starts_with(|c| ('ء'..='ي').contains(&c));
    let known = starter.iter().flat_map(|entity| &entity.names).map(String::as_str);
    let others = rows.lines().skip(1).filter_map(|row| row.split('\t').nth(1));
    known.chain(others).filter(is_arabic).map(str::to_owned).collect()
}

pub(crate) fn row(row: &str) -> Entity {
    let columns: Vec<&str> = row.split('\t').collect();
    let names = columns.iter().skip(1).take(2).filter(|name| !name.is_empty());
    Entity {
        id: format!("row:{}", columns[0]),
        names: names.map(|name| (*name).to_owned()).collect(),
        ..Entity::default()
    }
}

pub(crate) fn starter(folder: &Path) -> Vec<Entity> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let lines = |file: PathBuf| -> Vec<Entity> {
        fs::read_to_string(file).unwrap().lines().map(entity).collect()
    };
    files.into_iter().flat_map(lines).collect()
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

/// CPU time of this thread. A text takes less than a tick of the scheduler, so from the clock and not from `/proc`.
struct Clock(Timespec);

impl Clock {
    fn start() -> Self {
        Self(clock_gettime(ClockId::ThreadCPUTime))
    }

    fn seconds(&self) -> f64 {
        let now = clock_gettime(ClockId::ThreadCPUTime);
        (now.tv_sec - self.0.tv_sec) as f64 + (now.tv_nsec - self.0.tv_nsec) as f64 / 1e9
    }
}
