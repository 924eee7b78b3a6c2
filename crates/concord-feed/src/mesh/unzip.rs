//! Bytes that may be compressed.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;

/// The first bytes of gzip (RFC 1952, 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// So many compressed bytes are taken at a time; they become at most a thousand times as many.
const STEP: usize = 4 << 10;

/// Decompresses bytes that begin as gzip, and hands on others as they are.
pub(crate) enum Unzip {
    Unknown(Vec<u8>),
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
}

impl Unzip {
    pub(crate) fn new() -> Self {
        Self::Unknown(Vec::new())
    }

    /// Takes some bytes, and hands out what becomes of them in pieces of bounded size.
    pub(crate) fn take<'a>(
        &'a mut self,
        bytes: &'a [u8],
    ) -> impl Iterator<Item = io::Result<Vec<u8>>> + 'a {
        bytes.chunks(STEP).map(|bytes| self.step(bytes))
    }

    fn step(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Unknown(begun) => {
                begun.extend_from_slice(bytes);
                if begun.len() < GZIP.len() {
                    return Ok(Vec::new());
                }
                let begun = std::mem::take(begun);
                *self = if begun.starts_with(&GZIP) {
                    Self::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))
                } else {
                    Self::Plain
                };
                self.step(&begun)
            }
            Self::Plain => Ok(bytes.to_vec()),
            Self::Gzip(decoder) => {
                decoder.write_all(bytes)?;
                Ok(std::mem::take(decoder.get_mut()))
            }
        }
    }

    /// What is left at the end; an error when what was compressed is not whole.
    pub(crate) fn end(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Unknown(begun) => Ok(begun),
            Self::Plain => Ok(Vec::new()),
            Self::Gzip(decoder) => decoder.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder
            .write_all(bytes)
            .and_then(|()| encoder.finish())
            .unwrap_or_default()
    }

    fn all(pieces: &[&[u8]]) -> io::Result<Vec<u8>> {
        let mut unzip = Unzip::new();
        let mut found = Vec::new();
        for piece in pieces {
            for piece in unzip.take(piece) {
                found.extend(piece?);
            }
        }
        found.extend(unzip.end()?);
        Ok(found)
    }

    #[test]
    fn what_is_compressed_is_decompressed_and_what_is_not_is_left() {
        assert_eq!(all(&[b"M", b"SH|"]).ok(), Some(b"MSH|".to_vec()));
        assert_eq!(all(&[b"M"]).ok(), Some(b"M".to_vec()));
        assert_eq!(all(&[]).ok(), Some(Vec::new()));
        let text = b"MSH|^~\\&|".repeat(10_000);
        let zipped = gzip(&text);
        assert_eq!(all(&[&zipped[..1], &zipped[1..]]).ok(), Some(text.clone()));
        // Several behind one another, as RFC 1952 allows.
        assert_eq!(
            all(&[&zipped, &gzip(b"PID")]).ok(),
            Some([&text[..], b"PID"].concat())
        );
    }

    #[test]
    fn what_is_cut_off_or_damaged_is_told() {
        let zipped = gzip(&b"MSH|^~\\&|".repeat(1_000));
        assert!(all(&[&zipped[..zipped.len() - 3]]).is_err());
        assert!(all(&[&zipped[..zipped.len() / 2]]).is_err());
        let mut damaged = zipped.clone();
        let at = damaged.len() - 6;
        damaged[at] ^= 0xff;
        assert!(all(&[&damaged]).is_err());
    }

    #[test]
    fn little_that_becomes_much_comes_in_pieces() {
        let bomb = gzip(&vec![0; 16 << 20]);
        let mut unzip = Unzip::new();
        let largest = unzip
            .take(&bomb)
            .map(|piece| piece.map_or(0, |piece| piece.len()))
            .max();
        assert!(largest.unwrap_or(0) <= 5 << 20, "{largest:?}");
    }
}
