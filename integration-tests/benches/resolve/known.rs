//! What is known in the benchmark, and what is asked about it.

use std::{fs, sync::Arc};

use integration_tests::catalogue;
use proto::{registry::v1 as registry, resolution::v1 as wire, r#type::v1 as shared};

/// Items of a message of a stream, as many as it may have.
pub(crate) const MESSAGE_ITEMS: usize = 1_000;

/// The names of `catalogue.tsv`, and how others spell some of them.
pub(crate) struct Known {
    rows: Vec<[String; 3]>,
    spellings: Arc<[String]>,
}

impl Known {
    pub(crate) fn read() -> Option<Self> {
        let path = catalogue::repository().join("../shared/eval/catalogue.tsv");
        let text = fs::read_to_string(path).ok()?;
        let rows = text.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
        let rows: Vec<_> = rows.filter(|row| row.len() == 5).collect();
        let mut spellings: Vec<_> =
            rows.iter().map(|row| row[4].to_owned()).filter(|text| !text.is_empty()).collect();
        spellings.sort();
        spellings.dedup();
        // In any order but that of the alphabet, in which neighbours are alike.
        spellings.sort_by_key(|text| xxhash_rust::xxh3::xxh3_64(text.as_bytes()));
        let names = |row: &Vec<&str>| [row[1], row[2], row[3]].map(str::to_owned);
        Some(Self { rows: rows.iter().map(names).collect(), spellings: spellings.into() })
    }

    /// An entity for each row, with its Arabic, Russian and Japanese name.
    pub(crate) fn entities(&self) -> Vec<registry::Entity> {
        let entity = |(at, names): (usize, &[String; 3])| {
            let names = names.iter().map(String::as_str).filter(|name| !name.is_empty());
            catalogue::person(&format!("row-{at}"), &names.collect::<Vec<_>>())
        };
        self.rows.iter().enumerate().map(entity).collect()
    }

    /// How many different spellings there are.
    pub(crate) fn count(&self) -> usize {
        self.spellings.len()
    }

    /// One of the spellings.
    pub(crate) fn spelling(&self, at: usize) -> &str {
        &self.spellings[at % self.spellings.len()]
    }

    /// The messages of a stream that asks about `items` spellings, the same ones again after the
    /// last. They are made as they are sent, which is work of the client.
    pub(crate) fn messages(
        &self,
        items: usize,
    ) -> impl Iterator<Item = wire::StreamResolveRequest> + Send + 'static {
        let spellings = Arc::clone(&self.spellings);
        (0..items).step_by(MESSAGE_ITEMS).map(move |first| {
            let numbers = first..items.min(first + MESSAGE_ITEMS);
            let item = |at: usize| wire::ResolveItem {
                item_number: at as i64,
                query: Some(query(&spellings[at % spellings.len()])),
                options: None,
            };
            wire::StreamResolveRequest { items: numbers.map(item).collect(), options: None }
        })
    }
}

/// A mention and nothing else.
pub(crate) fn query(text: &str) -> shared::NameQuery {
    integration_tests::query(text)
}

/// Somebody whom no spelling means; with her the catalogue is a new one.
pub(crate) fn stranger(round: usize) -> registry::Entity {
    catalogue::person(&format!("stranger-{round}"), &["Wilhelmina Featherstonehaugh"])
}
