//! Whom a name was found to mean, as a table has it for people.

use proto::vocabulary::Verdict;

use super::verdict_name;

/// The end of a row: whom it means, and why.
pub(super) struct Meant<'a> {
    pub(super) verdict: &'static str,
    pub(super) canonical_id: Option<&'a str>,
    pub(super) name: Option<&'a str>,
    pub(super) r#type: Option<&'static str>,
    pub(super) score: f64,
    pub(super) reason: &'a str,
}

impl Meant<'_> {
    /// The titles of its cells.
    pub(super) const TITLES: [&'static str; 5] = ["canonical id", "name", "type", "score", "why"];

    /// `-` for nobody, and `?` for one of several.
    pub(super) fn cells(&self) -> [String; 5] {
        let shown = |value: Option<&str>| value.unwrap_or("-").to_owned();
        let is_ambiguous = self.verdict == verdict_name(Verdict::Ambiguous);
        [
            shown(self.canonical_id.or(is_ambiguous.then_some("?"))),
            shown(self.name),
            shown(self.r#type),
            format!("{:.2}", self.score),
            self.reason.to_owned(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_a_dash_and_one_of_several_a_question() {
        let cells = |verdict| {
            let verdict = verdict_name(verdict);
            let (canonical_id, name, r#type) = (None, None, None);
            Meant { verdict, canonical_id, name, r#type, score: 0.5, reason: "" }.cells()
        };
        assert_eq!(cells(Verdict::NoMatch), ["-", "-", "-", "0.50", ""]);
        assert_eq!(cells(Verdict::Ambiguous)[0], "?");
    }
}
