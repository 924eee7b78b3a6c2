//! Ids of resources: the same record always makes the same ones, and they do not tell what it says.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// An id in the form of a UUID of version 8 (RFC 9562, section 5.8), made of 122 bits of the SHA-256 digest of these parts
/// with a zero byte behind each.
pub(super) fn id(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.finalize()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Whether an id has the form of those that [`id`] makes, which hardly anybody else's has.
pub(super) fn is_one(id: &str) -> bool {
    let form = |(index, byte): (usize, u8)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        14 => byte == b'8',
        19 => b"89ab".contains(&byte),
        _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
    };
    id.len() == 36 && id.bytes().enumerate().all(form)
}

/// Where a record came from as a URI: the file's name with the number of the record, and its standard if it is known.
pub(super) fn source(file: &str, standard: Option<&str>, record: i64) -> String {
    let mut uri = String::with_capacity(file.len() + 32);
    escape(file, &mut uri);
    if let Some(standard) = standard {
        uri.push_str("?standard=");
        escape(standard, &mut uri);
    }
    let _ = write!(uri, "#{record}");
    uri
}

fn escape(text: &str, uri: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/@!$'()*,;".contains(&byte) {
            uri.push(byte as char);
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_and_differ() {
        let one = id(&["may.xml", "1", "patient", "1"]);
        assert_eq!(one, id(&["may.xml", "1", "patient", "1"]));
        assert_ne!(one, id(&["may.xml", "11", "patient", ""]));
        assert_eq!(one.len(), 36);
        assert_eq!(&one[14..15], "8");
        assert!("89ab".contains(&one[19..20]));
        assert!(is_one(&one));
        assert!(!is_one("0a1b2c3d-0000-4000-8000-000000000999") && !is_one("Patient"));
    }

    #[test]
    fn sources_are_uris() {
        let uri = source("a b/é.xml", Some("cds@6-3-1"), 7);
        assert_eq!(uri, "a%20b/%C3%A9.xml?standard=cds@6-3-1#7");
    }
}
