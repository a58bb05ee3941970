//! The shared cache of all services: Redis behind a small in-process level, or that level alone.
//!
//! A cached value is a saved computation and nothing else. Every key can vanish at any moment, in
//! either level, and no answer may change: whatever Redis does (refuses, hangs, holds garbage of
//! another century), the caller gets the value it would have computed, at most
//! [`CacheConfig::budget`] later than without a cache.
//!
//! ```
//! # #[derive(Clone, PartialEq, prost::Message)]
//! # struct Resolution { #[prost(string, tag = "1")] entity: String }
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! use cache::{Cache, CacheConfig, Fresh, Key, Source, Space};
//! use std::time::Duration;
//!
//! let cache = Cache::new(CacheConfig::default(), "resolver").unwrap();
//! let space = Space::new("resolution", 1, Duration::from_secs(600)).rules("ar-7").catalogue(42);
//! let keys = [Key::of("بيونغ يانغ".as_bytes()), Key::of("Пхеньян".as_bytes())];
//!
//! let compute = |positions: Vec<usize>| async move {
//!     let answer = |_: &usize| Fresh::keep(Resolution { entity: "Q18808".into() });
//!     Ok::<_, String>(positions.iter().map(answer).collect())
//! };
//! let first = cache.get_or_compute_many(&space, &keys, compute).await.unwrap();
//! let again = cache.get_or_compute_many(&space, &keys, compute).await.unwrap();
//!
//! assert_eq!(first[0].source, Source::Computed);
//! assert_eq!(again[1].source, Source::Local);
//! assert_eq!(again[1].value.entity, "Q18808");
//! # }
//! ```
//!
//! Reading order: [`Cache`] is the whole surface; `key` says what a value depends on and
//! `envelope` how it is stored; `local` and `remote` are the two levels; behind `remote` is one `server` or a `cluster` of
//! them (`target` reads which, `scout` keeps its map, `peer` and `tls` connect), `link` decides whether a server is there (and
//! `complaint` what the log hears of it), `writes` fills it behind the caller's back; `flights` lets one of many concurrent requests compute and `lookup` puts these together
//! for a batch.
//!
//! There is no trait of backends: the in-process level is always there and Redis is an `Option`
//! behind it, which is shorter than two implementations of one interface.

mod cache;
mod cluster;
mod complaint;
mod config;
mod envelope;
mod flights;
mod key;
mod levels;
mod link;
mod local;
mod lookup;
mod meters;
mod peer;
mod remote;
mod scout;
mod server;
mod target;
mod tls;
mod ttl;
mod writes;

pub use cache::{Cache, CacheStatus, Cached, Fresh, Source};
pub use config::{CacheConfig, CacheError};
pub use key::{Key, Space};
pub use meters::describe_metrics;
pub use tls::Tls;
