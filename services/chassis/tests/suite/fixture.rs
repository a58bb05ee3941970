//! A small service with replicas, lines to them that can be cut, and its client.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use chassis::{
    Pool, Server, ServerConfig,
    settings::{Addresses, Setting},
};
use prost::Message;
use prost_types::{
    FileDescriptorProto, FileDescriptorSet, MethodDescriptorProto, ServiceDescriptorProto,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tonic::{Request, Response, Status, body::Body, server::NamedService};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

type Answer = Pin<Box<dyn Future<Output = Result<String, Status>> + Send>>;
type Behaviour = Arc<dyn Fn(String) -> Answer + Send + Sync>;

/// The one service: a text in, a text out.
#[derive(Clone)]
struct Texts {
    behaviour: Behaviour,
    asked: Arc<AtomicUsize>,
}

impl NamedService for Texts {
    const NAME: &'static str = "test.Texts";
}

impl Service<http::Request<Body>> for Texts {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let behaviour = Arc::clone(&self.behaviour);
        let answer = service_fn(move |request: Request<String>| {
            let answer = behaviour(request.into_inner());
            async move { Ok::<_, Status>(Response::new(answer.await?)) }
        });
        Box::pin(async move {
            let codec = ProstCodec::<String, String>::default();
            Ok(tonic::server::Grpc::new(codec).unary(answer, request).await)
        })
    }
}

/// A replica that runs.
pub(crate) struct Replica {
    pub(crate) at: SocketAddr,
    pub(crate) shutdown: CancellationToken,
    pub(crate) served: JoinHandle<std::io::Result<()>>,
    asked: Arc<AtomicUsize>,
}

impl Replica {
    /// One that answers with `behaviour`.
    pub(crate) async fn start<F, A>(behaviour: F) -> Self
    where
        F: Fn(String) -> A + Send + Sync + 'static,
        A: Future<Output = Result<String, Status>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::start_on(listener, config(), behaviour)
    }

    pub(crate) fn start_on<F, A>(listener: TcpListener, config: ServerConfig, behaviour: F) -> Self
    where
        F: Fn(String) -> A + Send + Sync + 'static,
        A: Future<Output = Result<String, Status>> + Send + 'static,
    {
        let behaviour: Behaviour = Arc::new(move |text| Box::pin(behaviour(text)));
        let (at, asked) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let shutdown = CancellationToken::new();
        let server = Server::new(config, shutdown.clone());
        server.health().set(true);
        let service = Texts { behaviour, asked: Arc::clone(&asked) };
        let served =
            tokio::spawn(async move { server.run(listener, service, &descriptors()).await });
        Self { at, shutdown, served, asked }
    }

    /// One that answers with the text it got.
    pub(crate) async fn echo() -> Self {
        Self::start(async |text| Ok(text)).await
    }

    /// How many calls came.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

/// What reflection would say: one method, and it is unary.
fn descriptors() -> Vec<u8> {
    let method = MethodDescriptorProto { name: Some("Send".to_owned()), ..Default::default() };
    let service = ServiceDescriptorProto {
        name: Some("Texts".to_owned()),
        method: vec![method],
        ..Default::default()
    };
    let file = FileDescriptorProto {
        name: Some("test.proto".to_owned()),
        package: Some("test".to_owned()),
        service: vec![service],
        ..Default::default()
    };
    FileDescriptorSet { file: vec![file] }.encode_to_vec()
}

pub(crate) fn config() -> ServerConfig {
    ServerConfig {
        drain_delay: Duration::ZERO,
        drain_timeout: Duration::from_secs(20),
        connection_age_max: Duration::from_secs(600),
        work_max: 1_000,
        security: Default::default(),
    }
}

/// A line to a server, which can be cut.
pub(crate) struct Line {
    pub(crate) at: SocketAddr,
    cut: CancellationToken,
    _carries: AbortOnDropHandle<()>,
}

impl Line {
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (at, cut) = (listener.local_addr().unwrap(), CancellationToken::new());
        let carry = carry(listener, server, cut.clone());
        Self { at, cut, _carries: AbortOnDropHandle::new(tokio::spawn(carry)) }
    }

    /// Cuts it: what is under way is lost, and nothing new comes through.
    pub(crate) fn cut(&self) {
        self.cut.cancel();
    }
}

async fn carry(listener: TcpListener, server: SocketAddr, cut: CancellationToken) {
    while let Some(Ok((mut near, _))) = cut.run_until_cancelled(listener.accept()).await {
        let cut = cut.clone();
        tokio::spawn(async move {
            let mut far = TcpStream::connect(server).await.unwrap();
            drop(cut.run_until_cancelled(copy_bidirectional(&mut near, &mut far)).await);
        });
    }
}

/// A pool over servers.
pub(crate) fn pool(servers: &[SocketAddr]) -> Pool {
    let all: Vec<_> = servers.iter().map(|at| format!("http://{at}")).collect();
    Pool::new("texts", &Addresses::parse(&all.join(",")).unwrap())
}

/// Sends a text; `mark` may mark the call.
pub(crate) async fn send(
    pool: &Pool,
    text: &str,
    mark: impl FnOnce(Request<String>) -> Request<String>,
) -> Result<String, Status> {
    let mut client = tonic::client::Grpc::new(pool.clone());
    let path = http::uri::PathAndQuery::from_static("/test.Texts/Send");
    let codec = ProstCodec::<String, String>::default();
    let answer = client.unary(mark(Request::new(text.to_owned())), path, codec).await?;
    Ok(answer.into_inner())
}

/// Waits for `condition`.
pub(crate) async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !condition().await {
        assert!(begin.elapsed() < Duration::from_secs(30), "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
