//! The connections of a port: how many, who is at the other end, and who dawdles.
//!
//! A connection has to greet within a time: finish its TLS handshake, and send the preface of
//! HTTP/2 and its first frame header. From then on the pings of HTTP/2 find out who has gone, and
//! an age ends it; one with calls under way is given a day more, unless nothing of their answers is
//! taken. Over the limit a connection is
//! closed at once, so that its client looks for another replica instead of waiting.

mod peer;

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use metrics::{counter, describe_counter, describe_gauge, gauge};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::{Instant, Sleep, sleep, sleep_until, timeout_at},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;
use tracing::{debug, warn};

use crate::{
    Complaint, SettingError, Settings,
    tls::{ServerTls, name_of},
};

pub(crate) use peer::InUse;
pub use peer::Peer;

/// TLS handshakes under way. Each costs a signature, some 50 µs to 1 ms of computing.
const HANDSHAKES_MAX: usize = 256;

/// Connections that wait to be served; serving one takes microseconds.
const WAITING_MAX: usize = 64;

/// The preface of HTTP/2 (24 bytes) and the header of the frame that has to follow it (9 bytes).
const GREETING_BYTES: usize = 24 + 9;

/// How long nothing is accepted after accepting failed: most often all file descriptors are taken,
/// and asking again at once would only heat the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long a connection that is old enough may go on with the calls that are under way on it. None
/// is begun by then, because its client was asked to go; an import of everything takes hours at most.
const IN_USE_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// How often is looked whether they have ended.
const IN_USE_EVERY: Duration = Duration::from_secs(1);

/// What a port takes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections that are open at a time.
    pub connections_max: usize,
    /// How long a connection may take for its greeting.
    pub handshake_timeout: Duration,
    /// How long a stream of requests may send nothing, and the calls of a connection that is too old
    /// may have answers that nobody takes.
    pub stream_idle: Duration,
    /// What all requests that have not come in whole may hold together.
    pub request_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 1_000,
            handshake_timeout: Duration::from_secs(10),
            stream_idle: Duration::from_secs(300),
            request_bytes_max: 256 << 20,
        }
    }
}

impl Limits {
    /// Reads `HAWIYA_CONNECTIONS_MAX`, `HAWIYA_HANDSHAKE_TIMEOUT`, `HAWIYA_STREAM_IDLE` and
    /// `HAWIYA_REQUEST_BYTES_MAX`.
    pub fn read(settings: &Settings<'_>) -> Result<Self, SettingError> {
        let default = Self::default();
        Ok(Self {
            connections_max: settings.get("HAWIYA_CONNECTIONS_MAX", default.connections_max)?,
            handshake_timeout: settings
                .get("HAWIYA_HANDSHAKE_TIMEOUT", default.handshake_timeout)?,
            stream_idle: settings.get("HAWIYA_STREAM_IDLE", default.stream_idle)?,
            request_bytes_max: settings
                .get("HAWIYA_REQUEST_BYTES_MAX", default.request_bytes_max)?,
        })
    }
}

/// Says what the metrics mean.
pub(crate) fn describe_metrics() {
    describe_gauge!("hawiya_connections", "open connections of gRPC ports");
    describe_counter!("hawiya_connections_total", "connections that were taken");
    describe_counter!("hawiya_connections_refused_total", "connections closed early, by reason");
    for reason in ["accept", "greeting", "handshake", "handshakes", "limit"] {
        counter!("hawiya_connections_refused_total", "reason" => reason).increment(0);
    }
}

/// The connections of `listener` as they come, each cut when it is `oldest` and not in use.
/// It stops to listen when the stream is dropped.
pub(crate) fn accept(
    listener: TcpListener,
    tls: Option<Arc<ServerTls>>,
    limits: Limits,
    oldest: Duration,
) -> ReceiverStream<io::Result<Connection>> {
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    let door = Door {
        tls,
        handshake_timeout: limits.handshake_timeout,
        oldest,
        untaken_max: limits.stream_idle,
        places: Arc::new(Semaphore::new(limits.connections_max)),
        handshakes: Arc::new(Semaphore::new(HANDSHAKES_MAX)),
        complaint: Arc::default(),
        sender,
    };
    tokio::spawn(async move { door.stand_open(listener).await });
    ReceiverStream::new(receiver)
}

/// Lets connections in.
struct Door {
    tls: Option<Arc<ServerTls>>,
    handshake_timeout: Duration,
    oldest: Duration,
    untaken_max: Duration,
    places: Arc<Semaphore>,
    handshakes: Arc<Semaphore>,
    complaint: Arc<Complaint>,
    sender: mpsc::Sender<io::Result<Connection>>,
}

