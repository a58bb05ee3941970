//! All services in one process: on embedded defaults, each on a port of its own.
//!
//! They meet over loopback sockets exactly as separate processes do, so that what works here works
//! there.

use std::{future::Future, io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use cache::CacheConfig;
use chassis::{Outgoing, ServerConfig, settings::Address};
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
    /// How the servers end, and what protects them.
    pub server: ServerConfig,
    /// What they show each other, and whom they trust.
    pub outgoing: Arc<Outgoing>,
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
    /// Listeners in the order of [`Service::ALL`].
    fn of_listeners(listeners: &[TcpListener; 4], config: &SuiteConfig) -> io::Result<Self> {
        let scheme = if config.server.security.tls.is_some() { "https" } else { "http" };
        let at = |service: Service| {
            let socket = listeners[service as usize].local_addr()?;
            io::Result::Ok(settings::address(scheme, socket).with(&config.outgoing))
        };
        let [resolver, normalizer, matcher, registry] = Service::ALL;
        Ok(Self([at(resolver)?, at(normalizer)?, at(matcher)?, at(registry)?]))
    }

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
        let listeners = bind(config.listen).await?;
        let mut suite = Self {
            addresses: Addresses::of_listeners(&listeners, &config)?,
            services: JoinSet::new(),
            shutdown: CancellationToken::new(),
        };
        let [resolver, normalizer, matcher, registry] = listeners;
        let (at, end) = (suite.addresses.clone(), suite.shutdown.clone());
        let run = registry::run(registry, registry_config(&config), end.clone());
        suite.spawn(Service::Registry, run);
        let run = normalizer::run(normalizer, normalizer_config(&config), end.clone());
        suite.spawn(Service::Normalizer, run);
        let run = matcher::run(matcher, matcher_config(&config, &at), end.clone());
        suite.spawn(Service::Matcher, run);
        let run = resolver::run(resolver, resolver_config(&config, &at), end);
        suite.spawn(Service::Resolver, run);
        Ok(suite)
    }

    fn spawn<E>(
        &mut self,
        service: Service,
        run: impl Future<Output = Result<(), E>> + Send + 'static,
    ) where
        E: std::error::Error + Send + Sync + 'static,
    {
        self.services.spawn(async move {
            run.await.with_context(|| format!("the {} stopped", service.name()))
        });
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

fn registry_config(config: &SuiteConfig) -> registry::Config {
    let file = config.data_dir.as_ref().map(|folder| folder.join("catalogue.db"));
    registry::Config {
        database: file.map_or(Database::Memory, Database::File),
        cache: config.cache.clone(),
        server: config.server.clone(),
    }
}

fn normalizer_config(config: &SuiteConfig) -> normalizer::Config {
    normalizer::Config { server: config.server.clone(), cache: config.cache.clone() }
}

fn matcher_config(config: &SuiteConfig, at: &Addresses) -> matcher::Config {
    matcher::Config {
        server: config.server.clone(),
        cache: config.cache.clone(),
        registry: at.of(Service::Registry).clone().into(),
        index_dir: config.data_dir.as_ref().map(|folder| folder.join("index")),
        staleness_max: Some(settings::STALENESS_MAX),
    }
}

fn resolver_config(config: &SuiteConfig, at: &Addresses) -> resolver::Config {
    resolver::Config {
        server: config.server.clone(),
        cache: config.cache.clone(),
        normalizer: at.of(Service::Normalizer).clone().into(),
        matcher: at.of(Service::Matcher).clone().into(),
        registry: at.of(Service::Registry).clone().into(),
        staleness_max: Some(settings::STALENESS_MAX),
    }
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
