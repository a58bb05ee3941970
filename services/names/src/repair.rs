//! Damage that files and programs do to Arabic text, undone before the ladder is climbed.
//!
//! A text is repaired only where what it says is not a word and what it would say is: سالم (a name) is never
//! made سلام. Four kinds of damage are known, one file each, undone in this order: bytes read in the wrong
//! code page, letters in the order of the screen, a lam-alef turned round, letters set apart by spaces.
//!
//! The laws that keep repairs honest: the orthographic text and the form of a name are never repaired again.
//! So a repair either decides by the folded letters alone, or by something the first stage leaves none of.

use std::borrow::Cow;

use crate::orthographic::unicode;
use crate::span::Position;
use crate::{Span, Stage, Step};

mod lam_alef;
mod letters;
mod mojibake;
mod spaced;
mod suspicion;
mod visual;

/// A damaged text, as it was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    /// The text to read in place of the damaged one, in NFKC.
    pub text: String,
    /// What was repaired, in the order it was; never empty. Spans point into the damaged text.
    pub steps: Vec<Step>,
    /// Where each character of `text` stood.
    glyphs: Vec<Glyph>,
}

impl Repair {
    /// Where in the damaged text the characters of a span of the repaired one stood: from the start of
    /// the first to the end of the last. What lies outside the repaired text is left out.
    ///
    /// ```
    /// let repair = names::repair("عبد هللا").unwrap();
    /// let name = names::Name::new(&repair.text);
    /// assert_eq!(repair.original(name.tokens()[1].span()).chars, 4..8);
    /// ```
    pub fn original(&self, span: &Span) -> Span {
        let end = (span.chars.end as usize).min(self.glyphs.len());
        let start = (span.chars.start as usize).min(end);
        span_of(&self.glyphs[start..end])
    }
}

/// Undoes damage; `None` when there is none. Costs a few nanoseconds a character and allocates nothing for
/// a text that shows no sign of damage, and is linear in any case.
///
/// ```
/// assert_eq!(names::repair("عبد هللا").unwrap().text, "عبد الله");
/// assert_eq!(names::repair("Ù…Ø\u{AD}Ù…Ø¯").unwrap().text, "محمد");
/// assert_eq!(names::repair("عبد الله"), None);
/// ```
pub fn repair(text: &str) -> Option<Repair> {
    if !suspicion::is_suspicious(text) {
        return None;
    }
    let mut draft = Draft::new(text);
    mojibake::repair(&mut draft);
    visual::repair(&mut draft);
    draft.normalize(unicode::nfkc);
    lam_alef::repair(&mut draft);
    spaced::repair(&mut draft);
    draft.finish()
}

/// A character, and where in the damaged text it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Glyph {
    c: char,
    start: Position,
    end: Position,
}

/// A text on its way through the repairs. Canonically equivalent texts are the same draft.
struct Draft {
    glyphs: Vec<Glyph>,
    steps: Vec<Step>,
}

impl Draft {
    fn new(text: &str) -> Draft {
        let mut end = Position::default();
        let glyphs = text.chars().map(|c| {
            let start = end;
            end = start.after(c);
            Glyph { c, start, end }
        });
        let mut draft = Draft { glyphs: glyphs.collect(), steps: Vec::new() };
        draft.normalize(unicode::nfc);
        draft
    }

    /// Replaces each piece whose normal form is another; its characters then stand where the piece stood.
    fn normalize(&mut self, normal: impl Fn(&str) -> Cow<'_, str>) {
        let text = text_of(&self.glyphs);
        let mut rest = self.glyphs.as_slice();
        let mut glyphs = Vec::with_capacity(rest.len());
        for piece in unicode::pieces(&text) {
            let (of_piece, after) = rest.split_at(piece.chars().count());
            let normal = normal(piece);
            if normal == piece {
                glyphs.extend_from_slice(of_piece);
            } else {
                let (start, end) = ends(of_piece);
                glyphs.extend(normal.chars().map(|c| Glyph { c, start, end }));
            }
            rest = after;
        }
        self.glyphs = glyphs;
    }

    /// `rule` makes `repaired` of all glyphs.
    fn replace(&mut self, rule: &'static str, repaired: Vec<Glyph>) {
        self.fired(rule, text_of(&self.glyphs), &repaired);
        self.glyphs = repaired;
    }

    fn fired(&mut self, rule: &'static str, from: String, repaired: &[Glyph]) {
        let (to, span) = (text_of(repaired), span_of(repaired));
        self.steps.push(Step { rule, stage: Stage::Repair, from, to, span });
    }

    fn finish(self) -> Option<Repair> {
        let Draft { glyphs, steps } = self;
        (!steps.is_empty()).then(|| Repair { text: text_of(&glyphs), steps, glyphs })
    }
}

fn text_of(glyphs: &[Glyph]) -> String {
    glyphs.iter().map(|glyph| glyph.c).collect()
}

fn span_of(glyphs: &[Glyph]) -> Span {
    let (start, end) = ends(glyphs);
    Span::between(start, end)
}

/// Where the first and the last of some glyphs stood, whatever order they have now.
fn ends(glyphs: &[Glyph]) -> (Position, Position) {
    let start = glyphs.iter().map(|glyph| glyph.start).min();
    let end = glyphs.iter().map(|glyph| glyph.end).max();
    (start.unwrap_or_default(), end.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str, rules: &[&str]) {
        let repair = repair(text).unwrap_or_else(|| panic!("{text} is not repaired"));
        assert_eq!(repair.text, expected, "{text}");
        let fired: Vec<&str> = repair.steps.iter().map(|step| step.rule).collect();
        assert_eq!(fired, rules, "{text}");
    }

    #[test]
    fn repairs_follow_one_another() {
        check(
            "محمد عبد هللا االمارات",
            "محمد عبد الله الامارات",
            &["repair-allah", "repair-lam-alef"],
        );
        // عبد هللا in UTF-8, read as Windows-1252.
        check("Ø¹Ø¨Ø¯ Ù‡Ù„Ù„Ø§", "عبد الله", &["repair-mojibake", "repair-allah"]);
    }

    #[test]
    fn undamaged_text_is_left_alone() {
        for text in [
            "",
            "محمد",
            "سالم صالح",
            "خالد عالم طالب",
            "عبد الله",
            "الإسلام",
            "علاء",
            "آلاء",
            "ﻣﺤﻤﺪ",
            "ش.م.م",
            "ج. ر. ر. تولكين",
            "Øystein",
            "Úrsula Ñáñez",
            "Sergey Lavrov",
            "قراءات",
            "السلام",
            "پیونگ\u{200C}یانگ",
            "محمد «علي»",
            "김정은",
            "آلان",
            "جمال",
            "كمال الدين",
        ] {
            assert_eq!(repair(text), None, "{text}");
        }
    }

    #[test]
    fn a_span_points_into_the_damaged_text() {
        let repair = repair("عبد هللا x").unwrap();
        assert_eq!(repair.steps[0].span.chars, 4..8);
        assert_eq!(repair.original(&repair.steps[0].span).chars, 4..8);
        let nothing = Span { chars: 90..99, ..Span::default() };
        assert_eq!(repair.original(&nothing), Span::default());
    }
}
