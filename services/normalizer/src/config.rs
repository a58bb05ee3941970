//! What the normalizer needs to run.

use cache::CacheConfig;
use chassis::ServerConfig;

/// Settings of the normalizer.
#[derive(Clone, Debug)]
pub struct Config {
    /// How its server ends.
    pub server: ServerConfig,
    /// The cache of traced names.
    pub cache: CacheConfig,
}
