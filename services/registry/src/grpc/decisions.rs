//! Decisions between the wire and the domain, both ways.

use std::time::SystemTime;

use chassis::Violations;
use proto::{registry::v1 as wire, r#type::v1 as shared};

use super::decode::{batch, check_id_at, check_request_id, check_words};
use crate::{
    Error,
    error::checked,
    listing::{DecisionListing, DecisionsListed},
    store::{Answer, Decision, DecisionFilter, form_of},
};

/// The decision to store, and the id of the request.
pub(super) fn created(request: wire::CreateDecisionRequest) -> Result<(Decision, String), Error> {
    let wire::CreateDecisionRequest { decision, request_id } = request;
    let decision = decision.ok_or_else(|| Error::invalid("decision", "is missing"))?;
    let mut wrong = Violations::default();
    check_request_id(&mut wrong, &request_id);
    let decision = read(&mut wrong, decision);
    checked(wrong, (decision, request_id))
}

/// The form a caller states is not read: it is made here, by the rules of this registry.
fn read(wrong: &mut Violations, decision: shared::Decision) -> Decision {
    let shared::Decision { text, canonical_id: entity_id, kind, scope, actor, comment, .. } =
        decision;
    wrong.check_text("decision.text", &text);
    check_words(wrong, "decision.text", &text, 1_000);
    let answer = answer(wrong, kind);
    if !entity_id.is_empty() {
        check_id_at(wrong, "decision.canonical_id", &entity_id);
    } else if answer == Answer::Yes {
        wrong.add("decision.canonical_id", "is empty: say which entity it means");
    }
    check_scope(wrong, "decision.scope", &scope);
    check_words(wrong, "decision.actor", &actor, 128);
    check_words(wrong, "decision.comment", &comment, 1_000);
    let expires = expiry(wrong, decision.expire_time);
    Decision {
        number: 0,
        form: form_of(&text),
        rules_version: names::rules_version().to_owned(),
        text,
        entity_id,
        answer,
        scope,
        actor,
        comment,
        created: SystemTime::UNIX_EPOCH,
        expires,
    }
}

fn answer(wrong: &mut Violations, kind: i32) -> Answer {
    match shared::DecisionKind::try_from(kind) {
        Ok(shared::DecisionKind::Yes) => Answer::Yes,
        Ok(shared::DecisionKind::No) => Answer::No,
        Ok(shared::DecisionKind::Defer) => Answer::Defer,
        Ok(shared::DecisionKind::Unspecified) | Err(_) => {
            wrong.add("decision.kind", format!("is `{kind}`: give YES, NO or DEFER"));
            Answer::Defer
        }
    }
}

fn check_scope(wrong: &mut Violations, field: &str, scope: &str) {
    if !scope.is_empty() {
        wrong.check_label(field, scope, 64, "_.-");
    }
}

fn expiry(wrong: &mut Violations, time: Option<prost_types::Timestamp>) -> Option<SystemTime> {
    let time = time?;
    match SystemTime::try_from(time) {
        Ok(time) if time > SystemTime::now() => Some(time),
        Ok(_) => {
            wrong.add("decision.expire_time", "is past: leave it out for a decision that stays");
            None
        }
        Err(_) => {
            wrong.add("decision.expire_time", "is not a time: nanos are 0 to 999,999,999");
            None
        }
    }
}

impl TryFrom<wire::ListDecisionsRequest> for DecisionListing {
    type Error = Error;

    fn try_from(request: wire::ListDecisionsRequest) -> Result<Self, Error> {
        let wire::ListDecisionsRequest { scope, canonical_id, form, page_size, page_token } =
            request;
        let mut wrong = Violations::default();
        check_scope(&mut wrong, "scope", &scope);
        if !canonical_id.is_empty() {
            check_id_at(&mut wrong, "canonical_id", &canonical_id);
        }
        let filter = DecisionFilter { scope, entity_id: canonical_id, form };
        let filter = checked(wrong, filter)?;
        Self::try_new(filter, page_size, &page_token)
    }
}

/// The forms and the scope whose decisions are looked up.
pub(super) fn looked_up(
    request: wire::BatchLookupDecisionsRequest,
) -> Result<(Vec<String>, String), Error> {
    let mut wrong = Violations::default();
    check_scope(&mut wrong, "scope", &request.scope);
    let scope = checked(wrong, request.scope)?;
    Ok((batch("forms", request.forms)?, scope))
}

pub(super) fn found(sets: Vec<Vec<Decision>>) -> wire::BatchLookupDecisionsResponse {
    let set = |decisions: Vec<Decision>| wire::DecisionSet {
        decisions: decisions.into_iter().map(shared::Decision::from).collect(),
    };
    let decision_sets = sets.into_iter().map(set).collect();
    wire::BatchLookupDecisionsResponse { decision_sets }
}

impl From<DecisionsListed> for wire::ListDecisionsResponse {
    fn from(listed: DecisionsListed) -> Self {
        let decisions = listed.decisions.into_iter().map(shared::Decision::from).collect();
        Self { decisions, next_page_token: listed.next_page_token }
    }
}

impl From<Decision> for shared::Decision {
    fn from(decision: Decision) -> Self {
        let kind = match decision.answer {
            Answer::Yes => shared::DecisionKind::Yes,
            Answer::No => shared::DecisionKind::No,
            Answer::Defer => shared::DecisionKind::Defer,
        };
        Self {
            decision_id: decision.id(),
            text: decision.text,
            form: decision.form,
            rules_version: decision.rules_version,
            canonical_id: decision.entity_id,
            kind: kind.into(),
            scope: decision.scope,
            actor: decision.actor,
            comment: decision.comment,
            create_time: Some(decision.created.into()),
            expire_time: decision.expires.map(Into::into),
        }
    }
}
