//! A text as annotation reads it: its words, what is known about each, and where its sentences are.

use std::{ops::Range, sync::Arc};

use names::{Case, Gap, RunningWord, Span, running_words};

use super::{
    HasTime, OutOfTime, check_time,
    context::{self, CountryAt},
    lexicon::Lexicon,
    word::Word,
};

/// Of a longer sentence, so many words before a word and behind it are looked at.
pub(super) const SENTENCE_WORDS_MAX: usize = 200;

/// A text and its words.
pub(super) struct Text<'t> {
    pub(super) source: &'t str,
    pub(super) words: Vec<RunningWord>,
    pub(super) known: Vec<Arc<Word>>,
    /// The sentence of each word.
    pub(super) sentences: Vec<u32>,
    /// The countries that adjectives say, in their order.
    pub(super) adjectives: Vec<CountryAt>,
}

impl<'t> Text<'t> {
    pub(super) fn new(
        source: &'t str,
        lexicon: &mut Lexicon<'_, '_>,
        has_time: HasTime<'_>,
    ) -> Result<Self, OutOfTime> {
        let words = running_words(source);
        let mut known = Vec::with_capacity(words.len());
        for (at, word) in words.iter().enumerate() {
            check_time(at, has_time)?;
            known.push(lexicon.look_up(&source[word.bytes()]));
        }
        let sentences = words
            .iter()
            .scan(0, |sentence, word| {
                *sentence += u32::from(word.gap >= Gap::Stop);
                Some(*sentence)
            })
            .collect();
        let mut text = Self { source, words, known, sentences, adjectives: Vec::new() };
        text.adjectives = context::adjectives(&text, lexicon);
        Ok(text)
    }

    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// What is known about the word in a place.
    pub(super) fn word(&self, at: usize) -> &Word {
        &self.known[at]
    }

    /// What stands before the word in a place.
    pub(super) fn gap(&self, at: usize) -> Gap {
        self.words.get(at).map_or(Gap::Paragraph, |word| word.gap)
    }

    /// The word in a place as it stands.
    pub(super) fn written(&self, at: usize) -> &'t str {
        &self.source[self.words[at].bytes()]
    }

    /// Whether the word in a place ends in a ه that is none of a ة.
    pub(super) fn ends_in_heh(&self, at: usize) -> bool {
        self.written(at).ends_with('ه')
    }

    pub(super) fn case(&self, at: usize) -> Case {
        self.words[at].case
    }

    /// The words of a sentence around a word. Not all of a very long one, so that what looks at the words
    /// around every name stays linear in the text.
    pub(super) fn sentence(&self, at: usize) -> Range<usize> {
        let sentence = self.sentences[at];
        let first = at.saturating_sub(SENTENCE_WORDS_MAX);
        let last = self.len().min(at + SENTENCE_WORDS_MAX);
        let before = self.sentences[first..at].partition_point(|other| *other < sentence);
        let behind = self.sentences[at..last].partition_point(|other| *other == sentence);
        first + before..at + behind
    }

    /// Some words as one stretch, the first without some of its first bytes, the last with so many only.
    pub(super) fn span(&self, words: &Range<usize>, skipped: usize, last: Option<usize>) -> Span {
        let (first, end) = (&self.words[words.start].span, &self.words[words.end - 1].span);
        let mut span = Span {
            bytes: first.bytes.start..end.bytes.end,
            utf16: first.utf16.start..end.utf16.end,
            chars: first.chars.start..end.chars.end,
        };
        let (bytes, utf16, chars) = lengths(&self.source[first.bytes.start as usize..][..skipped]);
        span.bytes.start += bytes;
        span.utf16.start += utf16;
        span.chars.start += chars;
        if let Some(last) = last {
            let (bytes, utf16, chars) = lengths(&self.source[end.bytes.start as usize..][..last]);
            span.bytes.end = end.bytes.start + bytes;
            span.utf16.end = end.utf16.start + utf16;
            span.chars.end = end.chars.start + chars;
        }
        span
    }
}

/// How long a piece of text is in bytes, UTF-16 code units and code points.
fn lengths(text: &str) -> (u32, u32, u32) {
    (text.len() as u32, text.encode_utf16().count() as u32, text.chars().count() as u32)
}
