//! Asks the matcher every fifth of a second which catalogue version its index has, and the registry
//! which decision is the newest.

use std::{sync::Arc, time::Duration};

use chassis::{Deadline, Health, Pool, repeatable};
use proto::{matching::v1 as wire, registry::v1 as registry};
use registry::registry_service_client::RegistryServiceClient;
use tokio::time::{Instant, MissedTickBehavior, interval};
use wire::matching_service_client::MatchingServiceClient;

use crate::freshness::Freshness;

/// How often the matcher is asked. It bounds how long an answer of an older catalogue can be given.
const EVERY: Duration = Duration::from_millis(200);

/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// Asks for ever. The resolver is ready once the matcher has an index, and stays so for as long as
/// the index is no staler than `staleness_max`; `None`: for ever. A matcher that is away meanwhile is
/// told to each caller, with a time to come back.
pub(crate) async fn confirm(
    pool: Pool,
    freshness: Arc<Freshness>,
    health: Health,
    staleness_max: Option<Duration>,
) {
    let mut matcher = MatchingServiceClient::new(pool);
    let mut every = interval(EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut followed = None;
    loop {
        every.tick().await;
        let request = Deadline::after(PATIENCE).request(wire::GetIndexStatusRequest {});
        let request = repeatable(request);
        if let Ok(response) = matcher.get_index_status(request).await
            && let Some(is_stale) = note(response.into_inner(), &freshness)
            && (!is_stale || followed.is_none())
        {
            followed = Some(Instant::now());
        }
        let is_fresh = |at: Instant| staleness_max.is_none_or(|max| at.elapsed() < max);
        health.set(followed.is_some_and(is_fresh));
    }
}

/// Notes what the matcher says of itself, and returns whether its index is stale; nothing when there
/// is no index yet.
fn note(status: wire::GetIndexStatusResponse, freshness: &Freshness) -> Option<bool> {
    if status.state() == wire::IndexState::Building {
        return None;
    }
    let is_stale = status.state() == wire::IndexState::Stale;
    freshness.confirm(status.catalogue_id.into(), status.catalogue_version, is_stale);
    Some(is_stale)
}

/// Asks for ever. A registry that is away leaves what is known: nobody can decide anything then.
pub(crate) async fn decisions(pool: Pool, freshness: Arc<Freshness>) {
    let mut client = RegistryServiceClient::new(pool);
    let mut every = interval(EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let known = freshness.newest_decision();
        let request = registry::ListDecisionsRequest { page_size: 1, ..Default::default() };
        let request = repeatable(Deadline::after(PATIENCE).request(request));
        let Ok(response) = client.list_decisions(request).await else { continue };
        let newest = response.into_inner().decisions.into_iter().next();
        // One that was recorded here meanwhile is newer than this answer.
        if freshness.newest_decision() == known {
            freshness.decided(&newest.map(|decision| decision.decision_id).unwrap_or_default());
        }
    }
}
