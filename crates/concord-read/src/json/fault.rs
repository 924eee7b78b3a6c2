//! What is not JSON, and where.

/// A place at which reading cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct Fault {
    /// Offset of the byte that does not belong there.
    pub at: usize,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// Why bytes are not JSON (RFC 8259).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// The text ends inside a value.
    #[error("the text ends inside a value")]
    End,
    /// Something else stands where this is wanted.
    #[error("{0} is wanted here")]
    Wanted(&'static str),
    /// A control character stands inside a string (section 7).
    #[error("a control character stands inside a string: it must be written as an escape")]
    Control,
    /// A backslash is followed by what is no escape (section 7).
    #[error("what follows the backslash is no escape")]
    Escape,
    /// Half of a pair of surrogates stands alone (section 8.2).
    #[error("an escape is half of a pair of surrogates, and so no character")]
    Surrogate,
    /// A number is not written as numbers are (section 6).
    #[error("this is not how a number is written")]
    Number,
    /// Something follows the value that is the whole text.
    #[error("something follows behind the end of the value")]
    Behind,
    /// Objects and arrays are nested more deeply than the reader was told to follow.
    #[error("objects and arrays are nested too deeply")]
    Depth,
}
