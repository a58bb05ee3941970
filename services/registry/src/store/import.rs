//! What an import does to the catalogue: a chunk of rows in one transaction, and the removal of
//! what a dataset no longer has.

use std::collections::HashMap;

use super::{
    append::{Entry, Grouping, Next, Write, append},
    held::{Held, Import},
    read::{self, Filter},
    record::{ChangeKind, Origin, Record, State},
    session::Session,
    write::Written,
};
use crate::{
    Error,
    entity::{Entity, InvalidEntity},
};

/// What became of an imported entity.
#[derive(Clone, Debug, PartialEq)]
pub enum ImportOutcome {
    /// It was new.
    Created,
    /// It differed.
    Updated,
    /// It was equal.
    Unchanged,
    /// It differs, and a person wanted it so.
    Kept,
    /// With what a person added it would be more than an entity can be.
    Refused(InvalidEntity),
}

/// What became of some entities of a dataset that were perhaps no longer in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Were deleted.
    pub removed: usize,
    /// Stay, because a person decided something about them.
    pub kept: usize,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}

/// Entities of a removal that are looked at in one transaction.
const REMOVAL_ROWS_MAX: usize = 1_000;

pub(super) async fn import(
    mut session: Session,
    entities: Vec<Entity>,
    origin: Origin,
) -> Result<Written<Vec<ImportOutcome>>, Error> {
    let stored = stored(&mut session, &entities).await?;
    let plan = move || plan(entities, &stored);
    let (outcomes, writes) = tokio::task::spawn_blocking(plan).await??;
    write(session, writes, origin, outcomes).await
}

/// What an import would do with each entity.
pub(super) async fn preview(
    session: &mut Session,
    entities: &[Entity],
) -> Result<Vec<ImportOutcome>, Error> {
    let stored = stored(session, entities).await?;
    let outcome = |entity: &Entity| outcome(&Import::of(entity.clone(), stored.get(&entity.id)));
    Ok(entities.iter().map(outcome).collect())
}

async fn stored(
    session: &mut Session,
    entities: &[Entity],
) -> Result<HashMap<String, Record>, Error> {
    if entities.is_empty() {
        return Ok(HashMap::new());
    }
    read::stored(session, entities.iter().map(|entity| &entity.id)).await
}

/// What an import does with each entity (a few microseconds an entity).
fn plan(
    entities: Vec<Entity>,
    stored: &HashMap<String, Record>,
) -> Result<(Vec<ImportOutcome>, Vec<Write>), Error> {
    let mut outcomes = Vec::with_capacity(entities.len());
    let mut writes = Vec::with_capacity(entities.len());
    for entity in entities {
        let before = stored.get(&entity.id);
        let step = Import::of(entity, before);
        outcomes.push(outcome(&step));
        let held = before.map_or(Held::default(), |record| record.held);
        let next = match step {
            Import::Create(entity) => Next::active(ChangeKind::Created, entity, held),
            Import::Update(entity) => Next::active(ChangeKind::Updated, entity, held),
            Import::Leave | Import::Keep | Import::Refuse(_) => continue,
        };
        writes.push(Write::prepare(next, before)?);
    }
    Ok((outcomes, writes))
}

fn outcome(step: &Import) -> ImportOutcome {
    match step {
        Import::Create(_) => ImportOutcome::Created,
        Import::Update(_) => ImportOutcome::Updated,
        Import::Leave => ImportOutcome::Unchanged,
        Import::Keep => ImportOutcome::Kept,
        Import::Refuse(invalid) => ImportOutcome::Refused(invalid.clone()),
    }
}

/// Deletes the next active entities of a dataset that `named` does not know, unless a person
/// decided something about them.
pub(super) async fn remove(
    mut session: Session,
    dataset: &str,
    after: &str,
    named: &(dyn Fn(&str) -> bool + Sync),
    origin: Origin,
) -> Result<Written<Removal>, Error> {
    let (removal, gone) = missing(&mut session, dataset, after, named).await?;
    let deleted = |record: &Record| {
        let next = Next::ended(ChangeKind::Deleted, record, State::Deleted, record.held);
        Write::prepare(next, Some(record))
    };
    let writes = gone.iter().map(deleted).collect::<Result<_, _>>()?;
    write(session, writes, origin, removal).await
}

/// The next entities that [`remove`] would delete.
pub(super) async fn missing(
    session: &mut Session,
    dataset: &str,
    after: &str,
    named: &(dyn Fn(&str) -> bool + Sync),
) -> Result<(Removal, Vec<Record>), Error> {
    let filter = Filter { dataset: dataset.to_owned(), ..Filter::active() };
    let version = read::version(session).await?;
    let page = read::page(session, &filter, after, REMOVAL_ROWS_MAX, version).await?;
    let next = page.records.last().filter(|_| page.more).map(|record| record.entity.id.clone());
    let unnamed = page.records.into_iter().filter(|record| !named(&record.entity.id));
    let (gone, kept): (Vec<_>, Vec<_>) = unnamed.partition(|record| record.held.is_nothing());
    Ok((Removal { removed: gone.len(), kept: kept.len(), next }, gone))
}

async fn write<T>(
    mut session: Session,
    writes: Vec<Write>,
    origin: Origin,
    value: T,
) -> Result<Written<T>, Error> {
    if writes.is_empty() {
        return Ok(Written::nothing(value));
    }
    // A row is a change of its own, to be taken back by itself.
    let entry = Entry { origin, grouping: Grouping::Each };
    let stamp = append(&mut session, &writes, &entry).await?;
    let kinds: Vec<_> = writes.iter().map(|write| write.next.kind).collect();
    let version = stamp.first - 1 + kinds.len() as i64;
    session.commit(version).await?;
    Ok(Written { value, version, kinds })
}
