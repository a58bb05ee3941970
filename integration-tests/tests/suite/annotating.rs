//! Running text in, mentions out, over real sockets.

use integration_tests::{Processes, Service, Suite, catalogue::person, until};
use proto::{
    matching::v1 as matching,
    resolution::v1 as wire,
    r#type::v1 as shared,
    vocabulary::{EntityType, Verdict},
};
use shared::DecisionKind;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use wire::annotate_outcome::Outcome;

fn document(text: &str) -> wire::Document {
    wire::Document {
        document_id: "d1".to_owned(),
        text: text.to_owned(),
        language: "ar".to_owned(),
        ..Default::default()
    }
}

async fn try_annotate(
    suite: &Suite,
    document: wire::Document,
    options: wire::AnnotateOptions,
) -> Result<wire::Annotation, Status> {
    let request = wire::AnnotateTextRequest { document: Some(document), options: Some(options) };
    let answer = suite.clients.resolver().annotate_text(request).await?;
    Ok(answer.into_inner().annotation.expect("an answer has an annotation"))
}

async fn annotate(suite: &Suite, text: &str) -> Vec<wire::Mention> {
    let options = wire::AnnotateOptions::default();
    try_annotate(suite, document(text), options).await.unwrap().mentions
}

/// What stands there and whom it means, `?` where it is ambiguous.
fn shown(mentions: &[wire::Mention]) -> Vec<(String, String)> {
    let id = |mention: &wire::Mention| match &mention.entity {
        Some(entity) => entity.canonical_id.clone(),
        None => "?".to_owned(),
    };
    mentions.iter().map(|mention| (mention.surface.clone(), id(mention))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(surface, id)| ((*surface).to_owned(), (*id).to_owned())).collect()
}

fn fields(refused: &Status) -> Vec<String> {
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused}");
    let bad = refused.get_details_bad_request().expect("a BadRequest names the fields");
    let mut fields: Vec<_> = bad.field_violations.into_iter().map(|wrong| wrong.field).collect();
    fields.sort();
    fields
}

fn item_fields(item: tonic_types::Status) -> Vec<String> {
    fields(&chassis::fault::status_of(item))
}

#[tokio::test]
async fn a_mention_says_where_it_stands_whom_it_means_and_why() {
    let suite = Suite::start().await;
    let text = "👍 وصل سيرجي لافروف إلى القاهرة. وكان للافروف موعد.";
    let options = wire::AnnotateOptions { display_language: "en".to_owned(), ..Default::default() };
    let found = try_annotate(&suite, document(text), options).await.unwrap();
    assert_eq!((found.document_id.as_str(), found.degradations.len()), ("d1", 0));
    let alone = suite.clients.resolve("سيرجي لافروف").await;
    let made_at = (found.catalogue_version, found.rules_version.as_str());
    assert_eq!(made_at, (alone.catalogue_version, alone.rules_version.as_str()));
    let expected = [("سيرجي لافروف", "Q58217"), ("القاهرة", "Q85"), ("لافروف", "Q58217")];
    assert_eq!(shown(&found.mentions), pairs(&expected));
    let [full, _, short] = found.mentions.as_slice() else { panic!("three mentions") };
    assert_eq!(full.verdict(), Verdict::Match);
    assert_eq!(full.entity.as_ref().unwrap().name, "Sergey Lavrov");
    assert_eq!(full.reason, "another spelling of `سيرغي لافروف`");
    assert_eq!(full.form, alone.form);
    assert_eq!(full.candidates.len(), 1);
    assert_eq!((short.clitics.as_str(), short.bound_to_mention), ("ل", Some(0)));
    assert_eq!(short.reason, "short for `سيرجي لافروف` in the same text");
    for mention in &found.mentions {
        let offsets = mention.offsets.unwrap();
        let range = |start: i32, end: i32| start as usize..end as usize;
        let bytes = range(offsets.byte_start, offsets.byte_end);
        assert_eq!(&text[bytes], mention.surface);
        let utf16: Vec<u16> = text.encode_utf16().collect();
        let units = &utf16[range(offsets.utf16_start, offsets.utf16_end)];
        assert_eq!(String::from_utf16(units).unwrap(), mention.surface);
        let points = range(offsets.code_point_start, offsets.code_point_end);
        let chars: String =
            text.chars().skip(points.start).take(points.end - points.start).collect();
        assert_eq!(chars, mention.surface);
    }
}

