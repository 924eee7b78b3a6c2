//! How large an expression becomes, told before it is compiled.

use super::class::{Class, Set};
use super::parse::Node;

/// Ranges of characters, repetitions written out, up to which the `regex` crate takes far less than its limit: a range
/// takes a kilobyte at worst.
const MOST_RANGES: usize = 2000;
/// Nesting up to which it is far from that crate's limit.
const GREATEST_DEPTH: u32 = 24;

/// Whether an expression certainly compiles, so that it need not be tried.
pub(super) fn is_small(node: &Node) -> bool {
    of_node(node, GREATEST_DEPTH).is_some_and(|ranges| ranges <= MOST_RANGES)
}

/// Ranges of an expression; `None` when it is nested more deeply than `depth`.
fn of_node(node: &Node, depth: u32) -> Option<usize> {
    let depth = depth.checked_sub(1)?;
    match node {
        Node::Class(class) => of_class(class, depth),
        Node::Concatenation(nodes) | Node::Alternation(nodes) => {
            nodes.iter().try_fold(1_usize, |sum, node| {
                Some(sum.saturating_add(of_node(node, depth)?))
            })
        }
        Node::Repetition { node, min, max } => {
            let copies = max.unwrap_or(*min).max(1);
            Some(of_node(node, depth)?.saturating_mul(copies as usize))
        }
    }
}

fn of_class(class: &Class, depth: u32) -> Option<usize> {
    let depth = depth.checked_sub(1)?;
    let items = class.items.iter().map(|item| match item.set {
        Set::Range(..) => 1,
        Set::Space => 4,
        Set::Digit => 100,
        Set::NameStart | Set::NameCharacter => 350,
        Set::Category(_) | Set::Word => MOST_RANGES,
    });
    let minus = match &class.minus {
        Some(minus) => of_class(minus, depth)?,
        None => 0,
    };
    Some(items.sum::<usize>() + minus + 1)
}

#[cfg(test)]
mod tests {
    use super::super::Pattern;
    use super::super::parse::parse;
    use super::*;

    /// What takes most room for its number of ranges, up to the bound, must be matched without being refused.
    #[test]
    fn small_expressions_compile() {
        let nested = "(".repeat(3) + "(é|è)*" + &")+".repeat(3);
        for (pattern, text, small) in [
            ("[\u{80}-\u{10fffe}]{999}", "é".repeat(999), true),
            ("([à-\u{fffd}]|b){250}", "é".repeat(250), true),
            (r"\d{19}", "٣".repeat(19), true),
            (&nested, "éé".to_owned(), true),
            ("[\u{80}-\u{10fffe}]{1001}", "é".repeat(1001), false),
            (r"\w", "é".to_owned(), false),
        ] {
            let node = parse(pattern).expect("a pattern");
            assert_eq!(is_small(&node), small, "{pattern}");
            let compiled = Pattern::compile(&[pattern]).expect("a pattern");
            assert!(compiled.matches(&text), "{pattern}");
        }
    }
}
