//! `mapping.toml`: how the elements of a standard become fields of the canonical model, and back.
//!
//! ```toml
//! inherit = ["../mapping.toml"]                       # mappings that several versions share
//! interchange = "Header/ControlReference"             # what gives the rows' source_interchange
//!
//! [[row]]
//! entity = "diagnosis"
//! at = ["PrimaryDiagnosisGroupICD"]                   # each occurrence makes a row; or "record", or "submission"
//! set = { role = "primary", code_system = "icd-10" }  # constants; backwards they say which rows go here
//! set = { role = ["recipient", "prime"] }             # rows say the first; backwards those go here that say any of them
//! for = ["plcm"]                                      # only in these standards (`id`, or `id@version`)
//! versions = ["6-3-1"]                                # only in these versions
//! when = { "PV1.2" = ["I", "E"] }                     # only where an element says one of these; `*` is anything at all
//! unless = [{ "PV1.2" = "P" }, { "MSH.9" = "A05" }]   # several tables: one of them is enough
//! repeat = "1..50"                                    # a row of each number, which `{n}` stands for in references
//! [row.fields]
//! code = "PrimaryDiagnosis_ICD"
//! present_on_admission_indicator = ["A", "B"]         # several places of which a row can hold one
//! cds_type_code = { from = "CDSTypeCode", also = "@CDSTypeCode" }   # a second place that repeats the value
//! sex = { from = "Sex", codes = "maps/sex.csv" }      # through a code map: from, to, source, note
//! scheme = { from = "Scheme", own = false }           # said of the record: alone it makes no row
//! attendance = { from = "Visit", personal = false }   # the dictionary says that it identifies nobody
//! nhs_number = { first = "PID.3", when = { "CX.4" = "NHS" }, from = "CX.1" }   # of what repeats, the first for which that holds
//!
//! [[unmapped]]
//! elements = ["FillerItem"]
//! why = "it says nothing"
//!
//! [[concluded]]                                       # where records are made of several messages: what all of them say
//! entity = "activity_record"
//! has = ["hospital_spell.discharge_date_hospital_provider_spell"]
//! set = { cds_type_code = "130" }
//! ```
//!
//! A file adds to those it inherits: its row of the same entity at the same place is one row with the inherited one, its fields
//! and constants stand in place of inherited ones of the same name. What a shared file names and this version's structure lacks
//! is passed over, which is why each reference knows whether it is shared. What references lead to is for the crate to say that
//! converts; here a mapping is only read.

mod code_map;
mod concluded;
mod condition;
mod read;
mod repeat;

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_model::entities::{Entity, Field};

pub use code_map::{CodeMap, CodePair};
pub use concluded::{Concluded, Said};
pub use condition::{ANYTHING, Condition, Conditions, KnownTo};

use super::load::{Files, join, read_standard};
use super::problem::{DefinitionErrors, Problem, Severity, Text};
use super::rules::Wanted;
use crate::schema::Origin;
use crate::source::Source;

/// Mapping files that may inherit from one another.
const MOST_FILES: usize = 64;

/// A reference to elements, where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElementReference {
    /// The reference as written: a name, `@name`, or names with `/` between them.
    pub text: Arc<str>,
    /// Where it stands.
    pub origin: Origin,
    /// Whether it stands in an inherited file, so that a structure may lack it.
    pub shared: bool,
}

/// What makes a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowSeat {
    /// The file.
    Submission,
    /// Each record.
    Record,
    /// Each occurrence of these groups, or elements.
    Groups(Vec<ElementReference>),
}

impl RowSeat {
    /// The seat as it is written, without where.
    fn written(&self) -> Vec<&str> {
        match self {
            Self::Submission => vec!["submission"],
            Self::Record => vec!["record"],
            Self::Groups(groups) => groups.iter().map(|group| &*group.text).collect(),
        }
    }
}

/// A constant of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetField {
    /// The field.
    pub field: &'static Field,
    /// What stands in it in every row that is made here.
    pub value: Arc<str>,
    /// What else rows may say that go here backwards, as those of other versions do.
    pub others: Vec<Arc<str>>,
}

