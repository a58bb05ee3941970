//! Why two names have their score: for programs as it is, for people drawn in columns.
//!
//! The words of both names stand beside each other in the order of the first, words without a partner
//! too; below each pair how alike it is and the edits between them, each with its cost.

use proto::r#type::v1 as shared;
use serde::Serialize;

use super::{rounded, value_name};
use crate::{
    columns::{self, Column, LINE_CELLS_MAX, letters, titled},
    terminal::{isolated, visible},
};

/// As many names as a message may ask explanations for.
pub(super) const EXPLAINED_ITEMS_MAX: usize = 100;

/// An explanation as programs read it; the names of the fields are stable.
#[derive(Debug, Serialize)]
pub(super) struct Explanation {
    query_form: String,
    name_form: String,
    alignments: Vec<Alignment>,
    evidence: Vec<Evidence>,
    rule_ids: Vec<String>,
}

/// A word of each name; one of them may be empty.
#[derive(Debug, Serialize)]
struct Alignment {
    query_token: String,
    name_token: String,
    similarity: f64,
    role: String,
    operations: Vec<Operation>,
}

#[derive(Debug, Serialize)]
struct Operation {
    from: String,
    to: String,
    cost: f64,
}

#[derive(Debug, Serialize)]
struct Evidence {
    field: String,
    agreement: String,
    query_value: String,
    entity_value: String,
    score_delta: f64,
}

impl Explanation {
    /// The lines below the two names.
    pub(super) fn lines(&self) -> Vec<String> {
        let forms = [&self.query_form, &self.name_form].map(|form| isolated(&visible(form)));
        let sign = if self.query_form == self.name_form { "=" } else { "≠" };
        let mut lines = vec![titled("forms", &format!("{} {sign} {}", forms[0], forms[1]))];
        let columns: Vec<Column> = self.alignments.iter().map(Alignment::column).collect();
        let edits_max =
            self.alignments.iter().map(|alignment| alignment.operations.len()).max().unwrap_or(0);
        let mut titles = vec!["words", "", "alike", "role"];
        titles.extend((0..edits_max).map(|at| if at == 0 { "edits" } else { "" }));
        lines.extend(columns::lines(&titles, &columns));
        lines.push(String::new());
        lines.extend(self.evidence.iter().map(Evidence::line));
        lines.extend(listed("rules", &self.rule_ids));
        lines
    }
}

impl Alignment {
    fn column(&self) -> Column {
        let word = |text: &str| isolated(&letters(text));
        let mut cells = vec![word(&self.query_token), word(&self.name_token)];
        cells.extend([format!("{:.2}", self.similarity), self.role.clone()]);
        cells.extend(self.operations.iter().map(Operation::cell));
        Column::new(cells)
    }
}

impl Operation {
    /// Each letter is isolated by itself: on both sides of the arrow they would be one stretch.
    fn cell(&self) -> String {
        let [from, to] = [&self.from, &self.to].map(|text| isolated(&letters(text)));
        format!("{from} → {to} {:.2}", self.cost)
    }
}

impl Evidence {
    fn line(&self) -> String {
        let [query, entity] =
            [&self.query_value, &self.entity_value].map(|value| isolated(&letters(value)));
        let Self { field, agreement, score_delta, .. } = self;
        titled("evidence", &format!("{field} {agreement} {query} / {entity} {score_delta:+.2}"))
    }
}

/// Words behind their title, in as many lines as they need; no line when there are none.
fn listed(title: &str, words: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.len() + word.len() < LINE_CELLS_MAX => {
                line.push_str(", ");
                line.push_str(word);
            }
            _ => lines.push(titled(if lines.is_empty() { title } else { "" }, word)),
        }
    }
    lines
}

impl From<shared::Explanation> for Explanation {
    fn from(explanation: shared::Explanation) -> Self {
        Self {
            query_form: explanation.query_form,
            name_form: explanation.name_form,
            alignments: explanation.alignments.into_iter().map(Alignment::from).collect(),
            evidence: explanation.evidence.into_iter().map(Evidence::from).collect(),
            rule_ids: explanation.rule_ids,
        }
    }
}

impl From<shared::TokenAlignment> for Alignment {
    fn from(alignment: shared::TokenAlignment) -> Self {
        Self {
            role: value_name(alignment.role().as_str_name(), "TOKEN_ROLE_"),
            query_token: alignment.query_token,
            name_token: alignment.name_token,
            similarity: rounded(alignment.similarity),
            operations: alignment.operations.into_iter().map(Operation::from).collect(),
        }
    }
}

impl From<shared::EditOperation> for Operation {
    fn from(edit: shared::EditOperation) -> Self {
        Self { from: edit.from, to: edit.to, cost: rounded(edit.cost) }
    }
}

impl From<shared::EvidenceOutcome> for Evidence {
    fn from(outcome: shared::EvidenceOutcome) -> Self {
        Self {
            agreement: value_name(outcome.agreement().as_str_name(), "AGREEMENT_"),
            field: outcome.field,
            query_value: outcome.query_value,
            entity_value: outcome.entity_value,
            score_delta: rounded(outcome.score_delta),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn alignment(
        query: &str,
        name: &str,
        similarity: f64,
        edits: &[(&str, &str, f64)],
    ) -> Alignment {
        let operation = |(from, to, cost): &(&str, &str, f64)| Operation {
            from: (*from).to_owned(),
            to: (*to).to_owned(),
            cost: *cost,
        };
        Alignment {
            query_token: query.to_owned(),
            name_token: name.to_owned(),
            similarity,
            role: "word".to_owned(),
            operations: edits.iter().map(operation).collect(),
        }
    }

    #[test]
    fn words_stand_beside_each_other_with_their_edits_below() {
        let explanation = Explanation {
            query_form: "سرجلفرف".to_owned(),
            name_form: "lavrov".to_owned(),
            alignments: vec![
                alignment("سيرجي", "سيرغي", 0.97, &[("ج", "غ", 0.35)]),
                alignment("لافروف", "lavrov", 0.9, &[("f", "v", 0.2), ("u", "o", 0.5)]),
                alignment("", "jr", 0.0, &[]),
            ],
            evidence: vec![Evidence {
                field: "birth_date".to_owned(),
                agreement: "agrees".to_owned(),
                query_value: "1950".to_owned(),
                entity_value: "1950-03-21".to_owned(),
                score_delta: 0.05,
            }],
            rule_ids: vec!["ar-inner-vowel".to_owned(), "skeleton-latin".to_owned()],
        };
        // Isolates are shown as ⟨ and ⟩.
        let lines = explanation.lines();
        let lines: Vec<&str> =
            lines.iter().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
        let shown = lines.join("\n");
        let shown = shown.replace('\u{2067}', "⟨").replace('\u{2069}', "⟩");
        expect![[r#"
              forms         ⟨سرجلفرف⟩ ≠ lavrov

              words         ⟨سيرجي⟩      │ ⟨لافروف⟩     │ ∅
                            ⟨سيرغي⟩      │ lavrov     │ jr
              alike         0.97       │ 0.90       │ 0.00
              role          word       │ word       │ word
              edits         ⟨ج⟩ → ⟨غ⟩ 0.35 │ f → v 0.20 │
                                       │ u → o 0.50 │

              evidence      birth_date agrees 1950 / 1950-03-21 +0.05
              rules         ar-inner-vowel, skeleton-latin"#]]
        .assert_eq(&shown);
    }

    #[test]
    fn many_rules_go_on_below() {
        let lines = listed("rules", &vec!["ar-inner-vowel".to_owned(); 9]);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.len() <= LINE_CELLS_MAX + 2), "{lines:?}");
    }
}
