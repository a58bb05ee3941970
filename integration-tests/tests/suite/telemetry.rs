//! What services say of themselves: every metric is described, documented and bounded, the dashboard
//! and the alerts ask for metrics that there are, and no name of anybody is in the log.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::OnceLock,
};

use expect_test::expect_file;
use integration_tests::{
    Processes, Redis, Service,
    catalogue::{self, repository},
    free_port, query, until,
};
use proto::{
    matching::v1 as matching, normalization::v1 as normalization, registry::v1 as registry,
    resolution::v1 as wire,
};
use serde_json::Value;
use tokio::sync::Mutex;
use tonic::Code;

use crate::every_method;

/// A metric as `/metrics` has it.
#[derive(Clone, Debug, Default)]
struct Metric {
    kind: String,
    meaning: String,
    labels: BTreeSet<String>,
    services: BTreeSet<&'static str>,
}

type Metrics = BTreeMap<String, Metric>;

/// Reads a page into `metrics`.
fn read(page: &str, service: &'static str, metrics: &mut Metrics) {
    let (_, body) = page.split_once("\r\n\r\n").unwrap();
    for line in body.lines() {
        if let Some((name, meaning)) =
            line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' '))
        {
            meaning.clone_into(&mut metrics.entry(name.to_owned()).or_default().meaning);
        } else if let Some((name, kind)) =
            line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' '))
        {
            kind.clone_into(&mut metrics.entry(name.to_owned()).or_default().kind);
        } else if let Some((series, _)) = line.rsplit_once(' ') {
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            let metric = metrics.entry(family(name, metrics).to_owned()).or_default();
            let labels = labels.split("\",").filter_map(|label| Some(label.split_once('=')?.0));
            metric.labels.extend(labels.filter(|label| *label != "le").map(str::to_owned));
            metric.services.insert(service);
        }
    }
}

/// The metric a series belongs to: those of a histogram end in what they are.
fn family<'a>(series: &'a str, metrics: &Metrics) -> &'a str {
    let ends = ["_bucket", "_sum", "_count"].iter();
    let mut bases = ends.filter_map(|end| series.strip_suffix(end));
    bases
        .find(|base| metrics.get(*base).is_some_and(|metric| metric.kind == "histogram"))
        .unwrap_or(series)
}

/// What four processes with a Redis say of themselves after calls of every kind; nothing when there
/// is no Redis. Asked once for all tests.
async fn scraped() -> Option<Metrics> {
    static SCRAPED: OnceLock<Mutex<Option<Metrics>>> = OnceLock::new();
    let mut scraped = SCRAPED.get_or_init(Mutex::default).lock().await;
    if scraped.is_none() {
        let redis = Redis::start().await?;
        // The collector is away, which is counted.
        let processes = Processes::start_with(vec![
            ("REDIS_URL", redis.url()),
            ("HAWIYA_CACHE_BUDGET", "5s".to_owned()),
            ("HAWIYA_OTLP_ENDPOINT", format!("http://127.0.0.1:{}", free_port())),
        ])
        .await;
        processes.wait_redis().await;
        exercise(&processes).await;
        *scraped = Some(scrape(&processes).await);
    }
    scraped.clone()
}

async fn scrape(processes: &Processes) -> Metrics {
    let mut metrics = Metrics::new();
    for service in Service::ALL {
        read(&processes.process(service).metrics().await, service.name(), &mut metrics);
    }
    metrics
}

