//! A document of FHIR written from holes.
//!
//! A template is the document with `{hole}` or `{hole|transform}` where a value stands (`{hole|or:other}` where another hole is
//! asked too, `{hole|else:text}` where a text stands for nothing known), and with `{#name}` where a made-up
//! identifier does: that of the group of that name it stands in, else that of the document. `{@link}` is the identifier of the
//! group that a link names. An object or item of which every hole is empty is left out. Members that begin with `$` say more:
//!
//! | member | says |
//! |---|---|
//! | `$keep` | it stands there even when all its holes are empty |
//! | `$if`, `$unless` | only where one of these holes is filled, or none is |
//! | `$each`, `$item` | an item for each group of that name; of `$members`, for each that the link names this one by |
//! | `$slots` | a list whose empty places before the last are null |
//! | `$several` | an item for each time that a hole is filled |
//! | `$needs` | what it cannot be without when it is read |
//! | `$patches` | operations of a patch: what a hole replaces, and what erases it |
//! | `$derived` | said elsewhere too, so that nothing is read from it |
//! | `$rank` | in which order items are read |

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::groups::Scope;
use crate::json::Json;
use crate::mapping::Mapping;
use crate::transform::to_fhir;

/// What templates are filled from: scopes with the names of their groups and their numbers, the innermost last.
pub(crate) struct Context<'c> {
    pub(crate) mapping: &'c Mapping,
    pub(crate) scopes: Vec<(&'c Scope, &'c str, usize)>,
    /// What makes identifiers of one document different from those of another.
    pub(crate) seed: &'c str,
    pub(crate) links: &'c Linked,
}

/// Which groups name which others, by link.
#[derive(Debug, Default)]
pub(crate) struct Linked {
    /// By link and number, the group of that number.
    targets: BTreeMap<String, BTreeMap<String, usize>>,
    /// By link and number, the groups that name it.
    members: BTreeMap<String, BTreeMap<String, Vec<usize>>>,
}

impl Linked {
    pub(crate) fn new(mapping: &Mapping, root: &Scope) -> Self {
        let mut linked = Self::default();
        for (name, link) in &mapping.links {
            let targets = linked.targets.entry(name.clone()).or_default();
            for (at, group) in root.groups.get(&link.to).into_iter().flatten().enumerate() {
                if let Some(number) = group.text(&link.key) {
                    targets.entry(number).or_insert(at);
                }
            }
            let members = linked.members.entry(name.clone()).or_default();
            for (at, group) in root.groups.get(&link.of).into_iter().flatten().enumerate() {
                if let Some(number) = group.text(&link.from) {
                    members.entry(number).or_default().push(at);
                }
            }
        }
        linked
    }
}

/// What comes of a template.
pub(crate) struct Filled {
    value: Option<Json>,
    /// Whether it has holes, and whether one of them is known.
    holes: bool,
    known: bool,
}

impl Filled {
    fn constant(value: Json) -> Self {
        Self {
            value: Some(value),
            holes: false,
            known: false,
        }
    }

    fn of(value: Option<Json>) -> Self {
        Self {
            known: value.is_some(),
            holes: true,
            value,
        }
    }

    /// The value, unless nothing is known of it.
    pub(crate) fn into_value(self) -> Option<Json> {
        self.value.filter(|_| self.known || !self.holes)
    }
}

/// A piece of a text with holes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    Text(&'t str),
    /// A hole.
    Hole(Hole<'t>),
    /// A made-up identifier.
    Id(&'t str),
    /// The identifier of what a link names.
    Link(&'t str),
}

/// A hole of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hole<'t> {
    pub(crate) name: &'t str,
    pub(crate) transform: &'t str,
    /// What is asked where it is empty.
    pub(crate) or: Option<&'t str>,
    /// What stands there where nothing is known.
    pub(crate) otherwise: Option<&'t str>,
}

impl<'t> Hole<'t> {
    fn read(text: &'t str) -> Self {
        let mut parts = text.split('|');
        let mut hole = Self {
            name: parts.next().unwrap_or_default(),
            transform: "",
            or: None,
            otherwise: None,
        };
        for part in parts {
            match (part.strip_prefix("or:"), part.strip_prefix("else:")) {
                (Some(or), _) => hole.or = Some(or),
                (_, Some(text)) => hole.otherwise = Some(text),
                _ => hole.transform = part,
            }
        }
        hole
    }
}

/// The pieces of a text with holes.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        let Some((inside, after)) = behind.split_once('}') else {
            break;
        };
        if !before.is_empty() {
            out.push(Piece::Text(before));
        }
        out.push(match (inside.strip_prefix('#'), inside.strip_prefix('@')) {
            (Some(id), _) => Piece::Id(id),
            (_, Some(link)) => Piece::Link(link),
            _ => Piece::Hole(Hole::read(inside)),
        });
        rest = after;
    }
    if !rest.is_empty() {
        out.push(Piece::Text(rest));
    }
    out
}

