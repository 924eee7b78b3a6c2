//! What EDIFACT says of its own messages and interchanges: counts, references, and what stands where (ISO 9735, 8 and
//! annexes B and C).

use std::collections::HashSet;

use concord_finding::Fact;
use concord_read::hl7::Span;

use super::chunk::{Envelope, EnvelopeKind, Inside, Reading, State};
use crate::catalogue::BuiltinRule;
use crate::output::Draft;

/// Segments of a message that are looked through for its transaction.
const REACH: usize = 64;

/// References of messages that are remembered of an interchange: some 32 MB. Those of later messages are not compared.
const REFERENCES: usize = 1 << 20;

/// Longest reference that is compared; ISO 9735 takes 14 characters.
const LENGTH: usize = 15;

impl Reading<'_> {
    /// The kind of an EDIFACT message, as near as it can be told.
    pub(super) fn interchange_kind(&mut self, header: Span) -> Option<usize> {
        let bytes = self.bytes;
        let lossy = |span: Span| String::from_utf8_lossy(span.of(bytes)).into_owned();
        let delimiters = self.delimiters();
        let identifier = delimiters
            .parts(bytes, header, delimiters.field)
            .nth(2)
            .unwrap_or(Span {
                start: header.end,
                end: header.end,
            });
        let code = lossy(identifier).replace(char::from(delimiters.component), ":");
        let messages = &self.plan.messages;
        let transaction = self.transaction(header);
        let event = transaction.map(lossy).unwrap_or_default();
        if let Some(kind) = messages.kind(&code, &event) {
            return messages.kinds.iter().position(|known| known == kind);
        }
        let mut known: Vec<&str> = messages.kinds.iter().map(|kind| &*kind.code).collect();
        known.dedup();
        let of_code = known.contains(&&*code);
        let mut events: Vec<&str> = messages
            .kinds
            .iter()
            .filter(|kind| *kind.code == *code)
            .map(|kind| &*kind.event)
            .collect();
        events.dedup();
        let place = messages.transaction.clone();
        let (value, hint, at, path) = if of_code {
            let place = place.unwrap_or_else(|| "UNH".into());
            let hint = format!(
                "{place} says which transaction it is: {}",
                events.join(", ")
            );
            let at = transaction.unwrap_or(header);
            (event, hint, at, format!("{place}-1.2"))
        } else {
            let hint = format!("UNH-2 says which message it is: {}", known.join(", "));
            (code, hint, identifier, "UNH-2".to_owned())
        };
        let draft = self.draft(BuiltinRule::MessageType, at);
        draft.finding.value = Some(Fact::Plain(if value.is_empty() {
            "nothing".to_owned()
        } else {
            value
        }));
        draft.plain("hint", hint);
        draft.finding.path = Some(path.into());
        None
    }

    /// Where the transaction of the message stands that begins with a segment.
    fn transaction(&self, header: Span) -> Option<Span> {
        let name = self.plan.messages.transaction.as_deref()?;
        let (tag, qualifier) = name.split_once('+')?;
        let bytes = self.bytes;
        self.carrier
            .segments(bytes, header.start)
            .take(REACH)
            .enumerate()
            .take_while(|(number, segment)| {
                let text = segment.span.of(bytes);
                let again = *number > 0 && self.carrier.begins_message(text);
                !again && self.carrier.envelope(text).is_none()
            })
            .map(|(_, segment)| segment.span)
            .find(|span| {
                span.of(bytes).starts_with(tag.as_bytes())
                    && self.carrier.component(bytes, *span, 1, 1).of(bytes) == qualifier.as_bytes()
            })
            .map(|span| self.carrier.component(bytes, span, 1, 2))
    }

    /// Holds the trailer of a message against what it ends.
    pub(super) fn message_trailer(&mut self, trailer: Span, inside: Inside) {
        let bytes = self.bytes;
        let said = self.carrier.component(bytes, trailer, 1, 1);
        let count = number(said.of(bytes));
        let found = u64::from(inside.segments);
        if let Some(count) = count.filter(|count| *count != found) {
            let draft = self.draft(BuiltinRule::MessageSegments, said);
            draft.finding.value = Some(Fact::Number(count));
            draft.finding.expected = Some(Fact::Number(found));
            draft.finding.path = Some("UNT-1".into());
        }
        let reference = self.carrier.component(bytes, trailer, 2, 1);
        let text = |span: Span| String::from_utf8_lossy(span.of(bytes)).into_owned();
        if !reference.is_empty() && reference.of(bytes) != inside.reference.of(bytes) {
            let draft = self.draft(BuiltinRule::MessageReference, reference);
            draft.finding.value = Some(Fact::Plain(text(reference)));
            draft.finding.expected = Some(Fact::Plain(text(inside.reference)));
            draft.finding.path = Some("UNT-2".into());
        }
        self.state = State::Inside(inside);
        self.end();
    }

    /// What an envelope of EDIFACT says of itself: its reference, and of a trailer what it counts.
    pub(super) fn interchange_envelope(
        &self,
        kind: EnvelopeKind,
        span: Span,
    ) -> (Option<u64>, Span) {
        let at = |element: usize| self.carrier.component(self.bytes, span, element, 1);
        match kind {
            EnvelopeKind::InterchangeHeader | EnvelopeKind::GroupHeader => (None, at(5)),
            EnvelopeKind::InterchangeTrailer | EnvelopeKind::GroupTrailer => {
                (number(at(1).of(self.bytes)), at(2))
            }
            _ => (None, Span::default()),
        }
    }
}

