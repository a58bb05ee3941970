//! How text stands in a terminal: right-to-left stretches kept in their place, the invisible shown.
//!
//! Some terminals lay out right-to-left text (UAX #9) and some show letters in the order they are
//! stored. With every stretch isolated, columns stay where they are in both.

use unicode_width::UnicodeWidthChar;

/// RIGHT-TO-LEFT ISOLATE and POP DIRECTIONAL ISOLATE (UAX #9, 2.4).
const ISOLATE: char = '\u{2067}';
const POP: char = '\u{2069}';

/// DOTTED CIRCLE: bears a mark that has no letter.
const MARK_BEARER: char = '◌';

/// Cells that a terminal gives to a text. Marks and controls take none. A sum over characters: a
/// terminal gives لا two cells, although a font joins them.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|letter| letter.width().unwrap_or(0)).sum()
}

/// The text in as many cells as are wanted or as it needs, each right-to-left stretch isolated.
pub(crate) fn padded(text: &str, cells: usize) -> String {
    let padding = cells.saturating_sub(width(text));
    format!("{}{}", isolated(text), " ".repeat(padding))
}

/// Each right-to-left stretch stands by itself: without isolates a terminal that lays out text
/// would mix it with its neighbours.
pub(crate) fn isolated(text: &str) -> String {
    let (mut shown, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(start) = rest.find(is_right_to_left) {
        let (before, from_here) = rest.split_at(start);
        let (stretch, after) = from_here.split_at(stretch_bytes(from_here));
        shown.push_str(before);
        shown.push(ISOLATE);
        shown.push_str(stretch);
        shown.push(POP);
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// Up to the last right-to-left letter before a letter that runs the other way.
fn stretch_bytes(text: &str) -> usize {
    let other_way = |letter: char| letter.is_alphabetic() && !is_right_to_left(letter);
    let end = text.find(other_way).unwrap_or(text.len());
    text[..end].trim_end_matches(|letter| !is_right_to_left(letter)).len()
}

fn is_right_to_left(letter: char) -> bool {
    // A mark must not be parted from the circle it stands on.
    letter == MARK_BEARER
        || matches!(letter,
        '\u{0590}'..='\u{08FF}'
        | '\u{FB1D}'..='\u{FDFF}'
        | '\u{FE70}'..='\u{FEFC}'
        | '\u{10800}'..='\u{10FFF}'
        | '\u{1E800}'..='\u{1EFFF}')
}

/// The text with what nobody sees written as `[U+200C]`; a mark at its start stands on ◌.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_invisible(letter) {
            shown.push_str(&format!("[U+{:04X}]", letter as u32));
        } else {
            if letter.width() == Some(0) && (shown.is_empty() || shown.ends_with(']')) {
                shown.push(MARK_BEARER);
            }
            shown.push(letter);
        }
    }
    shown
}

/// Controls, format characters, spaces that are not the usual one, and the other characters of
/// `Default_Ignorable_Code_Point` (UAX #44).
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || (letter.is_whitespace() && letter != ' ')
        || matches!(letter,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_to_left_stretch_is_isolated_and_nothing_else() {
        assert_eq!(isolated("سول"), "\u{2067}سول\u{2069}");
        assert_eq!(isolated("Seoul"), "Seoul");
        assert_eq!(isolated("A بن س، B"), "A \u{2067}بن س،\u{2069} B");
        assert_eq!(isolated("◌\u{064F}"), "\u{2067}◌\u{064F}\u{2069}");
        assert_eq!(isolated("طائرة 12"), "\u{2067}طائرة\u{2069} 12");
    }

    #[test]
    fn marks_and_isolates_take_no_cell_and_a_wide_letter_two() {
        let cases =
            [("عبدُ", 3), ("لا", 2), ("평양", 4), ("\u{2067}سول\u{2069}", 3), ("a\u{0301}", 1)];
        for (text, cells) in cases {
            assert_eq!(width(text), cells, "{text}");
        }
        assert_eq!(padded("سول", 5), "\u{2067}سول\u{2069}  ");
    }

    #[test]
    fn what_nobody_sees_is_written_out() {
        let cases = [
            ("پیونگ\u{200C}یانگ", "پیونگ[U+200C]یانگ"),
            ("a\u{00A0}b c\n", "a[U+00A0]b c[U+000A]"),
            ("\u{064F}", "◌\u{064F}"),
            ("عبدُ", "عبدُ"),
            ("\u{E0001}", "[U+E0001]"),
        ];
        for (text, shown) in cases {
            assert_eq!(visible(text), shown);
        }
    }
}
