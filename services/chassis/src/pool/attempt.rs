//! One attempt at a call: what came of it, and whether another replica may do better.
//!
//! A connection that breaks shows itself under many codes (UNAVAILABLE, UNKNOWN, CANCELLED,
//! INTERNAL), which an application may send as well. So the code is not asked: what did not come
//! as an answer of the server is a lost connection, and is called UNAVAILABLE from here on. The
//! reset of one stream is the one exception: the connection stands, and so does the replica.

use std::{error::Error, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::stream;
use http::HeaderMap;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tonic::{Code, Status, TimeoutExpired, body::Body};
use tower::ServiceExt;

use super::replica::Replica;
use crate::Fault;

/// What a caller gets.
pub(super) type Answer = Result<http::Response<Body>, Status>;

/// What came of one attempt.
pub(super) enum Attempt {
    /// This is the answer, be it a refusal.
    Done(Answer),
    /// This would be the answer if there were no other replica; and why.
    Failed(Answer, Cause),
}

/// Why another replica may do better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The connection was lost, before or after the server began.
    Connection,
    /// The server says that it cannot answer now.
    Unavailable,
}

impl Cause {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Unavailable => "unavailable",
        }
    }
}

impl Replica {
    /// Sends a call whose answer may be a stream; it counts as under way until that ends.
    pub(super) async fn stream(self: Arc<Self>, request: http::Request<Body>) -> Answer {
        let load = self.load();
        match self.channel().oneshot(request).await {
            Ok(response) => {
                self.heard();
                let replica = Arc::clone(&self);
                let counted = move |frame| {
                    let _until_the_body_is_dropped = &load;
                    frame
                };
                Ok(response.map(|body| {
                    let lost = move |error| replica.failure(&error);
                    Body::new(body.map_frame(counted).map_err(lost))
                }))
            }
            Err(error) => Err(self.failure(&error)),
        }
    }

    /// Sends a call and gathers its answer.
    pub(super) async fn attempt(self: &Arc<Self>, request: http::Request<Body>) -> Attempt {
        let _load = self.load();
        let response = match self.channel().oneshot(request).await {
            Ok(response) => response,
            Err(error) if is_timeout(&error) => return Attempt::Done(Err(self.failure(&error))),
            Err(error) => return self.without_answer(&error),
        };
        self.heard();
        let (head, body) = response.into_parts();
        let frames = match gather(body).await {
            Ok(frames) => frames,
            Err(error) => return self.without_answer(&error),
        };
        let unavailable = code_of(&head.headers, &frames) == Some(Code::Unavailable);
        let frames = stream::iter(frames.into_iter().map(Ok::<_, Status>));
        let answer = Ok(http::Response::from_parts(head, Body::new(StreamBody::new(frames))));
        if unavailable {
            Attempt::Failed(answer, Cause::Unavailable)
        } else {
            Attempt::Done(answer)
        }
    }

    fn without_answer(&self, error: &(dyn Error + 'static)) -> Attempt {
        match reset_of(error) {
            // It would be reset elsewhere too.
            Some(reason) if reason != h2::Reason::REFUSED_STREAM => {
                Attempt::Done(Err(self.failure(error)))
            }
            _ => Attempt::Failed(Err(self.failure(error)), Cause::Connection),
        }
    }

    /// What a call that got no answer means: for the replica, and for the caller.
    fn failure(&self, error: &(dyn Error + 'static)) -> Status {
        if is_timeout(error) {
            self.kept_waiting();
            return too_late();
        }
        match reset_of(error) {
            Some(h2::Reason::REFUSED_STREAM) => {}
            Some(_) => {
                let text = format!("`{}` reset a call: {}", self.at(), crate::fault::chain(error));
                return Status::from(Fault::Internal(text.into()));
            }
            None => self.doubt(),
        }
        Status::from(Fault::Unavailable {
            reason: "CONNECTION_LOST",
            text: format!("lost the connection to `{}`: {}", self.at(), crate::fault::chain(error)),
            retry_after: Duration::from_millis(100),
        })
    }
}

/// What a caller is told whose deadline came first.
pub(super) fn too_late() -> Status {
    Status::from(Fault::DeadlineExceeded { text: "no answer came in time".to_owned() })
}

async fn gather(mut body: Body) -> Result<Vec<Frame<Bytes>>, Status> {
    let mut frames = Vec::with_capacity(2);
    while let Some(frame) = body.frame().await {
        frames.push(frame?);
    }
    Ok(frames)
}

/// The code of an answer, which stands in its headers when there is nothing else.
fn code_of(headers: &HeaderMap, frames: &[Frame<Bytes>]) -> Option<Code> {
    let of = |headers: &HeaderMap| Some(Code::from_bytes(headers.get("grpc-status")?.as_bytes()));
    of(headers).or_else(|| of(frames.last()?.trailers_ref()?))
}

/// Why one stream was reset, by either side, on a connection that stands. Anything else that is no
/// answer (a refused connection, one that broke, a GOAWAY) is about the connection.
fn reset_of(error: &(dyn Error + 'static)) -> Option<h2::Reason> {
    match error.downcast_ref::<h2::Error>() {
        Some(error) if error.is_reset() => error.reason(),
        Some(_) => None,
        None => error.source().and_then(reset_of),
    }
}

fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    error.is::<TimeoutExpired>() || error.source().is_some_and(is_timeout)
}
