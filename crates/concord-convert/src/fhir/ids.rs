//! Ids of resources: the same input always makes the same ones, and they say nothing of the patient.

use std::fmt::Write as _;

/// An id in the form of a UUID of version 8 (RFC 9562, section 5.8), made of 122 bits of the 128-bit FNV-1a hash (IETF draft
/// `draft-eastlake-fnv`) of these parts with a zero byte behind each.
pub fn id(parts: &[&str]) -> String {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let mut hash = BASIS;
    for part in parts {
        for byte in part.bytes().chain([0]) {
            hash = (hash ^ u128::from(byte)).wrapping_mul(PRIME);
        }
    }
    let mut bytes = hash.to_be_bytes();
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

/// Where a record came from as a URI: the file's name with the number of the record, and its standard if it is known.
pub fn source(file: &str, standard: Option<&str>, record: i64) -> String {
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
    }

    #[test]
    fn sources_are_uris() {
        let uri = source("a b/é.xml", Some("cds@6-3-1"), 7);
        assert_eq!(uri, "a%20b/%C3%A9.xml?standard=cds@6-3-1#7");
    }
}
