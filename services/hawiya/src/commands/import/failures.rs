//! Writes the rows that were refused: among the answers, or to a file of their own.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use anyhow::Context;
use serde::Serialize;

use super::{Imported, chunks::Failure};
use crate::{
    import::Problem,
    sink::{Line, Sink},
};

/// Where refused rows are written.
pub(super) struct Failures {
    file: Option<BufWriter<File>>,
    /// Whether a row has to be told with its file.
    are_files_several: bool,
}

/// A refused row as programs read it; the names of the fields are stable.
#[derive(Serialize)]
struct Refused<'a> {
    file: &'a str,
    /// What `number` counts: "line" or "row".
    unit: &'a str,
    number: i64,
    problems: &'a [Problem],
}

impl Failures {
    pub(super) fn create(path: Option<&Path>, are_files_several: bool) -> anyhow::Result<Self> {
        Ok(Self { file: path.map(create).transpose()?, are_files_several })
    }

    /// Writes a row that was refused.
    pub(super) fn write(
        &mut self,
        file: &str,
        unit: &str,
        failure: &Failure,
        sink: &mut Sink,
    ) -> anyhow::Result<()> {
        let Failure { place, problems, .. } = failure;
        let (file, number) = (place.file.as_deref().unwrap_or(file), place.number);
        let Some(into) = &mut self.file else {
            let input = match self.are_files_several {
                true => format!("{file} {unit} {number}"),
                false => format!("{unit} {number}"),
            };
            let error = problems.iter().map(sentence).collect::<Vec<_>>().join("; ");
            return sink.write::<Imported>(&[Line::Failed { input, error }]);
        };
        serde_json::to_writer(&mut *into, &Refused { file, unit, number, problems })?;
        into.write_all(b"\n")?;
        Ok(())
    }

    pub(super) fn close(mut self) -> anyhow::Result<()> {
        self.file.as_mut().map_or(Ok(()), BufWriter::flush).context("cannot write the errors")
    }
}

/// A file that is written line by line.
pub(super) fn create(path: &Path) -> anyhow::Result<BufWriter<File>> {
    let file = File::create(path).with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(BufWriter::new(file))
}

fn sentence(problem: &Problem) -> String {
    let Problem { field, error } = problem;
    if field.is_empty() { error.clone() } else { format!("`{field}` {error}") }
}
