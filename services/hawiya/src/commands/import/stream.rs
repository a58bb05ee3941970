//! Sends the rows of a list to the registry and tells what becomes of them, chunk by chunk.

use std::sync::Arc;

use anyhow::{Context, bail};
use chassis::Channel;
use futures_util::StreamExt;
use proto::registry::v1::{self as wire, registry_service_client::RegistryServiceClient};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::{
    chunks::{self, Chunk, Failure, Place},
    differences::{self, Difference},
};
use crate::import::{Problem, Rows};

/// Chunks that are sent and not yet acknowledged.
const CHUNKS_UNDER_WAY: usize = 4;

/// What became of the rows so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    /// Of the list, whatever became of them.
    pub(super) rows: i64,
    pub(super) created: i64,
    pub(super) updated: i64,
    pub(super) unchanged: i64,
    /// Stay as they are because a person decided so.
    pub(super) kept: i64,
    /// Are no longer in the dataset.
    pub(super) removed: i64,
    /// By the reader of the list or by the registry.
    pub(super) rejected: i64,
    pub(super) skipped: i64,
    pub(super) catalogue_version: i64,
}

impl Counts {
    /// Whether no row of the list went in, or was there already.
    pub(super) fn is_of_nothing(&self) -> bool {
        self.rows == self.rejected + self.skipped
    }
}

/// What is told of one chunk.
#[derive(Debug)]
pub(super) struct Told {
    /// Since the start.
    pub(super) counts: Counts,
    pub(super) failures: Vec<Failure>,
    /// What a dry run would change.
    pub(super) differences: Vec<Difference>,
}

/// What waits for the registry's word on a chunk.
#[derive(Default)]
struct Sent {
    places: Vec<Place>,
    failures: Vec<Failure>,
    skipped: i64,
    differences: Vec<Difference>,
}

/// Imports rows. The inner error is one of the file: what came before it is in and told.
pub(super) async fn run(
    registry: Channel,
    header: wire::ImportHeader,
    rows: Rows,
    mut tell: impl FnMut(Told) -> anyhow::Result<()>,
) -> anyhow::Result<(Counts, anyhow::Result<()>)> {
    let (sender, messages) = mpsc::channel(CHUNKS_UNDER_WAY);
    // Never longer than the chunks under way.
    let (waiting, mut sent) = mpsc::unbounded_channel();
    let mut client = RegistryServiceClient::new(registry);
    let feed = tokio::spawn(feed(client.clone(), chunks::read(rows), header, sender, waiting));
    let mut answers = client.import_entities(ReceiverStream::new(messages)).await?.into_inner();
    let (mut counts, mut refused_here) = (Counts::default(), 0);
    while let Some(answer) = answers.next().await {
        let answer = answer?;
        let Sent { places, mut failures, skipped, differences } =
            sent.recv().await.unwrap_or_default();
        refused_here += failures.len() as i64;
        let rows = (places.len() + failures.len()) as i64 + skipped;
        let known = answer.counts.unwrap_or_default();
        counts = Counts {
            rows: counts.rows + rows,
            created: known.created_count,
            updated: known.updated_count,
            unchanged: known.unchanged_count,
            kept: known.kept_count,
            removed: known.removed_count,
            rejected: known.rejected_count + refused_here,
            skipped: counts.skipped + skipped,
            catalogue_version: answer.catalogue_version,
        };
        failures.extend(answer.errors.iter().map(|error| failure(&places, error)));
        failures.sort_by_key(|failure| failure.place.number);
        tell(Told { counts, failures, differences })?;
    }
    Ok((counts, feed.await?))
}

/// Sends chunk after chunk, and keeps for each what the registry's word on it needs.
async fn feed(
    registry: RegistryServiceClient<Channel>,
    mut chunks: mpsc::Receiver<anyhow::Result<Chunk>>,
    header: wire::ImportHeader,
    sender: mpsc::Sender<wire::ImportEntitiesRequest>,
    waiting: mpsc::UnboundedSender<Sent>,
) -> anyhow::Result<()> {
    let is_dry = is_dry(header.mode());
    let is_replacing = is_replacing(header.mode());
    let (mut refused_entities, mut sent_rows) = (0, 0);
    let dataset: Arc<str> = header.dataset.as_str().into();
    let mut header = Some(header);
    for chunk_number in 0.. {
        // A reader that panics says nothing; the rows it had left would be missed by nobody.
        let chunk = chunks.recv().await.context("the reader of the list stopped")?;
        let Chunk { rows, places, failures, skipped, is_last, .. } = chunk?;
        refused_entities += failures.iter().filter(|failure| !failure.is_of_companion).count();
        sent_rows += rows.len();
        // A row that cannot be read may be that of an entity that must not be removed.
        let is_withheld = is_last && is_replacing && refused_entities > 0;
        // Nor does a list without rows say that everything is gone. Older registries take it to.
        let last = is_last && !is_withheld && (sent_rows > 0 || !is_replacing);
        let differences = match is_dry {
            true => differences::of(registry.clone(), &rows, &dataset).await?,
            false => Vec::new(),
        };
        let header = header.take();
        let message = wire::ImportEntitiesRequest { header, chunk_number, rows, last };
        drop(waiting.send(Sent { places, failures, skipped, differences }));
        if sender.send(message).await.is_err() {
            // The registry ended the stream, and says why on its side of it.
            break;
        }
        if is_last && !is_withheld {
            break;
        }
        if is_withheld {
            bail!(
                "nothing of `{dataset}` was removed, because {refused_entities} rows were refused: \
                 correct them and import again"
            );
        }
    }
    Ok(())
}

fn is_dry(mode: wire::ImportMode) -> bool {
    matches!(mode, wire::ImportMode::DryRun | wire::ImportMode::ReplaceDryRun)
}

fn is_replacing(mode: wire::ImportMode) -> bool {
    matches!(mode, wire::ImportMode::Replace | wire::ImportMode::ReplaceDryRun)
}

fn failure(places: &[Place], error: &wire::RowError) -> Failure {
    let at = usize::try_from(error.row_number).ok().and_then(|at| places.get(at));
    let place = at.cloned().unwrap_or(Place { file: None, number: 0 });
    let problems = error.error.as_ref().map(problems).unwrap_or_default();
    Failure { place, problems, is_of_companion: false }
}

/// What the registry found wrong, by the fields of an entity.
fn problems(status: &tonic_types::Status) -> Vec<Problem> {
    let wrong = chassis::fault::violations_of(status);
    if wrong.is_empty() {
        return Problem::row(status.message.clone());
    }
    Problem::of(registry::InvalidEntity(wrong))
}
