//! The calls that stream: import, export, watch.
//!
//! Each is a task that feeds a short channel, so that a caller that reads slowly holds up its own
//! call and nothing else.

use std::pin::Pin;

use futures_util::{Stream, StreamExt};
use proto::registry::v1 as wire;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

use crate::{
    Error, Store,
    import::{Ack, Import, Message},
    store::{Filter, Record},
};

/// Messages that wait for a slow caller.
const MESSAGES_MAX: usize = 4;

/// Entities of one message of an export, as the contract says.
const EXPORT_ROWS_MAX: usize = 1_000;

/// Responses as they come.
pub(super) type ResponseStream<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// A channel of the domain as responses of the wire.
pub(super) fn encoded<T, W>(receiver: mpsc::Receiver<Result<T, Error>>) -> ResponseStream<W>
where
    T: Into<W> + Send + 'static,
    W: 'static,
{
    let encode = |item: Result<T, Error>| item.map(T::into).map_err(Status::from);
    Box::pin(ReceiverStream::new(receiver).map(encode))
}

/// Takes chunks in one after the other and acknowledges each.
pub(super) fn import(
    mut chunks: Streaming<wire::ImportEntitiesRequest>,
    mut import: Import,
    draining: CancellationToken,
) -> ResponseStream<wire::ImportEntitiesResponse> {
    let (acks, receiver) = mpsc::channel(MESSAGES_MAX);
    tokio::spawn(async move {
        loop {
            // Between chunks only: a chunk that has come in is taken in and acknowledged.
            let chunk = tokio::select! {
                chunk = chunks.message() => chunk,
                () = draining.cancelled() => Err(Error::Draining.into()),
            };
            let ack = match chunk {
                Ok(Some(chunk)) => accept(&mut import, chunk).await.map_err(Status::from),
                Ok(None) => return,
                Err(status) => Err(status),
            };
            let ended = ack.is_err();
            if acks.send(ack.map(Ack::into)).await.is_err() || ended {
                return;
            }
        }
    });
    Box::pin(ReceiverStream::new(receiver))
}

async fn accept(import: &mut Import, chunk: wire::ImportEntitiesRequest) -> Result<Ack, Error> {
    // Some 3 µs a row.
    let message = tokio::task::spawn_blocking(move || Message::try_from(chunk)).await??;
    import.accept(message).await
}

/// What is exported.
pub(super) struct Export {
    pub(super) filter: Filter,
    /// The id after which it begins; empty: with the first.
    pub(super) after: String,
}

/// Some entities of an export.
struct Exported {
    records: Vec<Record>,
    version: i64,
}

/// Reads everything as of now, page by page.
pub(super) fn export(store: Store, export: Export) -> ResponseStream<wire::ExportEntitiesResponse> {
    let (pages, receiver) = mpsc::channel(MESSAGES_MAX);
    tokio::spawn(async move {
        if let Err(error) = send_pages(&store, export, &pages).await {
            // Fails only when nobody is there to be told.
            let _ = pages.send(Err(error)).await;
        }
    });
    encoded(receiver)
}

async fn send_pages(
    store: &Store,
    export: Export,
    pages: &mpsc::Sender<Result<Exported, Error>>,
) -> Result<(), Error> {
    let Export { filter, mut after } = export;
    let version = store.version();
    loop {
        let page = store.page(&filter, &after, EXPORT_ROWS_MAX, version).await?;
        after = page.records.last().map_or(after, |record| record.entity.id.clone());
        let gone = pages.send(Ok(Exported { records: page.records, version })).await.is_err();
        if gone || !page.more {
            return Ok(());
        }
    }
}

impl From<Exported> for wire::ExportEntitiesResponse {
    fn from(exported: Exported) -> Self {
        let entities = exported.records.into_iter().map(wire::Entity::from).collect();
        Self { entities, catalogue_version: exported.version }
    }
}
