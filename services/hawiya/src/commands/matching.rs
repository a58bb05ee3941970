//! `hawiya match`: the entities that names could mean.

use chassis::Channel;
use futures_util::StreamExt;
use proto::{
    matching::v1::{self as wire, matching_service_client::MatchingServiceClient},
    r#type::v1::{self as shared, ExplanationView},
};
use serde::Serialize;
use tokio::sync::mpsc;

use super::{
    explanation::{EXPLAINED_ITEMS_MAX, Explanation},
    item_error, parse_types, pipeline, rounded,
};
use crate::{
    Done,
    cli::{self, Service},
    client::Session,
    columns::titled,
    sink::{Answer, Line, Row, Sink},
    source::{self, Chunks},
    terminal::{isolated, visible},
};

pub(super) async fn run(command: cli::Match) -> anyhow::Result<Done> {
    let types = parse_types(&command.types)?;
    let items = &command.items;
    let chunk_items = chunk_items(command.limit, command.explain);
    let chunks = source::open(&items.items, items.column.as_deref(), chunk_items)?;
    let mut sink = Sink::open(&items.output)?;
    let session = Session::open(&items.target).await?;
    let matcher = MatchingServiceClient::new(session.channel(Service::Matcher).await?);
    let mut options = wire::MatchOptions { candidates_max: command.limit, ..Default::default() };
    let filter = (!types.is_empty()).then(|| shared::Filter { types, ..Default::default() });
    let done = if command.explain {
        options.set_explanation(ExplanationView::Full);
        stream(matcher, options, filter, chunks, &mut sink, Explained).await?
    } else {
        stream(matcher, options, filter, chunks, &mut sink, |matched| matched).await?
    };
    session.close().await?;
    Ok(done)
}

/// Matches every item; `read` makes an answer of its candidates.
async fn stream<T: Answer>(
    mut matcher: MatchingServiceClient<Channel>,
    options: wire::MatchOptions,
    filter: Option<shared::Filter>,
    chunks: Chunks,
    sink: &mut Sink,
    read: impl Fn(Matched) -> T,
) -> anyhow::Result<Done> {
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
    let read = &read;
    let ask = async move |requests: pipeline::Requests| {
        let answers = matcher.stream_match_entities(requests.map(request)).await?.into_inner();
        Ok(answers.map(move |answer| {
            let texts: Vec<String> = waiting.try_recv().unwrap_or_default();
            let outcomes = texts.into_iter().zip(answer?.outcomes);
            Ok(outcomes.map(|outcome| row(outcome).map(read)).collect())
        }))
    };
    pipeline::run(chunks, sink, ask).await
}

/// A message lists 10,000 candidates at most.
fn chunk_items(limit: i32, is_explained: bool) -> usize {
    let limit = usize::try_from(limit).unwrap_or(1).max(1);
    let items_max = if is_explained { EXPLAINED_ITEMS_MAX } else { source::CHUNK_ITEMS };
    items_max.min(10_000 / limit)
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
    /// Only when asked for, like the explanation: the name of the entity that matched best.
    #[serde(skip_serializing_if = "Option::is_none")]
    matched_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Explanation>,
}

/// Candidates that people see drawn.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Explained(Matched);

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
    let is_explained = candidate.explanation.is_some();
    Candidate {
        canonical_id: candidate.canonical_id,
        name: candidate.name,
        score: rounded(candidate.score),
        matched_name: is_explained.then_some(candidate.matched_name),
        explanation: candidate.explanation.map(Explanation::from),
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

impl Answer for Explained {
    fn text(lines: &[Line<Self>], _: bool) -> Vec<String> {
        let picture = |line: &Line<Self>| match line {
            Line::Answer(Self(matched)) => matched.picture(),
            Line::Failed { input, error } => {
                vec![isolated(&visible(input)), titled("error", error), String::new()]
            }
        };
        lines.iter().flat_map(picture).collect()
    }
}

impl Matched {
    fn picture(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for candidate in &self.candidates {
            let matched = candidate.matched_name.as_deref().unwrap_or(&candidate.name);
            lines.extend([self.input.as_str(), matched].map(|name| isolated(&visible(name))));
            let entity = format!("{} ({})", visible(&candidate.name), candidate.canonical_id);
            lines.push(titled("entity", &isolated(&entity)));
            lines.push(titled("score", &format!("{:.2}", candidate.score)));
            lines.extend(candidate.explanation.iter().flat_map(Explanation::lines));
            lines.push(String::new());
        }
        if lines.is_empty() {
            lines.extend([isolated(&visible(&self.input)), titled("entity", "-"), String::new()]);
        }
        lines
    }
}
