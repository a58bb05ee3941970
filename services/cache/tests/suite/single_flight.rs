//! Of concurrent calls for one key, one computes; and nobody hangs when that one does not finish.

use std::cell::{Cell, RefCell};
use std::io;
use std::time::Duration;

use cache::{Cache, CacheConfig, Cached, Fresh, Key, Source};
use futures_util::future::{join, join_all, pending};
use futures_util::{FutureExt, poll};
use tokio::sync::oneshot;

use crate::fixture::{Resolution, key, local_cache, resolution, source, space};

type Answer = Result<Vec<Cached<Resolution>>, io::Error>;

/// A call that computes its keys when `go` comes, and notes which it was asked for.
async fn call(
    cache: &Cache,
    keys: &[Key],
    asked: &RefCell<Vec<Vec<usize>>>,
    go: oneshot::Receiver<()>,
) -> Answer {
    let go = go.shared();
    let compute = |positions: Vec<usize>| {
        asked.borrow_mut().push(positions.clone());
        let go = go.clone();
        async move {
            go.await.map_err(io::Error::other)?;
            Ok(positions.iter().map(|_| Fresh::keep(resolution("Q18808"))).collect())
        }
    };
    cache.get_or_compute_many(&space(), keys, compute).await
}

fn sources(answer: Answer) -> Vec<Source> {
    answer.unwrap().into_iter().map(|cached| cached.source).collect()
}

#[tokio::test]
async fn of_a_hundred_callers_one_computes() {
    let (cache, space) = (local_cache(), space());
    let (keys, computed) = ([key("Чайковский")], Cell::new(0));
    let calls = (0..100).map(|_| {
        cache.get_or_compute_many(&space, &keys, |positions| {
            computed.set(computed.get() + positions.len());
            async {
                tokio::task::yield_now().await;
                Ok::<_, io::Error>(vec![Fresh::keep(resolution("Q7315"))])
            }
        })
    });
    let answers = join_all(calls.collect::<Vec<_>>()).await;
    assert_eq!(computed.get(), 1);
    let sources: Vec<Source> = answers.into_iter().flat_map(sources).collect();
    assert_eq!(sources.iter().filter(|source| **source == Source::Computed).count(), 1);
    assert_eq!(sources.iter().filter(|source| **source == Source::Shared).count(), 99);
}

#[tokio::test]
async fn of_a_hundred_callers_on_several_threads_one_computes() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let cache = local_cache();
    let calls = (0..100).map(|_| {
        let cache = cache.clone();
        runtime.spawn(async move { source(&cache, "Чайковский").await })
    });
    let sources = join_all(calls.collect::<Vec<_>>()).await;
    let computed = sources.iter().filter(|source| *source.as_ref().unwrap() == Source::Computed);
    assert_eq!(computed.count(), 1);
    runtime.shutdown_background();
}

#[tokio::test]
async fn a_key_that_comes_twice_in_a_batch_is_computed_once() {
    let cache = local_cache();
    let asked = RefCell::default();
    let (go, gone) = oneshot::channel();
    go.send(()).unwrap();
    let answer = call(&cache, &[key("x"), key("y"), key("x")], &asked, gone).await;
    assert_eq!(sources(answer), [Source::Computed, Source::Computed, Source::Shared]);
    assert_eq!(*asked.borrow(), [[0, 1]]);
}

#[tokio::test]
async fn a_cancelled_computation_passes_to_a_waiting_caller() {
    let cache = local_cache();
    let keys = [key("x")];
    let asked = RefCell::default();
    let ((_never, hung), (go, gone)) = (oneshot::channel(), oneshot::channel());
    let mut first = Box::pin(call(&cache, &keys, &asked, hung));
    let mut second = Box::pin(call(&cache, &keys, &asked, gone));
    assert!(poll!(&mut first).is_pending());
    assert!(poll!(&mut second).is_pending());
    assert_eq!(asked.borrow().len(), 1, "the second waits for the first");

    drop(first);
    go.send(()).unwrap();
    assert_eq!(sources(second.await), [Source::Computed]);
}

#[tokio::test]
async fn a_failed_computation_fails_its_own_caller_and_passes_to_another() {
    let cache = local_cache();
    let keys = [key("x")];
    let asked = RefCell::default();
    let ((fails, failing), (go, gone)) = (oneshot::channel(), oneshot::channel());
    go.send(()).unwrap();
    drop(fails);
    let calls = join(call(&cache, &keys, &asked, failing), call(&cache, &keys, &asked, gone));
    let (first, second) = calls.await;
    assert!(first.is_err());
    assert_eq!(sources(second), [Source::Computed]);
}

