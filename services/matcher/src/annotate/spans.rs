//! The stretches of a text that are names of the catalogue, overlapping ones too.
//!
//! From every word on, the automaton of the index is followed for as long as some name goes on like the text.
//! What it finds has the consonants of a name; it is a span when it is spelled like one.

use std::{borrow::Cow, ops::Range};

use names::{Case, Commonness, MatchKind, Span};

use super::{
    HasTime, OutOfTime, check_time, han,
    lexicon::Lexicon,
    several::{Crossed, Several, WORDS_MAX, Window},
    single,
    text::Text,
    word::{Hit, Peeled, Word},
};
use crate::index::{NameRef, Path};

/// A stretch of text and whom it may name.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    pub(super) words: Range<usize>,
    pub(super) span: Span,
    /// Bytes of proclitics before it.
    pub(super) clitics: usize,
    pub(super) hits: Vec<Hit>,
    pub(super) origin: Origin,
    /// It is an ordinary word, or too short to be sure: something beside it has to speak for it.
    pub(super) is_doubtful: bool,
}

/// How a stretch was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is a name of the catalogue.
    Whole,
    /// It is close to one.
    Close,
    /// It is a part of one.
    Part,
}

impl Stretch {
    /// Its length in code points.
    pub(super) fn length(&self) -> u32 {
        self.span.chars.end - self.span.chars.start
    }
}

/// Every stretch that is a name, by its first word.
pub(super) fn find(
    text: &Text<'_>,
    lexicon: &Lexicon<'_, '_>,
    has_time: HasTime<'_>,
) -> Result<Vec<Stretch>, OutOfTime> {
    let (mut found, mut peeled) = (Vec::new(), Vec::new());
    for at in 0..text.len() {
        check_time(at, has_time)?;
        let word = text.word(at);
        let before = found.len();
        Walk { text, lexicon, start: at, first: word, clitics: 0 }.go(&mut found);
        for Peeled { word: stem, start } in word.peeled() {
            Walk { text, lexicon, start: at, first: stem, clitics: *start }.go(&mut peeled);
            // What is an ordinary word or somebody's name as it stands hides no name of one word.
            let is_own = word.commonness == Commonness::Common || word.is_given;
            let admitted = peeled.drain(..).filter(|peeled| !is_own || peeled.words.len() > 1);
            admitted.for_each(|stretch| prefer(stretch, &mut found, before));
        }
        han::find(text, lexicon, at, &mut found);
    }
    Ok(found)
}

/// Adds a stretch whose proclitics are peeled off, instead of one that is less like a name with them. Forms and
/// skeletons see little of a و or a doubled ل: وواشنطن has the form of واشنطن.
fn prefer(peeled: Stretch, found: &mut Vec<Stretch>, from: usize) {
    let likeness = |stretch: &Stretch| {
        let best = stretch.hits.first();
        best.map_or((false, 0.0), |hit| (hit.kind == MatchKind::SameOrthographic, hit.score))
    };
    let rival = found[from..].iter().position(|other| other.words == peeled.words);
    let Some(rival) = rival.map(|at| from + at) else { return found.push(peeled) };
    let (own, other) = (likeness(&peeled), likeness(&found[rival]));
    let is_better = own.0 && !other.0 || own.0 == other.0 && own.1 > other.1;
    if is_better || found[rival].is_doubtful && !peeled.is_doubtful {
        found[rival] = peeled;
    }
}

/// The way from one word on.
struct Walk<'w, 't, 'r, 'a> {
    text: &'w Text<'t>,
    lexicon: &'w Lexicon<'r, 'a>,
    start: usize,
    first: &'w Word,
    clitics: usize,
}

/// How far a walk has come.
struct Reached {
    path: Path,
    /// Of several words.
    names: Vec<NameRef>,
    has_single: bool,
    /// Where the last word ends, if before its ending.
    last: Option<usize>,
}

