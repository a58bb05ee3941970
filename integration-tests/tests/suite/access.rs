//! Who may call what: every method of every service refuses who is not known and who may not, and
//! the history and the record of writes say who it was.

use std::{fs, path::Path, time::SystemTime};

use integration_tests::{
    Processes, Service, catalogue,
    secured::{Method, Shown, call, code, methods},
    until,
};
use proto::{
    registry::v1::{self as registry, registry_service_client::RegistryServiceClient},
    resolution::v1::{self as resolution, resolution_service_client::ResolutionServiceClient},
    r#type::v1 as shared,
};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use serde_json::{Value, json};
use tonic::{Code, Request, metadata::MetadataValue};
use tonic_types::StatusExt;

/// Keys of the callers in [`callers_file`].
const READER: &str = "hk_reader_0123456789";
const WRITER: &str = "hk_writer_0123456789";
const ADMIN: &str = "hk_admin_0123456789";
const SERVICE: &str = "hk_service_0123456789";

/// A file with a caller for each scope. `more` is added to the reader's entry.
fn callers_file(folder: &Path, more: &str) -> String {
    let entry = |name: &str, key: &str, scopes: &str| {
        let hash = chassis::auth::hash_of(key);
        format!("[[caller]]\nname = '{name}'\nkey_sha256 = '{hash}'\nscopes = [{scopes}]\n")
    };
    let text = [
        entry("reader", READER, "'read'"),
        format!("{more}\n"),
        entry("writer", WRITER, "'write'"),
        entry("admin", ADMIN, "'admin'"),
        entry("resolver", SERVICE, "'service'"),
    ];
    let path = folder.join("callers.toml");
    fs::write(&path, text.concat()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// An identity provider.
struct Provider(Ed25519KeyPair);

impl Provider {
    fn new() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap())
    }

    fn settings(&self, folder: &Path) -> Vec<(&'static str, String)> {
        let x = base64url(self.0.public_key().as_ref());
        let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": x}]});
        let path = folder.join("jwks.json");
        fs::write(&path, keys.to_string()).unwrap();
        vec![
            ("HAWIYA_JWKS_FILE", path.to_str().unwrap().to_owned()),
            ("HAWIYA_JWT_ISSUER", "https://id.example".to_owned()),
            ("HAWIYA_JWT_AUDIENCE", "hawiya".to_owned()),
        ]
    }

    /// A token that is over so many seconds from now.
    fn token(&self, seconds: i64, scope: &str) -> String {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let expires = i64::try_from(now).unwrap() + seconds;
        let claims = json!({
            "iss": "https://id.example", "aud": "hawiya", "sub": "desk", "exp": expires,
            "scope": scope,
        });
        let part = |value: Value| base64url(value.to_string().as_bytes());
        let message = format!("{}.{}", part(json!({"alg": "EdDSA", "kid": "1"})), part(claims));
        let signature = base64url(self.0.sign(message.as_bytes()).as_ref());
        format!("{message}.{signature}")
    }
}

fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let letters = |chunk: &[u8]| {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        let letter = move |at| char::from(LETTERS[(bits >> (18 - 6 * at)) as usize & 63]);
        (0..=chunk.len()).map(letter).collect::<String>()
    };
    bytes.chunks(3).map(letters).collect()
}

/// A key that may do less than a method needs. What a method needs is written down here a second
/// time, by its name: reading is what is not writing.
fn too_little(method: &Method) -> [&'static str; 2] {
    let (_, name) = method.path.rsplit_once('/').unwrap();
    let writes = ["Create", "Update", "Delete", "Merge", "Split", "Revert", "Record"];
    if name == "ImportEntities" {
        [WRITER, READER]
    } else if writes.iter().any(|verb| name.starts_with(verb)) {
        [READER, SERVICE]
    } else {
        [SERVICE, SERVICE]
    }
}

