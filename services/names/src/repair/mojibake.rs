//! `repair-mojibake`: UTF-8 that a program read as Windows-1252, Latin-1 or Windows-1256.
//!
//! Undone only when the whole text is valid UTF-8 of Arabic that way, so that no name with an Ø is touched.

use super::{Draft, Glyph};
use crate::rules::repair as table;

pub(super) fn repair(draft: &mut Draft) {
    let pages = [&table::WINDOWS_1252, &table::WINDOWS_1256];
    if let Some(repaired) = pages.into_iter().find_map(|page| decode(&draft.glyphs, page)) {
        draft.replace("repair-mojibake", repaired);
    }
}

/// The glyphs as the bytes of a code page, read as UTF-8.
fn decode(glyphs: &[Glyph], page: &table::CodePage) -> Option<Vec<Glyph>> {
    const LETTERS_MIN: usize = 2;
    let mut decoded = Vec::with_capacity(glyphs.len());
    let (mut rest, mut letters, mut is_evident) = (glyphs, 0, false);
    while let [first, after @ ..] = rest {
        if first.c.is_ascii() {
            decoded.push(*first);
            rest = after;
            continue;
        }
        let (c, taken) = sequence(rest, page)?;
        let of_sequence = &rest[..taken];
        letters += usize::from(c.is_alphabetic());
        is_evident |= of_sequence.iter().any(|glyph| is_evidence(glyph.c));
        let (start, end) = super::ends(of_sequence);
        decoded.push(Glyph { c, start, end });
        rest = &rest[taken..];
    }
    (is_evident && letters >= LETTERS_MIN).then_some(decoded)
}

/// The character of the UTF-8 sequence of two bytes (RFC 3629, section 3) that the glyphs start with.
fn sequence(glyphs: &[Glyph], page: &table::CodePage) -> Option<(char, usize)> {
    let [lead, trail, ..] = glyphs else { return None };
    let (lead, trail) = (page.byte(lead.c)?, page.byte(trail.c)?);
    let is_arabic = matches!(lead, 0xD8..=0xDB) && matches!(trail, 0x80..=0xBF);
    let c = char::from_u32(u32::from(lead & 0x1F) << 6 | u32::from(trail & 0x3F))?;
    is_arabic.then_some((c, 2))
}

/// What the first stage leaves none of: an upper-case letter or a sign.
fn is_evidence(c: char) -> bool {
    c.is_uppercase() || !c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use crate::repair;

    /// Reads the UTF-8 bytes of a text as characters of a code page.
    fn misread(text: &str, page: &super::table::CodePage) -> String {
        text.bytes().map(|byte| page.char(byte)).collect()
    }

    #[test]
    fn a_text_misread_in_either_code_page_comes_back() {
        for text in ["محمد", "عبد الله بن سعود", "فلاديمير 2024", "لافروف (موسكو)"]
        {
            for page in [&super::table::WINDOWS_1252, &super::table::WINDOWS_1256] {
                let damaged = misread(text, page);
                assert_eq!(
                    repair(&damaged).map(|repair| repair.text).as_deref(),
                    Some(text),
                    "{damaged}"
                );
            }
        }
    }

    #[test]
    fn half_a_sequence_is_not_repaired() {
        assert_eq!(repair("Ù…Ø\u{AD}Ù…Ø"), None);
        assert_eq!(repair("Ù…Ø\u{AD}Ù…Ø¯ é"), None);
    }
}
