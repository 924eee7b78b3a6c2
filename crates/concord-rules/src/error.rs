//! What is wrong with a rule.

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

/// What is wrong inside one text, before it is known whose text it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) span: Option<(usize, usize)>,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Problem {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            span: None,
            message: message.into(),
            help: None,
        }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says where, unless something closer already did.
    pub(crate) fn at(mut self, span: (usize, usize)) -> Self {
        self.span.get_or_insert(span);
        self
    }
}
