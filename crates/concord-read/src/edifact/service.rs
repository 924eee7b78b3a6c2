//! The characters that separate the parts of an interchange, and the one that releases them.

use std::borrow::Cow;

use crate::hl7::Delimiters;

/// The service characters of an interchange: those of UNA, or the usual ones (ISO 9735, 6 and 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// Between components of an element: `:`.
    pub component: u8,
    /// Between elements, and behind the tag: `+`.
    pub element: u8,
    /// Decimal mark: `.`.
    pub decimal: u8,
    /// Before a character that stands for itself: `?`; none where UNA says a blank.
    pub release: Option<u8>,
    /// Behind a segment: `'`.
    pub terminator: u8,
}

/// Why a service string advice cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceProblem {
    /// It ends before it has said them.
    #[error("it ends before it says which characters separate parts: UNA and six characters")]
    Short,
    /// A letter, a digit or a blank.
    #[error("`{}` cannot separate anything", char::from(*.0).escape_default())]
    Unfit(u8),
    /// One character stands for two things.
    #[error("`{}` stands for two things", char::from(*.0).escape_default())]
    Repeated(u8),
}

impl Default for Service {
    fn default() -> Self {
        Self {
            component: b':',
            element: b'+',
            decimal: b'.',
            release: Some(b'?'),
            terminator: b'\'',
        }
    }
}

impl Service {
    /// How many bytes UNA takes.
    pub const ADVICE: usize = 9;

    /// The service characters of an input: what UNA at its beginning says, or else the usual ones.
    pub fn of(bytes: &[u8]) -> Self {
        Self::advised(bytes.trim_ascii_start()).unwrap_or_default()
    }

    /// What an advice says that stands at the beginning of some bytes.
    ///
    /// # Errors
    /// [`ServiceProblem`] when it does not say which they are, or says so that they could not be told apart.
    pub fn advised(bytes: &[u8]) -> Result<Self, ServiceProblem> {
        let said = bytes.strip_prefix(b"UNA").and_then(|said| said.get(..6));
        let Some(&[component, element, decimal, release, _, terminator]) = said else {
            return Err(ServiceProblem::Short);
        };
        let release = Some(release).filter(|release| *release != b' ');
        let separators = [Some(component), Some(element), release, Some(terminator)];
        let mut seen = Vec::with_capacity(separators.len());
        for byte in separators.into_iter().flatten() {
            if byte.is_ascii_alphanumeric() || byte == b' ' || !byte.is_ascii() || byte == 0 {
                return Err(ServiceProblem::Unfit(byte));
            }
            if seen.contains(&byte) {
                return Err(ServiceProblem::Repeated(byte));
            }
            seen.push(byte);
        }
        Ok(Self {
            component,
            element,
            decimal,
            release,
            terminator,
        })
    }

    /// The same for who splits segments: elements are fields, nothing repeats and nothing stands below a component.
    pub const fn delimiters(&self) -> Delimiters {
        Delimiters {
            field: self.element,
            component: self.component,
            // No text holds it, so that nothing is split there.
            repetition: 0,
            escape: None,
            subcomponent: None,
            truncation: None,
            release: self.release,
        }
    }

    /// Whether a byte must be released to stand for itself.
    pub fn separates(&self, byte: u8) -> bool {
        [self.component, self.element, self.terminator].contains(&byte)
            || Some(byte) == self.release
    }
}

/// The text that stands for itself: release characters taken off.
pub fn unreleased(text: &[u8], release: u8) -> Cow<'_, [u8]> {
    if memchr::memchr(release, text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        // One at the very end releases nothing.
        let meant = if *byte == release {
            bytes.next().unwrap_or(byte)
        } else {
            byte
        };
        out.push(*meant);
    }
    Cow::Owned(out)
}

/// Text with release characters before what would separate.
pub fn released<'t>(text: &'t str, service: &Service) -> Cow<'t, str> {
    let Some(release) = service.release else {
        return Cow::Borrowed(text);
    };
    let separates =
        |character: char| u8::try_from(character).is_ok_and(|byte| service.separates(byte));
    if !text.contains(separates) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if separates(character) {
            out.push(char::from(release));
        }
        out.push(character);
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn they_are_what_the_advice_says() {
        assert_eq!(Service::of(b"UNA:+.? '\nUNB+"), Service::default());
        assert_eq!(Service::of(b"UNB+UNOA:2"), Service::default());
        let own = Service::advised(b"UNA#*,!  UNB").err();
        assert_eq!(own, Some(ServiceProblem::Unfit(b' ')));
        let own = Service::advised(b"UNA#*,  ~UNB").expect("its own");
        assert_eq!(
            (own.component, own.element, own.decimal),
            (b'#', b'*', b',')
        );
        assert_eq!((own.release, own.terminator), (None, b'~'));
        assert_eq!(Service::advised(b"UNA:+.?"), Err(ServiceProblem::Short));
        assert_eq!(
            Service::advised(b"UNA++.? '"),
            Err(ServiceProblem::Repeated(b'+'))
        );
        assert_eq!(
            Service::advised(b"UNAAA.? '"),
            Err(ServiceProblem::Unfit(b'A'))
        );
        let line = Service::advised(b"UNA:+.? \n").expect("segments in lines");
        assert_eq!(line.terminator, b'\n');
    }

    #[test]
    fn release_characters_come_off() {
        let text =
            |text: &'static str| String::from_utf8(unreleased(text.as_bytes(), b'?').into_owned());
        assert_eq!(text("ST JAMES?'S").as_deref(), Ok("ST JAMES'S"));
        assert_eq!(text("?'?+?:??").as_deref(), Ok("'+:?"));
        assert_eq!(text("a?").as_deref(), Ok("a?"));
    }

    proptest! {
        #[test]
        fn what_was_released_is_given_back(text in ".*") {
            let service = Service::default();
            let written = released(&text, &service).into_owned();
            let back = unreleased(written.as_bytes(), b'?').into_owned();
            prop_assert_eq!(back, text.into_bytes());
        }
    }
}
