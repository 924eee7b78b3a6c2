//! Changes of attributes and namespaces.

use concord_standards::schema::{QName, TypeId};

use super::{Change, Changed};
use crate::tree::{Child, Node, XML, XSI, escape_attribute, escape_text};

pub(super) fn missing(change: &mut Change<'_>) -> Option<Changed> {
    let place = change.place(|node, _| !node.attributes.is_empty())?;
    let mut tree = change.instance.clone();
    let attributes = &mut tree.at_mut(&place)?.attributes;
    let (name, _) = attributes.remove(change.dice.index(attributes.len()));
    change.tree(&tree, &place, format!("attribute {name} left out"))
}

fn with_attribute(change: &mut Change<'_>, name: QName, value: &str) -> Option<Changed> {
    let place = change.place(|node, _| node.attributes.iter().all(|(other, _)| *other != name))?;
    let mut tree = change.instance.clone();
    let description = format!("attribute {{{}}}{name}={value:?} put in", name.namespace);
    let attributes = &mut tree.at_mut(&place)?.attributes;
    let at = change.dice.index(attributes.len() + 1);
    attributes.insert(at, (name, value.to_owned()));
    change.tree(&tree, &place, description)
}

pub(super) fn unknown(change: &mut Change<'_>) -> Option<Changed> {
    let namespace = if change.dice.percent(60) {
        "".into()
    } else {
        change.instance.name.namespace.clone()
    };
    with_attribute(change, QName::new(namespace, "unheardOf"), "1")
}

pub(super) fn wrong(change: &mut Change<'_>) -> Option<Changed> {
    let place = change.place(|node, _| !node.attributes.is_empty())?;
    let mut tree = change.instance.clone();
    let attributes = &mut tree.at_mut(&place)?.attributes;
    let at = change.dice.index(attributes.len());
    let (name, value) = attributes.get_mut(at)?;
    let old = value.clone();
    *value = match change.dice.below(6) {
        0 => String::new(),
        1 => format!("{old}0"),
        2 => format!(" {old} "),
        3 => "999".to_owned(),
        4 => old.chars().rev().collect(),
        _ => format!("{old}\n"),
    };
    let description = format!("attribute {name} became {value:?}, was {old:?}");
    change.tree(&tree, &place, description)
}

/// Moves an attribute into the raw part of the tag, written by `form`.
fn rewritten(
    change: &mut Change<'_>,
    keep: bool,
    form: impl Fn(&str, &str) -> String,
) -> Option<Changed> {
    let place = change.place(|node, _| {
        node.attributes
            .iter()
            .any(|(name, _)| name.namespace.is_empty())
    })?;
    let mut tree = change.instance.clone();
    let node = tree.at_mut(&place)?;
    let index = node
        .attributes
        .iter()
        .position(|(name, _)| name.namespace.is_empty())?;
    let (name, value) = if keep {
        node.attributes.get(index)?.clone()
    } else {
        node.attributes.remove(index)
    };
    let mut escaped = String::new();
    escape_attribute(&value, &mut escaped);
    let written = form(&name.local, &escaped);
    let description = format!("attribute written {written}");
    node.raw_attributes.push(written);
    change.tree(&tree, &place, description)
}

pub(super) fn twice(change: &mut Change<'_>) -> Option<Changed> {
    rewritten(change, true, |name, value| format!("{name}=\"{value}\""))
}

pub(super) fn quotes(change: &mut Change<'_>) -> Option<Changed> {
    let form = change.dice.below(6);
    rewritten(change, false, |name, value| match form {
        0 => format!("{name}='{value}'"),
        1 => format!("{name} = \"{value}\""),
        2 => format!("\n{name}\n=\n'{value}'\n"),
        3 => format!("{name}={value}"),
        4 => format!("{name}=\"{value}'"),
        _ => {
            // The value is escaped already: its first character is enough, when it is a plain one.
            let mut rest = value.chars();
            let first = rest
                .next()
                .filter(char::is_ascii_alphanumeric)
                .map_or(String::new(), |c| format!("&#{};", u32::from(c)));
            let rest = if first.is_empty() {
                value
            } else {
                rest.as_str()
            };
            format!("{name}=\"{first}{rest}\"")
        }
    })
}

pub(super) fn order(change: &mut Change<'_>) -> Option<Changed> {
    let place = change.place(|node, _| node.attributes.len() > 1)?;
    let mut tree = change.instance.clone();
    tree.at_mut(&place)?.attributes.reverse();
    change.tree(&tree, &place, "attributes in reverse order")
}

