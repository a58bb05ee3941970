//! The spelling traditions a caller may hint at.

/// The tradition a text was spelled in. It decides which reading of a letter is tried first and how a name is
/// romanized; a form means the same under every profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// Egypt: ج is g, چ is j.
    Egypt,
    /// Syria, Lebanon, Jordan, Palestine: g is غ or ك.
    Levant,
    /// Iraq: گ and چ are written.
    Iraq,
    /// The Gulf: g may be ق or گ.
    Gulf,
    /// The Maghreb: ڨ and ڭ are written; French habits.
    Maghreb,
    /// Persian: و is v, a final ه is e.
    Persian,
    /// Urdu: و is v or w, ٹ ڈ ڑ are written.
    Urdu,
}
