//! The contract is ahead of this version, and `proto/README.md` says by which methods.

use std::{collections::BTreeSet, fs};

use integration_tests::{Service, Suite, catalogue::repository};
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::{Code, Request, client::Grpc, codegen::http::uri::PathAndQuery};
use tonic_prost::ProstCodec;

#[tokio::test]
async fn the_methods_that_are_not_implemented_are_those_the_readme_names() {
    let suite = Suite::start_empty().await;
    let mut found = BTreeSet::new();
    for service in Service::ALL {
        for method in unary_methods(service) {
            if call(&suite, service, &method).await == Code::Unimplemented {
                let (_, short) = service.wire_name().rsplit_once('.').unwrap();
                found.insert(format!("{short}.{method}"));
            }
        }
    }
    assert_eq!(found, named_in_readme());
}

fn unary_methods(service: Service) -> Vec<String> {
    let files = FileDescriptorSet::decode(service.descriptors()).unwrap().file;
    let services = files.into_iter().flat_map(|file| file.service);
    let (_, short) = service.wire_name().rsplit_once('.').unwrap();
    let ours = services.filter(|descriptor| descriptor.name() == short);
    let methods = ours.flat_map(|descriptor| descriptor.method);
    let unary = methods.filter(|method| !method.client_streaming() && !method.server_streaming());
    unary.map(|method| method.name().to_owned()).collect()
}

/// Calls a method with an empty message, which every message can be read from.
async fn call(suite: &Suite, service: Service, method: &str) -> Code {
    let mut grpc = Grpc::new(suite.clients.channel(service));
    grpc.ready().await.unwrap();
    let path = format!("/{}/{method}", service.wire_name());
    let path = PathAndQuery::try_from(path).unwrap();
    let answer = grpc.unary(Request::new(()), path, ProstCodec::<(), ()>::default()).await;
    answer.err().map_or(Code::Ok, |status| status.code())
}

const HEADING: &str = "Not yet implemented";

/// `Service.Method` in backticks below the heading, down to the next heading.
fn named_in_readme() -> BTreeSet<String> {
    let readme = fs::read_to_string(repository().join("proto/README.md")).unwrap();
    let is_heading = |line: &&str| line.starts_with('#');
    let mut lines = readme.lines().skip_while(|line| !(is_heading(line) && line.contains(HEADING)));
    assert!(lines.next().is_some(), "proto/README.md has no heading `{HEADING}`");
    let section: Vec<_> = lines.take_while(|line| !is_heading(line)).collect();
    let section = section.join("\n");
    let quoted = section.split('`').skip(1).step_by(2);
    quoted.filter(|name| name.contains("Service.")).map(str::to_owned).collect()
}
