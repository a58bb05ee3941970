//! What the matcher needs to run.

use cache::CacheConfig;
use chassis::{ServerConfig, settings::Address};

/// Settings of the matcher.
#[derive(Clone, Debug)]
pub struct Config {
    /// How its server ends.
    pub server: ServerConfig,
    /// The cache of match results.
    pub cache: CacheConfig,
    /// Where the registry is.
    pub registry: Address,
}
