//! Values of a document put back into the holes of its template.

use std::collections::BTreeMap;

use crate::groups::Scope;
use crate::json::Json;
use crate::mapping::Mapping;
use crate::template::{Piece, names, pieces, said};
use crate::transform::{is_shown, to_edifact};

/// Order of items that say none.
const USUAL_RANK: usize = 50;

/// A document that is being read.
pub(crate) struct Reading<'r> {
    pub(crate) mapping: &'r Mapping,
    /// Scopes, the innermost last.
    pub(crate) scopes: Vec<Scope>,
    /// Identifiers of groups that name another one by a link, with its identifier: link, who, whom.
    pub(crate) members: Vec<(String, String, String)>,
    /// Paths of values that no hole takes.
    pub(crate) lost: Vec<String>,
    /// How often one value stood where the template has a list, or a list of one where it has a value.
    pub(crate) strained: usize,
}

impl<'r> Reading<'r> {
    pub(crate) fn new(mapping: &'r Mapping, root: Scope) -> Self {
        Self {
            mapping,
            scopes: vec![root],
            members: Vec::new(),
            lost: Vec::new(),
            strained: 0,
        }
    }

    fn id_of(&self, name: &str) -> Option<String> {
        let hole = format!("#{name}");
        self.scopes.iter().rev().find_map(|scope| scope.text(&hole))
    }

    /// Whether a value can be what a template makes, as far as constants and known identifiers tell.
    pub(crate) fn fits(&self, template: &Json, json: &Json) -> bool {
        match (template, json) {
            (Json::Text(text), json) => {
                let parts = pieces(text);
                match (&parts[..], json.text()) {
                    ([Piece::Hole(_)], _) => true,
                    ([Piece::Text(text)], found) => found == Some(text),
                    ([], found) => found == Some(""),
                    (parts, Some(found)) => match told(parts, found) {
                        None => false,
                        Some((Piece::Id(name), id)) => {
                            self.id_of(name).is_none_or(|known| known == id)
                        }
                        Some(_) => true,
                    },
                    (_, None) => false,
                }
            }
            (Json::Object(_), json)
                if said(template, "$slots")
                    .or(said(template, "$patches"))
                    .is_some() =>
            {
                matches!(json, Json::List(_))
            }
            (Json::Object(_), Json::Object(_))
                if names(template, "$needs")
                    .iter()
                    .any(|name| json.get(name).is_none()) =>
            {
                false
            }
            (Json::Object(members), Json::Object(_)) => {
                let mut own = members.iter().filter(|(name, _)| !name.starts_with('$'));
                own.all(|(name, inner)| match json.get(name) {
                    Some(found) => self.fits(inner, found),
                    // A constant that must be there: it is what tells one item from another.
                    None => !is_constant(inner),
                })
            }
            (Json::List(_), Json::List(_) | Json::Object(_)) => true,
            (Json::Object(_), Json::List(items)) => match &items[..] {
                [only] => self.fits(template, only),
                _ => false,
            },
            (Json::Object(_) | Json::List(_), _) => false,
            (constant, json) => constant == json,
        }
    }

    /// Fills holes from a value that fits.
    pub(crate) fn take(&mut self, template: &Json, json: &Json, path: &str) {
        match (template, json) {
            (Json::Text(text), json) => self.take_text(text, json, path),
            (Json::Object(_), json) if said(template, "$slots").is_some() => {
                let slots = said(template, "$slots").map_or(&[][..], Json::items);
                for (number, item) in json.items().iter().enumerate() {
                    match slots.get(number) {
                        _ if *item == Json::Null => {}
                        Some(slot) => self.take(slot, item, &format!("{path}[{number}]")),
                        None => self.lose(item, &format!("{path}[{number}]")),
                    }
                }
            }
            (Json::Object(_), json) if said(template, "$patches").is_some() => {
                let patches = said(template, "$patches").map_or(&[][..], Json::items);
                self.take_patches(patches, json.items(), path);
            }
            (Json::Object(_), Json::Object(members)) => {
                for (name, value) in members {
                    let inner = format!("{path}.{name}");
                    match template.get(name) {
                        Some(template) => self.take(template, value, &inner),
                        None => self.lose(value, &inner),
                    }
                }
            }
            (Json::List(templates), Json::List(items)) => self.take_list(templates, items, path),
            (Json::List(templates), Json::Object(_)) => {
                self.strained += 1;
                self.take_list(templates, std::slice::from_ref(json), path);
            }
            (Json::Object(_), Json::List(items)) if items.len() == 1 => {
                self.strained += 1;
                self.take(template, &items[0], &format!("{path}[0]"));
            }
            (template, json) if template == json => {}
            (_, json) => self.lose(json, path),
        }
    }

