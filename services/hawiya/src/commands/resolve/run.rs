//! Leads a file through the service: rows from one thread, answers over a stream, output on another.

use std::{
    fs::{self, File},
    io::{BufWriter, Write, stderr},
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Context, anyhow};
use proto::{resolution::v1 as wire, r#type::v1 as shared};
use tokio::sync::mpsc;

use super::{
    super::serve::on_signal,
    asking::{Asking, Told},
    beginning::Prepared,
    checkpoint::with_ending,
    plan::Plan,
    reading::Rows,
    report,
    row::{Answered, Chunk, Row},
    writing::{Counts, Writing, partial, publish},
};
use crate::{
    Done,
    cli::{self, Service},
    client::Session,
};

/// Rows that are asked about together, at most.
const CHUNK_ROWS: usize = 1_000;

/// Bytes of cells after which a chunk has no more rows. Memory does not grow with the width of rows, and
/// with the longest name on top the message stays below gRPC's 4 MiB.
const CHUNK_BYTES: usize = 1 << 20;

/// Chunks that are read ahead, and chunks that wait to be written.
const CHUNKS_AHEAD: usize = 4;

/// Candidates that are asked for: the second is named in the reason of an ambiguous name.
const CANDIDATES: i32 = 2;

pub(super) async fn run(command: cli::Resolve, plan: Plan) -> anyhow::Result<Done> {
    let (plan, prepared) = tokio::task::spawn_blocking(move || {
        let prepared = Prepared::of(&plan)?;
        anyhow::Ok((plan, prepared))
    })
    .await??;
    let session = Session::open(&command.target).await?;
    let asking = asking(&plan, &session).await?;
    let Prepared { rows, unit, mut writing } = prepared;
    let (mut told, mut ended) = (Told::default(), Ok(()));
    let writing = {
        let chunks = chunks(rows, writing.counts.tally.rows, plan.checkpoint_rows);
        let (to_writer, mut answered) = mpsc::channel::<Answered>(CHUNKS_AHEAD);
        let writer = tokio::task::spawn_blocking(move || {
            while let Some(answered) = answered.blocking_recv() {
                if let Err(error) = writing.write(&answered) {
                    return (writing, Err(error.context("cannot write the answers")));
                }
            }
            (writing, Ok(()))
        });
        let interrupted = on_signal()?;
        tokio::select! {
            asked = asking.run(chunks, to_writer) => match asked {
                Ok(so_far) => told = so_far,
                Err(error) => ended = Err(error),
            },
            () = interrupted.cancelled() => ended = Err(anyhow!("it was interrupted")),
        }
        let (writing, written) = writer.await?;
        // What the writer could not write is the cause, and the rest its consequence.
        ended = written.and(ended);
        writing
    };
    let done = tokio::task::spawn_blocking(move || match ended {
        Ok(()) => finish(&plan, writing, told),
        Err(error) => Err(stopped(&plan, writing, unit, error)),
    });
    let done = done.await?;
    session.close().await?;
    done
}

async fn asking(plan: &Plan, session: &Session) -> anyhow::Result<Asking> {
    let options = wire::ResolveOptions {
        candidates_max: CANDIDATES,
        display_language: plan.language.clone(),
        ..Default::default()
    };
    let types = plan.types.clone();
    let filter = (!types.is_empty()).then(|| shared::Filter { types, ..Default::default() });
    let channel = session.channel(Service::Resolver).await?;
    Ok(Asking::new(channel, options, filter, plan.retry_for))
}

/// Reads rows on a thread of their own. A chunk never reaches over a checkpoint, so that checkpoints
/// are at the same rows in every run.
fn chunks(
    rows: Rows,
    rows_before: u64,
    checkpoint_rows: u64,
) -> mpsc::Receiver<anyhow::Result<Chunk>> {
    let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
    thread::spawn(move || {
        let (mut chunk, mut bytes, mut number) = (Vec::with_capacity(CHUNK_ROWS), 0, rows_before);
        let send = |rows: &mut Vec<Row>, is_last| {
            let rows = std::mem::replace(rows, Vec::with_capacity(CHUNK_ROWS));
            sender.blocking_send(Ok(Chunk { rows, is_last })).is_ok()
        };
        for row in rows {
            match row {
                Ok(row) => {
                    bytes += row.bytes();
                    chunk.push(row);
                    number += 1;
                }
                Err(error) => {
                    // What was read before the failure is still answered.
                    if send(&mut chunk, false) {
                        drop(sender.blocking_send(Err(error)));
                    }
                    return;
                }
            }
            let is_border = number.is_multiple_of(checkpoint_rows);
            if chunk.len() == CHUNK_ROWS || bytes >= CHUNK_BYTES || is_border {
                bytes = 0;
                if !send(&mut chunk, false) {
                    return;
                }
            }
        }
        send(&mut chunk, true);
    });
    chunks
}

/// Makes the output whole, and tells of the run.
fn finish(plan: &Plan, mut writing: Writing, told: Told) -> anyhow::Result<Done> {
    let tally = &mut writing.counts.tally;
    tally.reconnected += told.reconnected;
    if !told.rules_version.is_empty() {
        tally.rules_version = told.rules_version;
    }
    let counts = writing.finish()?;
    if let (Some(path), Some(provisional)) = (&plan.new_entities, &counts.provisional) {
        replace(path, |out| Ok(provisional.write(out)?))?;
    }
    if let Some(path) = &plan.report {
        let page = report::page(&plan.input, &counts);
        replace(path, |out| Ok(out.write_all(page.as_bytes())?))?;
    }
    if let Some(path) = &plan.summary {
        let summary = summary(plan, &counts);
        replace(path, |out| Ok(writeln!(out, "{summary}")?))?;
    }
    if let Some(path) = plan.file() {
        publish(path)?;
    }
    if !plan.is_quiet {
        tell_all(&counts)?;
    }
    let is_all = counts.tally.errors == 0 && counts.tally.degraded == 0;
    Ok(if is_all { Done::All } else { Done::SomeFailed })
}

fn summary(plan: &Plan, counts: &Counts) -> serde_json::Value {
    let mut summary = counts.tally.json();
    summary["file"] = plan.input.clone().into();
    if let Some(provisional) = &counts.provisional {
        let (entities, unlisted) = provisional.counts();
        summary["new_entities"] = entities.into();
        summary["new_mentions_unlisted"] = unlisted.into();
    }
    summary
}

fn tell_all(counts: &Counts) -> anyhow::Result<()> {
    let mut lines = counts.tally.text();
    if let Some(provisional) = &counts.provisional {
        let (entities, unlisted) = provisional.counts();
        lines.push(format!("{:<22}{entities:>12}", "new entities"));
        if unlisted > 0 {
            lines.push(format!("{:<22}{unlisted:>12}  beyond what is listed", "mentions"));
        }
    }
    let mut out = stderr().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Writes a file that has its name only when it is whole.
fn replace(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let written = || {
        let new: PathBuf = with_ending(path, "new");
        let mut out = BufWriter::new(File::create(&new)?);
        write(&mut out)?;
        out.flush()?;
        Ok::<_, anyhow::Error>(fs::rename(&new, path)?)
    };
    written().with_context(|| format!("cannot write `{}`", path.display()))
}

/// Keeps what is written, and says where to go on.
fn stopped(
    plan: &Plan,
    mut writing: Writing,
    unit: &'static str,
    error: anyhow::Error,
) -> anyhow::Error {
    // What cannot be made durable now is answered again: the checkpoint says how far it is.
    drop(writing.make_durable(false));
    writing.meter.clear();
    let is_all = writing.rows() == Some(writing.counts.tally.rows);
    let place = match (writing.rows(), writing.last_number.filter(|_| is_all)) {
        (Some(rows), Some(number)) => format!("{rows} rows, up to {unit} {number}"),
        (Some(rows), None) => format!("{rows} rows"),
        (None, _) => "not all rows that were answered".to_owned(),
    };
    let cure = match plan.file() {
        Some(path) if writing.checkpoints.is_some() => format!(
            "{place}, are in `{}`: go on with the same command and --resume",
            partial(path).display()
        ),
        Some(_) => {
            "its output is not whole: begin again; what was answered is in the cache".to_owned()
        }
        None => format!("{place}, were written"),
    };
    error.context(format!("stopped before the end; {cure}"))
}

#[cfg(test)]
mod tests {
    use csv::StringRecord;

    use super::{
        super::row::{Cells, Query},
        *,
    };

    fn row(number: i64, width: usize) -> Row {
        let cells = StringRecord::from(vec!["Qena".to_owned(), "x".repeat(width)]);
        let query = Query { text: "Qena".to_owned(), ..Query::default() };
        Row { number, cells: Cells::Record(cells), query: Ok(query) }
    }

    fn read(rows: impl Iterator<Item = anyhow::Result<Row>> + Send + 'static) -> Vec<Chunk> {
        let mut chunks = chunks(Box::new(rows), 0, 20_000);
        std::iter::from_fn(|| chunks.blocking_recv()).map(Result::unwrap).collect()
    }

    #[test]
    fn only_a_reader_that_came_to_the_end_says_so() {
        let whole = read((1..=2_500).map(|number| Ok(row(number, 1))));
        let ends: Vec<_> = whole.iter().map(|chunk| (chunk.rows.len(), chunk.is_last)).collect();
        assert_eq!(ends, [(1_000, false), (1_000, false), (500, true)]);
        let broken = read((1..=2_500).map(|number| match number {
            2_100 => panic!("a reader may have a mistake"),
            _ => Ok(row(number, 1)),
        }));
        assert!(broken.iter().all(|chunk| !chunk.is_last), "{} chunks", broken.len());
    }

    #[test]
    fn a_chunk_of_wide_rows_has_fewer_of_them() {
        let chunks = read((1..=100).map(|number| Ok(row(number, 100_000))));
        let rows: Vec<_> = chunks.iter().map(|chunk| chunk.rows.len()).collect();
        assert_eq!(rows, [11, 11, 11, 11, 11, 11, 11, 11, 11, 1]);
    }
}
