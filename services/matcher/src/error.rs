//! Why the matcher cannot run, and why it cannot answer yet.

use std::time::Duration;

use chassis::Fault;

/// Why the matcher stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The cache cannot be used as configured.
    #[error("cannot use the cache as configured")]
    Cache(#[from] cache::CacheError),
    /// The server failed.
    #[error("cannot serve")]
    Serve(#[from] std::io::Error),
}

/// Why the index cannot answer a call now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotReady {
    /// The first snapshot of the catalogue is being read.
    Building,
    /// The version asked for was not reached in time.
    Behind {
        /// The version asked for.
        wanted: i64,
        /// The version reached.
        reached: i64,
    },
}

impl From<NotReady> for Fault {
    fn from(not_ready: NotReady) -> Self {
        match not_ready {
            NotReady::Building => Fault::Unavailable {
                reason: "INDEX_BUILDING",
                text: "the matcher is reading the catalogue".to_owned(),
                retry_after: Duration::from_millis(500),
            },
            NotReady::Behind { wanted, reached } => Fault::Unavailable {
                reason: "INDEX_BEHIND",
                text: format!("the index is at catalogue version {reached}, not yet at {wanted}"),
                retry_after: Duration::from_millis(200),
            },
        }
    }
}
