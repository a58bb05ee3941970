//! The arguments of `hawiya annotate`.

use std::path::PathBuf;

use clap::Args;

use super::{Output, Target};

/// Finds the mentions of known entities in running texts.
///
/// An argument is a text, a file (.txt: one text; .jsonl: an article a line), a folder (all such files
/// in it), or `-` for standard input: one text, or JSON lines when it begins with `{`. A text of more
/// than 100,000 characters is read in pieces.
#[derive(Args, Debug)]
pub(crate) struct Annotate {
    /// Texts, files, folders, or `-` for standard input.
    #[arg(required = true, value_name = "TEXT|FILE|DIR|-")]
    pub(crate) items: Vec<String>,
    /// The key of a JSON line that holds the text. Default: `text`, `body` or `content`.
    #[arg(long, value_name = "NAME")]
    pub(crate) text_field: Option<String>,
    /// The key of a JSON line that holds the id of the article. Default: `id`, `document_id` or `url`,
    /// or else the file and the line.
    #[arg(long, value_name = "NAME")]
    pub(crate) id_field: Option<String>,
    /// Only entities of these types.
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    pub(crate) types: Vec<String>,
    /// Language (BCP 47) in which names of entities are shown.
    #[arg(long, value_name = "TAG", default_value = "")]
    pub(crate) language: String,
    /// How many candidates are listed of each mention, 0 to 100.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(i32).range(0..=100))]
    pub(crate) candidates: i32,
    /// Writes a page too: the texts with their mentions marked, and a table of who is in them.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) output: Output,
}
