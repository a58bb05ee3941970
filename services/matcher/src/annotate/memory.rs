//! What annotating has learned of the words of its texts, kept from call to call.
//!
//! Most words of a text were in texts before it, and nothing that is known about a word depends on where it stands.
//! So it is kept as long as the index that it was learned from. One call at a time has a memory for itself, without
//! locks; calls that run at once have several.
//!
//! Everything here is made of the index, the filter and the key alone. Answers are the same with any memory.

use std::{
    cell::RefCell,
    num::NonZero,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    thread,
};

use super::{
    kept::Kept,
    parts::{Family, PartsOf},
    several::Answer,
    word::{Word, WordId},
};
use crate::query::Filter;

/// So many words of the latest texts are remembered, and as many that were asked for before.
const WORDS: usize = 30_000;

/// So many of everything else.
const OTHERS: usize = 10_000;

/// What was learned under one filter.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) words: Kept<Box<str>, Arc<Word>>,
    /// How many words there have been.
    pub(super) words_made: u64,
    /// The people whose family name a word is; whether it ends in a ه that is no ة.
    pub(super) families: Kept<(WordId, bool), Arc<[Family]>>,
    /// By the spelling of a name in a text: the names that it was taken for, and their words with its own.
    pub(super) parts: Kept<Box<str>, Vec<PartsOf>>,
    pub(super) forms: Kept<Box<str>, Arc<str>>,
    /// The country of two adjectives; 0 for none.
    pub(super) countries: RefCell<Kept<(WordId, WordId), u16>>,
    /// Several words as they stand in a text that were compared with names, and what came of it.
    pub(super) compared: RefCell<Kept<Box<str>, Vec<Answer>>>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            words: Kept::new(WORDS),
            words_made: 0,
            families: Kept::new(OTHERS),
            parts: Kept::new(OTHERS),
            forms: Kept::new(OTHERS),
            countries: RefCell::new(Kept::new(OTHERS)),
            compared: RefCell::new(Kept::new(OTHERS)),
        }
    }
}

/// The memories of an index that no call has.
#[derive(Debug, Default)]
pub(crate) struct Memories(Mutex<Vec<(Filter, Memory)>>);

/// So many are kept: as many as calls can have at once.
static MEMORIES_MAX: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(1, NonZero::get));

impl Memories {
    /// The one of a filter that was put back last, or an empty one.
    pub(super) fn take(&self, filter: &Filter) -> Memory {
        let mut memories = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = memories.iter().rposition(|(of, _)| of == filter);
        at.map(|at| memories.remove(at).1).unwrap_or_default()
    }

    /// Keeps a memory, instead of the one that was not asked for the longest where there are too many.
    pub(super) fn keep(&self, filter: &Filter, memory: Memory) {
        let kept = (filter.clone(), memory);
        let mut memories = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memories.push(kept);
        let left = (memories.len() > *MEMORIES_MAX).then(|| memories.remove(0));
        // What it held is given back without the others waiting.
        drop(memories);
        drop(left);
    }
}
