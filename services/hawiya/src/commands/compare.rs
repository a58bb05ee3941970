//! `hawiya compare`: how alike two names are.

use anyhow::bail;
use chassis::Channel;
use futures_util::StreamExt;
use proto::{
    matching::v1::{self as wire, matching_service_client::MatchingServiceClient},
    r#type::v1::ExplanationView,
};
use serde::Serialize;

use super::{
    explanation::{EXPLAINED_ITEMS_MAX, Explanation},
    item_error, pipeline, rounded, verdict_name,
};
use crate::{
    Done, Usage,
    cli::{self, Service},
    client::Session,
    columns::titled,
    sink::{Answer, Line, Row, Sink},
    source::{self, Chunks},
    terminal::{isolated, visible},
};

pub(super) async fn run(command: cli::Compare) -> anyhow::Result<Done> {
    let chunk_items = if command.explain { EXPLAINED_ITEMS_MAX } else { source::CHUNK_ITEMS };
    let chunks = match command.names.as_slice() {
        [a, b] => source::pair(a, b),
        [only] if only == "-" => source::open(&command.names, None, chunk_items)?,
        _ => bail!(Usage("give two names, or `-` for lines of two tab-separated names".to_owned())),
    };
    let mut sink = Sink::open(&command.output)?;
    let session = Session::open(&command.target).await?;
    let matcher = MatchingServiceClient::new(session.channel(Service::Matcher).await?);
    let done = if command.explain {
        let full = ExplanationView::Full;
        stream(matcher, full, chunks, &mut sink, Explained).await?
    } else {
        let none = ExplanationView::Unspecified;
        stream(matcher, none, chunks, &mut sink, |compared| compared).await?
    };
    session.close().await?;
    Ok(done)
}

/// Compares every line; `read` makes an answer of a comparison.
async fn stream<T: Answer>(
    matcher: MatchingServiceClient<Channel>,
    view: ExplanationView,
    chunks: Chunks,
    sink: &mut Sink,
    read: impl Fn(Compared) -> T,
) -> anyhow::Result<Done> {
    let read = &read;
    let ask = async move |requests: pipeline::Requests| {
        Ok(requests.then(move |lines| {
            let matcher = matcher.clone();
            async move {
                let answers = compare(matcher, view, lines).await?;
                Ok(answers.into_iter().map(|answer| answer.map(read)).collect())
            }
        }))
    };
    pipeline::run(chunks, sink, ask).await
}

/// Compares the two names of each line; a line of another shape fails alone.
async fn compare(
    mut matcher: MatchingServiceClient<Channel>,
    view: ExplanationView,
    lines: Vec<String>,
) -> anyhow::Result<pipeline::Answers<Compared>> {
    let pairs: Vec<Result<wire::NamePair, String>> = lines.iter().map(|line| parse(line)).collect();
    let good: Vec<wire::NamePair> = pairs.iter().filter_map(|pair| pair.clone().ok()).collect();
    let mut outcomes = Vec::new().into_iter();
    if !good.is_empty() {
        let mut request = wire::BatchCompareNamesRequest { pairs: good, ..Default::default() };
        request.set_explanation(view);
        outcomes = matcher.batch_compare_names(request).await?.into_inner().outcomes.into_iter();
    }
    let answer = |pair: Result<wire::NamePair, String>| {
        let pair = pair?;
        row(pair, outcomes.next().and_then(|outcome| outcome.outcome))
    };
    Ok(pairs.into_iter().map(answer).collect())
}

fn parse(line: &str) -> Result<wire::NamePair, String> {
    let names: Vec<&str> = line.split('\t').collect();
    match names.as_slice() {
        [a, b] => Ok(wire::NamePair { a: (*a).to_owned(), b: (*b).to_owned() }),
        _ => Err(format!("has {} tab-separated names: give two", names.len())),
    }
}

/// A comparison as programs read it; the names of the fields are stable.
#[derive(Debug, Serialize)]
struct Compared {
    a: String,
    b: String,
    score: f64,
    verdict: &'static str,
    /// Only when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Explanation>,
}

/// A comparison that people see drawn.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Explained(Compared);

fn row(
    pair: wire::NamePair,
    outcome: Option<wire::compare_outcome::Outcome>,
) -> Result<Compared, String> {
    match outcome {
        Some(wire::compare_outcome::Outcome::Comparison(comparison)) => Ok(Compared {
            a: pair.a,
            b: pair.b,
            score: rounded(comparison.score),
            verdict: verdict_name(comparison.verdict()),
            explanation: comparison.explanation.map(Explanation::from),
        }),
        Some(wire::compare_outcome::Outcome::Error(item)) => Err(item_error(&item)),
        None => Err("the server sent no outcome".to_owned()),
    }
}

impl Row for Compared {
    const COLUMNS: &'static [&'static str] = &["a", "b", "score", "verdict"];

    fn cells(&self) -> Vec<String> {
        vec![self.a.clone(), self.b.clone(), format!("{:.2}", self.score), self.verdict.to_owned()]
    }
}

impl Answer for Explained {
    fn text(lines: &[Line<Self>], _: bool) -> Vec<String> {
        let picture = |line: &Line<Self>| match line {
            Line::Answer(Self(compared)) => compared.picture(),
            Line::Failed { input, error } => {
                vec![isolated(&visible(input)), titled("error", error), String::new()]
            }
        };
        lines.iter().flat_map(picture).collect()
    }
}

impl Compared {
    fn picture(&self) -> Vec<String> {
        let mut lines = vec![isolated(&visible(&self.a)), isolated(&visible(&self.b))];
        lines.push(titled("score", &format!("{:.2}", self.score)));
        lines.push(titled("verdict", self.verdict));
        lines.extend(self.explanation.iter().flat_map(Explanation::lines));
        lines.push(String::new());
        lines
    }
}
