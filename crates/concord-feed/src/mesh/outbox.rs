//! What goes out: in chunks, compressed.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::Method;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde::Deserialize;

use super::{Mailbox, MeshError, is_id};

/// A message to be sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The mailbox that it goes to.
    pub to: String,
    /// The id of the workflow, which tells what kind of message it is.
    pub workflow: String,
    /// A name for it that the reports on it have as well.
    pub local_id: Option<String>,
    /// A subject.
    pub subject: Option<String>,
    /// A file's name.
    pub file_name: Option<String>,
    /// Whether it is compressed on its way.
    pub compress: bool,
    /// Bytes of a chunk before it is compressed; at most 20 million fit everywhere.
    pub chunk: usize,
}

impl Outgoing {
    /// A message to a mailbox, compressed and in chunks of 20 million bytes.
    pub fn new(to: String, workflow: String) -> Self {
        Self {
            to,
            workflow,
            local_id: None,
            subject: None,
            file_name: None,
            compress: true,
            chunk: 20_000_000,
        }
    }
}

#[derive(Deserialize)]
struct Accepted {
    message_id: String,
}

impl Mailbox {
    /// Sends `length` bytes of `content`, and says under which id the server has them. One chunk at a time is in memory.
    ///
    /// Where a connection is lost meanwhile, the server throws away what is not whole; but the answer to the last chunk may be
    /// what was lost.
    ///
    /// # Errors
    /// [`MeshError`]; among them that `content` has fewer bytes.
    pub async fn send(
        &mut self,
        outgoing: &Outgoing,
        content: &mut (dyn Read + Send),
        length: u64,
    ) -> Result<String, MeshError> {
        const WHAT: &str = "sending";
        let size = outgoing.chunk.max(1) as u64;
        let chunks = length.div_ceil(size).max(1);
        let mut id = String::new();
        for number in 1..=chunks {
            let bytes = piece(
                content,
                size.min(length - (number - 1) * size),
                outgoing.compress,
            )?;
            let path = match number {
                1 => "/outbox".to_owned(),
                _ => format!("/outbox/{id}/{number}"),
            };
            let mut request = self
                .request(Method::POST, &path)
                .header(CONTENT_TYPE, "application/octet-stream")
                .header("Mex-Chunk-Range", format!("{number}:{chunks}"));
            if outgoing.compress {
                request = request.header(CONTENT_ENCODING, "gzip");
            }
            if number > 1 {
                self.ask(WHAT, request, bytes).await?.ignored().await?;
                continue;
            }
            request = request
                .header("Mex-To", &outgoing.to)
                .header("Mex-WorkflowID", &outgoing.workflow);
            for (name, value) in [
                ("Mex-LocalID", &outgoing.local_id),
                ("Mex-Subject", &outgoing.subject),
                ("Mex-FileName", &outgoing.file_name),
            ] {
                if let Some(value) = value {
                    request = request.header(name, value);
                }
            }
            let accepted: Option<Accepted> = self.ask(WHAT, request, bytes).await?.json().await?;
            let accepted = accepted.filter(|accepted| is_id(&accepted.message_id));
            id = accepted.ok_or(MeshError::Answer(WHAT))?.message_id;
        }
        Ok(id)
    }
}

/// The next bytes of the content, as they are sent.
fn piece(content: &mut (dyn Read + Send), length: u64, compress: bool) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    content.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if !compress {
        return Ok(bytes);
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&bytes)?;
    encoder.finish()
}
