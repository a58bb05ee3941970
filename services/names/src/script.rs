//! The script of a letter and of a name (UAX #24, named by ISO 15924).

use icu_properties::{CodePointMapData, props};

/// A writing system this crate knows something about; everything else is [`Script::Other`].
///
/// ```
/// assert_eq!(names::Name::new("Лавров").script().code(), "Cyrl");
/// assert_eq!(names::Name::new("42").script(), names::Script::Other);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Script {
    /// Arabic, with Persian, Urdu, Kurdish and the other languages that write with it.
    Arab,
    /// Latin.
    Latn,
    /// Cyrillic.
    Cyrl,
    /// Hangul.
    Hang,
    /// Han.
    Hani,
    /// Hiragana.
    Hira,
    /// Katakana.
    Kana,
    /// Greek.
    Grek,
    /// Hebrew.
    Hebr,
    /// Armenian.
    Armn,
    /// Georgian.
    Geor,
    /// Devanagari.
    Deva,
    /// No letters, or letters of a script without a variant here.
    #[default]
    Other,
}

impl Script {
    const COUNT: usize = Script::Other as usize + 1;
    const ALL: [Script; Script::COUNT] = [
        Script::Arab,
        Script::Latn,
        Script::Cyrl,
        Script::Hang,
        Script::Hani,
        Script::Hira,
        Script::Kana,
        Script::Grek,
        Script::Hebr,
        Script::Armn,
        Script::Geor,
        Script::Deva,
        Script::Other,
    ];

    /// The script that is so many after the first one.
    pub(crate) fn from_index(index: u8) -> Script {
        Script::ALL.get(usize::from(index)).copied().unwrap_or_default()
    }

    /// The ISO 15924 code; `"Zyyy"` (undetermined) for [`Script::Other`].
    pub fn code(self) -> &'static str {
        match self {
            Script::Arab => "Arab",
            Script::Latn => "Latn",
            Script::Cyrl => "Cyrl",
            Script::Hang => "Hang",
            Script::Hani => "Hani",
            Script::Hira => "Hira",
            Script::Kana => "Kana",
            Script::Grek => "Grek",
            Script::Hebr => "Hebr",
            Script::Armn => "Armn",
            Script::Geor => "Geor",
            Script::Deva => "Deva",
            Script::Other => "Zyyy",
        }
    }

    /// The script of one character; digits, marks and signs are [`Script::Other`].
    pub(crate) fn of(c: char) -> Script {
        match c {
            'a'..='z' | 'A'..='Z' => Script::Latn,
            '\0'..='\x7F' => Script::Other,
            'ء'..='ي' => Script::Arab,
            'А'..='я' => Script::Cyrl,
            _ => Script::of_rare(c),
        }
    }

    fn of_rare(c: char) -> Script {
        match CodePointMapData::<props::Script>::new().get(c) {
            props::Script::Arabic => Script::Arab,
            props::Script::Latin => Script::Latn,
            props::Script::Cyrillic => Script::Cyrl,
            props::Script::Hangul => Script::Hang,
            props::Script::Han => Script::Hani,
            props::Script::Hiragana => Script::Hira,
            props::Script::Katakana => Script::Kana,
            props::Script::Greek => Script::Grek,
            props::Script::Hebrew => Script::Hebr,
            props::Script::Armenian => Script::Armn,
            props::Script::Georgian => Script::Geor,
            props::Script::Devanagari => Script::Deva,
            _ => Script::Other,
        }
    }

    /// The script most letters of `text` are in; of two with as many, the one that comes first in the enum.
    pub(crate) fn dominant(text: &str) -> Script {
        let mut counts = [0usize; Script::COUNT];
        for c in text.chars() {
            counts[Script::of(c) as usize] += 1;
        }
        // Digits and signs are no letters: they decide only when nothing else is there.
        counts[Script::Other as usize] = 0;
        let most = counts.iter().copied().max().unwrap_or(0);
        Script::ALL
            .into_iter()
            .find(|script| most > 0 && counts[*script as usize] == most)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_enum_and_its_list_agree() {
        for (at, script) in Script::ALL.into_iter().enumerate() {
            assert_eq!(script as usize, at);
        }
    }

    #[test]
    fn the_dominant_script_is_that_of_most_letters() {
        for (text, code) in [
            ("لافروف", "Arab"),
            ("平壌", "Hani"),
            ("라브로프", "Hang"),
            ("ラブロフ", "Kana"),
            ("Αθήνα", "Grek"),
            ("ירושלים", "Hebr"),
            ("Երևան", "Armn"),
            ("თბილისი", "Geor"),
            ("दिल्ली", "Deva"),
            ("X لافروف", "Arab"),
            ("12", "Zyyy"),
            ("", "Zyyy"),
        ] {
            assert_eq!(Script::dominant(text).code(), code, "{text}");
        }
    }
}
