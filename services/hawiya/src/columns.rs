//! Words in columns beside each other, drawn for a terminal under the titles of their lines.

use crate::terminal::{padded, visible, width};

/// Columns that would go beyond it continue below.
pub(crate) const LINE_CELLS_MAX: usize = 100;

/// Cells of the titles before the columns.
const TITLE_CELLS: usize = 14;

const SEPARATOR: &str = " │ ";

/// A word and what is said of it, a cell a line.
pub(crate) struct Column {
    cells: Vec<String>,
    width: usize,
}

impl Column {
    /// Cells as the terminal gets them, their right-to-left stretches isolated.
    pub(crate) fn new(cells: Vec<String>) -> Self {
        let width = cells.iter().map(|cell| width(cell)).max().unwrap_or(0);
        Self { cells, width }
    }

    /// The cell of a line; a column may have fewer than others.
    fn cell(&self, line: usize) -> String {
        let cell = self.cells.get(line).map_or("", String::as_str);
        format!("{cell}{}", " ".repeat(self.width.saturating_sub(width(cell))))
    }
}

/// The columns in as many blocks as they need, an empty line before each.
pub(crate) fn lines(titles: &[&str], columns: &[Column]) -> Vec<String> {
    let mut lines = Vec::new();
    for block in blocks(columns) {
        lines.push(String::new());
        let line = |(at, title): (usize, &&str)| {
            let cells: Vec<String> = block.iter().map(|column| column.cell(at)).collect();
            titled(title, cells.join(SEPARATOR).trim_end())
        };
        lines.extend(titles.iter().enumerate().map(line));
    }
    lines
}

/// The columns that stand beside each other.
fn blocks(columns: &[Column]) -> Vec<Vec<&Column>> {
    let mut blocks: Vec<Vec<&Column>> = Vec::new();
    let mut cells = LINE_CELLS_MAX;
    for column in columns {
        cells += column.width + SEPARATOR.chars().count();
        if cells > LINE_CELLS_MAX {
            blocks.push(Vec::new());
            cells = TITLE_CELLS + column.width;
        }
        if let Some(block) = blocks.last_mut() {
            block.push(column);
        }
    }
    blocks
}

/// A value behind its title.
pub(crate) fn titled(title: &str, value: &str) -> String {
    format!("  {}{value}", padded(title, TITLE_CELLS))
}

/// Letters by themselves: none is ∅, and a space can be seen.
pub(crate) fn letters(text: &str) -> String {
    match text {
        "" => "∅".to_owned(),
        " " => "[U+0020]".to_owned(),
        _ => visible(text),
    }
}
