//! TLS on every port: certificates that are renewed, clients that show theirs, and those who have none.

use std::{path::Path, time::Duration};

use integration_tests::{
    PATIENCE, Processes, Redis, Service, catalogue,
    secured::{Authority, Certificate, Shown, call, code, methods},
    until,
};
use proto::{
    normalization::v1::{
        self as normalization, normalization_service_client::NormalizationServiceClient,
    },
    registry::v1::{self as registry, registry_service_client::RegistryServiceClient},
    resolution::v1::{self as resolution, resolution_service_client::ResolutionServiceClient},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tonic::{Code, Status};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

const NORMALIZE: &str = "/hawiya.normalization.v1.NormalizationService/GetRules";

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn certified(own: &Certificate) -> Vec<(&'static str, String)> {
    vec![("HAWIYA_TLS_CERT", text(&own.certificate)), ("HAWIYA_TLS_KEY", text(&own.key))]
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_to_the_next_connection_and_no_connection_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    let own = old.certify(&["127.0.0.1"], folder, "server");
    let mut processes = Processes::prepare(certified(&own));
    processes.spawn(Service::Normalizer);
    let address = processes.address(Service::Normalizer);
    let trusting = |authority: &Authority, file: &str| Shown {
        authorities: Some(authority.write(folder, file)),
        ..Shown::default()
    };
    let of_old = trusting(&old, "old.pem");
    let before = of_old.channel(&address);
    assert_eq!(code(before.clone(), NORMALIZE).await, Code::Ok);
    let of_new = trusting(&new, "new.pem");
    assert_eq!(code(of_new.channel(&address), NORMALIZE).await, Code::Unavailable);

    // The key first: for a moment the two do not belong together, and the old ones stay in force.
    let _renewed = new.certify(&["127.0.0.1"], folder, "server");
    let renewed = async || code(of_new.channel(&address), NORMALIZE).await == Code::Ok;
    until("the new certificate is shown", renewed).await;
    assert_eq!(code(of_old.channel(&address), NORMALIZE).await, Code::Unavailable);
    assert_eq!(code(before, NORMALIZE).await, Code::Ok);
}

#[tokio::test]
async fn who_has_no_certificate_of_our_authority_is_refused_on_every_method() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let own = ours.certify(&["127.0.0.1"], folder, "server");
    let authorities = ours.write(folder, "ours.pem");
    let mut settings = certified(&own);
    settings.push(("HAWIYA_TLS_CLIENT_CA", text(&authorities)));
    settings.push(("HAWIYA_TLS_CA", text(&authorities)));
    let shown =
        |certificate| Shown { authorities: Some(authorities.clone()), certificate, token: None };
    let friend = shown(Some(ours.certify(&["friend.example"], folder, "friend")));
    let stranger = shown(Some(theirs.certify(&["friend.example"], folder, "stranger")));
    let nobody = shown(None);
    let mut processes = Processes::prepare(settings);
    let mut count = 0;
    for service in Service::ALL {
        processes.spawn(service);
        let address = processes.address(service);
        let methods = methods(service);
        for method in &methods {
            for refused in [&stranger, &nobody] {
                let code = code(refused.channel(&address), &method.path).await;
                // With TLS 1.3 a client learns that it is refused when it reads for the first time.
                let lost = [Code::Unavailable, Code::Unknown, Code::Cancelled, Code::Internal];
                assert!(lost.contains(&code), "{method:?} {refused:?}: {code:?}");
            }
        }
        let process = processes.process(service);
        let refused = process.metric("hawiya_connections_refused_total", "handshake").await;
        assert!(refused >= 2.0 * methods.len() as f64, "{refused} handshakes failed");
        assert_eq!(process.metric("hawiya_rpc_total", "").await, 0.0, "a call came through");
        for method in &methods {
            let code = code(friend.channel(&address), &method.path).await;
            let refused = [Code::Unauthenticated, Code::PermissionDenied];
            assert!(!refused.contains(&code), "{method:?}: {code:?}");
            count += 1;
        }
    }
    assert!(count > 30, "{count} methods were found");
}

