//! The `hawiya` binary: parses the command line, runs the command, sets the exit code.

use std::process::ExitCode;

use clap::Parser;
use hawiya::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    hawiya::run(Cli::parse())
}
