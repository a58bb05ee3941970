//! The words of the texts of one call, looked up in the index and kept in a memory.
//!
//! Words come again and again, and nothing of this depends on where they stand: so it is looked up once.

use std::{cell::RefCell, mem, sync::Arc, thread};

use names::{Commonness, Ladder, Name, Script, peelings};
use proto::vocabulary::EntityType;

use super::{
    called,
    endings::endings,
    memory::Memory,
    parts::{Family, Part, Place, parts},
    proclitics::{splits_article, without_proclitics},
    word::{Ended, Having, Hidden, Hit, Peeled, Word, WordId},
};
use crate::{
    index::{Admissions, EntityRef, NameRef, Path, Reader, adjective_keys},
    query::Filter,
};

/// A word in more names than this, of each segment, tells nobody apart.
pub(super) const HAVING_MAX: usize = 64;

/// What a part of a name scores that only one person has.
const PART: f64 = 0.88;

/// The words of one call.
pub(super) struct Lexicon<'r, 'a> {
    pub(super) reader: &'r Reader<'a>,
    filter: &'r Filter,
    admissions: Admissions,
    pub(super) memory: Memory,
    pub(super) ladder: RefCell<Ladder>,
}

impl<'r, 'a> Lexicon<'r, 'a> {
    pub(super) fn new(reader: &'r Reader<'a>, filter: &'r Filter) -> Self {
        let memory = reader.memories().take(filter);
        let (admissions, ladder) = (reader.admissions(filter), RefCell::default());
        Self { reader, filter, admissions, memory, ladder }
    }

    pub(super) fn admits(&self, entity: EntityRef) -> bool {
        self.reader.admits(&self.admissions, entity)
    }

    /// The words of a name, and those that a spelling of it has besides.
    pub(super) fn parts(&mut self, name: NameRef, spelling: &str) -> Arc<[Part]> {
        let known = self.memory.parts.get_or_add(spelling);
        if let Some((_, parts)) = known.iter().find(|(of, _)| *of == name) {
            return Arc::clone(parts);
        }
        let mut all = parts(&Name::new(self.reader.text(name)));
        for part in parts(&Name::new(spelling)) {
            if !all.iter().any(|other| other.stem_key == part.stem_key) {
                all.push(part);
            }
        }
        let all: Arc<[Part]> = all.into();
        known.push((name, Arc::clone(&all)));
        all
    }

    /// The form of a mention.
    pub(super) fn form(&mut self, surface: &str) -> Arc<str> {
        if let Some(form) = self.memory.forms.get(surface) {
            return Arc::clone(form);
        }
        let form: Arc<str> = self.ladder.get_mut().form(surface).into();
        self.memory.forms.add(surface.into(), Arc::clone(&form));
        form
    }

    /// The word that is written like this.
    pub(super) fn look_up(&mut self, text: &str) -> Arc<Word> {
        let word = self.stem(text);
        if word.hidden.get().is_none() {
            let (peeled, ended) = (self.peel(text, &word), self.end(text, &word));
            let lemma = ended.iter().position(|ended| self.is_known(&ended.word));
            let hidden = Hidden { peeled: peeled.into(), ended: ended.into(), lemma };
            word.hidden.get_or_init(|| hidden);
        }
        word
    }

    /// The same, without what it may hide.
    fn stem(&mut self, text: &str) -> Arc<Word> {
        if let Some(word) = self.memory.words.get(text) {
            return Arc::clone(word);
        }
        self.memory.words_made += 1;
        let word = Arc::new(self.make(WordId(self.memory.words_made), text));
        self.memory.words.add(text.into(), Arc::clone(&word));
        word
    }

