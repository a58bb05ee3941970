//! How much a process works on at a time: so much and no more, a short queue, and a refusal at once
//! for what would wait too long.
//!
//! A server that takes everything answers nobody in time. Work is weighed by the size of the
//! request, because a batch of a thousand names is not one call's work. The queue may hold a burst,
//! but not stand: while nobody was let in without waiting for a tenth of a second, patience is short
//! (Nichols and Jacobson, "Controlling Queue Delay", 2012, as simplified in "Fail at Scale", 2015).
//!
//! Only unary calls are weighed. A stream has a window of its own ([`crate::streams`]); health and
//! reflection are always answered.

use std::{
    collections::HashSet,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    thread,
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body::Frame;
use http_body_util::{BodyExt, BodyStream, StreamBody};
use metrics::{counter, describe_counter, describe_gauge, gauge};
use prost::Message;
use prost_types::FileDescriptorSet;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};
use tonic::{Status, body::Body};
use tower::{Layer, Service};

use crate::{Fault, server::MESSAGE_BYTES_MAX};

/// Calls of one item that a processor works on at a time. One alone would stand idle while its call
/// waits for a neighbour or a disk.
const WORK_PER_CPU: usize = 32;

/// A request weighs one, and one more for each so many bytes: about ten names.
const BYTES_PER_WEIGHT: usize = 1_024;

/// Calls that wait, for each that is worked on.
const QUEUED_PER_WORK: usize = 4;

/// What the requests that wait hold together.
const QUEUED_BYTES_MAX: usize = 64 << 20;

/// A queue through which nobody came without waiting for so long is one that stands.
const STANDING: Duration = Duration::from_millis(100);

/// How long a call of weight one waits in a queue that stands, and in one that does not. A heavy
/// call is waited for longer by its caller, and waits so many times longer.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(100));

/// The longest wait of all.
const PATIENCE_MAX: Duration = Duration::from_secs(2);

/// When a refused caller may come back.
const COME_BACK: Duration = Duration::from_millis(500);

/// How much is worked on at a time when nobody says.
#[must_use]
pub fn default_work_max() -> usize {
    WORK_PER_CPU * thread::available_parallelism().map_or(1, usize::from)
}

/// Says what the metrics mean.
pub fn describe_metrics() {
    describe_gauge!("hawiya_admission_queue", "calls that wait to be worked on");
    describe_counter!("hawiya_admission_refused_total", "calls refused because of too much work");
    gauge!("hawiya_admission_queue").set(0.0);
    counter!("hawiya_admission_refused_total").increment(0);
}

/// What a server works on, and what waits.
#[derive(Debug)]
struct Admission {
    work: Arc<Semaphore>,
    work_max: usize,
    queued: AtomicUsize,
    queued_bytes: AtomicUsize,
    begin: Instant,
    /// When a call was last let in without waiting.
    free_ms: AtomicU64,
    unary: HashSet<String>,
}

impl Admission {
    /// Lets a call in, now or after a short wait; it works until the result is dropped.
    async fn enter(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Fault> {
        // The heaviest leaves room for another, so that one caller's batches do not stop everybody.
        let heaviest = (self.work_max / 2).max(1);
        let weight = (1 + bytes / BYTES_PER_WEIGHT).min(heaviest);
        let weight = u32::try_from(weight).unwrap_or(u32::MAX);
        if let Ok(permit) = Arc::clone(&self.work).try_acquire_many_owned(weight) {
            self.free_ms.store(self.now_ms(), Ordering::Relaxed);
            return Ok(permit);
        }
        let _queued = Queued::join(self, bytes)?;
        let turn = Arc::clone(&self.work).acquire_many_owned(weight);
        match timeout(self.patience(weight), turn).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(overloaded()),
        }
    }

