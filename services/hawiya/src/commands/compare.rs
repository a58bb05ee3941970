//! `hawiya compare`: how alike two names are.

use anyhow::bail;
use futures_util::StreamExt;
use proto::matching::v1::{self as wire, matching_service_client::MatchingServiceClient};
use serde::Serialize;
use tonic::transport::Channel;

use super::{item_error, pipeline, rounded, verdict_name};
use crate::{
    Done, Usage,
    cli::{self, Service},
    client::Session,
    sink::{Row, Sink},
    source,
};

pub(super) async fn run(command: cli::Compare) -> anyhow::Result<Done> {
    let chunks = match command.names.as_slice() {
        [a, b] => source::pair(a, b),
        [only] if only == "-" => source::open(&command.names, None, source::CHUNK_ITEMS)?,
        _ => bail!(Usage("give two names, or `-` for lines of two tab-separated names".to_owned())),
    };
    let mut sink = Sink::open(&command.output)?;
    let session = Session::open(&command.target).await?;
    let matcher = MatchingServiceClient::new(session.channel(Service::Matcher).await?);
    let ask = async |requests: pipeline::Requests| {
        Ok(requests.then(move |lines| compare(matcher.clone(), lines)))
    };
    let done = pipeline::run(chunks, &mut sink, ask).await?;
    session.close().await?;
    Ok(done)
}

/// Compares the two names of each line; a line of another shape fails alone.
async fn compare(
    mut matcher: MatchingServiceClient<Channel>,
    lines: Vec<String>,
) -> anyhow::Result<pipeline::Answers<Compared>> {
    let pairs: Vec<Result<wire::NamePair, String>> = lines.iter().map(|line| parse(line)).collect();
    let good: Vec<wire::NamePair> = pairs.iter().filter_map(|pair| pair.clone().ok()).collect();
    let mut outcomes = Vec::new().into_iter();
    if !good.is_empty() {
        let request = wire::BatchCompareNamesRequest { pairs: good, ..Default::default() };
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
}

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
