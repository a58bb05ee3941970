//! Finds out who makes a call: by an API key, a token, or the certificate of the connection.
//!
//! A credential that is sent and not known is refused, also when another one would do: whoever
//! sends it believes it to be good, and should hear that it is not.

pub(crate) mod keys;
mod signatures;
pub(crate) mod tokens;

use std::path::PathBuf;

use http::{HeaderMap, header::AUTHORIZATION};

pub use keys::{Callers, hash_of, new_key};
use tokens::Tokens;

use crate::{
    Fault, SettingError, Settings,
    caller::{Caller, Scope},
    incoming::Peer,
    quota::Quota,
    reload::Reloaded,
};

/// The longest credential that is looked at. Tokens of large organizations reach 4 KiB.
const CREDENTIAL_BYTES_MAX: usize = 8 << 10;

/// Who is known.
#[derive(Debug)]
pub struct Access {
    callers: Option<Reloaded<Callers>>,
    tokens: Option<Tokens>,
    quota: Option<Quota>,
    own: Option<Callers>,
}

impl Access {
    /// Reads `HAWIYA_API_KEYS_FILE`, `HAWIYA_JWKS_FILE` and its companions, and the quota of
    /// everybody; nothing when neither file is set: everybody may do everything.
    pub fn read(settings: &Settings<'_>) -> Result<Option<Self>, SettingError> {
        let callers = match settings.optional::<PathBuf>("HAWIYA_API_KEYS_FILE")? {
            Some(file) => Some(
                Callers::watch(file.clone())
                    .map_err(|cause| SettingError::because("HAWIYA_API_KEYS_FILE", &file, cause))?,
            ),
            None => None,
        };
        let tokens = Tokens::read(settings)?;
        let quota = Quota::read(settings)?;
        let known = callers.is_some() || tokens.is_some();
        Ok(known.then_some(Self { callers, tokens, quota, own: None }))
    }

    /// A new key with which this process calls itself, known to nobody else.
    pub(crate) fn own_key(&mut self) -> String {
        let key = new_key();
        self.own = Some(Callers::of_itself(&key));
        key
    }

    /// The caller of a call with these headers on a connection of `peer`.
    pub(crate) fn identify(
        &self,
        headers: &HeaderMap,
        peer: Option<&Peer>,
    ) -> Result<Caller, Refusal> {
        let caller = match credential(headers)? {
            Some(Credential::Key(key)) => self.by_key(key)?,
            Some(Credential::Token(token)) => match &self.tokens {
                Some(tokens) => self.not_entered(tokens.caller(token)?)?,
                None => return Err(Refusal::NoTokens),
            },
            None => self.by_certificate(peer)?,
        };
        Ok(caller.acting(headers))
    }

    fn by_key(&self, key: &str) -> Result<Caller, Refusal> {
        let own = self.own.as_ref().and_then(|own| own.by_key(key));
        let entered = || self.callers.as_ref().and_then(|callers| callers.get().by_key(key));
        own.or_else(entered).ok_or(Refusal::UnknownKey)
    }

    /// Refuses a token with the name of somebody else: of the file of callers, or of this process.
    /// What they do would be recorded as done by that one.
    fn not_entered(&self, caller: Caller) -> Result<Caller, Refusal> {
        let own = self.own.as_ref().is_some_and(|own| own.has(caller.name()));
        let entered = self.callers.as_ref().is_some_and(|all| all.get().has(caller.name()));
        if own || entered {
            return Err(Refusal::BadToken("its subject is a name of the file of callers"));
        }
        Ok(caller)
    }

    fn by_certificate(&self, peer: Option<&Peer>) -> Result<Caller, Refusal> {
        let name = peer.and_then(|peer| peer.certificate.as_deref()).ok_or(Refusal::Nothing)?;
        let found = self.callers.as_ref().and_then(|callers| callers.get().by_certificate(name));
        found.ok_or_else(|| Refusal::UnknownCertificate(name.to_owned()))
    }

