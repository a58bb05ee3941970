//! A mention to be matched, checked and normalized: nothing behind this file checks it again.

use names::{Name, Profile};
use proto::vocabulary::{EntityType, Gender};

use crate::entity::{ExternalId, PartialDate};

/// A mention.
#[derive(Debug)]
pub(crate) struct Query {
    /// At least one.
    pub(crate) spellings: Vec<Spelling>,
    pub(crate) filter: Filter,
    pub(crate) evidence: Evidence,
    /// The tradition it is probably spelled in.
    pub(crate) profile: Option<Profile>,
}

/// One spelling of a mention; its name is not empty.
#[derive(Debug)]
pub(crate) struct Spelling {
    pub(crate) text: String,
    pub(crate) name: Name,
}

impl Spelling {
    /// Normalizes a text; nothing when nothing of it is left.
    pub(crate) fn new(text: String) -> Option<Self> {
        let name = Name::new(&text);
        (!name.is_empty()).then_some(Self { text, name })
    }
}

/// What a candidate must be. An empty list admits all.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Filter {
    pub(crate) types: Vec<EntityType>,
    pub(crate) countries: Vec<String>,
    pub(crate) datasets: Vec<String>,
    pub(crate) excluded_ids: Vec<String>,
}

impl Filter {
    /// Whether it admits everything.
    pub(crate) fn is_open(&self) -> bool {
        self.types.is_empty()
            && self.countries.is_empty()
            && self.datasets.is_empty()
            && self.excluded_ids.is_empty()
    }
}

/// What is known about the mention besides its spelling.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Evidence {
    /// UNSPECIFIED says nothing.
    pub(crate) entity_type: EntityType,
    /// Empty says nothing.
    pub(crate) country: String,
    pub(crate) birth_date: Option<PartialDate>,
    pub(crate) founding_date: Option<PartialDate>,
    pub(crate) gender: Gender,
    pub(crate) external_ids: Vec<ExternalId>,
}

impl Evidence {
    /// Whether it says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self == &Self::default()
    }
}

/// When a candidate counts as a match.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Policy {
    /// The lowest score of a match.
    pub(crate) threshold: f64,
    /// The smallest distance to the runner-up.
    pub(crate) margin: f64,
}

impl Default for Policy {
    fn default() -> Self {
        Self { threshold: 0.80, margin: 0.03 }
    }
}

/// How mentions are to be matched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) candidates_max: usize,
    pub(crate) policy: Policy,
    pub(crate) explain: bool,
}
