//! Decisions are recorded and listed: the form is made here, the registry keeps them.

use chassis::{Caller, Deadline, Fault, Violations};
use names::Name;
use proto::{registry::v1 as registry, resolution::v1 as wire, r#type::v1 as shared};
use tonic::Status;

use super::neighbours::Neighbours;
use crate::error::registry_fault;

/// Stores a decision and returns it as stored.
pub(super) async fn record(
    neighbours: &Neighbours,
    request: wire::RecordDecisionRequest,
    caller: Option<Caller>,
    deadline: Deadline,
) -> Result<wire::RecordDecisionResponse, Fault> {
    let wire::RecordDecisionRequest { text, canonical_id, kind, scope, actor, comment, .. } =
        request;
    let decision = shared::Decision {
        form: Name::new(&text).form().to_owned(),
        rules_version: names::rules_version().to_owned(),
        text,
        canonical_id,
        kind,
        scope,
        actor: caller.as_ref().map_or(actor, |caller| caller.name().to_owned()),
        comment,
        expire_time: request.expire_time,
        ..Default::default()
    };
    let request_id = request.request_id;
    let request = registry::CreateDecisionRequest { decision: Some(decision), request_id };
    let answer = neighbours.create_decision(request, caller, deadline).await.map_err(ours)?;
    Ok(wire::RecordDecisionResponse { decision: answer.decision })
}

/// A page of the decisions that the registry has.
pub(super) async fn list(
    neighbours: &Neighbours,
    request: wire::ListDecisionsRequest,
    deadline: Deadline,
) -> Result<wire::ListDecisionsResponse, Fault> {
    let wire::ListDecisionsRequest { scope, canonical_id, text, page_size, page_token } = request;
    let mut wrong = Violations::default();
    wrong.check_length("text", &text, 1_000);
    wrong.or(())?;
    let form = if text.is_empty() { text } else { Name::new(&text).form().to_owned() };
    let request =
        registry::ListDecisionsRequest { scope, canonical_id, form, page_size, page_token };
    let answer = neighbours.list_decisions(request, deadline).await.map_err(ours)?;
    let registry::ListDecisionsResponse { decisions, next_page_token } = answer;
    Ok(wire::ListDecisionsResponse { decisions, next_page_token })
}

/// The registry's refusal with the fields as they are called in our request.
fn ours(status: Status) -> Fault {
    registry_fault(&status, |field| field.trim_start_matches("decision.").to_owned())
}
