//! Reads lists of entities in the formats in which they are published.
//!
//! In reading order: `formats` is the table of formats, `input` opens files and `companion` keeps
//! those that only add names; `draft` is an entity in the making, `dates` and `countries` read what
//! lists write; `mapping` says which column means what; `fuzzing` imports whatever
//! bytes. Every other file is one format. A format
//! reads as it goes and never holds more than a row, so that a list of any length fits.
//!
//! A row that cannot be read is refused alone, with what is wrong in which field.

mod cities;
mod companion;
mod countries;
mod dates;
mod draft;
mod formats;
mod ftm;
pub(crate) mod fuzzing;
mod geonames;
mod hawiya;
mod input;
mod json;
mod mapping;
#[cfg(test)]
mod mutations;
mod ofac;
pub(crate) mod parquet;
mod schemes;
pub(crate) mod table;
mod un;
mod wikidata;

use std::sync::Arc;

use registry::{Entity, InvalidEntity};
use serde::Serialize;

pub(crate) use formats::{Options, Plan, describe, plan};
pub(crate) use ftm::{SCHEMA_IDS, schema_of};
pub(crate) use hawiya::entity;
pub(crate) use input::{Input, Progress};
pub(crate) use mapping::{Mapping, SEPARATOR};

/// A row of a list and what it became.
#[derive(Debug)]
pub(crate) struct Row {
    /// The file, when there are several.
    pub(crate) file: Option<Arc<str>>,
    /// Its number in the file, from 1; a header is a line too.
    pub(crate) number: i64,
    pub(crate) outcome: Outcome,
}

/// What a row of a list became.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// An entity.
    Entity(Box<Entity>),
    /// It cannot be read; all that is wrong with it.
    Refused(Vec<Problem>),
    /// It only adds a name to an entity, and cannot be read or belongs to none: no entity is missing
    /// for it.
    NameRefused(Vec<Problem>),
    /// So many rows that are well and stand for no entity, such as a disambiguation page.
    Skipped(u64),
}

/// The rows of a list; an error is one of the whole file, and the last.
pub(crate) type Rows = Box<dyn Iterator<Item = anyhow::Result<Row>> + Send>;

/// What is wrong with a field of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    /// The field, `names[3].text`; empty when it is the row as a whole.
    pub(crate) field: String,
    pub(crate) error: String,
}

impl Problem {
    pub(crate) fn new(field: impl Into<String>, error: impl Into<String>) -> Self {
        Self { field: field.into(), error: error.into() }
    }

    /// Of the row as a whole.
    pub(crate) fn row(error: impl Into<String>) -> Vec<Self> {
        vec![Self::new("", error)]
    }

    /// Everything that is wrong with an entity, by the fields of the caller's row.
    pub(crate) fn of(invalid: InvalidEntity) -> Vec<Self> {
        let problem = |violation: tonic_types::FieldViolation| {
            let field = violation.field.strip_prefix("entity.").unwrap_or(&violation.field);
            Self::new(field, violation.description)
        };
        invalid.0.into_iter().map(problem).collect()
    }
}

impl Row {
    pub(crate) fn new(number: i64, entity: Result<Entity, Vec<Problem>>) -> Self {
        let outcome = match entity {
            Ok(entity) => Outcome::Entity(Box::new(entity)),
            Err(problems) => Outcome::Refused(problems),
        };
        Self { file: None, number, outcome }
    }

    pub(crate) fn skipped(number: i64) -> Self {
        Self { file: None, number, outcome: Outcome::Skipped(1) }
    }
}
