//! Takes entities in by the thousand: one chunk, one transaction, one acknowledgement.
//!
//! The rules of the stream are kept here (header first and once, chunks numbered without gaps);
//! breaking one ends the stream, and what was acknowledged stays. A bad row fails alone.

use std::collections::{HashMap, HashSet};

use chassis::{Violations, checks::BATCH_ITEMS_MAX};
use metrics::counter;
use tonic_types::FieldViolation;
use xxhash_rust::xxh3::xxh3_64;

use crate::{
    Error, Store,
    entity::{Entity, InvalidEntity, Proposal},
    error::checked,
    store::{ImportOutcome, Origin, State},
};

/// How many rows a dry run remembers, about 40 bytes each.
pub const DRY_RUN_ROWS_MAX: usize = 5_000_000;

/// What an import is.
#[derive(Clone, Debug)]
pub struct Header {
    /// Set on every entity that states none.
    pub dataset: String,
    /// What is done to entities that are there already.
    pub mode: Mode,
    /// Who, why and from which version of the dataset.
    pub origin: Origin,
}

/// What an import does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Creates what is new, replaces what differs, leaves what is equal.
    Upsert,
    /// Writes nothing and counts what `Upsert` would do.
    DryRun,
}

/// One message of the stream.
#[derive(Debug)]
pub struct Message {
    /// In the first message and in no other.
    pub header: Option<Header>,
    /// Counted from 0.
    pub chunk_number: i64,
    /// At most 1,000.
    pub rows: Vec<Row>,
}

/// One row of the caller's file.
#[derive(Debug)]
pub struct Row {
    /// Its number there.
    pub number: i64,
    /// What it says.
    pub proposal: Proposal,
}

/// What became of one chunk; all of it is durable.
#[derive(Debug)]
pub struct Ack {
    /// The chunk.
    pub chunk_number: i64,
    /// Since the start of the stream.
    pub counts: Counts,
    /// The rows of this chunk that were refused.
    pub refusals: Vec<Refusal>,
    /// Catalogue version after the chunk.
    pub version: i64,
}

/// A row that was refused.
#[derive(Debug)]
pub struct Refusal {
    /// Its number in the caller's file.
    pub row_number: i64,
    /// Everything that is wrong with it.
    pub invalid: InvalidEntity,
}

/// What became of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Were new.
    pub created: i64,
    /// Differed.
    pub updated: i64,
    /// Were equal.
    pub unchanged: i64,
    /// Were refused.
    pub rejected: i64,
}

/// An import under way.
#[derive(Debug)]
pub struct Import {
    store: Store,
    header: Option<Header>,
    chunk_number: i64,
    counts: Counts,
    /// Hashes of what a dry run would have written, by hash of the id: a row that comes again in a
    /// later chunk would find it stored.
    pretended: HashMap<u64, u64>,
}

impl Import {
    /// An import of which nothing has come yet.
    #[must_use]
    pub fn new(store: Store) -> Self {
        let (counts, pretended) = Default::default();
        Self { store, header: None, chunk_number: 0, counts, pretended }
    }

    /// Takes the next message in. After an error the stream has to end.
    pub async fn accept(&mut self, message: Message) -> Result<Ack, Error> {
        let Message { header, chunk_number, rows } = message;
        let header = self.check(header, chunk_number, rows.len())?;
        let dataset = header.dataset.clone();
        // Some 5 µs a row.
        let sorting = move || sort_out(rows, &dataset);
        let Sorted { mut refusals, numbers, entities } =
            tokio::task::spawn_blocking(sorting).await?;
        let outcomes = match header.mode {
            Mode::Upsert => self.store.import(entities, header.origin.clone()).await?,
            Mode::DryRun => self.pretend(entities).await?,
        };
        for (row_number, outcome) in numbers.into_iter().zip(outcomes) {
            refusals.extend(self.count(row_number, outcome));
        }
        self.count_rejected(refusals.len());
        self.chunk_number += 1;
        self.header = Some(header);
        let version = self.store.version();
        Ok(Ack { chunk_number, counts: self.counts, refusals, version })
    }

