//! All services in one process: on embedded defaults, each on a port of its own.
//!
//! They meet over loopback sockets exactly as separate processes do, so that what works here works
//! there.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::Context;
use cache::CacheConfig;
use chassis::{ServerConfig, settings::Address};
use registry::Database;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{cli::Service, settings};

/// What a suite needs to run.
#[derive(Clone, Debug)]
pub struct SuiteConfig {
    /// Where it listens.
    pub listen: Listen,
    /// Where the catalogue is kept; `None`: in memory, gone with the process.
    pub data_dir: Option<PathBuf>,
    /// The cache of every service.
    pub cache: CacheConfig,
    /// How the servers end.
    pub server: ServerConfig,
}

/// Where a suite listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listen {
    /// The resolver here, and the others on the next three ports. Port 0 chooses four neighbouring
    /// free ports.
    At(SocketAddr),
    /// Each service on any free port of loopback.
    Anywhere,
}

/// Where the services of a suite listen.
#[derive(Clone, Debug)]
pub struct Addresses([Address; 4]);

impl Addresses {
    /// Where a service listens.
    pub(crate) fn of(&self, service: Service) -> &Address {
        &self.0[service as usize]
    }

    /// Where the resolver listens.
    #[must_use]
    pub fn resolver(&self) -> &Address {
        self.of(Service::Resolver)
    }
}

/// A running suite.
#[derive(Debug)]
pub struct Suite {
    addresses: Addresses,
    services: JoinSet<anyhow::Result<()>>,
    shutdown: CancellationToken,
}

impl Suite {
    /// Starts the services. They listen when this returns; they may not yet be ready.
    ///
    /// The registry's store is opened by the registry itself: when that fails, [`Suite::ended`]
    /// says why.
    pub async fn start(config: SuiteConfig) -> anyhow::Result<Self> {
        let [resolver, normalizer, matcher, registry] = bind(config.listen).await?;
        let mut addresses = Vec::with_capacity(4);
        for listener in [&resolver, &normalizer, &matcher, &registry] {
            addresses.push(settings::address(listener.local_addr()?));
        }
        let addresses: [Address; 4] = addresses.try_into().expect("four services");
        let [_, normalizer_at, matcher_at, registry_at] = addresses.clone();
        let (server, cache) = (config.server, config.cache);
        let shutdown = CancellationToken::new();
        let mut services = JoinSet::new();
        let registry_config = registry::Config {
            database: database(config.data_dir),
            cache: cache.clone(),
            server: server.clone(),
        };
        let token = shutdown.clone();
        services.spawn(async move {
            registry::run(registry, registry_config, token).await.context("the registry stopped")
        });
        let normalizer_config = normalizer::Config { server: server.clone(), cache: cache.clone() };
        let token = shutdown.clone();
        services.spawn(async move {
            normalizer::run(normalizer, normalizer_config, token)
                .await
                .context("the normalizer stopped")
        });
        let matcher_config = matcher::Config {
            server: server.clone(),
            cache: cache.clone(),
            registry: registry_at.clone(),
        };
        let token = shutdown.clone();
        services.spawn(async move {
            matcher::run(matcher, matcher_config, token).await.context("the matcher stopped")
        });
        let resolver_config = resolver::Config {
            server,
            cache,
            normalizer: normalizer_at,
            matcher: matcher_at,
            registry: registry_at,
        };
        let token = shutdown.clone();
        services.spawn(async move {
            resolver::run(resolver, resolver_config, token).await.context("the resolver stopped")
        });
        Ok(Self { addresses: Addresses(addresses), services, shutdown })
    }

    /// Where its services listen.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Waits until a service ends by itself, which is a failure; says why.
    pub async fn ended(&mut self) -> anyhow::Error {
        match self.services.join_next().await {
            Some(Ok(Err(error))) => error,
            Some(Err(panic)) => anyhow::Error::new(panic),
            Some(Ok(Ok(()))) | None => anyhow::anyhow!("a service stopped by itself"),
        }
    }

    /// Drains and stops the services.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.shutdown.cancel();
        while let Some(ended) = self.services.join_next().await {
            ended??;
        }
        Ok(())
    }
}

fn database(data_dir: Option<PathBuf>) -> Database {
    data_dir.map_or(Database::Memory, |folder| Database::File(folder.join("catalogue.db")))
}

/// How often neighbouring free ports are looked for: others take ports too.
const ATTEMPTS: usize = 64;

async fn bind(listen: Listen) -> anyhow::Result<[TcpListener; 4]> {
    match listen {
        Listen::At(address) if address.port() == 0 => {
            for _ in 0..ATTEMPTS {
                let chosen = TcpListener::bind(address).await?.local_addr()?;
                if let Ok(listeners) = bind_at(chosen).await {
                    return Ok(listeners);
                }
            }
            anyhow::bail!("found no four neighbouring free ports at {}", address.ip())
        }
        Listen::At(address) => bind_at(address).await,
        Listen::Anywhere => {
            let any = SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 0));
            let bind = || TcpListener::bind(any);
            Ok([bind().await?, bind().await?, bind().await?, bind().await?])
        }
    }
}

async fn bind_at(first: SocketAddr) -> anyhow::Result<[TcpListener; 4]> {
    let mut listeners = Vec::with_capacity(4);
    for service in Service::ALL {
        let port = first.port().checked_add(service as u16).context("ports end at 65535")?;
        let at = SocketAddr::new(first.ip(), port);
        let listener = TcpListener::bind(at).await;
        listeners.push(
            listener.with_context(|| format!("the {} cannot listen on {at}", service.name()))?,
        );
    }
    Ok(listeners.try_into().expect("four services"))
}

/// How long a suite may take to become ready.
pub(crate) const READY_TIMEOUT: Duration = Duration::from_secs(30);
