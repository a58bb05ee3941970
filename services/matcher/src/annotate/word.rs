//! A word of texts, and what is known about it wherever it stands.

use std::sync::{Arc, OnceLock};

use names::{Commonness, Cues, Imprint, ImprintWord, Name, Script, commonness_as_written};
use names::{is_given_name, is_leading_family};

use super::proclitics::cues_of;
use crate::index::{EntityRef, NameRef, Path};

/// Which word of a memory it is. A word that was forgotten and comes again is another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct WordId(pub(super) u64);

/// A name of an entity that a stretch of text is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hit {
    pub(super) entity: EntityRef,
    pub(super) name: NameRef,
    pub(super) score: f64,
    pub(super) kind: names::MatchKind,
}

/// What is left of a word without its proclitics.
#[derive(Clone, Debug)]
pub(super) struct Peeled {
    pub(super) word: Arc<Word>,
    /// Bytes of the proclitics as they stand in the text.
    pub(super) start: usize,
}

/// A way to take an ending off a word.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) word: Arc<Word>,
    /// Bytes of the word as it stands in the text, if the ending is no part of the name.
    pub(super) bytes: Option<usize>,
}

/// A word and what is known about it.
#[derive(Debug)]
pub(super) struct Word {
    pub(super) id: WordId,
    /// As the orthographic stage leaves it.
    orthographic: Box<str>,
    /// The name it makes.
    name: Box<[u8]>,
    pub(super) script: Script,
    /// As names have it, but for its classes.
    written: ImprintWord<'static>,
    classes: Box<[u8]>,
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
    /// The path of names that begin with it, if there are any.
    pub(super) begins: Option<Path>,
    /// A name of several words begins with it, though it is a word of grammar.
    pub(super) opens_name: bool,
    /// Who has it in a name of several words, once it was asked.
    pub(super) having: OnceLock<Having>,
    /// What it may hide, once it was looked for.
    pub(super) hidden: OnceLock<Hidden>,
}

/// What a word may hide.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    /// What is left of it when proclitics are peeled off, where the catalogue confirms it.
    pub(super) peeled: Box<[Peeled]>,
    pub(super) ended: Box<[Ended]>,
    /// The one of `ended` that the catalogue knows: what the name is without its case.
    pub(super) lemma: Option<usize>,
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
    /// What a word is by itself, without a catalogue.
    pub(super) fn new(id: WordId, text: &str) -> Self {
        let name = Name::new(text);
        let orthographic = name.orthographic();
        let is_arabic = name.script() == Script::Arab;
        let written = name.imprint().words().next().unwrap_or_default();
        let is_adjective =
            is_arabic && (orthographic.ends_with('ي') || orthographic.ends_with("يه"));
        Self {
            id,
            written: ImprintWord { classes: &[], ..written },
            classes: written.classes.into(),
            script: name.script(),
            letters: orthographic.chars().count() - if written.has_article { 2 } else { 0 },
            commonness: commonness_as_written(text, orthographic),
            cues: cues_of(orthographic),
            // The preposition ends in ى, and the name in most texts not.
            is_given: is_given_name(orthographic) && text != "على",
            is_leading_family: is_leading_family(orthographic),
            is_adjective,
            is_attribute: is_arabic && (is_adjective || written.has_article),
            country: 0,
            called: Vec::new(),
            close: Vec::new(),
            begins: None,
            opens_name: false,
            having: OnceLock::new(),
            hidden: OnceLock::new(),
            name: name.imprint().as_bytes().into(),
            orthographic: orthographic.into(),
        }
    }

    /// What is left of it without proclitics.
    pub(super) fn peeled(&self) -> &[Peeled] {
        self.hidden.get().map_or(&[], |hidden| &hidden.peeled)
    }

    /// What is left of it without an ending.
    pub(super) fn ended(&self) -> &[Ended] {
        self.hidden.get().map_or(&[], |hidden| &hidden.ended)
    }

    /// The one of these that the catalogue knows.
    pub(super) fn lemma(&self) -> Option<&Ended> {
        self.hidden.get().and_then(|hidden| hidden.ended.get(hidden.lemma?))
    }

    /// The word as names have it.
    pub(super) fn imprint(&self) -> ImprintWord<'_> {
        ImprintWord { classes: &self.classes, ..self.written }
    }

    /// The name that it makes by itself.
    pub(super) fn name(&self) -> Imprint<'_> {
        Imprint::from_bytes(&self.name)
    }

    /// A hash of its form without article.
    pub(super) fn stem_key(&self) -> u32 {
        self.written.stem_key
    }

    pub(super) fn orthographic(&self) -> &str {
        &self.orthographic
    }

    /// The word without its article.
    pub(super) fn bare(&self) -> &str {
        let word = self.orthographic();
        if self.written.has_article { word.strip_prefix("ال").unwrap_or(word) } else { word }
    }
}
