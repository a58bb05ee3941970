//! The one place where a version is made: changes are appended to the history and the indexes
//! brought up to date.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    held::Held,
    index, key,
    record::{
        BODY_FORMAT, ChangeKind, Origin, Record, State, etag_of, micros_of, now_micros, time_of,
    },
    session::Session,
    sql::{Sql, Value},
};
use crate::{Error, entity::Entity};

/// Rows of one INSERT. SQLite takes 32,766 values; long statements gain little beyond this.
pub(super) const ROWS_PER_STATEMENT: usize = 250;

/// What an entity becomes.
#[derive(Clone, Debug)]
pub(super) struct Next {
    pub(super) kind: ChangeKind,
    pub(super) entity: Entity,
    pub(super) state: State,
    pub(super) links: Vec<String>,
    pub(super) held: Held,
}

impl Next {
    /// An active entity.
    pub(super) fn active(kind: ChangeKind, entity: Entity, held: Held) -> Self {
        Self { kind, entity, state: State::Active, links: Vec::new(), held }
    }

    /// The entity of a record in another state.
    pub(super) fn ended(kind: ChangeKind, record: &Record, state: State, held: Held) -> Self {
        Self { kind, entity: record.entity.clone(), state, links: Vec::new(), held }
    }
}

/// A change before it is made, with all that can be worked out outside the database.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) next: Next,
    body: String,
    /// Number and birth of an entity that is there already.
    known: Option<(i64, i64)>,
    added: BTreeSet<i64>,
    removed: BTreeSet<i64>,
}

impl Write {
    /// A change of what was `before`, if anything.
    pub(super) fn prepare(next: Next, before: Option<&Record>) -> Result<Self, Error> {
        let body = serde_json::to_string(&next.entity)?;
        let new = keys(next.state, &next.entity);
        let old = before.map(|record| keys(record.state, &record.entity)).unwrap_or_default();
        let known = before.map(|record| (record.number, micros_of(record.created)));
        let added = new.difference(&old).copied().collect();
        let removed = old.difference(&new).copied().collect();
        Ok(Self { next, body, known, added, removed })
    }

    fn number(&self, version: i64) -> i64 {
        self.known.map_or(version, |(number, _)| number)
    }

    fn created(&self, stamp: Stamp) -> i64 {
        self.known.map_or(stamp.time, |(_, created)| created)
    }
}

fn keys(state: State, entity: &Entity) -> BTreeSet<i64> {
    if state == State::Active { key::of_entity(entity).collect() } else { BTreeSet::new() }
}

/// What the changes of one transaction have in common.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) origin: Origin,
    pub(super) grouping: Grouping,
}

/// Which changes can be taken back by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grouping {
    /// Each of them.
    Each,
    /// All at once.
    Together,
    /// All at once, and together they take back the change that began at a version.
    Reverting(i64),
}

/// When the changes of one transaction were made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamp {
    /// The version of the first of them.
    pub(super) first: i64,
    /// Microseconds since 1970.
    pub(super) time: i64,
}

impl Stamp {
    /// What was written, as it would be read.
    pub(super) fn records(self, writes: Vec<Write>) -> Vec<Record> {
        (self.first..).zip(writes).map(|(version, write)| self.record(version, write)).collect()
    }

    fn record(self, version: i64, write: Write) -> Record {
        Record {
            etag: etag_of(version, &write.body),
            version,
            created: time_of(write.created(self)),
            updated: time_of(self.time),
            number: write.number(version),
            entity: write.next.entity,
            state: write.next.state,
            links: write.next.links,
            held: write.next.held,
        }
    }
}

/// Appends changes to the history and brings the indexes up to date.
pub(super) async fn append(
    session: &mut Session,
    writes: &[Write],
    entry: &Entry,
) -> Result<Stamp, Error> {
    let stamp = next_stamp(session).await?;
    let versioned: Vec<_> = (stamp.first..).zip(writes).collect();
    insert_entities(session, &versioned).await?;
    insert_changes(session, &versioned, stamp, entry).await?;
    index::remove(session, &pairs(&versioned, |write| &write.removed)).await?;
    index::insert(session, &pairs(&versioned, |write| &write.added)).await?;
    Ok(stamp)
}

/// The next version, at a time not before that of the last one: the history is read by time too.
async fn next_stamp(session: &mut Session) -> Result<Stamp, Error> {
    let last = Sql::new("SELECT version, time FROM changes ORDER BY version DESC LIMIT 1");
    let (version, time) = session.fetch_optional(last).await?.unwrap_or((0, 0));
    Ok(Stamp { first: version + 1, time: now_micros().max(time) })
}

async fn insert_entities(session: &mut Session, writes: &[(i64, &Write)]) -> Result<(), Error> {
    let head = "INSERT INTO entities (number, id, version) VALUES ";
    let tail = " ON CONFLICT (number) DO UPDATE SET version = excluded.version";
    insert(session, head, tail, writes, |(version, write)| {
        [write.number(*version).into(), (&write.next.entity.id).into(), (*version).into()]
    })
    .await
}

async fn insert_changes(
    session: &mut Session,
    writes: &[(i64, &Write)],
    stamp: Stamp,
    entry: &Entry,
) -> Result<(), Error> {
    let head = "INSERT INTO changes (version, entity, change_id, reverted, kind, state, links, \
        held, type, country, dataset, actor, comment, dataset_version, created, time, format, \
        body) VALUES ";
    let Origin { actor, comment, dataset_version } = &entry.origin;
    // Repeated in every row.
    let shared: [Arc<str>; 3] = [actor, comment, dataset_version].map(|text| text.as_str().into());
    let reverted = if let Grouping::Reverting(version) = entry.grouping { version } else { 0 };
    insert(session, head, "", writes, |(version, write)| {
        let change_id = if entry.grouping == Grouping::Each { *version } else { stamp.first };
        let Next { kind, entity, state, links, held } = &write.next;
        [
            (*version).into(),
            write.number(*version).into(),
            change_id.into(),
            reverted.into(),
            kind.name().into(),
            state.name().into(),
            links.join(" ").as_str().into(),
            held.bits().into(),
            entity.r#type.name().into(),
            (&entity.country).into(),
            (&entity.dataset).into(),
            (&shared[0]).into(),
            (&shared[1]).into(),
            (&shared[2]).into(),
            write.created(stamp).into(),
            stamp.time.into(),
            BODY_FORMAT.into(),
            (&write.body).into(),
        ]
    })
    .await
}

/// Keys with the numbers of their entities, in the order of the index, so that neighbours are
/// written together.
fn pairs(writes: &[(i64, &Write)], keys: impl Fn(&Write) -> &BTreeSet<i64>) -> Vec<(i64, i64)> {
    let mut pairs: Vec<_> = writes
        .iter()
        .flat_map(|(version, write)| keys(write).iter().map(|key| (*key, write.number(*version))))
        .collect();
    pairs.sort_unstable();
    pairs
}

/// Inserts rows, many a statement. Full statements are prepared once and kept.
pub(super) async fn insert<T, const N: usize>(
    session: &mut Session,
    head: &str,
    tail: &str,
    rows: &[T],
    values: impl Fn(&T) -> [Value; N],
) -> Result<(), Error> {
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        let mut sql = Sql::new(head);
        sql.kept = rows.len() == ROWS_PER_STATEMENT || rows.len() == 1;
        sql.rows(rows.iter().map(&values)).push(tail);
        session.execute(sql).await?;
    }
    Ok(())
}
