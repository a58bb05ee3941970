//! A person splits an entity into several; its id lists them as successors.

use std::collections::HashSet;

use chassis::Violations;

use super::{
    append::Next,
    create::{by_hand, refuse_taken},
    merge::PARTS_MAX,
    record::{ChangeKind, Origin, State},
    requests::Request,
    session::Session,
    write::{Made, Written, active, make, repeated, together},
};
use crate::{
    Error,
    entity::{Entity, InvalidEntity, Proposal, mint_id},
    error::checked,
};

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
        let successors = check_all(proposals)?;
        Ok(Self { id, etag, successors, request, origin })
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

/// The entities that are proposed, or everything that is wrong with all of them.
fn check_all(proposals: Vec<Proposal>) -> Result<Vec<Entity>, Error> {
    if !(2..=PARTS_MAX).contains(&proposals.len()) {
        let text = format!("has {} items: give 2 to {PARTS_MAX}", proposals.len());
        return Err(Error::invalid("successors", text));
    }
    let mut wrong = Violations::default();
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
            Err(invalid) => note(&mut wrong, at, invalid),
        }
    }
    checked(wrong, successors)
}

/// Notes what is wrong with one of them, with its path in the request.
fn note(wrong: &mut Violations, at: usize, invalid: InvalidEntity) {
    for violation in invalid.0 {
        let path = violation.field.trim_start_matches("entity");
        wrong.add(format!("successors[{at}]{path}"), violation.description);
    }
}
