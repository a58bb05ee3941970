//! What is known about each different word of the texts of one call: its name, how ordinary it is, what it says
//! of names beside it, who is called so, and what it may hide.
//!
//! Words come again and again, and nothing of this depends on where they stand: so it is looked up once.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use names::{
    Commonness, Cues, ImprintWord, Name, Probe, Script, commonness_as_written, is_given_name,
    is_leading_family, peelings,
};

use proto::vocabulary::EntityType;

use super::{
    endings::endings,
    parts::{Family, Part, parts},
    proclitics::{cues_of, splits_article, without_proclitics},
    single::{self, WELL_KNOWN},
    spans::{Compared, Window},
};
use crate::index::{Admissions, EntityRef, NameRef, Path, Reader, adjective_keys};

/// The most names of one form that are compared, of each segment.
const CALLED_MAX: usize = 32;

/// A word in more names than this, of each segment, tells nobody apart.
const HAVING_MAX: usize = 64;

/// What is less alike is another name.
const ALIKE_MIN: f64 = 0.80;

/// A word of so many letters may be a name that is written otherwise, of an entity so well known, when it is so
/// much alike.
const CLOSE_LETTERS: usize = 5;
const CLOSE_PROMINENCE: f64 = 0.5;
const CLOSE_MIN: f64 = 0.9;

/// What a name without its head word scores.
const HEADED: f64 = 0.97;

/// A word of the lexicon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct WordId(u32);

/// A name of an entity that a stretch of text is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hit {
    pub(super) entity: EntityRef,
    pub(super) name: NameRef,
    pub(super) score: f64,
    pub(super) kind: names::MatchKind,
}

/// What is left of a word without its proclitics.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peeled {
    pub(super) word: WordId,
    /// Bytes of the proclitics as they stand in the text.
    pub(super) start: usize,
}

/// A way to take an ending off a word.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) word: WordId,
    /// Bytes of the word as it stands in the text, if the ending is no part of the name.
    pub(super) bytes: Option<usize>,
}

/// A word and what is known about it.
#[derive(Debug)]
pub(super) struct Word {
    pub(super) name: Name,
    /// As names have it, but for its classes.
    written: ImprintWord<'static>,
    classes: Box<[u8]>,
    /// It ends in a ه that is none of a ة, as far as it is known how it stands in the text.
    pub(super) ends_in_heh: bool,
    /// Letters, without an article.
    pub(super) letters: usize,
    pub(super) commonness: Commonness,
    pub(super) cues: Cues,
    pub(super) is_given: bool,
    pub(super) is_leading_family: bool,
    /// An Arabic adjective by its ending: روسي, الروسية.
    pub(super) is_adjective: bool,
    /// A noun with an article, or such an adjective: what may stand between a title and a name.
    pub(super) is_attribute: bool,
    /// The country that an adjective belongs to; 0 for none.
    pub(super) country: u16,
    /// The names of one word, or written as one, that it is.
    pub(super) called: Vec<Hit>,
    /// The names of one word that it is close to, when it is none.
    pub(super) close: Vec<Hit>,
    /// What is left of it when proclitics are peeled off, where the catalogue confirms it.
    pub(super) peeled: Vec<Peeled>,
    pub(super) ended: Vec<Ended>,
    /// The one of `ended` that the catalogue knows: what the name is without its case.
    pub(super) lemma: Option<WordId>,
    /// A name of several words begins with it, though it is a word of grammar.
    pub(super) opens_name: bool,
    /// Who has it in a name of several words.
    having: Option<Having>,
    /// Whether `peeled` and `ended` were looked for.
    is_whole: bool,
}

/// The names that a word is a part of.
#[derive(Clone, Debug, Default)]
pub(super) struct Having {
    pub(super) names: Vec<NameRef>,
    /// Some person's name of several words begins with it.
    pub(super) begins_person: bool,
    /// There are more.
    pub(super) are_more: bool,
}

impl Word {
    /// The word as names have it.
    pub(super) fn imprint(&self) -> ImprintWord<'_> {
        ImprintWord { classes: &self.classes, ..self.written }
    }

    /// A hash of its form without article.
    pub(super) fn stem_key(&self) -> u32 {
        self.written.stem_key
    }

    pub(super) fn orthographic(&self) -> &str {
        self.name.orthographic()
    }

    /// The word without its article.
    pub(super) fn bare(&self) -> &str {
        let has_article = self.name.tokens().first().is_some_and(names::Token::has_article);
        let word = self.orthographic();
        if has_article { word.strip_prefix("ال").unwrap_or(word) } else { word }
    }
}

