//! Which names share a key with a spelling: the entities of the catalogue and their postings.
//!
//! Everything is in memory and is changed in place, an entity at a time. A name is found by its
//! form, by its skeleton and those one class away from it (`near.rs`), and by the form, the stem and
//! the skeleton of each of its words.

use std::{collections::HashMap, sync::Arc};

use names::{Name, Token};

use crate::{entity::Entity, near::Near};

/// The most names that are scored for one spelling: about a tenth of a millisecond.
const SCORED_NAMES_MAX: usize = 400;

/// The most names the filter keeps away that are scored, to tell whether one would have matched.
const FILTERED_NAMES_MAX: usize = 16;

/// A word of more names than this finds nothing by itself: it is "the" of its language.
const POSTINGS_MAX: usize = 20_000;

/// The entities of the catalogue at one version.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Catalogue version of what is in here.
    pub(crate) version: i64,
    /// Which catalogue it is.
    pub(crate) catalogue_id: Arc<str>,
    slots: HashMap<String, u32>,
    entries: Slab<Entry>,
    names: Slab<IndexedName>,
    /// `Name::sounds` by the slot of the name: close together, because every name found is asked for its own.
    sounds: Vec<u64>,
    keys: Keys,
}

#[derive(Debug)]
struct Entry {
    entity: Entity,
    names: Vec<u32>,
}

/// One name of one entity.
#[derive(Debug)]
pub(crate) struct IndexedName {
    /// Slot of the entity.
    pub(crate) entity: u32,
    /// Position among the entity's names.
    pub(crate) position: usize,
    pub(crate) name: Name,
}

/// The names found for a spelling, most promising first.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Slots of names whose entity the filter admits.
    pub(crate) admitted: Vec<u32>,
    /// Slots of names whose entity it keeps away.
    pub(crate) filtered: Vec<u32>,
}

impl Index {
    /// Adds an entity, or replaces what it knew of it.
    pub(crate) fn upsert(&mut self, entity: Entity) {
        self.remove(&entity.id);
        let id = entity.id.clone();
        let slot = self.entries.insert(Entry { entity, names: Vec::new() });
        let texts =
            self.entries.get(slot).map(|entry| entry.entity.names.clone()).unwrap_or_default();
        for (position, text) in texts.iter().enumerate() {
            let name = Name::new(text);
            if name.is_empty() {
                continue;
            }
            let sounds = name.sounds();
            let indexed = IndexedName { entity: slot, position, name };
            let name_slot = self.names.insert(indexed);
            self.sounds.resize(self.names.slots.len(), 0);
            self.sounds[name_slot as usize] = sounds;
            if let Some(indexed) = self.names.get(name_slot) {
                self.keys.add(&indexed.name, name_slot);
            }
            if let Some(entry) = self.entries.get_mut(slot) {
                entry.names.push(name_slot);
            }
        }
        self.slots.insert(id, slot);
    }

    /// Forgets an entity; nothing happens when it is not there.
    pub(crate) fn remove(&mut self, id: &str) {
        let Some(entry) = self.slots.remove(id).and_then(|slot| self.entries.remove(slot)) else {
            return;
        };
        for name_slot in entry.names {
            if let Some(indexed) = self.names.remove(name_slot) {
                self.keys.remove(&indexed.name, name_slot);
            }
        }
    }

    /// The entity in a slot that this index gave out.
    pub(crate) fn entity(&self, slot: u32) -> Option<&Entity> {
        self.entries.get(slot).map(|entry| &entry.entity)
    }

    /// The name in a slot that this index gave out.
    pub(crate) fn name(&self, slot: u32) -> Option<&IndexedName> {
        self.names.get(slot)
    }

    /// Number of entities.
    pub(crate) fn entity_count(&self) -> usize {
        self.slots.len()
    }

    /// Number of names.
    pub(crate) fn name_count(&self) -> usize {
        self.names.len()
    }

    /// Whether some name has this form, or a word of this form.
    pub(crate) fn knows(&self, name: &Name) -> bool {
        self.keys.forms.contains(name.form())
            || name.tokens().iter().any(|token| self.keys.words.contains(token.stem()))
    }

