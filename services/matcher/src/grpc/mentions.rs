//! `BatchFindMentions`: texts in, mentions out.
//!
//! Answers are not cached: a text rarely comes twice. Its words do, and what is known of them is kept with the index.

use std::{sync::Arc, time::Instant};

use chassis::{Deadline, Fault, Violations, cpu};
use metrics::counter;
use proto::{
    matching::v1 as wire,
    r#type::v1 as shared,
    vocabulary::{DecisionKind, SpellingProfile, Verdict},
};
use wire::mention_outcome::Outcome;

use super::{decode, encode};
use crate::{
    annotate::{Annotator, Ground, Mention, Options, OutOfTime, Overlap, Ruling, Rulings},
    catalogue::Catalogue,
    index::{Index, Reader},
    query::Filter,
};

/// The most texts of a call.
const PASSAGES_MAX: usize = 100;

/// The longest text, in characters.
const PASSAGE_CHARS_MAX: usize = 100_000;

/// The most characters of all texts of a call.
const CHARS_MAX: usize = 1_000_000;

/// The most candidates of one mention.
const CANDIDATES_MAX: i32 = 100;

/// The most rulings of a call.
const RULINGS_MAX: usize = 10_000;

/// The texts of one call and how mentions are to be found in them.
pub(super) struct Batch {
    passages: Vec<wire::Passage>,
    filter: Filter,
    options: Options,
    min_catalogue_version: i64,
}

impl Batch {
    /// The options are checked; each text is checked when its turn comes, so that a bad one fails alone.
    pub(super) fn new(request: wire::BatchFindMentionsRequest) -> Result<Self, Fault> {
        let mut violations = Violations::default();
        let wire::BatchFindMentionsRequest { passages, options } = request;
        violations.check_batch("passages", passages.len(), PASSAGES_MAX);
        let chars: usize = passages.iter().map(|passage| chars(&passage.text, CHARS_MAX)).sum();
        if chars > CHARS_MAX {
            let text = format!("have more than {CHARS_MAX} characters together: send fewer a call");
            violations.add("passages", text);
        }
        let options = options.unwrap_or_default();
        let filter = options.filter.as_ref();
        let filter = filter.map(|filter| decode::filter("options.filter", filter, &mut violations));
        if options.min_catalogue_version < 0 {
            violations.add("options.min_catalogue_version", "is negative: give 0 or a version");
        }
        let min_catalogue_version = options.min_catalogue_version;
        let options = decode_options(&options, &mut violations);
        let filter = filter.unwrap_or_default();
        violations.or(Self { passages, filter, options, min_catalogue_version })
    }

    /// The mentions in each text.
    pub(super) async fn answer(
        self,
        catalogue: &Catalogue,
        deadline: Deadline,
    ) -> Result<wire::BatchFindMentionsResponse, Fault> {
        catalogue.wait_for(self.min_catalogue_version, deadline).await?;
        let index = catalogue.index();
        let until = Instant::now() + deadline.remaining();
        let catalogue_version = index.origin.version;
        let outcomes = cpu::run(move || self.find(&index, until)).await??;
        let rules_version = names::rules_version().to_owned();
        Ok(wire::BatchFindMentionsResponse { outcomes, catalogue_version, rules_version })
    }

    /// The clock is looked at in every text too.
    fn find(&self, index: &Arc<Index>, until: Instant) -> Result<Vec<wire::MentionOutcome>, Fault> {
        let reader = index.reader();
        let mut annotator = Annotator::new(&reader, &self.filter, &self.options);
        let outcome = |(at, passage): (usize, &wire::Passage)| {
            outcome(&reader, &mut annotator, at, passage, until).map_err(|OutOfTime| {
                let text = format!("there was time for {at} of {} texts", self.passages.len());
                Fault::DeadlineExceeded { text }
            })
        };
        self.passages.iter().enumerate().map(outcome).collect()
    }
}

fn outcome<'a>(
    reader: &Reader<'a>,
    annotator: &mut Annotator<'_, 'a>,
    at: usize,
    passage: &wire::Passage,
    until: Instant,
) -> Result<wire::MentionOutcome, OutOfTime> {
    let outcome = match check(&format!("passages[{at}]"), passage) {
        Ok(()) => {
            let mentions = annotator.annotate(&passage.text, &|| Instant::now() < until)?;
            mentions.iter().for_each(count);
            let mentions = mentions.into_iter().map(|mention| encode(reader, passage, mention));
            Outcome::Result(wire::MentionResult { mentions: mentions.collect() })
        }
        Err(fault) => Outcome::Error(fault.into_item()),
    };
    Ok(wire::MentionOutcome { outcome: Some(outcome) })
}

