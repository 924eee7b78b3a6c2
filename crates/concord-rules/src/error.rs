//! What is wrong with a rule.

pub(crate) use concord_check::wanted::Problem;
use concord_finding::RuleId;
use concord_standards::schema::Origin;

/// A rule that cannot be compiled, with the place in its SQL text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rule {rule}: {message}")]
pub struct RuleError {
    /// The rule.
    pub rule: RuleId,
    /// Where the text that `span` refers to begins: the check for SQL, else the rule itself.
    pub origin: Origin,
    /// Start and length in bytes of the wrong part of the text; `None` when the rule as a whole is meant.
    pub span: Option<(usize, usize)>,
    /// The text that `span` refers to: a SQL expression or a reference.
    pub text: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}
