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

use super::signed::Signed;
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

/// Takes chunks in one after the other and acknowledges each. While one is written the next is
/// decoded: the two cost about the same.
pub(super) fn import(
    chunks: Streaming<wire::ImportEntitiesRequest>,
    mut import: Import,
    signed: Signed,
    draining: CancellationToken,
) -> ResponseStream<wire::ImportEntitiesResponse> {
    let (acks, receiver) = mpsc::channel(MESSAGES_MAX);
    let mut messages = decoded(chunks, signed.clone(), draining);
    tokio::spawn(async move {
        while let Some(message) = messages.recv().await {
            let ack = match message {
                Ok(message) => import.accept(message).await.map_err(Status::from),
                Err(status) => Err(status),
            };
            if let Ok(ack) = &ack {
                signed.acknowledged(ack);
            }
            let ended = ack.is_err();
            if acks.send(ack.map(Ack::into)).await.is_err() || ended {
                return;
            }
        }
    });
    Box::pin(ReceiverStream::new(receiver))
}

/// The messages of a stream as they come, one ahead; ends with the first error.
fn decoded(
    mut chunks: Streaming<wire::ImportEntitiesRequest>,
    signed: Signed,
    draining: CancellationToken,
) -> mpsc::Receiver<Result<Message, Status>> {
    let (messages, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            // Between chunks only: a chunk that has come in is taken in and acknowledged.
            let chunk = tokio::select! {
                chunk = chunks.message() => chunk,
                () = draining.cancelled() => Err(Error::Draining.into()),
            };
            let message = match chunk {
                Ok(Some(mut chunk)) => {
                    signed.sign(&mut chunk);
                    decode(chunk).await.map_err(Status::from)
                }
                Ok(None) => return,
                Err(status) => Err(status),
            };
            let ended = message.is_err();
            if messages.send(message).await.is_err() || ended {
                return;
            }
        }
    });
    receiver
}

async fn decode(chunk: wire::ImportEntitiesRequest) -> Result<Message, Error> {
    // Some 3 µs a row.
    tokio::task::spawn_blocking(move || Message::try_from(chunk)).await?
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
