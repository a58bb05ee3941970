//! Leads items through a stream of the suite: reads ahead, asks a chunk at a time, writes in order.

use std::future::Future;

use anyhow::Context;
use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    Done,
    sink::{Answer, Line, Sink},
    source::{Chunks, Item},
};

/// Chunks that are under way: asked and not yet answered.
const CHUNKS_UNDER_WAY: usize = 8;

/// The texts of each chunk, as a stream of requests is made of them.
pub(super) type Requests = ReceiverStream<Vec<String>>;

/// The answers to one chunk: as many as it had texts, each an answer or why there is none.
pub(super) type Answers<T> = Vec<Result<T, String>>;

/// Asks about every item and writes every answer in the order of the items. `ask` opens the stream.
pub(super) async fn run<T, S, F>(
    chunks: Chunks,
    sink: &mut Sink,
    ask: impl FnOnce(Requests) -> F,
) -> anyhow::Result<Done>
where
    T: Answer,
    S: Stream<Item = anyhow::Result<Answers<T>>>,
    F: Future<Output = anyhow::Result<S>>,
{
    let (to_server, requests) = mpsc::channel(CHUNKS_UNDER_WAY);
    let (to_sink, mut asked) = mpsc::channel(CHUNKS_UNDER_WAY);
    let feed = tokio::spawn(feed(chunks, to_server, to_sink));
    let mut answers = std::pin::pin!(ask(ReceiverStream::new(requests)).await?);
    let mut done = Done::All;
    while let Some(items) = asked.recv().await {
        let any_good = items.iter().any(|item| item.error.is_none());
        let answered = if any_good {
            answers.next().await.context("the server ended the stream early")??
        } else {
            Vec::new()
        };
        let lines = merged(items, answered)?;
        if lines.iter().any(|line| matches!(line, Line::Failed { .. })) {
            done = Done::SomeFailed;
        }
        sink.write(&lines)?;
    }
    feed.await??;
    Ok(done)
}

/// Hands each chunk to the server and, in the same order, to the sink.
async fn feed(
    mut chunks: Chunks,
    to_server: mpsc::Sender<Vec<String>>,
    to_sink: mpsc::Sender<Vec<Item>>,
) -> anyhow::Result<()> {
    while let Some(chunk) = chunks.recv().await {
        let items = chunk?;
        let good = items.iter().filter(|item| item.error.is_none());
        let texts: Vec<String> = good.map(|item| item.input.clone()).collect();
        // Either side is gone only when the run has failed, and the run says why.
        let is_gone = (!texts.is_empty() && to_server.send(texts).await.is_err())
            || to_sink.send(items).await.is_err();
        if is_gone {
            break;
        }
    }
    Ok(())
}

/// Lines in the order of the items: the answers to the good ones among the bad ones' errors.
fn merged<T>(items: Vec<Item>, answers: Answers<T>) -> anyhow::Result<Vec<Line<T>>> {
    let mut answers = answers.into_iter();
    let mut lines = Vec::with_capacity(items.len());
    for Item { input, error } in items {
        let answer = match error {
            Some(error) => Err(error),
            None => answers.next().context("the server answered too little")?,
        };
        lines.push(match answer {
            Ok(answer) => Line::Answer(answer),
            Err(error) => Line::Failed { input, error },
        });
    }
    Ok(lines)
}
