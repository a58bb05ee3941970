//! Tokens of an identity provider: JWT (RFC 7519), signed by a key of a JWKS file (RFC 7517).
//!
//! Issuer, audience and expiry are required, and only signatures with public keys are taken
//! (RFC 8725). The caller is the subject; the scopes are in `scope` (RFC 8693) or `scp`. A token
//! that was good is remembered for a minute: a signature costs some 50 µs.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    errors::ErrorKind,
    jwk::{Jwk, JwkSet},
};
use moka::sync::Cache;
use ring::digest::{SHA256, digest};
use serde::Deserialize;

use super::{Refusal, keys::scopes_of, signatures};
use crate::{
    SettingError, Settings,
    caller::{self, Caller},
    reload::{BELIEVED_FOR, Reloaded},
};

/// How far the clocks of an identity provider and of this machine may be apart.
const LEEWAY: Duration = Duration::from_secs(30);

/// How long a good token is believed, and how many are.
const REMEMBERED_FOR: Duration = Duration::from_secs(60);
const REMEMBERED_MAX: u64 = 10_000;

/// Signatures that are taken. Those with a shared secret are not: whoever can check them can make
/// them.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// Checks tokens.
#[derive(Debug)]
pub(crate) struct Tokens {
    keys: Reloaded<Keys>,
    issuer: String,
    audience: String,
    good: Cache<[u8; 32], Good>,
}

/// A token that was found good, under which keys, and until when.
#[derive(Clone, Debug)]
struct Good {
    caller: Caller,
    expires: u64,
    keys: Arc<Keys>,
}

/// The keys of an identity provider.
pub(crate) struct Keys(Vec<Key>);

struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: u64,
    #[serde(default)]
    scope: Option<Scope>,
    #[serde(default)]
    scp: Option<Scope>,
}

/// Scopes as providers write them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scope {
    Text(String),
    List(Vec<String>),
}

impl Tokens {
    /// Reads `HAWIYA_JWKS_FILE`, `HAWIYA_JWT_ISSUER` and `HAWIYA_JWT_AUDIENCE`.
    pub(super) fn read(settings: &Settings<'_>) -> Result<Option<Self>, SettingError> {
        let file: Option<PathBuf> = settings.optional("HAWIYA_JWKS_FILE")?;
        let issuer: Option<String> = settings.optional("HAWIYA_JWT_ISSUER")?;
        let audience: Option<String> = settings.optional("HAWIYA_JWT_AUDIENCE")?;
        let Some(file) = file else {
            if issuer.is_some() || audience.is_some() {
                let expected = "a file of keys, because an issuer or audience of tokens is set";
                return Err(SettingError::missing("HAWIYA_JWKS_FILE", expected));
            }
            return Ok(None);
        };
        let expected = "the `iss` of tokens, because HAWIYA_JWKS_FILE is set";
        let issuer = issuer.ok_or_else(|| SettingError::missing("HAWIYA_JWT_ISSUER", expected))?;
        let expected = "the `aud` of tokens, because HAWIYA_JWKS_FILE is set";
        let audience =
            audience.ok_or_else(|| SettingError::missing("HAWIYA_JWT_AUDIENCE", expected))?;
        let made = Self::new(file.clone(), issuer, audience);
        made.map(Some).map_err(|cause| SettingError::because("HAWIYA_JWKS_FILE", &file, cause))
    }

    pub(crate) fn new(file: PathBuf, issuer: String, audience: String) -> Result<Self, String> {
        signatures::install();
        let keys = Reloaded::new(vec![file], |contents| Keys::parse(&contents[0]))?;
        let good =
            Cache::builder().max_capacity(REMEMBERED_MAX).time_to_live(REMEMBERED_FOR).build();
        Ok(Self { keys, issuer, audience, good })
    }

    /// The caller that a token names.
    pub(crate) fn caller(&self, token: &str) -> Result<Caller, Refusal> {
        let hash: [u8; 32] =
            digest(&SHA256, token.as_bytes()).as_ref().try_into().expect("SHA-256 has 32 bytes");
        let keys = self.keys.get();
        if let Some(good) = self.good.get(&hash)
            && Arc::ptr_eq(&good.keys, &keys)
        {
            let over = now() > good.expires.saturating_add(LEEWAY.as_secs());
            return if over { Err(Refusal::ExpiredToken) } else { Ok(good.caller) };
        }
        let claims = self.check(&keys, token)?;
        let (caller, expires) = (named(&claims)?, claims.exp);
        self.good.insert(hash, Good { caller: caller.clone(), expires, keys });
        Ok(caller)
    }

    fn check(&self, keys: &Keys, token: &str) -> Result<Claims, Refusal> {
        let header = decode_header(token).map_err(|_| Refusal::BadToken("it is no JWT"))?;
        let mut validation = Validation::new(header.alg);
        validation.leeway = LEEWAY.as_secs();
        validation.validate_nbf = true;
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let mut refusal = Refusal::BadToken("it is signed by a key that is not known here");
        for key in keys.fitting(header.alg, header.kid.as_deref()) {
            match decode::<Claims>(token, &key.key, &validation) {
                Ok(token) => return Ok(token.claims),
                // Another key may have signed it; any other fault stays one under every key.
                Err(error) if matches!(error.kind(), ErrorKind::InvalidSignature) => {
                    refusal = refusal_of(error.kind());
                }
                Err(error) => return Err(refusal_of(error.kind())),
            }
        }
        Err(refusal)
    }
}

