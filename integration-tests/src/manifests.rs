//! What k8s/ comes to: every base, component, overlay and job as a cluster would get it.
//!
//! `kubectl` renders, offline; Python reads the result and knows the schemas of Kubernetes.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{catalogue::repository, skipped, unavailable};

/// The versions of Kubernetes that the manifests are for: the first that can all they ask (a pause before
/// SIGTERM, limits for each part of a job), and the newest of which the schemas are known.
pub const VERSIONS: [&str; 2] = ["1.30", "1.37"];

/// One rendering.
#[derive(Debug, Deserialize)]
pub struct Manifests {
    /// Where it comes from, below k8s.
    pub from: String,
    /// The manifests.
    pub resources: Vec<Value>,
    /// What the schemas refuse.
    pub problems: Vec<String>,
    /// Kinds without a schema.
    pub unknown: Vec<String>,
}

/// A way to render: `kubectl`, and a Python with the packages of the repository.
#[derive(Debug)]
pub struct Renderer {
    python: PathBuf,
}

impl Renderer {
    /// What is there to render with; says loudly when there is nothing.
    #[must_use]
    pub fn find() -> Option<Self> {
        let python = repository().join(".venv/bin/python");
        if !succeeds(Command::new("kubectl").args(["kustomize", "--help"])) {
            unavailable("`kubectl` is not on the PATH");
            return None;
        }
        if !succeeds(Command::new(&python).args(["-c", "import kubernetes_validate"])) {
            skipped("no python with kubernetes-validate: `make tools` installs it");
            return None;
        }
        Some(Self { python })
    }

    /// Every rendering there is: folders that are applied, and each component alone on the base.
    #[must_use]
    pub fn all(&self) -> Vec<Manifests> {
        let applied = ["base".to_owned()].into_iter().chain(below("overlays")).chain(below("jobs"));
        let whole = applied.map(|from| (build(&repository().join("k8s").join(&from)), from));
        let parts = below("components").into_iter().map(|from| (build_component(&from), from));
        let texts = whole.chain(parts).map(|(text, from)| (from, Value::from(text)));
        self.read(&texts.collect::<Map<_, _>>().into())
    }

    fn read(&self, texts: &Value) -> Vec<Manifests> {
        let mut read = Command::new(&self.python);
        read.arg(repository().join("integration-tests/python/manifests.py")).args(VERSIONS);
        let mut read = read.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        read.stdin.take().unwrap().write_all(texts.to_string().as_bytes()).unwrap();
        let output = read.wait_with_output().unwrap();
        assert!(output.status.success(), "the manifests cannot be read");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// What a component makes of the base.
fn build_component(from: &str) -> String {
    // kustomize takes relative paths only, so the overlay has to be in the repository.
    let target = repository().join("target");
    fs::create_dir_all(&target).unwrap();
    let folder = tempfile::tempdir_in(target).unwrap();
    let text = format!("resources: [../../k8s/base]\ncomponents: [../../k8s/{from}]\n");
    fs::write(folder.path().join("kustomization.yaml"), text).unwrap();
    build(folder.path())
}

fn build(folder: &Path) -> String {
    let built = Command::new("kubectl").arg("kustomize").arg(folder).output().unwrap();
    assert!(built.status.success(), "{folder:?}: {}", String::from_utf8_lossy(&built.stderr));
    String::from_utf8(built.stdout).unwrap()
}

impl Manifests {
    /// The resources of a kind.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.resources.iter().filter(move |resource| resource["kind"] == kind)
    }

    /// The resource of a kind and a name.
    #[must_use]
    pub fn find(&self, kind: &str, name: &str) -> Option<&Value> {
        let is_it = |it: &&Value| it["kind"] == kind && it["metadata"]["name"] == name;
        self.resources.iter().find(is_it)
    }

    /// Every pod that is made, with the name of what makes it: its template.
    #[must_use]
    pub fn pods(&self) -> Vec<(&str, &Value)> {
        let named = |resource| Some((name(resource), template(resource)?));
        self.resources.iter().filter_map(named).collect()
    }

    /// The environment of a container, from its maps and its own values; what comes from a Secret is empty.
    #[must_use]
    pub fn environment(&self, container: &Value) -> Vec<(String, String)> {
        let mut variables = Vec::new();
        for from in list(&container["envFrom"]) {
            let map = self.find("ConfigMap", text(&from["configMapRef"]["name"]));
            let data = map.unwrap_or_else(|| panic!("{}: {from}", self.from))["data"].as_object();
            let pairs =
                data.unwrap().iter().map(|(name, value)| (name.clone(), text(value).into()));
            variables.extend(pairs);
        }
        for variable in list(&container["env"]) {
            let (name, value) = (text(&variable["name"]), text(&variable["value"]));
            variables.retain(|(known, _)| known != name);
            variables.push((name.to_owned(), value.to_owned()));
        }
        variables
    }
}

/// The pod that a resource makes.
fn template(resource: &Value) -> Option<&Value> {
    match text(&resource["kind"]) {
        "Deployment" | "Job" => Some(&resource["spec"]["template"]),
        "CronJob" => Some(&resource["spec"]["jobTemplate"]["spec"]["template"]),
        _ => None,
    }
}

/// The name of a resource.
#[must_use]
pub fn name(resource: &Value) -> &str {
    text(&resource["metadata"]["name"])
}

/// A text, empty when it is none.
#[must_use]
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A list, empty when it is none.
#[must_use]
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The folders below one of k8s.
fn below(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(repository().join("k8s").join(folder)).into_iter().flatten();
    let name =
        |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut found: Vec<_> = entries.map(|entry| format!("{folder}/{}", name(entry))).collect();
    found.sort();
    found
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