/// The member of a template that says more of it.
pub(crate) fn said<'t>(template: &'t Json, name: &str) -> Option<&'t Json> {
    template.get(name)
}

/// The texts of a member that is one or a list.
pub(crate) fn names<'t>(template: &'t Json, name: &str) -> Vec<&'t str> {
    match template.get(name) {
        Some(Json::Text(text)) => vec![text],
        Some(list) => list.items().iter().filter_map(Json::text).collect(),
        None => Vec::new(),
    }
}

impl<'c> Context<'c> {
    fn find(&self, hole: &str) -> Option<&'c Scope> {
        let mut scopes = self.scopes.iter().rev();
        scopes
            .find(|(scope, ..)| scope.has(hole))
            .map(|(scope, ..)| *scope)
    }

    /// The text of a hole.
    pub(crate) fn text(&self, hole: &str) -> Option<String> {
        self.find(hole)?.text(hole)
    }

    fn within<'i>(&self, scope: &'i Scope, name: &'i str, number: usize) -> Context<'i>
    where
        'c: 'i,
    {
        let mut scopes: Vec<(&'i Scope, &'i str, usize)> = self.scopes.clone();
        scopes.push((scope, name, number));
        Context {
            mapping: self.mapping,
            scopes,
            seed: self.seed,
            links: self.links,
        }
    }

    /// The identifier of a name: a UUID of version 8 that is always the same for the same message (RFC 9562, 5.8).
    fn id(&self, name: &str) -> String {
        let inside = self.scopes.iter().find(|(_, group, _)| *group == name);
        let number = inside.map_or(0, |(_, _, number)| number + 1);
        uuid(&format!("{}/{name}/{number}", self.seed))
    }

    /// The group that a link names from here, with its number.
    fn linked(&self, name: &str) -> Option<(&'c str, usize)> {
        let link = self.mapping.links.get(name)?;
        let by_number = |number: &str| {
            let found = self.links.targets.get(name)?.get(number)?;
            Some((link.to.as_str(), *found))
        };
        if let Some(number) = self.text(&link.from) {
            return by_number(&number);
        }
        let through = link.through.as_deref()?;
        let (of, inner) = self.linked(through)?;
        let other = self.scopes.first()?.0.groups.get(of)?.get(inner)?;
        by_number(&other.text(&link.from)?)
    }

    /// Fills a template.
    pub(crate) fn fill(&self, template: &Json) -> Filled {
        match template {
            Json::Text(text) => self.fill_text(text),
            Json::List(items) => self.fill_list(items, false),
            Json::Object(_) => self.fill_object(template),
            other => Filled::constant(other.clone()),
        }
    }

    fn fill_text(&self, text: &str) -> Filled {
        let pieces = pieces(text);
        if let [Piece::Hole(hole)] = pieces[..] {
            let mut names = std::iter::once(hole.name).chain(hole.or);
            let value = names.find_map(|name| {
                let said = self.find(name)?.all(name)?;
                to_fhir(self.mapping, hole.transform, &said)
            });
            return match (value, hole.otherwise) {
                (None, Some(text)) => Filled::constant(Json::Text(text.to_owned())),
                (value, _) => Filled::of(value),
            };
        }
        let mut out = String::new();
        let (mut holes, mut filled) = (false, true);
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Id(name) => out.push_str(&self.id(name)),
                Piece::Link(link) => {
                    holes = true;
                    match self.linked(link) {
                        Some((group, number)) => {
                            out.push_str(&uuid(&format!("{}/{group}/{}", self.seed, number + 1)));
                        }
                        None => filled = false,
                    }
                }
                Piece::Hole(hole) => {
                    holes = true;
                    match self.text(hole.name) {
                        Some(text) => out.push_str(&text),
                        None => filled = false,
                    }
                }
            }
        }
        if holes {
            Filled::of(filled.then_some(Json::Text(out)))
        } else {
            Filled::constant(Json::Text(out))
        }
    }

    fn applies(&self, template: &Json) -> bool {
        let filled = |hole: &&str| self.find(hole).is_some();
        let wanted = names(template, "$if");
        (wanted.is_empty() || wanted.iter().any(filled))
            && !names(template, "$unless").iter().any(filled)
    }

    fn fill_object(&self, template: &Json) -> Filled {
        if !self.applies(template) {
            return Filled::of(None);
        }
        if let Some(slots) = said(template, "$slots") {
            return self.fill_list(slots.items(), true);
        }
        if let Some(patches) = said(template, "$patches") {
            return Filled::constant(Json::List(self.patches(patches.items())));
        }
        let mut out = Vec::new();
        let (mut holes, mut filled) = (false, said(template, "$keep").is_some());
        for (name, inner) in template.members() {
            if name.starts_with('$') {
                continue;
            }
            let inner = self.fill(inner);
            holes |= inner.holes;
            filled |= inner.known;
            if let Some(value) = inner.into_value() {
                out.push((name.clone(), value));
            }
        }
        Filled {
            value: Some(Json::Object(out)),
            holes,
            known: filled,
        }
    }

    fn fill_list(&self, items: &[Json], slots: bool) -> Filled {
        let mut out = Vec::new();
        let (mut holes, mut filled) = (false, false);
        for item in items {
            let text = |name: &str| said(item, name).and_then(Json::text);
            let made = match (text("$each"), text("$several")) {
                (Some(group), _) => self.each(item, group),
                (None, Some(hole)) => self.several(item, hole),
                (None, None) => vec![self.fill(item)],
            };
            holes |= text("$each").or(text("$several")).is_some();
            for one in made {
                holes |= one.holes;
                filled |= one.known;
                match one.into_value() {
                    Some(value) => out.push(value),
                    None if slots => out.push(Json::Null),
                    None => {}
                }
            }
        }
        while out.last() == Some(&Json::Null) {
            out.pop();
        }
        let empty = out.is_empty();
        Filled {
            value: (!empty).then_some(Json::List(out)),
            holes: holes || empty,
            known: filled || !holes && !empty,
        }
    }

    /// An item for each time that a hole is filled.
    fn several(&self, template: &Json, hole: &str) -> Vec<Filled> {
        let said = self
            .find(hole)
            .and_then(|scope| scope.all(hole))
            .unwrap_or_default();
        let Some(item) = template.get("$item") else {
            return Vec::new();
        };
        let alone = said.into_iter().map(|one| {
            let mut scope = Scope::default();
            scope.set(hole, vec![one]);
            self.within(&scope, "", 0).fill(item)
        });
        alone.collect()
    }

    /// An item for each group, or for each that names this one.
    fn each(&self, template: &Json, name: &str) -> Vec<Filled> {
        if let Some(link) = said(template, "$members").and_then(Json::text) {
            return self.members(template, link);
        }
        let (Some(item), Some((scope, ..))) = (said(template, "$item"), self.scopes.last()) else {
            return Vec::new();
        };
        let Some((name, groups)) = scope.groups.get_key_value(name) else {
            return Vec::new();
        };
        let groups = groups.iter().enumerate();
        let contexts = groups.map(|(number, group)| self.within(group, name, number));
        Self::items(template, item, contexts)
    }

    /// An item for each group that names this one.
    fn members(&self, template: &Json, link: &str) -> Vec<Filled> {
        let (Some(item), Some((root, ..)), Some((own, group, number))) = (
            said(template, "$item"),
            self.scopes.first(),
            self.scopes.last(),
        ) else {
            return Vec::new();
        };
        let Some(known) = self.mapping.links.get(link) else {
            return Vec::new();
        };
        let key = own.text(&known.key);
        let targets = self.links.targets.get(link);
        // Of two of one number, the first one is meant.
        let first = key.as_ref().and_then(|key| targets?.get(key));
        let members = key
            .as_ref()
            .and_then(|key| self.links.members.get(link)?.get(key));
        let Some(((of, groups), members)) = root.groups.get_key_value(&known.of).zip(members)
        else {
            return Vec::new();
        };
        if first != Some(number) || *group != known.to {
            return Vec::new();
        }
        let contexts = members.iter().filter_map(|member| {
            let mut scopes = vec![(*root, "", 0)];
            scopes.push((groups.get(*member)?, of, *member));
            Some(Context {
                mapping: self.mapping,
                scopes,
                seed: self.seed,
                links: self.links,
            })
        });
        Self::items(template, item, contexts)
    }

    fn items<'i>(
        template: &Json,
        item: &Json,
        contexts: impl Iterator<Item = Context<'i>>,
    ) -> Vec<Filled> {
        contexts
            .filter(|context| context.applies(template))
            .map(|context| Filled {
                // That there is a group is something that is known.
                known: true,
                ..context.fill(item)
            })
            .collect()
    }
}

fn uuid(name: &str) -> String {
    let hash = Sha256::digest(name.as_bytes());
    let mut bytes: [u8; 16] = std::array::from_fn(|at| hash.get(at).copied().unwrap_or_default());
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut out = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        for nibble in [byte >> 4, byte & 0x0f] {
            out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_pieces() {
        let expected = [Piece::Text("urn:uuid:"), Piece::Id("patient")];
        assert_eq!(pieces("urn:uuid:{#patient}"), expected);
        let hole = Hole {
            name: "status",
            transform: "map:status",
            or: None,
            otherwise: Some("unknown"),
        };
        assert_eq!(
            pieces("{status|map:status|else:unknown}"),
            [Piece::Hole(hole)]
        );
        assert_eq!(pieces("{@panel}"), [Piece::Link("panel")]);
        assert_eq!(pieces("a{b"), [Piece::Text("a{b")]);
        let made = uuid("x");
        assert_eq!((made.len(), &made[14..15]), (36, "8"));
    }
}
