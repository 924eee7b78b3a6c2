//! What a reference refers to, as far as it says so itself (FHIR R4, 2.3.0.1).

/// The type that a reference names: `Patient` of `Patient/1`, `https://host/fhir/Patient/1/_history/2` and `Patient?name=x`.
pub(super) fn type_of(reference: &str) -> Option<&str> {
    let (path, searches) = match reference.split_once('?') {
        Some((path, _)) => (path, true),
        None => (reference.split('#').next().unwrap_or(""), false),
    };
    if path.starts_with("urn:") {
        return None;
    }
    let mut parts = path.rsplit('/');
    let last = parts.next()?;
    if searches {
        return Some(last);
    }
    let before = parts.next()?;
    if before == "_history" {
        let (_, of) = (parts.next()?, parts.next()?);
        return Some(of);
    }
    Some(before)
}

/// The id that an address ends with, and the type before it.
pub(super) fn address(url: &str) -> Option<(&str, &str)> {
    let (before, id) = url.rsplit_once('/')?;
    let of = before.rsplit('/').next()?;
    Some((of, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_read_from_references() {
        for (reference, expected) in [
            ("Patient/1", Some("Patient")),
            ("https://host/fhir/Patient/1", Some("Patient")),
            ("Patient/1/_history/2", Some("Patient")),
            ("Patient?identifier=a/b", Some("Patient")),
            ("urn:uuid:x/y", None),
            ("Patient", None),
        ] {
            assert_eq!(type_of(reference), expected, "{reference}");
        }
        assert_eq!(address("https://host/Patient/1"), Some(("Patient", "1")));
    }
}