#[tokio::test]
async fn services_that_show_each_other_certificates_resolve_as_ever() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let ours = Authority::new("ours");
    let own = ours.certify(&["service.example", "127.0.0.1"], folder, "service");
    let authorities = ours.write(folder, "ours.pem");
    let mut settings = certified(&own);
    settings.push(("HAWIYA_TLS_CLIENT_CA", text(&authorities)));
    settings.push(("HAWIYA_TLS_CA", text(&authorities)));
    settings.push(("HAWIYA_TLS_CLIENT_CERT", text(&own.certificate)));
    settings.push(("HAWIYA_TLS_CLIENT_KEY", text(&own.key)));
    let mut processes = Processes::prepare(settings);
    for service in Service::ALL {
        processes.spawn(service);
    }
    let desk = Shown {
        authorities: Some(authorities),
        certificate: Some(ours.certify(&["desk.example"], folder, "desk")),
        token: None,
    };
    let channel = |service| desk.channel(&processes.address(service));
    let mut registry = RegistryServiceClient::new(channel(Service::Registry));
    let note = registry::ChangeNote { actor: "somebody else".to_owned(), ..Default::default() };
    let request = registry::CreateEntityRequest {
        entity: Some(catalogue::person("T1", &["سيرجي لافروف"])),
        note: Some(note),
        ..Default::default()
    };
    registry.create_entity(request).await.unwrap();

    let mut resolver = ResolutionServiceClient::new(channel(Service::Resolver));
    let options = resolution::ResolveOptions { min_catalogue_version: 1, ..Default::default() };
    let request = resolution::ResolveRequest {
        query: Some(integration_tests::query("سيرغي لافروف")),
        options: Some(options),
    };
    let mut found = String::new();
    let resolved = async || {
        let Ok(answer) = resolver.resolve(request.clone()).await else { return false };
        found = answer.into_inner().resolution.unwrap().canonical_id;
        !found.is_empty()
    };
    until("the name is resolved", resolved).await;
    assert_eq!(found, "T1");

    // Also where callers are not known, the certificate says who it was.
    let request =
        registry::ListChangesRequest { canonical_id: "T1".to_owned(), ..Default::default() };
    let changes = registry.list_changes(request).await.unwrap().into_inner().changes;
    assert_eq!(changes[0].note.as_ref().unwrap().actor, "desk.example");
}

/// Sends bytes and reads until the server closes.
async fn say(address: &str, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A reset is an end too.
    let read = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "the server keeps the connection");
    answer
}

#[tokio::test]
async fn plain_text_on_a_port_with_tls_and_tls_on_a_plain_one_end_the_connection() {
    let folder = tempfile::tempdir().unwrap();
    let ours = Authority::new("ours");
    let own = ours.certify(&["127.0.0.1"], folder.path(), "server");
    let mut certified = Processes::prepare(certified(&own));
    certified.spawn(Service::Normalizer);
    let address = certified.process(Service::Normalizer).address("listening");
    let answer = say(&address, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
    assert!(!answer.windows(4).any(|bytes| bytes == b"HTTP"), "{answer:?}");

    let mut plain = Processes::prepare(Vec::new());
    plain.spawn(Service::Normalizer);
    let trusting =
        Shown { authorities: Some(ours.write(folder.path(), "ca.pem")), ..Shown::default() };
    let https = plain.address(Service::Normalizer).replace("http://", "https://");
    assert_eq!(code(trusting.channel(&https), NORMALIZE).await, Code::Unavailable);
    assert_eq!(
        code(Shown::default().channel(&plain.address(Service::Normalizer)), NORMALIZE).await,
        Code::Ok
    );
}

#[tokio::test]
async fn a_client_that_does_not_finish_its_handshake_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let own = Authority::new("ours").certify(&["127.0.0.1"], folder.path(), "server");
    for mut settings in [certified(&own), Vec::new()] {
        settings.push(("HAWIYA_HANDSHAKE_TIMEOUT", "300ms".to_owned()));
        let mut processes = Processes::prepare(settings);
        processes.spawn(Service::Normalizer);
        let address = processes.process(Service::Normalizer).address("listening");
        // Nothing, the begin of a ClientHello, and half of a preface.
        for begin in [&b""[..], b"\x16\x03\x01\x02\x00\x01", b"PRI * HTTP/2.0\r\n\r\nSM"] {
            say(&address, begin).await;
        }
    }
}

#[tokio::test]
async fn a_connection_over_the_limit_is_closed_at_once_and_one_that_ends_makes_room() {
    let settings = vec![("HAWIYA_CONNECTIONS_MAX", "3".to_owned())];
    let mut processes = Processes::prepare(settings);
    processes.spawn(Service::Normalizer);
    let address = processes.process(Service::Normalizer).address("listening");
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(TcpStream::connect(&address).await.unwrap());
    }
    let process = processes.process(Service::Normalizer);
    until("three are counted", async || process.metric("hawiya_connections", "").await >= 3.0)
        .await;
    assert!(say(&address, b"").await.is_empty());
    held.pop();
    let url = processes.address(Service::Normalizer);
    let fits = async || code(Shown::default().channel(&url), NORMALIZE).await == Code::Ok;
    until("a connection that ended made room", fits).await;
}

#[tokio::test]
async fn a_connection_that_is_too_old_is_left_and_no_call_is_cut() {
    let settings = [("HAWIYA_CONNECTION_AGE_MAX", "100ms"), ("HAWIYA_DRAIN_TIMEOUT", "30s")];
    let settings = settings.map(|(name, value)| (name, value.to_owned()));
    let mut processes = Processes::prepare(settings.to_vec());
    processes.spawn(Service::Normalizer);
    let channel = Shown::default().channel(&processes.address(Service::Normalizer));
    let process = processes.process(Service::Normalizer);
    let renewed = async || {
        let status = call(channel.clone(), NORMALIZE).await;
        // The client has closed the connection before it sent the call.
        let unsent = |status: &Status| status.code() == Code::Cancelled;
        assert!(status.as_ref().err().is_none_or(unsent), "{status:?}");
        process.metric("hawiya_connections_total", "").await >= 5.0
    };
    until("four connections grew old", renewed).await;
}