    fn scope(&mut self) -> Option<&mut Scope> {
        self.scopes.last_mut()
    }

    fn take_text(&mut self, text: &str, json: &Json, path: &str) {
        let parts = pieces(text);
        if let [Piece::Hole(hole)] = parts[..] {
            if hole.otherwise.is_some() && hole.otherwise == json.text() {
                return;
            }
            match to_edifact(self.mapping, hole.transform, json) {
                Some(value) => {
                    if let Some(scope) = self.scope() {
                        scope.set(hole.name, value);
                    }
                }
                None if is_shown(self.mapping, hole.transform, json) => {}
                None => self.lose(json, path),
            }
            return;
        }
        let Some(found) = json.text() else {
            return;
        };
        match told(&parts, found) {
            Some((Piece::Id(name), id)) => self.identify(name, id),
            Some((Piece::Link(link), id)) => {
                if let Some(scope) = self.scope() {
                    scope.set_text(&format!("@{link}"), id);
                }
            }
            Some((Piece::Hole(hole), value)) => {
                if let Some(scope) = self.scope() {
                    scope.set_text(hole.name, value);
                }
            }
            _ => {}
        }
    }

    /// Says what the identifier of a name is: of the group of that name, else of the document.
    fn identify(&mut self, name: &str, id: &str) {
        let hole = format!("#{name}");
        if self.id_of(name).is_some() {
            return;
        }
        let own = self
            .scopes
            .last()
            .is_some_and(|scope| scope.text("$group").as_deref() == Some(name));
        let scope = if own {
            self.scopes.last_mut()
        } else {
            self.scopes.first_mut()
        };
        if let Some(scope) = scope {
            scope.set_text(&hole, id);
        }
    }

    fn take_list(&mut self, templates: &[Json], items: &[Json], path: &str) {
        let mut order: Vec<&Json> = templates.iter().collect();
        order.sort_by_key(|template| match said(template, "$rank") {
            Some(Json::Number(rank)) => rank.parse().unwrap_or(USUAL_RANK),
            _ => USUAL_RANK,
        });
        let mut left: Vec<(usize, &Json)> = items.iter().enumerate().collect();
        for template in order {
            let each = said(template, "$each").and_then(Json::text);
            let inner = said(template, "$item").unwrap_or(template);
            let several = said(template, "$several").and_then(Json::text);
            let mut rest = Vec::new();
            let mut done = false;
            // Groups that another list has named before are those that this one is about.
            let known: BTreeMap<String, usize> = each.map_or_else(BTreeMap::new, |group| {
                let hole = format!("#{group}");
                let groups = self.scopes.last().and_then(|scope| scope.groups.get(group));
                let groups = groups.into_iter().flatten().enumerate();
                groups
                    .filter_map(|(at, group)| Some((group.text(&hole)?, at)))
                    .collect()
            });
            for (number, item) in left {
                let fits = match each.filter(|_| said(template, "$members").is_some()) {
                    Some(group) => is_member(inner, item, group),
                    None => self.fits(inner, item),
                };
                if done || !fits {
                    rest.push((number, item));
                    continue;
                }
                let path = format!("{path}[{number}]");
                match each {
                    Some(group) if said(template, "$members").is_some() => {
                        self.take_member(template, group, item);
                    }
                    _ if said(template, "$derived").is_some() => {}
                    Some(group) => {
                        let known = identifier(inner, item, group).and_then(|id| known.get(&id));
                        self.take_group(group, inner, item, known.copied(), &path);
                    }
                    None if several.is_some() => {
                        self.take_one(several.unwrap_or_default(), inner, item, &path);
                    }
                    None => {
                        self.take(inner, item, &path);
                        done = true;
                    }
                }
            }
            left = rest;
        }
        for (number, item) in left {
            self.lose(item, &format!("{path}[{number}]"));
        }
    }

