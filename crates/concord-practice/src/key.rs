//! Keys of rows as numbers.

use std::hash::{DefaultHasher, Hasher as _};

/// 128 bits of a key: two hashes of 64 bits that begin differently. Of a thousand million keys two have the same with a
/// probability of about 10⁻²¹.
#[derive(Debug)]
pub(crate) struct KeyHash([DefaultHasher; 2]);

impl Default for KeyHash {
    fn default() -> Self {
        let mut second = DefaultHasher::new();
        second.write_u8(1);
        Self([DefaultHasher::new(), second])
    }
}

impl KeyHash {
    /// Adds a cell. A GUID is the same with and without braces, in capitals and small letters.
    pub(crate) fn with(mut self, text: &str) -> Self {
        let plain = text.trim();
        let bare = plain
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'))
            .unwrap_or(plain);
        let guid = bare.len() == 36 && bare.bytes().filter(|byte| *byte == b'-').count() == 4;
        let folded = if guid {
            bare.to_ascii_uppercase()
        } else {
            plain.to_owned()
        };
        for hasher in &mut self.0 {
            hasher.write_usize(folded.len());
            hasher.write(folded.as_bytes());
        }
        self
    }

    pub(crate) fn finish(&self) -> u128 {
        let [first, second] = &self.0;
        u128::from(first.finish()) << 64 | u128::from(second.finish())
    }
}
