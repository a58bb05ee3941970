//! The registry from outside, over a real socket.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may fail, and a measurement says what it measured"
)]

mod calls;
mod fixture;
mod imports;
mod lives;
mod speed;
mod starter;
mod watches;
