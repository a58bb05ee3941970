//! What a catalogue keeps, finds and tells.

use std::time::SystemTime;

use tokio_util::sync::CancellationToken;

use super::*;
use crate::watch::{Batch, Start, watch};

pub(super) async fn a_catalogue_opened_again_has_everything(place: Place) {
    let store = place.open().await;
    let identity = store.identity().to_owned();
    let created = store.create(creation(draft("Q1", "Лавров"), "")).await.unwrap();
    store.close().await;
    drop(store);

    let store = place.open().await;
    assert_eq!((store.version(), store.identity()), (1, identity.as_str()));
    assert_eq!(store.get_many(&["Q1".into()], 1).await.unwrap(), [Some(created)]);
    assert_eq!(ids_of_name(&store, "ЛАВРОВ").await, ["Q1"]);
}

pub(super) async fn one_changed_entity_is_one_version_without_gaps(place: Place) {
    let store = place.open().await;
    assert_eq!(store.version(), 0);
    let first = import(&store, &[("Q1", "a"), ("Q2", "b")]).await;
    assert_eq!(first, [ImportOutcome::Created, ImportOutcome::Created]);
    let second = import(&store, &[("Q2", "b"), ("Q1", "c"), ("Q3", "d")]).await;
    use ImportOutcome::{Created, Unchanged, Updated};
    assert_eq!(second, [Unchanged, Updated, Created]);
    let taken = store.create(creation(draft("Q1", "x"), "")).await.unwrap_err();
    assert!(matches!(taken, Error::IdTaken { .. }));
    assert_eq!(
        history(&store).await,
        [
            (1, "Q1".into(), ChangeKind::Created),
            (2, "Q2".into(), ChangeKind::Created),
            (3, "Q1".into(), ChangeKind::Updated),
            (4, "Q3".into(), ChangeKind::Created),
        ]
    );
    assert_eq!(store.version(), 4);
}

pub(super) async fn a_repeated_call_creates_nothing_and_answers_the_same(place: Place) {
    let store = place.open().await;
    let first = store.create(creation(draft("", "Лавров"), "r-1")).await.unwrap();
    rename(&store, &first.entity.id, "later").await.unwrap();
    let again = store.create(creation(draft("", "Лавров"), "r-1")).await.unwrap();
    assert_eq!((again, store.version()), (first, 2));
    let other = store.create(creation(draft("", "Путин"), "r-1")).await.unwrap_err();
    assert!(matches!(other, Error::RequestIdUsed { .. }));
    let another = store.create(creation(draft("", "Лавров"), "r-2")).await.unwrap();
    assert_eq!(another.version, 3);
}

pub(super) async fn calls_repeated_at_once_create_one_entity(place: Place) {
    let store = place.open().await;
    let calls = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.create(creation(draft("", "x"), "r")).await.unwrap() })
    });
    let records = futures_util::future::join_all(calls.collect::<Vec<_>>()).await;
    let ids: std::collections::BTreeSet<_> =
        records.into_iter().map(|record| record.unwrap().entity.id.clone()).collect();
    assert_eq!((ids.len(), store.version()), (1, 1));
}

pub(super) async fn the_indexes_follow_an_update(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "old"), ("Q2", "old")]).await;
    import(&store, &[("Q1", "new")]).await;
    assert_eq!(ids_of_name(&store, "old").await, ["Q2"]);
    assert_eq!(ids_of_name(&store, "NEW").await, ["Q1"]);
    assert_eq!(ids_of_name(&store, "nobody").await, [""; 0]);
}

pub(super) async fn a_key_that_many_have_is_cut_off(place: Place) {
    let store = place.open().await;
    let ids: Vec<_> = (0..101).map(|at| format!("Q{at:03}")).collect();
    import(&store, &ids.iter().map(|id| (id.as_str(), "x")).collect::<Vec<_>>()).await;
    let (found, _) = store.lookup(&[LookupKey::Name("X".into())]).await.unwrap();
    assert_eq!((found[0].records.len(), found[0].truncated), (100, true));
    assert_eq!(found[0].records[99].entity.id, "Q099");
}

