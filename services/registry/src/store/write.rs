//! What every write has in common: it is planned from what is stored, appended, and committed.

use super::{
    append::{Entry, Grouping, Next, Write, append},
    history, read,
    record::{ChangeKind, Origin, Record, State, change_id_of},
    requests::Request,
    session::Session,
};
use crate::Error;

/// What a write gives back, and what has to be announced once it is committed.
#[derive(Debug)]
pub(super) struct Written<T> {
    pub(super) value: T,
    pub(super) version: i64,
    pub(super) kinds: Vec<ChangeKind>,
}

impl<T> Written<T> {
    /// A write that changed nothing.
    pub(super) fn nothing(value: T) -> Self {
        Self { value, version: 0, kinds: Vec::new() }
    }
}

/// The changes that one call of a person made.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// The entities after them, in the order in which they were planned.
    pub records: Vec<Record>,
    /// What all of them share.
    pub change_id: String,
}

/// Changes what is before to what is next, all of it together, and commits.
pub(super) async fn make(
    mut session: Session,
    plan: Vec<(Next, Option<Record>)>,
    entry: Entry,
    request: Option<&Request>,
) -> Result<Written<Made>, Error> {
    let prepare = |(next, before): (Next, Option<Record>)| Write::prepare(next, before.as_ref());
    let writes: Vec<_> = plan.into_iter().map(prepare).collect::<Result<_, _>>()?;
    let stamp = append(&mut session, &writes, &entry).await?;
    if let Some(request) = request {
        request.remember(&mut session, stamp.first, stamp.time).await?;
    }
    let kinds: Vec<_> = writes.iter().map(|write| write.next.kind).collect();
    let version = stamp.first - 1 + kinds.len() as i64;
    session.commit(version).await?;
    let made = Made { records: stamp.records(writes), change_id: change_id_of(stamp.first) };
    Ok(Written { value: made, version, kinds })
}

/// What the call of a request id made before, when it did: the records in order.
pub(super) async fn repeated(
    session: &mut Session,
    request: Option<&Request>,
) -> Result<Option<Made>, Error> {
    let Some(request) = request else { return Ok(None) };
    let Some(first) = request.made(session).await? else { return Ok(None) };
    let changes = history::group(session, first).await?;
    let records = changes.into_iter().map(|change| change.record).collect();
    Ok(Some(Made { records, change_id: change_id_of(first) }))
}

/// The entity that a call is about, which has to be active and, if one is given, of an etag.
pub(super) async fn active(session: &mut Session, id: &str, etag: &str) -> Result<Record, Error> {
    let id = id.to_owned();
    let record = read::stored(session, [&id]).await?.remove(&id);
    let record = record.ok_or(Error::NotFound { id })?;
    guard(&record, etag)?;
    Ok(record)
}

/// Refuses what is not active, and what somebody else changed first.
pub(super) fn guard(record: &Record, etag: &str) -> Result<(), Error> {
    let id = record.entity.id.clone();
    if !etag.is_empty() && record.etag != etag {
        return Err(Error::EtagChanged { id });
    }
    match record.state {
        State::Active => Ok(()),
        state => Err(Error::NotActive { id, state, links: record.links.clone() }),
    }
}

/// An entry of the history by a person.
pub(super) fn together(origin: Origin) -> Entry {
    Entry { origin, grouping: Grouping::Together }
}
