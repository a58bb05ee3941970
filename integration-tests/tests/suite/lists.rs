//! `hawiya import` and `hawiya export` as a person or a pipeline uses them: what goes in, what is
//! told of the rest, and what comes out again.

use std::{fs, io::Write, path::PathBuf};

use integration_tests::{Ended, Home, catalogue::repository, skipped};
use serde_json::{Value, json};

const TANTA: &str = r#"{"id":"T1","type":"city","country":"EG","names":[{"text":"Tanta","language":"en","kind":"primary"},{"text":"طنطا","language":"ar"}]}"#;
const QENA: &str = r#"{"id":"T2","type":"city","names":[{"text":"Qena","language":"en"}]}"#;

/// The report of an import, which is the last line.
#[track_caller]
fn report(ended: &Ended) -> Value {
    ended.lines().pop().unwrap_or_else(|| panic!("{ended:?}"))
}

#[track_caller]
fn check(report: &Value, counts: &[(&str, i64)]) {
    for (key, count) in counts {
        assert_eq!(report[*key], *count, "{key}: {report}");
    }
}

fn lines(path: &str) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A path in the home that nothing is at yet.
fn path(home: &Home, name: &str) -> String {
    let path = home.file(name, b"");
    fs::remove_file(&path).unwrap();
    path
}

