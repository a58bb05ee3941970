//! What was found as responses of the wire.

use chassis::{Fault, server::MESSAGE_BYTES_MAX};
use prost::Message;
use proto::registry::v1 as wire;

use crate::{
    Error,
    entity::check_id,
    import::{Ack, Counts, Refusal},
    listing::{HistoryListed, Listed},
    store::{Change, ChangeKind, Found, Made, Origin, Record, Resolved},
    watch::Batch,
};

/// Bytes of the errors of one acknowledgement; rows beyond are refused without their reasons.
const ERRORS_BYTES_MAX: usize = 2 << 20;

pub(super) fn created(record: Record, version: i64) -> wire::CreateEntityResponse {
    wire::CreateEntityResponse { entity: Some(record.into()), catalogue_version: version }
}

pub(super) fn updated(record: Record, version: i64) -> wire::UpdateEntityResponse {
    wire::UpdateEntityResponse { entity: Some(record.into()), catalogue_version: version }
}

pub(super) fn deleted(record: Record, version: i64) -> wire::DeleteEntityResponse {
    wire::DeleteEntityResponse { entity: Some(record.into()), catalogue_version: version }
}

pub(super) fn merged(made: Made, version: i64) -> wire::MergeEntitiesResponse {
    let Made { records, change_id } = made;
    let entity = records.into_iter().next().map(wire::Entity::from);
    wire::MergeEntitiesResponse { entity, change_id, catalogue_version: version }
}

pub(super) fn split(made: Made, version: i64) -> wire::SplitEntityResponse {
    let Made { records, change_id } = made;
    let successors = records.into_iter().skip(1).map(wire::Entity::from).collect();
    wire::SplitEntityResponse { successors, change_id, catalogue_version: version }
}

pub(super) fn reverted(made: Made, version: i64) -> wire::RevertChangeResponse {
    let Made { records, change_id } = made;
    let entities = records.into_iter().map(wire::Entity::from).collect();
    wire::RevertChangeResponse { entities, change_id, catalogue_version: version }
}

pub(super) fn resolved(resolutions: Vec<Resolved>, version: i64) -> wire::ResolveIdsResponse {
    let resolutions = resolutions.into_iter().map(wire::IdResolution::from).collect();
    wire::ResolveIdsResponse { resolutions, catalogue_version: version }
}

impl From<Resolved> for wire::IdResolution {
    fn from(resolved: Resolved) -> Self {
        let state = resolved.state.map_or(wire::LifecycleState::Unspecified, Into::into);
        Self {
            canonical_id: resolved.id,
            state: state.into(),
            current_ids: resolved.current,
            path: resolved.path,
            end_time: resolved.ended.map(Into::into),
        }
    }
}

impl From<HistoryListed> for wire::ListChangesResponse {
    fn from(listed: HistoryListed) -> Self {
        let changes = listed.changes.into_iter().map(wire::Change::from).collect();
        Self { changes, next_page_token: listed.next_page_token }
    }
}

pub(super) fn got(
    id: &str,
    mut entities: Vec<Option<wire::Entity>>,
    version: i64,
) -> Result<wire::GetEntityResponse, Error> {
    let entity = entities.pop().flatten().ok_or_else(|| missing(id, "canonical_id"))?;
    Ok(wire::GetEntityResponse { entity: Some(entity), catalogue_version: version })
}

pub(super) fn got_many(
    ids: &[String],
    entities: Vec<Option<wire::Entity>>,
    version: i64,
) -> Result<wire::BatchGetEntitiesResponse, Error> {
    let outcomes = ids.iter().zip(entities).enumerate();
    let outcomes = outcomes.map(|(at, (id, entity))| outcome(at, id, entity)).collect();
    let response = wire::BatchGetEntitiesResponse { outcomes, catalogue_version: version };
    fitting(response, "canonical_ids")
}

/// The response, or what to ask for less of when no caller could receive it.
fn fitting<T: Message>(response: T, field: &str) -> Result<T, Error> {
    if response.encoded_len() > MESSAGE_BYTES_MAX {
        let text = "has an answer of more than 4 MiB: ask for fewer at a time";
        return Err(Error::invalid(field, text));
    }
    Ok(response)
}

