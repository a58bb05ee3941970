//! What is wrong with a request is told at once, field by field, and fails nothing else.

use integration_tests::{Clients, Suite, catalogue::person, query};
use proto::{
    matching::v1 as matching, normalization::v1 as normalization, registry::v1 as registry,
    resolution::v1 as resolution, resolution::v1::item_outcome::Outcome as ItemOutcome,
    r#type::v1 as shared,
};
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// Texts that are no names.
fn bad_texts() -> [String; 4] {
    // A lone vowel mark (fathatan) has no letter to stand on.
    [String::new(), "\u{064B}".to_owned(), "🙂".to_owned(), "ب".repeat(10_000)]
}

const GOOD: &str = "سيرجي لافروف";

/// The names of the wrong fields, sorted.
fn fields(refused: &Status) -> Vec<String> {
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    let bad = refused.get_details_bad_request().expect("a BadRequest names the fields");
    let mut fields: Vec<_> = bad.field_violations.into_iter().map(|wrong| wrong.field).collect();
    fields.sort();
    fields
}

/// The same of one item of a batch.
fn item_fields(item: &tonic_types::Status) -> Vec<String> {
    fields(&chassis::fault::status_of(item.clone()))
}

#[track_caller]
fn check<T: std::fmt::Debug>(answer: Result<tonic::Response<T>, Status>, expected: &[&str]) {
    assert_eq!(fields(&answer.unwrap_err()), expected);
}

async fn resolve(
    clients: &Clients,
    query: shared::NameQuery,
    options: resolution::ResolveOptions,
    expected: &[&str],
) {
    let request = resolution::ResolveRequest { query: Some(query), options: Some(options) };
    check(clients.resolver().resolve(request).await, expected);
}

async fn match_entities(
    clients: &Clients,
    query: shared::NameQuery,
    options: matching::MatchOptions,
    expected: &[&str],
) {
    let request = matching::MatchEntitiesRequest { query: Some(query), options: Some(options) };
    check(clients.matcher().match_entities(request).await, expected);
}

#[tokio::test]
async fn a_text_that_is_no_name_is_refused_by_every_call_of_one() {
    let suite = Suite::start_empty().await;
    let clients = &suite.clients;
    for text in bad_texts() {
        resolve(clients, query(&text), Default::default(), &["query.text"]).await;
        match_entities(clients, query(&text), Default::default(), &["query.text"]).await;
        let request = normalization::NormalizeRequest { text: text.clone(), options: None };
        check(clients.normalizer().normalize(request).await, &["text"]);
        let pair = matching::NamePair { a: text.clone(), b: text.clone() };
        let request = matching::CompareNamesRequest { pair: Some(pair), ..Default::default() };
        check(clients.matcher().compare_names(request).await, &["pair.a", "pair.b"]);
        let entity = Some(person("T1", &[GOOD, &text]));
        let request = registry::CreateEntityRequest { entity, ..Default::default() };
        check(clients.registry().create_entity(request).await, &["entity.names[1].text"]);
        let keys = vec![registry::LookupKey { key: Some(registry::lookup_key::Key::Name(text)) }];
        let request = registry::LookupEntitiesRequest { keys };
        check(clients.registry().lookup_entities(request).await, &["keys[0].name"]);
    }
}

/// A good text between bad ones.
fn mixed() -> Vec<String> {
    let [empty, marks, emoji, long] = bad_texts();
    vec![GOOD.to_owned(), empty, marks, GOOD.to_owned(), emoji, long, GOOD.to_owned()]
}

/// The outcome of each of [`mixed`]: `ok`, or the wrong fields.
fn mixed_outcomes(path: impl Fn(usize) -> String) -> Vec<String> {
    let outcome =
        |(at, text): (usize, String)| if text == GOOD { "ok".to_owned() } else { path(at) };
    mixed().into_iter().enumerate().map(outcome).collect()
}

