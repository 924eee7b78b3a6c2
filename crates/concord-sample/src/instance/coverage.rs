//! Which choices of a schema have been taken.

use std::collections::BTreeMap;

use concord_standards::schema::{
    ComplexTypeId, Content, ElementId, Schema, SimpleTypeId, TypeId, Use,
};

use super::Limits;
use super::plan::{Part, PartTerm, Plan};
use crate::Dice;
use crate::value::Values;

/// A place where something is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Site {
    /// How often a part occurs: one of [`counts`].
    Count(usize),
    /// Which branch of a choice.
    Branch(usize),
    /// Whether an optional attribute of a type is there.
    Attribute(ComplexTypeId, usize),
    /// Which code, or for types without codes smallest, largest, any, any.
    Value(SimpleTypeId),
    /// Which member of a substitution group.
    Member(ElementId),
    /// Which type derived from an abstract one.
    Concrete(ComplexTypeId),
    /// Whether an element is nil.
    Nil(ElementId),
}

/// The options of all sites, and which are taken.
#[derive(Debug)]
pub(super) struct Coverage {
    sites: BTreeMap<Site, Vec<bool>>,
    /// Elements at or below which something is open.
    open_elements: Vec<bool>,
}

impl Coverage {
    pub(super) fn new(schema: &Schema, plan: &Plan, values: &Values<'_>, limits: Limits) -> Self {
        let mut sites = BTreeMap::new();
        let reached = reachable(schema, plan);
        let value = |sites: &mut BTreeMap<Site, Vec<bool>>, id: SimpleTypeId| {
            let codes = values.codes(id).len();
            sites.insert(
                Site::Value(id),
                vec![false; if codes == 0 { 4 } else { codes }],
            );
        };
        for (index, part) in plan.parts.iter().enumerate() {
            if !reached[part.owner.0 as usize] || part.max == Some(0) {
                continue;
            }
            let options = counts(part, limits).len();
            if options > 1 {
                sites.insert(Site::Count(index), vec![false; options]);
            }
            match &part.term {
                PartTerm::Choice(branches) if branches.len() > 1 => {
                    sites.insert(Site::Branch(index), vec![false; branches.len()]);
                }
                PartTerm::Element(id) => {
                    let members = &plan.members[id.0 as usize];
                    if members.len() > 1 {
                        sites.insert(Site::Member(*id), vec![false; members.len()]);
                    }
                    for &member in members {
                        let element = schema.element(member);
                        if element.nillable && element.constraint.is_none() {
                            sites.insert(Site::Nil(member), vec![false; 2]);
                        }
                        if let (TypeId::Simple(simple), None) =
                            (element.content, &element.constraint)
                        {
                            value(&mut sites, simple);
                        }
                    }
                }
                _ => {}
            }
        }
        for (index, complex) in schema
            .complex_types
            .iter()
            .enumerate()
            .filter(|(index, _)| reached[*index])
        {
            let id = ComplexTypeId(index as u32);
            if plan.concrete[index].len() > 1 {
                sites.insert(Site::Concrete(id), vec![false; plan.concrete[index].len()]);
            }
            if complex.is_abstract {
                continue;
            }
            for (position, attribute) in complex.attributes.iter().enumerate() {
                if attribute.usage == Use::Optional {
                    sites.insert(Site::Attribute(id, position), vec![false; 2]);
                }
                if attribute.usage != Use::Prohibited && attribute.attribute.constraint.is_none() {
                    value(&mut sites, attribute.attribute.content);
                }
            }
            if let Content::Simple(simple) = complex.content {
                value(&mut sites, simple);
            }
        }
        Self {
            sites,
            open_elements: vec![true; schema.elements.len()],
        }
    }

    pub(super) fn len(&self) -> usize {
        self.sites.values().map(Vec::len).sum()
    }

    pub(super) fn uncovered(&self) -> usize {
        self.sites
            .values()
            .flatten()
            .filter(|taken| !**taken)
            .count()
    }

