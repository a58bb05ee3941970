//! Requests that change the life of an entity as what they ask for.

use std::time::SystemTime;

use chassis::Violations;
use proto::registry::v1 as wire;

use super::decode::{batch, check_id_at, check_request_id, origin};
use crate::{
    Error,
    entity::{Field, Fields, Proposal},
    error::checked,
    store::{Deletion, Merge, Reversion, Split, Update},
};

impl TryFrom<wire::UpdateEntityRequest> for Update {
    type Error = Error;

    fn try_from(request: wire::UpdateEntityRequest) -> Result<Self, Error> {
        let wire::UpdateEntityRequest { entity, update_mask, note } = request;
        let entity = entity.ok_or_else(|| Error::invalid("entity", "is missing"))?;
        let mut wrong = Violations::default();
        check_id_at(&mut wrong, "entity.canonical_id", &entity.canonical_id);
        let paths = update_mask.unwrap_or_default().paths;
        let fields = if paths.is_empty() { populated(&entity) } else { masked(&mut wrong, &paths) };
        if fields.iter().next().is_none() {
            wrong.add("update_mask", "is empty, and so is the entity: say what is to change");
        }
        let origin = origin(&mut wrong, "note", note);
        let etag = entity.etag.clone();
        let mut proposal = Proposal::from(entity);
        proposal.violations.extend(wrong.into_inner());
        Self::try_new(proposal, fields, etag, origin)
    }
}

/// The fields that say something; only the wire knows of an entity without a type.
fn populated(entity: &wire::Entity) -> Fields {
    let populated = Fields::populated(&Proposal::from(entity.clone()).draft);
    let said = |field: &Field| *field != Field::Type || entity.r#type != 0;
    populated.iter().filter(said).collect()
}

fn masked(wrong: &mut Violations, paths: &[String]) -> Fields {
    let mut fields = Vec::new();
    for (at, path) in paths.iter().enumerate().take(100) {
        match Field::ALL.into_iter().find(|field| field.path() == path) {
            Some(field) => fields.push(field),
            None => wrong.add(format!("update_mask.paths[{at}]"), unknown_path(path)),
        }
    }
    if paths.len() > 100 {
        wrong.add("update_mask.paths", "has more than 100 paths");
    }
    fields.into_iter().collect()
}

fn unknown_path(path: &str) -> String {
    let shown: String = path.chars().take(40).collect();
    let known: Vec<_> = Field::ALL.into_iter().map(Field::path).collect();
    format!("is `{shown}`, which cannot be set: give some of {}", known.join(", "))
}

impl TryFrom<wire::DeleteEntityRequest> for Deletion {
    type Error = Error;

    fn try_from(request: wire::DeleteEntityRequest) -> Result<Self, Error> {
        let wire::DeleteEntityRequest { canonical_id: id, etag, note } = request;
        let mut wrong = Violations::default();
        check_id_at(&mut wrong, "canonical_id", &id);
        let origin = origin(&mut wrong, "note", note);
        checked(wrong, Self { id, etag, origin })
    }
}

impl TryFrom<wire::MergeEntitiesRequest> for Merge {
    type Error = Error;

    fn try_from(request: wire::MergeEntitiesRequest) -> Result<Self, Error> {
        let wire::MergeEntitiesRequest { survivor_id, merged_ids, note } = request;
        let mut wrong = Violations::default();
        check_id_at(&mut wrong, "survivor_id", &survivor_id);
        for (at, id) in merged_ids.iter().enumerate().take(100) {
            check_id_at(&mut wrong, &format!("merged_ids[{at}]"), id);
        }
        let origin = origin(&mut wrong, "note", note);
        Self::try_new(survivor_id, merged_ids, wrong, origin)
    }
}

impl TryFrom<wire::SplitEntityRequest> for Split {
    type Error = Error;

    fn try_from(request: wire::SplitEntityRequest) -> Result<Self, Error> {
        let wire::SplitEntityRequest { canonical_id, etag, successors, request_id, note } = request;
        let mut wrong = Violations::default();
        check_id_at(&mut wrong, "canonical_id", &canonical_id);
        check_request_id(&mut wrong, &request_id);
        let origin = origin(&mut wrong, "note", note);
        let (id, etag) = checked(wrong, (canonical_id, etag))?;
        let proposals = successors.into_iter().map(Proposal::from).collect();
        Self::try_new(id, etag, proposals, request_id, origin)
    }
}

impl TryFrom<wire::RevertChangeRequest> for Reversion {
    type Error = Error;

    fn try_from(request: wire::RevertChangeRequest) -> Result<Self, Error> {
        let wire::RevertChangeRequest { change_id, note } = request;
        let mut wrong = Violations::default();
        wrong.check_label("change_id", &change_id, 64, "");
        let origin = origin(&mut wrong, "note", note);
        checked(wrong, Self { change_id, origin })
    }
}

/// The ids to resolve, and as of when.
pub(super) fn resolve_ids(
    request: wire::ResolveIdsRequest,
) -> Result<(Vec<String>, Option<SystemTime>), Error> {
    let ids = batch("canonical_ids", request.canonical_ids)?;
    let mut wrong = Violations::default();
    for (at, id) in ids.iter().enumerate() {
        check_id_at(&mut wrong, &format!("canonical_ids[{at}]"), id);
    }
    let as_of = request.as_of_time.map(SystemTime::try_from).transpose();
    if as_of.is_err() {
        wrong.add("as_of_time", "is not a time: nanos are 0 to 999,999,999");
    }
    checked(wrong, (ids, as_of.ok().flatten()))
}
