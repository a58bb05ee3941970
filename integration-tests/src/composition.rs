//! The composition of deploy/compose.yaml, on images that are made here, ended with its test.
//!
//! No image is pulled: those below ours are made of programs of this machine, and ours is made of a
//! binary that was linked before, so that nothing is compiled twice.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, SystemTime},
};

use serde_json::Value;

use crate::{
    Clients, Service, binary, catalogue::repository, free_port, unavailable, until_within,
};

/// How long containers may take to become healthy: the database is made first.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running composition. Its containers, networks, volumes and images are removed with it.
#[derive(Debug)]
pub struct Composition {
    /// Asks it.
    pub clients: Clients,
    /// The image of our services.
    pub image: String,
    project: String,
    ports: [u16; 4],
    compose: &'static [&'static str],
}

/// What its containers are called in the file.
pub const CONTAINERS: [&str; 6] =
    ["resolver", "normalizer", "matcher", "registry", "postgres", "redis"];

impl Composition {
    /// Builds the image and starts everything, or says loudly why it cannot.
    pub async fn start() -> Option<Self> {
        let Some(compose) = compose_program() else {
            unavailable("no running Docker engine with compose");
            return None;
        };
        let project = format!("hawiya-test-{}", std::process::id());
        // Any port for the matcher, so that it can have replicas: it is asked through the resolver.
        let port = |service| if service == Service::Matcher { 0 } else { free_port() };
        let ports = Service::ALL.map(port);
        let clients = Clients::new(ports.map(|port| format!("127.0.0.1:{port}")));
        let image = format!("{project}:local");
        let composition = Self { clients, image, project, ports, compose };
        composition.build();
        composition.compose(&["up", "--detach", "--no-build"]);
        for container in CONTAINERS {
            composition.wait_healthy(container).await;
        }
        Some(composition)
    }

    /// The images below ours, and ours, from the Dockerfile.
    fn build(&self) {
        run(Command::new(repository().join("deploy/base-images.sh")).arg(&self.project));
        prepare_binary();
        let shell = format!("BUILD_IMAGE={}-shell", self.project);
        // The first stage by itself too, or else what it leaves has no name to be removed by.
        let stage = format!("{}-build", self.project);
        for options in [&["--target", "build", "-t", &stage][..], &["-t", &self.image]] {
            let mut build = Command::new("docker");
            build.args(["build", "--quiet", "-f", "deploy/Dockerfile"]).args(options);
            build.args(["--build-arg", &shell, "--build-arg", "PREBUILT=1", "."]);
            run(build.current_dir(repository()));
        }
    }

    /// Runs the compose program and returns what it printed.
    pub fn compose(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(self.compose[0]);
        command.args(&self.compose[1..]).args(["-p", &self.project, "-f", "deploy/compose.yaml"]);
        command.args(arguments).current_dir(repository()).env("HAWIYA_IMAGE", &self.image);
        for program in ["redis", "postgres"] {
            let name = format!("{}_IMAGE", program.to_uppercase());
            command.env(name, format!("{}-{program}", self.project));
        }
        for (service, port) in Service::ALL.iter().zip(self.ports) {
            let name = format!("HAWIYA_{}_PORT", service.name().to_uppercase());
            command.env(name, port.to_string());
        }
        run(&mut command)
    }

    /// The ids of the containers of a service, those that stopped too.
    #[must_use]
    pub fn containers(&self, service: &str) -> Vec<String> {
        let of_project = format!("label=com.docker.compose.project={}", self.project);
        let of_service = format!("label=com.docker.compose.service={service}");
        let found = docker(&["ps", "-aq", "--filter", &of_project, "--filter", &of_service]);
        found.lines().map(str::to_owned).collect()
    }

    /// The id of the only container of a service.
    #[must_use]
    pub fn container(&self, service: &str) -> String {
        let [container] = &self.containers(service)[..] else { panic!("not one {service}") };
        container.clone()
    }

