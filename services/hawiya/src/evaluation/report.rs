//! What an evaluation found, for people and for programs.
//!
//! Every figure has a key (`variants.form.joined`), by which programs read it and limits name it.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::{
    merges::Merges,
    metrics::{Band, Labelled},
};
use crate::sink::layout;

/// The findings of one run.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) rules_version: &'static str,
    /// In the order measured.
    pub(crate) figures: Figures,
    /// Bands of scores, by what was scored.
    pub(super) reliability: BTreeMap<String, Vec<Band>>,
    /// The worst failures, by what failed; only when asked for.
    pub(super) worst: BTreeMap<String, Vec<Failure>>,
    /// The largest buckets of a list, by its name; only when asked for.
    pub(super) over_merge: BTreeMap<String, Merges>,
    /// Files that were found and are of no format.
    pub(super) skipped: Vec<String>,
}

/// One measured value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Figure {
    pub(crate) value: f64,
    /// How many cases it was measured on.
    pub(crate) n: usize,
}

/// Figures by their keys, in the order measured.
#[derive(Debug, Default)]
pub(crate) struct Figures(Vec<(String, Figure)>);

impl Figures {
    /// Adds a figure; one that could not be measured is left out.
    pub(super) fn add(&mut self, key: impl Into<String>, value: impl Into<Option<f64>>, n: usize) {
        if let Some(value) = value.into() {
            self.0.push((key.into(), Figure { value, n }));
        }
    }

    /// Adds a share; of nothing there is none.
    pub(super) fn add_share(&mut self, key: impl Into<String>, hits: usize, n: usize) {
        self.add(key, (n > 0).then(|| hits as f64 / n as f64), n);
    }

    pub(crate) fn get(&self, key: &str) -> Option<Figure> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, figure)| *figure)
    }
}

impl Serialize for Figures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, figure)| (key, figure)))
    }
}

/// Two names that were judged wrongly.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Failure {
    pub(super) a: String,
    /// The other name; of a query, the name that should have been found.
    pub(super) b: String,
    /// How alike they are; of a query, the score of what was found.
    pub(super) score: f64,
    /// What a query found in place of `b`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) found: Option<String>,
}

/// A part of a key: lower case, `_` for whatever is no letter or digit.
pub(crate) fn key_part(text: &str) -> String {
    let letter = |letter: char| if letter.is_alphanumeric() { letter } else { '_' };
    text.to_lowercase().chars().map(letter).collect()
}

impl Report {
    /// How often a score was right, as bands.
    pub(super) fn add_reliability(&mut self, key: impl Into<String>, labelled: &[Labelled]) {
        if !labelled.is_empty() {
            self.reliability.insert(key.into(), super::metrics::reliability(labelled));
        }
    }

    /// Keeps the worst of some failures, which come with the worst first.
    pub(super) fn add_worst(
        &mut self,
        key: impl Into<String>,
        worst: usize,
        failures: impl IntoIterator<Item = Failure>,
    ) {
        let failures: Vec<Failure> = failures.into_iter().take(worst).collect();
        if !failures.is_empty() {
            self.worst.insert(key.into(), failures);
        }
    }

    /// The tables for people.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = self.figure_lines();
        for (key, bands) in &self.reliability {
            lines.push(String::new());
            lines.extend(band_lines(key, bands));
        }
        for (key, failures) in &self.worst {
            lines.push(String::new());
            lines.extend(failure_lines(key, failures));
        }
        for (key, merges) in &self.over_merge {
            lines.push(String::new());
            lines.extend(merges.lines(key));
        }
        lines.extend(self.skipped.iter().map(|file| format!("not a labelled file: {file}")));
        lines.push(format!("rules {}", self.rules_version));
        // The empty lines stand between tables, not before the first.
        lines.into_iter().skip_while(String::is_empty).collect()
    }

    fn figure_lines(&self) -> Vec<String> {
        if self.figures.0.is_empty() {
            return Vec::new();
        }
        let row = |(key, figure): &(String, Figure)| {
            vec![key.clone(), format!("{:>10.4}", figure.value), figure.n.to_string()]
        };
        table(["FIGURE", "     VALUE", "N"], self.figures.0.iter().map(row))
    }
}

