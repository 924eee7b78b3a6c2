//! How the canonical model becomes resources of FHIR, and back: `mapping.toml` below `schemas/fhir/`.
//!
//! ```toml
//! standard = "fhir@r4-uk-core"
//!
//! [[resource]]                                  # one resource for each row of an entity
//! name = "emergency"                            # its name in this file
//! type = "Encounter"
//! profile = "https://…/UKCore-Encounter"
//! from = "emergency_attendance"
//! only = { role = "patient" }                   # rows of which this is true; read back, what stands in them
//! match = ["class.code=EMER"]                   # read back, how the resource is known
//! needs = ["name"]                              # fields without which a row cannot become this resource
//! inside = ["episode"]                          # made only in records that have one of these
//! for = ["episode"]                             # made, without a row, when one of these is
//! read = true                                   # read, and never written
//! one = { address = ["use=home", "!use"] }      # read, one item of the list and no other: the first that fits the first
//!                                               # of these that any fits
//! [[resource.rule]]                             # elements that FHIR must have and no field holds
//! path = "status"
//! by = { attendance_status = { "5" = "finished" } }       # the first code that is named decides,
//! has = { end_date = "finished" }                          # then the first field that holds anything,
//! else = "unknown"                                         # then this
//! why = "…"
//! [resource.references]
//! subject = "patient"                           # or several, of which the first that the record has
//! [resource.listed]                             # the resource stands in a list of another one
//! in = ["episode", "emergency"]                 # the first that the record has
//! at = "diagnosis[]"
//! reference = "condition"
//! rank = "rank"                                 # number in the list, written only
//! [resource.listed.fields]
//! role = "use.text"
//! [resource.fields]
//! nhs_number = "identifier[system=https://fhir.nhs.uk/Id/nhs-number].value"
//! start_time = { to = "period.start", part = "time" }     # beside the field that gives the day
//! start_day = { to = "created", part = "day" }            # read only: the day of a time, whose rest is lost
//! booking = { to = "item.reference", part = "id" }        # read only: the id of what is referred to
//! gender = { to = "gender", codes = "maps/fhir-gender.csv" }
//! provider = { to = "serviceProvider", refers = "organisation" }
//! ward_code = "location->ward.identifier[].value"         # in the resource that is referred to, made for the purpose
//! x = { to = "…", beside = "nhs_number", otherwise = "…" }  # another place when the field beside it is empty
//! z = { to = "…", with = "location->ward" }     # what must be referred to when the field is written, if by nothing else
//! y = { to = "…", also = ["…"] }                           # further places to read it from
//!
//! [[rows]]                                      # rows of another entity inside a resource
//! entity = "address_line"
//! in = ["patient"]
//! at = "address[].line[]"                       # an item for each row; "." for the resource itself and its first row
//! once = true                                   # read only: no row where a row of the record says the same already
//! [rows.fields]
//! patient_usual_address_structured = "."
//!
//! [[target]]                                    # resources that are made because they are referred to
//! name = "organisation"
//! type = "Organization"
//! identifier = "https://fhir.nhs.uk/Id/ods-organization-code"
//! ```
//!
//! Places are in the notation of [`Path`]. Code maps have FHIR's codes under `from` and the model's under `to`; a place
//! that ends with an item of a list of codings takes `system|code`.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_model::entities::{ENTITIES, Entity, Field};
use concord_standards::Source;
use concord_standards::definition::{CodeMap, DefinitionErrors};
use serde_json::Value;

use super::path::{self, Filter, Path};
use super::read_mapping;

/// How the canonical model becomes resources of FHIR, and back.
#[derive(Debug)]
pub struct FhirMapping {
    /// The standard and version that rows read from FHIR are said to come from.
    pub standard: Arc<str>,
    pub(super) resources: Vec<Resource>,
    pub(super) rows: Vec<Rows>,
    pub(super) targets: Vec<Target>,
    pub(super) refused: Vec<Refused>,
    /// How losses name the fields, by entity.
    names: BTreeMap<&'static str, Vec<Arc<str>>>,
}

/// The file in a folder of the definitions.
fn file(folder: &str) -> String {
    format!("{folder}/mapping.toml")
}

