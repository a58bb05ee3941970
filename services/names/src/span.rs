//! Where a piece of the answer stands in the text that was given.
//!
//! Callers count in different units (Rust and Go in bytes, Java, JavaScript and C# in UTF-16, Python in
//! code points), and converting later needs the text again. So a span carries all three.

use std::ops::Range;

/// A half-open stretch of the input of [`Name::new`](crate::Name::new), in three units at once.
///
/// All three ranges name the same characters, and the spans of the tokens of a name start and end in order,
/// but for a text in visual order ([`repair`](crate::repair())), whose first word stands last.
/// Two of them share a character only where one character stands for several words (﷽, ¼). Offsets are
/// `u32`: an input beyond 4 GiB is clamped, which no caller reaches, because callers limit the length of a
/// name.
///
/// ```
/// let name = names::Name::new("كيم جونغ");
/// let span = name.tokens()[1].span();
/// assert_eq!((span.bytes.clone(), span.chars.clone()), (7..15, 4..8));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Offsets in UTF-8 bytes, always on character boundaries.
    pub bytes: Range<u32>,
    /// Offsets in UTF-16 code units.
    pub utf16: Range<u32>,
    /// Offsets in Unicode scalar values.
    pub chars: Range<u32>,
}

impl Span {
    /// From the start of the first to the end of the last of two positions.
    pub(crate) fn between(start: Position, end: Position) -> Span {
        Span {
            bytes: start.byte..end.byte,
            utf16: start.utf16..end.utf16,
            chars: start.char..end.char,
        }
    }
}

/// One point of the input, between two characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    byte: u32,
    utf16: u32,
    char: u32,
}

impl Position {
    /// The point after `c`, which starts here.
    pub(crate) fn after(self, c: char) -> Position {
        Position {
            byte: self.byte.saturating_add(c.len_utf8() as u32),
            utf16: self.utf16.saturating_add(c.len_utf16() as u32),
            char: self.char.saturating_add(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_counts_in_three_units() {
        let end = "é👍".chars().fold(Position::default(), Position::after);
        let span = Span::between(Position::default(), end);
        assert_eq!((span.bytes, span.utf16, span.chars), (0..6, 0..3, 0..2));
    }
}
