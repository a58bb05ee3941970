//! Decisions about mentions.

use std::time::{Duration, SystemTime};

use super::*;

fn decision(text: &str, entity_id: &str, answer: Answer) -> Decision {
    Decision {
        number: 0,
        text: text.into(),
        form: form_of(text),
        rules_version: names::rules_version().to_owned(),
        entity_id: entity_id.into(),
        answer,
        scope: String::new(),
        actor: "a person".into(),
        comment: String::new(),
        created: SystemTime::UNIX_EPOCH,
        expires: None,
    }
}

async fn decide(store: &Store, decision: Decision) -> Decision {
    store.decide(decision, String::new()).await.unwrap()
}

/// What applies to a mention: "yes Q1", "no".
async fn applying(store: &Store, text: &str, scope: &str) -> Vec<String> {
    let sets = store.lookup_decisions(&[form_of(text)], scope).await.unwrap();
    let line = |decision: &Decision| format!("{:?} {}", decision.answer, decision.entity_id);
    sets[0].iter().map(line).collect()
}

pub(super) async fn a_decision_is_found_by_its_form_and_scope_until_it_expires(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "a"), ("Q2", "b")]).await;
    decide(&store, decision("بيونغ يانغ", "Q1", Answer::No)).await;
    decide(&store, Decision { scope: "desk".into(), ..decision("بيونغ يانغ", "Q2", Answer::Yes) })
        .await;
    let past = Some(SystemTime::now() - Duration::from_secs(1));
    decide(&store, Decision { expires: past, ..decision("بيونغ يانغ", "", Answer::Defer) }).await;
    assert_eq!(applying(&store, "بيونج يانج", "desk").await, ["Yes Q2", "No Q1"]);
    assert_eq!(applying(&store, "بيونج يانج", "").await, ["No Q1"]);
    assert_eq!(applying(&store, "طوكيو", "desk").await, [""; 0]);
    let unknown = store.decide(decision("x", "Q9", Answer::Yes), String::new()).await;
    assert!(matches!(unknown, Err(Error::NotFound { .. })));
}

pub(super) async fn a_newer_decision_about_one_entity_takes_the_place_of_the_older(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "a"), ("Q2", "b")]).await;
    decide(&store, decision("x", "Q1", Answer::Yes)).await;
    decide(&store, decision("x", "Q2", Answer::No)).await;
    decide(&store, decision("x", "Q1", Answer::No)).await;
    assert_eq!(applying(&store, "x", "").await, ["No Q1", "No Q2"]);
}

pub(super) async fn a_decision_follows_its_entity(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "a"), ("Q2", "b")]).await;
    decide(&store, decision("x", "Q1", Answer::Yes)).await;
    merge(&store, "Q2", &["Q1"]).await.unwrap();
    assert_eq!(applying(&store, "x", "").await, ["Yes Q2"]);
    delete(&store, "Q2", "").await.unwrap();
    assert_eq!(applying(&store, "x", "").await, [""; 0]);
}

pub(super) async fn of_decisions_about_entities_that_were_merged_the_newest_applies(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "a"), ("Q2", "b")]).await;
    decide(&store, decision("x", "Q1", Answer::Yes)).await;
    decide(&store, decision("x", "Q2", Answer::No)).await;
    let merged = merge(&store, "Q2", &["Q1"]).await.unwrap();
    assert_eq!(applying(&store, "x", "").await, ["No Q2"]);
    revert(&store, &merged.change_id).await.unwrap();
    assert_eq!(applying(&store, "x", "").await, ["No Q2", "Yes Q1"]);
}

pub(super) async fn a_repeated_decision_is_stored_once(place: Place) {
    let store = place.open().await;
    let said = || decision("x", "", Answer::No);
    let first = store.decide(said(), "r-1".into()).await.unwrap();
    let again = store.decide(said(), "r-1".into()).await.unwrap();
    assert_eq!((first.id().as_str(), &again), ("d1", &first));
    let other = store.decide(decision("y", "", Answer::No), "r-1".into()).await;
    assert!(matches!(other, Err(Error::RequestIdUsed { .. })));
}

pub(super) async fn decisions_are_paged_and_filtered(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "a")]).await;
    for text in ["x", "y", "z"] {
        decide(&store, decision(text, "Q1", Answer::No)).await;
    }
    decide(&store, Decision { scope: "desk".into(), ..decision("x", "", Answer::Defer) }).await;
    let texts = async |filter: DecisionFilter, below: i64| {
        let (decisions, more) = store.decisions(&filter, below, 2).await.unwrap();
        (decisions.into_iter().map(|decision| decision.text).collect::<Vec<_>>().concat(), more)
    };
    let all = DecisionFilter::default;
    assert_eq!(texts(all(), i64::MAX).await, ("xz".into(), true));
    assert_eq!(texts(all(), 3).await, ("yx".into(), false));
    let scope = DecisionFilter { scope: "desk".into(), ..all() };
    assert_eq!(texts(scope, i64::MAX).await, ("x".into(), false));
    let entity = DecisionFilter { entity_id: "Q1".into(), form: form_of("y"), ..all() };
    assert_eq!(texts(entity, i64::MAX).await, ("y".into(), false));
}

pub(super) async fn forms_of_other_rules_are_made_again(place: Place) {
    let store = place.open().await;
    let old = Decision {
        form: "a form of old".into(),
        rules_version: "old".into(),
        ..decision("Пхеньян", "", Answer::No)
    };
    decide(&store, old).await;
    store.close().await;
    drop(store);
    let store = place.open().await;
    assert_eq!(applying(&store, "Пхеньян", "").await, ["No "]);
}