fn named(claims: &Claims) -> Result<Caller, Refusal> {
    if !caller::is_name(&claims.sub) {
        return Err(Refusal::BadToken("its subject is not 1 to 128 visible ASCII characters"));
    }
    let names = |scope: &Scope| match scope {
        Scope::Text(text) => text.split(' ').map(str::to_owned).collect(),
        Scope::List(list) => list.clone(),
    };
    let granted: Vec<String> = claims.scope.iter().chain(&claims.scp).flat_map(names).collect();
    let scopes = scopes_of(granted.iter().map(String::as_str));
    Ok(Caller::new(claims.sub.as_str().into(), scopes))
}

fn refusal_of(error: &ErrorKind) -> Refusal {
    Refusal::BadToken(match error {
        ErrorKind::ExpiredSignature => return Refusal::ExpiredToken,
        ErrorKind::ImmatureSignature => "its time has not come",
        ErrorKind::InvalidIssuer => "it is of another issuer",
        ErrorKind::InvalidAudience => "it is for another audience",
        ErrorKind::InvalidSignature => "its signature is wrong",
        ErrorKind::MissingRequiredClaim(_) => "it lacks `exp`, `iss`, `aud` or `sub`",
        _ => "it cannot be read",
    })
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(u64::MAX, |since| since.as_secs())
}

impl Keys {
    pub(crate) fn parse(content: &[u8]) -> Result<Self, String> {
        let set: JwkSet = serde_json::from_slice(content)
            .map_err(|error| format!("it is no set of keys (JWKS): {error}"))?;
        let keys: Vec<_> = set.keys.iter().filter_map(Key::of).collect();
        if keys.is_empty() {
            return Err("it has no public key for RS256, ES256 or EdDSA".to_owned());
        }
        Ok(Self(keys))
    }

    fn fitting<'a>(
        &'a self,
        algorithm: Algorithm,
        id: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Key> {
        let fits = move |key: &&Key| {
            key.algorithm == algorithm
                && (id.is_none() || key.id.is_none() || key.id.as_deref() == id)
        };
        self.0.iter().filter(fits)
    }
}

impl Key {
    /// The key as it is used here; nothing of one that is not used here.
    fn of(jwk: &Jwk) -> Option<Self> {
        let algorithm = signatures::algorithm_of(jwk)?;
        let key = DecodingKey::from_jwk(jwk).ok()?;
        let id = jwk.common.key_id.clone();
        ALGORITHMS.contains(&algorithm).then_some(Self { id, algorithm, key })
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.0.iter().map(|key| &key.id)).finish()
    }
}

// What is remembered must not outlive the look at the files by much.
const _: () = assert!(BELIEVED_FOR.as_secs() < REMEMBERED_FOR.as_secs());

#[cfg(test)]
mod tests {
    use super::*;
    use ring::{rand::SystemRandom, signature as crypto};
    use serde_json::{Value, json};

    /// An identity provider with one key of each kind that can be made here.
    struct Provider {
        ed: crypto::Ed25519KeyPair,
        ec: crypto::EcdsaKeyPair,
    }

    fn base64url(bytes: &[u8]) -> String {
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut text = String::new();
        for chunk in bytes.chunks(3) {
            let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
                << (8 * (3 - chunk.len()));
            for at in 0..=chunk.len() {
                text.push(char::from(LETTERS[(bits >> (18 - 6 * at)) as usize & 63]));
            }
        }
        text
    }

    impl Provider {
        fn new() -> Self {
            use crypto::ECDSA_P256_SHA256_FIXED_SIGNING as P256;
            let random = SystemRandom::new();
            let ed = crypto::Ed25519KeyPair::generate_pkcs8(&random).unwrap();
            let ec = crypto::EcdsaKeyPair::generate_pkcs8(&P256, &random).unwrap();
            Self {
                ed: crypto::Ed25519KeyPair::from_pkcs8(ed.as_ref()).unwrap(),
                ec: crypto::EcdsaKeyPair::from_pkcs8(&P256, ec.as_ref(), &random).unwrap(),
            }
        }

        fn jwks(&self) -> String {
            use crypto::KeyPair as _;
            let point = self.ec.public_key().as_ref();
            let (x, y) = point[1..].split_at(32);
            json!({"keys": [
                {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": base64url(self.ed.public_key().as_ref())},
                {"kty": "EC", "crv": "P-256", "kid": "ec", "x": base64url(x), "y": base64url(y)},
            ]})
            .to_string()
        }

        fn sign(&self, header: &Value, claims: &Value) -> String {
            let part = |value: &Value| base64url(value.to_string().as_bytes());
            let message = format!("{}.{}", part(header), part(claims));
            let signature = match header["alg"].as_str().unwrap() {
                "EdDSA" => self.ed.sign(message.as_bytes()).as_ref().to_vec(),
                "ES256" => {
                    let random = SystemRandom::new();
                    self.ec.sign(&random, message.as_bytes()).unwrap().as_ref().to_vec()
                }
                _ => Vec::new(),
            };
            format!("{message}.{}", base64url(&signature))
        }
    }

