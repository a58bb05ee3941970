//! An item as Wikidata writes it, of which only what is wanted is kept.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

use super::is_read;

#[derive(Debug, Deserialize)]
pub(super) struct Item {
    pub(super) id: String,
    /// "item" or "property".
    #[serde(rename = "type", default = "item")]
    pub(super) kind: String,
    #[serde(default, deserialize_with = "map")]
    pub(super) labels: BTreeMap<String, Text>,
    #[serde(default, deserialize_with = "map")]
    pub(super) descriptions: BTreeMap<String, Text>,
    #[serde(default, deserialize_with = "map")]
    pub(super) aliases: BTreeMap<String, Vec<Text>>,
    #[serde(default)]
    pub(super) claims: Claims,
    /// How many there are.
    #[serde(default, deserialize_with = "count")]
    pub(super) sitelinks: usize,
}

fn item() -> String {
    "item".to_owned()
}

#[derive(Debug, Deserialize)]
pub(super) struct Text {
    pub(super) language: String,
    pub(super) value: String,
}

/// The claims that are read.
#[derive(Debug, Default)]
pub(super) struct Claims(BTreeMap<String, Vec<Claim>>);

#[derive(Debug, Deserialize)]
struct Claim {
    mainsnak: Snak,
    #[serde(default)]
    rank: String,
    #[serde(default, deserialize_with = "map")]
    qualifiers: BTreeMap<String, IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct Snak {
    datavalue: Option<DataValue>,
}

#[derive(Debug, Deserialize)]
struct DataValue {
    value: Value,
}

/// "End time": it was so and is no more.
const END_TIME: &str = "P582";

impl Claims {
    /// The values of a property that count: those of preferred rank where there are any, else those
    /// that are not deprecated; what has ended is left out.
    pub(super) fn values(&self, property: &str) -> impl Iterator<Item = &Value> {
        let claims = self.0.get(property).map_or(&[][..], Vec::as_slice);
        let preferred = claims.iter().any(|claim| claim.rank == "preferred");
        let counts = move |claim: &&Claim| {
            let is_best =
                if preferred { claim.rank == "preferred" } else { claim.rank != "deprecated" };
            is_best && !claim.qualifiers.contains_key(END_TIME)
        };
        claims
            .iter()
            .filter(counts)
            .filter_map(|claim| Some(&claim.mainsnak.datavalue.as_ref()?.value))
    }

    /// Those that are texts.
    pub(super) fn texts(&self, property: &str) -> impl Iterator<Item = &str> {
        self.values(property).filter_map(Value::as_str)
    }

    /// Those that are items, by id.
    pub(super) fn ids(&self, property: &str) -> impl Iterator<Item = &str> {
        self.values(property).filter_map(|value| value["id"].as_str())
    }

    pub(super) fn has(&self, property: &str) -> bool {
        self.0.contains_key(property)
    }
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ClaimsVisitor)
    }
}

/// Keeps the properties that are read and does not even look into the others.
struct ClaimsVisitor;

impl<'de> Visitor<'de> for ClaimsVisitor {
    type Value = Claims;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("claims by property")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
        let mut claims = BTreeMap::new();
        while let Some(property) = map.next_key::<Cow<'de, str>>()? {
            if is_read(&property) {
                claims.insert(property.into_owned(), map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Claims(claims))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Claims, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Claims::default())
    }
}

/// A map; when it is empty, Wikidata writes an empty list.
#[derive(Deserialize)]
#[serde(untagged)]
enum MapOrList<T> {
    Map(BTreeMap<String, T>),
    List([IgnoredAny; 0]),
}

fn map<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> Result<BTreeMap<String, T>, D::Error> {
    Ok(match MapOrList::deserialize(from)? {
        MapOrList::Map(map) => map,
        MapOrList::List([]) => BTreeMap::new(),
    })
}

fn count<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    Ok(map::<IgnoredAny, D>(from)?.len())
}
