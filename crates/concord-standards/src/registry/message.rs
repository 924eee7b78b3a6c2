//! Which standard a message follows: of HL7 v2 by its version and the profiles that it names, of EDIFACT by its type.

use super::entry::MESSAGES;
use super::{Recognition, Registry};
use crate::definition::StandardInfo;
use crate::messages::{Syntax, matches};

impl Registry {
    /// The standard of a message of this version (MSH-12.1) that names these profiles (each repetition of MSH-21).
    ///
    /// A standard whose profile is named is preferred to those that are for messages without one.
    pub fn recognise_message(&self, version: &str, profiles: &[&str]) -> Recognition<'_> {
        let of_version = |info: &&StandardInfo| {
            let messages = info.messages.as_ref();
            messages.is_some_and(|messages| {
                messages.syntax == Syntax::Hl7
                    && messages.versions.iter().any(|known| known == version)
            })
        };
        let named = |info: &&StandardInfo| {
            let messages = info.messages.as_ref();
            messages.is_some_and(|messages| {
                messages.profiles.iter().any(|pattern| {
                    let pattern = pattern.to_ascii_lowercase();
                    let mut profiles = profiles.iter();
                    profiles.any(|profile| matches(&pattern, &profile.to_ascii_lowercase()))
                })
            })
        };
        let general = |info: &&StandardInfo| {
            let messages = info.messages.as_ref();
            messages.is_some_and(|messages| messages.profiles.is_empty())
        };
        let candidates: Vec<&StandardInfo> = self.of(MESSAGES).filter(of_version).collect();
        let mut found: Vec<&StandardInfo> = candidates.iter().copied().filter(named).collect();
        if found.is_empty() {
            found = candidates.into_iter().filter(general).collect();
        }
        match &found[..] {
            [only] => Recognition::Recognised(only),
            [] => Recognition::Unknown {
                nearest: self
                    .of(MESSAGES)
                    .filter(|info| info.syntax() == Some(Syntax::Hl7))
                    .collect(),
            },
            _ => Recognition::Ambiguous(found),
        }
    }

    /// The standard of an EDIFACT message of this type, as UNH-2 says it: `MEDRPT:0:1:RT:NHS003`.
    pub fn recognise_interchange(&self, kind: &str) -> Recognition<'_> {
        let list = || {
            self.of(MESSAGES)
                .filter(|info| info.syntax() == Some(Syntax::Edifact))
        };
        let takes = |info: &&StandardInfo| {
            let messages = info.messages.as_ref();
            messages.is_some_and(|messages| messages.versions.iter().any(|known| known == kind))
        };
        let found: Vec<&StandardInfo> = list().filter(takes).collect();
        match &found[..] {
            [only] => Recognition::Recognised(only),
            [] => Recognition::Unknown {
                nearest: list().collect(),
            },
            _ => Recognition::Ambiguous(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn standard(id: &str, recognise: &str) -> (String, String) {
        let text = format!(
            "id = \"{id}\"\nversion = \"1\"\ntitle = \"t\"\npublisher = \"p\"\ncarrier = \"hl7\"\nsource = \"s\"\n[recognise]\n{recognise}\n"
        );
        (format!("{id}/1/standard.toml"), text)
    }

    #[test]
    fn a_profile_that_is_named_is_preferred() {
        let files: BTreeMap<String, String> = [
            standard("base", "versions = [\"2.4\", \"2.3\"]"),
            standard("profile", "versions = [\"2.4\"]\nprofiles = [\"ITKv1*\"]"),
        ]
        .into();
        let registry = Registry::new(vec![Box::new(files)]).expect("standards are right");
        let name = |version: &str, profiles: &[&str]| match registry
            .recognise_message(version, profiles)
        {
            Recognition::Recognised(info) => info.name(),
            other => format!("{other:?}"),
        };
        assert_eq!(name("2.4", &["iTKv1.0"]), "profile@1");
        assert_eq!(name("2.4", &[]), "base@1");
        assert_eq!(name("2.4", &["other"]), "base@1");
        assert_eq!(name("2.3", &["ITKv1.0"]), "base@1");
        assert!(matches!(
            registry.recognise_interchange("2.4"),
            Recognition::Unknown { nearest } if nearest.is_empty()
        ));
        let unknown = registry.recognise_message("2.7", &[]);
        assert!(matches!(unknown, Recognition::Unknown { nearest } if nearest.len() == 2));
    }
}
