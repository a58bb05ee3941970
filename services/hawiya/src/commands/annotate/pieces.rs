//! Cuts a text that is too long for the server into pieces, and puts offsets of pieces right.
//!
//! The mentions of a sentence do not depend on the text around it, so a cut between paragraphs loses
//! nothing but the binding of a short mention to a fuller one before the cut.

use proto::r#type::v1::Offsets;

/// Characters that the server reads of a text.
pub(super) const TEXT_CHARS_MAX: usize = 100_000;

/// A part of a text and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    byte: usize,
    utf16: usize,
    code_point: usize,
}

/// The text in pieces of at most [`TEXT_CHARS_MAX`] characters; at least one.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    cut(text, TEXT_CHARS_MAX)
}

impl Piece<'_> {
    /// Offsets in the piece as offsets in the text.
    pub(super) fn in_text(&self, offsets: Offsets) -> Offsets {
        let moved =
            |offset: i32, by: usize| offset.saturating_add(i32::try_from(by).unwrap_or(i32::MAX));
        Offsets {
            byte_start: moved(offsets.byte_start, self.byte),
            byte_end: moved(offsets.byte_end, self.byte),
            utf16_start: moved(offsets.utf16_start, self.utf16),
            utf16_end: moved(offsets.utf16_end, self.utf16),
            code_point_start: moved(offsets.code_point_start, self.code_point),
            code_point_end: moved(offsets.code_point_end, self.code_point),
        }
    }

    /// The piece that begins where this one ends.
    fn next<'a>(&self, text: &'a str) -> Piece<'a> {
        Piece {
            text,
            byte: self.byte + self.text.len(),
            utf16: self.utf16 + self.text.encode_utf16().count(),
            code_point: self.code_point + self.text.chars().count(),
        }
    }
}

fn cut(text: &str, chars_max: usize) -> Vec<Piece<'_>> {
    let mut rest = Piece { text, byte: 0, utf16: 0, code_point: 0 };
    let mut pieces = Vec::new();
    while let Some((limit, _)) = rest.text.char_indices().nth(chars_max) {
        let (piece, after) = rest.text.split_at(place_of_cut(&rest.text[..limit]));
        let piece = Piece { text: piece, ..rest };
        rest = piece.next(after);
        pieces.push(piece);
    }
    pieces.push(rest);
    pieces
}

/// Where a text is cut that may not go on: after the last paragraph, line, sentence or word of its
/// second half, whichever there is first; in the middle of a word when there is none.
fn place_of_cut(text: &str) -> usize {
    let half = text.len() / 2;
    let after = |found: Option<(usize, &str)>| {
        found.map(|(at, ending)| at + ending.len()).filter(|place| *place > half)
    };
    after(text.rmatch_indices("\n\n").next())
        .or_else(|| after(text.rmatch_indices('\n').next()))
        .or_else(|| after(text.rmatch_indices(['.', '؟', '?', '!', '۔', '。']).next()))
        .or_else(|| after(text.rmatch_indices(char::is_whitespace).next()))
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, chars_max: usize) -> Vec<&str> {
        cut(text, chars_max).iter().map(|piece| piece.text).collect()
    }

    #[test]
    fn a_text_is_cut_after_a_paragraph_and_loses_nothing() {
        assert_eq!(texts("aaaa\n\nbbbb\ncc\n\ndd", 10), ["aaaa\n\n", "bbbb\ncc\n\n", "dd"]);
        assert_eq!(texts("aaaa bb. cc dd", 10), ["aaaa bb.", " cc dd"]);
        assert_eq!(texts("aaaaaa bbbbb", 10), ["aaaaaa ", "bbbbb"]);
        assert_eq!(texts("سيسيسيسيسيسي", 5), ["سيسيس", "يسيسي", "سي"]);
        assert_eq!(texts("", 5), [""]);
        assert_eq!(texts("aaaaa", 5), ["aaaaa"]);
    }

    #[test]
    fn offsets_of_a_piece_are_moved_in_three_units() {
        let text = "س😀\nLavrov";
        let second = cut(text, 4)[1];
        assert_eq!(second.text, "Lavr");
        let offsets = Offsets {
            byte_start: 0,
            byte_end: 4,
            utf16_start: 0,
            utf16_end: 4,
            code_point_start: 0,
            code_point_end: 4,
        };
        let moved = second.in_text(offsets);
        assert_eq!((moved.byte_start, moved.utf16_start, moved.code_point_start), (7, 4, 3));
        assert_eq!(&text[moved.byte_start as usize..moved.byte_end as usize], "Lavr");
    }
}
