//! The entrance for fuzzers: whatever bytes are imported, nothing panics and nothing is held for long.
//!
//! `integration-tests/fuzz/` calls it with bytes that libFuzzer finds, the tests of the formats with a hundred damaged
//! versions of a list that is well (`mutations`).

use std::{fs, path::Path};

use super::{Mapping, Options, Outcome, plan};

/// Imports files of these names as `hawiya import` does, the columns by `mapping` (TOML) or by their titles.
/// Returns how many entities came of it; what cannot be read at all is none.
#[must_use]
pub fn import(files: &[(&str, &[u8])], mapping: &str) -> usize {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let paths =
        files.iter().map(|(name, bytes)| written(folder.path(), name, bytes)).collect::<Vec<_>>();
    let Ok(mapping) = Mapping::parse(mapping) else { return 0 };
    let options = Options { mapping, ..Options::default() };
    let plans = plan(&paths, None, &options).unwrap_or_default();
    let opened = plans.into_iter().filter_map(|plan| plan.open(&options).ok());
    let is_entity = |row: &anyhow::Result<super::Row>| matches!(row, Ok(row) if matches!(row.outcome, Outcome::Entity(_)));
    opened.flatten().filter(is_entity).count()
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    fs::write(&path, bytes).expect("the folder takes files");
    path.to_str().expect("temporary folders have plain names").to_owned()
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use super::*;
    use crate::import::mutations::Mutations;

    /// How many damaged versions of a list are read.
    const DAMAGED: usize = 100;

    /// Damages the first file in many ways: whatever comes of it is told, and nothing panics.
    pub(in crate::import) fn survive(files: &[(&str, &[u8])], mapping: &str) {
        assert!(import(files, mapping) > 0, "the list is well before it is damaged");
        for damaged in Mutations::of(files[0].1).take(DAMAGED) {
            let first = (files[0].0, &damaged[..]);
            let _ = import(&[&[first], &files[1..]].concat(), mapping);
        }
    }

    const OURS: &str = r#"{"id":"Q1","type":"city","country":"EG","prominence":0.5,"names":[{"text":"طنطا","language":"ar"},{"text":"Tanta","kind":"alias"}],"external_ids":[{"scheme":"geonames","value":"347497"}]}
{"id":"Q2","type":"person","birth_date":"1950-03","names":[{"text":"سيرغي لافروف"}]}
"#;
    const FTM: &str = r#"{"id":"x-1","schema":"Person","caption":"Sergey","properties":{"name":["Sergey"],"alias":["Сергей"],"birthDate":["1950-03-21"],"country":["ru"]},"datasets":["d"]}
"#;
    const CITIES: &str = "name_ar,name_en,country,geonameid\nطنطا,Tanta,Egypt,347497\n";
    const TABLE: &str = "id,type,name,alias,country,birth_date\na,person,\"Lavrov, Sergey\",لافروف|Lawrow,RU,1950-03-21\n";
    const MAPPED: &str = "columns = { id = 'ref', name = 'title' }\nvalues.type = 'city'";

    #[test]
    fn damaged_lists_are_told_and_nothing_panics() {
        survive(&[("list.jsonl", OURS.as_bytes())], "");
        survive(&[("list.json", FTM.as_bytes())], "");
        survive(&[("list.csv", TABLE.as_bytes())], "");
        survive(&[("list.tsv", TABLE.replace(',', "\t").as_bytes())], "");
        survive(&[("list.jsonl", br#"{"ref":7,"title":"Tanta"}"#)], MAPPED);
    }

    #[test]
    fn damaged_world_cities_are_told_and_nothing_panics() {
        // Its own columns are in `cities`; here it is read by whatever knows it.
        for damaged in Mutations::of(CITIES.as_bytes()).take(DAMAGED) {
            let _ = import(&[("world-cities.csv", &damaged)], "");
        }
    }

    #[test]
    fn damaged_compression_is_told_and_nothing_panics() {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), Default::default());
        gz.write_all(OURS.as_bytes()).unwrap();
        survive(&[("list.jsonl.gz", &gz.finish().unwrap())], "");
        let mut bz2 = bzip2::write::BzEncoder::new(Vec::new(), Default::default());
        bz2.write_all(OURS.as_bytes()).unwrap();
        survive(&[("list.jsonl.bz2", &bz2.finish().unwrap())], "");
        survive(&[("list.jsonl.zst", &zstd::encode_all(OURS.as_bytes(), 1).unwrap())], "");
    }

    #[test]
    fn a_damaged_mapping_is_told_and_nothing_panics() {
        let list = [("list.jsonl", &br#"{"ref":7,"title":"Tanta"}"#[..])];
        assert_eq!(import(&list, MAPPED), 1);
        for damaged in Mutations::of(MAPPED.as_bytes()).take(DAMAGED) {
            let _ = import(&list, &String::from_utf8_lossy(&damaged));
        }
    }
}