#[tokio::test]
async fn every_method_of_every_service_refuses_who_is_not_known_or_may_not() {
    let folder = tempfile::tempdir().unwrap();
    let (provider, stranger) = (Provider::new(), Provider::new());
    let mut settings = provider.settings(folder.path());
    settings.push(("HAWIYA_API_KEYS_FILE", callers_file(folder.path(), "")));
    let mut processes = Processes::prepare(settings);
    let mut count = 0;
    for service in Service::ALL {
        processes.spawn(service);
        let address = processes.address(service);
        let nobody = Shown::default().channel(&address);
        let unknown =
            ["hk_guessed".to_owned(), provider.token(-31, "admin"), stranger.token(3_600, "admin")];
        let unknown = unknown.map(|token| Shown::token(&token).channel(&address));
        let shown = |token: &str| Shown::token(token).channel(&address);
        let (admin, token_of_admin) = (shown(ADMIN), shown(&provider.token(3_600, "admin")));
        let token_of_nothing = shown(&provider.token(3_600, "openid"));
        for method in methods(service) {
            let path = &method.path;
            for channel in unknown.iter().chain([&nobody]) {
                let status = call(channel.clone(), path).await.unwrap_err();
                assert_eq!(status.code(), Code::Unauthenticated, "{path}: {status:?}");
            }
            let weak = too_little(&method).map(shown);
            for channel in weak.iter().chain([&token_of_nothing]) {
                let status = call(channel.clone(), path).await.unwrap_err();
                assert_eq!(status.code(), Code::PermissionDenied, "{path}: {status:?}");
                assert!(status.message().contains("lacks the scope"), "{status:?}");
            }
            for channel in [&admin, &token_of_admin] {
                let code = code(channel.clone(), path).await;
                let refused = [Code::Unauthenticated, Code::PermissionDenied];
                assert!(!refused.contains(&code), "{path}: {code:?}");
            }
            count += 1;
        }
        // Probes have no credential.
        assert_eq!(code(nobody, "/grpc.health.v1.Health/Check").await, Code::Ok);
        assert_eq!(
            code(admin, "/hawiya.registry.v1.RegistryService/Nothing").await,
            Code::Unimplemented
        );
    }
    assert!(count > 30, "{count} methods were found");
}

#[tokio::test]
async fn what_is_wrong_with_a_credential_is_said_and_the_credential_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::new();
    let mut settings = provider.settings(folder.path());
    settings.push(("HAWIYA_API_KEYS_FILE", callers_file(folder.path(), "")));
    settings.push(("HAWIYA_LOG", "debug".to_owned()));
    let mut processes = Processes::prepare(settings);
    processes.spawn(Service::Normalizer);
    let address = processes.address(Service::Normalizer);
    let path = "/hawiya.normalization.v1.NormalizationService/GetRules";
    let expired = provider.token(-60, "read");
    let mut reasons = Vec::new();
    for token in ["", "hk_guessed", expired.as_str()] {
        let shown = if token.is_empty() { Shown::default() } else { Shown::token(token) };
        let status = call(shown.channel(&address), path).await.unwrap_err();
        reasons.push(status.get_details_error_info().unwrap().reason);
        assert!(token.is_empty() || !format!("{status:?}").contains(token), "{status:?}");
    }
    assert_eq!(reasons, ["NO_CREDENTIAL", "UNKNOWN_KEY", "TOKEN_EXPIRED"]);
    assert_eq!(code(Shown::token(READER).channel(&address), path).await, Code::Ok);

    // A new list of callers takes effect by itself.
    fs::write(folder.path().join("callers.toml"), "").unwrap();
    let gone =
        async || code(Shown::token(READER).channel(&address), path).await == Code::Unauthenticated;
    until("the key is taken away", gone).await;
    let log = processes.process(Service::Normalizer).log();
    for secret in [READER, "hk_guessed", expired.as_str()] {
        assert!(!log.contains(secret), "a credential is in the log");
    }
}

#[tokio::test]
async fn a_caller_over_its_quota_is_told_when_to_come_back_and_others_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let more = "calls_per_second = 0.01\nburst = 3";
    let settings = vec![("HAWIYA_API_KEYS_FILE", callers_file(folder.path(), more))];
    let mut processes = Processes::prepare(settings);
    processes.spawn(Service::Normalizer);
    let address = processes.address(Service::Normalizer);
    let path = "/hawiya.normalization.v1.NormalizationService/GetRules";
    let reader = Shown::token(READER).channel(&address);
    for _ in 0..3 {
        assert_eq!(code(reader.clone(), path).await, Code::Ok);
    }
    let status = call(reader, path).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    let wait = status.get_details_retry_info().unwrap().retry_delay.unwrap().as_secs();
    assert!((1..=100).contains(&wait), "{wait} s");
    assert_eq!(code(Shown::token(WRITER).channel(&address), path).await, Code::Ok);
}