    /// The names that share a key with `spelling`; the rarer the key and the more sounds in common, the
    /// more promising the name. The filter is applied before the limit.
    pub(crate) fn find(&self, spelling: &Name, admits: impl Fn(&Entity) -> bool) -> Found {
        let sounds = spelling.sounds();
        let mut ranked = self.keys.weights(spelling);
        for (slot, weight) in &mut ranked {
            let differing = (self.sounds[*slot as usize] ^ sounds).count_ones();
            *weight -= SOUND_WEIGHT * differing as f32;
        }
        ranked.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut found = Found::default();
        for (slot, _) in ranked {
            if found.admitted.len() >= SCORED_NAMES_MAX {
                break;
            }
            let Some(entity) = self.name(slot).and_then(|indexed| self.entity(indexed.entity))
            else {
                continue;
            };
            let (names, names_max) = if admits(entity) {
                (&mut found.admitted, SCORED_NAMES_MAX)
            } else {
                (&mut found.filtered, FILTERED_NAMES_MAX)
            };
            if names.len() < names_max {
                names.push(slot);
            }
        }
        found
    }
}

/// The postings by kind of key.
#[derive(Debug, Default)]
struct Keys {
    forms: Postings,
    skeletons: Near,
    words: Postings,
    word_skeletons: Postings,
}

/// What a shared key of each kind says, before its rarity.
const FORM_WEIGHT: f32 = 100.0;
const SKELETON_WEIGHT: f32 = 10.0;
const NEAR_SKELETON_WEIGHT: f32 = 4.0;
const WORD_WEIGHT: f32 = 2.0;
const WORD_SKELETON_WEIGHT: f32 = 1.0;

/// What a sound takes that only one of the names has.
const SOUND_WEIGHT: f32 = 1.0;

impl Keys {
    fn add(&mut self, name: &Name, slot: u32) {
        self.skeletons.add(name.skeleton(), slot);
        self.each(name, |postings, key| postings.add(key, slot));
    }

    fn remove(&mut self, name: &Name, slot: u32) {
        self.skeletons.remove(name.skeleton(), slot);
        self.each(name, |postings, key| postings.remove(key, slot));
    }

    fn each(&mut self, name: &Name, mut change: impl FnMut(&mut Postings, &str)) {
        change(&mut self.forms, name.form());
        for token in telling(name) {
            change(&mut self.words, token.stem());
            change(&mut self.word_skeletons, token.skeleton());
        }
    }

    /// The names that share a key, each once, with what the keys say together.
    fn weights(&self, name: &Name) -> Vec<(u32, f32)> {
        let mut weights = Vec::with_capacity(1024);
        self.forms.weigh(name.form(), FORM_WEIGHT, &mut weights);
        for (names, is_same) in self.skeletons.near(name.skeleton()) {
            let weight = if is_same { SKELETON_WEIGHT } else { NEAR_SKELETON_WEIGHT };
            weights.extend(names.iter().map(|slot| (*slot, weight)));
        }
        for token in telling(name) {
            self.words.weigh(token.stem(), WORD_WEIGHT, &mut weights);
            self.word_skeletons.weigh(token.skeleton(), WORD_SKELETON_WEIGHT, &mut weights);
        }
        added_up(weights)
    }
}

/// Each name once, with the sum of its weights. Sorting beats a hash map: the lists are short, and most are
/// sorted already.
fn added_up(mut weights: Vec<(u32, f32)>) -> Vec<(u32, f32)> {
    weights.sort_by_key(|(slot, _)| *slot);
    weights.dedup_by(|later, first| {
        let is_same = later.0 == first.0;
        if is_same {
            first.1 += later.1;
        }
        is_same
    });
    weights
}

/// The words that tell names apart, or all words when there are no such.
fn telling(name: &Name) -> impl Iterator<Item = &Token> {
    let tells = |token: &&Token| token.role().carries_name();
    let any = name.tokens().iter().any(|token| tells(&token));
    name.tokens().iter().filter(move |token| !any || tells(token))
}

/// From a key to the slots of the names that have it. The empty key has none.
#[derive(Debug, Default)]
struct Postings(HashMap<Box<str>, Vec<u32>>);

impl Postings {
    fn add(&mut self, key: &str, slot: u32) {
        if key.is_empty() {
            return;
        }
        let slots = self.0.entry(key.into()).or_default();
        // A name may have a word twice.
        if slots.last() != Some(&slot) {
            slots.push(slot);
        }
    }

    fn remove(&mut self, key: &str, slot: u32) {
        let Some(slots) = self.0.get_mut(key) else { return };
        slots.retain(|other| *other != slot);
        if slots.is_empty() {
            self.0.remove(key);
        }
    }

