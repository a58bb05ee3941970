//! The store, on SQLite and on PostgreSQL.

mod cases;
mod decided;
mod life;
mod model;
#[path = "../../tests/suite/postgres.rs"]
mod postgres;

use tempfile::TempDir;

use super::*;
use crate::{
    Draft,
    config::PostgresUrl,
    entity::{Field, Proposal},
};

/// Where a catalogue of a test is kept.
enum Place {
    Folder(TempDir),
    Server(String),
}

impl Place {
    fn folder() -> Self {
        Self::Folder(tempfile::tempdir().unwrap())
    }

    fn database(&self) -> Database {
        match self {
            Self::Folder(folder) => Database::File(folder.path().join("catalogue.db")),
            Self::Server(url) => Database::Postgres(PostgresUrl::parse(url).unwrap()),
        }
    }

    async fn open(&self) -> Store {
        Store::open(&self.database()).await.unwrap()
    }
}

/// Runs every case on a file of SQLite, each as a test of its own, and all of them on one
/// PostgreSQL, each in a database of its own.
macro_rules! on_both {
    ($($module:ident::$case:ident,)*) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$module::$case(super::Place::folder()).await;
                }
            )*
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn every_case_holds_on_postgres() {
            let Some(server) = postgres::Server::start() else { return };
            $(
                println!("{}", stringify!($case));
                $module::$case(Place::Server(server.database())).await;
            )*
        }
    };
}

on_both! {
    cases::a_catalogue_opened_again_has_everything,
    cases::one_changed_entity_is_one_version_without_gaps,
    cases::a_repeated_call_creates_nothing_and_answers_the_same,
    cases::calls_repeated_at_once_create_one_entity,
    cases::the_indexes_follow_an_update,
    cases::a_key_that_many_have_is_cut_off,
    cases::a_page_is_read_as_of_its_version,
    cases::pages_end_where_the_next_begins_and_filters_hold,
    cases::large_entities_make_short_pages,
    cases::a_clock_that_goes_back_does_not_turn_history_round,
    cases::every_change_is_told_exactly_once_in_order_while_writers_write,
    cases::a_token_resumes_and_a_foreign_one_does_not,
    cases::a_token_of_another_registry_is_known_before_its_commit_was_heard_of,
    cases::a_watch_ends_with_the_server_and_with_its_watcher,
    cases::a_heartbeat_comes_while_nothing_happens,
    life::a_field_that_a_person_set_is_not_imported_over,
    life::a_person_s_entity_is_filled_in_by_an_import_and_not_changed,
    life::what_a_person_deleted_an_import_does_not_bring_back,
    life::what_was_merged_stays_merged_and_gains_what_the_dataset_adds,
    life::a_dataset_that_lacks_an_entity_removes_it_and_one_that_has_it_again_brings_it_back,
    life::a_removal_leaves_alone_what_a_person_touched,
    life::a_merged_id_is_followed_to_the_end_and_back_in_time,
    life::a_split_id_lists_its_successors_and_a_repeated_call_splits_nothing,
    life::a_change_is_taken_back_and_so_is_the_taking_back,
    life::a_change_that_never_was_is_unknown_however_great_its_number,
    life::a_merge_is_taken_back_after_later_changes,
    life::a_merge_that_is_taken_back_leaves_the_entity_to_its_dataset_again,
    life::what_another_merge_brought_stays_held_when_one_is_taken_back,
    life::a_later_change_that_depends_on_it_is_named,
    life::only_what_is_active_can_be_changed,
    life::one_of_many_writers_wins_each_etag,
    life::the_history_of_an_entity_is_paged,
    decided::a_decision_is_found_by_its_form_and_scope_until_it_expires,
    decided::a_newer_decision_about_one_entity_takes_the_place_of_the_older,
    decided::a_decision_follows_its_entity,
    decided::of_decisions_about_entities_that_were_merged_the_newest_applies,
    decided::a_repeated_decision_is_stored_once,
    decided::decisions_are_paged_and_filtered,
    decided::forms_of_other_rules_are_made_again,
    model::any_sequence_of_calls_agrees_with_a_simple_model,
}

fn draft(id: &str, name: &str) -> Draft {
    let line = serde_json::json!({"id": id, "type": "person", "names": [{"text": name}]});
    serde_json::from_value(line).unwrap()
}

fn entity(id: &str, name: &str) -> Entity {
    Entity::try_from(draft(id, name)).unwrap()
}

fn creation(draft: Draft, request_id: &str) -> Creation {
    Creation::try_new(Proposal::from(draft), request_id.into(), Origin::default()).unwrap()
}

async fn import(store: &Store, rows: &[(&str, &str)]) -> Vec<ImportOutcome> {
    let entities = rows.iter().map(|(id, name)| entity(id, name)).collect();
    store.import(entities, Origin::default()).await.unwrap()
}

