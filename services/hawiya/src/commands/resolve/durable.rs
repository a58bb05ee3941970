//! Where the output goes: a file that can be made durable and gone on with, or a stream.
//!
//! Compressed output is a member of its own (gz) or a frame (zstd) from one seal to the next, so that a
//! file can be cut after any of them. Both formats say that such files are read as one (RFC 1952, 2.2;
//! RFC 8878, 3.1).

use std::{
    fs::{File, OpenOptions},
    io::{self, BufWriter, Seek, SeekFrom, Stdout, Write, stdout},
    path::Path,
};

use flate2::write::GzEncoder;

/// How much is gathered before the disk gets it.
const BUFFER_BYTES: usize = 256 << 10;

/// How much of a compressor's time a byte is worth; 3 is zstd's own default.
const ZSTD_LEVEL: i32 = 3;

/// How the output is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gz,
    Zst,
}

impl Compression {
    /// By the ending of a name.
    pub(super) fn of(path: &Path) -> Self {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some(ending) if ending.eq_ignore_ascii_case("gz") => Self::Gz,
            Some("zst" | "zstd") => Self::Zst,
            _ => Self::None,
        }
    }
}

/// The output.
pub(super) struct Durable {
    compression: Compression,
    state: Option<State>,
}

enum State {
    /// Sealed, or not begun.
    Idle(Out),
    Plain(Out),
    Gz(GzEncoder<Out>),
    Zst(zstd::Encoder<'static, Out>),
}

enum Out {
    File(BufWriter<File>),
    Stream(BufWriter<Stdout>),
}

impl Durable {
    /// A new file.
    pub(super) fn create(path: &Path, compression: Compression) -> io::Result<Self> {
        Ok(Self::of(File::create(path)?, compression))
    }

    /// A file that is gone on with after its first `bytes`; what is behind them is cut off.
    pub(super) fn reopen(path: &Path, bytes: u64, compression: Compression) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        let found = file.metadata()?.len();
        if found < bytes {
            let text = format!("it has {found} bytes, and {bytes} were durable");
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        file.set_len(bytes)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self::of(file, compression))
    }

    /// Standard output.
    pub(super) fn stream(compression: Compression) -> Self {
        let out = Out::Stream(BufWriter::with_capacity(BUFFER_BYTES, stdout()));
        Self { compression, state: Some(State::Idle(out)) }
    }

    fn of(file: File, compression: Compression) -> Self {
        let out = Out::File(BufWriter::with_capacity(BUFFER_BYTES, file));
        Self { compression, state: Some(State::Idle(out)) }
    }

    pub(super) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.begin()?;
        match self.state.as_mut() {
            Some(State::Plain(out) | State::Idle(out)) => out.write_all(bytes),
            Some(State::Gz(encoder)) => encoder.write_all(bytes),
            Some(State::Zst(encoder)) => encoder.write_all(bytes),
            None => Err(closed()),
        }
    }

    /// Begins a member where none is under way.
    fn begin(&mut self) -> io::Result<()> {
        let state = match self.state.take().ok_or_else(closed)? {
            State::Idle(out) => match self.compression {
                Compression::None => State::Plain(out),
                Compression::Gz => State::Gz(GzEncoder::new(out, flate2::Compression::default())),
                Compression::Zst => State::Zst(zstd::Encoder::new(out, ZSTD_LEVEL)?),
            },
            begun => begun,
        };
        self.state = Some(state);
        Ok(())
    }

    /// Hands what is written to who reads the output. Nothing is durable yet.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        match self.state.as_mut() {
            Some(State::Plain(out) | State::Idle(out)) => out.flush(),
            Some(State::Gz(encoder)) => encoder.flush(),
            Some(State::Zst(encoder)) => encoder.flush(),
            None => Err(closed()),
        }
    }

    /// Ends the output, or what there is of it so far.
    pub(super) fn end(&mut self, is_whole: bool) -> io::Result<u64> {
        if is_whole { self.finish() } else { self.seal() }
    }

    /// Ends the member and makes everything durable. Returns how many bytes the file has; a stream
    /// has none that count.
    pub(super) fn seal(&mut self) -> io::Result<u64> {
        let mut out = match self.state.take().ok_or_else(closed)? {
            State::Idle(out) | State::Plain(out) => out,
            State::Gz(encoder) => encoder.finish()?,
            State::Zst(encoder) => encoder.finish()?,
        };
        out.flush()?;
        let bytes = match &mut out {
            Out::File(file) => {
                file.get_ref().sync_data()?;
                file.stream_position()?
            }
            Out::Stream(_) => 0,
        };
        self.state = Some(State::Idle(out));
        Ok(bytes)
    }

    /// Ends the output. An empty compressed file is not empty.
    pub(super) fn finish(&mut self) -> io::Result<u64> {
        let bytes = self.seal()?;
        if bytes > 0 || self.compression == Compression::None {
            return Ok(bytes);
        }
        self.begin()?;
        self.seal()
    }
}

fn closed() -> io::Error {
    io::Error::other("a write failed before")
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Stream(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Stream(stream) => stream.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::import::Input;

    fn read(path: &Path) -> String {
        let mut text = String::new();
        let mut input = Input::open(path.to_str().unwrap()).unwrap();
        input.reader.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_file_that_is_cut_after_a_seal_and_gone_on_with_is_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        for compression in [Compression::None, Compression::Gz, Compression::Zst] {
            let (whole, cut) = (folder.path().join("whole"), folder.path().join("cut"));
            let mut out = Durable::create(&whole, compression).unwrap();
            out.write_all(b"a,b\n1,2\n").unwrap();
            out.seal().unwrap();
            out.write_all(b"3,4\n").unwrap();
            out.finish().unwrap();

            let mut out = Durable::create(&cut, compression).unwrap();
            out.write_all(b"a,b\n1,2\n").unwrap();
            let durable = out.seal().unwrap();
            out.write_all(b"never answered\n").unwrap();
            out.seal().unwrap();
            drop(out);
            let mut out = Durable::reopen(&cut, durable, compression).unwrap();
            out.write_all(b"3,4\n").unwrap();
            out.finish().unwrap();

            assert_eq!(read(&whole), "a,b\n1,2\n3,4\n", "{compression:?}");
            assert_eq!(std::fs::read(&whole).unwrap(), std::fs::read(&cut).unwrap());
        }
    }

    #[test]
    fn a_file_that_lost_what_was_durable_is_not_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("short");
        std::fs::write(&path, "abc").unwrap();
        let refused = Durable::reopen(&path, 4, Compression::None).err().unwrap();
        assert_eq!(refused.to_string(), "it has 3 bytes, and 4 were durable");
    }

    #[test]
    fn an_empty_output_is_a_sound_file() {
        let folder = tempfile::tempdir().unwrap();
        for compression in [Compression::None, Compression::Gz, Compression::Zst] {
            let path = folder.path().join("empty");
            Durable::create(&path, compression).unwrap().finish().unwrap();
            assert_eq!(read(&path), "", "{compression:?}");
        }
    }
}
