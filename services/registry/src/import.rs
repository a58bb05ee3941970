//! Takes entities in by the thousand: one chunk, one transaction, one acknowledgement.
//!
//! The rules of the stream are kept here (header first and once, chunks numbered without gaps,
//! nothing after the last); breaking one ends the stream, and what was acknowledged stays. A bad
//! row fails alone.

mod message;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chassis::{Violations, checks::BATCH_ITEMS_MAX};
use metrics::counter;
use xxhash_rust::xxh3::xxh3_64;

use crate::{
    Error, Store,
    entity::Entity,
    error::checked,
    store::{ImportOutcome, Removal},
};
pub use message::{Ack, Counts, Effect, Extent, Header, Message, Mode, Refusal, Row};

/// How many rows an import remembers that has to, about 40 bytes each.
pub const REMEMBERED_ROWS_MAX: usize = 5_000_000;

/// An import under way.
#[derive(Debug)]
pub struct Import {
    store: Store,
    header: Option<Header>,
    chunk_number: i64,
    ended: bool,
    counts: Counts,
    /// Hashes of what a dry run would have written, by hash of the id: a row that comes again in a
    /// later chunk would find it stored.
    pretended: HashMap<u64, u64>,
    /// Hashes of the ids that rows of a whole dataset named.
    named: Arc<HashSet<u64>>,
}

impl Import {
    /// An import of which nothing has come yet.
    #[must_use]
    pub fn new(store: Store) -> Self {
        let (counts, pretended, named) = Default::default();
        Self { store, header: None, chunk_number: 0, ended: false, counts, pretended, named }
    }

    /// Takes the next message in. After an error the stream has to end.
    pub async fn accept(&mut self, message: Message) -> Result<Ack, Error> {
        let Message { header, chunk_number, rows, last } = message;
        let header = self.check(header, chunk_number, rows.len())?;
        if header.mode.extent == Extent::Whole {
            self.name(&rows)?;
        }
        let dataset = header.dataset.clone();
        // Some 5 µs a row.
        let sorting = move || sort_out(rows, &dataset);
        let Sorted { mut refusals, numbers, entities } =
            tokio::task::spawn_blocking(sorting).await?;
        let outcomes = match header.mode.effect {
            Effect::Real => self.store.import(entities, header.origin.clone()).await?,
            Effect::Dry => self.pretend(entities).await?,
        };
        for (row_number, outcome) in numbers.into_iter().zip(outcomes) {
            refusals.extend(self.count(row_number, outcome));
        }
        self.count_rows(refusals.len(), "rejected", |counts| &mut counts.rejected);
        // A dataset of nothing is a list that could not be read, sooner than one that is empty.
        if last && header.mode.extent == Extent::Whole && self.counts.accepted() > 0 {
            self.remove(&header).await?;
        }
        self.chunk_number += 1;
        self.ended = last;
        self.header = Some(header);
        let version = self.store.version();
        Ok(Ack { chunk_number, counts: self.counts, refusals, version })
    }

    /// Checks the rules of the stream and returns its header.
    fn check(&self, header: Option<Header>, chunk: i64, rows: usize) -> Result<Header, Error> {
        let mut wrong = Violations::default();
        if self.ended {
            wrong.add("last", "was set in the message before: nothing comes after that");
        }
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

    /// Remembers which entities the dataset has, also those whose rows are refused.
    fn name(&mut self, rows: &[Row]) -> Result<(), Error> {
        // The set is shared only while something is removed.
        let named = Arc::make_mut(&mut self.named);
        named.extend(rows.iter().map(|row| hash_of_id(&row.proposal.draft.id)));
        if named.len() > REMEMBERED_ROWS_MAX {
            return Err(Error::ImportTooLong { rows_max: REMEMBERED_ROWS_MAX });
        }
        Ok(())
    }

    /// Removes what no row named, a thousand entities a transaction.
    async fn remove(&mut self, header: &Header) -> Result<(), Error> {
        let mut next = Some(String::new());
        while let Some(after) = next {
            let removal = self.remove_after(header, after).await?;
            self.count_rows(removal.removed, "removed", |counts| &mut counts.removed);
            self.count_rows(removal.kept, "kept", |counts| &mut counts.kept);
            next = removal.next;
        }
        Ok(())
    }

    async fn remove_after(&self, header: &Header, after: String) -> Result<Removal, Error> {
        let (dataset, named) = (header.dataset.clone(), Arc::clone(&self.named));
        let named = Arc::new(move |id: &str| named.contains(&hash_of_id(id)));
        match header.mode.effect {
            Effect::Real => self.store.remove(dataset, after, named, header.origin.clone()).await,
            Effect::Dry => self.store.preview_removal(&dataset, &after, named).await,
        }
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
        if matches!(stored, ImportOutcome::Refused(_) | ImportOutcome::Kept) {
            return Ok(stored);
        }
        if self.pretended.len() >= REMEMBERED_ROWS_MAX {
            return Err(Error::ImportTooLong { rows_max: REMEMBERED_ROWS_MAX });
        }
        let body = xxh3_64(&serde_json::to_vec(entity)?);
        Ok(match self.pretended.insert(hash_of_id(&entity.id), body) {
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
            ImportOutcome::Kept => (&mut self.counts.kept, "kept"),
            ImportOutcome::Refused(invalid) => return Some(Refusal { row_number, invalid }),
        };
        *count += 1;
        counter!("hawiya_registry_import_rows_total", "outcome" => name).increment(1);
        None
    }

    fn count_rows(
        &mut self,
        rows: usize,
        outcome: &'static str,
        count: impl Fn(&mut Counts) -> &mut i64,
    ) {
        *count(&mut self.counts) += rows as i64;
        counter!("hawiya_registry_import_rows_total", "outcome" => outcome).increment(rows as u64);
    }
}

fn hash_of_id(id: &str) -> u64 {
    xxh3_64(id.as_bytes())
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
