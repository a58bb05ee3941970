//! Moves computing off the threads that serve sockets.
//!
//! What takes more than about half a millisecond would hold up every other call of its thread.

use std::thread;

use futures_util::future::try_join_all;

use crate::Fault;

/// Runs `work` on a thread that may block. Costs about ten microseconds more than a plain call.
///
/// A panic of `work` is an internal fault of this call and of no other.
pub async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    let span = tracing::Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(work))
        .await
        .map_err(|error| Fault::Internal(Box::new(error)))
}

/// Runs `work` on each of `items`, shared out to as many threads as there are cores; a share has at
/// least `share_min` items. The results are in the order of the items.
pub async fn run_shared<I, T>(
    mut items: Vec<I>,
    share_min: usize,
    work: impl Fn(I) -> T + Clone + Send + 'static,
) -> Result<Vec<T>, Fault>
where
    I: Send + 'static,
    T: Send + 'static,
{
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let share = items.len().div_ceil(cores).max(share_min).max(1);
    let mut shares = Vec::new();
    while !items.is_empty() {
        let later = items.split_off(share.min(items.len()));
        let (now, work) = (std::mem::replace(&mut items, later), work.clone());
        shares.push(run(move || now.into_iter().map(work).collect::<Vec<_>>()));
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