    /// How often a caller may call; `None`: as often as they like. Services have no limit but their
    /// own: they call for everybody.
    pub(crate) fn quota(&self, caller: &Caller) -> Option<Quota> {
        let callers = self.callers.as_ref();
        let own = callers.and_then(|callers| callers.get().quota(caller.charged()));
        let of_everybody = self.quota.filter(|_| !caller.scopes().allow(Scope::Service));
        own.or(of_everybody)
    }
}

enum Credential<'a> {
    Key(&'a str),
    Token(&'a str),
}

fn credential(headers: &HeaderMap) -> Result<Option<Credential<'_>>, Refusal> {
    let mut sent = headers.get_all(AUTHORIZATION).iter().chain(headers.get_all("x-api-key"));
    let (first, second) = (sent.next(), sent.next());
    let Some(value) = first else { return Ok(None) };
    let text = value.to_str().map_err(|_| Refusal::Malformed)?;
    if second.is_some() || text.len() > CREDENTIAL_BYTES_MAX {
        return Err(Refusal::Malformed);
    }
    if !headers.contains_key(AUTHORIZATION) {
        return Ok(Some(Credential::Key(text)));
    }
    let (kind, secret) = text.split_once(' ').ok_or(Refusal::Malformed)?;
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::Malformed);
    }
    // A JWT has three parts (RFC 7515, section 3.1); a key of ours has no dot.
    let is_token = secret.split('.').count() == 3;
    Ok(Some(if is_token { Credential::Token(secret) } else { Credential::Key(secret) }))
}

/// Why it is not known who calls. What was sent is in none of the texts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There was no credential.
    Nothing,
    /// It is not written as one.
    Malformed,
    /// Nobody has this key.
    UnknownKey,
    /// Nobody has this name in their certificate.
    UnknownCertificate(String),
    /// A token, where tokens are not taken.
    NoTokens,
    /// A token that is over.
    ExpiredToken,
    /// A token that is wrong in some other way.
    BadToken(&'static str),
}

