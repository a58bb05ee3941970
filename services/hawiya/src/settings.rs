//! Reads what the services and commands need: from the environment, and below it from a file.
//!
//! Whoever runs something reads its settings here, with one function each; [`Reader`] walks these
//! functions, so that `readers` knows every setting there is from the code that reads it. `meanings`
//! says in a sentence what each is for, `file` reads the settings file and `unknown` refuses what is
//! no setting.

mod file;
mod meanings;
mod readers;
mod unknown;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, LazyLock},
    time::Duration,
};

use anyhow::Context;
use cache::{CacheConfig, CacheError};
use chassis::{
    ClientTls, ClientTlsSettings, Outgoing, Security, ServerConfig, SettingError, Settings,
    settings::{Address, Addresses, Secret, Setting},
};

use crate::cli::Service;
pub(crate) use file::SettingsFile;
pub(crate) use readers::{Known, Reader, SettingRow, known, rows, short};
pub(crate) use unknown::check_environment;

/// How long an index may be stale when nobody says.
pub(crate) const STALENESS_MAX: Duration = Duration::from_secs(300);

/// Whether a text is a file of settings.
pub(crate) fn is_file(text: &str) -> bool {
    static KNOWN: LazyLock<Known> = LazyLock::new(known);
    SettingsFile::is_well(text, &KNOWN)
}

/// Where TLS of connections to Redis is set.
const REDIS_TLS: ClientTlsSettings = ClientTlsSettings {
    authorities: "HAWIYA_REDIS_CA",
    certificate: "HAWIYA_REDIS_CLIENT_CERT",
    key: "HAWIYA_REDIS_CLIENT_KEY",
};

/// The cache of a service: `REDIS_URL` is the same for all of them.
pub(crate) fn cache(settings: &Settings<'_>) -> Result<CacheConfig, SettingError> {
    let default = CacheConfig::default();
    let redis_url = settings.optional::<Secret>("REDIS_URL")?;
    let tls = ClientTls::read(settings, &REDIS_TLS, &[])?;
    let config = CacheConfig {
        redis_url: redis_url.map(|url| url.reveal().to_owned()),
        tls: tls.map(|tls| cache::Tls::new(move || tls.get())),
        budget: settings.get("HAWIYA_CACHE_BUDGET", default.budget)?,
        ..default
    };
    config.check().map(|()| config).map_err(|error| refused_url(&error))
}

/// Its value is not shown: it may hold a password.
fn refused_url(error: &CacheError) -> SettingError {
    let expected = "`redis://[user[:password]@]host[:port][/db]`, or for a cluster \
        `redis-cluster://[user[:password]@]host[:port][,host[:port]…]`; by TLS `rediss`, `rediss-cluster`";
    let authorities = "a file of authorities to trust, because REDIS_URL begins with `rediss`";
    match error {
        CacheError::NobodyTrusted => SettingError::missing(REDIS_TLS.authorities, authorities),
        CacheError::InTheClear => SettingError {
            name: "REDIS_URL",
            value: "…".to_owned(),
            expected: format!(
                "`rediss` at its beginning, because {} is set",
                REDIS_TLS.authorities
            )
            .into(),
        },
        CacheError::Url { .. } => {
            SettingError { name: "REDIS_URL", value: "…".to_owned(), expected: expected.into() }
        }
    }
}

/// Where a service listens: `HAWIYA_LISTEN`, or its own port on loopback.
pub(crate) fn listen(
    settings: &Settings<'_>,
    service: Service,
) -> Result<SocketAddr, SettingError> {
    let default = SocketAddr::from((Ipv4Addr::LOCALHOST, service.default_port()));
    settings.get("HAWIYA_LISTEN", default)
}

/// Where the replicas of a neighbour are, or its own port on loopback, and what is shown there.
fn neighbour(
    settings: &Settings<'_>,
    name: &'static str,
    service: Service,
    outgoing: &Arc<Outgoing>,
) -> Result<Addresses, SettingError> {
    let default = address("http", (Ipv4Addr::LOCALHOST, service.default_port()).into());
    let addresses = settings.get(name, Addresses::from(default))?;
    addresses.all().iter().try_for_each(|address| outgoing.check(address))?;
    Ok(addresses.with(outgoing))
}

/// The address of a service that listens on a socket of this machine.
pub(crate) fn address(scheme: &str, socket: SocketAddr) -> Address {
    Address::parse(&format!("{scheme}://{socket}")).expect("a socket address makes an address")
}

