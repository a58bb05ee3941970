//! libFuzzer, at the target that `FUZZ_TARGET` names. One binary, because linking is what building them costs.

#![no_main]

use std::{env, sync::OnceLock};

use fuzz::Target;

static TARGET: OnceLock<Target> = OnceLock::new();

fn chosen() -> Target {
    let name = env::var("FUZZ_TARGET").unwrap_or_default();
    let known = || fuzz::TARGETS.map(|(name, _)| name).join(", ");
    fuzz::target(&name).unwrap_or_else(|| panic!("FUZZ_TARGET is `{name}`: one of {}", known()))
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    TARGET.get_or_init(chosen)(bytes);
});
