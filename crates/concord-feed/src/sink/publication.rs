//! What is published of a stored message to a broker, under which id and with which key.

use std::io;

use sha2::{Digest, Sha256};

use super::folders::{findings, line};
use crate::hexadecimal::hexadecimal;
use crate::judge::{Broken, Identity, Outcome};
use crate::partition::partition_key;
use crate::store::Entry;

/// Where messages and findings are published: subjects of NATS, topics of Kafka.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topics {
    /// Messages accepted, and those released.
    pub accepted: String,
    /// Messages not accepted; they are not published where nothing is said.
    pub rejected: Option<String>,
    /// What was found, as lines of JSON, all of one message together; not published where nothing is said.
    pub findings: Option<String>,
}

impl Topics {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        let others = [&self.rejected, &self.findings];
        std::iter::once(&*self.accepted).chain(others.into_iter().flatten().map(|topic| &**topic))
    }

    /// What is published of a message; `released` says that it was held and somebody released it. Of messages larger than a
    /// broker takes only that is published, as a finding.
    pub(super) fn publications<'a>(
        &'a self,
        entry: &'a Entry,
        released: bool,
        largest: usize,
    ) -> io::Result<Vec<Publication<'a>>> {
        let id = id(entry);
        let key = partition_key(&entry.message);
        let accepted = released || entry.verdict.outcome == Outcome::Accept;
        let topic = if accepted {
            Some(&self.accepted)
        } else {
            self.rejected.as_ref()
        };
        let mut lines = if released {
            Vec::new()
        } else {
            findings(entry)?
        };
        let mut found = Vec::new();
        if let Some(topic) = topic {
            if entry.message.len() <= largest {
                let id = if released {
                    format!("{id}-released")
                } else {
                    id.clone()
                };
                found.push(Publication {
                    topic,
                    id,
                    key,
                    body: Body::Message(&entry.message),
                });
            } else {
                let (number, bytes) = (entry.number, entry.message.len());
                tracing::error!(
                    number,
                    bytes,
                    "a message is larger than the broker takes; it is not published"
                );
                let broken = Broken {
                    rule: "FEED-NOT-PUBLISHED".into(),
                    text: format!(
                        "a message of {bytes} bytes is larger than the broker takes, {largest} bytes; it is in the store"
                    ),
                    place: None,
                    warning: true,
                };
                line(&mut lines, entry, &broken)?;
            }
        }
        if let Some(topic) = &self.findings
            && !lines.is_empty()
        {
            if lines.len() > largest {
                // Whole lines, as many as there is room for; the store has them all.
                let end = lines[..largest].iter().rposition(|byte| *byte == b'\n');
                lines.truncate(end.map_or(0, |end| end + 1));
                tracing::error!(
                    number = entry.number,
                    "not all findings of a message have room in one of the broker"
                );
            }
            let id = format!("{id}-findings");
            found.push(Publication {
                topic,
                id,
                key,
                body: Body::Lines(lines),
            });
        }
        Ok(found)
    }
}

/// Something that is published.
#[derive(Debug)]
pub(super) struct Publication<'a> {
    pub(super) topic: &'a str,
    /// The same whenever, and by whichever process, the same is published.
    pub(super) id: String,
    pub(super) key: u16,
    body: Body<'a>,
}

#[derive(Debug)]
enum Body<'a> {
    Message(&'a [u8]),
    Lines(Vec<u8>),
}

impl Publication<'_> {
    pub(super) fn body(&self) -> &[u8] {
        match self {
            Self {
                body: Body::Message(message),
                ..
            } => message,
            Self {
                body: Body::Lines(lines),
                ..
            } => lines,
        }
    }
}

/// What names a message whoever stores it: its sender, its control id and its content, by which a store as well recognises
/// what comes again.
fn id(entry: &Entry) -> String {
    let Identity {
        application,
        facility,
        control_id,
        ..
    } = &entry.verdict.identity;
    let mut hash = Sha256::new();
    for part in [
        application.as_bytes(),
        facility.as_bytes(),
        control_id.as_bytes(),
        &entry.message,
    ] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hexadecimal(&hash.finalize()[..16])
}
