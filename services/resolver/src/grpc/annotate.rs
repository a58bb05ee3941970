//! Annotates texts: the matcher finds the mentions, the registry says what is shown of the entities, and what
//! people decided about a form is obeyed.
//!
//! Decisions are looked up by form, and which forms a text has is known once its mentions are found. So where
//! anybody decided anything, the matcher is asked a second time, with the decisions about these forms: it binds
//! short mentions to fuller ones, and has to know what those mean.

mod decode;
mod encode;

use std::collections::BTreeSet;

use chassis::{Deadline, Fault, fault};
use proto::{matching::v1 as matching, resolution::v1 as wire, vocabulary::Verdict};
use tonic::Status;
use wire::annotate_outcome::Outcome;

use self::{
    decode::{Batch, Document},
    encode::Common,
};
use super::{decisions, neighbours::Neighbours, resolve::Resolver};

/// The forms and the ids that the registry is asked for in one call.
const ASKED_MAX: usize = 1_000;

/// The most rulings that the matcher takes.
const RULINGS_MAX: usize = 10_000;

impl Resolver {
    /// Annotates one text. A refusal of the text tells what is wrong with the options too, which only the
    /// matcher knows.
    pub(super) async fn annotate_one(
        &self,
        request: wire::AnnotateTextRequest,
        deadline: Deadline,
    ) -> Result<wire::AnnotateTextResponse, Status> {
        let (batch, refusal) = decode::of_one(request);
        let outcomes = self.annotate(batch?, deadline).await;
        let outcome = match refusal {
            Some(fault) => return Err(fault.with(outcomes.map(drop)).into()),
            None => outcomes?.into_iter().next().and_then(|outcome| outcome.outcome),
        };
        match outcome {
            Some(Outcome::Annotation(annotation)) => {
                Ok(wire::AnnotateTextResponse { annotation: Some(annotation) })
            }
            Some(Outcome::Error(item)) => Err(fault::status_of(item)),
            None => Err(Fault::Internal("a text without an outcome".into()).into()),
        }
    }

    /// Annotates the texts of a call, in their order.
    pub(super) async fn annotate_batch(
        &self,
        request: wire::BatchAnnotateTextsRequest,
        deadline: Deadline,
    ) -> Result<wire::BatchAnnotateTextsResponse, Fault> {
        let outcomes = self.annotate(decode::of_batch(request)?, deadline).await?;
        Ok(wire::BatchAnnotateTextsResponse { outcomes })
    }

    async fn annotate(
        &self,
        batch: Batch,
        deadline: Deadline,
    ) -> Result<Vec<wire::AnnotateOutcome>, Fault> {
        let mut request = batch.request();
        let mut found = self.neighbours.mentions(request.clone(), deadline).await?;
        let mut has_registry = true;
        if !self.freshness.nobody_decided() {
            match self.rulings(&found, &batch.decision_scope, deadline).await {
                Some(rulings) if rulings.is_empty() => {}
                Some(rulings) => {
                    request.options.get_or_insert_default().rulings = rulings;
                    found = self.neighbours.mentions(request, deadline).await?;
                }
                None => has_registry = false,
            }
        }
        let ids: Vec<String> = meant(&found).into_iter().collect();
        let mut entities = std::collections::HashMap::new();
        for ids in ids.chunks(ASKED_MAX) {
            match self.neighbours.entities(ids.to_vec(), deadline).await {
                Some(some) => entities.extend(some),
                None => has_registry = false,
            }
        }
        let common = Common {
            display_language: &batch.display_language,
            catalogue_version: found.catalogue_version,
            rules_version: &found.rules_version,
            entities: &entities,
            degradations: &self.degradations(true, has_registry),
        };
        Ok(outcomes(&batch, found.outcomes, &common))
    }

    /// What people decided about the forms of the mentions; nothing when the registry is away.
    async fn rulings(
        &self,
        found: &matching::BatchFindMentionsResponse,
        scope: &str,
        deadline: Deadline,
    ) -> Option<Vec<matching::FormRuling>> {
        let forms: BTreeSet<String> = mentions(found).map(|mention| mention.form.clone()).collect();
        let forms: Vec<String> = forms.into_iter().filter(|form| !form.is_empty()).collect();
        let mut rulings = Vec::new();
        for forms in forms.chunks(ASKED_MAX) {
            let neighbours: &Neighbours = &self.neighbours;
            let sets = neighbours.decisions(forms.to_vec(), scope.to_owned(), deadline).await?;
            for (form, set) in forms.iter().zip(sets) {
                rulings.extend(decisions::rulings(form, set));
            }
        }
        rulings.truncate(RULINGS_MAX);
        Some(rulings)
    }
}

fn mentions(
    found: &matching::BatchFindMentionsResponse,
) -> impl Iterator<Item = &matching::FoundMention> {
    use matching::mention_outcome::Outcome;
    let results = found.outcomes.iter().filter_map(|outcome| match &outcome.outcome {
        Some(Outcome::Result(result)) => Some(result),
        _ => None,
    });
    results.flat_map(|result| &result.mentions)
}

/// The entities that are meant, each once.
fn meant(found: &matching::BatchFindMentionsResponse) -> BTreeSet<String> {
    let matched = mentions(found).filter(|mention| mention.verdict() == Verdict::Match);
    let best = matched.filter_map(|mention| mention.candidates.first());
    best.map(|best| best.canonical_id.clone()).collect()
}

/// Outcomes in the order of the documents; the matcher was asked about those that are in order.
fn outcomes(
    batch: &Batch,
    found: Vec<matching::MentionOutcome>,
    common: &Common<'_>,
) -> Vec<wire::AnnotateOutcome> {
    let mut found = found.into_iter();
    let outcome = |document: &Document| {
        let outcome = match document {
            Document::Refused(item) => Outcome::Error(item.clone()),
            Document::Sound { document_id, passage } => {
                let found = found.next().and_then(|outcome| outcome.outcome);
                encode::outcome(document_id, passage, found, common)
            }
        };
        wire::AnnotateOutcome { outcome: Some(outcome) }
    };
    batch.documents.iter().map(outcome).collect()
}
