//! Parquet, of which a mapping says which column means what.

use std::fs::File;

use anyhow::Context;
use parquet::{
    file::reader::{FileReader, SerializedFileReader},
    record::{Field, Row as Record},
};

use super::{Options, Problem, Row, Rows, input::Input};
use crate::Usage;

pub(super) fn knows(input: &Input) -> bool {
    input.head.starts_with(b"PAR1")
}

/// A row at a time; of the file, a page of each column is in memory. It is read from its end, so
/// it has to be a file.
pub(super) fn open(input: Input, options: &Options) -> anyhow::Result<Rows> {
    let path = input.path().ok_or_else(|| {
        Usage("Parquet cannot be read from standard input: name the file".to_owned())
    })?;
    let cannot = || format!("cannot read `{}`", input.name);
    let file = SerializedFileReader::new(File::open(path)?).with_context(cannot)?;
    let schema = file.metadata().file_metadata().schema_descr().root_schema().clone();
    let titles: Vec<String> =
        schema.get_fields().iter().map(|field| field.name().to_owned()).collect();
    let reading = options.mapping.reading(Some(&titles))?;
    let records = file.into_iter();
    Ok(Box::new((1..).zip(records).map(move |(number, record)| {
        let record = record.with_context(|| format!("the file is damaged at row {number}"))?;
        let values: Vec<_> =
            reading.columns.iter().map(|column| texts_of(&record, column)).collect();
        Ok(Row::new(number, entity(&reading, values)))
    })))
}

fn entity(
    reading: &super::mapping::Reading,
    values: Vec<Vec<String>>,
) -> Result<registry::Entity, Vec<Problem>> {
    reading.entity(&values)
}

fn texts_of(record: &Record, column: &str) -> Vec<String> {
    let found = record.get_column_iter().find(|(name, _)| *name == column);
    found.map_or_else(Vec::new, |(_, field)| texts(field))
}

/// The texts of a value; a list has several.
fn texts(field: &Field) -> Vec<String> {
    match field {
        Field::Null => Vec::new(),
        Field::Str(text) => vec![text.clone()],
        Field::Bytes(bytes) => bytes.as_utf8().map(str::to_owned).into_iter().collect(),
        Field::ListInternal(list) => list.elements().iter().flat_map(texts).collect(),
        // Without quotes, dates as ISO 8601.
        other => vec![other.to_string().trim_matches('"').to_owned()],
    }
}
