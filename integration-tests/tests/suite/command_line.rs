//! `hawiya` as a person or a script uses it: what it prints, and how it exits.

use std::process::Command;

use integration_tests::{
    Ended, Home, Service,
    catalogue::{MISSION, repository},
    skipped,
};
use serde_json::{Value, json};

/// The keys of a line, in order.
fn keys(line: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = line.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn texts<'a>(lines: &'a [Value], key: &str) -> Vec<&'a str> {
    lines.iter().map(|line| line[key].as_str().unwrap_or_default()).collect()
}

#[track_caller]
fn ended_well(ended: Ended) -> Vec<Value> {
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    ended.lines()
}

const RESOLVED: [&str; 8] =
    ["canonical_id", "form", "input", "name", "reason", "score", "type", "verdict"];

#[test]
fn resolve_prints_a_json_line_for_each_name() {
    let home = Home::default();
    let spellings = MISSION.map(|(spelling, _)| spelling);
    let lines = ended_well(home.run(&[&["resolve"][..], &spellings].concat()));
    assert_eq!(texts(&lines, "input"), spellings);
    assert_eq!(texts(&lines, "canonical_id"), MISSION.map(|(_, id)| id));
    for line in &lines {
        assert_eq!(keys(line), RESOLVED);
        assert_eq!(line["verdict"], "match");
        assert!(line["score"].as_f64().unwrap() >= 0.8 && line["reason"] != "");
    }
    assert_eq!((&lines[0]["name"], &lines[0]["type"]), (&json!("Pyongyang"), &json!("city")));
    let nobody = ended_well(home.run(&["resolve", "قطرب زعبل"]));
    assert_eq!(keys(&nobody[0]), RESOLVED);
    assert_eq!(
        (&nobody[0]["verdict"], &nobody[0]["canonical_id"]),
        (&json!("no_match"), &json!(null))
    );
    let filtered = ended_well(home.run(&["resolve", "--type", "person", "Pyongyang"]));
    assert_eq!(filtered[0]["canonical_id"], json!(null));
    let arabic = ended_well(home.run(&["resolve", "--language", "ar", "Pyongyang"]));
    assert_eq!(arabic[0]["name"], "بيونغ يانغ");
}

#[test]
fn resolve_reads_names_from_standard_input() {
    let lines = ended_well(Home::default().pipe(&["resolve", "-"], "بيونج يانج\nЛавров\n"));
    assert_eq!(texts(&lines, "canonical_id"), ["Q18808", "Q58217"]);
}

