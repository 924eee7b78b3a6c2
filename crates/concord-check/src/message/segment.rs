//! One segment of a message: where it stands, then its fields.

use std::sync::Arc;

use concord_finding::Fact;
use concord_read::hl7::{Charset, Segment, Span};
use concord_standards::schema::Facts;

use super::carrier::Carrier;
use super::chunk::{Inside, Reading, State};
use super::parts::SegmentPlan;
use super::value::Within;
use super::walk::{Elsewhere, Misplaced};
use crate::catalogue::BuiltinRule;
use crate::plan::NOTHING;

impl<'r> Reading<'r> {
    /// A segment of a message.
    pub(super) fn segment(&mut self, segment: Segment, inside: Inside) {
        let mut inside = inside;
        self.ending(&mut inside, segment);
        let span = segment.span;
        let text = span.of(self.bytes);
        inside.segments += 1;
        let (name, known) = self
            .carrier
            .named(self.plan, text, &inside.within.delimiters);
        self.out.opened.clear();
        let known = known.or_else(|| self.strange(name, span, &mut inside));
        let seat = known.and_then(|number| Some((self.seat(number, span, &inside)?, number)));
        let Some((node, number)) = seat else {
            self.state = State::Inside(inside);
            return;
        };
        self.open_seat(node, span);
        let plan = self.plan;
        self.pass(number, &mut inside);
        self.state = State::Inside(inside);
        let changed = inside
            .overlay
            .and_then(|overlay| plan.overlays.get(usize::from(overlay)))
            .and_then(|overlay| overlay.segments.get(&number));
        let fields = changed.unwrap_or(&plan.segments[number]);
        self.segment = Arc::clone(&plan.messages.segments[number].name);
        self.occurrences[number] += 1;
        self.at.occurrence = self.occurrences[number];
        self.fields(fields, node, span, &inside);
        if self.carrier != Carrier::Hl7 && name == b"UNT" {
            self.message_trailer(span, inside);
        }
    }

    /// Opens the rows of the groups that a segment began, and its own.
    fn open_seat(&mut self, node: u32, span: Span) {
        let plan = &self.plan.document;
        let opened = std::mem::take(&mut self.out.opened);
        for node in opened.iter().copied().chain([node]) {
            if node != NOTHING {
                let rows = &plan.nodes[node as usize].rows;
                if !rows.is_empty() {
                    self.out.output.open_rows(plan, rows, span.start as u32);
                }
            }
        }
        self.out.opened = opened;
    }

    /// Where a segment is captured, when it has been told whether it may stand there; `None` when the message has no place for
    /// it.
    fn seat(&mut self, number: usize, span: Span, inside: &Inside) -> Option<u32> {
        if !inside.known {
            return Some(NOTHING);
        }
        let plan = self.plan;
        let placed = plan.place(&mut self.out.frames, number, &mut self.out.opened);
        if placed.is_some() {
            return placed;
        }
        let name = &plan.messages.segments[number].name;
        self.out.opened.clear();
        let bytes = self.bytes;
        let early = &self.early;
        let carrier = self.carrier;
        let elsewhere = |name: &str| {
            if early.iter().any(|early| **early == *name) {
                return Some(Elsewhere::Before);
            }
            Self::follows(carrier, bytes, span, name).then_some(Elsewhere::Behind)
        };
        let seat = plan.misplace(&mut self.out.frames, number, name, elsewhere);
        if let Some(seat) = seat {
            let point = Span {
                start: span.start,
                end: (span.start + name.len()).min(span.end),
            };
            if seat.early {
                self.early.push(Arc::clone(name));
            }
            for wrong in seat.wrong {
                self.misplaced(wrong, point);
            }
            self.out.opened = seat.opened;
            return Some(seat.node);
        }
        self.unknown(name, span, inside);
        None
    }

