//! Any text as a mapping, before a row of each kind of value.

#![no_main]

use libfuzzer_sys::fuzz_target;

const LIST: &[u8] = br#"{"id":1,"name":"a","names":["a","b"],"at":{"country":"EG"},"born":"1950-03-21"}"#;

fuzz_target!(|mapping: &str| {
    let _ = hawiya::fuzzing::import(&[("list.jsonl", LIST)], mapping);
});
