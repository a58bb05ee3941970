//! Where a run begins: at its first row, or after those that an earlier run wrote.

use std::{
    fs,
    io::{self, Write, stderr},
    path::Path,
};

use anyhow::{Context, bail};

use super::{
    checkpoint::{Checkpoint, Fingerprint},
    durable::{Compression, Durable},
    encoding::{COLUMNS, Encoder, Header, PROVISIONAL_COLUMN, TextFormat, lost_key},
    meter::{Extent, Meter},
    pairs::{Pairs, cell},
    parquet::ParquetFile,
    plan::{OutputFormat, Plan},
    provisional::Provisional,
    reading::{Columns, Rows, Table},
    row::Cells,
    shard::Shard,
    writing::{Checkpoints, Counts, Errors, Out, Writing, Written, checkpoint_path, partial},
};
use crate::{
    Usage,
    cli::InputFormat,
    import::{Input, Problem},
};

/// A run that can begin.
pub(super) struct Prepared {
    pub(super) rows: Rows,
    pub(super) unit: &'static str,
    pub(super) writing: Writing,
}

impl Prepared {
    pub(super) fn of(plan: &Plan) -> anyhow::Result<Self> {
        let checkpoint = checkpoint(plan)?;
        let (from, to) = stretch(plan)?;
        let table = Table::open(Input::open(&plan.input)?, plan.input_format, &plan.columns)?;
        let header = header(plan, &table)?;
        let done = checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.rows);
        let counts = Counts {
            tally: checkpoint.as_ref().map(|it| it.tally.clone()).unwrap_or_default(),
            provisional: plan.with_provisional.then(Provisional::default),
            ..Counts::default()
        };
        let extent = match to {
            Some(to) => Extent::Rows(to - from),
            None => Extent::Read(table.progress.clone()),
        };
        let is_resumed = done > 0;
        if !is_resumed {
            forget_earlier(plan)?;
        }
        let mut writing = Writing {
            out: out(plan, &header, checkpoint.as_ref().filter(|_| is_resumed))?,
            errors: errors(plan, table.unit, checkpoint.as_ref().filter(|_| is_resumed))?,
            seconds_before: counts.tally.seconds,
            meter: Meter::new(extent, done, plan.is_quiet),
            checkpoints: checkpoint.map(|checkpoint| Checkpoints {
                path: plan.file().map(checkpoint_path).unwrap_or_default(),
                every: plan.checkpoint_rows,
                checkpoint,
            }),
            counts,
            last_number: None,
            is_broken: false,
        };
        let mut rows = checked(table.rows, plan.output.format, &header);
        skip(&mut rows, from)?;
        if is_resumed {
            writing.counts.tally.resumed += 1;
            go_over(plan, &header, &mut rows, done, &mut writing)?;
        } else {
            writing.begin()?;
            // From here on a crash leaves something to go on from, and an older one is not gone on with.
            writing.make_durable(false)?;
        }
        let left = to.map_or(u64::MAX, |to| to - from - done);
        let rows = Box::new(rows.take(usize::try_from(left).unwrap_or(usize::MAX)));
        Ok(Self { rows, unit: table.unit, writing })
    }
}

/// Where the run begins: at the checkpoint of an earlier one, or at one that has nothing done. None
/// where there are no checkpoints.
fn checkpoint(plan: &Plan) -> anyhow::Result<Option<Checkpoint>> {
    if !plan.has_checkpoints() {
        return Ok(None);
    }
    let Some(path) = plan.file() else { return Ok(None) };
    let input = Fingerprint::of(&plan.input)?;
    let new = Checkpoint::new(input.clone(), plan.options.clone());
    if !plan.is_resumed {
        return Ok(Some(new));
    }
    let Some(earlier) = Checkpoint::load(&checkpoint_path(path))? else {
        tell(plan, "there is no checkpoint: beginning at the first row");
        return Ok(Some(new));
    };
    earlier.check(&input, &plan.options)?;
    if earlier.is_whole && !partial(path).exists() {
        // It broke off between the last two steps: the output had its name already.
        fs::rename(path, partial(path)).with_context(|| missing(path))?;
    }
    tell(plan, &format!("going on after {} rows", earlier.rows));
    Ok(Some(earlier))
}