#[tokio::test]
async fn a_computation_that_always_fails_is_not_tried_by_all_in_a_row() {
    let (cache, space) = (local_cache(), space());
    let rounds = Cell::new(0);
    let keys = [key("x")];
    let calls = (0..100).map(|_| {
        cache.get_or_compute_many(&space, &keys, |_| async {
            // All that compute at the same time see the same round.
            let round = rounds.get();
            tokio::task::yield_now().await;
            rounds.set(round + 1);
            Err::<Vec<Fresh<Resolution>>, _>(io::Error::other("no backend"))
        })
    });
    let answers = join_all(calls.collect::<Vec<_>>()).await;
    assert!(answers.iter().all(Result::is_err));
    assert!(rounds.get() <= 3, "{} rounds", rounds.get());
}

#[tokio::test]
async fn a_batch_computes_only_what_nobody_else_does_and_waits_for_the_rest() {
    let cache = local_cache();
    let (one, two) = ([key("a"), key("b")], [key("b"), key("c"), key("d")]);
    let (asked_one, asked_two) = (RefCell::default(), RefCell::default());
    let ((go_one, gone_one), (go_two, gone_two)) = (oneshot::channel(), oneshot::channel());
    let mut first = Box::pin(call(&cache, &one, &asked_one, gone_one));
    let mut second = Box::pin(call(&cache, &two, &asked_two, gone_two));
    assert!(poll!(&mut first).is_pending());
    assert!(poll!(&mut second).is_pending());
    go_two.send(()).unwrap();
    assert!(poll!(&mut second).is_pending(), "it waits for `b`");
    go_one.send(()).unwrap();
    let (first, second) = join(first, second).await;
    assert_eq!(sources(first), [Source::Computed, Source::Computed]);
    assert_eq!(sources(second), [Source::Shared, Source::Computed, Source::Computed]);
    assert_eq!((asked_one.take(), asked_two.take()), (vec![vec![0, 1]], vec![vec![1, 2]]));
}

#[tokio::test]
async fn batches_that_overlap_in_opposite_order_do_not_wait_in_a_circle() {
    let (cache, space) = (local_cache(), space());
    let ab = [key("a"), key("b")];
    let mut bca = [key("b"), key("c"), key("a")];
    for _ in 0..50 {
        let calls = [&ab[..], &bca[..], &ab[..], &bca[..]].map(|keys| {
            cache.get_or_compute_many(&space, keys, |positions| async move {
                tokio::task::yield_now().await;
                Ok::<_, io::Error>(
                    positions.iter().map(|_| Fresh::keep(resolution("Q1"))).collect(),
                )
            })
        });
        assert!(join_all(calls).await.iter().all(Result::is_ok));
        bca.reverse();
    }
}

#[tokio::test]
async fn a_computation_that_hangs_is_not_waited_for_without_end() {
    let follow_max = Duration::from_millis(20);
    let cache = Cache::new(CacheConfig { follow_max, ..CacheConfig::default() }, "test").unwrap();
    let (keys, space) = ([key("x")], space());
    let hung = cache.get_or_compute_many(&space, &keys, |_| {
        pending::<Result<Vec<Fresh<Resolution>>, io::Error>>()
    });
    let mut hung = Box::pin(hung);
    assert!(poll!(&mut hung).is_pending());
    assert_eq!(source(&cache, "x").await, Source::Computed);
}

#[tokio::test]
async fn a_value_for_one_call_answers_no_other() {
    let (cache, space, keys) = (local_cache(), space(), [key("x")]);
    let (go, gone) = oneshot::channel::<()>();
    let gone = gone.shared();
    let refused = |_| {
        let gone = gone.clone();
        async move {
            gone.await.map_err(io::Error::other)?;
            Ok::<_, io::Error>(vec![Fresh::once(resolution("refused"))])
        }
    };
    let mut first = Box::pin(cache.get_or_compute_many(&space, &keys, refused));
    assert!(poll!(&mut first).is_pending());
    let mut follower = Box::pin(source(&cache, "x"));
    assert!(poll!(&mut follower).is_pending(), "it waits for the first");
    go.send(()).unwrap();
    assert_eq!(first.await.unwrap()[0].value, resolution("refused"));
    assert_eq!(follower.await, Source::Computed);
    assert_eq!(source(&cache, "x").await, Source::Local);
}
