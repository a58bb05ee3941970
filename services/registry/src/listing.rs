//! A page of the entities that a filter admits, and the token that leads to the next one.
//!
//! A token holds the last id of its page and a checksum over it and the filter: it stays good
//! while the catalogue changes, and a token of another list is refused rather than misread.

use std::fmt::Debug;

use xxhash_rust::xxh3::xxh3_64;

use crate::{
    Error, Store,
    store::{Change, Decision, DecisionFilter, Filter, Record},
};

/// Entities of a page when the caller states no number, and at most.
const PAGE_SIZE: (usize, usize) = (100, 1_000);

/// A request for a page.
#[derive(Clone, Debug)]
pub struct Listing {
    filter: Filter,
    after: String,
    rows_max: usize,
}

/// The page.
#[derive(Clone, Debug)]
pub struct Listed {
    /// By id, ascending.
    pub records: Vec<Record>,
    /// Empty at the end.
    pub next_page_token: String,
    /// The catalogue version at which it was read.
    pub version: i64,
}

impl Listing {
    /// A page of at most `page_size` (0: 100) entities after the page that ended with `token`.
    pub fn try_new(filter: Filter, page_size: i32, token: &str) -> Result<Self, Error> {
        let after = if token.is_empty() { Some("") } else { id_of(&filter, token) };
        let after = after.ok_or_else(foreign_token)?;
        let rows_max = page_rows(page_size)?;
        Ok(Self { after: after.to_owned(), filter, rows_max })
    }

    /// Reads the page. A page of large entities may hold fewer of them than asked for.
    pub async fn read(&self, store: &Store) -> Result<Listed, Error> {
        let version = store.version();
        let page = store.page(&self.filter, &self.after, self.rows_max, version).await?;
        let last = page.records.last().filter(|_| page.more);
        let token = last.map(|record| token_of(&self.filter, &record.entity.id));
        let next_page_token = token.unwrap_or_default();
        Ok(Listed { records: page.records, next_page_token, version })
    }
}

/// A request for a page of history.
#[derive(Clone, Debug)]
pub struct HistoryListing {
    id: String,
    below: i64,
    rows_max: usize,
}

/// A page of history.
#[derive(Clone, Debug)]
pub struct HistoryListed {
    /// By version, descending.
    pub changes: Vec<Change>,
    /// Empty at the end.
    pub next_page_token: String,
}

impl HistoryListing {
    /// A page of the changes of an entity, or of all when `id` is empty.
    pub fn try_new(id: String, page_size: i32, token: &str) -> Result<Self, Error> {
        let below = if token.is_empty() { Some(i64::MAX) } else { number_of(&id, token) };
        let below = below.ok_or_else(foreign_token)?;
        Ok(Self { id, below, rows_max: page_rows(page_size)? })
    }

    /// Reads the page.
    pub async fn read(&self, store: &Store) -> Result<HistoryListed, Error> {
        let page = store.history(&self.id, self.below, self.rows_max).await?;
        let last = page.changes.last().filter(|_| page.more);
        let token = last.map(|change| token_of(&self.id, &change.record.version.to_string()));
        Ok(HistoryListed { changes: page.changes, next_page_token: token.unwrap_or_default() })
    }
}

/// A request for a page of decisions.
#[derive(Clone, Debug)]
pub struct DecisionListing {
    filter: DecisionFilter,
    below: i64,
    rows_max: usize,
}

/// A page of decisions.
#[derive(Clone, Debug)]
pub struct DecisionsListed {
    /// Newest first.
    pub decisions: Vec<Decision>,
    /// Empty at the end.
    pub next_page_token: String,
}

impl DecisionListing {
    /// A page of the decisions that a filter admits.
    pub fn try_new(filter: DecisionFilter, page_size: i32, token: &str) -> Result<Self, Error> {
        let below = if token.is_empty() { Some(i64::MAX) } else { number_of(&filter, token) };
        let below = below.ok_or_else(foreign_token)?;
        Ok(Self { filter, below, rows_max: page_rows(page_size)? })
    }

    /// Reads the page.
    pub async fn read(&self, store: &Store) -> Result<DecisionsListed, Error> {
        let (decisions, more) = store.decisions(&self.filter, self.below, self.rows_max).await?;
        let last = decisions.last().filter(|_| more);
        let token = last.map(|decision| token_of(&self.filter, &decision.number.to_string()));
        Ok(DecisionsListed { decisions, next_page_token: token.unwrap_or_default() })
    }
}

/// How many rows a page has when a caller asks for `page_size`.
fn page_rows(page_size: i32) -> Result<usize, Error> {
    let page_size = usize::try_from(page_size)
        .map_err(|_| Error::invalid("page_size", "is negative: give 0 for the default"))?;
    Ok(if page_size == 0 { PAGE_SIZE.0 } else { page_size.min(PAGE_SIZE.1) })
}

fn foreign_token() -> Error {
    let text = "is not of this list: take the one of the page before, with the same filter";
    Error::invalid("page_token", text)
}

/// A token of a list, after its last item.
fn token_of(filter: &impl Debug, last: &str) -> String {
    let sum = xxh3_64(format!("{filter:?}{last}").as_bytes());
    format!("{sum:016x}{last}")
}

/// The last item of the page before, when the token is of this list.
fn id_of<'t>(filter: &impl Debug, token: &'t str) -> Option<&'t str> {
    let id = token.get(16..)?;
    (token_of(filter, id) == token).then_some(id)
}

/// The same for a list of numbered items.
fn number_of(filter: &impl Debug, token: &str) -> Option<i64> {
    id_of(filter, token)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_own_filter_only() {
        let filter = Filter::active();
        let token = token_of(&filter, "Q1");
        assert_eq!(id_of(&filter, &token), Some("Q1"));
        let other = Filter { country: "RU".into(), ..Filter::active() };
        assert_eq!(id_of(&other, &token), None);
        for wrong in ["x", "0000000000000000Q1", "ق", &token[1..]] {
            assert!(Listing::try_new(filter.clone(), 0, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_page_size_has_a_default_and_a_limit_and_no_sign() {
        let rows_max =
            |size| Listing::try_new(Filter::active(), size, "").map(|page| page.rows_max);
        assert_eq!(rows_max(0).unwrap(), 100);
        assert_eq!(rows_max(7).unwrap(), 7);
        assert_eq!(rows_max(5_000).unwrap(), 1_000);
        assert!(rows_max(-1).is_err());
    }
}
