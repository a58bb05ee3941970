//! An annotated text as programs and people read it.

use proto::{
    resolution::v1 as wire,
    r#type::v1::{self as shared, Offsets},
};
use serde::Serialize;

use super::pieces::Piece;
use crate::{
    commands::{meant::Meant, rounded, type_name, value_name, verdict_name},
    sink::{Answer, Line, layout},
    terminal::{isolated, visible},
};

/// The mentions of a text; the names of the fields are stable.
#[derive(Debug, Serialize)]
pub(super) struct Annotated {
    pub(super) id: String,
    /// In how many pieces the text was read, when it was too long for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pieces: Option<usize>,
    /// By first byte.
    pub(super) mentions: Vec<Mention>,
    catalogue_version: i64,
    rules_version: String,
    /// What the answer had to do without, such as `registry`; left out when it is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) degradations: Vec<String>,
}

/// A mention; the names of the fields are stable.
#[derive(Debug, Serialize)]
pub(super) struct Mention {
    pub(super) surface: String,
    pub(super) clitics: String,
    form: String,
    pub(super) verdict: &'static str,
    pub(super) canonical_id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) r#type: Option<&'static str>,
    pub(super) score: f64,
    pub(super) reason: String,
    pub(super) byte_start: i32,
    pub(super) byte_end: i32,
    utf16_start: i32,
    utf16_end: i32,
    code_point_start: i32,
    code_point_end: i32,
    /// The fuller mention a short one was bound to: its position in `mentions`.
    bound_to: Option<usize>,
    /// What else it could mean, best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) candidates: Vec<Candidate>,
}

#[derive(Debug, Serialize)]
pub(super) struct Candidate {
    pub(super) canonical_id: String,
    pub(super) name: String,
    score: f64,
}

