//! The keys of active entities, in two tables: new keys wait in a small one, and are moved into the
//! large one by the ten thousand.
//!
//! Keys are random, so a chunk of an import has a key for nearly every page of a large table, and
//! would write all of them to the log: at a million entities twenty times its own size. Moved
//! together and in order, the keys of many chunks share the pages.

use std::collections::BTreeSet;

use super::{
    append::{self, ROWS_PER_STATEMENT},
    key,
    read::{self, Filter},
    record::Record,
    session::Session,
    sql::{Sql, Value},
};
use crate::Error;

/// How many keys wait; their table is some 4 MiB.
const FRESH_MAX: i64 = if cfg!(test) { 64 } else { 200_000 };

/// Writes of fewer keys do not count how many wait.
const COUNTED_FROM: usize = if cfg!(test) { 1 } else { 100 };

/// Entities whose keys are made again at a time.
const PAGE_ROWS: usize = 1_000;

/// From the index to the entities that have a key: `k.entity`.
pub(super) fn push_owners(sql: &mut Sql, key: i64) {
    sql.push(" FROM (SELECT entity FROM keys WHERE key = ").bind(key);
    sql.push(" UNION ALL SELECT entity FROM fresh_keys WHERE key = ").bind(key).push(") k");
    sql.push(" JOIN entities e ON e.number = k.entity JOIN changes c ON c.version = e.version");
}

/// Makes entities findable by keys with their numbers, which are in order.
pub(super) async fn insert(session: &mut Session, pairs: &[(i64, i64)]) -> Result<(), Error> {
    let head = "INSERT INTO fresh_keys (key, entity) VALUES ";
    append::insert(session, head, "", pairs, |(key, entity)| [(*key).into(), (*entity).into()])
        .await?;
    if pairs.len() < COUNTED_FROM {
        return Ok(());
    }
    let count = session.number(Sql::new("SELECT count(*) FROM fresh_keys")).await?;
    if count > FRESH_MAX { move_fresh(session).await } else { Ok(()) }
}

async fn move_fresh(session: &mut Session) -> Result<(), Error> {
    let all = "INSERT INTO keys (key, entity) \
        SELECT key, entity FROM fresh_keys ORDER BY key, entity";
    session.execute(Sql::new(all)).await?;
    session.execute(Sql::new("DELETE FROM fresh_keys")).await?;
    Ok(())
}

/// Takes keys out, wherever they are.
pub(super) async fn remove(session: &mut Session, pairs: &[(i64, i64)]) -> Result<(), Error> {
    for pairs in pairs.chunks(ROWS_PER_STATEMENT) {
        for table in ["keys", "fresh_keys"] {
            let mut sql = Sql::new("DELETE FROM ");
            sql.push(table).push(" WHERE (key, entity) IN (VALUES ");
            sql.kept = pairs.len() == ROWS_PER_STATEMENT;
            sql.rows(pairs.iter().map(|(key, entity)| [Value::from(*key), Value::from(*entity)]));
            sql.push(")");
            session.execute(sql).await?;
        }
    }
    Ok(())
}

/// Makes the keys again when they were made in another way.
pub(super) async fn renew(mut session: Session) -> Result<(), Error> {
    let made = session.fetch_optional(Sql::new("SELECT keys_version FROM catalogue")).await?;
    if made == Some((key::VERSION.to_owned(),)) {
        return Ok(());
    }
    for table in ["keys", "fresh_keys"] {
        session.execute(Sql::new(&format!("DELETE FROM {table}"))).await?;
    }
    let (version, mut after, mut more) = (read::version(&mut session).await?, String::new(), true);
    while more {
        let page = read::page(&mut session, &Filter::active(), &after, PAGE_ROWS, version).await?;
        insert(&mut session, &keys_of(&page.records)).await?;
        more = page.more;
        after = page.records.last().map_or(after, |record| record.entity.id.clone());
    }
    let made = Sql::new("UPDATE catalogue SET keys_version = ?").with(key::VERSION);
    session.execute(made).await?;
    Ok(session.commit(version).await?)
}

fn keys_of(records: &[Record]) -> Vec<(i64, i64)> {
    let keys = |record: &Record| {
        let number = record.number;
        let keys: Vec<_> = key::of_entity(&record.entity).map(|key| (key, number)).collect();
        keys
    };
    let keys: BTreeSet<_> = records.iter().flat_map(keys).collect();
    keys.into_iter().collect()
}
