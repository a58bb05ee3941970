//! Settings: all of them are listed, and what is none is refused before anything runs.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use expect_test::expect_file;
use integration_tests::{Ended, Home, catalogue::repository};
use serde_json::Value;

/// Where the settings are documented.
const REFERENCE: &str = "deploy/SETTINGS.md";

fn ran(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

#[track_caller]
fn refused(command: &mut Command, line: &str) {
    let ended = ran(command);
    assert_eq!((ended.code, ended.err.as_str()), (Some(64), format!("hawiya: {line}\n").as_str()));
}

fn listed(command: &mut Command) -> Vec<Value> {
    let ended = ran(command);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
    serde_json::from_str(&ended.out).unwrap()
}

fn value<'a>(rows: &'a [Value], name: &str) -> &'a Value {
    &rows.iter().find(|row| row["name"] == name).unwrap()["value"]
}

#[test]
fn the_reference_of_settings_is_what_the_code_reads() {
    let ended = Home::default().run(&["config", "--print", "--format", "markdown"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let text = format!("{}{}", INTRODUCTION, ended.out);
    expect_file![repository().join(REFERENCE)].assert_eq(&text);
}

const INTRODUCTION: &str = "\
# Settings

Written by `hawiya config --print --format markdown`, from the code that reads them; a test keeps this page up to date.
A setting is an environment variable, or a key of the TOML file that `--config FILE` or `HAWIYA_CONFIG` names: the
variable in lower case without `HAWIYA_` (`redis_url = \"redis://cache:6379\"`), at the top for every process, or in a
section `[matcher]` for `hawiya serve matcher` alone. Arguments count above the environment, the environment above the
file. An unknown variable `HAWIYA_…`, an unknown key or a value that cannot be read ends the process before a socket
opens: exit code 64, and one line that says what was meant.

";

#[test]
fn every_variable_that_the_code_or_a_document_names_is_a_setting() {
    let rows = listed(&mut Home::default().command(&["config", "--print"]));
    let known: BTreeSet<_> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    // What the composition itself is told.
    let composition = fs::read_to_string(repository().join("deploy/compose.yaml")).unwrap();
    let told = composition.split("${").skip(1).filter_map(|rest| variables(rest).next());
    let others: BTreeSet<_> = told.chain(["HAWIYA_CONFIG"]).collect();
    let mut files = Vec::new();
    for folder in ["services", "deploy", "k8s"] {
        gather(&repository().join(folder), &mut files);
    }
    files.extend(["README.md", "CONTRIBUTING.md"].map(|name| repository().join(name)));
    for path in files {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        // The last module of a file is its tests, which name what is refused.
        let text = text.split("mod tests {").next().unwrap();
        for name in variables(text).filter(|name| !others.contains(name)) {
            // `HAWIYA_` by itself is the prefix, and what ends in `_` a pattern.
            let is_name = name.len() > "HAWIYA_".len() && !name.ends_with('_');
            let is_for_tests = path.ends_with("settings/unknown.rs");
            assert!(
                !is_name || is_for_tests || known.contains(name),
                "{name} in {}",
                path.display()
            );
        }
    }
}

fn gather(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            let is_code = !["target", "tests", "benches", "fuzz"].contains(&name.to_str().unwrap());
            if is_code {
                gather(&path, files);
            }
        } else {
            files.push(path);
        }
    }
}

/// The words of a text that begin with `HAWIYA_`.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    let is_of_word =
        |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
    text.split(move |letter| !is_of_word(letter)).filter(|word| word.starts_with("HAWIYA_"))
}

#[test]
fn every_format_lists_the_same_settings() {
    let home = Home::default();
    let print = |format| {
        let ended = home.run(&["config", "--print", "--format", format]);
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{ended:?}");
        ended.out
    };
    let rows: Vec<Value> = serde_json::from_str(&print("json")).unwrap();
    assert!(rows.len() > 10);
    for row in &rows {
        let name = row["name"].as_str().unwrap();
        assert!(print("table").lines().any(|line| line.starts_with(&format!("{name} "))), "{name}");
        assert!(print("markdown").contains(&format!("| `{name}` |")), "{name}");
        assert!(print("env").contains(name), "{name}");
        for key in ["meaning", "expected"] {
            assert!(!row[key].as_str().unwrap().is_empty(), "{row}");
        }
    }
}

#[test]
fn a_listed_environment_is_read_back_as_it_is() {
    let home = Home::default();
    let config = |arguments: &[&str]| {
        let mut command = home.command(&[&["config", "--print"], arguments].concat());
        command.env("HAWIYA_DRAIN_DELAY", "3s").env("HAWIYA_LOG_FORMAT", "json");
        command
    };
    let file = ran(&mut config(&["--format", "env"])).out;
    let variables = file.lines().filter(|line| !line.starts_with('#'));
    let variables: Vec<_> = variables.filter_map(|line| line.split_once('=')).collect();
    assert!(variables.contains(&("HAWIYA_DRAIN_DELAY", "3s")), "{file}");
    let mut again = home.command(&["config", "--print"]);
    again.env_remove("HAWIYA_DATA_DIR").envs(variables);
    assert_eq!(listed(&mut again), listed(&mut config(&[])));
}

