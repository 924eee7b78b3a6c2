//! Which standards there are, and which one a piece of content is.
//!
//! Making a [`Registry`] reads the `standard.toml` files only, and of sources that are known to be right not even those: each is
//! read when it may be the one that is wanted. A structure is read when its standard is asked for.
//!
//! ```
//! use std::collections::BTreeMap;
//! use concord_standards::registry::{Recognition, Registry};
//!
//! let standard = r#"
//!     id = "cds"
//!     version = "6-3-1"
//!     title = "Commissioning Data Sets"
//!     publisher = "NHS England"
//!     carrier = "xml"
//!     source = "written for this example"
//!     [recognise]
//!     root = "CDS-XMLInterchange"
//!     attributes = { SchemaVersion = "6-3-1" }
//! "#;
//! let files = BTreeMap::from([("cds/6-3-1/standard.toml".to_owned(), standard.to_owned())]);
//! let registry = Registry::new(vec![Box::new(files)])?;
//! assert_eq!(registry.find("cds")?.name(), "cds@6-3-1");
//!
//! let root = registry.recognise("CDS-XMLInterchange", "", &[("SchemaVersion", "6-3-1")]);
//! assert!(matches!(root, Recognition::Recognised(info) if info.name() == "cds@6-3-1"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::definition::{ColumnNames, Definition, DefinitionErrors, StandardInfo, nearest};
use crate::source::{Source, SourceError};

mod entry;
mod header;
mod message;
mod resource;
mod tables;

pub use header::HeaderRecognition;
pub use tables::SeenTable;

use entry::{DOCUMENTS, Entry};

/// The standards of one or several sources.
pub struct Registry {
    source: Layers,
    entries: Vec<Entry>,
    /// Every standard, once somebody has asked for all of them.
    all: OnceLock<Vec<StandardInfo>>,
    columns: OnceLock<Vec<Option<ColumnNames>>>,
}

