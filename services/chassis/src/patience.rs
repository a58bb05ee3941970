//! The body of a request as it comes in: not too slowly, not too much at once, at its caller's rate.
//!
//! A single request has to be there whole within a time; a stream may be quiet for a time between
//! its messages. Messages that have begun and not ended are held in memory, so all of them together
//! have a limit: a thousand callers that each hold back the last byte of 4 MiB must not fill it.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use metrics::counter;
use tokio::time::{Instant, Sleep, sleep, sleep_until};
use tonic::Status;

use crate::{
    Fault,
    quota::{BYTES_OF_TOKEN, Buckets, Quota},
};

/// How long a request may take.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Patience {
    /// All of it.
    Whole(Duration),
    /// What is between two of its parts.
    BetweenMessages(Duration),
}

/// Whose tokens pay for what comes in.
#[derive(Debug)]
pub(crate) struct Payment {
    pub(crate) buckets: Buckets,
    pub(crate) caller: Arc<str>,
    pub(crate) quota: Quota,
}

/// What unfinished messages may hold together, and do.
#[derive(Clone, Debug)]
pub(crate) struct Buffered {
    bytes: Arc<AtomicUsize>,
    bytes_max: usize,
}

impl Buffered {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { bytes: Arc::default(), bytes_max }
    }
}

pin_project_lite::pin_project! {
    /// A body with limits.
    pub(crate) struct Patient<B> {
        #[pin]
        body: B,
        patience: Patience,
        moved: Instant,
        alarm: Option<Pin<Box<Sleep>>>,
        payment: Option<Payment>,
        bytes_paid: usize,
        pause: Option<Pin<Box<Sleep>>>,
        message: Unfinished,
    }
}

impl<B> Patient<B> {
    pub(crate) fn new(
        body: B,
        patience: Patience,
        payment: Option<Payment>,
        buffered: Buffered,
    ) -> Self {
        Self {
            body,
            patience,
            moved: Instant::now(),
            alarm: None,
            payment,
            // The call itself has been paid.
            bytes_paid: BYTES_OF_TOKEN,
            pause: None,
            message: Unfinished { buffered, held: 0, header: [0; 5], header_bytes: 0, missing: 0 },
        }
    }
}

