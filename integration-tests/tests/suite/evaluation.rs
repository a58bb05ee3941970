//! `hawiya eval` as a person or a pipeline uses it: what it measures, prints, and how it exits.

use std::{fs, path::PathBuf};

use integration_tests::{Ended, Home, catalogue::repository, skipped};
use serde_json::Value;

const VARIANTS: &str = "latin\ttype\tspelling_a\tspelling_b\n\
    lavrov\tPERSON\tلافروف\tلافرف\n\
    pentagon\tORGANIZATION\tبنتاجون\tبنتاغون\n\
    cairo\tCITY\tالقاهرة\tأم الدنيا\n";

const DISTINCT: &str = "latin_a\tlatin_b\tspelling_a\tspelling_b\n\
    kamal\tjamal\tكمال\tجمال\n\
    cairo\tamman\tالقاهرة\tعمان\n";

const CATALOGUE: &str = "id\tar\tru\n\
    lavrov\tلافروف\tЛавров\n\
    ahmad\tأحمد\t\n\
    ahmad\tاحمد\t\n\
    putin\tبوتين\tПутин\n";

const ENTITIES: &str = "id\ttype\tname\n1\tPERSON\tSergey Lavrov\n2\tPERSON\tVladimir Putin\n";

const QUERIES: &str = "id\tkind\tquery\n1\toriginal_script\tسيرغي لافروف\n2\talias\tAngela Merkel\n";

/// A folder of one file of each format and one of none.
fn folder(home: &Home) -> String {
    let files = [
        ("variants.tsv", VARIANTS),
        ("distinct.tsv", DISTINCT),
        ("catalogue.tsv", CATALOGUE),
        ("list_entities.tsv", ENTITIES),
        ("list_queries.tsv", QUERIES),
        ("notes.txt", "nothing to measure\n"),
    ];
    let mut folder = PathBuf::new();
    for (name, content) in files {
        folder = PathBuf::from(home.file(name, content.as_bytes()));
    }
    folder.parent().unwrap().to_str().unwrap().to_owned()
}

#[track_caller]
fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{ended:?}"))
}

#[track_caller]
fn value(report: &Value, key: &str) -> f64 {
    report["figures"][key]["value"].as_f64().unwrap_or_else(|| panic!("no `{key}`: {report}"))
}

