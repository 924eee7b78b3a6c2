//! What is wrong with a regular expression.

/// A pattern that cannot be compiled. Positions count characters from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// The pattern ends inside a group, class, quantifier or escape.
    #[error("it ends too early")]
    UnexpectedEnd,
    /// A character that means something elsewhere stands where it means nothing, without a `\` before it.
    #[error("`{character}` at position {position} must be written `\\{character}`")]
    Unescaped {
        /// The character.
        character: char,
        /// Where it stands.
        position: usize,
    },
    /// An escape that XML Schema does not have.
    #[error("`\\{character}` at position {position} means nothing in XML Schema")]
    UnknownEscape {
        /// The character after the `\`.
        character: char,
        /// Where it stands.
        position: usize,
    },
    /// A category or block of Unicode that XML Schema does not name.
    #[error("`{name}` is not a category or block of Unicode that XML Schema names")]
    UnknownProperty {
        /// The name between the braces.
        name: String,
    },
    /// A class without members, or a class that does not end where it must.
    #[error("the character class at position {position} is not well formed")]
    BadClass {
        /// Where it begins or goes wrong.
        position: usize,
    },
    /// A range whose end comes before its start.
    #[error("the range {first}-{last} runs backwards")]
    BackwardRange {
        /// First character.
        first: char,
        /// Last character.
        last: char,
    },
    /// A quantifier that is not `{n}`, `{n,}` or `{n,m}` with `n` at most `m`, or whose numbers are too large.
    #[error("the quantifier at position {position} is not one")]
    BadQuantifier {
        /// Where it begins.
        position: usize,
    },
    /// Groups or classes inside each other more deeply than any real pattern.
    #[error("groups or classes are nested too deeply")]
    TooDeep,
    /// The compiled expression would need more memory than is allowed.
    #[error("it would take more than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The engine refuses what the translation made of it.
    #[error("{message}")]
    Engine {
        /// The engine's message.
        message: String,
    },
}
