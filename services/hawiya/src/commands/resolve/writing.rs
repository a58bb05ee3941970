//! Writes rows and their answers in order, counts them, and makes them durable from time to time.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use proto::vocabulary::{NoMatchReason, Verdict};
use serde::Serialize;

use super::{
    answer::Answer,
    checkpoint::{Checkpoint, sync_folder, with_ending},
    durable::Durable,
    encoding::{Encoder, provisional_id},
    meter::Meter,
    parquet::ParquetFile,
    provisional::Provisional,
    row::{Answered, Query, Row},
    tally::Tally,
    tops::Top,
};
use crate::import::Problem;

/// Where everything goes that a run writes.
pub(super) struct Writing {
    pub(super) out: Out,
    pub(super) errors: Option<Errors>,
    pub(super) checkpoints: Option<Checkpoints>,
    pub(super) counts: Counts,
    pub(super) meter: Meter,
    /// Seconds of the runs before this one.
    pub(super) seconds_before: f64,
    /// The number of the last row that is written.
    pub(super) last_number: Option<i64>,
    /// A write failed: what is counted and what is in the files may differ, and nothing of it is made
    /// durable any more.
    pub(super) is_broken: bool,
}

/// The output, by format.
pub(super) enum Out {
    Text { durable: Box<Durable>, encoder: Encoder, is_stream: bool },
    Parquet(Box<ParquetFile>),
}

/// What is counted.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) tally: Tally,
    pub(super) entities: Top,
    pub(super) unresolved: Top,
    pub(super) ambiguous: Top,
    pub(super) provisional: Option<Provisional>,
}

/// What is made durable when.
pub(super) struct Checkpoints {
    pub(super) path: PathBuf,
    pub(super) every: u64,
    pub(super) checkpoint: Checkpoint,
}

/// The file of rows that were refused.
pub(super) struct Errors {
    pub(super) durable: Durable,
    pub(super) file: String,
    pub(super) unit: &'static str,
}

/// A refused row as programs read it, as `hawiya import` writes it.
#[derive(Serialize)]
struct Refused<'a> {
    file: &'a str,
    unit: &'a str,
    number: i64,
    problems: &'a [Problem],
}

impl Writing {
    /// Writes what stands before the first row.
    pub(super) fn begin(&mut self) -> anyhow::Result<()> {
        match &mut self.out {
            Out::Text { durable, encoder, .. } => Ok(durable.write_all(&encoder.header()?)?),
            Out::Parquet(_) => Ok(()),
        }
    }

    pub(super) fn write(&mut self, answered: &Answered) -> anyhow::Result<()> {
        let written = self.write_rows(answered);
        self.is_broken |= written.is_err();
        written
    }

    fn write_rows(&mut self, answered: &Answered) -> anyhow::Result<()> {
        let provisional = self.count(answered);
        match &mut self.out {
            Out::Text { durable, encoder, is_stream } => {
                durable.write_all(&encoder.encode(answered, &provisional)?)?;
                if *is_stream {
                    durable.flush()?;
                }
            }
            Out::Parquet(file) => file.write(answered, &provisional)?,
        }
        self.write_errors(answered)?;
        self.last_number = answered.rows.last().map(|row| row.number).or(self.last_number);
        let rows = self.counts.tally.rows;
        if self.checkpoints.as_ref().is_some_and(|it| rows.is_multiple_of(it.every)) {
            self.make_durable(false)?;
        }
        self.counts.tally.point(self.seconds());
        self.meter.show(rows);
        Ok(())
    }

    /// Rows that are in the output for certain; none known after a write that failed.
    pub(super) fn rows(&self) -> Option<u64> {
        match &self.checkpoints {
            Some(checkpoints) => Some(checkpoints.checkpoint.rows),
            None => (!self.is_broken).then_some(self.counts.tally.rows),
        }
    }

    /// Counts rows. Returns the provisional id of each that has one.
    fn count(&mut self, answered: &Answered) -> Vec<Option<u64>> {
        let rows = answered.rows.iter().zip(&answered.outcomes);
        let count =
            |(row, (outcome, origin)): (&Row, &(super::row::Outcome, super::row::Origin))| {
                self.counts.tally.count(outcome, *origin);
                match (outcome, &row.query) {
                    (Ok(answer), Ok(query)) => self.counts.note(query, answer),
                    _ => None,
                }
            };
        rows.map(count).collect()
    }

