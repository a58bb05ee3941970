//! The record of every write: who, what, with which outcome.
//!
//! The guard opens a record for each call of a method that writes, also one that is refused, and
//! closes it when the call ends; the handler adds what only it knows through the [`Note`] of the
//! request. A record is an event of the log with the target `audit`, and a line of JSON in
//! `HAWIYA_AUDIT_FILE` where that is set. No record has a name or a text of an entity.
//!
//! A line is written when the call ends, before its last byte is sent, and brought to the disk
//! within a second: it outlives a crash of the process, and all but the last second one of the
//! machine. CANCELLED says that the caller went away: what they asked for may have been done.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Write as _},
    net::SocketAddr,
    os::unix::fs::MetadataExt as _,
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::{Duration, Instant, SystemTime},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::{Frame, SizeHint};
use metrics::{counter, describe_counter};
use serde::Serialize;
use tonic::{Code, Status, body::Body};
use tracing::{error, info};

use crate::{
    Complaint, SettingError, Settings, caller::Caller, guard::Admitted, incoming::Peer, scopes,
};

/// How often lines are brought to the disk.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// The ids of one record. A merge has a few, an import has counts instead.
const IDS_MAX: usize = 100;

/// The longest id or label of a record.
const LABEL_BYTES_MAX: usize = 128;

/// Says what the metrics mean.
pub(crate) fn describe_metrics() {
    describe_counter!(
        "hawiya_audit_failures_total",
        "records that could not be written to the file"
    );
    counter!("hawiya_audit_failures_total").increment(0);
}

/// Where records go. The default is the log alone.
#[derive(Clone, Debug, Default)]
pub struct Audit(Option<Arc<AuditFile>>);

impl Audit {
    /// Reads `HAWIYA_AUDIT_FILE` and opens the file.
    pub fn read(settings: &Settings<'_>) -> Result<Self, SettingError> {
        let Some(path) = settings.optional::<PathBuf>("HAWIYA_AUDIT_FILE")? else {
            return Ok(Self::default());
        };
        let told = |cause: io::Error| {
            SettingError::because("HAWIYA_AUDIT_FILE", &path, format!("cannot write it: {cause}"))
        };
        Ok(Self(Some(Arc::new(AuditFile::open(path.clone()).map_err(told)?))))
    }

    /// Opens the record of a call, if it is one that writes.
    pub(crate) fn begin(
        &self,
        request: &mut Request<Body>,
        admitted: Option<&Admitted>,
    ) -> Option<Record> {
        let path = request.uri().path();
        if !scopes::is_write(path) {
            return None;
        }
        let note = Note::default();
        let record = Record {
            audit: self.clone(),
            method: path.trim_start_matches('/').to_owned(),
            caller: admitted.and_then(|admitted| admitted.caller.clone()),
            peer: request.extensions().get::<Peer>().map(|peer| peer.address),
            note: note.clone(),
            begin: Instant::now(),
            code: Code::Cancelled,
        };
        request.extensions_mut().insert(note);
        Some(record)
    }

    /// Brings lines to the disk until it is dropped.
    pub(crate) async fn keep(self) {
        let Some(file) = self.0 else { return };
        let mut every = tokio::time::interval(SYNC_EVERY);
        loop {
            every.tick().await;
            let file = Arc::clone(&file);
            // Fails only when the runtime ends.
            drop(tokio::task::spawn_blocking(move || file.sync()).await);
        }
    }

    /// Brings the last lines to the disk.
    pub(crate) fn sync(&self) {
        if let Some(file) = &self.0 {
            file.sync();
        }
    }
}

/// What a handler says of the write it did.
#[derive(Clone, Debug, Default)]
pub struct Note(Arc<Mutex<Details>>);

/// What a record says of what was written.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
struct Details {
    #[serde(skip_serializing_if = "String::is_empty")]
    request_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ids: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    dataset: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Rows>,
    #[serde(skip_serializing_if = "Option::is_none")]
    catalogue_version: Option<i64>,
}

