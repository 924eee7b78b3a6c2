//! A definition that somebody is to fill in: nothing is inferred, and everything that must be there is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::naming::Naming;
use crate::definition::{DictionaryElement, FIELD_COLUMNS, Known, elements, list, quoted};
use crate::schema::{Builtin, Content, ElementId, Particle, Schema, Term, TypeId, Variety};

/// The physical form of the submissions of a new standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// Delimited text with a row of names.
    Delimited,
    /// XML.
    Xml,
}

/// The files of a definition with one element, to be replaced by what the standard has.
///
/// It can be read, lint is content with it, and its one rule passes its examples.
pub fn empty_definition(
    carrier: Carrier,
    naming: &Naming,
    known: &Known,
) -> BTreeMap<String, String> {
    let folder = naming.folder();
    let mut dictionary = known.elements.list.clone();
    let name = "RECORD IDENTIFIER";
    if known.elements.by_name(name).is_none() {
        dictionary.push(DictionaryElement {
            name: name.into(),
            xml_names: Vec::new(),
            format: "".into(),
            code_list: "".into(),
            personal: false,
            source: "written by `concord standards new`: to be replaced".into(),
        });
        dictionary.sort_by(|left, right| left.name.cmp(&right.name));
    }
    let mut files = BTreeMap::from([("elements.csv".to_owned(), elements(&dictionary))]);
    let mut add = |name: &str, text: String| files.insert(format!("{folder}/{name}"), text);
    match carrier {
        Carrier::Delimited => {
            add("standard.toml", tabular(naming));
            let row = format!(
                "{},1,RECORD_IDENTIFIER,{name},,M,max an20,,,,,,,to be replaced,\n",
                naming.table()
            );
            add("fields.csv", FIELD_COLUMNS.join(",") + "\n" + &row);
            add(
                "rules.toml",
                rules(
                    naming,
                    "at = \"record\"",
                    "RECORD_IDENTIFIER",
                    "RECORD_IDENTIFIER",
                ),
            );
        }
        Carrier::Xml => {
            add("standard.toml", document(naming));
            add("structure.toml", structure());
            add(
                "rules.toml",
                rules(naming, "each = [\"RecordIdentifier\"]", "value", "value"),
            );
        }
    }
    files
}

/// Names of the children of the root of a structure that are records: those that may stand there several times.
pub fn records_of(schema: &Schema) -> Vec<Arc<str>> {
    let Some(root) = schema.roots.first() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    each_child(schema, schema.element(*root).content, &mut |id, many| {
        let element = schema.element(id);
        if many && matches!(element.content, TypeId::Complex(_)) {
            found.push(Arc::clone(&element.name.local));
        }
    });
    found
}

/// A rule about the first text inside the records of a structure, to show how rules are written; `None` when there is none.
pub fn example_rules(schema: &Schema, records: &[Arc<str>], naming: &Naming) -> Option<String> {
    let is_record = |id: &ElementId| records.contains(&schema.element(*id).name.local);
    let mut open: Vec<ElementId> = Vec::new();
    each_child(
        schema,
        schema.element(*schema.roots.first()?).content,
        &mut |id, _| {
            open.extend(Some(id).filter(is_record));
        },
    );
    let mut seen: BTreeSet<ElementId> = open.iter().copied().collect();
    let mut next = 0;
    while let Some(above) = open.get(next).copied() {
        next += 1;
        let mut text = None;
        each_child(schema, schema.element(above).content, &mut |id, _| {
            let element = schema.element(id);
            let simple = match element.content {
                TypeId::Simple(simple) => Some(schema.simple_type(simple)),
                _ => None,
            };
            if simple.is_some_and(|simple| simple.variety == Variety::Atomic(Builtin::String)) {
                text.get_or_insert(id);
            } else if seen.insert(id) {
                open.push(id);
            }
        });
        if let Some(id) = text {
            let at = format!("each = {}", list(&[&schema.element(id).name.local]));
            return Some(rules(naming, &at, "value", "value"));
        }
    }
    None
}

/// Calls `found` for each element that a content model names, with whether it may stand there several times.
fn each_child(schema: &Schema, content: TypeId, found: &mut dyn FnMut(ElementId, bool)) {
    fn walk(particle: &Particle, many: bool, found: &mut dyn FnMut(ElementId, bool)) {
        let many = many || particle.max != Some(1);
        match &particle.term {
            Term::Element(id) => found(*id, many),
            Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts) => {
                for part in parts {
                    walk(part, many, found);
                }
            }
            Term::Any(_) => {}
        }
    }
    if let TypeId::Complex(id) = content
        && let Content::Children { particle, .. } = &schema.complex_type(id).content
    {
        walk(particle, false, found);
    }
}

fn head(naming: &Naming, carrier: &str) -> String {
    format!(
        "id = {}\nversion = {}\ntitle = {}\npublisher = \"unknown\"\nstatus = \"draft\"\ncarrier = \"{carrier}\"\n\
         source = \"the specification that this states: name it\"\n",
        quoted(&naming.id),
        quoted(&naming.version),
        quoted(&format!("{} {}", naming.id, naming.version)),
    )
}

fn tabular(naming: &Naming) -> String {
    format!(
        "{}\n[recognise]\nheader = true\n\n[record]\nkey = [\"RECORD_IDENTIFIER\"]\n\n[[table]]\nname = {}\n\
         title = \"One row for each record\"\nheader = \"required\"\ndelimiters = [\",\"]\n",
        head(naming, "delimited"),
        quoted(&naming.table()),
    )
}

fn document(naming: &Naming) -> String {
    format!(
        "{}\n[recognise]\nroot = \"Submission\"\n\n[record]\nelements = [\"Record\"]\nkey = [\"RecordIdentifier\"]\n",
        head(naming, "xml"),
    )
}

fn structure() -> String {
    "\
namespace = \"\"

[element.Submission]
group = \"Submission_Structure\"

[group.Submission_Structure]
content = [
  { element = \"Record\", group = \"Record_Structure\", occurs = \"1..*\" },
]

[group.Record_Structure]
content = [
  { element = \"RecordIdentifier\", value = { base = \"xs:string\", format = \"max an20\" }, name = \"RECORD IDENTIFIER\" },
]
"
    .to_owned()
}

fn rules(naming: &Naming, at: &str, name: &str, example: &str) -> String {
    format!(
        "\
# Rules that structure and formats do not already say. This one shows how they are written: docs/definitions.md says more.

[[rule]]
id = {}
title = \"no blank stands in it\"
{at}
effect = \"warn\"
check = \"{name} NOT LIKE '% %'\"
message = \"{{{name}}} holds a blank\"
help = \"replace this rule by one of the standard's own\"
source = \"to be replaced\"
provenance = \"inferred\"
since = {}
pass = [{{ {example} = \"A1\" }}]
fail = [{{ {example} = \"A 1\" }}]
",
        quoted(&naming.rule("BLANK")),
        quoted(env!("CARGO_PKG_VERSION")),
    )
}
