//! The index in a folder, so that a restart maps it instead of building it.
//!
//! Every segment is a file named by its checksum, written once; `index.list` lists those that count. It is
//! written last and put in place whole: whenever the process ends, the folder holds one complete index. An index
//! of other rules, other weights or another layout is not read, and neither is one whose checksums are wrong; the
//! list begins with its own.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use mapped::Mapped;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::{Index, Layer, Origin, segment::Segment};

/// Version of this file's part of the layout; that of segments is in their first bytes.
const FORMAT: u32 = 2;

const LIST: &str = "index.list";
const ENDING: &str = "segment";

/// What is in a folder.
#[derive(Debug, Serialize, Deserialize)]
struct List {
    format: u32,
    rules_version: String,
    weights_version: String,
    catalogue_id: String,
    catalogue_version: i64,
    resume_token: Option<String>,
    segments: Vec<Listed>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Listed {
    /// 16 hexadecimal digits.
    checksum: String,
    /// Entities that no longer count.
    struck: Vec<u32>,
}

/// A folder that this process alone keeps an index in.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// Locked for as long as it is open.
    _lock: File,
}

/// Why there is no index in a folder.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("there is none yet")]
    None,
    #[error("it was made with {0}")]
    Other(&'static str),
    #[error("its files are damaged")]
    Damaged,
    #[error("cannot read it")]
    Io(#[from] io::Error),
}

impl Folder {
    /// Makes the folder if it is not there, and takes it for this process.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        let lock = File::create(path.join("lock"))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                io::Error::new(io::ErrorKind::ResourceBusy, "another process keeps its index there")
            }
            TryLockError::Error(error) => error,
        })?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Maps the index. Reads every byte once, for the checksums.
    pub(crate) fn load(&self) -> Result<Index, Unreadable> {
        let list = match fs::read(self.path.join(LIST)) {
            Ok(list) => List::read(&list)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Unreadable::None),
            Err(error) => return Err(error.into()),
        };
        list.check()?;
        let layers = list.segments.iter().map(|listed| self.layer(listed));
        Ok(Index {
            layers: layers.collect::<Result<_, _>>()?,
            origin: Origin {
                version: list.catalogue_version,
                catalogue_id: list.catalogue_id.into(),
                resume_token: list.resume_token.map(Into::into),
            },
            ..Index::default()
        })
    }

    fn layer(&self, listed: &Listed) -> Result<Layer, Unreadable> {
        let file = Mapped::open(&self.file(&listed.checksum))?;
        if checksum(&file) != listed.checksum {
            return Err(Unreadable::Damaged);
        }
        let mut layer =
            Layer::new(Segment::mapped(file).ok_or(Unreadable::Other("another layout"))?);
        listed.struck.iter().for_each(|entity| layer.strike_at(*entity));
        Ok(layer)
    }

    /// Writes what is not there yet, and then the list. Returns the segments that were in memory, and where they
    /// lie now.
    pub(crate) fn save(&self, index: &Index) -> io::Result<Vec<Moved>> {
        let (mut segments, mut moved) = (Vec::new(), Vec::new());
        for layer in &index.layers {
            let checksum = layer.segment.checksum(checksum).to_owned();
            let path = self.file(&checksum);
            if !layer.segment.is_mapped() {
                // A file of that name may be there, and damaged: what is built again has its checksum.
                let is_there =
                    fs::read(&path).is_ok_and(|bytes| self::checksum(&bytes) == checksum);
                if !is_there {
                    self.put(&path, layer.segment.bytes())?;
                }
                let file = Segment::mapped(Mapped::open(&path)?);
                moved.extend(file.map(|to| Moved { from: layer.segment.clone(), to }));
            }
            segments.push(Listed { checksum, struck: layer.struck() });
        }
        let list = List {
            format: FORMAT,
            rules_version: names::rules_version().to_owned(),
            weights_version: names::weights_version().to_owned(),
            catalogue_id: index.origin.catalogue_id.as_ref().to_owned(),
            catalogue_version: index.origin.version,
            resume_token: index.origin.resume_token.as_deref().map(str::to_owned),
            segments,
        };
        self.put(&self.path.join(LIST), &sealed(&serde_json::to_vec_pretty(&list)?))?;
        self.sweep(&list);
        Ok(moved)
    }

    /// Writes a file so that it is there whole or not at all, even after the power fails.
    fn put(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let unfinished = path.with_extension("unfinished");
        let mut file = File::create(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        File::open(&self.path)?.sync_all()
    }

    /// Removes segments that the list no longer names. What cannot be removed is left for the next time.
    fn sweep(&self, list: &List) {
        let Ok(files) = fs::read_dir(&self.path) else { return };
        for path in files.filter_map(|file| Some(file.ok()?.path())) {
            let is_segment = path.extension().is_some_and(|ending| ending == ENDING);
            let is_listed = list.segments.iter().any(|listed| path == self.file(&listed.checksum));
            if is_segment && !is_listed {
                let _ = fs::remove_file(path);
            }
        }
    }

    fn file(&self, checksum: &str) -> PathBuf {
        self.path.join(checksum).with_extension(ENDING)
    }
}

