//! The messages of an import, and what is answered to each.

use tonic_types::FieldViolation;

use crate::{
    entity::{InvalidEntity, Proposal},
    store::Origin,
};

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
pub struct Mode {
    /// Whether it writes.
    pub effect: Effect,
    /// How much of its dataset the stream has.
    pub extent: Extent,
}

/// Whether an import writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Creates what is new, replaces what differs, leaves what is equal.
    Real,
    /// Writes nothing and counts what would be done.
    Dry,
}

/// How much of its dataset the stream of an import has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// A part: what it does not name stays.
    Part,
    /// All of it: what it does not name is gone.
    Whole,
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
    /// Whether nothing comes after it.
    pub last: bool,
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
    /// Differ, and stay because a person decided so.
    pub kept: i64,
    /// Were deleted, because the dataset no longer has them.
    pub removed: i64,
}

impl Counts {
    /// Rows that were taken in, as long as nothing was removed.
    pub(super) fn accepted(&self) -> i64 {
        self.created + self.updated + self.unchanged + self.kept
    }
}

impl Refusal {
    pub(super) fn new(row_number: i64, field: &str, text: String) -> Self {
        Self { row_number, invalid: InvalidEntity(vec![FieldViolation::new(field, text)]) }
    }
}
