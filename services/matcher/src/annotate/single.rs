//! Names of one word: when a word that is called like an entity is taken for it.
//!
//! Most words of a text are called like something in a catalogue of any size. The shorter and the more ordinary
//! a word is, the more has to speak for the name.

use names::{Case, Commonness, Gap, MatchKind, Script};
use proto::vocabulary::EntityType;

use super::{
    letters,
    lexicon::Lexicon,
    several::SAME_MIN,
    text::Text,
    word::{Hit, Word},
};

/// A word of fewer letters is a name only when something beside it says so, unless the entity is well known.
const LETTERS_MIN: usize = 4;

/// From this prominence on, an entity is known by a short name.
pub(super) const WELL_KNOWN: f64 = 0.25;

/// With so many letters, another spelling of a name is no coincidence.
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
    word: &Word,
) -> Option<Judgement> {
    let case = text.case(at);
    let is_acronym = case == Case::Capitals && word.script != Script::Arab;
    if case == Case::Small || word.commonness == Commonness::Function && !is_acronym {
        return None;
    }
    let ends_in_heh = text.ends_in_heh(at);
    let admits = |hit: &Hit| is_written_so(lexicon, word, case, hit);
    let mut hits: Vec<Hit> = word.called.iter().copied().filter(admits).collect();
    // The lexicon has left out the others that are spelled otherwise.
    if ends_in_heh {
        hits.retain(|hit| is_spelled_so(lexicon, word, ends_in_heh, hit));
    }
    prefer_own_language(lexicon, text.written(at), &mut hits);
    if is_in_phrase(text, at) || is_head(word) {
        return None;
    }
    if is_behind_given(text, at) {
        hits.retain(|hit| !is_lesser_city(lexicon, word, hit));
    }
    if at > 0 && names::is_title_of_people(text.word(at - 1).orthographic()) {
        let is_person = |hit: &Hit| lexicon.reader.entity_type(hit.entity) == EntityType::Person;
        hits.retain(is_person);
    }
    let written = Written { is_acronym, ends_in_heh };
    let doubts = |hit: &Hit| is_doubtful(lexicon, word, written, hit);
    // الروسي is an adjective, whoever is called so besides; السعودية is one behind a noun with an article.
    let is_same = |hit: &Hit| hit.kind == MatchKind::SameOrthographic;
    let is_adjective = word.country != 0 && (!hits.iter().any(is_same) || is_behind_noun(text, at));
    let is_ordinary = (word.commonness == Commonness::Common || is_adjective) && !is_acronym;
    // What is sure leaves out what is not.
    if !is_ordinary && hits.iter().any(|hit| !doubts(hit)) {
        hits.retain(|hit| !doubts(hit));
        return Some(Judgement { hits, is_doubtful: false });
    }
    (!hits.is_empty()).then_some(Judgement { hits, is_doubtful: true })
}

/// Whether an Arabic word is written with the letters of an Arabic name.
pub(super) fn is_spelled_so(
    lexicon: &Lexicon<'_, '_>,
    word: &Word,
    ends_in_heh: bool,
    hit: &Hit,
) -> bool {
    let is_same = hit.kind == MatchKind::SameOrthographic;
    let is_arabic = |script: Script| script == Script::Arab;
    let found = lexicon.reader.imprint(hit.name);
    if !is_arabic(word.script) || !is_arabic(found.script()) {
        return true;
    }
    // A name keeps its article; that of a word may be a name's that has none.
    let has_article = found.words().next().is_some_and(|first| first.has_article);
    if is_same && (word.imprint().has_article || !has_article) {
        return true;
    }
    let name = names::orthographic(lexicon.reader.text(hit.name));
    letters::spells(word.orthographic(), &name, ends_in_heh)
}

/// Leaves out names of another language where one of the own is written exactly so: مراكش is a city in Arabic and
/// a country in Persian.
fn prefer_own_language(lexicon: &Lexicon<'_, '_>, source: &str, hits: &mut Vec<Hit>) {
    let is_persian = |text: &str| text.contains(['ک', 'ی', 'گ', 'پ', 'چ', 'ژ']);
    let is_own = |hit: &Hit| {
        hit.kind == MatchKind::SameOrthographic
            && is_persian(lexicon.reader.text(hit.name)) == is_persian(source)
    };
    if hits.iter().any(is_own) {
        hits.retain(is_own);
    }
}

