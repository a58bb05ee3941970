//! Asks a suite, wherever it runs.

use proto::{
    matching::v1::matching_service_client::MatchingServiceClient,
    normalization::v1::normalization_service_client::NormalizationServiceClient,
    registry::v1::{self as registry, registry_service_client::RegistryServiceClient},
    resolution::v1::{self as resolution, resolution_service_client::ResolutionServiceClient},
    r#type::v1 as shared,
};
use tonic::{
    Status,
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use crate::{Service, until};

/// A client of each service; cheap to clone.
#[derive(Clone, Debug)]
pub struct Clients {
    channels: [Channel; 4],
}

impl Clients {
    /// Clients of services at `host:port`, in the order of [`Service::ALL`]. The first call
    /// connects.
    #[must_use]
    pub fn new(addresses: [String; 4]) -> Self {
        let connect = |address| Endpoint::from_shared(format!("http://{address}")).unwrap();
        Self { channels: addresses.map(|address| connect(address).connect_lazy()) }
    }

    /// A channel to a service.
    #[must_use]
    pub fn channel(&self, service: Service) -> Channel {
        self.channels[service as usize].clone()
    }

    /// The resolver.
    #[must_use]
    pub fn resolver(&self) -> ResolutionServiceClient<Channel> {
        ResolutionServiceClient::new(self.channel(Service::Resolver))
    }

    /// The normalizer.
    #[must_use]
    pub fn normalizer(&self) -> NormalizationServiceClient<Channel> {
        NormalizationServiceClient::new(self.channel(Service::Normalizer))
    }

    /// The matcher.
    #[must_use]
    pub fn matcher(&self) -> MatchingServiceClient<Channel> {
        MatchingServiceClient::new(self.channel(Service::Matcher))
    }

    /// The registry.
    #[must_use]
    pub fn registry(&self) -> RegistryServiceClient<Channel> {
        RegistryServiceClient::new(self.channel(Service::Registry))
    }

    /// Resolves one mention as the defaults have it.
    pub async fn resolve(&self, text: &str) -> resolution::Resolution {
        self.try_resolve(text, resolution::ResolveOptions::default()).await.unwrap()
    }

    /// Resolves one mention.
    pub async fn try_resolve(
        &self,
        text: &str,
        options: resolution::ResolveOptions,
    ) -> Result<resolution::Resolution, Status> {
        let request =
            resolution::ResolveRequest { query: Some(query(text)), options: Some(options) };
        let answer = self.resolver().resolve(request).await?;
        Ok(answer.into_inner().resolution.expect("an answer has a resolution"))
    }

    /// Resolves one mention at a catalogue version or a later one.
    pub async fn resolve_at(&self, text: &str, version: i64) -> resolution::Resolution {
        let options =
            resolution::ResolveOptions { min_catalogue_version: version, ..Default::default() };
        self.try_resolve(text, options).await.unwrap()
    }

    /// Resolves one mention without the resolver's cache.
    pub async fn resolve_uncached(&self, text: &str) -> Result<resolution::Resolution, Status> {
        let max_staleness = Some(Default::default());
        let options = resolution::ResolveOptions { max_staleness, ..Default::default() };
        self.try_resolve(text, options).await
    }

    /// Imports entities and returns the catalogue version that has them.
    pub async fn import(&self, entities: Vec<registry::Entity>) -> i64 {
        let header = registry::ImportHeader { dataset: "test".to_owned(), ..Default::default() };
        let mut header = Some(header);
        let chunks: Vec<_> = (0..)
            .zip(entities.chunks(500))
            .map(|(chunk_number, entities)| registry::ImportEntitiesRequest {
                header: header.take(),
                chunk_number,
                rows: (0..).zip(entities).map(row).collect(),
                last: false,
            })
            .collect();
        let mut acks =
            self.registry().import_entities(tokio_stream::iter(chunks)).await.unwrap().into_inner();
        let mut version = 0;
        while let Some(ack) = acks.message().await.unwrap() {
            assert!(ack.errors.is_empty(), "{:?}", ack.errors);
            version = ack.catalogue_version;
        }
        version
    }

    /// What a server says of a service; `""` is the server as a whole.
    pub async fn health(&self, service: Service, name: &str) -> Result<ServingStatus, Status> {
        let request = HealthCheckRequest { service: name.to_owned() };
        let answer = HealthClient::new(self.channel(service)).check(request).await?;
        Ok(answer.into_inner().status())
    }

    /// Waits until a service can answer.
    pub async fn wait_serving(&self, service: Service) {
        let serving = async || self.health(service, "").await.ok() == Some(ServingStatus::Serving);
        until(&format!("{service:?} is serving"), serving).await;
    }

    /// Waits until the resolver reads its cache under a catalogue version: what is asked twice from
    /// then on is a hit.
    pub async fn settle(&self, version: i64) {
        let options =
            resolution::ResolveOptions { min_catalogue_version: version, ..Default::default() };
        // On a busy machine the index may take longer than a call may.
        let cached = async || {
            let found = self.try_resolve("تسوية", options.clone()).await;
            found.is_ok_and(|found| found.origin() != resolution::AnswerOrigin::Computed)
        };
        until("the resolver has confirmed the catalogue", cached).await;
    }
}

/// A mention and nothing else.
#[must_use]
pub fn query(text: &str) -> shared::NameQuery {
    shared::NameQuery { text: text.to_owned(), ..Default::default() }
}

fn row((row_number, entity): (i64, &registry::Entity)) -> registry::ImportRow {
    registry::ImportRow { row_number, entity: Some(entity.clone()) }
}
