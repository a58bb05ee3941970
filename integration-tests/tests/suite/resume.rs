//! A long run that is broken off comes to the same end: the client is killed, a service is killed and
//! started again, Redis dies, or a service stays away and the run is gone on with later.
//!
//! `HAWIYA_CRASH_ROUNDS` says how often the client is killed (6 unless said otherwise).

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use integration_tests::{
    Home, Process, Processes, Redis, Service, binary, catalogue::MISSION, until,
};
use serde_json::Value;
use tempfile::TempDir;

/// Many more than are under way at a time.
const ROWS: usize = 3_000;

/// A folder with a file of names, and the commands that are run on it.
struct Work {
    folder: TempDir,
    server: String,
}

impl Work {
    fn new(server: String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("names.csv"), names()).unwrap();
        Self { folder, server }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, output: &str, more: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.current_dir(&self.folder).env_clear().env("HAWIYA_SERVER", &self.server);
        command.args(["resolve", "names.csv", "--provisional", "--checkpoint-rows", "100"]);
        command.args(["--errors", &format!("{output}.errors.jsonl"), "-o", output]).args(more);
        command
    }

    fn start(&self, output: &str, more: &[&str]) -> Process {
        Process::spawn(&mut self.command(output, more))
    }

    async fn run_to_the_end(&self, output: &str, more: &[&str]) -> Process {
        let mut process = self.start(output, more);
        let status = process.wait().await;
        // One row has no name.
        assert_eq!(status.code(), Some(1), "{}", process.log());
        process
    }

    fn rows_durable(&self, output: &str) -> u64 {
        let text = fs::read(self.path(&format!("{output}.checkpoint"))).unwrap_or_default();
        let checkpoint: Value = serde_json::from_slice(&text).unwrap_or_default();
        checkpoint["rows"].as_u64().unwrap_or(0)
    }

    fn summary(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("summary.json")).unwrap()).unwrap()
    }

    /// Both outputs and what was told of refused rows, byte by byte; nothing else is left.
    fn assert_same(&self, one: &str, other: &str) {
        let read = |name: &str| fs::read(self.path(name)).unwrap();
        assert!(read(one) == read(other), "`{one}` and `{other}` differ");
        let errors = [one, other].map(|name| read(&format!("{name}.errors.jsonl")));
        assert!(errors[0] == errors[1] && !errors[0].is_empty());
        assert_eq!(errors[0].iter().filter(|byte| **byte == b'\n').count(), 1);
        for ending in ["partial", "checkpoint"] {
            assert!(!self.path(&format!("{other}.{ending}")).exists(), "{ending} is left");
        }
    }
}

/// Spellings that are known, names that are not, and one row without a name.
fn names() -> String {
    let mut text = String::from("row,name\n");
    for row in 0..ROWS {
        let name = match row % 4 {
            _ if row == ROWS / 2 => String::new(),
            0 => MISSION[row / 4 % MISSION.len()].0.to_owned(),
            1 => format!("قطرب زعبل {}", row % 97),
            2 => format!("{} {}", MISSION[row % MISSION.len()].0, row % 31),
            _ => format!("زعبل{}", ["", " قطرب", " القطربي"][row % 3]),
        };
        text.push_str(&format!("{row},{name}\n"));
    }
    text
}

/// Waits until a run has so many rows durable, or is over.
async fn until_durable(work: &Work, output: &str, rows: u64) {
    let is_far = async || work.rows_durable(output) >= rows || work.path(output).exists();
    until("rows are durable", is_far).await;
}

#[tokio::test]
async fn a_killed_client_goes_on_where_it_was_and_loses_and_doubles_nothing() {
    let processes = Processes::start(None).await;
    let work = Work::new(processes.address(Service::Resolver));
    let rounds = env::var("HAWIYA_CRASH_ROUNDS").ok().map_or(6, |rounds| rounds.parse().unwrap());
    for ending in ["csv", "jsonl.gz"] {
        let (whole, broken) = (format!("whole.{ending}"), format!("broken.{ending}"));
        work.run_to_the_end(&whole, &[]).await;
        for round in 0..rounds {
            let before = work.rows_durable(&broken);
            let process = work.start(&broken, &["--resume"]);
            // Sometimes right after it has begun, sometimes further on.
            let rows = before + 100 * (round % 3);
            until_durable(&work, &broken, rows).await;
            drop(process);
            assert!(work.rows_durable(&broken) >= before || work.path(&broken).exists());
        }
        work.run_to_the_end(&broken, &["--resume", "--summary", "summary.json"]).await;
        work.assert_same(&whole, &broken);
        assert_eq!(work.summary()["rows"], ROWS);
    }
}

#[tokio::test]
async fn a_service_that_is_killed_and_started_again_costs_no_row() {
    let mut processes = Processes::start(None).await;
    let work = Work::new(processes.address(Service::Resolver));
    work.run_to_the_end("whole.csv", &[]).await;
    for service in [Service::Resolver, Service::Matcher] {
        let mut client = work.start("broken.csv", &["--summary", "summary.json"]);
        until_durable(&work, "broken.csv", 100).await;
        // The client holds its breath, so that this is in the middle of its work.
        client.signal("-STOP");
        processes.kill(service);
        client.signal("-CONT");
        processes.spawn(service);
        let status = client.wait().await;
        assert_eq!(status.code(), Some(1), "{}", client.log());
        work.assert_same("whole.csv", "broken.csv");
        if service == Service::Resolver {
            assert!(work.summary()["reconnected"].as_u64() >= Some(1), "{}", work.summary());
        }
        fs::remove_file(work.path("broken.csv")).unwrap();
    }
}

