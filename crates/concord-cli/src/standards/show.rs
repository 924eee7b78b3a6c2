//! `concord standards show`.

use std::fmt::Write as _;

use concord_standards::definition::{Definition, StandardInfo};
use concord_standards::registry::Registry;
use concord_standards::schema::{
    Attribute, Content, Element, ElementId, Facts, Particle, Schema, SimpleTypeId, Status, Term,
    TypeId, Use, ValueConstraint, Variety,
};

use crate::failure::Failure;
use crate::standards::{columns, resources, status_of, table};

/// Structures may contain themselves; nothing is looked for deeper than this.
const DEEPEST: usize = 64;
/// Paths of one element that are listed before the rest is only counted.
const MOST_PATHS: usize = 12;

pub(super) fn show(
    registry: &Registry,
    name: &str,
    path: Option<&str>,
    depth: usize,
) -> Result<String, Failure> {
    let definition = registry.load(name)?;
    if let Some(submission) = &definition.submission {
        let tables = super::submission::show(&definition, submission, path)?;
        return Ok(match path {
            Some(_) => tables,
            None => format!("{}\n{tables}", about(&definition)),
        });
    }
    if let Some(found) = &definition.resources {
        return match path {
            Some(path) => resources::one(found, path),
            None => Ok(format!("{}\n{}", about(&definition), resources::all(found))),
        };
    }
    if let Some(layout) = &definition.layout {
        return match path {
            Some(column) => columns::one(&definition, layout, column),
            None => Ok(format!("{}\n{}", about(&definition), columns::all(layout))),
        };
    }
    let schema = &definition.schema;
    let mut rows = Vec::new();
    let heading = [
        "element",
        "occurs",
        "status",
        "format",
        "code list",
        "Data Dictionary name",
    ];
    let Some(wanted) = path else {
        for root in &schema.roots {
            let tree = Tree {
                schema,
                deepest: depth,
            };
            tree.element(*root, "1..1", 0, &mut rows);
        }
        return Ok(format!("{}\n{}", about(&definition), table(heading, &rows)));
    };
    let found = find(schema, wanted);
    let Some((_, first)) = found.first() else {
        return Err(Failure::usage(
            format!("{} has no element `{wanted}`", definition.standard.name()),
            near(schema, wanted),
        ));
    };
    let mut text = String::new();
    for (path, _) in found.iter().take(MOST_PATHS) {
        // Writing to a `String` does not fail.
        let _ = writeln!(text, "{path}");
    }
    if found.len() > MOST_PATHS {
        let _ = writeln!(text, "… and in {} more places", found.len() - MOST_PATHS);
    }
    text.push('\n');
    details(&definition, schema.element(*first), &mut text);
    let tree = Tree {
        schema,
        deepest: depth,
    };
    tree.children(schema.element(*first).content, 0, &mut rows);
    if !rows.is_empty() {
        let _ = write!(text, "\n{}", table(heading, &rows));
    }
    Ok(text)
}

fn about(definition: &Definition) -> String {
    let info: &StandardInfo = &definition.standard;
    let mut text = format!("{}  {}\n\n", info.name(), info.title);
    let mut line = |name: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let _ = writeln!(text, "{name:>10}: {value}");
        }
    };
    line("number", info.number.as_deref());
    line("publisher", Some(&info.publisher));
    line("status", Some(status_of(info.status)));
    line("from", info.effective_from.as_deref());
    line("to", info.effective_to.as_deref());
    line("carrier", Some(&info.carrier));
    line("covers", info.covers.as_deref());
    line("records", Some(&info.record.elements.join(", ")));
    line("source", Some(&info.source));
    line("made", info.provenance.as_deref());
    let (elements, word) = match &definition.layout {
        Some(layout) => {
            let columns = layout.tables.iter().map(|table| table.fields.len());
            (columns.sum(), "columns")
        }
        None => match &definition.resources {
            Some(found) => (resources::elements(found), "elements"),
            None => (definition.schema.elements.len(), "elements"),
        },
    };
    let counts = format!(
        "{elements} {word}, {} code lists, {} rules",
        definition.code_lists.len()
            + definition
                .resources
                .as_ref()
                .map_or(0, |found| found.codes.len()),
        definition.rules.len()
    );
    let counts = match &definition.submission {
        Some(submission) => super::submission::holds(submission),
        None => counts,
    };
    line("holds", Some(&counts));
    text
}

