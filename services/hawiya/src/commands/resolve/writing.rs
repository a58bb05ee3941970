//! Writes rows and their answers in order, counts them, and makes them durable from time to time.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
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
        self.counts.tally.point(self.meter.elapsed());
        self.meter.show(rows);
        Ok(())
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
        let Out::Text { durable, .. } = &mut self.out else { return Ok(()) };
        let output_bytes = if is_whole { durable.finish()? } else { durable.seal()? };
        let errors_bytes = match &mut self.errors {
            Some(errors) => errors.durable.seal().context("cannot write the errors")?,
            None => 0,
        };
        self.counts.tally.seconds = self.seconds_before + self.meter.elapsed().as_secs_f64();
        let Some(Checkpoints { path, checkpoint, .. }) = &mut self.checkpoints else {
            return Ok(());
        };
        checkpoint.rows = self.counts.tally.rows;
        checkpoint.output_bytes = output_bytes;
        checkpoint.errors_bytes = errors_bytes;
        checkpoint.is_whole = is_whole;
        checkpoint.tally = self.counts.tally.clone();
        checkpoint.save(path)
    }

    /// Ends the output; what is counted is left.
    pub(super) fn finish(mut self) -> anyhow::Result<Counts> {
        self.make_durable(true)?;
        self.meter.clear();
        self.counts.tally.seconds = self.seconds_before + self.meter.elapsed().as_secs_f64();
        if let Out::Parquet(file) = self.out {
            file.finish()?;
            if let Some(errors) = &mut self.errors {
                errors.durable.seal()?;
            }
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
