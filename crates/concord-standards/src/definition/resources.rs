//! Standards whose carrier is FHIR: `types.csv`, `elements.csv` and `codes.csv`.
//!
//! ```text
//! fhir/4-0-1/types.csv       type, kind, base
//! fhir/4-0-1/elements.csv    type, element, min, max, data_type, targets, codes, personal
//! fhir/4-0-1/codes.csv       list, code, meaning
//! fhir/systems.csv           system, of, must_be, source
//! ```
//!
//! Every type stands in `types.csv` below its base. The rows of `elements.csv` are in the order of the published definitions;
//! a type has the elements of its base without rows of its own. Several data types, and several targets of a reference, have
//! `|` between them; `value[x]` is followed by the name of its type. What `systems.csv` says holds for every release, which is
//! why it stands beside them; a set of standards may do without.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::csv_rows::{Row, at_line, rows};
use super::load::{Loading, join};
use super::problem::{Problem, Text, nearest};
use super::standard::{ResourceMarks, StandardInfo};
use super::systems;
use super::table::Table;
use crate::resources::{Codes, Element, Kind, Primitive, Resources, Type, TypeNumber};

const TYPE_COLUMNS: [&str; 3] = ["type", "kind", "base"];
const ELEMENT_COLUMNS: [&str; 8] = [
    "type",
    "element",
    "min",
    "max",
    "data_type",
    "targets",
    "codes",
    "personal",
];
const CODE_COLUMNS: [&str; 3] = ["list", "code", "meaning"];

/// Elements that a type may have, those of its base counted: one bit each where resources are checked.
const MOST_ELEMENTS: usize = 128;

/// What `standard.toml` says of other carriers, a standard of FHIR resources must not say.
pub(super) fn only(table: &Table<'_>) {
    for key in ["record", "namespace", "aliases"] {
        if table.has(key) {
            let message =
                format!("a standard of FHIR resources has no `{key}`: a resource says what it is");
            table.error(key, message);
        }
    }
}

/// What tells resources of this release from those of others. A standard that says nothing of it is the only one there is, or
/// is named by its users.
pub(super) fn marks(standard: &Table<'_>) -> ResourceMarks {
    let Some(said) = standard.table("recognise") else {
        return ResourceMarks {
            general: true,
            ..ResourceMarks::default()
        };
    };
    said.only("[recognise]", &["resources", "addresses", "general"]);
    let texts = |key: &str| {
        let texts = said.texts(key).unwrap_or_default();
        texts.iter().map(|spot| spot.text.into()).collect()
    };
    ResourceMarks {
        resources: texts("resources"),
        addresses: texts("addresses"),
        general: said.flag("general").unwrap_or(false),
    }
}

/// Reads the resources of a standard. Problems go to `loading`.
pub(super) fn load(info: &StandardInfo, loading: &mut Loading<'_>) -> Resources {
    let mut problems = Vec::new();
    let mut open = |name: &str| loading.open(&join(&info.folder, name));
    let (Some(types), Some(elements), Some(codes)) =
        (open("types.csv"), open("elements.csv"), open("codes.csv"))
    else {
        return Resources::default();
    };
    let mut reading = Reading {
        types: Vec::new(),
        names: BTreeMap::new(),
        codes: read_codes(&codes, &mut problems),
        problems,
    };
    reading.types(&types);
    reading.elements(&elements);
    reading.inherit();
    loading.problems.append(&mut reading.problems);
    let mut resources = Resources::new(reading.types, reading.codes);
    resources.systems = systems::load(info, loading);
    resources
}

/// The lists of `codes.csv`, by name.
fn read_codes(text: &Text, problems: &mut Vec<Problem>) -> BTreeMap<Arc<str>, Arc<Codes>> {
    let mut lists: BTreeMap<Arc<str>, Codes> = BTreeMap::new();
    for row in rows(text, CODE_COLUMNS, problems) {
        let [list, code, meaning] = &row.cells;
        let known = lists.entry((&**list).into()).or_default();
        known.name = (&**list).into();
        let meaning = known.meanings.insert((&**code).into(), (&**meaning).into());
        if meaning.is_some() {
            let message = format!("the code `{code}` stands twice in `{list}`");
            problems.push(at_line(text, row.line, message));
        }
    }
    let lists = lists.into_iter();
    lists.map(|(name, codes)| (name, Arc::new(codes))).collect()
}

