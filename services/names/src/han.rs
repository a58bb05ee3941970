//! How Han characters are read: in Mandarin, one syllable a character, without tones.
//!
//! Nothing in a text says whether 平壌 is to be read in Mandarin, Japanese or Korean. Mandarin it is, because
//! it has one reading for nearly every character where Japanese has several. Surnames with a reading of
//! their own are in `rules/han.rs`.

use pinyin::ToPinyin;

use crate::rules::han::SURNAMES;

/// The syllables of a word, in pinyin with a plain u for ü. A character without a reading has none.
pub(crate) fn syllables(word: &str) -> impl Iterator<Item = &'static str> {
    let (surname, rest) = split_surname(word);
    let rest = rest.chars().filter_map(|c| c.to_pinyin());
    surname.iter().copied().chain(rest.map(|reading| plain(reading.plain())))
}

/// The special reading of the surname the word starts with, if it has one, and the rest of the word.
fn split_surname(word: &str) -> (&'static [&'static str], &str) {
    let surnames = SURNAMES.iter();
    let mut found =
        surnames.filter_map(|(surname, reading)| Some((*reading, word.strip_prefix(surname)?)));
    found.find(|(_, rest)| !rest.is_empty()).unwrap_or((&[], word))
}

/// The crate writes ü where names are written with u.
fn plain(syllable: &'static str) -> &'static str {
    match syllable {
        "lü" => "lu",
        "lüe" => "lue",
        "nü" => "nu",
        "nüe" => "nue",
        syllable => syllable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: &[&str]) {
        assert_eq!(syllables(word).collect::<Vec<_>>(), expected, "{word}");
    }

    #[test]
    fn a_character_is_a_syllable_and_some_surnames_are_special() {
        check("习近平", &["xi", "jin", "ping"]);
        check("曾国藩", &["zeng", "guo", "fan"]);
        check("曾", &["ceng"]);
        check("尉迟恭", &["yu", "chi", "gong"]);
        check("吕布", &["lu", "bu"]);
        check("平壌", &["ping", "rang"]);
        check("", &[]);
    }

    #[test]
    fn a_special_reading_differs_from_the_usual_one() {
        for (surname, special) in SURNAMES {
            let usual =
                surname.chars().filter_map(|c| c.to_pinyin()).map(|reading| plain(reading.plain()));
            assert!(!usual.eq(special.iter().copied()), "{surname}");
        }
    }
}
