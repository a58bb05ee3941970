//! Several words of a text that have the consonants of some names: which of these they are.
//!
//! Most are none, and most of those show it before a name is made of them: by their form where only names that are
//! spelled in one word have their consonants, by how many of them are ordinary words, by what parts them.

use std::{borrow::Cow, sync::Arc};

use names::{Gap, MatchKind, Name, Probe};

use super::{
    called::best_of_each,
    lexicon::Lexicon,
    word::{Hit, WordId},
};
use crate::index::{NameRef, Path};

/// The most words of a name in a text.
pub(super) const WORDS_MAX: usize = 12;

/// The most names spelled in one word that are compared with several.
const JOINED_MAX: usize = 8;

/// A name of so many words may have an ordinary one among them and be spelled otherwise.
const LONG: usize = 3;

/// What is the same name in another spelling.
pub(super) const SAME_MIN: f64 = 0.965;

/// What is close enough to be a name of several words that the catalogue spells otherwise.
const CLOSE_MIN: f64 = 0.86;

/// What has been crossed between the words of a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Crossed {
    breaks: u8,
    has_comma: bool,
}

impl Crossed {
    /// Whether a name may go on across this. Never across an empty line, and across one end of a sentence or
    /// comma at most: names are broken by stray punctuation, and not by much of it.
    pub(super) fn cross(&mut self, gap: Gap) -> bool {
        match gap {
            Gap::Joined | Gap::Space | Gap::Mark | Gap::Line => true,
            Gap::Comma | Gap::Stop => {
                self.breaks += 1;
                self.has_comma |= gap == Gap::Comma;
                self.breaks == 1
            }
            Gap::Paragraph => false,
        }
    }
}

/// Which words they are, and what is between them as far as it is not in their text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    /// The names that have their consonants: with an ending of the first word taken off they are others.
    pub(super) path: Option<Path>,
    pub(super) words: [WordId; WORDS_MAX],
    pub(super) length: usize,
    pub(super) crossed: Crossed,
    pub(super) begins_in_grammar: bool,
    pub(super) ends_in_grammar: bool,
    pub(super) is_cut: bool,
}

/// The names that some words are like.
#[derive(Clone, Debug)]
pub(super) struct Compared {
    pub(super) hits: Arc<[Hit]>,
    pub(super) is_close: bool,
}

/// What came of comparing some words.
pub(super) type Answer = (Window, Option<Compared>);

/// Several words in a row.
pub(super) struct Several<'s> {
    pub(super) window: Window,
    /// So many of them are ordinary ones.
    pub(super) ordinary: usize,
    /// As they stand in the text: a name sees what is between its words.
    pub(super) surface: &'s str,
    /// The same without the endings of their cases.
    pub(super) written: Cow<'s, str>,
}

enum Judged {
    Other,
    Close,
    Same,
}

