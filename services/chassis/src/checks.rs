//! Finds everything that is wrong with a request, so that the caller is told all of it at once.

use icu_properties::{
    CodePointMapData,
    props::{GeneralCategory, GeneralCategoryGroup},
};
use tonic_types::FieldViolation;

use crate::Fault;

/// The longest name, mention or search text, in Unicode scalar values.
pub const TEXT_CHARS_MAX: usize = 1_000;

/// The largest batch of a call or a message of a stream.
pub const BATCH_ITEMS_MAX: usize = 1_000;

/// The largest batch when explanations or traces are asked for; keeps answers below 4 MiB.
pub const EXPLAINED_ITEMS_MAX: usize = 100;

/// The wrong fields of a request, with full paths (`queries[3].text`).
#[derive(Debug, Default)]
pub struct Violations(Vec<FieldViolation>);

impl Violations {
    /// Notes that `field` is wrong; `text` says how and what would be right.
    pub fn add(&mut self, field: impl Into<String>, text: impl Into<String>) {
        self.0.push(FieldViolation::new(field, text));
    }

    /// Notes what was found wrong elsewhere.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many things are wrong so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// An INVALID_ARGUMENT with everything that was noted, or `value` when nothing was.
    pub fn or<T>(self, value: T) -> Result<T, Fault> {
        if self.0.is_empty() { Ok(value) } else { Err(Fault::InvalidArgument(self)) }
    }

    /// Checks a name, mention or search text: 1 to 1,000 characters, at least one letter or digit.
    pub fn check_text(&mut self, field: &str, text: &str) {
        // The byte length bounds the work of counting characters in a text that is far too long.
        let chars = text.chars().take(TEXT_CHARS_MAX + 1).count();
        if text.is_empty() {
            self.add(field, "is empty: give a name");
        } else if chars > TEXT_CHARS_MAX {
            self.add(
                field,
                format!("is longer than {TEXT_CHARS_MAX} characters: give one name, not a text"),
            );
        } else if !text.chars().any(is_letter_or_digit) {
            self.add(field, "has neither letter nor digit: give a name");
        }
    }

    /// Checks the number of items of a batch: 1 to `items_max`.
    pub fn check_batch(&mut self, field: &str, items: usize, items_max: usize) {
        if items == 0 {
            self.add(field, "is empty: give at least one item");
        } else if items > items_max {
            self.add(
                field,
                format!("has {items} items: split it into calls of at most {items_max}"),
            );
        }
    }

    /// Checks that a number lies within 0.0 and 1.0.
    pub fn check_fraction(&mut self, field: &str, value: f64) {
        if !(0.0..=1.0).contains(&value) {
            self.add(field, format!("is `{value}`: give a number from 0.0 to 1.0"));
        }
    }

    /// Checks that a text has at most `chars_max` characters.
    pub fn check_length(&mut self, field: &str, text: &str, chars_max: usize) {
        if text.chars().take(chars_max + 1).count() > chars_max {
            self.add(field, format!("is longer than {chars_max} characters"));
        }
    }

    /// Checks that an id or label is of 1 to `length_max` of the characters `[A-Za-z0-9]` and `marks`.
    pub fn check_label(&mut self, field: &str, label: &str, length_max: usize, marks: &str) {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || marks.contains(letter);
        if label.is_empty() || label.len() > length_max || !label.chars().all(allowed) {
            let shown: String = label.chars().take(40).collect();
            self.add(
                field,
                format!("is `{shown}`: give 1 to {length_max} characters of [A-Za-z0-9{marks}]"),
            );
        }
    }

    /// Reads an enum of the wire; notes a value that this version does not know.
    pub fn check_enum<T: TryFrom<i32> + Default>(&mut self, field: &str, value: i32) -> T {
        T::try_from(value).unwrap_or_else(|_| {
            self.add(field, format!("is `{value}`, which this version does not know"));
            T::default()
        })
    }

    /// What was noted.
    #[must_use]
    pub fn into_inner(self) -> Vec<FieldViolation> {
        self.0
    }
}

/// Whether a character is a letter or a digit by its general category (UAX #44). `is_alphanumeric`
/// would not do: it holds for the Arabic vowel marks.
fn is_letter_or_digit(character: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(character);
    GeneralCategoryGroup::Letter.union(GeneralCategoryGroup::Number).contains(category)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(check: impl Fn(&mut Violations)) -> usize {
        let mut violations = Violations::default();
        check(&mut violations);
        violations.into_inner().len()
    }

    #[test]
    fn a_text_is_refused_when_empty_too_long_or_without_letters() {
        for good in ["لافروف", "7", &"ب".repeat(1_000)] {
            assert_eq!(found(|violations| violations.check_text("text", good)), 0, "{good}");
        }
        for bad in ["", " ", "…!؟", "\u{064B}\u{0652}", "🙂", &"ب".repeat(1_001)] {
            assert_eq!(found(|violations| violations.check_text("text", bad)), 1, "{bad}");
        }
    }

    #[test]
    fn not_a_number_is_no_fraction() {
        assert_eq!(found(|violations| violations.check_fraction("x", f64::NAN)), 1);
        assert_eq!(found(|violations| violations.check_fraction("x", 1.0)), 0);
    }

    #[test]
    fn a_label_has_only_its_letters_and_a_limit() {
        assert_eq!(found(|violations| violations.check_label("id", "Q1_2.3:4-x", 128, "._:-")), 0);
        for bad in ["", "a b", "ق", &"a".repeat(129)] {
            assert_eq!(found(|violations| violations.check_label("id", bad, 128, "._:-")), 1);
        }
    }
}
