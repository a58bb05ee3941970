//! Asks the resolver about chunks of rows, over a stream that may break at any time.
//!
//! Up to eight messages are under way. What was not answered when a stream breaks is asked again over
//! the next one: asking twice changes nothing. An answer that had to do without something is asked
//! again the same way, and after a while taken as it is. A name is asked about once, as long as it is remembered.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::Arc,
    time::Duration,
};

use anyhow::anyhow;
use chassis::Channel;
use proto::{
    resolution::v1::{self as wire, resolution_service_client::ResolutionServiceClient},
    r#type::v1 as shared,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};

use super::{
    answer,
    memory::{self, Memory},
    row::{Answered, Chunk, Origin, Outcome, Query, Row},
};

/// Messages that are asked and not yet answered; as many as the server works on at a time.
const MESSAGES_UNDER_WAY: usize = 8;

/// The longest answer that is read: 1,000 items of the longest names, and what is said about them.
const ANSWER_BYTES_MAX: usize = 32 << 20;

/// How long to wait before a lost stream is opened again: doubled each time it is lost without an
/// answer in between.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// How the names of a run are asked about.
pub(super) struct Asking {
    client: ResolutionServiceClient<Channel>,
    options: wire::ResolveOptions,
    filter: Option<shared::Filter>,
    retry_for: Duration,
    memory: Memory,
    told: Told,
    window: VecDeque<Waiting>,
    /// The rows are over, or what ended them.
    end: Option<anyhow::Result<()>>,
    /// Since when nothing was answered although it was asked.
    lost_at: Option<Instant>,
    /// Since when answers had to do without something.
    degraded_at: Option<Instant>,
    backoff: Duration,
}

/// What was learned about the service on the way.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) rules_version: String,
    /// How often a stream was lost and opened again.
    pub(super) reconnected: u64,
}

/// Why a stream is over before its rows are.
enum Broken {
    /// The service, or the way to it.
    Status(Status),
    /// An answer had to do without something that may come back.
    Degraded,
    /// Nobody takes the answers.
    Unwanted,
}

impl Asking {
    pub(super) fn new(
        channel: Channel,
        options: wire::ResolveOptions,
        filter: Option<shared::Filter>,
        retry_for: Duration,
    ) -> Self {
        let client = ResolutionServiceClient::new(channel);
        Self {
            client: client.max_decoding_message_size(ANSWER_BYTES_MAX),
            options,
            filter,
            retry_for,
            memory: Memory::default(),
            told: Told::default(),
            window: VecDeque::new(),
            end: None,
            lost_at: None,
            degraded_at: None,
            backoff: BACKOFF.0,
        }
    }

    /// Answers chunks in their order until there are no more. An error says why it cannot go on; what
    /// was answered before has been handed over.
    pub(super) async fn run(
        mut self,
        mut chunks: mpsc::Receiver<anyhow::Result<Chunk>>,
        to_writer: mpsc::Sender<Answered>,
    ) -> anyhow::Result<Told> {
        loop {
            match self.converse(&mut chunks, &to_writer).await {
                Ok(()) => return self.end.unwrap_or(Ok(())).map(|()| self.told),
                // The writer says why it is gone.
                Err(Broken::Unwanted) => return Ok(self.told),
                Err(Broken::Status(status)) => self.wait(status).await?,
                Err(Broken::Degraded) => self.pause(self.retry_for).await,
            }
        }
    }

    /// One stream, to the end of the rows or to its own.
    async fn converse(
        &mut self,
        chunks: &mut mpsc::Receiver<anyhow::Result<Chunk>>,
        to_writer: &mpsc::Sender<Answered>,
    ) -> Result<(), Broken> {
        let (mut to_server, mut answers) = self.open().await?;
        loop {
            self.hand_over(to_writer).await?;
            if self.end.is_some() {
                // The server ends its side when ours is over.
                to_server = None;
                if self.window.is_empty() {
                    return Ok(());
                }
            }
            let is_room = self.end.is_none() && self.window.len() < MESSAGES_UNDER_WAY;
            tokio::select! {
                answer = answers.message(), if !self.window.is_empty() => {
                    self.answered(answer.map_err(Broken::Status)?)?;
                }
                message = chunks.recv(), if is_room => {
                    let (chunk, end) = taken(message);
                    self.end = end;
                    if let Some(chunk) = chunk {
                        self.ask(chunk, to_server.as_ref()).await;
                    }
                }
            }
        }
    }

