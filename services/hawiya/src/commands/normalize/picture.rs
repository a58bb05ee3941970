//! A name and the steps that led to it, drawn for a terminal.
//!
//! The words stand in columns from left to right in the order of the text, whatever their script;
//! below them the rules stand in the order they fired. Positions count code points from 0.

use super::{Applied, Explained, Offsets, Token};
use crate::{
    columns::{self, Column, letters, titled},
    terminal::{isolated, padded, visible, width},
};

/// The lines of one name, an empty one at the end.
pub(super) fn draw(explained: &Explained) -> Vec<String> {
    let mut lines = vec![isolated(&visible(&explained.name.input))];
    lines.extend(summary(explained));
    lines.extend(columns::lines(&TITLES, &columns(explained)));
    lines.extend(steps(explained));
    lines.push(String::new());
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

/// The lines of a name that has no answer.
pub(super) fn refused(input: &str, error: &str) -> Vec<String> {
    vec![isolated(&visible(input)), titled("error", error), String::new()]
}

/// The name as a whole; what it has not is left out.
fn summary(explained: &Explained) -> Vec<String> {
    let name = &explained.name;
    let reading = |reading: &super::Reading| {
        format!("{} ({})", isolated(&visible(&reading.form)), reading.rule_id)
    };
    let readings: Vec<String> = name.readings.iter().flatten().map(reading).collect();
    let shown = |text: &str| isolated(&visible(text));
    let rows = [
        ("script", name.script.clone()),
        ("repaired", shown(&name.repaired)),
        ("orthographic", shown(&name.orthographic)),
        ("form", shown(&name.form)),
        ("skeleton", name.skeleton.clone()),
        ("romanization", shown(&name.romanization)),
        ("readings", readings.join(", ")),
    ];
    let filled = rows.iter().filter(|(_, value)| !value.is_empty());
    filled.map(|(title, value)| titled(title, value)).collect()
}

/// The titles of the lines of a block. The second draws the bracket under a word.
const TITLES: [&str; 7] = ["word", "", "at", "role", "orthographic", "form", "skeleton"];

/// A word and what became of it, a cell a line.
fn columns(explained: &Explained) -> Vec<Column> {
    let input = &explained.name.input;
    explained.tokens.iter().map(|token| column(input, token)).collect()
}

fn column(input: &str, token: &Token) -> Column {
    let word = visible(piece(input, &token.offsets));
    let bracket = match width(&word) {
        0 | 1 => "╵".to_owned(),
        cells => format!("└{}┘", "─".repeat(cells - 2)),
    };
    let [orthographic, form, skeleton] =
        [&token.orthographic, &token.form, &token.skeleton].map(|text| isolated(&visible(text)));
    let (at, role) = (positions(&token.offsets), token.role.clone());
    Column::new(vec![isolated(&word), bracket, at, role, orthographic, form, skeleton])
}

/// The rules in the order they fired, under a title for each stage; a sentence is said once.
fn steps(explained: &Explained) -> Vec<String> {
    let input = &explained.name.input;
    let rows: Vec<[String; 4]> =
        explained.trace.iter().map(|applied| step_cells(input, applied)).collect();
    let widths = [0, 1, 2, 3].map(|at| rows.iter().map(|row| width(&row[at])).max().unwrap_or(0));
    let mut lines = Vec::new();
    for (at, (applied, row)) in explained.trace.iter().zip(&rows).enumerate() {
        let before = &explained.trace[..at];
        if before.last().is_none_or(|last| last.stage != applied.stage) {
            lines.extend([String::new(), format!("  {}", applied.stage)]);
        }
        let is_said = before.iter().any(|earlier| earlier.rule_id == applied.rule_id);
        let sentence = if is_said { "" } else { applied.summary.as_str() };
        let [rule, from, to, place] = [0, 1, 2, 3].map(|at| padded(&row[at], widths[at]));
        lines.push(format!("    {rule}  {from} → {to}  {place}  {}", isolated(sentence)));
    }
    lines
}

/// The rule, the letters it found and left, and where: a cell each, so that the letters on both
/// sides of the arrow do not become one right-to-left stretch.
fn step_cells(input: &str, applied: &Applied) -> [String; 4] {
    let place =
        format!("{} {}", positions(&applied.offsets), visible(piece(input, &applied.offsets)));
    [applied.rule_id.clone(), letters(&applied.from), letters(&applied.to), place]
}

fn piece<'a>(input: &'a str, offsets: &Offsets) -> &'a str {
    let byte = |offset: i32| usize::try_from(offset).unwrap_or(0);
    input.get(byte(offsets.byte_start)..byte(offsets.byte_end)).unwrap_or_default()
}

