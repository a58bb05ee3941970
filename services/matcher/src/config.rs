//! What the matcher needs to run.

use std::{path::PathBuf, time::Duration};

use cache::CacheConfig;
use chassis::{ServerConfig, settings::Addresses};

/// Settings of the matcher.
#[derive(Clone, Debug)]
pub struct Config {
    /// How its server ends.
    pub server: ServerConfig,
    /// The cache of match results.
    pub cache: CacheConfig,
    /// Where the registry is.
    pub registry: Addresses,
    /// The folder the index is kept in, so that a restart maps it; `None`: in memory, built at every start.
    pub index_dir: Option<PathBuf>,
    /// How long the registry may be away before health says NOT_SERVING; `None`: for ever.
    pub staleness_max: Option<Duration>,
}
