//! What a `$ref` leads to inside the same text.

use std::collections::BTreeMap;

use super::tree::{Json, Node};

/// Places of a schema by the names that lead to them.
pub(super) struct Places<'t> {
    root: &'t Node<'t>,
    /// The schema's own name (`$id`, or `id` of draft 4), without a fragment.
    own: Option<&'t str>,
    /// `$anchor`, and `$id` that is only a fragment (drafts 4 to 7).
    anchors: BTreeMap<&'t str, &'t Node<'t>>,
    /// Parts that have a whole name of their own.
    named: BTreeMap<&'t str, &'t Node<'t>>,
}

/// Where a `$ref` leads.
pub(super) enum Target<'t> {
    /// Here, and by this name when it has one: the last part of the pointer.
    Here(&'t Node<'t>, Option<String>),
    /// Another text.
    Elsewhere,
    /// Nowhere.
    Nowhere,
}

impl<'t> Places<'t> {
    pub(super) fn new(root: &'t Node<'t>) -> Self {
        let id = |node: &'t Node<'t>| {
            ["$id", "id"]
                .iter()
                .find_map(|key| node.get(key))
                .and_then(Node::text)
        };
        let mut places = Self {
            root,
            own: id(root).map(|id| id.trim_end_matches('#')),
            anchors: BTreeMap::new(),
            named: BTreeMap::new(),
        };
        let mut left = vec![root];
        while let Some(node) = left.pop() {
            if let Some(anchor) = node.get("$anchor").and_then(Node::text) {
                places.anchors.insert(anchor, node);
            }
            if let Some(anchor) = id(node).and_then(|id| id.strip_prefix('#')) {
                places.anchors.insert(anchor, node);
            } else if let (Some(name), false) = (id(node), std::ptr::eq(node, root)) {
                places.named.insert(name, node);
            }
            left.extend(node.items());
            left.extend(node.members().iter().map(|member| &member.value));
        }
        places
    }

    /// Where `reference` leads.
    pub(super) fn find(&self, reference: &str) -> Target<'t> {
        let (base, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let base = if base.is_empty() || Some(base) == self.own {
            self.root
        } else if let Some(named) = self.named.get(base) {
            named
        } else {
            return Target::Elsewhere;
        };
        if fragment.is_empty() {
            return Target::Here(base, None);
        }
        let Some(pointer) = fragment.strip_prefix('/') else {
            return match self.anchors.get(fragment) {
                Some(node) => Target::Here(node, Some(fragment.to_owned())),
                None => Target::Nowhere,
            };
        };
        let mut node = base;
        let mut name = String::new();
        for part in pointer.split('/') {
            let part = unescaped(part);
            let next = match &node.value {
                Json::Object(_) => node.get(&part),
                Json::List(items) => part.parse().ok().and_then(|at: usize| items.get(at)),
                _ => None,
            };
            let Some(next) = next else {
                return Target::Nowhere;
            };
            (node, name) = (next, part);
        }
        Target::Here(node, Some(name))
    }
}

/// A part of a JSON Pointer in a fragment: RFC 6901, sections 3 and 6.
fn unescaped(part: &str) -> String {
    let bytes = part.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| part.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    let decoded = String::from_utf8(decoded).unwrap_or_else(|_| part.to_owned());
    decoded.replace("~1", "/").replace("~0", "~")
}
