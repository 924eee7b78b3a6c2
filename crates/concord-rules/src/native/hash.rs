//! Keys of rows as numbers of 128 bits.

use std::hash::{BuildHasher, Hasher as _, RandomState};

/// Two hash functions that are drawn anew for every set of rules, so that no input can be made to collide. With 128 bits,
/// two different keys among a thousand million have the same number with a probability of less than 10⁻²⁰.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hasher {
    one: RandomState,
    other: RandomState,
}

impl Hasher {
    /// The number of a key; `None` when a part of it is absent. Blanks around a part do not count.
    pub(crate) fn key<'t>(&self, parts: impl Iterator<Item = Option<&'t [u8]>>) -> Option<u128> {
        let (mut one, mut other) = (self.one.build_hasher(), self.other.build_hasher());
        for part in parts {
            let part = part?.trim_ascii();
            for hasher in [&mut one, &mut other] {
                hasher.write(part);
                // No text holds this byte, so parts cannot run into one another.
                hasher.write_u8(0xff);
            }
        }
        Some((u128::from(one.finish()) << 64) | u128::from(other.finish()))
    }

    /// A key in which an absent part is a part like others.
    pub(crate) fn key_with_gaps<'t>(&self, parts: impl Iterator<Item = Option<&'t [u8]>>) -> u128 {
        self.key(parts.map(|part| part.or(Some(&b"\xfe"[..]))))
            .unwrap_or_default()
    }
}