/// Takes the checkpoint of an earlier run away before its output is replaced: a run that is gone on with
/// must not go on behind foreign rows.
fn forget_earlier(plan: &Plan) -> anyhow::Result<()> {
    let Some(path) = plan.file().map(checkpoint_path) else { return Ok(()) };
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove `{}`", path.display()))
        }
        _ => Ok(()),
    }
}

fn missing(path: &Path) -> String {
    format!(
        "cannot resume: `{}` is missing: run without --resume to begin again",
        partial(path).display()
    )
}

/// The first row of our part, and where there are parts the first behind it.
fn stretch(plan: &Plan) -> anyhow::Result<(u64, Option<u64>)> {
    if plan.shard == Shard::WHOLE {
        return Ok((0, None));
    }
    let table = Table::open(Input::open(&plan.input)?, plan.input_format, &plan.columns)?;
    let mut rows = 0;
    for row in table.rows {
        row?;
        rows += 1;
    }
    let (from, to) = plan.shard.stretch(rows);
    Ok((from, Some(to)))
}

fn header(plan: &Plan, table: &Table) -> anyhow::Result<Header> {
    let header = Header::new(table.titles.clone(), &plan.prefix, plan.with_provisional);
    match header.collision() {
        None => Ok(header),
        Some(column) => Err(Usage(format!(
            "the file has a column `{column}` already, which would be added: say --prefix, such as \
             --prefix resolved_"
        ))
        .into()),
    }
}

fn out(plan: &Plan, header: &Header, earlier: Option<&Checkpoint>) -> anyhow::Result<Out> {
    let cannot = |path: &Path| format!("cannot write `{}`", path.display());
    let (format, compression) = match plan.output.format {
        OutputFormat::Text(format, compression) => (format, compression),
        OutputFormat::Parquet => {
            let path = plan.file().map(partial).context("Parquet needs a file")?;
            let file = ParquetFile::create(&path, header.clone()).with_context(|| cannot(&path))?;
            return Ok(Out::Parquet(Box::new(file)));
        }
    };
    let encoder = Encoder::new(format, header.clone());
    let durable = match (plan.file().map(partial), earlier, &plan.output.path) {
        (Some(path), Some(earlier), _) => Durable::reopen(&path, earlier.output_bytes, compression)
            .with_context(|| format!("cannot resume with `{}`", path.display()))?,
        (Some(path), None, _) => {
            Durable::create(&path, compression).with_context(|| cannot(&path))?
        }
        // A pipe or a device.
        (None, _, Some(path)) => {
            Durable::create(path, compression).with_context(|| cannot(path))?
        }
        (None, _, None) => Durable::stream(compression),
    };
    Ok(Out::Text { durable: Box::new(durable), encoder, is_stream: plan.file().is_none() })
}

fn errors(
    plan: &Plan,
    unit: &'static str,
    earlier: Option<&Checkpoint>,
) -> anyhow::Result<Option<Errors>> {
    let Some(path) = &plan.errors else { return Ok(None) };
    let compression = Compression::of(path);
    let durable = match earlier {
        Some(earlier) => Durable::reopen(path, earlier.errors_bytes, compression),
        None => Durable::create(path, compression),
    };
    let durable = durable.with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(Some(Errors { durable, file: plan.input.clone(), unit }))
}

/// The rows, each with a problem when its output would lose a value or have one twice.
fn checked(rows: Rows, format: OutputFormat, header: &Header) -> Rows {
    let is_table = !matches!(format, OutputFormat::Text(TextFormat::JsonLines, _));
    let header = header.clone();
    Box::new(rows.map(move |row| {
        let mut row = row?;
        let Cells::Object(object) = &row.cells else { return Ok(row) };
        if is_table && let Some(key) = lost_key(&row.cells, &header.titles) {
            let error = "is no key of the first 1,000 rows, and has no column: write JSON lines";
            row.query = Err(vec![Problem::new(key, error)]);
        } else if let Some(key) = header.added.iter().find(|key| has_key(object, key)) {
            let error = "is a key that would be added: say --prefix";
            row.query = Err(vec![Problem::new(key, error)]);
            row.cells = Cells::Text(object.clone());
        }
        Ok(row)
    }))
}