impl FhirMapping {
    /// Reads `mapping.toml` in a folder of the definitions, such as `fhir/r4-uk-core`, with its code maps.
    ///
    /// # Errors
    /// [`DefinitionErrors`] with everything that is wrong, each with its line.
    pub fn load(source: &dyn Source, folder: &str) -> Result<Self, DefinitionErrors> {
        let found = Self::find(source, folder)?;
        found.ok_or_else(|| read_mapping::missing(&file(folder)))
    }

    /// The same, where there may be none.
    ///
    /// # Errors
    /// [`DefinitionErrors`] with everything that is wrong, each with its line; a file that is there and cannot be read is wrong.
    pub fn find(source: &dyn Source, folder: &str) -> Result<Option<Self>, DefinitionErrors> {
        let Some(read) = read_mapping::read(source, &file(folder))? else {
            return Ok(None);
        };
        let names = ENTITIES.iter().map(|entity| {
            let names = entity.fields.iter().map(|field| element(entity, field));
            (entity.name, names.collect())
        });
        Ok(Some(Self {
            standard: read.standard.into(),
            resources: read.resources,
            rows: read.rows,
            targets: read.targets,
            refused: read.refused,
            names: names.collect(),
        }))
    }

    /// Whether there are rows of an entity that are added only where no other says the same.
    pub(super) fn says_once(&self, entity: &Entity) -> bool {
        let mut rows = self.rows.iter();
        rows.any(|rows| rows.once && rows.entity.name == entity.name)
    }

    /// How losses name a field.
    pub(super) fn element(&self, entity: &Entity, field: usize) -> Arc<str> {
        let names = self.names.get(entity.name);
        names
            .and_then(|names| names.get(field))
            .map_or_else(|| entity.name.into(), Arc::clone)
    }

    /// What a resource says that makes it no row: that something was not done, does not hold or was a mistake, or that more must
    /// be known to understand it.
    pub(super) fn refuses(&self, resource: &Value) -> Option<&str> {
        // FHIR: who does not understand these must not process the resource (R4, `implicitRules` and `modifierExtension`).
        const NOT_UNDERSTOOD: [&str; 2] = ["implicitRules", "modifierExtension"];
        let kind = resource.get("resourceType").and_then(Value::as_str)?;
        let has = |name: &&&str| resource.get(**name).is_some_and(|value| !value.is_null());
        if let Some(name) = NOT_UNDERSTOOD.iter().find(has) {
            return Some(name);
        }
        let fits = |filters: &[Filter]| path::fits(resource, filters, &mut Vec::new());
        let rules = self.refused.iter();
        let mut rules = rules.filter(|rule| rule.kinds.iter().any(|known| **known == *kind));
        rules.find_map(|rule| {
            let said = |(filter, _): &&(Filter, Arc<str>)| fits(std::slice::from_ref(filter));
            let (_, said) = rule.when.iter().find(said)?;
            fits(&rule.matches).then_some(&**said)
        })
    }

    /// The types of resource that are written, each once.
    pub fn types(&self) -> Vec<&str> {
        let resources = self.resources.iter().map(|resource| &*resource.kind);
        let targets = self.targets.iter().map(|target| &*target.kind);
        let mut types: Vec<&str> = resources.chain(targets).collect();
        types.sort_unstable();
        types.dedup();
        types
    }
}

/// The Data Dictionary name of a field, or its own with that of its entity.
fn element(entity: &Entity, field: &Field) -> Arc<str> {
    if field.title.is_empty() {
        format!("{}.{}", entity.name, field.name).into()
    } else {
        field.title.into()
    }
}

