//! What the command line asks for, checked before anything is opened.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    super::parse_types, durable::Compression, encoding::TextFormat, reading::Columns, shard::Shard,
};
use crate::{
    Usage,
    cli::{self, InputFormat, ResolveFormat},
};

/// How a file is resolved.
pub(super) struct Plan {
    /// A path, or `-`.
    pub(super) input: String,
    pub(super) input_format: InputFormat,
    pub(super) columns: Columns,
    pub(super) output: Output,
    pub(super) prefix: String,
    pub(super) with_provisional: bool,
    pub(super) types: Vec<i32>,
    pub(super) language: String,
    pub(super) shard: Shard,
    pub(super) errors: Option<PathBuf>,
    pub(super) summary: Option<PathBuf>,
    pub(super) report: Option<PathBuf>,
    pub(super) new_entities: Option<PathBuf>,
    pub(super) is_resumed: bool,
    pub(super) checkpoint_rows: u64,
    pub(super) retry_for: Duration,
    pub(super) is_quiet: bool,
    /// What the output depends on, as the command line has it.
    pub(super) options: BTreeMap<String, String>,
}

/// Where answers go, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output {
    /// None: standard output.
    pub(super) path: Option<PathBuf>,
    pub(super) format: OutputFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutputFormat {
    Text(TextFormat, Compression),
    Parquet,
}

impl Plan {
    /// The plan of a file whose columns are kept; none where names are answered as they come.
    pub(super) fn of(command: &cli::Resolve) -> anyhow::Result<Option<Self>> {
        let batch = &command.batch;
        let file = file(command);
        let is_asked_for = is_about_files(batch) || is_table(command);
        let Some((input, input_format)) = file.filter(|(input, format)| {
            is_asked_for || is_new(input) || (command.output.is_some() && has_columns(*format))
        }) else {
            return match is_asked_for {
                true => Err(Usage(NO_FILE.to_owned()).into()),
                false => Ok(None),
            };
        };
        if command.format == Some(ResolveFormat::Table) {
            let text = "--format is `table`: expected csv, tsv, jsonl or parquet for a file";
            return Err(Usage(text.to_owned()).into());
        }
        let shard = Shard::of(batch.shard.as_deref(), batch.shards)?;
        if batch.shard.is_none() && shard.count > 1 {
            check_outputs_of_job(command)?;
        }
        let path = |path: &Option<PathBuf>| path.as_deref().map(|path| shard.path(path));
        let output = output(path(&command.output), command.format, input_format)?;
        let plan = Self {
            columns: Columns {
                name: command.column.clone(),
                entity_type: batch.type_column.clone(),
                country: batch.country_column.clone(),
                language: batch.language_column.clone(),
            },
            prefix: batch.prefix.clone(),
            with_provisional: batch.provisional || batch.new_entities.is_some(),
            types: parse_types(&command.types)?,
            language: command.language.clone(),
            errors: path(&batch.errors),
            summary: path(&batch.summary),
            report: path(&batch.report),
            new_entities: path(&batch.new_entities),
            is_resumed: batch.resume,
            checkpoint_rows: batch.checkpoint_rows,
            retry_for: batch.retry_for,
            is_quiet: batch.quiet,
            options: options(command, input_format, &output, shard),
            input,
            input_format,
            output,
            shard,
        };
        plan.check()?;
        Ok(Some(plan))
    }

    fn check(&self) -> Result<(), Usage> {
        let refuse = |text: &str| Err(Usage(text.to_owned()));
        if self.input == "-" && (self.is_resumed || self.shard != Shard::WHOLE) {
            return refuse(
                "standard input cannot be read twice: name the file for --resume or --shard",
            );
        }
        if self.is_resumed && self.output.format == OutputFormat::Parquet {
            return refuse("Parquet is only whole at its end: write another format for --resume");
        }
        Ok(())
    }

    /// The file that has the output while the run is under way; none for a stream.
    pub(super) fn file(&self) -> Option<&Path> {
        self.output.path.as_deref().filter(|path| !is_special(path))
    }

    /// Whether a run can be gone on with when it breaks.
    pub(super) fn has_checkpoints(&self) -> bool {
        self.file().is_some() && self.input != "-" && self.output.format != OutputFormat::Parquet
    }
}

