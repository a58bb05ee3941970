//! A real Redis on a loopback port, ended with the test that started it.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub(crate) struct RedisServer {
    child: Child,
    port: u16,
    options: Vec<String>,
    folder: TempDir,
}

/// A server with these options, or `None`, loudly, where `redis-server` is not installed.
pub(crate) fn redis_server(options: &[&str]) -> Option<RedisServer> {
    if Command::new("redis-server").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("\n*** SKIPPED: `redis-server` is not on the PATH, nothing was tested ***\n");
        return None;
    }
    let options: Vec<String> = options.iter().copied().map(String::from).collect();
    // A free port stays free only until somebody takes it; then the server ends and we ask again.
    (0..10).find_map(|_| RedisServer::try_start(free_port(), &options))
}

impl RedisServer {
    fn try_start(port: u16, options: &[String]) -> Option<RedisServer> {
        let folder = tempfile::tempdir().unwrap();
        let child = spawn(port, options, &folder);
        let mut server = RedisServer { child, port, options: options.to_vec(), folder };
        server.is_ready().then_some(server)
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}/", self.address())
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn url_as(&self, user_and_password: &str) -> String {
        format!("redis://{user_and_password}@127.0.0.1:{}/", self.port)
    }

    /// A connection of the test's own, which sees what is really there.
    pub(crate) fn raw(&self) -> redis::Connection {
        redis::Client::open(self.url()).unwrap().get_connection().unwrap()
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again after [`kill`](RedisServer::kill), empty, on the same port.
    pub(crate) fn restart(&mut self) {
        self.child = spawn(self.port, &self.options, &self.folder);
        assert!(self.is_ready(), "redis-server does not start again");
    }

    /// It keeps its connections and answers nothing.
    pub(crate) fn pause(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// Waits until it accepts connections; `false` if it ends instead.
    fn is_ready(&mut self) -> bool {
        let deadline = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            assert!(Instant::now() < deadline, "redis-server does not accept connections");
            std::thread::sleep(Duration::from_millis(2));
        }
        // Whoever took the port accepts connections too.
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn spawn(port: u16, options: &[String], folder: &TempDir) -> Child {
    Command::new("redis-server")
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .args(["--save", "", "--appendonly", "no"])
        .args(options)
        .current_dir(folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}
