//! What the store returns: an entity with its place in life and history.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::{FromRow, Row as _, sqlite::SqliteRow};
use xxhash_rust::xxh3::Xxh3;

use crate::{
    Error,
    entity::{Draft, Entity},
};

/// The format in which bodies are written: a `Draft` as JSON. Older ones are read for good.
pub(super) const BODY_FORMAT: i64 = 1;

/// An entity as it stood at some version.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What it is.
    pub entity: Entity,
    /// Where it stands in its life.
    pub state: State,
    /// Changes with every change of the entity.
    pub etag: String,
    /// Catalogue version of its last change.
    pub version: i64,
    /// When it was created.
    pub created: SystemTime,
    /// When it was last changed.
    pub updated: SystemTime,
}

/// One committed change of one entity; its version and time are those of the record.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What it did.
    pub kind: ChangeKind,
    /// The entity after it.
    pub record: Record,
    /// Shared by the changes that were made together.
    pub change_id: String,
    /// Who made it and why.
    pub origin: Origin,
}

impl Change {
    /// Not a change: the entity as it stands.
    #[must_use]
    pub fn snapshot(record: Record) -> Self {
        let (change_id, origin) = Default::default();
        Self { kind: ChangeKind::Snapshot, record, change_id, origin }
    }
}

/// Who makes a change, why, and from what; kept in the history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// A label for the author.
    pub actor: String,
    /// Why.
    pub comment: String,
    /// Version or date of the dataset an import brought; empty otherwise.
    pub dataset_version: String,
}

/// Where an entity stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// In use.
    Active,
    /// Merged into another.
    Merged,
    /// Split into others.
    Split,
    /// Deleted.
    Deleted,
}

impl State {
    const ALL: [Self; 4] = [Self::Active, Self::Merged, Self::Split, Self::Deleted];

    /// Its name, as the store writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Merged => "merged",
            Self::Split => "split",
            Self::Deleted => "deleted",
        }
    }
}

/// What a change did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// The entity was created.
    Created,
    /// Fields were changed.
    Updated,
    /// It was deleted.
    Deleted,
    /// It was merged into another.
    Merged,
    /// It was split into others.
    Split,
    /// An earlier change was taken back.
    Reverted,
    /// Not a change and never stored: an entity as it stands, told by a snapshot.
    Snapshot,
}

impl ChangeKind {
    /// Those that are stored.
    const STORED: [Self; 6] =
        [Self::Created, Self::Updated, Self::Deleted, Self::Merged, Self::Split, Self::Reverted];

    /// Its name, as the store writes it and as a label of metrics.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::Merged => "merged",
            Self::Split => "split",
            Self::Reverted => "reverted",
            Self::Snapshot => "snapshot",
        }
    }
}

/// A row of `changes` with the birth of its entity.
#[derive(Debug)]
pub(super) struct Row {
    version: i64,
    change_id: i64,
    kind: ChangeKind,
    state: State,
    actor: String,
    comment: String,
    dataset_version: String,
    time: i64,
    format: i64,
    pub(super) body: String,
    created: i64,
}

impl Row {
    /// The columns, with `c` for `changes` and `e` for `entities`.
    pub(super) const COLUMNS: &str = "c.version, c.change_id, c.kind, c.state, c.actor, \
        c.comment, c.dataset_version, c.time, c.format, c.body, e.created";
}

// By hand: sqlx's derive would bring the whole of sqlx a second time, for the compiler to run.
impl FromRow<'_, SqliteRow> for Row {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        Ok(Self {
            version: row.try_get("version")?,
            change_id: row.try_get("change_id")?,
            kind: word(row, "kind", &ChangeKind::STORED, ChangeKind::name)?,
            state: word(row, "state", &State::ALL, State::name)?,
            actor: row.try_get("actor")?,
            comment: row.try_get("comment")?,
            dataset_version: row.try_get("dataset_version")?,
            time: row.try_get("time")?,
            format: row.try_get("format")?,
            body: row.try_get("body")?,
            created: row.try_get("created")?,
        })
    }
}

/// Reads a column that holds the name of one of `values`.
fn word<T: Copy>(
    row: &SqliteRow,
    column: &str,
    values: &[T],
    name: fn(T) -> &'static str,
) -> sqlx::Result<T> {
    let found: &str = row.try_get(column)?;
    let value = values.iter().copied().find(|value| name(*value) == found);
    value.ok_or_else(|| sqlx::Error::Decode(format!("`{found}` is no {column}").into()))
}

impl TryFrom<Row> for Change {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let etag = etag_of(row.version, &row.body);
        let entity = read_body(row.version, row.format, &row.body)?;
        let Row { actor, comment, dataset_version, .. } = row;
        Ok(Self {
            kind: row.kind,
            record: Record {
                entity,
                state: row.state,
                etag,
                version: row.version,
                created: time_of(row.created),
                updated: time_of(row.time),
            },
            change_id: change_id_of(row.change_id),
            origin: Origin { actor, comment, dataset_version },
        })
    }
}

/// Reads a stored body of any format there ever was.
pub(super) fn read_body(version: i64, format: i64, body: &str) -> Result<Entity, Error> {
    let broken = |source| Error::Body { version, format, source };
    let draft: Draft = match format {
        BODY_FORMAT => serde_json::from_str(body).map_err(|error| broken(Some(error)))?,
        _ => return Err(broken(None)),
    };
    Ok(Entity::stored(draft))
}

/// Holds the version, so that a change and its reversal differ, and the body, so that a catalogue
/// restored from a backup does not repeat the etags of what was lost.
pub(super) fn etag_of(version: i64, body: &str) -> String {
    let mut hash = Xxh3::new();
    hash.update(&version.to_le_bytes());
    hash.update(body.as_bytes());
    format!("{:016x}", hash.digest())
}

/// Changes made together are named by the first version among them.
pub(super) fn change_id_of(first_version: i64) -> String {
    format!("c{first_version}")
}

/// Microseconds since 1970 as a time.
pub(super) fn time_of(micros: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(micros.unsigned_abs())
}

/// Now, as microseconds since 1970; 0 on a clock that is set before that.
pub(super) fn now_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A body of format 1 as it was written in November 2026; it must stay readable for good.
    const BODY_V1: &str = include_str!("../../testdata/body-v1.json");

    #[test]
    fn a_body_of_every_format_is_read() {
        let entity = read_body(1, 1, BODY_V1).unwrap();
        assert_eq!(entity.id, "Q58217");
        assert_eq!(entity.names[1].text, "سيرغي لافروف");
    }

    #[test]
    fn a_body_of_a_later_format_is_an_error_that_names_it() {
        let error = read_body(7, 2, BODY_V1).unwrap_err().to_string();
        assert!(error.contains("version 7") && error.contains("format 2"), "{error}");
    }

    #[test]
    fn an_etag_depends_on_version_and_body() {
        assert_eq!(etag_of(1, "x"), etag_of(1, "x"));
        assert_ne!(etag_of(1, "x"), etag_of(2, "x"));
        assert_ne!(etag_of(1, "x"), etag_of(1, "y"));
    }
}
