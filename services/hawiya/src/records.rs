//! Records of a delimited file: each with the line it begins at, and none without an end.

use std::io::{self, Read};

use anyhow::Context;
use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};

/// The longest record that is read, as it is for a line of JSON. A quote that nobody closes makes one
/// cell of the rest of the file, which would have to fit into memory.
pub(crate) const RECORD_BYTES_MAX: u64 = 16 << 20;

/// Records of any length, without a header of their own.
pub(crate) struct Records<R> {
    reader: Reader<Bounded<R>>,
    is_over: bool,
}

impl<R: Read> Records<R> {
    pub(crate) fn new(delimiter: u8, input: R) -> Self {
        let mut builder = ReaderBuilder::new();
        builder.delimiter(delimiter).has_headers(false).flexible(true);
        // A line ends with LF alone: for CR LF the reader would count the lines from within the line end.
        builder.terminator(Terminator::Any(b'\n'));
        Self { reader: builder.from_reader(Bounded::new(input)), is_over: false }
    }

    /// Where the record that was just read begins. The reader skips lines with nothing but LF, and
    /// says where it began to look; so it is counted back from the end. A quote that is not closed takes
    /// the last line end into its cell, and then nothing was skipped.
    fn beginning(&self, record: &ByteRecord, looked_from: u64) -> i64 {
        let end = self.reader.position();
        let inside: usize = record.iter().map(line_ends).sum();
        let own = usize::from(!self.reader.get_ref().ends_without_line_end_at(end.byte()));
        (end.line() as i64 - (inside + own) as i64).max(looked_from as i64)
    }
}

fn line_ends(cell: &[u8]) -> usize {
    cell.iter().filter(|byte| **byte == b'\n').count()
}

impl<R: Read> Iterator for Records<R> {
    type Item = anyhow::Result<(i64, ByteRecord)>;

    /// The next record that is not an empty line. After an error nothing follows.
    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_over {
            let mut record = ByteRecord::new();
            let looked_from = self.reader.position().line();
            match read(&mut self.reader, &mut record) {
                Ok(true) => {}
                Ok(false) => self.is_over = true,
                Err(error) => {
                    self.is_over = true;
                    return Some(Err(error));
                }
            }
            let beginning = self.beginning(&record, looked_from);
            let record = without_return(record);
            if !matches!(record.len(), 0 | 1) || record.iter().any(|cell| !cell.is_empty()) {
                return Some(Ok((beginning, record)));
            }
        }
        None
    }
}

/// Reads a record; `false`: there is none. One that is too long is an error that names its line and the cure.
pub(crate) fn read<R: Read>(
    reader: &mut Reader<Bounded<R>>,
    record: &mut ByteRecord,
) -> anyhow::Result<bool> {
    let line = reader.position().line();
    reader.get_mut().left = RECORD_BYTES_MAX;
    let read = reader.read_byte_record(record);
    if reader.get_ref().left > 0 {
        return Ok(read?);
    }
    read.with_context(|| {
        format!(
            "line {line}: a row of more than {} MiB: look for a quote (\") that is not closed, and \
             double it or take it out",
            RECORD_BYTES_MAX >> 20
        )
    })
}

/// Takes the CR of a CR LF off the last cell.
fn without_return(mut record: ByteRecord) -> ByteRecord {
    let last = record.len().checked_sub(1).map(|at| (at, record[at].strip_suffix(b"\r")));
    if let Some((at, Some(cell))) = last {
        let cell = cell.to_vec();
        record.truncate(at);
        record.push_field(&cell);
    }
    record
}

/// What a record is read from, as long as there is room for it.
pub(crate) struct Bounded<R> {
    inner: R,
    /// Bytes that the present record may still take.
    left: u64,
    /// Bytes so far, and the last of them.
    bytes: u64,
    last: u8,
}

impl<R> Bounded<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self { inner, left: RECORD_BYTES_MAX, bytes: 0, last: b'\n' }
    }

    /// Whether the input ends at this byte, and not with a line end.
    fn ends_without_line_end_at(&self, byte: u64) -> bool {
        self.bytes == byte && self.last != b'\n'
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::other("there is no end to it"));
        }
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.inner.read(&mut buffer[..room])?;
        self.left -= read as u64;
        self.bytes += read as u64;
        self.last = buffer[..read].last().copied().unwrap_or(self.last);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines at which records begin, and their first cells.
    fn check(text: &str, expected: &[(i64, &str)]) {
        let found = Records::new(b',', text.as_bytes()).map(|record| {
            let (line, record) = record.unwrap();
            (line, String::from_utf8(record[0].to_vec()).unwrap())
        });
        let found: Vec<_> = found.collect();
        let found: Vec<_> = found.iter().map(|(line, cell)| (*line, cell.as_str())).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn a_record_has_the_number_of_its_first_line_whatever_lines_are_empty() {
        check("a\nb", &[(1, "a"), (2, "b")]);
        check("a\n\nb\n", &[(1, "a"), (3, "b")]);
        check("\n\n\na\n\n\r\n\nb", &[(4, "a"), (8, "b")]);
        check("a\r\n\r\nb\r\n", &[(1, "a"), (3, "b")]);
        check("\u{FEFF}a\n\nb", &[(1, "a"), (3, "b")]);
        check("\u{FEFF}a", &[(1, "a")]);
        check("\n\"a\n\na\"\n\nb\n", &[(2, "a\n\na"), (6, "b")]);
        check("\"a\nb", &[(1, "a\nb")]);
        check("\"a\nb\n", &[(1, "a\nb\n")]);
        check("x\n\"a\nb\n", &[(1, "x"), (2, "a\nb\n")]);
        check("", &[]);
        check("\n\r\n", &[]);
    }

    #[test]
    fn a_quote_that_is_not_closed_takes_a_bounded_part_of_the_file_and_is_told() {
        let endless = io::repeat(b'x');
        let text = "a,b\n\n1,\"x\ny\"\n2,\"".as_bytes();
        let mut records = Records::new(b',', text.chain(endless));
        assert_eq!(records.next().unwrap().unwrap().0, 1);
        assert_eq!(records.next().unwrap().unwrap().0, 3);
        let refused = records.next().unwrap().unwrap_err();
        assert_eq!(
            refused.to_string(),
            "line 5: a row of more than 16 MiB: look for a quote (\") that is not closed, and double \
             it or take it out"
        );
        assert!(records.next().is_none());
    }

    #[test]
    fn a_file_of_many_long_rows_is_read() {
        let row = format!("{},\"{}\"\n", "x".repeat(3 << 20), "y".repeat(5 << 20));
        let text = row.repeat(5);
        assert_eq!(Records::new(b',', text.as_bytes()).filter(Result::is_ok).count(), 5);
    }
}