fn gz(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn the_same_file_twice_changes_nothing() {
    let home = Home::default();
    let file = home.file("cities.jsonl", format!("{TANTA}\n{QENA}\n").as_bytes());
    let first = report(&home.run(&["import", &file]));
    check(&first, &[("rows", 2), ("created", 2), ("rejected", 0)]);
    assert_eq!((&first["dataset"], &first["file"]), (&json!("cities"), &json!(file)));
    let second = report(&home.run(&["import", &file]));
    check(&second, &[("rows", 2), ("created", 0), ("unchanged", 2)]);
    assert_eq!(first["catalogue_version"], second["catalogue_version"]);
}

#[test]
fn a_dry_run_tells_every_difference_and_changes_nothing() {
    let home = Home::default();
    let file = home.file("cities.jsonl", TANTA.as_bytes());
    let before = report(&home.run(&["import", &file]));
    let changed = TANTA.replace("\"EG\"", "\"SD\"").replace("طنطا", "طنطه");
    let file = home.file("cities.jsonl", format!("{changed}\n{QENA}\n").as_bytes());
    let told = path(&home, "differences.jsonl");
    let dry = report(&home.run(&["import", "--dry-run", &file, "--differences", &told]));
    check(&dry, &[("created", 1), ("updated", 1)]);
    assert_eq!(dry["differences"], json!({"country": 1, "names": 1}));
    assert_eq!(dry["catalogue_version"], before["catalogue_version"]);
    let told = lines(&told);
    assert_eq!(told[0]["fields"]["country"], json!({"before": "EG", "after": "SD"}));
    assert_eq!(told[0]["fields"]["names"]["added"][0]["text"], "طنطه");
    assert_eq!((&told[1]["change"], &told[1]["canonical_id"]), (&json!("create"), &json!("T2")));
}

#[test]
fn a_bad_row_is_told_with_its_line_and_field_and_the_others_go_in() {
    let home = Home::default();
    let long = "ط".repeat(1_001);
    let rows = [
        TANTA.to_owned(),
        "{\"id\":".to_owned(),
        QENA.replace("Qena", &long).replace("T2", "T3"),
        TANTA.to_owned(),
        QENA.replace("}]", "}],\"external_ids\":[{\"scheme\":\"IMO\",\"value\":\"1\"}]"),
        QENA.to_owned(),
    ];
    let file = home.file("cities.jsonl", rows.join("\n").as_bytes());
    let errors = path(&home, "errors.jsonl");
    let ended = home.run(&["import", &file, "--errors", &errors]);
    assert_eq!((ended.code, ended.lines().len()), (Some(1), 1), "{ended:?}");
    check(&report(&ended), &[("rows", 6), ("created", 2), ("rejected", 4)]);
    let told: Vec<(Value, Value)> = lines(&errors)
        .into_iter()
        .map(|row| (row["number"].clone(), row["problems"][0]["field"].clone()))
        .collect();
    let expected =
        [(2, ""), (3, "names[0].text"), (4, "canonical_id"), (5, "external_ids[0].scheme")];
    assert_eq!(told, expected.map(|(number, field)| (json!(number), json!(field))));
}

#[test]
fn a_file_that_is_cut_off_fails_after_what_can_be_read_is_in() {
    let home = Home::default();
    let rows: Vec<String> = (0..5_000).map(|at| QENA.replace("T2", &format!("T{at}"))).collect();
    let whole = gz(&rows.join("\n"));
    let file = home.file("cities.jsonl.gz", &whole[..whole.len() * 3 / 4]);
    let ended = home.run(&["import", &file]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("gzip data is damaged or ends early"), "{ended:?}");
    let created = report(&ended)["created"].as_i64().unwrap();
    assert!((1_000..5_000).contains(&created), "{created}");
}

#[test]
fn a_table_is_imported_by_a_mapping() {
    let home = Home::default();
    let text = "ref;title;arabic;flag\n7;Sea Star;نجمة البحر;Panama\n8;Sea Sun;;Atlantis\n";
    let file = home.file("ships.csv", text.replace(';', ",").as_bytes());
    let flags = [
        "--map",
        "id=ref",
        "--map",
        "name=title",
        "--map",
        "name.ar=arabic",
        "--map",
        "country=flag",
        "--set",
        "type=vessel",
        "--id-prefix",
        "ship:",
    ];
    let ended = home.run(&[&["import", &file][..], &flags].concat());
    assert_eq!(ended.code, Some(1), "Atlantis is no country: {ended:?}");
    check(&report(&ended), &[("created", 1), ("rejected", 1)]);
    let found = home.run(&["resolve", "نجمة البحر"]).lines();
    assert_eq!(found[0]["canonical_id"], "ship:7");
    let mapping =
        "id_prefix = 'ship:'\nvalues.type = 'vessel'\n[columns]\nid = 'ref'\nname = 'title'\n";
    let mapping = home.file("ships.toml", mapping.as_bytes());
    let ended = home.run(&["import", &file, "--mapping", &mapping]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    check(&report(&ended), &[("created", 1), ("updated", 1)]);
    let ended = home.run(&["import", &file, "--map", "id=number"]);
    assert_eq!(ended.code, Some(64), "{ended:?}");
    assert!(ended.err.contains("no column `number`: the file has `ref`, `title`"), "{ended:?}");
}

#[test]
fn what_was_exported_gives_an_equal_catalogue_elsewhere() {
    let (here, there) = (Home::default(), Home::default());
    let file = here.file("cities.jsonl", format!("{TANTA}\n{QENA}\n").as_bytes());
    let imported = report(&here.run(&["import", &file]));
    let exported = path(&here, "all.jsonl");
    let told = report(&here.run(&["export", "-o", &exported]));
    assert_eq!(told["catalogue_version"], imported["catalogue_version"]);
    assert_eq!(told["exported"], lines(&exported).len());
    assert_eq!(there.run(&["import", &exported]).code, Some(0));
    let again = there.run(&["export"]);
    assert!(again.out == fs::read_to_string(&exported).unwrap(), "the catalogues differ");
}

#[test]
fn csv_and_ftm_that_were_exported_are_read_again() {
    let home = Home::default();
    let file = home.file("cities.jsonl", format!("{TANTA}\n{QENA}\n").as_bytes());
    assert_eq!(home.run(&["import", &file]).code, Some(0));
    for name in ["all.csv", "all.ftm.json"] {
        let exported = path(&home, name);
        let told = report(&home.run(&["export", "--dataset", "cities", "-o", &exported]));
        assert_eq!(told["exported"], 2);
        let there = Home::default();
        let ended = there.run(&["import", &exported]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        check(&report(&ended), &[("created", 2)]);
        let found = there.run(&["resolve", "طنطا"]).lines();
        assert_eq!((&found[0]["canonical_id"], &found[0]["type"]), (&json!("T1"), &json!("city")));
    }
}

#[test]
fn what_cannot_be_imported_is_refused_with_the_cure() {
    let home = Home::default();
    let notes = home.file("notes.txt", b"nothing\n");
    let zip = home.file("cities.zip", b"PK\x03\x04");
    let names = home.file("alt.csv", b"36,12,\"aka\",\"X\",-0- \n");
    for (arguments, code, cure) in [
        (vec!["import", &notes], 64, "say `--format`"),
        (vec!["import", &notes, "--format", "xyz"], 64, "expected one of"),
        (vec!["import", &names], 64, "import it together with theirs"),
        (vec!["import", &zip], 2, "unpack it first"),
        (vec!["import", "missing.jsonl"], 2, "missing.jsonl"),
    ] {
        let ended = home.run(&arguments);
        assert_eq!((ended.code, ended.err.lines().count()), (Some(code), 1), "{ended:?}");
        assert!(ended.err.contains(cure), "{cure}: {ended:?}");
    }
}

#[test]
fn a_newer_version_of_a_dataset_replaces_the_older_one_only_when_it_is_whole() {
    let home = Home::default();
    let import = |text: &str, flags: &[&str]| {
        let file = home.file("cities.jsonl", text.as_bytes());
        home.run(&[&["import", &file][..], flags].concat())
    };
    let both = format!("{TANTA}\n{QENA}\n");
    assert_eq!(import(&both, &[]).code, Some(0));
    let broken = import(&format!("{TANTA}\n{{\n"), &["--replace"]);
    assert_eq!(broken.code, Some(2), "{broken:?}");
    assert!(broken.err.contains("nothing of `cities` was removed"), "{broken:?}");
    check(&report(&broken), &[("removed", 0), ("unchanged", 1), ("rejected", 1)]);
    check(&report(&import(TANTA, &["--replace", "--dry-run"])), &[("removed", 1)]);
    check(&report(&import(&both, &[])), &[("unchanged", 2)]);
    check(&report(&import(TANTA, &["--replace"])), &[("removed", 1), ("unchanged", 1)]);
    let exported = home.run(&["export", "--dataset", "cities"]).lines();
    assert_eq!(exported.len(), 1, "{exported:?}");
}

#[test]
fn a_list_without_rows_replaces_nothing_and_the_report_says_so() {
    let home = Home::default();
    let import = |text: &str, flags: &[&str]| {
        let file = home.file("cities.jsonl", text.as_bytes());
        home.run(&[&["import", &file][..], flags].concat())
    };
    assert_eq!(import(&format!("{TANTA}\n{QENA}\n"), &[]).code, Some(0));
    for flags in [&["--replace", "--dry-run"][..], &["--replace"]] {
        let empty = import("", flags);
        assert_eq!(empty.code, Some(1), "{empty:?}");
        check(&report(&empty), &[("rows", 0), ("removed", 0)]);
        let note = "nothing of `cities` was removed, because the list has no entities";
        assert_eq!(report(&empty)["note"], note);
    }
    assert_eq!(import("", &[]).code, Some(0));
    assert_eq!(home.run(&["export", "--dataset", "cities"]).lines().len(), 2);
}

/// A list beside the project, when it is there.
fn real(name: &str) -> Option<PathBuf> {
    let path = repository().join("../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    skipped("no lists beside the project");
    None
}

#[test]
fn every_entity_of_the_real_ofac_list_is_in_and_every_name_is_accounted_for() {
    let Some(sdn) = real("ofac/sdn.csv") else { return };
    let alt = sdn.with_file_name("alt.csv");
    let home = Home::default();
    let errors = path(&home, "errors.jsonl");
    let [sdn, alt] = [sdn, alt].map(|path| path.to_str().unwrap().to_owned());
    let ended = home.run(&["import", &sdn, &alt, "--errors", &errors]);
    let entities = fs::read_to_string(&sdn).unwrap().lines().filter(|line| line.len() > 1).count();
    assert_eq!(entities, 7_379);
    check(&report(&ended), &[("created", 7_379)]);
    // The list beside the project is cut; its names are not all cut with it.
    let told = lines(&errors);
    assert_eq!(report(&ended)["rejected"], told.len());
    assert!(told.iter().all(|row| row["problems"][0]["field"] == "ent_num"), "{:?}", told.first());
    let again = report(&home.run(&["import", &sdn, &alt, "--errors", &errors]));
    check(&again, &[("created", 0), ("updated", 0), ("unchanged", 7_379)]);
}

#[test]
fn every_entry_of_the_real_un_list_is_in() {
    let Some(list) = real("un/consolidated.xml") else { return };
    let text = fs::read_to_string(&list).unwrap();
    let entries = ["<INDIVIDUAL>", "<ENTITY>"].map(|tag| text.matches(tag).count());
    let home = Home::default();
    let ended = home.run(&["import", list.to_str().unwrap()]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(report(&ended)["created"], entries[0] + entries[1]);
    let found = home.run(&["resolve", "--type", "organization", "جبهة النصرة لأهل الشام"]).lines();
    assert_eq!(found[0]["canonical_id"], "un:QDe.137");
}

#[test]
fn every_row_of_the_real_cities_is_in() {
    let Some(list) = real("cities/world-cities.csv") else { return };
    let rows = fs::read_to_string(&list).unwrap().lines().count() - 1;
    let ended = Home::default().run(&["import", list.to_str().unwrap()]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    check(&report(&ended), &[("created", rows as i64), ("rejected", 0), ("skipped", 0)]);
}
