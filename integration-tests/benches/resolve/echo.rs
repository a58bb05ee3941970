//! A bare echo: the same messages over the same transport, sent back as they came.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::future::BoxFuture;
use proto::resolution::v1 as wire;
use tokio::net::TcpListener;
use tokio_stream::Stream;
use tonic::{
    Request, Response, Status, Streaming,
    body::Body,
    server::{Grpc, NamedService, StreamingService, UnaryService},
    transport::server::{Server, TcpIncoming},
};
use tonic_prost::ProstCodec;
use tower::Service;

/// The paths it serves.
pub(crate) const STREAM: &str = "/echo.Echo/Stream";
pub(crate) const CALL: &str = "/echo.Echo/Call";

/// Starts it on a free port of loopback, with the flow control of our servers and nothing else of
/// theirs, and says where.
pub(crate) async fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let served = Server::builder()
        .initial_stream_window_size(4 << 20)
        .initial_connection_window_size(16 << 20)
        .add_service(Echo)
        .serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true)));
    tokio::spawn(served);
    address
}

#[derive(Clone)]
struct Echo;

impl NamedService for Echo {
    const NAME: &'static str = "echo.Echo";
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            Ok(if request.uri().path() == STREAM {
                Grpc::new(ProstCodec::default()).streaming(EchoStream, request).await
            } else {
                Grpc::new(ProstCodec::default()).unary(EchoCall, request).await
            })
        })
    }
}

struct EchoStream;

impl StreamingService<wire::StreamResolveRequest> for EchoStream {
    type Response = wire::StreamResolveRequest;
    type ResponseStream = Pin<Box<dyn Stream<Item = Result<Self::Response, Status>> + Send>>;
    type Future = BoxFuture<'static, Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<Streaming<wire::StreamResolveRequest>>) -> Self::Future {
        Box::pin(async { Ok(Response::new(Box::pin(request.into_inner()) as _)) })
    }
}

struct EchoCall;

impl UnaryService<wire::ResolveRequest> for EchoCall {
    type Response = wire::ResolveRequest;
    type Future = BoxFuture<'static, Result<Response<Self::Response>, Status>>;

    fn call(&mut self, request: Request<wire::ResolveRequest>) -> Self::Future {
        Box::pin(async { Ok(Response::new(request.into_inner())) })
    }
}
