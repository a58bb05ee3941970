//! `hawiya dedupe`: entities that may be one, found by the matcher and decided by a person.
//!
//! A decision about a pair is kept in the registry's decisions, in a scope of its own: the "mention"
//! is the id of the entity that would be merged, the entity is the one that would survive. So what
//! was decided once is not asked again, whoever asks.

mod asking;
mod deciding;
mod finding;
mod pair;

use std::io::{IsTerminal, stdin, stdout};

use proto::{
    matching::v1::matching_service_client::MatchingServiceClient,
    registry::v1::registry_service_client::RegistryServiceClient,
};

use self::{
    asking::Terminal,
    deciding::{Decided, Decider},
    finding::Finder,
    pair::Pair,
};
use super::parse_types;
use crate::{
    Done, Usage,
    cli::{self, Service},
    client::Session,
    sink::{Line, Sink},
    source::{self, Chunks},
};

pub(super) async fn run(command: cli::Dedupe) -> anyhow::Result<Done> {
    if !(0.0..=1.0).contains(&command.threshold) {
        let text = format!("--threshold is `{}`: expected 0.0 to 1.0", command.threshold);
        return Err(Usage(text).into());
    }
    let types = parse_types(&command.types)?;
    let file = command.decisions.as_deref().map(source::raw_lines).transpose()?;
    let mut sink = Sink::open(&command.output)?;
    let session = Session::open(&command.target).await?;
    let registry = RegistryServiceClient::new(session.channel(Service::Registry).await?);
    let mut decider = Decider::new(registry.clone(), command.actor.clone());
    let is_asking = stdin().is_terminal() && stdout().is_terminal();
    let done = if let Some(lines) = file {
        carry_out(lines, &mut decider, &mut sink).await?
    } else {
        let matcher = MatchingServiceClient::new(session.channel(Service::Matcher).await?);
        let dataset = command.dataset.clone().unwrap_or_default();
        let finder = Finder::open(registry, matcher, types, dataset, command.threshold).await?;
        match is_asking && command.output.output.is_none() && command.output.format.is_none() {
            true => ask(finder, &mut decider, &mut sink).await?,
            false => list(finder, &mut sink).await?,
        }
    };
    session.close().await?;
    Ok(done)
}

/// Writes every pair.
async fn list(mut finder: Finder, sink: &mut Sink) -> anyhow::Result<Done> {
    while let Some(pairs) = finder.next().await? {
        sink.write(&pairs.into_iter().map(Line::Answer).collect::<Vec<_>>())?;
    }
    Ok(Done::All)
}

/// Shows every pair and does at once what the person says.
async fn ask(mut finder: Finder, decider: &mut Decider, sink: &mut Sink) -> anyhow::Result<Done> {
    let mut terminal = Terminal::new(stdin().lock(), stdout());
    'pairs: while let Some(pairs) = finder.next().await? {
        for pair in pairs {
            // What was merged a moment ago is no entity of its own any more.
            if decider.has_merged(&pair) {
                continue;
            }
            let Some(decision) = terminal.ask(&pair)? else { break 'pairs };
            if let Err(error) = decider.decide(&Pair { decision: Some(decision), ..pair }).await {
                terminal.tell(&format!("{error:#}"))?;
            }
        }
    }
    finished(decider, sink)
}

/// Does what the lines of a file say.
async fn carry_out(
    mut lines: Chunks,
    decider: &mut Decider,
    sink: &mut Sink,
) -> anyhow::Result<Done> {
    let mut number = 0;
    while let Some(items) = lines.recv().await {
        for item in items? {
            number += 1;
            if item.input.trim().is_empty() && item.error.is_none() {
                continue;
            }
            let decided = match (item.error, serde_json::from_str::<Pair>(&item.input)) {
                (Some(error), _) => Err(anyhow::anyhow!(error)),
                (None, Err(error)) => Err(error.into()),
                (None, Ok(pair)) => decider.decide(&pair).await,
            };
            if let Err(error) = decided {
                decider.count_failure();
                let (input, error) = (format!("line {number}"), format!("{error:#}"));
                sink.write::<Decided>(&[Line::Failed { input, error }])?;
            }
        }
    }
    finished(decider, sink)
}

fn finished(decider: &Decider, sink: &mut Sink) -> anyhow::Result<Done> {
    let decided = decider.decided();
    let done = if decided.failed > 0 { Done::SomeFailed } else { Done::All };
    sink.write(&[Line::Answer(decided)])?;
    Ok(done)
}
