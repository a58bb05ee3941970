//! What Unicode says about a character: its compatibility form, its kind, the letter under its diacritics.

use std::borrow::Cow;

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizerBorrowed;
use icu_normalizer::properties::{CanonicalDecompositionBorrowed, Decomposed};
use icu_properties::props::{self, GeneralCategory as Category};
use icu_properties::{CodePointMapData, CodePointMapDataBorrowed};

const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfkc();
const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();
const CATEGORY: CodePointMapDataBorrowed<'static, Category> = CodePointMapData::<Category>::new();
const SCRIPT: CodePointMapDataBorrowed<'static, props::Script> =
    CodePointMapData::<props::Script>::new();
const CASE: icu_casemap::CaseMapperBorrowed<'static> = CaseMapper::new();
const DECOMPOSITION: CanonicalDecompositionBorrowed<'static> =
    CanonicalDecompositionBorrowed::new();

/// What the first stage does with a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A letter of a script without case, which is kept as it is.
    Caseless,
    /// Any other letter, or a digit.
    Letter,
    /// A mark over or under a letter that names are written with or without.
    Mark,
    /// A bidirectional or zero-width control, a soft hyphen, a tag.
    Control,
    /// An apostrophe or a modifier letter that stands for one.
    Apostrophe,
    /// A Hangul jamo that NFKC could not put into a syllable.
    Jamo,
    /// Anything else ends a word.
    Separator,
}

impl Kind {
    pub(crate) fn of(c: char) -> Kind {
        match c {
            'ا'..='ي' | 'ぁ'..='ゖ' | 'ァ'..='ヺ' | '\u{4E00}'..='\u{9FFF}' | '가'..='힣' => {
                Kind::Caseless
            }
            '\'' | '‘' | '’' | '‛' | '`' | '´' | '′' | '׳' | '״' | '\u{02B0}'..='\u{02FF}' => {
                Kind::Apostrophe
            }
            '\u{1100}'..='\u{11FF}' | '\u{A960}'..='\u{A97F}' | '\u{D7B0}'..='\u{D7FF}' => {
                Kind::Jamo
            }
            _ => Kind::by_category(c),
        }
    }

    fn by_category(c: char) -> Kind {
        match CATEGORY.get(c) {
            Category::UppercaseLetter
            | Category::LowercaseLetter
            | Category::TitlecaseLetter
            | Category::ModifierLetter
            | Category::OtherLetter
            | Category::DecimalNumber
            | Category::LetterNumber
            | Category::OtherNumber => Kind::Letter,
            Category::NonspacingMark | Category::SpacingMark | Category::EnclosingMark => {
                Kind::of_mark(c)
            }
            Category::Format => Kind::Control,
            _ => Kind::Separator,
        }
    }

    /// A mark that belongs to a script of its own (a Devanagari vowel sign) is part of the spelling.
    fn of_mark(c: char) -> Kind {
        match SCRIPT.get(c) {
            props::Script::Inherited
            | props::Script::Common
            | props::Script::Arabic
            | props::Script::Hebrew
            | props::Script::Latin
            | props::Script::Greek
            | props::Script::Cyrillic => Kind::Mark,
            _ => Kind::Letter,
        }
    }
}

/// Harakat and the other marks of the Arabic block, which have their own rule.
pub(super) fn is_haraka(c: char) -> bool {
    matches!(c, '\u{0610}'..='\u{061A}' | '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{06D6}'..='\u{06ED}'
        | '\u{0898}'..='\u{089F}' | '\u{08CA}'..='\u{08FF}')
}

/// Case folding, one character for one.
pub(super) fn fold_case(c: char) -> char {
    CASE.simple_fold(c)
}

