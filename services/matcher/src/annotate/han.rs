//! Names inside a run of letters without spaces: Chinese and Japanese.
//!
//! Such a run is one word to the rest of annotation. Here every stretch of it is looked up as it is written, which
//! is what the form of a name is in these scripts.

use names::{MatchKind, Script, Span};

use super::{
    called::best_of_each,
    lexicon::Lexicon,
    single::WELL_KNOWN,
    spans::{Origin, Stretch},
    text::Text,
    word::Hit,
};

/// Names have so many characters; one alone is a word.
const CHARS: std::ops::RangeInclusive<usize> = 2..=12;

/// A shorter name is taken only for an entity that is well known: it is a word more often than not.
const SURE_CHARS: usize = 3;

/// The most names of one form that are looked at.
const CALLED_MAX: usize = 8;

/// Adds every stretch of the word in a place that is a name.
pub(super) fn find(
    text: &Text<'_>,
    lexicon: &Lexicon<'_, '_>,
    at: usize,
    found: &mut Vec<Stretch>,
) {
    let word = text.word(at);
    if !matches!(word.script, Script::Hani | Script::Kana | Script::Hira) {
        return;
    }
    let source = &text.source[text.words[at].bytes()];
    let written = word.orthographic();
    // Where one character became several, offsets are not known.
    if source.chars().count() != written.chars().count() {
        return;
    }
    let places = |text: &str| -> Vec<usize> {
        text.char_indices().map(|(at, _)| at).chain([text.len()]).collect()
    };
    let (in_source, in_written) = (places(source), places(written));
    let in_utf16: Vec<u32> = [0]
        .into_iter()
        .chain(source.chars().scan(0, |end, c| {
            *end += c.len_utf16() as u32;
            Some(*end)
        }))
        .collect();
    let whole = &text.words[at].span;
    let span = |start: usize, end: usize| Span {
        bytes: whole.bytes.start + in_source[start] as u32
            ..whole.bytes.start + in_source[end] as u32,
        utf16: whole.utf16.start + in_utf16[start]..whole.utf16.start + in_utf16[end],
        chars: whole.chars.start + start as u32..whole.chars.start + end as u32,
    };
    for start in 0..in_written.len() - 1 {
        for length in CHARS {
            let Some(end) = in_written.get(start + length) else { break };
            let hits = called(lexicon, &written[in_written[start]..*end], length);
            if !hits.is_empty() {
                found.push(Stretch {
                    span: span(start, start + length),
                    words: at..at + 1,
                    clitics: 0,
                    hits,
                    origin: Origin::Whole,
                    is_doubtful: false,
                });
            }
        }
    }
}

fn called(lexicon: &Lexicon<'_, '_>, written: &str, length: usize) -> Vec<Hit> {
    let reader = lexicon.reader;
    let key = names::form_key(written);
    let mut hits = Vec::new();
    reader.called(key as u32, CALLED_MAX, |name| {
        let entity = reader.entity_of(name);
        let is_sure = length >= SURE_CHARS || reader.prominence(entity) >= WELL_KNOWN;
        if is_sure && reader.imprint(name).form_key() == key && lexicon.admits(entity) {
            hits.push(Hit { entity, name, score: 1.0, kind: MatchKind::SameOrthographic });
        }
    });
    best_of_each(hits)
}