    fn claims(changes: &[(&str, Value)]) -> Value {
        let mut claims = json!({
            "iss": "https://id.example", "aud": "hawiya", "sub": "desk",
            "exp": now() + 3_600, "scope": "openid read write",
        });
        for (name, value) in changes {
            claims[*name] = value.clone();
        }
        claims
    }

    struct Fixture {
        _folder: tempfile::TempDir,
        provider: Provider,
        tokens: Tokens,
    }

    fn fixture() -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let provider = Provider::new();
        let file = folder.path().join("jwks.json");
        std::fs::write(&file, provider.jwks()).unwrap();
        let tokens = Tokens::new(file, "https://id.example".into(), "hawiya".into()).unwrap();
        Fixture { _folder: folder, provider, tokens }
    }

    fn asked(header: Value, changes: &[(&str, Value)]) -> Result<Caller, Refusal> {
        let fixture = fixture();
        fixture.tokens.caller(&fixture.provider.sign(&header, &claims(changes)))
    }

    fn ed() -> Value {
        json!({"alg": "EdDSA", "kid": "ed"})
    }

    #[test]
    fn a_good_token_names_the_caller_and_what_they_may_do() {
        use crate::caller::Scope;
        let ec_without_kid = json!({"alg": "ES256"});
        for header in [ed(), json!({"alg": "ES256", "kid": "ec"}), ec_without_kid] {
            let caller = asked(header, &[]).unwrap();
            assert_eq!(caller.name(), "desk");
            assert!(caller.scopes().allow(Scope::Write) && !caller.scopes().allow(Scope::Admin));
        }
        let listed = asked(ed(), &[("scope", Value::Null), ("scp", json!(["admin"]))]).unwrap();
        assert!(listed.scopes().allow(Scope::Admin));
    }

    #[test]
    fn a_token_of_another_time_issuer_or_audience_is_refused() {
        let refused = |name: &str, value: Value| asked(ed(), &[(name, value)]).unwrap_err();
        assert_eq!(refused("exp", json!(now() - 31)), Refusal::ExpiredToken);
        let early = Refusal::BadToken("its time has not come");
        assert_eq!(refused("nbf", json!(now() + 60)), early);
        let issuer = Refusal::BadToken("it is of another issuer");
        assert_eq!(refused("iss", json!("https://evil.example")), issuer);
        let audience = Refusal::BadToken("it is for another audience");
        assert_eq!(refused("aud", json!("billing")), audience);
        for bad in [json!("soon"), Value::Null] {
            assert!(matches!(refused("exp", bad), Refusal::BadToken(_)));
        }
        assert!(matches!(refused("sub", json!("two words")), Refusal::BadToken(_)));
    }

    #[test]
    fn a_token_that_is_over_is_refused_also_when_it_was_good_before() {
        let fixture = fixture();
        let token = fixture.provider.sign(&ed(), &claims(&[]));
        assert!(fixture.tokens.caller(&token).is_ok());
        let hash = digest(&SHA256, token.as_bytes()).as_ref().try_into().unwrap();
        let good = fixture.tokens.good.get(&hash).expect("a good token is remembered");
        fixture.tokens.good.insert(hash, Good { expires: now() - 31, ..good });
        assert_eq!(fixture.tokens.caller(&token), Err(Refusal::ExpiredToken));
    }

    #[test]
    fn a_signature_that_anybody_can_make_is_refused() {
        for alg in ["none", "HS256", "RS256"] {
            assert!(
                matches!(asked(json!({ "alg": alg }), &[]), Err(Refusal::BadToken(_))),
                "{alg}"
            );
        }
        let fixture = fixture();
        let strangers = Provider::new().sign(&ed(), &claims(&[]));
        assert_eq!(
            fixture.tokens.caller(&strangers),
            Err(Refusal::BadToken("its signature is wrong"))
        );
        let token = fixture.provider.sign(&ed(), &claims(&[]));
        let (_, signature) = token.rsplit_once('.').unwrap();
        let other = fixture.provider.sign(&ed(), &claims(&[("sub", json!("chief"))]));
        let (message, _) = other.rsplit_once('.').unwrap();
        assert!(fixture.tokens.caller(&format!("{message}.{signature}")).is_err());
        assert!(fixture.tokens.caller("a.b.c").is_err());
    }

    #[test]
    fn a_file_without_a_public_key_is_refused() {
        let secret = json!({"keys": [{"kty": "oct", "k": "aHVudGVyMg"}]}).to_string();
        assert!(Keys::parse(secret.as_bytes()).is_err());
        assert!(Keys::parse(b"{}").is_err());
    }
}
