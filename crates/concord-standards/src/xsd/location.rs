//! Where one file says that another lies.

/// The path that `location`, written in the file at `from`, leads to.
///
/// Locations are URI references, so `%20` is a blank. One that is absolute (`http://…`) stays as it is; a source that
/// knows only files will not find it.
pub(super) fn join(from: &str, location: &str) -> String {
    let location = location.split('#').next().unwrap_or(location);
    if location.contains("://") {
        return location.to_owned();
    }
    let decoded = decode(location);
    match from.rfind('/') {
        Some(end) if !decoded.starts_with('/') => normalise(&format!("{}{decoded}", &from[..=end])),
        _ => normalise(&decoded),
    }
}

/// A path without `.` and empty parts, and with `..` taken back where there is something to take back.
pub(super) fn normalise(written: &str) -> String {
    let absolute = written.starts_with('/');
    let mut path: Vec<&str> = Vec::new();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." if path.last().is_some_and(|last| *last != "..") => {
                path.pop();
            }
            ".." if absolute => {}
            part => path.push(part),
        }
    }
    let joined = path.join("/");
    if absolute {
        format!("/{joined}")
    } else {
        joined
    }
}

/// Percent-decoding; what is not decodable stays as it is.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let code = (bytes[index] == b'%')
            .then(|| bytes.get(index + 1..index + 3))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(code) = code {
            decoded.push(code);
            index += 3;
        } else {
            decoded.push(bytes[index]);
            index += 1;
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn locations_lead_from_the_file_that_writes_them() {
        for (from, location, path) in [
            ("root.xsd", "types.xsd", "types.xsd"),
            ("a/root.xsd", "types.xsd", "a/types.xsd"),
            ("a/b/root.xsd", "../types.xsd", "a/types.xsd"),
            ("a/root.xsd", "./x/../types.xsd", "a/types.xsd"),
            ("root.xsd", "../types.xsd", "../types.xsd"),
            ("/a/root.xsd", "types.xsd", "/a/types.xsd"),
            ("/a/root.xsd", "../../../types.xsd", "/types.xsd"),
            ("a/root.xsd", "/types.xsd", "/types.xsd"),
            ("root.xsd", "my%20types.xsd", "my types.xsd"),
            ("root.xsd", "100%.xsd", "100%.xsd"),
            (
                "root.xsd",
                "http://example.org/a.xsd",
                "http://example.org/a.xsd",
            ),
        ] {
            assert_eq!(join(from, location), path, "{location} in {from}");
        }
    }
}
