//! A person merges entities into one of them.
//!
//! When it is made, a redirect leads from an entity that is active to another that is, and so does
//! a split; neither touches an entity that is not active. So none can lead back to where it began.

use std::collections::HashSet;

use chassis::Violations;

use super::{
    append::Next,
    read,
    record::{ChangeKind, Origin, Record, State},
    session::Session,
    write::{Made, Written, guard, make, together},
};
use crate::{Draft, Error, entity::Entity, error::checked};

/// How many entities one call merges, or one entity is split into.
pub(super) const PARTS_MAX: usize = 100;

/// A call to merge entities.
#[derive(Clone, Debug)]
pub struct Merge {
    survivor_id: String,
    merged_ids: Vec<String>,
    origin: Origin,
}

impl Merge {
    /// A call to merge 1 to 100 entities into another one; `wrong` is what was found wrong before.
    pub fn try_new(
        survivor_id: String,
        merged_ids: Vec<String>,
        mut wrong: Violations,
        origin: Origin,
    ) -> Result<Self, Error> {
        wrong.check_batch("merged_ids", merged_ids.len(), PARTS_MAX);
        let mut seen = HashSet::new();
        for (at, id) in merged_ids.iter().enumerate().take(PARTS_MAX) {
            if *id == survivor_id {
                wrong.add(
                    format!("merged_ids[{at}]"),
                    "is the survivor: it cannot redirect to itself",
                );
            } else if !seen.insert(id) {
                wrong.add(format!("merged_ids[{at}]"), format!("is `{id}`, which is there twice"));
            }
        }
        drop(seen);
        checked(wrong, Self { survivor_id, merged_ids, origin })
    }

    /// The first record is the survivor.
    pub(super) async fn run(self, mut session: Session) -> Result<Written<Made>, Error> {
        let Self { survivor_id, merged_ids, origin } = self;
        let ids: Vec<_> = std::iter::once(survivor_id).chain(merged_ids).collect();
        let mut stored = read::stored(&mut session, &ids).await?;
        let mut records = Vec::with_capacity(ids.len());
        for id in ids {
            let record = stored.remove(&id).ok_or(Error::NotFound { id })?;
            guard(&record, "")?;
            records.push(record);
        }
        make(session, merged(records)?, together(origin), None).await
    }
}

/// The survivor with what it gains, and the others leading to it.
fn merged(records: Vec<Record>) -> Result<Vec<(Next, Option<Record>)>, Error> {
    let mut records = records.into_iter();
    let Some(survivor) = records.next() else { return Ok(Vec::new()) };
    let links = vec![survivor.entity.id.clone()];
    let mut joined = Draft::clone(&survivor.entity);
    let mut plan = Vec::with_capacity(records.len() + 1);
    for record in records {
        joined.absorb(&record.entity);
        let held = record.held.with_life();
        let next = Next::ended(ChangeKind::Merged, &record, State::Merged, held);
        plan.push((Next { links: links.clone(), ..next }, Some(record)));
    }
    let entity = Entity::try_from(joined)?;
    let next = Next::active(ChangeKind::Merged, entity, survivor.held.with_joined());
    plan.insert(0, (next, Some(survivor)));
    Ok(plan)
}
