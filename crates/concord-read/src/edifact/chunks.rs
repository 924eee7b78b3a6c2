//! An input cut before messages and interchanges, so that the chunks can be checked side by side.

use std::io::Read;
use std::sync::Arc;

use super::{Chunk, Service, is_called};
use crate::ReadError;
use crate::chunk::Source;
use crate::hl7::unreleased;

/// Reads an input in chunks of whole messages.
///
/// Only a message that is larger than the largest is cut; its chunk says so. The trailer of an interchange goes with the
/// message before it, and its header with the one behind it.
#[derive(Debug)]
pub struct Chunks<R> {
    source: Source<R>,
    service: Service,
}

impl<R: Read> Chunks<R> {
    /// Reads from `reader`, whose input is called `name`, in chunks of about `target` bytes and never more than
    /// `largest` with a message that does not end.
    ///
    /// # Errors
    /// [`ReadError`] when the first bytes, which say what separates segments, cannot be read.
    pub fn new(
        reader: R,
        name: Arc<str>,
        target: usize,
        largest: usize,
    ) -> Result<Self, ReadError> {
        let mut source = Source::new(reader, name, target.max(16), largest.max(64));
        let service = Service::of(source.peek()?);
        Ok(Self { source, service })
    }

    /// What separates segments and their parts in this input.
    pub fn service(&self) -> Service {
        self.service
    }

    /// The next chunk, in the memory of an old one. The last one can be empty.
    ///
    /// # Errors
    /// [`ReadError`] when the input cannot be read on. What was read until then and not given out is lost.
    pub fn next(&mut self, old: Chunk) -> Result<Option<Chunk>, ReadError> {
        let service = self.service;
        self.source.next(
            old,
            |bytes| last_beginning(bytes, service),
            |bytes| within(bytes, service),
        )
    }
}

/// Where the last message or interchange of some bytes begins, if anything stands before it.
fn last_beginning(bytes: &[u8], service: Service) -> Option<usize> {
    let mut before = bytes.len();
    while let Some(at) = memchr::memmem::rfind(&bytes[..before], b"UN") {
        before = at;
        let rest = &bytes[at..];
        // Without the byte behind it, it may be the beginning of a longer name.
        let begins = rest.len() > 3
            && [*b"UNH", *b"UNA", *b"UNB"]
                .iter()
                .any(|name| is_called(rest, *name));
        if !begins {
            continue;
        }
        let text = bytes[..at].trim_ascii_end();
        let (last, content) = text.split_last()?;
        let line = service.terminator == b'\n' || service.terminator == b'\r';
        let ends = *last == service.terminator || line && text.len() < at;
        let released = service.release.is_some_and(|release| {
            content
                .iter()
                .rev()
                .take_while(|byte| **byte == release)
                .count()
                % 2
                == 1
        });
        // A service string advice ends as it says, whatever its last character would mean elsewhere.
        let advised = content.len() + 1 >= Service::ADVICE
            && is_called(&text[text.len() - Service::ADVICE..], *b"UNA");
        if ends && (!released || advised) {
            return (!advised && at > 0).then_some(at).or_else(|| {
                let start = text.len() - Service::ADVICE;
                (start > 0).then_some(start)
            });
        }
    }
    None
}

/// Where to cut a message that is too large: behind a segment, else anywhere.
fn within(bytes: &[u8], service: Service) -> usize {
    let mut end = None;
    let mut at = 0;
    while let Some(found) = next_end(&bytes[at..], service) {
        at += found + 1;
        end = Some(at);
    }
    end.unwrap_or(bytes.len())
}

fn next_end(bytes: &[u8], service: Service) -> Option<usize> {
    match service.release {
        Some(release) => unreleased(bytes, service.terminator, release),
        None => memchr::memchr(service.terminator, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(bytes: &[u8], target: usize, largest: usize) -> Vec<(Vec<u8>, bool)> {
        let mut chunks =
            Chunks::new(bytes, "a".into(), target, largest).expect("bytes can be read");
        let mut found = Vec::new();
        while let Some(chunk) = chunks.next(Chunk::default()).expect("bytes can be read") {
            found.push((chunk.content().to_vec(), chunk.oversized));
        }
        found
    }

    #[test]
    fn chunks_hold_whole_messages() {
        let interchange = |number: usize| {
            format!(
                "UNA:+.? '\r\nUNB+{number}'UNH+1'FTX+UNH+x?'\nUNH+y'UNT+1'\nUNH+2'PNA'UNT+2'\nUNZ+2'\n"
            )
            .into_bytes()
        };
        let bytes: Vec<u8> = (0..30).flat_map(interchange).collect();
        for target in 16..200 {
            let found = chunks(&bytes, target, 1 << 20);
            let whole: Vec<u8> = found.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
            assert_eq!(whole, bytes);
            for (chunk, oversized) in found {
                assert!(!oversized);
                let begins = [&b"UNA"[..], b"UNH", b"UNB"];
                assert!(begins.iter().any(|name| chunk.starts_with(name)));
                let end = chunk.trim_ascii_end();
                assert!(end.ends_with(b"'") && !end.ends_with(b"?'"));
            }
        }
    }

    #[test]
    fn a_message_that_is_too_large_is_cut() {
        let mut bytes = b"UNB+1'UNH+1'".to_vec();
        for _ in 0..100 {
            bytes.extend_from_slice(b"FTX+aaaaaaaaaa'");
        }
        bytes.extend_from_slice(b"UNT+1'UNZ+1'");
        let found = chunks(&bytes, 64, 256);
        let whole: Vec<u8> = found.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
        assert_eq!(whole, bytes);
        assert!(
            found
                .iter()
                .any(|(chunk, oversized)| *oversized && chunk.len() <= 256)
        );
    }
}