    /// The names of several words that a word is in, those whose entity is admitted.
    pub(super) fn having<'w>(&self, word: &'w Word) -> &'w Having {
        word.having.get_or_init(|| self.names_having(word.stem_key()))
    }

    fn names_having(&self, stem_key: u32) -> Having {
        let mut having = Having::default();
        let are_all = self.reader.having(stem_key, HAVING_MAX, |name| having.names.push(name));
        having.are_more = !are_all;
        having.names.retain(|name| self.admits(self.reader.entity_of(*name)));
        having.begins_person = having.names.iter().any(|name| self.begins_person(*name, stem_key));
        having
    }

    /// The people whose family name a word is. Asked for again and again, and made once.
    pub(super) fn families(&mut self, word: &Word, ends_in_heh: bool) -> Arc<[Family]> {
        if let Some(families) = self.memory.families.get(&(word.id, ends_in_heh)) {
            return Arc::clone(families);
        }
        let having = self.having(word);
        let mut families: Vec<Family> = Vec::new();
        for name in if having.are_more { &[][..] } else { &having.names } {
            let entity = self.reader.entity_of(*name);
            let is_new = !families.iter().any(|family| family.hit.entity == entity);
            if is_new && self.reader.entity_type(entity) == EntityType::Person {
                families.extend(self.family(*name, word, ends_in_heh));
            }
        }
        let families: Arc<[Family]> = families.into();
        self.memory.families.add((word.id, ends_in_heh), Arc::clone(&families));
        families
    }

    /// The person of a name, if a word is the family name in it and not all of it.
    fn family(&self, name: NameRef, word: &Word, ends_in_heh: bool) -> Option<Family> {
        let parts = parts(&Name::new(self.reader.text(name)));
        let telling = parts.iter().filter(|part| part.place != Place::Particle).count();
        let place = parts.iter().find(|part| part.is(word, ends_in_heh))?.place;
        let is_family = matches!(place, Place::Family | Place::LeadingFamily) && telling > 1;
        let entity = self.reader.entity_of(name);
        let hit = Hit { entity, name, score: PART, kind: names::MatchKind::Partial };
        is_family.then_some(Family { hit, parts, is_leading: place == Place::LeadingFamily })
    }

    /// The country of two adjectives, كوري شمالي.
    pub(super) fn country_of_two(&self, first: &Word, second: &Word) -> Option<u16> {
        let (two, mut countries) = ((first.id, second.id), self.memory.countries.borrow_mut());
        let known = countries.get(&two).copied();
        let country = known.unwrap_or_else(|| {
            let keys = adjective_keys(&[first.bare(), second.bare()]);
            let country = self.reader.country_of(&keys).unwrap_or(0);
            countries.add(two, country);
            country
        });
        (country != 0).then_some(country)
    }

    /// Whether a word is the first of some name, as it is written.
    fn opens_name(&self, word: &Word) -> bool {
        let (key, mut opens, mut is_in_names) = (word.stem_key(), false, false);
        let are_all = self.reader.having(key, HAVING_MAX, |name| {
            is_in_names = true;
            let first = self.reader.imprint(name).words().next();
            opens |= first.is_some_and(|first| first.stem_key == key);
        });
        // Of the words that tell nobody apart (أم) the index does not know the names.
        opens || !are_all || !is_in_names
    }

    /// Whether a name is a person's, of several words, and begins with the word of a key.
    fn begins_person(&self, name: NameRef, stem_key: u32) -> bool {
        let is_person = self.reader.entity_type(self.reader.entity_of(name)) == EntityType::Person;
        let mut words = self.reader.imprint(name).words();
        is_person
            && words.len() > 1
            && words
                .find(|word| word.role.carries_name())
                .is_some_and(|first| first.stem_key == stem_key)
    }

    /// A word by itself, nothing peeled off.
    fn make(&self, id: WordId, text: &str) -> Word {
        let mut word = Word::new(id, text);
        let path = Path::START.with(&word.imprint(), |_| ());
        let begins = !path.is_empty() && self.reader.follow(path, |_| ()).is_some();
        word.begins = begins.then_some(path);
        word.opens_name = word.commonness == Commonness::Function && self.opens_name(&word);
        // المالي is said of money, whatever country there is.
        if word.is_adjective && word.commonness == Commonness::Uncommon {
            let keys = adjective_keys(&[without_proclitics(word.bare())]);
            word.country = self.reader.country_of(&keys).unwrap_or(0);
        }
        called::ask(self, &mut word);
        word
    }

    /// What the catalogue confirms that a word hides. An ordinary word hides nothing, unless it begins a name.
    fn peel(&mut self, text: &str, word: &Word) -> Vec<Peeled> {
        if word.script != Script::Arab || word.commonness == Commonness::Function {
            return Vec::new();
        }
        let mut confirmed = Vec::new();
        for peeling in peelings(word.orthographic()) {
            if splits_article(&peeling.clitics) {
                continue;
            }
            let stem = self.stem(&peeling.stem);
            if stem.commonness == Commonness::Function || !self.is_known(&stem) {
                continue;
            }
            let start = stem_start(text, word.orthographic(), &stem);
            confirmed.extend(start.map(|start| Peeled { word: stem, start }));
        }
        confirmed
    }

    /// Whether a word is a name, begins one or is in one.
    fn is_known(&self, word: &Word) -> bool {
        if !word.called.is_empty() {
            return true;
        }
        word.begins.is_some() || !self.having(word).names.is_empty()
    }

    /// What a word is without the endings that its language puts behind a name.
    fn end(&mut self, text: &str, word: &Word) -> Vec<Ended> {
        let mut ends = endings(text, word.script);
        ends.truncate(ENDINGS_MAX);
        let ended = ends.into_iter();
        ended.map(|(stem, bytes)| Ended { word: self.stem(&stem), bytes }).collect()
    }
}

/// Puts the memory back. A call that broke off may have left it in pieces.
impl Drop for Lexicon<'_, '_> {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.reader.memories().keep(self.filter, mem::take(&mut self.memory));
        }
    }
}

/// Where the stem of a word starts in it, as it stands in the text: behind as many bytes. Nothing where one
/// character holds letters of both.
fn stem_start(text: &str, written: &str, stem: &Word) -> Option<usize> {
    let rest =
        [stem.orthographic(), stem.bare()].into_iter().find(|rest| written.ends_with(*rest))?;
    let count = |text: &str| text.chars().count();
    // Without marks a letter is a character.
    if count(text) == count(written) {
        return text.char_indices().nth(count(written) - count(rest)).map(|(at, _)| at);
    }
    let same = |start: &usize| names::orthographic(&text[*start..]) == rest;
    text.char_indices().skip(1).take(CLITICS_CHARS_MAX).map(|(start, _)| start).find(same)
}

/// Proclitics have no more characters, marks over them included.
const CLITICS_CHARS_MAX: usize = 16;

/// The most ways to take an ending off.
const ENDINGS_MAX: usize = 8;
