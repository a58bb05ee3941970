//! Learns the weights of evidence (`names::Weights`) from labelled names, and says how good they are.
//!
//! In reading order: `corpus` holds the labelled names and finds look-alikes among them, `fit` turns
//! examples into weights, `trial` measures them on what they were not learned from. Everything is
//! drawn by hashes of the names: the same files give the same table.

mod corpus;
mod fit;
mod trial;

use std::thread;

use anyhow::ensure;
use names::{Name, Script, Task, Weights};

use self::corpus::Corpus;
use crate::evaluation::formats::Labelled;

pub(crate) use trial::Trial;

/// How much a pair that people wrote down counts, against 1 of one that was drawn from a catalogue.
const WRITTEN_WEIGHT: f32 = 3.0;

/// Two names and whether they are one.
#[derive(Clone, Copy)]
pub(crate) struct Example<'a> {
    a: &'a Name,
    b: &'a Name,
    is_match: bool,
    task: Task,
    /// How much it counts.
    weight: f32,
}

/// What there is to learn from.
pub(crate) struct Lesson {
    corpus: Corpus,
}

impl Lesson {
    /// Refuses files without matches or without others: they teach nothing.
    pub(crate) fn new(labelled: &Labelled) -> anyhow::Result<Self> {
        let lesson = Self { corpus: Corpus::new(labelled) };
        let matches = lesson.examples().iter().filter(|example| example.is_match).count();
        ensure!(
            matches > 0 && matches < lesson.examples().len(),
            "nothing to learn from: give spellings of one name and of two, or a catalogue"
        );
        Ok(lesson)
    }

    /// The pairs that are learned from.
    pub(crate) fn examples(&self) -> Vec<Example<'_>> {
        let written = self.corpus.pairs.iter().map(|pair| Example {
            a: &pair.a,
            b: &pair.b,
            is_match: pair.is_match,
            task: Task::Compare,
            weight: WRITTEN_WEIGHT,
        });
        let drawn = self.corpus.shelves.iter().flat_map(corpus::Shelf::examples);
        written.chain(drawn).collect()
    }

    /// The weights, as the table will have them. Seconds to minutes.
    pub(crate) fn learn(&self) -> Weights {
        as_written(&fit::learn(&self.examples()))
    }

    /// How the weights in use, and new ones, do on what the new ones did not learn from.
    pub(crate) fn trials(&self) -> Vec<Trial> {
        let examples = self.examples();
        let mut trials = trial::spellings(&self.corpus, &examples);
        trials.extend(trial::searches(&self.corpus, &examples));
        trials
    }
}

/// Weights in the hundredths of the table: what is measured is what will be used.
fn as_written(weights: &Weights) -> Weights {
    Weights::from_table(&weights.to_table())
}

/// Only such pairs move the weights of Arabic letters.
fn is_arabic(a: &Name, b: &Name) -> bool {
    [a, b].iter().all(|name| name.script() == Script::Arab)
}

/// Threads at most. Always as many, because sums depend on the order in which they are added: the
/// table is the same on every machine.
const PARTS: usize = 4;

/// Works on equal parts at once; the answers are in order.
fn in_parts<T: Sync, R: Send>(items: &[T], work: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    let share = items.len().div_ceil(PARTS).max(1);
    let work = &work;
    thread::scope(|scope| {
        let running: Vec<_> =
            items.chunks(share).map(|part| scope.spawn(move || work(part))).collect();
        let join = |thread: thread::ScopedJoinHandle<'_, R>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        running.into_iter().map(join).collect()
    })
}
