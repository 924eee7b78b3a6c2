//! Objects and arrays as groups.

use std::collections::{BTreeMap, BTreeSet};

use crate::schema::{Content, NamespaceSet, ProcessContents, Term, TypeId, Wildcard};

use super::ITEM;
use super::build::{Builder, Typed};
use super::conjunction::Conjunction;
use super::keywords::count;
use super::tree::{Json, Node};

impl<'t> Builder<'t> {
    /// The properties of an object in the order of their names, and a place for further ones where they are let through.
    pub(super) fn object(&mut self, conjunction: &Conjunction<'t>) -> Content {
        let start = conjunction.start();
        let mut properties: BTreeMap<&'t str, (usize, Vec<&'t Node<'t>>)> = BTreeMap::new();
        for said in conjunction.all("properties") {
            for member in said.members() {
                let known = properties
                    .entry(&member.name)
                    .or_insert_with(|| (member.start, Vec::new()));
                known.1.push(&member.value);
            }
        }
        let mut required: BTreeSet<&'t str> = BTreeSet::new();
        for said in conjunction.all("required") {
            for name in said.items() {
                let Some(text) = name.text() else {
                    continue;
                };
                required.insert(text);
                properties
                    .entry(text)
                    .or_insert_with(|| (name.start, Vec::new()));
            }
        }
        let open = self.closed(conjunction, &mut properties, &required);
        let mut particles = Vec::with_capacity(properties.len() + 1);
        for (name, (at, schemas)) in properties {
            let is_required = required.contains(name);
            let never = |schema: &&Node<'_>| matches!(schema.value, Json::Bool(false));
            if schemas.iter().any(never) {
                if !is_required {
                    continue;
                }
                self.contradiction(conjunction);
            }
            let typed = self.type_of(&schemas);
            let element = self.element(name, typed, at);
            let times = (u32::from(is_required), Some(1));
            particles.push(self.particle(times, Term::Element(element), at));
        }
        if open {
            self.open.add(start);
            let further = Wildcard {
                // Properties are in no namespace, so this never takes one of them for a further one.
                namespaces: NamespaceSet::Other("".into()),
                process: ProcessContents::Skip,
            };
            particles.push(self.particle((0, None), Term::Any(further), start));
        }
        if particles.is_empty() {
            return Content::Empty;
        }
        Content::Children {
            particle: self.particle((1, Some(1)), Term::Sequence(particles), start),
            mixed: false,
        }
    }

    /// Whether further properties are let through. What one schema of several closes out is taken from `properties`.
    fn closed(
        &mut self,
        conjunction: &Conjunction<'t>,
        properties: &mut BTreeMap<&'t str, (usize, Vec<&'t Node<'t>>)>,
        required: &BTreeSet<&'t str>,
    ) -> bool {
        let mut open = true;
        for part in &conjunction.parts {
            for keyword in ["additionalProperties", "unevaluatedProperties"] {
                let Some(further) = part.get(keyword) else {
                    continue;
                };
                match &further.value {
                    Json::Bool(true) => {}
                    Json::Bool(false) => {
                        open = false;
                        let own = part.get("properties");
                        let by_pattern = part.get("patternProperties");
                        if keyword == "additionalProperties" && by_pattern.is_none() {
                            let described =
                                |name: &str| own.is_some_and(|own| own.get(name).is_some());
                            if required.iter().any(|name| !described(name)) {
                                self.contradiction(conjunction);
                            }
                            properties.retain(|name, _| described(name) || required.contains(name));
                        }
                        if by_pattern.is_some_and(|said| !said.members().is_empty()) {
                            open = true;
                        }
                    }
                    Json::Object(members) if members.is_empty() => {}
                    _ => {
                        let what = format!("what further properties hold (`{keyword}`)");
                        self.reading.not_represented(further.start, what);
                    }
                }
            }
        }
        open
    }

    /// An array: its items one after the other.
    pub(super) fn array(&mut self, conjunction: &Conjunction<'t>) -> Content {
        let start = conjunction.start();
        let mut schemas = Vec::new();
        let mut by_place = conjunction.all("prefixItems");
        for items in conjunction.all("items") {
            match &items.value {
                Json::List(_) => by_place.push(items),
                _ => schemas.push(items),
            }
        }
        for items in &by_place {
            let what = "what stands at which place of an array".to_owned();
            self.reading.not_represented(items.start, what);
        }
        let limit = |keyword: &str| {
            let said = conjunction.all(keyword);
            said.iter()
                .filter_map(|said| count(said))
                .collect::<Vec<_>>()
        };
        let narrow = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let min = limit("minItems").into_iter().max().map_or(0, narrow);
        let max = limit("maxItems").into_iter().min().map(narrow);
        let no_items = schemas
            .iter()
            .any(|schema| matches!(schema.value, Json::Bool(false)));
        let max = if no_items && by_place.is_empty() {
            Some(0)
        } else {
            max
        };
        if max.is_some_and(|max| max < min) {
            self.contradiction(conjunction);
        }
        if max == Some(0) {
            return Content::Empty;
        }
        let max = max.map(|max| max.max(min));
        let typed = if by_place.is_empty() {
            self.type_of(&schemas)
        } else {
            Typed {
                content: TypeId::Any,
                nillable: true,
            }
        };
        let at = schemas.first().map_or(start, |schema| schema.start);
        let item = self.element(ITEM, typed, at);
        let particle = self.particle((min, max), Term::Element(item), at);
        Content::Children {
            particle: self.particle((1, Some(1)), Term::Sequence(vec![particle]), start),
            mixed: false,
        }
    }
}
