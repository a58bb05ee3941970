//! Requests as batches. What a query may contain is checked by the matcher, which uses it; here is
//! checked what the resolver itself reads.

use std::time::Duration;

use chassis::{Fault, Violations, checks};
use prost::Message;
use proto::{matching::v1 as matching, resolution::v1 as wire, r#type::v1 as shared};
use shared::ExplanationView;

/// The most candidates of one message; keeps it below 4 MiB.
const LISTED_MAX: usize = 10_000;

/// How many candidates are listed when the request does not say.
const CANDIDATES_DEFAULT: i32 = 5;

/// The most candidates of one mention.
const CANDIDATES_MAX: i32 = 100;

/// How old a confirmation may be when the request does not say.
const MAX_STALENESS_DEFAULT: Duration = Duration::from_secs(5);

/// Mentions that are resolved alike.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) queries: Vec<shared::NameQuery>,
    pub(super) options: Options,
    /// Paths of the queries in the request.
    pub(super) field: Field,
}

/// How the queries of a request are called.
#[derive(Clone, Debug)]
pub(super) enum Field {
    One,
    Batch,
    /// Positions of the queries among the items of a message.
    Items(Vec<usize>),
}

impl Field {
    /// The path of the query at a position of the batch.
    pub(super) fn of(&self, at: usize) -> String {
        match self {
            Self::One => "query".to_owned(),
            Self::Batch => format!("queries[{at}]"),
            Self::Items(_) => format!("items[{}].query", self.position(at)),
        }
    }

    /// The position in the request of the query at a position of the batch.
    pub(super) fn position(&self, at: usize) -> usize {
        match self {
            Self::One | Self::Batch => at,
            Self::Items(positions) => positions[at],
        }
    }
}

/// How mentions are resolved, defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Options {
    pub(super) matching: matching::MatchOptions,
    pub(super) max_staleness: Duration,
    pub(super) display_language: String,
    /// Beside it, the decisions of everybody are obeyed.
    pub(super) decision_scope: String,
}

impl Options {
    /// The lowest score of a match, for the sentence that mentions it.
    pub(super) fn threshold(&self) -> f64 {
        self.matching.policy.and_then(|policy| policy.threshold).unwrap_or(0.80)
    }

    /// What of the options shapes an answer, as bytes of a cache key.
    pub(super) fn key_bytes(&self) -> Vec<u8> {
        let matching = matching::MatchOptions { min_catalogue_version: 0, ..self.matching };
        let mut bytes = matching.encode_length_delimited_to_vec();
        bytes.extend_from_slice(self.display_language.as_bytes());
        bytes.push(0);
        bytes
    }
}

pub(super) fn of_one(request: wire::ResolveRequest) -> Result<Batch, Fault> {
    let mut violations = Violations::default();
    let options = decode_options("options", &request.options.unwrap_or_default(), &mut violations);
    let queries = vec![request.query.unwrap_or_default()];
    violations.or(Batch { queries, options, field: Field::One })
}

pub(super) fn of_batch(request: wire::BatchResolveRequest) -> Result<Batch, Fault> {
    let mut violations = Violations::default();
    let options = decode_options("options", &request.options.unwrap_or_default(), &mut violations);
    violations.check_batch("queries", request.queries.len(), checks::BATCH_ITEMS_MAX);
    let batch = Batch { queries: request.queries, options, field: Field::Batch };
    check_totals(std::slice::from_ref(&batch), &mut violations);
    violations.or(batch)
}

/// A message of a stream: its items by the options they share, and their numbers.
#[derive(Debug)]
pub(super) struct StreamMessage {
    pub(super) item_numbers: Vec<i64>,
    pub(super) batches: Vec<Batch>,
    /// Items whose own options are wrong, by position.
    pub(super) refused: Vec<(usize, Fault)>,
}

/// Most messages have one set of options and so one batch. The limits count what all items ask for.
pub(super) fn of_message(
    items: Vec<wire::ResolveItem>,
    default: wire::ResolveOptions,
) -> Result<StreamMessage, Fault> {
    let mut violations = Violations::default();
    let default = decode_options("options", &default, &mut violations);
    violations.check_batch("items", items.len(), checks::BATCH_ITEMS_MAX);
    let item_numbers = items.iter().map(|item| item.item_number).collect();
    let mut message = StreamMessage { item_numbers, batches: Vec::new(), refused: Vec::new() };
    for (position, item) in items.into_iter().enumerate() {
        let query = item.query.unwrap_or_default();
        match item.options.map(|own| own_options(position, &own)) {
            None => message.push(position, query, &default),
            Some(Ok(options)) => message.push(position, query, &options),
            Some(Err(fault)) => message.refused.push((position, fault)),
        }
    }
    check_totals(&message.batches, &mut violations);
    violations.or(message)
}

fn own_options(position: usize, own: &wire::ResolveOptions) -> Result<Options, Fault> {
    let mut violations = Violations::default();
    let options = decode_options(&format!("items[{position}].options"), own, &mut violations);
    violations.or(options)
}

