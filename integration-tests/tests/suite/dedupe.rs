//! `hawiya dedupe` as a person or a pipeline uses it: pairs are found, decided, and not asked again.

use std::fs;

use integration_tests::Home;
use serde_json::{Value, json};

const PEOPLE: &str = r#"{"id":"T1","type":"person","birth_date":"1950-03-21","prominence":0.5,"names":[{"text":"Zayd Qutrub","language":"en"}]}
{"id":"T2","type":"person","birth_date":"1950","names":[{"text":"Zayd Qutrub"},{"text":"زيد قطرب","language":"ar"}]}
{"id":"T3","type":"city","names":[{"text":"Zayd Qutrub"}]}
{"id":"T4","type":"person","names":[{"text":"Hamdi Shalqash"}]}
{"id":"T5","type":"person","names":[{"text":"حمدي شلقاش"},{"text":"Hamdi Shalqash","kind":"alias"}]}
"#;

fn home_of_people() -> Home {
    let home = Home::default();
    let file = home.file("people.jsonl", PEOPLE.as_bytes());
    assert_eq!(home.run(&["import", &file]).code, Some(0));
    home
}

/// The pairs that are proposed among the people, by their ids.
#[track_caller]
fn pairs(home: &Home) -> Vec<Value> {
    let ended = home.run(&["dedupe", "--dataset", "people"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    ended.lines()
}

fn ids(pair: &Value) -> [&str; 2] {
    ["survivor", "merged"].map(|side| pair[side]["canonical_id"].as_str().unwrap())
}

fn decide(home: &Home, pairs: &[Value], decision: &str) -> Value {
    let decided = pairs.iter().map(|pair| {
        let mut pair = pair.clone();
        pair["decision"] = json!(decision);
        format!("{pair}\n")
    });
    let file = home.file("decided.jsonl", decided.collect::<String>().as_bytes());
    let ended = home.run(&["dedupe", "--decisions", &file, "--actor", "test"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.lines().pop().unwrap()
}

#[test]
fn entities_of_one_type_that_share_a_name_are_proposed_once() {
    let home = home_of_people();
    let pairs = pairs(&home);
    let mut found: Vec<_> = pairs.iter().map(ids).collect();
    found.sort_unstable();
    assert_eq!(found, [["T1", "T2"], ["T5", "T4"]], "{pairs:?}");
    assert!(pairs.iter().all(|pair| pair["decision"].is_null()), "{pairs:?}");
}

#[test]
fn a_pair_that_is_one_is_merged_and_found_by_all_its_names() {
    let home = home_of_people();
    let proposed = pairs(&home);
    let told = decide(&home, &proposed, "yes");
    assert_eq!((&told["merged"], &told["failed"]), (&json!(2), &json!(0)));
    assert!(pairs(&home).is_empty());
    let found = home.run(&["resolve", "--type", "person", "زيد قطرب"]).lines();
    assert_eq!(found[0]["canonical_id"], "T1");
    // An import does not bring back what a person merged.
    let file = home.file("people.jsonl", PEOPLE.as_bytes());
    let again = home.run(&["import", &file]);
    assert!(pairs(&home).is_empty(), "{again:?}");
}

#[test]
fn a_pair_that_is_two_or_is_put_off_is_not_asked_about_again() {
    for (decision, key) in [("no", "distinct"), ("defer", "deferred")] {
        let home = home_of_people();
        let proposed = pairs(&home);
        assert_eq!(decide(&home, &proposed, decision)[key], 2);
        assert!(pairs(&home).is_empty(), "{decision}");
        let exported = home.run(&["export", "--dataset", "people"]).lines();
        assert_eq!(exported.len(), 5, "nothing was merged");
    }
}

#[test]
fn a_decision_that_cannot_be_carried_out_is_told_and_the_others_are() {
    let home = home_of_people();
    let lines = [
        r#"{"decision":"yes","survivor":{"canonical_id":"T1"},"merged":{"canonical_id":"T9"}}"#,
        r#"{"decision":"maybe","survivor":{"canonical_id":"T1"},"merged":{"canonical_id":"T2"}}"#,
        r#"{"decision":"yes","survivor":{"canonical_id":"T1"},"merged":{"canonical_id":"T1"}}"#,
        r#"{"survivor":{"canonical_id":"T4"},"merged":{"canonical_id":"T5"}}"#,
        r#"{"decision":"yes","survivor":{"canonical_id":"T1"},"merged":{"canonical_id":"T2"}}"#,
    ];
    let file = home.file("decided.jsonl", lines.join("\n").as_bytes());
    let ended = home.run(&["dedupe", "--decisions", &file]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let told = ended.lines();
    let failed: Vec<_> = told.iter().filter_map(|line| line["input"].as_str()).collect();
    assert_eq!(failed, ["line 1", "line 2", "line 3"]);
    let report = told.last().unwrap();
    assert_eq!((&report["merged"], &report["undecided"]), (&json!(1), &json!(1)), "{report}");
}

#[test]
fn pairs_go_to_a_file_for_somebody_else_to_decide() {
    let home = home_of_people();
    let path = home.file("pairs.jsonl", b"");
    let ended = home.run(&["dedupe", "--dataset", "people", "--output", &path]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), ""), "{ended:?}");
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
}
