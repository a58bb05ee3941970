//! Every rule does what it says, and every rule that fires is listed.

use std::collections::HashSet;

use names::{Name, Stage, rules, rules_version, trace};
use proptest::prelude::*;

#[test]
fn the_example_of_every_rule_is_what_the_pipeline_does() {
    for rule in rules() {
        let (input, expected) = rule.example;
        let name = Name::new(input);
        let output = match rule.stage {
            Stage::Orthographic => name.orthographic(),
            Stage::Form => name.form(),
            Stage::Skeleton => name.skeleton(),
            Stage::Repair | Stage::Reading => unreachable!("no rule yet"),
        };
        assert_eq!(output, expected, "{}", rule.id);
    }
}

#[test]
fn every_rule_fires_on_its_example() {
    for rule in rules() {
        let steps = trace(rule.example.0).steps;
        assert!(
            steps.iter().any(|step| step.rule == rule.id && step.stage == rule.stage),
            "{}: {steps:?}",
            rule.id
        );
    }
}

#[test]
fn rules_have_different_ids_in_kebab_case_and_one_sentence() {
    let mut ids = HashSet::new();
    for rule in rules() {
        assert!(ids.insert(rule.id), "{} twice", rule.id);
        assert!(
            rule.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
            "{}",
            rule.id
        );
        assert!(rule.summary.ends_with('.') && !rule.source.is_empty(), "{}", rule.id);
    }
}

#[test]
fn the_version_is_a_hash() {
    assert_eq!(rules_version().len(), "r1-".len() + 16);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_rule_that_fires_is_listed(text in "(?s)([\\p{Arabic}A-Za-zа-яё가-힣ァ-ヶ \u{200C}’.-]|.){0,20}") {
        let ids: HashSet<_> = rules().iter().map(|rule| (rule.id, rule.stage)).collect();
        for step in trace(&text).steps {
            prop_assert!(ids.contains(&(step.rule, step.stage)), "{step:?}");
        }
    }
}
