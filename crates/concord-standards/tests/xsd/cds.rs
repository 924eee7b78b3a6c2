//! The three official Commissioning Data Set schemas, compared with the fact tables of the reference collection.

use std::collections::BTreeMap;
use std::path::Path;

use concord_standards::schema::{
    Builtin, Content, ElementId, Particle, Schema, SimpleType, SimpleTypeId, Term, TypeId, Use,
    ValueConstraint, Variety,
};
use concord_standards::xsd::import;

use crate::files::{Folder, reference};

const VERSIONS: [(&str, &str); 3] = [
    ("V6-2-2", "cds011_v6-2-2"),
    ("V6-2-3", "cds011_v6-2-3"),
    ("V6-3-1", "cds_v6-3-1"),
];

type Row = BTreeMap<String, String>;

fn table(path: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let names = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            names
                .iter()
                .map(str::to_owned)
                .zip(record.iter().map(str::to_owned))
                .collect()
        })
        .collect()
}

fn official(reference: &Path, version: &str) -> Schema {
    let folder = Folder(reference.join("cds/xsd").join(version));
    match import(&folder, &format!("CDS-XML_Message_Root-{version}.xsd")) {
        Ok(schema) => schema,
        Err(errors) => panic!("{version}: {errors}"),
    }
}

/// One line of a fact table, as the schema says it.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    path: String,
    type_name: String,
    min: String,
    max: String,
    context: String,
    kind: String,
    base: String,
    chain: String,
    facets: BTreeMap<String, String>,
    codes: String,
}

struct Walk<'s> {
    schema: &'s Schema,
    lines: Vec<Line>,
}

impl Walk<'_> {
    fn element(&mut self, parent: &str, id: ElementId, min: u32, max: Option<u32>, context: &str) {
        let element = self.schema.element(id);
        let path = format!("{parent}/{}", element.name.local);
        let max = max.map_or("unbounded".to_owned(), |max| max.to_string());
        let (min, context) = (min.to_string(), context.to_owned());
        match element.content {
            TypeId::Any => panic!("{path} has no type"),
            TypeId::Simple(simple) => {
                let line = self.simple_line(path, simple, min, max, context);
                self.lines.push(line);
            }
            TypeId::Complex(complex) => {
                let complex = self.schema.complex_type(complex);
                let name = complex.name.as_ref().map(|name| name.local.to_string());
                self.lines.push(Line {
                    path: path.clone(),
                    kind: if name.is_some() {
                        "complex"
                    } else {
                        "complex(anonymous)"
                    }
                    .to_owned(),
                    type_name: name.unwrap_or("(anonymous)".to_owned()),
                    min,
                    max,
                    context,
                    base: String::new(),
                    chain: String::new(),
                    facets: BTreeMap::new(),
                    codes: String::new(),
                });
                if let Content::Children { particle, mixed } = &complex.content {
                    assert!(!mixed, "{path}");
                    self.children(&path, particle, "");
                }
                for usage in &complex.attributes {
                    let path = format!("{path}/@{}", usage.attribute.name.local);
                    let fixed = match &usage.attribute.constraint {
                        Some(ValueConstraint::Fixed(value)) => format!("fixed={value} "),
                        Some(ValueConstraint::Default(_)) => panic!("{path} has a default"),
                        None => String::new(),
                    };
                    let (word, min, max) = match usage.usage {
                        Use::Required => ("required", "1", "1"),
                        Use::Optional => ("optional", "0", "1"),
                        Use::Prohibited => ("prohibited", "0", "0"),
                    };
                    let mut line = self.simple_line(
                        path,
                        usage.attribute.content,
                        min.to_owned(),
                        max.to_owned(),
                        String::new(),
                    );
                    line.kind = format!("attr {fixed}use={word}");
                    self.lines.push(line);
                }
            }
        }
    }

    fn children(&mut self, path: &str, particle: &Particle, context: &str) {
        match &particle.term {
            Term::Element(id) => self.element(path, *id, particle.min, particle.max, context),
            Term::Sequence(parts) => {
                let plain = particle.min == 1 && particle.max == Some(1);
                let own = if plain {
                    context.to_owned()
                } else {
                    format!("seq{}", times(particle))
                };
                for part in parts {
                    self.children(path, part, &own);
                }
            }
            Term::Choice(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    let own = format!("choice{}#{}", times(particle), index + 1);
                    self.children(path, part, &own);
                }
            }
            Term::All(_) | Term::Any(_) => panic!("{path} has xs:all or xs:any"),
        }
    }

    fn simple_line(
        &self,
        path: String,
        id: SimpleTypeId,
        min: String,
        max: String,
        context: String,
    ) -> Line {
        let simple = self.schema.simple_type(id);
        let anonymous = simple.name.is_none();
        Line {
            path,
            type_name: name_of(simple),
            min,
            max,
            context,
            kind: if anonymous {
                "simple(anonymous)"
            } else {
                "simple"
            }
            .to_owned(),
            base: primitive(simple),
            chain: chain(self.schema, id),
            facets: facets(simple),
            codes: codes(simple).join("|"),
        }
    }
}

