//! Particles: what stands in a group, and how often.

use std::sync::Arc;

use super::super::table::Table;
use super::Builder;
use crate::schema::{NamespaceSet, Particle, ProcessContents, Term, Wildcard};

const ELEMENT_KEYS: &[&str] = &[
    "element", "group", "value", "occurs", "status", "name", "format", "personal", "nillable",
    "default", "fixed", "block",
];

/// What a particle may be.
const TERMS: [&str; 6] = ["element", "ref", "sequence", "choice", "all", "any"];

impl<'a> Builder<'a, '_, '_> {
    /// The particles of a list.
    pub(super) fn particles(&mut self, said: &Table<'a>, key: &str) -> Vec<Particle> {
        let mut particles = Vec::new();
        for table in said.tables(key) {
            let Some(particle) = self.particle(&table) else {
                continue;
            };
            // Beside other parts it would be taken for a sequence (XML Schema part 1, 3.8.6).
            if matches!(particle.term, Term::All(_)) {
                self.reading.error_with_help(
                    table.head(),
                    "elements in any order must be all that a group holds".to_owned(),
                    "write them as `all = [...]` of a group of their own".to_owned(),
                );
                continue;
            }
            particles.push(particle);
        }
        particles
    }

    pub(super) fn particle(&mut self, said: &Table<'a>) -> Option<Particle> {
        let mut used = TERMS.into_iter().filter(|key| said.has(key));
        let (Some(key), None) = (used.next(), used.next()) else {
            let message =
                "each part of a group is one of: element, ref, sequence, choice, all, any";
            self.reading.error(said.head(), message.to_owned());
            return None;
        };
        let (min, max) = self.occurs(said);
        let term = match key {
            "element" => {
                said.only("an element", ELEMENT_KEYS);
                let name = said.text("element")?;
                let local_namespace = Arc::clone(&self.local_namespace);
                let name = self.name(&name, &local_namespace);
                let id = self.new_element(name, said);
                self.fill_element(id, said);
                Term::Element(id)
            }
            "ref" => {
                said.only("a reference", &["ref", "occurs"]);
                let name = said.text("ref")?;
                Term::Element(self.element_named(&name)?)
            }
            "any" => {
                said.only("a wildcard", &["any", "process", "occurs"]);
                Term::Any(self.wildcard(said, "any"))
            }
            list => {
                said.only("a part of a group", &[list, "occurs"]);
                let particles = self.particles(said, list);
                match list {
                    "sequence" => Term::Sequence(particles),
                    "choice" => Term::Choice(particles),
                    _ => Term::All(particles),
                }
            }
        };
        Some(Particle {
            min,
            max,
            term,
            origin: said.origin(),
        })
    }

    /// `occurs = "0..1"`; once when it is not said.
    pub(super) fn occurs(&self, said: &Table<'_>) -> (u32, Option<u32>) {
        let Some(spot) = said.text("occurs") else {
            return (1, Some(1));
        };
        if let Some(occurs) = parse_occurs(spot.text) {
            return occurs;
        }
        let message = format!("`{}` is not an occurrence", spot.text);
        let help = "write fewest and most: \"0..1\", \"1..9\", \"1..*\"";
        self.reading
            .error_with_help(spot.span, message, help.to_owned());
        (0, None)
    }

    /// `##any`, `##other`, or a list of namespaces.
    pub(super) fn wildcard(&self, said: &Table<'_>, key: &str) -> Wildcard {
        if key == "namespaces" {
            said.only("any_attribute", &["namespaces", "process"]);
        }
        let spots = said.texts(key).unwrap_or_default();
        let namespaces = match spots[..] {
            [ref only] if only.text == "##any" => NamespaceSet::Any,
            [ref only] if only.text == "##other" => {
                NamespaceSet::Other(Arc::clone(&self.schema.namespace))
            }
            [ref only] if only.text.starts_with("##other ") => {
                NamespaceSet::Other(only.text["##other ".len()..].into())
            }
            _ => NamespaceSet::These(spots.iter().map(|spot| spot.text.into()).collect()),
        };
        if !said.has(key) {
            let message =
                format!("`{key}` must say which namespaces: \"##any\", \"##other\" or a list");
            self.reading.error(said.head(), message);
        }
        Wildcard {
            namespaces,
            process: self.process(said),
        }
    }

    fn process(&self, said: &Table<'_>) -> ProcessContents {
        let Some(word) = said.text("process") else {
            return ProcessContents::Strict;
        };
        match word.text {
            "strict" => ProcessContents::Strict,
            "lax" => ProcessContents::Lax,
            "skip" => ProcessContents::Skip,
            _ => {
                let words = ["strict", "lax", "skip"];
                self.reading.unknown(&word, "way to process", words);
                ProcessContents::Strict
            }
        }
    }
}

fn parse_occurs(text: &str) -> Option<(u32, Option<u32>)> {
    let (min, max) = text.split_once("..")?;
    let min = min.parse().ok()?;
    if max == "*" {
        return Some((min, None));
    }
    let max = max.parse().ok()?;
    (min <= max).then_some((min, Some(max)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn occurrence_is_fewest_and_most() {
        assert_eq!(parse_occurs("0..1"), Some((0, Some(1))));
        assert_eq!(parse_occurs("1..*"), Some((1, None)));
        assert_eq!(parse_occurs("0..0"), Some((0, Some(0))));
        for wrong in ["", "1", "2..1", "*", "1..", "-1..1"] {
            assert_eq!(parse_occurs(wrong), None, "{wrong}");
        }
    }
}
