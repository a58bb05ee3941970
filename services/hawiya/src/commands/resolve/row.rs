//! A row on its way from the file to the answer.

use std::sync::Arc;

use csv::StringRecord;
use proto::vocabulary::EntityType;

use super::answer::Answer;
use crate::import::Problem;

/// A row of the file.
#[derive(Debug)]
pub(super) struct Row {
    /// Its number in the file, from 1: a line, or a row where there are no lines.
    pub(super) number: i64,
    pub(super) cells: Cells,
    /// What is asked about it, or why nothing can be.
    pub(super) query: Result<Query, Vec<Problem>>,
}

impl Row {
    /// Bytes of all its cells; what is asked is among them.
    pub(super) fn bytes(&self) -> usize {
        match &self.cells {
            Cells::Record(record) => record.as_slice().len(),
            Cells::Object(text) | Cells::Text(text) => text.len(),
        }
    }
}

/// What the row has, to be written again.
#[derive(Debug)]
pub(super) enum Cells {
    /// As many as there are columns.
    Record(StringRecord),
    /// A JSON object.
    Object(String),
    /// A line that is no object.
    Text(String),
}

/// What is asked: the name and what else is known about it. Empty: nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Query {
    pub(super) text: String,
    pub(super) entity_type: EntityType,
    pub(super) country: String,
    pub(super) language: String,
}

/// Rows that are asked about together.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) rows: Vec<Row>,
    /// The file was read to its end, which is behind these rows.
    pub(super) is_last: bool,
}

/// What became of a row.
pub(super) type Outcome = Result<Arc<Answer>, Arc<Vec<Problem>>>;

/// Rows and what became of them.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) rows: Vec<Row>,
    /// As many as there are rows.
    pub(super) outcomes: Vec<(Outcome, Origin)>,
}

/// Where an answer came from, as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Computed,
    LocalCache,
    SharedCache,
    /// The name was answered before in this run.
    Run,
}

impl Origin {
    pub(super) const ALL: [(Self, &'static str); 4] = [
        (Self::Computed, "computed"),
        (Self::LocalCache, "local_cache"),
        (Self::SharedCache, "shared_cache"),
        (Self::Run, "run"),
    ];
}
