//! What a process shows and trusts when it calls: certificates it trusts, its own, and its token.
//!
//! All of them are files that are read again when they change; a connection that is made from then
//! on, and the next call, take the new ones.

use std::{io, path::PathBuf, sync::Arc};

use http::{HeaderMap, HeaderValue, Uri, header::AUTHORIZATION};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::{
    SettingError, Settings,
    client_tls::{ClientTls, ClientTlsSettings},
    reload::Reloaded,
    settings::{Address, Secret},
    tls::ALPN_H2,
};

/// Where TLS of calls to neighbours is set.
const TLS: ClientTlsSettings = ClientTlsSettings {
    authorities: "HAWIYA_TLS_CA",
    certificate: "HAWIYA_TLS_CLIENT_CERT",
    key: "HAWIYA_TLS_CLIENT_KEY",
};

/// What a process shows and trusts when it calls.
#[derive(Debug, Default)]
pub struct Outgoing {
    tls: Option<ClientTls>,
    token: Option<Token>,
}

#[derive(Debug)]
enum Token {
    Fixed(HeaderValue),
    OfFile(Reloaded<HeaderValue>),
}

impl Outgoing {
    /// Reads `HAWIYA_TLS_CA`, `HAWIYA_TLS_CLIENT_CERT`, `HAWIYA_TLS_CLIENT_KEY`, and
    /// `HAWIYA_TOKEN_FILE` or `HAWIYA_TOKEN`.
    pub fn read(settings: &Settings<'_>) -> Result<Self, SettingError> {
        Ok(Self { tls: ClientTls::read(settings, &TLS, &[ALPN_H2])?, token: read_token(settings)? })
    }

    /// The same with another token.
    #[must_use]
    pub fn with_token(self, token: &Secret) -> Option<Self> {
        let value = bearer(token.reveal())?;
        Some(Self { token: Some(Token::Fixed(value)), ..self })
    }

    /// Refuses an address that cannot be called because nobody is trusted.
    pub fn check(&self, address: &Address) -> Result<(), SettingError> {
        if self.tls.is_none() && address.uri().scheme_str() == Some("https") {
            let expected = "a file of authorities to trust, because an address is `https`";
            return Err(SettingError::missing("HAWIYA_TLS_CA", expected));
        }
        Ok(())
    }

    /// Whether calls carry a token.
    #[must_use]
    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// Shows the token in the headers of a call.
    pub(crate) fn sign(&self, headers: &mut HeaderMap) {
        let value = match &self.token {
            None => return,
            Some(Token::Fixed(value)) => value.clone(),
            Some(Token::OfFile(value)) => (*value.get()).clone(),
        };
        headers.insert(AUTHORIZATION, value);
    }

    /// A connection to `at`, which has to show a certificate for `name`.
    pub(crate) async fn connect(
        self: Arc<Self>,
        name: ServerName<'static>,
        at: Uri,
    ) -> io::Result<TokioIo<TlsStream<TcpStream>>> {
        let tls = self.tls.as_ref().ok_or_else(|| {
            io::Error::other("`https` needs HAWIYA_TLS_CA: a file of the authorities to trust")
        })?;
        let host = at.host().unwrap_or_default().trim_matches(['[', ']']);
        let stream = TcpStream::connect((host, at.port_u16().unwrap_or(443))).await?;
        stream.set_nodelay(true)?;
        let stream = TlsConnector::from(tls.get()).connect(name, stream).await?;
        Ok(TokioIo::new(stream))
    }
}

fn read_token(settings: &Settings<'_>) -> Result<Option<Token>, SettingError> {
    if let Some(file) = settings.optional::<PathBuf>("HAWIYA_TOKEN_FILE")? {
        let told = |cause| SettingError::because("HAWIYA_TOKEN_FILE", &file, cause);
        return Reloaded::new(vec![file.clone()], |contents| token_of(&contents[0]))
            .map(|value| Some(Token::OfFile(value)))
            .map_err(told);
    }
    let Some(token) = settings.optional::<Secret>("HAWIYA_TOKEN")? else { return Ok(None) };
    match bearer(token.reveal()) {
        Some(value) => Ok(Some(Token::Fixed(value))),
        None => Err(SettingError {
            name: "HAWIYA_TOKEN",
            value: "…".to_owned(),
            expected: "an API key or a JWT".into(),
        }),
    }
}

fn token_of(content: &[u8]) -> Result<HeaderValue, String> {
    let text = std::str::from_utf8(content).unwrap_or_default();
    bearer(text).ok_or_else(|| "it does not hold one API key or JWT".to_owned())
}

/// A header that no log shows.
fn bearer(token: &str) -> Option<HeaderValue> {
    let token = token.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_with_a_call_and_is_never_shown() {
        let outgoing = Outgoing { tls: None, token: None };
        let secret = <Secret as crate::settings::Setting>::parse("hunter2").unwrap();
        let outgoing = outgoing.with_token(&secret).unwrap();
        let mut headers = HeaderMap::new();
        outgoing.sign(&mut headers);
        assert_eq!(headers[AUTHORIZATION].as_bytes(), b"Bearer hunter2");
        assert!(!format!("{outgoing:?} {headers:?}").contains("hunter2"));
    }

    #[test]
    fn a_file_holds_one_token() {
        assert!(token_of(b"hk_1\n").is_ok());
        for bad in ["", "\n", "one two", "one\ntwo", "\u{FEFF}hk_1"] {
            assert!(token_of(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }
}
