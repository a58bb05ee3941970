//! A certificate authority of a test, and what is configured of it on both sides.

use std::path::Path;
use std::sync::Arc;

use cache::Tls;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, PEM.
pub(crate) struct Pair {
    certificate: String,
    key: String,
}

impl Authority {
    pub(crate) fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        // Of another name than what it certifies, which would else look as if it had signed itself.
        params.distinguished_name.push(DnType::CommonName, "authority of a test");
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn certify(&self, name: &str) -> Pair {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap().pem();
        Pair { certificate, key: key.serialize_pem() }
    }

    /// The options of a `redis-server` at 127.0.0.1 that also speaks TLS on `port`. Whether clients have
    /// to show a certificate: `yes`, `no`.
    pub(crate) fn options(&self, folder: &Path, port: u16, clients: &str) -> Vec<String> {
        let own = self.certify("127.0.0.1");
        let write = |file: &str, pem: String| {
            let path = folder.join(file);
            std::fs::write(&path, pem).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let options = [
            ["--tls-port".to_owned(), port.to_string()],
            ["--tls-ca-cert-file".to_owned(), write("ca.crt", self.0.pem())],
            ["--tls-cert-file".to_owned(), write("redis.crt", own.certificate)],
            ["--tls-key-file".to_owned(), write("redis.key", own.key)],
            ["--tls-auth-clients".to_owned(), clients.to_owned()],
        ];
        options.concat()
    }

    /// How a client is configured that believes it.
    pub(crate) fn believed(&self, own: Option<&Pair>) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let config = ClientConfig::builder().with_root_certificates(roots);
        Arc::new(match own {
            None => config.with_no_client_auth(),
            Some(own) => {
                let certificate = CertificateDer::from_pem_slice(own.certificate.as_bytes());
                let key = PrivateKeyDer::from_pem_slice(own.key.as_bytes()).unwrap();
                config.with_client_auth_cert(vec![certificate.unwrap()], key).unwrap()
            }
        })
    }

    pub(crate) fn tls(&self, own: Option<&Pair>) -> Tls {
        let config = self.believed(own);
        Tls::new(move || Arc::clone(&config))
    }
}