    /// Opens a stream and asks again what was not answered.
    async fn open(&mut self) -> Result<(Option<Requests>, Answers), Broken> {
        let (to_server, requests) = mpsc::channel(MESSAGES_UNDER_WAY);
        for waiting in self.window.iter().filter(|waiting| !waiting.is_answered()) {
            // There is room for the whole window.
            drop(to_server.try_send(self.request(&waiting.items)));
        }
        let opened = self.client.stream_resolve(ReceiverStream::new(requests)).await;
        Ok((Some(to_server), opened.map_err(Broken::Status)?.into_inner()))
    }

    async fn ask(&mut self, chunk: Chunk, to_server: Option<&Requests>) {
        let waiting = Waiting::new(chunk, &mut self.memory, self.filter.as_ref());
        if let Some(to_server) = to_server.filter(|_| !waiting.is_answered()) {
            // When the stream is lost, its answers say so, and this is asked over the next one.
            drop(to_server.send(self.request(&waiting.items)).await);
        }
        self.window.push_back(waiting);
    }

    fn request(&self, items: &[wire::ResolveItem]) -> wire::StreamResolveRequest {
        wire::StreamResolveRequest { items: items.to_vec(), options: Some(self.options.clone()) }
    }

    /// Takes the answer to the first message that has none.
    fn answered(&mut self, answer: Option<wire::StreamResolveResponse>) -> Result<(), Broken> {
        let ended = || Broken::Status(Status::unavailable("the server ended the stream early"));
        let outcomes = answer.ok_or_else(ended)?.outcomes;
        let waiting = self.window.iter_mut().find(|waiting| !waiting.is_answered());
        let Some(waiting) = waiting.filter(|waiting| waiting.items.len() == outcomes.len()) else {
            return Err(Broken::Status(Status::data_loss(
                "the server answered what was not asked",
            )));
        };
        if outcomes.iter().any(answer::may_improve) {
            let since = *self.degraded_at.get_or_insert_with(Instant::now);
            if since.elapsed() < self.retry_for {
                self.lost_at = None;
                return Err(Broken::Degraded);
            }
        } else {
            self.degraded_at = None;
        }
        waiting.answer(outcomes, &mut self.memory, &mut self.told.rules_version);
        (self.lost_at, self.backoff) = (None, BACKOFF.0);
        Ok(())
    }

    async fn hand_over(&mut self, to_writer: &mpsc::Sender<Answered>) -> Result<(), Broken> {
        while self.window.front().is_some_and(Waiting::is_answered) {
            let answered = self.window.pop_front().map(Waiting::finish);
            if let Some(answered) = answered {
                to_writer.send(answered).await.map_err(|_| Broken::Unwanted)?;
            }
        }
        Ok(())
    }

    /// Waits before the next stream, or says why there is none.
    async fn wait(&mut self, status: Status) -> anyhow::Result<()> {
        let away = self.lost_at.get_or_insert_with(Instant::now).elapsed();
        if !may_pass(status.code()) {
            return Err(anyhow!(
                "the resolver refuses: {} ({:?})",
                status.message(),
                status.code()
            ));
        }
        if away >= self.retry_for {
            let (seconds, cause) = (away.as_secs(), status.message());
            return Err(anyhow!("the resolver has not answered for {seconds} s: {cause}"));
        }
        self.told.reconnected += 1;
        self.pause(self.retry_for.saturating_sub(away)).await;
        Ok(())
    }

    async fn pause(&mut self, longest: Duration) {
        sleep(self.backoff.min(longest)).await;
        self.backoff = (self.backoff * 2).min(BACKOFF.1);
    }
}

/// The rows of a message of the reader, and how the rows end where they do. A reader that is gone without
/// a last message has not come to the end of the file.
fn taken(message: Option<anyhow::Result<Chunk>>) -> (Option<Chunk>, Option<anyhow::Result<()>>) {
    match message {
        None => {
            (None, Some(Err(anyhow!("reading the file broke off: this is a mistake of hawiya"))))
        }
        Some(Err(error)) => (None, Some(Err(error))),
        Some(Ok(chunk)) => {
            let end = chunk.is_last.then_some(Ok(()));
            (Some(chunk).filter(|chunk| !chunk.rows.is_empty()), end)
        }
    }
}

type Requests = mpsc::Sender<wire::StreamResolveRequest>;
type Answers = Streaming<wire::StreamResolveResponse>;

