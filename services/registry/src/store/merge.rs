//! A person merges entities into one of them, or splits one into several.
//!
//! A redirect leads from an entity that is active to one that is active, and neither call touches
//! an entity that is not. So a redirect can never lead back to where it began.

use std::collections::HashSet;

use chassis::Violations;

use super::{
    append::Next,
    create::{by_hand, refuse_taken},
    read,
    record::{ChangeKind, Origin, Record, State},
    requests::Request,
    session::Session,
    write::{Made, Written, active, guard, make, repeated, together},
};
use crate::{
    Draft, Error,
    entity::{Entity, Proposal, mint_id},
    error::checked,
};

/// How many entities one call merges, or one entity becomes.
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

/// A call to split an entity.
#[derive(Clone, Debug)]
pub struct Split {
    id: String,
    etag: String,
    successors: Vec<Entity>,
    request: Option<Request>,
    origin: Origin,
}

impl Split {
    /// A call to split an entity into 2 to 100 new ones; ids are minted where there are none.
    pub fn try_new(
        id: String,
        etag: String,
        proposals: Vec<Proposal>,
        request_id: String,
        origin: Origin,
    ) -> Result<Self, Error> {
        let drafts: Vec<_> = proposals.iter().map(|proposal| &proposal.draft).collect();
        let request = Request::try_new(request_id, "SplitEntity", &(&id, drafts))?;
        let mut wrong = Violations::default();
        if !(2..=PARTS_MAX).contains(&proposals.len()) {
            let text = format!("has {} items: give 2 to {PARTS_MAX}", proposals.len());
            return Err(Error::invalid("successors", text));
        }
        let (mut successors, mut seen) = (Vec::new(), HashSet::new());
        for (at, mut proposal) in proposals.into_iter().enumerate() {
            if proposal.draft.id.is_empty() {
                proposal.draft.id = mint_id();
            }
            if !seen.insert(proposal.draft.id.clone()) {
                wrong.add(format!("successors[{at}].canonical_id"), "is there twice");
            }
            match proposal.check() {
                Ok(entity) => successors.push(entity),
                Err(invalid) => {
                    for violation in invalid.0 {
                        let path = violation.field.trim_start_matches("entity");
                        wrong.add(format!("successors[{at}]{path}"), violation.description);
                    }
                }
            }
        }
        checked(wrong, Self { id, etag, successors, request, origin })
    }

    /// The first record is the entity that was split, the others are its successors.
    pub(super) async fn run(self, mut session: Session) -> Result<Written<Made>, Error> {
        let Self { id, etag, successors, request, origin } = self;
        if let Some(made) = repeated(&mut session, request.as_ref()).await? {
            return Ok(Written::nothing(made));
        }
        let before = active(&mut session, &id, &etag).await?;
        refuse_taken(&mut session, successors.iter().map(|successor| &successor.id)).await?;
        let links = successors.iter().map(|successor| successor.id.clone()).collect();
        let held = before.held.with_life();
        let next = Next::ended(ChangeKind::Split, &before, State::Split, held);
        let mut plan = vec![(Next { links, ..next }, Some(before))];
        plan.extend(successors.into_iter().map(|successor| (by_hand(successor), None)));
        make(session, plan, together(origin), request.as_ref()).await
    }
}
