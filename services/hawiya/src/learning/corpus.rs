//! The labelled names in memory: pairs that people wrote down, and catalogues with their look-alikes.

use std::collections::HashMap;

use names::{Name, Script, Task};

use super::Example;
use crate::evaluation::{
    formats::{Catalogue, Labelled, Spellings},
    report::key_part,
};

/// As many look-alikes are drawn for each name that is asked. Only the hardest of them teach less: they are
/// often other spellings of the same name.
const LOOK_ALIKES: usize = 6;

/// Of ten rows of a column in another script, so many are learned from; more changes nothing.
const OTHER_TENTHS: u64 = 5;

/// How much a pair of a catalogue counts where pairs that people wrote down teach the same. Without any,
/// learning would know no pairs but those that people look at, and nothing of names that are further apart.
const BESIDE_WRITTEN_WEIGHT: f32 = 0.5;

/// Most rows of a column that are learned from: bounds memory and time.
const LEARNED_MAX: usize = 50_000;

/// Most rows of a column that are asked in a trial.
const ASKED_MAX: usize = 2_000;

/// Classes of a skeleton by which look-alikes are found.
const CLASSES_MAX: usize = 24;

/// All that is known.
pub(super) struct Corpus {
    pub(super) pairs: Vec<Pair>,
    pub(super) shelves: Vec<Shelf>,
}

/// Two names that people wrote down as one or as two.
pub(super) struct Pair {
    pub(super) a: Name,
    pub(super) b: Name,
    pub(super) is_match: bool,
}

/// A catalogue: each spelling that is indexed once, and other ways to write it.
pub(super) struct Shelf {
    /// Key of the catalogue in figures.
    pub(super) key: String,
    pub(super) names: Vec<Name>,
    pub(super) columns: Vec<Column>,
    /// Names by their skeleton and by all that it leaves when one class is taken.
    by_skeleton: HashMap<String, Vec<usize>>,
}

/// One of the other ways.
pub(super) struct Column {
    /// Key of the column in figures.
    pub(super) key: String,
    /// What is learned from.
    learned: Vec<Query>,
    /// What is kept apart for a trial.
    pub(super) kept: Vec<Query>,
}

/// A name that is asked, and the name that it means.
pub(super) struct Query {
    pub(super) name: Name,
    pub(super) target: usize,
}

impl Corpus {
    pub(super) fn new(labelled: &Labelled) -> Self {
        let variants = labelled.variants.iter().map(|spellings| Pair::new(spellings, true));
        let distinct = labelled.distinct.iter().map(|spellings| Pair::new(spellings, false));
        let pairs = variants.chain(distinct).collect();
        Self { pairs, shelves: labelled.catalogues.iter().map(Shelf::new).collect() }
    }
}

impl Pair {
    fn new(spellings: &Spellings, is_match: bool) -> Self {
        Self { a: Name::new(&spellings.a), b: Name::new(&spellings.b), is_match }
    }
}

impl Shelf {
    fn new(catalogue: &Catalogue) -> Self {
        let (mut names, mut by_spelling) = (Vec::new(), HashMap::new());
        let mut targets = Vec::with_capacity(catalogue.indexed.len());
        for text in &catalogue.indexed {
            let name = Name::new(text);
            let at = *by_spelling.entry(name.orthographic().to_owned()).or_insert(names.len());
            if at == names.len() {
                names.push(name);
            }
            targets.push(at);
        }
        let asked = catalogue.asked.iter().enumerate();
        let column = |(salt, (key, texts)): (usize, &(String, Vec<String>))| {
            Column::new(key_part(key), salt as u64, &names, &targets, texts)
        };
        let columns = asked.map(column).collect();
        let by_skeleton = by_skeleton(&names);
        Self { key: key_part(&catalogue.name), names, columns, by_skeleton }
    }

