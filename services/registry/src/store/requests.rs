//! Calls that can be repeated: a request id is remembered with what the call made.

use std::time::Duration;

use serde::Serialize;
use xxhash_rust::xxh3::xxh3_128;

use super::{session::Session, sql::Sql};
use crate::Error;

/// How long a request id is remembered; the contract promises half of it.
const KEPT: Duration = Duration::from_secs(48 * 3_600);

/// What makes a call repeatable.
#[derive(Clone, Debug)]
pub(super) struct Request {
    id: String,
    hash: String,
}

impl Request {
    /// A call of `method` for `what`, or none when there is no id: then every call is a new one.
    pub(super) fn try_new(
        id: String,
        method: &str,
        what: &impl Serialize,
    ) -> Result<Option<Self>, Error> {
        if id.is_empty() {
            return Ok(None);
        }
        let hash = format!("{:032x}", xxh3_128(&serde_json::to_vec(&(method, what))?));
        Ok(Some(Self { id, hash }))
    }

    /// What the same call made before, if it was made.
    pub(super) async fn made(&self, session: &mut Session) -> Result<Option<i64>, Error> {
        let sql =
            Sql::new("SELECT hash, version FROM requests WHERE request_id = ?").with(&self.id);
        let Some((hash, made)) = session.fetch_optional::<(String, i64)>(sql).await? else {
            return Ok(None);
        };
        if hash != self.hash {
            return Err(Error::RequestIdUsed { request_id: self.id.clone() });
        }
        Ok(Some(made))
    }

    /// Remembers what the call made, and forgets the calls of the day before yesterday.
    pub(super) async fn remember(
        &self,
        session: &mut Session,
        made: i64,
        time: i64,
    ) -> Result<(), Error> {
        let insert = "INSERT INTO requests (request_id, hash, version, time) VALUES (?, ?, ?, ?)";
        let insert = Sql::new(insert).with(&self.id).with(&self.hash).with(made).with(time);
        session.execute(insert).await?;
        let forget = Sql::new("DELETE FROM requests WHERE time < ?");
        session.execute(forget.with(time - KEPT.as_micros() as i64)).await?;
        Ok(())
    }
}
