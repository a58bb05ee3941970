//! The `hawiya` binary, and a home in which its commands are run.

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
    time::SystemTime,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::Process;

/// The binary, as fresh as the tests: it is built when it is not.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        // target/<profile>/deps/<test>
        let test = env::current_exe().unwrap();
        let folder = test.ancestors().nth(2).expect("tests are built below the target folder");
        let (binary, stamp) = (folder.join("hawiya"), folder.join("hawiya.for-tests"));
        if !binary.exists() || modified(&stamp) < modified(&test) {
            build(folder);
            // Cargo leaves a binary that needs no work as old as it is, and the next test would
            // ask again.
            fs::write(stamp, "the binary was built after the tests\n").unwrap();
        }
        binary
    })
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

fn build(folder: &Path) {
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--package", "hawiya", "--profile", profile, "--target-dir"]);
    cargo.arg(folder.parent().expect("a profile is below the target folder"));
    let status = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap();
    assert!(status.success(), "cannot build the `hawiya` binary");
}

/// A home of its own, in which `hawiya` finds nothing of the person who runs the tests.
#[derive(Debug)]
pub struct Home(TempDir);

/// What a command left behind.
#[derive(Debug)]
pub struct Ended {
    /// Exit code; `None`: a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Default for Home {
    fn default() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl Home {
    /// A command of `hawiya` that is not run yet.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).current_dir(&self.0).env_clear();
        command.env("HOME", self.0.path()).env("HAWIYA_DATA_DIR", self.0.path().join("data"));
        command
    }

    /// Runs `hawiya` to its end.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.pipe(arguments, "")
    }

    /// Runs `hawiya` with `input` as standard input.
    #[must_use]
    pub fn pipe(&self, arguments: &[&str], input: &str) -> Ended {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Who reads no input may be gone already.
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Starts `hawiya` and leaves it running.
    #[must_use]
    pub fn start(&self, arguments: &[&str]) -> Process {
        Process::spawn(&mut self.command(arguments))
    }

    /// Writes a file and returns its path.
    #[must_use]
    pub fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Ended {
    /// The JSON lines of the output.
    #[must_use]
    pub fn lines(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{self:?}"));
        self.out.lines().map(parse).collect()
    }
}
