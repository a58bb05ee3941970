//! Several processes of each service, as a cluster has them.

use std::{fs, path::PathBuf};

use chassis::{
    Pool,
    settings::{Addresses, Setting},
};
use proto::{
    matching::v1::matching_service_client::MatchingServiceClient,
    normalization::v1::normalization_service_client::NormalizationServiceClient,
    registry::v1::registry_service_client::RegistryServiceClient,
    resolution::v1::resolution_service_client::ResolutionServiceClient,
};
use tempfile::TempDir;

use crate::{Clients, Process, Service, catalogue, free_port, processes::serve};

/// Services with replicas that know each other's addresses, whether they run or not.
#[derive(Debug)]
pub struct Replicas {
    settings: Vec<(&'static str, String)>,
    ports: [Vec<u16>; 4],
    running: [Vec<Option<Process>>; 4],
    folder: TempDir,
}

/// Clients that call all replicas of each service, as services call each other; cheap to clone.
#[derive(Clone, Debug)]
pub struct Callers {
    /// The resolvers.
    pub resolver: ResolutionServiceClient<Pool>,
    /// The normalizers.
    pub normalizer: NormalizationServiceClient<Pool>,
    /// The matchers.
    pub matcher: MatchingServiceClient<Pool>,
    /// The registries.
    pub registry: RegistryServiceClient<Pool>,
}

impl Replicas {
    /// Starts `counts` of each service, in the order of [`Service::ALL`], with the starter
    /// catalogue. Several registries need a `DATABASE_URL` that they can share.
    pub async fn start(counts: [usize; 4], settings: Vec<(&'static str, String)>) -> Self {
        let ports = counts.map(|count| (0..count).map(|_| free_port()).collect::<Vec<_>>());
        let running = counts.map(|count| (0..count).map(|_| None).collect());
        let folder = tempfile::tempdir().unwrap();
        let mut replicas = Self { settings, ports, running, folder };
        // The registry makes its tables before the others ask for them.
        replicas.start_all(Service::Registry).await;
        let version = replicas.clients(Service::Registry, 0).import(catalogue::starter()).await;
        for service in [Service::Normalizer, Service::Matcher, Service::Resolver] {
            replicas.start_all(service).await;
        }
        for number in 0..counts[Service::Resolver as usize] {
            replicas.clients(Service::Resolver, number).settle(version).await;
        }
        replicas
    }

    async fn start_all(&mut self, service: Service) {
        for number in 0..self.count(service) {
            self.spawn(service, number);
            self.wait_serving(service, number).await;
        }
    }

    /// How many there are of a service.
    #[must_use]
    pub fn count(&self, service: Service) -> usize {
        self.ports[service as usize].len()
    }

    /// Starts a replica that does not run, at its address, and waits until it listens.
    pub fn spawn(&mut self, service: Service, number: usize) {
        let folder = self.folder(service, number);
        fs::create_dir_all(&folder).unwrap();
        let urls = Service::ALL.map(|neighbour| self.addresses(neighbour));
        let port = self.ports[service as usize][number];
        let process = serve(service, port, &folder, &urls, &self.settings);
        self.running[service as usize][number] = Some(process);
    }

    /// A folder each: an index belongs to one matcher.
    fn folder(&self, service: Service, number: usize) -> PathBuf {
        self.folder.path().join(format!("{}{number}", service.name()))
    }

    fn addresses(&self, service: Service) -> String {
        let at = |port: &u16| format!("http://127.0.0.1:{port}");
        self.ports[service as usize].iter().map(at).collect::<Vec<_>>().join(",")
    }

    /// Waits until a replica can answer.
    pub async fn wait_serving(&self, service: Service, number: usize) {
        self.clients(service, number).wait_serving(service).await;
    }

    /// Clients of one replica of a service, and of the first of the others.
    #[must_use]
    pub fn clients(&self, service: Service, number: usize) -> Clients {
        Clients::new(Service::ALL.map(|each| {
            let number = if each == service { number } else { 0 };
            format!("127.0.0.1:{}", self.ports[each as usize][number])
        }))
    }

    /// Clients of all replicas.
    #[must_use]
    pub fn callers(&self) -> Callers {
        let pool = |service: Service| {
            let addresses = Addresses::parse(&self.addresses(service)).unwrap();
            Pool::new(service.name(), &addresses)
        };
        Callers {
            resolver: ResolutionServiceClient::new(pool(Service::Resolver)),
            normalizer: NormalizationServiceClient::new(pool(Service::Normalizer)),
            matcher: MatchingServiceClient::new(pool(Service::Matcher)),
            registry: RegistryServiceClient::new(pool(Service::Registry)),
        }
    }

    /// A replica that runs.
    #[must_use]
    pub fn process(&self, service: Service, number: usize) -> &Process {
        self.running[service as usize][number].as_ref().expect("it was started")
    }

    /// Ends a replica as a crash would (SIGKILL).
    pub fn kill(&mut self, service: Service, number: usize) {
        self.running[service as usize][number] = None;
    }

    /// Asks a replica to end, waits until it has, and starts it again.
    pub async fn roll(&mut self, service: Service, number: usize) {
        let process = self.running[service as usize][number].as_mut().expect("it was started");
        process.terminate();
        let status = process.wait().await;
        let log = process.log();
        assert_eq!(status.code(), Some(0), "{service:?}: {log}");
        assert!(!log.contains("cut off"), "{service:?}: {log}");
        self.spawn(service, number);
        self.wait_serving(service, number).await;
    }
}
