//! What people do to entities, and what an import may not undo.

use std::time::Duration;

use super::*;

pub(super) async fn a_field_that_a_person_set_is_not_imported_over(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "as the dataset says")]).await;
    rename(&store, "Q1", "as a person says").await.unwrap();
    let mut row = draft("Q1", "as the dataset says now");
    assert_eq!(import(&store, &[("Q1", "as the dataset says now")]).await, [ImportOutcome::Kept]);
    row.country = "RU".into();
    let rows = vec![Entity::try_from(row).unwrap()];
    let outcome = store.import(rows, Origin::default()).await.unwrap();
    assert_eq!(outcome, [ImportOutcome::Updated]);
    let stored = get(&store, "Q1").await.entity;
    assert_eq!(
        (stored.names[0].text.as_str(), stored.country.as_str()),
        ("as a person says", "RU")
    );
}

pub(super) async fn a_person_s_entity_is_filled_in_by_an_import_and_not_changed(place: Place) {
    let store = place.open().await;
    store.create(creation(draft("Q1", "mine"), "")).await.unwrap();
    let row = Draft { description: "what it is".into(), ..draft("Q1", "theirs") };
    let rows = vec![Entity::try_from(row).unwrap()];
    assert_eq!(store.preview(&rows).await.unwrap(), [ImportOutcome::Updated]);
    store.import(rows, Origin::default()).await.unwrap();
    let stored = get(&store, "Q1").await.entity;
    assert_eq!(
        (stored.names[0].text.as_str(), stored.description.as_str()),
        ("mine", "what it is")
    );
}

pub(super) async fn what_a_person_deleted_an_import_does_not_bring_back(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "a")]).await;
    delete(&store, "Q1", "").await.unwrap();
    assert_eq!(import(&store, &[("Q1", "b")]).await, [ImportOutcome::Kept]);
    assert_eq!((get(&store, "Q1").await.state, store.version()), (State::Deleted, 2));
    assert_eq!(ids_of_name(&store, "a").await, [""; 0]);
}

pub(super) async fn what_was_merged_stays_merged_and_gains_what_the_dataset_adds(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "Лавров"), ("Q2", "لافروف")]).await;
    merge(&store, "Q1", &["Q2"]).await.unwrap();
    assert_eq!(names(&store, "Q1").await, ["Лавров", "لافروف"]);
    assert_eq!(ids_of_name(&store, "لافروف").await, ["Q1"]);
    let both = [("Q1", "Лавров"), ("Q2", "لافروف")];
    assert_eq!(import(&store, &both).await, [ImportOutcome::Kept, ImportOutcome::Kept]);
    import(&store, &[("Q1", "Lavrov")]).await;
    assert_eq!(names(&store, "Q1").await, ["Lavrov", "Лавров", "لافروف"]);
    assert_eq!(meaning(&store, "Q2").await, "Q2→Q1=Q1");
}

/// Removes what the dataset "d" has beside `named`.
async fn remove(store: &Store, named: &'static [&'static str]) -> (usize, usize) {
    let named = Arc::new(move |id: &str| named.contains(&id));
    let planned = store.preview_removal("d", "", named.clone()).await.unwrap();
    let done = store.remove("d".into(), String::new(), named, Origin::default()).await.unwrap();
    assert_eq!(planned, done);
    (done.removed, done.kept)
}

async fn import_into_d(store: &Store, ids: &[&str]) {
    let row = |id: &&str| Draft { dataset: "d".into(), ..draft(id, id) };
    let rows = ids.iter().map(row).map(|row| Entity::try_from(row).unwrap()).collect();
    store.import(rows, Origin::default()).await.unwrap();
}

