//! The arguments of `hawiya eval`.

use std::path::PathBuf;

use clap::Args;

/// Measures quality on labelled files, ours or yours.
#[derive(Args, Debug)]
#[command(after_long_help = LABELLED_FILES)]
pub(crate) struct Eval {
    /// Labelled files, or folders of which every labelled file is taken.
    #[arg(value_name = "FILE|DIR", required_unless_present = "over_merge")]
    pub(crate) files: Vec<PathBuf>,
    /// Prints one JSON object instead of tables; its keys are stable.
    #[arg(long)]
    pub(crate) json: bool,
    /// Lists the worst failures too: as many of each kind.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) worst: usize,
    /// Searches every catalogue too: each further column and the id, in the indexed column.
    #[arg(long)]
    pub(crate) search: bool,
    /// Lists the largest buckets of every catalogue too, and the rules that filled them.
    #[arg(long, value_name = "N")]
    pub(crate) buckets: Option<usize>,
    /// The same for a plain list of names (.txt, .csv, .tsv, .jsonl); 10 buckets by default.
    #[arg(long, value_name = "FILE")]
    pub(crate) over_merge: Option<PathBuf>,
    /// The column or key of the plain list that holds the names. Default: `name`, `text` or
    /// `input`, or else the first column.
    #[arg(long, value_name = "NAME", requires = "over_merge")]
    pub(crate) column: Option<String>,
    /// The catalogue that annotated articles are about: JSON lines as `hawiya export` writes them.
    /// Default: the starter catalogue.
    #[arg(long, value_name = "FILE")]
    pub(crate) catalogue: Option<PathBuf>,
    /// Fails with exit code 1, and a line on standard error for each, when a figure is not within
    /// the limits of this file (TOML or JSON).
    #[arg(long, value_name = "FILE")]
    pub(crate) check: Option<PathBuf>,
}

const LABELLED_FILES: &str = "\
Labelled files are UTF-8 text: a header line, then a case a line, cells separated by tabs, no quotes.
A file is known by its columns:

  latin, spelling_a, spelling_b             two spellings of one name; `type` is optional
  latin_a, latin_b, spelling_a, spelling_b  close spellings of two names
  name_a, name_b, is_match                  whole names; is_match is true or false; `type`, `group`
                                            and other systems' scores (`…_score`) are optional
  id, type, name                            entities to be found by their names
  id, kind, query                           queries, and the entity each should find
  id, …                                     a catalogue: the second column is indexed; the id and
                                            every further column are other ways to write it

A file that ends in .marked is an article whose mentions are marked: [[name|ID]], [[name|ID ID]] where
any is right, [[name|?]] where the text leaves it open, [[name|~]] for what is not counted.

A limits file holds keys of figures, as the tables show them:

  minimum.variants.form.joined = 0.60
  maximum.distinct.form.joined = 0.001";
