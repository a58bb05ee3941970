//! What the log is told of a trouble that lasts or comes and goes: at most one line a minute.

use std::time::{Duration, Instant};

/// Whether the log knows of the present trouble, and when it was last told.
#[derive(Default)]
pub(crate) struct Complaint {
    last: Option<Instant>,
    standing: bool,
}

impl Complaint {
    /// Whether to complain now; if so, that counts as done.
    pub(crate) fn due(&mut self) -> bool {
        let due = self.last.is_none_or(|last| last.elapsed() >= COMPLAINT_EVERY);
        if due {
            *self = Complaint { last: Some(Instant::now()), standing: true };
        }
        due
    }

    /// Whether there was a complaint to take back.
    pub(crate) fn withdrawn(&mut self) -> bool {
        std::mem::take(&mut self.standing)
    }
}

/// Whatever happens in between is counted by the meters.
const COMPLAINT_EVERY: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flapping_redis_is_one_complaint_and_one_withdrawal_a_minute() {
        let mut complaint = Complaint::default();
        assert!(!complaint.withdrawn(), "the first connection is not news");
        assert!(complaint.due());
        assert!(!complaint.due());
        assert!(complaint.withdrawn());
        assert!(!complaint.due());
        assert!(!complaint.withdrawn());
    }
}
