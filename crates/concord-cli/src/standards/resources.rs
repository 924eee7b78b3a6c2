//! What the commands about standards say of FHIR resources.

use std::fmt::Write as _;

use concord_standards::resources::{Element, Kind, Resources, Type};

use crate::failure::Failure;
use crate::standards::table;

/// Codes that are listed below an element.
const MOST_CODES: usize = 40;

/// The resources, with how many elements each has of its own.
pub(super) fn all(resources: &Resources) -> String {
    let rows: Vec<[String; 2]> = resources
        .resources()
        .map(|number| {
            let known = &resources.types[number];
            [known.name.to_string(), known.elements.len().to_string()]
        })
        .collect();
    table(["resource", "elements"], &rows)
}

/// How many elements all types state.
pub(super) fn elements(resources: &Resources) -> usize {
    let own = |known: &Type| {
        let base = known
            .base
            .map_or(0, |base| resources.types[base].elements.len());
        known.elements.len().saturating_sub(base)
    };
    resources.types.iter().map(own).sum()
}

/// A type with its elements, or one element: `Encounter`, `Encounter.status`, `Encounter/location/period`.
pub(super) fn one(resources: &Resources, path: &str) -> Result<String, Failure> {
    let path = path.replace('/', ".");
    if let Some(number) = named(resources, &path) {
        return Ok(of_type(resources, &resources.types[number]));
    }
    let found = path.rsplit_once('.').and_then(|(of, name)| {
        let of = &resources.types[named(resources, of)?];
        let mut elements = of.elements.iter();
        elements.find(|element| {
            element
                .name
                .eq_ignore_ascii_case(name.trim_end_matches("[x]"))
        })
    });
    found.map(|element| of_element(resources, element)).ok_or_else(|| {
        Failure::usage(
            format!("there is no type or element `{path}`"),
            "give a type, such as Encounter or Encounter.location, and an element of it behind a point",
        )
    })
}

fn named(resources: &Resources, name: &str) -> Option<usize> {
    let mut types = resources.types.iter();
    types.position(|known| known.name.eq_ignore_ascii_case(name))
}

fn of_type(resources: &Resources, known: &Type) -> String {
    let kind = match known.kind {
        Kind::Primitive(_) => "primitive type",
        Kind::DataType => "data type",
        Kind::Group => "group",
        Kind::Resource => "resource",
        Kind::AnyResource | Kind::Abstract => "abstract type",
    };
    let rows: Vec<[String; 4]> = known
        .elements
        .iter()
        .map(|element| {
            [
                shown_name(element),
                occurs(element),
                types(resources, element),
                codes(element),
            ]
        })
        .collect();
    let heading = ["element", "occurs", "type", "codes"];
    format!("{}  {kind}\n\n{}", known.name, table(heading, &rows))
}

fn of_element(resources: &Resources, element: &Element) -> String {
    let mut text = format!("{}\n\n", element.path);
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            // Writing to a `String` does not fail.
            let _ = writeln!(text, "{name:>10}: {value}");
        }
    };
    line("occurs", &occurs(element));
    line("type", &types(resources, element));
    line("personal", if element.personal { "yes" } else { "" });
    if let Some(codes) = &element.codes {
        line("codes", &codes.name);
        let rows: Vec<[String; 2]> = codes
            .meanings
            .iter()
            .take(MOST_CODES)
            .map(|(code, meaning)| [code.to_string(), meaning.to_string()])
            .collect();
        let _ = write!(text, "\n{}", table(["code", "meaning"], &rows));
        if codes.meanings.len() > MOST_CODES {
            let _ = writeln!(text, "… and {} more", codes.meanings.len() - MOST_CODES);
        }
    }
    text
}

fn shown_name(element: &Element) -> String {
    let choice = if element.choice { "[x]" } else { "" };
    format!("{}{choice}", element.name)
}

fn occurs(element: &Element) -> String {
    let most = if element.repeats { "*" } else { "1" };
    format!("{}..{most}", u8::from(element.required))
}

fn types(resources: &Resources, element: &Element) -> String {
    let name = |number: &usize| &*resources.types[*number].name;
    let types: Vec<&str> = element.types.iter().map(name).collect();
    let targets: Vec<&str> = element.targets.iter().map(name).collect();
    if targets.is_empty() {
        types.join(", ")
    } else {
        format!("{} ({})", types.join(", "), targets.join(", "))
    }
}

fn codes(element: &Element) -> String {
    let codes = element.codes.as_ref();
    codes.map_or_else(String::new, |codes| codes.name.to_string())
}
