//! One stored message: its bytes, its verdict, and where it came from.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::judge::{Broken, Carrier, Identity, Outcome, Verdict};

/// A hash that names something: half of a SHA-256, because senders are not trusted.
pub(crate) type Hash = [u8; 16];

/// A message on its way to the store.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// When it was received.
    pub received: Timestamp,
    /// Where it came from: an address, a file's name.
    pub origin: String,
    /// What was said of it.
    pub verdict: Verdict,
    /// Its bytes.
    pub message: Vec<u8>,
}

impl NewEntry {
    /// What names the message among those of its sender: sending application and facility and control id, or its
    /// content where it has no control id, or is a resource of no version.
    pub(crate) fn key(&self, content: Hash) -> Hash {
        let identity = &self.verdict.identity;
        let Identity {
            application,
            facility,
            control_id,
            ..
        } = identity;
        if !identity.names_one() {
            return content;
        }
        let mut hash = Sha256::new();
        for part in [application, facility, control_id] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        half(hash)
    }

    pub(crate) fn content(&self) -> Hash {
        let mut hash = Sha256::new();
        hash.update(&self.message);
        half(hash)
    }
}

fn half(hash: Sha256) -> Hash {
    let mut half = Hash::default();
    half.copy_from_slice(&hash.finalize()[..16]);
    half
}

/// A message as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number in the store, from 1, without gaps.
    pub number: u64,
    /// When it was received.
    pub received: Timestamp,
    /// Where it came from.
    pub origin: String,
    /// What was said of it.
    pub verdict: Verdict,
    /// The entry that has the same sender and control id and other content, if there was one.
    pub other: Option<u64>,
    /// The message, as it was received.
    pub message: Vec<u8>,
}

impl Entry {
    /// What was found in it; that another message has its sender and control id as well.
    pub fn findings(&self) -> Vec<Broken> {
        let mut found = self.verdict.findings.clone();
        let same = match self.verdict.identity.carrier {
            Carrier::Message => "sender and control id",
            Carrier::Resource => "source, id and version",
        };
        found.extend(self.other.map(|other| Broken {
            rule: "FEED-ID-AGAIN".into(),
            text: format!("message {other} has the same {same}, and other content"),
            place: None,
            warning: true,
        }));
        found
    }
}

/// Bytes before the payload of an entry: its length and its check sum.
pub(crate) const PREFIX: usize = 8;

/// Writes an entry, with its length and check sum before it.
pub(crate) fn write(entry: &NewEntry, number: u64, other: Option<u64>, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&[0; PREFIX]);
    out.push(entry.verdict.outcome.byte());
    out.extend_from_slice(&number.to_le_bytes());
    out.extend_from_slice(&other.unwrap_or(0).to_le_bytes());
    out.extend_from_slice(&entry.received.as_microsecond().to_le_bytes());
    let identity = &entry.verdict.identity;
    let findings = if entry.verdict.findings.is_empty() {
        Vec::new()
    } else {
        serde_json::to_vec(&entry.verdict.findings)
            .expect("text and numbers can be written as JSON")
    };
    for part in [
        entry.origin.as_bytes(),
        identity.application.as_bytes(),
        identity.facility.as_bytes(),
        identity.control_id.as_bytes(),
        identity.kind.as_bytes(),
        &findings,
        &entry.message,
    ] {
        out.extend_from_slice(&(part.len() as u32).to_le_bytes());
        out.extend_from_slice(part);
    }
    // What stood here first were messages, and they say nothing of it.
    if identity.carrier != Carrier::Message {
        out.push(identity.carrier.byte());
    }
    let length = (out.len() - start - PREFIX) as u32;
    let sum = crc32fast::hash(&out[start + PREFIX..]);
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    out[start + 4..start + PREFIX].copy_from_slice(&sum.to_le_bytes());
}

/// The payload of the entry that some bytes begin with, and how many bytes both take; `None` for the payload when it is
/// damaged, for all when not even its length can be so.
pub(crate) fn split(bytes: &[u8]) -> Option<(Option<&[u8]>, usize)> {
    let length = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    let sum = u32::from_le_bytes(bytes.get(4..PREFIX)?.try_into().ok()?);
    let payload = bytes.get(PREFIX..PREFIX.checked_add(length)?)?;
    let whole = (crc32fast::hash(payload) == sum).then_some(payload);
    Some((whole, PREFIX + length))
}

