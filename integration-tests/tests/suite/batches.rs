//! `hawiya resolve FILE`: columns are kept in every format, rows that cannot be read keep their place,
//! names that nobody knows are joined, and parts put together are the whole.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use integration_tests::{
    Ended, Home, Service, Suite,
    catalogue::{MISSION, repository},
    skipped,
};
use serde_json::{Value, json};

use crate::python::python;

/// A suite that serves this test, and a folder for its files.
struct Work {
    home: Home,
    folder: PathBuf,
    server: String,
    suite: Suite,
}

impl Work {
    async fn start() -> Self {
        let suite = Suite::start().await;
        let home = Home::default();
        let folder = PathBuf::from(home.file("empty", b"")).parent().unwrap().to_owned();
        let server = suite.addresses[Service::Resolver as usize].clone();
        Self { home, folder, server, suite }
    }

    /// Runs a command on a thread that does not serve the suite.
    async fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, &[]).await
    }

    async fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
        let mut command = self.home.command(arguments);
        command.env("HAWIYA_SERVER", &self.server).envs(environment.iter().copied());
        command.stdin(Stdio::null());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    async fn run_well(&self, arguments: &[&str]) -> Ended {
        let ended = self.run(arguments).await;
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
        ended
    }

    fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.folder.join(name), content).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn lines(&self, name: &str) -> Vec<Value> {
        self.read(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A row a spelling, and beside it the entity it means.
fn spellings() -> String {
    let row = |(spelling, id): &(&str, &str)| format!("{spelling},{id}\n");
    format!("name,expected\n{}", MISSION.iter().map(row).collect::<String>())
}

const ADDED: [&str; 7] =
    ["canonical_id", "canonical_name", "entity_type", "score", "verdict", "reason", "form"];

#[tokio::test]
async fn every_format_keeps_its_columns_and_says_the_same() {
    let work = Work::start().await;
    work.write("names.csv", spellings().as_bytes());
    let chain = [
        ("names.csv", "a.tsv"),
        ("a.tsv", "b.jsonl.gz"),
        ("b.jsonl.gz", "c.parquet"),
        ("c.parquet", "d.csv.zst"),
        ("d.csv.zst", "e.jsonl"),
    ];
    for (step, (from, to)) in chain.into_iter().enumerate() {
        let prefix = format!("s{step}_");
        work.run_well(&["resolve", from, "-o", to, "--prefix", &prefix, "--quiet"]).await;
    }
    let lines = work.lines("e.jsonl");
    assert_eq!(lines.len(), MISSION.len());
    for (line, (spelling, id)) in lines.iter().zip(MISSION) {
        assert_eq!((&line["name"], &line["expected"]), (&json!(spelling), &json!(id)));
        for step in 0..chain.len() {
            let value = |column: &str| &line[format!("s{step}_{column}")];
            assert_eq!((value("canonical_id"), value("verdict")), (&json!(id), &json!("match")));
            for column in ADDED.into_iter().filter(|column| *column != "score") {
                assert_eq!(value(column), &line[format!("s0_{column}")], "{column} of {line}");
            }
        }
        assert!(line["s4_score"].as_f64().unwrap() >= 0.8, "{line}");
        assert_eq!(line["s3_score"], line["s4_score"].to_string(), "a table has texts");
    }
}

#[tokio::test]
async fn a_column_that_would_be_there_twice_is_refused_before_anything_is_asked() {
    let work = Work::start().await;
    work.write("names.csv", "name,score\nQena,1\n".as_bytes());
    let ended = work.run(&["resolve", "names.csv", "-o", "out.csv"]).await;
    assert_eq!(ended.code, Some(64), "{ended:?}");
    assert!(ended.err.contains("`score`") && ended.err.contains("--prefix"), "{ended:?}");
    assert!(!work.folder.join("out.csv").exists());
    let ended = work.run(&["resolve", "names.csv", "-o", "out.csv", "--column", "title"]).await;
    assert!(ended.err.contains("no column `title`: the file has `name`, `score`"), "{ended:?}");
}

#[tokio::test]
async fn rows_that_cannot_be_read_keep_their_place_and_are_told() {
    let work = Work::start().await;
    let csv = b"row,name,kind\n1,Pyongyang,city\n2,\xD8,city\n3,\"\xD9\x84\xD8\xA7\xD9\x81\xD8\xB1\xD9\x88\xD9\x81\",person\n4,Pyongyang,town\n5,?!,\n6,a,b,c\n";
    work.write("names.csv", csv);
    let arguments = ["resolve", "names.csv", "-o", "out.csv", "--type-column", "kind"];
    let files = ["--errors", "errors.jsonl", "--summary", "summary.json"];
    let ended = work.run(&[&arguments[..], &files].concat()).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let out = work.read("out.csv");
    let verdicts: Vec<&str> = out
        .lines()
        .skip(1)
        .map(|line| {
            ["match", "error"]
                .into_iter()
                .find(|word| line.contains(&format!(",{word},")))
                .unwrap_or(line)
        })
        .collect();
    assert_eq!(verdicts, ["match", "error", "match", "error", "error", "error"], "{out}");
    let errors = work.lines("errors.jsonl");
    let place = |line: &Value| format!("{} {}", line["unit"].as_str().unwrap(), line["number"]);
    let told: Vec<_> = errors.iter().map(place).collect();
    assert_eq!(told, ["line 3", "line 5", "line 6", "line 7"]);
    assert_eq!(errors[1]["problems"][0]["field"], "type");
    let summary: Value = serde_json::from_str(&work.read("summary.json")).unwrap();
    let counts =
        ["rows", "match", "ambiguous", "no_match", "errors"].map(|key| summary[key].as_i64());
    assert_eq!(counts, [6, 2, 0, 0, 4].map(Some), "{summary}");
    assert!(ended.err.contains("errors") && ended.err.contains("rows a second"), "{ended:?}");
}

#[tokio::test]
async fn parts_put_together_are_the_whole() {
    let work = Work::start().await;
    let lines: Vec<String> =
        (0..25).map(|row| json!({"row": row, "name": MISSION[row % 14].0}).to_string()).collect();
    work.write("names.jsonl", (lines.join("\n") + "\n").as_bytes());
    work.run_well(&["resolve", "names.jsonl", "-o", "whole.jsonl"]).await;
    let mut together = String::new();
    for index in 0..3 {
        let (index, shard) = (index.to_string(), format!("{index}/3"));
        let by_flag = ["resolve", "names.jsonl", "-o", "flag-{shard}.jsonl", "--shard", &shard];
        work.run_well(&by_flag).await;
        let by_job = ["resolve", "names.jsonl", "-o", "job-{shard}.jsonl", "--shards", "3"];
        let ended = work.run_with(&by_job, &[("JOB_COMPLETION_INDEX", &index)]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let part = work.read(&format!("flag-{index}.jsonl"));
        assert_eq!(part, work.read(&format!("job-{index}.jsonl")));
        assert!((8..=9).contains(&part.lines().count()));
        together.push_str(&part);
    }
    assert_eq!(together, work.read("whole.jsonl"));
}

#[tokio::test]
async fn names_that_nobody_knows_are_joined_and_become_entities() {
    let work = Work::start().await;
    let unknown = ["غريغوري زابوروجنكو", "جريجوري زابوروجنكو", "قطرب زعبل", "غريغورى زابوروجنكو"];
    work.write("names.csv", format!("name\nPyongyang\n{}\n", unknown.join("\n")).as_bytes());
    let files = ["-o", "out.jsonl", "--new-entities", "new.jsonl", "--report", "report.html"];
    work.run_well(&[&["resolve", "names.csv"][..], &files].concat()).await;
    let lines = work.lines("out.jsonl");
    let id = |row: usize| lines[row]["provisional_id"].clone();
    assert_eq!(id(0), Value::Null);
    assert_eq!((id(1), id(1)), (id(2), id(4)));
    assert_ne!(id(1), id(3));
    assert!(id(1).as_str().unwrap().starts_with("new:"), "{lines:?}");
    let new = work.lines("new.jsonl");
    assert_eq!(
        (new.len(), &new[0]["id"], &new[0]["attributes"]["mentions"]),
        (2, &id(1), &json!("3"))
    );

    let report = work.read("report.html");
    for part in ["<svg", "Pyongyang", "قطرب زعبل", "2 new entities"] {
        assert!(report.contains(part), "no `{part}`");
    }
    let registry = work.suite.addresses[Service::Registry as usize].clone();
    let import = ["import", "--server", &registry, "--dataset", "reviewed", "new.jsonl"];
    work.run_well(&import).await;
    let status = async || work.run(&["resolve", "--format", "jsonl", "غريغوري زابوروجينكو"]).await;
    integration_tests::until("the new entity is known", async || {
        status().await.lines()[0]["canonical_id"] == id(1)
    })
    .await;
}

#[tokio::test]
async fn the_python_example_resolves_a_file_over_the_stream() {
    let Some(python) = python() else {
        return skipped("no python with grpcio and grpcio-reflection");
    };
    let work = Work::start().await;
    let mut names = spellings();
    // More than one message, and a row without a name.
    for row in 0..2_500 {
        names.push_str(&format!("{},-\n", MISSION[row % 14].0));
    }
    names.push_str("?!,-\n");
    work.write("names.csv", names.as_bytes());
    let example = repository().join("deploy/examples/python/resolve_csv.py");
    let mut command = Command::new(python);
    command.current_dir(&work.folder).env("PYTHONIOENCODING", "utf-8");
    command.arg(example).args(["--server", &work.server, "names.csv", "out.csv"]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let out = work.read("out.csv");
    let rows: Vec<Vec<&str>> = out.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0][..4], ["name", "expected", "canonical_id", "verdict"]);
    assert_eq!(rows.len(), 1 + MISSION.len() + 2_501);
    for (row, (spelling, id)) in rows[1..].iter().zip(MISSION) {
        assert_eq!(row[..4], [spelling, id, id, "match"]);
    }
    assert_eq!(rows.last().unwrap()[2..4], ["", "error"]);
}

#[test]
fn the_examples_are_documented() {
    let folder = repository().join("deploy/examples/python");
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    for file in ["resolve_csv.py", "resolve_spark.py", "hawiya_stream.py"] {
        assert!(Path::new(&folder.join(file)).exists() && readme.contains(file), "{file}");
    }
}