#[tokio::test]
async fn a_bad_item_of_a_batch_fails_alone() {
    let suite = Suite::start_empty().await;
    let clients = &suite.clients;
    let queries: Vec<_> = mixed().iter().map(|text| query(text)).collect();
    let line = |item: Option<tonic_types::Status>| {
        item.map_or("ok".to_owned(), |item| item_fields(&item).join(" "))
    };

    let request = resolution::BatchResolveRequest { queries: queries.clone(), options: None };
    let answer = clients.resolver().batch_resolve(request).await.unwrap().into_inner();
    let found: Vec<_> =
        answer.outcomes.into_iter().map(|outcome| line(resolve_error(outcome.outcome))).collect();
    assert_eq!(found, mixed_outcomes(|at| format!("queries[{at}].text")));

    let request = matching::BatchMatchEntitiesRequest { queries, options: None };
    let answer = clients.matcher().batch_match_entities(request).await.unwrap().into_inner();
    let found: Vec<_> =
        answer.outcomes.into_iter().map(|outcome| line(match_error(outcome.outcome))).collect();
    assert_eq!(found, mixed_outcomes(|at| format!("queries[{at}].text")));

    let request = normalization::BatchNormalizeRequest { texts: mixed(), options: None };
    let answer = clients.normalizer().batch_normalize(request).await.unwrap().into_inner();
    let found: Vec<_> =
        answer.outcomes.into_iter().map(|outcome| line(normalize_error(outcome.outcome))).collect();
    assert_eq!(found, mixed_outcomes(|at| format!("texts[{at}]")));

    let pair = |text: String| matching::NamePair { a: text, b: GOOD.to_owned() };
    let pairs = mixed().into_iter().map(pair).collect();
    let request = matching::BatchCompareNamesRequest { pairs, ..Default::default() };
    let answer = clients.matcher().batch_compare_names(request).await.unwrap().into_inner();
    let found: Vec<_> =
        answer.outcomes.into_iter().map(|outcome| line(compare_error(outcome.outcome))).collect();
    assert_eq!(found, mixed_outcomes(|at| format!("pairs[{at}].a")));
}

fn resolve_error(
    outcome: Option<resolution::resolve_outcome::Outcome>,
) -> Option<tonic_types::Status> {
    match outcome.unwrap() {
        resolution::resolve_outcome::Outcome::Resolution(_) => None,
        resolution::resolve_outcome::Outcome::Error(item) => Some(item),
    }
}

fn match_error(outcome: Option<matching::match_outcome::Outcome>) -> Option<tonic_types::Status> {
    match outcome.unwrap() {
        matching::match_outcome::Outcome::Result(_) => None,
        matching::match_outcome::Outcome::Error(item) => Some(item),
    }
}

fn normalize_error(
    outcome: Option<normalization::normalize_outcome::Outcome>,
) -> Option<tonic_types::Status> {
    match outcome.unwrap() {
        normalization::normalize_outcome::Outcome::Name(_) => None,
        normalization::normalize_outcome::Outcome::Error(item) => Some(item),
    }
}

fn compare_error(
    outcome: Option<matching::compare_outcome::Outcome>,
) -> Option<tonic_types::Status> {
    match outcome.unwrap() {
        matching::compare_outcome::Outcome::Comparison(_) => None,
        matching::compare_outcome::Outcome::Error(item) => Some(item),
    }
}