/// How servers end, and what protects them.
fn server(settings: &Settings<'_>) -> Result<ServerConfig, SettingError> {
    Ok(ServerConfig { security: security(settings)?, ..ServerConfig::read(settings)? })
}

/// What protects a port.
pub(crate) fn security(settings: &Settings<'_>) -> Result<Security, SettingError> {
    Security::read(settings)
}

/// What is shown and trusted in calls to others.
pub(crate) fn outgoing(settings: &Settings<'_>) -> Result<Outgoing, SettingError> {
    Outgoing::read(settings)
}

/// What a resolver is started with.
pub(crate) fn resolver(settings: &Settings<'_>) -> Result<resolver::Config, SettingError> {
    let outgoing = Arc::new(outgoing(settings)?);
    let at = |name, service| neighbour(settings, name, service, &outgoing);
    Ok(resolver::Config {
        server: server(settings)?,
        cache: cache(settings)?,
        normalizer: at("HAWIYA_NORMALIZER_URL", Service::Normalizer)?,
        matcher: at("HAWIYA_MATCHER_URL", Service::Matcher)?,
        registry: at("HAWIYA_REGISTRY_URL", Service::Registry)?,
        staleness_max: staleness_max(settings)?,
    })
}

/// What a normalizer is started with.
pub(crate) fn normalizer(settings: &Settings<'_>) -> Result<normalizer::Config, SettingError> {
    Ok(normalizer::Config { server: server(settings)?, cache: cache(settings)? })
}

/// What a matcher is started with.
pub(crate) fn matcher(settings: &Settings<'_>) -> Result<matcher::Config, SettingError> {
    let outgoing = Arc::new(outgoing(settings)?);
    Ok(matcher::Config {
        server: server(settings)?,
        cache: cache(settings)?,
        registry: neighbour(settings, "HAWIYA_REGISTRY_URL", Service::Registry, &outgoing)?,
        index_dir: Some(index_dir(settings)?),
        staleness_max: staleness_max(settings)?,
    })
}

/// What a registry is started with.
pub(crate) fn registry(settings: &Settings<'_>) -> Result<registry::Config, SettingError> {
    let (server, cache) = (server(settings)?, cache(settings)?);
    Ok(registry::Config { server, cache, ..registry::Config::read(settings)? })
}

/// What a suite in one process is started with, where the command line says nothing else.
pub(crate) struct Embedded {
    /// Where the catalogue is kept; `None`: in the user's data folder.
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) cache: CacheConfig,
    pub(crate) server: ServerConfig,
}

/// What a suite in one process is started with.
pub(crate) fn embedded(settings: &Settings<'_>) -> Result<Embedded, SettingError> {
    Ok(Embedded {
        data_dir: settings.optional::<String>("HAWIYA_DATA_DIR")?.map(PathBuf::from),
        cache: cache(settings)?,
        server: ServerConfig::read(settings)?,
    })
}

/// The running suite that commands ask; `None`: the one on the data folder, or one of their own.
pub(crate) fn target(settings: &Settings<'_>) -> Result<Option<String>, SettingError> {
    settings.optional("HAWIYA_SERVER")
}

/// Where a catalogue is kept when nobody says: the user's data folder (XDG base directories).
pub(crate) fn default_data_dir() -> anyhow::Result<PathBuf> {
    let set =
        |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")));
    let data = data.context("neither HOME nor XDG_DATA_HOME is set: say `--data-dir DIR`")?;
    Ok(data.join("hawiya"))
}

/// How long an index may be stale before callers are sent elsewhere; `None`: for ever.
fn staleness_max(settings: &Settings<'_>) -> Result<Option<Duration>, SettingError> {
    let max = settings.get("HAWIYA_INDEX_STALENESS_MAX", STALENESS_MAX)?;
    Ok((!max.is_zero()).then_some(max))
}

/// Where a matcher keeps its index: `HAWIYA_INDEX_DIR`, or `index` below `HAWIYA_DATA_DIR`.
fn index_dir(settings: &Settings<'_>) -> Result<PathBuf, SettingError> {
    let below = PathBuf::from(settings.get("HAWIYA_DATA_DIR", "hawiya-data".to_owned())?);
    let set = settings.optional::<String>("HAWIYA_INDEX_DIR")?;
    Ok(set.map_or_else(|| below.join("index"), PathBuf::from))
}
