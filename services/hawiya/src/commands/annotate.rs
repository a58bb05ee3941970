//! `hawiya annotate`: running text in, the mentions of known entities out.

mod articles;
mod mention;
mod page;
mod pieces;
mod who;

use std::io::{Write, stderr};

use anyhow::ensure;
use chassis::Channel;
use futures_util::{StreamExt, TryStreamExt};
use proto::{
    resolution::v1::{self as wire, resolution_service_client::ResolutionServiceClient},
    r#type::v1 as shared,
};

use self::{
    articles::{Article, Batches, Fields},
    mention::Annotated,
    page::Page,
    pieces::{Piece, TEXT_CHARS_MAX, pieces},
};
use super::{item_error, parse_types};
use crate::{
    Done,
    cli::{self, Service},
    client::Session,
    sink::{Line, Sink},
    terminal::visible,
};

/// Requests that are under way.
const REQUESTS_UNDER_WAY: usize = 4;

/// Texts of a request.
const REQUEST_TEXTS_MAX: usize = 100;

/// Bytes of the texts of a request, unless one text alone has more. Far below what the server takes,
/// because its answer is larger than the texts.
const REQUEST_BYTES: usize = 128 << 10;

/// The largest answer that is read: a text of the greatest length in which every word is a mention.
const ANSWER_BYTES_MAX: usize = 64 << 20;

pub(super) async fn run(command: cli::Annotate) -> anyhow::Result<Done> {
    let options = options(&command)?;
    let fields = Fields { text: command.text_field, id: command.id_field };
    let mut batches = articles::open(&command.items, fields)?;
    let mut page = command.html.as_deref().map(Page::create).transpose()?;
    let mut sink = Sink::open(&command.output)?;
    let session = Session::open(&command.target).await?;
    let resolver = ResolutionServiceClient::new(session.channel(Service::Resolver).await?)
        .max_decoding_message_size(ANSWER_BYTES_MAX);
    let done = annotate(&mut batches, &resolver, &options, &mut sink, page.as_mut()).await?;
    if let Some(page) = page {
        page.finish()?;
    }
    session.close().await?;
    Ok(done)
}

fn options(command: &cli::Annotate) -> anyhow::Result<wire::AnnotateOptions> {
    let types = parse_types(&command.types)?;
    Ok(wire::AnnotateOptions {
        filter: (!types.is_empty()).then(|| shared::Filter { types, ..Default::default() }),
        candidates_max: command.candidates,
        display_language: command.language.clone(),
        ..Default::default()
    })
}

/// Asks about every article and writes the answers in their order.
async fn annotate(
    batches: &mut Batches,
    resolver: &ResolutionServiceClient<Channel>,
    options: &wire::AnnotateOptions,
    sink: &mut Sink,
    mut page: Option<&mut Page>,
) -> anyhow::Result<Done> {
    let mut done = Done::All;
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        let answers = ask(&batch, resolver, options).await?;
        for (article, answer) in batch.iter().zip(&answers) {
            if answer.is_err() {
                done = Done::SomeFailed;
            }
            if let Some(page) = page.as_deref_mut() {
                page.add(article, answer)?;
            }
        }
        let lines = batch.into_iter().zip(answers).map(|(article, answer)| match answer {
            Ok(annotated) => Line::Answer(annotated),
            Err(error) => Line::Failed { input: article.id, error },
        });
        sink.write(&lines.collect::<Vec<_>>())?;
    }
    Ok(done)
}

/// The annotation of each article, or why it has none.
async fn ask(
    batch: &[Article],
    resolver: &ResolutionServiceClient<Channel>,
    options: &wire::AnnotateOptions,
) -> anyhow::Result<Vec<Result<Annotated, String>>> {
    let split: Vec<Vec<Piece<'_>>> = batch.iter().map(of_article).collect();
    let requests = requests(split.iter().flatten(), options);
    let asked = futures_util::stream::iter(requests).map(|request| send(resolver.clone(), request));
    let outcomes: Vec<_> = asked.buffered(REQUESTS_UNDER_WAY).try_concat().await?;
    let mut outcomes = outcomes.into_iter();
    let answers = batch.iter().zip(&split).map(|(article, pieces)| {
        let outcomes = outcomes.by_ref().take(pieces.len()).collect();
        answer(article, pieces, outcomes)
    });
    answers.collect()
}

/// What is sent of an article: nothing when it could not be read, pieces when it is too long.
fn of_article(article: &Article) -> Vec<Piece<'_>> {
    article.text.as_deref().map(pieces).unwrap_or_default()
}

/// The pieces in as few requests as their limits allow.
fn requests<'a>(
    pieces: impl Iterator<Item = &'a Piece<'a>>,
    options: &wire::AnnotateOptions,
) -> Vec<wire::BatchAnnotateTextsRequest> {
    let mut requests: Vec<wire::BatchAnnotateTextsRequest> = Vec::new();
    let mut bytes = 0;
    for piece in pieces {
        let document = wire::Document { text: piece.text.to_owned(), ..Default::default() };
        bytes += piece.text.len();
        match requests.last_mut() {
            Some(open) if open.documents.len() < REQUEST_TEXTS_MAX && bytes <= REQUEST_BYTES => {
                open.documents.push(document);
            }
            _ => {
                bytes = piece.text.len();
                let options = Some(options.clone());
                requests
                    .push(wire::BatchAnnotateTextsRequest { documents: vec![document], options });
            }
        }
    }
    requests
}

async fn send(
    mut resolver: ResolutionServiceClient<Channel>,
    request: wire::BatchAnnotateTextsRequest,
) -> anyhow::Result<Vec<Result<wire::Annotation, String>>> {
    let asked = request.documents.len();
    let outcomes = resolver.batch_annotate_texts(request).await?.into_inner().outcomes;
    ensure!(outcomes.len() == asked, "the server answered too little");
    Ok(outcomes.into_iter().map(annotation).collect())
}

fn annotation(outcome: wire::AnnotateOutcome) -> Result<wire::Annotation, String> {
    match outcome.outcome {
        Some(wire::annotate_outcome::Outcome::Annotation(annotation)) => Ok(annotation),
        Some(wire::annotate_outcome::Outcome::Error(error)) => Err(item_error(&error)),
        None => Err("the server sent no outcome".to_owned()),
    }
}

fn answer(
    article: &Article,
    pieces: &[Piece<'_>],
    outcomes: Vec<Result<wire::Annotation, String>>,
) -> anyhow::Result<Result<Annotated, String>> {
    if let Err(error) = &article.text {
        return Ok(Err(error.clone()));
    }
    if pieces.len() > 1 {
        writeln!(stderr(), "{}", in_pieces(&article.id, pieces.len()))?;
    }
    let annotations: Result<Vec<wire::Annotation>, String> = outcomes.into_iter().collect();
    Ok(annotations.map(|annotations| Annotated::new(&article.id, pieces, annotations)))
}

/// What is said of a text that is too long for one request. Its id is of the file and may hold anything.
fn in_pieces(id: &str, pieces: usize) -> String {
    format!(
        "`{}` has more than {TEXT_CHARS_MAX} characters: it is read in {pieces} pieces, and no short mention is \
         bound to a fuller one of another piece",
        visible(id)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_does_not_steer_the_terminal() {
        let said = in_pieces("a\u{1b}[2J\u{202E}", 2);
        assert!(!said.contains(['\u{1b}', '\u{202E}']), "{said:?}");
        assert!(said.starts_with("`a"), "{said:?}");
    }
}