/// The pods of a job run one command and may share a volume: without the number of the part in its name
/// each would replace the file of the others.
fn check_outputs_of_job(command: &cli::Resolve) -> Result<(), Usage> {
    let batch = &command.batch;
    let files = [
        ("--output", &command.output),
        ("--errors", &batch.errors),
        ("--summary", &batch.summary),
        ("--report", &batch.report),
        ("--new-entities", &batch.new_entities),
    ];
    for (flag, path) in files {
        let Some(path) = path.as_deref().filter(|path| !is_special(path)) else { continue };
        if !path.to_string_lossy().contains("{shard}") {
            return Err(Usage(format!(
                "{flag} is `{}`, and every part of the job would write it: put {{shard}} into its name",
                path.display()
            )));
        }
    }
    Ok(())
}

/// Whether a path is that of a pipe or a device.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file())
}

const NO_FILE: &str = "these options are about a file (.csv, .tsv, .jsonl, .parquet, .txt; or any other with \
                       --input-format), and none is named";

/// Whether any option is given that is only about files.
fn is_about_files(batch: &cli::Batch) -> bool {
    let columns = [&batch.type_column, &batch.country_column, &batch.language_column];
    let files = [&batch.errors, &batch.summary, &batch.report, &batch.new_entities];
    columns.iter().any(|column| column.is_some())
        || files.iter().any(|file| file.is_some())
        || batch.input_format.is_some()
        || !batch.prefix.is_empty()
        || batch.resume
        || batch.provisional
        || batch.shard.is_some()
        || batch.shards.is_some()
}

/// Whether the output has columns, by flag or ending.
fn is_table(command: &cli::Resolve) -> bool {
    let by_ending = || command.output.as_deref().and_then(format_of_output);
    let format = command.format.or_else(by_ending);
    matches!(format, Some(ResolveFormat::Csv | ResolveFormat::Tsv | ResolveFormat::Parquet))
}

/// The one file that is named, and its format.
fn file(command: &cli::Resolve) -> Option<(String, InputFormat)> {
    let [only] = &command.items[..] else { return None };
    let format = command.batch.input_format.or_else(|| match only.as_str() {
        "-" => Some(InputFormat::Lines),
        path => format_of_input(path),
    });
    format.map(|format| (only.clone(), format))
}

fn format_of_input(path: &str) -> Option<InputFormat> {
    Some(match ending(Path::new(path))?.as_str() {
        "csv" => InputFormat::Csv,
        "tsv" | "tab" => InputFormat::Tsv,
        "jsonl" | "ndjson" => InputFormat::Jsonl,
        "txt" => InputFormat::Lines,
        "parquet" => InputFormat::Parquet,
        _ => return None,
    })
}

/// The ending in lower case, without that of a compression.
fn ending(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let compressions = [".gz", ".bz2", ".zst", ".zstd"];
    let bare = compressions.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
    bare.rsplit_once('.').map(|(_, ending)| ending.to_owned())
}

/// Files that names are read from only with their columns.
fn is_new(path: &str) -> bool {
    let is_plain = [".txt", ".csv", ".tsv", ".jsonl", ".ndjson"];
    path != "-" && !is_plain.iter().any(|ending| path.to_ascii_lowercase().ends_with(ending))
}

fn has_columns(format: InputFormat) -> bool {
    format != InputFormat::Lines
}

fn format_of_output(path: &Path) -> Option<ResolveFormat> {
    Some(match ending(path)?.as_str() {
        "csv" => ResolveFormat::Csv,
        "tsv" | "tab" => ResolveFormat::Tsv,
        "jsonl" | "ndjson" | "json" => ResolveFormat::Jsonl,
        "parquet" => ResolveFormat::Parquet,
        _ => return None,
    })
}

fn output(
    path: Option<PathBuf>,
    format: Option<ResolveFormat>,
    input_format: InputFormat,
) -> Result<Output, Usage> {
    let by_ending = path.as_deref().and_then(format_of_output);
    let format = match format.or(by_ending) {
        Some(format) => format,
        // Standard output is like the input.
        None => match input_format {
            InputFormat::Csv => ResolveFormat::Csv,
            InputFormat::Tsv => ResolveFormat::Tsv,
            _ => ResolveFormat::Jsonl,
        },
    };
    let compression = path.as_deref().map_or(Compression::None, Compression::of);
    let text = |format| Ok(OutputFormat::Text(format, compression));
    let format = match format {
        ResolveFormat::Csv => text(TextFormat::Delimited(b','))?,
        ResolveFormat::Tsv => text(TextFormat::Delimited(b'\t'))?,
        ResolveFormat::Jsonl | ResolveFormat::Table => text(TextFormat::JsonLines)?,
        ResolveFormat::Parquet if path.is_none() => {
            return Err(Usage(
                "Parquet cannot be written to standard output: say --output".to_owned(),
            ));
        }
        ResolveFormat::Parquet if compression != Compression::None => {
            return Err(Usage(
                "Parquet is compressed inside: leave the .gz or .zst away".to_owned(),
            ));
        }
        ResolveFormat::Parquet => OutputFormat::Parquet,
    };
    Ok(Output { path, format })
}

