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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        annotate::{Annotator, Options},
        entity::Entity,
        index::{Change, Index, Origin},
    };
    use proto::vocabulary::EntityType;

    const TEXT: &str = "التقى سيرغي لافروف وبوتين في موسكو. وقال لافروف إن بوتين سيزور موسكو.";

    fn upsert(id: &str, entity_type: EntityType, name: &str) -> Change {
        Change::Upsert(Entity {
            id: id.to_owned(),
            entity_type,
            names: vec![name.to_owned()],
            prominence: 0.9,
            ..Entity::default()
        })
    }

    /// An entity a segment.
    fn index() -> Index {
        [
            upsert("moscow", EntityType::City, "موسكو"),
            upsert("lavrov", EntityType::Person, "سيرغي لافروف"),
            upsert("putin", EntityType::Person, "بوتين"),
            upsert("kremlin", EntityType::Location, "الكرملين"),
        ]
        .into_iter()
        .fold(Index::default(), |index, change| index.after(vec![change], Origin::default()))
    }

    fn found(index: &Index, filter: &Filter) -> Vec<String> {
        let (reader, options) = (index.reader(), Options::default());
        let mut annotator = Annotator::new(&reader, filter, &options);
        let mentions = annotator.annotate(TEXT, &|| true).unwrap();
        mentions.iter().map(|mention| mention.candidates[0].id.to_owned()).collect()
    }

    #[test]
    fn what_was_learned_under_one_filter_is_not_known_under_another() {
        let index = index();
        let cities = Filter { types: vec![EntityType::City], ..Filter::default() };
        for _ in 0..2 {
            let all = ["lavrov", "putin", "moscow", "lavrov", "putin", "moscow"];
            assert_eq!(found(&index, &Filter::default()), all);
            assert_eq!(found(&index, &cities), ["moscow", "moscow"]);
        }
        assert!(index.reader().memories().take(&cities).words_made > 0);
    }

    #[test]
    fn an_index_that_changed_or_was_merged_has_learned_nothing() {
        let before = index();
        let all = found(&before, &Filter::default());
        let gone = vec![Change::Remove("moscow".to_owned())];
        let after = before.after(gone, Origin::default());
        assert_eq!(found(&after, &Filter::default()), ["lavrov", "putin", "lavrov", "putin"]);
        let merge = before.merge_due().unwrap();
        let merged = before.merged(&merge, merge.run());
        assert!(merged.segment_count() < before.segment_count());
        assert_eq!(found(&merged, &Filter::default()), all);
        assert_eq!(found(&before, &Filter::default()), all);
    }

    #[test]
    fn of_many_memories_those_put_back_last_are_kept() {
        let memories = Memories::default();
        let filter = |at: usize| Filter { excluded_ids: vec![at.to_string()], ..Filter::default() };
        let all = *MEMORIES_MAX + 2;
        for at in 0..all {
            let memory = Memory { words_made: 1, ..memories.take(&filter(at)) };
            memories.keep(&filter(at), memory);
        }
        let is_kept = |at: &usize| memories.take(&filter(*at)).words_made > 0;
        assert_eq!((0..all).filter(is_kept).collect::<Vec<_>>(), (2..all).collect::<Vec<_>>());
    }
}
