//! How alike two spellings in one script other than Arabic are.
//!
//! strsim's Jaro-Winkler and its optimal string alignment (`osa_distance`: Damerau-Levenshtein that edits no
//! piece twice) on forms, half and half, blended with Levenshtein on skeletons. Between scripts, and in
//! Arabic, the learned weights of `likeness.rs` speak; they know too little of how one alphabet varies.

/// The characters of a string that are compared, so that the work is bounded.
const CHARS_MAX: usize = 256;

/// What the measures look at, of a token or of a whole name.
#[derive(Clone, Copy)]
pub(crate) struct Spelling<'a> {
    pub(crate) form: &'a str,
    pub(crate) skeleton: &'a str,
    /// Every character is a syllable or a word, so that each one counts however it is read: 习近朋 is not 习近平.
    pub(crate) is_syllabic: bool,
}

impl Spelling<'_> {
    /// From 0 to 1, symmetric.
    pub(crate) fn similarity(self, other: Self) -> f64 {
        // strsim's Jaro depends on the order of its arguments; sorting them makes the measure symmetric.
        let (a, b) = (first_chars(self.form), first_chars(other.form));
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        let chars = a.chars().count().max(b.chars().count()).max(1);
        let alignment = 1.0 - strsim::osa_distance(a, b) as f64 / chars as f64;
        let spelled = (strsim::jaro_winkler(a, b) + alignment) / 2.0;
        if self.is_syllabic || self.skeleton.is_empty() || other.skeleton.is_empty() {
            return spelled;
        }
        let (x, y) = (first_chars(self.skeleton), first_chars(other.skeleton));
        let share = skeleton_share(x.len().max(y.len()));
        spelled * (1.0 - share) + strsim::normalized_levenshtein(x, y) * share
    }
}

/// How much of a score the skeletons decide, by the classes of the longer one: few consonants prove little.
fn skeleton_share(classes: usize) -> f64 {
    match classes {
        0..=2 => 0.5,
        3 => 0.65,
        _ => 0.7,
    }
}

fn first_chars(text: &str) -> &str {
    text.char_indices().nth(CHARS_MAX).map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Name;

    fn check(a: &str, b: &str, range: std::ops::Range<f64>) {
        let (a, b) = (Name::new(a), Name::new(b));
        let spelling = |name| Spelling {
            form: Name::form(name),
            skeleton: Name::skeleton(name),
            is_syllabic: name.script() == crate::Script::Hani,
        };
        let similarity = spelling(&a).similarity(spelling(&b));
        assert!(range.contains(&similarity), "{a:?} {b:?} {similarity}");
    }

    #[test]
    fn letters_decide_where_there_are_few_consonants() {
        check("John", "Jane", 0.5..0.85);
        check("Zelensky", "Zelenska", 0.85..0.99);
        check("Lavrov", "Merkel", 0.0..0.4);
        check("习近平", "习近朋", 0.5..0.8);
    }

    #[test]
    fn only_the_first_characters_of_a_long_text_are_read() {
        assert_eq!(first_chars(&"b".repeat(300)).chars().count(), CHARS_MAX);
    }
}
