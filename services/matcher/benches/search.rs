//! What comparing costs, and a search from ten thousand names to a million: building, size, mapping, queries a
//! second.
//!
//! The names are drawn from parts of real ones, those of `catalogue.tsv` beside the project; without it there is
//! nothing to measure. `cargo bench -p matcher -- 10000 100000` measures these sizes, without numbers all. Times
//! are CPU times of one thread, where the system tells them.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

use std::{
    env, fs,
    hint::black_box,
    time::{Duration, Instant},
};

use matcher::local::{Entity, Local};
use names::{Name, similarity};
use proto::vocabulary::EntityType;

const SIZES: [usize; 4] = [10_000, 32_302, 100_000, 1_000_000];

/// Queries of each size.
const ASKED: usize = 10_000;

const CANDIDATES_MAX: usize = 20;

fn main() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/eval/catalogue.tsv");
    let Ok(catalogue) = fs::read_to_string(path) else {
        println!("SKIPPED: no catalogue.tsv beside the project");
        return;
    };
    let rows: Vec<Vec<&str>> =
        catalogue.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    measure_comparing(&rows);
    measure_catalogue(&rows);
    println!(
        "{:>9}  {:>8}  {:>10}  {:>8}  {:>9}  {:>9}  {:>9}  {:>9}",
        "names", "build s", "bytes/name", "map ms", "queries/s", "p50 µs", "p99 µs", "found"
    );
    let chosen: Vec<usize> = env::args().filter_map(|argument| argument.parse().ok()).collect();
    for size in if chosen.is_empty() { SIZES.to_vec() } else { chosen } {
        measure(&rows, size);
    }
}

/// One pair of names: prepared, and from their texts. Medians of batches of a hundred.
fn measure_comparing(rows: &[Vec<&str>]) {
    let pairs: Vec<(&str, &str)> = rows
        .iter()
        .filter_map(|row| Some((row[1], *row.get(4)?)))
        .filter(|(_, other)| !other.is_empty())
        .collect();
    let whole: Vec<(String, String)> = pairs
        .windows(2)
        .map(|two| (format!("{} {}", two[0].0, two[1].0), format!("{} {}", two[0].1, two[1].1)))
        .collect();
    let prepared: Vec<(Name, Name)> =
        whole.iter().map(|(a, b)| (Name::new(a), Name::new(b))).collect();
    let prepared = median(prepared.chunks(100), |(a, b)| similarity(a, b).score);
    let texts = median(whole.chunks(100), |(a, b)| similarity(&Name::new(a), &Name::new(b)).score);
    println!(
        "comparing two names of two words: {prepared:.2} µs prepared, {texts:.2} µs from texts\n"
    );
}

/// Microseconds an item.
fn median<'a, T: 'a>(batches: impl Iterator<Item = &'a [T]>, work: impl Fn(&T) -> f64) -> f64 {
    let time = |batch: &[T]| {
        let start = Instant::now();
        black_box(batch.iter().map(&work).sum::<f64>());
        start.elapsed().as_secs_f64() * 1e6 / batch.len() as f64
    };
    let mut times: Vec<f64> = batches.map(time).collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The catalogue itself, a language a line.
fn measure_catalogue(rows: &[Vec<&str>]) {
    let entity = |(at, row): (usize, &Vec<&str>)| Entity {
        id: at.to_string(),
        names: vec![row[1].to_owned()],
        ..Entity::default()
    };
    let local = Local::new(rows.iter().enumerate().map(entity));
    println!("{:>9}  {:>9}  {:>7}  {:>7}  {:>7}", "asked", "queries/s", "r@1", "r@5", "r@20");
    for (language, column) in [("ar_query", 4), ("id", 0), ("ru", 2), ("ja", 3)] {
        let asked: Vec<(&str, &str)> = rows
            .iter()
            .filter_map(|row| Some((*row.get(column)?, row[1])))
            .filter(|(text, _)| !text.is_empty())
            .collect();
        let mut hits = [0; 3];
        let clock = Clock::start();
        for (text, name) in &asked {
            let found = local.ask(text, None, CANDIDATES_MAX);
            let place = found.iter().position(|found| found.name == *name).unwrap_or(usize::MAX);
            for (hits, first) in hits.iter_mut().zip([1, 5, 20]) {
                *hits += usize::from(place < first);
            }
        }
        let speed = asked.len() as f64 / clock.spent().as_secs_f64();
        let [first, five, twenty] = hits.map(|hits| hits as f64 / asked.len() as f64);
        println!("{language:>9}  {speed:>9.0}  {first:>7.4}  {five:>7.4}  {twenty:>7.4}");
    }
}

/// A word as two sources spell it.
type Spelled<'a> = (&'a str, &'a str);

/// A catalogue of names of two words each, and the same people as another source spells them.
fn measure(rows: &[Vec<&str>], size: usize) {
    let spelled: Vec<Spelled<'_>> = rows
        .iter()
        .filter_map(|row| Some((row[1], *row.get(4)?)))
        .filter(|(_, other)| !other.is_empty())
        .collect();
    let mut dice = Dice(size as u64);
    let parts: Vec<(Spelled<'_>, Spelled<'_>)> = (0..size)
        .map(|_| (spelled[dice.below(spelled.len())], spelled[dice.below(spelled.len())]))
        .collect();
    let entity = |(at, (given, family)): (usize, &(Spelled<'_>, Spelled<'_>))| Entity {
        id: format!("Q{at}"),
        entity_type: EntityType::Person,
        names: vec![format!("{} {}", given.0, family.0)],
        ..Entity::default()
    };
    let clock = Clock::start();
    let local = Local::new(parts.iter().enumerate().map(entity));
    let built = clock.spent().as_secs_f64();
    let folder = tempfile::tempdir().expect("a folder for the index");
    local.save(folder.path()).expect("room for the index");
    let bytes = local.size() as f64 / size as f64;
    drop(local);
    let start = Instant::now();
    let local = Local::load(folder.path()).expect("the index that was just saved");
    let mapped = start.elapsed().as_secs_f64() * 1e3;
    let asked: Vec<(String, String)> = (0..ASKED)
        .map(|_| dice.below(size))
        .map(|at| (format!("{} {}", parts[at].0.1, parts[at].1.1), format!("Q{at}")))
        .collect();
    let (mut times, mut found) = (Vec::with_capacity(ASKED), 0);
    let clock = Clock::start();
    for (text, id) in &asked {
        let start = Instant::now();
        let ranked = local.ask(text, None, CANDIDATES_MAX);
        times.push(start.elapsed());
        found += usize::from(ranked.iter().any(|ranked| ranked.id == *id));
    }
    let speed = ASKED as f64 / clock.spent().as_secs_f64();
    times.sort_unstable();
    let micros = |share: usize| times[ASKED * share / 100].as_secs_f64() * 1e6;
    println!(
        "{size:>9}  {built:>8.2}  {bytes:>10.0}  {mapped:>8.1}  {speed:>9.0}  {:>9.0}  {:>9.0}  {:>9.4}",
        micros(50),
        micros(99),
        found as f64 / ASKED as f64
    );
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let hash = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((hash ^ (hash >> 31)) % end as u64) as usize
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

    fn spent(&self) -> Duration {
        let cpu = self.cpu.zip(cpu_time()).map(|(start, end)| end.saturating_sub(start));
        cpu.unwrap_or_else(|| self.started.elapsed())
    }
}

fn cpu_time() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?))
}
