//! The matcher: which entities a name could mean, and how sure we are.
//!
//! It holds an index built from the registry's change feed and answers from it alone. The way of a
//! query, in reading order: `grpc` decodes it into a `query`, `matching` leads it through `index`
//! (which names share a key with it), the `names` crate (how alike they are) until the best are found (`standing`), `evidence` (what else
//! speaks for or against) and `verdict` (what follows); `explain` says why. `catalogue` has the index as
//! it changes while `grpc::feed` follows the registry, `readiness` says whether callers are sent here,
//! and `keeper` merges its segments and keeps it on disk. `annotate` finds the mentions of running
//! text. `local` asks an index without a server.

mod annotate;
mod catalogue;
mod compare;
pub mod config;
mod entity;
mod error;
mod evidence;
mod explain;
mod grpc;
mod index;
mod keeper;
pub mod local;
mod matching;
mod query;
mod readiness;
mod standing;
mod verdict;

use std::sync::Arc;

use cache::Cache;
use chassis::Server;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{catalogue::Catalogue, keeper::Keeper, readiness::Readiness};
pub use config::Config;
pub use error::Error;

/// Serves `MatchingService` on `listener` until `shutdown` is cancelled and the drain is over.
pub async fn run(
    listener: TcpListener,
    config: Config,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    describe_metrics();
    let cache = Cache::new(config.cache, "matcher")?;
    let catalogue = Arc::new(Catalogue::default());
    let server = Server::new(config.server, shutdown.clone());
    let keeper = Keeper::open(config.index_dir.as_deref(), Arc::clone(&catalogue));
    let readiness = Readiness::new(Arc::clone(&catalogue), server.health(), config.staleness_max);
    let keep = tokio::spawn(shutdown.clone().run_until_cancelled_owned(readiness.clone().keep()));
    let feed = grpc::feed::follow(config.registry, Arc::clone(&catalogue), readiness);
    let feed = tokio::spawn(shutdown.clone().run_until_cancelled_owned(feed));
    let keeper = tokio::spawn(keeper.run(shutdown));
    let service = grpc::service(catalogue, cache, server.draining());
    server.run(listener, service, proto::matching::v1::FILE_DESCRIPTOR_SET).await?;
    feed.abort();
    keep.abort();
    // It saves the index a last time.
    let _ = keeper.await;
    Ok(())
}

/// Says what the metrics mean.
fn describe_metrics() {
    catalogue::describe_metrics();
    grpc::describe_metrics();
}
