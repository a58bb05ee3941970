//! The queries that read, each as of a version.

use futures_util::{Stream, TryStreamExt};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::{
    ANSWER_BYTES_MAX, PAGE_BYTES_MAX, key,
    record::{Change, Record, Row, State},
};
use crate::{
    Error,
    entity::{EntityType, ExternalId},
};

/// How many entities one lookup key finds at most.
const FOUND_MAX: usize = 100;

/// Rows that are parsed in the task of the call; more of them go to a thread that may block
/// (about 5 µs a row).
const ROWS_INLINE_MAX: usize = 64;

/// What an entity must be to be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Admitted types; empty admits all.
    pub types: Vec<EntityType>,
    /// Admitted dataset; empty admits all.
    pub dataset: String,
    /// Admitted country; empty admits all.
    pub country: String,
    /// Admitted states; empty admits none.
    pub states: Vec<State>,
}

impl Filter {
    /// Every active entity.
    #[must_use]
    pub fn active() -> Self {
        let (types, dataset, country) = Default::default();
        Self { types, dataset, country, states: vec![State::Active] }
    }
}

/// Some of the entities that a filter admits.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// By id, ascending.
    pub records: Vec<Record>,
    /// Whether there are more.
    pub more: bool,
}

/// What to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupKey {
    /// Somebody else's id.
    ExternalId(ExternalId),
    /// A name, letter by letter but for case and normal form.
    Name(String),
}

/// The entities that have one key.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// By id, ascending, at most 100.
    pub records: Vec<Record>,
    /// Whether there were more.
    pub truncated: bool,
}

/// The catalogue version.
pub(super) async fn version(connection: &mut SqliteConnection) -> Result<i64, Error> {
    let newest = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM changes");
    Ok(newest.fetch_one(connection).await?)
}

/// How many ids were ever given.
pub(super) async fn entity_count(connection: &mut SqliteConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM entities").fetch_one(connection).await?)
}

pub(super) async fn get_many(
    connection: &mut SqliteConnection,
    ids: &[String],
    version: i64,
) -> Result<Vec<Option<Record>>, Error> {
    let mut query = as_of(version);
    push_list(&mut query, " WHERE e.id IN ", ids.iter().cloned());
    // Lists of every length would push the other statements out of the cache.
    let rows = query.build_query_as::<Row>().persistent(ids.len() == 1).fetch(connection);
    let (rows, more) = collect(rows, usize::MAX, ANSWER_BYTES_MAX).await?;
    if more {
        return Err(answer_too_long("canonical_ids"));
    }
    let mut found: std::collections::HashMap<String, Record> =
        changes(rows).await?.into_iter().map(by_id).collect();
    Ok(ids.iter().map(|id| found.remove(id)).collect())
}

fn by_id(change: Change) -> (String, Record) {
    (change.record.entity.id.clone(), change.record)
}

fn answer_too_long(field: &str) -> Error {
    Error::invalid(field, "has an answer of more than 3 MiB: ask for fewer at a time")
}

pub(super) async fn page(
    connection: &mut SqliteConnection,
    filter: &Filter,
    after: &str,
    rows_max: usize,
    version: i64,
) -> Result<Page, Error> {
    let mut query = as_of(version);
    query.push(" WHERE e.id > ").push_bind(after.to_owned());
    push_filter(&mut query, filter);
    query.push(" ORDER BY e.id LIMIT ").push_bind(rows_max as i64 + 1);
    let rows = query.build_query_as::<Row>().fetch(connection);
    let (rows, more) = collect(rows, rows_max, PAGE_BYTES_MAX).await?;
    let records = changes(rows).await?.into_iter().map(|change| change.record).collect();
    Ok(Page { records, more })
}

pub(super) async fn changes_after(
    connection: &mut SqliteConnection,
    version: i64,
    rows_max: usize,
) -> Result<Vec<Change>, Error> {
    let mut query = QueryBuilder::new("SELECT ");
    query.push(Row::COLUMNS);
    query.push(" FROM changes c JOIN entities e ON e.id = c.entity_id WHERE c.version > ");
    query.push_bind(version).push(" ORDER BY c.version LIMIT ").push_bind(rows_max as i64);
    let rows = query.build_query_as::<Row>().fetch(connection);
    let (rows, _more) = collect(rows, rows_max, PAGE_BYTES_MAX).await?;
    changes(rows).await
}

