//! The client of the benchmark: one connection, as `hawiya` opens it.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use http::uri::PathAndQuery;
use proto::resolution::v1::{self as wire, resolution_service_client::ResolutionServiceClient};
use tonic::{
    IntoStreamingRequest, Request, Response, Streaming,
    client::Grpc,
    transport::{Channel, Endpoint},
};
use tonic_prost::ProstCodec;

use crate::{
    clock::{Clock, Latencies, Spent},
    echo,
    known::{Known, query},
};

/// Asks the resolver or the echo.
#[derive(Clone)]
pub(crate) struct Client(Channel);

/// A stream that was answered.
pub(crate) struct Answered {
    pub(crate) spent: Spent,
    /// How many answers were read from a cache.
    pub(crate) cached: usize,
}

impl Client {
    pub(crate) fn new(address: &str) -> Self {
        let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
        let endpoint = endpoint.tcp_nodelay(true).initial_stream_window_size(4 << 20);
        Self(endpoint.initial_connection_window_size(16 << 20).connect_lazy())
    }

    fn resolver(&self) -> ResolutionServiceClient<Channel> {
        ResolutionServiceClient::new(self.0.clone())
    }

    /// Asks about `items` spellings in one stream and reads every answer.
    pub(crate) async fn resolve_stream(&self, known: &Known, items: usize) -> Answered {
        let clock = Clock::start();
        let requests = tokio_stream::iter(known.messages(items));
        let mut answers = self.resolver().stream_resolve(requests).await.unwrap().into_inner();
        let (mut number, mut cached) = (0, 0);
        while let Some(answer) = answers.message().await.unwrap() {
            for outcome in answer.outcomes {
                assert_eq!(outcome.item_number, number);
                cached += usize::from(origin(&outcome) != wire::AnswerOrigin::Computed);
                number += 1;
            }
        }
        assert_eq!(number, items as i64);
        Answered { spent: clock.spent(items), cached }
    }

    pub(crate) async fn echo_stream(&self, known: &Known, items: usize) -> Spent {
        let clock = Clock::start();
        let requests = tokio_stream::iter(known.messages(items));
        let mut grpc = Grpc::new(self.0.clone());
        grpc.ready().await.unwrap();
        let path = PathAndQuery::from_static(echo::STREAM);
        let codec = ProstCodec::<_, wire::StreamResolveRequest>::default();
        let request = requests.into_streaming_request();
        let mut answers: Streaming<wire::StreamResolveRequest> =
            grpc.streaming(request, path, codec).await.unwrap().into_inner();
        let mut number = 0;
        while let Some(answer) = answers.message().await.unwrap() {
            for item in answer.items {
                assert_eq!(item.item_number, number);
                number += 1;
            }
        }
        clock.spent(items)
    }

    /// As many callers at the same time, each of which calls as often, one call after the other.
    pub(crate) async fn resolve_calls(
        &self,
        known: &Known,
        callers: usize,
        calls: usize,
    ) -> Latencies {
        timed(callers, calls, async |at| {
            let request = request(known, at);
            let answer = self.resolver().resolve(request).await.unwrap().into_inner();
            assert!(answer.resolution.is_some());
        })
        .await
    }

    pub(crate) async fn echo_calls(
        &self,
        known: &Known,
        callers: usize,
        calls: usize,
    ) -> Latencies {
        timed(callers, calls, async |at| {
            let mut grpc = Grpc::new(self.0.clone());
            grpc.ready().await.unwrap();
            let path = PathAndQuery::from_static(echo::CALL);
            let codec = ProstCodec::<_, wire::ResolveRequest>::default();
            let request = Request::new(request(known, at));
            let answer: Response<wire::ResolveRequest> =
                grpc.unary(request, path, codec).await.unwrap();
            assert!(answer.get_ref().query.is_some());
        })
        .await
    }
}

fn request(known: &Known, at: usize) -> wire::ResolveRequest {
    wire::ResolveRequest { query: Some(query(known.spelling(at))), options: None }
}

fn origin(outcome: &wire::ItemOutcome) -> wire::AnswerOrigin {
    match &outcome.outcome {
        Some(wire::item_outcome::Outcome::Resolution(resolution)) => resolution.origin(),
        other => panic!("{other:?}"),
    }
}

async fn timed(callers: usize, calls: usize, call: impl AsyncFn(usize)) -> Latencies {
    let clock = Clock::start();
    let caller = async |first: usize| {
        let mut times = Vec::with_capacity(calls);
        for at in 0..calls {
            let begin = Instant::now();
            call(first * calls + at).await;
            times.push(begin.elapsed());
        }
        times
    };
    let times: Vec<Vec<Duration>> = join_all((0..callers).map(caller)).await;
    Latencies::new(times.concat(), clock.spent(callers * calls))
}
