//! Calls of every kind at a steady rate, whatever becomes of them, and what did become of them.
//!
//! The rate is open: a slow answer holds up no later call, as it is with callers who do not know
//! each other. How long a call took is measured from when it was due.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use chassis::repeatable;
use proto::{
    matching::v1 as matching, normalization::v1 as normalization, registry::v1 as registry,
    resolution::v1 as resolution,
};
use tokio::{task::JoinHandle, time::MissedTickBehavior};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Code, Request, Status};

use crate::{Callers, catalogue::MISSION, query};

/// How long a caller waits.
const PATIENCE: Duration = Duration::from_secs(30);

/// Mentions of a batch of the mixed load, and of each message of a stream.
const BATCH_ITEMS: usize = 10;

/// What is called.
#[derive(Clone, Copy, Debug)]
pub enum Calls {
    /// Calls of every kind, as small as they usually are.
    Mixed,
    /// Batches of so many mentions, which cost the services much and the caller little: who calls must not be
    /// what is overloaded.
    Batches(usize),
}

/// Messages of a stream.
const STREAM_MESSAGES: usize = 3;

/// How often a stream is begun again after it was told to go elsewhere.
const STREAM_RESUMES_MAX: usize = 5;

/// How often calls are begun that are due.
const TICK: Duration = Duration::from_millis(2);

/// Calls under way.
#[derive(Debug)]
pub struct Load {
    enough: CancellationToken,
    done: Arc<AtomicUsize>,
    running: JoinHandle<Tally>,
}

/// What became of the calls.
#[derive(Debug, Default)]
pub struct Tally {
    /// Calls that were answered, and rightly.
    pub answered: usize,
    /// Calls that failed: when, which, and how.
    pub failures: Vec<(Instant, &'static str, Status)>,
    /// How long those took that were answered, by method, in no order.
    pub took: BTreeMap<&'static str, Vec<Duration>>,
    /// How long those took that failed.
    pub failed_after: Vec<Duration>,
    /// Calls begun, by the second since the first.
    pub begun: BTreeMap<u64, usize>,
}

impl Load {
    /// Begins `rate` calls a second.
    #[must_use]
    pub fn start(callers: Callers, calls: Calls, rate: usize) -> Self {
        let (enough, done) = (CancellationToken::new(), Arc::new(AtomicUsize::new(0)));
        let running = tokio::spawn(run(callers, calls, rate, enough.clone(), Arc::clone(&done)));
        Self { enough, done, running }
    }

    /// How many calls have ended so far, however they did.
    #[must_use]
    pub fn done(&self) -> usize {
        self.done.load(Ordering::Relaxed)
    }

    /// Begins no more, and waits for those under way.
    pub async fn stop(self) -> Tally {
        self.enough.cancel();
        self.running.await.unwrap()
    }
}

impl Tally {
    /// The failures, for a person.
    #[must_use]
    pub fn complaints(&self) -> String {
        let mut counts = BTreeMap::new();
        for (_, method, status) in &self.failures {
            let line = format!("{method}: {:?} {}", status.code(), status.message());
            *counts.entry(line).or_insert(0_usize) += 1;
        }
        counts.iter().map(|(line, count)| format!("{count} × {line}\n")).collect()
    }

    /// The time that a share of the answered calls stayed below, of one method or of all.
    #[must_use]
    pub fn quantile(&self, method: Option<&str>, share: f64) -> Duration {
        let of_method = |name: &str| method.is_none_or(|method| method == name);
        let took = self.took.iter().filter(|(name, _)| of_method(name));
        quantile(took.flat_map(|(_, took)| took.iter().copied()).collect(), share)
    }
}

/// The time that a share of `took` stayed below; zero when there are none.
#[must_use]
pub fn quantile(mut took: Vec<Duration>, share: f64) -> Duration {
    took.sort_unstable();
    let at = (took.len() as f64 * share) as usize;
    took.get(at.min(took.len().saturating_sub(1))).copied().unwrap_or_default()
}

async fn run(
    callers: Callers,
    wanted: Calls,
    rate: usize,
    enough: CancellationToken,
    done: Arc<AtomicUsize>,
) -> Tally {
    let (tally, calls) = (Arc::new(Mutex::new(Tally::default())), TaskTracker::new());
    let (begin, mut begun) = (Instant::now(), 0);
    let mut every = tokio::time::interval(TICK);
    every.set_missed_tick_behavior(MissedTickBehavior::Skip);
    while enough.run_until_cancelled(every.tick()).await.is_some() {
        let due = (begin.elapsed().as_secs_f64() * rate as f64) as usize;
        for number in begun..due {
            let at = begin + Duration::from_secs_f64(number as f64 / rate as f64);
            let (callers, tally, done) = (callers.clone(), Arc::clone(&tally), Arc::clone(&done));
            calls.spawn(async move {
                let method = wanted.method(number);
                let outcome = call(callers, wanted, number).await;
                note(&tally, begin, at, method, outcome);
                done.fetch_add(1, Ordering::Relaxed);
            });
        }
        begun = due;
    }
    calls.close();
    calls.wait().await;
    std::mem::take(&mut *tally.lock().unwrap_or_else(PoisonError::into_inner))
}

fn note(
    tally: &Mutex<Tally>,
    begin: Instant,
    at: Instant,
    method: &'static str,
    outcome: Result<(), Status>,
) {
    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
    *tally.begun.entry(at.duration_since(begin).as_secs()).or_default() += 1;
    match outcome {
        Ok(()) => {
            tally.answered += 1;
            tally.took.entry(method).or_default().push(at.elapsed());
        }
        Err(status) => {
            tally.failures.push((Instant::now(), method, status));
            tally.failed_after.push(at.elapsed());
        }
    }
}

impl Calls {
    /// Of twenty calls, which the next is.
    fn method(self, number: usize) -> &'static str {
        match (self, number % 20) {
            (Self::Batches(_), _) | (_, 8..10) => "BatchResolve",
            (_, 0..8) => "Resolve",
            (_, 10) => "StreamResolve",
            (_, 11..14) => "MatchEntities",
            (_, 14..17) => "Normalize",
            _ => "GetEntity",
        }
    }