/// Every place of the structure whose path ends with `wanted`.
fn find(schema: &Schema, wanted: &str) -> Vec<(String, ElementId)> {
    let wanted: Vec<&str> = wanted.split('/').filter(|part| !part.is_empty()).collect();
    let mut found = Vec::new();
    let mut stack: Vec<(Vec<ElementId>, ElementId)> = schema
        .roots
        .iter()
        .rev()
        .map(|root| (Vec::new(), *root))
        .collect();
    while let Some((above, id)) = stack.pop() {
        if above.contains(&id) || above.len() > DEEPEST {
            continue;
        }
        let mut path = above;
        path.push(id);
        let names: Vec<&str> = path
            .iter()
            .map(|id| &*schema.element(*id).name.local)
            .collect();
        let ends = names.len() >= wanted.len()
            && names[names.len() - wanted.len()..]
                .iter()
                .zip(&wanted)
                .all(|(name, wanted)| name.eq_ignore_ascii_case(wanted));
        if ends && !wanted.is_empty() {
            found.push((format!("/{}", names.join("/")), id));
        }
        let mut children = Vec::new();
        if let TypeId::Complex(complex) = schema.element(id).content
            && let Content::Children { particle, .. } = &schema.complex_type(complex).content
        {
            elements_of(particle, &mut children);
        }
        stack.extend(
            children
                .into_iter()
                .rev()
                .map(|child| (path.clone(), child)),
        );
    }
    found
}

/// Elements whose names hold the wanted text.
fn near(schema: &Schema, wanted: &str) -> String {
    let last = wanted.rsplit('/').next().unwrap_or_default().to_lowercase();
    let mut names: Vec<&str> = schema
        .elements
        .iter()
        .map(|element| &*element.name.local)
        .filter(|name| !last.is_empty() && name.to_lowercase().contains(&last))
        .collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() || names.len() > MOST_PATHS {
        "give an element's name, or the end of its path with `/` between the names".to_owned()
    } else {
        format!("there is {}", names.join(", "))
    }
}

fn elements_of(particle: &Particle, out: &mut Vec<ElementId>) {
    match &particle.term {
        Term::Element(id) if !out.contains(id) => out.push(*id),
        Term::Element(_) | Term::Any(_) => {}
        Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts) => {
            for part in parts {
                elements_of(part, out);
            }
        }
    }
}

type Row = [String; 6];

/// The part of a structure that is printed.
struct Tree<'s> {
    schema: &'s Schema,
    deepest: usize,
}

impl Tree<'_> {
    fn element(&self, id: ElementId, occurs: &str, depth: usize, rows: &mut Vec<Row>) {
        let element = self.schema.element(id);
        let value = self.schema.text_type(element.content);
        rows.push(self.row(&element.name.local, occurs, &element.facts, value, depth));
        if depth + 1 < self.deepest {
            self.children(element.content, depth + 1, rows);
        }
    }

    fn row(
        &self,
        name: &str,
        occurs: &str,
        facts: &Facts,
        value: Option<SimpleTypeId>,
        depth: usize,
    ) -> Row {
        [
            format!("{}{name}", "  ".repeat(depth)),
            occurs.to_owned(),
            status(facts.status).to_owned(),
            value.map_or_else(String::new, |value| format(self.schema, facts, value)),
            value
                .and_then(|value| self.schema.simple_type(value).code_list.as_deref())
                .unwrap_or_default()
                .to_owned(),
            facts
                .dictionary_name
                .as_deref()
                .unwrap_or_default()
                .to_owned(),
        ]
    }

    fn children(&self, content: TypeId, depth: usize, rows: &mut Vec<Row>) {
        let TypeId::Complex(id) = content else {
            return;
        };
        let complex = self.schema.complex_type(id);
        for usage in &complex.attributes {
            let Attribute {
                name,
                content,
                facts,
                ..
            } = &usage.attribute;
            let occurs = match usage.usage {
                Use::Required => "1..1",
                Use::Optional => "0..1",
                Use::Prohibited => "0..0",
            };
            rows.push(self.row(
                &format!("@{}", name.local),
                occurs,
                facts,
                Some(*content),
                depth,
            ));
        }
        if let Content::Children { particle, .. } = &complex.content {
            self.particle(particle, depth, rows);
        }
    }

    fn particle(&self, particle: &Particle, depth: usize, rows: &mut Vec<Row>) {
        let occurs = occurs(particle);
        let (words, parts) = match &particle.term {
            Term::Element(id) => return self.element(*id, &occurs, depth, rows),
            Term::Any(_) => {
                let facts = Facts::default();
                return rows.push(self.row("(any element)", &occurs, &facts, None, depth));
            }
            Term::Sequence(parts) => ("(together)", parts),
            Term::Choice(parts) => ("(one of)", parts),
            Term::All(parts) => ("(in any order)", parts),
        };
        // A sequence that stands once, or holds one thing, says nothing more than its parts do.
        let silent = matches!(particle.term, Term::Sequence(_)) && occurs == "1..1";
        if !silent {
            rows.push(self.row(words, &occurs, &Facts::default(), None, depth));
        }
        for part in parts {
            self.particle(part, depth + usize::from(!silent), rows);
        }
    }
}