fn times(particle: &Particle) -> String {
    let max = particle
        .max
        .map_or("unbounded".to_owned(), |max| max.to_string());
    format!("[{}..{max}]", particle.min)
}

fn is_builtin(simple: &SimpleType) -> bool {
    simple
        .name
        .as_ref()
        .is_some_and(|name| &*name.namespace == "http://www.w3.org/2001/XMLSchema")
}

fn name_of(simple: &SimpleType) -> String {
    match &simple.name {
        None => "(anonymous)".to_owned(),
        Some(name) if is_builtin(simple) => format!("xs:{}", name.local),
        Some(name) => name.local.to_string(),
    }
}

fn primitive(simple: &SimpleType) -> String {
    match simple.variety {
        Variety::Atomic(builtin) => format!("xs:{}", builtin.name()),
        _ => panic!("the data sets have no lists and unions"),
    }
}

fn chain(schema: &Schema, id: SimpleTypeId) -> String {
    let mut names = Vec::new();
    let mut at = Some(id);
    while let Some(id) = at {
        let simple = schema.simple_type(id);
        names.push(name_of(simple));
        at = simple.base;
    }
    names.join(" < ")
}

fn facets(simple: &SimpleType) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            all.insert(name.to_owned(), value);
        }
    };
    for step in &simple.steps {
        put("length", step.length.map(|number| number.to_string()));
        put(
            "minLength",
            step.min_length.map(|number| number.to_string()),
        );
        put(
            "maxLength",
            step.max_length.map(|number| number.to_string()),
        );
        put(
            "totalDigits",
            step.total_digits.map(|number| number.to_string()),
        );
        put(
            "fractionDigits",
            step.fraction_digits.map(|number| number.to_string()),
        );
        put("minInclusive", step.min_inclusive.clone());
        put("maxInclusive", step.max_inclusive.clone());
        put("minExclusive", step.min_exclusive.clone());
        put("maxExclusive", step.max_exclusive.clone());
        let patterns = (!step.patterns.is_empty()).then(|| step.patterns.join("|"));
        put("pattern", patterns);
        assert_eq!(step.white_space, None);
    }
    all
}

fn codes(simple: &SimpleType) -> Vec<String> {
    simple
        .steps
        .iter()
        .rev()
        .map(|step| step.enumeration.clone())
        .find(|codes| !codes.is_empty())
        .unwrap_or_default()
}

