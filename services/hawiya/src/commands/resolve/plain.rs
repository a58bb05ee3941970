//! Answers names as they come, a line each: a table for people, JSON lines for programs.

use futures_util::StreamExt;
use proto::{
    resolution::v1::{self as wire, resolution_service_client::ResolutionServiceClient},
    r#type::v1 as shared,
};
use serde::Serialize;

use super::super::{
    item_error, meant::Meant, parse_types, pipeline, rounded, type_name, verdict_name,
};
use crate::{
    Done,
    cli::{self, Service},
    client::Session,
    sink::{Row, Sink},
    source,
};

pub(super) async fn run(command: cli::Resolve) -> anyhow::Result<Done> {
    let types = parse_types(&command.types)?;
    let chunks = source::open(&command.items, command.column.as_deref(), source::CHUNK_ITEMS)?;
    let format = match command.format {
        Some(cli::ResolveFormat::Table) => Some(cli::Format::Table),
        Some(_) => Some(cli::Format::Jsonl),
        None => None,
    };
    let mut sink = Sink::open(&cli::Output { format, output: command.output })?;
    let session = Session::open(&command.target).await?;
    let mut resolver = ResolutionServiceClient::new(session.channel(Service::Resolver).await?);
    let options = wire::ResolveOptions { display_language: command.language, ..Default::default() };
    let filter = (!types.is_empty()).then(|| shared::Filter { types, ..Default::default() });
    let request = move |texts: Vec<String>| wire::StreamResolveRequest {
        items: texts.into_iter().map(|text| item(text, filter.as_ref())).collect(),
        options: Some(options.clone()),
    };
    let ask = async |requests: pipeline::Requests| {
        let answers = resolver.stream_resolve(requests.map(request)).await?.into_inner();
        Ok(answers.map(|answer| Ok(answer?.outcomes.into_iter().map(row).collect())))
    };
    let done = pipeline::run(chunks, &mut sink, ask).await?;
    session.close().await?;
    Ok(done)
}

fn item(text: String, filter: Option<&shared::Filter>) -> wire::ResolveItem {
    let query = shared::NameQuery { text, filter: filter.cloned(), ..Default::default() };
    wire::ResolveItem { query: Some(query), ..Default::default() }
}

/// A resolution as programs read it; the names of the fields are stable.
#[derive(Debug, Serialize)]
struct Resolved {
    input: String,
    form: String,
    verdict: &'static str,
    canonical_id: Option<String>,
    name: Option<String>,
    r#type: Option<&'static str>,
    score: f64,
    reason: String,
}

fn row(outcome: wire::ItemOutcome) -> Result<Resolved, String> {
    match outcome.outcome {
        Some(wire::item_outcome::Outcome::Resolution(resolution)) => Ok(resolved(resolution)),
        Some(wire::item_outcome::Outcome::Error(item)) => Err(item_error(&item)),
        None => Err("the server sent no outcome".to_owned()),
    }
}

fn resolved(resolution: wire::Resolution) -> Resolved {
    let verdict = verdict_name(resolution.verdict());
    let entity = resolution.entity;
    Resolved {
        input: resolution.text,
        form: resolution.form,
        verdict,
        canonical_id: entity.as_ref().map(|entity| entity.canonical_id.clone()),
        r#type: entity.as_ref().map(|entity| type_name(entity.r#type())),
        name: entity.map(|entity| entity.name),
        score: rounded(resolution.score),
        reason: resolution.reason,
    }
}

impl Row for Resolved {
    const COLUMNS: &'static [&'static str] =
        &["input", "form", "canonical id", "name", "type", "score", "why"];

    fn cells(&self) -> Vec<String> {
        let meant = Meant {
            verdict: self.verdict,
            canonical_id: self.canonical_id.as_deref(),
            name: self.name.as_deref(),
            r#type: self.r#type,
            score: self.score,
            reason: &self.reason,
        };
        [self.input.clone(), self.form.clone()].into_iter().chain(meant.cells()).collect()
    }
}
