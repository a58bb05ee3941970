//! Answers the messages of a bidirectional stream in order, a few at a time.
//!
//! The window is what gives back-pressure: a caller that does not read its answers is not read from.

use std::{
    future::{self, Future},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{Stream, StreamExt, future::Either, stream};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use crate::Fault;

/// How many messages of one stream are worked on at a time.
pub const WINDOW_MESSAGES: usize = 8;

/// The answers of a stream.
pub type Answers<A> = Pin<Box<dyn Stream<Item = Result<A, Status>> + Send>>;

/// Answers each request by the future that `begin` makes of it; `begin` sees requests in order.
///
/// When `draining` is cancelled no more requests are read; those under way are answered, and the
/// stream ends with UNAVAILABLE, which tells the caller to go on elsewhere.
pub fn answer<Q, A, F, W>(
    requests: impl Stream<Item = Result<Q, Status>> + Send + 'static,
    draining: CancellationToken,
    mut begin: F,
) -> Answers<A>
where
    Q: Send + 'static,
    A: Send + 'static,
    F: FnMut(Q) -> W + Send + 'static,
    W: Future<Output = Result<A, Fault>> + Send + 'static,
{
    let cut_short = Arc::new(AtomicBool::new(false));
    let cut = Arc::clone(&cut_short);
    let answers = requests
        .take_until(async move {
            draining.cancelled().await;
            cut.store(true, Ordering::Relaxed);
        })
        .map(move |request| match request {
            Ok(request) => {
                let work = begin(request);
                Either::Left(async move { work.await.map_err(Status::from) })
            }
            Err(status) => Either::Right(future::ready(Err(status))),
        })
        .buffered(WINDOW_MESSAGES);
    let ending = stream::once(future::ready(())).filter_map(move |()| {
        let ended_early = cut_short.load(Ordering::Relaxed);
        future::ready(ended_early.then(|| Err(Status::from(draining_fault()))))
    });
    Box::pin(answers.chain(ending))
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
    use tonic::Code;

    async fn outcome(
        requests: impl Stream<Item = Result<u64, Status>> + Send + 'static,
        draining: CancellationToken,
    ) -> Vec<Result<u64, Code>> {
        let answers = answer(requests, draining, |number| async move {
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
        let answers = answer(requests, draining, move |number: u64| {
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
}
