//! What a name looks like, in any script, reduced to what makes it that name: pure text logic.
//!
//! [`Name::new`] climbs one ladder, and every step of it is a rule with a name, a sentence, an example and
//! a source (see [`rules()`]):
//!
//! | stage | what it is | for |
//! |---|---|---|
//! | [`repair`](repair()) | damage of files and programs undone, seldom needed | reading on |
//! | [`orthographic`](Name::orthographic) | the same letters, the ways of typing them folded | showing, splitting |
//! | [`form`](Name::form) | the usual spellings of one name share it, different names rarely do | equality, cache keys |
//! | [`skeleton`](Name::skeleton) | consonant classes, one alphabet for all scripts | finding candidates, nothing else |
//!
//! Beside it, [`readings`] lists what the letters mean in other spelling traditions, [`peelings`] what an
//! Arabic word may hide, and [`romanize`] spells a name in Latin for people to read. [`similarity`] then
//! compares two names and says why. Nothing here can fail, block, allocate without
//! bound or look at the network; a name costs a few microseconds (`benches/names.rs`).
//!
//! ```
//! use names::Name;
//!
//! let spellings = ["بيونغ يانغ", "بيونجيانج", "بيونك يانك", "پیونگ\u{200C}یانگ"];
//! let forms: Vec<_> = spellings.iter().map(|text| Name::new(text).form().to_owned()).collect();
//! assert!(forms.iter().all(|form| *form == forms[0]));
//! assert_eq!(Name::new("Лавров").skeleton(), Name::new("لافروف").skeleton());
//! ```
//!
//! # Reading order
//!
//! 1. `name.rs`: what comes out: [`Name`], [`Token`], [`Role`].
//! 2. `repair.rs`: what is done to damaged text before.
//! 3. `orthographic.rs`, `form.rs`, `skeleton.rs`: one stage each, the code that applies the tables.
//! 4. `rules/`: the tables. `rules.rs` lists them all and hashes them into [`rules_version`].
//! 5. `roles.rs`, `clitics.rs` and `readings.rs`: what a token is, what an Arabic token may hide, and what
//!    else its letters may mean.
//! 6. `spelling.rs`, `align.rs` and `similarity.rs`: the comparison; `likeness.rs` and `weights.rs`: what it has
//!    learned.
//! 7. `trace.rs`: how the same ladder reports each rule it applies; `ladder.rs`: forms without the rest.
//! 8. `romanization.rs`: beside the ladder, from the text as it was given.
//! 9. `running.rs` and `ordinary.rs`: the words of a running text, and which of them are hardly ever names.
//!
//! # Where to add a rule
//!
//! - **A letter for a letter** (any stage): one row in a table under `src/rules/`. The row holds the letters
//!   and the documentation; the tests run its example; the version changes by itself.
//! - **A word** (a title, a legal form, a native name that keeps its letters): one word in `rules/words.rs`.
//! - **A rule that looks around itself** (word ends, neighbours): a row without letters in the table of its
//!   stage, and a few lines in the stage that fire it by its id.
//! - **An ordinary word that is taken for a name**: one word in `rules/running.rs`; **a title or another word that says
//!   what a name beside it is**: `rules/cues.rs`.
//! - **What a tradition means by a letter**: a row in `rules/readings.rs`. **A word that lam-alef damages**: one
//!   word in `rules/repair.rs`.
//!
//! # Where to add a script
//!
//! 1. A variant in `script.rs` with its ISO 15924 code.
//! 2. `rules/skeleton_<script>.rs`: its letters and their consonant classes, and a line in `skeleton.rs`.
//!    What a long skeleton loses (`rules/skeleton_whole.rs`) is the same for all.
//! 3. If words of the script are typed in several ways: rows in `rules/general_orthography.rs`.
//! 4. Its letters in a `rules/romanization_*.rs`, and a line in `romanization.rs`.

mod align;
mod clitics;
mod form;
mod han;
mod imprint;
mod joined;
mod known;
mod ladder;
mod letters;
mod likeness;
mod name;
mod ordinary;
mod orthographic;
mod profile;
mod readings;
mod repair;
mod roles;
mod romanization;
mod rules;
mod running;
mod script;
mod similarity;
mod skeleton;
mod span;
mod spelling;
mod trace;
mod weights;

pub use clitics::{Peeling, peelings};
pub use imprint::{Imprint, ImprintWord, form_key};
pub use ladder::Ladder;
pub use likeness::{LetterEdit, evidence, letter_edits, observe};
pub use name::{Name, Role, Token, orthographic};
pub use ordinary::{
    Commonness, Cues, commonness, commonness_as_written, cues, is_given_name, is_head,
    is_leading_family, is_phrase, is_title_of_people,
};
pub use profile::Profile;
pub use readings::{Reading, readings};
pub use repair::{Repair, repair};
pub use romanization::romanize;
pub use rules::{Rule, Stage, rules, rules_version};
pub use running::{Case, Gap, RunningWord, running_words};
pub use script::Script;
pub use similarity::{MatchKind, Probe, Similarity, TokenPair, Vowels, similarity};
pub use span::Span;
pub use trace::{Step, Trace, trace};
pub use weights::{Kind as WeightsKind, Task, Weights, weights_version};