    fn patience(&self, weight: u32) -> Duration {
        let free_ms = self.free_ms.load(Ordering::Relaxed);
        let standing = self.now_ms().saturating_sub(free_ms) > STANDING.as_millis() as u64;
        let patience = if standing { PATIENCE.0 } else { PATIENCE.1 };
        (patience * weight).min(PATIENCE_MAX)
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.begin.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

fn overloaded() -> Fault {
    counter!("hawiya_admission_refused_total").increment(1);
    Fault::ResourceExhausted {
        reason: "OVERLOADED",
        text: "this replica has too much work: come back later, or send less at a time".to_owned(),
        retry_after: COME_BACK,
    }
}

/// A place in the queue.
struct Queued<'a> {
    admission: &'a Admission,
    bytes: usize,
}

impl<'a> Queued<'a> {
    fn join(admission: &'a Admission, bytes: usize) -> Result<Self, Fault> {
        let before = admission.queued.fetch_add(1, Ordering::Relaxed);
        let bytes_before = admission.queued_bytes.fetch_add(bytes, Ordering::Relaxed);
        gauge!("hawiya_admission_queue").increment(1.0);
        let place = Self { admission, bytes };
        let is_full = before >= admission.work_max * QUEUED_PER_WORK
            || bytes_before.saturating_add(bytes) > QUEUED_BYTES_MAX;
        if is_full { Err(overloaded()) } else { Ok(place) }
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.admission.queued.fetch_sub(1, Ordering::Relaxed);
        self.admission.queued_bytes.fetch_sub(self.bytes, Ordering::Relaxed);
        gauge!("hawiya_admission_queue").decrement(1.0);
    }
}

/// Wraps a gRPC service so that it works on a limited weight of calls at a time.
#[derive(Clone, Debug)]
pub(crate) struct AdmissionLayer(Arc<Admission>);

impl AdmissionLayer {
    /// `descriptors`, an encoded `FileDescriptorSet`, says which methods are unary.
    pub(crate) fn new(work_max: usize, descriptors: &[u8]) -> Result<Self, prost::DecodeError> {
        let work_max = work_max.clamp(1, Semaphore::MAX_PERMITS);
        Ok(Self(Arc::new(Admission {
            work: Arc::new(Semaphore::new(work_max)),
            work_max,
            queued: AtomicUsize::new(0),
            queued_bytes: AtomicUsize::new(0),
            begin: Instant::now(),
            free_ms: AtomicU64::new(0),
            unary: unary_paths(&FileDescriptorSet::decode(descriptors)?),
        })))
    }
}

impl<S> Layer<S> for AdmissionLayer {
    type Service = Admitted<S>;

    fn layer(&self, inner: S) -> Admitted<S> {
        Admitted { inner, admission: Arc::clone(&self.0) }
    }
}

/// A service behind its admission.
#[derive(Clone, Debug)]
pub(crate) struct Admitted<S> {
    inner: S,
    admission: Arc<Admission>,
}

impl<S> Service<http::Request<Body>> for Admitted<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>> + Clone + Send + 'static,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        if !self.admission.unary.contains(request.uri().path()) {
            return Box::pin(self.inner.call(request));
        }
        // The one that is ready is the one that is called; its clone takes its place.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let admission = Arc::clone(&self.admission);
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let (bytes, body) = gather(body).await;
            match admission.enter(bytes).await {
                // Held until the handler has answered.
                Ok(_permit) => inner.call(http::Request::from_parts(head, body)).await,
                Err(fault) => Ok(Status::from(fault).into_http()),
            }
        })
    }
}

/// A request when all of it is there, and its size: who sends slowly or nothing takes no place. How
/// long that may take, and what all such requests may hold, is up to [`crate::patience`]. One that
/// is too large or breaks off is handed on as far as it came; its handler refuses it.
async fn gather(mut body: Body) -> (usize, Body) {
    let (mut seen, mut bytes) = (Vec::with_capacity(2), 0);
    while bytes <= PREFIX_BYTES + MESSAGE_BYTES_MAX {
        let Some(frame) = body.frame().await else { break };
        bytes += frame.as_ref().ok().and_then(Frame::data_ref).map_or(0, Bytes::len);
        let failed = frame.is_err();
        seen.push(frame);
        if failed {
            break;
        }
    }
    let whole = stream::iter(seen).chain(BodyStream::new(body));
    (bytes.saturating_sub(PREFIX_BYTES), Body::new(StreamBody::new(whole)))
}

/// What stands before a message: one byte of compression and four of length
/// (<https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>).
const PREFIX_BYTES: usize = 5;

