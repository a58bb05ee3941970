//! Every rule does what it says, and every rule that fires is listed.

use std::collections::HashSet;

use names::{Name, Profile, Reading, Rule, Stage, readings, repair, rules, rules_version, trace};
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
            Stage::Repair => &repair(input).unwrap_or_else(|| panic!("{}", rule.id)).text,
            Stage::Reading => &reading(rule).unwrap_or_else(|| panic!("{}", rule.id)).form,
        };
        assert_eq!(output, expected, "{}", rule.id);
    }
}

/// What a rule reads in its example, without a profile or under any.
fn reading(rule: &Rule) -> Option<Reading> {
    let profiles = PROFILES.map(Some).into_iter().chain([None]);
    let mut all = profiles.flat_map(|profile| readings(rule.example.0, profile));
    all.find(|reading| reading.rule == rule.id)
}

const PROFILES: [Profile; 7] = [
    Profile::Egypt,
    Profile::Levant,
    Profile::Iraq,
    Profile::Gulf,
    Profile::Maghreb,
    Profile::Persian,
    Profile::Urdu,
];

#[test]
fn readings_are_few_different_and_not_the_form() {
    for text in rules().iter().map(|rule| rule.example.0).chain(["جاكوچذ گوتة"]) {
        for profile in PROFILES.map(Some).into_iter().chain([None]) {
            let forms: HashSet<_> = readings(text, profile).into_iter().map(|it| it.form).collect();
            assert_eq!(forms.len(), readings(text, profile).len(), "{text}");
            assert!(forms.len() <= 8 && !forms.contains(Name::new(text).form()), "{text}");
        }
    }
}

#[test]
fn every_rule_fires_on_its_example() {
    for rule in rules().iter().filter(|rule| rule.stage != Stage::Reading) {
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
