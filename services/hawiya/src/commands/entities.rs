//! Entities of the catalogue by their ids, however many and however large.

use std::collections::HashMap;

use chassis::Channel;
use proto::registry::v1::{self as wire, registry_service_client::RegistryServiceClient};
use tonic::Code;

/// The entities that are known, in whatever state, by id. At most 1,000 are asked for. They may be
/// too large for one message: then by halves.
pub(super) async fn by_id(
    mut registry: RegistryServiceClient<Channel>,
    ids: Vec<String>,
) -> anyhow::Result<HashMap<String, wire::Entity>> {
    let mut found = HashMap::new();
    let mut asked = vec![ids];
    while let Some(mut ids) = asked.pop() {
        if ids.is_empty() {
            continue;
        }
        let request = wire::BatchGetEntitiesRequest { canonical_ids: ids.clone() };
        match registry.batch_get_entities(request).await {
            Ok(answer) => {
                let outcomes = answer.into_inner().outcomes.into_iter();
                let entities = outcomes.filter_map(|outcome| known(outcome.outcome?));
                found.extend(entities.map(|entity| (entity.canonical_id.clone(), entity)));
            }
            Err(status) if status.code() == Code::InvalidArgument && ids.len() > 1 => {
                let half = ids.split_off(ids.len() / 2);
                asked.extend([ids, half]);
            }
            Err(status) => return Err(status.into()),
        }
    }
    Ok(found)
}

fn known(outcome: wire::entity_outcome::Outcome) -> Option<wire::Entity> {
    match outcome {
        wire::entity_outcome::Outcome::Entity(entity) => Some(entity),
        wire::entity_outcome::Outcome::Error(_) => None,
    }
}