impl StreamMessage {
    fn push(&mut self, position: usize, query: shared::NameQuery, options: &Options) {
        match self.batches.iter_mut().find(|batch| batch.options == *options) {
            Some(batch) => batch.push(position, query),
            None => {
                let field = Field::Items(vec![position]);
                let options = options.clone();
                self.batches.push(Batch { queries: vec![query], options, field });
            }
        }
    }
}

impl Batch {
    fn push(&mut self, position: usize, query: shared::NameQuery) {
        self.queries.push(query);
        if let Field::Items(positions) = &mut self.field {
            positions.push(position);
        }
    }
}

/// The limits on what the items of a message ask for together; they keep its answer below 4 MiB.
fn check_totals(batches: &[Batch], violations: &mut Violations) {
    let explains = |batch: &&Batch| batch.options.matching.explanation() == ExplanationView::Full;
    let explained: usize = batches.iter().filter(explains).map(|batch| batch.queries.len()).sum();
    if explained > checks::EXPLAINED_ITEMS_MAX {
        let items_max = checks::EXPLAINED_ITEMS_MAX;
        let text = format!("asks for {explained} explanations: at most {items_max} a message");
        violations.add("options.explanation", text);
    }
    let candidates_max = |batch: &Batch| usize::try_from(batch.options.matching.candidates_max);
    let listed = |batch: &Batch| batch.queries.len() * candidates_max(batch).unwrap_or(0);
    let listed: usize = batches.iter().map(listed).sum();
    if listed > LISTED_MAX {
        let text = format!("asks for {listed} candidates in all: at most {LISTED_MAX} a message");
        violations.add("options.candidates_max", text);
    }
}

fn decode_options(
    field: &str,
    options: &wire::ResolveOptions,
    violations: &mut Violations,
) -> Options {
    let path = |part: &str| format!("{field}.{part}");
    let candidates_max = match options.candidates_max {
        0 => CANDIDATES_DEFAULT,
        asked => asked,
    };
    if !(1..=CANDIDATES_MAX).contains(&candidates_max) {
        let text = format!(
            "is `{candidates_max}`: give 1 to {CANDIDATES_MAX}, or 0 for {CANDIDATES_DEFAULT}"
        );
        violations.add(path("candidates_max"), text);
    }
    let policy = options.policy.unwrap_or_default();
    violations.check_fraction(&path("policy.threshold"), policy.threshold.unwrap_or_default());
    violations.check_fraction(&path("policy.margin"), policy.margin.unwrap_or_default());
    violations.check_enum::<ExplanationView>(&path("explanation"), options.explanation);
    if options.min_catalogue_version < 0 {
        violations.add(path("min_catalogue_version"), "is negative: give 0 or a version");
    }
    violations.check_length(&path("display_language"), &options.display_language, 64);
    if !options.decision_scope.is_empty() {
        violations.check_label(&path("decision_scope"), &options.decision_scope, 64, "_.-");
    }
    let max_staleness = options.max_staleness.map_or(Ok(MAX_STALENESS_DEFAULT), Duration::try_from);
    if max_staleness.is_err() {
        violations.add(path("max_staleness"), "is negative: give zero or more");
    }
    Options {
        matching: matching::MatchOptions {
            candidates_max,
            policy: options.policy,
            explanation: options.explanation,
            min_catalogue_version: options.min_catalogue_version,
        },
        max_staleness: max_staleness.unwrap_or_default(),
        display_language: options.display_language.clone(),
        decision_scope: options.decision_scope.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(options: Option<wire::ResolveOptions>) -> wire::ResolveItem {
        wire::ResolveItem { options, ..Default::default() }
    }

    #[test]
    fn items_with_options_of_their_own_keep_their_place() {
        let own = wire::ResolveOptions { candidates_max: 1, ..Default::default() };
        let items = vec![item(None), item(Some(own.clone())), item(None), item(Some(own))];
        let message = of_message(items, wire::ResolveOptions::default()).unwrap();
        let fields: Vec<_> =
            message.batches.iter().map(|batch| (batch.field.of(0), batch.field.of(1))).collect();
        let pair = |a: &str, b: &str| (format!("items[{a}].query"), format!("items[{b}].query"));
        assert_eq!(fields, [pair("0", "2"), pair("1", "3")]);
    }

    #[test]
    fn wrong_options_of_an_item_refuse_that_item_with_its_path() {
        let own = wire::ResolveOptions { candidates_max: -1, ..Default::default() };
        let items = vec![item(None), item(Some(own))];
        let mut message = of_message(items, wire::ResolveOptions::default()).unwrap();
        assert_eq!(message.batches.len(), 1);
        let (position, fault) = message.refused.remove(0);
        let status = tonic::Status::from(fault);
        assert!(status.message().starts_with("`items[1].options.candidates_max` is `-1`"));
        assert_eq!(position, 1);
    }

    #[test]
    fn options_of_items_count_towards_the_limits_of_the_message() {
        let own = wire::ResolveOptions { candidates_max: 100, ..Default::default() };
        let items = (0..101).map(|_| item(Some(own.clone()))).collect();
        assert!(of_message(items, wire::ResolveOptions::default()).is_err());
    }
}