/// A kind of resource that rows become.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) name: Arc<str>,
    pub(super) kind: Arc<str>,
    pub(super) profile: Option<Arc<str>>,
    pub(super) entity: &'static Entity,
    pub(super) only: Vec<(usize, Arc<str>)>,
    pub(super) matches: Vec<Filter>,
    pub(super) needs: Vec<usize>,
    /// Resources of which the record must have one.
    pub(super) inside: Vec<usize>,
    /// Resources for which this one is made without a row.
    pub(super) made_for: Vec<usize>,
    /// Whether it is read and never written.
    pub(super) read_only: bool,
    /// Lists of which one item is read, with what it must say: the first of these that any item fits decides.
    pub(super) one: Vec<(Arc<str>, Vec<Filter>)>,
    pub(super) rules: Vec<Rule>,
    pub(super) references: Vec<(Path, Vec<usize>)>,
    pub(super) listed: Option<Listed>,
    pub(super) fields: Fields,
}

/// An element that no field holds.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) path: Path,
    pub(super) by: Vec<(usize, BTreeMap<String, String>)>,
    pub(super) has: Vec<(usize, String)>,
    pub(super) otherwise: Option<String>,
}

impl Rule {
    /// The field one of whose codes is told by this.
    pub(super) fn said_by(&self, value: &str) -> Option<usize> {
        let mut by = self.by.iter();
        let (field, _) = by.find(|(_, codes)| codes.values().any(|known| known == value))?;
        Some(*field)
    }

    /// Whether the rule can say this.
    pub(super) fn says(&self, value: &str) -> bool {
        self.said_by(value).is_some()
            || self.has.iter().any(|(_, known)| known == value)
            || self.otherwise.as_deref() == Some(value)
    }
}

/// What resources say that makes them no rows.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) kinds: Vec<Arc<str>>,
    pub(super) matches: Vec<Filter>,
    /// Any of these, as it is written.
    pub(super) when: Vec<(Filter, Arc<str>)>,
}

/// The list of another resource that a resource stands in.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) within: Vec<usize>,
    pub(super) at: Path,
    pub(super) reference: Path,
    pub(super) rank: Option<Path>,
    pub(super) fields: Fields,
}

/// Rows inside a resource.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) entity: &'static Entity,
    pub(super) only: Vec<(usize, Arc<str>)>,
    pub(super) within: Vec<usize>,
    pub(super) at: Path,
    /// Whether they are read only, and only where no row of the record says the same already.
    pub(super) once: bool,
    pub(super) fields: Fields,
}

/// A resource that is made because it is referred to.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) name: Arc<str>,
    pub(super) kind: Arc<str>,
    pub(super) profile: Option<Arc<str>>,
    /// The system of the identifier that it has and that references to it repeat; resources of the same identifier are one.
    pub(super) identifier: Option<Arc<str>>,
}

/// Where the fields of an entity stand.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) list: Vec<FieldPlace>,
    /// For each field of the entity its number in the list.
    by_field: Vec<Option<usize>>,
}

impl Fields {
    pub(super) fn new(entity: &Entity, list: Vec<FieldPlace>) -> Self {
        let mut by_field = vec![None; entity.fields.len()];
        for (number, place) in list.iter().enumerate() {
            if let Some(seat) = by_field.get_mut(place.index) {
                *seat = Some(number);
            }
        }
        Self { list, by_field }
    }

    /// Where a field stands.
    pub(super) fn of(&self, field: usize) -> Option<&FieldPlace> {
        let number = self.by_field.get(field).copied().flatten()?;
        self.list.get(number)
    }
}

/// Where a field stands.
#[derive(Debug)]
pub(super) struct FieldPlace {
    pub(super) field: &'static Field,
    pub(super) index: usize,
    pub(super) to: Place,
    /// Where it stands when another field is empty.
    pub(super) otherwise: Option<(usize, Place)>,
    pub(super) also: Vec<Place>,
    pub(super) codes: Option<Arc<CodeMap>>,
    pub(super) part: Part,
    pub(super) refers: Option<usize>,
    pub(super) boolean: bool,
    /// A reference that goes with it.
    pub(super) with: Option<(Path, usize)>,
}

/// What of a date with time a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// The day; the field of this number holds the time.
    Day(usize),
    /// The time; the field of this number holds the day.
    Time(usize),
    /// The day, of what has a time that no field holds.
    DayAlone,
    /// Of a reference, the id of what it refers to.
    Id,
}

/// A place in the resource, or in one that it refers to.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) hop: Option<(Path, usize)>,
    pub(super) path: Path,
}