    fn write_errors(&mut self, answered: &Answered) -> anyhow::Result<()> {
        let Some(Errors { durable, file, unit }) = &mut self.errors else { return Ok(()) };
        for (row, (outcome, _)) in answered.rows.iter().zip(&answered.outcomes) {
            if let Err(problems) = outcome {
                let refused = Refused { file, unit, number: row.number, problems };
                let mut line = serde_json::to_vec(&refused)?;
                line.push(b'\n');
                durable.write_all(&line)?;
            }
        }
        Ok(())
    }

    /// Makes everything durable that is written, and says so in the checkpoint.
    pub(super) fn make_durable(&mut self, is_whole: bool) -> anyhow::Result<()> {
        ensure!(!self.is_broken, "a write failed before");
        let output_bytes = match &mut self.out {
            Out::Text { durable, .. } => durable.end(is_whole)?,
            Out::Parquet(_) => 0,
        };
        let errors_bytes = match &mut self.errors {
            Some(errors) => errors.durable.end(is_whole).context("cannot write the errors")?,
            None => 0,
        };
        self.counts.tally.seconds = self.seconds().as_secs_f64();
        let Some(Checkpoints { path, checkpoint, .. }) = &mut self.checkpoints else {
            return Ok(());
        };
        let mut reached = checkpoint.clone();
        reached.rows = self.counts.tally.rows;
        reached.output_bytes = output_bytes;
        reached.errors_bytes = errors_bytes;
        reached.is_whole = is_whole;
        reached.tally = self.counts.tally.clone();
        reached.save(path)?;
        *checkpoint = reached;
        Ok(())
    }

    /// How long all runs took together.
    fn seconds(&self) -> Duration {
        Duration::from_secs_f64(self.seconds_before) + self.meter.elapsed()
    }

    /// Ends the output; what is counted is left.
    pub(super) fn finish(mut self) -> anyhow::Result<Counts> {
        self.make_durable(true)?;
        self.meter.clear();
        if let Out::Parquet(file) = self.out {
            file.finish()?;
        }
        Ok(self.counts)
    }
}

impl Counts {
    /// Notes what a name was resolved to. Returns its provisional id where it is one that nobody knows.
    fn note(&mut self, query: &Query, answer: &Answer) -> Option<u64> {
        match answer.verdict {
            Verdict::Match => self.entities.count(&answer.canonical_id, &answer.name),
            Verdict::Ambiguous => self.ambiguous.count(&query.text, &answer.reason),
            Verdict::NoMatch | Verdict::Unspecified => {
                self.unresolved.count(&query.text, &answer.reason);
            }
        }
        let provisional = self.provisional.as_mut().filter(|_| is_of_nobody(answer))?;
        Some(provisional.id(&query.text, &answer.form, query.entity_type))
    }

    /// Notes again what an earlier run wrote, so that this run knows what that one knew.
    pub(super) fn note_again(&mut self, row: &Row, written: &Written) -> anyhow::Result<()> {
        let Ok(query) = &row.query else { return Ok(()) };
        let Some(answer) = written.answer() else { return Ok(()) };
        let id = self.note(query, &answer).map_or_else(String::new, provisional_id);
        if self.provisional.is_some() && id != written.provisional {
            bail!(
                "cannot resume: of row {} the output says `{}`, and by its rows it is `{id}`: run without \
                 --resume to begin again",
                row.number,
                written.provisional
            );
        }
        Ok(())
    }
}

/// What an earlier run wrote of a row.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) canonical_id: String,
    pub(super) name: String,
    pub(super) verdict: String,
    pub(super) reason: String,
    pub(super) form: String,
    pub(super) provisional: String,
}

impl Written {
    /// The answer as far as it is noted; none of a row that was refused.
    fn answer(&self) -> Option<Answer> {
        let verdict = match self.verdict.as_str() {
            "match" => Verdict::Match,
            "ambiguous" => Verdict::Ambiguous,
            "no_match" => Verdict::NoMatch,
            _ => return None,
        };
        let no_match_reason = match self.provisional.as_str() {
            "" => NoMatchReason::FilteredOut,
            _ => NoMatchReason::NoCandidate,
        };
        Some(Answer {
            verdict,
            canonical_id: self.canonical_id.clone(),
            name: self.name.clone(),
            entity_type: Default::default(),
            score: 0.0,
            reason: self.reason.clone(),
            form: self.form.clone(),
            kind: Default::default(),
            no_match_reason,
            catalogue_version: 0,
            is_degraded: false,
        })
    }
}

/// Whether a name is one that the catalogue lacks. What a filter keeps out is known, and what a person
/// put off is not decided.
fn is_of_nobody(answer: &Answer) -> bool {
    answer.verdict == Verdict::NoMatch
        && !matches!(answer.no_match_reason, NoMatchReason::FilteredOut | NoMatchReason::Deferred)
}