fn options(
    command: &cli::Resolve,
    input_format: InputFormat,
    output: &Output,
    shard: Shard,
) -> BTreeMap<String, String> {
    let batch = &command.batch;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let path = |path: &Option<PathBuf>| {
        path.as_ref().map_or_else(String::new, |path| path.display().to_string())
    };
    let with_provisional = batch.provisional || batch.new_entities.is_some();
    let options = [
        ("--input-format", format!("{input_format:?}")),
        ("--column", text(&command.column)),
        ("--type-column", text(&batch.type_column)),
        ("--country-column", text(&batch.country_column)),
        ("--language-column", text(&batch.language_column)),
        ("--type", command.types.join(",")),
        ("--language", command.language.clone()),
        ("--format", format!("{:?}", output.format)),
        ("--prefix", batch.prefix.clone()),
        ("--provisional", with_provisional.to_string()),
        ("--shard", format!("{}/{}", shard.index, shard.count)),
        ("--errors", path(&batch.errors)),
        ("--checkpoint-rows", batch.checkpoint_rows.to_string()),
    ];
    options.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn plan(arguments: &str) -> anyhow::Result<Option<Plan>> {
        let arguments = ["hawiya", "resolve"].into_iter().chain(arguments.split(' '));
        match Cli::try_parse_from(arguments)?.command {
            Command::Resolve(command) => Plan::of(&command),
            _ => unreachable!("it says resolve"),
        }
    }

    #[test]
    fn names_and_plain_files_are_answered_as_they_always_were() {
        for arguments in [
            "Lavrov",
            "Lavrov Qena",
            "names.txt",
            "names.csv",
            "-",
            "names.csv --format jsonl",
            "names.csv --format table",
            "names.txt --format jsonl --output all.jsonl",
        ] {
            assert!(plan(arguments).unwrap().is_none(), "{arguments}");
        }
    }

    #[test]
    fn a_file_keeps_its_columns_when_something_says_so() {
        let csv = |compression| OutputFormat::Text(TextFormat::Delimited(b','), compression);
        let lines = OutputFormat::Text(TextFormat::JsonLines, Compression::None);
        for (arguments, input, output) in [
            ("names.csv -o all.csv", InputFormat::Csv, csv(Compression::None)),
            ("names.tsv.gz -o all.csv.gz", InputFormat::Tsv, csv(Compression::Gz)),
            ("names.parquet", InputFormat::Parquet, lines),
            ("names.jsonl -o all.parquet", InputFormat::Jsonl, OutputFormat::Parquet),
            ("- --input-format csv", InputFormat::Csv, csv(Compression::None)),
            ("- --format csv", InputFormat::Lines, csv(Compression::None)),
            ("names.txt -o all.csv.zst", InputFormat::Lines, csv(Compression::Zst)),
            ("names.CSV --report all.html", InputFormat::Csv, csv(Compression::None)),
        ] {
            let plan = plan(arguments).unwrap().unwrap();
            assert_eq!((plan.input_format, plan.output.format), (input, output), "{arguments}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_cure() {
        for (arguments, cure) in [
            ("Lavrov --provisional", "name"),
            ("- --input-format csv -o all.csv --resume", "name the file"),
            ("names.csv -o all.parquet --resume", "another format"),
            ("names.csv -o all.parquet.gz", "leave"),
            ("names.csv --format parquet", "--output"),
            ("names.csv --shard 3/3", "below the count"),
        ] {
            let error = plan(arguments).err().unwrap();
            assert!(error.is::<Usage>() && error.to_string().contains(cure), "{error}");
        }
    }

    #[test]
    fn the_parts_of_a_job_do_not_write_one_file() {
        let check = |arguments: &str| {
            let arguments = ["hawiya", "resolve"].into_iter().chain(arguments.split(' '));
            match Cli::try_parse_from(arguments).unwrap().command {
                Command::Resolve(command) => check_outputs_of_job(&command),
                _ => unreachable!("it says resolve"),
            }
        };
        for good in [
            "names.csv --shards 3 -o all-{shard}.csv --errors {shard}/errors.jsonl",
            "names.csv --shards 3 -o /dev/null",
            "names.csv --shards 3",
        ] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["names.csv --shards 3 -o all.csv", "names.csv --shards 3 --summary all.json"] {
            let error = check(bad).unwrap_err().to_string();
            assert!(error.contains("put {shard} into its name"), "{error}");
        }
    }
}
