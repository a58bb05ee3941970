//! `hawiya key`: a new API key, and what an operator enters of it.
//!
//! The entry goes to the standard output, so that it can be appended to the file of callers; the key
//! goes to the standard error, so that it is not.

use std::io::Write;

use chassis::{
    auth,
    caller::{self, Scope},
};

use crate::{Done, Usage, cli};

pub(super) fn run(command: &cli::Key) -> anyhow::Result<Done> {
    let cli::Key { name, scopes } = command;
    if !caller::is_name(name) {
        let expected = "1 to 128 visible ASCII characters";
        return Err(Usage(format!("NAME is `{name}`: expected {expected}")).into());
    }
    if let Some(wrong) = scopes.iter().find(|scope| Scope::parse(scope).is_none()) {
        let expected = "read, write, admin or service";
        return Err(Usage(format!("--scope is `{wrong}`: expected {expected}")).into());
    }
    let key = auth::new_key();
    let scopes: Vec<_> = scopes.iter().map(|scope| format!("{scope:?}")).collect();
    let mut out = std::io::stdout().lock();
    writeln!(out, "[[caller]]\nname = {name:?}\nkey_sha256 = \"{}\"", auth::hash_of(&key))?;
    writeln!(out, "scopes = [{}]", scopes.join(", "))?;
    out.flush()?;
    writeln!(std::io::stderr(), "The key, for the caller alone; it is kept nowhere: {key}")?;
    Ok(Done::All)
}
