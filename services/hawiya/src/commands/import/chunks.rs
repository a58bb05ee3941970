//! Makes messages of the rows of a list, on a thread of their own: reading and checking a row costs
//! more than sending it, and must not hold up a socket.

use std::{collections::HashSet, sync::Arc, thread};

use prost::Message;
use proto::registry::v1 as wire;
use tokio::sync::mpsc;
use xxhash_rust::xxh3::xxh3_64;

use crate::import::{Outcome, Problem, Row, Rows};

/// Rows of one message. Fewer than the contract allows: an answer comes sooner, and costs the same.
const CHUNK_ROWS: usize = 1_000;

/// Bytes after which a chunk is sent though it has fewer rows: with the largest entity on top the
/// message stays below gRPC's 4 MiB.
const CHUNK_BYTES: usize = 1 << 20;

/// Chunks that are read ahead.
const CHUNKS_AHEAD: usize = 4;

/// How many ids are remembered to find those that come twice; some 20 bytes each.
const IDS_MAX: usize = 4_000_000;

/// Where a row stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The file, when there are several.
    pub(super) file: Option<Arc<str>>,
    pub(super) number: i64,
}

/// A row that was refused, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) place: Place,
    pub(super) problems: Vec<Problem>,
    /// It is a row of a file that only adds names: no entity is missing for it.
    pub(super) is_of_companion: bool,
}

/// Rows that are sent together, and those between them that are not sent.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) rows: Vec<wire::ImportRow>,
    /// The places of `rows`; a row's number in the message is its position here.
    pub(super) places: Vec<Place>,
    pub(super) failures: Vec<Failure>,
    pub(super) skipped: i64,
    /// The list ends with it, and was read to its end.
    pub(super) is_last: bool,
    bytes: usize,
}

/// The chunks of a list; an error is one of the file, and the last.
pub(super) fn read(rows: Rows) -> mpsc::Receiver<anyhow::Result<Chunk>> {
    let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
    thread::spawn(move || {
        let (mut chunk, mut seen) = (Chunk::default(), Seen::default());
        for row in rows {
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    // What was read before the failure goes in.
                    let rest = sender.blocking_send(Ok(std::mem::take(&mut chunk)));
                    drop(rest.and_then(|()| sender.blocking_send(Err(error))));
                    return;
                }
            };
            chunk.take(row, &mut seen);
            // Nobody waits for the rest when the stream has ended early.
            if chunk.is_full() && sender.blocking_send(Ok(std::mem::take(&mut chunk))).is_err() {
                return;
            }
        }
        chunk.is_last = true;
        drop(sender.blocking_send(Ok(chunk)));
    });
    chunks
}

impl Chunk {
    fn take(&mut self, row: Row, seen: &mut Seen) {
        let Row { file, number, outcome } = row;
        let is_of_companion = matches!(outcome, Outcome::NameRefused(_));
        let place = Place { file, number };
        match outcome {
            Outcome::Entity(entity) if !seen.is_new(&entity.id) => {
                let error = format!("`{}` is in the file twice: the first row counts", entity.id);
                let problems = vec![Problem::new("canonical_id", error)];
                self.failures.push(Failure { place, problems, is_of_companion });
            }
            Outcome::Entity(entity) => {
                let entity = wire::Entity::from(*entity);
                self.bytes += entity.encoded_len();
                let row_number = self.places.len() as i64;
                self.rows.push(wire::ImportRow { row_number, entity: Some(entity) });
                self.places.push(place);
            }
            Outcome::Refused(problems) | Outcome::NameRefused(problems) => {
                self.failures.push(Failure { place, problems, is_of_companion });
            }
            Outcome::Skipped(count) => self.skipped += count as i64,
        }
    }

    fn is_full(&self) -> bool {
        self.rows.len() + self.failures.len() >= CHUNK_ROWS || self.bytes >= CHUNK_BYTES
    }
}

/// The ids that came so far, as hashes: that two of four million share one is less likely than one
/// in a million.
#[derive(Default)]
struct Seen(HashSet<u64>);

impl Seen {
    /// Whether an id comes for the first time; always, once there are too many to remember.
    fn is_new(&mut self, id: &str) -> bool {
        let hash = xxh3_64(id.as_bytes());
        if self.0.len() >= IDS_MAX { !self.0.contains(&hash) } else { self.0.insert(hash) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::entity;

    fn row(number: i64, id: &str) -> anyhow::Result<Row> {
        let line = format!(r#"{{"id":"{id}","type":"city","names":[{{"text":"طنطا"}}]}}"#);
        Ok(Row::new(number, entity(&line)))
    }

    #[test]
    fn of_rows_with_one_id_the_first_counts() {
        let rows = vec![row(1, "a"), row(2, "b"), row(3, "a")];
        let chunk = read(Box::new(rows.into_iter())).blocking_recv().unwrap().unwrap();
        assert_eq!((chunk.rows.len(), chunk.failures.len()), (2, 1));
        assert_eq!(chunk.failures[0].place, Place { file: None, number: 3 });
        assert_eq!(chunk.failures[0].problems[0].field, "canonical_id");
    }

    #[test]
    fn what_comes_before_a_broken_end_is_kept() {
        let rows = vec![row(1, "a"), Err(anyhow::anyhow!("it ends early"))];
        let mut chunks = read(Box::new(rows.into_iter()));
        assert_eq!(chunks.blocking_recv().unwrap().unwrap().rows.len(), 1);
        assert!(chunks.blocking_recv().unwrap().is_err());
        assert!(chunks.blocking_recv().is_none());
    }

    #[test]
    fn a_chunk_has_no_more_rows_than_a_message_may() {
        let rows: Vec<_> = (0..2_500).map(|number| row(number, &format!("x{number}"))).collect();
        let mut chunks = read(Box::new(rows.into_iter()));
        let mut sizes = Vec::new();
        while let Some(chunk) = chunks.blocking_recv() {
            sizes.push(chunk.unwrap().rows.len());
        }
        assert_eq!(sizes, [1_000, 1_000, 500]);
    }
}
