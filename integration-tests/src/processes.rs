//! Each service as a process of its own, the way a cluster runs them.

use std::{
    path::Path,
    process::{Command, ExitStatus},
};

use tempfile::TempDir;

use crate::{Clients, Process, binary, catalogue, free_port, until};

/// The services, in the order of their ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// The front door.
    Resolver,
    /// How names are written.
    Normalizer,
    /// Which entities a name could mean.
    Matcher,
    /// Entities and canonical ids.
    Registry,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Resolver, Self::Normalizer, Self::Matcher, Self::Registry];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Resolver => "resolver",
            Self::Normalizer => "normalizer",
            Self::Matcher => "matcher",
            Self::Registry => "registry",
        }
    }

    /// Its name on the wire.
    #[must_use]
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::Resolver => "hawiya.resolution.v1.ResolutionService",
            Self::Normalizer => "hawiya.normalization.v1.NormalizationService",
            Self::Matcher => "hawiya.matching.v1.MatchingService",
            Self::Registry => "hawiya.registry.v1.RegistryService",
        }
    }

    /// The encoded descriptors of its contract.
    #[must_use]
    pub fn descriptors(self) -> &'static [u8] {
        match self {
            Self::Resolver => proto::resolution::v1::FILE_DESCRIPTOR_SET,
            Self::Normalizer => proto::normalization::v1::FILE_DESCRIPTOR_SET,
            Self::Matcher => proto::matching::v1::FILE_DESCRIPTOR_SET,
            Self::Registry => proto::registry::v1::FILE_DESCRIPTOR_SET,
        }
    }
}

/// Four services that know each other's addresses, whether they run or not.
#[derive(Debug)]
pub struct Processes {
    /// Asks them.
    pub clients: Clients,
    settings: Vec<(&'static str, String)>,
    ports: [u16; 4],
    running: [Option<Process>; 4],
    folder: TempDir,
}

/// Starts a service in `folder` and waits until it listens. `urls` are its neighbours, in the order
/// of [`Service::ALL`].
pub(crate) fn serve(
    service: Service,
    port: u16,
    folder: &Path,
    urls: &[String; 4],
    settings: &[(&'static str, String)],
) -> Process {
    let mut command = Command::new(binary());
    command.args(["serve", service.name()]).current_dir(folder);
    // Nothing of the environment in which the tests run.
    command.env_clear().env("RUST_BACKTRACE", "1");
    command.env("HAWIYA_LISTEN", format!("127.0.0.1:{port}"));
    command.env("HAWIYA_METRICS_LISTEN", "127.0.0.1:0").env("HAWIYA_LOG_FORMAT", "json");
    command.env("DATABASE_URL", format!("sqlite://{}", folder.join("catalogue.db").display()));
    // Nobody asks the resolver but its callers, so where it is is no setting.
    for (neighbour, url) in Service::ALL.into_iter().zip(urls).skip(1) {
        command.env(format!("HAWIYA_{}_URL", neighbour.name().to_uppercase()), url);
    }
    command.envs(settings.iter().cloned());
    let process = Process::spawn(&mut command);
    assert_eq!(process.address("listening"), format!("127.0.0.1:{port}"));
    process
}

/// Time enough for Redis to answer on a busy machine, in tests that want hits.
const GENEROUS_BUDGET: &str = "5s";

impl Processes {
    /// Starts all four with the starter catalogue. They share `redis_url`, if there is one.
    pub async fn start(redis_url: Option<String>) -> Self {
        let mut settings = vec![("HAWIYA_CACHE_BUDGET", GENEROUS_BUDGET.to_owned())];
        settings.extend(redis_url.map(|url| ("REDIS_URL", url)));
        Self::start_with(settings).await
    }

    /// Starts all four with the starter catalogue and these settings.
    pub async fn start_with(settings: Vec<(&'static str, String)>) -> Self {
        let mut processes = Self::prepare(settings);
        for service in Service::ALL {
            processes.spawn(service);
        }
        processes.wait_serving().await;
        let version = processes.clients.import(catalogue::starter()).await;
        processes.clients.settle(version).await;
        processes
    }

    /// Chooses addresses and starts nothing.
    #[must_use]
    pub fn prepare(settings: Vec<(&'static str, String)>) -> Self {
        let ports = Service::ALL.map(|_| free_port());
        let clients = Clients::new(ports.map(|port| format!("127.0.0.1:{port}")));
        let folder = tempfile::tempdir().unwrap();
        Self { clients, settings, ports, running: [const { None }; 4], folder }
    }

    /// Starts a service that does not run, at its address, and waits until it listens.
    pub fn spawn(&mut self, service: Service) {
        let process = self.spawn_at(service, self.ports[service as usize]);
        self.running[service as usize] = Some(process);
    }

    /// Starts one more of a service beside the one at its address, and says where.
    #[must_use]
    pub fn spawn_another(&self, service: Service) -> (Process, Clients) {
        let port = free_port();
        let process = self.spawn_at(service, port);
        let mut ports = self.ports;
        ports[service as usize] = port;
        (process, Clients::new(ports.map(|port| format!("127.0.0.1:{port}"))))
    }

    fn spawn_at(&self, service: Service, port: u16) -> Process {
        let urls = Service::ALL.map(|neighbour| self.address(neighbour));
        serve(service, port, self.folder.path(), &urls, &self.settings)
    }

    /// Where a service is reached, with TLS when the settings have a certificate.
    #[must_use]
    pub fn address(&self, service: Service) -> String {
        let is_certified = self.settings.iter().any(|(name, _)| *name == "HAWIYA_TLS_CERT");
        let scheme = if is_certified { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.ports[service as usize])
    }

    /// Changes a setting for what is started from now on.
    pub fn set(&mut self, name: &'static str, value: &str) {
        self.settings.push((name, value.to_owned()));
    }

    /// The folder they run in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A service that runs.
    #[must_use]
    pub fn process(&self, service: Service) -> &Process {
        self.running[service as usize].as_ref().expect("it was started")
    }

    /// Ends a service as a crash would.
    pub fn kill(&mut self, service: Service) {
        self.running[service as usize] = None;
    }

    /// Kills all four and starts them again with what they had.
    pub async fn restart(&mut self) {
        for service in Service::ALL {
            self.kill(service);
        }
        for service in Service::ALL {
            self.spawn(service);
        }
        self.wait_serving().await;
    }

    /// Waits until a service that was asked to end has ended.
    pub async fn wait(&mut self, service: Service) -> ExitStatus {
        self.running[service as usize].as_mut().expect("it was started").wait().await
    }

    /// Waits until all four can answer.
    pub async fn wait_serving(&self) {
        for service in Service::ALL {
            self.clients.wait_serving(service).await;
        }
    }

    /// Waits until all four have found Redis.
    pub async fn wait_redis(&self) {
        for service in Service::ALL {
            let process = self.process(service);
            let up = async || process.metric("hawiya_cache_up", "").await == 1.0;
            until(&format!("{service:?} has found redis"), up).await;
        }
    }
}
