//! One trace id from a caller to Redis, as an OpenTelemetry collector sees it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex},
};

use integration_tests::{Processes, Redis, Service, query, until};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{
        ExportTraceServiceRequest, ExportTraceServiceResponse,
        trace_service_server::{TraceService, TraceServiceServer},
    },
    common::v1::any_value::Value,
    trace::v1::{Span, span::SpanKind},
};
use proto::{normalization::v1 as normalization, resolution::v1 as wire};
use tokio::net::TcpListener;
use tonic::{Request, Response, Status, transport::server::TcpIncoming};

/// A collector on a port of its own.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<(String, Span)>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        for resource in request.into_inner().resource_spans {
            let mut attributes = resource.resource.as_ref().unwrap().attributes.iter();
            let name = attributes.find(|attribute| attribute.key == "service.name").unwrap();
            let Some(Value::StringValue(program)) = name.value.clone().unwrap().value else {
                panic!("{name:?}");
            };
            let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
            self.0.lock().unwrap().extend(spans.map(|span| (program.clone(), span)));
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    /// Starts one and says where it is.
    async fn start() -> (Self, String) {
        let collector = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let service = TraceServiceServer::new(collector.clone());
        let server = tonic::transport::Server::builder().add_service(service);
        tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        (collector, address)
    }

    fn spans(&self) -> Vec<(String, Span)> {
        self.0.lock().unwrap().clone()
    }

    /// Spans of a trace and the programs they come from.
    fn of(&self, trace_id: &str) -> Vec<(String, Span)> {
        let spans = self.spans().into_iter();
        spans.filter(|(_, span)| hex(&span.trace_id) == trace_id).collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const CALLER: &str = "00f067aa0ba902b7";

/// A request of a caller that records its trace, or does not.
fn traced<T>(message: T, trace_id: &str, flags: &str) -> Request<T> {
    let mut request = Request::new(message);
    let header = format!("00-{trace_id}-{CALLER}-{flags}");
    request.metadata_mut().insert("traceparent", header.parse().unwrap());
    request
}

fn resolve(text: &str) -> wire::ResolveRequest {
    wire::ResolveRequest { query: Some(query(text)), options: None }
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SILENT: &str = "5bf92f3577b34da6a3ce929d0e0e4736";
const STREAM: &str = "6bf92f3577b34da6a3ce929d0e0e4736";

/// What a mention that matches takes: a call to each service, and a question to Redis by those that cache.
const SPANS: [(&str, &str); 6] = [
    ("hawiya-resolver", "hawiya.resolution.v1.ResolutionService/Resolve"),
    ("hawiya-resolver", "redis MGET"),
    ("hawiya-matcher", "hawiya.matching.v1.MatchingService/BatchMatchEntities"),
    ("hawiya-matcher", "redis MGET"),
    ("hawiya-normalizer", "hawiya.normalization.v1.NormalizationService/BatchNormalize"),
    ("hawiya-registry", "hawiya.registry.v1.RegistryService/BatchGetEntities"),
];

fn names(spans: &[(String, Span)]) -> BTreeSet<(&str, &str)> {
    spans.iter().map(|(program, span)| (program.as_str(), span.name.as_str())).collect()
}

async fn start(redis: &Redis, collector: String, ratio: &str) -> Processes {
    let settings = vec![
        ("REDIS_URL", redis.url()),
        ("HAWIYA_CACHE_BUDGET", "5s".to_owned()),
        ("HAWIYA_OTLP_ENDPOINT", collector),
        ("HAWIYA_TRACE_RATIO", ratio.to_owned()),
    ];
    let processes = Processes::start_with(settings).await;
    processes.wait_redis().await;
    processes
}

#[tokio::test]
async fn one_trace_spans_the_caller_all_four_services_and_redis() {
    let Some(redis) = Redis::start().await else { return };
    let (collector, address) = Collector::start().await;
    // Of the traces that begin with us nothing is recorded: all that comes is asked for below.
    let processes = start(&redis, address, "0").await;
    let mut resolver = processes.clients.resolver();
    resolver.resolve(traced(resolve("بيونغ يانغ"), SILENT, "00")).await.unwrap();
    let answer = resolver.resolve(traced(resolve("بيونج يانج"), TRACE, "01")).await.unwrap();
    assert_eq!(answer.metadata().get("x-trace-id").unwrap(), TRACE);

    let wanted = BTreeSet::from(SPANS);
    until("all spans have come", async || names(&collector.of(TRACE)).is_superset(&wanted)).await;
    let spans = collector.of(TRACE);
    let ids: HashMap<_, _> = spans.iter().map(|(_, span)| (hex(&span.span_id), span)).collect();
    for (program, span) in &spans {
        let parent = hex(&span.parent_span_id);
        assert!(parent == CALLER || ids.contains_key(&parent), "{program}: {span:?}");
        let kind = if span.name.starts_with("redis") { SpanKind::Client } else { SpanKind::Server };
        assert_eq!(span.kind(), kind, "{span:?}");
        assert!(!format!("{span:?}").contains("بيونج"), "a span tells no names: {span:?}");
        assert!(span.end_time_unix_nano >= span.start_time_unix_nano);
    }
    let of_caller = spans.iter().filter(|(_, span)| hex(&span.parent_span_id) == CALLER);
    assert_eq!(of_caller.count(), 1, "one span is the caller's own");

    let message = wire::StreamResolveRequest {
        items: vec![wire::ResolveItem { query: Some(query("Лавров")), ..Default::default() }],
        options: None,
    };
    let requests = traced(tokio_stream::iter([message]), STREAM, "01");
    let mut answers = resolver.stream_resolve(requests).await.unwrap().into_inner();
    while answers.message().await.unwrap().is_some() {}
    let has_matcher = |spans: &[(String, Span)]| names(spans).contains(&SPANS[2]);
    until("the stream is traced too", async || has_matcher(&collector.of(STREAM))).await;

    let foreign: Vec<_> =
        collector.spans().into_iter().map(|(_, span)| hex(&span.trace_id)).collect();
    assert!(
        foreign.iter().all(|id| id == TRACE || id == STREAM),
        "polls and others are not recorded"
    );
}

#[tokio::test]
async fn a_trace_that_begins_here_is_told_to_the_caller() {
    let (collector, address) = Collector::start().await;
    let mut processes = Processes::prepare(vec![
        ("HAWIYA_OTLP_ENDPOINT", address),
        ("HAWIYA_TRACE_RATIO", "1".to_owned()),
    ]);
    processes.spawn(Service::Normalizer);
    processes.clients.wait_serving(Service::Normalizer).await;
    let request =
        normalization::NormalizeRequest { text: "Лавров".to_owned(), options: None };
    let answer = processes.clients.normalizer().normalize(request).await.unwrap();
    let trace_id = answer.metadata().get("x-trace-id").unwrap().to_str().unwrap().to_owned();
    // What is left is sent before the process ends.
    processes.process(Service::Normalizer).terminate();
    assert!(processes.wait(Service::Normalizer).await.success());
    let spans = collector.of(&trace_id);
    let method = "hawiya.normalization.v1.NormalizationService/Normalize";
    assert_eq!(names(&spans), BTreeSet::from([("hawiya-normalizer", method)]));
    assert_eq!(collector.spans().len(), 1, "probes of health are not traced");
}

#[tokio::test]
async fn a_collector_that_is_away_costs_no_answer_and_is_one_warning() {
    let mut processes = Processes::prepare(vec![
        ("HAWIYA_OTLP_ENDPOINT", format!("http://127.0.0.1:{}", integration_tests::free_port())),
        ("HAWIYA_TRACE_RATIO", "1".to_owned()),
    ]);
    processes.spawn(Service::Normalizer);
    processes.clients.wait_serving(Service::Normalizer).await;
    let process = processes.process(Service::Normalizer);
    let failed = async || process.metric("hawiya_trace_spans_total", r#"outcome="failed""#).await;
    let mut last = 0.0;
    for _ in 0..2 {
        let request =
            normalization::NormalizeRequest { text: "Лавров".to_owned(), options: None };
        processes.clients.normalizer().normalize(request).await.unwrap();
        until("the spans could not be sent", async || failed().await > last).await;
        last = failed().await;
    }
    assert_eq!(process.logged("cannot send traces"), 1, "{}", process.log());
}
