//! JSON lines as `hawiya export` writes them: an entity a line, every field under its own name.

use registry::{Draft, Entity};

use super::{Options, Problem, Rows, input::Input, json};

/// Any JSON lines that no other format knows: a broken first line is an error of its own.
pub(super) fn knows(input: &Input) -> bool {
    let first = input.head.iter().find(|byte| !byte.is_ascii_whitespace());
    let named = [".jsonl", ".ndjson", ".json"];
    first == Some(&b'{') || named.iter().any(|ending| input.file_name().ends_with(ending))
}

pub(super) fn open(input: Input, _: &Options) -> anyhow::Result<Rows> {
    Ok(json::rows(input, |line| entity(line).map(Some)))
}

/// The entity of a line.
pub(crate) fn entity(line: &str) -> Result<Entity, Vec<Problem>> {
    let draft: Draft = serde_json::from_str(line).map_err(json::problems)?;
    Entity::try_from(draft).map_err(Problem::of)
}