    /// Names whose skeleton is that of the query when at most one class is taken from either.
    /// The name that is meant is among them, if it is alike.
    pub(super) fn found(&self, query: &Query) -> Vec<usize> {
        let keys = shortened(query.name.skeleton());
        let mut found: Vec<usize> =
            keys.iter().filter_map(|key| self.by_skeleton.get(key)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The rows that are learned from, each with some of its look-alikes and a stranger.
    pub(super) fn examples(&self) -> impl Iterator<Item = Example<'_>> {
        let queries = self.columns.iter().flat_map(|column| &column.learned);
        queries.flat_map(move |query| {
            let searched = self.searched(query);
            let is_arabic = query.name.script() == Script::Arab;
            let compared = if is_arabic { self.compared(query) } else { Vec::new() };
            searched.into_iter().chain(compared)
        })
    }

    /// For searching. Of other scripts for comparing too: it has the same weights.
    fn searched<'a>(&'a self, query: &'a Query) -> Vec<Example<'a>> {
        let mut found = self.found(query);
        found.retain(|at| *at != query.target);
        let others = drawn(query, &found, LOOK_ALIKES).chain(self.stranger(query));
        let others = others.map(|at| (at, false));
        let pairs = others.chain([(query.target, true)]);
        pairs.map(|(at, is_match)| self.example(query, at, is_match, Task::Search, 1.0)).collect()
    }

    /// For comparing: nobody lays the same spellings side by side, and few those of one form.
    fn compared<'a>(&'a self, query: &'a Query) -> Vec<Example<'a>> {
        let mut found = self.found(query);
        let is_apart = |at: &usize| self.names[*at].form() != query.name.form();
        found.retain(|at| *at != query.target && is_apart(at));
        let others = drawn(query, &found, 1).chain(self.stranger(query)).map(|at| (at, false));
        let is_same = self.names[query.target].orthographic() == query.name.orthographic();
        let target = (!is_same).then_some((query.target, true));
        let example = |(at, is_match)| {
            self.example(query, at, is_match, Task::Compare, BESIDE_WRITTEN_WEIGHT)
        };
        others.chain(target).map(example).collect()
    }

    fn example<'a>(
        &'a self,
        query: &'a Query,
        at: usize,
        is_match: bool,
        task: Task,
        weight: f32,
    ) -> Example<'a> {
        Example { a: &query.name, b: &self.names[at], is_match, task, weight }
    }

    /// Any other name. Without strangers, names that have nothing in common would be unknown to the weights,
    /// and the words of long names are compared each with each.
    fn stranger(&self, query: &Query) -> Option<usize> {
        const SALT: u64 = 11;
        let at = draw(query.name.orthographic(), SALT) % self.names.len().max(1) as u64;
        (at as usize != query.target && !self.names.is_empty()).then_some(at as usize)
    }
}

/// Some of the names that were found; one may be drawn twice.
fn drawn(query: &Query, found: &[usize], draws: usize) -> impl Iterator<Item = usize> {
    let draws = if found.is_empty() { 0 } else { draws };
    let at = |salt: usize| draw(query.name.orthographic(), salt as u64) % found.len() as u64;
    (0..draws).map(move |salt| found[at(salt) as usize])
}

impl Column {
    fn new(key: String, salt: u64, names: &[Name], targets: &[usize], texts: &[String]) -> Self {
        let mut column = Self { key, learned: Vec::new(), kept: Vec::new() };
        for (text, target) in texts.iter().zip(targets).filter(|(text, _)| !text.is_empty()) {
            let indexed = names[*target].orthographic();
            // By the name and not by the row, so that no column teaches what another is asked.
            let is_kept = draw(indexed, KEPT_SALT).is_multiple_of(10);
            let query = Query { name: Name::new(text), target: *target };
            let tenths = if query.name.script() == Script::Arab { 10 } else { OTHER_TENTHS };
            if is_kept && column.kept.len() < ASKED_MAX {
                column.kept.push(query);
            } else if !is_kept
                && column.learned.len() < LEARNED_MAX
                && draw(text, salt) % 10 < tenths
            {
                column.learned.push(query);
            }
        }
        column
    }
}

const KEPT_SALT: u64 = 99;

fn by_skeleton(names: &[Name]) -> HashMap<String, Vec<usize>> {
    let mut by_skeleton: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, name) in names.iter().enumerate() {
        for key in shortened(name.skeleton()) {
            by_skeleton.entry(key).or_default().push(at);
        }
    }
    by_skeleton
}

/// A skeleton, and all that it leaves when one class is taken.
fn shortened(skeleton: &str) -> Vec<String> {
    let classes: Vec<char> = skeleton.chars().take(CLASSES_MAX).collect();
    let without = |at: usize| classes.iter().take(at).chain(classes.iter().skip(at + 1)).collect();
    let mut keys: Vec<String> = (0..=classes.len()).map(without).collect();
    // Of doubled classes either leaves the same.
    keys.dedup();
    keys
}

/// A number that looks random and is always the same for a text: FNV-1a and the last step of SplitMix64.
fn draw(text: &str, salt: u64) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = text.bytes().fold(start, step);
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}
