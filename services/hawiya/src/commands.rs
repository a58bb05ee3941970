//! One file a command; what several share is here.

mod compare;
mod dedupe;
mod entities;
mod eval;
mod explanation;
mod export;
pub(crate) mod import;
mod learn;
mod matching;
mod normalize;
mod pipeline;
mod resolve;
mod serve;
mod status;
mod up;

use std::future::Future;

use anyhow::Context;
use chassis::{
    Settings, fault,
    telemetry::{self, TelemetryConfig},
};
use clap::CommandFactory;
use proto::vocabulary::{EntityType, Verdict};
use tokio::runtime::{Builder, Runtime};

use crate::{
    Done, Usage,
    cli::{Cli, Command},
};

/// Runs a command to its end.
pub(crate) fn run(cli: Cli) -> anyhow::Result<Done> {
    match cli.command {
        Command::Up(command) => as_server(|telemetry| up::run(command, telemetry)),
        Command::Serve(command) => as_server(|telemetry| serve::run(command.service, telemetry)),
        Command::Resolve(command) => as_client(resolve::run(*command)),
        Command::Normalize(command) => as_client(normalize::run(command)),
        Command::Match(command) => as_client(matching::run(command)),
        Command::Compare(command) => as_client(compare::run(command)),
        Command::Eval(command) => eval::run(command),
        Command::Learn(command) => learn::run(command),
        Command::Import(command) => as_client(import::run(*command)),
        Command::Export(command) => as_client(export::run(command)),
        Command::Dedupe(command) => as_client(dedupe::run(command)),
        Command::Status(command) => as_client(status::run(command)),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "hawiya", &mut std::io::stdout());
            Ok(Done::All)
        }
    }
}

/// A server tells what it does from `info` on.
fn as_server<F>(run: impl FnOnce(TelemetryConfig) -> F) -> anyhow::Result<Done>
where
    F: Future<Output = anyhow::Result<Done>>,
{
    let telemetry = start_telemetry("info")?;
    runtime()?.block_on(run(telemetry))
}

/// A command has its answers to show, and logs only what fails.
fn as_client(run: impl Future<Output = anyhow::Result<Done>>) -> anyhow::Result<Done> {
    start_telemetry("error")?;
    runtime()?.block_on(run)
}

fn runtime() -> anyhow::Result<Runtime> {
    Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")
}

/// Logs and metrics as the environment says, or else logs from `default_filter` on.
fn start_telemetry(default_filter: &str) -> anyhow::Result<TelemetryConfig> {
    let mut config = TelemetryConfig::read(&Settings::environment())?;
    if std::env::var_os("HAWIYA_LOG").is_none() {
        default_filter.clone_into(&mut config.log_filter);
    }
    telemetry::init_logs(&config)?;
    telemetry::metrics_handle();
    cache::describe_metrics();
    Ok(config)
}

/// Why an item was refused, without the path it had in a message the user never saw.
fn item_error(item: &tonic_types::Status) -> String {
    let wrong = fault::violations_of(item);
    if wrong.is_empty() {
        return item.message.clone();
    }
    let texts: Vec<String> = wrong.into_iter().map(|wrong| wrong.description).collect();
    texts.join("; ")
}

/// A verdict as programs read it.
fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Match => "match",
        Verdict::Ambiguous => "ambiguous",
        Verdict::NoMatch => "no_match",
        Verdict::Unspecified => "",
    }
}

/// The types of entities and how programs write them.
pub(crate) const TYPE_NAMES: [(EntityType, &str); 10] = [
    (EntityType::Person, "person"),
    (EntityType::Organization, "organization"),
    (EntityType::Location, "location"),
    (EntityType::Country, "country"),
    (EntityType::City, "city"),
    (EntityType::Vessel, "vessel"),
    (EntityType::Aircraft, "aircraft"),
    (EntityType::Event, "event"),
    (EntityType::Product, "product"),
    (EntityType::Other, "other"),
];

/// A type as programs read it; empty when there is none.
fn type_name(entity_type: EntityType) -> &'static str {
    TYPE_NAMES.iter().find(|(known, _)| *known == entity_type).map_or("", |(_, name)| name)
}

/// Types by their names.
fn parse_types(names: &[String]) -> anyhow::Result<Vec<i32>> {
    let parse = |name: &String| {
        let found = TYPE_NAMES.iter().find(|(_, known)| known == name);
        let known = || TYPE_NAMES.map(|(_, known)| known).join(", ");
        let refused = || Usage(format!("--type is `{name}`: expected one of {}", known()));
        Ok(found.ok_or_else(refused)?.0.into())
    };
    names.iter().map(parse).collect()
}

/// A value of an enum of the contract as programs read it.
fn value_name(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_lowercase()
}

/// A score rounded to what it can mean.
fn rounded(score: f64) -> f64 {
    (score * 10_000.0).round() / 10_000.0
}