/// Looks keys up in one transaction, because the indexes know only the newest version.
pub(super) async fn lookup(
    connection: &mut SqliteConnection,
    keys: &[LookupKey],
) -> Result<(Vec<Found>, i64), Error> {
    let version = version(connection).await?;
    let mut found = Vec::with_capacity(keys.len());
    let mut left = ANSWER_BYTES_MAX;
    for key in keys {
        let (rows, truncated) = lookup_one(connection, key).await?;
        let bytes: usize = rows.iter().map(|row| row.body.len()).sum();
        left = left.checked_sub(bytes).ok_or_else(|| answer_too_long("keys"))?;
        let records = changes(rows).await?.into_iter().map(|change| change.record).collect();
        found.push(Found { records, truncated });
    }
    Ok((found, version))
}

async fn lookup_one(
    connection: &mut SqliteConnection,
    key: &LookupKey,
) -> Result<(Vec<Row>, bool), Error> {
    let mut query = QueryBuilder::new("SELECT ");
    query.push(Row::COLUMNS);
    match key {
        LookupKey::Name(name) => {
            query.push(" FROM names k").push(OF_KEY).push(" WHERE k.key = ");
            query.push_bind(key::of_name(name));
        }
        LookupKey::ExternalId(id) => {
            query.push(" FROM external_ids k").push(OF_KEY).push(" WHERE k.scheme = ");
            query.push_bind(id.scheme.clone()).push(" AND k.value = ").push_bind(id.value.clone());
        }
    }
    query.push(" ORDER BY k.entity_id LIMIT ").push_bind(FOUND_MAX as i64 + 1);
    let rows = query.build_query_as::<Row>().fetch(connection);
    collect(rows, FOUND_MAX, ANSWER_BYTES_MAX).await
}

/// From an index to the entities it names.
const OF_KEY: &str =
    " JOIN entities e ON e.id = k.entity_id JOIN changes c ON c.version = e.version";

/// Every id that was ever given with its newest change up to a version. An entity that was not
/// changed since, which is nearly every one, costs one look into the history.
fn as_of(version: i64) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("SELECT ");
    query.push(Row::COLUMNS);
    query.push(" FROM entities e JOIN changes c ON c.version = CASE WHEN e.version <= ");
    query.push_bind(version);
    query.push(" THEN e.version ELSE (SELECT max(h.version) FROM changes h");
    query.push(" WHERE h.entity_id = e.id AND h.version <= ").push_bind(version).push(") END");
    query
}

fn push_filter(query: &mut QueryBuilder<Sqlite>, filter: &Filter) {
    push_list(query, " AND c.state IN ", filter.states.iter().map(|state| state.name()));
    if !filter.types.is_empty() {
        push_list(query, " AND c.type IN ", filter.types.iter().map(|kind| kind.name()));
    }
    if !filter.dataset.is_empty() {
        query.push(" AND c.dataset = ").push_bind(filter.dataset.clone());
    }
    if !filter.country.is_empty() {
        query.push(" AND c.country = ").push_bind(filter.country.clone());
    }
}

fn push_list(
    query: &mut QueryBuilder<Sqlite>,
    before: &str,
    values: impl Iterator<Item = impl Into<String>>,
) {
    query.push(before).push("(");
    let mut list = query.separated(", ");
    for value in values {
        list.push_bind(value.into());
    }
    query.push(")");
}

/// Takes rows up to a number and about a size, at least one; tells whether there are more.
async fn collect(
    rows: impl Stream<Item = Result<Row, sqlx::Error>>,
    rows_max: usize,
    bytes_max: usize,
) -> Result<(Vec<Row>, bool), Error> {
    let mut rows = std::pin::pin!(rows);
    let (mut taken, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.try_next().await? {
        bytes += row.body.len();
        if taken.len() == rows_max || (bytes > bytes_max && !taken.is_empty()) {
            return Ok((taken, true));
        }
        taken.push(row);
    }
    Ok((taken, false))
}

/// Parses rows, many of them away from the threads that wait for sockets.
pub(super) async fn changes(rows: Vec<Row>) -> Result<Vec<Change>, Error> {
    let parse = |rows: Vec<Row>| rows.into_iter().map(Change::try_from).collect();
    if rows.len() <= ROWS_INLINE_MAX {
        return parse(rows);
    }
    tokio::task::spawn_blocking(move || parse(rows)).await?
}
