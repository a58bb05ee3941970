//! Names on the ladder as wire messages.

use chassis::{Fault, fault};
use names::{Name, Profile, Reading, Role, Rule, Span, Stage, Step, Token};
use proto::{normalization::v1 as wire, r#type::v1 as shared};
use tonic::Status;
use wire::normalize_outcome::Outcome;

use crate::normalize::{Normalized, Wanted, normalize};

pub(super) fn outcome(field: &str, text: String, wanted: Wanted) -> wire::NormalizeOutcome {
    let outcome = match normalize(field, &text, wanted) {
        Ok(normalized) => Outcome::Name(name(text, &normalized, wanted)),
        Err(fault) => Outcome::Error(fault.into_item()),
    };
    wire::NormalizeOutcome { outcome: Some(outcome) }
}

/// The answer to a call of one name.
pub(super) fn single(
    outcomes: Vec<wire::NormalizeOutcome>,
) -> Result<wire::NormalizeResponse, Status> {
    let rules_version = names::rules_version().to_owned();
    match outcomes.into_iter().next().and_then(|outcome| outcome.outcome) {
        Some(Outcome::Name(name)) => {
            Ok(wire::NormalizeResponse { name: Some(name), rules_version })
        }
        Some(Outcome::Error(item)) => Err(fault::status_of(item)),
        None => Err(Fault::Internal("a name without an outcome".into()).into()),
    }
}

fn name(text: String, normalized: &Normalized, wanted: Wanted) -> wire::NormalizedName {
    let Normalized { name, steps, romanization, readings, repaired } = normalized;
    let tokens = if wanted.tokens { name.tokens() } else { &[] };
    wire::NormalizedName {
        text,
        orthographic: name.orthographic().to_owned(),
        form: name.form().to_owned(),
        skeleton: name.skeleton().to_owned(),
        script: Name::script(name).code().to_owned(),
        tokens: tokens.iter().map(token).collect(),
        trace: steps.iter().map(application).collect(),
        romanization: romanization.clone(),
        readings: readings.iter().map(reading).collect(),
        repaired: repaired.clone().unwrap_or_default(),
    }
}

fn reading(reading: &Reading) -> wire::Reading {
    wire::Reading { form: reading.form.clone(), rule_id: reading.rule.to_owned() }
}

fn token(token: &Token) -> shared::Token {
    shared::Token {
        orthographic: token.orthographic().to_owned(),
        form: token.form().to_owned(),
        skeleton: token.skeleton().to_owned(),
        role: role(token.role()).into(),
        offsets: Some(offsets(token.span())),
    }
}

fn application(step: &Step) -> shared::RuleApplication {
    shared::RuleApplication {
        rule_id: step.rule.to_owned(),
        stage: stage(step.stage).into(),
        from: step.from.clone(),
        to: step.to.clone(),
        offsets: Some(offsets(&step.span)),
    }
}

pub(super) fn rule(rule: &Rule) -> wire::Rule {
    wire::Rule {
        rule_id: rule.id.to_owned(),
        stage: stage(rule.stage).into(),
        summary: rule.summary.to_owned(),
        example_from: rule.example.0.to_owned(),
        example_to: rule.example.1.to_owned(),
        source: rule.source.to_owned(),
    }
}

/// Offsets into a text of at most 1,000 characters always fit the wire's numbers.
fn offsets(span: &Span) -> shared::Offsets {
    shared::Offsets {
        byte_start: span.bytes.start.cast_signed(),
        byte_end: span.bytes.end.cast_signed(),
        utf16_start: span.utf16.start.cast_signed(),
        utf16_end: span.utf16.end.cast_signed(),
        code_point_start: span.chars.start.cast_signed(),
        code_point_end: span.chars.end.cast_signed(),
    }
}

fn stage(stage: Stage) -> shared::LadderStage {
    match stage {
        Stage::Repair => shared::LadderStage::Repair,
        Stage::Orthographic => shared::LadderStage::Orthographic,
        Stage::Form => shared::LadderStage::Form,
        Stage::Skeleton => shared::LadderStage::Skeleton,
        Stage::Reading => shared::LadderStage::Reading,
    }
}

/// Of the wire, as a part of a cache key.
pub(super) fn profile(profile: Profile) -> shared::SpellingProfile {
    match profile {
        Profile::Egypt => shared::SpellingProfile::Eg,
        Profile::Levant => shared::SpellingProfile::Lev,
        Profile::Iraq => shared::SpellingProfile::Iq,
        Profile::Gulf => shared::SpellingProfile::Gulf,
        Profile::Maghreb => shared::SpellingProfile::Maghreb,
        Profile::Persian => shared::SpellingProfile::Fa,
        Profile::Urdu => shared::SpellingProfile::Ur,
    }
}

fn role(role: Role) -> shared::TokenRole {
    match role {
        Role::Word => shared::TokenRole::Word,
        Role::Given => shared::TokenRole::Given,
        Role::Family => shared::TokenRole::Family,
        Role::Article => shared::TokenRole::Article,
        Role::Title => shared::TokenRole::Title,
        Role::Particle => shared::TokenRole::Particle,
        Role::Initial => shared::TokenRole::Initial,
        Role::LegalForm => shared::TokenRole::LegalForm,
        _ => shared::TokenRole::Unspecified,
    }
}
