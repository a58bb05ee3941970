//! The index of a matcher in a folder that something has written into.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex},
};

use matcher::local::Local;
use tempfile::TempDir;
use xxhash_rust::xxh3::xxh3_64;

use crate::{text, texts::known};

/// What is in a text of the list where nothing is struck out.
const NOTHING_STRUCK: &str = "\"struck\": []";

/// An index that was saved, and what its files held then.
struct Saved {
    folder: TempDir,
    list: String,
    segment: (PathBuf, Vec<u8>),
}

/// After `l`: what the list has struck out, under a checksum that is right. After anything else: the bytes of a
/// segment, whose checksum is then wrong. Either is refused, or names are found.
pub(crate) fn index(bytes: &[u8]) {
    static SAVED: LazyLock<Mutex<Saved>> = LazyLock::new(|| Mutex::new(Saved::new()));
    let Some((kind, bytes)) = bytes.split_first() else { return };
    // A target that failed has ended the process.
    let Ok(saved) = SAVED.lock() else { return };
    if *kind == b'l' {
        let Some(struck) = text(bytes) else { return };
        if let Some(index) = saved.with_struck(struck) {
            assert!(index.ask("Лавров", None, 5).len() <= 5);
        }
    } else if bytes != saved.segment.1 {
        assert!(saved.with_segment(bytes).is_none(), "a damaged segment was read");
    }
}

impl Saved {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        known().save(folder.path()).expect("the folder takes an index");
        let list = fs::read_to_string(folder.path().join("index.list")).expect("there is a list");
        let (_, list) = list.split_once('\n').expect("the list begins with its checksum");
        let segment = segment(folder.path());
        let bytes = fs::read(&segment).expect("the segment is there");
        Self { list: list.to_owned(), segment: (segment, bytes), folder }
    }

    fn with_struck(&self, struck: &str) -> Option<Local> {
        let list = self.list.replace(NOTHING_STRUCK, &format!("\"struck\": {struck}"));
        fs::write(&self.segment.0, &self.segment.1).expect("the segment is put back");
        self.load(&list)
    }

    fn with_segment(&self, bytes: &[u8]) -> Option<Local> {
        fs::write(&self.segment.0, bytes).expect("the segment is written over");
        self.load(&self.list)
    }

    fn load(&self, list: &str) -> Option<Local> {
        let sealed = format!("{:016x}\n{list}", xxh3_64(list.as_bytes()));
        fs::write(self.folder.path().join("index.list"), sealed).expect("the list is written");
        Local::load(self.folder.path()).ok()
    }
}

fn segment(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder).expect("the folder is read").flatten();
    let mut paths = files.map(|file| file.path());
    let is_segment = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "segment");
    paths.find(is_segment).expect("an index has a segment")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_list_strikes_out_is_read_under_a_checksum_that_is_right() {
        let saved = Saved::new();
        let found = |index: Local| index.ask("Лавров", None, 5).len();
        assert_eq!(saved.with_struck("[]").map(found), Some(1));
        assert_eq!(saved.with_struck("[0, 0, 4000000000]").map(found), Some(0));
        assert!(saved.with_struck("[-1]").is_none());
        assert!(saved.with_segment(b"").is_none());
    }
}
