//! The values of `block` and `final`.

use super::names::is_white;
use crate::schema::DerivationSet;

/// Derivations that a type or element does not allow (`final`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "a set of four words, as XSD writes it"
)]
pub(super) struct Finals {
    pub(super) extension: bool,
    pub(super) restriction: bool,
    pub(super) list: bool,
    pub(super) union: bool,
}

/// Reads `final` or `finalDefault`; `None` when it is absent.
pub(super) fn finals(value: Option<&str>) -> Option<Finals> {
    value.map(|value| Finals {
        extension: says(value, "extension"),
        restriction: says(value, "restriction"),
        list: says(value, "list"),
        union: says(value, "union"),
    })
}

/// Reads `block` or `blockDefault`; `None` when it is absent.
pub(super) fn blocks(value: Option<&str>) -> Option<DerivationSet> {
    value.map(|value| DerivationSet {
        extension: says(value, "extension"),
        restriction: says(value, "restriction"),
        substitution: says(value, "substitution"),
    })
}

fn says(value: &str, word: &str) -> bool {
    value
        .split(is_white)
        .any(|written| written == word || written == "#all")
}