/// What the beginning of a piece of content says about its standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recognition<'r> {
    /// It is this one.
    Recognised(&'r StandardInfo),
    /// Several standards begin like this.
    Ambiguous(Vec<&'r StandardInfo>),
    /// None begins like this.
    Unknown {
        /// Standards that begin nearly like this, the nearest first.
        nearest: Vec<&'r StandardInfo>,
    },
}

/// A standard that cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// No standard has this id, or this version.
    #[error("there is no standard `{name}`{}", hint(.nearest))]
    Unknown {
        /// What was asked for.
        name: String,
        /// Names (`id@version`) that are like it.
        nearest: Vec<String>,
    },
    /// The id stands for several versions.
    #[error("`{name}` stands for several standards: say which of {}", .candidates.join(", "))]
    Ambiguous {
        /// What was asked for.
        name: String,
        /// Names (`id@version`) that it stands for.
        candidates: Vec<String>,
    },
    /// Its definition is wrong.
    #[error(transparent)]
    Definition(#[from] DefinitionErrors),
}

fn hint(nearest: &[String]) -> String {
    match nearest {
        [] => String::new(),
        names => format!("; there is {}", names.join(", ")),
    }
}

impl Registry {
    /// Reads every `standard.toml` of the sources. A standard of a later source replaces that of an earlier one, and so do
    /// its code lists and other shared files.
    ///
    /// # Errors
    /// [`DefinitionErrors`] when a `standard.toml` is wrong.
    pub fn new(sources: Vec<Box<dyn Source>>) -> Result<Self, DefinitionErrors> {
        let source = Layers { sources };
        let mut entries = Vec::new();
        for path in source.list("") {
            if let Some(folder) = path.strip_suffix("/standard.toml") {
                entries.push(Entry::new(&source, folder, source.is_right(&path))?);
            }
        }
        entries.sort_by_cached_key(Entry::order);
        // Of two folders with the same standard the later one counts.
        entries.reverse();
        entries.dedup_by(|one, other| one.id == other.id && one.version == other.version);
        entries.reverse();
        Ok(Self {
            source,
            entries,
            all: OnceLock::new(),
            columns: OnceLock::new(),
        })
    }

    /// Every standard, by id and version.
    pub fn list(&self) -> &[StandardInfo] {
        self.all
            .get_or_init(|| self.read(|_| true).cloned().collect())
    }

    /// The standards of carriers, by id and version.
    fn of(&self, carriers: &'static [&'static str]) -> impl Iterator<Item = &StandardInfo> + Clone {
        self.read(move |entry| carriers.contains(&&*entry.carrier))
    }

    /// Some of the standards. One that was not right after all is not there; that is told when it is asked for.
    fn read<W: Fn(&Entry) -> bool + Clone>(
        &self,
        wanted: W,
    ) -> impl Iterator<Item = &StandardInfo> + Clone + use<'_, W> {
        let entries = self.entries.iter();
        entries
            .filter(move |entry| wanted(entry))
            .filter_map(|entry| entry.info(&self.source).as_ref().ok())
    }

    /// The files that the standards are made of.
    pub fn source(&self) -> &dyn Source {
        &self.source
    }

    /// The standard called `id@version`, or `id` when it has one version.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`] or [`RegistryError::Ambiguous`].
    pub fn find(&self, name: &str) -> Result<&StandardInfo, RegistryError> {
        let (id, version) = match name.split_once('@') {
            Some((id, version)) => (id, Some(version)),
            None => (name, None),
        };
        let of_id: Vec<&Entry> = self.entries.iter().filter(|entry| entry.id == id).collect();
        let found: Vec<&Entry> = of_id
            .iter()
            .copied()
            .filter(|entry| version.is_none_or(|version| same_version(&entry.version, version)))
            .collect();
        match &found[..] {
            [only] => Ok(only.info(&self.source).as_ref().map_err(Clone::clone)?),
            [] => Err(RegistryError::Unknown {
                name: name.to_owned(),
                nearest: self.like(name, &of_id),
            }),
            several => Err(RegistryError::Ambiguous {
                name: name.to_owned(),
                candidates: several.iter().map(|entry| entry.name()).collect(),
            }),
        }
    }

    /// The versions of the same id, else the name that is most like the one asked for, else every name.
    fn like(&self, name: &str, of_id: &[&Entry]) -> Vec<String> {
        if !of_id.is_empty() {
            return of_id.iter().map(|entry| entry.name()).collect();
        }
        let names: Vec<String> = self.entries.iter().map(Entry::name).collect();
        match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => vec![near.to_owned()],
            None => names,
        }
    }

    /// Reads the whole definition of the standard called `name`.
    ///
    /// # Errors
    /// As [`Registry::find`], and [`RegistryError::Definition`] when its files are wrong.
    pub fn load(&self, name: &str) -> Result<Definition, RegistryError> {
        let info = self.find(name)?;
        Ok(Definition::load(&self.source, &info.folder)?)
    }

    /// The standard whose content begins with the element `root` (local name) in `namespace` (empty for none), with these
    /// attributes (local names and values).
    pub fn recognise(
        &self,
        root: &str,
        namespace: &str,
        attributes: &[(&str, &str)],
    ) -> Recognition<'_> {
        let same_root = |info: &&StandardInfo| {
            &*info.recognise.root == root && &*info.recognise.namespace == namespace
        };
        let found: Vec<&StandardInfo> = self
            .of(DOCUMENTS)
            .filter(same_root)
            .filter(|info| {
                let mut wanted = info.recognise.attributes.iter();
                wanted.all(|(name, value)| has(attributes, name, value))
            })
            .collect();
        match &found[..] {
            [only] => Recognition::Recognised(only),
            [] => Recognition::Unknown {
                nearest: self.nearest_to(root, namespace, attributes),
            },
            _ => Recognition::Ambiguous(found),
        }
    }

    fn nearest_to(
        &self,
        root: &str,
        namespace: &str,
        attributes: &[(&str, &str)],
    ) -> Vec<&StandardInfo> {
        let mut near: Vec<(u8, &StandardInfo)> = self
            .of(DOCUMENTS)
            .filter_map(|info| {
                let known = &info.recognise;
                let likeness =
                    strsim::jaro_winkler(&known.root.to_lowercase(), &root.to_lowercase());
                let attribute = known
                    .attributes
                    .iter()
                    .any(|(name, value)| has(attributes, name, value));
                (likeness > 0.9).then_some({
                    let score = 4 * u8::from(&*known.root == root)
                        + 2 * u8::from(attribute)
                        + u8::from(&*known.namespace == namespace);
                    (score, info)
                })
            })
            .collect();
        near.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        near.into_iter().map(|(_, info)| info).collect()
    }
}

/// Whether an attribute has a value; blanks around it do not count, as in most types.
fn has(attributes: &[(&str, &str)], name: &str, value: &str) -> bool {
    attributes
        .iter()
        .any(|(known, written)| *known == name && written.trim() == value)
}

/// Versions are written with points as well: `2.0` is `2-0`.
fn same_version(version: &str, asked: &str) -> bool {
    version == asked || (asked.contains('.') && version == asked.replace('.', "-"))
}

/// Several sources as one: a file of a later one hides that of an earlier one.
struct Layers {
    sources: Vec<Box<dyn Source>>,
}

impl Layers {
    /// Whether the source that gives a file says that its standards are right.
    fn is_right(&self, path: &str) -> bool {
        let holding = self.sources.iter().rev().find(|source| {
            let read = source.read(path);
            !read.is_err_and(|error| error.is_missing())
        });
        holding.is_some_and(|source| source.is_right())
    }
}