pub(super) async fn a_dataset_that_lacks_an_entity_removes_it_and_one_that_has_it_again_brings_it_back(
    place: Place,
) {
    let store = place.open().await;
    import_into_d(&store, &["Q1", "Q2", "Q3"]).await;
    import(&store, &[("Q4", "of no dataset")]).await;
    assert_eq!(remove(&store, &["Q2"]).await, (2, 0));
    assert_eq!(get(&store, "Q1").await.state, State::Deleted);
    assert_eq!(get(&store, "Q4").await.state, State::Active);
    assert_eq!(remove(&store, &["Q2"]).await, (0, 0));
    import_into_d(&store, &["Q1"]).await;
    assert_eq!(get(&store, "Q1").await.state, State::Active);
    assert_eq!(ids_of_name(&store, "Q1").await, ["Q1"]);
}

pub(super) async fn a_removal_leaves_alone_what_a_person_touched(place: Place) {
    let store = place.open().await;
    import_into_d(&store, &["Q1", "Q2", "Q3", "Q4"]).await;
    rename(&store, "Q1", "known to a person").await.unwrap();
    merge(&store, "Q2", &["Q3"]).await.unwrap();
    assert_eq!(remove(&store, &[]).await, (1, 2));
    assert_eq!(get(&store, "Q4").await.state, State::Deleted);
    // Brought back by a person, it stays.
    let removal = newest(&store, "Q4").await.change_id;
    revert(&store, &removal).await.unwrap();
    assert_eq!(remove(&store, &[]).await, (0, 3));
}

pub(super) async fn a_merged_id_is_followed_to_the_end_and_back_in_time(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "a"), ("Q2", "b"), ("Q3", "c")]).await;
    let first = merge(&store, "Q2", &["Q1"]).await.unwrap();
    let second = merge(&store, "Q3", &["Q2"]).await.unwrap();
    assert_eq!(meaning(&store, "Q1").await, "Q1→Q2→Q3=Q3");
    assert_eq!(meaning(&store, "Q9").await, "=");
    let asked = ["Q1".to_owned()];
    let at = |record: &Record| Some(record.updated);
    let (then, version) = store.resolve(&asked, at(&first.records[0])).await.unwrap();
    assert!(version >= first.records[1].version && version < second.records[0].version);
    assert_eq!((then[0].current[0].as_str(), then[0].state), ("Q2", Some(State::Merged)));
    assert_eq!(then[0].ended, at(&first.records[0]));
    let long_ago = first.records[0].created - Duration::from_secs(60);
    let (never, version) = store.resolve(&asked, Some(long_ago)).await.unwrap();
    assert_eq!((never[0].state, version), (None, 0));
    delete(&store, "Q3", "").await.unwrap();
    assert_eq!(meaning(&store, "Q1").await, "Q1→Q2→Q3=");
}

pub(super) async fn a_split_id_lists_its_successors_and_a_repeated_call_splits_nothing(
    place: Place,
) {
    let store = place.open().await;
    import(&store, &[("Q1", "a"), ("Q2", "b")]).await;
    let call = |request_id: &str| {
        let parts = ["R1", ""].map(|id| Proposal::from(draft(id, "part"))).to_vec();
        let (id, none) = ("Q1".to_owned(), String::new());
        Split::try_new(id, none, parts, request_id.into(), Origin::default()).unwrap()
    };
    let first = store.split(call("r-1")).await.unwrap();
    let again = store.split(call("r-1")).await.unwrap();
    assert_eq!((&again, store.version()), (&first, 5));
    assert_eq!(first.records[0].links[0], "R1");
    let minted = first.records[2].entity.id.clone();
    assert_eq!(meaning(&store, "Q1").await, format!("Q1→R1→{minted}=R1+{minted}"));
    let taken = split(&store, "Q2", &["R1", "R2"]).await.unwrap_err();
    assert!(matches!(taken, Error::IdTaken { id } if id == "R1"));
    revert(&store, &first.change_id).await.unwrap();
    assert_eq!(meaning(&store, "Q1").await, "Q1=Q1");
    assert_eq!(meaning(&store, "R1").await, "R1=");
}