    /// Checks the rules of the stream and returns its header.
    fn check(&self, header: Option<Header>, chunk: i64, rows: usize) -> Result<Header, Error> {
        let mut wrong = Violations::default();
        if chunk != self.chunk_number {
            wrong.add("chunk_number", format!("is `{chunk}`: expected `{}`", self.chunk_number));
        }
        if rows > BATCH_ITEMS_MAX {
            wrong
                .add("rows", format!("has {rows} items: send at most {BATCH_ITEMS_MAX} a message"));
        }
        if header.is_some() && self.header.is_some() {
            wrong.add("header", "is there again: only the first message has one");
        }
        let known = header.or_else(|| self.header.clone());
        if known.is_none() {
            wrong.add("header", "is missing: the first message says what is imported");
        }
        let missing = || Error::invalid("header", "is missing");
        checked(wrong, known)?.ok_or_else(missing)
    }

    async fn pretend(&mut self, entities: Vec<Entity>) -> Result<Vec<ImportOutcome>, Error> {
        let outcomes = self.store.preview(&entities).await?;
        entities
            .iter()
            .zip(outcomes)
            .map(|(entity, stored)| self.pretend_one(entity, stored))
            .collect()
    }

    fn pretend_one(
        &mut self,
        entity: &Entity,
        stored: ImportOutcome,
    ) -> Result<ImportOutcome, Error> {
        if matches!(stored, ImportOutcome::Refused(_)) {
            return Ok(stored);
        }
        if self.pretended.len() >= DRY_RUN_ROWS_MAX {
            return Err(Error::DryRunTooLong { rows_max: DRY_RUN_ROWS_MAX });
        }
        let body = xxh3_64(&serde_json::to_vec(entity)?);
        Ok(match self.pretended.insert(xxh3_64(entity.id.as_bytes()), body) {
            None => stored,
            Some(before) if before == body => ImportOutcome::Unchanged,
            Some(_) => ImportOutcome::Updated,
        })
    }

    fn count(&mut self, row_number: i64, outcome: ImportOutcome) -> Option<Refusal> {
        let (count, name) = match outcome {
            ImportOutcome::Created => (&mut self.counts.created, "created"),
            ImportOutcome::Updated => (&mut self.counts.updated, "updated"),
            ImportOutcome::Unchanged => (&mut self.counts.unchanged, "unchanged"),
            ImportOutcome::Refused(state) => return Some(Refusal::of_state(row_number, state)),
        };
        *count += 1;
        counter!("hawiya_registry_import_rows_total", "outcome" => name).increment(1);
        None
    }

    fn count_rejected(&mut self, refusals: usize) {
        self.counts.rejected += refusals as i64;
        counter!("hawiya_registry_import_rows_total", "outcome" => "rejected")
            .increment(refusals as u64);
    }
}

impl Refusal {
    fn new(row_number: i64, field: &str, text: String) -> Self {
        Self { row_number, invalid: InvalidEntity(vec![FieldViolation::new(field, text)]) }
    }

    fn of_state(row_number: i64, state: State) -> Self {
        let text = format!("is {state:?}: an import does not bring it back");
        Self::new(row_number, "entity.canonical_id", text)
    }
}

/// The rows of a chunk, the good ones apart from the bad.
struct Sorted {
    refusals: Vec<Refusal>,
    /// Row numbers of `entities`.
    numbers: Vec<i64>,
    entities: Vec<Entity>,
}

/// Checks every row. Of rows with one id the first counts: which of them is meant cannot be known,
/// and the order within a chunk would be lost in its transaction.
fn sort_out(rows: Vec<Row>, dataset: &str) -> Sorted {
    let mut sorted = Sorted { refusals: Vec::new(), numbers: Vec::new(), entities: Vec::new() };
    let mut seen = HashSet::new();
    for Row { number: row_number, mut proposal } in rows {
        if proposal.draft.dataset.is_empty() {
            dataset.clone_into(&mut proposal.draft.dataset);
        }
        match proposal.check() {
            Err(invalid) => sorted.refusals.push(Refusal { row_number, invalid }),
            Ok(entity) if seen.insert(entity.id.clone()) => {
                sorted.numbers.push(row_number);
                sorted.entities.push(entity);
            }
            Ok(entity) => {
                let text = format!("`{}` is in this chunk twice: the first row counts", entity.id);
                sorted.refusals.push(Refusal::new(row_number, "entity.canonical_id", text));
            }
        }
    }
    sorted
}