/// A list as it is written: its checksum, a line end, and then the list.
fn sealed(list: &[u8]) -> Vec<u8> {
    [checksum(list).as_bytes(), b"\n", list].concat()
}

impl List {
    fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(Unreadable::Damaged)?;
        let list = &bytes[end + 1..];
        if bytes != sealed(list) {
            return Err(Unreadable::Damaged);
        }
        serde_json::from_slice(list).map_err(|_| Unreadable::Damaged)
    }

    fn check(&self) -> Result<(), Unreadable> {
        match self {
            _ if self.format != FORMAT => Err(Unreadable::Other("another layout")),
            _ if self.rules_version != names::rules_version() => {
                Err(Unreadable::Other("other rules"))
            }
            _ if self.weights_version != names::weights_version() => {
                Err(Unreadable::Other("other weights"))
            }
            _ => Ok(()),
        }
    }
}

/// A segment that now lies in a file.
#[derive(Debug)]
pub(crate) struct Moved {
    from: Segment,
    to: Segment,
}

impl Index {
    /// The same index, with segments where they lie now.
    pub(crate) fn moved(&self, moved: &[Moved]) -> Self {
        let mut index = self.clone();
        for layer in &mut index.layers {
            if let Some(moved) = moved.iter().find(|moved| moved.from.is(&layer.segment)) {
                layer.segment = moved.to.clone();
            }
        }
        index
    }
}

impl Layer {
    fn struck(&self) -> Vec<u32> {
        let count = self.segment.view().entity_count() as u32;
        (0..count).filter(|entity| !self.alive.contains(*entity)).collect()
    }
}

