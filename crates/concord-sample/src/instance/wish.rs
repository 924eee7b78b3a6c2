//! Instances in which something particular stands.

use std::sync::Arc;

/// What an instance is to have in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Local names from the root down; `@name` at the end is an attribute.
    pub path: Vec<Arc<str>>,
    /// What is asked for there.
    pub what: Asked,
}

/// What is asked for in a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The element or attribute stands there.
    Present,
    /// It does not, though what is around it does.
    Absent,
    /// It stands there with this text, which need not be one that its type takes.
    Text(String),
    /// The element stands there with these children, by local name and in this order, whatever the structure says of them.
    Children(Vec<Arc<str>>),
}

/// What is asked for below an element: the rest of the path, and what.
pub(super) type Ask<'w> = Option<Further<'w>>;

/// The rest of a path, and what is asked for at its end.
pub(super) type Further<'w> = (&'w [Arc<str>], &'w Asked);

/// The attribute that is asked for on this element, with what is asked of it.
pub(super) fn attribute(ask: Ask<'_>) -> Option<(&str, &Asked)> {
    let ([last], what) = ask? else { return None };
    Some((last.strip_prefix('@')?, what))
}

/// The child that is asked for, with what is asked of it.
pub(super) fn child(ask: Ask<'_>) -> Option<(&str, Further<'_>)> {
    let (path, what) = ask?;
    let (first, rest) = path.split_first()?;
    (!first.starts_with('@')).then_some((&**first, (rest, what)))
}

/// What is asked of this element itself.
pub(super) fn itself(ask: Ask<'_>) -> Option<&Asked> {
    ask.filter(|(path, _)| path.is_empty())
        .map(|(_, what)| what)
}
