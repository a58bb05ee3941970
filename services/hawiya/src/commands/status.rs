//! `hawiya status`: whether the services are well and what they hold.

use chassis::Channel;
use proto::{
    matching::v1::{self as matching, matching_service_client::MatchingServiceClient},
    normalization::v1::{
        self as normalization, normalization_service_client::NormalizationServiceClient,
    },
    registry::v1::{self as registry, registry_service_client::RegistryServiceClient},
};
use serde::Serialize;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::{
    Done,
    cli::{self, Service},
    client::{Session, health},
    sink::{Line, Row, Sink},
};

pub(super) async fn run(command: cli::Status) -> anyhow::Result<Done> {
    let mut sink = Sink::open(&command.output)?;
    let session = Session::open(&command.target).await?;
    let mut lines = Vec::new();
    for service in Service::ALL {
        lines.push(Line::Answer(status(&session, service).await));
    }
    let all_well =
        lines.iter().all(|line| matches!(line, Line::Answer(status) if status.state == SERVING));
    sink.write(&lines)?;
    session.close().await?;
    Ok(if all_well { Done::All } else { Done::SomeFailed })
}

const SERVING: &str = "serving";

/// The state of a service as programs read it; the names of the fields are stable.
#[derive(Debug, Serialize)]
struct Status {
    service: &'static str,
    state: &'static str,
    detail: String,
}

async fn status(session: &Session, service: Service) -> Status {
    let (state, detail) = match ask(session, service).await {
        Ok(found) => found,
        Err(error) => ("unreachable", format!("{error:#}")),
    };
    Status { service: service.name(), state, detail }
}

async fn ask(session: &Session, service: Service) -> anyhow::Result<(&'static str, String)> {
    let channel = session.channel(service).await?;
    let state = match health(&channel, service).await? {
        ServingStatus::Serving => SERVING,
        _ => "not serving",
    };
    Ok((state, detail(channel, service).await?))
}

async fn detail(channel: Channel, service: Service) -> anyhow::Result<String> {
    Ok(match service {
        Service::Resolver => String::new(),
        Service::Normalizer => {
            let request = normalization::GetRulesRequest {};
            let rules =
                NormalizationServiceClient::new(channel).get_rules(request).await?.into_inner();
            format!("{} rules, version {}", rules.rules.len(), rules.rules_version)
        }
        Service::Matcher => {
            let request = matching::GetIndexStatusRequest {};
            let index =
                MatchingServiceClient::new(channel).get_index_status(request).await?.into_inner();
            let state =
                index.state().as_str_name().trim_start_matches("INDEX_STATE_").to_lowercase();
            format!(
                "{state}, {} names of {} entities, catalogue version {} of {}",
                index.name_count,
                index.entity_count,
                index.catalogue_version,
                index.registry_catalogue_version
            )
        }
        Service::Registry => {
            let request = registry::ListEntitiesRequest { page_size: 1, ..Default::default() };
            let page =
                RegistryServiceClient::new(channel).list_entities(request).await?.into_inner();
            format!("catalogue version {}", page.catalogue_version)
        }
    })
}

impl Row for Status {
    const COLUMNS: &'static [&'static str] = &["service", "state", "detail"];

    fn cells(&self) -> Vec<String> {
        vec![self.service.to_owned(), self.state.to_owned(), self.detail.clone()]
    }
}
