//! One file a command; what several share is here.

mod annotate;
mod compare;
mod config;
mod dedupe;
mod entities;
mod eval;
mod explanation;
mod export;
mod health;
pub(crate) mod import;
mod key;
mod learn;
mod matching;
mod meant;
mod normalize;
mod pipeline;
pub(crate) mod resolve;
mod serve;
mod status;
mod up;

use std::{future::Future, path::PathBuf};

use anyhow::Context;
use chassis::{
    Settings, fault,
    settings::{lay_under_environment, variable},
    telemetry::{self, TelemetryConfig},
};
use clap::CommandFactory;
use metrics::{describe_gauge, gauge};
use proto::vocabulary::{EntityType, Verdict};
use tokio::runtime::{Builder, Runtime};

use crate::{
    Done, Usage,
    cli::{Cli, Command},
    settings::{self, Known, SettingsFile},
};

/// Runs a command to its end. What looks like a setting and is none is refused first.
pub(crate) fn run(cli: Cli) -> anyhow::Result<Done> {
    if let Command::Completions { shell } = cli.command {
        clap_complete::generate(shell, &mut Cli::command(), "hawiya", &mut std::io::stdout());
        return Ok(Done::All);
    }
    let known = settings::known();
    settings::check_environment(&known)?;
    let file = settings_file(cli.config, &known)?;
    let service = match &cli.command {
        Command::Serve(command) => Some(command.service),
        _ => None,
    };
    lay_under_environment(file.values(service));
    run_command(cli.command, &file).map_err(|error| file.located(error, service))
}

/// The file of `--config` or `HAWIYA_CONFIG`; an empty one when there is none.
fn settings_file(config: Option<PathBuf>, known: &Known) -> anyhow::Result<SettingsFile> {
    match config.or_else(|| variable("HAWIYA_CONFIG").map(PathBuf::from)) {
        Some(path) => SettingsFile::read(&path, known),
        None => Ok(SettingsFile::default()),
    }
}

fn run_command(command: Command, file: &SettingsFile) -> anyhow::Result<Done> {
    match command {
        Command::Up(command) => as_server("hawiya", |telemetry| up::run(command, telemetry)),
        Command::Serve(command) => {
            let program = format!("hawiya-{}", command.service.name());
            as_server(&program, |telemetry| serve::run(command.service, telemetry))
        }
        Command::Resolve(command) => as_client(resolve::run(*command)),
        Command::Annotate(command) => as_client(annotate::run(command)),
        Command::Normalize(command) => as_client(normalize::run(command)),
        Command::Match(command) => as_client(matching::run(command)),
        Command::Compare(command) => as_client(compare::run(command)),
        Command::Eval(command) => eval::run(command),
        Command::Learn(command) => learn::run(command),
        Command::Import(command) => as_client(import::run(*command)),
        Command::Export(command) => as_client(export::run(command)),
        Command::Dedupe(command) => as_client(dedupe::run(command)),
        Command::Status(command) => as_client(status::run(command)),
        Command::Health(command) => as_client(health::run(command)),
        Command::Key(command) => key::run(&command),
        Command::Config(command) => config::run(&command, file),
        Command::Completions { .. } => Ok(Done::All),
    }
}

/// A server tells what it does from `info` on.
fn as_server<F>(program: &str, run: impl FnOnce(TelemetryConfig) -> F) -> anyhow::Result<Done>
where
    F: Future<Output = anyhow::Result<Done>>,
{
    let telemetry = TelemetryConfig::read(&Settings::environment(), "info")?;
    with_telemetry(&telemetry, program, run(telemetry.clone()))
}

/// A command has its answers to show, and logs only what fails.
fn as_client(run: impl Future<Output = anyhow::Result<Done>>) -> anyhow::Result<Done> {
    let telemetry = TelemetryConfig::read(&Settings::environment(), "error")?;
    with_telemetry(&telemetry, "hawiya", run)
}

/// Runs to the end what reports on itself as the settings say.
fn with_telemetry(
    telemetry: &TelemetryConfig,
    program: &str,
    run: impl Future<Output = anyhow::Result<Done>>,
) -> anyhow::Result<Done> {
    // The recorder first: what is counted before there is one is counted nowhere.
    telemetry::metrics_handle();
    cache::describe_metrics();
    let runtime = runtime()?;
    let inside = runtime.enter();
    let traces = telemetry::init(telemetry, program)?;
    drop(inside);
    describe_build();
    runtime.spawn(telemetry::keep_metrics_small());
    let done = runtime.block_on(run);
    // While the runtime is there to send what is left.
    if let Some(traces) = traces {
        traces.end();
    }
    done
}

/// Which program this is: what it is built from, and the rules and weights that its answers depend on.
fn describe_build() {
    describe_gauge!("hawiya_build_info", "1, with the versions of the program, rules and weights");
    gauge!(
        "hawiya_build_info",
        "version" => env!("CARGO_PKG_VERSION"),
        "rules_version" => names::rules_version(),
        "weights_version" => names::weights_version(),
    )
    .set(1.0);
}

fn runtime() -> anyhow::Result<Runtime> {
    Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")
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
