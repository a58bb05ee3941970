//! Requests of the wire as what they ask for.

use chassis::{Violations, checks};
use proto::{registry::v1 as wire, r#type::v1 as shared};

use super::{
    convert::{entity_type_of, state_of},
    streams::Export,
};
use crate::{
    Error, Store,
    entity::{EntityType, ExternalId, Proposal, check_external_id, check_id},
    error::checked,
    import::{Effect, Extent, Header, Message, Mode, Row},
    listing::{HistoryListing, Listing},
    store::{Creation, Filter, LookupKey, Origin, State},
    watch::Start,
};

impl TryFrom<wire::CreateEntityRequest> for Creation {
    type Error = Error;

    fn try_from(request: wire::CreateEntityRequest) -> Result<Self, Error> {
        let wire::CreateEntityRequest { entity, request_id, note } = request;
        let entity = entity.ok_or_else(|| Error::invalid("entity", "is missing"))?;
        let mut wrong = Violations::default();
        check_request_id(&mut wrong, &request_id);
        let origin = origin(&mut wrong, "note", note);
        let mut proposal = Proposal::from(entity);
        proposal.violations.extend(wrong.into_inner());
        Self::try_new(proposal, request_id, origin)
    }
}

pub(super) fn origin(
    wrong: &mut Violations,
    field: &str,
    note: Option<wire::ChangeNote>,
) -> Origin {
    let wire::ChangeNote { actor, comment } = note.unwrap_or_default();
    check_words(wrong, &format!("{field}.actor"), &actor, 128);
    check_words(wrong, &format!("{field}.comment"), &comment, 1_000);
    Origin { actor, comment, dataset_version: String::new() }
}

/// A text of a person. PostgreSQL cannot keep a NUL, and no person means one.
pub(super) fn check_words(wrong: &mut Violations, field: &str, text: &str, chars_max: usize) {
    wrong.check_length(field, text, chars_max);
    if text.contains('\0') {
        wrong.add(field, "has a NUL character: take it out");
    }
}

pub(super) fn check_request_id(wrong: &mut Violations, request_id: &str) {
    if !request_id.is_empty() {
        wrong.check_label("request_id", request_id, 64, "-");
    }
}

/// Notes what is wrong with the canonical id of a field.
pub(super) fn check_id_at(wrong: &mut Violations, field: &str, id: &str) {
    if let Some(text) = check_id(id) {
        wrong.add(field, text);
    }
}

/// A batch of 1 to 1,000 items.
pub(super) fn batch<T>(field: &str, items: Vec<T>) -> Result<Vec<T>, Error> {
    let mut wrong = Violations::default();
    wrong.check_batch(field, items.len(), checks::BATCH_ITEMS_MAX);
    checked(wrong, items)
}

pub(super) fn lookup_keys(request: wire::LookupEntitiesRequest) -> Result<Vec<LookupKey>, Error> {
    let keys = batch("keys", request.keys)?;
    let mut wrong = Violations::default();
    let key = |(at, key)| lookup_key(&mut wrong, at, key);
    let keys = keys.into_iter().enumerate().map(key).collect();
    checked(wrong, keys)
}

fn lookup_key(wrong: &mut Violations, at: usize, key: wire::LookupKey) -> LookupKey {
    match key.key {
        Some(wire::lookup_key::Key::Name(name)) => {
            wrong.check_text(&format!("keys[{at}].name"), &name);
            LookupKey::Name(name)
        }
        Some(wire::lookup_key::Key::ExternalId(id)) => {
            let (mut inner, id) = (Violations::default(), ExternalId::from(id));
            check_external_id(&mut inner, &id);
            for violation in inner.into_inner() {
                let field = format!("keys[{at}].external_id.{}", violation.field);
                wrong.add(field, violation.description);
            }
            LookupKey::ExternalId(id)
        }
        None => {
            wrong.add(format!("keys[{at}]"), "is empty: give an external id or a name");
            LookupKey::Name(String::new())
        }
    }
}

impl TryFrom<wire::ListChangesRequest> for HistoryListing {
    type Error = Error;

    fn try_from(request: wire::ListChangesRequest) -> Result<Self, Error> {
        let wire::ListChangesRequest { canonical_id, page_size, page_token } = request;
        let mut wrong = Violations::default();
        if !canonical_id.is_empty() {
            check_id_at(&mut wrong, "canonical_id", &canonical_id);
        }
        let canonical_id = checked(wrong, canonical_id)?;
        Self::try_new(canonical_id, page_size, &page_token)
    }
}

impl TryFrom<wire::ListEntitiesRequest> for Listing {
    type Error = Error;

    fn try_from(request: wire::ListEntitiesRequest) -> Result<Self, Error> {
        let mut wrong = Violations::default();
        let filter = Filter {
            types: types(&mut wrong, &request.types),
            dataset: request.dataset,
            country: request.country,
            states: states(&mut wrong, &request.states),
        };
        let filter = checked(wrong, filter)?;
        Self::try_new(filter, request.page_size, &request.page_token)
    }
}

impl TryFrom<wire::ExportEntitiesRequest> for Export {
    type Error = Error;

    fn try_from(request: wire::ExportEntitiesRequest) -> Result<Self, Error> {
        let mut wrong = Violations::default();
        let filter = Filter {
            types: types(&mut wrong, &request.types),
            dataset: request.dataset,
            country: String::new(),
            states: states(&mut wrong, &request.states),
        };
        let after = request.after_canonical_id;
        if !after.is_empty() {
            check_id_at(&mut wrong, "after_canonical_id", &after);
        }
        checked(wrong, Self { filter, after })
    }
}

/// Types of a filter; LOCATION admits COUNTRY and CITY too, as everywhere.
fn types(wrong: &mut Violations, values: &[i32]) -> Vec<EntityType> {
    let read = |value: &i32| shared::EntityType::try_from(*value).ok().and_then(entity_type_of);
    let mut types = list(wrong, "types", values, read);
    if types.contains(&EntityType::Location) {
        types.extend([EntityType::Country, EntityType::City]);
    }
    types
}

fn states(wrong: &mut Violations, values: &[i32]) -> Vec<State> {
    let read = |value: &i32| wire::LifecycleState::try_from(*value).ok().and_then(state_of);
    let states = list(wrong, "states", values, read);
    if states.is_empty() { vec![State::Active] } else { states }
}

/// Values of a filter, each of which has to be known; twenty are more than any enum here has.
fn list<T>(
    wrong: &mut Violations,
    field: &str,
    values: &[i32],
    read: impl Fn(&i32) -> Option<T>,
) -> Vec<T> {
    if values.len() > 20 {
        wrong.add(field, "has more than 20 items: leave it empty to admit all");
        return Vec::new();
    }
    let mut known = Vec::with_capacity(values.len());
    for (at, value) in values.iter().enumerate() {
        match read(value) {
            Some(value) => known.push(value),
            None => wrong
                .add(format!("{field}[{at}]"), format!("is `{value}`, which means nothing here")),
        }
    }
    known
}

impl TryFrom<wire::ImportEntitiesRequest> for Message {
    type Error = Error;

    fn try_from(message: wire::ImportEntitiesRequest) -> Result<Self, Error> {
        let wire::ImportEntitiesRequest { header, chunk_number, rows, last } = message;
        let header = header.map(Header::try_from).transpose()?;
        let rows = rows.into_iter().map(Row::from).collect();
        Ok(Self { header, chunk_number, rows, last })
    }
}

impl TryFrom<wire::ImportHeader> for Header {
    type Error = Error;

    fn try_from(header: wire::ImportHeader) -> Result<Self, Error> {
        let wire::ImportHeader { dataset, dataset_version, mode, note } = header;
        let mut wrong = Violations::default();
        wrong.check_label("header.dataset", &dataset, 64, "._-");
        check_words(&mut wrong, "header.dataset_version", &dataset_version, 128);
        let mode = match wrong.check_enum("header.mode", mode) {
            wire::ImportMode::Unspecified | wire::ImportMode::Upsert => {
                (Effect::Real, Extent::Part)
            }
            wire::ImportMode::DryRun => (Effect::Dry, Extent::Part),
            wire::ImportMode::Replace => (Effect::Real, Extent::Whole),
            wire::ImportMode::ReplaceDryRun => (Effect::Dry, Extent::Whole),
        };
        let mode = Mode { effect: mode.0, extent: mode.1 };
        let origin = Origin { dataset_version, ..origin(&mut wrong, "header.note", note) };
        checked(wrong, Self { dataset, mode, origin })
    }
}

impl From<wire::ImportRow> for Row {
    fn from(row: wire::ImportRow) -> Self {
        // A row without an entity is one without anything, and is refused for all of that.
        let proposal = Proposal::from(row.entity.unwrap_or_default());
        Self { number: row.row_number, proposal }
    }
}

pub(super) async fn start(
    request: wire::WatchChangesRequest,
    store: &Store,
) -> Result<Start, Error> {
    use wire::watch_changes_request::Start as WireStart;
    let point = match request.start {
        None => return Ok(Start::Snapshot),
        Some(WireStart::ResumeToken(token)) => return Start::resume(&token, store).await,
        Some(WireStart::StartPoint(point)) => point,
    };
    let mut wrong = Violations::default();
    let point = wrong.check_enum::<wire::StartPoint>("start_point", point);
    let point = checked(wrong, point)?;
    Ok(match point {
        wire::StartPoint::Unspecified | wire::StartPoint::Snapshot => Start::Snapshot,
        wire::StartPoint::Now => Start::Now,
    })
}
