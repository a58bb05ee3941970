//! What is counted of a run: in memory that does not grow, and kept in the checkpoint.

use std::time::Duration;

use proto::vocabulary::{MatchKind, NoMatchReason, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    super::value_name,
    answer::Answer,
    row::{Origin, Outcome},
};

/// Steps of the histogram of scores: 0.05 each; 1.0 is in the last.
pub(super) const SCORE_STEPS: usize = 20;

/// Points of the curve of the rate: when there are more, every second is left out.
const POINTS_MAX: usize = 240;

/// Counts of a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) rows: u64,
    pub(super) matched: u64,
    pub(super) ambiguous: u64,
    pub(super) no_match: u64,
    pub(super) errors: u64,
    /// Of what did not match, by the number of its reason.
    pub(super) reasons: [u64; 6],
    /// Of what matched, by the number of how.
    pub(super) kinds: [u64; 7],
    /// In the order of [`Origin::ALL`].
    pub(super) origins: [u64; 4],
    /// Of the best candidates, where there were any.
    pub(super) scores: [u64; SCORE_STEPS],
    pub(super) degraded: u64,
    /// The lowest and the highest of the answers.
    pub(super) catalogue_versions: Option<(i64, i64)>,
    pub(super) rules_version: String,
    pub(super) reconnected: u64,
    /// How often the run was gone on with.
    pub(super) resumed: u64,
    /// Seconds of all its runs together.
    pub(super) seconds: f64,
    /// Seconds of all its runs, and rows by then.
    pub(super) points: Vec<(f64, u64)>,
    /// Points of which only one is kept.
    every: u64,
    since_point: u64,
}

impl Tally {
    pub(super) fn count(&mut self, outcome: &Outcome, origin: Origin) {
        self.rows += 1;
        match outcome {
            Ok(answer) => self.count_answer(answer, origin),
            Err(_) => self.errors += 1,
        }
    }

    fn count_answer(&mut self, answer: &Answer, origin: Origin) {
        self.origins[origin as usize] += 1;
        self.degraded += u64::from(answer.is_degraded);
        match answer.verdict {
            Verdict::Match => {
                self.matched += 1;
                add(&mut self.kinds, answer.kind as i32);
            }
            Verdict::Ambiguous => self.ambiguous += 1,
            Verdict::NoMatch | Verdict::Unspecified => {
                self.no_match += 1;
                add(&mut self.reasons, answer.no_match_reason as i32);
            }
        }
        if answer.score > 0.0 {
            let step = (answer.score * SCORE_STEPS as f64) as usize;
            self.scores[step.min(SCORE_STEPS - 1)] += 1;
        }
        let version = answer.catalogue_version;
        let (low, high) = self.catalogue_versions.unwrap_or((version, version));
        self.catalogue_versions = Some((low.min(version), high.max(version)));
    }

    /// Notes how far all runs together are.
    pub(super) fn point(&mut self, elapsed: Duration) {
        self.since_point += 1;
        if self.since_point < self.every.max(1) {
            return;
        }
        self.since_point = 0;
        self.points.push((elapsed.as_secs_f64(), self.rows));
        if self.points.len() >= POINTS_MAX {
            let mut at = 0;
            self.points.retain(|_| {
                at += 1;
                at % 2 == 0
            });
            self.every = self.every.max(1) * 2;
        }
    }

    /// Rows a second, over all runs.
    pub(super) fn rate(&self) -> f64 {
        self.rows as f64 / self.seconds.max(0.001)
    }

    /// Why nothing matched, most frequent first.
    pub(super) fn no_match_reasons(&self) -> Vec<(String, u64)> {
        let name = |number: i32| {
            let reason = NoMatchReason::try_from(number).unwrap_or_default();
            value_name(reason.as_str_name(), "NO_MATCH_REASON_")
        };
        named(&self.reasons, name)
    }