fn outcome(at: usize, id: &str, entity: Option<wire::Entity>) -> wire::EntityOutcome {
    use wire::entity_outcome::Outcome;
    let outcome = entity.map_or_else(
        || {
            let missing = missing(id, &format!("canonical_ids[{at}]"));
            Outcome::Error(Fault::from(missing).into_item())
        },
        Outcome::Entity,
    );
    wire::EntityOutcome { outcome: Some(outcome) }
}

/// Why nothing is stored under an id.
fn missing(id: &str, field: &str) -> Error {
    check_id(id)
        .map_or_else(|| Error::NotFound { id: id.to_owned() }, |text| Error::invalid(field, text))
}

impl From<Listed> for wire::ListEntitiesResponse {
    fn from(listed: Listed) -> Self {
        let Listed { records, next_page_token, version } = listed;
        let entities = records.into_iter().map(wire::Entity::from).collect();
        Self { entities, next_page_token, catalogue_version: version }
    }
}

pub(super) fn looked_up(
    found: Vec<Found>,
    version: i64,
) -> Result<wire::LookupEntitiesResponse, Error> {
    let result = |found: Found| wire::LookupResult {
        entities: found.records.into_iter().map(wire::Entity::from).collect(),
        truncated: found.truncated,
    };
    let results = found.into_iter().map(result).collect();
    fitting(wire::LookupEntitiesResponse { results, catalogue_version: version }, "keys")
}

impl From<Ack> for wire::ImportEntitiesResponse {
    fn from(ack: Ack) -> Self {
        let mut left = ERRORS_BYTES_MAX;
        let errors = ack.refusals.into_iter().map(|refusal| row_error(&mut left, refusal));
        Self {
            chunk_number: ack.chunk_number,
            counts: Some(ack.counts.into()),
            errors: errors.collect(),
            catalogue_version: ack.version,
        }
    }
}

fn row_error(left: &mut usize, refusal: Refusal) -> wire::RowError {
    let Refusal { row_number, invalid } = refusal;
    let mut error = Fault::from(Error::from(invalid)).into_item();
    match left.checked_sub(error.encoded_len()) {
        Some(rest) => *left = rest,
        None => {
            error.details.clear();
            error.message = "too much is wrong with this chunk to tell it all".to_owned();
        }
    }
    wire::RowError { row_number, error: Some(error) }
}

impl From<Counts> for wire::ImportCounts {
    fn from(counts: Counts) -> Self {
        Self {
            created_count: counts.created,
            updated_count: counts.updated,
            unchanged_count: counts.unchanged,
            rejected_count: counts.rejected,
            kept_count: counts.kept,
            removed_count: counts.removed,
        }
    }
}

impl From<Batch> for wire::WatchChangesResponse {
    fn from(batch: Batch) -> Self {
        Self {
            changes: batch.changes.into_iter().map(wire::Change::from).collect(),
            resume_token: batch.resume_token,
            catalogue_version: batch.version,
            registry_catalogue_version: batch.registry_version,
            catalogue_id: batch.catalogue_id,
        }
    }
}

impl From<Change> for wire::Change {
    fn from(change: Change) -> Self {
        let Change { kind, record, change_id, reverted, origin } = change;
        Self {
            catalogue_version: record.version,
            kind: wire::ChangeKind::from(kind).into(),
            commit_time: Some(record.updated.into()),
            entity: Some(record.into()),
            change_id,
            note: Some(origin.into()),
            reverted_change_id: reverted.unwrap_or_default(),
        }
    }
}

impl From<Origin> for wire::ChangeNote {
    fn from(origin: Origin) -> Self {
        Self { actor: origin.actor, comment: origin.comment }
    }
}

impl From<ChangeKind> for wire::ChangeKind {
    fn from(kind: ChangeKind) -> Self {
        match kind {
            ChangeKind::Created => Self::Created,
            ChangeKind::Updated => Self::Updated,
            ChangeKind::Deleted => Self::Deleted,
            ChangeKind::Merged => Self::Merged,
            ChangeKind::Split => Self::Split,
            ChangeKind::Reverted => Self::Reverted,
            ChangeKind::Snapshot => Self::Snapshot,
        }
    }
}
