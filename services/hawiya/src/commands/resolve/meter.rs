//! How far a run is: a bar with rate and time left on a terminal, a line every ten seconds elsewhere.

use std::{
    io::{IsTerminal, Write, stderr},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::import::Progress;

/// How often a line is written where nobody watches.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Parts of a whole, as the bar counts them.
const WHOLE: u64 = 10_000;

/// What a run is measured against.
pub(super) enum Extent {
    /// How much of the file is read. It is read ahead of what is answered, by a few chunks.
    Read(Progress),
    /// So many rows.
    Rows(u64),
}

/// Shows how far a run is.
pub(super) struct Meter {
    extent: Extent,
    start: Instant,
    /// Rows that an earlier run had written.
    rows_before: u64,
    /// How far the run was when it was shown first: what an earlier run did says nothing of the time left.
    begun_at: Option<f64>,
    shown: Shown,
}

enum Shown {
    Nothing,
    Bar(ProgressBar),
    Lines { last: Instant },
}

impl Meter {
    pub(super) fn new(extent: Extent, rows_before: u64, is_quiet: bool) -> Self {
        let start = Instant::now();
        let shown = match (is_quiet, stderr().is_terminal()) {
            (true, _) => Shown::Nothing,
            (false, true) => Shown::Bar(bar()),
            (false, false) => Shown::Lines { last: start },
        };
        Self { extent, start, rows_before, begun_at: None, shown }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Shows that so many rows are written, when it is time.
    pub(super) fn show(&mut self, rows: u64) {
        let (fraction, elapsed) = (self.fraction(rows), self.start.elapsed());
        let new = rows.saturating_sub(self.rows_before);
        let begun_at = match (self.begun_at, self.rows_before) {
            (Some(begun_at), _) => begun_at,
            (None, 0) => 0.0,
            (None, _) => fraction.unwrap_or(0.0),
        };
        self.begun_at = Some(begun_at);
        match &mut self.shown {
            Shown::Nothing => {}
            Shown::Bar(bar) => {
                bar.set_position((fraction.unwrap_or(0.0) * WHOLE as f64) as u64);
                bar.set_message(told(rows, new, fraction, begun_at, elapsed));
            }
            Shown::Lines { last } => {
                if last.elapsed() >= LINE_EVERY {
                    *last = Instant::now();
                    // Nobody is left to tell when standard error is gone.
                    drop(writeln!(
                        stderr(),
                        "hawiya: {}",
                        told(rows, new, fraction, begun_at, elapsed)
                    ));
                }
            }
        }
    }

    /// Takes the bar away.
    pub(super) fn clear(&self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }

    fn fraction(&self, rows: u64) -> Option<f64> {
        match &self.extent {
            Extent::Read(progress) => progress.fraction(),
            Extent::Rows(0) => None,
            Extent::Rows(all) => Some(rows as f64 / *all as f64),
        }
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:32} {msg}");
    let bar = ProgressBar::new(WHOLE);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn told(rows: u64, new: u64, fraction: Option<f64>, begun_at: f64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64().max(0.001);
    let part = fraction.map_or_else(String::new, |part| format!("{:.0} %, ", part * 100.0));
    let left = fraction.filter(|part| *part > begun_at).map_or_else(String::new, |part| {
        let left = seconds * (1.0 - part).max(0.0) / (part - begun_at);
        format!(", about {left:.0} s left")
    });
    format!("{part}{rows} rows, {:.0} rows a second{left}", new as f64 / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_how_fast_and_how_long_still() {
        let elapsed = Duration::from_secs(10);
        assert_eq!(
            told(500, 100, Some(0.25), 0.0, elapsed),
            "25 %, 500 rows, 10 rows a second, about 30 s left"
        );
        assert_eq!(
            told(900, 100, Some(0.9), 0.8, elapsed),
            "90 %, 900 rows, 10 rows a second, about 10 s left",
            "of a run that was gone on with"
        );
        assert_eq!(told(100, 100, None, 0.0, elapsed), "100 rows, 10 rows a second");
    }
}
