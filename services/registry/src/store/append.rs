//! The one place where a version is made: changes are appended to the history and the indexes
//! brought up to date.

use std::collections::BTreeSet;

use sqlx::{QueryBuilder, Sqlite, SqliteConnection, query_builder::Separated};

use super::{
    key,
    record::{BODY_FORMAT, ChangeKind, Origin, Record, State, now_micros},
};
use crate::{
    Error,
    entity::{Entity, ExternalId},
};

/// Rows of one INSERT. SQLite takes 32,766 values; long statements gain little beyond this.
const ROWS_PER_STATEMENT: usize = 250;

/// A change before it is made, with all that can be worked out outside the database.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) kind: ChangeKind,
    pub(super) entity: Entity,
    pub(super) body: String,
    added: Index,
    removed: Index,
}

/// What an entity is found by.
#[derive(Clone, Debug, Default)]
struct Index {
    names: BTreeSet<String>,
    external_ids: BTreeSet<ExternalId>,
}

impl Index {
    fn of(entity: &Entity) -> Self {
        Self {
            names: entity.names.iter().map(|name| key::of_name(&name.text)).collect(),
            external_ids: entity.external_ids.iter().cloned().collect(),
        }
    }

    fn without(mut self, other: &Self) -> Self {
        self.names.retain(|key| !other.names.contains(key));
        self.external_ids.retain(|id| !other.external_ids.contains(id));
        self
    }
}

impl Write {
    /// A change of what was `before`, if anything, to `entity`.
    pub(super) fn prepare(
        kind: ChangeKind,
        entity: Entity,
        before: Option<&Record>,
    ) -> Result<Self, Error> {
        let body = serde_json::to_string(&entity)?;
        let (mut added, mut removed) = (Index::of(&entity), Index::default());
        if let Some(before) = before {
            let old = Index::of(&before.entity);
            removed = old.clone().without(&added);
            added = added.without(&old);
        }
        Ok(Self { kind, entity, body, added, removed })
    }
}

/// What the changes of one transaction have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamp {
    /// The version of the first of them.
    pub(super) first: i64,
    /// Microseconds since 1970.
    pub(super) time: i64,
}

/// Appends changes to the history and brings the indexes up to date.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    writes: &[Write],
    origin: &Origin,
) -> Result<Stamp, Error> {
    let stamp = next_stamp(connection).await?;
    let versioned: Vec<_> = (stamp.first..).zip(writes).collect();
    insert_entities(connection, &versioned, stamp).await?;
    insert_changes(connection, &versioned, stamp, origin).await?;
    for write in writes {
        remove_keys(connection, &write.entity.id, &write.removed).await?;
    }
    insert_keys(connection, writes).await?;
    Ok(stamp)
}

/// The next version, at a time not before that of the last one: the history is read by time too.
async fn next_stamp(connection: &mut SqliteConnection) -> Result<Stamp, Error> {
    let last: Option<(i64, i64)> =
        sqlx::query_as("SELECT version, time FROM changes ORDER BY version DESC LIMIT 1")
            .fetch_optional(connection)
            .await?;
    let (version, time) = last.unwrap_or((0, 0));
    Ok(Stamp { first: version + 1, time: now_micros().max(time) })
}

async fn insert_entities(
    connection: &mut SqliteConnection,
    writes: &[(i64, &Write)],
    stamp: Stamp,
) -> Result<(), Error> {
    let head = "INSERT INTO entities (id, version, created) ";
    let tail = " ON CONFLICT (id) DO UPDATE SET version = excluded.version";
    insert(connection, head, tail, writes, |mut row, (version, write)| {
        row.push_bind(write.entity.id.clone()).push_bind(*version).push_bind(stamp.time);
    })
    .await
}

async fn insert_changes(
    connection: &mut SqliteConnection,
    writes: &[(i64, &Write)],
    stamp: Stamp,
    origin: &Origin,
) -> Result<(), Error> {
    let head = "INSERT INTO changes (version, change_id, entity_id, kind, state, type, country, \
        dataset, actor, comment, dataset_version, time, format, body) ";
    insert(connection, head, "", writes, |mut row, (version, write)| {
        // An imported row is a change of its own, to be taken back by itself.
        row.push_bind(*version).push_bind(*version).push_bind(write.entity.id.clone());
        row.push_bind(write.kind.name())
            .push_bind(State::Active.name())
            .push_bind(write.entity.r#type.name());
        row.push_bind(write.entity.country.clone()).push_bind(write.entity.dataset.clone());
        row.push_bind(origin.actor.clone()).push_bind(origin.comment.clone());
        row.push_bind(origin.dataset_version.clone()).push_bind(stamp.time);
        row.push_bind(BODY_FORMAT).push_bind(write.body.clone());
    })
    .await
}

async fn remove_keys(
    connection: &mut SqliteConnection,
    id: &str,
    index: &Index,
) -> Result<(), Error> {
    for name in &index.names {
        let delete = sqlx::query("DELETE FROM names WHERE key = ? AND entity_id = ?");
        delete.bind(name).bind(id).execute(&mut *connection).await?;
    }
    for external_id in &index.external_ids {
        let delete = "DELETE FROM external_ids WHERE scheme = ? AND value = ? AND entity_id = ?";
        let delete = sqlx::query(delete).bind(&external_id.scheme).bind(&external_id.value);
        delete.bind(id).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn insert_keys(connection: &mut SqliteConnection, writes: &[Write]) -> Result<(), Error> {
    let mut names: Vec<_> = pairs(writes, |write| &write.added.names).collect();
    let mut external_ids: Vec<_> = pairs(writes, |write| &write.added.external_ids).collect();
    // In the order of the index, so that neighbours are written together.
    names.sort_unstable();
    external_ids.sort_unstable();
    insert(connection, "INSERT INTO names (key, entity_id) ", "", &names, |mut row, (key, id)| {
        row.push_bind((*key).clone()).push_bind((*id).to_owned());
    })
    .await?;
    let head = "INSERT INTO external_ids (scheme, value, entity_id) ";
    insert(connection, head, "", &external_ids, |mut row, (external_id, id)| {
        row.push_bind(external_id.scheme.clone()).push_bind(external_id.value.clone());
        row.push_bind((*id).to_owned());
    })
    .await
}

fn pairs<'w, K: 'w>(
    writes: &'w [Write],
    keys: impl Fn(&'w Write) -> &'w BTreeSet<K>,
) -> impl Iterator<Item = (&'w K, &'w str)> {
    writes
        .iter()
        .flat_map(move |write| keys(write).iter().map(move |key| (key, write.entity.id.as_str())))
}

/// Inserts rows, many a statement. Full statements are prepared once and kept.
async fn insert<T>(
    connection: &mut SqliteConnection,
    head: &str,
    tail: &str,
    rows: &[T],
    bind: impl Fn(Separated<'_, Sqlite, &'static str>, &T),
) -> Result<(), Error> {
    for rows in rows.chunks(ROWS_PER_STATEMENT) {
        let mut query = QueryBuilder::new(head);
        query.push_values(rows, &bind).push(tail);
        let full = rows.len() == ROWS_PER_STATEMENT;
        query.build().persistent(full).execute(&mut *connection).await?;
    }
    Ok(())
}
