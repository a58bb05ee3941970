//! Damages what is well, in the same ways each time it is asked: bits, cuts, repeats, and what formats are made of.

/// Versions of some bytes, each damaged in up to four places; without end.
pub(super) struct Mutations<'a> {
    whole: &'a [u8],
    state: u64,
}

/// What separates, quotes and counts in the formats that are read.
const TOKENS: [&[u8]; 20] = [
    b"\"",
    b"'",
    b",",
    b"\t",
    b"\n",
    b"\r\n",
    b"<",
    b"</",
    b"&#x0;",
    b"<![CDATA[",
    b"{",
    b"[",
    b"}",
    b"null",
    b"-1",
    b"99999999999999999999",
    b"\\ud800",
    b"\xFF",
    b"\xEF\xBB\xBF",
    b"\0\0\0\0",
];

impl<'a> Mutations<'a> {
    pub(super) fn of(whole: &'a [u8]) -> Self {
        Self { whole, state: whole.len() as u64 }
    }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below another; 0 below 0.
    fn below(&mut self, end: usize) -> usize {
        (self.random() % end.max(1) as u64) as usize
    }

    fn damage(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len());
        let end = (at + 1 + self.below(16)).min(bytes.len());
        let token = TOKENS[self.below(TOKENS.len())];
        match self.below(7) {
            0 if at < end => bytes[at] ^= 1 << self.below(8),
            1 if at < end => bytes[at] = self.random() as u8,
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..end)),
            4 => drop(bytes.splice(at..at, bytes[at..end].to_vec())),
            5 => bytes[at..end].fill(if self.below(2) == 0 { 0 } else { 0xFF }),
            _ => drop(bytes.splice(at..at, token.iter().copied())),
        }
    }
}

impl Iterator for Mutations<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut bytes = self.whole.to_vec();
        for _ in 0..=self.below(4) {
            self.damage(&mut bytes);
        }
        Some(bytes)
    }
}

#[test]
fn damage_is_the_same_each_time_and_differs_from_one_to_the_next() {
    let twice = [(), ()].map(|()| Mutations::of(b"a,b\n1,2\n").take(50).collect::<Vec<_>>());
    assert_eq!(twice[0], twice[1]);
    assert!(twice[0].windows(2).filter(|pair| pair[0] != pair[1]).count() > 40);
}