pub(super) fn xsi_type(change: &mut Change<'_>) -> Option<Changed> {
    let place = change.place(|node, _| {
        node.attributes
            .iter()
            .all(|(name, _)| &*name.namespace != XSI)
    })?;
    let schema = change.schema;
    let named: Vec<&QName> = schema
        .complex_types
        .iter()
        .filter_map(|complex| complex.name.as_ref())
        .chain(
            schema
                .simple_types
                .iter()
                .filter_map(|simple| simple.name.as_ref()),
        )
        .collect();
    let own = match change.instance.at(&place)?.made_from {
        Some(TypeId::Complex(id)) => schema.complex_type(id).name.as_ref(),
        Some(TypeId::Simple(id)) => schema.simple_type(id).name.as_ref(),
        _ => None,
    };
    let derived: Vec<&QName> = schema
        .complex_types
        .iter()
        .filter(|complex| {
            complex.base.is_some_and(|(base, _)| {
                Some(base) == change.instance.at(&place).and_then(|node| node.made_from)
            })
        })
        .filter_map(|complex| complex.name.as_ref())
        .collect();
    let name = match change.dice.below(4) {
        0 => own.cloned(),
        1 => change.dice.pick(&derived).map(|name| (*name).clone()),
        2 => Some(QName::new(
            change.instance.name.namespace.clone(),
            "UnheardOf_Type",
        )),
        _ => None,
    };
    let name = name.or_else(|| change.dice.pick(&named).map(|name| (*name).clone()))?;
    let mut tree = change.instance.clone();
    let node = tree.at_mut(&place)?;
    let value = if name.namespace.is_empty() {
        name.local.to_string()
    } else {
        node.raw_attributes
            .push(format!("xmlns:tt=\"{}\"", name.namespace));
        format!("tt:{}", name.local)
    };
    node.attributes.push((QName::new(XSI, "type"), value));
    change.tree(&tree, &place, format!("xsi:type {name}"))
}

pub(super) fn xsi_nil(change: &mut Change<'_>) -> Option<Changed> {
    let place = change.place(|node, _| {
        node.attributes
            .iter()
            .all(|(name, _)| &*name.namespace != XSI)
    })?;
    let value = *change.dice.pick(&["true", "false", "1", "0", "yes"])?;
    let emptied = change.dice.percent(50);
    let mut tree = change.instance.clone();
    let node = tree.at_mut(&place)?;
    node.attributes
        .push((QName::new(XSI, "nil"), value.to_owned()));
    if emptied {
        node.children.clear();
    }
    change.tree(
        &tree,
        &place,
        format!("xsi:nil {value}{}", if emptied { ", emptied" } else { "" }),
    )
}

pub(super) fn xsi_location(change: &mut Change<'_>) -> Option<Changed> {
    // A hint that names no file which exists: a checker that follows it would say so.
    let value = format!("{} urn:example:none", change.instance.name.namespace);
    let name = *change
        .dice
        .pick(&["schemaLocation", "noNamespaceSchemaLocation", "unheardOf"])?;
    with_attribute(change, QName::new(XSI, name), &value)
}

pub(super) fn xml_lang(change: &mut Change<'_>) -> Option<Changed> {
    let (name, value) =
        *change
            .dice
            .pick(&[("lang", "en-GB"), ("space", "preserve"), ("id", "a1")])?;
    with_attribute(change, QName::new(XML, name), value)
}

pub(super) fn namespace(change: &mut Change<'_>) -> Option<Changed> {
    let place = change.place(|_, _| true)?;
    let mut tree = change.instance.clone();
    let namespace = *change.dice.pick(&[
        "urn:example:other",
        "",
        "http://www.nhsia.nhs.uk/DataStandards/XMLschema/CDS/NS",
    ])?;
    tree.at_mut(&place)?.name.namespace = namespace.into();
    change.tree(&tree, &place, format!("in namespace {namespace:?}"))
}

pub(super) fn root_namespace(change: &mut Change<'_>) -> Option<Changed> {
    fn rename(node: &mut Node, from: &str, to: &str) {
        if *node.name.namespace == *from {
            node.name.namespace = to.into();
        }
        for child in &mut node.children {
            if let Child::Element(child) = child {
                rename(child, from, to);
            }
        }
    }
    let from = change.instance.name.namespace.clone();
    let to = match change.dice.below(4) {
        0 => String::new(),
        1 => format!("{from}/"),
        2 => from.to_uppercase(),
        _ => "urn:example:other".to_owned(),
    };
    let mut tree = change.instance.clone();
    rename(&mut tree, &from, &to);
    change.tree(&tree, &[], format!("everything in namespace {to:?}"))
}

/// A leaf written with a prefix.
fn prefixed(change: &mut Change<'_>, declaration: impl Fn(&str) -> String) -> Option<Changed> {
    let place = change.place(|node, place| {
        !place.is_empty() && node.attributes.is_empty() && node.text().is_some()
    })?;
    let (last, parent) = place.split_last()?;
    let node = change.instance.at(&place)?;
    let mut text = String::new();
    escape_text(&node.text()?, &mut text);
    let name = &node.name.local;
    let raw = format!(
        "<px:{name}{}>{text}</px:{name}>",
        declaration(&node.name.namespace)
    );
    let mut tree = change.instance.clone();
    *tree.at_mut(parent)?.children.get_mut(*last)? = Child::Raw(raw.clone());
    change.tree(&tree, &place, format!("written {raw}"))
}

pub(super) fn prefix_inside(change: &mut Change<'_>) -> Option<Changed> {
    let other = change.dice.percent(20);
    prefixed(change, |namespace| {
        format!(
            " xmlns:px=\"{}\"",
            if other {
                "urn:example:other"
            } else {
                namespace
            }
        )
    })
}

pub(super) fn prefix_undeclared(change: &mut Change<'_>) -> Option<Changed> {
    prefixed(change, |_| String::new())
}