/// Names whose texts must be in no record.
const NAMES: [&str; 2] = ["سيرجي لافروف", "Sergey Lavrov"];

#[tokio::test]
async fn the_history_says_who_wrote_and_nobody_can_write_as_another() {
    let folder = tempfile::tempdir().unwrap();
    let audit = folder.path().join("audit.jsonl");
    let own = format!("{SERVICE}_own");
    let file = callers_file(folder.path(), "");
    let hash = chassis::auth::hash_of(&own);
    let entry = format!(
        "[[caller]]\nname = 'suite'\nkey_sha256 = '{hash}'\nscopes = ['write', 'service']\n"
    );
    fs::write(&file, fs::read_to_string(&file).unwrap() + &entry).unwrap();
    let mut processes = Processes::prepare(vec![
        ("HAWIYA_API_KEYS_FILE", file),
        ("HAWIYA_TOKEN", own),
        ("HAWIYA_AUDIT_FILE", audit.to_str().unwrap().to_owned()),
    ]);
    for service in Service::ALL {
        processes.spawn(service);
    }
    processes.wait_serving().await;
    let writer = |service| Shown::token(WRITER).channel(&processes.address(service));
    let mut registry = RegistryServiceClient::new(writer(Service::Registry));
    let mut resolver = ResolutionServiceClient::new(writer(Service::Resolver));

    // Directly, with another label, and with the header of a service.
    let note = registry::ChangeNote { actor: "chief".to_owned(), ..Default::default() };
    let mut request = Request::new(registry::CreateEntityRequest {
        entity: Some(catalogue::person("T1", &NAMES)),
        note: Some(note),
        request_id: "r-1".to_owned(),
    });
    request.metadata_mut().insert("x-hawiya-caller", MetadataValue::from_static("chief"));
    registry.create_entity(request).await.unwrap();
    let request =
        registry::ListChangesRequest { canonical_id: "T1".to_owned(), ..Default::default() };
    let changes = registry.list_changes(request).await.unwrap().into_inner().changes;
    assert_eq!(changes[0].note.as_ref().unwrap().actor, "writer");

    // Through the resolver, which has the scope `service`.
    let request = resolution::RecordDecisionRequest {
        text: NAMES[0].to_owned(),
        canonical_id: "T1".to_owned(),
        kind: shared::DecisionKind::Yes.into(),
        actor: "chief".to_owned(),
        ..Default::default()
    };
    let decided = resolver.record_decision(request.clone()).await.unwrap().into_inner().decision;
    assert_eq!(decided.unwrap().actor, "writer");

    // Refused, and recorded as refused.
    let mut reader = ResolutionServiceClient::new(
        Shown::token(READER).channel(&processes.address(Service::Resolver)),
    );
    let refused = reader.record_decision(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);

    let mut lines = Vec::new();
    let written = async || {
        lines = fs::read_to_string(&audit).unwrap().lines().map(str::to_owned).collect();
        lines.len() >= 4
    };
    until("four writes are recorded", written).await;
    for secret in NAMES.iter().chain(&[WRITER, READER]) {
        assert!(!lines.iter().any(|line| line.contains(secret)), "{lines:#?}");
    }
    let mut records: Vec<_> = lines.iter().map(|line| outline(line)).collect();
    records.sort();
    let decision = "hawiya.resolution.v1.ResolutionService/RecordDecision";
    let mut expected = vec![
        "hawiya.registry.v1.RegistryService/CreateDecision writer through suite: Ok".to_owned(),
        "hawiya.registry.v1.RegistryService/CreateEntity writer: Ok r-1 T1 at 1".to_owned(),
        format!("{decision}: PermissionDenied"),
        format!("{decision} writer: Ok"),
    ];
    expected.sort();
    assert_eq!(records, expected);
}