/// Where a field's value stands.
#[derive(Debug, Clone)]
pub struct FieldMapping {
    /// The field.
    pub field: &'static Field,
    /// The places of the value, of which a row can hold one.
    pub from: Vec<ElementReference>,
    /// Places that repeat the value: read when `from` holds nothing, always written with it.
    pub also: Vec<ElementReference>,
    /// The codes of the standard and those of the model.
    pub codes: Option<Arc<CodeMap>>,
    /// What repeats, of which the first occurrence counts for which `when` holds; the places are then seen from there.
    pub first: Option<ElementReference>,
    /// When there is a value at all.
    pub when: Conditions,
    /// When of a day only the year is known, or the month of the year: what else is written of it says nothing.
    pub known_to: KnownTo,
    /// Whether it is said that the value identifies nobody, although other formats mark where it stands.
    pub identifies_nobody: bool,
    /// Whether a value of it makes a row. One that is said of the record, and not of each row, does not.
    pub own: bool,
    /// Where it stands.
    pub origin: Origin,
}

/// What rows of an entity are made of.
#[derive(Debug, Clone)]
pub struct RowMapping {
    /// The entity.
    pub entity: &'static Entity,
    /// What makes a row.
    pub at: RowSeat,
    /// Constants. Backwards, only rows that have all of them go here; without fields, the group is written only in records that
    /// have such a row.
    pub set: Vec<SetField>,
    /// When an occurrence makes a row. Backwards it says nothing.
    pub when: Conditions,
    /// The fields, in the order of the files.
    pub fields: Vec<FieldMapping>,
    /// The numbers of what it is made of, where that stands several times in a record under numbered names: of the outer
    /// group, and of the group within it.
    pub numbers: Vec<u32>,
    /// Where it stands; with an inherited row, there.
    pub origin: Origin,
    /// Whether it comes from an inherited file, so that a structure may lack all of its places.
    pub shared: bool,
}

/// Elements that the model has no place for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmapped {
    /// The elements.
    pub elements: Vec<ElementReference>,
    /// Why.
    pub why: Arc<str>,
    /// Where it stands.
    pub origin: Origin,
}

/// How a standard becomes the canonical model, and back.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    /// The reference of the file, which every row carries.
    pub interchange: Option<ElementReference>,
    /// The rows, inherited ones first.
    pub rows: Vec<RowMapping>,
    /// What has no place.
    pub unmapped: Vec<Unmapped>,
    /// What is said of records that are made of several messages, in the order of the files.
    pub concluded: Vec<Concluded>,
    /// Texts of the files that were read.
    pub files: Files,
}

impl RowMapping {
    /// Whether another row says more of the same rows: those of the same entity and numbers at the same place. At the record
    /// itself many things stand, and rows that set a field to different values are different ones.
    fn is_of(&self, other: &Self) -> bool {
        let differs = |set: &SetField| {
            let mut others = other.set.iter();
            others.any(|known| known.field == set.field && known.value != set.value)
        };
        self.entity.name == other.entity.name
            && self.numbers == other.numbers
            && self.at.written() == other.at.written()
            && self.when == other.when
            && (self.at != RowSeat::Record || !self.set.iter().any(differs))
    }
}

impl Mapping {
    /// Reads the mapping of the standard in `folder` (such as `cds/6-3-1`) with those it inherits; `None` when the standard
    /// has none.
    ///
    /// # Errors
    /// [`DefinitionErrors`] with every error found, when there is any.
    pub fn load(source: &dyn Source, folder: &str) -> Result<Option<Self>, DefinitionErrors> {
        let path = join(folder, "mapping.toml");
        if source.read(&path).is_err() {
            return Ok(None);
        }
        let info = read_standard(source, folder)?;
        let mut loading = Loading {
            source,
            wanted: Wanted {
                id: &info.id,
                version: &info.version,
            },
            opened: Vec::new(),
            code_maps: BTreeMap::new(),
            mapping: Self::default(),
            problems: Vec::new(),
        };
        loading.file(&path, false);
        if loading.problems.is_empty() {
            return Ok(Some(loading.mapping));
        }
        Err(DefinitionErrors {
            problems: loading.problems,
            files: loading.mapping.files,
        })
    }