/// The words of one call.
pub(super) struct Lexicon<'r, 'a> {
    pub(super) reader: &'r Reader<'a>,
    admissions: &'r Admissions,
    words: Vec<Word>,
    ids: HashMap<Box<str>, WordId>,
    /// The people whose family name a word is, as far as they were asked for.
    pub(super) families: HashMap<WordId, Rc<[Family]>>,
    /// The words of a name and of its spellings in the texts.
    parts: HashMap<NameRef, HashMap<Box<str>, Rc<[Part]>>>,
    forms: HashMap<Box<str>, Rc<str>>,
    /// Several words that were compared with names, and what came of it.
    pub(super) compared: RefCell<HashMap<Window, Option<Compared>>>,
}

impl<'r, 'a> Lexicon<'r, 'a> {
    pub(super) fn new(reader: &'r Reader<'a>, admissions: &'r Admissions) -> Self {
        Self {
            reader,
            admissions,
            words: Vec::new(),
            ids: HashMap::new(),
            families: HashMap::new(),
            parts: HashMap::new(),
            forms: HashMap::new(),
            compared: RefCell::default(),
        }
    }

    pub(super) fn word(&self, id: WordId) -> &Word {
        &self.words[id.0 as usize]
    }

    pub(super) fn admits(&self, entity: EntityRef) -> bool {
        self.reader.admits(self.admissions, entity)
    }

    /// The words of a name, and those that a spelling of it has besides.
    pub(super) fn parts(&mut self, name: NameRef, spelling: &str) -> Rc<[Part]> {
        let known = self.parts.entry(name).or_default();
        if let Some(parts) = known.get(spelling) {
            return Rc::clone(parts);
        }
        let mut all = parts(&Name::new(self.reader.text(name)));
        for part in parts(&Name::new(spelling)) {
            if !all.iter().any(|other| other.stem_key == part.stem_key) {
                all.push(part);
            }
        }
        let all: Rc<[Part]> = all.into();
        known.insert(spelling.into(), Rc::clone(&all));
        all
    }

    /// The form of a mention.
    pub(super) fn form(&mut self, surface: &str) -> Rc<str> {
        if let Some(form) = self.forms.get(surface) {
            return Rc::clone(form);
        }
        let form: Rc<str> = Name::new(surface).form().into();
        self.forms.insert(surface.into(), Rc::clone(&form));
        form
    }

    /// The word that is written like this.
    pub(super) fn look_up(&mut self, text: &str) -> WordId {
        let id = self.stem(text);
        if !self.word(id).is_whole {
            let (peeled, ended) = (self.peel(text, id), self.end(text, id));
            let lemma = ended.iter().map(|ended| ended.word).find(|word| self.is_known(*word));
            let word = &mut self.words[id.0 as usize];
            word.ends_in_heh = text.ends_with('ه');
            (word.peeled, word.ended, word.lemma, word.is_whole) = (peeled, ended, lemma, true);
        }
        id
    }

    /// The same, without what it may hide.
    fn stem(&mut self, text: &str) -> WordId {
        match self.ids.get(text) {
            Some(id) => *id,
            None => self.add(text),
        }
    }

