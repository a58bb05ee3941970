//! What a server says of itself: health for probes, reflection for clients without generated code.

use integration_tests::{Processes, Service, Suite, until};
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_reflection::pb::{v1, v1alpha};

#[tokio::test]
async fn the_matcher_and_the_resolver_are_not_serving_until_there_is_a_registry() {
    let mut processes = Processes::prepare(Vec::new());
    for service in [Service::Matcher, Service::Resolver, Service::Normalizer] {
        processes.spawn(service);
    }
    let clients = processes.clients.clone();
    clients.wait_serving(Service::Normalizer).await;
    for service in [Service::Matcher, Service::Resolver] {
        for name in ["", service.wire_name()] {
            assert_eq!(clients.health(service, name).await.unwrap(), ServingStatus::NotServing);
        }
        // Who waits for a neighbour lives.
        assert_eq!(clients.health(service, "live").await.unwrap(), ServingStatus::Serving);
    }
    processes.spawn(Service::Registry);
    for service in Service::ALL {
        for name in ["", service.wire_name()] {
            let serving =
                async || clients.health(service, name).await.ok() == Some(ServingStatus::Serving);
            until("all services are serving", serving).await;
        }
        let unknown = clients.health(service, "hawiya.nothing.v1.NothingService").await;
        assert_eq!(unknown.unwrap_err().code(), Code::NotFound);
    }
}

#[tokio::test]
async fn reflection_lists_the_service_and_health_and_nothing_else() {
    let suite = Suite::start_empty().await;
    for service in Service::ALL {
        let mut expected = vec!["grpc.health.v1.Health".to_owned(), service.wire_name().to_owned()];
        expected.sort();
        assert_eq!(listed(&suite, service).await, expected, "v1");
        assert_eq!(listed_alpha(&suite, service).await, expected, "v1alpha");
    }
}

async fn listed(suite: &Suite, service: Service) -> Vec<String> {
    use v1::server_reflection_client::ServerReflectionClient;
    use v1::{
        server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
    };
    let message_request = Some(MessageRequest::ListServices(String::new()));
    let request = v1::ServerReflectionRequest { host: String::new(), message_request };
    let mut client = ServerReflectionClient::new(suite.clients.channel(service));
    let mut answers =
        client.server_reflection_info(tokio_stream::iter([request])).await.unwrap().into_inner();
    let answer = answers.message().await.unwrap().unwrap().message_response;
    let Some(MessageResponse::ListServicesResponse(list)) = answer else { panic!("{answer:?}") };
    let mut names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
    names.sort();
    names
}

async fn listed_alpha(suite: &Suite, service: Service) -> Vec<String> {
    use v1alpha::server_reflection_client::ServerReflectionClient;
    use v1alpha::{
        server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
    };
    let message_request = Some(MessageRequest::ListServices(String::new()));
    let request = v1alpha::ServerReflectionRequest { host: String::new(), message_request };
    let mut client = ServerReflectionClient::new(suite.clients.channel(service));
    let mut answers =
        client.server_reflection_info(tokio_stream::iter([request])).await.unwrap().into_inner();
    let answer = answers.message().await.unwrap().unwrap().message_response;
    let Some(MessageResponse::ListServicesResponse(list)) = answer else { panic!("{answer:?}") };
    let mut names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
    names.sort();
    names
}
