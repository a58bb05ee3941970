//! `hawiya import`: lists of entities into the catalogue.

mod chunks;
mod differences;
mod failures;
mod progress;
mod stream;

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

use chassis::Channel;
use proto::registry::v1 as wire;
use serde::Serialize;

use self::{
    differences::Differences,
    failures::Failures,
    progress::Meter,
    stream::{Counts, Told},
};
use crate::{
    Done, Usage,
    cli::{self, Service},
    client::Session,
    import::{self, Mapping, Options, Plan, Row},
    sink::{Line, Row as TableRow, Sink},
};

pub(super) async fn run(command: cli::Import) -> anyhow::Result<Done> {
    let options =
        Options { languages: command.languages.clone(), mapping: Mapping::read(&command.mapping)? };
    let plans = import::plan(&command.files, command.format.as_deref(), &options)?;
    if command.replace {
        check_datasets(&command, &plans)?;
    }
    let mut importing = Importing {
        failures: Failures::create(command.errors.as_deref(), command.files.len() > 1)?,
        differences: Differences::create(command.differences.as_deref())?,
        sink: Sink::open(&command.report.clone().into())?,
    };
    let session = Session::open(&command.target).await?;
    let registry = session.channel(Service::Registry).await?;
    let (mut done, mut broken) = (Done::All, Ok(()));
    for plan in plans {
        let (report, ended) = importing.import(registry.clone(), &command, plan, &options).await?;
        if report.rejected > 0 || report.note.is_some() {
            done = Done::SomeFailed;
        }
        importing.sink.write(&[Line::Answer(report)])?;
        // The other files can be read all the same.
        broken = broken.and(ended);
    }
    importing.failures.close()?;
    importing.differences.close()?;
    session.close().await?;
    broken.map(|()| done)
}

/// Imports the starter catalogue. Returns the catalogue version that has all of it.
pub(crate) async fn starter(
    registry: Channel,
    dataset: &str,
    lines: impl Iterator<Item = &'static str> + Send + 'static,
) -> anyhow::Result<i64> {
    let header = wire::ImportHeader { dataset: dataset.to_owned(), ..Default::default() };
    let rows = (1..).zip(lines).map(|(number, line)| Ok(Row::new(number, import::entity(line))));
    let refuse = |told: Told| match told.failures.first() {
        Some(failure) => anyhow::bail!("the starter catalogue is broken: {failure:?}"),
        None => Ok(()),
    };
    let (counts, ended) = stream::run(registry, header, Box::new(rows), refuse).await?;
    ended.map(|()| counts.catalogue_version)
}

/// Where everything goes that an import tells.
struct Importing {
    failures: Failures,
    differences: Differences,
    sink: Sink,
}

impl Importing {
    /// Imports files that belong together. The error is one of the files: what was before it is in.
    async fn import(
        &mut self,
        registry: Channel,
        command: &cli::Import,
        plan: Plan,
        options: &Options,
    ) -> anyhow::Result<(Imported, anyhow::Result<()>)> {
        let names: Vec<&str> = plan.inputs.iter().map(|input| input.name.as_str()).collect();
        let (file, format) = (names.join(" "), plan.format);
        let header = header(command, &plan);
        let dataset = header.dataset.clone();
        let mut meter = Meter::new(plan.inputs.iter().map(|input| input.progress.clone()));
        let rows = plan.open(options)?;
        let mut changed_fields = BTreeMap::new();
        let tell = |told: Told| {
            meter.show(&told.counts)?;
            if !told.failures.is_empty() {
                meter.clear()?;
            }
            for failure in &told.failures {
                self.failures.write(&file, format.unit, failure, &mut self.sink)?;
            }
            for difference in &told.differences {
                difference.count(&mut changed_fields);
                self.differences.write(difference)?;
            }
            Ok(())
        };
        let (counts, ended) = stream::run(registry, header, rows, tell).await?;
        meter.clear()?;
        let differences = command.dry_run.then_some(changed_fields);
        let is_withheld = command.replace && ended.is_ok() && counts.is_of_nothing();
        let note = is_withheld.then(|| withheld(&dataset, &counts));
        Ok((Imported { note, ..Imported::new(file, dataset, counts, differences) }, ended))
    }
}