pub(super) async fn a_page_is_read_as_of_its_version(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "a"), ("Q2", "b")]).await;
    import(&store, &[("Q1", "changed"), ("Q0", "late")]).await;
    let page = |version| {
        let store = store.clone();
        async move {
            let page = store.page(&Filter::active(), "", 10, version).await.unwrap();
            let line = |record: Record| {
                let entity = record.entity;
                format!("{} {}", entity.id, entity.names[0].text)
            };
            page.records.into_iter().map(line).collect::<Vec<_>>()
        }
    };
    assert_eq!(page(0).await, [""; 0]);
    assert_eq!(page(2).await, ["Q1 a", "Q2 b"]);
    assert_eq!(page(4).await, ["Q0 late", "Q1 changed", "Q2 b"]);
}

pub(super) async fn pages_end_where_the_next_begins_and_filters_hold(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "a"), ("Q2", "b"), ("Q3", "c")]).await;
    let first = store.page(&Filter::active(), "", 2, 3).await.unwrap();
    assert_eq!((first.records.len(), first.more), (2, true));
    let second = store.page(&Filter::active(), "Q2", 2, 3).await.unwrap();
    assert_eq!((second.records[0].entity.id.as_str(), second.more), ("Q3", false));
    for filter in [
        Filter { types: vec![crate::entity::EntityType::City], ..Filter::active() },
        Filter { country: "RU".into(), ..Filter::active() },
        Filter { dataset: "none".into(), ..Filter::active() },
        Filter { states: vec![State::Deleted], ..Filter::active() },
    ] {
        assert!(store.page(&filter, "", 9, 3).await.unwrap().records.is_empty(), "{filter:?}");
    }
}

pub(super) async fn large_entities_make_short_pages(place: Place) {
    let store = place.open().await;
    let mut large = draft("Q0", "x");
    for key in 0..100 {
        large.attributes.insert(format!("k{key}"), "v".repeat(2_000));
    }
    let copy = |at: usize| Draft { id: format!("Q{at:02}"), ..large.clone() };
    let entities = (0..20).map(|at| Entity::try_from(copy(at)).unwrap()).collect();
    store.import(entities, Origin::default()).await.unwrap();
    let page = store.page(&Filter::active(), "", 1_000, 20).await.unwrap();
    assert_eq!((page.records.len(), page.more), (5, true));
    assert_eq!(store.changes_after(0, 1_000).await.unwrap().len(), 5);
    let ids: Vec<_> = (0..20).map(|at| format!("Q{at:02}")).collect();
    assert!(matches!(store.get_many(&ids, 20).await, Err(Error::Invalid(_))));
}

pub(super) async fn a_clock_that_goes_back_does_not_turn_history_round(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "a")]).await;
    let future = crate::store::record::now_micros() + 3_600_000_000;
    let mut session = store.0.backend.write().await.unwrap();
    session.execute(sql::Sql::new("UPDATE changes SET time = ?").with(future)).await.unwrap();
    session.commit(1).await.unwrap();
    import(&store, &[("Q2", "b")]).await;
    let changes = store.changes_after(0, 9).await.unwrap();
    assert!(changes[1].record.updated >= changes[0].record.updated);
    assert!(changes[1].record.updated > SystemTime::now());
}

