//! Which names share a key with a spelling, the most promising ones.
//!
//! Bounded work, however large the catalogue: lists of names are read from the rarest key on until there is
//! no room, and what they found is sorted by its keys and by the sounds in common.

use std::cell::RefCell;

use names::Name;

use super::{
    NameRef, Part, Reader,
    admission::Admission,
    keys::{form_key, key, near_keys, telling},
    segment::{View, places},
    tally::Tally,
};
use crate::query::Filter;

/// The most names that are scored for a spelling of one word and of several. One word has more look-alikes and is
/// compared sooner.
const SCORED_NAMES_MAX: (usize, usize) = (192, 128);

/// The most names that are read from the lists of words, of one form and of one skeleton, of each segment.
const LISTED_NAMES_MAX: usize = 3_072;

/// The same where some name has the form itself and no filter keeps it away: what else is found are runners-up.
const LISTED_BESIDE_FORM_MAX: usize = 1_024;

/// The most names of a segment that are looked at to find those that a filter admits.
const LOOKED_AT_MAX: usize = 65_536;

/// The most names the filter keeps away that are scored, to tell whether one would have matched.
const FILTERED_NAMES_MAX: usize = 16;

/// What a shared key says: of a form, of a skeleton, of a skeleton one class away.
const FORM_WEIGHT: f32 = 100.0;
const SKELETON_WEIGHT: f32 = 10.0;
const NEAR_WEIGHT: f32 = 4.0;

/// What a shared word says, divided by the logarithm of how many names have it, and what a near one says.
const WORD_WEIGHT: f32 = 8.0;
const CLASSES_WEIGHT: f32 = 5.0;
const NEAR_CLASSES_WEIGHT: f32 = 0.6;

/// What a sound takes that only one of the names has.
const SOUND_WEIGHT: f32 = 1.0;

/// The names found for a spelling, most promising first.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Names whose entity the filter admits.
    pub(crate) admitted: Vec<NameRef>,
    /// Names whose entity it keeps away.
    pub(crate) filtered: Vec<NameRef>,
}

/// A name and how promising it is, in one number. Of equal ones the tie decides, the greater first: the more prominent, and the
/// same ones however names lie in segments.
type Ranked = (u64, NameRef);

/// What a search fills and the next one on the thread fills again: it allocates nothing for each name it finds.
#[derive(Default)]
struct Scratch {
    tally: Tally,
    lists: Lists,
    admitted: Vec<Ranked>,
    filtered: Vec<Ranked>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// The names that share a key with `spelling`. The filter is applied before the limits.
pub(super) fn find(reader: &Reader<'_>, spelling: &Name, filter: &Filter) -> Found {
    let keys = Keys::new(reader, spelling, filter.is_open());
    let scored_names_max = if keys.is_single() { SCORED_NAMES_MAX.0 } else { SCORED_NAMES_MAX.1 };
    let sounds = spelling.sounds();
    SCRATCH.with_borrow_mut(|Scratch { tally, lists, admitted, filtered }| {
        admitted.clear();
        filtered.clear();
        for (segment, part) in reader.parts.iter().enumerate() {
            let mut sieve = Sieve::new(part, filter, tally);
            gather(&keys, lists, &mut sieve);
            let ranked = |(name, weight): (u32, f32)| -> Ranked {
                let mark = part.view.marks[name as usize];
                let promise = weight - SOUND_WEIGHT * mark.differing(sounds) as f32;
                let rank = u64::from(ascending(promise)) << 16 | u64::from(mark.tie());
                (rank, NameRef { segment: segment as u32, name })
            };
            admitted.extend(sieve.tally.weights().map(ranked));
            filtered.extend(sieve.filtered().into_iter().map(ranked));
        }
        Found {
            admitted: most_promising(reader, admitted, scored_names_max),
            filtered: most_promising(reader, filtered, FILTERED_NAMES_MAX),
        }
    })
}

/// Lets the names through that count, into the tally.
struct Sieve<'a, 'v> {
    part: &'a Part<'v>,
    admission: Admission,
    /// All names count: none is looked at.
    is_open: bool,
    tally: &'a mut Tally,
    /// Some of the names that the filter keeps away, with what one key says of them.
    filtered: Vec<(u32, f32)>,
    /// So many more names may be looked at.
    looks: usize,
}

impl<'a, 'v> Sieve<'a, 'v> {
    fn new(part: &'a Part<'v>, filter: &Filter, tally: &'a mut Tally) -> Self {
        tally.clear();
        let admission = Admission::new(filter, &part.view);
        let is_open = part.is_all_alive && admission.is_open();
        Self { part, admission, is_open, tally, filtered: Vec::new(), looks: LOOKED_AT_MAX }
    }

