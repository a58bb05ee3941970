//! Requests to annotate, with every violation and its full path. The filter, the policy and what else only the
//! matcher reads is checked there, under the same names.

use chassis::{Fault, Violations};
use proto::{matching::v1 as matching, resolution::v1 as wire, r#type::v1 as shared};
use shared::SpellingProfile;

/// The most texts of a call.
const DOCUMENTS_MAX: usize = 100;

/// The longest text, in characters.
const TEXT_CHARS_MAX: usize = 100_000;

/// The most characters of all texts of a call.
const CHARS_MAX: usize = 1_000_000;

/// The longest id of a caller's text, in characters.
const DOCUMENT_ID_CHARS_MAX: usize = 256;

/// The most candidates of one mention.
const CANDIDATES_MAX: i32 = 100;

/// The texts of a call, and how they are annotated.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) documents: Vec<Document>,
    options: matching::MentionOptions,
    pub(super) display_language: String,
    pub(super) decision_scope: String,
}

/// A text, or what is wrong with it.
#[derive(Debug)]
pub(super) enum Document {
    Sound { document_id: String, passage: matching::Passage },
    Refused(tonic_types::Status),
}

impl Batch {
    /// What the matcher is asked. Where no text is in order it is asked about none worth reading: whether
    /// the options are in order, only it knows.
    pub(super) fn request(&self) -> matching::BatchFindMentionsRequest {
        let sound = self.documents.iter().filter_map(|document| match document {
            Document::Sound { passage, .. } => Some(passage.clone()),
            Document::Refused(_) => None,
        });
        let mut passages: Vec<matching::Passage> = sound.collect();
        if passages.is_empty() {
            passages.push(matching::Passage { text: "-".to_owned(), ..Default::default() });
        }
        matching::BatchFindMentionsRequest { passages, options: Some(self.options.clone()) }
    }
}

/// A batch of one, and what is wrong with its text.
pub(super) fn of_one(request: wire::AnnotateTextRequest) -> (Result<Batch, Fault>, Option<Fault>) {
    let document = request.document.unwrap_or_default();
    let mut violations = Violations::default();
    let refusal = check("document", &document).err();
    let batch = new(vec![document], request.options, "document", &mut violations);
    match (violations.or(batch), refusal) {
        (Ok(batch), refusal) => (Ok(batch), refusal),
        (Err(fault), Some(refusal)) => (Err(refusal.with::<()>(Err(fault))), None),
        (Err(fault), None) => (Err(fault), None),
    }
}

pub(super) fn of_batch(request: wire::BatchAnnotateTextsRequest) -> Result<Batch, Fault> {
    let mut violations = Violations::default();
    violations.check_batch("documents", request.documents.len(), DOCUMENTS_MAX);
    let chars: usize =
        request.documents.iter().map(|document| chars(&document.text, CHARS_MAX)).sum();
    if chars > CHARS_MAX {
        let text = format!("have more than {CHARS_MAX} characters together: send fewer a call");
        violations.add("documents", text);
    }
    let batch = new(request.documents, request.options, "documents", &mut violations);
    violations.or(batch)
}

/// `field` is what the texts are called in the request; that of several has a position.
fn new(
    documents: Vec<wire::Document>,
    options: Option<wire::AnnotateOptions>,
    field: &str,
    violations: &mut Violations,
) -> Batch {
    let options = options.unwrap_or_default();
    let overlap = violations.check_enum::<wire::OverlapPolicy>("options.overlap", options.overlap);
    if !(0..=CANDIDATES_MAX).contains(&options.candidates_max) {
        let text = format!("is `{}`: give 0 to {CANDIDATES_MAX}", options.candidates_max);
        violations.add("options.candidates_max", text);
    }
    if options.min_catalogue_version < 0 {
        violations.add("options.min_catalogue_version", "is negative: give 0 or a version");
    }
    violations.check_length("options.display_language", &options.display_language, 64);
    if !options.decision_scope.is_empty() {
        violations.check_label("options.decision_scope", &options.decision_scope, 64, "_.-");
    }
    let document = |(at, document): (usize, wire::Document)| match field {
        "document" => read(field, document),
        _ => read(&format!("{field}[{at}]"), document),
    };
    Batch {
        documents: documents.into_iter().take(DOCUMENTS_MAX).enumerate().map(document).collect(),
        options: matching::MentionOptions {
            filter: options.filter,
            policy: options.policy,
            overlap: matching_overlap(overlap).into(),
            candidates_max: options.candidates_max,
            min_catalogue_version: options.min_catalogue_version,
            rulings: Vec::new(),
        },
        display_language: options.display_language,
        decision_scope: options.decision_scope,
    }
}

fn matching_overlap(overlap: wire::OverlapPolicy) -> matching::MentionOverlap {
    match overlap {
        wire::OverlapPolicy::Unspecified | wire::OverlapPolicy::Longest => {
            matching::MentionOverlap::Longest
        }
        wire::OverlapPolicy::NotContained => matching::MentionOverlap::NotContained,
        wire::OverlapPolicy::All => matching::MentionOverlap::All,
    }
}

fn read(field: &str, document: wire::Document) -> Document {
    if let Err(fault) = check(field, &document) {
        return Document::Refused(fault.into_item());
    }
    let wire::Document { document_id, text, language, profile } = document;
    Document::Sound { document_id, passage: matching::Passage { text, language, profile } }
}

fn check(field: &str, document: &wire::Document) -> Result<(), Fault> {
    let mut violations = Violations::default();
    let path = |part: &str| format!("{field}.{part}");
    violations.check_length(&path("document_id"), &document.document_id, DOCUMENT_ID_CHARS_MAX);
    if document.text.is_empty() {
        violations.add(path("text"), "is empty: give a text");
    } else if chars(&document.text, TEXT_CHARS_MAX) > TEXT_CHARS_MAX {
        let text = format!("is longer than {TEXT_CHARS_MAX} characters: split it into texts");
        violations.add(path("text"), text);
    }
    violations.check_length(&path("language"), &document.language, 64);
    violations.check_enum::<SpellingProfile>(&path("profile"), document.profile);
    violations.or(())
}

/// How many characters a text has; of one that is too long, only that it is.
fn chars(text: &str, chars_max: usize) -> usize {
    text.chars().take(chars_max + 1).count()
}