#[tokio::test]
async fn a_bad_text_of_a_batch_fails_alone_and_says_everything_that_is_wrong_with_it() {
    let suite = Suite::start_empty().await;
    let all_wrong = wire::Document {
        document_id: "x".repeat(257),
        text: String::new(),
        language: "a".repeat(65),
        profile: 99,
    };
    let longest = wire::Document { text: "ب ".repeat(50_000), ..document("") };
    let too_long = wire::Document { text: "ب ".repeat(50_000) + "ب", ..document("") };
    let documents = vec![document("لافروف"), all_wrong, longest, too_long];
    let request = wire::BatchAnnotateTextsRequest { documents, options: None };
    let answer = suite.clients.resolver().batch_annotate_texts(request).await.unwrap();
    let outcomes: Vec<Outcome> =
        answer.into_inner().outcomes.into_iter().filter_map(|outcome| outcome.outcome).collect();
    let mut refusals = Vec::new();
    for (at, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Outcome::Annotation(annotation) => assert_eq!(annotation.document_id, "d1"),
            Outcome::Error(item) => refusals.push((at, item_fields(item))),
        }
    }
    let path = |part: &str| format!("documents[1].{part}");
    let wrong = ["document_id", "language", "profile", "text"].map(path).to_vec();
    assert_eq!(refusals, [(1, wrong), (3, vec!["documents[3].text".to_owned()])]);
}

#[tokio::test]
async fn everything_wrong_with_a_call_is_told_at_once() {
    let suite = Suite::start_empty().await;
    let policy = shared::MatchPolicy { threshold: Some(2.0), margin: Some(-1.0) };
    let filter = shared::Filter { countries: vec!["xx".to_owned()], ..Default::default() };
    let options = wire::AnnotateOptions {
        filter: Some(filter),
        policy: Some(policy),
        overlap: 99,
        candidates_max: 101,
        display_language: "a".repeat(65),
        min_catalogue_version: -1,
        decision_scope: "a b".to_owned(),
    };
    let own = [
        "candidates_max",
        "decision_scope",
        "display_language",
        "min_catalogue_version",
        "overlap",
    ];
    let mut expected: Vec<String> = own.iter().map(|field| format!("options.{field}")).collect();
    let refused = try_annotate(&suite, document(""), options).await.unwrap_err();
    expected.insert(0, "document.text".to_owned());
    assert_eq!(fields(&refused), expected);

    let theirs = wire::AnnotateOptions {
        filter: Some(shared::Filter { countries: vec!["xx".to_owned()], ..Default::default() }),
        policy: Some(policy),
        ..Default::default()
    };
    let refused = try_annotate(&suite, document(""), theirs).await.unwrap_err();
    let expected = [
        "document.text",
        "options.filter.countries[0]",
        "options.policy.margin",
        "options.policy.threshold",
    ];
    assert_eq!(fields(&refused), expected);
}

#[tokio::test]
async fn a_batch_that_is_empty_or_over_a_limit_is_refused_whole() {
    let suite = Suite::start_empty().await;
    let long = || document(&"ب".repeat(100_000));
    let batches =
        [vec![], (0..101).map(|_| document("ب")).collect(), (0..11).map(|_| long()).collect()];
    for documents in batches {
        let request =
            wire::BatchAnnotateTextsRequest { documents: documents.clone(), options: None };
        let mut resolver = suite.clients.resolver().max_encoding_message_size(16 << 20);
        let refused = resolver.batch_annotate_texts(request).await.unwrap_err();
        assert_eq!(fields(&refused), ["documents"]);
        let passages = documents
            .into_iter()
            .map(|document| matching::Passage { text: document.text, ..Default::default() })
            .collect();
        let request = matching::BatchFindMentionsRequest { passages, options: None };
        let refused = suite.clients.matcher().batch_find_mentions(request).await.unwrap_err();
        assert_eq!(fields(&refused), ["passages"]);
    }
}

#[tokio::test]
async fn the_matcher_refuses_a_ruling_that_says_nothing() {
    let suite = Suite::start_empty().await;
    let ruling = matching::FormRuling { form: "كيم".to_owned(), ..Default::default() };
    let options = matching::MentionOptions { rulings: vec![ruling], ..Default::default() };
    let passages = vec![matching::Passage { text: "كيم".to_owned(), ..Default::default() }];
    let request = matching::BatchFindMentionsRequest { passages, options: Some(options) };
    let refused = suite.clients.matcher().batch_find_mentions(request).await.unwrap_err();
    assert_eq!(fields(&refused), ["options.rulings[0].kind"]);
}

/// Two people of one name.
async fn namesakes() -> Suite {
    let suite = Suite::start_empty().await;
    let entities = vec![
        person("T1", &["Zayd Qutrub", "زيد قطرب"]),
        person("T2", &["زيد قطرب"]),
        person("T3", &["زيد قطرب الكبير"]),
    ];
    let version = suite.clients.import(entities).await;
    suite.clients.settle(version).await;
    suite
}

async fn decide(suite: &Suite, text: &str, kind: DecisionKind, id: &str, scope: &str) {
    let request = wire::RecordDecisionRequest {
        text: text.to_owned(),
        canonical_id: id.to_owned(),
        kind: kind.into(),
        scope: scope.to_owned(),
        actor: "a person".to_owned(),
        ..Default::default()
    };
    suite.clients.resolver().record_decision(request).await.unwrap();
}

