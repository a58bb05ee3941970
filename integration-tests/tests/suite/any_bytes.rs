//! Requests that are no requests: whatever bytes a call carries, it is answered or refused, and the next one is
//! answered.

use std::collections::BTreeSet;

use bytes::Bytes;
use integration_tests::{Clients, Service, Suite, catalogue, query};
use prost::Message;
use prost_types::{FileDescriptorSet, MethodDescriptorProto};
use proto::resolution::v1 as wire;
use tonic::{Code, Request, Status, client::Grpc, codegen::http::uri::PathAndQuery};

use crate::raw::Raw;

/// How many bodies each method gets.
const BODIES: usize = 60;

/// What a refusal may be: the caller's fault, a limit, or something that is not there.
const REFUSALS: [Code; 7] = [
    Code::InvalidArgument,
    Code::NotFound,
    Code::AlreadyExists,
    Code::FailedPrecondition,
    Code::OutOfRange,
    Code::ResourceExhausted,
    Code::Unimplemented,
];

#[tokio::test]
async fn bytes_that_are_no_message_are_refused_by_every_method() {
    let suite = Suite::start().await;
    let clients = &suite.clients;
    let mut strange = BTreeSet::new();
    for service in Service::ALL {
        for method in methods(service) {
            for body in bodies(method.name()) {
                let refused = call(clients, service, &method, body).await.err();
                if let Some(status) = refused.filter(is_our_fault) {
                    strange.insert(format!("{service:?} {}: {status:?}", method.name()));
                }
            }
        }
        assert_eq!(clients.health(service, "live").await.unwrap() as i32, 1, "{service:?}");
    }
    assert_eq!(strange, BTreeSet::new());
    let (spelling, id) = catalogue::MISSION[0];
    assert_eq!(clients.resolve_uncached(spelling).await.unwrap().canonical_id, id);
}

/// A panic shows as UNKNOWN or CANCELLED, a broken connection as UNAVAILABLE.
fn is_our_fault(status: &Status) -> bool {
    // What is no message, tonic refuses as INTERNAL before a handler sees it.
    let is_undecodable = status.code() == Code::Internal && status.message().contains("decode");
    !is_undecodable && !REFUSALS.contains(&status.code())
}

fn methods(service: Service) -> Vec<MethodDescriptorProto> {
    let files = FileDescriptorSet::decode(service.descriptors()).unwrap().file;
    let (_, short) = service.wire_name().rsplit_once('.').unwrap();
    let services = files.into_iter().flat_map(|file| file.service);
    services.filter(|found| found.name() == short).flat_map(|found| found.method).collect()
}

/// A request with something in most places, damaged in as many ways, and the same for each run.
fn bodies(method: &str) -> Vec<Bytes> {
    let whole = wire::ResolveRequest {
        query: Some(query("سيرجي لافروف")),
        options: Some(wire::ResolveOptions { min_catalogue_version: 1, ..Default::default() }),
    };
    let whole = whole.encode_to_vec();
    let mut state = method.bytes().map(u64::from).sum::<u64>();
    let mut random = move |end: usize| {
        // Numerical Recipes' generator: any will do that is the same each time.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % end.max(1)
    };
    let body = |number: usize| {
        let mut bytes = whole.clone();
        match number % 4 {
            0 => bytes = (0..random(64)).map(|_| random(256) as u8).collect(),
            1 => bytes.truncate(random(whole.len())),
            2 => bytes[random(whole.len())] ^= 1 << random(8),
            // A field whose length says more than there is.
            _ => bytes.extend([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07]),
        }
        Bytes::from(bytes)
    };
    (0..BODIES).map(body).collect()
}

/// What a method says to one message of these bytes. Of an answer without end its beginning is enough.
async fn call(
    clients: &Clients,
    service: Service,
    method: &MethodDescriptorProto,
    body: Bytes,
) -> Result<(), Status> {
    let mut grpc = Grpc::new(clients.channel(service));
    grpc.ready().await.unwrap();
    let path = format!("/{}/{}", service.wire_name(), method.name());
    let path = PathAndQuery::try_from(path).unwrap();
    let requests = Request::new(tokio_stream::iter([body]));
    let mut answers = grpc.streaming(requests, path, Raw).await?.into_inner();
    let is_watch = method.server_streaming() && !method.client_streaming();
    if !is_watch {
        answers.message().await?;
    }
    Ok(())
}