impl Several<'_> {
    /// The names that they are. `names` are those of several words that have their consonants; whether names of
    /// one word have them too.
    pub(super) fn ask(
        &self,
        lexicon: &Lexicon<'_, '_>,
        names: &[NameRef],
        has_single: bool,
    ) -> Option<Compared> {
        let names = self.candidates(lexicon, names, has_single);
        if names.is_empty() {
            return None;
        }
        let mut known = lexicon.memory.compared.borrow_mut();
        let known = known.get_or_add(self.surface);
        if let Some((_, compared)) = known.iter().find(|(window, _)| *window == self.window) {
            return compared.clone();
        }
        let compared = self.compare(lexicon, &names);
        known.push((self.window, compared.clone()));
        compared
    }

    /// The names that they may be.
    fn candidates(
        &self,
        lexicon: &Lexicon<'_, '_>,
        names: &[NameRef],
        has_single: bool,
    ) -> Vec<NameRef> {
        let may_be = |name: &NameRef| {
            lexicon.admits(lexicon.reader.entity_of(*name)) && self.may_be(lexicon, *name)
        };
        let mut candidates: Vec<NameRef> = names.iter().copied().filter(may_be).collect();
        if has_single && (self.ordinary == 0 || names.is_empty()) {
            let form_key = names::form_key(lexicon.ladder.borrow_mut().form(&self.written));
            let see = |name| candidates.extend(Some(name).filter(may_be));
            lexicon.reader.called(form_key as u32, JOINED_MAX, see);
        }
        candidates
    }

    /// Whether they may be a name, by what is known before they are compared with it. Ordinary words meet by
    /// chance, and so do words across a full stop. A comma parts a list.
    fn may_be(&self, lexicon: &Lexicon<'_, '_>, name: NameRef) -> bool {
        let Window { length, crossed, begins_in_grammar, .. } = self.window;
        let words = lexicon.reader.imprint(name).words().len();
        let (is_otherwise, is_all_ordinary) = (words != length, self.ordinary == length);
        let is_parted = crossed.breaks > 0 && (self.ordinary > 0 || is_otherwise)
            || crossed.has_comma && words < 3;
        if is_parted || is_all_ordinary && (begins_in_grammar || is_otherwise) {
            return false;
        }
        !self.is_joined_otherwise(words) || self.is_written_joined(lexicon.reader.text(name))
    }

    /// Whether their spaces are elsewhere than those of a name of so many words, and some are ordinary ones.
    fn is_joined_otherwise(&self, words: usize) -> bool {
        words != self.window.length && self.ordinary > 0
    }

    /// Whether they are the letters of a name.
    fn is_written_joined(&self, name: &str) -> bool {
        let (own, name) = (names::orthographic(&self.written), names::orthographic(name));
        let letters = |text: &'_ str| text.replace(' ', "");
        letters(&own) == letters(&name)
    }

    /// Compares them with names.
    fn compare(&self, lexicon: &Lexicon<'_, '_>, names: &[NameRef]) -> Option<Compared> {
        let Window { length, begins_in_grammar, ends_in_grammar, .. } = self.window;
        let own = Name::new(&self.written);
        let mut probe = Probe::new(&own);
        let mut hits: Vec<(Hit, bool)> = Vec::new();
        for name in names {
            let found = lexicon.reader.imprint(*name);
            let alike = probe.similarity(found);
            // Of names that begin or end like grammar (سون هي) only what is written so.
            let is_same = alike.kind == MatchKind::SameOrthographic;
            if !is_same && (begins_in_grammar || ends_in_grammar && length < LONG) {
                continue;
            }
            let entity = lexicon.reader.entity_of(*name);
            let hit = Hit { entity, name: *name, score: alike.score, kind: alike.kind };
            match self.judge(&own, found, &alike) {
                Judged::Other => {}
                Judged::Close => hits.push((hit, true)),
                Judged::Same => hits.push((Hit { score: hit.score.max(SAME_MIN), ..hit }, false)),
            }
        }
        let is_close = hits.iter().all(|(_, is_close)| *is_close);
        hits.retain(|(_, close)| is_close || !close);
        let hits = best_of_each(hits.into_iter().map(|(hit, _)| hit).collect());
        (!hits.is_empty()).then_some(Compared { hits: hits.into(), is_close })
    }

    /// Whether they are a name that they may be.
    fn judge(&self, own: &Name, found: names::Imprint<'_>, alike: &names::Similarity) -> Judged {
        let (length, words) = (self.window.length, found.words().len());
        if self.is_joined_otherwise(words) {
            return Judged::Same;
        }
        let has_words = has_words_of(own, found);
        if alike.score < CLOSE_MIN || self.ordinary == length && !has_words {
            return Judged::Other;
        }
        if alike.score >= SAME_MIN || has_words {
            return Judged::Same;
        }
        let is_close = length >= 2
            && words == length
            && self.ordinary <= usize::from(length >= LONG)
            && self.window.crossed.breaks == 0
            && alike.kind != MatchKind::Different;
        if is_close { Judged::Close } else { Judged::Other }
    }
}

/// Whether every word is that of the name, with its article or without.
fn has_words_of(own: &Name, found: names::Imprint<'_>) -> bool {
    let (own, other) = (own.imprint().words(), found.words());
    own.len() == other.len() && own.zip(other).all(|(a, b)| a.stem_key == b.stem_key)
}