#[tokio::test]
async fn a_run_outlives_redis() {
    let Some(mut redis) = Redis::start().await else { return };
    let processes = Processes::start(Some(redis.url())).await;
    processes.wait_redis().await;
    let work = Work::new(processes.address(Service::Resolver));
    work.run_to_the_end("whole.csv", &[]).await;
    let mut client = work.start("broken.csv", &[]);
    until_durable(&work, "broken.csv", 100).await;
    redis.stop();
    assert_eq!(client.wait().await.code(), Some(1), "{}", client.log());
    work.assert_same("whole.csv", "broken.csv");
}

#[tokio::test]
async fn answers_without_the_registry_are_asked_again_and_at_last_taken_and_told() {
    let mut processes = Processes::start(None).await;
    let work = Work::new(processes.address(Service::Resolver));
    let names = MISSION.map(|(name, _)| format!("0,{name}\n")).concat();
    fs::write(work.path("names.csv"), format!("row,name\n{names}")).unwrap();
    processes.kill(Service::Registry);
    let is_told = async || {
        let options = ["--summary", "summary.json", "--retry-for", "1ms"];
        let mut client = work.start("without.csv", &options);
        let code = client.wait().await.code();
        let degraded = work.summary()["degraded"].as_u64().unwrap();
        assert_eq!(code, Some(i32::from(degraded > 0)), "{}", client.log());
        degraded > 0
    };
    until("answers do without the registry", is_told).await;

    let mut client = work.start("again.csv", &["--summary", "again.json"]);
    until("the run has begun", async || work.path("again.csv.partial").exists()).await;
    processes.spawn(Service::Registry);
    assert_eq!(client.wait().await.code(), Some(0), "{}", client.log());
    let summary: Value =
        serde_json::from_slice(&fs::read(work.path("again.json")).unwrap()).unwrap();
    assert_eq!(summary["degraded"], 0, "{summary}");
}

#[tokio::test]
async fn a_run_whose_service_stays_away_says_where_to_go_on() {
    let mut processes = Processes::start(None).await;
    let work = Work::new(processes.address(Service::Resolver));
    work.run_to_the_end("whole.csv", &[]).await;
    let mut client = work.start("broken.csv", &["--retry-for", "300ms"]);
    until_durable(&work, "broken.csv", 100).await;
    client.signal("-STOP");
    processes.kill(Service::Resolver);
    client.signal("-CONT");
    assert_eq!(client.wait().await.code(), Some(2), "{}", client.log());
    let rows = work.rows_durable("broken.csv");
    let told = format!("{rows} rows, up to line {}", rows + 1);
    assert!(client.log().contains(&told) && client.log().contains("--resume"), "{}", client.log());
    assert!(!work.path("broken.csv").exists(), "a part must not pass for the whole");

    processes.spawn(Service::Resolver);
    processes.clients.wait_serving(Service::Resolver).await;
    work.run_to_the_end("broken.csv", &["--resume"]).await;
    work.assert_same("whole.csv", "broken.csv");
}

#[tokio::test]
async fn a_run_is_not_gone_on_with_when_something_else_is_asked() {
    let mut processes = Processes::start(None).await;
    let work = Work::new(processes.address(Service::Resolver));
    let mut client = work.start("broken.csv", &["--retry-for", "300ms"]);
    until_durable(&work, "broken.csv", 100).await;
    client.signal("-STOP");
    processes.kill(Service::Resolver);
    client.signal("-CONT");
    assert_eq!(client.wait().await.code(), Some(2), "{}", client.log());

    let refused = async |more: &[&str], words: &str| {
        let mut client = work.start("broken.csv", more);
        assert_eq!(client.wait().await.code(), Some(2));
        assert!(client.log().contains(words), "{}", client.log());
    };
    refused(&["--resume", "--type", "city"], "--type was `` and is `city`").await;
    // A name of the same length, far behind what is done.
    let changed = names().replacen(&format!("{},", ROWS - 1), &format!("{},", ROWS - 2), 1);
    assert_eq!(changed.len(), names().len());
    fs::write(work.path("names.csv"), changed).unwrap();
    refused(&["--resume"], "the input has changed").await;
}

#[test]
fn a_resume_without_a_checkpoint_begins_at_the_first_row() {
    let home = Home::default();
    let file = home.file("few.csv", "name\nPyongyang\n".as_bytes());
    let ended = home.run(&["resolve", &file, "-o", "few.out.csv", "--resume"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.err.contains("beginning at the first row"), "{ended:?}");
    let out = fs::read_to_string(Path::new(&file).with_file_name("few.out.csv")).unwrap();
    assert!(out.contains("Pyongyang,Q18808,"), "{out}");
}