    pub(super) fn uncovered_names(&self, schema: &Schema, plan: &Plan) -> Vec<String> {
        let type_name = |id: ComplexTypeId| {
            schema
                .complex_type(id)
                .name
                .as_ref()
                .map_or_else(|| format!("anonymous type {}", id.0), ToString::to_string)
        };
        self.sites
            .iter()
            .flat_map(|(site, options)| {
                let name = match site {
                    Site::Count(part) | Site::Branch(part) => {
                        let what = match &plan.parts[*part].term {
                            PartTerm::Element(id) => schema.element(*id).name.to_string(),
                            other => format!("{other:?}"),
                        };
                        format!("{what} in {}", type_name(plan.parts[*part].owner))
                    }
                    Site::Attribute(id, _) | Site::Concrete(id) => type_name(*id),
                    Site::Value(id) => schema.simple_type(*id).name.as_ref().map_or_else(
                        || format!("anonymous simple type {}", id.0),
                        ToString::to_string,
                    ),
                    Site::Member(id) | Site::Nil(id) => schema.element(*id).name.to_string(),
                };
                options
                    .iter()
                    .enumerate()
                    .filter(|(_, taken)| !**taken)
                    .map(move |(option, _)| format!("{site:?} option {option}: {name}"))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// Options of a site that are not taken and that `possible` lets through.
    pub(super) fn open(&self, site: Site, possible: impl Fn(usize) -> bool) -> Vec<usize> {
        self.sites.get(&site).map_or_else(Vec::new, |options| {
            (0..options.len())
                .filter(|&option| !options[option] && possible(option))
                .collect()
        })
    }

    /// Takes an option.
    pub(super) fn take(&mut self, site: Site, option: usize) {
        if let Some(taken) = self
            .sites
            .get_mut(&site)
            .and_then(|options| options.get_mut(option))
        {
            *taken = true;
        }
    }

    /// Takes one of the open options of a site, if there is one.
    pub(super) fn take_open(
        &mut self,
        site: Site,
        possible: impl Fn(usize) -> bool,
        dice: &mut Dice,
    ) -> Option<usize> {
        let open = self.open(site, possible);
        let option = *dice.pick(&open)?;
        self.take(site, option);
        Some(option)
    }

    /// Works out in which types something is still open, so that the walk goes there.
    pub(super) fn look_ahead(&mut self, schema: &Schema, plan: &Plan) {
        let mut open = vec![false; schema.complex_types.len()];
        let unfinished = |site: Site| {
            self.sites
                .get(&site)
                .is_some_and(|options| options.iter().any(|taken| !taken))
        };
        for (index, complex) in schema.complex_types.iter().enumerate() {
            let id = ComplexTypeId(index as u32);
            open[index] = unfinished(Site::Concrete(id))
                || complex
                    .attributes
                    .iter()
                    .enumerate()
                    .any(|(position, attribute)| {
                        unfinished(Site::Attribute(id, position))
                            || (attribute.usage != Use::Prohibited
                                && unfinished(Site::Value(attribute.attribute.content)))
                    })
                || matches!(complex.content, Content::Simple(simple) if unfinished(Site::Value(simple)));
        }
        for (index, part) in plan.parts.iter().enumerate() {
            let mut is_open = unfinished(Site::Count(index)) || unfinished(Site::Branch(index));
            if let PartTerm::Element(id) = part.term {
                is_open |= unfinished(Site::Member(id));
                for member in &plan.members[id.0 as usize] {
                    is_open |= unfinished(Site::Nil(*member));
                    if let TypeId::Simple(simple) = schema.element(*member).content {
                        is_open |= unfinished(Site::Value(simple));
                    }
                }
            }
            open[part.owner.0 as usize] |= is_open;
        }
        loop {
            let mut changed = false;
            for part in &plan.parts {
                let PartTerm::Element(id) = part.term else {
                    continue;
                };
                let owner = part.owner.0 as usize;
                if !open[owner] && types_of(schema, plan, id).any(|below| open[below.0 as usize]) {
                    open[owner] = true;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        self.open_elements = (0..schema.elements.len() as u32)
            .map(ElementId)
            .map(|id| {
                types_of(schema, plan, id).any(|below| open[below.0 as usize])
                    || plan.members[id.0 as usize].iter().any(|member| {
                        match schema.element(*member).content {
                            TypeId::Simple(simple) => {
                                !self.open(Site::Value(simple), |_| true).is_empty()
                            }
                            TypeId::Complex(_) | TypeId::Any => false,
                        }
                    })
            })
            .collect();
    }

    /// Whether something was open at or below an element when [`Coverage::look_ahead`] last looked.
    pub(super) fn element_open(&self, id: ElementId) -> bool {
        self.open_elements[id.0 as usize]
    }
}

fn types_of<'a>(
    schema: &'a Schema,
    plan: &'a Plan,
    id: ElementId,
) -> impl Iterator<Item = ComplexTypeId> + 'a {
    plan.members[id.0 as usize].iter().flat_map(move |member| {
        match schema.element(*member).content {
            TypeId::Complex(complex) => {
                let mut types = plan.concrete[complex.0 as usize].clone();
                types.push(complex);
                types
            }
            TypeId::Simple(_) | TypeId::Any => Vec::new(),
        }
    })
}

fn reachable(schema: &Schema, plan: &Plan) -> Vec<bool> {
    let mut reached = vec![false; schema.complex_types.len()];
    let mut elements: Vec<ElementId> = schema.roots.clone();
    let mut next = 0;
    while let Some(&id) = elements.get(next) {
        next += 1;
        for complex in types_of(schema, plan, id) {
            if !std::mem::replace(&mut reached[complex.0 as usize], true) {
                elements.extend(
                    plan.parts
                        .iter()
                        .filter(|part| part.owner == complex && part.max != Some(0))
                        .filter_map(|part| match part.term {
                            PartTerm::Element(id) => Some(id),
                            _ => None,
                        }),
                );
            }
        }
    }
    reached
}

/// The numbers of occurrences that are worth trying of a part.
pub(super) fn counts(part: &Part, limits: Limits) -> Vec<u32> {
    let mut counts = vec![part.min];
    let most = part
        .max
        .map_or(part.min.saturating_add(limits.unbounded), |max| {
            max.min(limits.occurrences.max(part.min))
        });
    for count in [part.min.saturating_add(1), most] {
        if count <= most && !counts.contains(&count) {
            counts.push(count);
        }
    }
    counts
}
