//! How far an import is, on one line of the terminal that is written over and over.

use std::{
    io::{IsTerminal, Write, stderr},
    time::{Duration, Instant},
};

use super::stream::Counts;
use crate::import::Progress;

/// How often the line is written.
const SHOW_EVERY: Duration = Duration::from_millis(200);

/// Shows how far an import is, to people only.
pub(super) struct Meter {
    files: Vec<Progress>,
    start: Instant,
    shown: Option<Instant>,
    is_watched: bool,
}

impl Meter {
    pub(super) fn new(files: impl Iterator<Item = Progress>) -> Self {
        let is_watched = stderr().is_terminal();
        Self { files: files.collect(), start: Instant::now(), shown: None, is_watched }
    }

    /// Shows the counts when it is time.
    pub(super) fn show(&mut self, counts: &Counts) -> std::io::Result<()> {
        let is_time = self.shown.is_none_or(|shown| shown.elapsed() >= SHOW_EVERY);
        if !self.is_watched || !is_time {
            return Ok(());
        }
        self.shown = Some(Instant::now());
        let line = line(counts.rows, counts.rejected, self.start.elapsed(), self.fraction());
        // Over the line before, of which nothing may stay.
        write!(stderr(), "\r\u{1B}[K{line}")?;
        stderr().flush()
    }

    /// Takes the line away, for what is written next.
    pub(super) fn clear(&self) -> std::io::Result<()> {
        if self.shown.is_some() { write!(stderr(), "\r\u{1B}[K") } else { Ok(()) }
    }

    /// How much of all files is read, when their sizes are known.
    fn fraction(&self) -> Option<f64> {
        let fractions: Option<Vec<f64>> = self.files.iter().map(Progress::fraction).collect();
        let fractions = fractions.filter(|fractions| !fractions.is_empty())?;
        Some(fractions.iter().sum::<f64>() / fractions.len() as f64)
    }
}

fn line(rows: i64, rejected: i64, elapsed: Duration, fraction: Option<f64>) -> String {
    let speed = rows as f64 / elapsed.as_secs_f64().max(0.001);
    let part = fraction.map_or_else(String::new, |part| format!("{:3.0} %, ", part * 100.0));
    format!("{part}{rows} rows, {rejected} refused, {speed:.0} rows a second")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_and_how_fast() {
        let second = Duration::from_secs(2);
        assert_eq!(line(10, 1, second, Some(0.25)), " 25 %, 10 rows, 1 refused, 5 rows a second");
        assert_eq!(line(10, 0, second, None), "10 rows, 0 refused, 5 rows a second");
    }
}
