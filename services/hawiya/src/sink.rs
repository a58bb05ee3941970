//! Writes answers: an aligned table for people, JSON lines for programs.

use std::{
    fs::File,
    io::{BufWriter, IsTerminal, Write, stdout},
};

use anyhow::Context;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::cli::{Format, Output};

/// An answer.
pub(crate) trait Row: Serialize {
    /// Titles of the table's columns.
    const COLUMNS: &'static [&'static str];

    /// Cells of the table, as many as there are columns.
    fn cells(&self) -> Vec<String>;
}

/// The line of an item: its answer, or why it has none.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Line<T> {
    Answer(T),
    Failed { input: String, error: String },
}

/// Where answers go.
pub(crate) struct Sink {
    out: Box<dyn Write>,
    format: Format,
    has_title: bool,
}

impl Sink {
    /// Opens what the options name. The table is the default where a person reads.
    pub(crate) fn open(output: &Output) -> anyhow::Result<Self> {
        let (out, is_terminal): (Box<dyn Write>, bool) = match &output.output {
            Some(path) => {
                let file = File::create(path)
                    .with_context(|| format!("cannot write `{}`", path.display()))?;
                (Box::new(BufWriter::new(file)), false)
            }
            None => (Box::new(BufWriter::new(stdout())), stdout().is_terminal()),
        };
        let default = if is_terminal { Format::Table } else { Format::Jsonl };
        Ok(Self { out, format: output.format.unwrap_or(default), has_title: false })
    }

    /// Writes lines that belong together; columns are aligned among them.
    pub(crate) fn write<T: Row>(&mut self, lines: &[Line<T>]) -> anyhow::Result<()> {
        match self.format {
            Format::Jsonl => self.write_json(lines)?,
            Format::Table => self.write_table(lines)?,
        }
        self.out.flush()?;
        Ok(())
    }

    fn write_json<T: Row>(&mut self, lines: &[Line<T>]) -> anyhow::Result<()> {
        for line in lines {
            serde_json::to_writer(&mut self.out, line)?;
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn write_table<T: Row>(&mut self, lines: &[Line<T>]) -> anyhow::Result<()> {
        let mut rows = Vec::with_capacity(lines.len() + 1);
        if !std::mem::replace(&mut self.has_title, true) {
            rows.push(T::COLUMNS.iter().map(|title| title.to_uppercase()).collect());
        }
        rows.extend(lines.iter().map(cells));
        for line in layout(&rows) {
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }
}

fn cells<T: Row>(line: &Line<T>) -> Vec<String> {
    match line {
        Line::Answer(answer) => answer.cells(),
        Line::Failed { input, error } => vec![input.clone(), format!("error: {error}")],
    }
}

/// Lines of cells aligned in columns, two spaces apart; the last cell of a line is not padded and
/// widens no column.
fn layout(rows: &[Vec<String>]) -> Vec<String> {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| one_line(cell)).collect()).collect();
    let mut widths: Vec<usize> = Vec::new();
    for row in &rows {
        for (column, cell) in row.iter().enumerate().take(row.len().saturating_sub(1)) {
            widths.resize(widths.len().max(column + 1), 0);
            widths[column] = widths[column].max(cell.width());
        }
    }
    rows.iter().map(|row| padded(row, &widths)).collect()
}

fn padded(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (column, cell) in row.iter().enumerate() {
        line.push_str(&isolated(cell));
        if column + 1 < row.len() {
            let padding = widths[column].saturating_sub(cell.width()) + 2;
            line.extend(std::iter::repeat_n(' ', padding));
        }
    }
    line.trim_end().to_owned()
}

/// A cell with right-to-left letters stands by itself: without isolates (UAX #9, FSI and PDI) a
/// terminal that lays out text would mix it with its neighbours.
fn isolated(cell: &str) -> String {
    let is_right_to_left =
        |letter: char| matches!(letter, '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FEFC}');
    if cell.chars().any(is_right_to_left) {
        format!("\u{2068}{cell}\u{2069}")
    } else {
        cell.to_owned()
    }
}

/// A cell on one line, without what would move the cursor.
fn one_line(cell: &str) -> String {
    cell.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn columns_are_aligned_by_what_a_terminal_shows() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let rows = [
            row(["INPUT", "ID", "WHY"]),
            row(["평양", "Q18808", "same"]),
            row(["a\u{0301}", "Q1", "x\ny"]),
        ];
        let expected = expect![[r#"
            INPUT  ID      WHY
            평양   Q18808  same
            á      Q1      x y"#]];
        expected.assert_eq(&layout(&rows).join("\n"));
    }

    #[test]
    fn a_right_to_left_cell_is_isolated() {
        assert_eq!(isolated("سول"), "\u{2068}سول\u{2069}");
        assert_eq!(isolated("Seoul"), "Seoul");
    }
}
