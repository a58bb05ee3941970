//! Reads what the services need from the environment. The table of variables is in the README.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use anyhow::Context;
use cache::CacheConfig;
use chassis::{
    Outgoing, ServerConfig, SettingError, Settings,
    settings::{Address, Addresses, Secret, Setting},
};

use crate::cli::Service;

/// The cache of a service: `REDIS_URL` is the same for all of them.
pub(crate) fn cache(settings: &Settings<'_>) -> Result<CacheConfig, SettingError> {
    let default = CacheConfig::default();
    let redis_url = settings.optional::<Secret>("REDIS_URL")?;
    let config = CacheConfig {
        redis_url: redis_url.map(|url| url.reveal().to_owned()),
        budget: settings.get("HAWIYA_CACHE_BUDGET", default.budget)?,
        ..default
    };
    // Its value is not shown: it may hold a password.
    let expected = "`redis://[user[:password]@]host[:port][/db]`".into();
    let refused = SettingError { name: "REDIS_URL", value: "…".to_owned(), expected };
    config.check().map(|()| config).map_err(|_| refused)
}

/// Where a service listens: `HAWIYA_LISTEN`, or its own port on loopback.
pub(crate) fn listen(
    settings: &Settings<'_>,
    service: Service,
) -> Result<SocketAddr, SettingError> {
    let default = SocketAddr::from((Ipv4Addr::LOCALHOST, service.default_port()));
    settings.get("HAWIYA_LISTEN", default)
}

/// Where the replicas of a neighbour are: `HAWIYA_MATCHER_URL` and its like, or its own port on loopback.
pub(crate) fn neighbour(
    settings: &Settings<'_>,
    service: Service,
    outgoing: &Arc<Outgoing>,
) -> Result<Addresses, SettingError> {
    let name = match service {
        Service::Resolver => "HAWIYA_RESOLVER_URL",
        Service::Normalizer => "HAWIYA_NORMALIZER_URL",
        Service::Matcher => "HAWIYA_MATCHER_URL",
        Service::Registry => "HAWIYA_REGISTRY_URL",
    };
    let default = address("http", (Ipv4Addr::LOCALHOST, service.default_port()).into());
    let addresses = settings.get(name, Addresses::from(default))?;
    addresses.all().iter().try_for_each(|address| outgoing.check(address))?;
    Ok(addresses.with(outgoing))
}

/// The address of a service that listens on a socket of this machine.
pub(crate) fn address(scheme: &str, socket: SocketAddr) -> Address {
    Address::parse(&format!("{scheme}://{socket}")).expect("a socket address makes an address")
}

/// How servers end.
pub(crate) fn server(settings: &Settings<'_>) -> Result<ServerConfig, SettingError> {
    ServerConfig::read(settings)
}

/// Where a catalogue is kept when nobody says: the user's data folder (XDG base directories).
pub(crate) fn default_data_dir() -> anyhow::Result<PathBuf> {
    let set =
        |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")));
    let data = data.context("neither HOME nor XDG_DATA_HOME is set: say `--data-dir DIR`")?;
    Ok(data.join("hawiya"))
}

/// Where a matcher keeps its index: `HAWIYA_INDEX_DIR`, or `index` below `HAWIYA_DATA_DIR`.
pub(crate) fn index_dir(settings: &Settings<'_>) -> Result<PathBuf, SettingError> {
    let below = PathBuf::from(settings.get("HAWIYA_DATA_DIR", "hawiya-data".to_owned())?);
    let set = settings.optional::<String>("HAWIYA_INDEX_DIR")?;
    Ok(set.map_or_else(|| below.join("index"), PathBuf::from))
}
