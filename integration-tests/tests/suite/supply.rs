//! What the binary is made of is written down, with where it comes from and on which terms.

use std::{collections::BTreeSet, fs, process::Command};

use integration_tests::{catalogue::repository, manifests::list};
use serde_json::Value;

fn sbom() -> Value {
    let output = Command::new(repository().join("deploy/sbom.sh")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_sbom_lists_what_is_linked_in_with_licence_and_checksum() {
    let sbom = sbom();
    assert_eq!((&sbom["bomFormat"], &sbom["specVersion"]), (&"CycloneDX".into(), &"1.5".into()));
    assert_eq!(sbom["metadata"]["component"]["version"], env!("CARGO_PKG_VERSION"));
    let lock = fs::read_to_string(repository().join("Cargo.lock")).unwrap();
    let mut names = BTreeSet::new();
    for component in list(&sbom["components"]) {
        let text = |key: &str| component[key].as_str().unwrap_or_default();
        let (name, version) = (text("name"), text("version"));
        let locked = format!("name = \"{name}\"\nversion = \"{version}\"\n");
        assert!(lock.contains(&locked), "{name} {version} is not locked");
        assert!(component["licenses"][0]["expression"].is_string(), "{name}: no licence");
        let is_ours = repository().join("services").join(name).is_dir() || name == "proto";
        if !is_ours {
            let checksum = component["hashes"][0]["content"].as_str().unwrap();
            assert!(checksum.len() == 64 && lock.contains(checksum), "{name}: {checksum}");
            assert_eq!(text("purl"), format!("pkg:cargo/{name}@{version}"));
        }
        names.insert(name);
    }
    for linked in ["redis", "sqlx", "tonic", "matcher"] {
        assert!(names.contains(linked), "{linked} is missing");
    }
    for only_tested_with in ["proptest", "criterion", "integration-tests"] {
        assert!(!names.contains(only_tested_with), "{only_tested_with} is not linked in");
    }
}

#[test]
fn the_sbom_is_the_same_for_the_same_sources() {
    assert_eq!(sbom(), sbom());
}
