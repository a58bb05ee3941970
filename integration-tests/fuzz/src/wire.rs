//! Messages: what is read is written so that it reads the same.

use std::fmt::Debug;

use prost::Message;
use proto::{
    matching::v1 as matching, normalization::v1 as normalization, registry::v1 as registry,
    resolution::v1 as resolution,
};

/// The first byte chooses the message: requests with the deepest fields, and what caches keep.
pub(crate) fn message(bytes: &[u8]) {
    const KINDS: [fn(&[u8]); 8] = [
        read::<resolution::ResolveRequest>,
        read::<resolution::StreamResolveRequest>,
        read::<resolution::ResolveOutcome>,
        read::<resolution::AnnotateTextRequest>,
        read::<matching::MatchEntitiesRequest>,
        read::<normalization::NormalizeRequest>,
        read::<registry::ImportEntitiesRequest>,
        read::<registry::Entity>,
    ];
    let Some((kind, bytes)) = bytes.split_first() else { return };
    KINDS[usize::from(kind.wrapping_sub(b'a')) % KINDS.len()](bytes);
}

fn read<M: Message + Default + Debug>(bytes: &[u8]) {
    let Ok(message) = M::decode(bytes) else { return };
    let written = message.encode_to_vec();
    let again = M::decode(written.as_slice()).expect("what was written reads");
    // Bytes and not messages are compared: NaN differs from itself.
    assert_eq!(again.encode_to_vec(), written);
}
