//! The registry: entities, their canonical ids and their history; the only store of record.
//!
//! Reading order: `entity` is what is stored and exchanged, with its limits, and `date` a part of
//! it; `store` keeps it in SQLite, one version a change; `import` takes it in by the thousand;
//! `watch` tells every change to whoever keeps a copy; `grpc` is the contract on top of these.
//! `config` and `error` say how it is started and how it fails.
//!
//! The command-line client reads and writes catalogue files with [`Entity`] and the conversions of
//! [`grpc`].

pub mod config;
pub mod date;
pub mod entity;
pub mod error;
pub mod grpc;
pub mod import;
pub mod listing;
pub mod store;
pub mod watch;

use cache::Cache;
use chassis::Server;
use metrics::{describe_counter, describe_gauge};
use proto::registry::v1::{FILE_DESCRIPTOR_SET, registry_service_server::RegistryServiceServer};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use config::{Config, Database};
pub use date::PartialDate;
pub use entity::{Draft, Entity, InvalidEntity};
pub use error::Error;
pub use store::Store;

/// Serves the registry on `listener` until `shutdown` is cancelled and calls have ended.
///
/// Fails when the catalogue cannot be opened, which includes a second process that has it open.
pub async fn run(
    listener: TcpListener,
    config: Config,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    describe_metrics();
    let store = Store::open(&config.database).await?;
    let cache = Cache::new(config.cache, "registry")?;
    let server = Server::new(config.server, shutdown);
    let registry = grpc::Registry::new(store.clone(), cache, server.draining());
    server.health().set(true);
    let served = server.run(listener, RegistryServiceServer::new(registry), FILE_DESCRIPTOR_SET);
    let ended = served.await.map_err(Error::Serve);
    store.close().await;
    ended
}

/// Says what the metrics mean.
fn describe_metrics() {
    describe_gauge!("hawiya_registry_entities", "canonical ids that were ever given");
    describe_gauge!("hawiya_registry_catalogue_version", "committed changes");
    describe_counter!("hawiya_registry_changes_total", "changes since the start, by kind");
    describe_counter!("hawiya_registry_import_rows_total", "imported rows, by what became of them");
    describe_gauge!("hawiya_registry_watchers", "watches under way");
}
