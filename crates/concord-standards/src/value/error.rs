//! Definitions of simple types that make no sense, or that are not supported.

use std::sync::Arc;

use crate::schema::{Builtin, Origin, SimpleTypeId};

use super::fault::ValueFault;
use super::pattern::PatternError;

/// A simple type that cannot be compiled.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}{kind}", describe(.type_name.as_deref()))]
pub struct ValueError {
    /// Where the type is defined.
    pub origin: Origin,
    /// The type's local name; `None` when it is anonymous.
    pub type_name: Option<Arc<str>>,
    /// What is wrong.
    pub kind: Box<ValueErrorKind>,
}

fn describe(type_name: Option<&str>) -> String {
    type_name.map_or_else(String::new, |name| format!("type `{name}`: "))
}

/// What is wrong with a simple type.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueErrorKind {
    /// A built-in type whose values this crate does not check: half of its meaning (uniqueness, references,
    /// declarations elsewhere in the document) would be missing.
    #[error("the built-in type `xs:{}` is not supported", .builtin.name())]
    Unsupported {
        /// The built-in type.
        builtin: Builtin,
    },
    /// A facet that needs something this crate does not have, such as the namespaces in scope of an enumerated `QName`.
    #[error("`{facet}` on `{base}` is not supported")]
    UnsupportedFacet {
        /// Name of the facet.
        facet: &'static str,
        /// Name of the built-in type, or `list` or `union`.
        base: &'static str,
    },
    /// A pattern that is not an XML Schema regular expression, or too large a one.
    #[error("pattern `{pattern}`: {reason}")]
    Pattern {
        /// The pattern as written.
        pattern: Arc<str>,
        /// What is wrong with it.
        reason: PatternError,
    },
    /// A facet that the type does not have (part 2, section 4.1.5).
    #[error("`{facet}` does not apply to `{base}`")]
    NotApplicable {
        /// Name of the facet.
        facet: &'static str,
        /// Name of the built-in type, or `list` or `union`.
        base: &'static str,
    },
    /// A bound or an enumerated value that is not a value of the type that is restricted.
    #[error(
        "`{facet}` says `{literal}`, which is not a value of the type that it restricts ({fault})"
    )]
    NotAValue {
        /// Name of the facet.
        facet: &'static str,
        /// The value as written.
        literal: Arc<str>,
        /// Why it is not one.
        fault: ValueFault,
    },
    /// Two facets that nothing, or nothing sensible, can satisfy together.
    #[error("`{first}` and `{second}` contradict each other")]
    Contradiction {
        /// Name of one facet.
        first: &'static str,
        /// Name of the other.
        second: &'static str,
    },
    /// A facet that allows more than the type that is restricted.
    #[error("`{facet}` allows more than the type that it restricts")]
    Loosened {
        /// Name of the facet.
        facet: &'static str,
    },
    /// Lists of unions of lists …, nested more deeply than any real type, or without end.
    #[error("the type is nested too deeply, or contains itself")]
    TooDeep,
    /// A list whose items are lists.
    #[error("the items of a list must not be lists")]
    ListOfLists,
    /// An id that the schema does not hold.
    #[error("there is no simple type number {}", .id.0)]
    UnknownType {
        /// The id.
        id: SimpleTypeId,
    },
}