#[test]
fn what_may_be_secret_is_not_shown() {
    let home = Home::default();
    for format in ["table", "json", "markdown", "env"] {
        let mut command = home.command(&["config", "--print", "--format", format]);
        command.env("REDIS_URL", "redis://:hunter2@cache:6379");
        command.env("DATABASE_URL", "postgres://hawiya:hunter2@db/hawiya");
        let ended = ran(&mut command);
        assert!(ended.code == Some(0) && !ended.out.contains("hunter2"), "{ended:?}");
    }
}

#[test]
fn a_variable_that_is_no_setting_is_refused_by_every_command() {
    let home = Home::default();
    for arguments in [&["serve", "normalizer"][..], &["up"], &["resolve", "Lavrov"], &["config"]] {
        refused(
            home.command(arguments).env("HAWIYA_REDIS_ULR", "redis://cache:6379"),
            "HAWIYA_REDIS_ULR is no setting: did you mean `REDIS_URL`?",
        );
    }
}

#[test]
fn a_redis_by_tls_needs_authorities_to_trust() {
    let home = Home::default();
    let mut command = home.command(&["config", "--service", "matcher"]);
    command.env("REDIS_URL", "rediss://:hunter2@cache:6379");
    refused(
        &mut command,
        "HAWIYA_REDIS_CA is not set: expected a file of authorities to trust, because REDIS_URL \
         begins with `rediss`",
    );
}

#[test]
fn what_kubernetes_says_of_services_is_let_be() {
    let home = Home::default();
    let mut command = home.command(&["config"]);
    command.env("HAWIYA_MATCHER_SERVICE_HOST", "10.96.0.7");
    command.env("HAWIYA_MATCHER_PORT", "tcp://10.96.0.7:7702");
    command.env("HAWIYA_MATCHER_PORT_7702_TCP_ADDR", "10.96.0.7");
    assert_eq!(ran(&mut command).code, Some(0));
}

const FILE: &str = "\
# For every process.
drain_delay = \"3s\"
log_format = \"json\"

[matcher]
drain_delay = \"4s\"
registry_url = \"http://registry:7703\"
";

#[test]
fn a_file_counts_below_the_environment_and_a_section_for_its_service_alone() {
    let home = Home::default();
    let file = home.file("hawiya.toml", FILE.as_bytes());
    let rows = listed(&mut home.command(&["--config", &file, "config", "--print"]));
    assert_eq!(value(&rows, "HAWIYA_DRAIN_DELAY"), "3s");
    assert_eq!(value(&rows, "HAWIYA_REGISTRY_URL"), &Value::Null);
    let mut command = home.command(&["config", "--print", "--service", "matcher"]);
    let rows = listed(command.env("HAWIYA_CONFIG", &file).env("HAWIYA_LOG_FORMAT", "text"));
    assert_eq!(value(&rows, "HAWIYA_DRAIN_DELAY"), "4s");
    assert_eq!(value(&rows, "HAWIYA_REGISTRY_URL"), "http://registry:7703");
    assert_eq!(value(&rows, "HAWIYA_LOG_FORMAT"), "text");
    assert!(!rows.iter().any(|row| row["name"] == "DATABASE_URL"), "the matcher has none");
}

#[tokio::test]
async fn a_service_runs_as_its_file_says() {
    let home = Home::default();
    let text = "log_format = \"json\"\n[normalizer]\nlisten = \"127.0.0.1:0\"\n";
    let file = home.file("hawiya.toml", text.as_bytes());
    let process = home.start(&["serve", "normalizer", "--config", &file]);
    let address = process.address("listening");
    assert!(address.starts_with("127.0.0.1:") && !address.ends_with(":7701"), "{address}");
}

#[test]
fn what_is_wrong_in_a_file_is_told_with_its_line() {
    let home = Home::default();
    let check = |text: &str, line: &str| {
        let file = home.file("hawiya.toml", text.as_bytes());
        let serve = ["serve", "registry", "--config", file.as_str()];
        for arguments in [&serve[..], &["config", "--config", &file]] {
            refused(&mut home.command(arguments), &format!("{file}:{line}"));
        }
    };
    check("\nredis_ulr = \"x\"\n", "2: redis_ulr is no setting: did you mean `redis_url`?");
    check("[macher]\nlog = \"x\"\n", "1: [macher] is no service: did you mean [matcher]?");
    check(
        "[registry]\n\ndrain_delay = \"2h\"\n",
        "3: drain_delay is `2h`: expected a duration such as `250ms`, `5s` or `2m`",
    );
    check(
        "database_url = \"hunter2\"\n",
        "1: database_url is `…`: expected `sqlite:///path/to/file.db`, `sqlite::memory:` or \
         `postgres://user@host/database`",
    );
}

#[test]
fn a_file_that_is_not_there_is_a_failure_that_names_it() {
    let ended = Home::default().run(&["config", "--config", "nowhere.toml"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("cannot read `nowhere.toml`"), "{ended:?}");
}