    /// Whether a segment of a name follows in the message, within reach.
    fn follows(carrier: Carrier, bytes: &[u8], span: Span, name: &str) -> bool {
        const REACH: usize = 64;
        carrier
            .segments(bytes, span.end)
            .take(REACH)
            .map(|segment| segment.span.of(bytes))
            .take_while(|text| !carrier.begins_message(text) && carrier.envelope(text).is_none())
            .any(|text| text.starts_with(name.as_bytes()))
    }

    fn unknown(&mut self, name: &str, span: Span, inside: &Inside) {
        let parent = self.parent();
        let allowed = self.plan.expected(&self.out.frames).join(", ");
        let draft = self.draft(BuiltinRule::SegmentUnknown, name_of(name, span));
        draft.plain("found", name);
        draft.plain("parent", parent);
        draft.plain("allowed", allowed);
        draft.finding.path = Some(name.into());
        if inside.loose {
            draft.finding.effect = concord_finding::Effect::Note;
        }
    }

    fn parent(&self) -> String {
        let first = self.out.frames.first();
        let name = first.map_or("the message", |frame| &self.plan.models[frame.model].name);
        name.split('-').next().unwrap_or(name).to_owned()
    }

    /// A line that begins with the name of no segment of the standard: what is told of it, and which segment it is taken for.
    fn strange(&mut self, name: &[u8], span: Span, inside: &mut Inside) -> Option<usize> {
        let named = name.len() == 3
            && name
                .iter()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let shown = String::from_utf8_lossy(name).into_owned();
        if named && self.agreed(&shown, inside) {
            return None;
        }
        if named && name[0] == b'Z' {
            let draft = self.draft(BuiltinRule::SegmentLocal, name_of(&shown, span));
            draft.plain("found", &*shown);
            draft.finding.path = Some(shown.as_str().into());
            return None;
        }
        if let Some(near) = self.nearest(&shown, inside) {
            let number = self.plan.segment(near.as_bytes());
            let draft = self.draft(BuiltinRule::SegmentMisspelt, name_of(&shown, span));
            draft.plain("found", &*shown);
            draft.finding.path = Some(near.as_str().into());
            draft.plain("nearest", near);
            return number;
        }
        if named {
            self.unknown(&shown, span, inside);
            return None;
        }
        let point = Span {
            start: span.start,
            end: span.start,
        };
        let path = self.carrier.header();
        let draft = self.draft(BuiltinRule::SegmentName, point);
        draft.finding.path = Some(path.into());
        None
    }

    /// Notes that the message has come behind a segment, for segments of the sender that stand behind it.
    fn pass(&self, number: usize, inside: &mut Inside) {
        let Some(overlay) = inside.overlay else {
            return;
        };
        let messages = &self.plan.messages;
        let Some(overlay) = messages.overlays.get(usize::from(overlay)) else {
            return;
        };
        let name = &messages.segments[number].name;
        for (index, added) in overlay.segments.iter().enumerate().take(64) {
            if added.after.as_ref() == Some(name) {
                inside.behind |= 1 << index;
            }
        }
    }

    /// Whether an overlay of the sender says that a segment is sent, not too often and not too early.
    fn agreed(&self, name: &str, inside: &mut Inside) -> bool {
        let plan = self.plan;
        let Some(overlay) = inside
            .overlay
            .and_then(|overlay| plan.messages.overlays.get(usize::from(overlay)))
        else {
            return false;
        };
        let found = overlay
            .segments
            .iter()
            .enumerate()
            .find(|(_, segment)| &*segment.name == name);
        let Some((index, added)) = found else {
            return false;
        };
        let bit = 1_u64.checked_shl(index as u32).unwrap_or(0);
        let again = inside.added & bit != 0 && added.max == Some(1);
        inside.added |= bit;
        let behind = added.after.is_none() || inside.behind & bit != 0;
        !again && behind
    }

    /// The segment that is expected here and that a name is nearly that of.
    fn nearest(&self, name: &str, inside: &Inside) -> Option<String> {
        if !inside.known || !(2..=4).contains(&name.len()) {
            return None;
        }
        let expected = self.plan.expected(&self.out.frames);
        let mut near = expected
            .into_iter()
            .filter(|known| strsim::osa_distance(known, name) == 1);
        let first = near.next()?;
        near.next().is_none().then_some(first)
    }