fn check(field: &str, passage: &wire::Passage) -> Result<(), Fault> {
    let mut violations = Violations::default();
    let text = format!("{field}.text");
    if passage.text.is_empty() {
        violations.add(text, "is empty: give a text");
    } else if chars(&passage.text, PASSAGE_CHARS_MAX) > PASSAGE_CHARS_MAX {
        let what = format!("is longer than {PASSAGE_CHARS_MAX} characters: split it into texts");
        violations.add(text, what);
    }
    violations.check_length(&format!("{field}.language"), &passage.language, 64);
    violations.check_enum::<SpellingProfile>(&format!("{field}.profile"), passage.profile);
    violations.or(())
}

/// How many characters a text has; of one that is too long, only that it is.
fn chars(text: &str, chars_max: usize) -> usize {
    text.chars().take(chars_max + 1).count()
}

fn decode_options(options: &wire::MentionOptions, violations: &mut Violations) -> Options {
    use wire::MentionOverlap as Wire;
    if !(0..=CANDIDATES_MAX).contains(&options.candidates_max) {
        let text = format!("is `{}`: give 0 to {CANDIDATES_MAX}", options.candidates_max);
        violations.add("options.candidates_max", text);
    }
    let overlap = match violations.check_enum::<Wire>("options.overlap", options.overlap) {
        Wire::Unspecified | Wire::Longest => Overlap::Longest,
        Wire::NotContained => Overlap::NotContained,
        Wire::All => Overlap::All,
    };
    Options {
        policy: decode::policy("options.policy", options.policy.as_ref(), violations),
        overlap,
        candidates_max: usize::try_from(options.candidates_max).unwrap_or(0),
        rulings: decode_rulings(&options.rulings, violations),
    }
}

fn decode_rulings(rulings: &[wire::FormRuling], violations: &mut Violations) -> Rulings {
    let mut decoded = Rulings::default();
    if rulings.len() > RULINGS_MAX {
        let text = format!("has {} items: give at most {RULINGS_MAX}", rulings.len());
        violations.add("options.rulings", text);
    }
    for (at, ruling) in rulings.iter().take(RULINGS_MAX).enumerate() {
        let field = format!("options.rulings[{at}].kind");
        let kind = violations.check_enum::<DecisionKind>(&field, ruling.kind);
        if ruling.kind == 0 {
            violations.add(field, "is UNSPECIFIED: give YES, NO or DEFER");
        }
        let id = ruling.canonical_id.clone();
        decoded.add(ruling.form.clone(), Ruling { kind, id });
    }
    decoded
}

fn encode(
    reader: &Reader<'_>,
    passage: &wire::Passage,
    mention: Mention<'_>,
) -> wire::FoundMention {
    let cue = mention.cue.and_then(|bytes| passage.text.get(bytes));
    let candidates = mention.candidates.into_iter();
    wire::FoundMention {
        offsets: Some(offsets(&mention.span)),
        clitics: mention.clitics,
        form: mention.form,
        verdict: mention.verdict.into(),
        ground: ground(mention.ground).into(),
        cue: cue.unwrap_or_default().to_owned(),
        bound_to_mention: mention.bound_to.and_then(|at| i32::try_from(at).ok()),
        candidates: candidates.map(|candidate| encode::candidate(reader, candidate)).collect(),
    }
}

/// A text of 100,000 characters has offsets far below the limit of the wire.
fn offsets(span: &names::Span) -> shared::Offsets {
    let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    shared::Offsets {
        byte_start: number(span.bytes.start),
        byte_end: number(span.bytes.end),
        utf16_start: number(span.utf16.start),
        utf16_end: number(span.utf16.end),
        code_point_start: number(span.chars.start),
        code_point_end: number(span.chars.end),
    }
}

fn ground(ground: Option<Ground>) -> wire::MentionGround {
    use wire::MentionGround as Wire;
    match ground {
        None => Wire::Unspecified,
        Some(Ground::Name) => Wire::Name,
        Some(Ground::Cue) => Wire::Cue,
        Some(Ground::Country) => Wire::Country,
        Some(Ground::Prominence) => Wire::Prominence,
        Some(Ground::FullerMention) => Wire::FullerMention,
        Some(Ground::Part) => Wire::Part,
        Some(Ground::Close) => Wire::Close,
        Some(Ground::Decision) => Wire::Decision,
    }
}

fn count(mention: &Mention<'_>) {
    let verdict: Verdict = mention.verdict;
    let ground = ground(mention.ground).as_str_name();
    counter!("hawiya_matcher_mentions_total", "verdict" => verdict.as_str_name(), "ground" => ground)
        .increment(1);
}
