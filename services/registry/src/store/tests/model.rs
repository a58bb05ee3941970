//! Any sequence of calls of people and imports leaves the catalogue as a simple model says: states
//! and names, what ids mean now and at every version before, and the history.
//!
//! The model keeps every catalogue there ever was and works on copies of them, which no store could
//! afford, and knows nothing of rows and indexes.

use std::collections::BTreeMap;

use proptest::{
    prelude::*,
    test_runner::{Config as Settings, TestRunner},
};

use tokio::runtime::Handle;

use super::*;

/// Calls of one sequence at most. `PROPTEST_CASES` says how many sequences there are, four times.
const CALLS_MAX: usize = 24;

/// So few ids that calls meet.
const IDS: [&str; 6] = ["Q0", "Q1", "Q2", "Q3", "Q4", "Q5"];

#[derive(Clone, Debug)]
enum Call {
    Create(usize),
    Import(usize, usize),
    Rename(usize, usize),
    Delete(usize),
    Merge(usize, usize),
    Split(usize, usize, usize),
    /// The nth change id of those there are, counted from the newest.
    Revert(usize),
}

fn call() -> impl Strategy<Value = Call> {
    let id = || 0..IDS.len();
    prop_oneof![
        id().prop_map(Call::Create),
        (id(), 0..4usize).prop_map(|(id, name)| Call::Import(id, name)),
        (id(), 0..4usize).prop_map(|(id, name)| Call::Rename(id, name)),
        id().prop_map(Call::Delete),
        (id(), id()).prop_map(|(survivor, other)| Call::Merge(survivor, other)),
        (id(), id(), id()).prop_map(|(id, one, other)| Call::Split(id, one, other)),
        (0..6usize).prop_map(Call::Revert),
        (0..6usize).prop_map(Call::Revert),
    ]
}

/// An entity of the model.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    state: State,
    links: Vec<String>,
    names: Vec<String>,
}

type Catalogue = BTreeMap<String, Known>;

/// Every version there was, and the change id that made it.
#[derive(Debug, Default)]
struct Model {
    versions: Vec<(Catalogue, String)>,
}

impl Model {
    fn now(&self) -> Catalogue {
        self.at(self.versions.len())
    }

    fn at(&self, version: usize) -> Catalogue {
        version.checked_sub(1).map(|at| self.versions[at].0.clone()).unwrap_or_default()
    }

    /// What an id means, followed one link after the other.
    fn meaning(catalogue: &Catalogue, id: &str, current: &mut Vec<String>) {
        match catalogue.get(id) {
            Some(known) if known.state == State::Active => current.push(id.to_owned()),
            Some(known) => {
                known.links.iter().for_each(|link| Self::meaning(catalogue, link, current));
            }
            None => {}
        }
    }

    /// Notes what the store says it did, after checking that it is what the call means.
    fn note(&mut self, records: &[Record], change_id: &str) {
        for record in records {
            let mut catalogue = self.now();
            catalogue.insert(record.entity.id.clone(), known(record));
            assert_eq!(record.version, self.versions.len() as i64 + 1, "a gap or a repeat");
            self.versions.push((catalogue, change_id.to_owned()));
        }
    }
}

fn known(record: &Record) -> Known {
    let names = record.entity.names.iter().map(|name| name.text.clone()).collect();
    Known { state: record.state, links: record.links.clone(), names }
}

fn is_active(catalogue: &Catalogue, id: &str) -> bool {
    catalogue.get(id).is_some_and(|known| known.state == State::Active)
}

/// Makes a call and checks what came of it against what the model expects.
async fn make(store: &Store, model: &mut Model, call: Call) {
    let before = model.now();
    let active = |id: usize| is_active(&before, IDS[id]);
    match call {
        Call::Create(id) => {
            let made = store.create(creation(draft(IDS[id], IDS[id]), "")).await;
            assert_eq!(made.is_ok(), !before.contains_key(IDS[id]));
            note_one(store, model, made).await;
        }
        Call::Import(id, name) => {
            let outcome = import(store, &[(IDS[id], &format!("imported {name}"))]).await;
            match outcome[0] {
                ImportOutcome::Created => assert!(!before.contains_key(IDS[id])),
                ImportOutcome::Updated => assert!(active(id)),
                ImportOutcome::Kept | ImportOutcome::Unchanged => return,
                ImportOutcome::Refused(_) => unreachable!("names are few"),
            }
            let record = get(store, IDS[id]).await;
            note_one(store, model, Ok(record)).await;
        }
        Call::Rename(id, name) => {
            let version = store.version();
            let made = rename(store, IDS[id], &format!("given {name}")).await;
            assert_eq!(made.is_ok(), active(id));
            if store.version() > version {
                note_one(store, model, made).await;
            }
        }
        Call::Delete(id) => {
            let made = delete(store, IDS[id], "").await;
            assert_eq!(made.is_ok(), active(id));
            note_one(store, model, made).await;
        }
        Call::Merge(survivor, other) => {
            let made = merge(store, IDS[survivor], &[IDS[other]]).await;
            assert_eq!(made.is_ok(), survivor != other && active(survivor) && active(other));
            note(model, made);
        }
        Call::Split(id, one, other) => {
            let made = split(store, IDS[id], &[IDS[one], IDS[other]]).await;
            let are_new = [one, other].iter().all(|new| !before.contains_key(IDS[*new]));
            assert_eq!(made.is_ok(), one != other && active(id) && are_new);
            note(model, made);
        }
        Call::Revert(nth) => revert_nth(store, model, nth).await,
    }
}

