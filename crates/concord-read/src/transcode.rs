//! Other encodings to UTF-8, as a stream. What is malformed is an error with its place, never a replacement character.

use std::io::{self, Cursor, Read};

use encoding_rs::{DecoderResult, ISO_8859_15, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::decompress::{Ahead, Plain};
use crate::encoding::Encoding;
use crate::error::ReadErrorKind;

const INPUT: usize = 64 * 1024;
/// No encoding that is read grows more than threefold; the rest is what the decoder wants to spare.
const OUTPUT: usize = INPUT * 3 + 64;

/// UTF-8 made of another encoding.
pub(crate) struct Transcoder {
    source: Ahead<Plain>,
    encoding: Encoding,
    decoder: Decoder,
    input: Vec<u8>,
    output: Vec<u8>,
    /// The part of `output` not handed on yet.
    start: usize,
    end: usize,
    /// Bytes of the input decoded so far, the byte order mark included.
    consumed: u64,
    finished: bool,
}

enum Decoder {
    Library(Box<encoding_rs::Decoder>),
    Latin1,
    Ascii,
}

impl Transcoder {
    /// `ahead` is the beginning of the input after a byte order mark of `mark` bytes.
    pub(crate) fn new(encoding: Encoding, ahead: Vec<u8>, mark: usize, source: Plain) -> Self {
        let library = |encoding: &'static encoding_rs::Encoding| {
            Decoder::Library(Box::new(encoding.new_decoder_without_bom_handling()))
        };
        Self {
            source: Cursor::new(ahead).chain(source),
            encoding,
            decoder: match encoding {
                Encoding::Utf16Le => library(UTF_16LE),
                Encoding::Utf16Be => library(UTF_16BE),
                Encoding::Windows1252 => library(WINDOWS_1252),
                Encoding::Iso8859_15 => library(ISO_8859_15),
                Encoding::Iso8859_1 => Decoder::Latin1,
                Encoding::UsAscii | Encoding::Utf8 => Decoder::Ascii,
            },
            input: vec![0; INPUT],
            output: vec![0; OUTPUT],
            start: 0,
            end: 0,
            consumed: mark as u64,
            finished: false,
        }
    }

    fn malformed(&self, offset: u64, bytes: &[u8]) -> io::Error {
        ReadErrorKind::Malformed {
            encoding: self.encoding,
            offset,
            bytes: bytes.to_vec(),
        }
        .into_io()
    }

    /// Decodes the next bytes into `output`; at the end of the input it stays empty.
    fn fill(&mut self) -> io::Result<()> {
        self.start = 0;
        self.end = 0;
        while self.end == 0 && !self.finished {
            let count = self.source.read(&mut self.input)?;
            self.finished = count == 0;
            if let Some(index) = self.unassigned(count) {
                return Err(
                    self.malformed(self.consumed + index as u64, &self.input[index..=index])
                );
            }
            self.decode(count)?;
            self.consumed += count as u64;
        }
        Ok(())
    }

    /// The first of `count` new bytes that the encoding assigns no character to although the decoder would.
    fn unassigned(&self, count: usize) -> Option<usize> {
        let input = &self.input[..count];
        match self.encoding {
            Encoding::Windows1252 => input
                .iter()
                .position(|byte| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)),
            Encoding::UsAscii | Encoding::Utf8 => {
                let valid = encoding_rs::Encoding::ascii_valid_up_to(input);
                (valid < count).then_some(valid)
            }
            _ => None,
        }
    }

    fn decode(&mut self, count: usize) -> io::Result<()> {
        let input = &self.input[..count];
        match &mut self.decoder {
            Decoder::Ascii => {
                self.output[..count].copy_from_slice(input);
                self.end = count;
            }
            Decoder::Latin1 => {
                self.end = encoding_rs::mem::convert_latin1_to_utf8(input, &mut self.output);
            }
            Decoder::Library(decoder) => {
                let (result, read, written) = decoder.decode_to_utf8_without_replacement(
                    input,
                    &mut self.output,
                    self.finished,
                );
                self.end = written;
                match result {
                    DecoderResult::InputEmpty => {}
                    DecoderResult::Malformed(bad, after) => {
                        let back = u64::from(bad) + u64::from(after);
                        let offset = (self.consumed + read as u64).saturating_sub(back);
                        // The sequence may have begun in the bytes before these, which are gone.
                        let first = read.saturating_sub(usize::from(bad) + usize::from(after));
                        let last = (first + usize::from(bad)).min(read);
                        return Err(self.malformed(offset, &self.input[first..last]));
                    }
                    DecoderResult::OutputFull => {
                        return Err(io::Error::other(
                            "the decoder asked for more room than it said",
                        ));
                    }
                }
            }
        }
        Ok(())
    }
}

impl Read for Transcoder {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end {
            self.fill()?;
        }
        let count = buffer.len().min(self.end - self.start);
        buffer[..count].copy_from_slice(&self.output[self.start..self.start + count]);
        self.start += count;
        Ok(count)
    }
}