/// The paths of the methods that take one message and answer with one.
fn unary_paths(descriptors: &FileDescriptorSet) -> HashSet<String> {
    let mut paths = HashSet::new();
    for file in &descriptors.file {
        for service in &file.service {
            let unary = service
                .method
                .iter()
                .filter(|one| !one.client_streaming() && !one.server_streaming());
            paths.extend(
                unary.map(|one| format!("/{}.{}/{}", file.package(), service.name(), one.name())),
            );
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(work_max: usize) -> Arc<Admission> {
        AdmissionLayer::new(work_max, &[]).unwrap().0
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_waits_and_a_queue_that_stands_does_not() {
        let admission = admission(1);
        let working = admission.enter(10).await.unwrap();
        let burst = Instant::now();
        assert!(admission.enter(10).await.is_err());
        assert_eq!(burst.elapsed(), Duration::from_millis(100));
        tokio::time::advance(Duration::from_millis(1)).await;
        let standing = Instant::now();
        assert!(admission.enter(10).await.is_err());
        assert!(standing.elapsed() <= Duration::from_millis(6));
        drop(working);
        drop(admission.enter(10).await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_queue_refuses_at_once() {
        let admission = admission(1);
        let _working = admission.enter(10).await.unwrap();
        let waiting: Vec<_> = (0..4).map(|_| admission.clone()).collect();
        let waiting: Vec<_> = waiting
            .into_iter()
            .map(|admission| tokio::spawn(async move { admission.enter(10).await.is_ok() }))
            .collect();
        tokio::task::yield_now().await;
        let now = Instant::now();
        assert!(admission.enter(10).await.is_err());
        assert_eq!(now.elapsed(), Duration::ZERO);
        for waited in waiting {
            assert!(!waited.await.unwrap());
        }
        assert_eq!(admission.queued.load(Ordering::Relaxed), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_batch_weighs_more_than_a_name_and_leaves_room_for_another() {
        let admission = admission(8);
        let batch = admission.enter(4 << 20).await.unwrap();
        assert_eq!(batch.num_permits(), 4);
        let names: Vec<_> = [admission.enter(60).await, admission.enter(60).await].into();
        assert!(names.iter().all(Result::is_ok));
        assert!(admission.enter(4 << 20).await.is_err());
        drop(batch);
        assert!(admission.enter(4 << 20).await.is_ok());
    }

    #[tokio::test]
    async fn gathering_leaves_the_body_as_it_was() {
        let message = b"\0\0\0\0\x03abc";
        for cut in 1..message.len() {
            let frames = [&message[..cut], &message[cut..]]
                .map(|part| Ok::<_, Status>(Frame::data(Bytes::copy_from_slice(part))));
            let (length, body) = gather(Body::new(StreamBody::new(stream::iter(frames)))).await;
            assert_eq!(length, 3);
            assert_eq!(body.collect().await.unwrap().to_bytes(), message.as_slice());
        }
        assert_eq!(gather(Body::empty()).await.0, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn who_claims_much_and_sends_nothing_takes_no_place() {
        let layer = AdmissionLayer::new(2, &one_method()).unwrap();
        let service = layer.layer(tower::service_fn(async |_: http::Request<Body>| {
            Ok::<_, std::convert::Infallible>(http::Response::new(Body::empty()))
        }));
        let claims = || {
            let prefix = Frame::data(Bytes::from_static(b"\0\0\x40\0\0"));
            let frames = stream::iter([Ok::<_, Status>(prefix)]).chain(stream::pending());
            Body::new(StreamBody::new(frames))
        };
        let call = |body: Body| {
            let request = http::Request::post("/test.Texts/Send").body(body).unwrap();
            tower::ServiceExt::oneshot(service.clone(), request)
        };
        let silent = [(); 2].map(|()| tokio::spawn(call(claims())));
        tokio::task::yield_now().await;
        let answer = call(Body::empty()).await.unwrap();
        assert_eq!(answer.headers().get("grpc-status"), None);
        silent.iter().for_each(tokio::task::JoinHandle::abort);
    }

    fn one_method() -> Vec<u8> {
        use prost_types::{FileDescriptorProto, MethodDescriptorProto, ServiceDescriptorProto};
        let method = MethodDescriptorProto { name: Some("Send".to_owned()), ..Default::default() };
        let service = ServiceDescriptorProto {
            name: Some("Texts".to_owned()),
            method: vec![method],
            ..Default::default()
        };
        let file = FileDescriptorProto {
            package: Some("test".to_owned()),
            service: vec![service],
            ..Default::default()
        };
        FileDescriptorSet { file: vec![file] }.encode_to_vec()
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_holds_a_limited_memory() {
        let admission = admission(2);
        let _working = [admission.enter(10).await.unwrap(), admission.enter(10).await.unwrap()];
        let waiting = Queued::join(&admission, QUEUED_BYTES_MAX - 10).ok().unwrap();
        let now = Instant::now();
        assert!(admission.enter(11).await.is_err());
        assert_eq!(now.elapsed(), Duration::ZERO);
        drop(waiting);
        assert_eq!(admission.queued_bytes.load(Ordering::Relaxed), 0);
    }
}
