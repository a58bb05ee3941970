//! A file that is read where it lies, without being read into memory first.
//!
//! The only crate with an unsafe block, so that its argument stands in one place. Mapping is unsafe because the
//! bytes change when somebody changes the file, and reading beyond a file that was made shorter ends the process.
//! Both are excluded by how such files are made: written whole under another name, made durable, renamed, never
//! opened for writing again, and removed only by name, which leaves a map as it is. [`Mapped::open`] is for such
//! files and no others; whoever edits them by hand while a process has them mapped can end that process.

use std::{fs::File, io, ops::Deref, path::Path};

use memmap2::Mmap;

/// The bytes of a file. Starts at a page, so that numbers in it are aligned as they are in the file.
#[derive(Debug)]
pub struct Mapped(Mmap);

impl Mapped {
    /// Maps a file that is never written again.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        // SAFETY: the file is complete and is never changed in place, see the top of this file; the map is
        // read-only and private, so nothing in this process changes it either.
        let map = unsafe { Mmap::map(&file) }?;
        Ok(Self(map))
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_removed_is_still_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, b"segment").unwrap();
        let mapped = Mapped::open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(&*mapped, b"segment");
        assert!(Mapped::open(&path).is_err());
    }
}
