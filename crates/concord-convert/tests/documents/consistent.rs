//! Arbitrary instances made to agree with themselves: where the structure lets a value stand twice, it is the same value.

use std::collections::BTreeMap;

use concord_model::entities::Kind;
use concord_sample::cds::CdsType;
use concord_sample::tree::{Child, Node};
use concord_standards::schema::{Schema, TypeId};
use concord_standards::value::ValueChecker;

/// Lets an interchange agree with itself, and its numbers that are written as texts be numbers.
pub(crate) fn consistent(root: &mut Node, kinds: &BTreeMap<String, Kind>, schema: &Schema) {
    numbers(root, kinds, schema);
    headers(root);
    for record in &mut root.children {
        if let Child::Element(record) = record {
            attributes(record);
        }
    }
}

/// Lets headers and trailers agree with one another and with the records' attributes.
pub(crate) fn headers(root: &mut Node) {
    let header = texts(root.elements().next().expect("a header"));
    for child in &mut root.children {
        let Child::Element(node) = child else {
            continue;
        };
        if node.name.local.ends_with("Trailer") {
            for (name, text) in &header {
                set(node, name, text);
            }
        } else if !node.attributes.is_empty() {
            record(node);
        }
    }
}

fn record(node: &mut Node) {
    let body = node
        .elements()
        .find_map(|child| CdsType::of_element(&child.name.local));
    if let Some(body) = body {
        let mut attributes = node.attributes.iter_mut();
        if let Some((_, code)) = attributes.find(|(name, _)| &*name.local == "CDSTypeCode") {
            body.code.clone_into(code);
        }
    }
    for (name, value) in node.attributes.clone() {
        set(node, &name.local, &value);
    }
    let deletes = contains(node, "DeleteTransaction");
    set(node, "CDSUpdateType", if deletes { "1" } else { "9" });
    let mut reference = None;
    for child in node.elements() {
        for (name, text) in texts(child) {
            if &*name == "CDSMessageReferenceNumber" {
                reference.get_or_insert(text);
            }
        }
    }
    set(
        node,
        "CDSMessageReferenceNumber",
        &reference.expect("a reference"),
    );
}

/// Attributes inside a record say what the element says that they repeat.
fn attributes(node: &mut Node) {
    for child in &mut node.children {
        let Child::Element(node) = child else {
            continue;
        };
        let mut own = Vec::new();
        all_texts(node, &mut own);
        for (name, value) in &mut node.attributes {
            let element = match &*name.local {
                "NeonatalCriticalCareStructure"
                | "PaediatricCriticalCareStructure"
                | "AdultCriticalCareStructure" => "CriticalCareUnitFunction",
                other => other,
            };
            if let Some((_, text)) = own.iter().find(|(other, _)| other == element) {
                value.clone_from(text);
            }
        }
        attributes(node);
    }
}

fn texts(node: &Node) -> Vec<(String, String)> {
    node.elements()
        .filter_map(|child| Some((child.name.local.to_string(), child.text()?)))
        .collect()
}

fn all_texts(node: &Node, found: &mut Vec<(String, String)>) {
    found.extend(texts(node));
    for child in node.elements() {
        all_texts(child, found);
    }
}

fn contains(node: &Node, name: &str) -> bool {
    node.elements()
        .any(|child| &*child.name.local == name || contains(child, name))
}

/// Gives every element of a name a text.
fn set(node: &mut Node, name: &str, text: &str) {
    for child in &mut node.children {
        let Child::Element(node) = child else {
            continue;
        };
        if &*node.name.local == name {
            node.children = vec![Child::Text(text.to_owned())];
        } else {
            set(node, name, text);
        }
    }
}

/// Texts that the model takes for numbers are numbers.
pub(crate) fn numbers(node: &mut Node, kinds: &BTreeMap<String, Kind>, schema: &Schema) {
    let kind = kinds.get(&*node.name.local);
    if let (Some(Kind::Integer | Kind::Decimal { .. }), Some(text)) = (kind, node.text())
        && let Some(TypeId::Simple(simple)) = node.made_from
        && (text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()))
    {
        let checker = ValueChecker::compile(schema, simple).expect("a type");
        let mut digits = (1..20).map(|count| "1".repeat(count));
        if let Some(digits) = digits.find(|digits| checker.check(digits).is_ok()) {
            node.children = vec![Child::Text(digits)];
        }
    }
    for child in &mut node.children {
        if let Child::Element(node) = child {
            numbers(node, kinds, schema);
        }
    }
}