/// A table below its titles.
pub(crate) fn table<const COLUMNS: usize>(
    titles: [&str; COLUMNS],
    rows: impl Iterator<Item = Vec<String>>,
) -> Vec<String> {
    let titles = std::iter::once(titles.map(str::to_owned).to_vec());
    layout(&titles.chain(rows).collect::<Vec<_>>())
}

fn band_lines(key: &str, bands: &[Band]) -> Vec<String> {
    let row = |band: &Band| {
        let share = band.share.map_or("-".to_owned(), |share| format!("{share:.4}"));
        let score = format!("{:.1} to {:.1}", band.from, band.to);
        vec![score, format!("{:>6}", band.pairs), share]
    };
    let mut lines = vec![format!("how often a score is of a match: {key}")];
    lines.extend(table(["SCORE", " PAIRS", "MATCHES"], bands.iter().map(row)));
    lines
}

fn failure_lines(key: &str, failures: &[Failure]) -> Vec<String> {
    let row = |failure: &Failure| {
        let found = failure.found.clone().unwrap_or_default();
        vec![format!("{:.4}", failure.score), failure.a.clone(), failure.b.clone(), found]
    };
    let mut lines = vec![format!("worst of {key}")];
    let has_found = failures.iter().any(|failure| failure.found.is_some());
    let titles =
        if has_found { ["SCORE", "ASKED", "EXPECTED", "FOUND"] } else { ["SCORE", "A", "B", ""] };
    lines.extend(table(titles, failures.iter().map(row)));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn report() -> Report {
        let mut report = Report { rules_version: "r1-test", ..Report::default() };
        report.figures.add_share("variants.form.joined", 2, 3);
        report.figures.add_share("variants.none", 0, 0);
        report.figures.add("catalogue.form.expected_bucket", 12.5, 40);
        report.add_reliability("pairs", &[(0.95, true)]);
        let failure =
            Failure { a: "سول".to_owned(), b: "Seoul".to_owned(), score: 0.5, found: None };
        report.add_worst("variants", 1, vec![failure; 2]);
        report
    }

    #[test]
    fn people_read_tables() {
        let shown = report().lines().join("\n").replace(['\u{2067}', '\u{2069}'], "");
        expect![[r#"
            FIGURE                               VALUE  N
            variants.form.joined                0.6667  3
            catalogue.form.expected_bucket     12.5000  40

            how often a score is of a match: pairs
            SCORE        PAIRS  MATCHES
            0.0 to 0.1       0  -
            0.1 to 0.2       0  -
            0.2 to 0.3       0  -
            0.3 to 0.4       0  -
            0.4 to 0.5       0  -
            0.5 to 0.6       0  -
            0.6 to 0.7       0  -
            0.7 to 0.8       0  -
            0.8 to 0.9       0  -
            0.9 to 1.0       1  1.0000

            worst of variants
            SCORE   A    B
            0.5000  سول  Seoul
            rules r1-test"#]]
        .assert_eq(&shown);
    }

    #[test]
    fn programs_read_figures_by_their_keys() {
        let json = serde_json::to_value(report()).unwrap();
        assert_eq!(json["figures"]["variants.form.joined"]["n"], 3);
        assert_eq!(json["figures"]["catalogue.form.expected_bucket"]["value"], 12.5);
        assert_eq!(json["worst"]["variants"][0]["b"], "Seoul");
        assert_eq!(json["rules_version"], "r1-test");
    }

    #[test]
    fn a_part_of_a_key_is_letters_and_digits() {
        assert_eq!(key_part("UN list-1.5"), "un_list_1_5");
    }
}