#[test]
fn a_row_that_cannot_be_read_has_its_error_and_the_others_their_answers() {
    let home = Home::default();
    // The middle row ends within a character.
    let csv = [&b"row,name\n1,Pyongyang\n2,\xD8\n3,\"Lavrov\"\n"[..]].concat();
    let jsonl = b"\"Pyongyang\"\n\"\\ud800\"\n{\"name\":\"Lavrov\"}\n";
    let files = [home.file("names.csv", &csv), home.file("names.jsonl", jsonl)];
    for file in files {
        let ended = home.run(&["resolve", &file]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let lines = ended.lines();
        assert_eq!(texts(&lines, "canonical_id"), ["Q18808", "", "Q58217"], "{ended:?}");
        assert_eq!(keys(&lines[1]), ["error", "input"]);
    }
    let ended = home.run(&["resolve", "Pyongyang", "🙂"]);
    assert_eq!((ended.code, keys(&ended.lines()[1])), (Some(1), vec!["error", "input"]));
}

#[test]
fn a_file_that_is_not_there_is_a_failure_of_the_command() {
    let ended = Home::default().run(&["resolve", "missing.csv"]);
    assert_eq!((ended.code, ended.err.lines().count()), (Some(2), 1), "{ended:?}");
    assert!(ended.err.contains("missing.csv"), "{ended:?}");
}

const NORMALIZED: [&str; 6] =
    ["form", "input", "orthographic", "romanization", "script", "skeleton"];

#[test]
fn normalize_prints_the_rungs_of_the_ladder() {
    let lines =
        ended_well(Home::default().run(&["normalize", "بيونج يانج", "بيونغ يانغ", "Пхеньян"]));
    for line in &lines {
        assert_eq!(keys(line), NORMALIZED);
    }
    assert_eq!(texts(&lines, "script"), ["Arab", "Arab", "Cyrl"]);
    assert_eq!(lines[0]["form"], lines[1]["form"]);
    let skeleton = texts(&lines, "skeleton")[2];
    assert!(skeleton.chars().all(|letter| letter.is_ascii_uppercase()) && !skeleton.is_empty());
}

#[test]
fn normalize_lists_readings_when_asked_under_any_profile() {
    let home = Home::default();
    for profile in ["eg", "lev", "iq", "gulf", "maghreb", "fa", "ur"] {
        let arguments = ["normalize", "--readings", "--profile", profile, "كوستاريكا"];
        let lines = ended_well(home.run(&arguments));
        assert!(lines[0]["readings"].is_array(), "{lines:?}");
    }
    let ended = home.run(&["normalize", "--profile", "mars", "كوستاريكا"]);
    assert_eq!(ended.code, Some(64), "{ended:?}");
}

#[test]
fn normalize_explains_a_name_to_programs_and_to_people() {
    let home = Home::default();
    let lines = ended_well(home.run(&["normalize", "--explain", "أحمد Lavrov"]));
    let [token, _] = lines[0]["tokens"].as_array().unwrap().as_slice() else { panic!("{lines:?}") };
    assert_eq!(keys(token), ["form", "offsets", "orthographic", "role", "skeleton"]);
    let step = &lines[0]["trace"][0];
    assert_eq!(keys(step), ["from", "offsets", "rule_id", "stage", "summary", "to"]);
    assert_eq!(
        (&step["rule_id"], &step["offsets"]["utf16_end"]),
        (&json!("ar-alef-hamza"), &json!(1))
    );
    let ended = home.run(&["normalize", "--explain", "--format", "table", "أحمد Lavrov", "🙂"]);
    assert_eq!(ended.code, Some(1), "the second is no name: {ended:?}");
    for shown in ["ar-alef-hamza", "\u{2067}أحمد\u{2069}", "│ Lavrov", "0..4", "🙂"] {
        assert!(ended.out.contains(shown), "{shown}: {}", ended.out);
    }
}

#[test]
fn normalize_explains_more_names_than_one_message_may_trace() {
    let lines = "Lavrov\n".repeat(250);
    let answers = ended_well(Home::default().pipe(&["normalize", "--explain", "-"], &lines));
    assert_eq!(answers.len(), 250);
}

#[test]
fn compare_takes_two_names_or_lines_of_two() {
    let home = Home::default();
    let one = ended_well(home.run(&["compare", "سيرجي لافروف", "سيرغي لافروف"]));
    let expected = json!({
        "a": "سيرجي لافروف", "b": "سيرغي لافروف", "score": 1.0, "verdict": "match"
    });
    assert_eq!((one.len(), &one[0]), (1, &expected));
    let ended = home.pipe(&["compare", "-"], "سيرجي لافروف\tسيرغي لافروف\nكمال\tجمال\nalone\n");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let lines = ended.lines();
    assert_eq!((&lines[0], &lines[1]["verdict"]), (&expected, &json!("no_match")));
    assert_eq!(keys(&lines[2]), ["error", "input"]);
}

#[test]
fn match_lists_as_many_candidates_as_were_asked_for() {
    let home = Home::default();
    let lines = ended_well(home.run(&["match", "--limit", "2", "سيرغي", "Pyongyang"]));
    for line in &lines {
        assert_eq!(keys(line), ["candidates", "input"]);
        let candidates = line["candidates"].as_array().unwrap();
        assert!((1..=2).contains(&candidates.len()), "{line}");
        assert_eq!(keys(&candidates[0]), ["canonical_id", "name", "score"]);
    }
    assert_eq!(lines[0]["candidates"].as_array().unwrap().len(), 2, "several are called Sergei");
    assert_eq!(lines[1]["candidates"][0]["canonical_id"], "Q18808");
}

#[test]
fn compare_explains_a_pair_to_programs_and_to_people() {
    let home = Home::default();
    let lines = ended_well(home.run(&["compare", "--explain", "سيرجي لافروف", "Sergey Lavrov"]));
    assert_eq!(keys(&lines[0]), ["a", "b", "explanation", "score", "verdict"]);
    let explanation = &lines[0]["explanation"];
    assert_eq!(
        keys(explanation),
        ["alignments", "evidence", "name_form", "query_form", "rule_ids"]
    );
    let alignment = &explanation["alignments"][1];
    assert_eq!(
        (&alignment["query_token"], &alignment["name_token"]),
        (&json!("لافروف"), &json!("lavrov"))
    );
    for operation in alignment["operations"].as_array().unwrap() {
        assert_eq!(keys(operation), ["cost", "from", "to"]);
        assert!((0.0..1.0).contains(&operation["cost"].as_f64().unwrap()), "learned: {operation}");
    }
    let shown = home.run(&["compare", "--explain", "--format", "table", "لافروف", "Lavrov"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    for part in ["\u{2067}لافروف\u{2069}", "f → v", "score", "rules"] {
        assert!(shown.out.contains(part), "{part}: {}", shown.out);
    }
}

#[test]
fn match_explains_each_candidate_to_programs_and_to_people() {
    let home = Home::default();
    let arguments = ["match", "--explain", "--limit", "1", "Лавров"];
    let lines = ended_well(home.run(&arguments));
    let candidate = &lines[0]["candidates"][0];
    assert_eq!(keys(candidate), ["canonical_id", "explanation", "matched_name", "name", "score"]);
    assert!(!candidate["explanation"]["alignments"].as_array().unwrap().is_empty());
    let shown = home.run(&[&arguments[..], &["--format", "table"]].concat());
    assert!(shown.out.contains("Q58217") && shown.out.contains("alike"), "{shown:?}");
}

const ENTITIES: &str = r#"{"id":"T1","type":"person","names":[{"text":"Zayd Qutrub","language":"en","kind":"primary"},{"text":"زيد قطرب","language":"ar"}]}
{"id":"T2","type":"person"}
"#;

#[test]
fn what_was_imported_is_resolved() {
    let home = Home::default();
    let file = home.file("list.jsonl", ENTITIES.as_bytes());
    let ended = home.run(&["import", &file]);
    assert_eq!(ended.code, Some(1), "the second line has no name: {ended:?}");
    let lines = ended.lines();
    assert_eq!((lines.len(), &lines[0]["input"]), (2, &json!("line 2")));
    assert_eq!((&lines[1]["created"], &lines[1]["rejected"]), (&json!(1), &json!(1)));
    let found = ended_well(home.run(&["resolve", "زيد قطرب", "بيونج يانج"]));
    assert_eq!(texts(&found, "canonical_id"), ["T1", "Q18808"]);
}

/// The addresses that `up` prints, in the order of the services.
fn addresses(up: &integration_tests::Process) -> Vec<String> {
    let address = |service: Service| {
        up.printed(service.name(), |line| {
            let (name, address) = line.split_once(char::is_whitespace)?;
            (name == service.name()).then(|| address.trim().to_owned())
        })
    };
    let addresses = Service::ALL.map(address).to_vec();
    up.printed("ready", |line| line.starts_with("ready").then_some(()));
    addresses
}

#[tokio::test]
async fn up_serves_every_command_at_any_of_its_addresses_until_it_is_told_to_end() {
    let home = Home::default();
    let mut up = home.start(&["up", "--listen", "127.0.0.1:0"]);
    let entities = home.file("list.jsonl", ENTITIES.lines().next().unwrap().as_bytes());
    for address in addresses(&up) {
        assert!(address.starts_with("http://127.0.0.1:"), "{address}");
        // A home without a catalogue, so that nothing but the server can know.
        let stranger = Home::default();
        let run = |arguments: &[&str]| {
            ended_well(stranger.run(&[arguments, &["--server", &address]].concat()))
        };
        assert_eq!(run(&["resolve", "بيونج يانج"])[0]["canonical_id"], "Q18808");
        assert_eq!(run(&["normalize", "بيونج يانج"])[0]["script"], "Arab");
        assert_eq!(run(&["match", "Лавров"])[0]["candidates"][0]["canonical_id"], "Q58217");
        assert_eq!(run(&["compare", "كمال", "كمال"])[0]["score"], 1.0);
        assert_eq!(run(&["import", &entities])[0]["rejected"], 0);
        assert_eq!(texts(&run(&["status"]), "state"), ["serving"; 4]);
    }
    // Who works on the same folder finds the suite that has it open.
    let found = ended_well(home.run(&["resolve", "Zayd Qutrub"]));
    assert_eq!(found[0]["canonical_id"], "T1");
    up.terminate();
    assert_eq!(up.wait().await.code(), Some(0), "{}", up.log());
}

#[test]
fn up_empty_knows_nobody() {
    let home = Home::default();
    let up = home.start(&["up", "--empty", "--listen", "127.0.0.1:0"]);
    let server = addresses(&up).remove(0);
    let lines = ended_well(home.run(&["match", "--server", &server, "Pyongyang"]));
    assert_eq!(lines[0]["candidates"], json!([]));
    let lines = ended_well(home.run(&["resolve", "--server", &server, "Pyongyang"]));
    assert_eq!(lines[0]["verdict"], "no_match");
}

#[test]
fn a_wrong_setting_is_one_line_that_names_the_variable() {
    let home = Home::default();
    let commands: [&[&str]; 6] = [
        &["up", "--listen", "127.0.0.1:0"],
        &["resolve", "Pyongyang"],
        &["serve", "resolver"],
        &["serve", "normalizer"],
        &["serve", "matcher"],
        &["serve", "registry"],
    ];
    for command in commands {
        let output = home.command(command).env("HAWIYA_DRAIN_TIMEOUT", "soon").output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(64), "{command:?}: {err}");
        assert_eq!(err.lines().count(), 1, "{command:?}: {err}");
        assert!(err.contains("HAWIYA_DRAIN_TIMEOUT") && err.contains("soon"), "{err}");
    }
}

#[test]
fn a_password_in_a_wrong_setting_is_not_shown() {
    let home = Home::default();
    let mut command = home.command(&["serve", "registry"]);
    command.env("DATABASE_URL", "mysql://hawiya:hunter2@db/hawiya");
    let output = command.output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(64), "{err}");
    assert!(err.contains("DATABASE_URL") && !err.contains("hunter2"), "{err}");
}

#[test]
fn bash_accepts_the_completions() {
    let home = Home::default();
    let ended = home.run(&["completions", "bash"]);
    assert_eq!(ended.code, Some(0));
    let file = home.file("hawiya.bash", ended.out.as_bytes());
    let Ok(checked) = Command::new("bash").args(["-n", &file]).output() else {
        return skipped("`bash` is not on the PATH");
    };
    assert!(checked.status.success() && ended.out.contains("complete"), "{checked:?}");
}

#[test]
fn the_samples_of_the_repository_resolve() {
    let home = Home::default();
    let samples = repository().join("deploy/samples/names.txt");
    let ended = home.run(&["resolve", samples.to_str().unwrap()]);
    assert!(matches!(ended.code, Some(0 | 1)), "{ended:?}");
    assert!(texts(&ended.lines(), "canonical_id").contains(&"Q18808"));
}
