//! `hexBinary` and `base64Binary`: part 2, sections 3.2.15 and 3.2.16.

/// Octets that `text` writes in hexadecimal digits; `None` when it is not in the lexical space.
pub(super) fn hex_octets(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    (bytes.len().is_multiple_of(2) && bytes.iter().all(u8::is_ascii_hexdigit))
        .then_some(bytes.len() as u64 / 2)
}

/// Octets that `text` writes in base 64; `None` when it is not in the lexical space.
///
/// `text` is collapsed. One blank may stand between any two characters. The last character before a
/// padding must have no bits beyond the octets.
pub(super) fn base64_octets(text: &str) -> Option<u64> {
    if text.starts_with(' ') || text.ends_with(' ') || text.contains("  ") {
        return None;
    }
    let mut digits = 0_u64;
    let mut padding = 0_u64;
    let mut last = 0;
    for byte in text.bytes().filter(|&byte| byte != b' ') {
        if byte == b'=' {
            padding += 1;
        } else if padding > 0 {
            return None;
        } else {
            last = sextet(byte)?;
            digits += 1;
        }
    }
    if !(digits + padding).is_multiple_of(4) {
        return None;
    }
    let whole = match padding {
        0 => true,
        1 => last.is_multiple_of(4),
        2 => last.is_multiple_of(16),
        _ => false,
    };
    whole.then_some(digits * 6 / 8)
}

/// The digits of a value without the blanks, which is what two equal values have in common.
pub(super) fn base64_digits(text: &str) -> String {
    text.replace(' ', "")
}

fn sextet(digit: u8) -> Option<u8> {
    Some(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}
