//! How a value is stored: a message with proof that it is ours, whole, and in its right place.
//!
//! ```text
//! "HWY"  format  checksum (XXH3-64, big endian)  prost bytes
//!  3      1       8
//! ```
//!
//! The checksum is seeded with the slot, so that a value found anywhere but where it was put is
//! as bad as a damaged one: after a `RENAME`, a restore into another database, or a connection
//! that has got out of step and hands one request's reply to another. Whatever does not open is
//! a miss.

use bytes::{BufMut, Bytes, BytesMut};
use prost::Message;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::key::Slot;

const MAGIC: [u8; 3] = *b"HWY";

/// Raised when the layout above changes; a file of every old one stays in `testdata`.
const FORMAT: u8 = 1;

const HEADER_BYTES: usize = 12;

/// A message as it is stored, header and all.
#[derive(Clone)]
pub(crate) struct Sealed(Bytes);

impl Sealed {
    /// Seals `message` for `slot`.
    pub(crate) fn new<V: Message>(slot: Slot, message: &V) -> Sealed {
        let mut bytes = BytesMut::with_capacity(HEADER_BYTES + message.encoded_len());
        bytes.put_slice(&MAGIC);
        bytes.put_u8(FORMAT);
        bytes.put_u64(0);
        message.encode(&mut bytes).expect("a BytesMut grows as it is written");
        let checksum = checksum(slot, &bytes[HEADER_BYTES..]);
        bytes[HEADER_BYTES - 8..HEADER_BYTES].copy_from_slice(&checksum);
        Sealed(bytes.freeze())
    }

    /// All of it, for Redis.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The message alone, for the in-process level. Shares the bytes.
    pub(crate) fn payload(&self) -> Bytes {
        self.0.slice(HEADER_BYTES..)
    }
}

/// The message bytes, if `stored` is a value of this format, undamaged, and sealed for `slot`.
pub(crate) fn open(slot: Slot, stored: &Bytes) -> Option<Bytes> {
    let rest = stored.strip_prefix(&MAGIC)?.strip_prefix(&[FORMAT])?;
    let (found, payload) = rest.split_first_chunk::<8>()?;
    (*found == checksum(slot, payload)).then(|| stored.slice(HEADER_BYTES..))
}

fn checksum(slot: Slot, payload: &[u8]) -> [u8; 8] {
    xxh3_64_with_seed(payload, slot.seed()).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{Key, Space};
    use proptest::prelude::*;
    use std::time::Duration;

    fn slot(request: &str) -> Slot {
        Space::new("envelope-test", 1, Duration::from_secs(1))
            .rules("ar-7")
            .catalogue(42)
            .slot(Key::of(request.as_bytes()))
    }

    fn sealed(request: &str, message: &str) -> Bytes {
        Sealed::new(slot(request), &message.to_owned()).0
    }

    #[test]
    fn a_sealed_message_opens_in_its_slot_and_in_no_other() {
        let stored = sealed("تشايكوفسكي", "Q7315");
        let payload = open(slot("تشايكوفسكي"), &stored).unwrap();
        assert_eq!(String::decode(payload).unwrap(), "Q7315");
        assert_eq!(open(slot("Чайковский"), &stored), None);
    }

    // Written by version 1 of this file. It stays, and stays readable, as long as FORMAT is 1;
    // afterwards it stays and must be a miss.
    #[test]
    fn a_value_stored_by_version_1_still_opens() {
        let stored = Bytes::from_static(include_bytes!("../testdata/envelope-v1.bin"));
        let payload = open(slot("تشايكوفسكي"), &stored).unwrap();
        assert_eq!(String::decode(payload).unwrap(), "Q7315");
        assert_eq!(stored, sealed("تشايكوفسكي", "Q7315"), "and is written the same today");
    }

    #[test]
    fn every_truncation_and_every_flipped_bit_is_a_miss() {
        let stored = sealed("x", "Q7315");
        for end in 0..stored.len() {
            assert_eq!(open(slot("x"), &stored.slice(..end)), None, "cut at {end}");
        }
        for bit in 0..stored.len() * 8 {
            let mut damaged = stored.to_vec();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(slot("x"), &damaged.into()), None, "bit {bit}");
        }
    }

    #[test]
    fn another_format_is_a_miss_even_when_all_else_is_right() {
        for format in [0, FORMAT + 1, u8::MAX] {
            let mut stored = sealed("x", "Q7315").to_vec();
            stored[MAGIC.len()] = format;
            assert_eq!(open(slot("x"), &stored.into()), None);
        }
    }

    proptest! {
        #[test]
        fn no_garbage_opens(garbage: Vec<u8>) {
            prop_assert_eq!(open(slot("x"), &garbage.into()), None);
        }
    }
}