/// Whether an Arabic word only says what the name behind it is: مدينة, رئيس.
fn is_head(word: &Word) -> bool {
    let is_bare = !word.cues.is_empty() && !word.imprint().has_article;
    is_bare && word.commonness == Commonness::Common && word.script == Script::Arab
}

/// Whether a given name stands right before a word.
fn is_behind_given(text: &Text<'_>, at: usize) -> bool {
    at > 0 && text.gap(at) <= Gap::Space && text.word(at - 1).is_given
}

/// A city of which people are called: محمود الخليل.
fn is_lesser_city(lexicon: &Lexicon<'_, '_>, word: &Word, hit: &Hit) -> bool {
    const GREAT: f64 = 0.6;
    let is_city = lexicon.reader.entity_type(hit.entity) == EntityType::City;
    word.imprint().has_article && is_city && lexicon.reader.prominence(hit.entity) < GREAT
}

/// Whether a word and one beside it are a fixed phrase: مسقط رأسه.
fn is_in_phrase(text: &Text<'_>, at: usize) -> bool {
    let is_phrase = |first: usize, second: usize| {
        let word = |at: usize| text.word(at).orthographic();
        text.gap(second) <= Gap::Space && names::is_phrase(word(first), word(second))
    };
    at > 0 && is_phrase(at - 1, at) || at + 1 < text.len() && is_phrase(at, at + 1)
}

/// Whether a feminine noun with an article, or a plural, stands right before a word: الحكومة السعودية.
fn is_behind_noun(text: &Text<'_>, at: usize) -> bool {
    if at == 0 || text.gap(at) > Gap::Space {
        return false;
    }
    let before = text.word(at - 1);
    let written = before.orthographic();
    before.is_attribute && (written.ends_with('ه') || written.ends_with("ات"))
}

/// Whether the name is written as names are: an adjective is no country, small letters are no acronym.
pub(super) fn is_written_so(lexicon: &Lexicon<'_, '_>, word: &Word, case: Case, hit: &Hit) -> bool {
    let text = lexicon.reader.text(hit.name);
    let is_same = hit.kind == MatchKind::SameOrthographic;
    if !is_same && word.is_adjective {
        let ending = |word: &str| (word.ends_with('ي'), word.ends_with("يه"));
        if ending(&names::orthographic(text)) != ending(word.orthographic()) {
            return false;
        }
    }
    let letters = || text.chars().filter(|letter| letter.is_alphabetic());
    let is_acronym = || letters().all(char::is_uppercase) && letters().count() > 1;
    case == Case::Capitals || !is_acronym()
}

/// Whether a short word has two letters less or more than the name.
fn is_shortened(lexicon: &Lexicon<'_, '_>, word: &Word, hit: &Hit) -> bool {
    const LONG: usize = 7;
    let name: usize = lexicon.reader.imprint(hit.name).words().map(|word| word.letters).sum();
    let own: usize = word.name().words().map(|word| word.letters).sum();
    word.script == Script::Arab && own < LONG && own.abs_diff(name) > 1
}

/// How a word stands in the text.
#[derive(Clone, Copy)]
struct Written {
    is_acronym: bool,
    ends_in_heh: bool,
}

/// Whether more has to speak for an entity than its name.
fn is_doubtful(lexicon: &Lexicon<'_, '_>, word: &Word, written: Written, hit: &Hit) -> bool {
    let reader = lexicon.reader;
    let Written { is_acronym, ends_in_heh } = written;
    // جده is a grandfather and جدة a city, where a text tells them apart.
    let is_heh = ends_in_heh && reader.text(hit.name).ends_with('ة');
    let is_same = hit.kind == MatchKind::SameOrthographic && !is_heh;
    let is_known = reader.prominence(hit.entity) >= WELL_KNOWN;
    let is_person = reader.entity_type(hit.entity) == EntityType::Person;
    let is_dense = matches!(word.script, Script::Hani | Script::Hang | Script::Kana | Script::Hira);
    let letters = if is_dense || is_acronym { word.letters + 2 } else { word.letters };
    let needed = match is_same {
        true if is_known => LETTERS_MIN - 1,
        true => LETTERS_MIN,
        false if is_known && !is_heh => LETTERS_MIN - 1,
        false => SURE_LETTERS,
    };
    // A spelling leaves out a vowel, not two; and whose vowels are others is another word.
    let is_far = !is_same && (hit.score < SAME_MIN || is_shortened(lexicon, word, hit));
    letters < needed || is_far || is_person && word.is_given || word.is_given && !is_known
}
