//! Measures every call: one span, one counter by outcome, one histogram of its duration.
//!
//! A streaming call lasts until its body ends; its code is in the trailers, so the body is watched.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Instant,
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame, SizeHint};
use metrics::{counter, describe_counter, describe_histogram, histogram};
use tonic::Code;
use tower::{Layer, Service};
use tracing::{Instrument, debug, info_span};

/// Wraps a gRPC service so that its calls are measured.
#[derive(Clone, Copy, Debug)]
pub struct RpcLayer;

/// Says what the metrics mean.
pub fn describe_metrics() {
    describe_counter!("hawiya_rpc_total", "calls that ended, by method and gRPC code");
    describe_histogram!("hawiya_rpc_seconds", "how long calls took, to the end of their stream");
}

impl<S> Layer<S> for RpcLayer {
    type Service = RpcService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RpcService { inner }
    }
}

/// A measured service.
#[derive(Clone, Debug)]
pub struct RpcService<S> {
    inner: S,
}

impl<S, Q, B> Service<Request<Q>> for RpcService<S>
where
    S: Service<Request<Q>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: 'static,
{
    type Response = Response<MeasuredBody<B>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let call = Call::begin(request.uri().path());
        let span = info_span!("rpc", method = %call.method);
        let answer = self.inner.call(request);
        Box::pin(
            async move {
                let response = answer.await?;
                let code = code_of(response.headers());
                Ok(response.map(|body| MeasuredBody { body, code, call }))
            }
            .instrument(span),
        )
    }
}

/// One call under way; counted when it is dropped, however it ends.
struct Call {
    method: String,
    begin: Instant,
    code: Code,
}

impl Call {
    fn begin(path: &str) -> Self {
        let method = path.trim_start_matches('/').to_owned();
        Self { method, begin: Instant::now(), code: Code::Cancelled }
    }

    fn end(&mut self, code: Code) {
        self.code = code;
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        // A path nobody serves must not become a label: callers could make up any number of them.
        let unknown = self.code == Code::Unimplemented;
        let method = if unknown { "unknown".to_owned() } else { std::mem::take(&mut self.method) };
        let seconds = self.begin.elapsed().as_secs_f64();
        debug!(method, code = ?self.code, seconds, "call ended");
        histogram!("hawiya_rpc_seconds", "method" => method.clone()).record(seconds);
        counter!("hawiya_rpc_total", "method" => method, "code" => code_name(self.code))
            .increment(1);
    }
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
        let frame = ready!(this.body.poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(code) = frame.trailers_ref().and_then(code_of) {
                    this.call.end(code);
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

/// The code as the specification writes it.
fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
