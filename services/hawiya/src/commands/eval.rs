//! `hawiya eval`: how good the rules are on labelled names.

use std::{
    io::{Write, stderr, stdout},
    path::Path,
};

use anyhow::bail;

use crate::{
    Done, cli,
    evaluation::{self, Limits, Report, Wanted},
    source,
};

/// Buckets that are listed where nobody says how many.
const BUCKETS: usize = 10;

pub(super) fn run(command: cli::Eval) -> anyhow::Result<Done> {
    // A wrong file of limits is found before the work.
    let limits = command.check.as_deref().map(Limits::read).transpose()?.unwrap_or_default();
    let wanted = Wanted {
        worst: command.worst,
        buckets: command.buckets.unwrap_or(0),
        search: command.search,
        catalogue: command.catalogue.clone(),
    };
    let mut report = evaluation::evaluate(&command.files, &wanted)?;
    if let Some(list) = &command.over_merge {
        let names = names(list, command.column.as_deref())?;
        let buckets = command.buckets.unwrap_or(BUCKETS);
        evaluation::over_merge(&mut report, &list.display().to_string(), &names, buckets);
    }
    let misses = limits.misses(&report.figures);
    write(&report, command.json)?;
    for miss in &misses {
        writeln!(stderr(), "{miss}")?;
    }
    Ok(if misses.is_empty() { Done::All } else { Done::SomeFailed })
}

fn write(report: &Report, json: bool) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, report)?;
        writeln!(out)?;
    } else {
        for line in report.lines() {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// The names of a list; one that cannot be read ends the evaluation.
fn names(list: &Path, column: Option<&str>) -> anyhow::Result<Vec<String>> {
    let mut chunks = source::open_list(list, column)?;
    let mut names = Vec::new();
    while let Some(chunk) = chunks.blocking_recv() {
        for item in chunk? {
            if let Some(error) = item.error {
                bail!("in `{}`: `{}`: {error}", list.display(), item.input);
            }
            names.push(item.input);
        }
    }
    Ok(names)
}
