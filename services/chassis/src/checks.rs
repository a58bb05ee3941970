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

/// The violations that a caller is told of; of the others, how many there are.
const VIOLATIONS_TOLD_MAX: usize = 20;

/// What the fields and texts of the told ones have together, and each of them alone, in bytes. They
/// go out in trailers, twice and encoded, and clients take 16 KiB of those: one more would cost the
/// caller the answer.
const TOLD_BYTES_MAX: (usize, usize) = (1_500, 500);

/// The wrong fields of a request, with full paths (`queries[3].text`).
#[derive(Debug, Default)]
pub struct Violations {
    /// The first of them.
    told: Vec<FieldViolation>,
    told_bytes: usize,
    more: usize,
}

impl Violations {
    /// Notes that `field` is wrong; `text` says how and what would be right.
    pub fn add(&mut self, field: impl Into<String>, text: impl Into<String>) {
        self.tell(FieldViolation::new(field, text));
    }

    fn tell(&mut self, wrong: FieldViolation) {
        let field = cut(wrong.field, TOLD_BYTES_MAX.1);
        let text = cut(wrong.description, TOLD_BYTES_MAX.1);
        let bytes = field.len() + text.len();
        let fits = self.told_bytes + bytes <= TOLD_BYTES_MAX.0;
        if self.more > 0 || self.told.len() == VIOLATIONS_TOLD_MAX || !fits {
            self.more += 1;
        } else {
            self.told_bytes += bytes;
            self.told.push(FieldViolation::new(field, text));
        }
    }

    /// Notes what was found wrong elsewhere.
    pub fn append(&mut self, other: Self) {
        other.told.into_iter().for_each(|wrong| self.tell(wrong));
        self.more += other.more;
    }

    /// How many things are wrong so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.told.len() + self.more
    }

    /// An INVALID_ARGUMENT with everything that was noted, or `value` when nothing was.
    pub fn or<T>(self, value: T) -> Result<T, Fault> {
        if self.count() == 0 { Ok(value) } else { Err(Fault::InvalidArgument(self)) }
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

    /// What was noted first; see `more`.
    #[must_use]
    pub fn into_inner(self) -> Vec<FieldViolation> {
        self.told
    }

    /// How many more there are than are told.
    pub(crate) fn more(&self) -> usize {
        self.more
    }
}

/// A text of at most so many bytes; a longer one ends in `…`.
pub(crate) fn cut(mut text: String, bytes_max: usize) -> String {
    if text.len() > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max.saturating_sub('…'.len_utf8())));
        text.push('…');
    }
    text
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
    fn the_first_are_told_and_the_others_counted() {
        let mut violations = Violations::default();
        violations.add("a".repeat(5_000), "ب".repeat(5_000));
        for at in 0..1_000 {
            violations.add(format!("documents[{at}]"), "is empty");
        }
        assert_eq!(violations.count(), 1_001);
        let mut whole = Violations::default();
        whole.append(violations);
        assert_eq!(whole.count(), 1_001);
        assert_eq!(whole.more(), 981);
        let told = whole.into_inner();
        assert_eq!(told.len(), 20);
        assert!(told[0].field.len() <= 500 && told[0].description.ends_with("ب…"));
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
