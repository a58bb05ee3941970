//! How long the caller still waits, read from a request and passed on to the neighbours.

use std::time::Duration;

use tokio::time::Instant;
use tonic::{Request, metadata::MetadataMap};

use crate::trace;

/// The patience of a caller that states none.
pub const DEFAULT: Duration = Duration::from_secs(10);

/// The longest patience that is believed.
pub const LONGEST: Duration = Duration::from_secs(60);

/// Kept back so that an answer made at the last moment still reaches the caller.
const RESERVE: Duration = Duration::from_millis(5);

/// The moment at which the caller stops waiting.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline of a request; absent: ten seconds, at most sixty.
    pub fn of<T>(request: &Request<T>) -> Self {
        Self::after(timeout_of(request.metadata()).unwrap_or(DEFAULT).min(LONGEST))
    }

    /// A deadline from now on.
    #[must_use]
    pub fn after(patience: Duration) -> Self {
        Self(Instant::now() + patience.saturating_sub(RESERVE))
    }

    /// The time that is left; zero when there is none.
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// A request to a neighbour that has to answer in time. It belongs to the trace of this call.
    pub fn request<T>(self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.set_timeout(self.remaining());
        trace::pass_on(request.metadata_mut());
        request
    }

    /// The moment itself, for `tokio::time::timeout_at`.
    #[must_use]
    pub fn instant(self) -> Instant {
        self.0
    }
}

/// Reads `grpc-timeout`, at most eight digits and a unit
/// (<https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>).
fn timeout_of(metadata: &MetadataMap) -> Option<Duration> {
    let value = metadata.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    let number: u64 = if digits.len() <= 8 { digits.parse().ok()? } else { return None };
    match unit {
        "H" => Some(Duration::from_secs(number * 3_600)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeout(value: &str) -> Option<Duration> {
        let mut metadata = MetadataMap::new();
        metadata.insert("grpc-timeout", value.parse().unwrap());
        timeout_of(&metadata)
    }

    #[test]
    fn every_unit_of_the_header_is_read() {
        assert_eq!(timeout("2H"), Some(Duration::from_secs(7_200)));
        assert_eq!(timeout("250m"), Some(Duration::from_millis(250)));
        assert_eq!(timeout("99999999u"), Some(Duration::from_micros(99_999_999)));
    }

    #[test]
    fn a_malformed_header_is_no_deadline() {
        for bad in ["", "S", "1", "1x", "999999999S", "-1S"] {
            assert_eq!(timeout(bad), None, "{bad}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn time_runs_out() {
        let deadline = Deadline::after(Duration::from_millis(105));
        tokio::time::advance(Duration::from_millis(60)).await;
        assert_eq!(deadline.remaining(), Duration::from_millis(40));
        tokio::time::advance(Duration::from_millis(60)).await;
        assert_eq!(deadline.remaining(), Duration::ZERO);
    }
}