#[test]
fn a_folder_is_measured_by_what_its_files_hold() {
    let home = Home::default();
    let folder = folder(&home);
    let ended =
        home.run(&["eval", &folder, "--json", "--search", "--worst", "1", "--buckets", "5"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    let report = json(&ended);
    assert!(report["rules_version"].as_str().unwrap().starts_with("r1-"));
    assert_eq!(report["figures"]["variants.form.joined"]["n"], 3);
    assert!((value(&report, "variants.form.joined") - 2.0 / 3.0).abs() < 1e-9);
    assert_eq!(value(&report, "variants.type.person.form.joined"), 1.0);
    assert_eq!(value(&report, "distinct.form.joined"), 0.0);
    assert!(value(&report, "similarity.auc") > 0.5);
    assert_eq!(value(&report, "catalogue.form.largest_bucket"), 2.0);
    assert_eq!(value(&report, "catalogue.form.expected_bucket"), 1.5);
    assert_eq!(report["figures"]["catalogue.ru.skeleton.same"]["n"], 2);
    assert_eq!(value(&report, "catalogue.ru.recall_at_1"), 1.0);
    assert_eq!(value(&report, "list_queries.kind.original_script.recall_at_1"), 1.0);
    assert_eq!(value(&report, "list_queries.kind.alias.recall_at_20"), 0.0);
    assert_eq!(value(&report, "list_queries.recall_at_20"), 0.5);
    assert_eq!(report["worst"]["variants"][0]["a"], "القاهرة");
    assert_eq!(report["worst"]["list_queries.kind.alias"][0]["b"], "Vladimir Putin");
    let merges = &report["over_merge"]["catalogue"];
    assert_eq!(
        (&merges["merged_pairs"], &merges["rules"][0]["rule_id"]),
        (&1.into(), &"ar-alef-hamza".into())
    );
    assert!(report["skipped"][0].as_str().unwrap().ends_with("notes.txt"));
    assert_eq!(report["reliability"]["spellings"].as_array().unwrap().len(), 10);
}

#[test]
fn people_get_tables() {
    let home = Home::default();
    let ended = home.run(&["eval", &folder(&home)]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let joined = ended.out.lines().find(|line| line.starts_with("variants.form.joined")).unwrap();
    assert_eq!(joined.split_whitespace().collect::<Vec<_>>()[1..], ["0.6667", "3"]);
}

#[test]
fn a_limit_that_is_missed_fails_the_command_and_is_named() {
    let home = Home::default();
    let variants = home.file("variants.tsv", VARIANTS.as_bytes());
    let kept = home.file("kept.toml", b"minimum.variants.form.joined = 0.6\n");
    let missed = home.file("missed.json", br#"{"maximum":{"variants.form.joined":0.5}}"#);
    let wrong = home.file("wrong.toml", b"minimum = 1\n");
    assert_eq!(home.run(&["eval", &variants, "--check", &kept]).code, Some(0));
    let ended = home.run(&["eval", &variants, "--json", "--check", &missed]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(ended.err, "`variants.form.joined` is 0.6667 (maximum 0.5)\n");
    assert_eq!(json(&ended)["figures"]["variants.form.joined"]["n"], 3);
    assert_eq!(home.run(&["eval", &variants, "--check", &wrong]).code, Some(64));
}

#[test]
fn any_list_of_names_shows_what_its_forms_join() {
    let home = Home::default();
    let lists = [
        home.file("names.csv", "row,name\n1,أحمد\n2,احمد\n".as_bytes()),
        home.file("names.jsonl", "\"أحمد\"\n{\"name\":\"احمد\"}\n".as_bytes()),
        home.file("names.txt", "أحمد\nاحمد\n".as_bytes()),
        home.file("names", "أحمد\nاحمد\n".as_bytes()),
    ];
    for list in lists {
        let report = json(&home.run(&["eval", "--over-merge", &list, "--json"]));
        assert_eq!(report["over_merge"][&list]["merged_pairs"], 1, "{report}");
    }
}

#[test]
fn what_cannot_be_measured_is_said() {
    let home = Home::default();
    let strange = home.file("strange.tsv", b"colour\tsize\n");
    let broken = home.file("broken.tsv", b"name_a\tname_b\tis_match\na\tb\tmaybe\n");
    for (arguments, code, said) in [
        (vec!["eval"], 64, "<FILE|DIR>"),
        (vec!["eval", "missing.tsv"], 2, "missing.tsv"),
        (vec!["eval", &strange], 2, "`colour`, `size`"),
        (vec!["eval", &broken], 2, "line 2: `is_match` is `maybe`"),
    ] {
        let ended = home.run(&arguments);
        assert_eq!(ended.code, Some(code), "{ended:?}");
        assert!(ended.err.contains(said), "{ended:?}");
    }
}

#[test]
fn the_sample_of_the_repository_keeps_its_limits() {
    let home = Home::default();
    let [labelled, limits] = ["labelled.tsv", "limits.toml"]
        .map(|file| repository().join("deploy/samples").join(file).to_str().unwrap().to_owned());
    let ended = home.run(&["eval", &labelled, "--check", &limits]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
}

#[test]
fn a_table_is_learned_the_same_each_time_and_measured_before_it_is_written() {
    let home = Home::default();
    let files = [("variants.tsv", VARIANTS), ("distinct.tsv", DISTINCT), ("names.tsv", CATALOGUE)];
    let files = files.map(|(name, content)| home.file(name, content.as_bytes()));
    let table = home.file("weights.tsv", b"");
    let printed = home.run(&["learn", &files[0], &files[1], &files[2]]);
    assert_eq!(printed.code, Some(0), "{printed:?}");
    assert!(
        printed.err.contains("spellings.auc") && printed.err.contains("LEARNED"),
        "{printed:?}"
    );
    assert!(printed.out.lines().all(|line| line.split('\t').count() == 3), "{printed:?}");
    assert!(printed.out.starts_with("compare\t") && printed.out.contains("compare\tword bias"));
    let written = home.run(&["learn", &files[0], &files[1], &files[2], "-o", &table]);
    assert_eq!((written.code, written.out.as_str()), (Some(0), ""), "{written:?}");
    assert_eq!(fs::read_to_string(&table).unwrap(), printed.out);
}

#[test]
fn matches_alone_teach_nothing() {
    let home = Home::default();
    let variants = home.file("variants.tsv", VARIANTS.as_bytes());
    let ended = home.run(&["learn", &variants]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{ended:?}");
    assert!(ended.err.contains("nothing to learn from"), "{ended:?}");
}

/// The data is not part of the project; a few of its figures are kept here, so that what `eval`
/// says is what the definitions beside the data mean.
#[test]
fn the_labelled_data_beside_the_project_is_measured_whole() {
    let folder = repository().join("../shared/eval");
    if fs::read_dir(&folder).is_err() {
        return skipped("no labelled data beside the project");
    }
    let ended = Home::default().run(&["eval", folder.to_str().unwrap(), "--json"]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    let report = json(&ended);
    assert_eq!(report["skipped"], Value::Array(Vec::new()));
    for key in ["similarity.auc", "pairs.best_f1", "catalogue.form.expected_bucket"] {
        assert!(value(&report, key) > 0.5, "{key}");
    }
}