impl<'t> Walk<'_, 't, '_, '_> {
    fn go(self, found: &mut Vec<Stretch>) {
        if self.is_grammar(self.start, self.first) {
            // بان كي مون, أم درمان: only what is written so, see `several`.
            if self.first.opens_name {
                self.follow(self.first, found);
            }
            return;
        }
        found.extend(self.single(self.first, None));
        let before = found.len();
        self.follow(self.first, found);
        for ended in self.first.ended() {
            if self.first.called.is_empty() {
                found.extend(self.single(&ended.word, ended.bytes));
            }
        }
        for ended in self.first.ended() {
            if found.iter().skip(before).all(|stretch| stretch.words.len() == 1) {
                self.follow(&ended.word, found);
            }
        }
    }

    /// The first word by itself.
    fn single(&self, word: &Word, last: Option<usize>) -> Option<Stretch> {
        if word.called.is_empty() {
            return self.close(word, last);
        }
        let judged = single::judge(self.text, self.lexicon, self.start, word)?;
        let words = self.start..self.start + 1;
        Some(Stretch {
            span: self.text.span(&words, self.clitics, last),
            words,
            clitics: self.clitics,
            hits: judged.hits,
            origin: Origin::Whole,
            is_doubtful: judged.is_doubtful,
        })
    }

    /// The first word, as another spelling of a name of one word.
    fn close(&self, word: &Word, last: Option<usize>) -> Option<Stretch> {
        let ends_in_heh = self.text.ends_in_heh(self.start);
        let admits = |hit: &&Hit| {
            single::is_written_so(self.lexicon, word, self.text.case(self.start), hit)
                && single::is_spelled_so(self.lexicon, word, ends_in_heh, hit)
        };
        let hits: Vec<Hit> = word.close.iter().filter(admits).copied().collect();
        let words = self.start..self.start + 1;
        let is_name = !hits.is_empty() && self.text.case(self.start) != Case::Small;
        is_name.then(|| Stretch {
            span: self.text.span(&words, self.clitics, last),
            words,
            clitics: self.clitics,
            hits,
            origin: Origin::Close,
            is_doubtful: false,
        })
    }

    /// Two words and more.
    fn follow(&self, first: &Word, found: &mut Vec<Stretch>) {
        let Some(mut path) = first.begins else { return };
        let mut crossed = Crossed::default();
        for end in self.start + 1..self.text.len().min(self.start + WORDS_MAX) {
            if !crossed.cross(self.text.gap(end)) {
                return;
            }
            let Some(reached) = self.next(path, end) else { return };
            path = reached.path;
            if !reached.names.is_empty() || reached.has_single {
                let words = self.start..end + 1;
                found.extend(self.several(words, &reached, crossed));
            }
        }
    }

    fn next(&self, path: Path, at: usize) -> Option<Reached> {
        let word = self.text.word(at);
        let lemma = word.lemma().and_then(|ended| self.step(path, &ended.word, ended.bytes));
        lemma.or_else(|| self.step(path, word, None))
    }

    fn step(&self, path: Path, word: &Word, last: Option<usize>) -> Option<Reached> {
        let path = path.with(&word.imprint(), |_| ());
        if path.is_empty() {
            return None;
        }
        let mut names = Vec::new();
        let begins = self.lexicon.reader.follow(path, |name| names.push(name));
        begins.map(|single| Reached { path, names, has_single: single.0, last })
    }

    /// Several words that have the consonants of some names.
    fn several(&self, words: Range<usize>, reached: &Reached, crossed: Crossed) -> Option<Stretch> {
        let is_ordinary = |at: &usize| self.word(*at).commonness >= Commonness::Common;
        let ordinary = words.clone().filter(is_ordinary).count();
        // A name that is spelled in one word is not made of ordinary ones.
        let is_joined = reached.names.is_empty() && ordinary > 0;
        if !self.is_capital(&words) || is_joined && (ordinary == words.len() || words.len() > 2) {
            return None;
        }
        let span = self.text.span(&words, self.clitics, reached.last);
        let surface = &self.text.source[span.bytes.start as usize..span.bytes.end as usize];
        let several = Several {
            window: self.window(&words, reached, crossed),
            ordinary,
            surface,
            written: self.lemmas(&words).map_or(Cow::Borrowed(surface), Cow::Owned),
        };
        let compared = several.ask(self.lexicon, &reached.names, reached.has_single)?;
        Some(Stretch {
            words,
            span,
            clitics: self.clitics,
            hits: compared.hits.to_vec(),
            origin: if compared.is_close { Origin::Close } else { Origin::Whole },
            is_doubtful: false,
        })
    }

    fn window(&self, words: &Range<usize>, reached: &Reached, crossed: Crossed) -> Window {
        let last = words.end - 1;
        let mut window = Window {
            path: Some(reached.path),
            length: words.len(),
            crossed,
            begins_in_grammar: self.is_grammar(self.start, self.first),
            ends_in_grammar: self.is_grammar(last, self.text.word(last)),
            is_cut: reached.last.is_some(),
            ..Window::default()
        };
        for (id, at) in window.words.iter_mut().zip(words.clone()) {
            *id = self.word(at).id;
        }
        window
    }

    /// Some words without the endings of their cases, where they have such.
    fn lemmas(&self, words: &Range<usize>) -> Option<String> {
        words.clone().find_map(|at| self.word(at).lemma())?;
        let mut lemmas = String::new();
        for at in words.clone() {
            let word = self.word(at);
            let word = word.lemma().map_or(word, |ended| &ended.word);
            lemmas.push_str(word.orthographic());
            lemmas.push(' ');
        }
        Some(lemmas)
    }

    /// The word in a place, the first one without what is peeled off.
    fn word(&self, at: usize) -> &Word {
        if at == self.start { self.first } else { self.text.word(at) }
    }

    /// Whether a word is one of grammar here: with a capital it may begin a name (The Hague).
    fn is_grammar(&self, at: usize, word: &Word) -> bool {
        let is_capital = matches!(self.text.case(at), Case::Capital | Case::Capitals);
        word.commonness == Commonness::Function && !is_capital
    }

    /// Whether the first and the last word begin with a capital, where there are capitals.
    fn is_capital(&self, words: &Range<usize>) -> bool {
        [words.start, words.end - 1].iter().all(|at| self.text.case(*at) != Case::Small)
    }
}
