//! A registry whose PostgreSQL is behind TLS: it looks at whom it tells the catalogue to.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use integration_tests::{Home, Process, free_port, secured::Authority};
use tempfile::TempDir;

use crate::postgres::Server;

/// A server with a certificate for 127.0.0.1, and who signed it.
struct Secured {
    _server: Server,
    port: u16,
    authority: Authority,
    folder: TempDir,
}

impl Secured {
    fn start() -> Option<Self> {
        let (authority, folder) = (Authority::new("ours"), tempfile::tempdir().unwrap());
        // The server may be another user, who has to get at its certificate.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let own = authority.certify(&["127.0.0.1"], folder.path(), "postgres");
        let port = free_port();
        let options = vec![
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={port}"),
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", own.certificate.display()),
            format!("ssl_key_file={}", own.key.display()),
        ];
        let server = Server::start_with(options, &[&own.certificate, &own.key])?;
        Some(Self { _server: server, port, authority, folder })
    }

    /// Asks for a host by this name, whose certificate `authorities` have to vouch for.
    fn url(&self, host: &str, authorities: &Path) -> String {
        let (port, file) = (self.port, authorities.display());
        let tls = format!("sslmode=verify-full&sslrootcert={file}");
        format!("postgres://hawiya:hunter2@{host}:{port}/postgres?{tls}")
    }
}

#[test]
fn a_registry_serves_from_a_postgres_whose_certificate_it_believes() {
    let Some(secured) = Secured::start() else { return };
    let authorities = secured.authority.write(secured.folder.path(), "ours.pem");
    let home = Home::default();
    let mut command = home.command(&["serve", "registry"]);
    command.env("DATABASE_URL", secured.url("127.0.0.1", &authorities));
    command.env("HAWIYA_LISTEN", "127.0.0.1:0").env("HAWIYA_LOG_FORMAT", "json");
    let registry = Process::spawn(&mut command);
    assert!(registry.address("listening").starts_with("127.0.0.1:"));
}

#[test]
fn a_postgres_that_nobody_vouches_for_under_its_name_is_refused_and_the_reason_told() {
    let Some(secured) = Secured::start() else { return };
    let ours = secured.authority.write(secured.folder.path(), "ours.pem");
    let others = Authority::new("others").write(secured.folder.path(), "others.pem");
    let home = Home::default();
    for (host, authorities, cause) in
        [("127.0.0.1", &others, "UnknownIssuer"), ("localhost", &ours, "not valid for name")]
    {
        let mut command = home.command(&["serve", "registry"]);
        command.env("DATABASE_URL", secured.url(host, authorities));
        let output = command.env("HAWIYA_LISTEN", "127.0.0.1:0").output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("DATABASE_URL") && told.contains(cause), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}