#[tokio::test]
async fn what_people_decided_about_a_form_is_obeyed() {
    let suite = namesakes().await;
    let text = "وصل زيد قطرب أمس. وقال قطرب إنه راض.";
    let before = annotate(&suite, text).await;
    assert_eq!(shown(&before)[0], ("زيد قطرب".to_owned(), "?".to_owned()));
    assert_eq!(before[0].candidates.len(), 2);

    decide(&suite, "زيد قطرب", DecisionKind::No, "T1", "").await;
    let found = annotate(&suite, text).await;
    assert_eq!(shown(&found)[0], ("زيد قطرب".to_owned(), "T2".to_owned()));

    decide(&suite, "زيد قطرب", DecisionKind::Yes, "T1", "team").await;
    let options = wire::AnnotateOptions { decision_scope: "team".to_owned(), ..Default::default() };
    let found = try_annotate(&suite, document(text), options).await.unwrap().mentions;
    let expected = [("زيد قطرب", "T1"), ("قطرب", "T1")];
    assert_eq!(shown(&found), pairs(&expected));
    assert_eq!(found[0].reason, "a person decided that it is `Zayd Qutrub`");

    decide(&suite, "زيد قطرب", DecisionKind::Defer, "", "").await;
    let found = annotate(&suite, text).await;
    assert!(found.iter().all(|mention| mention.surface != "زيد قطرب"), "{found:?}");
}

#[tokio::test]
async fn a_filter_and_an_overlap_policy_choose_among_the_mentions() {
    let suite = Suite::start().await;
    let text = "زار وفد الأمم المتحدة القاهرة ولندن";
    let types = vec![EntityType::City.into()];
    let filter = Some(shared::Filter { types, ..Default::default() });
    let options = wire::AnnotateOptions { filter, ..Default::default() };
    let found = try_annotate(&suite, document(text), options).await.unwrap().mentions;
    assert_eq!(shown(&found), pairs(&[("القاهرة", "Q85"), ("لندن", "Q84")]));

    let text = "في مجلس الأمن الدولي";
    let ids = async |overlap: wire::OverlapPolicy| {
        let options = wire::AnnotateOptions { overlap: overlap.into(), ..Default::default() };
        let found = try_annotate(&suite, document(text), options).await.unwrap().mentions;
        found.iter().map(|mention| mention.surface.clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(wire::OverlapPolicy::Longest).await, ["مجلس الأمن الدولي"]);
    assert_eq!(ids(wire::OverlapPolicy::NotContained).await, ["مجلس الأمن الدولي"]);
    assert_eq!(ids(wire::OverlapPolicy::All).await, ["مجلس الأمن الدولي", "مجلس الأمن"]);
}

#[tokio::test]
async fn texts_of_other_scripts_are_annotated() {
    let suite = Suite::start().await;
    for (text, expected) in [
        ("Sergey Lavrov flew to Cairo.", [("Sergey Lavrov", "Q58217"), ("Cairo", "Q85")]),
        ("Лаврова ждут в Москве.", [("Лаврова", "Q58217"), ("Москве", "Q649")]),
        ("لاوروف از مسکو رفت", [("لاوروف", "Q58217"), ("مسکو", "Q649")]),
    ] {
        assert_eq!(shown(&annotate(&suite, text).await), pairs(&expected));
    }
}

#[tokio::test]
async fn a_change_of_the_catalogue_is_seen_by_who_asks_for_its_version() {
    let suite = Suite::start_empty().await;
    let version = suite.clients.import(vec![person("T1", &["زيد قطرب"])]).await;
    let options = wire::AnnotateOptions { min_catalogue_version: version, ..Default::default() };
    let found = try_annotate(&suite, document("وصل زيد قطرب"), options).await.unwrap();
    assert_eq!(shown(&found.mentions), pairs(&[("زيد قطرب", "T1")]));
    assert!(found.catalogue_version >= version);
}

#[tokio::test]
async fn without_the_registry_mentions_are_found_and_the_answer_says_what_is_missing() {
    let mut processes = Processes::start(None).await;
    processes.kill(Service::Registry);
    let clients = processes.clients.clone();
    let is_degraded = async || {
        let request = wire::AnnotateTextRequest {
            document: Some(document("وصل لافروف إلى القاهرة")),
            options: None,
        };
        let answer = clients.resolver().annotate_text(request).await.unwrap().into_inner();
        let annotation = answer.annotation.unwrap();
        let expected = [("لافروف", "Q58217"), ("القاهرة", "Q85")];
        assert_eq!(shown(&annotation.mentions), pairs(&expected));
        annotation.degradations().any(|what| what == wire::Degradation::Registry)
    };
    until("the answer says that the registry is away", is_degraded).await;

    processes.kill(Service::Matcher);
    let request =
        wire::AnnotateTextRequest { document: Some(document("لافروف")), options: None };
    let refused = clients.resolver().annotate_text(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable, "{refused}");
}
