//! Lists as they are published, and mappings of their columns.

/// The names of files, by which a format is known first; the content does the rest.
const NAMES: [&str; 14] = [
    "sdn.csv",
    "EG.txt",
    "list.csv",
    "list.tsv",
    "list.jsonl",
    "list.json",
    "world-cities.csv",
    "consolidated.xml",
    "list.parquet",
    "latest-all.json",
    "list.jsonl.gz",
    "list.csv.bz2",
    "list.tsv.zst",
    "alternateNamesV2.txt",
];

const LIST: &[u8] =
    br#"{"id":1,"name":"a","names":["a","b"],"at":{"country":"EG"},"born":"1950-03-21"}"#;

/// Any bytes as a list: the first byte chooses the name, from `a` on.
pub(crate) fn import(bytes: &[u8]) {
    let Some((name, list)) = bytes.split_first() else { return };
    let name = NAMES[usize::from(name.wrapping_sub(b'a')) % NAMES.len()];
    let _ = hawiya::fuzzing::import(&[(name, list)], "");
}

/// Any text as a mapping, before a row of each kind of value.
pub(crate) fn mapping(bytes: &[u8]) {
    let Some(mapping) = crate::text(bytes) else { return };
    let _ = hawiya::fuzzing::import(&[("list.jsonl", LIST)], mapping);
}