struct Reading {
    types: Vec<Type>,
    names: BTreeMap<Arc<str>, TypeNumber>,
    codes: BTreeMap<Arc<str>, Arc<Codes>>,
    problems: Vec<Problem>,
}

impl Reading {
    fn types(&mut self, text: &Text) {
        for row in rows(text, TYPE_COLUMNS, &mut self.problems) {
            let [name, kind, base] = &row.cells;
            let Some(kind) = kind_of(kind, name) else {
                let help = "kinds are resource, data-type, group, abstract-resource, abstract-data-type, and primitive for the types of that name";
                let message = format!("`{name}` is not a type of the kind `{kind}`");
                self.problems
                    .push(row.problem(text, 1, message, Some(help.to_owned())));
                continue;
            };
            let base = if base.is_empty() {
                None
            } else {
                self.named(text, &row, 2, base)
            };
            let name: Arc<str> = (&**name).into();
            if self
                .names
                .insert(Arc::clone(&name), self.types.len())
                .is_some()
            {
                let message = format!("the type `{name}` stands twice");
                self.problems.push(at_line(text, row.line, message));
            }
            self.types.push(Type {
                name,
                kind,
                base,
                elements: Vec::new(),
            });
        }
    }

    fn elements(&mut self, text: &Text) {
        for row in rows(text, ELEMENT_COLUMNS, &mut self.problems) {
            let Some(of) = self.named(text, &row, 0, &row.cells[0]) else {
                continue;
            };
            let element = self.element(text, &row);
            let known = &mut self.types[of].elements;
            if known.iter().any(|known| known.name == element.name) {
                let message = format!("the element `{}` stands twice", element.path);
                self.problems.push(at_line(text, row.line, message));
            }
            known.push(element);
        }
    }

    fn element(&mut self, text: &Text, row: &Row<'_, 8>) -> Element {
        let [of, name, min, max, data_type, targets, codes, personal] = &row.cells;
        for (cell, value, known) in [
            (2, min, ["0", "1"]),
            (3, max, ["1", "*"]),
            (7, personal, ["", "yes"]),
        ] {
            if !known.contains(&&**value) {
                let message = format!("`{value}` is neither `{}` nor `{}`", known[0], known[1]);
                self.problems.push(row.problem(text, cell, message, None));
            }
        }
        let numbers = |reading: &mut Self, cell: usize, names: &str| -> Vec<TypeNumber> {
            let names = names.split('|').filter(|name| !name.is_empty());
            names
                .filter_map(|name| reading.named(text, row, cell, name))
                .collect()
        };
        let types = numbers(self, 4, data_type);
        let targets = numbers(self, 5, targets);
        let choice = name.strip_suffix("[x]");
        if types.is_empty() || types.len() > 1 && choice.is_none() {
            let message = format!("`{name}` must have one data type, or `[x]` behind its name");
            self.problems.push(row.problem(text, 4, message, None));
        }
        let list = self.codes.get(&**codes).map(Arc::clone);
        if list.is_none() && !codes.is_empty() {
            let near = nearest(codes, self.codes.keys().map(|known| &**known));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            let message = format!("codes.csv has no list `{codes}`");
            self.problems.push(row.problem(text, 6, message, help));
        }
        Element {
            name: choice.unwrap_or(name).into(),
            path: format!("{of}.{name}").into(),
            choice: choice.is_some(),
            required: &**min == "1",
            repeats: &**max == "*",
            types,
            targets,
            codes: list,
            personal: !personal.is_empty(),
        }
    }

    /// The type that a cell names.
    fn named<const N: usize>(
        &mut self,
        text: &Text,
        row: &Row<'_, N>,
        cell: usize,
        name: &str,
    ) -> Option<TypeNumber> {
        let known = self.names.get(name).copied();
        if known.is_none() {
            let near = nearest(name, self.names.keys().map(|known| &**known));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            let message = format!("there is no type `{name}` in types.csv");
            self.problems.push(row.problem(text, cell, message, help));
        }
        known
    }

