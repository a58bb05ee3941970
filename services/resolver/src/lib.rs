//! The resolver: names in, canonical ids out. The front door of the suite.
//!
//! It composes the other three services and owns the cached answers. A batch's way, in reading
//! order: `grpc` decodes it, `grpc::resolve` asks the cache, then the matcher and the normalizer
//! side by side, then the registry for what is shown, through `grpc::neighbours`; `reason` says in
//! a sentence why; `freshness` knows which catalogue version a cached answer may have. What people
//! decided is looked up before and laid over the answer after, in `grpc::decisions`.
//!
//! What it works on are the messages of its neighbours, so most of it is inside `grpc`: taking
//! them apart only to put them together again would be work without a use.

pub mod config;
mod error;
mod freshness;
mod grpc;
mod reason;

use std::sync::Arc;

use cache::Cache;
use chassis::Server;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use config::Config;
pub use error::Error;

/// Serves `ResolutionService` on `listener` until `shutdown` is cancelled and the drain is over.
pub async fn run(
    listener: TcpListener,
    config: Config,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    grpc::describe_metrics();
    let cache = Cache::new(config.cache.clone(), "resolver")?;
    let server = Server::new(config.server.clone(), shutdown.clone());
    let freshness = Arc::new(freshness::Freshness::default());
    let pools = grpc::Pools::new(&config);
    let poll = grpc::poll::confirm(
        pools.matcher.clone(),
        Arc::clone(&freshness),
        server.health(),
        config.staleness_max,
    );
    let poll = tokio::spawn(shutdown.clone().run_until_cancelled_owned(poll));
    let decisions = grpc::poll::decisions(pools.registry.clone(), Arc::clone(&freshness));
    let decisions = tokio::spawn(shutdown.run_until_cancelled_owned(decisions));
    let service = grpc::service(pools, cache, freshness, server.draining());
    server.run(listener, service, proto::resolution::v1::FILE_DESCRIPTOR_SET).await?;
    poll.abort();
    decisions.abort();
    Ok(())
}
