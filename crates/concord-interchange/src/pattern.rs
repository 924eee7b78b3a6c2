//! Segments with holes.
//!
//! A pattern is a segment as it is written, with `{name}` where a component is a hole, `{name*}` where the rest of an element
//! is one, and `*SU:{surname}` for an element that can stand anywhere behind, told by its first component; `~SU:{surname}` is
//! the same, and an empty element is written where it is not known. `?` before the tag
//! says that what it stands in need not have it, `{name[]}` that it can stand several times, `{name?}` that a segment is not
//! written for it alone, and `{name=X}` what is written where nothing is known.

use crate::groups::Scope;

/// A segment with holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    pub(crate) tag: String,
    /// Whether a group is what it is without it.
    pub(crate) optional: bool,
    elements: Vec<Element>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Element {
    /// Whether it can stand anywhere behind the elements before it, told by its first component.
    anywhere: bool,
    /// Whether nothing is written in its place where it is not known.
    closes: bool,
    components: Vec<Component>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Component {
    /// This text.
    Is(String),
    Hole(Hole),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Hole {
    name: String,
    /// Whether it takes the rest of the element.
    rest: bool,
    /// Whether it can be filled several times.
    many: bool,
    /// Whether a segment needs another hole to be filled.
    leans: bool,
    /// What is written where nothing is known.
    usual: Option<String>,
}

/// The elements of a segment, each as its components.
pub(crate) type Elements = Vec<Vec<String>>;

impl Pattern {
    /// Reads a pattern; `None` when it is none.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (text, optional) = match text.strip_prefix('?') {
            Some(text) => (text, true),
            None => (text, false),
        };
        // An element that can stand anywhere needs no other separator.
        let text = text.replace('*', "\u{1}").replace("\u{1}}", "*}");
        let text = text.replace('\u{1}', "+\u{1}").replace('~', "+~");
        let mut parts = text.split('+');
        let tag = parts.next()?.to_owned();
        if tag.len() != 3 {
            return None;
        }
        let elements = parts.map(element).collect::<Option<Vec<Element>>>()?;
        Some(Self {
            tag,
            optional,
            elements,
        })
    }

    /// What its first element begins with, where that tells it from others of its tag.
    fn qualifier(&self) -> Option<&str> {
        match self.elements.first()?.components.first()? {
            Component::Is(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// Whether a segment is one of these: its tag, and what its first element begins with.
    pub(crate) fn is(&self, tag: &str, elements: &Elements) -> bool {
        let said = || elements.first().and_then(|element| element.first());
        let told = |text| said().map(String::as_str) == Some(text);
        self.tag == tag && self.qualifier().is_none_or(told)
    }

    /// Whether what its first element begins with tells it from others of its tag.
    pub(crate) fn is_qualified(&self) -> bool {
        self.qualifier().is_some()
    }

    /// Whether nothing of it is a hole.
    pub(crate) fn is_constant(&self) -> bool {
        self.holes().next().is_none()
    }

    fn holes(&self) -> impl Iterator<Item = &Hole> {
        let components = self.elements.iter().flat_map(|element| &element.components);
        components.filter_map(|component| match component {
            Component::Hole(hole) => Some(hole),
            Component::Is(_) => None,
        })
    }

    /// The names of its holes.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.holes().map(|hole| hole.name.as_str())
    }

    /// Fills holes of a scope from a segment. A hole that was filled before and can be filled once only stays as it is.
    pub(crate) fn take(&self, elements: &Elements, scope: &mut Scope) {
        let mut at = 0;
        let fixed = self
            .elements
            .iter()
            .filter(|element| !element.anywhere)
            .count();
        for pattern in &self.elements {
            let found = if pattern.anywhere {
                let told = |components: &&Vec<String>| match pattern.components.first() {
                    Some(Component::Is(text)) => components.first() == Some(text),
                    _ => false,
                };
                elements.iter().skip(fixed).find(told)
            } else {
                at += 1;
                elements.get(at - 1)
            };
            let Some(components) = found else {
                continue;
            };
            for (index, part) in pattern.components.iter().enumerate() {
                let Component::Hole(hole) = part else {
                    continue;
                };
                let end = if hole.rest {
                    components.len()
                } else {
                    (index + 1).min(components.len())
                };
                let said = components.get(index..end).unwrap_or_default();
                if hole.many || !said.iter().all(String::is_empty) {
                    scope.fill(&hole.name, said.to_vec(), hole.many);
                }
            }
        }
    }

    /// The segments that holes make: none where nothing is known of any, several where one was filled several times.
    pub(crate) fn make(&self, known: &dyn Fn(&str) -> Option<Vec<Vec<String>>>) -> Vec<Elements> {
        if self.is_constant() {
            return vec![self.elements.iter().map(constants).collect()];
        }
        let usual = self.holes().all(|hole| hole.usual.is_some());
        let times = self
            .holes()
            .filter(|hole| !hole.leans && (usual || hole.usual.is_none()))
            .filter_map(|hole| {
                let times = known(&hole.name)?.len();
                Some(if hole.rest && !hole.many {
                    times.min(1)
                } else {
                    times
                })
            })
            .max();
        (0..times.unwrap_or(0))
            .map(|time| self.make_one(known, time))
            .collect()
    }

    fn make_one(&self, known: &dyn Fn(&str) -> Option<Vec<Vec<String>>>, time: usize) -> Elements {
        let mut out = Elements::new();
        for element in &self.elements {
            let mut components = Vec::new();
            let mut holes = false;
            let mut filled = false;
            for part in &element.components {
                match part {
                    Component::Is(text) => components.push(text.clone()),
                    Component::Hole(hole) => {
                        holes = true;
                        let said = known(&hole.name).and_then(|said| {
                            if hole.rest && !hole.many {
                                // Lines for which there is one segment only stand in it one behind the other.
                                return Some(said.concat());
                            }
                            let last = said.last().filter(|_| hole.many);
                            said.get(time).or(last).cloned()
                        });
                        let said = said.or_else(|| hole.usual.clone().map(|usual| vec![usual]));
                        let said = said.unwrap_or_else(|| vec![String::new()]);
                        filled |= said.iter().any(|text| !text.is_empty());
                        components.extend(said);
                    }
                }
            }
            if !holes || filled {
                out.push(components);
            } else if !element.closes {
                out.push(Vec::new());
            }
        }
        out
    }
}

fn constants(element: &Element) -> Vec<String> {
    let components = element.components.iter();
    components
        .map(|component| match component {
            Component::Is(text) => text.clone(),
            Component::Hole(_) => String::new(),
        })
        .collect()
}

fn element(text: &str) -> Option<Element> {
    let closes = text.starts_with('\u{1}');
    let anywhere = closes || text.starts_with('~');
    let text = text.trim_start_matches(['\u{1}', '~']);
    let components = text
        .split(':')
        .map(component)
        .collect::<Option<Vec<Component>>>()?;
    Some(Element {
        anywhere,
        closes,
        components,
    })
}

fn component(text: &str) -> Option<Component> {
    let Some(inside) = text.strip_prefix('{') else {
        return (!text.contains(['{', '}'])).then(|| Component::Is(text.to_owned()));
    };
    let inside = inside.strip_suffix('}')?;
    let (inside, usual) = match inside.split_once('=') {
        Some((inside, usual)) => (inside, Some(usual.to_owned())),
        None => (inside, None),
    };
    let (inside, rest) = inside
        .strip_suffix('*')
        .map_or((inside, false), |inside| (inside, true));
    let (inside, leans) = inside
        .strip_suffix('?')
        .map_or((inside, false), |inside| (inside, true));
    let (name, many) = inside
        .strip_suffix("[]")
        .map_or((inside, false), |inside| (inside, true));
    Some(Component::Hole(Hole {
        name: name.to_owned(),
        rest,
        many,
        leans,
        usual,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(text: &str) -> Elements {
        let parts = text.split('+').skip(1);
        parts
            .map(|element| element.split(':').map(str::to_owned).collect())
            .collect()
    }

    fn scope_of(pattern: &str, segment: &str) -> Scope {
        let pattern = Pattern::read(pattern).expect("a pattern");
        let mut scope = Scope::default();
        pattern.take(&elements(segment), &mut scope);
        scope
    }

    #[test]
    fn holes_are_filled_and_written_again() {
        const PERSON: &str = "PNA+PAT+{number}:OPI++*SU:{surname}*FO:{forename}*TI:{title}";
        let scope = scope_of(PERSON, "PNA+PAT+999:OPI+++SU:MOUSE++TI:MR+XX:Y");
        assert_eq!(scope.text("surname").as_deref(), Some("MOUSE"));
        assert_eq!(scope.text("title").as_deref(), Some("MR"));
        assert_eq!(scope.text("forename"), None);
        let pattern = Pattern::read("PNA+PAT+{number}:OPI++*SU:{surname}*FO:{forename}*TI:{title}")
            .expect("a pattern");
        let made = pattern.make(&|name| scope.all(name));
        assert_eq!(made, [elements("PNA+PAT+999:OPI+++SU:MOUSE+TI:MR")]);
    }

    #[test]
    fn the_rest_of_an_element_is_one_hole() {
        let scope = scope_of("FTX+RGI+++{text[]*}", "FTX+RGI+++a:b:c");
        assert_eq!(
            scope.all("text"),
            Some(vec![vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]])
        );
        assert!(Pattern::read("NAD+{a").is_none() && Pattern::read("NA+{a}").is_none());
    }

    #[test]
    fn nothing_is_made_of_nothing() {
        let pattern = Pattern::read("HEA+DM+{marker}:ZZZ").expect("a pattern");
        assert!(pattern.make(&|_| None).is_empty());
        let constant = Pattern::read("S01+1").expect("a pattern");
        assert_eq!(constant.make(&|_| None), [elements("S01+1")]);
        let usual = Pattern::read("FTX+{kind[]=SPC}+++{text[]*}").expect("a pattern");
        let known =
            |name: &str| (name == "text").then(|| vec![vec!["a".to_owned()], vec!["b".to_owned()]]);
        assert_eq!(usual.make(&known).len(), 2);
        assert_eq!(usual.make(&known)[1], elements("FTX+SPC+++b"));
        let leaning = Pattern::read("RSL+CV+{value}+{flag?}").expect("a pattern");
        let flag = |name: &str| (name == "flag").then(|| vec![vec!["HI".to_owned()]]);
        assert!(leaning.make(&flag).is_empty());
        let both = |name: &str| Some(vec![vec![name.to_owned()]]);
        assert_eq!(leaning.make(&both), [elements("RSL+CV+value+flag")]);
        let lines = Pattern::read("FTX+RGI+++{text*}").expect("a pattern");
        assert_eq!(lines.make(&known), [elements("FTX+RGI+++a:b")]);
    }
}
