//! A real Redis on a loopback port, ended with the test that started it.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::{Process, free_port, secured::Certificate, skipped, until};

/// A `redis-server` with nothing on disk: what it held is gone when it stops.
#[derive(Debug)]
pub struct Redis {
    process: Option<Process>,
    port: u16,
    options: Vec<String>,
    folder: TempDir,
}

impl Redis {
    /// Starts one, or says loudly that there is none to start.
    pub async fn start() -> Option<Self> {
        Self::start_with(Vec::new()).await
    }

    /// The same, and by TLS with this certificate on a port of its own, which is told.
    pub async fn start_with_tls(own: &Certificate) -> Option<(Self, u16)> {
        let help = Command::new("redis-cli").arg("--help").output();
        let told = help.map(|help| [help.stdout, help.stderr].concat()).unwrap_or_default();
        if !String::from_utf8_lossy(&told).contains("--tls") {
            skipped("`redis-server` does not speak TLS");
            return None;
        }
        let (port, file) = (free_port(), |path: &Path| path.to_str().unwrap().to_owned());
        let options = [
            ["--tls-port".to_owned(), port.to_string()],
            ["--tls-cert-file".to_owned(), file(&own.certificate)],
            ["--tls-key-file".to_owned(), file(&own.key)],
            ["--tls-ca-cert-file".to_owned(), file(&own.certificate)],
            ["--tls-auth-clients".to_owned(), "no".to_owned()],
        ];
        Some((Self::start_with(options.concat()).await?, port))
    }

    /// The same with options of its own.
    pub(crate) async fn start_with(options: Vec<String>) -> Option<Self> {
        if Command::new("redis-server").arg("--version").stdout(Stdio::null()).status().is_err() {
            skipped("`redis-server` is not on the PATH");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let mut redis = Self { process: None, port: free_port(), options, folder };
        redis.start_again().await;
        Some(redis)
    }

    /// What services are told of it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://{}/", self.address())
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Kills it.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// Starts another in its place, which nobody knows the password of.
    pub async fn replace_by_a_locked_one(&mut self) {
        self.stop();
        self.options = vec!["--requirepass".to_owned(), "nobody knows".to_owned()];
        self.start_again().await;
    }

    /// Starts it after [`Redis::stop`], empty, on the same port.
    pub async fn start_again(&mut self) {
        let port = self.port.to_string();
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &port]);
        command.args(["--save", "", "--appendonly", "no"]).args(&self.options);
        command.current_dir(&self.folder);
        self.process = Some(Process::spawn(&mut command));
        let port = self.port;
        let connects = async || TcpStream::connect(("127.0.0.1", port)).is_ok();
        until("redis accepts connections", connects).await;
    }

    /// It keeps its connections and answers nothing.
    pub fn pause(&self) {
        self.process.as_ref().unwrap().signal("-STOP");
    }

    /// It answers again.
    pub fn resume(&self) {
        self.process.as_ref().unwrap().signal("-CONT");
    }

    /// It forgets everything.
    pub fn flush(&self) {
        self.status(&["FLUSHALL"], "OK");
    }

    /// How many keys it has.
    #[must_use]
    pub fn key_count(&self) -> i64 {
        self.integer(&["DBSIZE"])
    }

    /// Puts something else under every key: a page of somebody's proxy, nothing, a list. Returns
    /// how many keys there were.
    #[must_use]
    pub fn plant_garbage(&self) -> i64 {
        let script = "local keys = redis.call('KEYS', '*') \
            for i, key in ipairs(keys) do \
                redis.call('DEL', key) \
                if i % 3 == 0 then redis.call('RPUSH', key, 'Q1') \
                elseif i % 3 == 1 then redis.call('SET', key, '<html>502 Bad Gateway</html>') \
                else redis.call('SET', key, '') end \
            end \
            return #keys";
        self.integer(&["EVAL", script, "0"])
    }

    /// Its name among the nodes of its cluster.
    pub(crate) fn id(&self) -> String {
        let answer = self.answer(&["CLUSTER", "MYID"]);
        answer.lines().nth(1).unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// Whether it says that its cluster is whole.
    pub(crate) fn is_in_a_whole_cluster(&self) -> bool {
        self.answer(&["CLUSTER", "INFO"]).contains("cluster_state:ok")
    }

    fn integer(&self, command: &[&str]) -> i64 {
        let answer = self.answer(command);
        let number = answer.trim().strip_prefix(':');
        number.unwrap_or_else(|| panic!("{answer}")).parse().unwrap()
    }

    fn status(&self, command: &[&str], expected: &str) {
        assert_eq!(self.answer(command).trim(), format!("+{expected}"));
    }

    /// What it answers on the wire. Only the `cache` crate names the `redis` crate, and a few commands need
    /// none of it (<https://redis.io/docs/latest/develop/reference/protocol-spec/>).
    fn answer(&self, command: &[&str]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let mut request = format!("*{}\r\n", command.len());
        for word in command {
            request.push_str(&format!("${}\r\n{word}\r\n", word.len()));
        }
        request.push_str("*1\r\n$4\r\nQUIT\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.strip_suffix("+OK\r\n").map(str::to_owned).unwrap_or(answer)
    }
}
