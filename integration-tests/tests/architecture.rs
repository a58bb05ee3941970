//! The rules of the architecture that a compiler does not check.

#![expect(clippy::unwrap_used, reason = "a test stops and says why")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{CargoOpt, Metadata, MetadataCommand, Package};
use integration_tests::catalogue::repository;

const SERVICES: [&str; 4] = ["normalizer", "matcher", "registry", "resolver"];
const FOUNDATIONS: [&str; 5] = ["names", "cache", "chassis", "mapped", "proto"];
/// What may depend on everything.
const TOPS: [&str; 3] = ["hawiya", "integration-tests", "fuzz"];

fn metadata() -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(repository().join("Cargo.toml"));
    command.features(CargoOpt::AllFeatures).no_deps();
    command.other_options(["--offline".to_owned()]).exec().unwrap()
}

/// Every dependency of a crate of ours, of whatever kind, as `from -> to`.
fn edges(metadata: &Metadata) -> Vec<(String, String)> {
    let edges_of = |package: &Package| {
        let from = package.name.to_string();
        let to = package.dependencies.iter().map(|dependency| dependency.name.clone());
        to.map(|to| (from.clone(), to)).collect::<Vec<_>>()
    };
    metadata.workspace_packages().into_iter().flat_map(edges_of).collect()
}

fn is_ours(name: &str) -> bool {
    SERVICES.contains(&name) || FOUNDATIONS.contains(&name) || TOPS.contains(&name)
}

/// Fails with the edges that a rule forbids.
fn forbid(rule: &str, forbidden: impl Fn(&str, &str) -> bool) {
    let found = edges(&metadata()).into_iter().filter(|(from, to)| forbidden(from, to));
    let found: Vec<_> = found.map(|(from, to)| format!("{from} -> {to}")).collect();
    assert!(found.is_empty(), "{rule}: {}", found.join(", "));
}

#[test]
fn every_crate_has_its_place() {
    let metadata = metadata();
    let names = metadata.workspace_packages().into_iter().map(|package| package.name.to_string());
    let strange: Vec<_> = names.filter(|name| !is_ours(name)).collect();
    assert!(strange.is_empty(), "say in this test where they belong: {}", strange.join(", "));
}

#[test]
fn services_never_depend_on_services() {
    forbid("services meet through proto", |from, to| {
        SERVICES.contains(&from) && (SERVICES.contains(&to) || TOPS.contains(&to))
    });
}

#[test]
fn the_foundations_depend_on_nothing_of_ours() {
    forbid("a foundation stands alone", |from, to| FOUNDATIONS.contains(&from) && is_ours(to));
}

#[test]
fn only_the_binary_and_these_tests_depend_on_services() {
    forbid("only the tops see services", |from, to| {
        (SERVICES.contains(&to) || TOPS.contains(&to)) && !TOPS.contains(&from)
    });
    forbid("nothing depends on the tests", |_, to| ["integration-tests", "fuzz"].contains(&to));
}

#[test]
fn only_the_cache_names_redis() {
    forbid("the cache is the only way to redis", |from, to| to == "redis" && from != "cache");
}

#[test]
fn the_text_logic_is_without_runtime_and_wire() {
    let outside = ["tokio", "tonic", "prost", "async-trait"];
    forbid("names is pure", |from, to| from == "names" && outside.contains(&to));
}

#[test]
fn every_service_has_the_same_files() {
    let missing = SERVICES.iter().flat_map(|service| {
        let files = ["lib.rs", "config.rs", "grpc.rs", "error.rs"];
        files.map(|file| source(service).join(file)).into_iter().filter(|path| !path.is_file())
    });
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<PathBuf>::new());
}

fn source(service: &str) -> PathBuf {
    repository().join("services").join(service).join("src")
}

/// The Rust files below a folder.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let below = |path: PathBuf| match path.is_dir() {
        true => rust_files(&path),
        false => vec![path],
    };
    entries.flat_map(below).filter(|path| path.extension() == Some("rs".as_ref())).collect()
}

/// What of the wire may be named anywhere: the words of the domain, what reflection shows, and the
/// type that puts the service of the contract around its `grpc` module.
const NAMED_ANYWHERE: [&str; 3] =
    ["proto::vocabulary", "FILE_DESCRIPTOR_SET", "RegistryServiceServer"];

#[test]
fn wire_messages_are_named_only_under_grpc() {
    let mut found = Vec::new();
    for service in SERVICES {
        let folder = source(service);
        let of_grpc = |path: &PathBuf| {
            let below = path.strip_prefix(&folder).unwrap();
            below.starts_with("grpc") || below == Path::new("grpc.rs")
        };
        for path in rust_files(&folder).into_iter().filter(|path| !of_grpc(path)) {
            found.extend(wire_lines(&path));
        }
    }
    assert!(found.is_empty(), "only grpc names wire messages:\n{}", found.join("\n"));
}

/// The lines of code that name the wire, as `file:line: text`.
fn wire_lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let shown = path.strip_prefix(repository()).unwrap().display().to_string();
    let names_wire = |line: &str| {
        let code = line.split("//").next().unwrap_or_default();
        let wire = code.contains("wire::") || code.contains("proto::") || code.contains("prost");
        wire && !NAMED_ANYWHERE.iter().any(|allowed| code.contains(allowed))
    };
    let lines = (1..).zip(text.lines()).filter(|(_, line)| names_wire(line));
    lines.map(|(number, line)| format!("{shown}:{number}: {}", line.trim())).collect()
}

#[test]
fn every_dependency_says_why_it_is_there() {
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    let section = manifest.lines().skip_while(|line| *line != "[workspace.dependencies]").skip(1);
    let section = section.take_while(|line| !line.starts_with('['));
    let dependencies = section.filter(|line| line.contains('=') && !line.starts_with('#'));
    // Our own crates stand under one comment for all of them.
    let foreign = dependencies.filter(|line| !line.contains("path = "));
    let bare: Vec<_> = foreign.filter(|line| reason(line).is_empty()).collect();
    assert!(bare.is_empty(), "no reason:\n{}", bare.join("\n"));
}

fn reason(line: &str) -> &str {
    line.rsplit_once('#').map_or("", |(_, reason)| reason.trim())
}

#[test]
fn a_crate_takes_its_dependencies_from_the_workspace_or_says_why_not() {
    let mut bare = Vec::new();
    for package in metadata().workspace_packages() {
        let manifest = fs::read_to_string(&package.manifest_path).unwrap();
        let own = manifest.lines().filter(|line| line.contains("version = \""));
        bare.extend(
            own.filter(|line| reason(line).is_empty())
                .map(|line| format!("{}: {line}", package.name)),
        );
    }
    assert!(bare.is_empty(), "no reason:\n{}", bare.join("\n"));
}

/// kustomize reads nothing outside its root, so the file is there twice.
#[test]
fn redis_is_configured_alike_on_one_machine_and_in_a_cluster() {
    let [machine, cluster] = ["deploy/redis.conf", "k8s/base/redis.conf"]
        .map(|path| fs::read_to_string(repository().join(path)).unwrap());
    assert_eq!(machine, cluster);
}