impl Door {
    async fn stand_open(&self, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = self.sender.closed() => return,
            };
            match accepted {
                Ok((stream, address)) => self.let_in(stream, address).await,
                Err(cause) => {
                    self.refuse("accept", &cause.to_string());
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    async fn let_in(&self, stream: TcpStream, address: SocketAddr) {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return self.refuse("limit", "HAWIYA_CONNECTIONS_MAX is reached");
        };
        // Fails only for a connection that is gone already.
        drop(stream.set_nodelay(true));
        let begin = Instant::now();
        let deadline = begin + self.handshake_timeout;
        let age = Age { end: begin + self.oldest, untaken_max: self.untaken_max };
        let Some(tls) = &self.tls else {
            let peer = Peer::new(address, None);
            let connection = Connection::new(Stream::Plain(stream), peer, deadline, age, place);
            drop(self.sender.send(Ok(connection)).await);
            return;
        };
        let (acceptor, sender) = (tls.acceptor(), self.sender.clone());
        let (handshakes, complaint) = (Arc::clone(&self.handshakes), Arc::clone(&self.complaint));
        tokio::spawn(async move {
            // Who is silent takes a place, and no turn from those who speak.
            // Asking whether it is readable would not do: that may be answered falsely.
            match timeout_at(deadline, stream.peek(&mut [0])).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return failed_handshake(address, &error),
                Err(_) => return failed_handshake(address, &"nothing comes"),
            }
            let Ok(turn) = handshakes.try_acquire_owned() else {
                return refuse(&complaint, "handshakes", "too many handshakes are under way");
            };
            let met = timeout_at(deadline, meet(acceptor, stream)).await;
            drop(turn);
            match met {
                Ok(Ok((stream, certificate))) => {
                    let peer = Peer::new(address, certificate);
                    let stream = Stream::Tls(Box::new(stream));
                    let connection = Connection::new(stream, peer, deadline, age, place);
                    drop(sender.send(Ok(connection)).await);
                }
                Ok(Err(error)) => failed_handshake(address, &error),
                Err(_) => failed_handshake(address, &"it takes too long"),
            }
        });
    }

    fn refuse(&self, reason: &'static str, cause: &str) {
        refuse(&self.complaint, reason, cause);
    }
}

fn refuse(complaint: &Complaint, reason: &'static str, cause: &str) {
    counter!("hawiya_connections_refused_total", "reason" => reason).increment(1);

    if complaint.is_due() {
        warn!(reason, cause, "connections are refused");
    }
}

fn failed_handshake(address: SocketAddr, error: &dyn std::fmt::Display) {
    counter!("hawiya_connections_refused_total", "reason" => "handshake").increment(1);
    debug!(%address, %error, "no TLS handshake");
}

/// A handshake, and the name in the certificate of the client.
async fn meet(
    acceptor: TlsAcceptor,
    stream: TcpStream,
) -> io::Result<(TlsStream<TcpStream>, Option<Arc<str>>)> {
    let stream = acceptor.accept(stream).await?;
    let certificates = stream.get_ref().1.peer_certificates();
    let name = certificates.and_then(|chain| name_of(chain.first()?)).map(Arc::from);
    Ok((stream, name))
}

/// A connection that is being served. It counts as long as it lives.
pub(crate) struct Connection {
    stream: Stream,
    peer: Peer,
    greeting: Option<Greeting>,
    end: Pin<Box<Sleep>>,
    age: Age,
    _counted: Counted,
}

/// When a connection is cut.
#[derive(Clone, Copy)]
struct Age {
    /// From when on it is cut, unless it is in use.
    end: Instant,
    /// How long it is in use when nobody takes the answers of its calls.
    untaken_max: Duration,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// What has to come before a moment.
struct Greeting {
    bytes_missing: usize,
    too_late: Pin<Box<Sleep>>,
}

struct Counted(
    #[expect(dead_code, reason = "held, and given back when dropped")] OwnedSemaphorePermit,
);

impl Counted {
    fn new(place: OwnedSemaphorePermit) -> Self {
        gauge!("hawiya_connections").increment(1);
        counter!("hawiya_connections_total").increment(1);
        Self(place)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        gauge!("hawiya_connections").decrement(1);
    }
}

impl Connection {
    fn new(
        stream: Stream,
        peer: Peer,
        deadline: Instant,
        age: Age,
        place: OwnedSemaphorePermit,
    ) -> Self {
        let end = Box::pin(sleep_until(age.end));
        let too_late = Box::pin(sleep_until(deadline));
        let greeting = Some(Greeting { bytes_missing: GREETING_BYTES, too_late });
        Self { stream, peer, greeting, end, age, _counted: Counted::new(place) }
    }