/// Reads the payload of an entry; `None` when it is no such thing.
pub(crate) fn read(payload: &[u8]) -> Option<Entry> {
    let mut rest = Rest(payload);
    let outcome = Outcome::of_byte(rest.take(1)?[0])?;
    let number = rest.number()?;
    let other = Some(rest.number()?).filter(|other| *other > 0);
    let received = i64::from_le_bytes(rest.take(8)?.try_into().ok()?);
    let received = Timestamp::from_microsecond(received).ok()?;
    let origin = rest.text()?;
    let mut identity = Identity {
        carrier: Carrier::Message,
        application: rest.text()?,
        facility: rest.text()?,
        control_id: rest.text()?,
        kind: rest.text()?,
    };
    let findings = match rest.part()? {
        [] => Vec::new(),
        json => serde_json::from_slice::<Vec<Broken>>(json).ok()?,
    };
    let message = rest.part()?.to_vec();
    if let Some(byte) = rest.take(1) {
        identity.carrier = Carrier::of_byte(byte[0])?;
    }
    Some(Entry {
        number,
        received,
        origin,
        verdict: Verdict {
            outcome,
            identity,
            findings,
        },
        other,
        message,
    })
}

struct Rest<'b>(&'b [u8]);

impl<'b> Rest<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn part(&mut self) -> Option<&'b [u8]> {
        let length = u32::from_le_bytes(self.take(4)?.try_into().ok()?);
        self.take(length as usize)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.part()?.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Place;

    fn entry(control_id: &str, message: &str) -> NewEntry {
        NewEntry {
            received: Timestamp::from_second(1_800_000_000).expect("a time"),
            origin: "test".into(),
            verdict: Verdict {
                outcome: Outcome::Accept,
                identity: Identity {
                    carrier: Carrier::Message,
                    application: "PAS".into(),
                    facility: "RXX".into(),
                    control_id: control_id.into(),
                    kind: "ADT^A01".into(),
                },
                findings: Vec::new(),
            },
            message: message.into(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let mut new = entry("7", "MSH|^~\\&|");
        new.verdict.outcome = Outcome::Error;
        new.verdict.findings.push(Broken {
            rule: "HL7-X".into(),
            text: "a field is missing".into(),
            place: Some(Place {
                segment: "PID".into(),
                sequence: 1,
                field: Some(3),
                ..Place::default()
            }),
            warning: false,
        });
        let mut bytes = Vec::new();
        write(&new, 9, Some(4), &mut bytes);
        let (payload, length) = split(&bytes).expect("an entry");
        assert_eq!(length, bytes.len());
        let read = read(payload.expect("it is whole")).expect("it can be read");
        assert_eq!((read.number, read.other), (9, Some(4)));
        assert_eq!((read.verdict, read.message), (new.verdict, new.message));
        for at in PREFIX..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 4;
            assert_eq!(split(&damaged).expect("its length").0, None);
        }
    }

    #[test]
    fn resources_are_named_by_their_versions() {
        let of = |id: &str, content: &str| {
            let mut entry = entry(id, content);
            entry.verdict.identity.carrier = Carrier::Resource;
            entry
        };
        let version = of("Encounter/e/_history/1", "one");
        let mut bytes = Vec::new();
        write(&version, 1, Some(7), &mut bytes);
        let (payload, _) = split(&bytes).expect("an entry");
        let stored = read(payload.expect("it is whole")).expect("it can be read");
        assert_eq!(stored.verdict, version.verdict);
        assert!(stored.findings()[0].text.contains("source, id and version"));
        let key = |entry: &NewEntry| entry.key(entry.content());
        assert_eq!(key(&version), key(&of("Encounter/e/_history/1", "another")));
        assert_ne!(key(&version), key(&of("Encounter/e/_history/2", "one")));
        // Without a version the content decides: another content is another state of it.
        let without = of("Encounter/e", "one");
        assert_eq!(key(&without), without.content());
        assert_eq!(without.verdict.identity.shown_id(), "Encounter/•");
    }

    #[test]
    fn senders_do_not_run_into_each_other() {
        let mut one = entry("1", "x");
        let mut two = entry("1", "x");
        one.verdict.identity.application = "AB".into();
        one.verdict.identity.facility = "C".into();
        two.verdict.identity.application = "A".into();
        two.verdict.identity.facility = "BC".into();
        assert_ne!(one.key(one.content()), two.key(two.content()));
        let nameless = entry("", "x");
        assert_eq!(nameless.key(nameless.content()), nameless.content());
    }
}
