//! Writes answers: an aligned table for people, JSON lines for programs.

use std::{
    fs::File,
    io::{BufWriter, IsTerminal, Write, stdout},
};

use anyhow::Context;
use serde::Serialize;

use crate::{
    cli::{Format, Output},
    terminal::{padded, width},
};

/// An answer: an object for programs, lines of text for people.
pub(crate) trait Answer: Serialize + Sized {
    /// Answers that belong together, as people read them. `is_first`: nothing was written before.
    fn text(lines: &[Line<Self>], is_first: bool) -> Vec<String>;
}

/// An answer that fits a line of a table.
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

impl<T: Row> Answer for T {
    /// A table; its title stands over the first lines.
    fn text(lines: &[Line<Self>], is_first: bool) -> Vec<String> {
        let mut rows = Vec::with_capacity(lines.len() + 1);
        if is_first {
            rows.push(T::COLUMNS.iter().map(|title| title.to_uppercase()).collect());
        }
        rows.extend(lines.iter().map(cells));
        layout(&rows)
    }
}

/// Where answers go.
pub(crate) struct Sink {
    out: Box<dyn Write>,
    format: Format,
    is_first: bool,
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
        Ok(Self { out, format: output.format.unwrap_or(default), is_first: true })
    }

    /// Writes lines that belong together; columns are aligned among them.
    pub(crate) fn write<T: Answer>(&mut self, lines: &[Line<T>]) -> anyhow::Result<()> {
        match self.format {
            Format::Jsonl => self.write_json(lines)?,
            Format::Table => self.write_text(lines)?,
        }
        self.out.flush()?;
        Ok(())
    }

    fn write_json<T: Answer>(&mut self, lines: &[Line<T>]) -> anyhow::Result<()> {
        for line in lines {
            serde_json::to_writer(&mut self.out, line)?;
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn write_text<T: Answer>(&mut self, lines: &[Line<T>]) -> anyhow::Result<()> {
        for line in T::text(lines, std::mem::replace(&mut self.is_first, false)) {
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
pub(crate) fn layout(rows: &[Vec<String>]) -> Vec<String> {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| one_line(cell)).collect()).collect();
    let mut widths: Vec<usize> = Vec::new();
    for row in &rows {
        for (column, cell) in row.iter().enumerate().take(row.len().saturating_sub(1)) {
            widths.resize(widths.len().max(column + 1), 0);
            widths[column] = widths[column].max(width(cell));
        }
    }
    rows.iter().map(|row| aligned(row, &widths)).collect()
}

fn aligned(row: &[String], widths: &[usize]) -> String {
    let cell = |(column, cell): (usize, &String)| {
        // The last column has no width.
        padded(cell, widths.get(column).copied().unwrap_or(0))
    };
    let cells: Vec<String> = row.iter().enumerate().map(cell).collect();
    cells.join("  ").trim_end().to_owned()
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
}
