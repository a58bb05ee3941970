//! Resolutions put together from what the neighbours said.

use std::collections::HashMap;

use chassis::{Fault, Violations, fault};
use proto::{
    matching::v1 as matching,
    registry::v1 as registry,
    resolution::v1 as wire,
    r#type::v1 as shared,
    vocabulary::{NameKind, Verdict},
};
use tonic::Status;
use wire::resolve_outcome::Outcome;

use super::{answer::Answer, decode::Options, neighbours::Spelling};
use crate::reason::{Best, Grounds, reason};

/// What is common to the resolutions of one computation.
pub(super) struct Common<'a> {
    pub(super) options: &'a Options,
    pub(super) catalogue_version: i64,
    /// By canonical id; nothing when the registry was away.
    pub(super) entities: &'a HashMap<String, registry::Entity>,
    pub(super) degradations: &'a [wire::Degradation],
}

/// The resolution of one mention.
pub(super) fn resolution(
    text: &str,
    spelling: Spelling,
    result: matching::MatchResult,
    common: &Common<'_>,
) -> wire::Resolution {
    let verdict = result.verdict();
    let grounds = grounds(text, &result, common.options);
    let best = result.candidates.first().filter(|_| verdict == Verdict::Match);
    wire::Resolution {
        text: text.to_owned(),
        form: spelling.form,
        script: spelling.script,
        verdict: result.verdict,
        no_match_reason: result.no_match_reason,
        canonical_id: best.map(|best| best.canonical_id.clone()).unwrap_or_default(),
        entity: best.map(|best| summary(best, common)),
        score: result.candidates.first().map_or(0.0, |best| best.score),
        margin: result.margin,
        reason: reason(grounds),
        catalogue_version: common.catalogue_version,
        rules_version: names::rules_version().to_owned(),
        origin: wire::AnswerOrigin::Computed.into(),
        degradations: common.degradations.iter().map(|what| (*what).into()).collect(),
        partial: result.partial,
        decision_id: String::new(),
        candidates: result.candidates,
    }
}

fn grounds<'a>(text: &'a str, result: &'a matching::MatchResult, options: &Options) -> Grounds<'a> {
    let best = result.candidates.first().map(|best| Best {
        name: &best.name,
        matched_name: &best.matched_name,
        kind: best.kind(),
        score: best.score,
    });
    Grounds {
        text,
        verdict: result.verdict(),
        no_match_reason: result.no_match_reason(),
        threshold: options.threshold(),
        best,
        runner_up: result.candidates.get(1).map(|second| second.name.as_str()),
    }
}

/// What is shown of an entity: what the registry says, or what the matcher's index knows.
fn summary(candidate: &shared::Candidate, common: &Common<'_>) -> wire::EntitySummary {
    let entity = common.entities.get(&candidate.canonical_id);
    let name = entity.and_then(|entity| display_name(entity, &common.options.display_language));
    wire::EntitySummary {
        canonical_id: candidate.canonical_id.clone(),
        r#type: candidate.r#type,
        name: name.unwrap_or(&candidate.name).to_owned(),
        country: candidate.country.clone(),
        description: entity.map(|entity| entity.description.clone()).unwrap_or_default(),
    }
}

/// What is shown of an entity that the registry has.
pub(super) fn summary_of(entity: &registry::Entity, language: &str) -> wire::EntitySummary {
    let name = display_name(entity, language).or_else(|| display_name(entity, ""));
    wire::EntitySummary {
        canonical_id: entity.canonical_id.clone(),
        r#type: entity.r#type,
        name: name.unwrap_or_default().to_owned(),
        country: entity.country.clone(),
        description: entity.description.clone(),
    }
}

/// The first name in a language, or in a more special one ("zh" is content with "zh-Hant"), names
/// that are primary or plain before acronyms and former ones; without a language the primary name.
fn display_name<'a>(entity: &'a registry::Entity, language: &str) -> Option<&'a str> {
    let primary = |name: &&shared::Name| name.kind() == NameKind::Primary;
    if language.is_empty() {
        return entity.names.iter().find(primary).map(|name| name.text.as_str());
    }
    let speaks = |name: &&shared::Name| {
        name.language
            .strip_prefix(language)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let plain = |name: &&shared::Name| matches!(name.kind(), NameKind::Primary | NameKind::Alias);
    let names = || entity.names.iter().filter(speaks);
    names().find(plain).or_else(|| names().next()).map(|name| name.text.as_str())
}

/// A refusal of one query: the matcher's, under the path the query has in our request.
pub(super) fn refusal(
    item: &tonic_types::Status,
    their_field: &str,
    our_field: &str,
) -> wire::ResolveOutcome {
    let mut violations = Violations::default();
    for wrong in fault::violations_of(item) {
        violations.add(wrong.field.replacen(their_field, our_field, 1), wrong.description);
    }
    let item = if violations.count() > 0 {
        Fault::InvalidArgument(violations).into_item()
    } else {
        item.clone()
    };
    wire::ResolveOutcome { outcome: Some(Outcome::Error(item)) }
}

/// The answer to a call of one mention.
pub(super) fn single(answers: Vec<Answer>) -> Result<wire::ResolveResponse, Status> {
    match answers.first().and_then(|answer| answer.whole().outcome) {
        Some(Outcome::Resolution(resolution)) => {
            Ok(wire::ResolveResponse { resolution: Some(resolution) })
        }
        Some(Outcome::Error(item)) => Err(fault::status_of(item)),
        None => Err(Fault::Internal("a mention without an outcome".into()).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_shown_is_in_the_language_asked_for_as_far_as_there_is_one() {
        let name = |text: &str, language: &str, kind: NameKind| shared::Name {
            text: text.to_owned(),
            language: language.to_owned(),
            kind: kind.into(),
            ..Default::default()
        };
        let entity = registry::Entity {
            names: vec![
                name("UN", "en", NameKind::Acronym),
                name("United Nations", "en", NameKind::Primary),
                name("聯合國", "zh-Hant", NameKind::Alias),
            ],
            ..Default::default()
        };
        assert_eq!(display_name(&entity, ""), Some("United Nations"));
        assert_eq!(display_name(&entity, "en"), Some("United Nations"));
        assert_eq!(display_name(&entity, "zh"), Some("聯合國"));
        assert_eq!(display_name(&entity, "z"), None);
    }

    #[test]
    fn a_refusal_names_the_field_of_the_caller() {
        let item = Fault::invalid("queries[0].text", "is empty").into_item();
        let outcome = refusal(&item, "queries[0]", "items[7].query");
        let Some(Outcome::Error(item)) = outcome.outcome else { panic!("not a refusal") };
        assert_eq!(item.message, "`items[7].query.text` is empty");
    }
}
