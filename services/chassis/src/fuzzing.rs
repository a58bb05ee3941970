//! The entrances for fuzzers (`integration-tests/fuzz/`): what callers and providers wrote is read, and nothing panics.

use std::path::PathBuf;

use http::{HeaderMap, HeaderValue};

use crate::{
    auth::{keys::Callers, tokens},
    trace::{self, TraceParent},
};

/// Whether some bytes are a file of callers.
#[must_use]
pub fn callers(bytes: &[u8]) -> bool {
    Callers::parse(bytes).is_ok()
}

/// Whether some bytes are the keys of an identity provider.
#[must_use]
pub fn jwks(bytes: &[u8]) -> bool {
    tokens::Keys::parse(bytes).is_ok()
}

/// Whether some bytes are the header of a trace.
#[must_use]
pub fn trace_parent(bytes: &[u8]) -> bool {
    let Ok(value) = HeaderValue::from_bytes(bytes) else { return false };
    let mut headers = HeaderMap::new();
    headers.insert(trace::HEADER, value);
    TraceParent::of(&headers).is_some()
}

/// Who checks tokens by the keys of a file.
pub struct Tokens(tokens::Tokens);

impl Tokens {
    /// By a JWKS file.
    pub fn new(file: PathBuf) -> Result<Self, String> {
        tokens::Tokens::new(file, "https://id.example".to_owned(), "hawiya".to_owned()).map(Self)
    }

    /// Whether it names a caller.
    #[must_use]
    pub fn take(&self, token: &str) -> bool {
        self.0.caller(token).is_ok()
    }
}
