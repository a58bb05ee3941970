//! The keys by which active entities are found: hashes of 64 bits of folded names and of external
//! ids. What has a key is compared itself, so that two texts of one hash are not taken for one.
//!
//! A name is folded by NFC and full case folding, nothing else. Folding can undo the normal form, so that is made twice (UAX #15 and the Unicode Standard,
//! definition D145). Spelling variants are the matcher's business.

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizer;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::entity::{Entity, ExternalId};

/// How keys are made; raised when that changes, or when the Unicode version of the folding does.
/// A catalogue with keys of another version makes them again when it is opened.
pub(super) const VERSION: &str = "1 unicode-17";

/// Seeds that keep names and external ids apart.
const NAME: u64 = 1;
const EXTERNAL_ID: u64 = 2;

/// The keys of an entity.
pub(super) fn of_entity(entity: &Entity) -> impl Iterator<Item = i64> {
    let names = entity.names.iter().map(|name| of_folded(&folded(&name.text)));
    names.chain(entity.external_ids.iter().map(of_external_id))
}

/// The key of a folded name.
pub(super) fn of_folded(name: &str) -> i64 {
    xxh3_64_with_seed(name.as_bytes(), NAME).cast_signed()
}

/// The key of an external id.
pub(super) fn of_external_id(id: &ExternalId) -> i64 {
    let scheme = xxh3_64_with_seed(id.scheme.as_bytes(), EXTERNAL_ID);
    xxh3_64_with_seed(id.value.as_bytes(), scheme).cast_signed()
}

/// A name without what the exact lookup does not look at.
pub(super) fn folded(text: &str) -> String {
    // Most names are this, and the tables need not be asked.
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
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
        assert_eq!(folded("Чайковский"), folded("ЧАЙКОВСКИЙ"));
        assert_eq!(folded("Straße"), folded("STRASSE"));
        // Alef with hamza above: one letter, or alef and a combining mark.
        assert_eq!(folded("\u{0623}حمد"), folded("\u{0627}\u{0654}حمد"));
        assert_ne!(folded("أحمد"), folded("احمد"));
    }

    #[test]
    fn a_key_is_its_own_key() {
        for text in ["İstanbul", "ǰ\u{0323}", "ΐ", "Pyongyang", "평양"] {
            let key = folded(text);
            assert_eq!(folded(&key), key, "{text}");
        }
    }
}