pub(super) async fn every_change_is_told_exactly_once_in_order_while_writers_write(place: Place) {
    const ROUNDS: usize = 40;
    let store = place.open().await;
    import(&store, &[("A1", "before"), ("A2", "before")]).await;
    let writers = (0..3).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            for round in 0..ROUNDS {
                let (name, id) = (format!("round {round}"), format!("W{writer}-{}", round % 7));
                import(&store, &[(&id, &name), ("A1", &format!("{writer} {round}"))]).await;
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    let watchers: Vec<_> =
        (0..3).map(|_| tokio::spawn(follow(store.clone(), 3 * ROUNDS * 2 + 2))).collect();
    for task in writers.into_iter().chain(watchers) {
        task.await.unwrap();
    }
}

/// Watches from a snapshot on, up to a version, and keeps a copy that must equal the catalogue.
async fn follow(store: Store, last: usize) {
    let mut batches = watch(store.clone(), Start::Snapshot, CancellationToken::new());
    let mut copy = std::collections::BTreeMap::new();
    let mut reached = None;
    while reached != Some(last as i64) {
        let Batch { changes, version, .. } = batches.recv().await.unwrap().unwrap();
        for change in changes {
            match reached {
                None => assert_eq!(change.kind, ChangeKind::Snapshot),
                Some(before) => assert_eq!(change.record.version, before + 1),
            }
            reached = reached.map(|_| change.record.version);
            let known = copy.insert(change.record.entity.id.clone(), change.record);
            assert!(reached.is_some() || known.is_none(), "a snapshot told an entity twice");
        }
        reached = version.or(reached);
    }
    let page = store.page(&Filter::active(), "", 10_000, last as i64).await.unwrap();
    assert_eq!(copy.into_values().collect::<Vec<_>>(), page.records);
}

pub(super) async fn a_token_resumes_and_a_foreign_one_does_not(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "a"), ("Q2", "b")]).await;
    let mut batches = watch(store.clone(), Start::Snapshot, CancellationToken::new());
    let snapshot = batches.recv().await.unwrap().unwrap();
    assert_eq!((snapshot.changes.len(), snapshot.version), (2, None));
    assert_eq!(Start::resume(&snapshot.resume_token, &store).await.unwrap(), Start::Snapshot);
    let closing = batches.recv().await.unwrap().unwrap();
    assert_eq!((closing.changes.len(), closing.version), (0, Some(2)));
    let start = Start::resume(&closing.resume_token, &store).await.unwrap();
    assert_eq!(start, Start::After(2));

    import(&store, &[("Q3", "c")]).await;
    let mut resumed = watch(store.clone(), start, CancellationToken::new());
    assert_eq!(resumed.recv().await.unwrap().unwrap().changes.len(), 0);
    let batch = resumed.recv().await.unwrap().unwrap();
    assert_eq!(batch.changes[0].record.entity.id, "Q3");

    let other = Store::open(&Database::Memory).await.unwrap();
    let later = closing.resume_token.replace(".2", ".9");
    let early = closing.resume_token.replace(".2", ".-2");
    for token in ["", "x", "x.1", &later, &early] {
        assert!(matches!(Start::resume(token, &store).await, Err(Error::UnknownToken)), "{token}");
    }
    assert!(matches!(Start::resume(&closing.resume_token, &other).await, Err(Error::UnknownToken)));
}

pub(super) async fn a_token_of_another_registry_is_known_before_its_commit_was_heard_of(
    place: Place,
) {
    let store = place.open().await;
    import(&store, &[("Q1", "a"), ("Q2", "b")]).await;
    // As if the feed of commits had been away for the second.
    store.0.version.send_replace(1);
    let token = format!("{}.2", store.identity());
    assert_eq!(Start::resume(&token, &store).await.unwrap(), Start::After(2));
    assert_eq!(store.version(), 2);
}

pub(super) async fn a_watch_ends_with_the_server_and_with_its_watcher(place: Place) {
    let store = place.open().await;
    let draining = CancellationToken::new();
    let mut batches = watch(store.clone(), Start::Now, draining.clone());
    batches.recv().await.unwrap().unwrap();
    draining.cancel();
    assert!(matches!(batches.recv().await, Some(Err(Error::Draining))));
    assert!(batches.recv().await.is_none());
}

pub(super) async fn a_heartbeat_comes_while_nothing_happens(place: Place) {
    let store = place.open().await;
    let mut batches = watch(store.clone(), Start::Now, CancellationToken::new());
    batches.recv().await.unwrap().unwrap();
    let heartbeat = batches.recv().await.unwrap().unwrap();
    assert_eq!((heartbeat.changes.len(), heartbeat.version), (0, Some(0)));
}
