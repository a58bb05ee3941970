//! `hawiya normalize`: names on the ladder.

use futures_util::StreamExt;
use proto::normalization::v1::{
    self as wire, normalization_service_client::NormalizationServiceClient,
};
use serde::Serialize;

use super::{item_error, pipeline};
use crate::{
    Done,
    cli::{self, Service},
    client::Session,
    sink::{Row, Sink},
    source,
};

pub(super) async fn run(command: cli::Items) -> anyhow::Result<Done> {
    let chunks = source::open(&command.items, command.column.as_deref(), source::CHUNK_ITEMS)?;
    let mut sink = Sink::open(&command.output)?;
    let session = Session::open(&command.target).await?;
    let mut normalizer =
        NormalizationServiceClient::new(session.channel(Service::Normalizer).await?);
    let request = |texts| wire::StreamNormalizeRequest { texts, options: None };
    let ask = async |requests: pipeline::Requests| {
        let answers = normalizer.stream_normalize(requests.map(request)).await?.into_inner();
        Ok(answers.map(|answer| Ok(answer?.outcomes.into_iter().map(row).collect())))
    };
    let done = pipeline::run(chunks, &mut sink, ask).await?;
    session.close().await?;
    Ok(done)
}

/// A name on the ladder as programs read it; the names of the fields are stable.
#[derive(Debug, Serialize)]
struct Normalized {
    input: String,
    orthographic: String,
    form: String,
    skeleton: String,
    script: String,
}

fn row(outcome: wire::NormalizeOutcome) -> Result<Normalized, String> {
    match outcome.outcome {
        Some(wire::normalize_outcome::Outcome::Name(name)) => Ok(Normalized {
            input: name.text,
            orthographic: name.orthographic,
            form: name.form,
            skeleton: name.skeleton,
            script: name.script,
        }),
        Some(wire::normalize_outcome::Outcome::Error(item)) => Err(item_error(&item)),
        None => Err("the server sent no outcome".to_owned()),
    }
}

impl Row for Normalized {
    const COLUMNS: &'static [&'static str] =
        &["input", "orthographic", "form", "skeleton", "script"];

    fn cells(&self) -> Vec<String> {
        [&self.input, &self.orthographic, &self.form, &self.skeleton, &self.script]
            .map(Clone::clone)
            .to_vec()
    }
}
