//! To the syntax of the `regex` crate.

use std::fmt::Write as _;

use super::super::name_characters::{NAME, NAME_START};
use super::class::{Class, Item, Set};
use super::parse::Node;

/// The expression in the `regex` crate's syntax, anchored at both ends.
pub(super) fn translate(node: &Node) -> String {
    let mut text = String::from(r"\A");
    write_node(&mut text, node);
    text.push_str(r"\z");
    text
}

fn write_node(text: &mut String, node: &Node) {
    match node {
        Node::Class(class) => write_class(text, class),
        Node::Concatenation(nodes) => {
            text.push_str("(?:");
            for node in nodes {
                write_node(text, node);
            }
            text.push(')');
        }
        Node::Alternation(nodes) => {
            text.push_str("(?:");
            for (index, node) in nodes.iter().enumerate() {
                if index > 0 {
                    text.push('|');
                }
                write_node(text, node);
            }
            text.push(')');
        }
        Node::Repetition { node, min, max } => {
            text.push_str("(?:");
            write_node(text, node);
            match max {
                Some(max) => add(text, format_args!("){{{min},{max}}}")),
                None => add(text, format_args!("){{{min},}}")),
            }
        }
    }
}

fn write_class(text: &mut String, class: &Class) {
    text.push('[');
    text.push_str(if class.negated { "[^" } else { "[" });
    for item in &class.items {
        write_item(text, item);
    }
    text.push(']');
    if let Some(minus) = &class.minus {
        text.push_str("--");
        write_class(text, minus);
    }
    text.push(']');
}

fn write_item(text: &mut String, item: &Item) {
    text.push_str(if item.negated { "[^" } else { "[" });
    match &item.set {
        Set::Range(first, last) => write_range(text, u32::from(*first), u32::from(*last)),
        Set::Category(name) => add(text, format_args!("\\p{{{name}}}")),
        Set::Space => text.push_str(r"\t\n\r\x20"),
        Set::NameStart => write_table(text, &NAME_START),
        Set::NameCharacter => write_table(text, &NAME),
        Set::Digit => text.push_str(r"\p{Nd}"),
        Set::Word => text.push_str(r"[^\p{P}\p{Z}\p{C}]"),
    }
    text.push(']');
}

fn write_table(text: &mut String, ranges: &[(u16, u16)]) {
    for &(first, last) in ranges {
        write_range(text, first.into(), last.into());
    }
}

fn write_range(text: &mut String, first: u32, last: u32) {
    add(text, format_args!("\\x{{{first:X}}}-\\x{{{last:X}}}"));
}

fn add(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments)
        .expect("a string takes whatever is written to it");
}