#[tokio::test]
async fn a_bad_item_of_a_stream_fails_alone_and_keeps_its_number() {
    let suite = Suite::start_empty().await;
    let item = |(item_number, text): (i64, String)| resolution::ResolveItem {
        item_number,
        query: Some(query(&text)),
        options: None,
    };
    let message = |first: i64| resolution::StreamResolveRequest {
        items: (first..).zip(mixed()).map(item).collect(),
        options: None,
    };
    let messages = [message(1_000), message(7)];
    let answers = suite.clients.resolver().stream_resolve(tokio_stream::iter(messages)).await;
    let mut answers = answers.unwrap().into_inner();
    for first in [1_000, 7] {
        let answer = answers.message().await.unwrap().unwrap();
        let numbers: Vec<_> = answer.outcomes.iter().map(|outcome| outcome.item_number).collect();
        assert_eq!(numbers, (first..first + 7).collect::<Vec<i64>>());
        let line = |outcome: resolution::ItemOutcome| match outcome.outcome.unwrap() {
            resolution::item_outcome::Outcome::Resolution(_) => "ok".to_owned(),
            resolution::item_outcome::Outcome::Error(item) => item_fields(&item).join(" "),
        };
        let found: Vec<_> = answer.outcomes.into_iter().map(line).collect();
        assert_eq!(found, mixed_outcomes(|at| format!("items[{at}].query.text")));
    }

    let queries = mixed().iter().map(|text| query(text)).collect();
    let request = matching::StreamMatchEntitiesRequest { queries, options: None };
    let answers =
        suite.clients.matcher().stream_match_entities(tokio_stream::iter([request])).await;
    let answer = answers.unwrap().into_inner().message().await.unwrap().unwrap();
    let line = |item: Option<tonic_types::Status>| {
        item.map_or("ok".to_owned(), |item| item_fields(&item).join(" "))
    };
    let found: Vec<_> =
        answer.outcomes.into_iter().map(|outcome| line(match_error(outcome.outcome))).collect();
    assert_eq!(found, mixed_outcomes(|at| format!("queries[{at}].text")));

    let request = normalization::StreamNormalizeRequest { texts: mixed(), options: None };
    let answers = suite.clients.normalizer().stream_normalize(tokio_stream::iter([request])).await;
    let answer = answers.unwrap().into_inner().message().await.unwrap().unwrap();
    let found: Vec<_> =
        answer.outcomes.into_iter().map(|outcome| line(normalize_error(outcome.outcome))).collect();
    assert_eq!(found, mixed_outcomes(|at| format!("texts[{at}]")));
}

#[tokio::test]
async fn a_bad_row_of_an_import_fails_alone() {
    let suite = Suite::start_empty().await;
    let rows = (10..).zip(mixed()).map(|(row_number, text)| registry::ImportRow {
        row_number,
        entity: Some(person(&format!("T{row_number}"), &[&text])),
    });
    let request = registry::ImportEntitiesRequest {
        header: Some(registry::ImportHeader { dataset: "test".to_owned(), ..Default::default() }),
        chunk_number: 0,
        rows: rows.collect(),
        last: false,
    };
    let acks = suite.clients.registry().import_entities(tokio_stream::iter([request])).await;
    let ack = acks.unwrap().into_inner().message().await.unwrap().unwrap();
    let refused: Vec<_> = ack
        .errors
        .iter()
        .map(|row| (row.row_number, item_fields(row.error.as_ref().unwrap()).join(" ")))
        .collect();
    let expected = [11, 12, 14, 15].map(|row| (row, "entity.names[0].text".to_owned()));
    assert_eq!(refused, expected);
    let counts = ack.counts.unwrap();
    assert_eq!((counts.created_count, counts.rejected_count, ack.catalogue_version), (3, 4, 3));
}

#[tokio::test]
async fn a_wrong_option_is_refused_with_its_path() {
    let suite = Suite::start_empty().await;
    let clients = &suite.clients;
    let good = || query(GOOD);
    for candidates_max in [101, -1] {
        let expected = ["options.candidates_max"];
        let options = resolution::ResolveOptions { candidates_max, ..Default::default() };
        resolve(clients, good(), options, &expected).await;
        let options = matching::MatchOptions { candidates_max, ..Default::default() };
        match_entities(clients, good(), options, &expected).await;
    }
    let expected = ["options.min_catalogue_version"];
    let options = resolution::ResolveOptions { min_catalogue_version: -1, ..Default::default() };
    resolve(clients, good(), options, &expected).await;
    let options = matching::MatchOptions { min_catalogue_version: -1, ..Default::default() };
    match_entities(clients, good(), options, &expected).await;
    let expected = ["options.explanation"];
    let options = resolution::ResolveOptions { explanation: 99, ..Default::default() };
    resolve(clients, good(), options, &expected).await;
    let options = matching::MatchOptions { explanation: 99, ..Default::default() };
    match_entities(clients, good(), options, &expected).await;
    let options =
        normalization::NormalizeOptions { profile: 99, trace: 99, tokens: 99, readings: 99 };
    let request = normalization::NormalizeRequest { text: GOOD.to_owned(), options: Some(options) };
    let expected = ["options.profile", "options.readings", "options.tokens", "options.trace"];
    check(clients.normalizer().normalize(request).await, &expected);
}

