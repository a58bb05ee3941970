//! The figures on the labelled data beside the project, so that a rule that harms them is seen at once.
//!
//! The data is not part of the project: without it the test says so and passes. Definitions are those of
//! the README beside the data. Run `cargo test --test evaluation -- --nocapture` to see the figures.

#![expect(clippy::print_stderr, reason = "the figures are the point of this test")]

use std::collections::HashMap;
use std::path::PathBuf;

use names::{Name, readings, similarity};

fn rows(file: &str) -> Option<Vec<Vec<String>>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/eval").join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: no `{}`, nothing is measured", path.display());
        return None;
    };
    Some(text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}

fn pairs(file: &str) -> Option<Vec<(Name, Name)>> {
    let rows = rows(file)?;
    Some(rows.iter().map(|row| (Name::new(&row[2]), Name::new(&row[3]))).collect())
}

fn joined(pairs: &[(Name, Name)], key: impl Fn(&Name) -> &str) -> f64 {
    pairs.iter().filter(|(a, b)| key(a) == key(b)).count() as f64 / pairs.len() as f64
}

fn expected_bucket(names: &[Name], key: impl Fn(&Name) -> &str) -> f64 {
    let mut buckets: HashMap<&str, f64> = HashMap::new();
    for name in names {
        *buckets.entry(key(name)).or_default() += 1.0;
    }
    buckets.values().map(|size| size * size).sum::<f64>() / names.len() as f64
}

fn scores(pairs: &[(Name, Name)]) -> Vec<f64> {
    let mut scores: Vec<f64> = pairs.iter().map(|(a, b)| similarity(a, b).score).collect();
    scores.sort_by(f64::total_cmp);
    scores
}

/// The chance that a random variant scores above a random distinct pair, ties counting half.
fn auc(variants: &[f64], distinct: &[f64]) -> f64 {
    let above = |score: &f64| {
        let under = distinct.partition_point(|other| other < score);
        let ties = distinct.partition_point(|other| other <= score) - under;
        under as f64 + ties as f64 / 2.0
    };
    variants.iter().map(above).sum::<f64>() / (variants.len() * distinct.len()) as f64
}

#[test]
fn forms_join_variants_and_keep_distinct_names_apart() {
    let (Some(variants), Some(distinct), Some(catalogue)) =
        (pairs("variants.tsv"), pairs("distinct.tsv"), rows("catalogue.tsv"))
    else {
        return;
    };
    let names: Vec<Name> = catalogue.iter().map(|row| Name::new(&row[1])).collect();
    let (joined_variants, joined_distinct) =
        (joined(&variants, Name::form), joined(&distinct, Name::form));
    let bucket = expected_bucket(&names, Name::form);
    eprintln!(
        "form: variants joined {joined_variants:.4}, distinct joined {joined_distinct:.4}, expected bucket {bucket:.3}"
    );
    assert!(joined_variants >= 0.63 && joined_distinct <= 0.0008 && bucket <= 3.0);
}

/// How many pairs do not share a form, but a reading of one spelling is the form of the other.
fn joined_by_readings(file: &str) -> Option<f64> {
    let rows = rows(file)?;
    let reads = |text: &str, other: &Name| {
        readings(text, None).iter().any(|reading| reading.form == other.form())
    };
    let is_joined = |row: &&Vec<String>| {
        let (a, b) = (Name::new(&row[2]), Name::new(&row[3]));
        a.form() != b.form() && (reads(&row[2], &b) || reads(&row[3], &a))
    };
    Some(rows.iter().filter(is_joined).count() as f64 / rows.len() as f64)
}

#[test]
fn readings_join_more_variants_and_few_distinct_names() {
    let (Some(variants), Some(distinct)) =
        (joined_by_readings("variants.tsv"), joined_by_readings("distinct.tsv"))
    else {
        return;
    };
    eprintln!("readings: variants joined {variants:.4} more, distinct {distinct:.4} more");
    assert!(variants >= 0.125 && distinct <= 0.01);
}

#[test]
fn real_names_are_not_repaired() {
    let Some(catalogue) = rows("catalogue.tsv") else { return };
    let names = catalogue.iter().flatten();
    let repaired = names.filter(|text| names::repair(text).is_some()).count();
    eprintln!("repaired {repaired} of the {} spellings of the catalogue", catalogue.len() * 5);
    assert!(repaired <= 3);
}