/// The path of the output while the run is under way.
pub(super) fn partial(path: &Path) -> PathBuf {
    with_ending(path, "partial")
}

/// The path of its checkpoint.
pub(super) fn checkpoint_path(path: &Path) -> PathBuf {
    with_ending(path, "checkpoint")
}

/// Gives the output its name, and takes the checkpoint away.
pub(super) fn publish(path: &Path) -> anyhow::Result<()> {
    let named = || {
        fs::rename(partial(path), path)?;
        sync_folder(path)?;
        match fs::remove_file(checkpoint_path(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    };
    named().with_context(|| format!("cannot write `{}`", path.display()))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use csv::StringRecord;

    use super::{
        super::{
            checkpoint::Fingerprint,
            durable::Compression,
            encoding::{Header, TextFormat},
            meter::Extent,
            row::{Cells, Origin},
        },
        *,
    };

    /// Rows that were refused, each of so many cells.
    fn refused(widths: &[usize]) -> Answered {
        let row = |width: &usize| Row {
            number: 1,
            cells: Cells::Record(StringRecord::from(vec!["x"; *width])),
            query: Err(Vec::new()),
        };
        let outcome = |_: &usize| (Err(Arc::new(Problem::row("no"))), Origin::Run);
        Answered {
            rows: widths.iter().map(row).collect(),
            outcomes: widths.iter().map(outcome).collect(),
        }
    }

    fn writing(folder: &Path, errors: Compression, seconds_before: f64) -> Writing {
        let (output, path) = (folder.join("out.csv"), folder.join("out.csv.checkpoint"));
        let durable = Durable::create(&output, Compression::None).unwrap();
        let header = Header::new(vec!["name".to_owned()], "", false);
        let encoder = Encoder::new(TextFormat::Delimited(b','), header);
        let input = Fingerprint::of(output.to_str().unwrap()).unwrap();
        let checkpoint = Checkpoint::new(input, BTreeMap::new());
        let errors = Durable::create(&folder.join("errors"), errors).unwrap();
        Writing {
            out: Out::Text { durable: Box::new(durable), encoder, is_stream: false },
            errors: Some(Errors { durable: errors, file: String::new(), unit: "line" }),
            checkpoints: Some(Checkpoints { path, every: 20_000, checkpoint }),
            counts: Counts::default(),
            meter: Meter::new(Extent::Rows(1), 0, true),
            seconds_before,
            last_number: None,
            is_broken: false,
        }
    }

    #[test]
    fn rows_of_a_write_that_failed_are_never_said_to_be_durable() {
        let folder = tempfile::tempdir().unwrap();
        let mut writing = writing(folder.path(), Compression::None, 0.0);
        writing.write(&refused(&[1, 1])).unwrap();
        writing.make_durable(false).unwrap();
        // A record with more cells than the one before it cannot be written.
        assert!(writing.write(&refused(&[1, 2])).is_err());
        assert!(writing.make_durable(false).is_err());
        assert_eq!(writing.rows(), Some(2));
        let kept = Checkpoint::load(&folder.path().join("out.csv.checkpoint")).unwrap().unwrap();
        assert_eq!((kept.rows, kept.tally.rows), (2, 2));
    }

    #[test]
    fn a_checkpoint_that_cannot_be_saved_is_not_the_one_that_counts() {
        let folder = tempfile::tempdir().unwrap();
        let mut writing = writing(folder.path(), Compression::None, 0.0);
        writing.checkpoints.as_mut().unwrap().path = folder.path().join("nowhere/checkpoint");
        writing.write(&refused(&[1, 1])).unwrap();
        assert!(writing.make_durable(false).is_err());
        assert_eq!(writing.rows(), Some(0));
    }

    #[test]
    fn a_file_of_errors_without_errors_is_a_sound_file() {
        let folder = tempfile::tempdir().unwrap();
        writing(folder.path(), Compression::Gz, 0.0).finish().unwrap();
        let written = std::fs::read(folder.path().join("errors")).unwrap();
        assert!(written.starts_with(&[0x1F, 0x8B]), "{written:?} is no gzip");
    }

    #[test]
    fn the_curve_of_a_run_that_is_gone_on_with_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let mut writing = writing(folder.path(), Compression::None, 60.0);
        writing.write(&refused(&[1])).unwrap();
        assert!(writing.counts.tally.points[0].0 >= 60.0);
    }
}