    /// The fields of a segment.
    fn fields(&mut self, segment: &'r SegmentPlan, node: u32, span: Span, inside: &Inside) {
        let text = span.of(self.bytes);
        let ascii = text.is_ascii();
        let header = self.carrier == Carrier::Hl7 && self.carrier.begins_message(text);
        // MSH-2 names the escape character.
        let values = if header {
            text.get(9..).unwrap_or_default()
        } else {
            text
        };
        let delimiters = &inside.within.delimiters;
        let escaped = delimiters
            .escape
            .or(delimiters.release)
            .is_some_and(|escape| memchr::memchr(escape, values).is_some());
        if !ascii {
            self.letters(text, span, inside);
        }
        let within = Within {
            plain: ascii && !escaped,
            ..inside.within
        };
        let plan = self.plan;
        // The separator itself is the first field of a header.
        let mut number = usize::from(header);
        let mut beyond = None;
        let of_segment = within.delimiters;
        for field in of_segment.parts(self.bytes, span, of_segment.field).skip(1) {
            let index = number;
            number += 1;
            if header && index < 2 {
                if index == 1 {
                    self.capture_span(plan.child(node, 1), field);
                }
                continue;
            }
            let Some(part) = segment.fields.get(index) else {
                if !field.is_empty() {
                    beyond.get_or_insert(field);
                }
                continue;
            };
            let empty =
                field.is_empty() || (part.required && of_segment.deletes(field.of(self.bytes)));
            if empty {
                if part.required && within.judged {
                    self.missing_field(&part.facts, index, field);
                }
                continue;
            }
            self.facts = Some(&part.facts);
            self.at.field = index + 1;
            self.field(part, plan.child(node, index), field, within);
        }
        if !within.judged {
            return;
        }
        for index in &segment.required {
            if *index >= number {
                let facts = &segment.fields[*index].facts;
                let end = Span {
                    start: span.end,
                    end: span.end,
                };
                self.missing_field(facts, *index, end);
            }
        }
        if let Some(beyond) = beyond {
            let name = self.segment.to_string();
            let draft = self.draft(BuiltinRule::FieldExtra, beyond);
            draft.plain("found", name);
            draft.finding.expected = Some(Fact::Number(segment.fields.len() as u64));
        }
    }

    fn missing_field(&mut self, facts: &Facts, index: usize, at: Span) {
        let occurrence = match self.at.occurrence {
            0 | 1 => String::new(),
            several => format!("[{several}]"),
        };
        let path = format!("{}{occurrence}-{}", self.segment, index + 1);
        let draft = self.draft(BuiltinRule::FieldMissing, at);
        draft.length = 0;
        draft.finding.element.clone_from(&facts.dictionary_name);
        draft.finding.path = Some(path.into());
    }

    /// Bytes beyond ASCII that are not in the character set of the message.
    fn letters(&mut self, text: &[u8], span: Span, inside: &Inside) {
        if inside.within.charset != Charset::Utf8 {
            return;
        }
        let Err(error) = std::str::from_utf8(text) else {
            return;
        };
        let at = (span.start + error.valid_up_to()) as u32;
        let (_, _, count) = self
            .out
            .strange
            .get_or_insert_with(|| (at, "UTF-8".to_owned(), 0));
        *count += 1;
    }

    pub(super) fn misplaced(&mut self, wrong: Misplaced, at: Span) {
        let draft = self.draft(wrong.rule, at);
        for (name, fact) in wrong.facts {
            draft.fact(name, fact);
        }
        draft.finding.expected = wrong.expected;
        // What is missing has its place by its name; what stands there, by where it stands.
        draft.finding.path = wrong.missing.map(Arc::from);
    }
}

/// The name of a segment, where it stands.
fn name_of(name: &str, span: Span) -> Span {
    Span {
        start: span.start,
        end: (span.start + name.len()).min(span.end),
    }
}