/// What a record says, without what differs from run to run.
fn outline(line: &str) -> String {
    let line: Value = serde_json::from_str(line).unwrap();
    assert!(line["time"].is_string() && line["peer"].is_string(), "{line}");
    let text = |key: &str| line[key].as_str();
    let mut outline = text("method").unwrap().to_owned();
    if let Some(caller) = text("caller") {
        outline = format!("{outline} {caller}");
    }
    if let Some(through) = text("through") {
        outline = format!("{outline} through {through}");
    }
    outline = format!("{outline}: {}", text("code").unwrap());
    if let Some(request) = text("request_id") {
        outline = format!("{outline} {request} {}", line["ids"][0].as_str().unwrap());
    }
    match line["catalogue_version"].as_i64() {
        Some(version) => format!("{outline} at {version}"),
        None => outline,
    }
}

#[tokio::test]
async fn a_suite_in_one_process_knows_itself_and_asks_others() {
    let home = integration_tests::Home::default();
    let file = home.file("callers.toml", b"");
    let path = Path::new(&file).parent().unwrap();
    let file = callers_file(path, "");
    let mut command = home.command(&["up", "--listen", "127.0.0.1:0"]);
    command.env("HAWIYA_API_KEYS_FILE", &file);
    let running = integration_tests::Process::spawn(&mut command);
    let address = running.printed("resolver", |line| {
        line.strip_prefix("resolver").map(|address| address.trim().to_owned())
    });
    running.printed("open to", |line| line.contains("callers with a credential").then_some(()));
    let token = home.file("token", format!("{READER}\n").as_bytes());
    let name = ["resolve", "Lavrov", "--server", &address, "--format", "jsonl"];
    let refused = home.run(&name);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.err.contains("has to know who calls"), "{refused:?}");
    let answered = home.run(&[&name[..], &["--token-file", &token]].concat());
    assert_eq!(answered.code, Some(0), "{answered:?}");
    assert_eq!(answered.lines()[0]["canonical_id"], "Q58217", "{answered:?}");
}

#[tokio::test]
async fn a_new_key_goes_with_the_entry_that_is_printed_with_it() {
    let home = integration_tests::Home::default();
    let made = home.run(&["key", "newsroom", "--scope", "read,write"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let key = made.err.split_whitespace().find(|word| word.starts_with("hk_")).unwrap();
    assert!(!made.out.contains("hk_"), "what is appended to a file has no key: {made:?}");
    let file = home.file("callers.toml", made.out.as_bytes());
    let mut processes = Processes::prepare(vec![("HAWIYA_API_KEYS_FILE", file)]);
    processes.spawn(Service::Normalizer);
    let channel = Shown::token(key).channel(&processes.address(Service::Normalizer));
    let path = "/hawiya.normalization.v1.NormalizationService/GetRules";
    assert_eq!(code(channel, path).await, Code::Ok);
    assert_eq!(home.run(&["key", "newsroom", "--scope", "root"]).code, Some(64));
}

#[tokio::test]
async fn a_file_that_cannot_be_used_ends_the_start_with_one_line() {
    let home = integration_tests::Home::default();
    for (name, content, cause) in [
        ("HAWIYA_API_KEYS_FILE", "[[caller]]\nname = 'a'\nscopes = ['read']", "caller `a`: give"),
        ("HAWIYA_JWKS_FILE", "{}", "no set of keys"),
        ("HAWIYA_TLS_CERT", "", "no certificate"),
    ] {
        let file = home.file("file", content.as_bytes());
        let mut command = home.command(&["serve", "normalizer"]);
        command.env(name, &file).env("HAWIYA_TLS_KEY", &file).env("HAWIYA_LISTEN", "127.0.0.1:0");
        command.env("HAWIYA_JWT_ISSUER", "a").env("HAWIYA_JWT_AUDIENCE", "b");
        if name != "HAWIYA_JWKS_FILE" {
            command.env_remove("HAWIYA_JWT_ISSUER").env_remove("HAWIYA_JWT_AUDIENCE");
        }
        if name != "HAWIYA_TLS_CERT" {
            command.env_remove("HAWIYA_TLS_KEY");
        }
        let output = command.output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(64), "{told}");
        assert!(told.starts_with(&format!("hawiya: {name} is `")), "{told}");
        assert!(told.contains(cause), "{told}");
    }
}