/// Whether it is worth asking again. A service that is killed is UNAVAILABLE, UNKNOWN, CANCELLED or
/// INTERNAL, as the connection breaks.
fn may_pass(code: Code) -> bool {
    !matches!(
        code,
        Code::InvalidArgument
            | Code::Unimplemented
            | Code::Unauthenticated
            | Code::PermissionDenied
            | Code::FailedPrecondition
            | Code::NotFound
            | Code::OutOfRange
    )
}

/// A chunk that waits for its answers.
struct Waiting {
    rows: Vec<Row>,
    slots: Vec<Slot>,
    /// What is asked, each once, with its key; kept to be asked again.
    items: Vec<wire::ResolveItem>,
    keys: Vec<u128>,
    answers: Option<Vec<(Outcome, Origin)>>,
}

/// Where the answer of a row is.
enum Slot {
    Known(Outcome, Origin),
    /// With the item at this place; the first row that asks it is told where the answer came from.
    Asked {
        at: usize,
        is_first: bool,
    },
}

impl Waiting {
    fn new(chunk: Chunk, memory: &mut Memory, filter: Option<&shared::Filter>) -> Self {
        let mut asked: HashMap<u128, usize> = HashMap::with_capacity(chunk.rows.len());
        let (mut items, mut keys) = (Vec::new(), Vec::new());
        let mut slot = |row: &Row| {
            let query = match &row.query {
                Ok(query) => query,
                Err(problems) => return Slot::Known(Err(Arc::new(problems.clone())), Origin::Run),
            };
            let key = memory::key(query);
            if let Some(known) = memory.get(key) {
                return Slot::Known(known, Origin::Run);
            }
            match asked.entry(key) {
                Entry::Occupied(at) => Slot::Asked { at: *at.get(), is_first: false },
                Entry::Vacant(entry) => {
                    entry.insert(items.len());
                    items.push(item(query, filter));
                    keys.push(key);
                    Slot::Asked { at: items.len() - 1, is_first: true }
                }
            }
        };
        let slots: Vec<Slot> = chunk.rows.iter().map(&mut slot).collect();
        let answers = items.is_empty().then(Vec::new);
        Self { rows: chunk.rows, slots, items, keys, answers }
    }

    fn is_answered(&self) -> bool {
        self.answers.is_some()
    }

    fn answer(
        &mut self,
        outcomes: Vec<wire::ItemOutcome>,
        memory: &mut Memory,
        rules_version: &mut String,
    ) {
        let mut read = |(outcome, key): (wire::ItemOutcome, &u128)| {
            let (outcome, origin) = match answer::read(outcome, rules_version) {
                Ok((answer, origin)) => (Ok(Arc::new(answer)), origin),
                Err(problems) => (Err(Arc::new(problems)), Origin::Computed),
            };
            memory.put(*key, &outcome);
            (outcome, origin)
        };
        self.answers = Some(outcomes.into_iter().zip(&self.keys).map(&mut read).collect());
    }

    fn finish(self) -> Answered {
        let answers = self.answers.unwrap_or_default();
        let outcome = |slot| match slot {
            Slot::Known(outcome, origin) => (outcome, origin),
            Slot::Asked { at, is_first } => {
                let (outcome, origin) = &answers[at];
                (outcome.clone(), if is_first { *origin } else { Origin::Run })
            }
        };
        Answered { outcomes: self.slots.into_iter().map(outcome).collect(), rows: self.rows }
    }
}

fn item(query: &Query, filter: Option<&shared::Filter>) -> wire::ResolveItem {
    let has_evidence = query.entity_type != Default::default() || !query.country.is_empty();
    let evidence = has_evidence.then(|| shared::Evidence {
        r#type: query.entity_type.into(),
        country: query.country.clone(),
        ..Default::default()
    });
    let query = shared::NameQuery {
        text: query.text.clone(),
        language: query.language.clone(),
        filter: filter.cloned(),
        evidence,
        ..Default::default()
    };
    wire::ResolveItem { query: Some(query), ..Default::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_is_gone_without_a_last_message_is_no_end_of_the_file() {
        let chunk = |is_last| Some(Ok(Chunk { rows: Vec::new(), is_last }));
        assert!(taken(chunk(false)).1.is_none());
        assert!(matches!(taken(chunk(true)).1, Some(Ok(()))));
        assert!(matches!(taken(None).1, Some(Err(_))));
    }
}
