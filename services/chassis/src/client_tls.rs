//! TLS of a client: whom it trusts, the certificate it shows, and the renewal of both.
//!
//! Nobody is trusted but the authorities of one file: an image may have none of its own, and a
//! service that takes whatever a machine trusts is as safe as the least of them.

use std::{path::PathBuf, sync::Arc};

use rustls::{ClientConfig, crypto::ring};

use crate::{
    SettingError, Settings,
    reload::Reloaded,
    tls::{chain_of, key_of, roots_of},
};

/// TLS of a client.
#[derive(Debug)]
pub struct ClientTls(Reloaded<ClientConfig>);

/// The settings that TLS of a client is read from.
#[derive(Clone, Copy, Debug)]
pub struct ClientTlsSettings {
    /// Authorities to trust.
    pub authorities: &'static str,
    /// The certificate that is shown.
    pub certificate: &'static str,
    /// The key of that certificate.
    pub key: &'static str,
}

impl ClientTls {
    /// Reads it, for a protocol of this name in a handshake (RFC 7301), if it has one; nothing when
    /// the settings are unset.
    pub fn read(
        settings: &Settings<'_>,
        names: &ClientTlsSettings,
        protocols: &[&[u8]],
    ) -> Result<Option<Self>, SettingError> {
        let authorities: Option<PathBuf> = settings.optional(names.authorities)?;
        let certificate: Option<PathBuf> = settings.optional(names.certificate)?;
        let key: Option<PathBuf> = settings.optional(names.key)?;
        if certificate.is_some() != key.is_some() {
            let missing = if key.is_none() { names.key } else { names.certificate };
            let expected = "a file: a client certificate and its key go together";
            return Err(SettingError::missing(missing, expected));
        }
        let Some(authorities) = authorities else {
            let expected = "a file, because a client certificate is set";
            return match certificate {
                Some(_) => Err(SettingError::missing(names.authorities, expected)),
                None => Ok(None),
            };
        };
        let files = [Some(authorities.clone()), certificate, key].into_iter().flatten().collect();
        let protocols: Vec<Vec<u8>> = protocols.iter().map(|name| name.to_vec()).collect();
        let made = Reloaded::new(files, move |contents| configure(contents, &protocols));
        let told = |cause| SettingError::because(names.authorities, &authorities, cause);
        made.map(|config| Some(Self(config))).map_err(told)
    }

    /// What the next handshake is made with.
    #[must_use]
    pub fn get(&self) -> Arc<ClientConfig> {
        self.0.get()
    }
}

fn configure(contents: &[Vec<u8>], protocols: &[Vec<u8>]) -> Result<ClientConfig, String> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots_of(&contents[0])?);
    let mut config = match contents {
        [_, certificate, key] => builder
            .with_client_auth_cert(chain_of(certificate)?, key_of(key)?)
            .map_err(|error| error.to_string())?,
        _ => builder.with_no_client_auth(),
    };
    config.alpn_protocols = protocols.to_vec();
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(values: &[(&str, &str)], expected: Expect) {
        let lookup = |name: &str| {
            values.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        let names = ClientTlsSettings { authorities: "CA", certificate: "CERT", key: "KEY" };
        let read = ClientTls::read(&Settings::new(&lookup), &names, &[]);
        expected.assert_eq(&match read {
            Ok(read) => format!("{read:?}"),
            Err(error) => error.to_string(),
        });
    }

    #[test]
    fn half_a_setting_is_refused_with_what_is_missing() {
        check(&[], expect!["None"]);
        check(
            &[("CERT", "/a.pem")],
            expect![
                "KEY is not set: expected a file: a client certificate and its key go together"
            ],
        );
        check(
            &[("KEY", "/a.pem")],
            expect![
                "CERT is not set: expected a file: a client certificate and its key go together"
            ],
        );
        check(
            &[("CERT", "/a.pem"), ("KEY", "/a.pem")],
            expect!["CA is not set: expected a file, because a client certificate is set"],
        );
    }

    #[test]
    fn a_file_without_an_authority_is_refused_and_not_shown() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "hunter2").unwrap();
        let path = file.path().to_str().unwrap().to_owned();
        let lookup = |name: &str| (name == "CA").then(|| path.clone());
        let names = ClientTlsSettings { authorities: "CA", certificate: "CERT", key: "KEY" };
        let refused = ClientTls::read(&Settings::new(&lookup), &names, &[]).unwrap_err();
        assert_eq!((refused.name, refused.value.as_str()), ("CA", path.as_str()));
        assert!(refused.expected.ends_with("there is no certificate in the file"), "{refused}");
    }
}
