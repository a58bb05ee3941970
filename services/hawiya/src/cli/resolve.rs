//! The arguments of `hawiya resolve`.

use std::{path::PathBuf, time::Duration};

use chassis::settings::Setting;
use clap::{Args, ValueEnum};

use super::Target;

#[derive(Args, Debug)]
#[command(after_long_help = FILES)]
pub(crate) struct Resolve {
    /// Names, or one FILE, or `-` for standard input.
    #[arg(required = true, value_name = "NAME|FILE|-")]
    pub(crate) items: Vec<String>,
    /// The column of a file, or the key of a JSON line, that holds the name. Default: `name`,
    /// `text` or `input`, or else the first column.
    #[arg(long, value_name = "NAME")]
    pub(crate) column: Option<String>,
    /// Only entities of these types (person, organization, location, country, city, vessel,
    /// aircraft, event, product, other).
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    pub(crate) types: Vec<String>,
    /// Language (BCP 47) in which names of entities are shown.
    #[arg(long, value_name = "TAG", default_value = "")]
    pub(crate) language: String,
    /// How answers are written. Default: by the ending of the output (.csv, .tsv, .jsonl, .parquet;
    /// .gz and .zst compress), or else a table on a terminal and JSON lines elsewhere.
    #[arg(long, value_enum)]
    pub(crate) format: Option<ResolveFormat>,
    /// Where answers are written. Default: standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) batch: Batch,
}

/// How answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ResolveFormat {
    /// For people.
    Table,
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated, with the columns of the file.
    Csv,
    /// Tab-separated, with the columns of the file.
    Tsv,
    /// Parquet, with the columns of the file.
    Parquet,
}

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InputFormat {
    /// A name a line.
    Lines,
    /// Comma-separated, with a header.
    Csv,
    /// Tab-separated, with a header.
    Tsv,
    /// A JSON string or object a line.
    Jsonl,
    /// Parquet.
    Parquet,
}

/// What is only about files whose columns are kept.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Files")]
pub(crate) struct Batch {
    /// The format of FILE or of standard input. Default: by the ending of its name.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) input_format: Option<InputFormat>,
    /// The column that says which type the name probably has; it moves scores and keeps nothing out.
    #[arg(long, value_name = "NAME")]
    pub(crate) type_column: Option<String>,
    /// The column that says which country (ISO 3166-1 alpha-2) the name belongs to; a hint.
    #[arg(long, value_name = "NAME")]
    pub(crate) country_column: Option<String>,
    /// The column that says the language (BCP 47) of the name; a hint.
    #[arg(long, value_name = "NAME")]
    pub(crate) language_column: Option<String>,
    /// Stands before the names of the columns that are added, where the file has some of them.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) prefix: String,
    /// Goes on from the checkpoint beside the output that a run left which did not come to its end;
    /// where there is none, begins at the first row.
    #[arg(long, requires = "output")]
    pub(crate) resume: bool,
    /// After how many rows what is written is made durable: what a crash can cost.
    #[arg(long, value_name = "ROWS", default_value_t = 20_000,
        value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) checkpoint_rows: u64,
    /// Writes the rows that were refused, and why, to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) errors: Option<PathBuf>,
    /// Writes the summary to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) summary: Option<PathBuf>,
    /// Writes a page about the run to this file (HTML, everything in one file).
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Joins the names that nobody knows with each other, in a column `provisional_id`.
    #[arg(long)]
    pub(crate) provisional: bool,
    /// Writes the names that nobody knows to this file, as entities for `hawiya import`; implies
    /// `--provisional`.
    #[arg(long, value_name = "FILE")]
    pub(crate) new_entities: Option<PathBuf>,
    /// Only the part INDEX (from 0) of COUNT parts of the file. With `--shards`, INDEX alone.
    /// Default of INDEX with `--shards`: `JOB_COMPLETION_INDEX`, which a Kubernetes Indexed Job sets.
    #[arg(long, value_name = "INDEX/COUNT")]
    pub(crate) shard: Option<String>,
    /// In how many parts the file is resolved.
    #[arg(long, value_name = "COUNT")]
    pub(crate) shards: Option<u64>,
    /// How long a service that is away is tried again, since its last answer, before the run stops;
    /// and how long answers that had to do without one are asked again before they are taken.
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration)]
    pub(crate) retry_for: Duration,
    /// No progress and no summary on standard error.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

fn duration(text: &str) -> Result<Duration, String> {
    Duration::parse(text).ok_or_else(|| format!("expected {}", Duration::EXPECTED))
}

const FILES: &str = "\
Files (.csv, .tsv, .jsonl, .ndjson, .parquet, .txt; also .gz, .zst, .bz2) are resolved with all their
columns when --output, --input-format or another of the options under \"Files\" says so, or the file is
compressed or Parquet. These columns are added:

  canonical_id    the entity that is meant; empty when none is
  canonical_name  its name, in --language as far as there is one
  entity_type     person, organization, …
  score           0 to 1, of the best candidate
  verdict         match, ambiguous, no_match or error
  reason          why, in a sentence
  form            what the usual spellings of the name share
  provisional_id  with --provisional: one id for the spellings of a name that nobody knows

Text formats get values as text; in JSON lines what is empty is null and score is a number. While a run
is under way its output is called FILE.partial, and FILE.checkpoint says how far it is durable. In names
of files, {shard} stands for the number of the part.";
