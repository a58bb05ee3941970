//! Numbers as names write them: in digits, in Roman numerals, in words.
//!
//! Only what names have: kings, funds, banks, ships. The word for second is a number after the article alone
//! (محمد الثاني): ثاني is a family.

/// The words of each number from 1 on.
#[rustfmt::skip]
pub(crate) const WORDS: &[&[&str]] = &[
    &["one", "first", "1st", "الاول", "первый"],
    &["two", "second", "2nd", "ii", "الثاني", "второй"],
    &["three", "third", "3rd", "iii", "الثالث", "третий"],
    &["four", "fourth", "4th", "iv", "الرابع", "четвертый"],
    &["five", "fifth", "5th", "الخامس", "пятый"],
    &["six", "sixth", "6th", "vi", "السادس", "шестой"],
    &["seven", "seventh", "7th", "vii", "السابع", "седьмой"],
    &["eight", "eighth", "8th", "viii", "الثامن", "восьмой"],
    &["nine", "ninth", "9th", "ix", "التاسع", "девятый"],
    &["ten", "tenth", "10th", "العاشر", "десятый"],
    &["eleven", "eleventh", "11th", "xi"],
    &["twelve", "twelfth", "12th", "xii"],
    &["13th", "xiii"],
    &["14th", "xiv"],
    &["15th", "xv"],
    &["16th", "xvi"],
    &["17th", "xvii"],
    &["18th", "xviii"],
    &["19th", "xix"],
    &["20th", "xx"],
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Name;

    #[test]
    fn numbers_stand_as_the_orthographic_stage_leaves_them() {
        for word in WORDS.iter().copied().flatten() {
            assert_eq!(Name::new(word).orthographic(), *word);
        }
    }
}
