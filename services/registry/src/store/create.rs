//! A person creates an entity.

use super::{
    append::Next,
    held::Held,
    read,
    record::{ChangeKind, Origin, Record},
    requests::Request,
    session::Session,
    write::{Written, make, repeated, together},
};
use crate::{
    Error,
    entity::{Entity, Fields, Proposal, mint_id},
};

/// A call to create an entity.
#[derive(Clone, Debug)]
pub struct Creation {
    entity: Entity,
    request: Option<Request>,
    origin: Origin,
}

impl Creation {
    /// A call to create what is proposed, under a new id when it has none. An empty `request_id`
    /// makes every call a new one.
    pub fn try_new(
        mut proposal: Proposal,
        request_id: String,
        origin: Origin,
    ) -> Result<Self, Error> {
        // Hashed before an id is minted: the repeated call would mint another one.
        let request = Request::try_new(request_id, "CreateEntity", &proposal.draft)?;
        if proposal.draft.id.is_empty() {
            proposal.draft.id = mint_id();
        }
        Ok(Self { entity: proposal.check()?, request, origin })
    }

    pub(super) async fn run(self, mut session: Session) -> Result<Written<Record>, Error> {
        let Self { entity, request, origin } = self;
        if let Some(made) = repeated(&mut session, request.as_ref()).await? {
            return Ok(Written::nothing(first(made.records)?));
        }
        refuse_taken(&mut session, [&entity.id]).await?;
        let next = by_hand(entity);
        let plan = vec![(next, None)];
        let written = make(session, plan, together(origin), request.as_ref()).await?;
        let Written { value, version, kinds } = written;
        Ok(Written { value: first(value.records)?, version, kinds })
    }
}

/// A new entity, all of whose fields are the word of a person.
pub(super) fn by_hand(entity: Entity) -> Next {
    let held = Held::default().with_life().with_fields(Fields::populated(&entity));
    Next::active(ChangeKind::Created, entity, held)
}

/// An id is never given twice.
pub(super) async fn refuse_taken(
    session: &mut Session,
    ids: impl IntoIterator<Item = &String>,
) -> Result<(), Error> {
    let taken = read::stored(session, ids).await?.into_keys().min();
    taken.map_or(Ok(()), |id| Err(Error::IdTaken { id }))
}

/// The one record of a call about one entity.
pub(super) fn first(records: Vec<Record>) -> Result<Record, Error> {
    records.into_iter().next().ok_or(Error::Store(sqlx::Error::RowNotFound))
}
