//! What stands in a value: one sort of value, or alternatives.

use crate::schema::{Content, SimpleType, Term, TypeId, Variety};

use super::build::{Builder, Pending, Typed};
use super::conjunction::{ARRAY, Conjunction, Kind, NUMBER, OBJECT, STRING};
use super::keywords;
use super::tree::Node;

/// Alternatives inside alternatives beyond this are not represented.
const GREATEST_DEPTH: u32 = 24;

/// More different values than any published schema describes: alternatives of alternatives multiply.
const MOST_TYPES: usize = 50_000;

const ANYTHING: Typed = Typed {
    content: TypeId::Any,
    nillable: true,
};

impl<'t> Builder<'t> {
    /// What stands in a value for which these schemas hold.
    pub(super) fn type_of(&mut self, schemas: &[&'t Node<'t>]) -> Typed {
        let conjunction = self.conjunction(schemas);
        self.typed(conjunction, 0)
    }

    fn typed(&mut self, conjunction: Conjunction<'t>, depth: u32) -> Typed {
        let key = conjunction.key();
        if let Some(known) = self.types.get(&key) {
            return *known;
        }
        for part in &conjunction.parts {
            if self.told.insert(part.start) {
                keywords::tell_not_represented(part, &mut self.reading);
            }
        }
        self.made_so_far += 1;
        if self.made_so_far > MOST_TYPES {
            let start = conjunction.start();
            let message = format!("this describes more than {MOST_TYPES} different values");
            if self.made_so_far == MOST_TYPES + 1 {
                self.reading.error(start..start, message);
            }
            return ANYTHING;
        }
        let typed = self.made(conjunction, depth);
        self.types.insert(key, typed);
        typed
    }

    fn made(&mut self, mut conjunction: Conjunction<'t>, depth: u32) -> Typed {
        let start = conjunction.start();
        if depth > GREATEST_DEPTH {
            let what = "alternatives inside alternatives, this deep".to_owned();
            self.reading.not_represented(start, what);
            return ANYTHING;
        }
        if conjunction.never {
            let what = "that no value fits (`false`)".to_owned();
            self.reading.not_represented(start, what);
            return ANYTHING;
        }
        if let Some(alternatives) = self.alternatives(&mut conjunction) {
            return self.one_of(&conjunction, &alternatives, depth);
        }
        let Some(mut kinds) = conjunction.kinds() else {
            return match self.implied(&conjunction) {
                Some(kind) => self.of_kind(&conjunction, kind),
                None => ANYTHING,
            };
        };
        let nillable = kinds.remove(&Kind::Null);
        let kinds: Vec<Kind> = kinds.into_iter().collect();
        let typed = match &kinds[..] {
            [] => {
                if !nillable {
                    let what = "that no value fits: its keywords ask for different types";
                    self.reading.not_represented(start, what.to_owned());
                    return ANYTHING;
                }
                let empty = self.complex(None, Content::Empty, start);
                Typed {
                    content: TypeId::Complex(empty),
                    nillable: true,
                }
            }
            [kind] => self.of_kind(&conjunction, *kind),
            several => {
                let one = |kind: &Kind| {
                    let mut one = conjunction.clone();
                    one.only = Some(*kind);
                    one.name = None;
                    (kind.name().to_owned(), one)
                };
                let alternatives = several.iter().map(one).collect();
                self.choice(&conjunction, alternatives, depth)
            }
        };
        Typed {
            nillable: nillable || typed.nillable,
            ..typed
        }
    }

    /// The type of value that keywords are about where none is said.
    fn implied(&mut self, conjunction: &Conjunction<'t>) -> Option<Kind> {
        let kinds = [
            (OBJECT, Kind::Object),
            (ARRAY, Kind::Array),
            (STRING, Kind::String),
            (NUMBER, Kind::Number),
        ];
        let (_, kind) = kinds
            .into_iter()
            .find(|(keywords, _)| conjunction.has_any(keywords))?;
        self.no_type.add(conjunction.start());
        Some(kind)
    }

    fn of_kind(&mut self, conjunction: &Conjunction<'t>, kind: Kind) -> Typed {
        let (name, start) = (conjunction.name.as_deref(), conjunction.start());
        let content = if kind.is_scalar() {
            TypeId::Simple(self.scalar(conjunction, kind))
        } else {
            let id = self.complex(name, Content::Empty, start);
            let conjunction = conjunction.clone();
            let pending = match kind {
                Kind::Array => Pending::Array(conjunction),
                _ => Pending::Object(conjunction),
            };
            self.pending.push((id, pending));
            TypeId::Complex(id)
        };
        Typed {
            content,
            nillable: false,
        }
    }

    /// The first list of alternatives that has not been dealt with, and marks it as such; others are told.
    fn alternatives(&mut self, conjunction: &mut Conjunction<'t>) -> Option<Vec<&'t Node<'t>>> {
        let mut found = None;
        for part in conjunction.parts.clone() {
            for keyword in ["oneOf", "anyOf"] {
                let Some(list) = part.get(keyword) else {
                    continue;
                };
                if conjunction.settled.contains(&list.start) {
                    continue;
                }
                conjunction.settled.push(list.start);
                let only_presence = list.items().iter().all(|alternative| {
                    let mut members = alternative.members().iter();
                    members.all(|member| {
                        matches!(&*member.name, "required" | "not" | "title" | "description")
                    })
                });
                if only_presence {
                    let what = format!("which properties stand together (`{keyword}`)");
                    self.reading.not_represented(list.start, what);
                } else if found.is_some() {
                    let what = format!("alternatives beside other alternatives (`{keyword}`)");
                    self.reading.not_represented(list.start, what);
                } else {
                    if keyword == "oneOf" && list.items().len() > 1 && !self.told_apart(list) {
                        let what =
                            "that one alternative only may fit (`oneOf` is taken as `anyOf`)";
                        self.reading.not_represented(list.start, what.to_owned());
                    }
                    found = Some(list.items().iter().collect());
                }
            }
        }
        conjunction.settled.sort_unstable();
        found
    }