    /// An item that is about one of several groups: the one that is known by its identifier, else a new one.
    fn take_group(
        &mut self,
        group: &str,
        template: &Json,
        item: &Json,
        known: Option<usize>,
        path: &str,
    ) {
        let groups = self
            .scopes
            .last_mut()
            .and_then(|scope| scope.groups.remove(group));
        let mut groups = groups.unwrap_or_default();
        let mut own = known
            .and_then(|at| groups.get_mut(at))
            .map(std::mem::take)
            .unwrap_or_default();
        own.set_text("$group", group);
        self.scopes.push(own);
        self.take(template, item, path);
        let own = self.scopes.pop().unwrap_or_default();
        match known.and_then(|at| groups.get_mut(at)) {
            Some(place) => *place = own,
            None => groups.push(own),
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.groups.insert(group.to_owned(), groups);
        }
    }

    /// An item that fills a hole once more.
    fn take_one(&mut self, hole: &str, template: &Json, item: &Json, path: &str) {
        self.scopes.push(Scope::default());
        self.take(template, item, path);
        let own = self
            .scopes
            .pop()
            .and_then(|scope| scope.all(hole))
            .unwrap_or_default();
        if let Some(scope) = self.scopes.last_mut() {
            for one in own {
                scope.fill(hole, one, true);
            }
        }
    }

    /// An item that says which group names this one.
    fn take_member(&mut self, template: &Json, group: &str, item: &Json) {
        let link = said(template, "$members").and_then(Json::text);
        let own = self.id_of(group);
        let other = said(template, "$item").and_then(|inner| identifier(inner, item, group));
        if let (Some(link), Some(own), Some(other)) = (link, own, other) {
            self.members.push((link.to_owned(), other, own));
        }
    }

    /// Names the values that nothing takes.
    pub(crate) fn lose(&mut self, json: &Json, path: &str) {
        match json {
            Json::Null => {}
            Json::List(items) => {
                for (number, item) in items.iter().enumerate() {
                    self.lose(item, &format!("{path}[{number}]"));
                }
            }
            Json::Object(members) => {
                for (name, value) in members {
                    self.lose(value, &format!("{path}.{name}"));
                }
            }
            _ => self.lost.push(path.trim_start_matches('.').to_owned()),
        }
    }
}

fn is_constant(template: &Json) -> bool {
    match template {
        Json::Text(text) => pieces(text)
            .iter()
            .all(|piece| matches!(piece, Piece::Text(_))),
        Json::Object(_) | Json::List(_) => false,
        _ => true,
    }
}

/// The one piece of a text that is no constant, and what it is in `found`.
fn told<'t>(parts: &[Piece<'t>], found: &'t str) -> Option<(Piece<'t>, &'t str)> {
    let at = parts
        .iter()
        .position(|piece| !matches!(piece, Piece::Text(_)))?;
    let text = |piece: &Piece<'t>| match piece {
        Piece::Text(text) => text,
        _ => "",
    };
    let before: String = parts[..at].iter().map(text).collect();
    let behind: String = parts[at + 1..].iter().map(text).collect();
    let inside = found
        .strip_prefix(before.as_str())?
        .strip_suffix(behind.as_str())?;
    Some((parts[at], inside))
}

/// Whether an item says which group names this one: it has an identifier, and the constants of its template.
fn is_member(template: &Json, json: &Json, group: &str) -> bool {
    let mut constants = template
        .members()
        .iter()
        .filter(|(_, inner)| is_constant(inner));
    identifier(template, json, group).is_some()
        && constants.all(|(name, inner)| json.get(name) == Some(inner))
}

/// The identifier of a group that an item holds where its template has it.
fn identifier(template: &Json, json: &Json, name: &str) -> Option<String> {
    match template {
        Json::Text(text) => match told(&pieces(text), json.text()?)? {
            (Piece::Id(id), found) if id == name => Some(found.to_owned()),
            _ => None,
        },
        Json::Object(members) => members
            .iter()
            .find_map(|(key, inner)| identifier(inner, json.get(key)?, name)),
        _ => None,
    }
}
