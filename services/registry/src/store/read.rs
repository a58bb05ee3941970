//! The queries that read, each as of a version.

use std::collections::HashMap;

use futures_util::TryStreamExt;

use super::{
    ANSWER_BYTES_MAX, PAGE_BYTES_MAX, index, key,
    record::{Change, Record, Row, State},
    session::Session,
    sql::Sql,
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
pub(super) async fn version(session: &mut Session) -> Result<i64, Error> {
    Ok(session.number(Sql::new("SELECT coalesce(max(version), 0) FROM changes")).await?)
}

/// How many ids were ever given.
pub(super) async fn entity_count(session: &mut Session) -> Result<i64, Error> {
    Ok(session.number(Sql::new("SELECT count(*) FROM entities")).await?)
}

pub(super) async fn get_many(
    session: &mut Session,
    ids: &[String],
    version: i64,
) -> Result<Vec<Option<Record>>, Error> {
    let mut sql = as_of(version);
    sql.list(" WHERE e.id IN ", ids);
    sql.kept = ids.len() == 1;
    let (rows, more) = collect(session, sql, usize::MAX, ANSWER_BYTES_MAX).await?;
    if more {
        return Err(answer_too_long("canonical_ids"));
    }
    let mut found: HashMap<String, Record> = changes(rows).await?.into_iter().map(by_id).collect();
    Ok(ids.iter().map(|id| found.remove(id)).collect())
}

/// What is stored now under ids that all differ, however much it is: for writes, which are limited
/// otherwise.
pub(super) async fn stored(
    session: &mut Session,
    ids: impl IntoIterator<Item = &String>,
) -> Result<HashMap<String, Record>, Error> {
    let mut sql = Sql::new("SELECT ");
    sql.push(Row::COLUMNS);
    sql.push(" FROM entities e JOIN changes c ON c.version = e.version");
    sql.list(" WHERE e.id IN ", ids);
    let rows = session.fetch_all::<Row>(sql).await?;
    Ok(changes(rows).await?.into_iter().map(by_id).collect())
}

fn by_id(change: Change) -> (String, Record) {
    (change.record.entity.id.clone(), change.record)
}

fn answer_too_long(field: &str) -> Error {
    Error::invalid(field, "has an answer of more than 3 MiB: ask for fewer at a time")
}

pub(super) async fn page(
    session: &mut Session,
    filter: &Filter,
    after: &str,
    rows_max: usize,
    version: i64,
) -> Result<Page, Error> {
    let mut sql = as_of(version);
    sql.push(" WHERE e.id > ").bind(after);
    push_filter(&mut sql, filter);
    sql.push(" ORDER BY e.id LIMIT ").bind(rows_max as i64 + 1);
    let (rows, more) = collect(session, sql, rows_max, PAGE_BYTES_MAX).await?;
    let records = changes(rows).await?.into_iter().map(|change| change.record).collect();
    Ok(Page { records, more })
}

pub(super) async fn changes_after(
    session: &mut Session,
    version: i64,
    rows_max: usize,
) -> Result<Vec<Change>, Error> {
    let mut sql = Sql::new("SELECT ");
    sql.push(Row::COLUMNS).push(" FROM changes c WHERE c.version > ").bind(version);
    sql.push(" ORDER BY c.version LIMIT ").bind(rows_max as i64);
    let (rows, _more) = collect(session, sql, rows_max, PAGE_BYTES_MAX).await?;
    changes(rows).await
}

/// Looks keys up, all at one version, because the index knows only the newest.
pub(super) async fn lookup(
    session: &mut Session,
    keys: &[LookupKey],
) -> Result<(Vec<Found>, i64), Error> {
    let version = version(session).await?;
    let mut found = Vec::with_capacity(keys.len());
    let mut left = ANSWER_BYTES_MAX;
    for key in keys {
        let (rows, truncated) = lookup_one(session, key).await?;
        let bytes: usize = rows.iter().map(|row| row.body.len()).sum();
        left = left.checked_sub(bytes).ok_or_else(|| answer_too_long("keys"))?;
        let mut records: Vec<_> =
            changes(rows).await?.into_iter().map(|change| change.record).collect();
        key.retain_owners(&mut records);
        found.push(Found { records, truncated });
    }
    Ok((found, version))
}

async fn lookup_one(session: &mut Session, key: &LookupKey) -> Result<(Vec<Row>, bool), Error> {
    let mut sql = Sql::new("SELECT ");
    sql.push(Row::COLUMNS);
    index::push_owners(&mut sql, key.hash());
    sql.push(" ORDER BY e.id LIMIT ").bind(FOUND_MAX as i64 + 1);
    collect(session, sql, FOUND_MAX, ANSWER_BYTES_MAX).await
}

impl LookupKey {
    fn hash(&self) -> i64 {
        match self {
            Self::Name(name) => key::of_folded(&key::folded(name)),
            Self::ExternalId(id) => key::of_external_id(id),
        }
    }

    /// Keeps those that have the key itself, and not only its hash.
    fn retain_owners(&self, records: &mut Vec<Record>) {
        match self {
            Self::ExternalId(id) => {
                records.retain(|record| record.entity.external_ids.contains(id));
            }
            Self::Name(name) => {
                let name = key::folded(name);
                let has = |record: &Record| {
                    record.entity.names.iter().any(|own| key::folded(&own.text) == name)
                };
                records.retain(has);
            }
        }
    }
}

/// Every id that was ever given with its newest change up to a version. An entity that was not
/// changed since, which is nearly every one, costs one look into the history.
pub(super) fn as_of(version: i64) -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.push(Row::COLUMNS);
    push_as_of(&mut sql, version);
    sql
}

/// The tables of [`as_of`].
pub(super) fn push_as_of(sql: &mut Sql, version: i64) {
    sql.push(" FROM entities e JOIN changes c ON c.version = CASE WHEN e.version <= ");
    sql.bind(version);
    sql.push(" THEN e.version ELSE (SELECT max(h.version) FROM changes h");
    sql.push(" WHERE h.entity = e.number AND h.version <= ").bind(version).push(") END");
}

fn push_filter(sql: &mut Sql, filter: &Filter) {
    sql.list(" AND c.state IN ", filter.states.iter().map(|state| state.name()));
    if !filter.types.is_empty() {
        sql.list(" AND c.type IN ", filter.types.iter().map(|kind| kind.name()));
    }
    if !filter.dataset.is_empty() {
        sql.push(" AND c.dataset = ").bind(&filter.dataset);
    }
    if !filter.country.is_empty() {
        sql.push(" AND c.country = ").bind(&filter.country);
    }
}

/// Takes rows up to a number and about a size, at least one; tells whether there are more.
pub(super) async fn collect(
    session: &mut Session,
    sql: Sql,
    rows_max: usize,
    bytes_max: usize,
) -> Result<(Vec<Row>, bool), Error> {
    let mut rows = session.fetch::<Row>(sql)?;
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