impl Refusal {
    /// As the caller is told. No `From`: another way to make a [`Fault`] would leave `?` in other
    /// crates without a type.
    pub(crate) fn into_fault(self) -> Fault {
        let (reason, text) = match self {
            Self::Nothing => (
                "NO_CREDENTIAL",
                "this service has to know who calls: send an API key or a token as \
                 `authorization: Bearer …`, or a key as `x-api-key`"
                    .to_owned(),
            ),
            Self::Malformed => (
                "MALFORMED_CREDENTIAL",
                "the credential cannot be read: send one `authorization: Bearer …` or one `x-api-key`"
                    .to_owned(),
            ),
            Self::UnknownKey => (
                "UNKNOWN_KEY",
                "nobody has this API key: check it, or have it entered in the file of callers"
                    .to_owned(),
            ),
            Self::UnknownCertificate(name) => (
                "UNKNOWN_CERTIFICATE",
                format!(
                    "nobody has the certificate `{name}`: have it entered in the file of callers"
                ),
            ),
            Self::NoTokens => (
                "UNKNOWN_KEY",
                "this service takes API keys and no tokens: send an API key".to_owned(),
            ),
            Self::ExpiredToken => {
                ("TOKEN_EXPIRED", "the token is over its time: get a new one".to_owned())
            }
            Self::BadToken(cause) => {
                ("BAD_TOKEN", format!("the token is refused: {cause}; get a new one"))
            }
        };
        Fault::Unauthenticated { reason, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn access() -> (tempfile::TempDir, Access) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("callers.toml");
        let hash = hash_of("hk_good");
        let text = format!(
            "[[caller]]\nname = 'newsroom'\nkey_sha256 = '{hash}'\nscopes = ['read']\n\
             calls_per_second = 5\n\
             [[caller]]\nname = 'resolver'\ncertificate = 'resolver.example'\n\
             scopes = ['read', 'service']\n"
        );
        std::fs::write(&file, text).unwrap();
        let callers = Some(Callers::watch(file).unwrap());
        let quota = Some(Quota { calls_per_second: 1.0, burst: 1.0 });
        (folder, Access { callers, tokens: None, quota, own: None })
    }

    fn asked(
        headers: &[(&'static str, &str)],
        certificate: Option<&str>,
    ) -> Result<String, Refusal> {
        let (_folder, access) = access();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let certificate = certificate.map(Arc::from);
        let peer = Peer::new(([127, 0, 0, 1], 1).into(), certificate);
        access.identify(&map, Some(&peer)).map(|caller| caller.name().to_owned())
    }

    #[test]
    fn a_key_is_taken_in_either_header() {
        let newsroom = Ok("newsroom".to_owned());
        assert_eq!(asked(&[("x-api-key", "hk_good")], None), newsroom);
        assert_eq!(asked(&[("authorization", "Bearer hk_good")], None), newsroom);
        assert_eq!(asked(&[("authorization", "bearer hk_good")], None), newsroom);
    }

    #[test]
    fn a_certificate_is_a_credential_and_a_bad_key_is_not_mended_by_it() {
        let certificate = Some("resolver.example");
        assert_eq!(asked(&[], certificate), Ok("resolver".to_owned()));
        assert_eq!(asked(&[("x-api-key", "hk_bad")], certificate), Err(Refusal::UnknownKey));
        let stranger = Err(Refusal::UnknownCertificate("stranger.example".to_owned()));
        assert_eq!(asked(&[], Some("stranger.example")), stranger);
    }

    #[test]
    fn what_is_no_credential_is_refused() {
        assert_eq!(asked(&[], None), Err(Refusal::Nothing));
        for bad in ["hk_good", "Basic hk_good", "Bearer"] {
            assert_eq!(asked(&[("authorization", bad)], None), Err(Refusal::Malformed), "{bad}");
        }
        let twice = [("authorization", "Bearer hk_good"), ("x-api-key", "hk_good")];
        assert_eq!(asked(&twice, None), Err(Refusal::Malformed));
        assert_eq!(asked(&[("authorization", "Bearer a.b.c")], None), Err(Refusal::NoTokens));
        let long = "k".repeat(CREDENTIAL_BYTES_MAX + 1);
        assert_eq!(asked(&[("x-api-key", &long)], None), Err(Refusal::Malformed));
    }

    #[test]
    fn an_own_quota_goes_before_that_of_everybody_and_services_have_none() {
        let (_folder, access) = access();
        let quota = |name: &str, scopes: &[Scope]| {
            let caller = Caller::new(name.into(), scopes.iter().copied().collect());
            access.quota(&caller).map(|quota| quota.calls_per_second)
        };
        assert_eq!(quota("newsroom", &[Scope::Read]), Some(5.0));
        assert_eq!(quota("somebody", &[Scope::Read]), Some(1.0));
        assert_eq!(quota("resolver", &[Scope::Read, Scope::Service]), None);
    }

    #[test]
    fn a_service_is_not_charged_for_whom_it_acts() {
        let (_folder, access) = access();
        let mut headers = HeaderMap::new();
        headers.insert(crate::caller::ACTS_FOR, "newsroom".parse().unwrap());
        let scopes = [Scope::Read, Scope::Service].into_iter().collect();
        let caller = Caller::new("resolver".into(), scopes).acting(&headers);
        assert_eq!(caller.name(), "newsroom");
        assert_eq!(access.quota(&caller), None);
    }

    #[test]
    fn a_token_cannot_have_the_name_of_an_entered_caller() {
        let (_folder, access) = access();
        let named = |name: &str| Caller::new(name.into(), Default::default());
        assert!(access.not_entered(named("somebody")).is_ok());
        assert!(access.not_entered(named("newsroom")).is_err());
        assert!(access.not_entered(named("resolver")).is_err());
    }

    #[test]
    fn no_refusal_tells_what_was_sent() {
        let refused = asked(&[("authorization", "Bearer hunter2")], None).unwrap_err();
        let status = tonic::Status::from(refused.into_fault());
        assert_eq!(status.code(), tonic::Code::Unauthenticated);
        assert!(!format!("{status:?}").contains("hunter2"));
    }
}
