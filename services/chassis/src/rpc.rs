//! Measures every call: one span, one counter by outcome, one histogram of its duration, and a line in
//! the log when the service failed it.
//!
//! A streaming call lasts until its body ends; its code is in the trailers, so the body is watched.
//! The trace of the call is current in whatever it does, its body included.

mod meters;

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Instant,
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame, SizeHint};
use tonic::Code;
use tower::{Layer, Service};
use tracing::{debug, warn};

use self::meters::{Meters, MethodMeters};
use crate::{
    complaint::Complaints,
    incoming::{InUse, Peer},
    trace::{ANSWER_HEADER, CallTrace},
};

pub use meters::describe_metrics;

/// Calls that failed are many when something is wrong; these are enough to see what.
const FAILURES_A_MINUTE: u32 = 30;

static FAILURES: Complaints = Complaints::new(FAILURES_A_MINUTE);

/// Wraps a gRPC service so that its calls are measured.
#[derive(Clone, Debug)]
pub struct RpcLayer {
    meters: Arc<Meters>,
}

impl RpcLayer {
    /// Measures the methods of encoded `FileDescriptorSet`s, each by itself, and others together.
    #[must_use]
    pub fn new(descriptors: &[&[u8]]) -> Self {
        Self { meters: Arc::new(Meters::new(descriptors)) }
    }
}

impl<S> Layer<S> for RpcLayer {
    type Service = RpcService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RpcService { inner, meters: Arc::clone(&self.meters) }
    }
}

/// A measured service.
#[derive(Clone, Debug)]
pub struct RpcService<S> {
    inner: S,
    meters: Arc<Meters>,
}

impl<S, Q, B> Service<Request<Q>> for RpcService<S>
where
    S: Service<Request<Q>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: 'static,
    B: 'static,
{
    type Response = Response<MeasuredBody<B>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let mut call = Call::begin(&self.meters, &request);
        let trace = call.trace.clone();
        let answer = self.inner.call(request);
        Box::pin(trace.scope(async move {
            let mut response = answer.await?;
            let code = code_of(response.headers());
            call.tell(code, response.headers_mut());
            // A call that was refused has its code here and a body that nobody asks for its end.
            if let Some(code) = code {
                call.end(code);
            }
            Ok(response.map(|body| MeasuredBody { body, code, call }))
        }))
    }
}

/// One call under way; counted when it is dropped, however it ends.
struct Call {
    meters: Arc<MethodMeters>,
    trace: CallTrace,
    begin: Instant,
    code: Code,
    /// Tells the connection that it is in use. Not of health and reflection, whose streams may stay
    /// open for ever and are easily begun again.
    in_use: Option<InUse>,
}

impl Call {
    fn begin<Q>(meters: &Meters, request: &Request<Q>) -> Self {
        let path = request.uri().path();
        let meters = meters.of(path);
        meters.in_flight.increment(1.0);
        let trace = CallTrace::begin(&meters.method, request.headers());
        let peer = request.extensions().get::<Peer>().filter(|_| !path.starts_with("/grpc."));
        let in_use = peer.map(Peer::call_begins);
        Self { meters, trace, begin: Instant::now(), code: Code::Cancelled, in_use }
    }

    fn end(&mut self, code: Code) {
        self.code = code;
    }

    /// Tells the caller of a call that failed, or of one whose trace is recorded, where to look.
    fn tell(&self, code: Option<Code>, headers: &mut HeaderMap) {
        let failed = code.is_some_and(|code| code != Code::Ok);
        if failed || self.trace.parent.is_recorded() {
            headers.insert(ANSWER_HEADER, self.trace.header());
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.meters.in_flight.decrement(1.0);
        let seconds = self.begin.elapsed().as_secs_f64();
        self.meters.seconds.record(seconds);
        self.meters.ended(self.code).increment(1);
        let _entered = self.trace.span.enter();
        debug!(code = ?self.code, seconds, "call ended");
        if is_failure(self.code)
            && let Some(left_out) = FAILURES.is_due()
        {
            let method = &*self.meters.method;
            // Not why: a message may quote what the caller sent.
            warn!(method, code = ?self.code, seconds, left_out, "call failed");
        }
    }
}

/// Whether the service failed, and not the caller.
fn is_failure(code: Code) -> bool {
    use Code::{DataLoss, DeadlineExceeded, Internal, ResourceExhausted, Unavailable, Unknown};
    matches!(
        code,
        DataLoss | DeadlineExceeded | Internal | ResourceExhausted | Unavailable | Unknown
    )
}

pin_project_lite::pin_project! {
    /// A body that notices the trailers in which a call's code stands.
    pub struct MeasuredBody<B> {
        #[pin]
        body: B,
        code: Option<Code>,
        call: Call,
    }
}

impl<B: Body<Data = Bytes>> Body for MeasuredBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        // Nobody asks for the next part before there is room for it at the other side.
        this.call.in_use.iter_mut().for_each(InUse::is_taken);
        let mut frame = ready!(this.call.trace.step(|| this.body.poll_frame(context)));
        if matches!(&frame, Some(Ok(frame)) if frame.is_data()) {
            this.call.in_use.iter_mut().for_each(InUse::offers);
        }
        match &mut frame {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_mut()
                    && let Some(code) = code_of(&*trailers)
                {
                    this.call.end(code);
                    if code != Code::Ok {
                        this.call.tell(Some(code), trailers);
                    }
                }
            }
            Some(Err(_)) => this.call.end(Code::Unknown),
            None => this.call.end(this.code.unwrap_or(Code::Ok)),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn code_of<'a>(headers: impl Into<Option<&'a HeaderMap>>) -> Option<Code> {
    let value = headers.into()?.get("grpc-status")?;
    Some(Code::from_bytes(value.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, time::Duration};

    use http_body_util::{BodyExt, StreamBody};

    use super::*;

    #[tokio::test]
    async fn a_call_whose_answer_nobody_takes_does_not_hold_its_connection() {
        let service = tower::service_fn(async |_: Request<()>| {
            let parts = ["one", "two"].map(|part| Ok::<_, Infallible>(Frame::data(part.into())));
            Ok::<_, Infallible>(Response::new(StreamBody::new(tokio_stream::iter(parts))))
        });
        let peer = Peer::new(([127, 0, 0, 1], 1).into(), None);
        let mut request = Request::new(());
        request.extensions_mut().insert(peer.clone());
        let response = RpcLayer::new(&[]).layer(service).call(request).await.unwrap();
        let mut body = response.into_body();
        assert!(peer.is_in_use(Duration::ZERO), "the service has to say something");
        for _ in 0..2 {
            body.frame().await.unwrap().unwrap();
            assert!(!peer.is_in_use(Duration::ZERO), "nobody has room for more");
            assert!(peer.is_in_use(Duration::from_secs(60)), "somebody had, a moment ago");
        }
        assert!(body.frame().await.is_none());
        drop(body);
        assert!(!peer.is_in_use(Duration::from_secs(60)));
    }
}
