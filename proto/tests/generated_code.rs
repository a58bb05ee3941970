//! Generates the code in `src/generated` from the protos, and fails when what is checked in differs.
//!
//! `make proto` runs this with `UPDATE_GENERATED=1`, which writes instead of comparing. It is a test
//! and not a build script so that a build neither compiles the generator nor needs it: cold builds
//! take about half as long.

#![allow(clippy::unwrap_used, reason = "a test panics on whatever it did not expect")]

use std::{collections::BTreeMap, env, fs, path::Path};

use prost::Message;
use prost_types::FileDescriptorSet;

const PROTOS: [&str; 4] = [
    "hawiya/normalization/v1/normalization.proto",
    "hawiya/matching/v1/matching.proto",
    "hawiya/registry/v1/registry.proto",
    "hawiya/resolution/v1/resolution.proto",
];

#[test]
fn generated_code_is_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let checked_in = root.join("src/generated");
    let fresh = generate(root);
    if env::var_os("UPDATE_GENERATED").is_some() {
        return write(&checked_in, &fresh);
    }
    for (name, content) in &fresh {
        let found = fs::read(checked_in.join(name)).unwrap_or_default();
        assert!(&found == content, "{name} is stale: run `make proto`");
    }
    let count = fs::read_dir(&checked_in).unwrap().count();
    assert_eq!(count, fresh.len(), "src/generated holds files no proto makes: run `make proto`");
}

fn generate(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let descriptors = protox::compile(PROTOS, [root]).unwrap();
    let out = tempfile::tempdir().unwrap();
    tonic_prost_build::configure()
        .extern_path(".google.rpc", "::tonic_types")
        .out_dir(out.path())
        .compile_fds(descriptors.clone())
        .unwrap();
    let mut files: BTreeMap<_, _> = fs::read_dir(out.path())
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .map(|(name, content)| (name.replace("r#type", "type"), content))
        .collect();
    for area in ["normalization", "matching", "registry", "resolution"] {
        files.insert(format!("{area}.binpb"), descriptor_set(&descriptors, area).encode_to_vec());
    }
    files
}

/// What a service serves by reflection: its own proto and all that it imports, without comments.
fn descriptor_set(all: &FileDescriptorSet, area: &str) -> FileDescriptorSet {
    let mut wanted = vec![format!("hawiya/{area}/v1/{area}.proto")];
    let mut position = 0;
    while position < wanted.len() {
        let file = all.file.iter().find(|file| file.name() == wanted[position]).unwrap();
        for import in &file.dependency {
            if !wanted.contains(import) {
                wanted.push(import.clone());
            }
        }
        position += 1;
    }
    let mut files: Vec<_> = all
        .file
        .iter()
        .filter(|file| wanted.iter().any(|name| name == file.name()))
        .cloned()
        .collect();
    for file in &mut files {
        file.source_code_info = None;
    }
    FileDescriptorSet { file: files }
}

fn write(directory: &Path, files: &BTreeMap<String, Vec<u8>>) {
    fs::remove_dir_all(directory).ok();
    fs::create_dir_all(directory).unwrap();
    for (name, content) in files {
        fs::write(directory.join(name), content).unwrap();
    }
}
