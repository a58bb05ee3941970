//! The three services the resolver asks, and what it does without each.
//!
//! The normalizer and the registry get a small budget: what they add can be done without. The
//! matcher gets all the time there is.

use std::{collections::HashMap, time::Duration};

use chassis::{Caller, Complaint, Deadline, Fault, Pool, repeatable};
use matching::matching_service_client::MatchingServiceClient;
use metrics::{counter, describe_counter};
use names::Name;
use normalization::normalization_service_client::NormalizationServiceClient;
use proto::{
    matching::v1 as matching, normalization::v1 as normalization, registry::v1 as registry,
};
use registry::registry_service_client::RegistryServiceClient;
use tonic::Status;
use tonic_types::StatusExt;
use tracing::warn;

use crate::{config::Config, error::matcher_fault};

/// How long a neighbour is waited for that can be done without.
const BUDGET: Duration = Duration::from_millis(250);

/// The largest answer of a neighbour. A request of 4 MiB may have an answer several times as large.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// The replicas of the three.
pub(crate) struct Pools {
    pub(crate) normalizer: Pool,
    pub(crate) matcher: Pool,
    pub(crate) registry: Pool,
}

impl Pools {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            normalizer: Pool::new("normalizer", &config.normalizer),
            matcher: Pool::new("matcher", &config.matcher),
            registry: Pool::new("registry", &config.registry),
        }
    }
}

pub(super) struct Neighbours {
    normalizer: NormalizationServiceClient<Pool>,
    matcher: MatchingServiceClient<Pool>,
    registry: RegistryServiceClient<Pool>,
    normalizer_complaint: Complaint,
    registry_complaint: Complaint,
}

/// What is shown of a mention's spelling.
#[derive(Clone, Debug, Default)]
pub(super) struct Spelling {
    pub(super) form: String,
    pub(super) script: String,
}

impl Neighbours {
    pub(super) fn new(pools: Pools) -> Self {
        let Pools { normalizer, matcher, registry } = pools;
        Self {
            normalizer: NormalizationServiceClient::new(normalizer)
                .max_decoding_message_size(ANSWER_BYTES_MAX),
            matcher: MatchingServiceClient::new(matcher)
                .max_decoding_message_size(ANSWER_BYTES_MAX),
            registry: RegistryServiceClient::new(registry)
                .max_decoding_message_size(ANSWER_BYTES_MAX),
            normalizer_complaint: Complaint::default(),
            registry_complaint: Complaint::default(),
        }
    }

    /// Matches queries; without the matcher there is no answer.
    pub(super) async fn matches(
        &self,
        request: matching::BatchMatchEntitiesRequest,
        deadline: Deadline,
    ) -> Result<matching::BatchMatchEntitiesResponse, Fault> {
        let request = repeatable(deadline.request(request));
        let answer = self.matcher.clone().batch_match_entities(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| matcher_fault(&status))
    }

    /// Finds the mentions in texts; without the matcher there is no answer.
    pub(super) async fn mentions(
        &self,
        request: matching::BatchFindMentionsRequest,
        deadline: Deadline,
    ) -> Result<matching::BatchFindMentionsResponse, Fault> {
        let request = repeatable(deadline.request(request));
        let answer = self.matcher.clone().batch_find_mentions(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| matcher_fault(&status))
    }

    /// Spellings of texts in their order, and whether the normalizer was there. Without it, or
    /// with one of other rules, the same rules are applied here.
    pub(super) async fn spellings(
        &self,
        texts: Vec<String>,
        deadline: Deadline,
    ) -> (Vec<Spelling>, bool) {
        let request = normalization::BatchNormalizeRequest { texts: texts.clone(), options: None };
        match self.normalizer.clone().batch_normalize(within_budget(deadline, request)).await {
            Ok(answer) if answer.get_ref().rules_version == names::rules_version() => {
                (answer.into_inner().outcomes.into_iter().map(spelling).collect(), true)
            }
            Ok(_) => (texts.iter().map(|text| own_spelling(text)).collect(), true),
            Err(status) => {
                degraded("normalizer", &self.normalizer_complaint, &status);
                (texts.iter().map(|text| own_spelling(text)).collect(), false)
            }
        }
    }