impl Source for Layers {
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        for source in self.sources.iter().rev() {
            match source.read(path) {
                Err(error) if error.is_missing() => {}
                // What is there and cannot be read is not passed over for the file that it takes the place of.
                read => return read,
            }
        }
        Err(SourceError::missing(path))
    }

    fn list(&self, path: &str) -> Vec<String> {
        let paths: BTreeSet<String> = self
            .sources
            .iter()
            .flat_map(|source| source.list(path))
            .collect();
        paths.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn standard(version: &str, root: &str) -> (String, String) {
        let text = format!(
            "id = \"cds\"\nversion = \"{version}\"\ntitle = \"t\"\npublisher = \"p\"\ncarrier = \"xml\"\nsource = \"s\"\n\
             namespace = \"urn:cds\"\n[recognise]\nroot = \"{root}\"\nattributes = {{ SchemaVersion = \"{version}\" }}\n"
        );
        (format!("cds/{version}/standard.toml"), text)
    }

    /// A source of one file that cannot be read.
    struct Broken;

    impl Source for Broken {
        fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
            Err(match path {
                "cds/1/mapping.toml" => SourceError {
                    path: path.to_owned(),
                    reason: "it is not UTF-8".to_owned(),
                },
                _ => SourceError::missing(path),
            })
        }

        fn list(&self, _: &str) -> Vec<String> {
            Vec::new()
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_does_not_give_way_to_the_one_below_it() {
        let below = ["mapping.toml", "rules.toml"]
            .map(|name| (format!("cds/1/{name}"), "below".to_owned()));
        let layers = Layers {
            sources: vec![Box::new(BTreeMap::from(below)), Box::new(Broken)],
        };
        assert_eq!(layers.read("cds/1/rules.toml").as_deref(), Ok("below"));
        let told = layers.read("cds/1/mapping.toml");
        assert_eq!(
            told.map_err(|error| error.reason),
            Err("it is not UTF-8".to_owned())
        );
    }

    fn registry(versions: &[&str]) -> Registry {
        let files: BTreeMap<String, String> = versions
            .iter()
            .map(|version| standard(version, "Interchange"))
            .collect();
        Registry::new(vec![Box::new(files)]).expect("standards are right")
    }

    #[test]
    fn names_are_found_or_candidates_listed() {
        let registry = registry(&["6-10", "6-2", "6-9"]);
        let names: Vec<String> = registry.list().iter().map(StandardInfo::name).collect();
        assert_eq!(names, ["cds@6-2", "cds@6-9", "cds@6-10"]);
        assert_eq!(registry.find("cds@6-9").expect("known").name(), "cds@6-9");
        let error = registry.find("cds").expect_err("three versions");
        assert_eq!(
            error.to_string(),
            "`cds` stands for several standards: say which of cds@6-2, cds@6-9, cds@6-10"
        );
        let error = registry.find("cds@7").expect_err("no such version");
        assert!(
            error
                .to_string()
                .contains("there is cds@6-2, cds@6-9, cds@6-10")
        );
    }

    #[test]
    fn content_is_recognised_by_root_namespace_and_attributes() {
        let registry = registry(&["6-2", "6-3"]);
        let seen = registry.recognise("Interchange", "urn:cds", &[("SchemaVersion", "6-3")]);
        assert!(matches!(seen, Recognition::Recognised(info) if info.name() == "cds@6-3"));
        let seen = registry.recognise("Interchange", "", &[("SchemaVersion", "6-3")]);
        let Recognition::Unknown { nearest } = seen else {
            panic!("the namespace is another: {seen:?}");
        };
        assert_eq!(nearest[0].name(), "cds@6-3");
        let seen = registry.recognise("ClinicalDocument", "urn:hl7-org:v3", &[]);
        assert_eq!(
            seen,
            Recognition::Unknown {
                nearest: Vec::new()
            }
        );
    }

    #[test]
    fn later_sources_replace_earlier_ones() {
        let first: BTreeMap<_, _> = [standard("6-2", "Old"), standard("6-3", "Old")].into();
        let second: BTreeMap<_, _> = [standard("6-3", "New")].into();
        let registry = Registry::new(vec![Box::new(first), Box::new(second)]).expect("right");
        let roots: Vec<&str> = registry
            .list()
            .iter()
            .map(|info| &*info.recognise.root)
            .collect();
        assert_eq!(roots, ["Old", "New"]);
    }

    #[test]
    fn a_wrong_standard_is_an_error_with_its_place() {
        let files: BTreeMap<String, String> = [(
            "a/1/standard.toml".to_owned(),
            "id = \"a\"\nverson = \"1\"\n".to_owned(),
        )]
        .into();
        let errors = Registry::new(vec![Box::new(files)]).err().expect("wrong");
        let shown = errors.to_string();
        assert!(
            shown.contains("a/1/standard.toml:2:1: error: `verson` means nothing"),
            "{shown}"
        );
        assert!(shown.contains("did you mean `version`?"), "{shown}");
    }
}
