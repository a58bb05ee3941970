//! How alike two spellings are, of a token or of a whole name.
//!
//! Within a script: strsim's Jaro-Winkler and its optimal string alignment (`osa_distance`:
//! Damerau-Levenshtein that edits no piece twice) on forms, half and half, blended with Levenshtein on
//! skeletons. Across scripts only the skeletons speak.

use crate::rules::arabic_form::NATIVE_LETTERS;
use crate::{Name, Script, Token};

/// The score of spellings whose forms differ stays under 1.
pub(crate) const DIFFERENT_MAX: f64 = 0.99;

/// The characters of a string that are compared, so that the work is bounded.
const CHARS_MAX: usize = 256;

/// What the measures look at, of a token or of a whole name.
pub(crate) struct Spelling<'a> {
    form: &'a str,
    skeleton: &'a str,
    script: Script,
}

impl<'a> Spelling<'a> {
    pub(crate) fn of_name(name: &'a Name) -> Self {
        Spelling {
            form: first_chars(name.form()),
            skeleton: first_chars(name.fine_skeleton()),
            script: name.script(),
        }
    }

    pub(crate) fn of_token(token: &'a Token, form: &'a str) -> Self {
        let script = form.chars().next().map_or(Script::Other, Script::of);
        Spelling { form: first_chars(form), skeleton: first_chars(token.fine_skeleton()), script }
    }

    /// Strictly under 1 unless the forms are the same.
    pub(crate) fn similarity(&self, other: &Self) -> f64 {
        if self.form == other.form {
            DIFFERENT_MAX
        } else if self.script != other.script {
            self.across_scripts(other)
        } else {
            self.within_script(other)
        }
    }

    fn within_script(&self, other: &Self) -> f64 {
        // strsim's Jaro depends on the order of its arguments; sorting them makes the measure symmetric.
        let (a, b) =
            if self.form <= other.form { (self.form, other.form) } else { (other.form, self.form) };
        let chars = a.chars().count().max(b.chars().count()).max(1);
        let alignment = 1.0 - strsim::osa_distance(a, b) as f64 / chars as f64;
        let spelled = (strsim::jaro_winkler(a, b) + alignment) / 2.0;
        if self.skeleton.is_empty() || other.skeleton.is_empty() {
            return spelled.min(DIFFERENT_MAX);
        }
        let skeleton = strsim::normalized_levenshtein(self.skeleton, other.skeleton);
        let is_native = has_native_letter(self.form) && has_native_letter(other.form);
        let share = if is_native {
            NATIVE_SHARE
        } else {
            skeleton_share(self.skeleton.len().max(other.skeleton.len()))
        };
        (spelled * (1.0 - share) + skeleton * share).min(DIFFERENT_MAX)
    }

    /// Consonants are weak evidence: the fewer there are the less they prove.
    fn across_scripts(&self, other: &Self) -> f64 {
        if self.skeleton.is_empty() || other.skeleton.is_empty() {
            return 0.0;
        }
        match (self.skeleton == other.skeleton, self.skeleton.len()) {
            (true, 6..) => 0.95,
            (true, 5) => 0.90,
            (true, 4) => 0.84,
            (true, 3) => 0.74,
            (true, _) => 0.6,
            (false, _) => 0.9 * strsim::normalized_levenshtein(self.skeleton, other.skeleton),
        }
    }
}

/// How much of a score the skeletons decide where vowels tell names apart: محمد is not محمود.
const NATIVE_SHARE: f64 = 0.2;

fn has_native_letter(form: &str) -> bool {
    form.contains(NATIVE_LETTERS)
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

    fn check(a: &str, b: &str, range: std::ops::Range<f64>) {
        let (a, b) = (Name::new(a), Name::new(b));
        let similarity = Spelling::of_name(&a).similarity(&Spelling::of_name(&b));
        assert!(range.contains(&similarity), "{a:?} {b:?} {similarity}");
    }

    #[test]
    fn across_scripts_equal_consonants_are_the_more_certain_the_more_there_are() {
        check("سيرغي لافروف", "Sergey Lavrov", 0.95..0.96);
        check("لافروف", "Lavrov", 0.84..0.85);
        check("كيم", "Kim", 0.6..0.61);
        check("علي", "Ali", 0.6..0.61);
        check("لافروف", "ไทย", 0.0..0.01);
    }

    #[test]
    fn within_a_script_letters_decide_where_there_are_few_consonants() {
        check("John", "Jane", 0.5..0.85);
        check("زيلينسكي", "زيلنسكا", 0.85..0.99);
        check("لافروف", "ميركل", 0.0..0.4);
    }

    #[test]
    fn only_the_first_characters_of_a_long_text_are_read() {
        assert_eq!(first_chars(&"ب".repeat(300)).chars().count(), CHARS_MAX);
    }
}