/// What a person does who knows an entity by another name.
async fn rename(store: &Store, id: &str, name: &str) -> Result<Record, Error> {
    let fields = [Field::Names].into_iter().collect();
    let proposal = Proposal::from(draft(id, name));
    store.update(Update::try_new(proposal, fields, String::new(), Origin::default())?).await
}

async fn delete(store: &Store, id: &str, etag: &str) -> Result<Record, Error> {
    let (id, etag, origin) = (id.to_owned(), etag.to_owned(), Origin::default());
    store.delete(Deletion { id, etag, origin }).await
}

async fn merge(store: &Store, survivor: &str, others: &[&str]) -> Result<Made, Error> {
    let others = others.iter().copied().map(str::to_owned).collect();
    let wrong = chassis::Violations::default();
    store.merge(Merge::try_new(survivor.to_owned(), others, wrong, Origin::default())?).await
}

async fn split(store: &Store, id: &str, successors: &[&str]) -> Result<Made, Error> {
    let part = |successor: &&str| Proposal::from(draft(successor, &format!("part {successor}")));
    let parts = successors.iter().map(part).collect();
    let (id, none) = (id.to_owned(), String::new());
    store.split(Split::try_new(id, none.clone(), parts, none, Origin::default())?).await
}

async fn revert(store: &Store, change_id: &str) -> Result<Made, Error> {
    let (change_id, origin) = (change_id.to_owned(), Origin::default());
    store.revert(Reversion { change_id, origin }).await
}

/// The newest change of an entity.
async fn newest(store: &Store, id: &str) -> Change {
    store.history(id, i64::MAX, 1).await.unwrap().changes.remove(0)
}

async fn get(store: &Store, id: &str) -> Record {
    store.get_many(&[id.to_owned()], i64::MAX).await.unwrap().remove(0).unwrap()
}

async fn names(store: &Store, id: &str) -> Vec<String> {
    let entity = get(store, id).await.entity;
    entity.names.iter().map(|name| name.text.clone()).collect()
}

/// What ids mean now: "Q1→Q2" when Q1 is followed to Q2.
async fn meaning(store: &Store, id: &str) -> String {
    let (resolved, _) = store.resolve(&[id.to_owned()], None).await.unwrap();
    format!("{}={}", resolved[0].path.join("→"), resolved[0].current.join("+"))
}

async fn history(store: &Store) -> Vec<(i64, String, ChangeKind)> {
    let changes = store.changes_after(0, 10_000).await.unwrap();
    let line =
        |change: Change| (change.record.version, change.record.entity.id.clone(), change.kind);
    changes.into_iter().map(line).collect()
}

async fn ids_of_name(store: &Store, name: &str) -> Vec<String> {
    let (found, _) = store.lookup(&[LookupKey::Name(name.into())]).await.unwrap();
    found[0].records.iter().map(|record| record.entity.id.clone()).collect()
}

#[tokio::test]
async fn a_second_process_is_refused_while_the_first_runs() {
    let place = Place::folder();
    let store = place.open().await;
    let refused = Store::open(&place.database()).await.unwrap_err();
    assert!(matches!(refused, Error::InUse { .. }), "{refused}");
    drop(store);
    place.open().await;
}

#[tokio::test]
async fn a_file_that_is_no_catalogue_is_refused() {
    let place = Place::folder();
    let Database::File(path) = place.database() else { unreachable!("it is a folder") };
    std::fs::write(path, "not a database, and long enough to be read as one".repeat(99)).unwrap();
    assert!(Store::open(&place.database()).await.is_err());
}

#[tokio::test]
async fn a_catalogue_in_memory_works_too() {
    let store = Store::open(&Database::Memory).await.unwrap();
    import(&store, &[("Q1", "a"), ("Q2", "b")]).await;
    assert_eq!(ids_of_name(&store, "B").await, ["Q2"]);
    assert_eq!(store.version(), 2);
}

#[tokio::test]
async fn a_store_that_fails_fails_the_call_and_nothing_else() {
    let place = Place::folder();
    let store = place.open().await;
    import(&store, &[("Q1", "a")]).await;
    // What a full disk looks like, without filling one.
    pages_max(&store, 1).await;
    let entities = (0..500).map(|at| entity(&format!("R{at}"), &"x".repeat(900))).collect();
    let error = store.import(entities, Origin::default()).await.unwrap_err();
    assert_eq!(tonic::Status::from(error).code(), tonic::Code::Unavailable);
    pages_max(&store, 1_000_000).await;
    import(&store, &[("Q2", "b")]).await;
    assert_eq!(store.version(), 2);
}

/// The tables and rows of a catalogue as the first version of this registry left it.
const FIRST_TABLES: &str = include_str!("../../migrations/sqlite/0001_catalogue.sql");
const FIRST_ROWS: &str = include_str!("../../testdata/catalogue-v1.sql");

