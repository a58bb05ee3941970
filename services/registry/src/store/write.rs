//! What callers write: one entity, or a chunk of an import. Either ends in [`append`].

use std::{collections::HashMap, time::Duration};

use sqlx::{QueryBuilder, Sqlite, SqliteConnection, SqlitePool};
use xxhash_rust::xxh3::xxh3_128;

use super::{
    append::{Stamp, Write, append},
    read,
    record::{Change, ChangeKind, Origin, Record, Row, State, etag_of, time_of},
};
use crate::{
    Error,
    entity::{Entity, Proposal, mint_id},
};

/// How long a request id is remembered; the contract promises half of it.
const REQUESTS_KEPT: Duration = Duration::from_secs(48 * 3_600);

/// What a write gives back, and what has to be announced once it is committed.
pub(super) struct Written<T> {
    pub(super) value: T,
    pub(super) version: i64,
    pub(super) kinds: Vec<ChangeKind>,
}

/// A call to create an entity.
#[derive(Clone, Debug)]
pub struct Creation {
    entity: Entity,
    request: Option<Request>,
    origin: Origin,
}

/// What makes a call repeatable.
#[derive(Clone, Debug)]
struct Request {
    id: String,
    hash: String,
}

impl Creation {
    /// A call to create what is proposed, under a new id when it has none. An empty `request_id` makes
    /// every call a new one.
    pub fn try_new(
        mut proposal: Proposal,
        request_id: String,
        origin: Origin,
    ) -> Result<Self, Error> {
        // Hashed before an id is minted: the repeated call would mint another one.
        let hash = format!("{:032x}", xxh3_128(&serde_json::to_vec(&proposal.draft)?));
        if proposal.draft.id.is_empty() {
            proposal.draft.id = mint_id();
        }
        let request = (!request_id.is_empty()).then_some(Request { id: request_id, hash });
        Ok(Self { entity: proposal.check()?, request, origin })
    }
}

/// What became of an imported entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportOutcome {
    /// It was new.
    Created,
    /// It differed.
    Updated,
    /// It was equal.
    Unchanged,
    /// It has left ACTIVE; an import does not bring it back.
    Refused(State),
}

pub(super) async fn create(
    writer: SqlitePool,
    creation: Creation,
) -> Result<Written<Record>, Error> {
    let Creation { entity, request, origin } = creation;
    let write = Write::prepare(ChangeKind::Created, entity, None)?;
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    if let Some(request) = &request
        && let Some(record) = repeated(&mut transaction, request).await?
    {
        return Ok(Written { version: record.version, value: record, kinds: Vec::new() });
    }
    let id = &write.entity.id;
    if read::get_many(&mut transaction, std::slice::from_ref(id), i64::MAX).await?[0].is_some() {
        return Err(Error::IdTaken { id: id.clone() });
    }
    let stamp = append(&mut transaction, std::slice::from_ref(&write), &origin).await?;
    if let Some(request) = &request {
        remember(&mut transaction, request, stamp).await?;
    }
    transaction.commit().await?;
    let Write { entity, body, .. } = write;
    let Stamp { first: version, time } = stamp;
    let (etag, time) = (etag_of(version, &body), time_of(time));
    let record =
        Record { entity, state: State::Active, etag, version, created: time, updated: time };
    Ok(Written { value: record, version, kinds: vec![ChangeKind::Created] })
}

/// What the same call created before, if anything.
async fn repeated(
    connection: &mut SqliteConnection,
    request: &Request,
) -> Result<Option<Record>, Error> {
    let before: Option<(String, i64)> =
        sqlx::query_as("SELECT hash, version FROM requests WHERE request_id = ?")
            .bind(&request.id)
            .fetch_optional(&mut *connection)
            .await?;
    let Some((hash, version)) = before else { return Ok(None) };
    if hash != request.hash {
        return Err(Error::RequestIdUsed { request_id: request.id.clone() });
    }
    let changes = read::changes_after(connection, version - 1, 1).await?;
    Ok(changes.into_iter().next().map(|change| change.record))
}

/// Remembers a call and forgets those of the day before yesterday.
async fn remember(
    connection: &mut SqliteConnection,
    request: &Request,
    stamp: Stamp,
) -> Result<(), Error> {
    sqlx::query("INSERT INTO requests (request_id, hash, version, time) VALUES (?, ?, ?, ?)")
        .bind(&request.id)
        .bind(&request.hash)
        .bind(stamp.first)
        .bind(stamp.time)
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM requests WHERE time < ?")
        .bind(stamp.time - REQUESTS_KEPT.as_micros() as i64)
        .execute(connection)
        .await?;
    Ok(())
}

pub(super) async fn import(
    writer: SqlitePool,
    entities: Vec<Entity>,
    origin: Origin,
) -> Result<Written<Vec<ImportOutcome>>, Error> {
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
    let stored = stored(&mut transaction, &entities).await?;
    let plan = move || plan(entities, stored);
    let (outcomes, writes) = tokio::task::spawn_blocking(plan).await??;
    let stamp = append(&mut transaction, &writes, &origin).await?;
    transaction.commit().await?;
    let kinds: Vec<_> = writes.iter().map(|write| write.kind).collect();
    Ok(Written { value: outcomes, version: stamp.first - 1 + kinds.len() as i64, kinds })
}

/// What an import would do with each entity.
pub(super) async fn preview(
    connection: &mut SqliteConnection,
    entities: &[Entity],
) -> Result<Vec<ImportOutcome>, Error> {
    let stored = stored(connection, entities).await?;
    Ok(entities.iter().map(|entity| outcome_of(entity, stored.get(&entity.id))).collect())
}

/// What is stored under the ids of `entities`.
async fn stored(
    connection: &mut SqliteConnection,
    entities: &[Entity],
) -> Result<HashMap<String, Record>, Error> {
    let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
    query.push(Row::COLUMNS);
    query.push(" FROM entities e JOIN changes c ON c.version = e.version WHERE e.id IN (");
    let mut ids = query.separated(", ");
    for entity in entities {
        ids.push_bind(entity.id.clone());
    }
    query.push(")");
    let rows = query.build_query_as::<Row>().fetch_all(connection).await?;
    let by_id = |change: Change| (change.record.entity.id.clone(), change.record);
    Ok(read::changes(rows).await?.into_iter().map(by_id).collect())
}

/// What an import does with each entity (a few microseconds an entity).
fn plan(
    entities: Vec<Entity>,
    mut stored: HashMap<String, Record>,
) -> Result<(Vec<ImportOutcome>, Vec<Write>), Error> {
    let mut outcomes = Vec::with_capacity(entities.len());
    let mut writes = Vec::with_capacity(entities.len());
    for entity in entities {
        let before = stored.remove(&entity.id);
        let outcome = outcome_of(&entity, before.as_ref());
        outcomes.push(outcome);
        let kind = match outcome {
            ImportOutcome::Created => ChangeKind::Created,
            ImportOutcome::Updated => ChangeKind::Updated,
            ImportOutcome::Unchanged | ImportOutcome::Refused(_) => continue,
        };
        writes.push(Write::prepare(kind, entity, before.as_ref())?);
    }
    Ok((outcomes, writes))
}

/// What an import does with an entity, given what is stored under its id.
fn outcome_of(entity: &Entity, stored: Option<&Record>) -> ImportOutcome {
    match stored {
        None => ImportOutcome::Created,
        Some(record) if record.state != State::Active => ImportOutcome::Refused(record.state),
        Some(record) if record.entity == *entity => ImportOutcome::Unchanged,
        Some(_) => ImportOutcome::Updated,
    }
}
