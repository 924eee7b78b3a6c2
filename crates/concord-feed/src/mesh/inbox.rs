//! What comes in: listed, fetched chunk by chunk, acknowledged.

use hyper::body::Bytes;
use hyper::header::ACCEPT_ENCODING;
use hyper::{Method, StatusCode};
use serde::Deserialize;

use super::connection::Answer;
use super::{MEX_MESSAGE_TYPE, Mailbox, MeshError, is_id};

/// Ids of messages that wait in a mailbox, as many as the server tells at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The ids, in the server's order.
    pub messages: Vec<String>,
    /// What to ask with for more of them.
    pub next: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    messages: Vec<String>,
    #[serde(default)]
    links: Links,
}

#[derive(Deserialize, Default)]
struct Links {
    next: Option<String>,
}

impl Mailbox {
    /// Lists what waits: of one workflow, where one is said. `next` is what the page before said.
    ///
    /// # Errors
    /// [`MeshError`].
    pub async fn inbox(
        &mut self,
        workflow: Option<&str>,
        next: Option<&str>,
    ) -> Result<Page, MeshError> {
        const WHAT: &str = "the inbox";
        let query = match (next, workflow) {
            (Some(next), _) => format!("?{next}"),
            (None, Some(workflow)) => format!("?workflow_filter={}", encoded(workflow)),
            (None, None) => String::new(),
        };
        let request = self.request(Method::GET, &format!("/inbox{query}"));
        let answer = self.ask(WHAT, request, Vec::new()).await?;
        let listed: Option<Listed> = answer.json().await?;
        let listed = listed.ok_or(MeshError::Answer(WHAT))?;
        if !listed.messages.iter().all(|id| is_id(id)) {
            return Err(MeshError::Answer(WHAT));
        }
        // The link is a path with a query; the path is known.
        let next = listed
            .links
            .next
            .as_deref()
            .and_then(|link| link.split_once('?'));
        Ok(Page {
            messages: listed.messages,
            next: next.map(|(_, query)| query.to_owned()),
        })
    }

    /// Fetches a chunk of a message, from 1.
    ///
    /// # Errors
    /// [`MeshError`].
    pub async fn fetch(&mut self, message: &str, chunk: u32) -> Result<Chunk, MeshError> {
        let path = match chunk {
            0 | 1 => format!("/inbox/{message}"),
            _ => format!("/inbox/{message}/{chunk}"),
        };
        let request = self
            .request(Method::GET, &path)
            .header(ACCEPT_ENCODING, "gzip");
        let answer = self.ask("a message", request, Vec::new()).await?;
        Ok(Chunk(answer))
    }

    /// Says that a message is safely stored; the server removes it.
    ///
    /// # Errors
    /// [`MeshError`].
    pub async fn acknowledge(&mut self, message: &str) -> Result<(), MeshError> {
        let request = self.request(
            Method::PUT,
            &format!("/inbox/{message}/status/acknowledged"),
        );
        let answer = self.ask("an acknowledgement", request, Vec::new()).await?;
        Ok(answer.ignored().await?)
    }
}

/// A chunk of a message, whose content is read piece by piece.
pub struct Chunk(Answer);

impl Chunk {
    /// Whether it is the last one.
    pub fn last(&self) -> bool {
        self.0.status() != StatusCode::PARTIAL_CONTENT
    }

    /// Whether it is a report of the server on a message that was sent, which has no content.
    pub fn report(&self) -> bool {
        self.header(MEX_MESSAGE_TYPE.as_str())
            .eq_ignore_ascii_case("REPORT")
    }

    /// A fact about the message: the value of a header, empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let value = self.0.headers().get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The next bytes, compressed as the header `Content-Encoding` says; `None` at the end.
    ///
    /// # Errors
    /// [`MeshError::Connection`].
    pub async fn next(&mut self) -> Result<Option<Bytes>, MeshError> {
        Ok(self.0.next().await?)
    }
}

/// A value as it stands in a query (RFC 3986, 2.1).
fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
