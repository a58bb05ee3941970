//! Endings that languages put behind a name: the possessive of English, the cases of Russian, the particles of
//! Korean.

use names::Script;

/// Case endings of Russian and Ukrainian names, longest first, and the endings that they stand for.
const CYRILLIC_ENDINGS: [(&str, &[&str]); 21] = [
    ("ого", &["ий", "ый", "ой"]),
    ("его", &["ий", "ый"]),
    ("ому", &["ий", "ый", "ой"]),
    ("ему", &["ий", "ый"]),
    ("ами", &["ы", "а"]),
    ("ою", &["а"]),
    ("ею", &["я"]),
    ("ым", &["", "ый"]),
    ("им", &["", "ий"]),
    ("ом", &["", "о"]),
    ("ем", &["ь", "й", "", "е"]),
    ("ой", &["а", "ая"]),
    ("ей", &["я", "ь", "ея"]),
    ("ью", &["ь"]),
    ("а", &["", "о"]),
    ("у", &["", "а", "о"]),
    ("е", &["", "а", "я", "й", "о"]),
    ("ы", &["а", ""]),
    ("и", &["я", "ь", "а", ""]),
    ("я", &["й", "ь", "ия"]),
    ("ю", &["я", "й", "ь"]),
];

/// Particles behind Korean names.
const HANGUL_ENDINGS: [&str; 18] = [
    "에서는",
    "에게는",
    "에서",
    "에게",
    "으로",
    "이라",
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "의",
    "에",
    "와",
    "과",
    "도",
    "로",
];

/// The endings that may be taken off a word: what is left, and its bytes where it is all of the name.
pub(super) fn endings(text: &str, script: Script) -> Vec<(String, Option<usize>)> {
    const LETTERS_MIN: usize = 2;
    let rest = |endings: &[&str]| -> Vec<String> {
        let rests = endings.iter().filter_map(|ending| text.strip_suffix(ending));
        let long = rests.filter(|rest| rest.chars().count() >= LETTERS_MIN);
        long.map(str::to_owned).collect()
    };
    match script {
        Script::Latn => {
            let possessive = ["'s", "’s", "'", "’"].iter().find_map(|end| text.strip_suffix(end));
            possessive.map(|rest| (rest.to_owned(), Some(rest.len()))).into_iter().collect()
        }
        Script::Cyrl if text.starts_with(char::is_uppercase) => cyrillic_lemmas(text),
        Script::Hang => {
            let rests = rest(&HANGUL_ENDINGS).into_iter();
            rests.map(|rest| (rest.clone(), Some(rest.len()))).collect()
        }
        _ => Vec::new(),
    }
}

/// The words whose inflected form a word may be.
fn cyrillic_lemmas(text: &str) -> Vec<(String, Option<usize>)> {
    const LETTERS_MIN: usize = 2;
    let mut lemmas = Vec::new();
    for (ending, endings) in CYRILLIC_ENDINGS {
        let Some(rest) = text.strip_suffix(ending) else { continue };
        if rest.chars().count() >= LETTERS_MIN {
            lemmas.extend(endings.iter().map(|ending| (format!("{rest}{ending}"), None)));
        }
    }
    lemmas
}
