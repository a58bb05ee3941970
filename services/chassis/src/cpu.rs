//! Moves computing off the threads that serve sockets.
//!
//! What takes more than about half a millisecond would hold up every other call of its thread.

use metrics::{Gauge, describe_gauge, gauge};

use crate::Fault;

const JOBS: &str = "hawiya_cpu_jobs";

/// Says what the metrics mean.
pub(crate) fn describe_metrics() {
    describe_gauge!(JOBS, "computations that wait for a thread, or have one");
    for state in ["waiting", "running"] {
        gauge!(JOBS, "state" => state).set(0.0);
    }
}

/// A computation in a state; counted until it is dropped.
struct Job(Gauge);

impl Job {
    fn begin(state: &'static str) -> Self {
        let jobs = gauge!(JOBS, "state" => state);
        jobs.increment(1.0);
        Self(jobs)
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

/// Runs `work` on a thread that may block. Costs about ten microseconds more than a plain call.
///
/// A panic of `work` is an internal fault of this call and of no other.
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    let (span, waiting) = (tracing::Span::current(), Job::begin("waiting"));
    let work = move || {
        drop(waiting);
        let _running = Job::begin("running");
        span.in_scope(work)
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Fault::Internal(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_fault_of_one_call() {
        let outcome: Result<(), _> = run(|| panic!("as the test wants")).await;
        assert!(matches!(outcome, Err(Fault::Internal(_))));
        assert_eq!(run(|| 2).await.unwrap(), 2);
    }
}
