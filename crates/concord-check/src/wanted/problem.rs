//! What is wrong with a reference to values.

/// What is wrong inside one text, before it is known whose text it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Start and length in bytes of the wrong part of the text; `None` when the text as a whole is meant.
    pub span: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// A problem of the text as a whole.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            span: None,
            message: message.into(),
            help: None,
        }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says where, unless something closer already did.
    #[must_use]
    pub fn at(mut self, span: (usize, usize)) -> Self {
        self.span.get_or_insert(span);
        self
    }
}
