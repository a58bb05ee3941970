//! `hawiya match`: the entities that names could mean.

use futures_util::StreamExt;
use proto::{
    matching::v1::{self as wire, matching_service_client::MatchingServiceClient},
    r#type::v1 as shared,
};
use serde::Serialize;
use tokio::sync::mpsc;

use super::{item_error, parse_types, pipeline, rounded};
use crate::{
    Done,
    cli::{self, Service},
    client::Session,
    sink::{Row, Sink},
    source,
};

pub(super) async fn run(command: cli::Match) -> anyhow::Result<Done> {
    let types = parse_types(&command.types)?;
    let chunks = source::open(
        &command.items.items,
        command.items.column.as_deref(),
        chunk_items(command.limit),
    )?;
    let mut sink = Sink::open(&command.items.output)?;
    let session = Session::open(&command.items.target).await?;
    let mut matcher = MatchingServiceClient::new(session.channel(Service::Matcher).await?);
    let options = wire::MatchOptions { candidates_max: command.limit, ..Default::default() };
    let filter = (!types.is_empty()).then(|| shared::Filter { types, ..Default::default() });
    // An answer does not repeat its mention, so the texts of each request wait for it here. There
    // are never more of them than the pipeline has chunks under way.
    let (asked, mut waiting) = mpsc::unbounded_channel();
    let request = move |texts: Vec<String>| {
        let query = |text: &String| shared::NameQuery {
            text: text.clone(),
            filter: filter.clone(),
            ..Default::default()
        };
        let queries = texts.iter().map(query).collect();
        drop(asked.send(texts));
        wire::StreamMatchEntitiesRequest { queries, options: Some(options) }
    };
    let ask = async |requests: pipeline::Requests| {
        let answers = matcher.stream_match_entities(requests.map(request)).await?.into_inner();
        Ok(answers.map(move |answer| {
            let texts: Vec<String> = waiting.try_recv().unwrap_or_default();
            Ok(texts.into_iter().zip(answer?.outcomes).map(row).collect())
        }))
    };
    let done = pipeline::run(chunks, &mut sink, ask).await?;
    session.close().await?;
    Ok(done)
}

/// A message lists 10,000 candidates at most.
fn chunk_items(limit: i32) -> usize {
    let limit = usize::try_from(limit).unwrap_or(1).max(1);
    source::CHUNK_ITEMS.min(10_000 / limit)
}

/// The candidates of a name as programs read them; the names of the fields are stable.
#[derive(Debug, Serialize)]
struct Matched {
    input: String,
    candidates: Vec<Candidate>,
}

#[derive(Debug, Serialize)]
struct Candidate {
    canonical_id: String,
    name: String,
    score: f64,
}

fn row((input, outcome): (String, wire::MatchOutcome)) -> Result<Matched, String> {
    match outcome.outcome {
        Some(wire::match_outcome::Outcome::Result(result)) => Ok(Matched {
            input,
            candidates: result.candidates.into_iter().map(candidate).collect(),
        }),
        Some(wire::match_outcome::Outcome::Error(item)) => Err(item_error(&item)),
        None => Err("the server sent no outcome".to_owned()),
    }
}

fn candidate(candidate: shared::Candidate) -> Candidate {
    Candidate {
        canonical_id: candidate.canonical_id,
        name: candidate.name,
        score: rounded(candidate.score),
    }
}

impl Row for Matched {
    const COLUMNS: &'static [&'static str] = &["input", "candidates"];

    fn cells(&self) -> Vec<String> {
        let shown = |candidate: &Candidate| {
            format!("{:.2} {} ({})", candidate.score, candidate.name, candidate.canonical_id)
        };
        let candidates: Vec<String> = self.candidates.iter().map(shown).collect();
        let candidates = if candidates.is_empty() { "-".to_owned() } else { candidates.join(", ") };
        vec![self.input.clone(), candidates]
    }
}