    fn contains(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    fn weigh(&self, key: &str, weight: f32, weights: &mut Vec<(u32, f32)>) {
        let Some(slots) = self.0.get(key).filter(|slots| slots.len() <= POSTINGS_MAX) else {
            return;
        };
        let rarity = weight / (1.0 + slots.len() as f32).ln();
        weights.extend(slots.iter().map(|slot| (*slot, rarity)));
    }
}

/// Values in numbered slots that are used again.
#[derive(Debug)]
struct Slab<T> {
    slots: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    fn insert(&mut self, value: T) -> u32 {
        if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = Some(value);
            return slot;
        }
        let slot =
            u32::try_from(self.slots.len()).expect("memory ends long before four billion names");
        self.slots.push(Some(value));
        slot
    }

    fn remove(&mut self, slot: u32) -> Option<T> {
        let value = self.slots.get_mut(slot as usize)?.take();
        if value.is_some() {
            self.free.push(slot);
        }
        value
    }

    fn get(&self, slot: u32) -> Option<&T> {
        self.slots.get(slot as usize)?.as_ref()
    }

    fn get_mut(&mut self, slot: u32) -> Option<&mut T> {
        self.slots.get_mut(slot as usize)?.as_mut()
    }

    fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entity(id: &str, names: &[&str]) -> Entity {
        let names = names.iter().map(|&name| name.to_owned()).collect();
        Entity { id: id.to_owned(), names, ..Entity::default() }
    }

    fn found(index: &Index, spelling: &str) -> Vec<String> {
        let found = index.find(&Name::new(spelling), |_| true).admitted;
        let mut ids: Vec<_> = found
            .iter()
            .map(|slot| index.entity(index.name(*slot).unwrap().entity).unwrap().id.clone())
            .collect();
        ids.dedup();
        ids
    }

    #[test]
    fn a_name_is_found_by_form_by_word_and_across_scripts() {
        let mut index = Index::default();
        index.upsert(entity("lavrov", &["سيرغي لافروف"]));
        index.upsert(entity("putin", &["فلاديمير بوتين"]));
        assert_eq!(found(&index, "سيرجي لافروف"), ["lavrov"]);
        assert_eq!(found(&index, "لافروف"), ["lavrov"]);
        assert_eq!(found(&index, "Лавров"), ["lavrov"]);
        assert!(found(&index, "ميركل").is_empty());
    }

    #[test]
    fn an_update_replaces_every_key_of_the_entity() {
        let mut index = Index::default();
        index.upsert(entity("a", &["Burma"]));
        index.upsert(entity("a", &["Myanmar"]));
        assert!(found(&index, "Burma").is_empty());
        assert_eq!(found(&index, "Myanmar"), ["a"]);
        assert_eq!((index.entity_count(), index.name_count()), (1, 1));
    }

    #[test]
    fn what_the_filter_keeps_away_is_told_apart() {
        let mut index = Index::default();
        index.upsert(entity("a", &["Lavrov"]));
        let found = index.find(&Name::new("Lavrov"), |_| false);
        assert_eq!((found.admitted.len(), found.filtered.len()), (0, 1));
    }

    proptest! {
        /// A slow obvious index is a list of entities built anew.
        #[test]
        fn any_order_of_changes_equals_an_index_built_afresh(
            changes in prop::collection::vec((0..6usize, prop::option::of(0..5usize)), 1..40)
        ) {
            const NAMES: [&str; 5] = ["سيرغي لافروف", "Sergey Lavrov", "موسكو", "Moscow City", "Ким"];
            let mut index = Index::default();
            let mut model: HashMap<usize, &str> = HashMap::new();
            for (id, name) in changes {
                match name {
                    Some(name) => {
                        index.upsert(entity(&id.to_string(), &[NAMES[name]]));
                        model.insert(id, NAMES[name]);
                    }
                    None => {
                        index.remove(&id.to_string());
                        model.remove(&id);
                    }
                }
            }
            let mut fresh = Index::default();
            for (id, name) in &model {
                fresh.upsert(entity(&id.to_string(), &[name]));
            }
            for spelling in NAMES {
                let sorted = |index: &Index| {
                    let mut ids = found(index, spelling);
                    ids.sort();
                    ids
                };
                prop_assert_eq!(sorted(&index), sorted(&fresh));
            }
            prop_assert_eq!(index.name_count(), fresh.name_count());
        }
    }
}
