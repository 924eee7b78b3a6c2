//! A finite set of texts as an automaton.

use std::collections::BTreeMap;

use super::{Classes, DEAD, Machine, Made, State, Verdict};

/// The tree of the prefixes of some texts.
pub(super) struct Trie {
    nodes: Vec<Node>,
    without_case: bool,
}

#[derive(Default)]
struct Node {
    next: BTreeMap<u8, State>,
    ends: bool,
}

impl Trie {
    pub(super) fn new(texts: &[String]) -> Self {
        // The dead state and the empty text.
        let mut nodes = vec![Node::default(), Node::default()];
        for text in texts {
            let mut at = 1;
            for byte in text.bytes() {
                let known = nodes[at].next.get(&byte).copied();
                at = if let Some(state) = known {
                    state as usize
                } else {
                    let state = nodes.len();
                    nodes[at].next.insert(byte, state as State);
                    nodes.push(Node::default());
                    state
                };
            }
            nodes[at].ends = true;
        }
        Self {
            nodes,
            without_case: false,
        }
    }

    /// Takes texts in upper or lower case; `texts` are in upper case.
    pub(super) fn without_case(texts: &[String]) -> Self {
        Self {
            without_case: true,
            ..Self::new(texts)
        }
    }

    fn folded(&self, byte: u8) -> u8 {
        if self.without_case {
            byte.to_ascii_uppercase()
        } else {
            byte
        }
    }
}

impl Machine for Trie {
    fn start(&mut self) -> Made<State> {
        Ok(1)
    }

    fn step(&mut self, state: State, byte: u8) -> Made<State> {
        let byte = self.folded(byte);
        let next = self.nodes[state as usize].next.get(&byte);
        Ok(next.copied().unwrap_or(DEAD))
    }

    fn verdict(&mut self, state: State) -> Made<Verdict> {
        Ok(Verdict::of(self.nodes[state as usize].ends))
    }

    fn distinguish(&self, classes: &mut Classes) {
        let mut used = [false; 256];
        for node in &self.nodes {
            for byte in node.next.keys() {
                used[usize::from(*byte)] = true;
            }
        }
        classes.split(|byte| {
            let byte = self.folded(byte);
            used[usize::from(byte)].then_some(byte)
        });
    }
}
