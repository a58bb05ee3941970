//! Answers the messages of a bidirectional stream in order, a few at a time.
//!
//! The window is what gives back-pressure: a caller that does not read its answers is not read from.

use std::{
    future::{self, Future},
    pin::Pin,
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures_util::{Stream, StreamExt, future::Either, stream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Status};

use crate::{Deadline, Fault};

/// How many messages of one stream are worked on at a time.
pub const WINDOW_MESSAGES: usize = 8;

/// The answers of a stream.
pub type Answers<A> = Pin<Box<dyn Stream<Item = Result<A, Status>> + Send>>;

/// Answers each message of a request by the future that `begin` makes of it; `begin` sees them in
/// order.
///
/// A stream has no deadline but the one its caller states, and that is believed however long it is:
/// the stream then ends with DEADLINE_EXCEEDED. When `draining` is cancelled no more messages are
/// read; those under way are answered, and the stream ends with UNAVAILABLE, which tells the caller
/// to go on elsewhere.
pub fn answer<Q, A, F, W>(
    request: Request<impl Stream<Item = Result<Q, Status>> + Send + 'static>,
    draining: CancellationToken,
    mut begin: F,
) -> Answers<A>
where
    Q: Send + 'static,
    A: Send + 'static,
    F: FnMut(Q) -> W + Send + 'static,
    W: Future<Output = Result<A, Fault>> + Send + 'static,
{
    let ending = Ending::default();
    let (drained, overdue) = (ending.clone(), ending.clone());
    let deadline = Deadline::stated(&request);
    let answers = request
        .into_inner()
        .take_until(async move {
            draining.cancelled().await;
            drained.note(draining_fault);
        })
        .map(move |message| match message {
            Ok(message) => {
                let work = begin(message);
                Either::Left(async move { work.await.map_err(Status::from) })
            }
            Err(status) => Either::Right(future::ready(Err(status))),
        })
        .buffered(WINDOW_MESSAGES)
        .take_until(async move {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline.instant()).await,
                None => future::pending().await,
            }
            overdue.note(overdue_fault);
        });
    Box::pin(answers.chain(stream::once(ending.status()).filter_map(future::ready)))
}

/// Why a stream ended before its caller ended it, if it did.
#[derive(Clone, Default)]
struct Ending(Arc<OnceLock<fn() -> Fault>>);

impl Ending {
    /// The first reason counts.
    fn note(&self, why: fn() -> Fault) {
        self.0.get_or_init(|| why);
    }

    /// Looked at when all else was answered.
    async fn status<A>(self) -> Option<Result<A, Status>> {
        self.0.get().map(|why| Err(why().into()))
    }
}

fn overdue_fault() -> Fault {
    let text = "the stream took longer than its caller said: go on after the last answer";
    Fault::DeadlineExceeded { text: text.to_owned() }
}

/// What a stream ends with when its server drains.
#[must_use]
pub fn draining_fault() -> Fault {
    Fault::Unavailable {
        reason: "DRAINING",
        text: "this replica is shutting down: connect again and go on after the last answer"
            .to_owned(),
        retry_after: Duration::from_millis(100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;
    use tonic::Code;

    async fn outcome(
        requests: impl Stream<Item = Result<u64, Status>> + Send + 'static,
        draining: CancellationToken,
    ) -> Vec<Result<u64, Code>> {
        let answers = answer(Request::new(requests), draining, |number| async move {
            // The earlier a request, the longer it takes: order must not depend on luck.
            for _ in number..10 {
                tokio::task::yield_now().await;
            }
            Ok(number * 2)
        });
        answers.map(|answer| answer.map_err(|status| status.code())).collect().await
    }

    #[tokio::test]
    async fn answers_keep_the_order_of_requests() {
        let requests = stream::iter((0..30).map(Ok));
        let expected: Vec<_> = (0..30).map(|number| Ok(number * 2)).collect();
        assert_eq!(outcome(requests, CancellationToken::new()).await, expected);
    }

    #[tokio::test]
    async fn a_stream_that_is_cut_short_says_so_after_its_answers() {
        let draining = CancellationToken::new();
        let cancel = draining.clone();
        let requests = stream::iter((0..3).map(Ok)).chain(stream::once(async move {
            cancel.cancel();
            future::pending().await
        }));
        assert_eq!(
            outcome(requests, draining).await,
            [Ok(0), Ok(2), Ok(4), Err(Code::Unavailable)]
        );
    }

    #[tokio::test]
    async fn a_stream_that_ended_by_itself_is_not_called_cut_short() {
        let draining = CancellationToken::new();
        let cancel = draining.clone();
        let requests = stream::iter([Ok(1)]);
        let answers = answer(Request::new(requests), draining, move |number: u64| {
            let cancel = cancel.clone();
            async move {
                // The requests are over by the time this answer is asked for again.
                tokio::task::yield_now().await;
                cancel.cancel();
                Ok(number)
            }
        });
        let answers: Vec<_> = answers.map(|answer| answer.is_ok()).collect().await;
        assert_eq!(answers, [true]);
    }

    /// A stream that answers at once, and the end at which its messages come in.
    fn open(timeout: Option<Duration>) -> (mpsc::UnboundedSender<u64>, Answers<u64>) {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let messages = stream::poll_fn(move |context| receiver.poll_recv(context)).map(Ok);
        let mut request = Request::new(messages);
        if let Some(timeout) = timeout {
            request.set_timeout(timeout);
        }
        let answers = answer(request, CancellationToken::new(), |number| async move { Ok(number) });
        (sender, answers)
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_has_no_deadline_of_its_own() {
        let (sender, mut answers) = open(None);
        for day in 0..3 {
            sender.send(day).unwrap();
            assert_eq!(answers.next().await.unwrap().unwrap(), day);
            tokio::time::advance(Duration::from_secs(24 * 3_600)).await;
        }
        drop(sender);
        assert!(answers.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_when_its_caller_said() {
        let (sender, mut answers) = open(Some(Duration::from_secs(3_600)));
        tokio::time::advance(Duration::from_secs(3_000)).await;
        sender.send(1).unwrap();
        assert_eq!(answers.next().await.unwrap().unwrap(), 1);
        let ended = answers.next().await.unwrap().unwrap_err();
        assert_eq!(ended.code(), Code::DeadlineExceeded);
        assert!(answers.next().await.is_none());
    }

    #[tokio::test]
    async fn a_caller_that_does_not_read_is_not_read_from() {
        let read = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = Arc::clone(&read);
        let messages = stream::iter((0..1_000).map(Ok)).inspect(move |_| {
            counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        });
        let work = |number: u64| async move { Ok(number) };
        let mut answers = answer(Request::new(messages), CancellationToken::new(), work);
        for answered in 1..=100 {
            answers.next().await.unwrap().unwrap();
            let read = read.load(std::sync::atomic::Ordering::Relaxed);
            assert!(read <= answered + WINDOW_MESSAGES, "{read} read, {answered} answered");
        }
    }
}
