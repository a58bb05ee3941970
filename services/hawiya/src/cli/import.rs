//! The arguments of `hawiya import`.

use std::path::PathBuf;

use clap::Args;

use super::{MappingArguments, Report, Target, import_formats};

/// Imports lists of entities into the catalogue: sanctions lists, gazetteers, dumps, tables.
///
/// A file is read as it goes, plain or compressed (gz, bz2, zst), and is known by its content. A row
/// that cannot be read is reported with its line and field, and the others go in. The same file
/// twice changes nothing.
#[derive(Args, Debug)]
#[command(after_long_help = import_formats())]
pub(crate) struct Import {
    /// Files, or `-` for standard input. Files that only add names (OFAC's alt.csv, GeoNames'
    /// alternateNamesV2.txt) go together with those they add to.
    #[arg(required = true, value_name = "FILE|-")]
    pub(crate) files: Vec<String>,
    /// The format of the files. Default: known by their content.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// The dataset the entities belong to. Default: that of the list, or the name of the file.
    #[arg(long)]
    pub(crate) dataset: Option<String>,
    /// The list's own version or date; kept in the history.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) dataset_version: String,
    /// Who imports; kept in the history.
    #[arg(long, value_name = "NAME", default_value = "")]
    pub(crate) actor: String,
    /// The files are the whole of their dataset: its entities that are not in them are deleted,
    /// unless a person decided anything about them. Nothing is deleted when a row is refused or a
    /// file cannot be read to its end.
    #[arg(long)]
    pub(crate) replace: bool,
    /// Writes nothing and says what would be done, and which fields would change how often.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// With `--dry-run`: writes every difference to this file, an entity a line.
    #[arg(long, value_name = "FILE", requires = "dry_run")]
    pub(crate) differences: Option<PathBuf>,
    /// Writes the rows that were refused, and why, to this file instead of among the answers.
    #[arg(long, value_name = "FILE")]
    pub(crate) errors: Option<PathBuf>,
    /// Only names in these languages (BCP 47), from lists that state the language of names.
    #[arg(long, value_name = "TAG", value_delimiter = ',')]
    pub(crate) languages: Vec<String>,
    #[command(flatten)]
    pub(crate) mapping: MappingArguments,
    #[command(flatten)]
    pub(crate) report: Report,
    #[command(flatten)]
    pub(crate) target: Target,
}
