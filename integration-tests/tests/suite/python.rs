//! A Python program that has nothing of ours but an address.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use integration_tests::{
    Service, Suite,
    catalogue::{MISSION, repository},
    skipped,
};
use serde_json::{Value, json};

/// The Python of the repository, or the one on the PATH, if it has what the client needs.
pub(crate) fn python() -> Option<PathBuf> {
    let of_the_repository = repository().join(".venv/bin/python");
    let candidates = [of_the_repository, PathBuf::from("python3")];
    let able = |python: &PathBuf| {
        let mut command = Command::new(python);
        command.args(["-c", "import grpc, grpc_reflection"]).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    candidates.into_iter().find(able)
}

fn run(python: &PathBuf, address: &str) -> Value {
    let client = repository().join("integration-tests/python/client.py");
    let mut command = Command::new(python);
    command.arg(client).arg(address).env("PYTHONIOENCODING", "utf-8");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let names = MISSION.map(|(spelling, _)| spelling).join("\n");
    child.stdin.take().unwrap().write_all(names.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn a_client_without_generated_code_resolves_by_reflection() {
    let Some(python) = python() else {
        return skipped("no python with grpcio and grpcio-reflection");
    };
    let suite = Suite::start().await;
    let address = suite.addresses[Service::Resolver as usize].clone();
    // The suite is served by this thread.
    let report = tokio::task::spawn_blocking(move || run(&python, &address)).await.unwrap();

    let services = json!(["grpc.health.v1.Health", Service::Resolver.wire_name()]);
    assert_eq!(report["services"], services);
    assert_eq!(report["services_v1"], services);
    assert!(report["methods"].as_array().unwrap().contains(&json!("StreamResolve")), "{report}");
    for (number, (spelling, id)) in MISSION.into_iter().enumerate() {
        let unary = &report["unary"][number];
        assert_eq!((&unary["text"], &unary["canonical_id"]), (&json!(spelling), &json!(id)));
        let streamed = &report["stream"][number];
        assert_eq!(
            (&streamed["item_number"], &streamed["canonical_id"]),
            (&json!(number), &json!(id))
        );
    }
    assert_eq!(report["stream"].as_array().unwrap().len(), MISSION.len());
    assert_eq!(report["refused"]["code"], "INVALID_ARGUMENT");
    assert_eq!(report["refused"]["details"], "`query.text` is empty: give a name");
}
