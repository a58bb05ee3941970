//! `hawiya import`: entities from JSON lines into the catalogue.

use std::path::Path;

use futures_util::StreamExt;
use proto::registry::v1::{self as wire, registry_service_client::RegistryServiceClient};
use registry::Entity;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;

use crate::{
    Done,
    cli::{self, Service},
    client::Session,
    sink::{Line, Row, Sink},
    source::{self, Chunks},
};

/// Chunks that are sent and not yet acknowledged.
const CHUNKS_UNDER_WAY: usize = 4;

pub(super) async fn run(command: cli::Import) -> anyhow::Result<Done> {
    let rows = source::raw_lines(&command.file)?;
    let mut sink = Sink::open(&command.output)?;
    let session = Session::open(&command.target).await?;
    let dataset = command.dataset.unwrap_or_else(|| default_dataset(&command.file));
    let mode = if command.dry_run { wire::ImportMode::DryRun } else { wire::ImportMode::Upsert };
    let header = wire::ImportHeader { dataset, mode: mode.into(), ..Default::default() };
    let registry = session.channel(Service::Registry).await?;
    let report = import(registry, header, rows, |failed| sink.write::<Imported>(&[failed])).await?;
    let failed = report.rejected > 0;
    sink.write(&[Line::Answer(report)])?;
    session.close().await?;
    Ok(if failed { Done::SomeFailed } else { Done::All })
}

/// Imports the starter catalogue. Returns the catalogue version that has all of it.
pub(crate) async fn starter(
    registry: Channel,
    dataset: &str,
    lines: impl Iterator<Item = &'static str>,
) -> anyhow::Result<i64> {
    let header = wire::ImportHeader { dataset: dataset.to_owned(), ..Default::default() };
    let rows = source::text_lines(lines.map(str::to_owned).collect());
    let refuse = |failed| match failed {
        Line::Failed { input, error } => {
            anyhow::bail!("the starter catalogue is broken: {input}: {error}")
        }
        Line::Answer(_) => Ok(()),
    };
    Ok(import(registry, header, rows, refuse).await?.catalogue_version)
}

/// A dataset is called after its file: the letters a label may have, up to the first dot.
fn default_dataset(file: &str) -> String {
    let stem = Path::new(file).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let allowed = |letter: &char| letter.is_ascii_alphanumeric() || "._-".contains(*letter);
    let label: String = stem.chars().filter(allowed).take(64).collect();
    if label.trim_matches('-').is_empty() { "import".to_owned() } else { label }
}

/// What became of the rows, as programs read it; the names of the fields are stable.
#[derive(Debug, Default, Serialize)]
struct Imported {
    created: i64,
    updated: i64,
    unchanged: i64,
    rejected: i64,
    catalogue_version: i64,
}

/// Sends rows a chunk at a time and hands every refused row, with its line number, to `refused`.
async fn import(
    registry: Channel,
    header: wire::ImportHeader,
    rows: Chunks,
    mut refused: impl FnMut(Line<Imported>) -> anyhow::Result<()>,
) -> anyhow::Result<Imported> {
    let (unreadable, mut unread) = mpsc::unbounded_channel();
    let (sender, messages) = mpsc::channel(CHUNKS_UNDER_WAY);
    let feed = tokio::spawn(feed(rows, header, sender, unreadable));
    let messages = ReceiverStream::new(messages);
    let mut acknowledged =
        RegistryServiceClient::new(registry).import_entities(messages).await?.into_inner();
    let mut report = Imported::default();
    while let Some(answer) = acknowledged.next().await {
        let answer = answer?;
        for error in &answer.errors {
            let text = error.error.as_ref().map(super::item_error).unwrap_or_default();
            refused(Line::Failed { input: format!("line {}", error.row_number), error: text })?;
        }
        let counts = answer.counts.unwrap_or_default();
        report = Imported {
            created: counts.created_count,
            updated: counts.updated_count,
            unchanged: counts.unchanged_count,
            rejected: counts.rejected_count,
            catalogue_version: answer.catalogue_version,
        };
    }
    feed.await??;
    while let Ok((line, error)) = unread.try_recv() {
        report.rejected += 1;
        refused(Line::Failed { input: format!("line {line}"), error })?;
    }
    Ok(report)
}

/// Reads rows and sends the good ones; the others go to `unreadable` with their line number.
async fn feed(
    mut rows: Chunks,
    header: wire::ImportHeader,
    sender: mpsc::Sender<wire::ImportEntitiesRequest>,
    unreadable: mpsc::UnboundedSender<(i64, String)>,
) -> anyhow::Result<()> {
    let mut line = 0;
    let mut header = Some(header);
    for chunk_number in 0.. {
        let Some(items) = rows.recv().await else { break };
        let mut rows = Vec::new();
        for item in items? {
            line += 1;
            let parsed = match item.error {
                Some(error) => Err(error),
                None if item.input.trim().is_empty() => continue,
                None => serde_json::from_str::<Entity>(&item.input).map_err(json_error),
            };
            match parsed {
                Ok(entity) => {
                    rows.push(wire::ImportRow { row_number: line, entity: Some(entity.into()) });
                }
                Err(error) => drop(unreadable.send((line, error))),
            }
        }
        let header = header.take();
        let message = wire::ImportEntitiesRequest { header, chunk_number, rows, last: false };
        if sender.send(message).await.is_err() {
            // The registry ended the stream, and says why on its side of it.
            return Ok(());
        }
    }
    Ok(())
}

/// Each row is a text of its own to the parser: the line it counts would only mislead.
fn json_error(error: serde_json::Error) -> String {
    error.to_string().replacen(" at line 1 column ", " at column ", 1)
}

impl Row for Imported {
    const COLUMNS: &'static [&'static str] =
        &["created", "updated", "unchanged", "rejected", "catalogue version"];

    fn cells(&self) -> Vec<String> {
        [self.created, self.updated, self.unchanged, self.rejected, self.catalogue_version]
            .map(|number| number.to_string())
            .to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dataset_is_called_after_its_file() {
        assert_eq!(default_dataset("/data/ofac sdn.jsonl"), "ofacsdn");
        assert_eq!(default_dataset("قائمة.jsonl"), "import");
        assert_eq!(default_dataset("-"), "import");
    }
}