/// Rows of an import by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rows {
    /// New entities.
    pub created: i64,
    /// Changed ones.
    pub updated: i64,
    /// Those that were as stated.
    pub unchanged: i64,
    /// Rows that were not taken.
    pub rejected: i64,
    /// Those that differ and stay, because a person decided so.
    pub kept: i64,
    /// Those that were deleted, because the dataset no longer has them.
    pub removed: i64,
}

impl Note {
    /// The note of a request; one that nobody reads where it is not of a write.
    pub fn of<T>(request: &tonic::Request<T>) -> Self {
        request.extensions().get().cloned().unwrap_or_default()
    }

    /// The caller's own id of the request.
    pub fn request_id(&self, id: &str) {
        if is_noted(id) {
            id.clone_into(&mut self.details().request_id);
        }
    }

    /// Canonical ids that the call is about; the first hundred are kept.
    pub fn ids<'a>(&self, ids: impl IntoIterator<Item = &'a str>) {
        let mut details = self.details();
        let room = IDS_MAX.saturating_sub(details.ids.len());
        let ids = ids.into_iter().filter(|id| is_noted(id));
        details.ids.extend(ids.take(room).map(str::to_owned));
    }

    /// The dataset of an import.
    pub fn dataset(&self, dataset: &str) {
        if is_noted(dataset) {
            dataset.clone_into(&mut self.details().dataset);
        }
    }

    /// What an import has done so far.
    pub fn rows(&self, rows: Rows) {
        self.details().rows = Some(rows);
    }

    /// The version of the catalogue that has it.
    pub fn version(&self, version: i64) {
        self.details().catalogue_version = Some(version);
    }

    fn details(&self) -> std::sync::MutexGuard<'_, Details> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an id or label is one that a record may have. It is noted before it is checked, and what
/// the check refuses may be of any length and have names of people in it.
fn is_noted(label: &str) -> bool {
    (1..=LABEL_BYTES_MAX).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte))
}

/// The record of one call. It is written when this is dropped, however the call ended.
pub(crate) struct Record {
    audit: Audit,
    method: String,
    caller: Option<Caller>,
    peer: Option<SocketAddr>,
    note: Note,
    begin: Instant,
    code: Code,
}

#[derive(Serialize)]
struct Line<'a> {
    time: String,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    through: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peer: Option<SocketAddr>,
    code: String,
    milliseconds: u64,
    #[serde(flatten)]
    details: Details,
}

impl Record {
    /// The call was refused before its handler.
    pub(crate) fn refused(mut self, status: &Status) {
        self.code = status.code();
    }

    /// The record waits for the end of the answer.
    pub(crate) fn watch(mut self, response: Response<Body>) -> Response<Body> {
        if let Some(code) = code_of(response.headers()) {
            // An answer without a body.
            self.code = code;
        }
        response.map(|body| Body::new(Recorded { body, record: self }))
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let details = self.note.details().clone();
        let line = Line {
            time: prost_types::Timestamp::from(SystemTime::now()).to_string(),
            method: &self.method,
            caller: self.caller.as_ref().map(Caller::name),
            through: self.caller.as_ref().and_then(Caller::through),
            peer: self.peer,
            code: format!("{:?}", self.code),
            milliseconds: u64::try_from(self.begin.elapsed().as_millis()).unwrap_or(u64::MAX),
            details,
        };
        info!(
            target: "audit",
            method = line.method,
            caller = line.caller.unwrap_or("unknown"),
            through = line.through,
            code = line.code,
            request_id = line.details.request_id,
            ids = line.details.ids.join(" "),
            dataset = line.details.dataset,
            rows = line.details.rows.map(|rows| format!("{rows:?}")),
            catalogue_version = line.details.catalogue_version,
            "write"
        );
        if let Some(file) = &self.audit.0 {
            file.write(&line);
        }
    }
}

pin_project_lite::pin_project! {
    /// An answer whose end closes a record.
    struct Recorded {
        #[pin]
        body: Body,
        record: Record,
    }
}

