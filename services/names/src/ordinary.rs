//! How likely a word of running text is an ordinary word, and what it says of a name beside it.
//!
//! Lists, and for Arabic the endings and beginnings that inflect what is listed. No dictionary: a word that is
//! not known to be ordinary is not known to be a name either.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::rules::{cues, running, words};

/// How ordinary a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Commonness {
    /// Not known to be ordinary.
    Uncommon,
    /// An ordinary word, which may be in a name.
    Common,
    /// A word of grammar, which neither begins nor ends a name.
    Function,
}

/// What a word says of the name beside it. A set: a word may say several things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cues(u8);

impl Cues {
    /// It is a person.
    pub const PERSON: Cues = Cues(1);
    /// It is a city.
    pub const CITY: Cues = Cues(2);
    /// It is a country.
    pub const COUNTRY: Cues = Cues(4);
    /// It is an organization.
    pub const ORGANIZATION: Cues = Cues(8);
    /// It is another place.
    pub const PLACE: Cues = Cues(16);
    /// It is a ship.
    pub const VESSEL: Cues = Cues(32);
    /// It is a product.
    pub const PRODUCT: Cues = Cues(64);
    /// It is an event.
    pub const EVENT: Cues = Cues(128);

    /// Whether it says nothing.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether both say something in common.
    pub fn meets(self, other: Cues) -> bool {
        self.0 & other.0 != 0
    }

    /// What either says.
    #[must_use]
    pub fn and(self, other: Cues) -> Cues {
        Cues(self.0 | other.0)
    }
}

/// How ordinary a word is, as the orthographic stage leaves it.
///
/// ```
/// use names::{Commonness, commonness};
///
/// assert_eq!(commonness("من"), Commonness::Function);
/// assert_eq!(commonness("وبالاجتماعات"), Commonness::Common);
/// assert_eq!(commonness("لافروف"), Commonness::Uncommon);
/// ```
pub fn commonness(word: &str) -> Commonness {
    // رأس is listed as راس.
    if word.contains('أ') {
        return commonness(&word.replace('أ', "ا"));
    }
    static FUNCTION: LazyLock<HashSet<&'static str>> =
        LazyLock::new(|| running::FUNCTION.iter().copied().collect());
    if FUNCTION.contains(word) {
        return Commonness::Function;
    }
    let is_arabic = word.starts_with(|c| matches!(c, 'ا'..='ي'));
    let is_common = is_listed(word) || is_arabic && is_inflected(word);
    if is_common { Commonness::Common } else { Commonness::Uncommon }
}

/// How ordinary a word is where its letters before folding are known: شيء is a thing, and شي is a name.
pub fn commonness_as_written(text: &str, word: &str) -> Commonness {
    const WITH_HAMZA: [&str; 1] = ["شي"];
    if WITH_HAMZA.contains(&word) && !text.contains('ء') {
        return Commonness::Uncommon;
    }
    commonness(word)
}

/// Whether a word is an ordinary one exactly as it is listed.
fn is_listed(word: &str) -> bool {
    static COMMON: LazyLock<HashSet<&'static str>> =
        LazyLock::new(|| running::COMMON.iter().copied().collect());
    COMMON.contains(word)
}

/// What stands before an Arabic word, longest first, and whether it is an article.
const BEGINNINGS: [(&str, bool); 22] = [
    ("وبال", true),
    ("فبال", true),
    ("وكال", true),
    ("ولل", true),
    ("فلل", true),
    ("وال", true),
    ("فال", true),
    ("بال", true),
    ("كال", true),
    ("لل", true),
    ("ال", true),
    ("وس", false),
    ("وب", false),
    ("ول", false),
    ("وك", false),
    ("فس", false),
    ("و", false),
    ("ف", false),
    ("ب", false),
    ("ل", false),
    ("ك", false),
    ("س", false),
];

/// Endings of a word with an article, longest first.
const ENDINGS: [&str; 9] = ["يتان", "يتين", "يات", "يون", "يين", "ون", "ين", "ات", "ان"];

/// Endings of a word without one: the same, and pronouns.
const PRONOUNS: [&str; 14] =
    ["تهما", "تهم", "تها", "هما", "هم", "ها", "هن", "كم", "نا", "وا", "ته", "تا", "ت", "ه"];

const ROOT_LETTERS_MIN: usize = 3;

fn is_inflected(word: &str) -> bool {
    let bare = std::iter::once((word, false));
    let begun = BEGINNINGS.iter().filter_map(|(beginning, is_article)| {
        word.strip_prefix(beginning).map(|rest| (rest, *is_article))
    });
    bare.chain(begun).any(|(rest, has_article)| {
        is_long_enough(rest) && (is_listed(rest) || is_ended(rest, has_article))
    })
}