/// Takes a change back. When nothing came after it the catalogue is what it was before, but for
/// what was created, which is deleted.
async fn revert_nth(store: &Store, model: &mut Model, nth: usize) {
    let mut ids: Vec<_> = model.versions.iter().map(|(_, id)| id.clone()).collect();
    ids.dedup();
    let Some(change_id) = ids.iter().rev().nth(nth) else { return };
    let first = model.versions.iter().position(|(_, id)| id == change_id).unwrap();
    let before = model.at(first);
    let made = revert(store, change_id).await;
    if nth == 0 {
        assert!(made.is_ok(), "the newest change can be taken back: {made:?}");
    }
    let later = made.is_err();
    note(model, made);
    if nth > 0 || later {
        return;
    }
    for (id, known) in model.now() {
        match before.get(&id) {
            Some(was) => assert_eq!(&known, was, "{id}"),
            None => assert_eq!(known.state, State::Deleted, "{id}"),
        }
    }
}

fn note(model: &mut Model, made: Result<Made, Error>) {
    if let Ok(made) = made {
        model.note(&made.records, &made.change_id);
    }
}

async fn note_one(store: &Store, model: &mut Model, made: Result<Record, Error>) {
    let Ok(record) = made else { return };
    let change_id = newest(store, &record.entity.id).await.change_id;
    model.note(&[record], &change_id);
}

/// The store says of now, of every version before, and of the way there what the model says.
async fn compare(store: &Store, model: &Model) {
    let last = model.versions.len();
    assert_eq!(store.version(), last as i64);
    let states = vec![State::Active, State::Merged, State::Split, State::Deleted];
    let every = Filter { states, ..Filter::active() };
    for version in 0..=last {
        let page = store.page(&every, "", 1_000, version as i64).await.unwrap();
        let stored = page.records.iter().map(|record| (record.entity.id.clone(), known(record)));
        assert_eq!(stored.collect::<Catalogue>(), model.at(version), "at {version}");
    }
    let changes = store.changes_after(0, 10_000).await.unwrap();
    for (change, (catalogue, change_id)) in changes.iter().zip(&model.versions) {
        let id = &change.record.entity.id;
        assert_eq!((&known(&change.record), &change.change_id), (&catalogue[id], change_id));
        meanings(store, catalogue, change.record.updated, &changes).await;
    }
    for (id, known) in model.now() {
        for name in &known.names {
            let found = ids_of_name(store, name).await.contains(&id);
            assert_eq!(found, known.state == State::Active, "{id} by {name}");
        }
    }
}

/// What every id meant at the time of a change; changes of one microsecond count as the last.
async fn meanings(
    store: &Store,
    catalogue: &Catalogue,
    time: std::time::SystemTime,
    changes: &[Change],
) {
    let ids: Vec<_> = IDS.map(str::to_owned).to_vec();
    let (resolved, version) = store.resolve(&ids, Some(time)).await.unwrap();
    let at_once = changes.iter().filter(|change| change.record.updated == time).count();
    if at_once > 1 {
        assert!(version > 0);
        return;
    }
    for (id, resolved) in ids.iter().zip(resolved) {
        let mut current = Vec::new();
        Model::meaning(catalogue, id, &mut current);
        // What two ways lead to is meant once.
        current.sort();
        current.dedup();
        let mut found = resolved.current;
        found.sort();
        assert_eq!(found, current, "{id}");
    }
}

pub(super) async fn any_sequence_of_calls_agrees_with_a_simple_model(place: Place) {
    let runtime = Handle::current();
    let calls = prop::collection::vec(call(), 1..CALLS_MAX);
    // proptest waits for each sequence, which no thread of the runtime may do.
    let run = move || {
        let mut runner = TestRunner::new(settings(&place));
        runner.run(&calls, |calls| {
            runtime.block_on(run(&place, calls));
            Ok(())
        })
    };
    tokio::task::spawn_blocking(run).await.unwrap().unwrap();
}

/// In memory a sequence takes milliseconds; the server has one database for one sequence.
fn settings(place: &Place) -> Settings {
    let settings = Settings { failure_persistence: None, ..Settings::default() };
    match place {
        Place::Folder(_) => Settings { cases: settings.cases / 4, ..settings },
        Place::Server(_) => Settings { cases: 1, max_shrink_iters: 0, ..settings },
    }
}

async fn run(place: &Place, calls: Vec<Call>) {
    let database = match place {
        Place::Folder(_) => Database::Memory,
        Place::Server(_) => place.database(),
    };
    let store = Store::open(&database).await.unwrap();
    let mut model = Model::default();
    for call in calls {
        make(&store, &mut model, call).await;
    }
    compare(&store, &model).await;
}