/// A number without a sign, however many zeros stand before it.
fn number(text: &[u8]) -> Option<u64> {
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text)
        .ok()
        .filter(|_| digits)?
        .parse()
        .ok()
}

/// Interchanges and functional groups that are open, as far as chunks have been put together.
#[derive(Debug, Default)]
pub(super) struct Interchanges {
    interchange: Option<Open>,
    group: Option<Open>,
    /// Whether an interchange has begun at all.
    any: bool,
    /// The references of the messages of the interchange that is open.
    references: HashSet<[u8; LENGTH]>,
}

/// What is open: its reference, and what came before it.
#[derive(Debug)]
struct Open {
    reference: Vec<u8>,
    messages: u64,
    groups: u64,
}

impl Interchanges {
    /// Takes a header or trailer behind `messages` messages, and says what is wrong with it.
    ///
    /// `bytes` are those of its chunk, and `draft` makes a finding.
    pub(super) fn take(
        &mut self,
        envelope: Envelope,
        bytes: &[u8],
        messages: u64,
        draft: &dyn Fn(BuiltinRule) -> Draft,
    ) -> Vec<Draft> {
        let reference = envelope.reference.of(bytes).to_vec();
        let open = || Open {
            reference: reference.clone(),
            messages,
            groups: 0,
        };
        let mut found = Vec::new();
        match envelope.kind {
            EnvelopeKind::InterchangeHeader => {
                self.any = true;
                self.group = None;
                self.references.clear();
                if self.interchange.replace(open()).is_some() {
                    let reason =
                        "an interchange (UNB) begins before the one before it has ended (UNZ)";
                    found.push(reasoned(draft, reason));
                }
            }
            EnvelopeKind::GroupHeader => {
                if let Some(interchange) = &mut self.interchange {
                    interchange.groups += 1;
                }
                if self.group.replace(open()).is_some() {
                    let reason = "a group (UNG) begins before the one before it has ended (UNE)";
                    found.push(reasoned(draft, reason));
                }
            }
            EnvelopeKind::GroupTrailer => match self.group.take() {
                None => found.push(reasoned(
                    draft,
                    "a group ends (UNE) that has not begun (UNG)",
                )),
                Some(group) => {
                    let count = messages - group.messages;
                    found.extend(compared(
                        draft,
                        ("UNE", "UNG"),
                        envelope,
                        count,
                        &group,
                        bytes,
                    ));
                }
            },
            EnvelopeKind::InterchangeTrailer => {
                if self.group.take().is_some() {
                    found.push(reasoned(
                        draft,
                        "the interchange ends (UNZ) inside a group: UNE is missing",
                    ));
                }
                match self.interchange.take() {
                    None => found.push(reasoned(
                        draft,
                        "an interchange ends (UNZ) that has not begun (UNB)",
                    )),
                    Some(open) => {
                        let count = if open.groups > 0 {
                            open.groups
                        } else {
                            messages - open.messages
                        };
                        found.extend(compared(
                            draft,
                            ("UNZ", "UNB"),
                            envelope,
                            count,
                            &open,
                            bytes,
                        ));
                    }
                }
            }
            _ => {}
        }
        found
    }

    /// Whether no message of the interchange that is open had this reference before.
    pub(super) fn is_new(&mut self, reference: &[u8]) -> bool {
        if reference.len() > LENGTH || self.references.len() >= REFERENCES {
            return true;
        }
        let mut known = [0; LENGTH];
        known[..reference.len()].copy_from_slice(reference);
        self.references.insert(known)
    }

    /// What is missing when the input ends behind so many messages.
    pub(super) fn end(&self, messages: u64) -> Option<(BuiltinRule, &'static str)> {
        if self.interchange.is_some() {
            let reason = "the input ends inside an interchange: UNZ is missing";
            return Some((BuiltinRule::InterchangeOpen, reason));
        }
        (!self.any && messages > 0).then_some((
            BuiltinRule::InterchangeNone,
            "the messages stand in no interchange: UNB and UNZ are missing",
        ))
    }
}

fn reasoned(draft: &dyn Fn(BuiltinRule) -> Draft, reason: &str) -> Draft {
    let mut draft = draft(BuiltinRule::InterchangeOpen);
    draft.plain("reason", reason);
    draft
}

/// What a trailer says that is not so.
fn compared(
    draft: &dyn Fn(BuiltinRule) -> Draft,
    (trailer, header): (&str, &str),
    envelope: Envelope,
    count: u64,
    open: &Open,
    bytes: &[u8],
) -> Vec<Draft> {
    let mut found = Vec::new();
    if let Some(said) = envelope.count.filter(|said| *said != count) {
        let mut draft = draft(BuiltinRule::InterchangeCount);
        draft.plain("found", trailer);
        draft.finding.value = Some(Fact::Number(said));
        draft.finding.expected = Some(Fact::Number(count));
        draft.finding.path = Some(format!("{trailer}-1").into());
        found.push(draft);
    }
    let said = envelope.reference.of(bytes);
    if said != open.reference {
        let text = |bytes: &[u8]| Fact::Plain(String::from_utf8_lossy(bytes).into_owned());
        let mut draft = draft(BuiltinRule::InterchangeReference);
        draft.plain("found", trailer);
        draft.plain("parent", header);
        draft.finding.value = Some(text(said));
        draft.finding.expected = Some(text(&open.reference));
        draft.finding.path = Some(format!("{trailer}-2").into());
        found.push(draft);
    }
    found
}