    /// How what matched was alike, most frequent first.
    pub(super) fn match_kinds(&self) -> Vec<(String, u64)> {
        let name = |number: i32| {
            let kind = MatchKind::try_from(number).unwrap_or_default();
            value_name(kind.as_str_name(), "MATCH_KIND_")
        };
        named(&self.kinds, name)
    }

    /// Where answers came from.
    pub(super) fn origins(&self) -> impl Iterator<Item = (&'static str, u64)> + use<'_> {
        Origin::ALL.iter().map(|(origin, name)| (*name, self.origins[*origin as usize]))
    }

    /// The summary for programs; its keys are stable.
    pub(super) fn json(&self) -> Value {
        let counts = |all: Vec<(String, u64)>| {
            let all = all.into_iter().map(|(name, count)| (name, json!(count)));
            all.collect::<serde_json::Map<String, Value>>()
        };
        let origins = self.origins().map(|(name, count)| (name.to_owned(), count)).collect();
        let (lowest, highest) = self.catalogue_versions.unzip();
        json!({
            "rows": self.rows,
            "match": self.matched,
            "ambiguous": self.ambiguous,
            "no_match": self.no_match,
            "no_match_reasons": counts(self.no_match_reasons()),
            "match_kinds": counts(self.match_kinds()),
            "errors": self.errors,
            "origins": counts(origins),
            "degraded": self.degraded,
            "reconnected": self.reconnected,
            "resumed": self.resumed,
            "seconds": (self.seconds * 1_000.0).round() / 1_000.0,
            "rows_per_second": self.rate().round(),
            "catalogue_version_min": lowest,
            "catalogue_version_max": highest,
            "rules_version": self.rules_version,
            "hawiya_version": env!("CARGO_PKG_VERSION"),
        })
    }

    /// The summary for people.
    pub(super) fn text(&self) -> Vec<String> {
        let share = |count: u64| 100.0 * count as f64 / self.rows.max(1) as f64;
        let line =
            |name: &str, count: u64| format!("{name:<22}{count:>12}  {:5.1} %", share(count));
        let mut lines = vec![
            format!("{:<22}{:>12}", "rows", self.rows),
            line("match", self.matched),
            line("ambiguous", self.ambiguous),
            line("no match", self.no_match),
        ];
        let reasons = self.no_match_reasons();
        lines.extend(
            reasons
                .iter()
                .map(|(name, count)| line(&format!("  {}", name.replace('_', " ")), *count)),
        );
        lines.push(line("errors", self.errors));
        let origins = self.origins().filter(|(_, count)| *count > 0);
        lines.extend(origins.map(|(name, count)| {
            let shown = match name {
                "run" => "answered before".to_owned(),
                other => other.replace('_', " "),
            };
            line(&format!("from: {shown}"), count)
        }));
        if self.degraded > 0 {
            lines.push(line("without a service", self.degraded));
        }
        let (seconds, rate) = (self.seconds, self.rate());
        lines.push(format!("{:<22}{seconds:>12.1}  {rate:.0} rows a second", "seconds"));
        lines
    }
}

fn add(counts: &mut [u64], number: i32) {
    if let Some(count) = usize::try_from(number).ok().and_then(|at| counts.get_mut(at)) {
        *count += 1;
    }
}

fn named(counts: &[u64], name: impl Fn(i32) -> String) -> Vec<(String, u64)> {
    let some = (0..).zip(counts).filter(|(_, count)| **count > 0);
    let mut named: Vec<_> = some.map(|(number, count)| (name(number), *count)).collect();
    named.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_of_the_rate_has_a_limit_and_keeps_its_shape() {
        let mut tally = Tally::default();
        for second in 1..=10_000 {
            tally.rows += 7;
            tally.point(Duration::from_secs(second));
        }
        assert!((POINTS_MAX / 4..POINTS_MAX).contains(&tally.points.len()));
        assert!(tally.points.iter().all(|(seconds, rows)| *rows == *seconds as u64 * 7));
        assert!(tally.points.last().unwrap().0 > 9_000.0, "{:?}", tally.points.last());
    }
}
