//! Which standard FHIR resources follow.

use memchr::memmem;

use super::entry::RESOURCES;
use super::{Recognition, Registry};
use crate::definition::StandardInfo;

impl Registry {
    /// The standard of FHIR resources of which nothing else is known: the one for those that bear no marks of a release.
    pub fn recognise_resources(&self) -> Recognition<'_> {
        let known = self
            .of(RESOURCES)
            .filter(|info| info.recognise.marks.general);
        one_of(known.collect())
    }

    /// The standard of the FHIR resources that an input begins with, in JSON or XML.
    ///
    /// Resources do not say which release they are of. A resource that only one release has says it for them, else the
    /// addresses of profiles and extensions do; without any of these they are of the release that is for all such.
    pub fn recognise_resources_in(&self, first: &[u8]) -> Recognition<'_> {
        let by = |marked: fn(&StandardInfo, &[u8]) -> bool| {
            let infos = self.of(RESOURCES).filter(|info| marked(info, first));
            infos.collect::<Vec<&StandardInfo>>()
        };
        for marked in [has_resource, has_address] {
            let found = by(marked);
            if !found.is_empty() {
                return one_of(found);
            }
        }
        self.recognise_resources()
    }
}

fn one_of(known: Vec<&StandardInfo>) -> Recognition<'_> {
    match &known[..] {
        [only] => Recognition::Recognised(only),
        [] => Recognition::Unknown {
            nearest: Vec::new(),
        },
        _ => Recognition::Ambiguous(known),
    }
}

fn has_address(info: &StandardInfo, first: &[u8]) -> bool {
    let mut addresses = info.recognise.marks.addresses.iter();
    addresses.any(|address| memmem::find(first, address.as_bytes()).is_some())
}

/// Whether one of the resources that only this release has stands there: as `resourceType`, or as an element of XML, whose
/// names begin with a capital only where they are those of resources.
fn has_resource(info: &StandardInfo, first: &[u8]) -> bool {
    let is_one = |name: &[u8]| {
        let mut resources = info.recognise.marks.resources.iter();
        resources.any(|known| known.as_bytes() == name)
    };
    let word = |from: usize| {
        let rest = &first[from..];
        let ends = rest.iter().position(|byte| !byte.is_ascii_alphanumeric());
        &rest[..ends.unwrap_or(rest.len())]
    };
    let named = |at: usize| {
        let rest = &first[at + TYPE.len()..];
        let between = |byte: &&u8| byte.is_ascii_whitespace() || **byte == b':';
        let blank = rest.iter().take_while(between).count();
        rest.get(blank) == Some(&b'"') && is_one(word(at + TYPE.len() + blank + 1))
    };
    memmem::find_iter(first, TYPE).any(named)
        || memchr::memchr_iter(b'<', first).any(|at| is_one(word(at + 1)))
}

/// What stands before the name of a resource in JSON.
const TYPE: &[u8] = b"\"resourceType\"";

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn recognised(first: &str) -> String {
        let standard = |version: &str, recognise: &str| {
            let text = format!(
                "id = \"f\"\nversion = \"{version}\"\ntitle = \"t\"\npublisher = \"p\"\ncarrier = \"fhir\"\nsource = \"s\"\n[recognise]\n{recognise}\n"
            );
            (format!("f/{version}/standard.toml"), text)
        };
        let files: BTreeMap<String, String> = [
            standard("3", "resources = [\"Old\"]\naddresses = [\"https://a/3/\"]"),
            standard("4", "resources = [\"New\"]\ngeneral = true"),
        ]
        .into();
        let registry = Registry::new(vec![Box::new(files)]).expect("standards are right");
        match registry.recognise_resources_in(first.as_bytes()) {
            Recognition::Recognised(info) => info.name(),
            Recognition::Ambiguous(_) => "several".to_owned(),
            Recognition::Unknown { .. } => "none".to_owned(),
        }
    }

    #[test]
    fn resources_and_addresses_tell_the_release() {
        for (first, expected) in [
            (r#"{"resourceType": "Old"}"#, "f@3"),
            (r#"{"resourceType" : "Older"}"#, "f@4"),
            (
                r#"{"resourceType":"Patient","meta":{"profile":["https://a/3/P"]}}"#,
                "f@3",
            ),
            // What only one release has says more than an address.
            (
                r#"{"resourceType":"New","extension":[{"url":"https://a/3/E"}]}"#,
                "f@4",
            ),
            (
                r#"{"resourceType":"Old","contained":[{"resourceType":"New"}]}"#,
                "several",
            ),
            (r#"{"resourceType":"Patient","a":"Old"}"#, "f@4"),
            ("<Bundle><entry><resource><Old/>", "f@3"),
            ("<Bundle><Olden/>", "f@4"),
            ("{\"resourceType\"", "f@4"),
            ("<", "f@4"),
        ] {
            assert_eq!(recognised(first), expected, "{first}");
        }
    }
}
