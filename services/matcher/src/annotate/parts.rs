//! The words of a name, and which of them stand for all of it in a short mention.

use std::sync::Arc;

use names::{Name, Role};

use super::{
    letters,
    word::{Hit, Word},
};
use crate::index::NameRef;

/// A word of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) stem_key: u32,
    has_article: bool,
    letters: usize,
    /// As the orthographic stage leaves it.
    written: Box<str>,
    pub(super) place: Place,
}

impl Part {
    /// Whether a word of a text is this one, by its form and about as many letters: ملون is not ميلوني.
    /// `ends_in_heh`: in the text it ends in a ه that is none of a ة.
    pub(super) fn is(&self, word: &Word, ends_in_heh: bool) -> bool {
        let other = word.imprint();
        let is_alike = self.stem_key == other.stem_key && self.has_article == other.has_article;
        is_alike && self.letters.abs_diff(other.letters) <= 1 && self.is_spelled(word, ends_in_heh)
    }

    /// Whether the letters of a word are those of this one, if both are Arabic.
    fn is_spelled(&self, word: &Word, ends_in_heh: bool) -> bool {
        let is_arabic = |text: &str| text.starts_with(|c| ('ء'..='ۓ').contains(&c));
        let own = word.orthographic();
        !is_arabic(own)
            || !is_arabic(&self.written)
            || letters::spells(own, &self.written, ends_in_heh)
    }
}

/// The words of a name and of a spelling of it.
pub(super) type PartsOf = (NameRef, Arc<[Part]>);

/// A person, and the words of the name of which a word is the family name.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) hit: Hit,
    pub(super) parts: Vec<Part>,
    /// It stands before the given name.
    pub(super) is_leading: bool,
}

/// What a word does in the name of a person, as far as short mentions go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The family name, behind the given name.
    Family,
    /// The family name before the given name.
    LeadingFamily,
    /// A word that carries the name and is no family name.
    Other,
    /// بن, van.
    Particle,
}

/// The words of a name and what they do in it.
pub(super) fn parts(name: &Name) -> Vec<Part> {
    let tokens = name.tokens();
    let carrying = || tokens.iter().enumerate().filter(|(_, token)| token.role().carries_name());
    let first = carrying().next().map(|(at, _)| at);
    let last = carrying().next_back().map(|(at, _)| at);
    let is_leading = first != last
        && first.is_some_and(|first| names::is_leading_family(tokens[first].orthographic()));
    let place = |at: usize, role: Role| match role {
        _ if !role.carries_name() => Place::Particle,
        _ if is_leading && Some(at) == first => Place::LeadingFamily,
        _ if is_leading => Place::Other,
        Role::Family => Place::Family,
        _ if Some(at) == last => Place::Family,
        _ => Place::Other,
    };
    let words = name.imprint().words().enumerate();
    let part = |(at, word): (usize, names::ImprintWord<'_>)| Part {
        stem_key: word.stem_key,
        has_article: word.has_article,
        letters: word.letters,
        written: tokens.get(at).map_or("", names::Token::orthographic).into(),
        place: place(at, word.role),
    };
    words.map(part).collect()
}