/// A catalogue as the first version of this registry left it, with `more` rows.
async fn of_the_first_version(folder: &TempDir, more: &'static str) -> Store {
    let path = folder.path().join("catalogue.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let steps = migrations(&[(1, "catalogue", FIRST_TABLES)]);
    sqlx::migrate::Migrator::with_migrations(steps).run(&pool).await.unwrap();
    sqlx::raw_sql(FIRST_ROWS).execute(&pool).await.unwrap();
    sqlx::raw_sql(more).execute(&pool).await.unwrap();
    pool.close().await;
    Store::open(&Database::File(path)).await.unwrap()
}

#[tokio::test]
async fn what_a_person_entered_before_anything_was_held_is_not_imported_over() {
    let folder = tempfile::tempdir().unwrap();
    let by_hand = r#"
        INSERT INTO entities (id, version, created) VALUES ('Q3', 4, 1000000);
        INSERT INTO changes VALUES
            (4, 4, 'Q3', 'created', 'active', 'person', 'RU', '', 'a', '', '', 2000000, 1,
             '{"id":"Q3","type":"person","country":"RU","gender":"male","birth_date":"1950-03-21",
               "description":"a minister","prominence":0.5,"attributes":{"k":"v"},
               "external_ids":[{"scheme":"wikidata","value":"Q58217"}],
               "names":[{"text":"mine","script":"Latn","kind":"primary"}]}');"#;
    let store = of_the_first_version(&folder, by_hand).await;
    let (mine, imported) = (get(&store, "Q3").await, get(&store, "Q2").await);
    let now = creation(Draft { id: "Q4".into(), ..Draft::clone(&mine.entity) }, "");
    assert_eq!(mine.held, store.create(now).await.unwrap().held);
    assert!(imported.held.is_nothing());
    let row = |id| Draft { dataset: "test".into(), country: "US".into(), ..draft(id, "theirs") };
    let rows = ["Q2", "Q3"].map(|id| Entity::try_from(row(id)).unwrap()).to_vec();
    store.import(rows, Origin::default()).await.unwrap();
    assert_eq!(names(&store, "Q2").await, ["theirs"]);
    assert_eq!(names(&store, "Q3").await, ["mine"]);
    assert_eq!(get(&store, "Q3").await.entity.country, "RU");
}

#[tokio::test]
async fn a_catalogue_of_the_first_version_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let store = of_the_first_version(&folder, "").await;
    assert_eq!((store.version(), store.identity()), (3, "of-the-first-version"));
    assert_eq!(ids_of_name(&store, "лавров").await, ["Q1"]);
    assert_eq!(ids_of_name(&store, "Lavrow").await, [""; 0]);
    let history = store.history("Q1", i64::MAX, 9).await.unwrap().changes;
    let names: Vec<_> = history.iter().map(|change| &change.record.entity.names[0].text).collect();
    assert_eq!(names, ["Лавров", "Lavrow"]);
    assert_eq!((history[0].record.number, history[0].change_id.as_str()), (1, "c3"));
    rename(&store, "Q2", "renamed").await.unwrap();
    assert_eq!(store.version(), 4);
}

#[tokio::test]
async fn a_server_that_crashes_makes_calls_unavailable_until_it_is_back() {
    let Some(mut server) = postgres::Server::start() else { return };
    let store = Place::Server(server.database()).open().await;
    import(&store, &[("Q1", "a")]).await;
    server.kill();
    // The first call finds its connection broken, and none can be made.
    let error = store.get_many(&["Q1".to_owned()], 1).await.unwrap_err();
    assert_eq!(tonic::Status::from(error).code(), tonic::Code::Unavailable);
    server.start_again();
    assert_eq!(get(&store, "Q1").await.version, 1);
    import(&store, &[("Q1", "b")]).await;
    assert_eq!(store.version(), 2);
}

#[tokio::test]
async fn registries_that_share_a_database_hear_of_each_other() {
    let Some(server) = postgres::Server::start() else { return };
    let place = Place::Server(server.database());
    let (one, other) = (place.open().await, place.open().await);
    assert_eq!(one.identity(), other.identity());
    let mut versions = other.versions();
    import(&one, &[("Q1", "a")]).await;
    versions.wait_for(|version| *version == 1).await.unwrap();
    import(&other, &[("Q1", "b")]).await;
    assert_eq!(history(&other).await.len(), 2);
    one.versions().wait_for(|version| *version == 2).await.unwrap();
}

async fn pages_max(store: &Store, pages: i64) {
    let mut session = store.0.backend.write().await.unwrap();
    let pragma = sql::Sql::new(&format!("PRAGMA max_page_count = {pages}"));
    session.fetch_all::<(i64,)>(pragma).await.unwrap();
    session.commit(0).await.unwrap();
}
