//! A registry on a port of its own with a catalogue in a directory of its own.

use std::time::Duration;

use chassis::{Security, ServerConfig};
use proto::{
    registry::v1::{self as wire, registry_service_client::RegistryServiceClient},
    r#type::v1 as shared,
};
use registry::{Config, Database, Error};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

/// A running registry.
pub(crate) struct Fixture {
    pub(crate) client: RegistryServiceClient<Channel>,
    pub(crate) shutdown: CancellationToken,
    pub(crate) ended: JoinHandle<Result<(), Error>>,
    folder: TempDir,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let shutdown = CancellationToken::new();
        let served = registry::run(listener, config_in(&folder), shutdown.clone());
        let ended = tokio::spawn(served);
        let client = RegistryServiceClient::connect(address).await.unwrap();
        Self { client, shutdown, ended, folder }
    }

    /// The configuration of this registry, for a second one.
    pub(crate) fn config(&self) -> Config {
        config_in(&self.folder)
    }

    /// Imports rows as one chunk and returns its acknowledgement.
    pub(crate) async fn import(
        &mut self,
        entities: Vec<wire::Entity>,
    ) -> wire::ImportEntitiesResponse {
        let chunk = chunk(0, Some(header(wire::ImportMode::Upsert)), entities);
        let acks = self.client.import_entities(tokio_stream::iter([chunk])).await.unwrap();
        acks.into_inner().message().await.unwrap().unwrap()
    }
}

fn config_in(folder: &TempDir) -> Config {
    Config {
        database: Database::File(folder.path().join("data/catalogue.db")),
        cache: cache::CacheConfig::default(),
        server: ServerConfig {
            drain_delay: Duration::ZERO,
            drain_timeout: Duration::from_secs(5),
            connection_age_max: Duration::from_secs(600),
            security: Security::default(),
            work_max: chassis::admission::default_work_max(),
        },
    }
}

pub(crate) fn entity(id: &str, name: &str) -> wire::Entity {
    wire::Entity {
        canonical_id: id.into(),
        r#type: shared::EntityType::Person.into(),
        names: vec![shared::Name { text: name.into(), ..Default::default() }],
        ..Default::default()
    }
}

pub(crate) fn header(mode: wire::ImportMode) -> wire::ImportHeader {
    wire::ImportHeader {
        dataset: "test".into(),
        dataset_version: "1".into(),
        mode: mode.into(),
        note: Some(wire::ChangeNote { actor: "tests".into(), comment: "why not".into() }),
    }
}

pub(crate) fn chunk(
    chunk_number: i64,
    header: Option<wire::ImportHeader>,
    entities: Vec<wire::Entity>,
) -> wire::ImportEntitiesRequest {
    let row = |(row_number, entity)| wire::ImportRow { row_number, entity: Some(entity) };
    let rows = (1..).zip(entities).map(row).collect();
    wire::ImportEntitiesRequest { header, chunk_number, rows, last: false }
}