/// Two files of one dataset would each remove what the other has.
fn check_datasets(command: &cli::Import, plans: &[Plan]) -> Result<(), Usage> {
    let mut seen = HashSet::new();
    let mut datasets = plans.iter().map(|plan| header(command, plan).dataset);
    match datasets.find(|dataset| !seen.insert(dataset.clone())) {
        None => Ok(()),
        Some(dataset) => Err(Usage(format!(
            "several files are of the dataset `{dataset}`, and --replace would keep only the last: \
             import one whole file"
        ))),
    }
}

/// Why a whole list removed nothing.
fn withheld(dataset: &str, counts: &Counts) -> String {
    let why =
        if counts.rejected > 0 { "every row was refused" } else { "the list has no entities" };
    format!("nothing of `{dataset}` was removed, because {why}")
}

fn header(command: &cli::Import, plan: &Plan) -> wire::ImportHeader {
    let first = plan.inputs.first().map_or("-", |input| input.name.as_str());
    let by_format = || plan.format.dataset.map(str::to_owned);
    let dataset = command.dataset.clone().or_else(by_format);
    let mode = match (command.replace, command.dry_run) {
        (false, false) => wire::ImportMode::Upsert,
        (false, true) => wire::ImportMode::DryRun,
        (true, false) => wire::ImportMode::Replace,
        (true, true) => wire::ImportMode::ReplaceDryRun,
    };
    wire::ImportHeader {
        dataset: dataset.unwrap_or_else(|| default_dataset(first)),
        dataset_version: command.dataset_version.clone(),
        mode: mode.into(),
        note: Some(wire::ChangeNote { actor: command.actor.clone(), ..Default::default() }),
    }
}

/// A dataset is called after its file: the letters a label may have, up to the first dot.
fn default_dataset(file: &str) -> String {
    let name = Path::new(file).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    let allowed = |letter: &char| letter.is_ascii_alphanumeric() || "_-".contains(*letter);
    let label: String = stem.chars().filter(allowed).take(64).collect();
    if label.trim_matches('-').is_empty() { "import".to_owned() } else { label }
}

/// What became of the rows, as programs read it; the names of the fields are stable.
#[derive(Debug, Serialize)]
struct Imported {
    file: String,
    dataset: String,
    /// All rows of the list, whatever became of them.
    rows: i64,
    created: i64,
    updated: i64,
    unchanged: i64,
    kept: i64,
    removed: i64,
    rejected: i64,
    skipped: i64,
    catalogue_version: i64,
    /// Of a dry run: how many entities would change in each field.
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<BTreeMap<String, i64>>,
    /// What the numbers do not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl Imported {
    fn new(
        file: String,
        dataset: String,
        counts: Counts,
        differences: Option<BTreeMap<String, i64>>,
    ) -> Self {
        let Counts { rows, created, updated, unchanged, kept, removed, rejected, skipped, .. } =
            counts;
        let catalogue_version = counts.catalogue_version;
        Self {
            file,
            dataset,
            rows,
            created,
            updated,
            unchanged,
            kept,
            removed,
            rejected,
            skipped,
            catalogue_version,
            differences,
            note: None,
        }
    }
}

impl TableRow for Imported {
    const COLUMNS: &'static [&'static str] = &[
        "file",
        "dataset",
        "rows",
        "created",
        "updated",
        "unchanged",
        "kept",
        "removed",
        "rejected",
        "skipped",
        "catalogue version",
        "differences",
        "note",
    ];

    fn cells(&self) -> Vec<String> {
        let numbers = [
            self.rows,
            self.created,
            self.updated,
            self.unchanged,
            self.kept,
            self.removed,
            self.rejected,
            self.skipped,
            self.catalogue_version,
        ];
        let differences = self.differences.iter().flatten();
        let differences: Vec<String> =
            differences.map(|(field, count)| format!("{field} {count}")).collect();
        let mut cells = vec![self.file.clone(), self.dataset.clone()];
        cells.extend(numbers.map(|number| number.to_string()));
        cells.push(differences.join(", "));
        cells.push(self.note.clone().unwrap_or_default());
        cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dataset_is_called_after_its_file() {
        assert_eq!(default_dataset("/data/ofac sdn.jsonl"), "ofacsdn");
        assert_eq!(default_dataset("people.ftm.json.gz"), "people");
        assert_eq!(default_dataset("قائمة.jsonl"), "import");
        assert_eq!(default_dataset("-"), "import");
    }
}