fn is_ended(word: &str, has_article: bool) -> bool {
    let pronouns = if has_article { &[][..] } else { &PRONOUNS[..] };
    let mut rests = ENDINGS.iter().chain(pronouns).filter_map(|ending| word.strip_suffix(ending));
    rests.any(|rest| {
        is_long_enough(rest)
            && (is_listed(rest) || {
                // The ة that an ending replaced: حكومتها, اجتماعات of اجتماع but شركات of شركة.
                let mut buffer = String::with_capacity(rest.len() + 2);
                buffer.push_str(rest);
                buffer.push('ه');
                is_listed(&buffer)
            })
    })
}

fn is_long_enough(word: &str) -> bool {
    word.chars().take(ROOT_LETTERS_MIN).count() == ROOT_LETTERS_MIN
}

/// What a word says of the name that follows it.
///
/// ```
/// assert!(names::cues("مدينه").meets(names::Cues::CITY));
/// assert!(names::cues("لافروف").is_empty());
/// ```
pub fn cues(word: &str) -> Cues {
    static CUES: LazyLock<HashMap<&'static str, Cues>> = LazyLock::new(|| {
        let mut cues: HashMap<&'static str, Cues> = HashMap::new();
        let lists = [
            (cues::PERSON, Cues::PERSON),
            (cues::CITY, Cues::CITY),
            (cues::COUNTRY, Cues::COUNTRY),
            (cues::ORGANIZATION, Cues::ORGANIZATION),
            (cues::PLACE, Cues::PLACE),
            (cues::VESSEL, Cues::VESSEL),
            (cues::PRODUCT, Cues::PRODUCT),
            (cues::EVENT, Cues::EVENT),
        ];
        for (word, cue) in
            lists.iter().flat_map(|(list, cue)| list.iter().map(move |word| (*word, *cue)))
        {
            let known = cues.entry(word).or_default();
            *known = known.and(cue);
        }
        cues
    });
    CUES.get(word).copied().unwrap_or_default()
}

/// Whether two words are a fixed phrase, in which what looks like a name is none: مسقط رأسه. The second may go on
/// with a pronoun.
pub fn is_phrase(first: &str, second: &str) -> bool {
    let has = |word: &str, start: &str| {
        let mut letters = word.chars().map(|letter| if letter == 'أ' { 'ا' } else { letter });
        start.chars().all(|letter| letters.next() == Some(letter))
    };
    running::PHRASES.iter().any(|(one, two)| *one == first && has(second, two))
}

/// Whether a word stands before people of whom nobody has heard, and before no places: الطفلة صوفيا.
pub fn is_title_of_people(word: &str) -> bool {
    cues::PEOPLE.contains(&word)
}

/// Whether a word at the beginning of a name only says what it is, so that texts leave it out: شركة آبل.
pub fn is_head(word: &str) -> bool {
    cues::HEADS.contains(&word)
}

/// Whether a word is a family name that stands before the given name.
pub fn is_leading_family(word: &str) -> bool {
    static FAMILIES: LazyLock<HashSet<&'static str>> =
        LazyLock::new(|| running::LEADING_FAMILIES.iter().copied().collect());
    FAMILIES.contains(word)
}

/// Whether a word is a given name that many people have, so that it says little by itself.
pub fn is_given_name(word: &str) -> bool {
    static GIVEN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
        let lists = [words::GIVEN_NAMES, words::NATIVE_NAMES, words::KNOWN_NAMES];
        lists.iter().copied().flatten().copied().collect()
    });
    GIVEN.contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Name;

    #[test]
    fn words_stand_as_the_orthographic_stage_leaves_them() {
        let cues = [
            cues::PERSON,
            cues::CITY,
            cues::COUNTRY,
            cues::ORGANIZATION,
            cues::PLACE,
            cues::VESSEL,
            cues::PRODUCT,
            cues::EVENT,
        ];
        for word in running::LISTS.iter().chain(&cues).copied().flatten() {
            assert_eq!(Name::new(word).orthographic().replace('أ', "ا"), *word);
        }
    }

    #[test]
    fn a_word_of_grammar_is_not_listed_as_common() {
        for word in running::COMMON {
            assert!(!running::FUNCTION.contains(word), "{word}");
        }
    }

    #[test]
    fn inflected_words_are_ordinary_and_names_are_not() {
        for text in
            ["المفاوضات", "وبحكومته", "للاجتماع", "سيلتقي", "اجتماعاتهم", "شركات", "والمسؤولين"]
        {
            assert_eq!(commonness(Name::new(text).orthographic()), Commonness::Common, "{text}");
        }
        for text in [
            "لافروف",
            "بوتين",
            "ترامب",
            "فرنسا",
            "مصر",
            "لبنان",
            "بغداد",
            "الكويت",
            "عمان",
            "القاهرة",
            "بكين",
            "الرياض",
            "لندن",
            "واشنطن",
            "كوريا",
            "الصين",
            "اليمن",
            "السودان",
            "نتنياهو",
            "الحديدة",
        ] {
            assert_eq!(commonness(Name::new(text).orthographic()), Commonness::Uncommon, "{text}");
        }
    }
}