fn occurs(particle: &Particle) -> String {
    match particle.max {
        Some(max) => format!("{}..{max}", particle.min),
        None => format!("{}..*", particle.min),
    }
}

fn status(status: Option<Status>) -> &'static str {
    match status {
        None => "",
        Some(Status::Mandatory) => "M",
        Some(Status::Required) => "R",
        Some(Status::Optional) => "O",
        Some(Status::NotUsed) => "X",
    }
}

/// The format in dictionary notation, else the built-in type.
fn format(schema: &Schema, facts: &Facts, id: SimpleTypeId) -> String {
    let simple = schema.simple_type(id);
    if let Some(format) = facts.format.as_ref().or(simple.format.as_ref()) {
        return format.to_string();
    }
    match &simple.variety {
        Variety::Atomic(builtin) => builtin.name().to_owned(),
        Variety::List(_) => "list".to_owned(),
        Variety::Union(_) => "union".to_owned(),
    }
}

fn details(definition: &Definition, element: &Element, text: &mut String) {
    let schema = &definition.schema;
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(text, "{name:>10}: {value}");
        }
    };
    let facts = &element.facts;
    line("name", facts.dictionary_name.as_deref().unwrap_or_default());
    line("status", status(facts.status));
    if facts.personal {
        line("personal", "yes: its values are masked");
    }
    match &element.constraint {
        Some(ValueConstraint::Fixed(value)) => line("always", value),
        Some(ValueConstraint::Default(value)) => line("default", value),
        None => {}
    }
    let Some(id) = schema.text_type(element.content) else {
        return;
    };
    let simple = schema.simple_type(id);
    line("format", &format(schema, facts, id));
    for step in &simple.steps {
        for (name, value) in [
            ("length", step.length.map(|number| number.to_string())),
            ("shortest", step.min_length.map(|number| number.to_string())),
            ("longest", step.max_length.map(|number| number.to_string())),
            ("least", step.min_inclusive.clone()),
            ("above", step.min_exclusive.clone()),
            ("greatest", step.max_inclusive.clone()),
            ("below", step.max_exclusive.clone()),
            ("digits", step.total_digits.map(|number| number.to_string())),
            (
                "decimals",
                step.fraction_digits.map(|number| number.to_string()),
            ),
        ] {
            line(name, value.as_deref().unwrap_or_default());
        }
        line("pattern", &step.patterns.join(" or "));
        if simple.code_list.is_none() {
            line("one of", &step.enumeration.join(", "));
        }
    }
    if let Some(list) = &simple.code_list {
        let codes = definition
            .code_lists
            .get(list)
            .map_or(0, |list| list.codes.len());
        line(
            "code list",
            &format!("{list}: {codes} codes; `concord standards codes {list}` shows them"),
        );
    }
}
