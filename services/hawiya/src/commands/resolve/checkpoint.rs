//! How far a run is durable, in a file beside its output: what a run that is gone on with knows.
//!
//! It is written after the output is durable, under another name, and then gets its own: at any moment
//! there is a whole one, or none.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::tally::Tally;

/// Version of the file; raise it when a field changes meaning.
const VERSION: u32 = 1;

/// What is durable, and of what.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    version: u32,
    pub(super) input: Fingerprint,
    /// What the output depends on, as the command line has it.
    pub(super) options: BTreeMap<String, String>,
    /// Rows that are answered and written, of the part that is resolved.
    pub(super) rows: u64,
    pub(super) output_bytes: u64,
    /// Of the file of refused rows.
    pub(super) errors_bytes: u64,
    /// There are no more rows.
    pub(super) is_whole: bool,
    pub(super) tally: Tally,
}

/// What tells one input from another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    bytes: u64,
    /// XXH3, 128 bits, of all bytes.
    xxh3: String,
}

impl Fingerprint {
    /// Reads the whole file once: a fraction of what resolving it takes.
    pub(super) fn of(path: &str) -> anyhow::Result<Self> {
        let mut hash = Xxh3::new();
        let mut buffer = vec![0; 1 << 20];
        let mut bytes = 0;
        let mut file = File::open(path).with_context(|| format!("cannot open `{path}`"))?;
        loop {
            match file.read(&mut buffer).with_context(|| format!("cannot read `{path}`"))? {
                0 => break,
                read => {
                    hash.update(&buffer[..read]);
                    bytes += read as u64;
                }
            }
        }
        Ok(Self { bytes, xxh3: format!("{:032x}", hash.digest128()) })
    }
}

impl Checkpoint {
    pub(super) fn new(input: Fingerprint, options: BTreeMap<String, String>) -> Self {
        Self {
            version: VERSION,
            input,
            options,
            rows: 0,
            output_bytes: 0,
            errors_bytes: 0,
            is_whole: false,
            tally: Tally::default(),
        }
    }

    /// The checkpoint of an earlier run; none: there is no file.
    pub(super) fn load(path: &Path) -> anyhow::Result<Option<Self>> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).context(format!("cannot read `{}`", path.display()));
            }
        };
        match Self::parse(&text) {
            Some(checkpoint) => Ok(Some(checkpoint)),
            None => bail!(
                "`{}` is no checkpoint of this version of hawiya: delete it, or run without --resume, \
                 and begin again",
                path.display()
            ),
        }
    }

    /// The content of the file, if it is of this version.
    pub(crate) fn parse(content: &[u8]) -> Option<Self> {
        let checkpoint: Self = serde_json::from_slice(content).ok()?;
        (checkpoint.version == VERSION).then_some(checkpoint)
    }

    /// Whether a run with this input and these options may go on from here.
    pub(super) fn check(
        &self,
        input: &Fingerprint,
        options: &BTreeMap<String, String>,
    ) -> anyhow::Result<()> {
        if self.input != *input {
            bail!(
                "cannot resume: the input has changed since (it had {} bytes, and has {}): \
                 run without --resume to begin again",
                self.input.bytes,
                input.bytes
            );
        }
        let names = self.options.keys().chain(options.keys());
        for name in names {
            let (before, now) = (self.options.get(name), options.get(name));
            if before != now {
                let shown = |value: Option<&String>| value.cloned().unwrap_or_default();
                bail!(
                    "cannot resume: {name} was `{}` and is `{}`: say the same as before, or run \
                     without --resume to begin again",
                    shown(before),
                    shown(now)
                );
            }
        }
        Ok(())
    }

    /// Replaces the file, durably.
    pub(super) fn save(&self, path: &Path) -> anyhow::Result<()> {
        let written = || {
            let new = with_ending(path, "new");
            let mut file = File::create(&new)?;
            file.write_all(&serde_json::to_vec(self)?)?;
            file.sync_all()?;
            fs::rename(&new, path)?;
            sync_folder(path)
        };
        written().with_context(|| format!("cannot write `{}`", path.display()))
    }
}

/// Makes it durable that a file has its name.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// A path with one more ending.
pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(text: &str) -> Fingerprint {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        Fingerprint::of(file.path().to_str().unwrap()).unwrap()
    }

    #[test]
    fn what_was_saved_is_loaded_and_a_missing_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv.checkpoint");
        assert!(Checkpoint::load(&path).unwrap().is_none());
        let mut checkpoint = Checkpoint::new(fingerprint("a"), BTreeMap::new());
        (checkpoint.rows, checkpoint.output_bytes) = (7, 99);
        checkpoint.save(&path).unwrap();
        let loaded = Checkpoint::load(&path).unwrap().unwrap();
        assert_eq!((loaded.rows, loaded.output_bytes), (7, 99));
        fs::write(&path, "{").unwrap();
        assert!(Checkpoint::load(&path).unwrap_err().to_string().contains("begin again"));
    }

    #[test]
    fn a_run_is_not_gone_on_with_when_its_input_or_options_changed() {
        let options = |value: &str| BTreeMap::from([("--type".to_owned(), value.to_owned())]);
        let checkpoint = Checkpoint::new(fingerprint("name\nx\n"), options("city"));
        assert!(checkpoint.check(&fingerprint("name\nx\n"), &options("city")).is_ok());
        let error = checkpoint.check(&fingerprint("name\ny\n"), &options("city")).unwrap_err();
        assert!(error.to_string().contains("the input has changed"), "{error}");
        let error = checkpoint.check(&fingerprint("name\nx\n"), &options("person")).unwrap_err();
        assert!(error.to_string().contains("--type was `city` and is `person`"), "{error}");
    }
}
