//! Finds the suite a command works against: the one that is named, the one that runs on the same
//! data folder, or one that is started in this process for the time of the command.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use chassis::{
    Channel, Outgoing, ServerConfig, Settings, channel,
    settings::{Address, Setting},
};
use proto::{
    matching::v1::{self as matching, matching_service_client::MatchingServiceClient},
    registry::v1::{self as registry, registry_service_client::RegistryServiceClient},
};
use tokio::time::{Instant, sleep, timeout};
use tonic::{Code, Status};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::{
    Usage,
    cli::{Service, Target},
    commands::import,
    settings, starter,
    suite::{Addresses, Listen, READY_TIMEOUT, Suite, SuiteConfig},
};

/// The file of the data folder in which a running `hawiya up` says where it is.
const ADDRESS_FILE: &str = "address";

/// How long a server may take to say whether it has a service.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// How often readiness is asked for.
const READY_EVERY: Duration = Duration::from_millis(5);

/// How old a connection within this process may grow, a year: there is no replica to move to.
const NO_AGE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The suite a command works against.
#[derive(Debug)]
pub(crate) enum Session {
    /// A suite that somebody else runs, at the address of one of its services.
    Running(Address),
    /// A suite of this process.
    Embedded(Box<Suite>),
}

impl Session {
    /// Finds or starts the suite.
    pub(crate) async fn open(target: &Target) -> anyhow::Result<Self> {
        let environment = Settings::environment();
        let outgoing = outgoing(target, &environment)?;
        if let Some(server) = target.server.clone().or(settings::target(&environment)?) {
            let address = parse_server(&server)?;
            outgoing.check(&address)?;
            return Ok(Self::Running(address.with(&outgoing)));
        }
        let embedded = settings::embedded(&environment)?;
        let data_dir = match target.data_dir.clone().or(embedded.data_dir) {
            Some(folder) => folder,
            None => settings::default_data_dir()?,
        };
        if let Some(address) = running_on(&data_dir, &outgoing).await {
            return Ok(Self::Running(address));
        }
        let config = SuiteConfig {
            listen: Listen::Anywhere,
            data_dir: Some(data_dir),
            cache: embedded.cache,
            // Nobody else calls it, so nothing has to be drained, and nobody is asked who they are.
            outgoing: Arc::default(),
            server: ServerConfig {
                drain_timeout: Duration::from_millis(200),
                connection_age_max: NO_AGE,
                ..embedded.server
            },
        };
        Ok(Self::Embedded(Box::new(start(config, true).await?)))
    }

    /// A channel to a service of the suite.
    pub(crate) async fn channel(&self, service: Service) -> anyhow::Result<Channel> {
        match self {
            Self::Embedded(suite) => Ok(channel::connect(suite.addresses().of(service))),
            Self::Running(address) => find(address, service).await,
        }
    }

    /// Ends the suite if it is ours.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        match self {
            Self::Embedded(suite) => suite.stop().await,
            Self::Running(_) => Ok(()),
        }
    }
}

/// Starts a suite, waits until it is ready and gives an empty catalogue its first entities.
pub(crate) async fn start(config: SuiteConfig, with_starter: bool) -> anyhow::Result<Suite> {
    let deadline = Instant::now() + READY_TIMEOUT;
    loop {
        let mut suite = Suite::start(config.clone()).await?;
        let addresses = suite.addresses().clone();
        let outcome = tokio::select! {
            ready = make_ready(addresses, with_starter) => ready,
            error = suite.ended() => Err(error),
        };
        match outcome {
            Ok(()) => return Ok(suite),
            // Another command has the catalogue open for the moment it takes; its turn first.
            Err(error) if is_in_use(&error) && Instant::now() < deadline => {
                suite.stop().await.ok();
                sleep(READY_EVERY * 20).await;
            }
            Err(error) => return Err(error),
        }
    }
}

fn is_in_use(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| matches!(cause.downcast_ref(), Some(::registry::Error::InUse { .. })))
}

async fn make_ready(addresses: Addresses, with_starter: bool) -> anyhow::Result<()> {
    let registry_channel = channel::connect(addresses.of(Service::Registry));
    wait_serving(&registry_channel, Service::Registry).await?;
    let version = if with_starter { load_starter(registry_channel).await? } else { 0 };
    for service in Service::ALL {
        wait_serving(&channel::connect(addresses.of(service)), service).await?;
    }
    let matcher = channel::connect(addresses.of(Service::Matcher));
    wait_version(MatchingServiceClient::new(matcher), version).await
}

/// Imports the starter catalogue where nothing was ever stored. Returns the catalogue version.
async fn load_starter(registry_channel: Channel) -> anyhow::Result<i64> {
    let mut client = RegistryServiceClient::new(registry_channel.clone());
    let request = registry::ListEntitiesRequest { page_size: 1, ..Default::default() };
    let version = client.list_entities(request).await?.into_inner().catalogue_version;
    if version > 0 {
        return Ok(version);
    }
    import::starter(registry_channel, starter::DATASET, starter::lines()).await
}

async fn wait_version(
    mut matcher: MatchingServiceClient<Channel>,
    version: i64,
) -> anyhow::Result<()> {
    let reached = async {
        loop {
            let status = matcher.get_index_status(matching::GetIndexStatusRequest {}).await?;
            if status.get_ref().catalogue_version >= version {
                return Ok(());
            }
            sleep(READY_EVERY).await;
        }
    };
    timeout(READY_TIMEOUT, reached).await.context("the matcher does not catch up")?
}

