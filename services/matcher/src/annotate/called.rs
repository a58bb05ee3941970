//! Who is called like a word: the names of one word, or written as one, that it is or is close to.

use names::{Commonness, Imprint, Name, Probe, Script};
use proto::vocabulary::EntityType;

use super::{
    lexicon::{HAVING_MAX, Lexicon},
    single::{self, WELL_KNOWN},
    word::{Hit, Word},
};
use crate::index::Path;

/// The most names of one form that are compared, of each segment.
const CALLED_MAX: usize = 32;

/// What is less alike is another name.
const ALIKE_MIN: f64 = 0.80;

/// A word of so many letters may be a name that is written otherwise, of an entity so well known, when it is so
/// much alike.
const CLOSE_LETTERS: usize = 5;
const CLOSE_PROMINENCE: f64 = 0.5;
const CLOSE_MIN: f64 = 0.9;

/// What a name without its head word scores.
const HEADED: f64 = 0.97;

/// Whom a word names, and whom it nearly does.
pub(super) fn ask(lexicon: &Lexicon<'_, '_>, word: &mut Word) {
    word.called = called(lexicon, word.name());
    let mut hits = std::mem::take(&mut word.called);
    hits.retain(|hit| single::is_spelled_so(lexicon, word, false, hit));
    word.called = hits;
    if !word.called.is_empty() || word.commonness != Commonness::Uncommon {
        return;
    }
    if word.imprint().has_article {
        word.called = called_without_article(lexicon, word);
    }
    if word.called.is_empty() && word.script == Script::Arab {
        word.called = called_otherwise(lexicon, word);
    }
    if word.called.is_empty() && word.letters >= CLOSE_LETTERS {
        word.close = close(lexicon, word);
    }
}

/// The entities that are called like a name of one form.
fn called(lexicon: &Lexicon<'_, '_>, name: Imprint<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut probe = None;
    lexicon.reader.called(name.form_key() as u32, CALLED_MAX, |at| {
        let entity = lexicon.reader.entity_of(at);
        let found = lexicon.reader.imprint(at);
        let is_same = found.form_key() == name.form_key();
        if !is_same || !lexicon.admits(entity) {
            return;
        }
        let alike = probe.get_or_insert_with(|| Probe::of(name)).similarity(found);
        if alike.score >= ALIKE_MIN {
            hits.push(Hit { entity, name: at, score: alike.score, kind: alike.kind });
        }
    });
    best_of_each(hits)
}

/// The same of a text. Nearly always nobody has its form, which is found out before a name is made of it.
fn called_as(lexicon: &Lexicon<'_, '_>, text: &str) -> Vec<Hit> {
    let form_key = names::form_key(lexicon.ladder.borrow_mut().form(text)) as u32;
    let mut is_any = false;
    lexicon.reader.called(form_key, CALLED_MAX, |_| is_any = true);
    if is_any { called(lexicon, Name::new(text).imprint()) } else { Vec::new() }
}

/// The well known organizations and things that are called like a word without its article: الناتو. People
/// and cities take none.
fn called_without_article(lexicon: &Lexicon<'_, '_>, word: &Word) -> Vec<Hit> {
    let mut hits = called_as(lexicon, word.bare());
    hits.retain(|hit| {
        let takes_none = matches!(
            lexicon.reader.entity_type(hit.entity),
            EntityType::Person | EntityType::City | EntityType::Country | EntityType::Unspecified
        );
        !takes_none && lexicon.reader.prominence(hit.entity) >= WELL_KNOWN
    });
    hits
}

/// The well known entities whose name is a word in another case (الحوثيين, الحوثيون), or that word behind one
/// that says what it is (شركة آبل).
fn called_otherwise(lexicon: &Lexicon<'_, '_>, word: &Word) -> Vec<Hit> {
    let nominative = word.orthographic().strip_suffix("يين").map(|stem| format!("{stem}يون"));
    let hits = nominative.map(|nominative| called_as(lexicon, &nominative));
    hits.filter(|hits| !hits.is_empty()).unwrap_or_else(|| headed(lexicon, word))
}

fn headed(lexicon: &Lexicon<'_, '_>, word: &Word) -> Vec<Hit> {
    const LETTERS_MIN: usize = 3;
    let (mut hits, own) = (Vec::new(), word.orthographic());
    if word.letters < LETTERS_MIN || word.is_given || !word.cues.is_empty() {
        return hits;
    }
    lexicon.reader.having(word.stem_key(), HAVING_MAX, |at| {
        let entity = lexicon.reader.entity_of(at);
        if lexicon.reader.prominence(entity) < WELL_KNOWN || !lexicon.admits(entity) {
            return;
        }
        if lexicon.reader.imprint(at).words().len() != 2 {
            return;
        }
        let name = names::orthographic(lexicon.reader.text(at));
        let Some((head, rest)) = name.split_once(' ') else { return };
        if names::is_head(head) && rest == own {
            let kind = names::MatchKind::SameOrthographic;
            hits.push(Hit { entity, name: at, score: HEADED, kind });
        }
    });
    best_of_each(hits)
}

/// The well known entities whose name of one word is nearly written like a word: أميركا. Of those with its
/// consonants only, so that it stays cheap.
fn close(lexicon: &Lexicon<'_, '_>, word: &Word) -> Vec<Hit> {
    let path = Path::START.with(&word.imprint(), |_| ());
    let mut hits = Vec::new();
    let mut probe = None;
    lexicon.reader.alike(path, |at| {
        let entity = lexicon.reader.entity_of(at);
        // Nearly all are not: first what costs least.
        if lexicon.reader.prominence(entity) < CLOSE_PROMINENCE || !lexicon.admits(entity) {
            return;
        }
        let (found, has_article) = (lexicon.reader.imprint(at), word.imprint().has_article);
        let is_alike = found.script() == word.script
            && found.words().len() == 1
            && found.words().all(|word| word.has_article == has_article);
        if !is_alike {
            return;
        }
        let alike = probe.get_or_insert_with(|| Probe::of(word.name())).similarity(found);
        if alike.score >= CLOSE_MIN {
            hits.push(Hit { entity, name: at, score: alike.score, kind: alike.kind });
        }
    });
    best_of_each(hits)
}

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