    /// Entities by canonical id, or nothing when the registry is not there. Unknown ids are left
    /// out.
    pub(super) async fn entities(
        &self,
        canonical_ids: Vec<String>,
        deadline: Deadline,
    ) -> Option<HashMap<String, registry::Entity>> {
        use registry::entity_outcome::Outcome;
        if canonical_ids.is_empty() {
            return Some(HashMap::new());
        }
        let request = registry::BatchGetEntitiesRequest { canonical_ids };
        let answer =
            self.registry.clone().batch_get_entities(within_budget(deadline, request)).await;
        let outcomes = match answer {
            Ok(answer) => answer.into_inner().outcomes,
            Err(status) => {
                degraded("registry", &self.registry_complaint, &status);
                return None;
            }
        };
        let entities = outcomes.into_iter().filter_map(|outcome| match outcome.outcome {
            Some(Outcome::Entity(entity)) => Some((entity.canonical_id.clone(), entity)),
            _ => None,
        });
        Some(entities.collect())
    }
}

impl Neighbours {
    /// The decisions that apply to forms, in their order, or nothing when the registry is not
    /// there.
    pub(super) async fn decisions(
        &self,
        forms: Vec<String>,
        scope: String,
        deadline: Deadline,
    ) -> Option<Vec<registry::DecisionSet>> {
        let count = forms.len();
        let request = registry::BatchLookupDecisionsRequest { forms, scope };
        let request = within_budget(deadline, request);
        match self.registry.clone().batch_lookup_decisions(request).await {
            Ok(answer) => {
                Some(answer.into_inner().decision_sets).filter(|sets| sets.len() == count)
            }
            Err(status) => {
                degraded("registry", &self.registry_complaint, &status);
                None
            }
        }
    }

    /// Stores a decision; nobody else can. It may be sent twice only when the registry knows it
    /// again.
    pub(super) async fn create_decision(
        &self,
        request: registry::CreateDecisionRequest,
        caller: Option<Caller>,
        deadline: Deadline,
    ) -> Result<registry::CreateDecisionResponse, Status> {
        let is_known_again = !request.request_id.is_empty();
        let mut request = deadline.request(request);
        if let Some(caller) = caller {
            caller.pass_on(&mut request);
        }
        let request = if is_known_again { repeatable(request) } else { request };
        let answer = self.registry.clone().create_decision(request).await;
        answer.map(tonic::Response::into_inner)
    }

    pub(super) async fn list_decisions(
        &self,
        request: registry::ListDecisionsRequest,
        deadline: Deadline,
    ) -> Result<registry::ListDecisionsResponse, Status> {
        let request = repeatable(deadline.request(request));
        let answer = self.registry.clone().list_decisions(request).await;
        answer.map(tonic::Response::into_inner)
    }
}

/// A question that is asked again elsewhere when a replica is lost, in all within the budget.
fn within_budget<T>(deadline: Deadline, message: T) -> tonic::Request<T> {
    let mut request = repeatable(deadline.request(message));
    request.set_timeout(deadline.remaining().min(BUDGET));
    request
}

const DEGRADED: &str = "hawiya_resolver_degraded_total";

/// Says what the metrics mean.
pub(super) fn describe_metrics() {
    describe_counter!(DEGRADED, "calls to neighbours that were done without, by neighbour");
    for neighbour in ["normalizer", "registry"] {
        counter!(DEGRADED, "neighbour" => neighbour).increment(0);
    }
}

/// The text of a status may quote what a caller asked, and so stays out of the log.
fn degraded(neighbour: &'static str, complaint: &Complaint, status: &Status) {
    counter!(DEGRADED, "neighbour" => neighbour).increment(1);
    if complaint.is_due() {
        let reason = status.get_details_error_info().map(|info| info.reason);
        warn!(neighbour, code = ?status.code(), reason, "answering without a neighbour");
    }
}

fn spelling(outcome: normalization::NormalizeOutcome) -> Spelling {
    match outcome.outcome {
        Some(normalization::normalize_outcome::Outcome::Name(name)) => {
            Spelling { form: name.form, script: name.script }
        }
        _ => Spelling::default(),
    }
}

fn own_spelling(text: &str) -> Spelling {
    let name = Name::new(text);
    Spelling { form: name.form().to_owned(), script: name.script().code().to_owned() }
}