impl http_body::Body for Recorded {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.project();
        let frame = ready!(this.body.poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(code) = frame.trailers_ref().and_then(code_of) {
                    this.record.code = code;
                }
            }
            Some(Err(status)) => this.record.code = status.code(),
            None => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn code_of(headers: &HeaderMap) -> Option<Code> {
    Some(Code::from_bytes(headers.get("grpc-status")?.as_bytes()))
}

/// A file of lines. Others may write to it too: a line is one write at its end.
struct AuditFile {
    path: PathBuf,
    file: Mutex<File>,
    is_dirty: AtomicBool,
    complaint: Complaint,
}

impl fmt::Debug for AuditFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("AuditFile").field(&self.path).finish()
    }
}

impl AuditFile {
    fn open(path: PathBuf) -> io::Result<Self> {
        let file = Mutex::new(append_to(&path)?);
        Ok(Self { path, file, is_dirty: AtomicBool::new(false), complaint: Complaint::default() })
    }

    fn write(&self, line: &Line<'_>) {
        let mut text = serde_json::to_vec(line).expect("strings and numbers make JSON");
        text.push(b'\n');
        let written = self.file().write_all(&text);
        self.is_dirty.store(true, Ordering::Release);
        self.check(written);
    }

    /// Brings what was written to the disk, and goes on in a new file when this one was moved away.
    fn sync(&self) {
        if self.is_dirty.swap(false, Ordering::AcqRel) {
            let file = self.file().try_clone();
            self.check(file.and_then(|file| file.sync_data()));
        }
        self.check(self.follow());
    }

    fn follow(&self) -> io::Result<()> {
        let there = std::fs::metadata(&self.path).map(|there| (there.dev(), there.ino())).ok();
        let mut file = self.file();
        let here = file.metadata()?;
        if there != Some((here.dev(), here.ino())) {
            *file = append_to(&self.path)?;
        }
        Ok(())
    }

    fn check(&self, outcome: io::Result<()>) {
        if let Err(cause) = outcome {
            counter!("hawiya_audit_failures_total").increment(1);
            if self.complaint.is_due() {
                error!(file = %self.path.display(), error = %cause, "cannot write the audit file");
            }
        }
    }

    fn file(&self) -> std::sync::MutexGuard<'_, File> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn append_to(path: &std::path::Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(file: &Arc<AuditFile>, method: &str) -> Record {
        Record {
            audit: Audit(Some(Arc::clone(file))),
            method: method.to_owned(),
            caller: None,
            peer: None,
            note: Note::default(),
            begin: Instant::now(),
            code: Code::Cancelled,
        }
    }

    fn methods(path: &std::path::Path) -> Vec<String> {
        let text = std::fs::read_to_string(path).unwrap();
        let method = |line: &str| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["method"].as_str().unwrap().to_owned()
        };
        text.lines().map(method).collect()
    }

    #[test]
    fn a_file_that_was_moved_away_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (path, old) = (folder.path().join("audit.jsonl"), folder.path().join("audit.1"));
        let file = Arc::new(AuditFile::open(path.clone()).unwrap());
        drop(record(&file, "A/a"));
        std::fs::rename(&path, &old).unwrap();
        drop(record(&file, "A/b"));
        file.sync();
        drop(record(&file, "A/c"));
        assert_eq!(methods(&old), ["A/a", "A/b"]);
        assert_eq!(methods(&path), ["A/c"]);
    }

    #[test]
    fn a_record_has_ids_and_no_text_that_was_sent_as_one() {
        let note = Note::default();
        for text in ["لافروف", "Sergey Lavrov", &"a".repeat(129)] {
            note.request_id(text);
            note.dataset(text);
            note.ids([text]);
        }
        assert_eq!(*note.details(), Details::default());
        note.request_id("2d7c-1");
        note.dataset("wikidata:2026");
        note.ids(["Q1_2.3"]);
        assert_eq!(note.details().ids, ["Q1_2.3"]);
    }

    #[test]
    fn a_record_has_as_many_ids_as_there_is_room_for() {
        let note = Note::default();
        let ids: Vec<_> = (0..2 * IDS_MAX).map(|number| format!("Q{number}")).collect();
        note.ids(ids.iter().map(String::as_str));
        assert_eq!(note.details().ids.len(), IDS_MAX);
    }
}
