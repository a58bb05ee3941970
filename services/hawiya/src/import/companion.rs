//! A file that only adds to the entities of another: OFAC's alternative names, GeoNames' names.
//!
//! Neither file is in the order of the other, and GeoNames' is too large for memory. So the lines
//! are sorted by entity a run at a time, each run goes to a temporary file, and an index of every
//! 64th line finds an entity in each run. Memory is one run while it is built, then the index: a
//! thirtieth of a byte for each byte of the file.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
};

/// Bytes of lines that are sorted in memory.
const RUN_BYTES: usize = 64 << 20;

/// Lines that share an entry of the index.
const INDEX_EVERY: usize = 64;

/// A line of the companion, of the entity with the number `key`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Addition {
    pub(crate) key: u64,
    /// Its line in the companion, from 1.
    pub(crate) line: u64,
    pub(crate) text: String,
}

/// The lines of a companion, by entity.
#[derive(Debug, Default)]
pub(crate) struct Companion {
    runs: Vec<Run>,
    pending: Vec<Addition>,
    pending_bytes: usize,
    run_bytes: Option<usize>,
    /// A bit for every line that an entity took.
    taken: Vec<u64>,
    count: u64,
    taken_count: u64,
}

impl Companion {
    /// Takes a line in. None may come after the first one is asked for.
    pub(crate) fn push(&mut self, addition: Addition) -> io::Result<()> {
        self.pending_bytes += addition.text.len() + size_of::<Addition>();
        self.pending.push(addition);
        self.count += 1;
        if self.pending_bytes >= self.run_bytes.unwrap_or(RUN_BYTES) {
            self.end_run()?;
        }
        Ok(())
    }

    /// Ends the taking in.
    pub(crate) fn sealed(mut self) -> io::Result<Self> {
        self.end_run()?;
        Ok(self)
    }

    fn end_run(&mut self) -> io::Result<()> {
        if !self.pending.is_empty() {
            self.pending.sort_unstable();
            self.runs.push(Run::write(&self.pending)?);
            (self.pending, self.pending_bytes) = (Vec::new(), 0);
        }
        Ok(())
    }

    /// The lines of an entity, in their order.
    pub(crate) fn take(&mut self, key: u64) -> io::Result<Vec<Addition>> {
        let mut found = Vec::new();
        for run in &mut self.runs {
            run.find(key, &mut found)?;
        }
        for addition in &found {
            self.taken_count += u64::from(set(&mut self.taken, addition.line));
        }
        Ok(found)
    }

    /// How many lines no entity took.
    pub(crate) fn left_count(&self) -> u64 {
        self.count - self.taken_count
    }

    /// The lines that no entity took.
    pub(crate) fn left(self) -> io::Result<impl Iterator<Item = io::Result<Addition>>> {
        let Self { runs, taken, .. } = self;
        let readers: io::Result<Vec<_>> = runs.into_iter().map(Run::read).collect();
        let lines = readers?.into_iter().flatten();
        Ok(lines.filter(move |line| line.as_ref().map_or(true, |line| !is_set(&taken, line.line))))
    }
}

/// Lines in the order of their entities, in a file that nobody else sees.
#[derive(Debug)]
struct Run {
    file: BufReader<File>,
    /// The first entity of every 64 lines, and where they begin.
    index: Vec<(u64, u64)>,
}

impl Run {
    fn write(additions: &[Addition]) -> io::Result<Self> {
        let mut file = BufWriter::new(tempfile::tempfile()?);
        let (mut index, mut at) = (Vec::new(), 0);
        for (number, addition) in additions.iter().enumerate() {
            if number % INDEX_EVERY == 0 {
                index.push((addition.key, at));
            }
            at += addition.write(&mut file)?;
        }
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(Self { file: BufReader::new(file), index })
    }

    fn find(&mut self, key: u64, found: &mut Vec<Addition>) -> io::Result<()> {
        // An entity may begin among the lines before the first entry that names it.
        let after = self.index.partition_point(|(first, _)| *first < key);
        let Some((_, start)) = self.index.get(after.saturating_sub(1)) else { return Ok(()) };
        self.file.seek(SeekFrom::Start(*start))?;
        while let Some(addition) = Addition::read(&mut self.file)? {
            match addition.key.cmp(&key) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => found.push(addition),
                std::cmp::Ordering::Greater => break,
            }
        }
        Ok(())
    }

    fn read(mut self) -> io::Result<impl Iterator<Item = io::Result<Addition>>> {
        self.file.rewind()?;
        Ok(std::iter::from_fn(move || Addition::read(&mut self.file).transpose()))
    }
}

impl Addition {
    /// Writes it and says how many bytes it takes.
    fn write(&self, into: &mut impl Write) -> io::Result<u64> {
        let bytes = self.text.len() as u64;
        for number in [self.key, self.line, bytes] {
            into.write_all(&number.to_le_bytes())?;
        }
        into.write_all(self.text.as_bytes())?;
        Ok(24 + bytes)
    }

    fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let mut numbers = [0; 24];
        match from.read_exact(&mut numbers) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        }
        let number = |at: usize| {
            u64::from_le_bytes(numbers[8 * at..8 * at + 8].try_into().expect("eight of the bytes"))
        };
        let (key, line, bytes) = (number(0), number(1), number(2));
        let mut text = vec![0; usize::try_from(bytes).map_err(io::Error::other)?];
        from.read_exact(&mut text)?;
        Ok(Some(Self { key, line, text: String::from_utf8(text).map_err(io::Error::other)? }))
    }
}

/// Sets a bit and says whether that is new.
fn set(bits: &mut Vec<u64>, at: u64) -> bool {
    let (word, bit) = ((at / 64) as usize, 1 << (at % 64));
    if bits.len() <= word {
        bits.resize(word + 1, 0);
    }
    let is_new = bits[word] & bit == 0;
    bits[word] |= bit;
    is_new
}

fn is_set(bits: &[u64], at: u64) -> bool {
    bits.get((at / 64) as usize).is_some_and(|word| word & (1 << (at % 64)) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A companion of lines in no order, a few of them a run.
    fn companion(keys: &[u64]) -> Companion {
        let mut companion = Companion { run_bytes: Some(4_000), ..Companion::default() };
        for (line, key) in (1..).zip(keys) {
            let text = format!("{key}: سطر {line}");
            companion.push(Addition { key: *key, line, text }).unwrap();
        }
        companion.sealed().unwrap()
    }

    #[test]
    fn every_entity_gets_its_lines_from_all_runs() {
        let keys: Vec<u64> = (0..1_000).map(|at| at * 7 % 300).collect();
        let mut found = companion(&keys);
        assert!(found.runs.len() > 3, "{} runs", found.runs.len());
        for key in 0..310 {
            let mut lines: Vec<u64> =
                found.take(key).unwrap().into_iter().map(|addition| addition.line).collect();
            lines.sort_unstable();
            let expected: Vec<u64> = (1..)
                .zip(&keys)
                .filter(|(_, other)| **other == key)
                .map(|(line, _)| line)
                .collect();
            assert_eq!(lines, expected, "{key}");
        }
        assert_eq!(found.left_count(), 0);
    }

    #[test]
    fn lines_that_no_entity_takes_are_left() {
        let mut found = companion(&[5, 3, 5, 9]);
        assert_eq!(found.take(5).unwrap().len(), 2);
        assert_eq!((found.take(5).unwrap().len(), found.left_count()), (2, 2));
        let left: Vec<u64> = found.left().unwrap().map(|line| line.unwrap().line).collect();
        assert_eq!(left, [2, 4]);
    }
}