/// The letter under the diacritics of a Latin or Greek letter; any other character is its own base. Й is a
/// letter and not an И with a sign, so Cyrillic is left alone.
pub(super) fn base_letter(c: char) -> char {
    if c < '\u{00C0}' || !matches!(SCRIPT.get(c), props::Script::Latin | props::Script::Greek) {
        return c;
    }
    match DECOMPOSITION.decompose(c) {
        Decomposed::Default => c,
        Decomposed::Singleton(base) | Decomposed::Expansion(base, _) => base_letter(base),
    }
}

/// Whether NFKC (UAX #15) would change nothing. Most texts pass, at a fraction of the cost of normalizing.
pub(super) fn is_nfkc(text: &str) -> bool {
    text.chars().all(is_inert) || NFKC.is_normalized(text)
}

/// Characters NFKC neither changes nor composes with one another: a shortcut, complete only for speed.
fn is_inert(c: char) -> bool {
    matches!(c, '\0'..='\x7F' | 'ء'..='ي' | 'А'..='я' | 'ぁ'..='ゖ' | 'ァ'..='ヺ' | '\u{4E00}'..='\u{9FFF}'
        | '가'..='힣')
}

/// NFKC of a piece that [`pieces`] cut.
pub(crate) fn nfkc(piece: &str) -> Cow<'_, str> {
    if piece.chars().all(is_inert) { Cow::Borrowed(piece) } else { NFKC.normalize(piece) }
}

/// NFC of a piece that [`pieces`] cut.
pub(crate) fn nfc(piece: &str) -> Cow<'_, str> {
    if piece.chars().all(is_inert) { Cow::Borrowed(piece) } else { NFC.normalize(piece) }
}

/// Cuts a text where composition cannot reach across, so that the pieces can be normalized one by one and
/// the input position of every character is known.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest[first.len_utf8()..].char_indices().find(|(_, c)| starts_piece(*c));
        let (piece, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at + first.len_utf8()));
        rest = after;
        Some(piece)
    })
}

/// A mark composes with what is before it, and so do the vowel and final jamo and the half-width kana marks.
fn starts_piece(c: char) -> bool {
    if is_inert(c) {
        return true;
    }
    let category = CATEGORY.get(c);
    let is_mark = matches!(
        category,
        Category::NonspacingMark | Category::SpacingMark | Category::EnclosingMark
    );
    let composes =
        matches!(c, '\u{1160}'..='\u{11FF}' | '\u{D7B0}'..='\u{D7FF}' | '\u{FF9E}'..='\u{FFDC}');
    !is_mark && !composes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_follow_the_general_category() {
        assert!("aБ7é".chars().all(|c| Kind::of(c) == Kind::Letter));
        assert!("ب가ひヒ平".chars().all(|c| Kind::of(c) == Kind::Caseless));
        assert_eq!(Kind::of('\u{064E}'), Kind::Mark);
        assert_eq!(Kind::of('\u{093F}'), Kind::Letter, "a vowel sign of Devanagari spells");
        assert_eq!(Kind::of('\u{200F}'), Kind::Control);
        assert_eq!(Kind::of('-'), Kind::Separator);
        assert_eq!(Kind::of('👍'), Kind::Separator);
    }

    #[test]
    fn a_base_letter_has_no_diacritics() {
        assert_eq!("ếŘΐЙ".chars().map(base_letter).collect::<String>(), "eRιЙ");
    }

    #[test]
    fn nfkc_leaves_inert_characters_and_their_pairs_alone() {
        let inert: String = ('\0'..='힣').filter(|c| is_inert(*c)).collect();
        let backwards: String = inert.chars().rev().collect();
        assert!(NFKC.is_normalized(&inert) && NFKC.is_normalized(&backwards));
    }

    #[test]
    fn pieces_normalize_to_the_whole() {
        for text in ["e\u{0301}ﻻx", "\u{1112}\u{1161}\u{11AB}글", "ﾊﾞｽ", "ا\u{0654}ب", ""]
        {
            let joined: String = pieces(text).map(nfkc).collect();
            assert_eq!(joined, nfkc(text), "{text:?}");
        }
    }
}
