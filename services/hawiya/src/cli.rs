//! The command line.

mod annotate;
mod eval;
mod import;
mod resolve;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) use annotate::Annotate;
pub(crate) use eval::Eval;
pub(crate) use import::Import;
pub(crate) use resolve::{Batch, InputFormat, Resolve, ResolveFormat};

/// Names in any script and spelling to one canonical id.
///
/// Commands work against a running suite when `--server` is given, and otherwise start one inside
/// this process for as long as they run; `eval` and `learn` need none. Exit codes: 0 done, 1 some items
/// failed or a limit was missed, 2 the command failed, 64 a wrong setting or argument.
#[derive(Debug, Parser)]
#[command(name = "hawiya", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// A file of settings (TOML), also HAWIYA_CONFIG. What the environment says counts above it.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs all services in this process and prints the address of each.
    Up(Up),
    /// Runs one service, configured by the environment.
    Serve(Serve),
    /// Resolves names to canonical ids.
    ///
    /// Items are names, or one FILE (.txt, .csv, .tsv, .jsonl, .parquet), or `-` for standard input,
    /// a name a line. A file of any length keeps its columns and gets the answers beside them.
    Resolve(Box<Resolve>),
    /// Finds the mentions of known entities in running texts.
    Annotate(Annotate),
    /// Shows the form of names, and the steps of the ladder to it.
    Normalize(Normalize),
    /// Lists the entities that names could mean.
    Match(Match),
    /// Compares two names, or with `-` the two tab-separated names of each line.
    Compare(Compare),
    /// Measures quality on labelled files, ours or yours.
    Eval(Eval),
    /// Learns from labelled files how much each letter counts when names are compared.
    Learn(Learn),
    /// Imports lists of entities into the catalogue.
    Import(Box<Import>),
    /// Writes the catalogue to a file: JSON lines, CSV or FollowTheMoney.
    Export(Export),
    /// Finds entities that may be one, and merges those that a person says are.
    Dedupe(Dedupe),
    /// Shows whether the services are well and what they hold.
    Status(Status),
    /// Asks one server whether it can answer: exit code 0 when it can, 1 when not yet.
    Health(Health),
    /// Makes an API key, and the entry of its caller for HAWIYA_API_KEYS_FILE.
    Key(Key),
    /// Checks the settings, and lists them with `--print`.
    Config(Config),
    /// Prints the completions of a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// Makes an API key, and the entry of its caller for HAWIYA_API_KEYS_FILE.
///
/// The key is shown once and kept nowhere; the file has its hash.
#[derive(Args, Debug)]
pub(crate) struct Key {
    /// The caller's name, as it will stand in the history.
    pub(crate) name: String,
    /// What the caller may do: read, write (includes read), admin (includes both), service (may name
    /// the caller it acts for).
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',', default_value = "read")]
    pub(crate) scopes: Vec<String>,
}