#[test]
fn skeletons_join_variants_in_buckets_that_can_be_searched() {
    let (Some(variants), Some(distinct), Some(catalogue)) =
        (pairs("variants.tsv"), pairs("distinct.tsv"), rows("catalogue.tsv"))
    else {
        return;
    };
    let names: Vec<Name> = catalogue.iter().map(|row| Name::new(&row[1])).collect();
    let (joined_variants, joined_distinct) =
        (joined(&variants, Name::skeleton), joined(&distinct, Name::skeleton));
    let bucket = expected_bucket(&names, Name::skeleton);
    eprintln!(
        "skeleton: variants joined {joined_variants:.4}, distinct joined {joined_distinct:.4}, expected bucket {bucket:.2}"
    );
    assert!(joined_variants >= 0.815 && bucket <= 19.3);
}

#[test]
fn skeletons_agree_across_scripts() {
    let Some(catalogue) = rows("catalogue.tsv") else { return };
    for (script, column, equal_min, near_min) in
        [("Latin", 0, 0.86, 0.955), ("Cyrillic", 2, 0.82, 0.95), ("Japanese", 3, 0.51, 0.86)]
    {
        let across: Vec<(Name, Name)> = catalogue
            .iter()
            .filter(|row| !row[column].is_empty())
            .map(|row| (Name::new(&row[1]), Name::new(&row[column])))
            .collect();
        let equal = joined(&across, Name::skeleton);
        let near = across.iter().filter(|(a, b)| is_one_edit_away(a.skeleton(), b.skeleton()));
        let near = near.count() as f64 / across.len() as f64;
        eprintln!("skeleton: with {script} equal {equal:.4}, equal or one edit away {near:.4}");
        assert!(equal >= equal_min && near >= near_min, "{script}");
    }
}

/// Equal, or made equal by changing, adding or taking one class.
fn is_one_edit_away(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let (short, long) = (short.as_bytes(), long.as_bytes());
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    match long.len() - short.len() {
        0 => same == long.len() || short[same + 1..] == long[same + 1..],
        1 => short[same..] == long[same + 1..],
        _ => false,
    }
}

#[test]
fn similarity_ranks_variants_above_distinct_names() {
    let (Some(variants), Some(distinct)) = (pairs("variants.tsv"), pairs("distinct.tsv")) else {
        return;
    };
    let (variants, distinct) = (scores(&variants), scores(&distinct));
    let area = auc(&variants, &distinct);
    let threshold = distinct[distinct.len() * 99 / 100];
    let recall =
        variants.iter().filter(|score| **score > threshold).count() as f64 / variants.len() as f64;
    eprintln!("AUC {area:.4}, recall {recall:.4} at 1 % false (over {threshold:.3})");
    assert!(area >= 0.94 && recall >= 0.72);
}

/// The best F1 over all thresholds, and where it is.
fn best_f1(labelled: &[(f64, bool)]) -> (f64, f64) {
    let matches = labelled.iter().filter(|(_, is_match)| *is_match).count() as f64;
    let f1 = |threshold: f64| {
        let found = || labelled.iter().filter(|(score, _)| *score >= threshold);
        let right = found().filter(|(_, is_match)| *is_match).count() as f64;
        2.0 * right / (found().count() as f64 + matches)
    };
    let all = labelled.iter().map(|(score, _)| (f1(*score), *score));
    all.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or_default()
}

#[test]
fn whole_names_of_people_and_companies_are_told_apart() {
    let Some(rows) = rows("name_pairs.tsv") else { return };
    let score = |row: &[String]| similarity(&Name::new(&row[1]), &Name::new(&row[2])).score;
    let labelled: Vec<(f64, bool)> = rows
        .iter()
        .map(|row| (score(row), matches!(row[3].to_lowercase().as_str(), "true" | "1" | "yes")))
        .collect();
    let (f1, threshold) = best_f1(&labelled);
    eprintln!("name_pairs: best F1 {f1:.4} at {threshold:.3}");
    assert!(f1 >= 0.79);
}
