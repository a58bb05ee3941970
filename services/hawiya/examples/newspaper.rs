//! Writes the names of a newspaper as CSV: those of a catalogue over and over, the famous ones most
//! often (Zipf 1849-1950: the n-th name comes a n-th as often as the first), in all their spellings.
//!
//! ```text
//! newspaper catalogue ../shared/eval/catalogue.tsv > catalogue.jsonl   # to be imported
//! newspaper 1000000 ../shared/eval/catalogue.tsv > names.csv           # to be resolved
//! ```
//!
//! The same numbers give the same file. `expected` is the entity that was meant; empty where it is a
//! name that nobody knows. For measuring speed: the spellings are too easy to measure quality with.

#![expect(clippy::print_stderr, reason = "a program for developers")]

use std::{
    env, fs,
    io::{self, BufWriter, Write},
    process::ExitCode,
};

use serde_json::json;

/// How many mentions in a thousand are of nobody in the catalogue.
const UNKNOWN_PER_MILLE: u64 = 20;

/// How many in a thousand are written as no source writes them.
const MISSPELLED_PER_MILLE: u64 = 60;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [what, path] = &arguments[..] else {
        eprintln!("usage: newspaper catalogue|ROWS CATALOGUE.tsv");
        return ExitCode::from(64);
    };
    let written = read(path).and_then(|entities| match what.parse() {
        Ok(rows) => write_names(rows, &entities),
        Err(_) => write_catalogue(&entities),
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("newspaper: {path}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// An entity: how it is written in Latin, and all its spellings.
struct Entity {
    id: String,
    latin: String,
    arabic: String,
    russian: String,
    japanese: String,
    /// Arabic as another source spells it; the catalogue does not have it.
    queried: String,
}

fn read(path: &str) -> io::Result<Vec<Entity>> {
    let text = fs::read_to_string(path)?;
    let entity = |(number, line): (usize, &str)| {
        let mut cells = line.split('\t').map(str::to_owned);
        let mut next = || cells.next().unwrap_or_default();
        Entity {
            id: format!("n{number}"),
            latin: next(),
            arabic: next(),
            russian: next(),
            japanese: next(),
            queried: next(),
        }
    };
    Ok(text.lines().enumerate().skip(1).map(entity).collect())
}

fn write_catalogue(entities: &[Entity]) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for entity in entities {
        let spellings = [
            ("en", &entity.latin),
            ("ar", &entity.arabic),
            ("ru", &entity.russian),
            ("ja", &entity.japanese),
        ];
        let name = |(language, text): &(&str, &String)| json!({"text": text, "language": language});
        let names: Vec<_> =
            spellings.iter().filter(|(_, text)| !text.is_empty()).map(name).collect();
        writeln!(out, "{}", json!({"id": entity.id, "type": "person", "names": names}))?;
    }
    out.flush()
}

fn write_names(rows: u64, entities: &[Entity]) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    let mut random = Random(1);
    let fame = Fame::new(entities.len(), &mut random);
    writeln!(out, "row,name,page,expected")?;
    for row in 1..=rows {
        let (name, expected) = if random.below(1_000) < UNKNOWN_PER_MILLE {
            (unknown(&mut random), "")
        } else {
            let entity = &entities[fame.draw(&mut random)];
            (spelling(entity, &mut random), entity.id.as_str())
        };
        let name = if name.contains(['"', ',']) {
            format!("\"{}\"", name.replace('"', "\"\""))
        } else {
            name
        };
        writeln!(out, "{row},{name},{},{expected}", random.below(48) + 1)?;
    }
    out.flush()
}

fn spelling(entity: &Entity, random: &mut Random) -> String {
    let chosen = match random.below(100) {
        0..45 => &entity.arabic,
        45..70 => &entity.queried,
        70..88 => &entity.latin,
        _ => &entity.russian,
    };
    let chosen = if chosen.is_empty() { &entity.arabic } else { chosen };
    if random.below(1_000) < MISSPELLED_PER_MILLE {
        misspelled(chosen, random)
    } else {
        chosen.clone()
    }
}

/// A letter doubled, left out, or changed with its neighbour; or «و» before the name.
fn misspelled(name: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    let at = random.below(letters.len() as u64) as usize;
    match random.below(4) {
        0 => letters.insert(at, letters[at]),
        1 if letters.len() > 3 => drop(letters.remove(at)),
        2 if at > 0 => letters.swap(at - 1, at),
        _ => return format!("و{name}"),
    }
    letters.into_iter().collect()
}

/// A name of two words; the same few hundred people come again and again.
fn unknown(random: &mut Random) -> String {
    const SYLLABLES: [&str; 12] =
        ["با", "در", "في", "غول", "هو", "جم", "كي", "لن", "مو", "نور", "توف", "زان"];
    let mut who = Random(random.below(600) + 7);
    let mut word = || (0..3).map(|_| SYLLABLES[who.below(12) as usize]).collect::<String>();
    format!("{} {}", word(), word())
}

/// Who is named how often: a rank for each entity, and how likely a mention is of a rank or one before.
struct Fame {
    by_rank: Vec<usize>,
    up_to: Vec<f64>,
}

impl Fame {
    fn new(entities: usize, random: &mut Random) -> Self {
        let mut by_rank: Vec<usize> = (0..entities).collect();
        for at in (1..entities).rev() {
            by_rank.swap(at, random.below(at as u64 + 1) as usize);
        }
        let mut sum = 0.0;
        let up_to = (1..=entities).map(|rank| {
            sum += 1.0 / rank as f64;
            sum
        });
        Self { up_to: up_to.collect(), by_rank }
    }

    fn draw(&self, random: &mut Random) -> usize {
        let total = self.up_to.last().copied().unwrap_or_default();
        let drawn = random.below(1 << 32) as f64 / (1u64 << 32) as f64 * total;
        let rank = self.up_to.partition_point(|up_to| *up_to <= drawn);
        self.by_rank[rank.min(self.by_rank.len() - 1)]
    }
}

/// Numbers that need not be good, only the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        // Knuth's MMIX constants, of which the upper half is good enough.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 31) % limit.max(1)
    }
}
