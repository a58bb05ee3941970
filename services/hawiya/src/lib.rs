//! `hawiya`: the services of the suite, and the command line that uses them.
//!
//! In reading order: `cli` is the command line, `settings` reads the environment, `suite` runs all
//! services in one process, `client` finds a running suite or starts one, `source` reads items (`records`: the rows of a delimited file) and
//! `sink` writes answers (`terminal` and `columns`: how text and
//! words stand on a screen), `commands` holds one file a
//! command, `import` reads lists in the formats in which they are published, `evaluation` measures quality on labelled names and `learning` learns from them.

mod cli;
mod client;
mod columns;
mod commands;
mod evaluation;
#[doc(hidden)]
pub mod fuzzing;
mod import;
mod learning;
mod records;
mod settings;
mod sink;
mod source;
mod starter;
mod suite;
mod terminal;

use std::process::ExitCode;

use chassis::SettingError;

use clap::Parser;

use crate::cli::Cli;
pub use suite::{Addresses, Listen, Suite, SuiteConfig};

/// Some items had an error of their own; everything else was done.
const EXIT_ITEMS_FAILED: u8 = 1;

/// The command could not do its work.
const EXIT_FAILED: u8 = 2;

/// The settings or arguments are wrong (`EX_USAGE`).
const EXIT_USAGE: u8 = 64;

/// How a command ended that did its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// Every item.
    All,
    /// All but the items that had an error of their own.
    SomeFailed,
}

/// An argument that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// Reads the command line and runs it. What clap refuses is wrong usage too.
#[must_use]
pub fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => run(cli),
        Err(shown) => {
            // Also how clap answers `--help`, which is no error. Nobody is left to tell of a failure.
            drop(shown.print());
            ExitCode::from(if shown.use_stderr() { EXIT_USAGE } else { 0 })
        }
    }
}

/// Runs a command to its end and says how the process exits: 0 done, 1 some items failed, 2 the
/// command failed, 64 a wrong setting or argument.
fn run(cli: Cli) -> ExitCode {
    match commands::run(cli) {
        Ok(Done::All) => ExitCode::SUCCESS,
        Ok(Done::SomeFailed) => ExitCode::from(EXIT_ITEMS_FAILED),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            let is_usage = error.is::<SettingError>() || error.is::<Usage>();
            ExitCode::from(if is_usage { EXIT_USAGE } else { EXIT_FAILED })
        }
    }
}

/// Who reads our output may stop reading (`hawiya … | head`): that is not our failure. A connection
/// that broke says the same, below a status or an error of the transport; that is one.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut chain = error.chain();
    if chain.any(|cause| cause.is::<tonic::Status>() || cause.is::<tonic::transport::Error>()) {
        return false;
    }
    let io = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}

#[expect(clippy::print_stderr, reason = "the last word of a command line program")]
fn complain(error: &anyhow::Error) {
    eprintln!("hawiya: {error:#}");
}

#[cfg(test)]
mod tests {
    use std::io;

    use anyhow::Context;

    use super::*;

    #[test]
    fn a_reader_that_is_gone_is_no_failure_and_a_server_that_is_gone_is_one() {
        let broken = || io::Error::from(io::ErrorKind::BrokenPipe);
        let output = Err::<(), _>(broken()).context("cannot write").unwrap_err();
        assert!(is_broken_pipe(&output));
        let status = tonic::Status::from_error(Box::new(broken()));
        assert!(!is_broken_pipe(&anyhow::Error::new(status)));
        let status = tonic::Status::from_error(Box::new(broken()));
        assert!(!is_broken_pipe(&Err::<(), _>(status).context("the import").unwrap_err()));
    }
}
