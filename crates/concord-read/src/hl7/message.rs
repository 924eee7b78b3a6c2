//! One message, with its places by name: for those who look at a few of them, and for tests.

use super::segments::is_called;
use super::{DelimiterProblem, Delimiters, Segment, Segments, Span, parts, split};

/// A message that has been taken apart into segments.
#[derive(Debug, Clone)]
pub struct Message<'b> {
    bytes: &'b [u8],
    /// Its delimiters.
    pub delimiters: Delimiters,
    /// Its segments, the header first.
    pub segments: Vec<Segment>,
}

impl<'b> Message<'b> {
    /// Reads the first message of some bytes, which ends where another one begins.
    ///
    /// # Errors
    /// [`DelimiterProblem`] when there is no header, or its delimiters cannot be read.
    pub fn read(bytes: &'b [u8]) -> Result<Self, DelimiterProblem> {
        let mut segments = Segments::new(bytes, 0)
            .skip_while(|segment| !is_called(segment.span.of(bytes), *b"MSH"))
            .peekable();
        let first = segments.peek().ok_or(DelimiterProblem::Short)?;
        let delimiters = Delimiters::of(first.span.of(bytes))?;
        let mut found = Vec::new();
        for segment in segments {
            if !found.is_empty() && is_called(segment.span.of(bytes), *b"MSH") {
                break;
            }
            found.push(segment);
        }
        Ok(Self {
            bytes,
            delimiters,
            segments: found,
        })
    }

    /// The fields of a segment, the first one first. Of a header the first field is what separates the others.
    pub fn fields(&self, segment: &Segment) -> Vec<Span> {
        let span = segment.span;
        let header = [*b"MSH", *b"FHS", *b"BHS"]
            .into_iter()
            .any(|name| is_called(span.of(self.bytes), name));
        let mut fields: Vec<Span> = parts(self.bytes, span, self.delimiters.field)
            .skip(1)
            .collect();
        if header {
            let start = span.start + 3;
            let first = Span {
                start,
                end: start + 1,
            };
            fields.insert(0, first);
        }
        fields
    }

    /// The text of a component (from 1) of a repetition (from 0) of a field (from 1) of the first segment of a name, as it is
    /// written; `None` when nothing stands there.
    pub fn text(
        &self,
        segment: &str,
        field: usize,
        repetition: usize,
        component: usize,
    ) -> Option<&'b [u8]> {
        let name: [u8; 3] = segment.as_bytes().try_into().ok()?;
        let mut segments = self.segments.iter();
        let found = segments.find(|found| is_called(found.span.of(self.bytes), name))?;
        let field = *self.fields(found).get(field.checked_sub(1)?)?;
        let repetition = parts(self.bytes, field, self.delimiters.repetition).nth(repetition)?;
        let component = parts(self.bytes, repetition, self.delimiters.component)
            .nth(component.checked_sub(1)?)?;
        Some(component.of(self.bytes)).filter(|text| !text.is_empty())
    }

    /// The message put together again from its parts: the same bytes, frames and blank lines left out.
    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for segment in &self.segments {
            self.write_segment(segment, &mut out);
            out.extend_from_slice(match segment.ending {
                super::Ending::Return => b"\r",
                super::Ending::Feed => b"\n",
                super::Ending::Both => b"\r\n",
                super::Ending::Nothing => b"",
            });
        }
        out
    }

    fn write_segment(&self, segment: &Segment, out: &mut Vec<u8>) {
        let Delimiters {
            field,
            component,
            repetition,
            subcomponent,
            ..
        } = self.delimiters;
        let header = is_called(segment.span.of(self.bytes), *b"MSH");
        for (number, part) in parts(self.bytes, segment.span, field).enumerate() {
            if number > 0 {
                out.push(field);
            }
            if number < 2 && header {
                out.extend_from_slice(part.of(self.bytes));
                continue;
            }
            joined(
                out,
                parts(self.bytes, part, repetition),
                repetition,
                |out, span| {
                    joined(
                        out,
                        parts(self.bytes, span, component),
                        component,
                        |out, span| {
                            let between = subcomponent.unwrap_or_default();
                            let inner = split(self.bytes, span, subcomponent);
                            joined(out, inner, between, |out, span| {
                                out.extend_from_slice(span.of(self.bytes));
                            });
                        },
                    );
                },
            );
        }
    }
}

/// Writes parts with a delimiter between them.
fn joined(
    out: &mut Vec<u8>,
    parts: impl Iterator<Item = Span>,
    delimiter: u8,
    mut write: impl FnMut(&mut Vec<u8>, Span),
) {
    for (number, part) in parts.enumerate() {
        if number > 0 {
            out.push(delimiter);
        }
        write(out, part);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn places_are_found_by_name() {
        let bytes = b"junk\r\nMSH#*!%+#A*B#C!D*E\rPID##x+y\rMSH|^~\\&|Z\r";
        let message = Message::read(bytes).expect("it has a header");
        assert_eq!(message.segments.len(), 2);
        assert_eq!(message.text("MSH", 1, 0, 1), Some(&b"#"[..]));
        assert_eq!(message.text("MSH", 3, 0, 2), Some(&b"B"[..]));
        assert_eq!(message.text("MSH", 4, 1, 2), Some(&b"E"[..]));
        assert_eq!(message.text("PID", 2, 0, 1), Some(&b"x+y"[..]));
        assert_eq!(message.text("PID", 1, 0, 1), None);
        assert_eq!(message.text("PV1", 1, 0, 1), None);
        assert!(Message::read(b"PID|1").is_err());
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_again(
            text in "MSH(\\|\\^~\\\\&|#\\*!%\\+)[A-Z|^~&#*!+\\\\\"é]{0,80}([\r\n]{1,2}[A-Z]{3}[a-z|^~&#*!+\\\\\"é]{0,80}){0,8}[\r\n]{0,1}"
        ) {
            if let Ok(message) = Message::read(text.as_bytes()) {
                let written = message.write();
                // Blank lines hold nothing, and so are left out.
                let blank = |text: &[u8]| -> Vec<u8> {
                    Segments::new(text, 0)
                        .flat_map(|segment| [segment.span.of(text), b"\r"].concat())
                        .collect()
                };
                prop_assert_eq!(blank(&written), blank(text.as_bytes()));
                let again = Message::read(&written).expect("it was read before");
                prop_assert_eq!(again.write(), written);
            }
        }

        #[test]
        fn any_bytes_are_taken(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0_usize..40) {
            let mut whole = b"MSH|^~\\&|A\rPID|1~2^3&4\r".to_vec();
            whole.truncate(cut);
            whole.extend(bytes);
            if let Ok(message) = Message::read(&whole) {
                let _ = message.write();
                for segment in &message.segments {
                    let _ = message.fields(segment);
                }
            }
            let _ = super::super::escape::problem(&whole, &Delimiters::default());
        }
    }
}