    /// What Docker knows of a container or an image.
    #[must_use]
    pub fn inspect(&self, thing: &str) -> Value {
        let found: Value = serde_json::from_str(&docker(&["inspect", thing])).unwrap();
        found[0].clone()
    }

    /// The files of our image, without those that Docker puts there.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        let container = self.container("resolver");
        let mut export = Command::new("docker");
        let mut export =
            export.args(["export", &container]).stdout(Stdio::piped()).spawn().unwrap();
        let list = run(Command::new("tar").arg("t").stdin(export.stdout.take().unwrap()));
        export.wait().unwrap();
        let of_docker = ["dev/", "proc/", "sys/", "etc/", ".dockerenv"];
        let files = list.lines().filter(|path| !path.ends_with('/'));
        files
            .filter(|path| !of_docker.iter().any(|of| path.starts_with(of)))
            .map(Into::into)
            .collect()
    }

    /// Takes a service off a network of the file.
    pub fn cut(&self, service: &str, network: &str) {
        let network = format!("{}_{network}", self.project);
        docker(&["network", "disconnect", &network, &self.container(service)]);
    }

    /// Puts a service back on a network, under its name.
    pub fn mend(&self, service: &str, network: &str) {
        let network = format!("{}_{network}", self.project);
        let container = self.container(service);
        docker(&["network", "connect", "--alias", service, &network, &container]);
    }

    /// Waits until every container of a service says that it is well.
    pub async fn wait_healthy(&self, service: &str) {
        let healthy = async || {
            let containers = self.containers(service);
            let is_healthy =
                |id: &String| self.inspect(id)["State"]["Health"]["Status"] == "healthy";
            !containers.is_empty() && containers.iter().all(is_healthy)
        };
        until_within(PATIENCE, &format!("{service} is healthy"), healthy).await;
    }
}

impl Drop for Composition {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.compose(&["logs", "--no-color", "--tail", "15"]);
            drop(std::io::stderr().write_all(log.as_bytes()));
        }
        self.compose(&["down", "--volumes", "--timeout", "1"]);
        let parts =
            ["build", "shell", "redis", "postgres"].map(|part| format!("{}-{part}", self.project));
        let images = parts.iter().chain([&self.image]).map(String::as_str);
        docker(&[&["rmi", "--force"], &images.collect::<Vec<_>>()[..]].concat());
    }
}

/// Runs `docker` and returns what it printed.
pub fn docker(arguments: &[&str]) -> String {
    run(Command::new("docker").args(arguments))
}

fn run(command: &mut Command) -> String {
    let output = command.stderr(Stdio::piped()).output().unwrap();
    let Output { status, stdout, stderr } = output;
    assert!(status.success(), "{command:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

/// The compose program, if there is one and an engine for it.
fn compose_program() -> Option<&'static [&'static str]> {
    let works = |words: &[&str]| {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let programs: [&[&str]; 2] = [&["docker", "compose"], &["docker-compose"]];
    let works_here = |program: &&[&str]| works(&[program, &["version"][..]].concat());
    works(&["docker", "info"]).then(|| programs.into_iter().find(works_here)).flatten()
}

/// Links the binary for the image, unless that is done: `make test` does it before the tests run.
fn prepare_binary() {
    let root = repository();
    let linked = root.join("deploy/prebuilt/usr/local/bin/hawiya");
    if modified(&linked) < library() {
        let mut build = Command::new(root.join("deploy/build-static.sh"));
        run(build.args(["deploy/prebuilt", "dev"]).current_dir(&root));
    }
}

/// When the code of the binary was compiled last.
fn library() -> Option<SystemTime> {
    let folder = binary().parent().expect("a binary is in a folder").join("deps");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let is_library = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("libhawiya-") && name.ends_with(".rlib")
    };
    files.filter(is_library).filter_map(|path| modified(&path)).max()
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}
