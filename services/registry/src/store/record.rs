//! What the store returns: an entity with its place in life and history.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::{ColumnIndex, Decode, FromRow, Type};
use xxhash_rust::xxh3::Xxh3;

use super::held::Held;
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
    /// The id it redirects to when it is merged, those it became when it is split, else none.
    pub links: Vec<String>,
    /// What people decided about it.
    pub held: Held,
    /// The version that created it.
    pub(super) number: i64,
}

impl Record {
    /// Whether nothing changed but the version.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.has_life_of(other) && self.entity == other.entity
    }

    /// Whether both stand in the same place in life.
    pub(super) fn has_life_of(&self, other: &Self) -> bool {
        self.state == other.state && self.links == other.links
    }
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
    /// The change it took back, when it did.
    pub reverted: Option<String>,
    /// Who made it and why.
    pub origin: Origin,
}

impl Change {
    /// Not a change: the entity as it stands.
    #[must_use]
    pub fn snapshot(record: Record) -> Self {
        let (change_id, reverted, origin) = Default::default();
        Self { kind: ChangeKind::Snapshot, record, change_id, reverted, origin }
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
    pub(super) const ALL: [Self; 4] = [Self::Active, Self::Merged, Self::Split, Self::Deleted];

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

/// A row of `changes`.
#[derive(Debug)]
pub(super) struct Row {
    version: i64,
    entity: i64,
    change_id: i64,
    reverted: i64,
    kind: ChangeKind,
    state: State,
    links: String,
    held: i64,
    actor: String,
    comment: String,
    dataset_version: String,
    created: i64,
    time: i64,
    format: i64,
    pub(super) body: String,
}

impl Row {
    /// The columns, with `c` for `changes`.
    pub(super) const COLUMNS: &str = "c.version, c.entity, c.change_id, c.reverted, c.kind, \
        c.state, c.links, c.held, c.actor, c.comment, c.dataset_version, c.created, c.time, \
        c.format, c.body";
}

// By hand: sqlx's derive would bring the whole of sqlx a second time, for the compiler to run.
impl<'r, R: sqlx::Row> FromRow<'r, R> for Row
where
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    &'r str: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        Ok(Self {
            version: row.try_get("version")?,
            entity: row.try_get("entity")?,
            change_id: row.try_get("change_id")?,
            reverted: row.try_get("reverted")?,
            kind: word(row.try_get("kind")?, &ChangeKind::STORED, ChangeKind::name)?,
            state: word(row.try_get("state")?, &State::ALL, State::name)?,
            links: row.try_get("links")?,
            held: row.try_get("held")?,
            actor: row.try_get("actor")?,
            comment: row.try_get("comment")?,
            dataset_version: row.try_get("dataset_version")?,
            created: row.try_get("created")?,
            time: row.try_get("time")?,
            format: row.try_get("format")?,
            body: row.try_get("body")?,
        })
    }
}

/// The value that has a name.
pub(super) fn word<T: Copy>(
    found: &str,
    values: &[T],
    name: fn(T) -> &'static str,
) -> sqlx::Result<T> {
    let value = values.iter().copied().find(|value| name(*value) == found);
    value.ok_or_else(|| sqlx::Error::Decode(format!("`{found}` is none of the known words").into()))
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
                links: links_of(&row.links),
                held: Held::of_bits(row.held),
                number: row.entity,
            },
            change_id: change_id_of(row.change_id),
            reverted: (row.reverted > 0).then(|| change_id_of(row.reverted)),
            origin: Origin { actor, comment, dataset_version },
        })
    }
}

/// Ids have no spaces, so spaces part them.
pub(super) fn links_of(text: &str) -> Vec<String> {
    text.split_ascii_whitespace().map(str::to_owned).collect()
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

/// The first version of the changes that a change id names.
pub(super) fn version_of_change(change_id: &str) -> Option<i64> {
    let version = change_id.strip_prefix('c')?.parse().ok()?;
    (change_id_of(version) == change_id).then_some(version)
}

/// A time as microseconds since 1970; 0 before that.
pub(super) fn micros_of(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// Microseconds since 1970 as a time.
pub(super) fn time_of(micros: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(micros.unsigned_abs())
}

/// Now, as microseconds since 1970.
pub(super) fn now_micros() -> i64 {
    micros_of(SystemTime::now())
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
