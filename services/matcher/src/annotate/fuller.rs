//! The mentions that shorter ones may be bound to, by the words of their names.
//!
//! A text may name somebody a thousand times, and every short mention looks here: so of mentions that say the same
//! only the latest is kept, and of a word's so many at most. That keeps annotation linear in the text.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use super::{parts::Part, word::Hit};
use crate::index::EntityRef;

/// Of more mentions that a word is in, the latest are remembered.
const OF_WORD_MAX: usize = 32;

/// A mention that shorter ones may be bound to.
#[derive(Debug)]
pub(super) struct Fuller {
    pub(super) draft: usize,
    pub(super) hit: Hit,
    pub(super) is_person: bool,
    pub(super) sentence: u32,
    /// Of the name that is meant, and as it is spelled in the text.
    pub(super) words: Arc<[Part]>,
}

/// Those of a text.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// In the order of the text.
    all: Vec<Fuller>,
    /// By word: where they stand in `all`, in order.
    by_word: HashMap<u32, VecDeque<usize>>,
    /// The latest of each entity.
    by_entity: HashMap<EntityRef, usize>,
}

impl Told {
    /// Adds the next one of the text.
    pub(super) fn tell(&mut self, fuller: Fuller) {
        let at = self.all.len();
        for part in fuller.words.iter() {
            let told = self.by_word.entry(part.stem_key).or_default();
            // A word may stand in a name twice.
            if told.back() == Some(&at) {
                continue;
            }
            let says_same = |other: &usize| {
                let other = &self.all[*other];
                other.hit.entity == fuller.hit.entity && other.words == fuller.words
            };
            told.retain(|other| !says_same(other));
            if told.len() == OF_WORD_MAX {
                told.pop_front();
            }
            told.push_back(at);
        }
        self.by_entity.insert(fuller.hit.entity, at);
        self.all.push(fuller);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The latest whose names have a word, in the order of the text, none that says what a later one says.
    pub(super) fn with(&self, stem_key: u32) -> impl DoubleEndedIterator<Item = &Fuller> {
        self.by_word.get(&stem_key).into_iter().flatten().map(|at| &self.all[*at])
    }

    /// Whether there are any of these.
    pub(super) fn has(&self, stem_key: u32) -> bool {
        self.by_word.contains_key(&stem_key)
    }

    /// The draft of the latest that means an entity.
    pub(super) fn draft_of(&self, entity: EntityRef) -> Option<usize> {
        self.by_entity.get(&entity).map(|at| self.all[*at].draft)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        annotate::parts::parts,
        entity::Entity,
        index::{Builder, Index, Origin},
    };
    use names::{MatchKind, Name};

    /// So many entities.
    fn index(entities: usize) -> Index {
        let mut builder = Builder::default();
        (0..entities).for_each(|at| {
            let names = vec!["سيرغي لافروف".to_owned()];
            builder.push(Entity { id: at.to_string(), names, ..Entity::default() });
        });
        Index::of(builder, Origin::default())
    }

    fn hit(index: &Index, entity: usize) -> Hit {
        let reader = index.reader();
        let entity = reader.entity_with(&entity.to_string()).unwrap();
        let (name, kind) = (reader.first_name(entity).unwrap(), MatchKind::SameOrthographic);
        Hit { entity, name, score: 1.0, kind }
    }

    fn fuller(draft: usize, hit: Hit, name: &str) -> Fuller {
        Fuller { draft, hit, is_person: true, sentence: 0, words: parts(&Name::new(name)).into() }
    }

    fn drafts(told: &Told, word: &str) -> Vec<usize> {
        let key = parts(&Name::new(word))[0].stem_key;
        told.with(key).map(|fuller| fuller.draft).collect()
    }

    #[test]
    fn of_mentions_that_say_the_same_the_latest_is_kept() {
        let (index, mut told) = (index(2), Told::default());
        for draft in 0..1_000 {
            told.tell(fuller(draft, hit(&index, 0), "سيرغي لافروف"));
        }
        told.tell(fuller(1_000, hit(&index, 1), "سيرغي شويغو"));
        assert_eq!(drafts(&told, "لافروف"), [999]);
        assert_eq!(drafts(&told, "سيرغي"), [999, 1_000]);
        assert_eq!(told.draft_of(hit(&index, 0).entity), Some(999));
    }

    #[test]
    fn a_word_of_very_many_is_in_the_latest_of_them() {
        const ALL: usize = 100;
        let (index, mut told) = (index(ALL), Told::default());
        for draft in 0..ALL {
            told.tell(fuller(draft, hit(&index, draft), "سيرغي لافروف"));
        }
        let expected: Vec<usize> = (ALL - OF_WORD_MAX..ALL).collect();
        assert_eq!(drafts(&told, "لافروف"), expected);
    }
}