impl<B> Body for Patient<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.project();
        if let Some(pause) = this.pause {
            ready!(pause.as_mut().poll(context));
            *this.pause = None;
            *this.moved = Instant::now();
        }
        let Poll::Ready(frame) = this.body.poll_frame(context) else {
            ready!(poll_alarm(*this.patience, *this.moved, this.alarm, context));
            return Poll::Ready(Some(Err(Box::new(too_slow(*this.patience)))));
        };
        if let Patience::BetweenMessages(_) = this.patience {
            *this.moved = Instant::now();
        }
        if let Some(Ok(data)) = frame.as_ref().map(|frame| frame.as_ref().map(Frame::data_ref))
            && let Some(data) = data
        {
            if let Err(status) = this.message.take(data) {
                return Poll::Ready(Some(Err(Box::new(status))));
            }
            if let Some(payment) = this.payment {
                *this.pause = payment.pay(this.bytes_paid, data.len());
            }
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Ready when the patience is over. The alarm is set once and put off when it rings too early:
/// most requests never wait for it.
fn poll_alarm(
    patience: Patience,
    moved: Instant,
    alarm: &mut Option<Pin<Box<Sleep>>>,
    context: &mut Context<'_>,
) -> Poll<()> {
    let (Patience::Whole(time) | Patience::BetweenMessages(time)) = patience;
    let over = moved + time;
    let alarm = alarm.get_or_insert_with(|| Box::pin(sleep_until(over)));
    loop {
        ready!(alarm.as_mut().poll(context));
        if Instant::now() >= over {
            return Poll::Ready(());
        }
        alarm.as_mut().reset(over);
    }
}

fn too_slow(patience: Patience) -> Status {
    let text = match patience {
        Patience::Whole(time) => {
            format!("the request did not come in within {} s: send it again", time.as_secs())
        }
        Patience::BetweenMessages(time) => format!(
            "nothing came for {} s: end a stream that is done, and begin another later",
            time.as_secs()
        ),
    };
    Fault::DeadlineExceeded { text }.into()
}

impl Payment {
    /// Takes tokens for `bytes`, and says how long to wait when there are none.
    fn pay(&self, bytes_paid: &mut usize, bytes: usize) -> Option<Pin<Box<Sleep>>> {
        let free = bytes.min(*bytes_paid);
        *bytes_paid -= free;
        if bytes == free {
            return None;
        }
        let tokens = (bytes - free) as f64 / BYTES_OF_TOKEN as f64;
        let wait = self.buckets.charge(&self.caller, self.quota, tokens);
        (!wait.is_zero()).then(|| Box::pin(sleep(wait)))
    }
}

/// The message that is coming in. Each has five bytes before it: a flag, and its length
/// (<https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>).
struct Unfinished {
    buffered: Buffered,
    /// Bytes of it that are here and counted.
    held: usize,
    header: [u8; 5],
    header_bytes: usize,
    missing: usize,
}

impl Unfinished {
    fn take(&mut self, mut data: &[u8]) -> Result<(), Status> {
        while !data.is_empty() {
            let step = if self.header_bytes < self.header.len() {
                let step = data.len().min(self.header.len() - self.header_bytes);
                self.header[self.header_bytes..][..step].copy_from_slice(&data[..step]);
                self.header_bytes += step;
                let [_, a, b, c, d] = self.header;
                self.missing = u32::from_be_bytes([a, b, c, d]) as usize;
                step
            } else {
                let step = data.len().min(self.missing);
                self.missing -= step;
                step
            };
            data = &data[step..];
            if self.header_bytes == self.header.len() && self.missing == 0 {
                self.release();
            } else {
                self.hold(step)?;
            }
        }
        Ok(())
    }

    fn hold(&mut self, bytes: usize) -> Result<(), Status> {
        self.held += bytes;
        let all = self.buffered.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if all <= self.buffered.bytes_max {
            return Ok(());
        }
        counter!("hawiya_calls_refused_total", "reason" => "request_bytes").increment(1);
        Err(Status::from(Fault::ResourceExhausted {
            reason: "REQUEST_BYTES",
            text: "too many unfinished requests are being received: ask again".to_owned(),
            retry_after: Duration::from_secs(1),
        }))
    }

    fn release(&mut self) {
        self.buffered.bytes.fetch_sub(self.held, Ordering::Relaxed);
        (self.held, self.header_bytes) = (0, 0);
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{StreamExt, stream};
    use http_body_util::{BodyExt, StreamBody};

    /// A message as the wire has it.
    fn message(bytes: usize) -> Vec<u8> {
        let mut message = vec![0];
        message.extend(u32::try_from(bytes).unwrap().to_be_bytes());
        message.resize(5 + bytes, 7);
        message
    }

    /// A body of parts, each after a time.
    fn body(
        parts: Vec<(u64, Vec<u8>)>,
    ) -> impl Body<Data = Bytes, Error = std::convert::Infallible> {
        let frames = stream::iter(parts).then(|(seconds, part)| async move {
            sleep(Duration::from_secs(seconds)).await;
            Ok(Frame::data(Bytes::from(part)))
        });
        Box::pin(StreamBody::new(frames))
    }

    async fn outcome(
        parts: Vec<(u64, Vec<u8>)>,
        patience: Patience,
        payment: Option<Payment>,
        buffered: &Buffered,
    ) -> Result<usize, tonic::Code> {
        let body = Patient::new(body(parts), patience, payment, buffered.clone());
        let collected = std::pin::pin!(body).collect().await;
        collected
            .map(|all| all.to_bytes().len())
            .map_err(|error| error.downcast_ref::<Status>().unwrap().code())
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn a_request_that_dribbles_is_cut_and_a_stream_that_goes_on_is_not() {
        let buffered = Buffered::new(1 << 20);
        let parts = || message(3).into_iter().map(|byte| (25, vec![byte])).collect::<Vec<_>>();
        let whole = Patience::Whole(MINUTE);
        let cut = outcome(parts(), whole, None, &buffered).await;
        assert_eq!(cut, Err(tonic::Code::DeadlineExceeded));
        let stream = Patience::BetweenMessages(MINUTE);
        assert_eq!(outcome(parts(), stream, None, &buffered).await, Ok(8));
        let quiet = vec![(0, message(3)), (61, message(3))];
        let cut = outcome(quiet, stream, None, &buffered).await;
        assert_eq!(cut, Err(tonic::Code::DeadlineExceeded));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_pays_for_its_size_by_waiting() {
        let buffered = Buffered::new(1 << 20);
        let quota = Quota { calls_per_second: 1.0, burst: 1.0 };
        let buckets = Buckets::default();
        buckets.begin("a", quota).unwrap();
        let payment = Payment { buckets, caller: "a".into(), quota };
        // Ten KiB more than the one that is paid with the call.
        let parts = vec![(0, message(11 * 1024 - 5)), (0, message(0))];
        let (begin, stream) = (Instant::now(), Patience::BetweenMessages(MINUTE));
        assert_eq!(outcome(parts, stream, Some(payment), &buffered).await, Ok(11 * 1024 + 5));
        assert_eq!(begin.elapsed().as_secs(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn unfinished_messages_have_a_limit_together_and_finished_ones_do_not_count() {
        let buffered = Buffered::new(100);
        let held = |buffered: &Buffered| buffered.bytes.load(Ordering::Relaxed);
        let stream = Patience::BetweenMessages(MINUTE);
        let mut unfinished = Unfinished {
            buffered: buffered.clone(),
            held: 0,
            header: [0; 5],
            header_bytes: 0,
            missing: 0,
        };
        unfinished.take(&message(90)[..60]).unwrap();
        assert_eq!(held(&buffered), 60);
        // One that comes whole is never held.
        assert_eq!(outcome(vec![(0, message(500))], stream, None, &buffered).await, Ok(505));
        let parts = vec![(0, message(90)[..60].to_vec()), (0, message(90)[60..].to_vec())];
        let refused = outcome(parts.clone(), stream, None, &buffered).await;
        assert_eq!(refused, Err(tonic::Code::ResourceExhausted));
        drop(unfinished);
        assert_eq!(held(&buffered), 0);
        assert_eq!(outcome(parts, stream, None, &buffered).await, Ok(95));
    }
}