/// Asks for what makes every metric appear.
async fn exercise(processes: &Processes) {
    let clients = &processes.clients;
    for text in ["بيونغ يانغ", "بيونغ يانغ", "Лавров", "Zayd Qutrub"] {
        clients.resolve(text).await;
    }
    let matcher = processes.process(Service::Matcher);
    let written =
        async || matcher.metric("hawiya_cache_writes_total", r#"outcome="stored""#).await > 0.0;
    until("answers are stored in Redis", written).await;
    clients.import(vec![catalogue::person("T1", &["Zayd Qutrub"])]).await;
    for service in Service::ALL {
        for method in every_method::of(service) {
            method.call(clients, "Zayd Qutrub").await;
        }
    }
}

#[tokio::test]
async fn every_metric_is_described_and_the_reference_has_them_all() {
    let Some(metrics) = scraped().await else { return };
    let mut text = INTRODUCTION.to_owned();
    for (name, metric) in &metrics {
        assert!(!metric.meaning.is_empty() && !metric.kind.is_empty(), "{name}: {metric:?}");
        let list = |items: Vec<String>| items.join(", ");
        let labels = list(metric.labels.iter().map(|label| format!("`{label}`")).collect());
        let services = if metric.services.len() == Service::ALL.len() {
            "all".to_owned()
        } else {
            list(metric.services.iter().map(|service| (*service).to_owned()).collect())
        };
        let meaning = metric.meaning.trim_end_matches('.');
        text.push_str(&format!(
            "| `{name}` | {} | {labels} | {services} | {meaning} |\n",
            metric.kind
        ));
    }
    expect_file![repository().join("deploy/METRICS.md")].assert_eq(&text);
}

const INTRODUCTION: &str = "\
# Metrics

Each process serves them at `/metrics` where `HAWIYA_METRICS_LISTEN` says so, in the Prometheus text format. This page is
written from what four services said of themselves, and a test keeps it up to date; [grafana](grafana) has a dashboard
and alerts that ask for nothing else. Labels have few values: methods are those of the contract and `unknown`, scripts
those that `names` knows.

| Metric | Kind | Labels | Service | Meaning |
|---|---|---|---|---|
";

#[tokio::test]
async fn callers_cannot_make_up_series() {
    let Some(redis) = Redis::start().await else { return };
    let processes = Processes::start(Some(redis.url())).await;
    exercise(&processes).await;
    let series = async || processes.process(Service::Resolver).metrics().await.lines().count();
    let unknown =
        |at: usize| every_method::Method::made_up(Service::Resolver, &format!("Method{at}"));
    unknown(0).call(&processes.clients, "").await;
    let before = series().await;
    for at in 1..100 {
        assert_eq!(unknown(at).call(&processes.clients, "").await, Code::Unimplemented);
    }
    assert_eq!(series().await, before);
}

/// The expressions of a dashboard or of alert rules: strings under `expr`.
fn expressions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value.as_str().filter(|_| key == "expr") {
                    Some(text) => found.push(text.to_owned()),
                    None => expressions(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| expressions(item, found)),
        _ => {}
    }
}

/// Labels that a scraper adds.
const OF_SCRAPER: [&str; 4] = ["le", "job", "instance", "pod"];

#[track_caller]
fn check(expression: &str, metrics: &Metrics) {
    let is_of_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut known = BTreeSet::from(OF_SCRAPER);
    let mut names = 0;
    for word in expression.split(|letter| !is_of_word(letter)) {
        if word.starts_with("hawiya_") || word.starts_with("process_") {
            let metric = metrics.get(family(word, metrics));
            let metric = metric.unwrap_or_else(|| panic!("no metric `{word}`: {expression}"));
            known.extend(metric.labels.iter().map(String::as_str));
            names += 1;
        }
    }
    assert!(names > 0, "asks for none of our metrics: {expression}");
    for label in labels(expression) {
        assert!(known.contains(label), "no label `{label}`: {expression}");
    }
}

/// The labels in selectors, `{code!="OK"}`, and in groupings, `by (method)`.
fn labels(expression: &str) -> Vec<&str> {
    let inside = |open: char, close: char| {
        expression.split(open).skip(1).filter_map(move |rest| rest.split(close).next())
    };
    let selectors = inside('{', '}').flat_map(|selector| selector.split(','));
    let matched = selectors.filter_map(|matcher| matcher.split(['=', '!']).next());
    let groups = [" by (", " on ("].into_iter().flat_map(|word| expression.split(word).skip(1));
    let grouped =
        groups.filter_map(|rest| rest.split(')').next()).flat_map(|group| group.split(','));
    matched.chain(grouped).map(str::trim).filter(|label| !label.is_empty()).collect()
}

#[tokio::test]
async fn the_dashboard_and_the_alerts_ask_for_metrics_that_there_are() {
    let Some(metrics) = scraped().await else { return };
    let folder = repository().join("deploy/grafana");
    let text = fs::read_to_string(folder.join("hawiya.json")).unwrap();
    let mut found = Vec::new();
    expressions(&serde_json::from_str(&text).unwrap(), &mut found);
    assert!(found.len() > 20, "{found:?}");
    let alerts = fs::read_to_string(folder.join("alerts.yaml")).unwrap();
    let rules = alerts.lines().filter_map(|line| line.trim().strip_prefix("expr: "));
    let count = found.len();
    found.extend(rules.map(str::to_owned));
    assert!(found.len() > count, "there are alerts");
    for expression in found {
        check(&expression, &metrics);
    }
}

