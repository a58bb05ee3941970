//! The three services the resolver asks, and what it does without each.
//!
//! The normalizer and the registry get a small budget: what they add can be done without. The
//! matcher gets all the time there is.

use std::{collections::HashMap, time::Duration};

use chassis::{Complaint, Deadline, Fault, channel};
use matching::matching_service_client::MatchingServiceClient;
use metrics::counter;
use names::Name;
use normalization::normalization_service_client::NormalizationServiceClient;
use proto::{
    matching::v1 as matching, normalization::v1 as normalization, registry::v1 as registry,
};
use registry::registry_service_client::RegistryServiceClient;
use tonic::{Status, transport::Channel};
use tracing::warn;

use crate::{config::Config, error::matcher_fault};

/// How long a neighbour is waited for that can be done without.
const BUDGET: Duration = Duration::from_millis(250);

/// The largest answer of a neighbour. A request of 4 MiB may have an answer several times as large.
const ANSWER_BYTES_MAX: usize = 64 << 20;

pub(super) struct Neighbours {
    normalizer: NormalizationServiceClient<Channel>,
    matcher: MatchingServiceClient<Channel>,
    registry: RegistryServiceClient<Channel>,
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
    pub(super) fn new(config: &Config) -> Self {
        let normalizer = channel::connect(&config.normalizer);
        let matcher = channel::connect(&config.matcher);
        let registry = channel::connect(&config.registry);
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
        let answer = self.matcher.clone().batch_match_entities(deadline.request(request)).await;
        answer.map(tonic::Response::into_inner).map_err(|status| matcher_fault(&status))
    }

    /// Finds the mentions in texts; without the matcher there is no answer.
    pub(super) async fn mentions(
        &self,
        request: matching::BatchFindMentionsRequest,
        deadline: Deadline,
    ) -> Result<matching::BatchFindMentionsResponse, Fault> {
        let answer = self.matcher.clone().batch_find_mentions(deadline.request(request)).await;
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

    /// Stores a decision; nobody else can.
    pub(super) async fn create_decision(
        &self,
        request: registry::CreateDecisionRequest,
        deadline: Deadline,
    ) -> Result<registry::CreateDecisionResponse, Status> {
        let answer = self.registry.clone().create_decision(deadline.request(request)).await;
        answer.map(tonic::Response::into_inner)
    }

    pub(super) async fn list_decisions(
        &self,
        request: registry::ListDecisionsRequest,
        deadline: Deadline,
    ) -> Result<registry::ListDecisionsResponse, Status> {
        let answer = self.registry.clone().list_decisions(deadline.request(request)).await;
        answer.map(tonic::Response::into_inner)
    }
}

fn within_budget<T>(deadline: Deadline, message: T) -> tonic::Request<T> {
    let mut request = deadline.request(message);
    request.set_timeout(deadline.remaining().min(BUDGET));
    request
}

fn degraded(neighbour: &'static str, complaint: &Complaint, status: &Status) {
    counter!("hawiya_resolver_degraded_total", "neighbour" => neighbour).increment(1);
    if complaint.is_due() {
        warn!(neighbour, code = ?status.code(), error = status.message(), "answering without a neighbour");
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
