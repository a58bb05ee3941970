//! `repair-visual-order`: presentation forms stored from left to right, as they stand on a screen.
//!
//! A presentation form says whether its letter joins the one before and the one after. A word whose forms
//! fit together only when it is read backwards was stored backwards, and mostly its whole line was.

use std::ops::Range;

use super::{Draft, Glyph};
use crate::orthographic::Orthographic;
use crate::orthographic::unicode::Kind;
use crate::rules::repair as table;
use crate::rules::words;

const RULE: &str = "repair-visual-order";

pub(super) fn repair(draft: &mut Draft) {
    let words = words(&draft.glyphs);
    let orders: Vec<Order> =
        words.iter().map(|word| Order::of(&draft.glyphs[word.clone()])).collect();
    if !orders.contains(&Order::Backward) {
        return;
    }
    if words.len() > 1 && !orders.contains(&Order::Forward) {
        let line = reversed_line(&draft.glyphs);
        if !ends_like_no_name(&line) || ends_like_no_name(&draft.glyphs) {
            return draft.replace(RULE, line);
        }
    }
    let backward = words.into_iter().zip(orders).filter(|(_, order)| *order == Order::Backward);
    for (word, _) in backward {
        let repaired = reversed_line(&draft.glyphs[word.clone()]);
        draft.fired(RULE, super::text_of(&draft.glyphs[word.clone()]), &repaired);
        draft.glyphs[word].copy_from_slice(&repaired);
    }
}

/// Which way the letters of a word fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Forward,
    Backward,
    /// It has no forms, or they fit both ways: ﺩﺍﺭ.
    Either,
}

impl Order {
    fn of(word: &[Glyph]) -> Order {
        let shapes =
            || word.iter().filter(|glyph| !is_silent(glyph.c)).map(|glyph| table::shape(glyph.c));
        match (is_fitting(shapes()), is_fitting(shapes().rev())) {
            (true, true) => Order::Either,
            (false, true) => Order::Backward,
            _ => Order::Forward,
        }
    }
}

/// Whether each letter joins the next where the next joins it. A character that is no presentation form
/// fits everywhere.
fn is_fitting(shapes: impl Iterator<Item = Option<table::Shape>>) -> bool {
    let mut joins = Some(false);
    for shape in shapes {
        if shape.zip(joins).is_some_and(|(shape, joins)| shape.joins_previous() != joins) {
            return false;
        }
        joins = shape.map(table::Shape::joins_next);
    }
    joins != Some(true)
}

fn words(glyphs: &[Glyph]) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = 0;
    for word in glyphs.split(|glyph| is_separator(glyph.c)) {
        if !word.is_empty() {
            words.push(start..start + word.len());
        }
        start += word.len() + 1;
    }
    words
}

fn is_separator(c: char) -> bool {
    Kind::of(c) == Kind::Separator
}

fn is_silent(c: char) -> bool {
    matches!(Kind::of(c), Kind::Mark | Kind::Control)
}

/// The glyphs backwards, each with its marks after it, and what is read from left to right forwards again.
fn reversed_line(glyphs: &[Glyph]) -> Vec<Glyph> {
    let mut clusters: Vec<&[Glyph]> = glyphs.chunk_by(|_, next| is_silent(next.c)).collect();
    clusters.reverse();
    let mut start = 0;
    while let Some(first) = clusters[start..].iter().position(is_left_to_right) {
        let first = start + first;
        let run = clusters[first..].iter().take_while(|cluster| !is_right_to_left(cluster)).count();
        let last = clusters[first..first + run].iter().rposition(is_left_to_right);
        start = first + last.unwrap_or(0) + 1;
        clusters[first..start].reverse();
    }
    clusters.concat()
}

fn is_left_to_right(cluster: &&[Glyph]) -> bool {
    let c = cluster[0].c;
    c.is_numeric() || c.is_alphabetic() && !is_right_to_left(cluster)
}

fn is_right_to_left(cluster: &&[Glyph]) -> bool {
    let c = cluster[0].c;
    !c.is_numeric()
        && matches!(c, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}')
}

/// No name starts with بن or ends in a word that holds names together.
fn ends_like_no_name(glyphs: &[Glyph]) -> bool {
    let words = words(glyphs);
    let word = |range: Option<&Range<usize>>| {
        let word = range.map(|range| reversed_if_backward(&glyphs[range.clone()]));
        Orthographic::of(&word.unwrap_or_default()).text
    };
    let (first, last) = (word(words.first()), word(words.last()));
    table::NEVER_FIRST.contains(&first.as_str()) || words::PARTICLES.contains(&last.as_str())
}

fn reversed_if_backward(word: &[Glyph]) -> String {
    match Order::of(word) {
        Order::Backward => super::text_of(&reversed_line(word)),
        _ => super::text_of(word),
    }
}

#[cfg(test)]
mod tests {
    use crate::repair;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(repair(text).map(|repair| repair.text).as_deref(), expected, "{text}");
    }

    /// The text backwards. What an editor shows of these strings is not the order they are stored in.
    fn backwards(text: &str) -> String {
        text.chars().rev().collect()
    }

    #[test]
    fn a_word_is_turned_round_when_its_forms_fit_only_backwards() {
        check(&backwards("ﻣﺤﻤﺪ"), Some("محمد"));
        check("ﻣﺤﻤﺪ", None);
        check("ﺩﺍﺭ", None);
        check(&backwards("ﻻﻓﺮﻭﻑ"), Some("لافروف"));
    }

    #[test]
    fn a_line_is_turned_round_with_its_words_but_not_with_its_numbers() {
        check(&backwards("ﻣﺤﻤﺪ ﺑﻦ ﺳﻠﻤﺎﻥ"), Some("محمد بن سلمان"));
        check(&format!("{} 747", backwards("ﺑﻮﻳﻨﻎ")), Some("747 بوينغ"));
        check(&format!("747 {}", backwards("ﺑﻮﻳﻨﻎ")), Some("بوينغ 747"));
    }

    #[test]
    fn words_keep_their_order_where_the_other_order_is_no_name() {
        let words = ["ﺑﻦ", "ﺳﻠﻤﺎﻥ"].map(backwards);
        check(
            &format!("{} {} {}", backwards("ﻋﺒﺪ"), backwards("ﺍﻟﻌﺰﻳﺰ"), words[1]),
            Some("عبد العزيز سلمان"),
        );
        check(&format!("ﻣﺤﻤﺪ {} {}", words[0], words[1]), Some("محمد بن سلمان"));
    }
}
