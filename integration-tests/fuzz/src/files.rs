//! Files that people and other programs wrote, and headers of calls.

use std::{fs, sync::LazyLock, time::Duration};

use chassis::{
    fuzzing::Tokens,
    settings::{Addresses, Setting},
};
use tempfile::TempDir;

use crate::text;

pub(crate) fn article(bytes: &[u8]) {
    text(bytes).map(hawiya::fuzzing::article);
}

pub(crate) fn checkpoint(bytes: &[u8]) {
    let _ = hawiya::fuzzing::checkpoint(bytes);
}

/// A file of settings, and values of the kinds that have a grammar of their own.
pub(crate) fn settings(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let _ = hawiya::fuzzing::settings(text);
    read_back::<Duration>(text);
    let _ = Addresses::parse(text);
}

/// What is read is written so that it is read again.
fn read_back<T: Setting + PartialEq>(text: &str) {
    let Some(value) = T::parse(text) else { return };
    let again = value.written().and_then(|written| T::parse(&written));
    assert!(again == Some(value), "{text}");
}

pub(crate) fn callers(bytes: &[u8]) {
    let _ = chassis::fuzzing::callers(bytes);
}

pub(crate) fn jwks(bytes: &[u8]) {
    let _ = chassis::fuzzing::jwks(bytes);
}

/// A key that signed nothing: a token that is taken is forged.
const JWKS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"ed","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

pub(crate) fn token(bytes: &[u8]) {
    static TOKENS: LazyLock<(Tokens, TempDir)> = LazyLock::new(|| {
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        let file = folder.path().join("jwks.json");
        fs::write(&file, JWKS).expect("the folder takes files");
        (Tokens::new(file).expect("the keys are well"), folder)
    });
    let Some(text) = text(bytes) else { return };
    assert!(!TOKENS.0.take(text), "nobody signed `{text}`");
}

pub(crate) fn trace(bytes: &[u8]) {
    let _ = chassis::fuzzing::trace_parent(bytes);
}