pub(super) async fn a_change_is_taken_back_and_so_is_the_taking_back(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "a")]).await;
    let deletion = delete(&store, "Q1", "").await.unwrap();
    let change_id = newest(&store, "Q1").await.change_id;
    let back = revert(&store, &change_id).await.unwrap();
    assert_eq!((back.records[0].state, ids_of_name(&store, "a").await.len()), (State::Active, 1));
    let change = newest(&store, "Q1").await;
    assert_eq!((change.kind, change.reverted), (ChangeKind::Reverted, Some(change_id)));
    let again = revert(&store, &back.change_id).await.unwrap();
    assert_eq!((again.records[0].state, deletion.state), (State::Deleted, State::Deleted));
    let unknown = revert(&store, "c99").await.unwrap_err();
    assert!(matches!(unknown, Error::UnknownChange { .. }));
    // The second of the changes of a merge has no id of its own.
    import(&store, &[("Q2", "a"), ("Q3", "b")]).await;
    let merged = merge(&store, "Q2", &["Q3"]).await.unwrap();
    let inner = format!("c{}", merged.records[1].version);
    assert!(matches!(revert(&store, &inner).await, Err(Error::UnknownChange { .. })));
}

pub(super) async fn a_change_that_never_was_is_unknown_however_great_its_number(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "a")]).await;
    for change_id in ["c2", "c0", "c-1", "c9223372036854775807", "c9223372036854775808", "x"] {
        let refused = revert(&store, change_id).await.unwrap_err();
        assert!(matches!(refused, Error::UnknownChange { .. }), "{change_id}: {refused}");
    }
}

pub(super) async fn a_merge_is_taken_back_after_later_changes(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "a"), ("Q2", "b")]).await;
    let merged = merge(&store, "Q1", &["Q2"]).await.unwrap();
    import(&store, &[("Q1", "later")]).await;
    assert_eq!(names(&store, "Q1").await, ["later", "a", "b"]);
    let back = revert(&store, &merged.change_id).await.unwrap();
    assert_eq!(back.records.len(), 2);
    assert_eq!(names(&store, "Q1").await, ["later", "a"]);
    assert_eq!(
        (names(&store, "Q2").await, meaning(&store, "Q2").await),
        (vec!["b".into()], "Q2=Q2".into())
    );
    assert_eq!(ids_of_name(&store, "b").await, ["Q2"]);
}

pub(super) async fn a_merge_that_is_taken_back_leaves_the_entity_to_its_dataset_again(
    place: Place,
) {
    let store = place.open().await;
    import_into_d(&store, &["Q1", "Q2", "Q3"]).await;
    let held = get(&store, "Q1").await.held;
    let first = merge(&store, "Q1", &["Q2"]).await.unwrap();
    let joined = get(&store, "Q1").await.held;
    let second = merge(&store, "Q1", &["Q3"]).await.unwrap();
    let back = revert(&store, &second.change_id).await.unwrap();
    assert_eq!((get(&store, "Q1").await.held, names(&store, "Q1").await.len()), (joined, 2));
    // Taking back the taking back, and that, ends where it began.
    let again = revert(&store, &back.change_id).await.unwrap();
    assert_eq!((get(&store, "Q1").await.held, names(&store, "Q1").await.len()), (joined, 3));
    revert(&store, &again.change_id).await.unwrap();
    import(&store, &[("Q1", "later")]).await;
    assert_eq!(names(&store, "Q1").await, ["later", "Q1", "Q2"]);
    revert(&store, &first.change_id).await.unwrap();
    assert_eq!(get(&store, "Q1").await.held, held);
    import(&store, &[("Q1", "newest")]).await;
    assert_eq!(names(&store, "Q1").await, ["newest"]);
}

pub(super) async fn what_another_merge_brought_stays_held_when_one_is_taken_back(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "a"), ("Q2", "b"), ("Q3", "c")]).await;
    let first = merge(&store, "Q1", &["Q2"]).await.unwrap();
    merge(&store, "Q1", &["Q3"]).await.unwrap();
    revert(&store, &first.change_id).await.unwrap();
    import(&store, &[("Q1", "later")]).await;
    assert_eq!(names(&store, "Q1").await, ["later", "a", "c"]);
}

