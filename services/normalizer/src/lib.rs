//! The normalizer: any spelling of a name to one form, over gRPC.
//!
//! It owns how names are written and holds no state: the text logic is the `names` crate, which the
//! matcher and the resolver link as well. In reading order: [`config`] is what it needs to run,
//! `grpc` decodes, calls and encodes, `normalize` is what it does.

pub mod config;
mod error;
mod grpc;
mod normalize;

use cache::Cache;
use chassis::Server;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use config::Config;
pub use error::Error;

/// Serves `NormalizationService` on `listener` until `shutdown` is cancelled and the drain is over.
pub async fn run(
    listener: TcpListener,
    config: Config,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    let cache = Cache::new(config.cache, "normalizer")?;
    let server = Server::new(config.server, shutdown);
    let service = grpc::service(cache, server.draining());
    server.health().set(true);
    server.run(listener, service, proto::normalization::v1::FILE_DESCRIPTOR_SET).await?;
    Ok(())
}
