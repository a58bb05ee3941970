//! How a test waits, and what it does when it cannot be run.

use std::{
    io::Write,
    time::{Duration, Instant},
};

/// How long anything is waited for that has to happen. A machine with neighbours is slow.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How often a condition is looked at.
const EVERY: Duration = Duration::from_millis(5);

/// Waits for `condition` and says in vain for what.
pub async fn until(what: &str, condition: impl AsyncFnMut() -> bool) {
    until_within(PATIENCE, what, condition).await;
}

/// Waits for `condition` no longer than `limit`.
pub async fn until_within(limit: Duration, what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !condition().await {
        assert!(begin.elapsed() < limit, "waited {limit:?} in vain: {what}");
        tokio::time::sleep(EVERY).await;
    }
}

/// Says loudly that a test was not run, or fails where it has to be.
pub fn skipped(missing: &str) {
    let required = std::env::var("HAWIYA_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(!required, "HAWIYA_REQUIRE_ALL is set: {missing}");
    unavailable(missing);
}

/// Says loudly that a test was not run, and fails nowhere: for what cannot be installed by a script.
pub fn unavailable(missing: &str) {
    // Past the capture of the test runner, because who runs the tests has to see it.
    let line = format!("\n*** SKIPPED: {missing}; nothing was tested ***\n\n");
    drop(std::io::stderr().write_all(line.as_bytes()));
}