    /// The names of several words that a word is in, those whose entity is admitted.
    pub(super) fn having(&mut self, id: WordId) -> &Having {
        if self.words[id.0 as usize].having.is_none() {
            let mut having = Having::default();
            let key = self.word(id).stem_key();
            let see = |name| having.names.push(name);
            let are_all = self.reader.having(key, HAVING_MAX, see);
            having.are_more = !are_all;
            having.names.retain(|name| self.admits(self.reader.entity_of(*name)));
            having.begins_person = having.names.iter().any(|name| self.begins_person(*name, key));
            self.words[id.0 as usize].having = Some(having);
        }
        self.words[id.0 as usize].having.get_or_insert_default()
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
    fn add(&mut self, text: &str) -> WordId {
        let id = WordId(self.words.len() as u32);
        let word = self.make(text);
        self.words.push(word);
        self.ids.insert(text.into(), id);
        id
    }

    fn make(&self, text: &str) -> Word {
        let name = Name::new(text);
        let written = name.orthographic();
        let is_arabic = name.script() == Script::Arab;
        let commonness = commonness_as_written(text, written);
        let has_article = name.tokens().first().is_some_and(names::Token::has_article);
        let is_adjective = is_arabic && (written.ends_with('ي') || written.ends_with("يه"));
        let imprint = name.imprint().words().next().unwrap_or_default();
        let mut word = Word {
            written: ImprintWord { classes: &[], ..imprint },
            classes: imprint.classes.into(),
            ends_in_heh: false,
            letters: written.chars().count() - if has_article { 2 } else { 0 },
            commonness,
            cues: cues_of(written),
            // The preposition ends in ى, and the name in most texts not.
            is_given: is_given_name(written) && text != "على",
            is_leading_family: is_leading_family(written),
            is_adjective,
            is_attribute: is_arabic && (is_adjective || has_article),
            country: 0,
            called: Vec::new(),
            close: Vec::new(),
            peeled: Vec::new(),
            ended: Vec::new(),
            lemma: None,
            opens_name: false,
            having: None,
            is_whole: false,
            name,
        };
        word.opens_name = commonness == Commonness::Function && self.opens_name(&word);
        // المالي is said of money, whatever country there is.
        if is_adjective && commonness == Commonness::Uncommon {
            let keys = adjective_keys(&[without_proclitics(word.bare())]);
            word.country = self.reader.country_of(&keys).unwrap_or(0);
        }
        word.called = self.called(&word.name);
        word.called = std::mem::take(&mut word.called)
            .into_iter()
            .filter(|hit| single::is_spelled_so(self, &word, false, hit))
            .collect();
        if word.called.is_empty() && has_article && commonness == Commonness::Uncommon {
            word.called = self.called_without_article(&word);
        }
        if word.called.is_empty() && is_arabic && commonness == Commonness::Uncommon {
            word.called = self.called_otherwise(&word);
        }
        if word.called.is_empty()
            && commonness == Commonness::Uncommon
            && word.letters >= CLOSE_LETTERS
        {
            word.close = self.close(&word);
        }
        word
    }

    /// The entities that are called like a name of one form.
    fn called(&self, name: &Name) -> Vec<Hit> {
        let mut hits = Vec::new();
        let mut probe = None;
        self.reader.called(name.imprint().form_key() as u32, CALLED_MAX, |at| {
            let entity = self.reader.entity_of(at);
            let found = self.reader.imprint(at);
            let is_same = found.form_key() == name.imprint().form_key();
            if !is_same || !self.admits(entity) {
                return;
            }
            let alike = probe.get_or_insert_with(|| Probe::new(name)).similarity(found);
            if alike.score >= ALIKE_MIN {
                hits.push(Hit { entity, name: at, score: alike.score, kind: alike.kind });
            }
        });
        best_of_each(hits)
    }

    /// The well known organizations and things that are called like a word without its article: الناتو. People
    /// and cities take none.
    fn called_without_article(&self, word: &Word) -> Vec<Hit> {
        let mut hits = self.called(&Name::new(word.bare()));
        hits.retain(|hit| {
            let takes_none = matches!(
                self.reader.entity_type(hit.entity),
                EntityType::Person
                    | EntityType::City
                    | EntityType::Country
                    | EntityType::Unspecified
            );
            !takes_none && self.reader.prominence(hit.entity) >= WELL_KNOWN
        });
        hits
    }

    /// The well known entities whose name is a word in another case (الحوثيين, الحوثيون), or that word behind one
    /// that says what it is (شركة آبل).
    fn called_otherwise(&self, word: &Word) -> Vec<Hit> {
        let nominative = word.orthographic().strip_suffix("يين").map(|stem| format!("{stem}يون"));
        let hits = nominative.map(|nominative| self.called(&Name::new(&nominative)));
        hits.filter(|hits| !hits.is_empty()).unwrap_or_else(|| self.headed(word))
    }

    fn headed(&self, word: &Word) -> Vec<Hit> {
        const LETTERS_MIN: usize = 3;
        let (mut hits, own) = (Vec::new(), word.orthographic());
        if word.letters < LETTERS_MIN || word.is_given || !word.cues.is_empty() {
            return hits;
        }
        self.reader.having(word.stem_key(), HAVING_MAX, |at| {
            let entity = self.reader.entity_of(at);
            let is_of_two = self.reader.imprint(at).words().len() == 2;
            if !is_of_two || self.reader.prominence(entity) < WELL_KNOWN || !self.admits(entity) {
                return;
            }
            let name = Name::new(self.reader.text(at));
            let [head, rest] = name.tokens() else { return };
            if names::is_head(head.orthographic()) && rest.orthographic() == own {
                let kind = names::MatchKind::SameOrthographic;
                hits.push(Hit { entity, name: at, score: HEADED, kind });
            }
        });
        best_of_each(hits)
    }

    /// The well known entities whose name of one word is nearly written like a word: أميركا. Of those with its
    /// consonants only, so that it stays cheap.
    fn close(&self, word: &Word) -> Vec<Hit> {
        let path = Path::START.with(&word.imprint(), |_| ());
        let mut hits = Vec::new();
        let mut probe = None;
        self.reader.alike(path, |at| {
            let (entity, found) = (self.reader.entity_of(at), self.reader.imprint(at));
            let has_article = word.imprint().has_article;
            let is_alike = found.script() == word.name.script()
                && found.words().len() == 1
                && found.words().all(|word| word.has_article == has_article)
                && self.reader.prominence(entity) >= CLOSE_PROMINENCE;
            if !is_alike || !self.admits(entity) {
                return;
            }
            let alike = probe.get_or_insert_with(|| Probe::new(&word.name)).similarity(found);
            if alike.score >= CLOSE_MIN {
                hits.push(Hit { entity, name: at, score: alike.score, kind: alike.kind });
            }
        });
        best_of_each(hits)
    }

    /// What the catalogue confirms that a word hides. An ordinary word hides nothing, unless it begins a name.
    fn peel(&mut self, text: &str, id: WordId) -> Vec<Peeled> {
        let word = self.word(id);
        if word.name.script() != Script::Arab || word.commonness == Commonness::Function {
            return Vec::new();
        }
        let mut confirmed = Vec::new();
        for peeling in peelings(word.orthographic()) {
            if splits_article(&peeling.clitics) {
                continue;
            }
            let stem = self.stem(&peeling.stem);
            if self.word(stem).commonness == Commonness::Function || !self.is_known(stem) {
                continue;
            }
            let start = stem_start(text, self.word(id).orthographic(), self.word(stem));
            confirmed.extend(start.map(|start| Peeled { word: stem, start }));
        }
        confirmed
    }

    /// Whether a word is a name, begins one or is in one.
    fn is_known(&mut self, id: WordId) -> bool {
        let word = self.word(id);
        if !word.called.is_empty() {
            return true;
        }
        let path = Path::START.with(&word.imprint(), |_| ());
        let begins = !path.is_empty() && self.reader.follow(path, |_| ()).is_some();
        begins || !self.having(id).names.is_empty()
    }

    /// What a word is without the endings that its language puts behind a name.
    fn end(&mut self, text: &str, id: WordId) -> Vec<Ended> {
        let mut ends = endings(text, self.word(id).name.script());
        ends.truncate(ENDINGS_MAX);
        let ended = ends.into_iter();
        ended.map(|(stem, bytes)| Ended { word: self.stem(&stem), bytes }).collect()
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
    let same = |start: &usize| Name::new(&text[*start..]).orthographic() == rest;
    text.char_indices().skip(1).take(CLITICS_CHARS_MAX).map(|(start, _)| start).find(same)
}

/// Proclitics have no more characters, marks over them included.
const CLITICS_CHARS_MAX: usize = 16;

/// The most ways to take an ending off.
const ENDINGS_MAX: usize = 8;

/// The best hit of each entity, best first; of equal ones in the order of their ids and names.
pub(super) fn best_of_each(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by(|a, b| {
        b.score.total_cmp(&a.score).then(a.kind.cmp(&b.kind)).then(a.name.cmp(&b.name))
    });
    let mut best: Vec<Hit> = Vec::with_capacity(hits.len());
    for hit in hits {
        if !best.iter().any(|other| other.entity == hit.entity) {
            best.push(hit);
        }
    }
    best
}