/// Whether an object has a key. Looked for as text first, which nearly always settles it.
fn has_key(object: &str, key: &str) -> bool {
    object.contains(key)
        && serde_json::from_str::<Pairs>(object).is_ok_and(|pairs| pairs.get(key).is_some())
}

fn skip(rows: &mut Rows, number: u64) -> anyhow::Result<()> {
    for _ in 0..number {
        rows.next().transpose()?;
    }
    Ok(())
}

/// Goes over the rows that an earlier run wrote: past them and, where what they said is needed again,
/// through its output.
fn go_over(
    plan: &Plan,
    header: &Header,
    rows: &mut Rows,
    done: u64,
    writing: &mut Writing,
) -> anyhow::Result<()> {
    let is_needed = plan.with_provisional || plan.report.is_some();
    let mut written = is_needed.then(|| written(plan, header)).transpose()?;
    for number in 0..done {
        let Some(row) = rows.next().transpose()? else {
            bail!("the input has fewer rows than it had")
        };
        if let Some(written) = &mut written {
            let Some(written) = written.next() else {
                bail!("cannot resume: the output has {number} rows, and {done} were durable");
            };
            writing.counts.note_again(&row, &written?)?;
        }
        writing.last_number = Some(row.number);
    }
    Ok(())
}

/// What the output says of each row so far.
fn written(
    plan: &Plan,
    header: &Header,
) -> anyhow::Result<Box<dyn Iterator<Item = anyhow::Result<Written>>>> {
    let path = plan.file().map(partial).context("there is no output")?;
    let name = path.to_str().context("the name of the output is not UTF-8")?;
    let format = match plan.output.format {
        OutputFormat::Text(TextFormat::Delimited(b'\t'), _) => InputFormat::Tsv,
        OutputFormat::Text(TextFormat::Delimited(_), _) => InputFormat::Csv,
        OutputFormat::Text(TextFormat::JsonLines, _) | OutputFormat::Parquet => InputFormat::Jsonl,
    };
    let table = Table::open(Input::open(name)?, format, &Columns::default())?;
    let places: Vec<(String, usize)> =
        header.added.iter().cloned().zip(header.titles.len()..).collect();
    let prefix = plan.prefix.clone();
    Ok(Box::new(table.rows.map(move |row| {
        let row = row?;
        let pairs = match &row.cells {
            Cells::Object(object) => serde_json::from_str::<Pairs>(object)?,
            Cells::Record(_) | Cells::Text(_) => Pairs::default(),
        };
        let value = |column: &str| {
            let name = format!("{prefix}{column}");
            let at = places.iter().find(|(known, _)| *known == name).map(|(_, at)| *at);
            match &row.cells {
                Cells::Record(record) => at.and_then(|at| record.get(at)).unwrap_or("").to_owned(),
                Cells::Object(_) | Cells::Text(_) => cell(pairs.get(&name)),
            }
        };
        let [canonical_id, name, _, _, verdict, reason, form] = COLUMNS.map(value);
        let provisional = value(PROVISIONAL_COLUMN);
        Ok(Written { canonical_id, name, verdict, reason, form, provisional })
    })))
}

fn tell(plan: &Plan, text: &str) {
    if !plan.is_quiet {
        // Nobody is left to tell when standard error is gone.
        drop(writeln!(stderr(), "hawiya: {text}"));
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn plan(arguments: &[&str]) -> Plan {
        let arguments = ["hawiya", "resolve"].iter().chain(arguments);
        match Cli::try_parse_from(arguments).unwrap().command {
            Command::Resolve(command) => Plan::of(&command).unwrap().unwrap(),
            _ => unreachable!("it says resolve"),
        }
    }

    #[test]
    fn a_run_without_checkpoints_leaves_none_of_an_earlier_one() {
        let folder = tempfile::tempdir().unwrap();
        let (input, output) = (folder.path().join("names.csv"), folder.path().join("all"));
        let checkpoint = folder.path().join("all.checkpoint");
        fs::write(&input, "name\nQena\n").unwrap();
        fs::write(&checkpoint, "{}").unwrap();
        let (input, output) = (input.to_str().unwrap(), output.to_str().unwrap());
        Prepared::of(&plan(&[input, "-o", output, "--format", "parquet"])).unwrap();
        assert!(!checkpoint.exists());
        assert!(partial(Path::new(output)).exists());
    }
}
