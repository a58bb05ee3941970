//! A real PostgreSQL of a test: a cluster in a folder of its own, ended with the test.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Write},
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use tempfile::TempDir;

/// A server that listens on a socket in its folder, and on no port unless it is told to.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    owner: Owner,
    options: Vec<String>,
    folder: TempDir,
    programs: PathBuf,
    databases: AtomicUsize,
}

impl Server {
    /// Starts one, or says loudly that there is none to start.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(Vec::new(), &[])
    }

    /// The same with settings of its own (`name=value`), and files that it alone may read.
    pub(crate) fn start_with(options: Vec<String>, secrets: &[&Path]) -> Option<Self> {
        let Some(programs) = programs() else {
            skipped();
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let owner = Owner::of(&folder);
        let mut initdb = owner.command(&programs.join("initdb"));
        initdb.args(["-U", "hawiya", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]);
        let made = initdb.arg("-D").arg(folder.path().join("cluster")).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        secrets.iter().for_each(|file| owner.take(file));
        let process = serve(&owner, &programs, folder.path(), &options);
        let databases = AtomicUsize::new(0);
        Some(Self { process, owner, options, folder, programs, databases })
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(&mut self) {
        // At once: it leaves its connections no time, and recovers when it is started again.
        self.signal("-QUIT");
    }

    /// Starts it again after [`Server::kill`], with what it had.
    pub(crate) fn start_again(&mut self) {
        self.process = serve(&self.owner, &self.programs, self.folder.path(), &self.options);
    }

    fn signal(&mut self, signal: &str) {
        let pid = self.process.id().to_string();
        drop(Command::new("kill").args([signal, &pid]).status());
        drop(self.process.wait());
    }

    /// The address of a new database.
    pub(crate) fn database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let host = self.folder.path();
        let mut createdb = Command::new(self.programs.join("createdb"));
        let made = createdb.arg("-h").arg(host).args(["-U", "hawiya", &name]).status().unwrap();
        assert!(made.success());
        format!("postgres://hawiya@localhost/{name}?host={}", host.display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A fast shutdown: the processes of its connections end with it.
        self.signal("-INT");
    }
}

/// Starts a server in its folder and waits until it is ready.
fn serve(owner: &Owner, programs: &Path, folder: &Path, options: &[String]) -> Child {
    let mut postgres = owner.command(&programs.join("postgres"));
    postgres.arg("-D").arg(folder.join("cluster")).arg("-k").arg(folder);
    // Nothing here outlives the test, so nothing needs to reach the disk.
    postgres.args(["-c", "listen_addresses=", "-c", "fsync=off"]);
    options.iter().for_each(|option| _ = postgres.args(["-c", option]));
    let mut process = postgres.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
    let ready = log.any(|line| line.contains("ready to accept connections"));
    assert!(ready, "postgres ended before it was ready");
    // Goes on reading, so that the server is not held up.
    thread::spawn(move || log.for_each(drop));
    process
}

/// Says so past the capture of the test runner, because who runs the tests has to see it; fails
/// where everything has to be there.
fn skipped() {
    let required = env::var("HAWIYA_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(!required, "HAWIYA_REQUIRE_ALL is set: PostgreSQL is not installed");
    let line = "\n*** SKIPPED: PostgreSQL is not installed; nothing was tested ***\n\n";
    drop(io::stderr().write_all(line.as_bytes()));
}

/// Where the programs of the newest version are.
fn programs() -> Option<PathBuf> {
    let versions = Path::new("/usr/lib/postgresql").read_dir().into_iter().flatten();
    let mut folders: Vec<_> = versions.flatten().map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    let path = env::var_os("PATH").unwrap_or_default();
    folders.extend(env::split_paths(&path));
    // A link on the PATH leads to a folder that has the other programs too.
    let initdb =
        folders.into_iter().rev().find_map(|folder| folder.join("initdb").canonicalize().ok());
    initdb?.parent().map(Path::to_owned)
}

/// Who runs the server: PostgreSQL refuses to be run by root.
#[derive(Debug)]
enum Owner {
    Caller,
    Postgres,
}

impl Owner {
    /// Gives the folder to whoever it has to be.
    fn of(folder: &TempDir) -> Self {
        let is_root = folder.path().metadata().unwrap().uid() == 0;
        let owner = if is_root { Self::Postgres } else { Self::Caller };
        owner.own(folder.path());
        owner
    }

    /// Makes it the owner, and the only reader.
    fn take(&self, file: &Path) {
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
        self.own(file);
    }

    fn own(&self, path: &Path) {
        if matches!(self, Self::Caller) {
            return;
        }
        let id = |flag: &str| {
            let told = Command::new("id").args([flag, "postgres"]).output().unwrap();
            String::from_utf8(told.stdout).unwrap().trim().parse().unwrap()
        };
        chown(path, Some(id("-u")), Some(id("-g"))).unwrap();
    }

    fn command(&self, program: &Path) -> Command {
        match self {
            Self::Caller => Command::new(program),
            Self::Postgres => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
                command.arg(program);
                command
            }
        }
    }
}