#[tokio::test]
async fn a_connection_that_only_watches_the_health_is_cut_when_it_is_too_old() {
    let settings = [("HAWIYA_CONNECTION_AGE_MAX", "100ms"), ("HAWIYA_DRAIN_TIMEOUT", "200ms")];
    let settings = settings.map(|(name, value)| (name, value.to_owned()));
    let mut processes = Processes::prepare(settings.to_vec());
    processes.spawn(Service::Normalizer);
    let channel = Shown::default().channel(&processes.address(Service::Normalizer));
    let request = HealthCheckRequest { service: "live".to_owned() };
    let mut answers = HealthClient::new(channel).watch(request).await.unwrap().into_inner();
    let cut = async { while answers.message().await.is_ok_and(|answer| answer.is_some()) {} };
    timeout(PATIENCE, cut).await.unwrap();
}

#[tokio::test]
async fn a_connection_that_is_too_old_is_cut_when_nobody_takes_the_answers_on_it() {
    let settings = [
        ("HAWIYA_CONNECTION_AGE_MAX", "100ms"),
        ("HAWIYA_DRAIN_TIMEOUT", "200ms"),
        ("HAWIYA_STREAM_IDLE", "500ms"),
    ];
    let settings = settings.map(|(name, value)| (name, value.to_owned()));
    let mut processes = Processes::prepare(settings.to_vec());
    processes.spawn(Service::Normalizer);
    // A bare client: the pool would watch the health beside the call.
    let at = tonic::transport::Endpoint::new(processes.address(Service::Normalizer)).unwrap();
    let mut client = NormalizationServiceClient::new(at.connect().await.unwrap());
    let texts = vec!["سيرجي لافروف".to_owned(); 1_000];
    let message = normalization::StreamNormalizeRequest { texts, options: None };
    let endless = tokio_stream::iter(std::iter::repeat(message));
    let answers = client.stream_normalize(endless).await.unwrap().into_inner();
    let process = processes.process(Service::Normalizer);
    let cut = async || process.metric("hawiya_connections", "").await == 0.0;
    until("the connection is cut though its call is under way", cut).await;
    drop(answers);
}

#[tokio::test]
async fn a_stream_that_sends_nothing_ends_with_a_word_about_it() {
    let settings = vec![("HAWIYA_STREAM_IDLE", "300ms".to_owned())];
    let mut processes = Processes::prepare(settings);
    processes.spawn(Service::Normalizer);
    let channel = Shown::default().channel(&processes.address(Service::Normalizer));
    let mut client = NormalizationServiceClient::new(channel);
    let (requests, receiver) = tokio::sync::mpsc::channel(1);
    let stream = tokio_stream::wrappers::ReceiverStream::new(receiver);
    let mut answers = client.stream_normalize(stream).await.unwrap().into_inner();
    let texts = vec!["سيرجي".to_owned()];
    requests.send(normalization::StreamNormalizeRequest { texts, options: None }).await.unwrap();
    assert_eq!(answers.message().await.unwrap().unwrap().outcomes.len(), 1);
    let ended = timeout(PATIENCE.max(Duration::from_secs(1)), answers.message()).await.unwrap();
    let status = ended.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status:?}");
    assert!(status.message().contains("nothing came"), "{status:?}");
}

#[tokio::test]
async fn a_redis_behind_tls_is_used_by_who_trusts_it_and_away_for_others() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, others) = (Authority::new("ours"), Authority::new("others"));
    let own = ours.certify(&["127.0.0.1"], folder.path(), "redis");
    let Some((_redis, port)) = Redis::start_with_tls(&own).await else { return };
    for (authority, file, up) in [(&ours, "ours.pem", 1.0), (&others, "others.pem", 0.0)] {
        let mut processes = Processes::prepare(vec![
            ("REDIS_URL", format!("rediss://default:hunter2@127.0.0.1:{port}")),
            ("HAWIYA_REDIS_CA", text(&authority.write(folder.path(), file))),
        ]);
        processes.spawn(Service::Normalizer);
        processes.clients.wait_serving(Service::Normalizer).await;
        let process = processes.process(Service::Normalizer);
        let told = async || match up {
            1.0 => process.metric("hawiya_cache_up", "").await == 1.0,
            _ => process.logged("invalid peer certificate") == 1,
        };
        until("redis is believed, or the log says why not", told).await;
        assert_eq!(process.metric("hawiya_cache_up", "").await, up);
        let url = processes.address(Service::Normalizer);
        assert_eq!(code(Shown::default().channel(&url), NORMALIZE).await, Code::Ok);
        assert_eq!(process.logged("hunter2"), 0);
    }
}