    /// What can be said against the mapping without the structure: its files against their JSON Schema, code maps that go two
    /// ways.
    pub fn lint(&self) -> Vec<Problem> {
        let mut problems = super::lint::against_schemas(&self.files);
        for row in &self.rows {
            for field in &row.fields {
                if let Some(codes) = &field.codes {
                    problems.extend(codes.lint(&self.files));
                }
            }
        }
        problems.sort_by(|left, right| {
            (&left.file, left.span.start, &left.message).cmp(&(
                &right.file,
                right.span.start,
                &right.message,
            ))
        });
        problems.dedup();
        problems
    }
}

/// Files read so far, and what was wrong with them.
struct Loading<'s> {
    source: &'s dyn Source,
    wanted: Wanted<'s>,
    opened: Vec<String>,
    code_maps: BTreeMap<String, Arc<CodeMap>>,
    mapping: Mapping,
    problems: Vec<Problem>,
}

impl Loading<'_> {
    fn open(&mut self, path: &str) -> Option<Text> {
        let text = Text::new(path, &self.source.read(path).ok()?);
        let files = &mut self.mapping.files;
        files.insert(Arc::clone(&text.name), Arc::clone(&text.content));
        Some(text)
    }

    /// Adds what a file says to what those say that it inherits. Depth is limited by [`MOST_FILES`].
    fn file(&mut self, path: &str, shared: bool) {
        self.opened.push(path.to_owned());
        let Some(text) = self.open(path) else {
            return;
        };
        let file = read::read(&text, self.wanted, shared, &mut |path| self.code_map(path));
        self.problems.extend(file.problems);
        for (inherited, span) in file.inherit {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let inherited = join(folder, &inherited);
            let message = if self.source.read(&inherited).is_err() {
                format!("there is no file {inherited}")
            } else if self.opened.contains(&inherited) || self.opened.len() >= MOST_FILES {
                format!("{inherited} is inherited already")
            } else {
                self.file(&inherited, true);
                continue;
            };
            self.problems
                .push(text.problem(Severity::Error, span, message, None));
        }
        self.mapping.interchange = file.interchange.or(self.mapping.interchange.take());
        let inherited = self.mapping.rows.len();
        for row in file.rows {
            self.add(row, inherited);
        }
        self.mapping.unmapped.extend(file.unmapped);
        self.mapping.concluded.extend(file.concluded);
    }

    /// Adds a row, or what it says to the row of the same entity at the same place that is among the first ones, which are
    /// inherited.
    fn add(&mut self, row: RowMapping, inherited: usize) {
        let first = &mut self.mapping.rows[..inherited];
        let inherited = first.iter_mut().find(|known| known.is_of(&row));
        let Some(inherited) = inherited else {
            self.mapping.rows.push(row);
            return;
        };
        inherited.shared &= row.shared;
        if !row.shared {
            // The own file's references must lead somewhere.
            inherited.at = row.at;
        }
        for set in row.set {
            inherited.fields.retain(|known| known.field != set.field);
            match inherited
                .set
                .iter_mut()
                .find(|known| known.field == set.field)
            {
                Some(known) => *known = set,
                None => inherited.set.push(set),
            }
        }
        for field in row.fields {
            inherited.set.retain(|known| known.field != field.field);
            match inherited
                .fields
                .iter_mut()
                .find(|known| known.field == field.field)
            {
                Some(known) => *known = field,
                None => inherited.fields.push(field),
            }
        }
    }

    /// A code map by its path from the root of the definitions; `None` when there is no such file.
    fn code_map(&mut self, path: &str) -> Option<Arc<CodeMap>> {
        if let Some(known) = self.code_maps.get(path) {
            return Some(Arc::clone(known));
        }
        let text = self.open(path)?;
        let map = Arc::new(code_map::read(&text, &mut self.problems));
        self.code_maps.insert(path.to_owned(), Arc::clone(&map));
        Some(map)
    }
}

#[cfg(test)]
mod tests;
