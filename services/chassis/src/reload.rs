//! Something made of files, made again when their content changes.
//!
//! Certificates, keys and lists of callers are replaced while a service runs, by a file that is
//! written over or by a link that is turned round (Kubernetes). So contents are compared, not
//! times. What cannot be used is said in the log, and what there was before stays in force.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tracing::{error, info};

use crate::Complaint;

/// How long a content is believed before the files are looked at again.
pub(crate) const BELIEVED_FOR: Duration = Duration::from_secs(2);

/// The largest file that is read: these are written by people and by certificate authorities.
const FILE_BYTES_MAX: u64 = 4 << 20;

type Make<T> = dyn Fn(&[Vec<u8>]) -> Result<T, String> + Send + Sync;

/// A value made of the contents of files.
pub(crate) struct Reloaded<T> {
    files: Vec<PathBuf>,
    make: Box<Make<T>>,
    state: Mutex<State<T>>,
    complaint: Complaint,
}

struct State<T> {
    looked: Instant,
    contents: Vec<Vec<u8>>,
    value: Arc<T>,
}

impl<T> Reloaded<T> {
    /// Reads `files` and makes a value of their contents, in their order.
    pub(crate) fn new(
        files: Vec<PathBuf>,
        make: impl Fn(&[Vec<u8>]) -> Result<T, String> + Send + Sync + 'static,
    ) -> Result<Self, String> {
        let contents = read_all(&files)?;
        let value = Arc::new(make(&contents)?);
        let state = Mutex::new(State { looked: Instant::now(), contents, value });
        Ok(Self { files, make: Box::new(make), state, complaint: Complaint::default() })
    }

    /// The value of now. Reads the files when that was not done for [`BELIEVED_FOR`]; they are
    /// small, and it takes some ten microseconds.
    pub(crate) fn get(&self) -> Arc<T> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.looked.elapsed() >= BELIEVED_FOR {
            state.looked = Instant::now();
            self.look(&mut state);
        }
        Arc::clone(&state.value)
    }

    fn look(&self, state: &mut State<T>) {
        let made = read_all(&self.files).and_then(|contents| {
            let changed = contents != state.contents;
            Ok(if changed { Some(((self.make)(&contents)?, contents)) } else { None })
        });
        match made {
            Ok(Some((value, contents))) => {
                info!(files = ?self.files, "read again");
                (state.value, state.contents) = (Arc::new(value), contents);
            }
            Ok(None) => {}
            Err(cause) if self.complaint.is_due() => {
                error!(files = ?self.files, error = cause, "what was read before stays in force");
            }
            Err(_) => {}
        }
    }
}

impl<T> fmt::Debug for Reloaded<T> {
    /// Without the value, which may be secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Reloaded").field(&self.files).finish()
    }
}

fn read_all(files: &[PathBuf]) -> Result<Vec<Vec<u8>>, String> {
    files.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let told = |cause: std::io::Error| format!("cannot read `{}`: {cause}", path.display());
    let bytes = fs::metadata(path).map_err(told)?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(format!("`{}` has {bytes} bytes, more than {FILE_BYTES_MAX}", path.display()));
    }
    fs::read(path).map_err(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(contents: &[Vec<u8>]) -> Result<u32, String> {
        let text = String::from_utf8_lossy(&contents[0]).into_owned();
        text.trim().parse().map_err(|_| format!("`{text}` is no number"))
    }

    /// As if the last look was long ago.
    fn look_again(reloaded: &Reloaded<u32>) -> u32 {
        let mut state = reloaded.state.lock().unwrap();
        reloaded.look(&mut state);
        *state.value
    }

    #[test]
    fn a_changed_file_makes_another_value_and_a_bad_one_makes_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("number");
        fs::write(&path, "1").unwrap();
        let reloaded = Reloaded::new(vec![path.clone()], number).unwrap();
        fs::write(&path, "2").unwrap();
        assert_eq!(look_again(&reloaded), 2);
        fs::write(&path, "two").unwrap();
        assert_eq!(look_again(&reloaded), 2);
        fs::remove_file(&path).unwrap();
        assert_eq!(look_again(&reloaded), 2);
        fs::write(&path, "3").unwrap();
        assert_eq!(look_again(&reloaded), 3);
    }

    #[test]
    fn a_link_that_is_turned_round_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (name, text) in [("old", "1"), ("new", "2")] {
            fs::create_dir(at(name)).unwrap();
            fs::write(at(name).join("number"), text).unwrap();
        }
        let turn = |to: &str| {
            std::os::unix::fs::symlink(at(to), at("next")).unwrap();
            fs::rename(at("next"), at("data")).unwrap();
        };
        turn("old");
        let reloaded = Reloaded::new(vec![at("data").join("number")], number).unwrap();
        turn("new");
        assert_eq!(look_again(&reloaded), 2);
    }

    #[test]
    fn a_file_that_is_not_there_is_refused_at_first() {
        let refused = Reloaded::new(vec!["/nowhere/number".into()], number).unwrap_err();
        assert!(refused.starts_with("cannot read `/nowhere/number`"), "{refused}");
    }
}
