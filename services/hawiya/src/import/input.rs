//! Opens what is imported: a file or standard input, plain or compressed, known by its content.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read, stdin},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context, bail};

/// How much of a file is looked at to know its format.
const HEAD_BYTES: u64 = 64 << 10;

/// How much is read from the disk at once.
const READ_BYTES: usize = 256 << 10;

/// A file that is open and of which the beginning is known.
pub(crate) struct Input {
    /// As the user wrote it; `-` is standard input.
    pub(crate) name: String,
    /// Its beginning, uncompressed.
    pub(crate) head: Vec<u8>,
    /// All of it, uncompressed.
    pub(crate) reader: Box<dyn BufRead + Send>,
    /// How far it is read.
    pub(crate) progress: Progress,
}

/// How much of a file was read, in bytes as they are on the disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    read: Arc<AtomicU64>,
    /// 0 when unknown.
    bytes: u64,
}

impl Progress {
    /// 0.0 to 1.0, when the size is known.
    pub(crate) fn fraction(&self) -> Option<f64> {
        let read = self.read.load(Ordering::Relaxed);
        (self.bytes > 0).then(|| read.min(self.bytes) as f64 / self.bytes as f64)
    }
}

impl Input {
    pub(crate) fn open(name: &str) -> anyhow::Result<Self> {
        if name == "-" {
            return Self::read(name, stdin(), Progress::default());
        }
        let cannot = || format!("cannot open `{name}`");
        let file = File::open(name).with_context(cannot)?;
        let metadata = file.metadata().with_context(cannot)?;
        if metadata.is_dir() {
            bail!("`{name}` is a folder: name the files in it");
        }
        Self::read(name, file, Progress { bytes: metadata.len(), ..Progress::default() })
    }

    fn read(
        name: &str,
        from: impl Read + Send + 'static,
        progress: Progress,
    ) -> anyhow::Result<Self> {
        let counted = Counted { from, read: Arc::clone(&progress.read) };
        let reader = decompressed(BufReader::with_capacity(READ_BYTES, counted))
            .with_context(|| format!("cannot read `{name}`"))?;
        let (head, reader) = with_head(reader);
        Ok(Self { name: name.to_owned(), head, reader, progress })
    }

    /// Its path; standard input has none.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        (self.name != "-").then(|| PathBuf::from(&self.name))
    }

    /// The file's name in lower case, without the ending of its compression.
    pub(crate) fn file_name(&self) -> String {
        let name = Path::new(&self.name).file_name().and_then(|name| name.to_str());
        let name = name.unwrap_or_default().to_lowercase();
        let compressions = [".gz", ".bz2", ".zst", ".zstd"];
        let bare = compressions.iter().find_map(|ending| name.strip_suffix(ending));
        bare.unwrap_or(&name).to_owned()
    }
}

/// What is inside, by the first bytes: an ending may lie, and standard input has none.
fn decompressed(mut from: impl BufRead + Send + 'static) -> anyhow::Result<Box<dyn Read + Send>> {
    let start = from.fill_buf()?;
    Ok(match start {
        [0x1F, 0x8B, ..] => Box::new(Damaged("gzip", flate2::bufread::MultiGzDecoder::new(from))),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => {
            Box::new(Damaged("bzip2", bzip2::bufread::MultiBzDecoder::new(from)))
        }
        [0x28, 0xB5, 0x2F, 0xFD, ..] => {
            Box::new(Damaged("zstd", zstd::Decoder::with_buffer(from)?))
        }
        [b'P', b'K', 3, 4, ..] => bail!("it is a zip archive: unpack it first"),
        _ => Box::new(from),
    })
}

/// Reads the beginning, and gives a reader of everything back. What cannot be read fails when the
/// reader comes to it, so that what is before it is imported.
fn with_head(mut from: Box<dyn Read + Send>) -> (Vec<u8>, Box<dyn BufRead + Send>) {
    let mut head = Vec::new();
    let rest: Box<dyn Read + Send> = match from.by_ref().take(HEAD_BYTES).read_to_end(&mut head) {
        Ok(_) => from,
        Err(error) => Box::new(Broken(Some(error))),
    };
    let all = Cursor::new(head.clone()).chain(BufReader::with_capacity(READ_BYTES, rest));
    (head, Box::new(all))
}

/// Counts what is read.
struct Counted<R> {
    from: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.from.read(into)?;
        self.read.fetch_add(bytes as u64, Ordering::Relaxed);
        Ok(bytes)
    }
}

/// Says what is damaged when a decoder fails, and what to do about it.
struct Damaged<R>(&'static str, R);

impl<R: Read> Read for Damaged<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.1.read(into).map_err(|error| {
            let text = format!(
                "the {} data is damaged or ends early ({error}): fetch the file again",
                self.0
            );
            io::Error::new(error.kind(), text)
        })
    }
}

/// Fails once with what was the matter.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const TEXT: &[u8] = "سيرغي لافروف\n".as_bytes();

    fn gz(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Default::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn bz2(text: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), Default::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn read(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        let input = Input::read("x", Cursor::new(bytes), Progress::default()).unwrap();
        let mut text = Vec::new();
        let mut reader = input.reader;
        reader.read_to_end(&mut text).map(|_| text)
    }

    #[test]
    fn a_compression_is_known_by_the_content() {
        let zst = zstd::encode_all(TEXT, 1).unwrap();
        for bytes in [TEXT.to_vec(), gz(TEXT), bz2(TEXT), zst] {
            assert_eq!(read(bytes).unwrap(), TEXT);
        }
    }

    #[test]
    fn files_of_several_streams_are_read_to_their_end() {
        let twice = [TEXT, TEXT].concat();
        assert_eq!(read([gz(TEXT), gz(TEXT)].concat()).unwrap(), twice);
        assert_eq!(read([bz2(TEXT), bz2(TEXT)].concat()).unwrap(), twice);
    }

    #[test]
    fn a_file_that_is_cut_off_says_so_after_what_can_be_read() {
        let zst = zstd::encode_all(TEXT, 1).unwrap();
        for (kind, whole) in [("gzip", gz(TEXT)), ("bzip2", bz2(TEXT)), ("zstd", zst)] {
            let error = read(whole[..whole.len() - 3].to_vec()).unwrap_err().to_string();
            assert!(error.contains(kind) && error.contains("fetch"), "{error}");
        }
    }

    #[test]
    fn a_zip_archive_is_refused_with_the_cure() {
        let refused = Input::read("x", &b"PK\x03\x04"[..], Progress::default());
        let error = format!("{:#}", refused.err().unwrap());
        assert_eq!(error, "cannot read `x`: it is a zip archive: unpack it first");
    }
}
