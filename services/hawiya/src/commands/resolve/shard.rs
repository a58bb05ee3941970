//! The part of a file that one of several runs resolves: the rows in as many equal stretches as there
//! are parts, so that the outputs behind each other are the output of one run.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::Usage;

/// Which part of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    /// From 0.
    pub(super) index: u64,
    pub(super) count: u64,
}

impl Shard {
    pub(super) const WHOLE: Self = Self { index: 0, count: 1 };

    /// Reads `--shard` and `--shards`, and where the index is missing the variable of an Indexed Job
    /// (<https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode>).
    pub(super) fn of(shard: Option<&str>, shards: Option<u64>) -> Result<Self, Usage> {
        Self::read(shard, shards, env::var("JOB_COMPLETION_INDEX").ok().as_deref())
    }

    fn read(shard: Option<&str>, shards: Option<u64>, job: Option<&str>) -> Result<Self, Usage> {
        let refused = |name: &str, value: &str, expected: &str| {
            Err(Usage(format!("{name} is `{value}`: expected {expected}")))
        };
        let (index, count) = match (shard, shards) {
            (None, None) => return Ok(Self::WHOLE),
            (Some(shard), None) => match shard.split_once('/') {
                Some((index, count)) => (index.to_owned(), count.parse().unwrap_or(0)),
                None => {
                    return refused("--shard", shard, "INDEX/COUNT, or --shards COUNT beside it");
                }
            },
            (Some(shard), Some(count)) => (shard.to_owned(), count),
            (None, Some(count)) => match job {
                Some(index) => (index.to_owned(), count),
                None => {
                    return refused(
                        "--shards",
                        &count.to_string(),
                        "--shard INDEX too, or JOB_COMPLETION_INDEX in the environment",
                    );
                }
            },
        };
        match index.parse() {
            Ok(index) if index < count => Ok(Self { index, count }),
            _ => {
                refused("--shard", &format!("{index}/{count}"), "an index from 0, below the count")
            }
        }
    }

    /// The first row of the part and the first behind it, of so many.
    pub(super) fn stretch(self, rows: u64) -> (u64, u64) {
        let border = |index: u64| {
            let border = u128::from(rows) * u128::from(index) / u128::from(self.count);
            u64::try_from(border).unwrap_or(rows)
        };
        (border(self.index), border(self.index + 1))
    }

    /// A path with the number of the part in place of `{shard}`, with as many digits as the last one
    /// has: sorted by name, the files are in order.
    pub(super) fn path(self, path: &Path) -> PathBuf {
        let digits = (self.count - 1).to_string().len();
        let index = format!("{:0digits$}", self.index);
        match path.to_str() {
            Some(text) => PathBuf::from(text.replace("{shard}", &index)),
            None => path.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other_and_leave_no_row_out() {
        for (rows, count) in [(10, 3), (2, 5), (0, 2), (1_000_000, 7)] {
            let mut next = 0;
            for index in 0..count {
                let (from, to) = Shard { index, count }.stretch(rows);
                assert_eq!(from, next);
                assert!(to - from <= rows.div_ceil(count));
                next = to;
            }
            assert_eq!(next, rows);
        }
    }

    #[test]
    fn a_part_is_named_in_one_flag_or_two_or_by_the_job() {
        let third = Shard { index: 2, count: 4 };
        assert_eq!(Shard::read(Some("2/4"), None, None).unwrap(), third);
        assert_eq!(Shard::read(Some("2"), Some(4), Some("3")).unwrap(), third);
        assert_eq!(Shard::read(None, Some(4), Some("2")).unwrap(), third);
        assert_eq!(Shard::read(None, None, Some("2")).unwrap(), Shard::WHOLE);
        for (shard, shards) in [
            (Some("4/4"), None),
            (Some("1"), None),
            (Some("x/2"), None),
            (None, Some(2)),
            (Some("0/0"), None),
        ] {
            assert!(Shard::read(shard, shards, None).is_err(), "{shard:?} {shards:?}");
        }
    }

    #[test]
    fn files_of_parts_sort_by_name() {
        let path = |index, count| Shard { index, count }.path(Path::new("out-{shard}.csv"));
        assert_eq!(path(3, 12), Path::new("out-03.csv"));
        assert_eq!(path(9, 10), Path::new("out-9.csv"));
    }
}
