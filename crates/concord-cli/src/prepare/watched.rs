//! Whether resources may hold others as bytes, seen while they are checked, so that most inputs are read once.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What nothing can be held as bytes without.
const SAID: &[u8] = b"contentType";

/// Whether a text may say that something is held as bytes.
pub(crate) fn may_hold(text: &[u8]) -> bool {
    memchr::memmem::find(text, SAID).is_some()
}

/// What is known of an input when it has been checked: whether it may hold something as bytes.
#[derive(Debug, Clone, Default)]
pub(crate) struct MayHold(Arc<AtomicBool>);

impl MayHold {
    /// Whether it was seen.
    pub(crate) fn is_so(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Passes bytes on and looks at them.
    pub(super) fn watch<R: Read>(&self, bytes: R) -> impl Read + use<R> {
        Watched {
            bytes,
            seam: Vec::new(),
            found: self.clone(),
        }
    }
}

struct Watched<R> {
    bytes: R,
    /// The end of what was passed on, in which what is looked for may begin.
    seam: Vec<u8>,
    found: MayHold,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(into)?;
        if !self.found.is_so() {
            let passed = &into[..count];
            self.seam
                .extend_from_slice(&passed[..count.min(SAID.len() - 1)]);
            if may_hold(&self.seam) || may_hold(passed) {
                self.found.0.store(true, Ordering::Relaxed);
            }
            if count >= SAID.len() {
                self.seam.clear();
                self.seam
                    .extend_from_slice(&passed[count + 1 - SAID.len()..]);
            }
            let behind = self.seam.len().saturating_sub(SAID.len() - 1);
            self.seam.drain(..behind);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives out few bytes at a time.
    struct Slow<'b>(&'b [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let most = into.len().min(self.1);
            self.0.read(&mut into[..most])
        }
    }

    #[test]
    fn it_is_seen_wherever_reads_end() {
        for (text, expected) in [
            ("{\"contentType\":\"a\"}", true),
            ("contentType", true),
            ("{\"content\":\"Type\", \"contenttype\": 1}", false),
            ("contentcontentTypcontentT", false),
            ("", false),
        ] {
            for step in 1..30 {
                let known = MayHold::default();
                let mut passed = String::new();
                let mut watched = known.watch(Slow(text.as_bytes(), step));
                watched.read_to_string(&mut passed).expect("it is text");
                assert_eq!(passed, text);
                assert_eq!(known.is_so(), expected, "{text} by {step}");
            }
        }
    }
}