fn positions(offsets: &Offsets) -> String {
    format!("{}..{}", offsets.code_point_start, offsets.code_point_end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        columns::LINE_CELLS_MAX,
        commands::normalize::{Normalized, Reading},
    };
    use expect_test::{Expect, expect};

    /// Where a piece of the input stands.
    fn at(input: &str, piece: &str) -> Offsets {
        let start = input.find(piece).unwrap();
        let code_points = |bytes: usize| i32::try_from(input[..bytes].chars().count()).unwrap();
        let end = start + piece.len();
        Offsets {
            byte_start: i32::try_from(start).unwrap(),
            byte_end: i32::try_from(end).unwrap(),
            code_point_start: code_points(start),
            code_point_end: code_points(end),
            ..Offsets::default()
        }
    }

    /// Rungs: orthographic, form, skeleton. A token is its piece of the input, its role and its
    /// rungs; a step its stage, rule, letters and piece.
    fn name(
        input: &str,
        script: &str,
        rungs: [&str; 3],
        tokens: &[(&str, &str, [&str; 3])],
        trace: &[(&str, &str, [&str; 2], &str)],
    ) -> Explained {
        let [orthographic, form, skeleton] = rungs.map(str::to_owned);
        let name = Normalized {
            input: input.to_owned(),
            orthographic,
            form,
            skeleton,
            script: script.to_owned(),
            romanization: String::new(),
            readings: None,
            repaired: String::new(),
        };
        let token = |(piece, role, rungs): &(&str, &str, [&str; 3])| {
            let [orthographic, form, skeleton] = rungs.map(str::to_owned);
            let (role, offsets) = ((*role).to_owned(), at(input, piece));
            Token { role, orthographic, form, skeleton, offsets }
        };
        let step = |(stage, rule, [from, to], piece): &(&str, &str, [&str; 2], &str)| Applied {
            rule_id: (*rule).to_owned(),
            stage: (*stage).to_owned(),
            from: (*from).to_owned(),
            to: (*to).to_owned(),
            offsets: at(input, piece),
            summary: format!("What {rule} does."),
        };
        Explained {
            name,
            tokens: tokens.iter().map(token).collect(),
            trace: trace.iter().map(step).collect(),
            rules_version: "r1-test".to_owned(),
        }
    }

    /// Isolates are shown as ⟨ and ⟩.
    fn check(explained: &Explained, expected: Expect) {
        let shown = draw(explained).join("\n");
        expected.assert_eq(&shown.replace('\u{2067}', "⟨").replace('\u{2069}', "⟩"));
    }

    #[test]
    fn an_arabic_name_stands_in_columns_from_left_to_right() {
        let mut explained = name(
            "الرئيس بوتين",
            "Arab",
            ["الرييس بوتين", "الرسبتن", "ALRSBTN"],
            &[
                ("الرئيس", "title", ["الرييس", "الرس", "ALRS"]),
                ("بوتين", "word", ["بوتين", "بوتن", "BTN"]),
            ],
            &[
                ("orthographic", "ar-ya-hamza", ["ئ", "ي"], "ئ"),
                ("form", "ar-inner-vowel", ["و", ""], "بوتين"),
                ("form", "ar-inner-vowel", ["ي", ""], "بوتين"),
                ("skeleton", "skeleton-arabic", ["بوتين", "BTN"], "بوتين"),
            ],
        );
        explained.name.romanization = "alrayis Putin".to_owned();
        let reading =
            Reading { form: "الرسفتن".to_owned(), rule_id: "reading-ba-v".to_owned() };
        explained.name.readings = Some(vec![reading]);
        check(
            &explained,
            expect![[r#"
            ⟨الرئيس بوتين⟩
              script        Arab
              orthographic  ⟨الرييس بوتين⟩
              form          ⟨الرسبتن⟩
              skeleton      ALRSBTN
              romanization  alrayis Putin
              readings      ⟨الرسفتن⟩ (reading-ba-v)

              word          ⟨الرئيس⟩ │ ⟨بوتين⟩
                            └────┘ │ └───┘
              at            0..6   │ 7..12
              role          title  │ word
              orthographic  ⟨الرييس⟩ │ ⟨بوتين⟩
              form          ⟨الرس⟩   │ ⟨بوتن⟩
              skeleton      ALRS   │ BTN

              orthographic
                ar-ya-hamza      ⟨ئ⟩     → ⟨ي⟩    3..4 ⟨ئ⟩       What ar-ya-hamza does.

              form
                ar-inner-vowel   ⟨و⟩     → ∅    7..12 ⟨بوتين⟩  What ar-inner-vowel does.
                ar-inner-vowel   ⟨ي⟩     → ∅    7..12 ⟨بوتين⟩

              skeleton
                skeleton-arabic  ⟨بوتين⟩ → BTN  7..12 ⟨بوتين⟩  What skeleton-arabic does.
        "#]],
        );
    }

    #[test]
    fn a_latin_name_needs_no_isolates() {
        let explained = name(
            "Dr. Lavrov",
            "Latn",
            ["dr lavrov", "drlavrov", "DRLFRF"],
            &[
                ("Dr", "title", ["dr", "dr", "DR"]),
                ("Lavrov", "word", ["lavrov", "lavrov", "LFRF"]),
            ],
            &[("orthographic", "uni-separator", [".", " "], ".")],
        );
        check(
            &explained,
            expect![[r#"
            Dr. Lavrov
              script        Latn
              orthographic  dr lavrov
              form          drlavrov
              skeleton      DRLFRF

              word          Dr    │ Lavrov
                            └┘    │ └────┘
              at            0..2  │ 4..10
              role          title │ word
              orthographic  dr    │ lavrov
              form          dr    │ lavrov
              skeleton      DR    │ LFRF

              orthographic
                uni-separator  . → [U+0020]  2..3 .  What uni-separator does.
        "#]],
        );
    }

    #[test]
    fn a_repair_is_shown_and_what_nobody_sees_too() {
        let mut explained = name(
            "ناميالس\u{200C}",
            "Arab",
            ["سلايمان", "سلمن", "SLMN"],
            &[("ناميالس\u{200C}", "word", ["سلايمان", "سلمن", "SLMN"])],
            &[
                ("repair", "repair-visual-order", ["ناميالس", "سلايمان"], "ناميالس"),
                ("orthographic", "uni-controls", ["\u{200C}", ""], "\u{200C}"),
            ],
        );
        explained.name.repaired = "سلايمان".to_owned();
        check(
            &explained,
            expect![[r#"
            ⟨ناميالس⟩[U+200C]
              script        Arab
              repaired      ⟨سلايمان⟩
              orthographic  ⟨سلايمان⟩
              form          ⟨سلمن⟩
              skeleton      SLMN

              word          ⟨ناميالس⟩[U+200C]
                            └─────────────┘
              at            0..8
              role          word
              orthographic  ⟨سلايمان⟩
              form          ⟨سلمن⟩
              skeleton      SLMN

              repair
                repair-visual-order  ⟨ناميالس⟩  → ⟨سلايمان⟩  0..7 ⟨ناميالس⟩   What repair-visual-order does.

              orthographic
                uni-controls         [U+200C] → ∅        7..8 [U+200C]  What uni-controls does.
        "#]],
        );
    }

    #[test]
    fn a_name_of_two_scripts_isolates_only_its_right_to_left_part() {
        let explained = name(
            "سيدُ LAVROV",
            "Latn",
            ["سيد lavrov", "سيدlavrov", "SDLFRF"],
            &[
                ("سيدُ", "title", ["سيد", "سيد", "SD"]),
                ("LAVROV", "word", ["lavrov", "lavrov", "LFRF"]),
            ],
            &[("orthographic", "ar-marks", ["\u{064F}", ""], "\u{064F}")],
        );
        check(
            &explained,
            expect![[r#"
            ⟨سيدُ⟩ LAVROV
              script        Latn
              orthographic  ⟨سيد⟩ lavrov
              form          ⟨سيد⟩lavrov
              skeleton      SDLFRF

              word          ⟨سيدُ⟩   │ LAVROV
                            └─┘   │ └────┘
              at            0..4  │ 5..11
              role          title │ word
              orthographic  ⟨سيد⟩   │ lavrov
              form          ⟨سيد⟩   │ lavrov
              skeleton      SD    │ LFRF

              orthographic
                ar-marks  ⟨◌ُ⟩ → ∅  3..4 ⟨◌ُ⟩  What ar-marks does.
        "#]],
        );
    }

    #[test]
    fn columns_beyond_the_line_go_on_below() {
        let words = ["Wolfeschlegelsteinhausen"; 5].map(|word| (word, "word", [word, word, "W"]));
        let input = words.map(|(word, ..)| word).join(" ");
        let lines = draw(&name(&input, "Latn", ["", "", ""], &words, &[]));
        let blocks = lines.iter().filter(|line| line.starts_with("  word")).count();
        let is_short = |line: &&String| width(line) <= LINE_CELLS_MAX;
        assert_eq!((blocks, lines.iter().skip(1).filter(is_short).count()), (2, lines.len() - 1));
    }
}
