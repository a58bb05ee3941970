//! What a round took: by the clock, and of the processor.

use std::{
    fs,
    time::{Duration, Instant},
};

/// Both clocks at the beginning of a round.
pub(crate) struct Clock {
    started: Instant,
    cpu: Duration,
}

/// A round that is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    pub(crate) items: usize,
    pub(crate) elapsed: Duration,
    pub(crate) cpu: Duration,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), cpu: cpu_time() }
    }

    pub(crate) fn spent(&self, items: usize) -> Spent {
        let cpu = cpu_time().saturating_sub(self.cpu);
        Spent { items, elapsed: self.started.elapsed(), cpu }
    }
}

impl Spent {
    /// Items a second.
    pub(crate) fn rate(&self) -> f64 {
        self.items as f64 / self.elapsed.as_secs_f64()
    }

    /// Microseconds of the processor an item.
    pub(crate) fn cpu_micros(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.items as f64
    }
}

/// The round in the middle, by its rate.
pub(crate) fn median(rounds: &[Spent]) -> Spent {
    let mut rounds = rounds.to_vec();
    rounds.sort_by(|one, other| one.rate().total_cmp(&other.rate()));
    rounds[rounds.len() / 2]
}

/// How long calls took, in microseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Latencies {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) cpu_micros: f64,
}

impl Latencies {
    pub(crate) fn new(mut times: Vec<Duration>, spent: Spent) -> Self {
        times.sort_unstable();
        let micros = |share: usize| times[times.len() * share / 100].as_secs_f64() * 1e6;
        Self { p50: micros(50), p99: micros(99), cpu_micros: spent.cpu_micros() }
    }

    /// The median of each figure.
    pub(crate) fn medians(rounds: &[Self]) -> Self {
        let median = |figure: fn(&Self) -> f64| {
            let mut figures: Vec<f64> = rounds.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures[figures.len() / 2]
        };
        Self {
            p50: median(|round| round.p50),
            p99: median(|round| round.p99),
            cpu_micros: median(|round| round.cpu_micros),
        }
    }
}

/// CPU time of this process: `utime` and `stime` of `/proc/self/stat` in hundredths of a second
/// (proc(5)); zero where the system does not tell.
fn cpu_time() -> Duration {
    let Ok(text) = fs::read_to_string("/proc/self/stat") else { return Duration::ZERO };
    // The second field is the name of the program, in parentheses, and may hold anything.
    let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
