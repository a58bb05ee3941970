//! Says the same thing once a minute, or a few times, however often it happens.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long a complaint is kept quiet after it was made.
const QUIET: Duration = Duration::from_secs(60);

/// One kind of complaint. Counting is for metrics; this only keeps the log readable.
#[derive(Debug, Default)]
pub struct Complaint(Mutex<Option<Instant>>);

impl Complaint {
    /// Whether it is time to complain; if so, the caller does.
    pub fn is_due(&self) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|last| last.elapsed() >= QUIET);
        if due {
            *last = Some(Instant::now());
        }
        due
    }
}

/// Complaints of which so many a minute are enough. The next one says how many were left out.
#[derive(Debug)]
pub struct Complaints {
    most: u32,
    minute: Mutex<Option<Minute>>,
}

#[derive(Debug)]
struct Minute {
    begin: Instant,
    made: u32,
    left_out: u64,
}

impl Complaints {
    /// `most` a minute.
    #[must_use]
    pub const fn new(most: u32) -> Self {
        Self { most, minute: Mutex::new(None) }
    }

    /// Whether to complain; if so, the caller does, and says how many were left out before.
    pub fn is_due(&self) -> Option<u64> {
        let now = Instant::now();
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = minute.get_or_insert(Minute { begin: now, made: 0, left_out: 0 });
        if now.duration_since(minute.begin) >= QUIET {
            (minute.begin, minute.made) = (now, 0);
        }
        if minute.made == self.most {
            minute.left_out += 1;
            return None;
        }
        minute.made += 1;
        Some(std::mem::take(&mut minute.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_is_told_with_the_next() {
        let complaints = Complaints::new(2);
        let due: Vec<_> = (0..4).map(|_| complaints.is_due()).collect();
        assert_eq!(due, [Some(0), Some(0), None, None]);
        complaints.minute.lock().unwrap().as_mut().unwrap().made = 0;
        assert_eq!(complaints.is_due(), Some(2));
    }

    #[test]
    fn a_complaint_is_made_once() {
        let complaint = Complaint::default();
        assert_eq!([complaint.is_due(), complaint.is_due()], [true, false]);
    }
}
