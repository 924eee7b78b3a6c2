//! Places as HL7 names them: segment, field, repetition, component, subcomponent.

use std::collections::BTreeMap;
use std::fmt;

use concord_read::hl7::{Delimiters, Segments, Span, begins_message, parts, split};

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

/// The segments of a message, for those who look for several places in it.
#[derive(Debug, Default)]
pub(crate) struct Index {
    start: usize,
    delimiters: Delimiters,
    /// Spans, and which of the segments of its name each is.
    segments: Vec<(Span, usize)>,
}

impl Index {
    /// Takes the message that begins at `start`, unless it has it already.
    pub(crate) fn of(&mut self, bytes: &[u8], start: usize) {
        if self.start == start && !self.segments.is_empty() {
            return;
        }
        self.start = start;
        self.segments.clear();
        let mut seen: BTreeMap<&[u8], usize> = BTreeMap::new();
        for (number, segment) in Segments::new(bytes, start).enumerate() {
            let text = segment.span.of(bytes);
            if number == 0 {
                self.delimiters = Delimiters::of(text).unwrap_or_default();
            } else if begins_message(text) {
                break;
            }
            let count = seen.entry(name_of(text, &self.delimiters)).or_default();
            *count += 1;
            self.segments.push((segment.span, *count));
        }
    }

    /// The segment that an offset lies in, or behind.
    fn segment(&self, offset: usize) -> Option<(Span, usize)> {
        let behind = self
            .segments
            .partition_point(|(span, _)| span.start <= offset);
        self.segments.get(behind.saturating_sub(1)).copied()
    }
}

/// The name of a segment.
fn name_of<'s>(segment: &'s [u8], delimiters: &Delimiters) -> &'s [u8] {
    let end = memchr::memchr(delimiters.field, segment).unwrap_or(segment.len().min(3));
    &segment[..end.min(segment.len())]
}

/// Where in a message an offset lies.
pub(crate) fn locate(bytes: &[u8], index: &Index, offset: usize) -> Option<Located> {
    let (span, occurrence) = index.segment(offset)?;
    let delimiters = index.delimiters;
    let name = name_of(span.of(bytes), &delimiters);
    let mut located = Located {
        segment: String::from_utf8_lossy(name).chars().take(8).collect(),
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
    let header = begins_message(span.of(bytes));
    let fields = parts(bytes, span, delimiters.field);
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
    let repetitions = parts(bytes, field, delimiters.repetition);
    let Some((number, repetition)) = holding(repetitions, offset) else {
        return Some(located);
    };
    located.repetition = number + 1;
    let components = parts(bytes, repetition, delimiters.component);
    let many = components.clone().nth(1).is_some();
    let Some((number, component)) = holding(components, offset) else {
        return Some(located);
    };
    if many {
        located.component = number + 1;
    }
    let inside = split(bytes, component, delimiters.subcomponent);
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

    #[test]
    fn places_are_named_as_hl7_names_them() {
        let text = "MSH|^~\\&|PAS^a|\rPID|1||11~22^x^^N&H||A\rNK1|1\rNK1|2|B\rMSH|";
        let at = |part: &str| {
            let offset = text.find(part).expect("it is there");
            let mut index = Index::default();
            index.of(text.as_bytes(), 0);
            locate(text.as_bytes(), &index, offset).map(|place| place.to_string())
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
