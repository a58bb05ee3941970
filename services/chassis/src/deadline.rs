//! How long the caller still waits, read from a request and passed on to the neighbours.

use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;
use tonic::Request;

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
        Self::after(timeout_of(request.metadata().as_ref()).unwrap_or(DEFAULT).min(LONGEST))
    }

    /// The deadline that a request states, however far; absent: none.
    pub fn stated<T>(request: &Request<T>) -> Option<Self> {
        timeout_of(request.metadata().as_ref()).map(Self::after)
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

/// The moment at which the caller of an HTTP request stops waiting, if it says so.
pub(crate) fn of_headers(headers: &HeaderMap) -> Option<Instant> {
    timeout_of(headers).map(|timeout| Instant::now() + timeout)
}

/// Says in a request to a neighbour how much of the caller's time is left.
pub(crate) fn pass_on(deadline: Option<Instant>, headers: &mut HeaderMap) {
    let Some(deadline) = deadline else { return };
    let left = deadline.saturating_duration_since(Instant::now());
    let (micros, millis) = (left.as_micros(), left.as_millis().min(DIGITS_MAX));
    let value = if micros <= DIGITS_MAX { format!("{micros}u") } else { format!("{millis}m") };
    headers.insert(HEADER, value.try_into().expect("digits and a letter"));
}

/// Where a request says it.
const HEADER: &str = "grpc-timeout";

/// The largest number of eight digits.
const DIGITS_MAX: u128 = 99_999_999;

/// Reads `grpc-timeout`, at most eight digits and a unit
/// (<https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>).
fn timeout_of(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(HEADER)?.to_str().ok()?;
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
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, value.parse().unwrap());
        timeout_of(&headers)
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
    async fn what_is_passed_on_is_what_is_left() {
        for seconds in [2, 500, 1_000_000] {
            let mut headers = HeaderMap::new();
            let deadline = Instant::now() + Duration::from_secs(seconds);
            tokio::time::advance(Duration::from_millis(1_500)).await;
            pass_on(Some(deadline), &mut headers);
            let left = Duration::from_millis(1_000 * seconds - 1_500);
            assert_eq!(timeout_of(&headers), Some(left.min(Duration::from_millis(99_999_999))));
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
