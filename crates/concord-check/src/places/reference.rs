//! A reference to elements: a name, or segments of a path with gaps allowed.

/// `PersonBirthDate`, `@CDSTypeCode`, `PatientIdentity/*/NHSNumber`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Name(String),
    /// With `*` in it.
    Pattern(String),
}

impl Segment {
    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Name(own) => own == name,
            Self::Pattern(pattern) => glob(pattern, name),
        }
    }
}

impl Reference {
    /// Reads a reference; `None` when a segment is empty.
    pub fn read(text: &str) -> Option<Self> {
        let segment = |segment: &str| match segment {
            "" => None,
            pattern if pattern.contains('*') => Some(Segment::Pattern(pattern.to_owned())),
            name => Some(Segment::Name(name.to_owned())),
        };
        let segments = text.split('/').map(segment).collect::<Option<_>>()?;
        Some(Self { segments })
    }

    /// The last segment, when it is a plain name.
    pub fn last_name(&self) -> Option<&str> {
        match self.segments.last() {
            Some(Segment::Name(name)) => Some(name),
            Some(Segment::Pattern(_)) | None => None,
        }
    }

    /// Whether a place matches, given its names from the inside out: the last segment is the place's own name, the
    /// others occur above it in their order.
    pub fn matches<'a>(&self, names: impl Iterator<Item = &'a str>) -> bool {
        let mut segments = self.segments.iter().rev();
        let mut wanted = segments.next();
        for (level, name) in names.enumerate() {
            let Some(segment) = wanted else {
                return true;
            };
            if segment.matches(name) {
                wanted = segments.next();
            } else if level == 0 {
                return false;
            }
        }
        wanted.is_none()
    }
}

/// Whether `name` matches `pattern`, in which `*` stands for any characters. `*` alone matches no attribute.
fn glob(pattern: &str, name: &str) -> bool {
    if pattern.starts_with('*') && name.starts_with('@') {
        return false;
    }
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reference: &str, path: &str, expected: bool) {
        let names: Vec<&str> = path.split('/').rev().collect();
        let reference = Reference::read(reference).expect("a reference");
        assert_eq!(reference.matches(names.into_iter()), expected);
    }

    #[test]
    fn names_match_the_last_name() {
        check("NHSNumber", "a/NHSNumber", true);
        check("NHSNumber", "NHSNumber/a", false);
        check("@Code", "a/@Code", true);
        check("@Code", "a/Code", false);
    }

    #[test]
    fn segments_stand_in_order_with_gaps() {
        check("a/c", "a/b/c", true);
        check("a/b/c", "a/b/c", true);
        check("b/a/c", "a/b/c", false);
        check("c/c", "a/c", false);
        check("x/c", "a/b/c", false);
    }

    #[test]
    fn stars_stand_for_characters() {
        check("*_SnomedCt", "a/Finding_SnomedCt", true);
        check("*_SnomedCt", "a/Finding", false);
        check(
            "Organisation*Sender",
            "a/OrganisationIdentifier_CDSSender",
            true,
        );
        check("*", "a/@Code", false);
        check("@*", "a/@Code", true);
        check("*Id*/c", "a/TheIdentity/x/c", true);
        check("a*a", "x/a", false);
    }
}
