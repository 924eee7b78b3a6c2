//! Groups, particles and attributes.

use super::text::{key, list, quoted};
use super::{Writer, constraint, occurs};
use crate::definition::compare::{same_particle, same_use};
use crate::definition::structure::group::merged;
use crate::schema::{
    AttributeUse, ComplexType, ComplexTypeId, Content, Derivation, DerivationSet, ElementId,
    NamespaceSet, Particle, ProcessContents, Term, TypeId, Use, Wildcard,
};

/// What a derived group has to say itself.
struct Own<'s> {
    content: Option<&'s Content>,
    particle: Option<&'s Particle>,
    attributes: Vec<&'s AttributeUse>,
    whole: bool,
}

impl Writer<'_> {
    pub(super) fn group(&mut self, id: ComplexTypeId, name: &str) {
        let schema = self.schema;
        let group = schema.complex_type(id);
        self.line(&format!("\n[group.{}]", key(name)));
        if group.name.is_none() {
            self.line("anonymous = true");
        }
        if group.is_abstract {
            self.line("abstract = true");
        }
        if let Some(block) = derivations(group.block) {
            self.line(&block);
        }
        let own = self.own(group);
        match group.base {
            Some((TypeId::Complex(base), derivation)) => {
                let word = match derivation {
                    Derivation::Extension => "extends",
                    Derivation::Restriction => "restricts",
                };
                let line = format!("{word} = {}", quoted(self.names.group(base)));
                self.line(&line);
            }
            Some((TypeId::Any, Derivation::Extension)) => self.line("extends = \"xs:anyType\""),
            Some((TypeId::Any, Derivation::Restriction)) => {
                self.line("restricts = \"xs:anyType\"");
            }
            Some((TypeId::Simple(_), _)) | None => {}
        }
        if own.whole {
            self.line("whole = true");
        }
        if let Some(Content::Simple(simple)) = own.content {
            let line = format!("text = {}", self.value_ref(*simple));
            self.line(&line);
        }
        if let Content::Children { mixed: true, .. } = group.content {
            self.line("mixed = true");
        }
        if let Some(particle) = own.particle {
            self.top(particle);
        }
        self.attributes(&own.attributes);
        if let Some(wildcard) = &group.any_attribute {
            let line = format!(
                "any_attribute = {{ {} }}",
                self.wildcard("namespaces", wildcard)
            );
            self.line(&line);
        }
    }

    fn own<'g>(&self, group: &'g ComplexType) -> Own<'g> {
        let whole = Own {
            content: Some(&group.content),
            particle: match &group.content {
                Content::Children { particle, .. } => Some(particle),
                _ => None,
            },
            attributes: group.attributes.iter().collect(),
            whole: matches!(
                group.base,
                Some((TypeId::Complex(_), Derivation::Extension))
            ),
        };
        match group.base {
            Some((TypeId::Complex(base), Derivation::Extension)) => {
                let base = self.schema.complex_type(base);
                self.addition(base, group).unwrap_or(whole)
            }
            _ => whole,
        }
    }

    /// What a group adds to its base; `None` when it cannot be said as an addition.
    fn addition<'g>(&self, base: &ComplexType, group: &'g ComplexType) -> Option<Own<'g>> {
        let (content, particle) = match (&base.content, &group.content) {
            (Content::Simple(left), Content::Simple(right)) if left == right => (None, None),
            (Content::Empty, Content::Empty) => (None, None),
            (Content::Empty, Content::Children { particle, .. }) => (None, Some(particle)),
            (
                Content::Children {
                    particle: first,
                    mixed,
                },
                Content::Children {
                    particle: second,
                    mixed: also,
                },
            ) if mixed == also => {
                if same_particle(self.schema, first, second) {
                    (None, None)
                } else {
                    (None, Some(self.added(first, second)?))
                }
            }
            _ => return None,
        };
        let mut attributes: Vec<&AttributeUse> = group.attributes.iter().collect();
        attributes.retain(|usage| {
            let mut known = base.attributes.iter();
            !known.any(|known| same_use(self.schema, known, usage))
        });
        let own = attributes.iter().map(|usage| (*usage).clone()).collect();
        let again = merged(base.attributes.clone(), own);
        let same = again.len() == group.attributes.len()
            && again
                .iter()
                .zip(&group.attributes)
                .all(|(left, right)| same_use(self.schema, left, right));
        let wildcard = group.any_attribute.is_some() || base.any_attribute.is_none();
        (same && wildcard).then_some(Own {
            content,
            particle,
            attributes,
            whole: false,
        })
    }

    /// What a particle adds to the one that it begins with.
    fn added<'g>(&self, base: &Particle, particle: &'g Particle) -> Option<&'g Particle> {
        let Term::Sequence(parts) = &particle.term else {
            return None;
        };
        match &parts[..] {
            [first, rest]
                if (particle.min, particle.max) == (1, Some(1))
                    && same_particle(self.schema, base, first) =>
            {
                Some(rest)
            }
            _ => None,
        }
    }

    /// The content of a group.
    fn top(&mut self, particle: &Particle) {
        let (word, parts) = match &particle.term {
            Term::Sequence(parts) => ("content", parts),
            Term::Choice(parts) => ("choice", parts),
            Term::All(parts) => ("all", parts),
            Term::Element(_) | Term::Any(_) => {
                let text = self.particle(particle, 0);
                self.line(&format!("content = {text}"));
                return;
            }
        };
        if let Some(occurs) = occurs(particle.min, particle.max) {
            self.line(&occurs);
        }
        let parts = self.parts(parts, 0);
        self.line(&format!("{word} = {parts}"));
    }

    fn parts(&self, parts: &[Particle], depth: usize) -> String {
        if parts.is_empty() {
            return "[]".to_owned();
        }
        let indent = "  ".repeat(depth + 1);
        let mut text = "[\n".to_owned();
        for part in parts {
            text.push_str(&indent);
            text.push_str(&self.particle(part, depth + 1));
            text.push_str(",\n");
        }
        text.push_str(&"  ".repeat(depth));
        text.push(']');
        text
    }

    fn particle(&self, particle: &Particle, depth: usize) -> String {
        let occurs = occurs(particle.min, particle.max);
        let (word, parts) = match &particle.term {
            Term::Element(id) => return self.element_particle(*id, occurs),
            Term::Any(wildcard) => {
                let mut fields = vec![self.wildcard("any", wildcard)];
                fields.extend(occurs);
                return format!("{{ {} }}", fields.join(", "));
            }
            Term::Sequence(parts) => ("sequence", parts),
            Term::Choice(parts) => ("choice", parts),
            Term::All(parts) => ("all", parts),
        };
        let mut fields: Vec<String> = occurs.into_iter().collect();
        fields.push(format!("{word} = {}", self.parts(parts, depth)));
        format!("{{ {} }}", fields.join(", "))
    }

    fn element_particle(&self, id: ElementId, occurs: Option<String>) -> String {
        let element = self.schema.element(id);
        let mut fields = Vec::new();
        if self.names.globals.contains(&id) {
            fields.push(format!(
                "ref = {}",
                quoted(&self.names.global(&element.name))
            ));
            fields.extend(occurs);
        } else {
            fields.push(format!(
                "element = {}",
                quoted(&self.names.local(&element.name))
            ));
            let mut own = self.element_fields(id);
            fields.push(own.remove(0));
            fields.extend(occurs);
            fields.extend(own);
        }
        format!("{{ {} }}", fields.join(", "))
    }

    /// What every element says, its type first.
    pub(super) fn element_fields(&self, id: ElementId) -> Vec<String> {
        let element = self.schema.element(id);
        let content = match element.content {
            TypeId::Simple(simple) => format!("value = {}", self.value_ref(simple)),
            TypeId::Complex(group) => format!("group = {}", quoted(self.names.group(group))),
            TypeId::Any => "group = \"xs:anyType\"".to_owned(),
        };
        let mut fields = vec![content];
        let text = self.schema.text_type(element.content);
        fields.extend(self.facts(&element.facts, &element.name.local, text));
        if element.nillable {
            fields.push("nillable = true".to_owned());
        }
        fields.extend(constraint(element.constraint.as_ref()));
        fields.extend(derivations(element.block));
        fields
    }

    fn attributes(&mut self, uses: &[&AttributeUse]) {
        if uses.is_empty() {
            return;
        }
        self.line("attributes = [");
        for usage in uses {
            let attribute = &usage.attribute;
            let mut fields = vec![
                format!(
                    "attribute = {}",
                    quoted(&self.names.attribute(&attribute.name))
                ),
                format!("value = {}", self.value_ref(attribute.content)),
            ];
            match usage.usage {
                Use::Optional => {}
                Use::Required => fields.push("use = \"required\"".to_owned()),
                Use::Prohibited => fields.push("use = \"prohibited\"".to_owned()),
            }
            fields.extend(constraint(attribute.constraint.as_ref()));
            let local = &attribute.name.local;
            fields.extend(self.facts(&attribute.facts, local, Some(attribute.content)));
            self.line(&format!("  {{ {} }},", fields.join(", ")));
        }
        self.line("]");
    }

    fn wildcard(&self, word: &str, wildcard: &Wildcard) -> String {
        let namespaces = match &wildcard.namespaces {
            NamespaceSet::Any => quoted("##any"),
            NamespaceSet::Other(namespace) if *namespace == self.schema.namespace => {
                quoted("##other")
            }
            NamespaceSet::Other(namespace) => quoted(&format!("##other {namespace}")),
            NamespaceSet::These(namespaces) => list(namespaces),
        };
        let process = match wildcard.process {
            ProcessContents::Strict => "",
            ProcessContents::Lax => ", process = \"lax\"",
            ProcessContents::Skip => ", process = \"skip\"",
        };
        format!("{word} = {namespaces}{process}")
    }
}

fn derivations(set: DerivationSet) -> Option<String> {
    let words = [
        (set.extension, "extension"),
        (set.restriction, "restriction"),
        (set.substitution, "substitution"),
    ];
    let words: Vec<&str> = words
        .into_iter()
        .filter_map(|(said, word)| said.then_some(word))
        .collect();
    (!words.is_empty()).then(|| format!("block = {}", list(&words)))
}