    /// Whether no value can fit two of some alternatives: they are of different types, or one constant tells them apart.
    fn told_apart(&mut self, list: &'t Node<'t>) -> bool {
        let mut kinds = std::collections::BTreeSet::new();
        let mut constants: std::collections::BTreeMap<String, std::collections::BTreeSet<String>> =
            std::collections::BTreeMap::new();
        let mut by_kind = true;
        for alternative in list.items() {
            let together = self.conjunction(&[alternative]);
            match together.kinds() {
                Some(own) => {
                    for kind in own {
                        // An integer is a number too.
                        let kind = if kind == Kind::Integer {
                            Kind::Number
                        } else {
                            kind
                        };
                        by_kind &= kinds.insert(kind);
                    }
                }
                None => by_kind = false,
            }
            for properties in together.all("properties") {
                for member in properties.members() {
                    if let Some(constant) = member.value.get("const").and_then(Node::text) {
                        let known = constants.entry(member.name.to_string()).or_default();
                        known.insert(constant.to_owned());
                    }
                }
            }
        }
        by_kind
            || constants
                .values()
                .any(|values| values.len() == list.items().len())
    }

    /// One of several alternatives, each together with what stands beside them.
    fn one_of(
        &mut self,
        beside: &Conjunction<'t>,
        alternatives: &[&'t Node<'t>],
        depth: u32,
    ) -> Typed {
        let mut nillable = false;
        let mut named = Vec::new();
        let restricted = beside.kinds();
        let may_be_null = restricted.is_none_or(|kinds| kinds.contains(&Kind::Null));
        for (number, alternative) in alternatives.iter().enumerate() {
            let mut own = self.conjunction(&[alternative]);
            let only_null = own
                .kinds()
                .is_some_and(|kinds| kinds.iter().eq([&Kind::Null]));
            if only_null && may_be_null {
                nillable = true;
                continue;
            }
            let title = alternative.get("title").and_then(Node::text);
            let name = own
                .name
                .clone()
                .or_else(|| title.map(plain_name))
                .unwrap_or_else(|| format!("alternative-{}", number + 1));
            if !beside.parts.is_empty() {
                let further = beside.parts.iter();
                let known = |part: &&&Node<'t>| own.parts.iter().any(|own| own.start == part.start);
                let further: Vec<_> = further.filter(|part| !known(part)).copied().collect();
                own.parts.splice(0..0, further);
                own.settled.extend(&beside.settled);
                own.settled.sort_unstable();
                own.settled.dedup();
                let speaks = |part: &&&Node<'t>| {
                    part.members().iter().any(|member| {
                        !matches!(&*member.name, "oneOf" | "anyOf")
                            && super::conjunction::is_assertion(&member.name)
                    })
                };
                if beside.parts.iter().any(|part| speaks(&part)) {
                    own.name = None;
                }
            }
            own.only = own.only.or(beside.only);
            own.never |= beside.never;
            named.push((name, own));
        }
        let typed = if named.len() == 1 {
            let (_, only) = named.remove(0);
            self.typed(only, depth + 1)
        } else {
            self.choice(beside, named, depth)
        };
        Typed {
            nillable: nillable || typed.nillable,
            ..typed
        }
    }

    /// A union when all alternatives are texts, else a group that holds one child, named like the alternative.
    fn choice(
        &mut self,
        of: &Conjunction<'t>,
        alternatives: Vec<(String, Conjunction<'t>)>,
        depth: u32,
    ) -> Typed {
        let start = of.start();
        let mut nillable = false;
        let mut members = Vec::new();
        for (name, alternative) in alternatives {
            let at = alternative.start();
            let typed = self.typed(alternative, depth + 1);
            nillable |= typed.nillable;
            if typed.content == TypeId::Any {
                return ANYTHING;
            }
            members.push((name, typed, at));
        }
        let texts: Option<Vec<_>> = members
            .iter()
            .map(|(_, typed, _)| match typed.content {
                TypeId::Simple(id) => Some(id),
                _ => None,
            })
            .collect();
        let content = if let Some(mut texts) = texts {
            texts.dedup();
            TypeId::Simple(self.simple(SimpleType {
                name: None,
                variety: Variety::Union(texts),
                steps: Vec::new(),
                base: None,
                code_list: None,
                format: None,
                origin: self.reading.origin(start),
            }))
        } else {
            let mut particles = Vec::with_capacity(members.len());
            let mut names = std::collections::BTreeSet::new();
            for (number, (name, typed, at)) in members.into_iter().enumerate() {
                let name = if names.insert(name.clone()) {
                    name
                } else {
                    format!("{name}-{}", number + 1)
                };
                let element = self.element(&name, typed, at);
                particles.push(self.particle((1, Some(1)), Term::Element(element), at));
            }
            let particle = self.particle((1, Some(1)), Term::Choice(particles), start);
            let content = Content::Children {
                particle,
                mixed: false,
            };
            TypeId::Complex(self.complex(of.name.as_deref(), content, start))
        };
        Typed { content, nillable }
    }
}

/// A title as the name of an element.
fn plain_name(title: &str) -> String {
    let blank = |character: char| !character.is_alphanumeric() && !matches!(character, '-' | '_');
    title.trim().replace(blank, "_")
}
