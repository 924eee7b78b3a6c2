//! Practices on disk, and stores that are held against what their makers know.

#![allow(dead_code)] // each test uses some of it

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use concord_practice::{AcceptGap, Batch, Error, Outcome, Store, System, batches};
use concord_read::{Limits, expand};
use concord_sample::practice::{self, FaultRequest, Request, State, Written};
use concord_standards::definition::Definition;
use concord_standards::registry::Registry;
use concord_standards::{Source, SourceError};

/// The shipped definitions.
struct Shipped(PathBuf, bool);

impl Source for Shipped {
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        let text = fs::read_to_string(self.0.join(path)).map_err(|_| SourceError::missing(path))?;
        // A bulk of EMIS is known by its size: a smaller one does where the size is not what is tried.
        let small = text
            .replace("least_people = 1000", "least_people = 5")
            .replace("least_events = 4000", "least_events = 15");
        Ok(Cow::Owned(if self.1 { small } else { text }))
    }

    fn list(&self, path: &str) -> Vec<String> {
        fn walk(folder: &Path, root: &Path, found: &mut Vec<String>) {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    walk(&path, root, found);
                } else if let Ok(inside) = path.strip_prefix(root) {
                    found.push(inside.to_string_lossy().into_owned());
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.0.join(path), &self.0, &mut found);
        found.sort();
        found
    }
}

/// The shipped standards; those of `small` ones take smaller bulks.
pub(crate) fn registry(small: bool) -> Registry {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    Registry::new(vec![Box::new(Shipped(schemas, small))]).expect("the shipped standards")
}

/// The systems that the shipped standards describe, read once.
pub(crate) fn systems(small: bool) -> &'static [System] {
    static SYSTEMS: [OnceLock<Vec<System>>; 2] = [OnceLock::new(), OnceLock::new()];
    SYSTEMS[usize::from(small)].get_or_init(|| System::all(&registry(small)).expect("systems"))
}

/// The definition of a shipped standard, read once.
fn definition(standard: &str) -> &'static Definition {
    static DEFINITIONS: OnceLock<BTreeMap<&str, Definition>> = OnceLock::new();
    let definitions = DEFINITIONS.get_or_init(|| {
        let registry = registry(false);
        ["emis-extract@8", "tpp-sr@93", "vision@1"]
            .map(|name| (name, registry.load(name).expect("a shipped standard")))
            .into()
    });
    &definitions[standard]
}

/// The columns of a table in their places.
pub(crate) fn columns(standard: &str, table: &str) -> Vec<String> {
    let layout = definition(standard).layout.as_ref().expect("tables");
    let fields = &layout.table(table).expect("a table").fields;
    fields
        .iter()
        .map(|field| field.column.to_string())
        .collect()
}

/// A practice on disk.
pub(crate) struct Practice {
    pub(crate) systems: &'static [System],
    pub(crate) id: String,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) written: Written,
    /// The labels of its faults.
    pub(crate) labels: Vec<u8>,
}

impl Practice {
    pub(crate) fn new(standard: &str, people: u64, months: u32, seed: u64) -> Self {
        Self::made(standard, (people, months, 1, seed), None)
    }

    /// Several practices under one agreement.
    pub(crate) fn several(people: u64, months: u32, seed: u64, practices: u64) -> Self {
        Self::made("emis-extract@8", (people, months, practices, seed), None)
    }

    /// Batches with faults.
    pub(crate) fn faulty(
        standard: &str,
        people: u64,
        months: u32,
        seed: u64,
        faults: &FaultRequest,
    ) -> Self {
        Self::made(standard, (people, months, 1, seed), Some(faults))
    }

    /// The rules that faults can be made for.
    pub(crate) fn rules(standard: &str) -> Vec<String> {
        let request = Request {
            definition: definition(standard),
            people: 1,
            months: 1,
            practices: 1,
            seed: 1,
        };
        practice::rules(&request).expect("rules")
    }

    fn made(
        standard: &str,
        (people, months, practices, seed): (u64, u32, u64, u64),
        faults: Option<&FaultRequest>,
    ) -> Self {
        let definition = definition(standard);
        let folder = tempfile::tempdir().expect("a folder");
        let mut create = |path: &str| -> std::io::Result<Box<dyn Write>> {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("in a folder"))?;
            Ok(Box::new(BufWriter::new(File::create(path)?)))
        };
        let request = Request {
            definition,
            people,
            months,
            practices,
            seed,
        };
        let mut labels = Vec::new();
        let written = match faults {
            Some(faults) => practice::write_faulty(&request, faults, &mut create, &mut labels),
            None => practice::write(&request, &mut create),
        };
        Self {
            systems: systems(people < 1000 && faults.is_none()),
            id: definition.standard.id.to_string(),
            folder,
            written: written.expect("written"),
            labels,
        }
    }

    pub(crate) fn system(&self) -> &System {
        let mut systems = self.systems.iter();
        systems
            .find(|system| **system.id() == *self.id)
            .expect("a system")
    }

    pub(crate) fn path(&self, batch: usize) -> PathBuf {
        self.folder.path().join(&self.written.batches[batch])
    }

    pub(crate) fn batch(&self, batch: usize) -> Batch {
        let mut found = self.batches(&[self.path(batch)]);
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    pub(crate) fn batches(&self, paths: &[PathBuf]) -> Vec<Batch> {
        let inputs = expand(paths, &Limits::default()).expect("inputs");
        let found = batches(self.systems, &inputs).expect("batches");
        assert_eq!(found.system.id(), self.system().id());
        assert_eq!(found.ignored, Vec::<String>::new());
        found.batches
    }

    pub(crate) fn apply(&self, store: &mut Store, batch: usize) -> Result<Outcome, Error> {
        let applied = store.apply(self.system(), &self.batch(batch), AcceptGap::No)?;
        Ok(applied.outcome)
    }

    /// Fails unless the store is sound and holds exactly what the practice has.
    pub(crate) fn agrees(&self, store: &Store) {
        let found = state(store, self.system());
        for (table, rows) in &self.written.state {
            let mut expected = rows.clone();
            expected.sort();
            let found = found.get(table).cloned().unwrap_or_default();
            let missing = expected
                .iter()
                .find(|row| found.binary_search(row).is_err());
            let beyond = found
                .iter()
                .find(|row| expected.binary_search(row).is_err());
            assert!(
                missing.is_none() && beyond.is_none() && found.len() == expected.len(),
                "{table}: {} rows, {} expected\nmissing {missing:?}\nbeyond {beyond:?}",
                found.len(),
                expected.len()
            );
        }
        let others = found
            .keys()
            .find(|table| !self.written.state.contains_key(*table));
        assert_eq!(others, None);
        let verified = store.verify(self.system()).expect("verified");
        assert_eq!(verified.differences, []);
    }
}

/// The latest state of a store, rows sorted.
pub(crate) fn state(store: &Store, system: &System) -> State {
    let mut state = State::new();
    for table in store.tables() {
        let mut rows = Vec::new();
        store
            .each(system, &table, |row| {
                let cells = row
                    .iter()
                    .map(|(column, text)| ((*column).to_owned(), (*text).to_owned()));
                rows.push(cells.collect::<BTreeMap<_, _>>());
            })
            .expect("read");
        rows.sort();
        if !rows.is_empty() {
            state.insert(table, rows);
        }
    }
    state
}

/// The files of a batch.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files
}

pub(crate) fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open_or_create(folder.path()).expect("a store");
    (folder, store)
}
