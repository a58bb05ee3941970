//! Forms one after another, at the speed of the machine.

use crate::form::Speller;
use crate::orthographic::Orthographic;
use crate::repair;
use crate::trace::Silent;

/// Makes the forms of many names. It keeps its memory from name to name, so that a form costs no allocation
/// once the longest name has been seen; [`Name`](crate::Name) is for whoever wants tokens and skeletons too.
///
/// ```
/// let mut ladder = names::Ladder::default();
/// assert_eq!(ladder.form("كيم جونج أون"), names::Name::new("كيم جونغ اون").form());
/// ```
#[derive(Default)]
pub struct Ladder {
    pub(crate) text: Orthographic,
    pub(crate) speller: Speller,
}

impl Ladder {
    /// The form of a name, equal to that of [`Name::new`](crate::Name::new).
    pub fn form(&mut self, text: &str) -> &str {
        match repair(text) {
            None => self.text.read(text, &mut Silent),
            Some(repair) => self.text.read(&repair.text, &mut Silent),
        }
        self.speller.name(&self.text, &mut Silent)
    }
}