async fn wait_serving(channel: &Channel, service: Service) -> anyhow::Result<()> {
    let serving = async {
        while health(channel, service).await.ok() != Some(ServingStatus::Serving) {
            sleep(READY_EVERY).await;
        }
    };
    timeout(READY_TIMEOUT, serving)
        .await
        .with_context(|| format!("the {} does not become ready", service.name()))
}

/// What a server says of a service; NOT_FOUND when it does not have it.
pub(crate) async fn health(channel: &Channel, service: Service) -> Result<ServingStatus, Status> {
    health_of(channel, service.wire_name()).await
}

/// What a server says under a name of its health service; `""` is the server as a whole.
pub(crate) async fn health_of(channel: &Channel, name: &str) -> Result<ServingStatus, Status> {
    let request = HealthCheckRequest { service: name.to_owned() };
    let check = HealthClient::new(channel.clone()).check(request).await?;
    Ok(check.into_inner().status())
}

/// A channel to `service` of the suite one of whose services is at `address`: there, or on a
/// neighbouring port, as `hawiya up` lays them out.
pub(crate) async fn find(address: &Address, service: Service) -> anyhow::Result<Channel> {
    let mut unreachable = None;
    for candidate in neighbours(address) {
        let channel = channel::connect(&candidate);
        match timeout(PROBE_TIMEOUT, health(&channel, service)).await {
            Ok(Ok(_)) => return Ok(channel),
            Ok(Err(status)) if status.code() == Code::NotFound => {}
            Ok(Err(status)) if candidate == *address => {
                unreachable = Some(status.message().to_owned());
            }
            Err(_) if candidate == *address => unreachable = Some("it does not answer".to_owned()),
            Ok(Err(_)) | Err(_) => {}
        }
    }
    match unreachable {
        Some(cause) => bail!("cannot reach a server at `{address}`: {cause}"),
        None => {
            bail!("there is no {} at `{address}` nor beside it: give its address", service.name())
        }
    }
}

/// The address itself, and those of the ports on which the other services of an `up` may be.
fn neighbours(address: &Address) -> impl Iterator<Item = Address> {
    let uri = address.uri();
    let (host, port) =
        (uri.host().unwrap_or_default().to_owned(), uri.port_u16().unwrap_or_default());
    let offsets = [0, 1, 2, 3, -1, -2, -3];
    let ports = offsets.into_iter().filter_map(move |offset: i16| port.checked_add_signed(offset));
    let (scheme, outgoing) = (uri.scheme_str().unwrap_or("http").to_owned(), address.outgoing());
    let outgoing = outgoing.cloned().unwrap_or_default();
    ports.filter_map(move |port| {
        let address = Address::parse(&format!("{scheme}://{host}:{port}"))?;
        Some(address.with(&outgoing))
    })
}

/// What is shown to a server: the flags, or the environment.
fn outgoing(target: &Target, environment: &Settings<'_>) -> anyhow::Result<Arc<Outgoing>> {
    let flag = |file: &Option<PathBuf>| Some(file.as_ref()?.to_str()?.to_owned());
    let lookup = |name: &str| match name {
        "HAWIYA_TLS_CA" => flag(&target.tls_ca).or_else(|| environment.text(name)),
        "HAWIYA_TOKEN_FILE" => flag(&target.token_file).or_else(|| environment.text(name)),
        _ => environment.text(name),
    };
    Ok(Arc::new(Outgoing::read(&Settings::new(&lookup))?))
}

/// Reads `--server`: with or without scheme.
pub(crate) fn parse_server(server: &str) -> anyhow::Result<Address> {
    let url = if server.contains("://") { server.to_owned() } else { format!("http://{server}") };
    let address = Address::parse(url.trim_end_matches('/'));
    let refused = || Usage(format!("--server is `{server}`: expected {}", Address::EXPECTED));
    Ok(address.ok_or_else(refused)?)
}

/// Says in the data folder that a suite runs on it.
pub(crate) fn announce(data_dir: &Path, suite: &Suite) -> anyhow::Result<Announcement> {
    let path = data_dir.join(ADDRESS_FILE);
    fs::write(&path, suite.addresses().resolver().to_string())
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(Announcement(path))
}

/// The file that says where a suite is; gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Announcement(PathBuf);

impl Drop for Announcement {
    fn drop(&mut self) {
        // A file that stays behind does no harm: its address is tried before it is believed.
        drop(fs::remove_file(&self.0));
    }
}

async fn running_on(data_dir: &Path, outgoing: &Arc<Outgoing>) -> Option<Address> {
    let text = fs::read_to_string(data_dir.join(ADDRESS_FILE)).ok()?;
    let address = parse_server(text.trim()).ok()?.with(outgoing);
    let channel = channel::connect(&address);
    let answer = timeout(PROBE_TIMEOUT, health(&channel, Service::Resolver)).await;
    matches!(answer, Ok(Ok(_))).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_with_or_without_scheme() {
        for server in ["127.0.0.1:7700", "http://127.0.0.1:7700", "http://127.0.0.1:7700/"] {
            assert_eq!(parse_server(server).unwrap().to_string(), "http://127.0.0.1:7700/");
        }
        assert!(parse_server("localhost").is_err());
    }

    #[test]
    fn the_other_services_are_looked_for_beside_the_one_that_is_named() {
        let address = parse_server("127.0.0.1:1").unwrap();
        let ports: Vec<_> =
            neighbours(&address).map(|address| address.uri().port_u16().unwrap()).collect();
        assert_eq!(ports, [1, 2, 3, 4, 0]);
    }
}
