//! A service whose requests end with the drain, so that its streams do too.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::Request;
use http_body::{Frame, SizeHint};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::{Status, body::Body, server::NamedService};
use tower::Service;

/// A service of others, which knows of no drain.
#[derive(Clone, Debug)]
pub(crate) struct UntilDrained<S> {
    inner: S,
    draining: CancellationToken,
}

impl<S> UntilDrained<S> {
    pub(crate) fn new(inner: S, draining: CancellationToken) -> Self {
        Self { inner, draining }
    }
}

impl<S: NamedService> NamedService for UntilDrained<S> {
    const NAME: &'static str = S::NAME;
}

impl<S: Service<Request<Body>>> Service<Request<Body>> for UntilDrained<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> S::Future {
        let end = Box::pin(self.draining.clone().cancelled_owned());
        self.inner.call(request.map(|body| Body::new(Ending { body, end })))
    }
}

/// A body that ends with the drain.
struct Ending {
    body: Body,
    end: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl http_body::Body for Ending {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        // What has come is still answered.
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Pending => self.end.as_mut().poll(context).map(|()| None),
            come => come,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
