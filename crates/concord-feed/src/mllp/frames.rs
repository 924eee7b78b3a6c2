//! Frames of the minimal lower layer protocol: bytes in, messages out, without any input or output of its own.
//!
//! A frame is `0x0B`, a message, `0x1C 0x0D` (HL7 v2, appendix C, as used by IHE ITI TF-2 and the ITK). Tolerated: blank space
//! between frames, and a line feed in place of the last carriage return. A message that is not ended is never given out.

const START: u8 = concord_read::hl7::BLOCK_START;
const END: u8 = concord_read::hl7::BLOCK_END;

/// Why bytes are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameProblem {
    /// Something else than a frame begins.
    #[error("bytes that begin no frame")]
    Noise,
    /// A frame began within another one; the first is dropped, and reading can go on.
    #[error("a frame that was begun again before it had ended")]
    Begun,
    /// The byte that ends a message stands within one.
    #[error("a frame whose end is not followed by a carriage return")]
    End,
    /// A message is larger than what is taken.
    #[error("a message larger than the limit")]
    TooLarge,
}

/// Takes frames out of bytes as they come in.
#[derive(Debug)]
pub struct Frames {
    bytes: Vec<u8>,
    /// Up to here nothing ends or begins a frame.
    seen: usize,
    largest: usize,
}

impl Frames {
    /// Takes messages up to a size.
    pub fn new(largest: usize) -> Self {
        Self {
            bytes: Vec::new(),
            seen: 0,
            largest,
        }
    }

    /// Where the bytes that come in are put, behind those that are there.
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Whether part of a frame is there.
    pub fn begun(&self) -> bool {
        !self.bytes.is_empty()
    }

    /// The next message, if all of it is there.
    ///
    /// # Errors
    /// [`FrameProblem`]; only after [`FrameProblem::Begun`] can reading go on.
    pub fn take(&mut self) -> Result<Option<Vec<u8>>, FrameProblem> {
        if self.seen == 0 {
            let blank = |byte: &u8| matches!(byte, b'\r' | b'\n' | b' ' | b'\t');
            let before = self.bytes.iter().take_while(|byte| blank(byte)).count();
            self.bytes.drain(..before);
            match self.bytes.first() {
                None => return Ok(None),
                Some(&START) => self.seen = 1,
                Some(_) => return Err(FrameProblem::Noise),
            }
        }
        let Some(at) = memchr::memchr2(START, END, &self.bytes[self.seen..]) else {
            self.seen = self.bytes.len();
            return self.small_enough(self.seen - 1).map(|()| None);
        };
        let at = self.seen + at;
        self.small_enough(at - 1)?;
        if self.bytes[at] == START {
            self.bytes.drain(..at);
            self.seen = 0;
            return Err(FrameProblem::Begun);
        }
        match self.bytes.get(at + 1) {
            None => {
                self.seen = at;
                Ok(None)
            }
            Some(b'\r' | b'\n') => {
                let message = self.bytes[1..at].to_vec();
                self.bytes.drain(..at + 2);
                self.seen = 0;
                Ok(Some(message))
            }
            Some(_) => Err(FrameProblem::End),
        }
    }

    fn small_enough(&self, size: usize) -> Result<(), FrameProblem> {
        if size > self.largest {
            return Err(FrameProblem::TooLarge);
        }
        Ok(())
    }
}

/// A message as a frame.
pub fn framed(message: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(message.len() + 3);
    frame.push(START);
    frame.extend_from_slice(message);
    frame.extend_from_slice(&[END, b'\r']);
    frame
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(frames: &mut Frames, bytes: &[u8], step: usize) -> Vec<Result<Vec<u8>, FrameProblem>> {
        let mut found = Vec::new();
        for piece in bytes.chunks(step) {
            frames.buffer().extend_from_slice(piece);
            loop {
                match frames.take() {
                    Ok(None) => break,
                    Ok(Some(message)) => found.push(Ok(message)),
                    Err(problem) => {
                        found.push(Err(problem));
                        if problem != FrameProblem::Begun {
                            return found;
                        }
                    }
                }
            }
        }
        found
    }

    #[test]
    fn frames_are_found_however_the_bytes_come() {
        let bytes =
            b"\r\n\x0bone\r\x1c\r\x0btwo\x1c\n \x0bhalf\x0bthree\x1c\r\r\n\x0bfo\x1cur\x1c\r";
        for step in 1..bytes.len() {
            let found = all(&mut Frames::new(100), bytes, step);
            let expected = [
                Ok(b"one\r".to_vec()),
                Ok(b"two".to_vec()),
                Err(FrameProblem::Begun),
                Ok(b"three".to_vec()),
                Err(FrameProblem::End),
            ];
            assert_eq!(found, expected, "in steps of {step}");
        }
    }

    #[test]
    fn what_is_too_large_is_refused_before_it_has_ended() {
        let mut frames = Frames::new(10);
        assert_eq!(all(&mut frames, b"\x0b0123456789\x1c\r", 3).len(), 1);
        let mut frames = Frames::new(10);
        let found = all(&mut frames, b"\x0b01234567890", 3);
        assert_eq!(found, [Err(FrameProblem::TooLarge)]);
        let noise = all(&mut Frames::new(10), b"GET / HTTP/1.1\r\n", 4);
        assert_eq!(noise, [Err(FrameProblem::Noise)]);
    }

    proptest! {
        #[test]
        fn what_is_framed_is_found(
            messages in proptest::collection::vec("[^\x0b\x1c]{0,40}", 0..6),
            step in 1_usize..50,
        ) {
            let bytes: Vec<u8> = messages.iter().flat_map(|one| framed(one.as_bytes())).collect();
            let found: Result<Vec<_>, _> = all(&mut Frames::new(1_000), &bytes, step).into_iter().collect();
            let expected: Vec<Vec<u8>> = messages.into_iter().map(String::into_bytes).collect();
            prop_assert_eq!(found, Ok(expected));
        }

        #[test]
        fn noise_does_no_harm(bytes: Vec<u8>, step in 1_usize..50) {
            let found = all(&mut Frames::new(20), &bytes, step);
            let small = found.iter().flatten().all(|message| message.len() <= 20);
            prop_assert!(small);
        }
    }
}