pub(super) async fn a_later_change_that_depends_on_it_is_named(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "a"), ("Q2", "b"), ("Q3", "c")]).await;
    let first = merge(&store, "Q2", &["Q1"]).await.unwrap();
    let second = merge(&store, "Q3", &["Q2"]).await.unwrap();
    let refused = revert(&store, &first.change_id).await.unwrap_err();
    let Error::LaterChange { later, id } = refused else { panic!("{refused}") };
    assert_eq!((later, id.as_str()), (second.change_id.clone(), "Q2"));
    revert(&store, &second.change_id).await.unwrap();
    revert(&store, &first.change_id).await.unwrap();
    assert_eq!(meaning(&store, "Q1").await, "Q1=Q1");
}

pub(super) async fn only_what_is_active_can_be_changed(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "a"), ("Q2", "b"), ("Q3", "c")]).await;
    merge(&store, "Q1", &["Q2"]).await.unwrap();
    delete(&store, "Q3", "").await.unwrap();
    let version = store.version();
    let refusals = [
        rename(&store, "Q2", "x").await.map(drop),
        delete(&store, "Q2", "").await.map(drop),
        merge(&store, "Q2", &["Q1"]).await.map(drop),
        merge(&store, "Q1", &["Q2"]).await.map(drop),
        merge(&store, "Q1", &["Q3"]).await.map(drop),
        split(&store, "Q3", &["R1", "R2"]).await.map(drop),
    ];
    for refusal in refusals {
        assert!(matches!(refusal, Err(Error::NotActive { .. })), "{refusal:?}");
    }
    let unknown = merge(&store, "Q1", &["Q9"]).await.unwrap_err();
    assert!(matches!(unknown, Error::NotFound { id } if id == "Q9"));
    let itself = merge(&store, "Q1", &["Q1"]).await.unwrap_err().to_string();
    assert!(itself.contains("merged_ids[0]"), "{itself}");
    assert_eq!(store.version(), version);
}

pub(super) async fn one_of_many_writers_wins_each_etag(place: Place) {
    const WRITERS: usize = 64;
    let store = place.open().await;
    import(&store, &[("Q1", "0")]).await;
    for round in 1..4 {
        let etag = get(&store, "Q1").await.etag;
        let write = |writer: usize| {
            let (store, etag) = (store.clone(), etag.clone());
            tokio::spawn(async move {
                let proposal = Proposal::from(draft("Q1", &format!("{round} {writer}")));
                let fields = [Field::Names].into_iter().collect();
                store.update(Update::try_new(proposal, fields, etag, Origin::default())?).await
            })
        };
        let writers: Vec<_> = (0..WRITERS).map(write).collect();
        let mut won = Vec::new();
        for writer in writers {
            match writer.await.unwrap() {
                Ok(record) => won.push(record.entity.names[0].text.clone()),
                Err(Error::EtagChanged { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(won, names(&store, "Q1").await);
        assert_eq!(store.version(), 1 + round);
    }
}

pub(super) async fn the_history_of_an_entity_is_paged(place: Place) {
    let store = place.open().await;
    import(&store, &[("Q1", "a"), ("Q2", "b")]).await;
    rename(&store, "Q1", "c").await.unwrap();
    delete(&store, "Q1", "").await.unwrap();
    let first = store.history("Q1", i64::MAX, 2).await.unwrap();
    let kinds: Vec<_> = first.changes.iter().map(|change| change.kind).collect();
    assert_eq!((kinds, first.more), (vec![ChangeKind::Deleted, ChangeKind::Updated], true));
    let rest = store.history("Q1", first.changes[1].record.version, 2).await.unwrap();
    assert_eq!(
        (rest.changes[0].kind, rest.changes.len(), rest.more),
        (ChangeKind::Created, 1, false)
    );
    assert_eq!(store.history("", i64::MAX, 9).await.unwrap().changes.len(), 4);
    assert!(matches!(store.history("Q9", 1, 1).await, Err(Error::NotFound { .. })));
}
