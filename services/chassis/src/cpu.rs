//! Moves computing off the threads that serve sockets.
//!
//! What takes more than about half a millisecond would hold up every other call of its thread.

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