    /// Ready when it is old enough to be cut, and nobody would miss it.
    fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            ready!(self.end.as_mut().poll(context));
            let now = Instant::now();
            if !self.peer.is_in_use(self.age.untaken_max) || now >= self.age.end + IN_USE_MAX {
                return Poll::Ready(());
            }
            self.end.as_mut().reset(now + IN_USE_EVERY);
        }
    }
}

impl Connected for Connection {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        self.peer.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        };
        if let Some(greeting) = &mut self.greeting {
            let bytes = buffer.filled().len() - before;
            greeting.bytes_missing = greeting.bytes_missing.saturating_sub(bytes);
            if greeting.bytes_missing == 0 {
                self.greeting = None;
            } else if read.is_pending() {
                ready!(greeting.too_late.as_mut().poll(context));
                counter!("hawiya_connections_refused_total", "reason" => "greeting").increment(1);
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
        if read.is_pending() && self.poll_end(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write_vectored(context, slices),
            Stream::Tls(stream) => Pin::new(stream).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn connection(oldest: Duration) -> (TcpStream, Connection) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, address) = listener.accept().await.unwrap();
        let place = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let (now, peer) = (Instant::now(), Peer::new(address, None));
        let deadline = now + Duration::from_secs(10);
        let stream = Stream::Plain(stream);
        let age = Age { end: now + oldest, untaken_max: Duration::from_secs(300) };
        let mut connection = Connection::new(stream, peer, deadline, age, place);
        connection.greeting = None;
        (client, connection)
    }

    #[tokio::test(start_paused = true)]
    async fn an_old_connection_is_cut_when_its_calls_have_ended_or_a_day_later() {
        let oldest = Duration::from_secs(600);
        for (call, most) in [(0, 0), (5_000, 5_000), (1_000_000, 600 + 24 * 60 * 60)] {
            let (_client, mut connection) = connection(oldest).await;
            let (begin, in_use) = (Instant::now(), connection.connect_info().call_begins());
            let call = Duration::from_secs(call);
            let ends = tokio::spawn(async move {
                sleep(call).await;
                drop(in_use);
            });
            tokio::task::yield_now().await;
            let cut = tokio::io::AsyncReadExt::read_u8(&mut connection).await.unwrap_err();
            assert_eq!(cut.kind(), io::ErrorKind::TimedOut);
            let (age, most) = (begin.elapsed(), oldest.max(Duration::from_secs(most)));
            assert!(age >= most && age <= most + 2 * IN_USE_EVERY, "{age:?}");
            ends.abort();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_old_connection_is_cut_when_nobody_takes_the_answers_of_its_calls() {
        let (_client, mut connection) = connection(Duration::from_secs(600)).await;
        let begin = Instant::now();
        let peer = connection.connect_info();
        let (mut read, mut unread) = (peer.call_begins(), peer.call_begins());
        unread.offers();
        let reader = tokio::spawn(async move {
            // Slow, and there: it takes something every four minutes, for half an hour.
            for _ in 0..7 {
                read.offers();
                sleep(Duration::from_secs(240)).await;
                read.is_taken();
            }
            read.offers();
            std::future::pending::<()>().await;
        });
        tokio::task::yield_now().await;
        let cut = tokio::io::AsyncReadExt::read_u8(&mut connection).await.unwrap_err();
        assert_eq!(cut.kind(), io::ErrorKind::TimedOut);
        let (age, due) = (begin.elapsed(), Duration::from_secs(7 * 240 + 300));
        assert!(age >= due && age <= due + 2 * IN_USE_EVERY, "{age:?}");
        reader.abort();
    }

    #[tokio::test]
    async fn who_is_silent_takes_no_turn_to_shake_hands() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (certificate, secret) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
        std::fs::write(&certificate, key.cert.pem()).unwrap();
        std::fs::write(&secret, key.signing_key.serialize_pem()).unwrap();
        let lookup = |name: &str| match name {
            "HAWIYA_TLS_CERT" => Some(certificate.to_str()?.to_owned()),
            "HAWIYA_TLS_KEY" => Some(secret.to_str()?.to_owned()),
            _ => None,
        };
        let tls = ServerTls::read(&Settings::new(&lookup)).unwrap().map(Arc::new);
        let mut accepted = accept(listener, tls, Limits::default(), Duration::from_secs(600));
        let mut silent = Vec::new();
        for _ in 0..HANDSHAKES_MAX {
            silent.push(TcpStream::connect(at).await.unwrap());
        }
        let mut roots = rustls::RootCertStore::empty();
        roots.add(key.cert.der().clone()).unwrap();
        let config =
            rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let stream = TcpStream::connect(at).await.unwrap();
        let _met = connector.connect("localhost".try_into().unwrap(), stream).await.unwrap();
        tokio_stream::StreamExt::next(&mut accepted).await.unwrap().unwrap();
    }
}
