//! Holds a file against the grammar of XSD, so that everything after it may rely on what stands where.

use std::collections::BTreeSet;

use super::error::Errors;
use super::grammar::{ElementRule, Form, NOT_SUPPORTED, rule};
use super::names::{is_ncname, is_white};
use super::tree::Node;

/// Checks a whole file: elements and attributes where they may stand, values of the right form.
pub(super) fn check(root: &Node, errors: &mut Errors) {
    let mut identifiers = BTreeSet::new();
    check_node("", root, &mut identifiers, errors);
}

// Recursion is bounded by the depth that the tree reader allows.
fn check_node<'a>(
    parent: &str,
    node: &'a Node,
    identifiers: &mut BTreeSet<&'a str>,
    errors: &mut Errors,
) {
    if NOT_SUPPORTED.contains(&&*node.name) {
        errors.at(
            &node.origin,
            format!(
                "<xs:{}> is not supported, and leaving it out could call invalid data valid: use a schema without it",
                node.name
            ),
        );
        return;
    }
    let Some(rule) = rule(parent, &node.name) else {
        errors.at(
            &node.origin,
            format!("<xs:{}> is not an element of XML Schema 1.0", node.name),
        );
        return;
    };
    check_attributes(node, rule, errors);
    if let Some(id) = node.get("id")
        && !identifiers.insert(id)
    {
        errors.at(
            &node.origin,
            format!("the id `{id}` stands twice in this file"),
        );
    }
    check_children(node, rule, errors);
    for child in &node.children {
        check_node(&node.name, child, identifiers, errors);
    }
}

fn check_attributes(node: &Node, rule: &ElementRule, errors: &mut Errors) {
    for (name, value) in node.attributes() {
        match rule.attributes.iter().find(|known| known.name == name) {
            None => errors.at(
                &node.origin,
                format!(
                    "the attribute `{name}` must not stand on this <xs:{}>",
                    node.name
                ),
            ),
            Some(known) => {
                if let Err(expected) = known.form.check(value) {
                    errors.at(
                        &node.origin,
                        format!(
                            "{name}=\"{value}\" on <xs:{}>: expected {expected}",
                            node.name
                        ),
                    );
                }
            }
        }
    }
    for known in rule.attributes.iter().filter(|known| known.required) {
        if node.raw(known.name).is_none() {
            errors.at(
                &node.origin,
                format!("<xs:{}> lacks the attribute `{}`", node.name, known.name),
            );
        }
    }
}

fn check_children(node: &Node, rule: &ElementRule, errors: &mut Errors) {
    let mut slot = 0;
    let mut filled = vec![false; rule.content.len()];
    for child in &node.children {
        if NOT_SUPPORTED.contains(&&*child.name) {
            continue; // told when the child itself is checked
        }
        let fits = (slot..rule.content.len()).find(|&index| {
            let candidate = &rule.content[index];
            candidate.names.contains(&&*child.name) && (candidate.repeats || !filled[index])
        });
        match fits {
            Some(index) => {
                filled[index] = true;
                slot = index;
            }
            None => errors.at(
                &child.origin,
                format!(
                    "<xs:{}> must not stand here in <xs:{}>",
                    child.name, node.name
                ),
            ),
        }
    }
    for (place, filled) in rule.content.iter().zip(filled) {
        if place.required && !filled {
            errors.at(
                &node.origin,
                format!(
                    "<xs:{}> must hold one of: {}",
                    node.name,
                    place.names.join(", ")
                ),
            );
        }
    }
}

impl Form {
    /// Whether a value has this form; what was expected when not.
    fn check(self, value: &str) -> Result<(), String> {
        let text = value.trim_matches(is_white);
        let (good, expected): (bool, &str) = match self {
            Self::Name => (is_ncname(text), "a name without a colon"),
            Self::QualifiedName => (is_qualified(text), "a name"),
            Self::QualifiedNames => (
                text.split(is_white)
                    .filter(|name| !name.is_empty())
                    .all(is_qualified),
                "names separated by blanks",
            ),
            Self::Boolean => (
                matches!(text, "true" | "false" | "0" | "1"),
                "true or false",
            ),
            Self::Count => (is_count(text), "a whole number from 0"),
            Self::CountOrUnbounded => (
                text == "unbounded" || is_count(text),
                "a whole number from 0, or unbounded",
            ),
            Self::ZeroOrOne => (
                is_count(text) && matches!(text.trim_start_matches(['+', '0']), "" | "1"),
                "0 or 1",
            ),
            Self::One => (
                is_count(text) && text.trim_start_matches(['+', '0']) == "1",
                "1",
            ),
            Self::Uri => (
                !text.is_empty(),
                "a namespace name (leave the attribute out for none)",
            ),
            Self::Word(words) => {
                return if words.contains(&text) {
                    Ok(())
                } else {
                    Err(words.join(" or "))
                };
            }
            Self::Words(words) => {
                let known = text
                    .split(is_white)
                    .filter(|word| !word.is_empty())
                    .all(|word| words.contains(&word));
                return if text == "#all" || known {
                    Ok(())
                } else {
                    Err(format!("#all, or any of {}", words.join(" ")))
                };
            }
            Self::Text => (true, ""),
        };
        if good {
            Ok(())
        } else {
            Err(expected.to_owned())
        }
    }
}

fn is_qualified(text: &str) -> bool {
    match text.split_once(':') {
        Some((prefix, local)) => is_ncname(prefix) && is_ncname(local),
        None => is_ncname(text),
    }
}

/// `xs:nonNegativeInteger` as people write it.
fn is_count(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}
