//! What a test of security needs: certificate authorities, files of callers, and a client that
//! shows what it is told to show.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use chassis::{
    Channel, Outgoing, Settings, channel,
    settings::{Address, Setting},
};
use prost::Message;
use prost_types::FileDescriptorSet;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use tonic::{Code, Request, Status, client::Grpc, codegen::http::uri::PathAndQuery};
use tonic_prost::ProstCodec;

use crate::Service;

/// A certificate authority of a test.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key in files.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

impl Authority {
    /// A new one.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Its own certificate, in a file.
    #[must_use]
    pub fn write(&self, folder: &Path, file: &str) -> PathBuf {
        let path = folder.join(file);
        fs::write(&path, self.0.pem()).unwrap();
        path
    }

    /// Certifies `names`, in files of this name; what was there is written over.
    #[must_use]
    pub fn certify(&self, names: &[&str], folder: &Path, file: &str) -> Certificate {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let signed = CertificateParams::new(names).unwrap().signed_by(&key, &self.0).unwrap();
        let written = Certificate {
            certificate: folder.join(format!("{file}.crt")),
            key: folder.join(format!("{file}.key")),
        };
        fs::write(&written.certificate, signed.pem()).unwrap();
        fs::write(&written.key, key.serialize_pem()).unwrap();
        written
    }
}

/// What a client shows, and whom it trusts.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// Authorities to trust.
    pub authorities: Option<PathBuf>,
    /// Its own certificate.
    pub certificate: Option<Certificate>,
    /// Its key or token.
    pub token: Option<String>,
}

impl Shown {
    /// Nothing but a token.
    #[must_use]
    pub fn token(token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..Self::default() }
    }

    /// A channel to a server, `http://…` or `https://…`.
    #[must_use]
    pub fn channel(&self, address: &str) -> Channel {
        let path = |path: &PathBuf| path.to_str().unwrap().to_owned();
        let lookup = |name: &str| match name {
            "HAWIYA_TLS_CA" => self.authorities.as_ref().map(path),
            "HAWIYA_TLS_CLIENT_CERT" => self.certificate.as_ref().map(|own| path(&own.certificate)),
            "HAWIYA_TLS_CLIENT_KEY" => self.certificate.as_ref().map(|own| path(&own.key)),
            "HAWIYA_TOKEN" => self.token.clone(),
            _ => None,
        };
        let outgoing = Arc::new(Outgoing::read(&Settings::new(&lookup)).unwrap());
        channel::connect(&Address::parse(address).unwrap().with(&outgoing))
    }
}

/// A method of a service, by its descriptor.
#[derive(Clone, Debug)]
pub struct Method {
    /// `/package.Service/Method`.
    pub path: String,
    /// Whether the caller sends a stream.
    pub takes_stream: bool,
}

/// Every method of a server, its own and those of reflection; health is open to everybody.
#[must_use]
pub fn methods(service: Service) -> Vec<Method> {
    let files = FileDescriptorSet::decode(service.descriptors()).unwrap().file;
    let mut methods = Vec::new();
    for file in &files {
        for service in &file.service {
            methods.extend(service.method.iter().map(|method| Method {
                path: format!("/{}.{}/{}", file.package(), service.name(), method.name()),
                takes_stream: method.client_streaming(),
            }));
        }
    }
    methods.extend(["v1", "v1alpha"].map(|version| Method {
        path: format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"),
        takes_stream: true,
    }));
    methods
}

/// Calls a method with an empty message, which every message can be read from, and says what came
/// first: an answer, or a refusal.
pub async fn call(channel: Channel, path: &str) -> Result<(), Status> {
    let mut grpc = Grpc::new(channel);
    let unreachable = |error| Status::from_error(Box::new(error));
    grpc.ready().await.map_err(unreachable)?;
    let path = PathAndQuery::try_from(path).unwrap();
    let codec = ProstCodec::<(), ()>::default();
    // As a stream, so that an answer without an end is no matter.
    let mut request = Request::new(tokio_stream::once(()));
    request.set_timeout(crate::PATIENCE);
    let mut answers = grpc.streaming(request, path, codec).await?.into_inner();
    tokio::select! {
        biased;
        first = answers.message() => first.map(drop),
        // Headers without a refusal have come, and what follows may take its time.
        () = tokio::time::sleep(std::time::Duration::from_millis(200)) => Ok(()),
    }
}

/// The code of [`call`].
pub async fn code(channel: Channel, path: &str) -> Code {
    call(channel, path).await.err().map_or(Code::Ok, |status| status.code())
}