    fn batch_items(self) -> usize {
        match self {
            Self::Mixed => BATCH_ITEMS,
            Self::Batches(items) => items,
        }
    }
}

/// A mention and what it means. Every other one is new, so that no cache has it.
fn mention(number: usize) -> (String, &'static str) {
    let (text, id) = MISSION[number % MISSION.len()];
    let fresh = number.is_multiple_of(2);
    (if fresh { format!("{text} {number}") } else { text.to_owned() }, id)
}

async fn call(mut callers: Callers, wanted: Calls, number: usize) -> Result<(), Status> {
    let (text, id) = mention(number / 20);
    match wanted.method(number) {
        "Resolve" => {
            let request = resolution::ResolveRequest { query: Some(query(&text)), options: None };
            let answer = callers.resolver.resolve(patient(request)).await?.into_inner();
            check(&text, id, answer.resolution.as_ref())
        }
        "BatchResolve" => {
            let items = wanted.batch_items();
            let mentions: Vec<_> = (0..items).map(|item| mention(number * items + item)).collect();
            let queries = mentions.iter().map(|(text, _)| query(text)).collect();
            let request = resolution::BatchResolveRequest { queries, options: None };
            let outcomes =
                callers.resolver.batch_resolve(patient(request)).await?.into_inner().outcomes;
            let mut pairs = mentions.iter().zip(&outcomes);
            pairs.try_for_each(|((text, id), outcome)| check(text, id, resolved(outcome)))
        }
        "StreamResolve" => stream(&mut callers, number).await,
        "MatchEntities" => {
            let query = Some(query(&text));
            let request = matching::MatchEntitiesRequest { query, options: None };
            callers.matcher.match_entities(patient(request)).await.map(drop)
        }
        "Normalize" => {
            let request = normalization::NormalizeRequest { text, options: None };
            callers.normalizer.normalize(patient(request)).await.map(drop)
        }
        _ => {
            let request = registry::GetEntityRequest { canonical_id: id.to_owned() };
            let answer = callers.registry.get_entity(patient(request)).await?.into_inner();
            let found = answer.entity.map(|entity| entity.canonical_id).unwrap_or_default();
            if found == id { Ok(()) } else { Err(wrong(id, &found)) }
        }
    }
}

/// A stream goes on elsewhere, after the last answer it got, when it is told to or loses its server.
async fn stream(callers: &mut Callers, number: usize) -> Result<(), Status> {
    let mentions: Vec<_> =
        (0..STREAM_MESSAGES * BATCH_ITEMS).map(|item| mention(number + item)).collect();
    let mut answered = 0;
    let mut resumes = 0;
    while answered < mentions.len() {
        match stream_from(callers, &mentions, &mut answered).await {
            Ok(()) => {}
            Err(status) if status.code() == Code::Unavailable && resumes < STREAM_RESUMES_MAX => {
                resumes += 1;
            }
            Err(status) => return Err(status),
        }
    }
    Ok(())
}

async fn stream_from(
    callers: &mut Callers,
    mentions: &[(String, &'static str)],
    answered: &mut usize,
) -> Result<(), Status> {
    let rest: Vec<_> = mentions.iter().enumerate().skip(*answered).collect();
    let item = |(at, (text, _)): &(usize, &(String, _))| resolution::ResolveItem {
        item_number: i64::try_from(*at).expect("a few"),
        query: Some(query(text)),
        options: None,
    };
    let messages: Vec<_> = rest
        .chunks(BATCH_ITEMS)
        .map(|some| resolution::StreamResolveRequest {
            items: some.iter().map(item).collect(),
            options: None,
        })
        .collect();
    let answers = callers.resolver.stream_resolve(tokio_stream::iter(messages)).await?;
    let mut answers = answers.into_inner();
    while let Some(answer) = answers.message().await? {
        for item in answer.outcomes {
            if usize::try_from(item.item_number).ok() != Some(*answered) {
                return Err(wrong(&answered.to_string(), &item.item_number.to_string()));
            }
            let (text, id) = &mentions[*answered];
            let resolution = match &item.outcome {
                Some(resolution::item_outcome::Outcome::Resolution(resolution)) => Some(resolution),
                _ => None,
            };
            check(text, id, resolution)?;
            *answered += 1;
        }
    }
    Ok(())
}

fn resolved(outcome: &resolution::ResolveOutcome) -> Option<&resolution::Resolution> {
    match &outcome.outcome {
        Some(resolution::resolve_outcome::Outcome::Resolution(resolution)) => Some(resolution),
        _ => None,
    }
}

/// A mention as it is known means what it means. What a number does to one is not our subject.
fn check(text: &str, id: &str, resolution: Option<&resolution::Resolution>) -> Result<(), Status> {
    let Some(resolution) = resolution else { return Err(wrong(id, "nothing")) };
    let known = MISSION.iter().any(|(mention, _)| *mention == text);
    let right = !known || resolution.canonical_id == id;
    if right { Ok(()) } else { Err(wrong(id, &resolution.canonical_id)) }
}

fn wrong(expected: &str, found: &str) -> Status {
    Status::data_loss(format!("a wrong answer: `{found}` instead of `{expected}`"))
}

fn patient<T>(message: T) -> Request<T> {
    let mut request = repeatable(Request::new(message));
    request.set_timeout(PATIENCE);
    request
}
