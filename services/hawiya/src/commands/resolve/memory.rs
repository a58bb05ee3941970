//! The answers of a run that are remembered: a newspaper says the same names again and again.
//!
//! Two generations: answers are kept in the younger one, and when that is full the older one is
//! forgotten. What is asked for again moves to the younger. That keeps what comes often without the
//! book-keeping of a list by last use.

use std::{collections::HashMap, sync::Arc};

use xxhash_rust::xxh3::Xxh3;

use super::row::{Outcome, Query};

/// How many answers one of the two generations holds.
const ANSWERS_MAX: usize = 32_768;

/// How many bytes of text one of the two generations holds.
const BYTES_MAX: usize = 12 << 20;

/// Bytes an answer takes besides its texts, about.
const ANSWER_BYTES: usize = 256;

/// Answers by the key of what was asked.
#[derive(Default)]
pub(super) struct Memory {
    young: HashMap<u128, Outcome>,
    old: HashMap<u128, Outcome>,
    young_bytes: usize,
    catalogue_version: i64,
}

impl Memory {
    /// What was answered to it.
    pub(super) fn get(&mut self, key: u128) -> Option<Outcome> {
        if let Some(known) = self.young.get(&key) {
            return Some(known.clone());
        }
        let known = self.old.remove(&key)?;
        self.keep(key, known.clone());
        Some(known)
    }

    /// Remembers an answer. One of a newer catalogue shows that the others may be wrong by now; one
    /// that had to do without a service would not be given again.
    pub(super) fn put(&mut self, key: u128, outcome: &Outcome) {
        if let Ok(answer) = outcome {
            if answer.catalogue_version > self.catalogue_version {
                self.catalogue_version = answer.catalogue_version;
                self.young.clear();
                self.old.clear();
                self.young_bytes = 0;
            }
            if answer.is_degraded || answer.catalogue_version < self.catalogue_version {
                return;
            }
        }
        self.keep(key, outcome.clone());
    }

    fn keep(&mut self, key: u128, outcome: Outcome) {
        self.young_bytes += bytes(&outcome);
        self.young.insert(key, outcome);
        if self.young.len() >= ANSWERS_MAX || self.young_bytes >= BYTES_MAX {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
    }
}

fn bytes(outcome: &Outcome) -> usize {
    let texts = outcome.as_ref().map_or(0, |answer| {
        let answer = Arc::as_ref(answer);
        answer.canonical_id.len() + answer.name.len() + answer.reason.len() + answer.form.len()
    });
    ANSWER_BYTES + texts
}

/// The key of what is asked. Of 128 bits: two questions never share one in practice.
pub(super) fn key(query: &Query) -> u128 {
    let mut hash = Xxh3::new();
    for part in [&query.text, &query.country, &query.language] {
        hash.update(&(part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.update(&(query.entity_type as i32).to_le_bytes());
    hash.digest128()
}

#[cfg(test)]
mod tests {
    use proto::vocabulary::{EntityType, MatchKind, NoMatchReason, Verdict};

    use super::{super::answer::Answer, *};

    fn answer(version: i64) -> Outcome {
        Ok(Arc::new(Answer {
            verdict: Verdict::NoMatch,
            canonical_id: String::new(),
            name: String::new(),
            entity_type: EntityType::Unspecified,
            score: 0.0,
            reason: String::new(),
            form: String::new(),
            kind: MatchKind::Unspecified,
            no_match_reason: NoMatchReason::NoCandidate,
            catalogue_version: version,
            is_degraded: false,
        }))
    }

    #[test]
    fn what_is_asked_for_again_outlives_what_is_not() {
        let mut memory = Memory::default();
        memory.put(0, &answer(1));
        for key in 1..=3 * ANSWERS_MAX as u128 {
            memory.put(key, &answer(1));
            assert!(memory.get(0).is_some(), "after {key}");
        }
        assert!(memory.get(1).is_none());
        assert!(memory.young.len() + memory.old.len() <= 2 * ANSWERS_MAX);
    }

    #[test]
    fn an_answer_of_a_newer_catalogue_forgets_the_others() {
        let mut memory = Memory::default();
        memory.put(1, &answer(1));
        memory.put(2, &answer(2));
        assert!(memory.get(1).is_none() && memory.get(2).is_some());
        memory.put(3, &answer(1));
        assert!(memory.get(3).is_none(), "a late answer of the older one");
    }

    #[test]
    fn the_parts_of_a_question_are_told_apart() {
        let query = |text: &str, country: &str| Query {
            text: text.to_owned(),
            country: country.to_owned(),
            ..Query::default()
        };
        assert_ne!(key(&query("AE", "G")), key(&query("A", "EG")));
    }
}