/// Where the suite is.
#[derive(Args, Clone, Debug)]
pub(crate) struct Target {
    /// Address of a running suite: of any service of `hawiya up`, or of the service the command
    /// asks (resolve, annotate: resolver; normalize: normalizer; match, compare: matcher; import: registry).
    /// Default: HAWIYA_SERVER.
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,
    /// Authorities to trust (PEM) at an `https` address. Default: HAWIYA_TLS_CA.
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_ca: Option<PathBuf>,
    /// A file with the API key or token that is shown to the server. Default: HAWIYA_TOKEN_FILE, or
    /// HAWIYA_TOKEN.
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Where the embedded suite keeps its catalogue. Default: HAWIYA_DATA_DIR, or `hawiya` in the
    /// user's data folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

/// How answers are written.
#[derive(Args, Clone, Debug)]
pub(crate) struct Output {
    /// How answers are written. Default: a table on a terminal, JSON lines elsewhere.
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
    /// Where answers are written. Default: standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// One JSON object a line.
    Jsonl,
}

#[derive(Args, Debug)]
pub(crate) struct Items {
    /// Names, or one FILE, or `-` for standard input.
    #[arg(required = true, value_name = "NAME|FILE|-")]
    pub(crate) items: Vec<String>,
    /// The column of a CSV or TSV file, or the key of a JSON line, that holds the name. Default:
    /// `name`, `text` or `input`, or else the first column.
    #[arg(long, value_name = "NAME")]
    pub(crate) column: Option<String>,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Normalize {
    #[command(flatten)]
    pub(crate) items: Items,
    /// The spelling tradition of the names: a hint, which decides what is tried first and how a
    /// name is romanized. A form means the same under every profile.
    #[arg(long, value_enum)]
    pub(crate) profile: Option<Profile>,
    /// Lists the other forms that the letters may stand for.
    #[arg(long)]
    pub(crate) readings: bool,
    /// Shows the words and every rule that fired, a picture a name. With `--format jsonl`, tokens
    /// and trace as they are.
    #[arg(long)]
    pub(crate) explain: bool,
}

/// Spelling traditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// Egypt: ج is g, چ is j.
    Eg,
    /// Syria, Lebanon, Jordan, Palestine: g is غ or ك.
    Lev,
    /// Iraq: گ and چ are written.
    Iq,
    /// The Gulf: g may be ق or گ.
    Gulf,
    /// The Maghreb: ڨ and ڭ are written; French habits.
    Maghreb,
    /// Persian.
    Fa,
    /// Urdu.
    Ur,
}

#[derive(Args, Debug)]
pub(crate) struct Match {
    #[command(flatten)]
    pub(crate) items: Items,
    /// How many candidates are listed, 1 to 100.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(i32).range(1..=100))]
    pub(crate) limit: i32,
    /// Only entities of these types.
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    pub(crate) types: Vec<String>,
    /// Shows the words of both names beside each other, the edits between them and their costs, a
    /// picture a candidate. With `--format jsonl`, the explanation as it is.
    #[arg(long)]
    pub(crate) explain: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Compare {
    /// Two names, or `-` for standard input.
    #[arg(required = true, num_args = 1..=2, value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Shows the words of both names beside each other, the edits between them and their costs, a
    /// picture a pair. With `--format jsonl`, the explanation as it is.
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Learns from labelled files how much each letter counts when names are compared.
///
/// The table takes effect when it is compiled in, as `services/names/src/rules/weights.tsv`. Standard
/// error says what it was learned from, and how it and the table in use do on what it did not learn
/// from. The table in use may have learned from just that, which flatters it.
#[derive(Args, Debug)]
pub(crate) struct Learn {
    /// Labelled files, or folders of which every labelled file is taken; see `hawiya eval --help`.
    /// Spellings and catalogues are learned from.
    #[arg(value_name = "FILE|DIR", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Where the table is written. Default: standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Writes no table and fails with exit code 1 when a figure is lower by more than 0.01 than
    /// with the table in use.
    #[arg(long)]
    pub(crate) check: bool,
}

/// Writes the catalogue to a file: JSON lines, CSV or FollowTheMoney.
///
/// JSON lines keep everything: imported elsewhere they give the same entities. CSV leaves out the
/// languages of names and the attributes, FollowTheMoney those and what it has no property for.
#[derive(Args, Debug)]
pub(crate) struct Export {
    /// The format. Default: by the ending of the file (.csv, .ftm.json), or else JSON lines.
    #[arg(long, value_enum)]
    pub(crate) format: Option<ExportFormat>,
    /// Where entities are written; a file gets its name when it is whole. Default: standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Only entities of these types.
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    pub(crate) types: Vec<String>,
    /// Only entities of this dataset.
    #[arg(long)]
    pub(crate) dataset: Option<String>,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Finds entities that may be one, and merges those that a person says are.
///
/// Every entity's names are matched against all others of its type. On a terminal each pair is shown
/// and asked about; elsewhere pairs are written as JSON lines, to be read with `--decisions` when
/// somebody has written `yes`, `no` or `defer` into `decision`. What was decided is not asked again.
/// A merge can be taken back: it is a change like others.
#[derive(Args, Debug)]
pub(crate) struct Dedupe {
    /// Carries out the decisions of a file of pairs instead of looking for pairs; `-`: standard
    /// input.
    #[arg(long, value_name = "FILE|-")]
    pub(crate) decisions: Option<String>,
    /// Only pairs that score so high, 0.0 to 1.0.
    #[arg(long, value_name = "SCORE", default_value_t = 0.9)]
    pub(crate) threshold: f64,
    /// Only entities of these types.
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    pub(crate) types: Vec<String>,
    /// Only pairs of which one is in this dataset.
    #[arg(long)]
    pub(crate) dataset: Option<String>,
    /// Who decides; kept in the history.
    #[arg(long, value_name = "NAME", default_value = "")]
    pub(crate) actor: String,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Formats that are exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// JSON lines, everything.
    Jsonl,
    /// A row an entity.
    Csv,
    /// FollowTheMoney JSON lines.
    Ftm,
}

/// Which column of a table means what.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct MappingArguments {
    /// A mapping file (TOML).
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: Option<PathBuf>,
    /// What a column, or a key of JSON lines, means: `id=ref`, `name.ar=title_ar`.
    #[arg(long, value_name = "FIELD=COLUMN")]
    pub(crate) map: Vec<String>,
    /// What every entity has: `type=vessel`.
    #[arg(long, value_name = "FIELD=VALUE")]
    pub(crate) set: Vec<String>,
    /// What stands between the values of one cell.
    #[arg(long, value_name = "TEXT")]
    pub(crate) separator: Option<String>,
    /// Stands before every id.
    #[arg(long, value_name = "TEXT")]
    pub(crate) id_prefix: Option<String>,
    /// A scheme of external ids that is none of the known ones and yet meant.
    #[arg(long = "scheme", value_name = "SCHEME")]
    pub(crate) schemes: Vec<String>,
}

/// How the report of a command is written, whose `--format` means something else.
#[derive(Args, Clone, Debug)]
pub(crate) struct Report {
    /// Writes the report as JSON lines. Default: a table on a terminal, JSON lines elsewhere.
    #[arg(long)]
    pub(crate) json: bool,
    /// Where the report is written. Default: standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

impl From<Report> for Output {
    fn from(report: Report) -> Self {
        Self { format: report.json.then_some(Format::Jsonl), output: report.output }
    }
}

fn import_formats() -> String {
    format!("Formats:\n\n{}\n{MAPPING}", crate::import::describe())
}

const MAPPING: &str = "\
A table (csv, tsv, parquet, jsonl) needs to know its columns: they are called like the fields, or
--map says so, or a mapping file:

  separator = \";\"
  id_prefix = \"acme:\"
  [columns]
  id = \"ref\"
  name = \"title\"
  \"name.ar\" = \"title_ar\"
  alias = [\"aka\", \"also\"]
  \"external.imo\" = \"imo_number\"
  [values]
  type = \"vessel\"

Fields: id, type, name, alias, former, acronym, nickname (with a language: name.ar), country, gender,
birth_date, founding_date, description, prominence, dataset, external_ids, external.SCHEME,
attribute.KEY. [types] says which of the list's words mean which type.";

#[derive(Args, Debug)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
pub(crate) struct Up {
    /// Address of the resolver; normalizer, matcher and registry get the next three ports. With
    /// port 0 four neighbouring free ports are chosen. Default: HAWIYA_LISTEN, or 127.0.0.1:7700.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<std::net::SocketAddr>,
    /// Where the catalogue is kept. Default: HAWIYA_DATA_DIR, or `hawiya` in the user's data folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Starts without the starter catalogue.
    #[arg(long)]
    pub(crate) empty: bool,
}

/// For probes of containers, which have no shell to ask with.
#[derive(Args, Debug)]
pub(crate) struct Health {
    /// Address of the server. Default: where `HAWIYA_LISTEN` says that this machine's listens.
    #[arg(long, env = "HAWIYA_SERVER", value_name = "URL")]
    pub(crate) server: Option<String>,
    /// Asks only whether the process runs calls, whether or not it can answer them now.
    #[arg(long)]
    pub(crate) live: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// The service.
    #[arg(value_enum)]
    pub(crate) service: Service,
}

/// Checks the settings, and lists them with `--print`.
///
/// A setting is an environment variable, or a key of the file of `--config` (TOML): the variable in
/// lower case without `HAWIYA_`, at the top for every process or in a section `[matcher]` for
/// `hawiya serve matcher`. The environment counts above the file. Whatever is no setting, or has a
/// value that cannot be read, is told on one line, and the exit code is 64.
#[derive(Args, Debug)]
pub(crate) struct Config {
    /// Lists every setting: what reads it, what a value looks like, its default, its value and what
    /// it is for. What may be secret is not shown.
    #[arg(long)]
    pub(crate) print: bool,
    /// Only what a service reads, and as it does: with its section of the file.
    #[arg(long, value_enum)]
    pub(crate) service: Option<Service>,
    /// How they are listed. Default: a table on a terminal, JSON elsewhere.
    #[arg(long, value_enum, requires = "print")]
    pub(crate) format: Option<ConfigFormat>,
}

/// How settings are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConfigFormat {
    /// For people.
    Table,
    /// A JSON array, an object a setting.
    Json,
    /// A table for documentation, without values.
    Markdown,
    /// Lines of an environment file; what is at its default is commented out.
    Env,
}

/// The services of the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Service {
    Resolver,
    Normalizer,
    Matcher,
    Registry,
}

impl Service {
    /// All of them, in the order of their ports.
    pub(crate) const ALL: [Self; 4] =
        [Self::Resolver, Self::Normalizer, Self::Matcher, Self::Registry];

    /// Its name in a sentence.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Resolver => "resolver",
            Self::Normalizer => "normalizer",
            Self::Matcher => "matcher",
            Self::Registry => "registry",
        }
    }

    /// Its name on the wire, as the health service knows it.
    pub(crate) fn wire_name(self) -> &'static str {
        match self {
            Self::Resolver => "hawiya.resolution.v1.ResolutionService",
            Self::Normalizer => "hawiya.normalization.v1.NormalizationService",
            Self::Matcher => "hawiya.matching.v1.MatchingService",
            Self::Registry => "hawiya.registry.v1.RegistryService",
        }
    }

    /// Its port when nothing else is said.
    pub(crate) fn default_port(self) -> u16 {
        7700 + self as u16
    }
}
