//! What the resolver needs to run.

use std::time::Duration;

use cache::CacheConfig;
use chassis::{ServerConfig, settings::Addresses};

/// Settings of the resolver.
#[derive(Clone, Debug)]
pub struct Config {
    /// How its server ends.
    pub server: ServerConfig,
    /// The cache of resolutions.
    pub cache: CacheConfig,
    /// Where the normalizer is.
    pub normalizer: Addresses,
    /// Where the matcher is.
    pub matcher: Addresses,
    /// Where the registry is.
    pub registry: Addresses,
    /// How long the index may be stale, or the matcher away, before health says NOT_SERVING; `None`:
    /// for ever.
    pub staleness_max: Option<Duration>,
}
