//! Who writes, and what the record of the write says.
//!
//! The name of an authenticated caller goes before the label that a request gives itself, so that
//! the history says who it was. Where callers are not known the label stands.

use chassis::{
    Caller,
    audit::{Note, Rows},
};
use proto::{registry::v1 as wire, r#type::v1 as shared};
use tonic::{Request, Response};

use crate::import::{Ack, Counts};

/// One write under way.
#[derive(Clone)]
pub(super) struct Signed {
    caller: Option<Caller>,
    note: Note,
}

/// The write of a request, and its message under the name of the caller.
pub(super) fn open<T: Write>(request: Request<T>) -> (Signed, T) {
    let signed = of(&request);
    let mut message = request.into_inner();
    message.record(&signed.note);
    if let Some(caller) = &signed.caller {
        message.sign(caller.name());
    }
    (signed, message)
}

/// The write of a request whose messages come one by one.
pub(super) fn of<T>(request: &Request<T>) -> Signed {
    Signed { caller: Caller::of(request).cloned(), note: Note::of(request) }
}

impl Signed {
    /// What was written, as an answer.
    pub(super) fn done<T: Written>(&self, answer: T) -> Response<T> {
        answer.record(&self.note);
        Response::new(answer)
    }

    /// Puts the caller's name into a message of an import.
    pub(super) fn sign(&self, message: &mut wire::ImportEntitiesRequest) {
        let Some(header) = &mut message.header else { return };
        self.note.dataset(&header.dataset);
        if let Some(caller) = &self.caller {
            sign(&mut header.note, caller.name());
        }
    }

    /// Notes how far an import has come.
    pub(super) fn acknowledged(&self, ack: &Ack) {
        let Counts { created, updated, unchanged, rejected, kept, removed } = ack.counts;
        self.note.rows(Rows { created, updated, unchanged, rejected, kept, removed });
        self.note.version(ack.version);
    }
}

fn sign(note: &mut Option<wire::ChangeNote>, name: &str) {
    name.clone_into(&mut note.get_or_insert_default().actor);
}

/// A request to write.
pub(super) trait Write {
    /// Puts the author's name into it.
    fn sign(&mut self, name: &str);

    /// Notes what it is about.
    fn record(&self, note: &Note);
}

impl Write for wire::CreateEntityRequest {
    fn sign(&mut self, name: &str) {
        sign(&mut self.note, name);
    }

    fn record(&self, note: &Note) {
        note.request_id(&self.request_id);
    }
}

impl Write for wire::UpdateEntityRequest {
    fn sign(&mut self, name: &str) {
        sign(&mut self.note, name);
    }

    fn record(&self, note: &Note) {
        note.ids(self.entity.iter().map(|entity| entity.canonical_id.as_str()));
    }
}

impl Write for wire::DeleteEntityRequest {
    fn sign(&mut self, name: &str) {
        sign(&mut self.note, name);
    }

    fn record(&self, note: &Note) {
        note.ids([self.canonical_id.as_str()]);
    }
}

impl Write for wire::MergeEntitiesRequest {
    fn sign(&mut self, name: &str) {
        sign(&mut self.note, name);
    }

    fn record(&self, note: &Note) {
        note.ids([self.survivor_id.as_str()]);
        note.ids(self.merged_ids.iter().map(String::as_str));
    }
}

impl Write for wire::SplitEntityRequest {
    fn sign(&mut self, name: &str) {
        sign(&mut self.note, name);
    }

    fn record(&self, note: &Note) {
        note.request_id(&self.request_id);
        note.ids([self.canonical_id.as_str()]);
    }
}

impl Write for wire::RevertChangeRequest {
    fn sign(&mut self, name: &str) {
        sign(&mut self.note, name);
    }

    fn record(&self, note: &Note) {
        note.ids([self.change_id.as_str()]);
    }
}

impl Write for wire::CreateDecisionRequest {
    fn sign(&mut self, name: &str) {
        if let Some(decision) = &mut self.decision {
            name.clone_into(&mut decision.actor);
        }
    }

    fn record(&self, note: &Note) {
        note.request_id(&self.request_id);
        note.ids(self.decision.iter().map(|decision| decision.canonical_id.as_str()));
    }
}

/// The answer to a write.
pub(super) trait Written {
    /// Notes what was written.
    fn record(&self, note: &Note);
}

impl Written for wire::CreateEntityResponse {
    fn record(&self, note: &Note) {
        note.ids(self.entity.iter().map(|entity| entity.canonical_id.as_str()));
        note.version(self.catalogue_version);
    }
}

impl Written for wire::UpdateEntityResponse {
    fn record(&self, note: &Note) {
        note.version(self.catalogue_version);
    }
}

impl Written for wire::DeleteEntityResponse {
    fn record(&self, note: &Note) {
        note.version(self.catalogue_version);
    }
}

impl Written for wire::MergeEntitiesResponse {
    fn record(&self, note: &Note) {
        note.version(self.catalogue_version);
    }
}

impl Written for wire::SplitEntityResponse {
    fn record(&self, note: &Note) {
        note.ids(self.successors.iter().map(|entity| entity.canonical_id.as_str()));
        note.version(self.catalogue_version);
    }
}

impl Written for wire::RevertChangeResponse {
    fn record(&self, note: &Note) {
        note.ids(self.entities.iter().map(|entity| entity.canonical_id.as_str()));
        note.version(self.catalogue_version);
    }
}

impl Written for wire::CreateDecisionResponse {
    fn record(&self, note: &Note) {
        let id = |decision: &shared::Decision| note.ids([decision.decision_id.as_str()]);
        self.decision.iter().for_each(id);
    }
}
