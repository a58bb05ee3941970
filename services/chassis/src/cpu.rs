//! Moves computing off the threads that serve sockets.
//!
//! What takes more than about half a millisecond would hold up every other call of its thread.

use std::{sync::LazyLock, thread};

use futures_util::future::try_join_all;
use metrics::{Gauge, describe_gauge, gauge};
use tokio::sync::Semaphore;

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

/// Runs `work` on each of `items`, shared out to as many threads as there are cores; a share has at
/// least `share_min` items. The results are in the order of the items.
///
/// Of all callers together no more shares are under way than there are cores: beside sixteen threads
/// that compute, those that serve sockets would hardly run.
pub async fn run_shared<I, T>(
    mut items: Vec<I>,
    share_min: usize,
    work: impl Fn(I) -> T + Clone + Send + 'static,
) -> Result<Vec<T>, Fault>
where
    I: Send + 'static,
    T: Send + 'static,
{
    static CORES: LazyLock<usize> =
        LazyLock::new(|| thread::available_parallelism().map_or(1, usize::from));
    static FREE: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(*CORES));
    let share = items.len().div_ceil(*CORES).max(share_min).max(1);
    let mut shares = Vec::new();
    while !items.is_empty() {
        let later = items.split_off(share.min(items.len()));
        let (now, work) = (std::mem::replace(&mut items, later), work.clone());
        shares.push(async move {
            // Given back by the thread, which goes on when its caller is gone.
            let core = FREE.acquire().await.expect("it is never closed");
            let work = move || (core, now.into_iter().map(work).collect::<Vec<_>>()).1;
            run(work).await
        });
    }
    Ok(try_join_all(shares).await?.into_iter().flatten().collect())
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

    #[tokio::test]
    async fn shared_work_keeps_its_order() {
        for count in [0, 1, 7, 100] {
            let doubled = run_shared((0..count).collect(), 3, |number: u32| 2 * number).await;
            assert_eq!(doubled.unwrap(), (0..count).map(|number| 2 * number).collect::<Vec<_>>());
        }
    }
}
