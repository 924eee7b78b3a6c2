//! A small structure, rules and values for tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::{Effect, Provenance, Rule, RuleClass, RuleStatus};
use concord_standards::rules::{Check, Example, RuleDefinition, Seat};
use concord_standards::schema::{
    Attribute, AttributeUse, Builtin, ComplexType, ComplexTypeId, Content, DerivationSet, Element,
    ElementId, Facts, Origin, Particle, QName, Schema, SimpleType, SimpleTypeId, Term, TypeId, Use,
    Variety,
};

/// A part of a structure.
#[derive(Clone)]
pub(crate) enum Part {
    /// An element with text.
    Leaf(&'static str, Builtin, u32, Option<u32>),
    /// An element with parts in order; a name that begins with `@` is an attribute.
    Group(&'static str, Vec<Part>, u32, Option<u32>),
    /// One of some parts.
    Choice(Vec<Part>, u32, Option<u32>),
    /// An attribute.
    Attribute(&'static str),
}

pub(crate) fn text(name: &'static str) -> Part {
    Part::Leaf(name, Builtin::String, 0, Some(1))
}

pub(crate) fn date(name: &'static str) -> Part {
    Part::Leaf(name, Builtin::Date, 0, Some(1))
}

pub(crate) fn number(name: &'static str) -> Part {
    Part::Leaf(name, Builtin::PositiveInteger, 0, Some(1))
}

pub(crate) fn group(name: &'static str, parts: Vec<Part>) -> Part {
    Part::Group(name, parts, 0, Some(1))
}

pub(crate) fn many(name: &'static str, parts: Vec<Part>) -> Part {
    Part::Group(name, parts, 0, None)
}

struct Builder {
    schema: Schema,
}

impl Builder {
    fn simple(&mut self, builtin: Builtin) -> SimpleTypeId {
        self.schema.simple_types.push(SimpleType {
            name: None,
            variety: Variety::Atomic(builtin),
            steps: Vec::new(),
            base: None,
            code_list: None,
            format: None,
            origin: Origin::default(),
        });
        SimpleTypeId(self.schema.simple_types.len() as u32 - 1)
    }

    fn element(&mut self, name: &str, content: TypeId) -> ElementId {
        self.schema.elements.push(Element {
            name: QName::new("", name),
            content,
            nillable: false,
            constraint: None,
            is_abstract: false,
            substitutes: Vec::new(),
            block: DerivationSet::default(),
            facts: Facts {
                personal: name == "NHSNumber",
                ..Facts::default()
            },
            origin: Origin::default(),
        });
        ElementId(self.schema.elements.len() as u32 - 1)
    }

    fn particle(&mut self, part: &Part) -> Particle {
        let (min, max, term) = match part {
            Part::Leaf(name, builtin, min, max) => {
                let content = TypeId::Simple(self.simple(*builtin));
                (*min, *max, Term::Element(self.element(name, content)))
            }
            Part::Group(name, parts, min, max) => {
                let content = TypeId::Complex(self.complex(parts));
                (*min, *max, Term::Element(self.element(name, content)))
            }
            Part::Choice(parts, min, max) => {
                let parts = parts.iter().map(|part| self.particle(part)).collect();
                (*min, *max, Term::Choice(parts))
            }
            Part::Attribute(_) => unreachable!("attributes are taken out before"),
        };
        Particle {
            min,
            max,
            term,
            origin: Origin::default(),
        }
    }

    fn complex(&mut self, parts: &[Part]) -> ComplexTypeId {
        let mut attributes = Vec::new();
        let mut particles = Vec::new();
        for part in parts {
            match part {
                Part::Attribute(name) => attributes.push(AttributeUse {
                    attribute: Attribute {
                        name: QName::new("", *name),
                        content: self.simple(Builtin::String),
                        constraint: None,
                        facts: Facts::default(),
                        origin: Origin::default(),
                    },
                    usage: Use::Optional,
                }),
                part => particles.push(self.particle(part)),
            }
        }
        self.schema.complex_types.push(ComplexType {
            name: None,
            base: None,
            is_abstract: false,
            block: DerivationSet::default(),
            content: Content::Children {
                particle: Particle {
                    min: 1,
                    max: Some(1),
                    term: Term::Sequence(particles),
                    origin: Origin::default(),
                },
                mixed: false,
            },
            attributes,
            any_attribute: None,
            origin: Origin::default(),
        });
        ComplexTypeId(self.schema.complex_types.len() as u32 - 1)
    }
}

pub(crate) const RECORDS: [&str; 2] = ["Net", "Bulk"];

/// Two kinds of records between a header and a trailer.
pub(crate) fn schema() -> Schema {
    let visit = group(
        "Visit",
        vec![
            Part::Choice(
                vec![
                    group(
                        "Known",
                        vec![text("NHSNumber"), text("Status"), text("Postcode")],
                    ),
                    group("Unknown", vec![text("NHSNumber"), text("Status")]),
                ],
                1,
                Some(1),
            ),
            date("BirthDate"),
            date("Start"),
            date("End"),
            text("Free"),
            Part::Leaf("Seen", Builtin::DateTime, 0, Some(1)),
            Part::Leaf("Weight", Builtin::Decimal, 0, Some(1)),
            many(
                "Diagnosis",
                vec![
                    text("Code"),
                    date("Found"),
                    number("Rank"),
                    many("Note", vec![text("Words"), text("Author")]),
                ],
            ),
            Part::Leaf("Line", Builtin::String, 0, Some(5)),
            group("Deleted", vec![]),
        ],
    );
    let head = group(
        "Head",
        vec![text("Type"), number("Reference"), date("Activity")],
    );
    let tail = group("Tail", vec![number("Reference")]);
    let record = |name| {
        let parts = vec![
            Part::Attribute("Type"),
            head.clone(),
            visit.clone(),
            tail.clone(),
        ];
        Part::Group(name, parts, 1, None)
    };
    let mut builder = Builder {
        schema: Schema::default(),
    };
    let root = builder.complex(&[
        group(
            "Header",
            vec![text("Sender"), date("Prepared"), number("Control")],
        ),
        Part::Choice(vec![record("Net"), record("Bulk")], 1, Some(1)),
        group("Trailer", vec![number("Count"), number("Control")]),
    ]);
    let root = builder.element("Interchange", TypeId::Complex(root));
    builder.schema.roots.push(root);
    builder.schema
}

/// Two tables of a submission, as a tabular standard has them.
pub(crate) fn tables() -> Schema {
    let mut builder = Builder {
        schema: Schema::default(),
    };
    let root = builder.complex(&[
        many(
            "acm",
            vec![
                text("RECORD_IDENTIFIER"),
                text("PROVIDER"),
                text("POD"),
                text("TFC"),
                number("ACTIVITY"),
                Part::Leaf("PRICE", Builtin::Decimal, 0, Some(1)),
                date("START"),
                date("END"),
                Part::Leaf("CREATED", Builtin::DateTime, 0, Some(1)),
                text("NHSNumber"),
            ],
        ),
        many(
            "plcm",
            vec![
                text("PROVIDER"),
                text("PRACTICE"),
                text("POD"),
                Part::Leaf("PRICE", Builtin::Decimal, 0, Some(1)),
                date("START"),
            ],
        ),
    ]);
    let root = builder.element("submission", TypeId::Complex(root));
    builder.schema.roots.push(root);
    builder.schema
}

/// One table with many columns, every third a date.
pub(crate) fn wide(columns: usize) -> Schema {
    let mut builder = Builder {
        schema: Schema::default(),
    };
    let parts = (0..columns).map(|number| {
        // Few and for tests only.
        let name: &'static str = Box::leak(format!("COLUMN_{number}").into_boxed_str());
        if number % 3 == 0 {
            date(name)
        } else {
            text(name)
        }
    });
    let root = builder.complex(&[many("wide", parts.collect())]);
    let root = builder.element("submission", TypeId::Complex(root));
    builder.schema.roots.push(root);
    builder.schema
}

pub(crate) fn rule(at: Seat, check: Check) -> RuleDefinition {
    RuleDefinition {
        rule: Arc::new(Rule {
            id: "TEST-1".into(),
            title: "a test".into(),
            effect: Effect::Warn,
            message: "wrong".into(),
            label: None,
            help: None,
            source: String::new(),
            provenance: Provenance::Inferred,
            class: RuleClass::Business,
            status: RuleStatus::Stable,
            since: "0.1.0".into(),
        }),
        at,
        check,
        place: None,
        pass: Vec::new(),
        fail: Vec::new(),
        origin: Origin::default(),
        check_origin: Origin::default(),
    }
}

/// An example from `NAME=TEXT` parts; `NAME:{…}` would be a group and is given apart.
pub(crate) fn row(elements: &[(&str, &str)], groups: &[(&str, Vec<Example>)]) -> Example {
    let elements: BTreeMap<String, String> = elements
        .iter()
        .map(|&(name, text)| (name.to_owned(), text.to_owned()))
        .collect();
    let groups = groups
        .iter()
        .map(|(name, rows)| ((*name).to_owned(), rows.clone()))
        .collect();
    Example {
        elements,
        groups,
        origin: Origin::default(),
    }
}
