//! Places as HL7 names them, and those of EDIFACT alike: segment, field, repetition, component, subcomponent.

use std::collections::BTreeMap;
use std::fmt;

use concord_read::hl7::{Delimiters, Span};

use super::carrier::Carrier;

/// A place in a message. A number is 0 where that part of the place says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Located {
    /// The segment's name.
    pub(crate) segment: String,
    /// Which of the segments of this name, from 1.
    pub(crate) occurrence: usize,
    pub(crate) field: usize,
    pub(crate) repetition: usize,
    pub(crate) component: usize,
    pub(crate) subcomponent: usize,
    /// Where the segment stands.
    pub(crate) span: Span,
}

/// `PID-3[2].1`; the second `NK1` of a message is `NK1[2]`.
impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.segment)?;
        if self.occurrence > 1 {
            write!(f, "[{}]", self.occurrence)?;
        }
        if self.field == 0 {
            return Ok(());
        }
        write!(f, "-{}", self.field)?;
        if self.repetition > 1 {
            write!(f, "[{}]", self.repetition)?;
        }
        for part in [self.component, self.subcomponent] {
            if part == 0 {
                break;
            }
            write!(f, ".{part}")?;
        }
        Ok(())
    }
}

/// What a segment is called.
pub(crate) type Named<'n> = dyn for<'s> Fn(&'s [u8], &Delimiters) -> &'s [u8] + 'n;

/// The segments of a message, for those who look for several places in it.
#[derive(Debug, Default)]
pub(crate) struct Index {
    start: usize,
    delimiters: Delimiters,
    /// Spans, how long the name of each is, and which of the segments of its name it is.
    segments: Vec<(Span, usize, usize)>,
}

impl Index {
    /// Takes the message that begins at `start`, unless it has it already.
    pub(crate) fn of(&mut self, named: &Named<'_>, carrier: Carrier, bytes: &[u8], start: usize) {
        if self.start == start && !self.segments.is_empty() {
            return;
        }
        self.start = start;
        self.segments.clear();
        let mut seen: BTreeMap<&[u8], usize> = BTreeMap::new();
        for (number, segment) in carrier.segments(bytes, start).enumerate() {
            let text = segment.span.of(bytes);
            if number == 0 {
                self.delimiters = carrier.delimiters(text).unwrap_or_default();
            } else if carrier.begins_message(text) {
                break;
            }
            let name = named(text, &self.delimiters);
            let name = match carrier {
                // What has no separator is called by as much as a name can be.
                Carrier::Hl7 if name.len() == text.len() => &name[..name.len().min(3)],
                _ => name,
            };
            let count = seen.entry(name).or_default();
            *count += 1;
            self.segments.push((segment.span, name.len(), *count));
        }
    }

    /// The segment that an offset lies in, or behind.
    fn segment(&self, offset: usize) -> Option<(Span, usize, usize)> {
        let behind = self
            .segments
            .partition_point(|(span, _, _)| span.start <= offset);
        self.segments.get(behind.saturating_sub(1)).copied()
    }
}

/// Where in a message an offset lies.
pub(crate) fn locate(
    carrier: Carrier,
    bytes: &[u8],
    index: &Index,
    offset: usize,
) -> Option<Located> {
    let (span, named, occurrence) = index.segment(offset)?;
    let delimiters = index.delimiters;
    let text = span.of(bytes);
    let name = &text[..named.min(text.len())];
    let mut located = Located {
        segment: String::from_utf8_lossy(name).chars().take(16).collect(),
        occurrence,
        field: 0,
        repetition: 0,
        component: 0,
        subcomponent: 0,
        span,
    };
    if offset < span.start + name.len() || offset > span.end {
        return Some(located);
    }
    let header = carrier == Carrier::Hl7 && carrier.begins_message(text);
    let fields = delimiters.parts(bytes, span, delimiters.field);
    let Some((number, field)) = holding(fields, offset) else {
        return Some(located);
    };
    if number == 0 {
        return Some(located);
    }
    located.field = number + usize::from(header);
    if header && number == 1 {
        return Some(located);
    }
    let repetitions = delimiters.parts(bytes, field, delimiters.repetition);
    let Some((number, repetition)) = holding(repetitions, offset) else {
        return Some(located);
    };
    located.repetition = number + 1;
    let components = delimiters.parts(bytes, repetition, delimiters.component);
    let many = components.clone().nth(1).is_some();
    let Some((number, component)) = holding(components, offset) else {
        return Some(located);
    };
    if many {
        located.component = number + 1;
    }
    let inside = delimiters.split(bytes, component, delimiters.subcomponent);
    if inside.clone().nth(1).is_some()
        && let Some((number, _)) = holding(inside, offset)
    {
        located.component = located.component.max(1);
        located.subcomponent = number + 1;
    }
    Some(located)
}

/// The part that holds an offset, and its number.
fn holding(parts: impl Iterator<Item = Span>, offset: usize) -> Option<(usize, Span)> {
    parts
        .enumerate()
        .find(|(_, span)| (span.start..=span.end).contains(&offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag<'s>(segment: &'s [u8], delimiters: &Delimiters) -> &'s [u8] {
        let end = memchr::memchr(delimiters.field, segment);
        &segment[..end.unwrap_or(segment.len())]
    }

    #[test]
    fn places_are_named_as_hl7_names_them() {
        let text = "MSH|^~\\&|PAS^a|\rPID|1||11~22^x^^N&H||A\rNK1|1\rNK1|2|B\rMSH|";
        let at = |part: &str| {
            let offset = text.find(part).expect("it is there");
            let mut index = Index::default();
            index.of(&tag, Carrier::Hl7, text.as_bytes(), 0);
            locate(Carrier::Hl7, text.as_bytes(), &index, offset).map(|place| place.to_string())
        };
        assert_eq!(at("MSH").as_deref(), Some("MSH"));
        assert_eq!(at("PAS").as_deref(), Some("MSH-3.1"));
        assert_eq!(at("^~").as_deref(), Some("MSH-2"));
        assert_eq!(at("11").as_deref(), Some("PID-3"));
        assert_eq!(at("22").as_deref(), Some("PID-3[2].1"));
        assert_eq!(at("H||A").as_deref(), Some("PID-3[2].4.2"));
        assert_eq!(at("A\rNK1").as_deref(), Some("PID-5"));
        assert_eq!(at("B").as_deref(), Some("NK1[2]-2"));
        assert_eq!(at("NK1|2").as_deref(), Some("NK1[2]"));
    }
}
