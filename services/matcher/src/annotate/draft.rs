//! The mentions of a text while they are being made.

use std::ops::Range;

use super::{Ground, context::CountryAt, lexicon::Lexicon, spans::Stretch, text::Text, word::Hit};

/// A mention in the making.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) stretch: Stretch,
    /// Best first.
    pub(super) hits: Vec<Hit>,
    /// What settled that the first is meant; nothing when it is ambiguous.
    pub(super) ground: Option<Ground>,
    /// The word that did.
    pub(super) cue: Option<usize>,
    /// The draft that it is short for.
    pub(super) bound_to: Option<usize>,
}

/// The drafts of a text that do not overlap, and which words they cover.
pub(super) struct Drafts {
    all: Vec<Draft>,
    /// By word: the draft it belongs to.
    by_word: Vec<Option<u32>>,
}

impl Drafts {
    pub(super) fn new(words: usize) -> Self {
        Self { all: Vec::new(), by_word: vec![None; words] }
    }

    pub(super) fn push(&mut self, draft: Draft) {
        let words = draft.stretch.words.clone();
        self.by_word[words].fill(Some(self.all.len() as u32));
        self.all.push(draft);
    }

    /// Puts another draft in the place of one that starts where it starts.
    pub(super) fn replace(&mut self, at: usize, draft: Draft) {
        let (before, after) = (self.all[at].stretch.words.clone(), draft.stretch.words.clone());
        self.by_word[before].fill(None);
        self.by_word[after].fill(Some(at as u32));
        self.all[at] = draft;
    }

    pub(super) fn get(&self, at: usize) -> &Draft {
        &self.all[at]
    }

    /// The draft that a word belongs to.
    pub(super) fn at(&self, word: usize) -> Option<&Draft> {
        self.by_word[word].map(|draft| &self.all[draft as usize])
    }

    /// Where the draft stands that a word belongs to.
    pub(super) fn place_of(&self, word: usize) -> Option<usize> {
        self.by_word[word].map(|draft| draft as usize)
    }

    /// The draft that starts with a word.
    pub(super) fn starting(&self, word: usize) -> Option<usize> {
        let draft = self.by_word[word]? as usize;
        (self.all[draft].stretch.words.start == word).then_some(draft)
    }

    pub(super) fn end_of(&self, at: usize) -> usize {
        self.all[at].stretch.words.end
    }

    pub(super) fn covers(&self, word: usize) -> bool {
        self.by_word[word].is_some()
    }

    /// Binds an ambiguous draft to a fuller one that means the entity of `hit`.
    pub(super) fn bind(&mut self, at: usize, fuller: usize, hit: Hit) {
        let draft = &mut self.all[at];
        draft.hits.retain(|other| other.entity != hit.entity);
        draft.hits.insert(0, hit);
        draft.ground = Some(Ground::FullerMention);
        draft.bound_to = Some(fuller);
    }

    /// The countries that a sentence says besides some words of it: those of adjectives, and of mentions that
    /// are sure without the rest of the text.
    pub(super) fn countries(
        &self,
        text: &Text<'_>,
        lexicon: &Lexicon<'_, '_>,
        words: &Range<usize>,
    ) -> Vec<CountryAt> {
        let sentence = text.sentence(words.start);
        let from = text.adjectives.partition_point(|said| said.words.0 < sentence.start);
        let adjectives = text.adjectives[from..].iter().copied();
        let mut said: Vec<CountryAt> =
            adjectives.take_while(|said| said.words.0 < sentence.end).collect();
        let mut at = sentence.start;
        while at < sentence.end {
            let Some(draft) = self.by_word[at] else {
                at += 1;
                continue;
            };
            let draft = &self.all[draft as usize];
            let is_sure = draft.ground.is_some() && draft.ground != Some(Ground::FullerMention);
            if let Some(hit) = draft.hits.first().filter(|_| is_sure) {
                let country = lexicon.reader.country_code(hit.entity);
                let words = (draft.stretch.words.start, draft.stretch.words.end);
                said.push(CountryAt { country, words });
            }
            at = draft.stretch.words.end.max(at + 1);
        }
        said.retain(|said| {
            said.country != 0 && !(said.words.0 < words.end && words.start < said.words.1)
        });
        said
    }

    pub(super) fn into_inner(self) -> Vec<Draft> {
        self.all
    }
}