#[test]
fn an_expression_is_taken_apart() {
    let text = r#"sum by (method, code) (rate(hawiya_rpc_total{code!="OK",job="a"}[5m])) / sum by (le) (x)"#;
    assert_eq!(labels(text), ["code", "job", "method", "code", "le"]);
}

/// A name that is in nothing but our requests.
const MARKED: &str = "زعبل قطربزاده Markedova";

#[tokio::test]
async fn no_name_of_anybody_is_in_the_log() {
    let processes = Processes::start(None).await;
    let clients = &processes.clients;
    let version = clients.import(vec![catalogue::person("T1", &[MARKED])]).await;
    assert_eq!(clients.resolve_at(MARKED, version).await.canonical_id, "T1");
    let compare = matching::CompareNamesRequest {
        pair: Some(matching::NamePair { a: MARKED.to_owned(), b: "Zayd Qutrub".to_owned() }),
        ..Default::default()
    };
    clients.matcher().compare_names(compare).await.unwrap();
    let normalize = normalization::NormalizeRequest { text: MARKED.to_owned(), options: None };
    clients.normalizer().normalize(normalize).await.unwrap();
    let decide = wire::RecordDecisionRequest { text: MARKED.to_owned(), ..Default::default() };
    drop(clients.resolver().record_decision(decide).await);
    let entity = Some(catalogue::person("T2", &[MARKED]));
    let create = registry::CreateEntityRequest { entity, ..Default::default() };
    clients.registry().create_entity(create).await.unwrap();
    for service in Service::ALL {
        for method in every_method::of(service) {
            method.call(clients, MARKED).await;
        }
    }
    for service in Service::ALL {
        let process = processes.process(service);
        let log = process.log();
        for word in MARKED.split(' ') {
            assert!(!log.contains(word), "{service:?}: {log}");
        }
        for line in log.lines() {
            let event: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
            for key in ["timestamp", "level", "message", "target"] {
                assert!(event[key].is_string(), "{line}");
            }
        }
    }
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// As many failures of one minute are in the log, and the next line says how many were left out.
const FAILURES_A_MINUTE: usize = 30;

#[tokio::test]
async fn a_call_that_failed_is_a_line_that_the_caller_can_ask_for() {
    let mut processes = Processes::start(None).await;
    processes.kill(Service::Matcher);
    let mut resolver = processes.clients.resolver();
    let options =
        wire::ResolveOptions { max_staleness: Some(Default::default()), ..Default::default() };
    let failed = 2 * FAILURES_A_MINUTE;
    for _ in 0..failed {
        let message =
            wire::ResolveRequest { query: Some(query(MARKED)), options: Some(options.clone()) };
        let mut request = tonic::Request::new(message);
        let header = format!("00-{TRACE}-00f067aa0ba902b7-00").parse().unwrap();
        request.metadata_mut().insert("traceparent", header);
        let refused = resolver.resolve(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable);
        assert_eq!(refused.metadata().get("x-trace-id").unwrap(), TRACE);
        use tonic_types::StatusExt;
        assert_eq!(refused.get_details_request_info().unwrap().request_id, TRACE);
    }
    let resolver = processes.process(Service::Resolver);
    until("the failures are told", async || resolver.logged("call failed") >= FAILURES_A_MINUTE)
        .await;
    let log = resolver.log();
    let told: Vec<_> = log.lines().filter(|line| line.contains("call failed")).collect();
    assert_eq!(told.len(), FAILURES_A_MINUTE, "{log}");
    for line in told {
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["level"], "WARN", "{line}");
        assert_eq!(event["code"], "Unavailable", "{line}");
        assert_eq!(event["span"]["trace_id"], TRACE, "{line}");
        assert_eq!(event["method"], "hawiya.resolution.v1.ResolutionService/Resolve", "{line}");
    }
    let labels = r#"method="hawiya.resolution.v1.ResolutionService/Resolve",code="UNAVAILABLE""#;
    assert_eq!(resolver.metric("hawiya_rpc_total", labels).await, failed as f64);
}
