//! Two entities that may be one.

use proto::registry::v1 as wire;
use serde::{Deserialize, Serialize};

use crate::sink::Row;

/// Two entities that may be one, as programs read and write it; the names of the fields are stable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Pair {
    /// Nobody has decided yet when there is none.
    #[serde(default)]
    pub(super) decision: Option<Decision>,
    #[serde(default)]
    pub(super) score: f64,
    /// The entity that would keep its id.
    pub(super) survivor: Side,
    /// The entity that would redirect to it.
    pub(super) merged: Side,
}

/// What a person decides about a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Decision {
    /// They are one.
    Yes,
    /// They are two.
    No,
    /// To be asked again later.
    Defer,
}

/// One entity of a pair: what tells it from others. Only the id is read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Side {
    pub(super) canonical_id: String,
    #[serde(default)]
    pub(super) names: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) country: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) date: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) description: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) dataset: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) external_ids: Vec<String>,
}

/// Names of an entity that are shown.
const NAMES_SHOWN: usize = 8;

impl Pair {
    /// The pair of two entities, the better known of which survives.
    pub(super) fn new(a: &wire::Entity, b: &wire::Entity, score: f64) -> Self {
        let (survivor, merged) = if worth(a) >= worth(b) { (a, b) } else { (b, a) };
        let score = super::super::rounded(score);
        Self { decision: None, score, survivor: survivor.into(), merged: merged.into() }
    }

    /// Both ids, the same whichever of them survives.
    pub(super) fn key(&self) -> (String, String) {
        let (a, b) = (&self.survivor.canonical_id, &self.merged.canonical_id);
        if a <= b { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) }
    }
}

/// What speaks for an entity as the survivor: how well it is known, how much is known of it, and
/// that its id was given earlier; at last the id, so that it is never chance.
fn worth(entity: &wire::Entity) -> (i64, usize, i64, std::cmp::Reverse<&str>) {
    // Prominence is from 0 to 1.
    let prominence = (entity.prominence * 1e6) as i64;
    let known = entity.names.len() + entity.external_ids.len();
    let created = entity.create_time.as_ref().map_or(0, |time| time.seconds);
    (prominence, known, -created, std::cmp::Reverse(&entity.canonical_id))
}

impl From<&wire::Entity> for Side {
    fn from(entity: &wire::Entity) -> Self {
        let draft = registry::entity::Proposal::from(entity.clone()).draft;
        let date = draft.birth_date.or(draft.founding_date);
        let ids = draft.external_ids.iter();
        Self {
            names: draft.names.iter().take(NAMES_SHOWN).map(|name| name.text.clone()).collect(),
            date: date.map_or_else(String::new, |date| date.to_string()),
            external_ids: ids.map(|id| format!("{}:{}", id.scheme, id.value)).collect(),
            canonical_id: draft.id,
            country: draft.country,
            description: draft.description,
            dataset: draft.dataset,
        }
    }
}

impl Side {
    /// The entity in words, a line a fact.
    pub(super) fn lines(&self) -> Vec<String> {
        let facts = [&self.country, &self.date, &self.dataset, &self.description];
        let facts: Vec<&str> =
            facts.into_iter().map(String::as_str).filter(|fact| !fact.is_empty()).collect();
        let lines = [self.names.join(" · "), facts.join(", "), self.external_ids.join(", ")];
        lines.into_iter().filter(|line| !line.is_empty()).collect()
    }

    fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }
}

impl Row for Pair {
    const COLUMNS: &'static [&'static str] = &["score", "survivor", "name", "merged", "name"];

    fn cells(&self) -> Vec<String> {
        let side = |side: &Side| [side.canonical_id.clone(), side.name().to_owned()];
        let mut cells = vec![format!("{:.2}", self.score)];
        cells.extend(side(&self.survivor).into_iter().chain(side(&self.merged)));
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(id: &str, prominence: f64, names: usize) -> wire::Entity {
        let name =
            |at: usize| proto::r#type::v1::Name { text: format!("n{at}"), ..Default::default() };
        let names = (0..names).map(name).collect();
        wire::Entity { canonical_id: id.to_owned(), prominence, names, ..Default::default() }
    }

    #[test]
    fn the_better_known_entity_survives_in_whatever_order_they_come() {
        let cases = [
            (entity("b", 0.5, 1), entity("a", 0.1, 9)),
            (entity("b", 0.0, 3), entity("a", 0.0, 2)),
            (entity("a", 0.0, 1), entity("b", 0.0, 1)),
        ];
        for (survivor, merged) in cases {
            let pair = Pair::new(&survivor, &merged, 0.9);
            assert_eq!(pair.survivor.canonical_id, survivor.canonical_id);
            assert_eq!(pair, Pair::new(&merged, &survivor, 0.9));
            assert_eq!(pair.key(), ("a".to_owned(), "b".to_owned()));
        }
    }

    #[test]
    fn a_line_needs_two_ids_and_a_decision() {
        let line =
            r#"{"decision":"yes","survivor":{"canonical_id":"a"},"merged":{"canonical_id":"b"}}"#;
        let pair: Pair = serde_json::from_str(line).unwrap();
        assert_eq!(pair.decision, Some(Decision::Yes));
        let again: Pair = serde_json::from_str(&serde_json::to_string(&pair).unwrap()).unwrap();
        assert_eq!(again, pair);
    }
}
