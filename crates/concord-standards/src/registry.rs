//! Which standards there are, and which one a piece of content is.
//!
//! Making a [`Registry`] reads the `standard.toml` files only; a structure is read when its standard is asked for.
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
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::definition::{
    ColumnNames, Definition, DefinitionErrors, StandardInfo, nearest, read_standard,
};
use crate::source::{Source, SourceError};

mod header;
mod message;
mod resource;

pub use header::HeaderRecognition;

/// The standards of one or several sources.
pub struct Registry {
    source: Layers,
    standards: Vec<StandardInfo>,
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
        let mut standards = BTreeMap::new();
        for path in source.list("") {
            let Some(folder) = path.strip_suffix("/standard.toml") else {
                continue;
            };
            let info = read_standard(&source, folder)?;
            standards.insert(order(&info), info);
        }
        Ok(Self {
            source,
            standards: standards.into_values().collect(),
            columns: OnceLock::new(),
        })
    }

    /// Every standard, by id and version.
    pub fn list(&self) -> &[StandardInfo] {
        &self.standards
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
        let of_id: Vec<&StandardInfo> = self
            .standards
            .iter()
            .filter(|info| &*info.id == id)
            .collect();
        let found: Vec<&StandardInfo> = of_id
            .iter()
            .copied()
            .filter(|info| version.is_none_or(|version| same_version(&info.version, version)))
            .collect();
        match &found[..] {
            [only] => Ok(only),
            [] => Err(RegistryError::Unknown {
                name: name.to_owned(),
                nearest: self.like(name, &of_id),
            }),
            several => Err(RegistryError::Ambiguous {
                name: name.to_owned(),
                candidates: several.iter().map(|info| info.name()).collect(),
            }),
        }
    }

    /// The versions of the same id, else the name that is most like the one asked for, else every name.
    fn like(&self, name: &str, of_id: &[&StandardInfo]) -> Vec<String> {
        if !of_id.is_empty() {
            return of_id.iter().map(|info| info.name()).collect();
        }
        let names: Vec<String> = self.standards.iter().map(StandardInfo::name).collect();
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
            !info.is_tabular()
                && !info.is_messages()
                && !info.is_submission()
                && !info.is_resources()
                && &*info.recognise.root == root
                && &*info.recognise.namespace == namespace
        };
        let found: Vec<&StandardInfo> = self
            .standards
            .iter()
            .filter(same_root)
            .filter(|info| {
                let mut wanted = info.recognise.attributes.iter();
                wanted.all(|(name, value)| attributes.contains(&(name, value)))
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
            .standards
            .iter()
            .filter(|info| {
                !info.is_tabular()
                    && !info.is_messages()
                    && !info.is_resources()
                    && !info.is_submission()
            })
            .filter_map(|info| {
                let known = &info.recognise;
                let likeness =
                    strsim::jaro_winkler(&known.root.to_lowercase(), &root.to_lowercase());
                let attribute = known
                    .attributes
                    .iter()
                    .any(|(name, value)| attributes.contains(&(name, value)));
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

/// Versions are written with points as well: `2.0` is `2-0`.
fn same_version(version: &str, asked: &str) -> bool {
    version == asked || (asked.contains('.') && version == asked.replace('.', "-"))
}

/// Ids by letter, versions by number: `6-10` comes after `6-9`.
fn order(info: &StandardInfo) -> (String, Vec<(u64, String)>) {
    let parts = info.version.split(['-', '.']).map(|part| {
        let number = part.parse().unwrap_or(u64::MAX);
        (number, part.to_owned())
    });
    (info.id.to_string(), parts.collect())
}

/// Several sources as one: a file of a later one hides that of an earlier one.
struct Layers {
    sources: Vec<Box<dyn Source>>,
}

impl Source for Layers {
    fn read(&self, path: &str) -> Result<Cow<'_, str>, SourceError> {
        let mut failed = SourceError::missing(path);
        for source in self.sources.iter().rev() {
            match source.read(path) {
                Ok(text) => return Ok(text),
                Err(error) if error == SourceError::missing(path) => {}
                Err(error) => failed = error,
            }
        }
        Err(failed)
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
    use super::*;

    fn standard(version: &str, root: &str) -> (String, String) {
        let text = format!(
            "id = \"cds\"\nversion = \"{version}\"\ntitle = \"t\"\npublisher = \"p\"\ncarrier = \"xml\"\nsource = \"s\"\n\
             namespace = \"urn:cds\"\n[recognise]\nroot = \"{root}\"\nattributes = {{ SchemaVersion = \"{version}\" }}\n"
        );
        (format!("cds/{version}/standard.toml"), text)
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
