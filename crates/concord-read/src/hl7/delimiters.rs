//! The characters that separate the parts of a message, as it says them itself.

use super::{NULL, Parts, Span, parts, split};

/// The characters of MSH-1 and MSH-2, which FHS and BHS have as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiters {
    /// Between fields, MSH-1.
    pub field: u8,
    /// Between components.
    pub component: u8,
    /// Between repetitions of a field.
    pub repetition: u8,
    /// Around escape sequences; none where MSH-2 ends before it.
    pub escape: Option<u8>,
    /// Between subcomponents; none where MSH-2 ends before it.
    pub subcomponent: Option<u8>,
    /// Behind a value that was cut off (since version 2.7).
    pub truncation: Option<u8>,
    /// Before a delimiter that stands for itself: the release character of EDIFACT, which HL7 v2 does not have.
    pub release: Option<u8>,
}

/// Why the delimiters of a header cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DelimiterProblem {
    /// The segment ends before it has said them.
    #[error("it ends before it says which characters separate its parts")]
    Short,
    /// A letter, a digit, a blank or a control character.
    #[error("`{}` cannot separate anything", char::from(*.0))]
    Unfit(u8),
    /// One character stands for two things.
    #[error("`{}` stands for two things", char::from(*.0))]
    Repeated(u8),
    /// More characters than there are things to separate.
    #[error("MSH-2 has {0} characters; there are four, and five since version 2.7")]
    Long(usize),
}

impl Default for Delimiters {
    /// `|^~\&`, which nearly all messages have.
    fn default() -> Self {
        Self {
            field: b'|',
            component: b'^',
            repetition: b'~',
            escape: Some(b'\\'),
            subcomponent: Some(b'&'),
            truncation: None,
            release: None,
        }
    }
}

impl Delimiters {
    /// The delimiters of a header segment (MSH, FHS or BHS).
    ///
    /// # Errors
    /// [`DelimiterProblem`] when it does not say which they are, or says so that they could not be told apart.
    pub fn of(segment: &[u8]) -> Result<Self, DelimiterProblem> {
        let usual = Self::default();
        let rest = segment.get(3..).ok_or(DelimiterProblem::Short)?;
        if rest.starts_with(b"|^~\\&|") {
            return Ok(usual);
        }
        let (&field, rest) = rest.split_first().ok_or(DelimiterProblem::Short)?;
        let end = memchr::memchr(field, rest).unwrap_or(rest.len());
        let said = &rest[..end];
        if said.len() > 5 {
            return Err(DelimiterProblem::Long(said.len()));
        }
        let [component, repetition, further @ ..] = said else {
            return Err(DelimiterProblem::Short);
        };
        let mut seen = vec![field];
        for byte in std::iter::once(&field).chain(said) {
            if !byte.is_ascii_punctuation() {
                return Err(DelimiterProblem::Unfit(*byte));
            }
        }
        for byte in said {
            if seen.contains(byte) {
                return Err(DelimiterProblem::Repeated(*byte));
            }
            seen.push(*byte);
        }
        Ok(Self {
            field,
            component: *component,
            repetition: *repetition,
            escape: further.first().copied(),
            subcomponent: further.get(1).copied(),
            truncation: further.get(2).copied(),
            release: None,
        })
    }

    /// The parts of a span between one of these delimiters.
    #[inline]
    pub fn parts<'b>(&self, bytes: &'b [u8], span: Span, delimiter: u8) -> Parts<'b> {
        parts(bytes, span, delimiter).releasing(self.release)
    }

    /// The parts of a span between one of these delimiters, or all of it where there is no such delimiter.
    #[inline]
    pub fn split<'b>(&self, bytes: &'b [u8], span: Span, delimiter: Option<u8>) -> Parts<'b> {
        split(bytes, span, delimiter).releasing(self.release)
    }

    /// Whether a value says that what is known is to be deleted, which only HL7 v2 can say.
    #[inline]
    pub fn deletes(&self, value: &[u8]) -> bool {
        value == NULL && self.release.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_what_the_header_says() {
        let of = |text: &str| Delimiters::of(text.as_bytes());
        assert_eq!(of("MSH|^~\\&|A"), Ok(Delimiters::default()));
        assert_eq!(of("MSH|^~\\&"), Ok(Delimiters::default()));
        let custom = of("MSH#*!%+$#A").expect("five of its own");
        assert_eq!((custom.field, custom.component), (b'#', b'*'));
        assert_eq!((custom.repetition, custom.escape), (b'!', Some(b'%')));
        assert_eq!(custom.subcomponent, Some(b'+'));
        assert_eq!(custom.truncation, Some(b'$'));
        let short = of("BHS|^~|A").expect("an old system sends no more");
        assert_eq!((short.escape, short.subcomponent), (None, None));
        assert_eq!(of("MSH"), Err(DelimiterProblem::Short));
        assert_eq!(of("MSH|"), Err(DelimiterProblem::Short));
        assert_eq!(of("MSH||x"), Err(DelimiterProblem::Short));
        assert_eq!(of("MSH|^^\\&|"), Err(DelimiterProblem::Repeated(b'^')));
        assert_eq!(of("MSH|^a\\&|"), Err(DelimiterProblem::Unfit(b'a')));
        assert_eq!(of("MSHA^~"), Err(DelimiterProblem::Unfit(b'A')));
        assert_eq!(of("MSH|^~\\&#!|"), Err(DelimiterProblem::Long(6)));
    }
}
