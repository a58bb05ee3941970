//! Leads a file through the service: rows from one thread, answers over a stream, output on another.

use std::{
    fs::{self, File},
    io::{BufWriter, Write, stderr},
    path::{Path, PathBuf},
    thread,
};

use anyhow::{Context, anyhow, bail};
use proto::{resolution::v1 as wire, r#type::v1 as shared};
use tokio::sync::mpsc;

use super::{
    super::serve::on_signal,
    asking::{Asking, Told},
    checkpoint::{Checkpoint, Fingerprint, with_ending},
    durable::Durable,
    encoding::{COLUMNS, Encoder, Header, PROVISIONAL_COLUMN, TextFormat, lost_key},
    meter::{Extent, Meter},
    pairs::{Pairs, cell},
    parquet::ParquetFile,
    plan::{OutputFormat, Plan},
    provisional::Provisional,
    reading::{Columns, Rows, Table},
    report,
    row::{Answered, Cells, Chunk, Row},
    shard::Shard,
    writing::{
        Checkpoints, Counts, Errors, Out, Writing, Written, checkpoint_path, partial, publish,
    },
};
use crate::{
    Done, Usage,
    cli::{self, InputFormat, Service},
    client::Session,
    import::{Input, Problem},
};

/// Rows that are asked about together, at most.
const CHUNK_ROWS: usize = 1_000;

/// Bytes of names after which a chunk has no more rows: with the longest name on top, the message
/// stays below gRPC's 4 MiB.
const CHUNK_BYTES: usize = 512 << 10;

/// Chunks that are read ahead, and chunks that wait to be written.
const CHUNKS_AHEAD: usize = 4;

/// Candidates that are asked for: the second is named in the reason of an ambiguous name.
const CANDIDATES: i32 = 2;

pub(super) async fn run(command: cli::Resolve, plan: Plan) -> anyhow::Result<Done> {
    let (plan, prepared) = tokio::task::spawn_blocking(move || {
        let prepared = Prepared::of(&plan)?;
        anyhow::Ok((plan, prepared))
    })
    .await??;
    let session = Session::open(&command.target).await?;
    let asking = asking(&plan, &session).await?;
    let Prepared { rows, unit, mut writing } = prepared;
    let (mut told, mut ended) = (Told::default(), Ok(()));
    let writing = {
        let chunks = chunks(rows, writing.counts.tally.rows, plan.checkpoint_rows);
        let (to_writer, mut answered) = mpsc::channel::<Answered>(CHUNKS_AHEAD);
        let writer = tokio::task::spawn_blocking(move || {
            while let Some(answered) = answered.blocking_recv() {
                if let Err(error) = writing.write(&answered) {
                    return (writing, Err(error.context("cannot write the answers")));
                }
            }
            (writing, Ok(()))
        });
        let interrupted = on_signal()?;
        tokio::select! {
            asked = asking.run(chunks, to_writer) => match asked {
                Ok(so_far) => told = so_far,
                Err(error) => ended = Err(error),
            },
            () = interrupted.cancelled() => ended = Err(anyhow!("it was interrupted")),
        }
        let (writing, written) = writer.await?;
        // What the writer could not write is the cause, and the rest its consequence.
        ended = written.and(ended);
        writing
    };
    let done = tokio::task::spawn_blocking(move || match ended {
        Ok(()) => finish(&plan, writing, told),
        Err(error) => Err(stopped(&plan, writing, unit, error)),
    });
    let done = done.await?;
    session.close().await?;
    done
}

async fn asking(plan: &Plan, session: &Session) -> anyhow::Result<Asking> {
    let options = wire::ResolveOptions {
        candidates_max: CANDIDATES,
        display_language: plan.language.clone(),
        ..Default::default()
    };
    let types = plan.types.clone();
    let filter = (!types.is_empty()).then(|| shared::Filter { types, ..Default::default() });
    let channel = session.channel(Service::Resolver).await?;
    Ok(Asking::new(channel, options, filter, plan.retry_for))
}

/// A run that can begin.
struct Prepared {
    rows: Rows,
    unit: &'static str,
    writing: Writing,
}

impl Prepared {
    fn of(plan: &Plan) -> anyhow::Result<Self> {
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
    let compression = super::durable::Compression::of(path);
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

/// Reads rows on a thread of their own. A chunk never reaches over a checkpoint, so that checkpoints
/// are at the same rows in every run.
fn chunks(
    rows: Rows,
    rows_before: u64,
    checkpoint_rows: u64,
) -> mpsc::Receiver<anyhow::Result<Chunk>> {
    let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
    thread::spawn(move || {
        let (mut chunk, mut bytes, mut number) = (Vec::with_capacity(CHUNK_ROWS), 0, rows_before);
        let send = |rows: &mut Vec<Row>| {
            let rows = std::mem::replace(rows, Vec::with_capacity(CHUNK_ROWS));
            rows.is_empty() || sender.blocking_send(Ok(Chunk { rows })).is_ok()
        };
        for row in rows {
            match row {
                Ok(row) => {
                    bytes += row.query.as_ref().map_or(0, |query| query.text.len());
                    chunk.push(row);
                    number += 1;
                }
                Err(error) => {
                    // What was read before the failure is still answered.
                    if send(&mut chunk) {
                        drop(sender.blocking_send(Err(error)));
                    }
                    return;
                }
            }
            let is_border = number.is_multiple_of(checkpoint_rows);
            if chunk.len() == CHUNK_ROWS || bytes >= CHUNK_BYTES || is_border {
                bytes = 0;
                if !send(&mut chunk) {
                    return;
                }
            }
        }
        send(&mut chunk);
    });
    chunks
}

/// Makes the output whole, and tells of the run.
fn finish(plan: &Plan, mut writing: Writing, told: Told) -> anyhow::Result<Done> {
    let tally = &mut writing.counts.tally;
    tally.reconnected += told.reconnected;
    if !told.rules_version.is_empty() {
        tally.rules_version = told.rules_version;
    }
    let counts = writing.finish()?;
    if let (Some(path), Some(provisional)) = (&plan.new_entities, &counts.provisional) {
        replace(path, |out| Ok(provisional.write(out)?))?;
    }
    if let Some(path) = &plan.report {
        let page = report::page(&plan.input, &counts);
        replace(path, |out| Ok(out.write_all(page.as_bytes())?))?;
    }
    if let Some(path) = &plan.summary {
        let summary = summary(plan, &counts);
        replace(path, |out| Ok(writeln!(out, "{summary}")?))?;
    }
    if let Some(path) = plan.file() {
        publish(path)?;
    }
    if !plan.is_quiet {
        tell_all(&counts)?;
    }
    Ok(if counts.tally.errors > 0 { Done::SomeFailed } else { Done::All })
}

fn summary(plan: &Plan, counts: &Counts) -> serde_json::Value {
    let mut summary = counts.tally.json();
    summary["file"] = plan.input.clone().into();
    if let Some(provisional) = &counts.provisional {
        let (entities, unlisted) = provisional.counts();
        summary["new_entities"] = entities.into();
        summary["new_mentions_unlisted"] = unlisted.into();
    }
    summary
}

fn tell_all(counts: &Counts) -> anyhow::Result<()> {
    let mut lines = counts.tally.text();
    if let Some(provisional) = &counts.provisional {
        let (entities, unlisted) = provisional.counts();
        lines.push(format!("{:<22}{entities:>12}", "new entities"));
        if unlisted > 0 {
            lines.push(format!("{:<22}{unlisted:>12}  beyond what is listed", "mentions"));
        }
    }
    let mut out = stderr().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Writes a file that has its name only when it is whole.
fn replace(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let written = || {
        let new: PathBuf = with_ending(path, "new");
        let mut out = BufWriter::new(File::create(&new)?);
        write(&mut out)?;
        out.flush()?;
        Ok::<_, anyhow::Error>(fs::rename(&new, path)?)
    };
    written().with_context(|| format!("cannot write `{}`", path.display()))
}

/// Keeps what is written, and says where to go on.
fn stopped(
    plan: &Plan,
    mut writing: Writing,
    unit: &'static str,
    error: anyhow::Error,
) -> anyhow::Error {
    let kept = writing.make_durable(false);
    writing.meter.clear();
    let rows = match (&writing.checkpoints, kept) {
        (Some(checkpoints), _) => checkpoints.checkpoint.rows,
        (None, _) => writing.counts.tally.rows,
    };
    let place = match writing.last_number.filter(|_| rows == writing.counts.tally.rows) {
        Some(number) => format!("{rows} rows, up to {unit} {number}"),
        None => format!("{rows} rows"),
    };
    let cure = match plan.file() {
        Some(path) if writing.checkpoints.is_some() => format!(
            "{place}, are in `{}`: go on with the same command and --resume",
            partial(path).display()
        ),
        Some(_) => {
            "its output is not whole: begin again; what was answered is in the cache".to_owned()
        }
        None => format!("{place}, were written"),
    };
    error.context(format!("stopped before the end; {cure}"))
}

fn tell(plan: &Plan, text: &str) {
    if !plan.is_quiet {
        // Nobody is left to tell when standard error is gone.
        drop(writeln!(stderr(), "hawiya: {text}"));
    }
}