fn written_facets(text: &str) -> BTreeMap<String, String> {
    text.split("; ")
        .filter_map(|facet| facet.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Leaves out the running number in `choice12[1..1]#2`.
fn context(text: &str) -> String {
    match text.strip_prefix("choice") {
        Some(rest) => format!(
            "choice{}",
            rest.trim_start_matches(|c: char| c.is_ascii_digit())
        ),
        None => text.to_owned(),
    }
}

#[test]
fn every_path_of_the_data_sets_agrees_with_the_fact_tables() {
    let Some(reference) = reference() else { return };
    for (version, facts) in VERSIONS {
        let schema = official(&reference, version);
        let [root] = schema.roots[..] else {
            panic!("{version} has one root")
        };
        let mut walk = Walk {
            schema: &schema,
            lines: Vec::new(),
        };
        walk.element("", root, 1, Some(1), "");
        let rows = table(&reference.join(format!("cds/facts/{facts}_elements.csv")));
        assert!(rows.len() > 350, "{version}");
        assert_eq!(walk.lines.len(), rows.len(), "{version}");
        let expected = rows.into_iter().map(|row| {
            let simple = !row["kind"].starts_with("complex");
            Line {
                path: row["xpath"].clone(),
                type_name: row["type"].clone(),
                min: row["min_occurs"].clone(),
                max: row["max_occurs"].clone(),
                context: context(&row["group_context"]),
                kind: row["kind"].clone(),
                base: if simple {
                    row["base"].clone()
                } else {
                    String::new()
                },
                chain: if simple {
                    row["type_chain"].clone()
                } else {
                    String::new()
                },
                facets: written_facets(&row["facets"]),
                codes: row["enumeration_codes"].clone(),
            }
        });
        for (line, expected) in walk.lines.into_iter().zip(expected) {
            assert_eq!(line, expected, "{version}");
        }
    }
}

#[test]
fn every_simple_type_of_the_data_sets_agrees_with_the_fact_tables() {
    let Some(reference) = reference() else { return };
    for (version, facts) in VERSIONS {
        let schema = official(&reference, version);
        let rows = table(&reference.join(format!("cds/facts/{facts}_simple_types.csv")));
        let by_name: BTreeMap<String, SimpleTypeId> = (0..)
            .zip(&schema.simple_types)
            .filter(|(_, simple)| simple.name.is_some() && !is_builtin(simple))
            .map(|(index, simple)| (name_of(simple), SimpleTypeId(index)))
            .collect();
        assert_eq!(by_name.len(), rows.len(), "{version}");
        for row in rows {
            let id = by_name[&row["type"]];
            let simple = schema.simple_type(id);
            assert_eq!(&*simple.origin.file, row["file"].as_str());
            assert_eq!(primitive(simple), row["base"], "{row:?}");
            assert_eq!(chain(&schema, id), row["chain"], "{row:?}");
            assert_eq!(facets(simple), written_facets(&row["facets"]), "{row:?}");
            assert_eq!(codes(simple).join("|"), row["enumeration_codes"], "{row:?}");
        }
    }
}

#[test]
fn every_xsd_of_the_reference_collection_imports() {
    let Some(reference) = reference() else { return };
    let mut folders = vec![reference.clone(), reference.join("../bench/peers")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "xsd") {
                seen += 1;
                let name = path.file_name().unwrap().to_str().unwrap();
                // The parts of a set include each other or nothing; a part that leans on the root is told so.
                if let Err(errors) = import(&Folder(folder.clone()), name) {
                    assert!(
                        errors.iter().all(|error| error.line > 0 && error.message.contains("is not defined")),
                        "{}: {errors}",
                        path.display()
                    );
                    eprintln!(
                        "{name} does not stand alone: {} errors, first: {}",
                        errors.count(),
                        errors.iter().next().unwrap()
                    );
                }
            }
        }
    }
    assert!(seen >= 23, "{seen}");
}

#[test]
fn attributes_and_derivation_of_the_root() {
    let Some(reference) = reference() else { return };
    let schema = official(&reference, "V6-3-1");
    assert_eq!(
        &*schema.namespace,
        "http://www.nhsia.nhs.uk/DataStandards/XMLschema/CDS/ns"
    );
    let root = schema.element(schema.roots[0]);
    let TypeId::Complex(id) = root.content else {
        panic!("complex")
    };
    let names: Vec<_> = schema
        .complex_type(id)
        .attributes
        .iter()
        .map(|usage| {
            (
                &*usage.attribute.name.namespace,
                &*usage.attribute.name.local,
            )
        })
        .collect();
    assert_eq!(names, [("", "SchemaVersion"), ("", "SchemaDate")]);
    let date = schema.complex_type(id).attributes[1].attribute.content;
    assert_eq!(
        schema.simple_type(date).variety,
        Variety::Atomic(Builtin::Date)
    );
}
