//! The key of a name in the exact lookup: NFC and full case folding, nothing else.
//!
//! Folding can undo the normal form, so that is made twice (UAX #15 and the Unicode Standard,
//! definition D145). Spelling variants are the matcher's business.

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizer;

/// The key under which a name is found.
pub(super) fn of_name(text: &str) -> String {
    let normalizer = ComposingNormalizer::new_nfc();
    let composed = normalizer.normalize(text);
    let folded = CaseMapper::new().fold_string(&composed);
    normalizer.normalize(&folded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_differ_only_in_case_or_composition_have_one_key() {
        assert_eq!(of_name("Чайковский"), of_name("ЧАЙКОВСКИЙ"));
        assert_eq!(of_name("Straße"), of_name("STRASSE"));
        // Alef with hamza above: one letter, or alef and a combining mark.
        assert_eq!(of_name("\u{0623}حمد"), of_name("\u{0627}\u{0654}حمد"));
        assert_ne!(of_name("أحمد"), of_name("احمد"));
    }

    #[test]
    fn a_key_is_its_own_key() {
        for text in ["İstanbul", "ǰ\u{0323}", "ΐ", "Pyongyang", "평양"] {
            let key = of_name(text);
            assert_eq!(of_name(&key), key, "{text}");
        }
    }
}
