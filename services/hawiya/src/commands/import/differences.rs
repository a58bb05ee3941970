//! What an import would change: the entities of a list beside those of the catalogue.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use anyhow::Context;
use chassis::Channel;
use proto::registry::v1::{self as wire, registry_service_client::RegistryServiceClient};
use registry::{Draft, entity::Proposal};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{super::entities, failures::create};

/// An entity that would be created or changed, as programs read it; the names are stable.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Difference {
    change: Change,
    canonical_id: String,
    name: String,
    /// What would change, by field.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, FieldDifference>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Change {
    Create,
    Update,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum FieldDifference {
    Value { before: Value, after: Value },
    List { removed: Vec<Value>, added: Vec<Value> },
}

impl Difference {
    /// Adds it to the number of entities by field that changes.
    pub(super) fn count(&self, fields: &mut BTreeMap<String, i64>) {
        for field in self.fields.keys() {
            *fields.entry(field.clone()).or_default() += 1;
        }
    }
}

/// Where differences are written, when anywhere.
pub(super) struct Differences(Option<BufWriter<File>>);

impl Differences {
    pub(super) fn create(path: Option<&Path>) -> anyhow::Result<Self> {
        Ok(Self(path.map(create).transpose()?))
    }

    pub(super) fn write(&mut self, difference: &Difference) -> anyhow::Result<()> {
        if let Some(file) = &mut self.0 {
            serde_json::to_writer(&mut *file, difference)?;
            file.write_all(b"\n")?;
        }
        Ok(())
    }

    pub(super) fn close(mut self) -> anyhow::Result<()> {
        self.0.as_mut().map_or(Ok(()), BufWriter::flush).context("cannot write the differences")
    }
}

/// The differences of rows to the catalogue. What is no longer in use is left to the registry's word.
pub(super) async fn of(
    registry: RegistryServiceClient<Channel>,
    rows: &[wire::ImportRow],
    dataset: &str,
) -> anyhow::Result<Vec<Difference>> {
    let listed: Vec<&wire::Entity> = rows.iter().filter_map(|row| row.entity.as_ref()).collect();
    let ids: Vec<String> = listed.iter().map(|entity| entity.canonical_id.clone()).collect();
    let stored = entities::by_id(registry, ids).await?;
    let difference = |entity: &wire::Entity| {
        let mut new = draft(entity.clone());
        if new.dataset.is_empty() {
            dataset.clone_into(&mut new.dataset);
        }
        match stored.get(&entity.canonical_id) {
            None => Some(created(&new)),
            Some(known) if known.state() == wire::LifecycleState::Active => {
                updated(&draft(known.clone()), &new)
            }
            Some(_) => None,
        }
    };
    Ok(listed.into_iter().filter_map(difference).collect())
}

fn draft(entity: wire::Entity) -> Draft {
    Proposal::from(entity).draft
}

fn created(new: &Draft) -> Difference {
    Difference {
        change: Change::Create,
        canonical_id: new.id.clone(),
        name: primary(new),
        fields: BTreeMap::new(),
    }
}

fn updated(old: &Draft, new: &Draft) -> Option<Difference> {
    if old == new {
        return None;
    }
    let (old_fields, new_fields) = (fields(old), fields(new));
    let names = old_fields.keys().chain(new_fields.keys());
    let fields = names
        .filter_map(|name| {
            let of = |fields: &Map<String, Value>| fields.get(name).cloned().unwrap_or(Value::Null);
            Some((name.clone(), field_difference(of(&old_fields), of(&new_fields))?))
        })
        .collect();
    let (change, canonical_id, name) = (Change::Update, new.id.clone(), primary(new));
    Some(Difference { change, canonical_id, name, fields })
}

/// The fields as files write them.
fn fields(draft: &Draft) -> Map<String, Value> {
    match serde_json::to_value(draft) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

fn field_difference(before: Value, after: Value) -> Option<FieldDifference> {
    if before == after {
        return None;
    }
    let (Value::Array(old), Value::Array(new)) = (&before, &after) else {
        return Some(FieldDifference::Value { before, after });
    };
    let without = |values: &[Value], others: &[Value]| -> Vec<Value> {
        values.iter().filter(|value| !others.contains(value)).cloned().collect()
    };
    Some(FieldDifference::List { removed: without(old, new), added: without(new, old) })
}

fn primary(draft: &Draft) -> String {
    let names = &draft.names;
    let primary = names.iter().find(|name| name.kind == registry::entity::NameKind::Primary);
    primary.map(|name| name.text.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn read(line: &str) -> Draft {
        serde_json::from_str(line).unwrap()
    }

    #[test]
    fn a_difference_says_what_changes_in_which_field() {
        let old = read(
            r#"{"id":"a","type":"person","country":"IQ","names":[{"text":"Ali","kind":"primary"},{"text":"Aly"}]}"#,
        );
        let new = read(
            r#"{"id":"a","type":"person","gender":"male","names":[{"text":"Ali","kind":"primary"},{"text":"علي"}]}"#,
        );
        let expected = expect![[r#"
            {
              "change": "update",
              "canonical_id": "a",
              "name": "Ali",
              "fields": {
                "country": {
                  "before": "IQ",
                  "after": null
                },
                "gender": {
                  "before": null,
                  "after": "male"
                },
                "names": {
                  "removed": [
                    {
                      "kind": "alias",
                      "script": "Latn",
                      "text": "Aly"
                    }
                  ],
                  "added": [
                    {
                      "kind": "alias",
                      "script": "Arab",
                      "text": "علي"
                    }
                  ]
                }
              }
            }"#]];
        expected.assert_eq(&serde_json::to_string_pretty(&updated(&old, &new)).unwrap());
        assert_eq!(updated(&old, &old), None);
    }
}
