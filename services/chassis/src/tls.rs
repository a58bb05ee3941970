//! TLS of a server's port: its certificate, whose client certificates it takes, and their renewal.
//!
//! The whole configuration is made again when a file changes, so that a new certificate authority
//! takes effect as a new certificate does, and nothing of the old one can be resumed. Connections
//! that are open stay as they are until they are too old (`HAWIYA_CONNECTION_AGE_MAX`).

use std::{path::PathBuf, sync::Arc};

use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tokio_rustls::TlsAcceptor;

use crate::{SettingError, Settings, reload::Reloaded, settings::Setting};

/// What HTTP/2 is called in a handshake (RFC 7301).
pub(crate) const ALPN_H2: &[u8] = b"h2";

/// TLS of a server's port.
#[derive(Debug)]
pub struct ServerTls(Reloaded<ServerConfig>);

/// Whether a client has to show a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCertificates {
    /// Who has none is not let in.
    Required,
    /// Who has one is known by it.
    Optional,
}

impl Setting for ClientCertificates {
    const EXPECTED: &'static str = "`required` or `optional`";

    fn parse(value: &str) -> Option<Self> {
        match value {
            "required" => Some(Self::Required),
            "optional" => Some(Self::Optional),
            _ => None,
        }
    }

    fn written(&self) -> Option<String> {
        Some(if *self == Self::Required { "required" } else { "optional" }.to_owned())
    }
}

impl ServerTls {
    /// Reads `HAWIYA_TLS_CERT`, `HAWIYA_TLS_KEY`, `HAWIYA_TLS_CLIENT_CA` and `HAWIYA_TLS_CLIENT`;
    /// nothing when they are unset: the port is plain.
    pub fn read(settings: &Settings<'_>) -> Result<Option<Self>, SettingError> {
        let certificate: Option<PathBuf> = settings.optional("HAWIYA_TLS_CERT")?;
        let key: Option<PathBuf> = settings.optional("HAWIYA_TLS_KEY")?;
        let client_ca: Option<PathBuf> = settings.optional("HAWIYA_TLS_CLIENT_CA")?;
        let clients = settings.get("HAWIYA_TLS_CLIENT", ClientCertificates::Required)?;
        match (certificate, key) {
            (Some(certificate), Some(key)) => {
                let made = Self::new(certificate.clone(), key, client_ca, clients);
                let told = |cause| SettingError::because("HAWIYA_TLS_CERT", &certificate, cause);
                made.map(Some).map_err(told)
            }
            (None, None) if client_ca.is_none() => Ok(None),
            (None, _) => Err(SettingError::missing(
                "HAWIYA_TLS_CERT",
                "a file, because HAWIYA_TLS_KEY or HAWIYA_TLS_CLIENT_CA is set",
            )),
            (_, None) => Err(SettingError::missing(
                "HAWIYA_TLS_KEY",
                "a file, because HAWIYA_TLS_CERT is set",
            )),
        }
    }

    /// TLS with the chain and the key in these PEM files, for clients whose certificates are signed
    /// by one in `client_ca`, if it is there.
    pub fn new(
        certificate: PathBuf,
        key: PathBuf,
        client_ca: Option<PathBuf>,
        clients: ClientCertificates,
    ) -> Result<Self, String> {
        let mut files = vec![certificate, key];
        files.extend(client_ca);
        Reloaded::new(files, move |contents| configure(contents, clients)).map(Self)
    }

    /// What the next handshake is made with.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.0.get())
    }
}

fn configure(contents: &[Vec<u8>], clients: ClientCertificates) -> Result<ServerConfig, String> {
    let (chain, key) = (chain_of(&contents[0])?, key_of(&contents[1])?);
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let builder = match contents.get(2) {
        None => builder.with_no_client_auth(),
        Some(authorities) => {
            let roots = Arc::new(roots_of(authorities)?);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
            let verifier = match clients {
                ClientCertificates::Required => verifier,
                ClientCertificates::Optional => verifier.allow_unauthenticated(),
            };
            builder.with_client_cert_verifier(verifier.build().map_err(|error| error.to_string())?)
        }
    };
    let mut config = builder.with_single_cert(chain, key).map_err(|error| error.to_string())?;
    config.alpn_protocols = vec![ALPN_H2.to_vec()];
    Ok(config)
}

pub(crate) fn chain_of(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let chain = chain.map_err(|error| format!("a certificate cannot be read: {error}"))?;
    if chain.is_empty() { Err("there is no certificate in the file".to_owned()) } else { Ok(chain) }
}

pub(crate) fn key_of(pem: &[u8]) -> Result<PrivateKeyDer<'static>, String> {
    PrivateKeyDer::from_pem_slice(pem)
        .map_err(|error| format!("the private key cannot be read: {error}"))
}

pub(crate) fn roots_of(pem: &[u8]) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in chain_of(pem)? {
        roots.add(certificate).map_err(|error| format!("no certificate authority: {error}"))?;
    }
    Ok(roots)
}

/// The name of who shows `certificate`: the first DNS name among its alternative names. The common
/// name is not looked at: it has been out of use for naming since RFC 6125.
pub(crate) fn name_of(certificate: &CertificateDer<'_>) -> Option<String> {
    let certificate = webpki::EndEntityCert::try_from(certificate).ok()?;
    certificate.valid_dns_names().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use std::collections::HashMap;

    fn check(values: &[(&str, &str)], expected: Expect) {
        let values: HashMap<_, _> = values.iter().copied().collect();
        let lookup = |name: &str| values.get(name).map(|value| (*value).to_owned());
        let read = ServerTls::read(&Settings::new(&lookup));
        expected.assert_eq(&match read {
            Ok(read) => format!("{read:?}"),
            Err(error) => error.to_string(),
        });
    }

    #[test]
    fn half_a_setting_is_refused_with_what_is_missing() {
        check(&[], expect!["None"]);
        check(
            &[("HAWIYA_TLS_CERT", "/a.pem")],
            expect!["HAWIYA_TLS_KEY is not set: expected a file, because HAWIYA_TLS_CERT is set"],
        );
        check(
            &[("HAWIYA_TLS_CLIENT_CA", "/a.pem")],
            expect![
                "HAWIYA_TLS_CERT is not set: expected a file, because HAWIYA_TLS_KEY or HAWIYA_TLS_CLIENT_CA is set"
            ],
        );
    }

    #[test]
    fn the_name_in_a_certificate_is_its_first_dns_name() {
        let made = rcgen::generate_simple_self_signed(vec!["a.example".into(), "b.example".into()]);
        assert_eq!(name_of(made.unwrap().cert.der()).as_deref(), Some("a.example"));
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".into()]);
        assert_eq!(name_of(made.unwrap().cert.der()), None);
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let made = |name: &str| rcgen::generate_simple_self_signed(vec![name.into()]).unwrap();
        let (one, other) = (made("a.example"), made("a.example"));
        let pair = |certificate: String, key: String| {
            configure(&[certificate.into(), key.into()], ClientCertificates::Required)
        };
        assert!(pair(one.cert.pem(), one.signing_key.serialize_pem()).is_ok());
        assert!(pair(one.cert.pem(), other.signing_key.serialize_pem()).is_err());
    }
}