    /// Adds to the weight of the names of a list, of `room` names at most; says of how many.
    fn pass(
        &mut self,
        names: impl ExactSizeIterator<Item = u32>,
        weight: f32,
        room: usize,
    ) -> usize {
        if self.is_open {
            let passed = names.len().min(room);
            names.take(room).for_each(|name| self.tally.add(name, weight));
            return passed;
        }
        let mut passed = 0;
        for name in names {
            if passed == room || self.looks == 0 {
                break;
            }
            if self.counts(name, weight) {
                self.tally.add(name, weight);
                passed += 1;
            }
        }
        passed
    }

    /// The entity of a name is elsewhere in memory: it is looked at only where something depends on it.
    fn counts(&mut self, name: u32, weight: f32) -> bool {
        self.looks -= 1;
        let entity = self.part.view.name_entities[name as usize];
        if !self.part.alive.contains(entity) {
            return false;
        }
        let admits = self.admission.admits(&self.part.view, entity);
        if !admits && self.filtered.len() < LISTED_NAMES_MAX {
            self.filtered.push((name, weight));
        }
        admits
    }

    /// Each name once.
    fn filtered(mut self) -> Vec<(u32, f32)> {
        self.filtered.sort_unstable_by_key(|(name, _)| *name);
        self.filtered.dedup_by(|later, first| {
            let is_same = later.0 == first.0;
            if is_same {
                first.1 += later.1;
            }
            is_same
        });
        self.filtered
    }
}

/// The best of them in their order, which does not depend on the segments they are in.
fn most_promising(reader: &Reader<'_>, ranked: &mut Vec<Ranked>, names_max: usize) -> Vec<NameRef> {
    let id = |name: NameRef| (reader.id_bytes(reader.entity_of(name)), reader.position(name));
    let order = |a: &Ranked, b: &Ranked| b.0.cmp(&a.0).then_with(|| id(a.1).cmp(&id(b.1)));
    if ranked.len() > names_max {
        ranked.select_nth_unstable_by(names_max, order);
        ranked.truncate(names_max);
    }
    ranked.sort_unstable_by(order);
    ranked.iter().map(|(_, name)| *name).collect()
}

/// A number in the order of fractions, as `f32::total_cmp` has it.
fn ascending(fraction: f32) -> u32 {
    let bits = fraction.to_bits();
    if bits >> 31 == 0 { bits | 1 << 31 } else { !bits }
}

/// What is asked, in keys. What sharing a word says depends on how many names of the whole index have it, and not on
/// the segment: however names lie, the same are the most promising, as long as their lists are read to the end.
struct Keys<'a> {
    form: u32,
    /// The most names that are read from the lists of words.
    listed_max: usize,
    skeleton: Option<u32>,
    words: Vec<WordKeys<'a>>,
}

struct WordKeys<'a> {
    stem: Option<u32>,
    stem_weight: f32,
    /// Its skeleton.
    classes: &'a str,
    classes_weight: f32,
}

impl<'a> Keys<'a> {
    fn new(reader: &Reader<'_>, spelling: &'a Name, is_open: bool) -> Self {
        let rarity = |names: &dyn Fn(&Part<'_>) -> usize| {
            let names: usize = reader.parts.iter().map(names).sum();
            1.0 / (1.0 + names.max(1) as f32).ln()
        };
        let words = telling(spelling).map(|token| {
            let (stem, classes) = (key(token.stem()), key(token.skeleton()));
            let with_stem =
                |part: &Part<'_>| stem.map_or(0, |key| part.count(part.view.words.of(key)));
            let with_classes =
                |part: &Part<'_>| classes.map_or(0, |key| part.count(part.view.classes.of(key)));
            WordKeys {
                stem,
                stem_weight: WORD_WEIGHT * rarity(&with_stem),
                classes: token.skeleton(),
                classes_weight: CLASSES_WEIGHT * rarity(&with_classes),
            }
        });
        Self {
            form: form_key(spelling),
            listed_max: match is_open && reader.knows_form(spelling) {
                true => LISTED_BESIDE_FORM_MAX,
                false => LISTED_NAMES_MAX,
            },
            skeleton: key(spelling.skeleton()),
            words: words.collect(),
        }
    }

