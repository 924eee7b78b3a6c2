//! Names of inputs as the references and paths that other tools resolve.

use std::borrow::Cow;

/// A name without `./` before it, with `/` between folders: how repositories name their files.
pub(crate) fn path(name: &str) -> Cow<'_, str> {
    let mut name = if cfg!(windows) {
        Cow::Owned(name.replace('\\', "/"))
    } else {
        Cow::Borrowed(name)
    };
    while let Some(rest) = name.strip_prefix("./") {
        name = Cow::Owned(rest.trim_start_matches('/').to_owned());
    }
    name
}

/// A URI reference (RFC 3986) to an input: relative when its name is, else `file://`.
pub(crate) fn reference(name: &str) -> String {
    let path = path(name);
    let drive = cfg!(windows) && path.as_bytes().get(1) == Some(&b':');
    let mut text = String::with_capacity(path.len() + 8);
    if path.starts_with('/') {
        text.push_str("file://");
    } else if drive {
        text.push_str("file:///");
    }
    for (index, byte) in path.bytes().enumerate() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                text.push(char::from(byte));
            }
            b':' if drive && index == 1 => text.push(':'),
            byte => {
                const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
                text.push('%');
                text.push(char::from(DIGITS[usize::from(byte >> 4)]));
                text.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
    text
}

/// Whether a reference is relative.
pub(crate) fn is_relative(reference: &str) -> bool {
    !reference.starts_with("file://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_references() {
        for (name, expected) in [
            ("may.xml", "may.xml"),
            ("./in/../may 1.xml", "in/../may%201.xml"),
            (".//may.xml", "may.xml"),
            ("/data/a#b?.csv", "file:///data/a%23b%3F.csv"),
            ("a:b.xml", "a%3Ab.xml"),
            ("é.zip/ü.xml", "%C3%A9.zip/%C3%BC.xml"),
            ("-", "-"),
        ] {
            assert_eq!(reference(name), expected);
            assert_eq!(is_relative(expected), !name.starts_with('/'));
        }
    }
}
