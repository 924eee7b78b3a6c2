//! The authorisation header of the MESH API.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;

use crate::hexadecimal::hexadecimal;

/// Makes headers, each of which is used once.
pub(super) struct Token {
    nonce: String,
    count: u64,
}

impl Token {
    /// `moment` is any time, so that no two begin alike.
    pub(super) fn new(moment: Duration) -> Self {
        // The only source of numbers that nobody can guess which the standard library has.
        let number = || {
            let mut hasher = RandomState::new().build_hasher();
            hasher.write_u128(moment.as_nanos());
            hasher.finish()
        };
        let (high, low) = (number(), number());
        // The form of a UUID of version 4 (RFC 9562, 5.4).
        let nonce = format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 48) & 0x3fff,
            low & 0xffff_ffff_ffff
        );
        Self { nonce, count: 0 }
    }

    /// The next header: mailbox, nonce, how often it was used, and the minute, and a keyed hash (HMAC-SHA-256 with the shared
    /// key) of the same with the password before the minute.
    pub(super) fn next(
        &mut self,
        mailbox: &str,
        password: &str,
        key: &str,
        now: Timestamp,
    ) -> String {
        let count = self.count;
        self.count += 1;
        let minute = now.strftime("%Y%m%d%H%M");
        let public = format!("{mailbox}:{}:{count}", self.nonce);
        let mut hash =
            Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key may have any length");
        hash.update(format!("{public}:{password}:{minute}").as_bytes());
        let hash = hexadecimal(&hash.finalize().into_bytes());
        format!("NHSMESH {public}:{minute}:{hash}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_as_computed_elsewhere() {
        let mut token = Token::new(Duration::ZERO);
        token.nonce = "2c001608-5f09-4840-9611-bea43e666a30".into();
        token.count = 1;
        let now: Timestamp = "2015-11-20T10:38:59Z".parse().unwrap_or_default();
        let header = token.next("TEST", "password", "Banana", now);
        // `printf TEST:…:1:password:201511201038 | openssl dgst -sha256 -hmac Banana`
        assert_eq!(
            header,
            "NHSMESH TEST:2c001608-5f09-4840-9611-bea43e666a30:1:201511201038:6d07f7aa9394abc72e121c773f34926162ff4d6d2d20020df26613d158d568d8"
        );
        assert!(
            token
                .next("TEST", "password", "Banana", now)
                .contains(":2:201511201038:")
        );
    }

    #[test]
    fn nonces_differ_and_have_the_form_of_a_uuid() {
        let (one, two) = (
            Token::new(Duration::ZERO).nonce,
            Token::new(Duration::ZERO).nonce,
        );
        assert_ne!(one, two);
        let lengths: Vec<usize> = one.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(one.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&one.as_bytes()[19]), "{one}");
    }
}
