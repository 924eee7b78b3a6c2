//! XML Schema regular expressions: part 2, appendix F.
//!
//! They are parsed here, because their grammar is not that of any other engine (`^` and `$` are ordinary characters,
//! classes are subtracted, `\i` and `\c` are name characters), and handed to the `regex` crate, whose running time is linear
//! in the text. Short patterns over ASCII text run on a table of states instead, which needs one look-up a byte. Most
//! patterns of a standard meet no value in a run that is not decided more simply, so both are made when first needed.

mod ascii;
mod blocks;
mod class;
mod error;
mod parse;
mod translate;
mod weight;

use std::sync::{Arc, OnceLock};

use regex::{Regex, RegexBuilder};

pub use error::PatternError;

/// Greatest size of a compiled expression, in bytes.
const GREATEST_SIZE: usize = 4 << 20;

/// One or more regular expressions, of which one must match the whole text.
#[derive(Debug, Clone)]
pub struct Pattern {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    expression: parse::Node,
    /// The first choice, for text that is ASCII.
    ascii: OnceLock<Option<ascii::Table>>,
    regex: OnceLock<Regex>,
}

impl Pattern {
    /// Reads alternatives.
    ///
    /// # Errors
    /// [`PatternError`] when one of them is not an XML Schema regular expression, or they are too large to run safely.
    pub fn compile(alternatives: &[&str]) -> Result<Self, PatternError> {
        let parsed = alternatives
            .iter()
            .map(|pattern| parse::parse(pattern))
            .collect::<Result<Vec<_>, _>>()?;
        let expression = parse::Node::Alternation(parsed);
        let regex = if weight::is_small(&expression) {
            OnceLock::new()
        } else {
            OnceLock::from(engine(&expression)?)
        };
        Ok(Self {
            inner: Arc::new(Inner {
                expression,
                ascii: OnceLock::new(),
                regex,
            }),
        })
    }

    /// Whether one of the alternatives matches all of `text`.
    pub fn matches(&self, text: &str) -> bool {
        self.table()
            .and_then(|table| table.matches(text.as_bytes()))
            .unwrap_or_else(|| self.regex().is_match(text))
    }

    /// The same expression in the syntax of the `regex` crate, anchored at both ends of the text.
    pub fn expression(&self) -> String {
        translate::translate(&self.inner.expression)
    }

    fn table(&self) -> Option<&ascii::Table> {
        let make = || ascii::Table::build(&self.inner.expression);
        self.inner.ascii.get_or_init(make).as_ref()
    }

    fn regex(&self) -> &Regex {
        self.inner.regex.get_or_init(|| {
            engine(&self.inner.expression).expect("a small expression that was parsed compiles")
        })
    }
}

fn engine(expression: &parse::Node) -> Result<Regex, PatternError> {
    RegexBuilder::new(&translate::translate(expression))
        .size_limit(GREATEST_SIZE)
        .dfa_size_limit(GREATEST_SIZE)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(limit) => PatternError::TooLarge { limit },
            other => PatternError::Engine {
                message: other.to_string(),
            },
        })
}

#[cfg(test)]
mod tests;
