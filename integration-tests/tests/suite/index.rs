//! The matcher's index on disk: a restart maps it, and goes on from where it was.

use integration_tests::{Clients, Processes, Service, catalogue, query, until};
use proto::{matching::v1 as wire, registry::v1 as registry};

async fn best(clients: &Clients, text: &str) -> String {
    let request = wire::MatchEntitiesRequest { query: Some(query(text)), options: None };
    let answer = clients.matcher().match_entities(request).await.unwrap().into_inner();
    answer
        .result
        .unwrap()
        .candidates
        .first()
        .map(|best| best.canonical_id.clone())
        .unwrap_or_default()
}

async fn status(clients: &Clients) -> wire::GetIndexStatusResponse {
    let request = wire::GetIndexStatusRequest {};
    clients.matcher().get_index_status(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_restarted_matcher_answers_without_the_registry_and_then_goes_on() {
    let mut processes = Processes::start(None).await;
    let clients = processes.clients.clone();
    let before = status(&clients).await;
    processes.process(Service::Matcher).terminate();
    assert!(processes.wait(Service::Matcher).await.success());
    processes.kill(Service::Registry);

    processes.spawn(Service::Matcher);
    clients.wait_serving(Service::Matcher).await;
    assert_eq!(best(&clients, "سيرجي لافروف").await, "Q58217");
    let alone = status(&clients).await;
    assert_eq!(alone.state(), wire::IndexState::Stale);
    assert_eq!(
        (alone.catalogue_version, alone.name_count, alone.catalogue_id.as_str()),
        (before.catalogue_version, before.name_count, before.catalogue_id.as_str())
    );

    processes.spawn(Service::Registry);
    clients.wait_serving(Service::Registry).await;
    let entity = Some(catalogue::person("T1", &["Zayd Qutrub", "زيد قطرب"]));
    let request = registry::CreateEntityRequest { entity, ..Default::default() };
    clients.registry().create_entity(request).await.unwrap();
    until("the change is in the index", async || best(&clients, "زيد قطرب").await == "T1").await;
    let matcher = processes.process(Service::Matcher);
    assert_eq!((matcher.logged("index mapped"), matcher.logged("index built")), (1, 0));
}

#[tokio::test]
async fn an_index_that_was_damaged_is_built_again() {
    let mut processes = Processes::start(None).await;
    let clients = processes.clients.clone();
    processes.process(Service::Matcher).terminate();
    processes.wait(Service::Matcher).await;
    let folder = processes.folder().join("hawiya-data/index");
    let is_segment = |path: &std::path::PathBuf| path.extension().is_some_and(|e| e == "segment");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    for path in files.filter(is_segment) {
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x40;
        std::fs::write(path, bytes).unwrap();
    }
    processes.spawn(Service::Matcher);
    clients.wait_serving(Service::Matcher).await;
    until("it follows the registry", async || {
        status(&clients).await.state() == wire::IndexState::Following
    })
    .await;
    assert_eq!(best(&clients, "سيرجي لافروف").await, "Q58217");
    let matcher = processes.process(Service::Matcher);
    assert_eq!((matcher.logged("index mapped"), matcher.logged("index built")), (0, 1));
}
