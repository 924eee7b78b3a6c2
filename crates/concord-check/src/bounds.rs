//! A finding stays short, however long the names and values that it is about.

use std::sync::Arc;

use concord_finding::{Fact, Finding};

/// Most characters of a name, value or path in a finding.
const MOST: usize = 1000;

/// Cuts off what is too long to be shown.
pub(crate) fn bound(finding: &mut Finding) {
    for fact in finding.value.iter_mut().chain(&mut finding.expected) {
        bound_fact(fact);
    }
    for (_, fact) in &mut finding.facts {
        bound_fact(fact);
    }
    if let Some(path) = &mut finding.path
        && let Some(cut) = cut(path)
    {
        *path = Arc::from(cut);
    }
}

pub(crate) fn bound_fact(fact: &mut Fact) {
    if let Fact::Plain(text) | Fact::Personal(text) = fact
        && let Some(cut) = cut(text)
    {
        *text = cut;
    }
}

/// The beginning of a text that is too long.
fn cut(text: &str) -> Option<String> {
    if text.len() <= MOST {
        return None;
    }
    let (end, _) = text.char_indices().nth(MOST)?;
    Some(format!("{}…", &text[..end]))
}