    /// Puts the elements of its base before those of each type. A base stands above what builds on it.
    fn inherit(&mut self) {
        for number in 0..self.types.len() {
            let Some(base) = self.types[number].base else {
                continue;
            };
            let mut elements = self.types[base].elements.clone();
            elements.append(&mut self.types[number].elements);
            if elements.len() > MOST_ELEMENTS {
                let message = format!(
                    "{} has more than {MOST_ELEMENTS} elements",
                    self.types[number].name
                );
                self.problems.push(Problem {
                    severity: super::problem::Severity::Error,
                    file: "types.csv".into(),
                    line: 0,
                    column: 0,
                    span: 0..0,
                    message,
                    help: None,
                });
            }
            self.types[number].elements = elements;
        }
    }
}

fn kind_of(kind: &str, name: &str) -> Option<Kind> {
    Some(match kind {
        "primitive" => Kind::Primitive(Primitive::named(name)?),
        "data-type" => Kind::DataType,
        "group" => Kind::Group,
        "resource" => Kind::Resource,
        "abstract-resource" => Kind::AnyResource,
        "abstract-data-type" => Kind::Abstract,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::Definition;

    fn loaded(types: &str, elements: &str) -> Result<Resources, String> {
        let standard = "id = \"f\"\nversion = \"1\"\ntitle = \"t\"\npublisher = \"p\"\ncarrier = \"fhir\"\nsource = \"s\"\n";
        let files: BTreeMap<String, String> = [
            ("f/1/standard.toml", standard.to_owned()),
            ("f/1/types.csv", format!("type,kind,base\nElement,abstract-data-type,\ncode,primitive,Element\n{types}")),
            (
                "f/1/elements.csv",
                format!("type,element,min,max,data_type,targets,codes,personal\nElement,id,0,1,code,,,\n{elements}"),
            ),
            ("f/1/codes.csv", "list,code,meaning\nstatus,a,\n".to_owned()),
        ]
        .map(|(path, text)| (path.to_owned(), text))
        .into();
        let definition = Definition::load(&files, "f/1").map_err(|errors| errors.to_string())?;
        definition
            .resources
            .ok_or_else(|| "no resources".to_owned())
    }

    #[test]
    fn elements_of_the_base_come_first() {
        let types = "Thing,resource,Element\nThing.part,group,Element\n";
        let elements = "Thing,part,0,*,Thing.part,,,\nThing,value[x],1,1,code|Thing.part,,,yes\nThing.part,status,1,1,code,,status,\n";
        let found = loaded(types, elements).expect("it is right");
        let thing = &found.types[found.find("Thing").expect("it is there")];
        let names: Vec<&str> = thing
            .elements
            .iter()
            .map(|element| &*element.name)
            .collect();
        assert_eq!(names, ["id", "part", "value"]);
        let value = &thing.elements[2];
        assert!(value.choice && value.required && value.personal && value.types.len() == 2);
        assert_eq!(found.resources().count(), 1);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let elements = "Thing,a,0,1,cod,,,\nThing,b,0,2,code,,statuses,\nThing,c,0,1,code|code,,,\nThing,a,0,1,code,,,\n";
        let told = loaded(
            "Thing,resource,Element\nother,primitive,Element\n",
            elements,
        )
        .expect_err("it is wrong");
        for wanted in [
            "types.csv:5:7: error: `other` is not a type of the kind `primitive`",
            "elements.csv:3:13: error: there is no type `cod` in types.csv\n  help: did you mean `code`?",
            "elements.csv:4:11: error: `2` is neither `1` nor `*`",
            "elements.csv:4:19: error: codes.csv has no list `statuses`\n  help: did you mean `status`?",
            "elements.csv:5:13: error: `c` must have one data type, or `[x]` behind its name",
            "elements.csv:6:1: error: the element `Thing.a` stands twice",
        ] {
            assert!(told.contains(wanted), "{wanted}\n---\n{told}");
        }
    }
}