fn checksum(bytes: &[u8]) -> String {
    format!("{:016x}", xxh3_64(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        entity::Entity,
        index::{Builder, Change},
        query::Filter,
    };
    use names::Name;

    fn index() -> Index {
        let mut builder = Builder::default();
        for (id, name) in [("a", "سيرغي لافروف"), ("b", "Sergey Lavrov"), ("c", "موسكو")]
        {
            let names = vec![name.to_owned()];
            builder.push(Entity { id: id.to_owned(), names, ..Entity::default() });
        }
        let origin = Origin {
            catalogue_id: "catalogue".into(),
            version: 7,
            resume_token: Some("token".into()),
        };
        Index::of(builder, Origin::default()).after(vec![Change::Remove("c".to_owned())], origin)
    }

    fn ids(index: &Index, name: &str) -> Vec<String> {
        let reader = index.reader();
        let found = reader.find(&Name::new(name), &Filter::default()).admitted;
        let mut ids: Vec<_> =
            found.iter().map(|name| reader.id(reader.entity_of(*name)).to_owned()).collect();
        ids.sort();
        ids
    }

    #[test]
    fn an_index_is_read_as_it_was_saved() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::open(temporary.path()).unwrap();
        assert!(matches!(folder.load(), Err(Unreadable::None)));
        let saved = index();
        let moved = folder.save(&saved).unwrap();
        for read in [folder.load().unwrap(), saved.moved(&moved)] {
            assert_eq!((read.origin.version, read.origin.catalogue_id.as_ref()), (7, "catalogue"));
            assert_eq!(read.origin.resume_token.as_deref(), Some("token"));
            assert_eq!((read.entity_count(), read.name_count()), (2, 2));
            assert_eq!(ids(&read, "لافروف"), ["a", "b"]);
            assert!(ids(&read, "موسكو").is_empty());
            assert!(read.layers.iter().all(|layer| layer.segment.is_mapped()));
        }
    }

    #[test]
    fn what_is_no_longer_listed_is_removed() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::open(temporary.path()).unwrap();
        let first = index();
        folder.save(&first).unwrap();
        let change = Change::Upsert(Entity {
            id: "d".to_owned(),
            names: vec!["كيم".to_owned()],
            ..Entity::default()
        });
        let second = Index::default().after(vec![change], Origin::default());
        folder.save(&second).unwrap();
        let segments = fs::read_dir(temporary.path()).unwrap().filter(|file| {
            file.as_ref().unwrap().path().extension().is_some_and(|ending| ending == ENDING)
        });
        assert_eq!(segments.count(), 1);
        assert_eq!(ids(&folder.load().unwrap(), "كيم"), ["d"]);
    }

    #[test]
    fn damage_is_seen() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::open(temporary.path()).unwrap();
        folder.save(&index()).unwrap();
        let files = fs::read_dir(temporary.path()).unwrap();
        let segment = files
            .map(|file| file.unwrap().path())
            .find(|path| path.extension().is_some_and(|ending| ending == ENDING))
            .unwrap();
        let mut bytes = fs::read(&segment).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&segment, &bytes).unwrap();
        assert!(matches!(folder.load(), Err(Unreadable::Damaged)));
        folder.save(&index()).unwrap();
        assert_eq!(
            ids(&folder.load().unwrap(), "لافروف"),
            ["a", "b"],
            "what is built again is sound"
        );
        let list = temporary.path().join(LIST);
        let text = fs::read_to_string(&list).unwrap();
        for damaged in
            [text.replace("\"catalogue_version\": 7", "\"catalogue_version\": 8"), String::new()]
        {
            fs::write(&list, damaged).unwrap();
            assert!(matches!(folder.load(), Err(Unreadable::Damaged)));
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

        /// Every file, its end cut off, or a few of its bytes others: it is seen, or what is read is what was saved.
        #[test]
        fn whatever_happens_to_its_files_no_other_index_is_read(
            damage: Vec<(proptest::sample::Index, u8)>,
            cut: Option<proptest::sample::Index>,
            file: proptest::sample::Index,
        ) {
            let temporary = tempfile::tempdir().unwrap();
            let folder = Folder::open(temporary.path()).unwrap();
            folder.save(&index()).unwrap();
            let files = fs::read_dir(temporary.path()).unwrap();
            let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
            files.sort();
            let path = file.get(&files);
            let mut bytes = fs::read(path).unwrap();
            for (at, byte) in damage {
                // The lock is empty.
                if !bytes.is_empty() {
                    let at = at.index(bytes.len());
                    bytes[at] = byte;
                }
            }
            let kept = cut.map_or(bytes.len(), |cut| cut.index(bytes.len() + 1));
            fs::write(path, &bytes[..kept]).unwrap();
            if let Ok(read) = folder.load() {
                proptest::prop_assert_eq!(ids(&read, "لافروف"), ["a", "b"]);
            }
        }
    }

    #[test]
    fn an_index_of_other_rules_is_not_read() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::open(temporary.path()).unwrap();
        folder.save(&index()).unwrap();
        let list = temporary.path().join(LIST);
        let text = fs::read_to_string(&list).unwrap();
        let (_, text) = text.split_once('\n').unwrap();
        fs::write(&list, sealed(text.replace(names::rules_version(), "r1-0").as_bytes())).unwrap();
        assert!(matches!(folder.load(), Err(Unreadable::Other("other rules"))));
    }

    #[test]
    fn a_folder_is_one_processs() {
        let temporary = tempfile::tempdir().unwrap();
        let _first = Folder::open(temporary.path()).unwrap();
        let second = Folder::open(temporary.path()).unwrap_err();
        assert_eq!(second.to_string(), "another process keeps its index there");
    }
}
