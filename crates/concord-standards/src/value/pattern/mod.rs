//! XML Schema regular expressions: part 2, appendix F.
//!
//! They are parsed here, because their grammar is not that of any other engine (`^` and `$` are ordinary characters,
//! classes are subtracted, `\i` and `\c` are name characters), and handed to the `regex` crate, whose running time is linear
//! in the text. Short patterns over ASCII text run on a table of states instead, which needs one look-up a byte.

mod ascii;
mod blocks;
mod class;
mod error;
mod parse;
mod translate;

use regex::{Regex, RegexBuilder};

pub use error::PatternError;

/// Greatest size of a compiled expression, in bytes.
const GREATEST_SIZE: usize = 4 << 20;

/// One or more compiled regular expressions, of which one must match the whole text.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// The first choice, for text that is ASCII.
    ascii: Option<ascii::Table>,
    regex: Regex,
}

impl Pattern {
    /// Compiles alternatives.
    ///
    /// # Errors
    /// [`PatternError`] when one of them is not an XML Schema regular expression, or they are too large to run safely.
    pub fn compile(alternatives: &[&str]) -> Result<Self, PatternError> {
        let parsed = alternatives
            .iter()
            .map(|pattern| parse::parse(pattern))
            .collect::<Result<Vec<_>, _>>()?;
        let expression = parse::Node::Alternation(parsed);
        let regex = RegexBuilder::new(&translate::translate(&expression))
            .size_limit(GREATEST_SIZE)
            .dfa_size_limit(GREATEST_SIZE)
            .build()
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(limit) => PatternError::TooLarge { limit },
                other => PatternError::Engine {
                    message: other.to_string(),
                },
            })?;
        Ok(Self {
            ascii: ascii::Table::build(&expression),
            regex,
        })
    }

    /// Whether one of the alternatives matches all of `text`.
    pub fn matches(&self, text: &str) -> bool {
        match &self.ascii {
            Some(table) => table
                .matches(text.as_bytes())
                .unwrap_or_else(|| self.regex.is_match(text)),
            None => self.regex.is_match(text),
        }
    }
}

#[cfg(test)]
mod tests;
