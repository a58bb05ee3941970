//! A child process: its log as it comes, and its end with the test that started it.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Instant,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{PATIENCE, until};

/// A running process. It is killed, by its pid, when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: Arc<Log>,
    printed: Arc<Log>,
}

/// The lines a process wrote so far.
#[derive(Debug, Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    grown: Condvar,
    is_over: AtomicBool,
}

impl Process {
    /// Starts `command`, whose output is gathered.
    pub fn spawn(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = Log::of(child.stderr.take().unwrap());
        let printed = Log::of(child.stdout.take().unwrap());
        Self { child, log, printed }
    }

    /// The address a server logged with `message` ("listening", "metrics"), waited for.
    pub fn address(&self, message: &str) -> String {
        let address = |line: &str| {
            let event: Value = serde_json::from_str(line).ok()?;
            let told = event["message"] == message;
            told.then(|| event["address"].as_str().map(str::to_owned))?
        };
        self.log.wait(message, address)
    }

    /// The first printed line in which `find` finds something, waited for.
    pub fn printed<T>(&self, what: &str, find: impl Fn(&str) -> Option<T>) -> T {
        self.printed.wait(what, find)
    }

    /// How many lines of the log have `words` in them.
    #[must_use]
    pub fn logged(&self, words: &str) -> usize {
        self.log.lines().iter().filter(|line| line.contains(words)).count()
    }

    /// The log so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lines().join("\n")
    }

    /// The sum of the series of a metric whose labels contain `labels`, as its `/metrics` says now;
    /// 0 when there is none.
    pub async fn metric(&self, name: &str, labels: &str) -> f64 {
        let page = self.metrics().await;
        let value = |line: &str| {
            let (series, value) = line.rsplit_once(' ')?;
            let (found, rest) = series.split_once('{').unwrap_or((series, ""));
            (found == name && rest.contains(labels)).then(|| value.parse::<f64>().ok())?
        };
        page.lines().filter_map(value).sum()
    }

    /// Its memory in use, in bytes (`VmRSS` of proc(5)).
    #[must_use]
    pub fn resident_bytes(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").trim().parse::<usize>().unwrap() * 1024
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What its `/metrics` says now, with the head of the answer.
    pub async fn metrics(&self) -> String {
        get(&self.address("metrics"), "/metrics").await
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// Waits until it has ended and its last words were read. Our clients go on meanwhile: a server that drains waits for them.
    pub async fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        until("the process ends", async || {
            status = self.child.try_wait().unwrap();
            status.is_some() && self.log.is_over.load(Ordering::Acquire)
        })
        .await;
        status.expect("it has ended")
    }
}

/// A page of a server that closes the connection after it.
async fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).await.unwrap();
    page
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails only when it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Log {
    fn of(output: impl Read + Send + 'static) -> Arc<Self> {
        let log = Arc::new(Self::default());
        let told = Arc::clone(&log);
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                told.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                told.grown.notify_all();
            }
            told.is_over.store(true, Ordering::Release);
        });
        log
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn wait<T>(&self, what: &str, find: impl Fn(&str) -> Option<T>) -> T {
        let begin = Instant::now();
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(found) = lines.iter().find_map(|line| find(line)) {
                return found;
            }
            let left = PATIENCE.saturating_sub(begin.elapsed());
            assert!(!left.is_zero(), "no `{what}` in:\n{}", lines.join("\n"));
            let waited = self.grown.wait_timeout(lines, left);
            lines = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
