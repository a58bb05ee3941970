//! Any bytes as a list: the first byte chooses the name, and the content does the rest.

#![no_main]

use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 7] =
    ["sdn.csv", "EG.txt", "list.csv", "list.tsv", "list.jsonl", "list.json", "world-cities.csv"];

fuzz_target!(|bytes: &[u8]| {
    let Some((name, list)) = bytes.split_first() else { return };
    let name = NAMES[usize::from(*name) % NAMES.len()];
    let _ = hawiya::fuzzing::import(&[(name, list)], "");
});
