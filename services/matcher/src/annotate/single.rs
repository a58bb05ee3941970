//! Names of one word: when a word that is called like an entity is taken for it.
//!
//! Most words of a text are called like something in a catalogue of any size. The shorter and the more ordinary
//! a word is, the more has to speak for the name.

use names::{Case, Commonness, MatchKind, Script};
use proto::vocabulary::EntityType;

use super::{
    lexicon::{Hit, Lexicon, Word},
    text::Text,
};

/// A word of fewer letters is a name only when something beside it says so, unless the entity is well known.
const LETTERS_MIN: usize = 4;

/// From this prominence on, an entity is known by a short name.
const WELL_KNOWN: f64 = 0.25;

/// In this form's letters, another spelling of a name is no coincidence.
const SURE_LETTERS: usize = 5;

/// Whom a word may name.
pub(super) struct Judgement {
    pub(super) hits: Vec<Hit>,
    pub(super) is_doubtful: bool,
}

/// Whom the word in a place may name; nothing when it names nobody.
pub(super) fn judge(
    text: &Text<'_>,
    lexicon: &Lexicon<'_, '_>,
    at: usize,
    is_peeled: bool,
    word: &Word,
) -> Option<Judgement> {
    let case = text.case(at);
    let is_acronym = case == Case::Capitals && word.name.script() != Script::Arab;
    if case == Case::Small || word.commonness == Commonness::Function && !is_acronym {
        return None;
    }
    let admits = |hit: &Hit| is_written_so(lexicon, word, case, hit);
    let mut hits: Vec<Hit> = word.called.iter().copied().filter(admits).collect();
    let doubts = |hit: &Hit| is_doubtful(lexicon, word, is_peeled, is_acronym, hit);
    let is_ordinary = word.commonness == Commonness::Common && !is_acronym;
    // What is sure leaves out what is not.
    if !is_ordinary && hits.iter().any(|hit| !doubts(hit)) {
        hits.retain(|hit| !doubts(hit));
        return Some(Judgement { hits, is_doubtful: false });
    }
    (!hits.is_empty()).then_some(Judgement { hits, is_doubtful: true })
}

/// Whether the name is written as names are: an adjective is no country, small letters are no acronym.
fn is_written_so(lexicon: &Lexicon<'_, '_>, word: &Word, case: Case, hit: &Hit) -> bool {
    let text = lexicon.reader.text(hit.name);
    let is_same = hit.kind == MatchKind::SameOrthographic;
    if !is_same && word.is_adjective {
        let name = names::Name::new(text);
        let name = name.orthographic();
        if !name.ends_with('ي') && !name.ends_with("يه") {
            return false;
        }
    }
    let letters = || text.chars().filter(|letter| letter.is_alphabetic());
    let is_acronym = letters().count() > 1 && letters().all(char::is_uppercase);
    !is_acronym || case == Case::Capitals
}

/// Whether more has to speak for an entity than its name.
fn is_doubtful(
    lexicon: &Lexicon<'_, '_>,
    word: &Word,
    is_peeled: bool,
    is_acronym: bool,
    hit: &Hit,
) -> bool {
    let reader = lexicon.reader;
    let is_same = hit.kind == MatchKind::SameOrthographic;
    let is_known = reader.prominence(hit.entity) >= WELL_KNOWN;
    let is_person = reader.entity_type(hit.entity) == EntityType::Person;
    let is_dense =
        matches!(word.name.script(), Script::Hani | Script::Hang | Script::Kana | Script::Hira);
    let letters = if is_dense || is_acronym { word.letters + 2 } else { word.letters };
    let needed = match (is_same, is_peeled) {
        (true, false) if is_known => 3,
        (true, true) if is_known => 3,
        (true, _) => LETTERS_MIN,
        (false, _) if is_known && hit.score >= 1.0 => LETTERS_MIN - 1,
        (false, _) => SURE_LETTERS,
    };
    letters < needed || is_person && word.is_given || word.is_given && !is_known
}
