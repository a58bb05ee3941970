//! The history: pages of it, and the changes around one change.

use std::collections::HashSet;

use super::{
    PAGE_BYTES_MAX,
    read::{changes, collect},
    record::{Change, Row},
    session::Session,
    sql::Sql,
};
use crate::Error;

/// Some changes of the history, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryPage {
    /// By version, descending.
    pub changes: Vec<Change>,
    /// Whether there are more.
    pub more: bool,
}

fn select() -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.push(Row::COLUMNS).push(" FROM changes c WHERE ");
    sql
}

/// Changes below a version, of one entity or of all.
pub(super) async fn page(
    session: &mut Session,
    id: &str,
    below: i64,
    rows_max: usize,
) -> Result<HistoryPage, Error> {
    let mut sql = select();
    if !id.is_empty() {
        let number = Sql::new("SELECT number FROM entities WHERE id = ?").with(id);
        let number: Option<(i64,)> = session.fetch_optional(number).await?;
        let (number,) = number.ok_or_else(|| Error::NotFound { id: id.to_owned() })?;
        sql.push("c.entity = ").bind(number).push(" AND ");
    }
    sql.push("c.version < ").bind(below).push(" ORDER BY c.version DESC LIMIT ");
    sql.bind(rows_max as i64 + 1);
    let (rows, more) = collect(session, sql, rows_max, PAGE_BYTES_MAX).await?;
    Ok(HistoryPage { changes: changes(rows).await?, more })
}

/// The changes that were made together, the first of them at a version; none when there is none.
pub(super) async fn group(session: &mut Session, first: i64) -> Result<Vec<Change>, Error> {
    let mut sql = select();
    // Made together, so one after the other: no index is needed.
    sql.push("c.version >= ").bind(first);
    sql.push(" AND c.version < ").bind(first.saturating_add(GROUP_MAX));
    sql.push(" AND c.change_id = ").bind(first).push(" ORDER BY c.version");
    changes(session.fetch_all(sql).await?).await
}

/// More changes than one call makes.
const GROUP_MAX: i64 = 2 * super::merge::PARTS_MAX as i64;

/// The last change of an entity below a version.
pub(super) async fn before(
    session: &mut Session,
    number: i64,
    version: i64,
) -> Result<Option<Change>, Error> {
    let mut sql = select();
    sql.push("c.entity = ").bind(number).push(" AND c.version < ").bind(version);
    sql.push(" ORDER BY c.version DESC LIMIT 1");
    Ok(changes(session.fetch_all(sql).await?).await?.pop())
}

/// The newest change of an entity.
pub(super) async fn newest(session: &mut Session, number: i64) -> Result<Change, Error> {
    let newest = before(session, number, i64::MAX).await?;
    newest.ok_or(Error::Store(sqlx::Error::RowNotFound))
}

/// Whether a merge into an entity stands, other than that of a version.
pub(super) async fn is_joined_beside(
    session: &mut Session,
    number: i64,
    version: i64,
) -> Result<bool, Error> {
    let mut sql = Sql::new("SELECT change_id, reverted FROM changes WHERE entity = ");
    sql.bind(number).push(" AND version <> ").bind(version);
    sql.push(" AND (reverted > 0 OR kind = 'merged' AND state = 'active') ORDER BY version DESC");
    let changes: Vec<(i64, i64)> = session.fetch_all(sql).await?;
    Ok(a_merge_stands(&changes))
}

/// Of merges and of changes that take others back, newest first, each with what it took back.
fn a_merge_stands(changes: &[(i64, i64)]) -> bool {
    let mut taken_back = HashSet::new();
    changes.iter().any(|(change, reverted)| {
        let stands = !taken_back.contains(change);
        if stands && *reverted > 0 {
            taken_back.insert(*reverted);
        }
        stands && *reverted == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_stands_when_what_took_it_back_was_taken_back() {
        assert!(a_merge_stands(&[(1, 0)]));
        assert!(!a_merge_stands(&[(5, 1), (1, 0)]));
        assert!(a_merge_stands(&[(7, 5), (5, 1), (1, 0)]));
        assert!(a_merge_stands(&[(5, 1), (3, 0), (1, 0)]));
    }
}
