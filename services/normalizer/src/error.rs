//! Why the normalizer cannot run. A call can only fail by its own arguments.

/// Why the normalizer stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The cache cannot be used as configured.
    #[error("cannot use the cache as configured")]
    Cache(#[from] cache::CacheError),
    /// The server failed.
    #[error("cannot serve")]
    Serve(#[from] std::io::Error),
}
