//! Annotations put together from what the neighbours said.

use std::collections::HashMap;

use chassis::Fault;
use proto::{
    matching::v1 as matching, registry::v1 as registry, resolution::v1 as wire,
    r#type::v1 as shared, vocabulary::Verdict,
};
use wire::annotate_outcome::Outcome;

use super::super::encode::summary_of;
use crate::reason::{MentionGrounds, mention as mention_reason};

/// What is common to the annotations of one call.
pub(super) struct Common<'a> {
    pub(super) display_language: &'a str,
    pub(super) catalogue_version: i64,
    pub(super) rules_version: &'a str,
    /// By canonical id; those are missing that the registry was not there for.
    pub(super) entities: &'a HashMap<String, registry::Entity>,
    pub(super) degradations: &'a [wire::Degradation],
}

/// What the matcher found in a text, as an annotation.
pub(super) fn outcome(
    document_id: &str,
    passage: &matching::Passage,
    found: Option<matching::mention_outcome::Outcome>,
    common: &Common<'_>,
) -> Outcome {
    use matching::mention_outcome::Outcome as Found;
    match found {
        Some(Found::Result(result)) => {
            Outcome::Annotation(annotation(document_id, passage, result, common))
        }
        Some(Found::Error(item)) => Outcome::Error(item),
        None => Outcome::Error(Fault::Internal("a text without an outcome".into()).into_item()),
    }
}

fn annotation(
    document_id: &str,
    passage: &matching::Passage,
    result: matching::MentionResult,
    common: &Common<'_>,
) -> wire::Annotation {
    let surfaces: Vec<String> =
        result.mentions.iter().map(|mention| surface(passage, mention).to_owned()).collect();
    let mentions = result.mentions.into_iter().enumerate();
    wire::Annotation {
        document_id: document_id.to_owned(),
        mentions: mentions.map(|(at, found)| mention(at, found, &surfaces, common)).collect(),
        catalogue_version: common.catalogue_version,
        rules_version: common.rules_version.to_owned(),
        degradations: common.degradations.iter().map(|what| (*what).into()).collect(),
    }
}

fn surface<'p>(passage: &'p matching::Passage, mention: &matching::FoundMention) -> &'p str {
    let offsets = mention.offsets.unwrap_or_default();
    let byte = |byte: i32| usize::try_from(byte).unwrap_or(0);
    passage.text.get(byte(offsets.byte_start)..byte(offsets.byte_end)).unwrap_or_default()
}

fn mention(
    at: usize,
    found: matching::FoundMention,
    surfaces: &[String],
    common: &Common<'_>,
) -> wire::Mention {
    let fuller = found.bound_to_mention.and_then(|at| usize::try_from(at).ok());
    let best = found.candidates.first();
    let grounds = MentionGrounds {
        ground: found.ground(),
        cue: &found.cue,
        fuller: fuller.and_then(|at| surfaces.get(at)).map_or("", String::as_str),
        name: best.map_or("", |best| &best.name),
        matched_name: best.map_or("", |best| &best.matched_name),
        kind: best.map(shared::Candidate::kind).unwrap_or_default(),
        runner_up: found.candidates.get(1).map(|second| second.name.as_str()),
    };
    let is_match = found.verdict() == Verdict::Match;
    wire::Mention {
        offsets: found.offsets,
        surface: surfaces[at].clone(),
        reason: mention_reason(grounds),
        entity: best.filter(|_| is_match).map(|best| summary(best, common)),
        score: best.map_or(0.0, |best| best.score),
        clitics: found.clitics,
        form: found.form,
        verdict: found.verdict,
        bound_to_mention: found.bound_to_mention,
        candidates: found.candidates,
    }
}

/// What is shown of an entity: what the registry says, or what the matcher's index knows.
fn summary(candidate: &shared::Candidate, common: &Common<'_>) -> wire::EntitySummary {
    match common.entities.get(&candidate.canonical_id) {
        Some(entity) => summary_of(entity, common.display_language),
        None => wire::EntitySummary {
            canonical_id: candidate.canonical_id.clone(),
            r#type: candidate.r#type,
            name: candidate.name.clone(),
            country: candidate.country.clone(),
            description: String::new(),
        },
    }
}