impl Annotated {
    /// Puts the annotations of the pieces of a text together.
    pub(super) fn new(id: &str, pieces: &[Piece<'_>], annotations: Vec<wire::Annotation>) -> Self {
        let mut annotated = Self {
            id: id.to_owned(),
            pieces: (pieces.len() > 1).then_some(pieces.len()),
            mentions: Vec::new(),
            catalogue_version: 0,
            rules_version: String::new(),
            degradations: Vec::new(),
        };
        for (piece, annotation) in pieces.iter().zip(annotations) {
            for what in annotation.degradations().map(degradation) {
                if !annotated.degradations.contains(&what) {
                    annotated.degradations.push(what);
                }
            }
            let before = annotated.mentions.len();
            let mentions = annotation.mentions.into_iter();
            annotated.mentions.extend(mentions.map(|found| mention(found, piece, before)));
            annotated.catalogue_version = annotation.catalogue_version;
            annotated.rules_version = annotation.rules_version;
        }
        annotated
    }

    /// What people are told of an answer that had to do without something.
    pub(super) fn note(&self) -> Option<String> {
        let what = self.degradations.join(", ").replace('_', " ");
        let note = || format!("not as sure as usual, the service says: {what}");
        (!what.is_empty()).then(note)
    }
}

fn degradation(what: wire::Degradation) -> String {
    value_name(what.as_str_name(), "DEGRADATION_")
}

/// A mention of a piece; `before` mentions are in pieces before it.
fn mention(found: wire::Mention, piece: &Piece<'_>, before: usize) -> Mention {
    let offsets: Offsets = piece.in_text(found.offsets.unwrap_or_default());
    let verdict = verdict_name(found.verdict());
    let entity = found.entity;
    let is_meant = |could: &shared::Candidate| {
        entity.as_ref().is_some_and(|entity| entity.canonical_id == could.canonical_id)
    };
    let others = found.candidates.into_iter().filter(|could| !is_meant(could));
    let candidates = others.map(candidate).collect();
    let bound_to = found.bound_to_mention.and_then(|at| usize::try_from(at).ok());
    Mention {
        surface: found.surface,
        clitics: found.clitics,
        form: found.form,
        verdict,
        canonical_id: entity.as_ref().map(|entity| entity.canonical_id.clone()),
        r#type: entity.as_ref().map(|entity| type_name(entity.r#type())),
        name: entity.map(|entity| entity.name),
        score: rounded(found.score),
        reason: found.reason,
        byte_start: offsets.byte_start,
        byte_end: offsets.byte_end,
        utf16_start: offsets.utf16_start,
        utf16_end: offsets.utf16_end,
        code_point_start: offsets.code_point_start,
        code_point_end: offsets.code_point_end,
        bound_to: bound_to.map(|at| before + at),
        candidates,
    }
}

fn candidate(candidate: shared::Candidate) -> Candidate {
    Candidate {
        canonical_id: candidate.canonical_id,
        name: candidate.name,
        score: rounded(candidate.score),
    }
}

impl Mention {
    fn cells(&self) -> Vec<String> {
        let meant = Meant {
            verdict: self.verdict,
            canonical_id: self.canonical_id.as_deref(),
            name: self.name.as_deref(),
            r#type: self.r#type,
            score: self.score,
            reason: &self.reason,
        };
        let own = [self.code_point_start.to_string(), self.surface.clone()];
        own.into_iter().chain(meant.cells()).collect()
    }
}

impl Answer for Annotated {
    /// A table below the id of each text.
    fn text(lines: &[Line<Self>], is_first: bool) -> Vec<String> {
        let mut shown = Vec::new();
        for line in lines {
            if !(is_first && shown.is_empty()) {
                shown.push(String::new());
            }
            match line {
                Line::Answer(annotated) => shown.extend(annotated.table()),
                Line::Failed { input, error } => {
                    shown.extend([title(input), format!("error: {error}")]);
                }
            }
        }
        shown
    }
}

impl Annotated {
    fn table(&self) -> Vec<String> {
        let titles = ["at", "mention"].into_iter().chain(Meant::TITLES);
        let mut rows = vec![titles.map(str::to_uppercase).collect::<Vec<_>>()];
        rows.extend(self.mentions.iter().map(Mention::cells));
        let mut lines = vec![title(&self.id)];
        lines.extend(self.note());
        if self.mentions.is_empty() {
            lines.push("nobody known is mentioned".to_owned());
        } else {
            lines.extend(layout(&rows));
        }
        lines
    }
}

fn title(id: &str) -> String {
    isolated(&visible(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::annotate::pieces::pieces;
    use expect_test::expect;
    use proto::vocabulary::Verdict;

    fn found(start: i32, surface: &str) -> wire::Mention {
        let mut found = wire::Mention {
            offsets: Some(Offsets {
                byte_start: start,
                code_point_start: start,
                ..Offsets::default()
            }),
            surface: surface.to_owned(),
            score: 0.98,
            reason: "the same form".to_owned(),
            entity: Some(wire::EntitySummary {
                canonical_id: "Q58217".to_owned(),
                name: "Sergey Lavrov".to_owned(),
                r#type: shared::EntityType::Person.into(),
                ..Default::default()
            }),
            ..Default::default()
        };
        found.set_verdict(Verdict::Match);
        found
    }

    #[test]
    fn people_read_a_table_below_the_id_of_each_text() {
        let mut ambiguous = found(9, "كيم");
        ambiguous.set_verdict(Verdict::Ambiguous);
        ambiguous.entity = None;
        let annotation = wire::Annotation {
            mentions: vec![found(0, "لافروف"), ambiguous],
            ..Default::default()
        };
        let annotated = Annotated::new("a.txt", &pieces("لافروف, كيم"), vec![annotation]);
        let empty = Annotated::new("b.txt", &pieces("x"), vec![wire::Annotation::default()]);
        let failed = Line::Failed { input: "c.txt".to_owned(), error: "not UTF-8".to_owned() };
        let lines = Annotated::text(&[Line::Answer(annotated), Line::Answer(empty), failed], true);
        expect![[r#"
            a.txt
            AT  MENTION  CANONICAL ID  NAME           TYPE    SCORE  WHY
            0   لافروف   Q58217        Sergey Lavrov  person  0.98   the same form
            9   كيم      ?             -              -       0.98   the same form

            b.txt
            nobody known is mentioned

            c.txt
            error: not UTF-8"#]]
        .assert_eq(&lines.join("\n").replace(['\u{2067}', '\u{2069}'], ""));
    }

    #[test]
    fn a_short_mention_of_a_later_piece_is_bound_within_that_piece() {
        let text = format!("{}\n\nلافروف قال لافروف", "ا".repeat(100_000));
        let pieces = pieces(&text);
        assert_eq!(pieces.len(), 2);
        let mut bound = found(12, "لافروف");
        bound.bound_to_mention = Some(0);
        let annotations = vec![
            wire::Annotation { mentions: vec![found(0, "ا")], ..Default::default() },
            wire::Annotation {
                mentions: vec![found(0, "لافروف"), bound], ..Default::default()
            },
        ];
        let annotated = Annotated::new("long", &pieces, annotations);
        assert_eq!((annotated.pieces, annotated.mentions[2].bound_to), (Some(2), Some(1)));
    }

    #[test]
    fn what_an_answer_had_to_do_without_is_told_once() {
        let annotation = |what: &[wire::Degradation]| wire::Annotation {
            degradations: what.iter().map(|what| (*what).into()).collect(),
            ..Default::default()
        };
        let text = format!("{}\n\nx", "ا".repeat(100_000));
        let both = [wire::Degradation::Registry, wire::Degradation::IndexStale];
        let annotations = vec![annotation(&both[..1]), annotation(&both)];
        let annotated = Annotated::new("a", &pieces(&text), annotations);
        let line = serde_json::to_value(&annotated).unwrap();
        assert_eq!(line["degradations"], serde_json::json!(["registry", "index_stale"]));
        assert!(annotated.table()[1].contains("registry, index stale"), "{:?}", annotated.table());
        let whole = Annotated::new("b", &pieces("x"), vec![annotation(&[])]);
        assert!(serde_json::to_value(&whole).unwrap().get("degradations").is_none());
        assert_eq!(whole.note(), None);
    }
}