#[tokio::test]
async fn a_wrong_option_of_an_item_of_a_stream_refuses_that_item_with_its_path() {
    let suite = Suite::start_empty().await;
    let policy = Some(shared::MatchPolicy { threshold: Some(2.0), margin: Some(-1.0) });
    let own = resolution::ResolveOptions { candidates_max: -1, policy, ..Default::default() };
    let item = |options| resolution::ResolveItem {
        query: Some(query(GOOD)),
        options,
        ..Default::default()
    };
    let items = vec![item(None), item(Some(own))];
    let message = resolution::StreamResolveRequest { items, options: None };
    let answers = suite.clients.resolver().stream_resolve(tokio_stream::iter([message])).await;
    let answer = answers.unwrap().into_inner().message().await.unwrap().unwrap();
    let [good, bad] = answer.outcomes.try_into().unwrap();
    assert!(matches!(good.outcome, Some(ItemOutcome::Resolution(_))));
    let Some(ItemOutcome::Error(refused)) = bad.outcome else { panic!("not refused") };
    let expected = ["candidates_max", "policy.margin", "policy.threshold"]
        .map(|part| format!("items[1].options.{part}"));
    assert_eq!(item_fields(&refused), expected);
}

/// A query with every kind of mistake that a query can have, and their paths.
fn all_wrong() -> (shared::NameQuery, [&'static str; 7]) {
    let query = shared::NameQuery {
        text: "🙂".to_owned(),
        other_texts: vec![GOOD.to_owned(), String::new()],
        language: "x".repeat(65),
        profile: 99,
        filter: Some(shared::Filter {
            types: vec![99],
            countries: vec!["ru".to_owned()],
            ..Default::default()
        }),
        evidence: Some(shared::Evidence { gender: 99, ..Default::default() }),
    };
    let paths = [
        "query.evidence.gender",
        "query.filter.countries[0]",
        "query.filter.types[0]",
        "query.language",
        "query.other_texts[1]",
        "query.profile",
        "query.text",
    ];
    (query, paths)
}

#[tokio::test]
async fn everything_wrong_with_a_call_is_told_at_once() {
    let suite = Suite::start_empty().await;
    let clients = &suite.clients;
    let (query, paths) = all_wrong();
    resolve(clients, query.clone(), Default::default(), &paths).await;
    match_entities(clients, query.clone(), Default::default(), &paths).await;

    let mut expected =
        vec!["options.candidates_max", "options.explanation", "options.min_catalogue_version"];
    expected.extend(paths);
    let options = resolution::ResolveOptions {
        candidates_max: -1,
        explanation: 99,
        min_catalogue_version: -1,
        ..Default::default()
    };
    resolve(clients, query.clone(), options, &expected).await;
    let options = matching::MatchOptions {
        candidates_max: -1,
        explanation: 99,
        min_catalogue_version: -1,
        ..Default::default()
    };
    match_entities(clients, query, options, &expected).await;

    let options = normalization::NormalizeOptions { profile: 99, ..Default::default() };
    let request = normalization::NormalizeRequest { text: String::new(), options: Some(options) };
    check(clients.normalizer().normalize(request).await, &["options.profile", "text"]);
    let request = matching::CompareNamesRequest {
        pair: Some(matching::NamePair::default()),
        policy: Some(shared::MatchPolicy { threshold: Some(2.0), margin: None }),
        explanation: 99,
    };
    let expected = ["explanation", "pair.a", "pair.b", "policy.threshold"];
    check(clients.matcher().compare_names(request).await, &expected);
}

#[tokio::test]
async fn everything_wrong_with_an_item_of_a_batch_is_told_at_once_and_fails_it_alone() {
    let suite = Suite::start_empty().await;
    let (bad, paths) = all_wrong();
    let paths = paths.map(|path| path.replacen("query", "queries[1]", 1));
    let request = resolution::BatchResolveRequest {
        queries: vec![query(GOOD), bad, query(GOOD)],
        options: None,
    };
    let answer = suite.clients.resolver().batch_resolve(request).await.unwrap().into_inner();
    let errors = answer.outcomes.into_iter().map(|outcome| resolve_error(outcome.outcome));
    let errors: Vec<_> = errors.map(|item| item.map(|item| item_fields(&item))).collect();
    assert_eq!(errors, [None, Some(paths.to_vec()), None]);
}

#[tokio::test]
async fn a_batch_that_is_empty_or_over_the_limit_is_refused_whole() {
    let suite = Suite::start_empty().await;
    let clients = &suite.clients;
    for count in [0, 1_001] {
        let queries = vec![query(GOOD); count];
        let request = resolution::BatchResolveRequest { queries: queries.clone(), options: None };
        check(clients.resolver().batch_resolve(request).await, &["queries"]);
        let request = matching::BatchMatchEntitiesRequest { queries, options: None };
        check(clients.matcher().batch_match_entities(request).await, &["queries"]);
        let texts = vec![GOOD.to_owned(); count];
        let request = normalization::BatchNormalizeRequest { texts, options: None };
        check(clients.normalizer().batch_normalize(request).await, &["texts"]);
        let pairs = vec![matching::NamePair { a: GOOD.to_owned(), b: GOOD.to_owned() }; count];
        let request = matching::BatchCompareNamesRequest { pairs, ..Default::default() };
        check(clients.matcher().batch_compare_names(request).await, &["pairs"]);
        let canonical_ids = vec!["Q1".to_owned(); count];
        let request = registry::BatchGetEntitiesRequest { canonical_ids };
        check(clients.registry().batch_get_entities(request).await, &["canonical_ids"]);
        let keys =
            vec![
                registry::LookupKey { key: Some(registry::lookup_key::Key::Name(GOOD.to_owned())) };
                count
            ];
        let request = registry::LookupEntitiesRequest { keys };
        check(clients.registry().lookup_entities(request).await, &["keys"]);
    }
}

#[tokio::test]
async fn a_message_over_the_limit_ends_its_stream_after_the_answers_before_it() {
    let suite = Suite::start_empty().await;
    let item = || resolution::ResolveItem { query: Some(query(GOOD)), ..Default::default() };
    let message =
        |count| resolution::StreamResolveRequest { items: vec![item(); count], options: None };
    let messages = [message(2), message(1_001), message(2)];
    let answers = suite.clients.resolver().stream_resolve(tokio_stream::iter(messages)).await;
    let mut answers = answers.unwrap().into_inner();
    assert_eq!(answers.message().await.unwrap().unwrap().outcomes.len(), 2);
    assert_eq!(fields(&answers.message().await.unwrap_err()), ["items"]);

    let message = |count| matching::StreamMatchEntitiesRequest {
        queries: vec![query(GOOD); count],
        options: None,
    };
    let messages = [message(2), message(1_001)];
    let answers = suite.clients.matcher().stream_match_entities(tokio_stream::iter(messages)).await;
    let mut answers = answers.unwrap().into_inner();
    assert_eq!(answers.message().await.unwrap().unwrap().outcomes.len(), 2);
    assert_eq!(fields(&answers.message().await.unwrap_err()), ["queries"]);

    let message = |count| normalization::StreamNormalizeRequest {
        texts: vec![GOOD.to_owned(); count],
        options: None,
    };
    let messages = [message(2), message(1_001)];
    let answers = suite.clients.normalizer().stream_normalize(tokio_stream::iter(messages)).await;
    let mut answers = answers.unwrap().into_inner();
    assert_eq!(answers.message().await.unwrap().unwrap().outcomes.len(), 2);
    assert_eq!(fields(&answers.message().await.unwrap_err()), ["texts"]);
}