    fn is_single(&self) -> bool {
        self.words.len() < 2
    }
}

/// Adds up what the keys say of the names of a segment.
fn gather(keys: &Keys<'_>, lists: &mut Lists, sieve: &mut Sieve<'_, '_>) {
    let view = &sieve.part.view;
    let form = places(view.form_keys, keys.form);
    sieve.pass(view.form_names[form].iter().copied(), FORM_WEIGHT, LISTED_NAMES_MAX);
    if let Some(key) = keys.skeleton {
        let same = places(view.skeleton_keys, key);
        let same = same.start as u32..same.end as u32;
        sieve.pass(same, SKELETON_WEIGHT, LISTED_NAMES_MAX);
    }
    lists.all.clear();
    for word in &keys.words {
        lists.push_same(view, word);
        lists.push_near(view, word, keys.is_single());
    }
    lists.read(sieve, keys.listed_max);
}

/// Lists of names and what being in one says.
#[derive(Default)]
struct Lists {
    all: Vec<List>,
    /// Places of the skeletons that are near.
    near: Vec<u32>,
}

struct List {
    of: Of,
    names: usize,
    weight: f32,
}

/// What the names of a list have in common: the stem or the skeleton of a word in a place of the segment.
#[derive(Clone, Copy)]
enum Of {
    Stem(u32),
    Classes(u32),
    NearClasses(u32),
}

impl List {
    fn new(view: &View<'_>, of: Of, weight: f32) -> Self {
        Self { of, names: of.names(view).len(), weight }
    }

    fn is_near(&self) -> bool {
        matches!(self.of, Of::NearClasses(_))
    }
}

impl Of {
    fn names<'a>(self, view: &View<'a>) -> &'a [u32] {
        match self {
            Self::Stem(place) => view.words.at(place),
            Self::Classes(place) | Self::NearClasses(place) => view.classes.at(place),
        }
    }
}

impl Lists {
    /// The names with the word itself.
    fn push_same(&mut self, view: &View<'_>, word: &WordKeys<'_>) {
        let place = word.stem.and_then(|key| view.words.place(key));
        self.all.extend(place.map(|place| List::new(view, Of::Stem(place), word.stem_weight)));
    }

    /// The names with a word of this skeleton, or of one that is one class away.
    fn push_near(&mut self, view: &View<'_>, word: &WordKeys<'_>, is_single: bool) {
        let near_weight = if is_single { NEAR_WEIGHT } else { NEAR_CLASSES_WEIGHT };
        let same = key(word.classes).and_then(|key| view.classes.place(key));
        let Self { all, near } = self;
        near.clear();
        near_keys(word.classes, |key| {
            near.extend_from_slice(&view.near_classes[places(view.near_keys, key)]);
        });
        near.sort_unstable();
        near.dedup();
        all.extend(near.iter().map(|&place| match Some(place) == same {
            true => List::new(view, Of::Classes(place), word.classes_weight),
            false => List::new(view, Of::NearClasses(place), near_weight),
        }));
    }

    /// From the rarest on, as far as there is room, those of the words themselves before those of near ones. A
    /// list that is too long says little, and is read only when there is no other.
    fn read(&mut self, sieve: &mut Sieve<'_, '_>, listed_max: usize) {
        self.all.sort_unstable_by_key(|list| (list.is_near(), list.names));
        let mut room = sieve.tally.room().min(listed_max);
        for (at, list) in self.all.iter().enumerate() {
            if sieve.is_open && list.names > room && at > 0 {
                continue;
            }
            let names = list.of.names(&sieve.part.view);
            room -= sieve.pass(names.iter().copied(), list.weight, room);
        }
    }
}
