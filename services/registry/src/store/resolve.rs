//! What canonical ids mean: redirects and successors are followed to the end.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::SystemTime,
};

use sqlx::{ColumnIndex, Decode, FromRow, Type};

use super::{
    read::{push_as_of, version},
    record::{State, links_of, micros_of, time_of, word},
    session::Session,
    sql::Sql,
};
use crate::Error;

/// How many ids one call follows in all.
const FOLLOWED_MAX: usize = 20_000;

/// Ids of one query.
const IDS_PER_QUERY: usize = 1_000;

/// What one canonical id means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The id that was asked.
    pub id: String,
    /// Its state; `None` when it was never given, or not yet.
    pub state: Option<State>,
    /// The active ids it means.
    pub current: Vec<String>,
    /// The ids that were followed, from the one asked on.
    pub path: Vec<String>,
    /// When it left the active state, if it did.
    pub ended: Option<SystemTime>,
}

/// An id without its entity.
#[derive(Clone, Debug)]
struct Node {
    id: String,
    state: State,
    links: Vec<String>,
    time: i64,
}

impl<'r, R: sqlx::Row> FromRow<'r, R> for Node
where
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            state: word(row.try_get("state")?, &State::ALL, State::name)?,
            links: links_of(row.try_get("links")?),
            time: row.try_get("time")?,
        })
    }
}

/// What ids mean as of a time, or now, and the version at which they do.
pub(super) async fn resolve(
    session: &mut Session,
    ids: &[String],
    as_of: Option<SystemTime>,
) -> Result<(Vec<Resolved>, i64), Error> {
    let newest = version(session).await?;
    let version = match as_of {
        None => newest,
        Some(time) => version_at(session, micros_of(time), newest).await?,
    };
    let nodes = reachable(session, ids, version).await?;
    Ok((ids.iter().map(|id| resolved(id, &nodes)).collect(), version))
}

/// The newest version at a time. Versions are in the order of their times, so half of them can be
/// left out at every step; an index by time would slow down every import.
async fn version_at(session: &mut Session, time: i64, newest: i64) -> Result<i64, Error> {
    let (mut known, mut later) = (0, newest + 1);
    while later - known > 1 {
        let middle = known + (later - known) / 2;
        let sql = Sql::new("SELECT time FROM changes WHERE version = ?").with(middle);
        if session.number(sql).await? <= time {
            known = middle;
        } else {
            later = middle;
        }
    }
    Ok(known)
}

/// Everything that can be reached from ids, one query a step.
async fn reachable(
    session: &mut Session,
    ids: &[String],
    version: i64,
) -> Result<HashMap<String, Node>, Error> {
    let mut nodes: HashMap<String, Node> = HashMap::new();
    let mut next: HashSet<String> = ids.iter().cloned().collect();
    while !next.is_empty() {
        if nodes.len() + next.len() > FOLLOWED_MAX {
            let text = format!("lead to more than {FOLLOWED_MAX} ids: ask for fewer at a time");
            return Err(Error::invalid("canonical_ids", text));
        }
        let step: Vec<_> = next.drain().collect();
        for ids in step.chunks(IDS_PER_QUERY) {
            for node in read(session, ids, version).await? {
                next.extend(node.links.iter().cloned());
                nodes.insert(node.id.clone(), node);
            }
        }
        next.retain(|id| !nodes.contains_key(id));
    }
    Ok(nodes)
}

async fn read(session: &mut Session, ids: &[String], version: i64) -> Result<Vec<Node>, Error> {
    let mut sql = Sql::new("SELECT e.id, c.state, c.links, c.time");
    push_as_of(&mut sql, version);
    sql.list(" WHERE e.id IN ", ids);
    Ok(session.fetch_all(sql).await?)
}

/// Breadth first, so that successors come in their order.
fn resolved(id: &str, nodes: &HashMap<String, Node>) -> Resolved {
    let (mut current, mut path) = (Vec::new(), Vec::new());
    let (mut seen, mut queue) = (HashSet::from([id]), VecDeque::from([id]));
    while let Some(id) = queue.pop_front() {
        let Some(node) = nodes.get(id) else { continue };
        path.push(id.to_owned());
        if node.state == State::Active {
            current.push(id.to_owned());
        }
        queue.extend(node.links.iter().map(String::as_str).filter(|link| seen.insert(link)));
    }
    let node = nodes.get(id);
    let ended = node.filter(|node| node.state != State::Active).map(|node| time_of(node.time));
    Resolved { id: id.to_owned(), state: node.map(|node| node.state), current, path, ended }
}
