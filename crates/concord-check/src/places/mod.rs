//! The structure as a tree of places, so that a reference in a rule can be resolved to places.
//!
//! A place is a path of local names from the root. Two particles of the same name under one parent are one place,
//! which then repeats if they can stand side by side.

mod cardinality;
mod reference;

use std::collections::HashMap;
use std::sync::Arc;

use crate::capture::CapturePath;
use concord_standards::definition::Compact;
use concord_standards::schema::{
    Builtin, ComplexTypeId, ElementId, Facets, Facts, Schema, SimpleTypeId, Status, TypeId, Use,
    ValueConstraint, Variety,
};
use concord_standards::value::ValueChecker;

pub use reference::Reference;

use cardinality::Members;

/// Most places that a structure may have; a guard against structures that unfold without end.
const MOST_PLACES: usize = 400_000;

/// Index of a place.
pub type PlaceId = u32;

/// What the text of a place is, as far as rules care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Anything else.
    Text,
    /// `CCYY-MM-DD`, perhaps with a zone.
    Date,
    /// A day in another form, such as `CCYYMMDD`.
    Day(Compact),
    /// A whole number.
    Integer,
    /// A decimal number.
    Decimal,
    /// `true`, `false`, `1` or `0`.
    Boolean,
}

/// An element or attribute in one place of the structure.
#[derive(Debug)]
pub struct Place {
    /// Local name, of an attribute with `@` before it.
    pub name: Arc<str>,
    /// The place it stands in; `None` for a root.
    pub parent: Option<PlaceId>,
    /// Whether it may occur more than once in its parent.
    pub repeats: bool,
    /// The simple type of its text, if it has text.
    pub text: Option<SimpleTypeId>,
    content: Option<ComplexTypeId>,
    /// Whether its text identifies a person.
    pub personal: bool,
    /// Its name in the NHS Data Dictionary.
    pub dictionary_name: Option<Arc<str>>,
    /// Whether it must be filled.
    pub status: Option<Status>,
    /// Whether the structure says which text it has, so that the text says nothing.
    pub fixed: bool,
    /// The record element that it is or that it stands in.
    pub record: Option<PlaceId>,
}

/// All places.
#[derive(Debug)]
pub struct Shape<'a> {
    schema: &'a Schema,
    /// The places, in document order.
    pub places: Vec<Place>,
    by_name: HashMap<Arc<str>, Vec<PlaceId>>,
    /// The roots that hold records.
    pub roots: Vec<PlaceId>,
    /// The record elements, in the order of the structure.
    pub records: Vec<PlaceId>,
    members: Members,
    /// Whether the structure is too large to be unfolded or contains itself, so that places are missing.
    pub cut: bool,
}

impl<'a> Shape<'a> {
    /// Unfolds a schema, whose records are the elements of these names.
    pub fn new(schema: &'a Schema, records: &[impl AsRef<str>]) -> Self {
        let mut shape = Self {
            schema,
            places: Vec::with_capacity(2 * schema.elements.len()),
            by_name: HashMap::new(),
            roots: Vec::new(),
            records: Vec::new(),
            members: Members::new(schema),
            cut: false,
        };
        for &root in &schema.roots {
            let before = shape.places.len();
            let had = shape.records.len();
            shape.unfold(root, records);
            if shape.records.len() > had {
                shape.roots.push(before as PlaceId);
            } else if !(records.is_empty() && shape.roots.is_empty()) {
                // A root without records is of no interest to rules.
                shape.places.truncate(before);
            } else {
                shape.roots.push(before as PlaceId);
            }
        }
        for (index, place) in shape.places.iter().enumerate() {
            shape
                .by_name
                .entry(Arc::clone(&place.name))
                .or_default()
                .push(index as PlaceId);
        }
        shape
    }

    /// Adds a root and everything below it, in document order, without recursion.
    fn unfold(&mut self, root: ElementId, records: &[impl AsRef<str>]) {
        struct Open {
            place: PlaceId,
            children: Vec<(ElementId, bool)>,
        }
        let mut types: Vec<ComplexTypeId> = Vec::new();
        let first = self.add_element(root, None, false, records);
        let mut stack = vec![Open {
            place: first,
            children: self.children(first),
        }];
        for open in &mut stack {
            open.children.reverse();
        }
        types.extend(self.places[first as usize].content);
        while let Some(open) = stack.last_mut() {
            let parent = open.place;
            let Some((element, repeats)) = open.children.pop() else {
                if self.places[parent as usize].content.is_some() {
                    types.pop();
                }
                stack.pop();
                continue;
            };
            if self.places.len() >= MOST_PLACES {
                self.cut = true;
                return;
            }
            let place = self.add_element(element, Some(parent), repeats, records);
            if let Some(content) = self.places[place as usize].content {
                if types.contains(&content) {
                    self.cut = true;
                    continue;
                }
                types.push(content);
                let mut children = self.children(place);
                children.reverse();
                stack.push(Open { place, children });
            }
        }
    }

    fn children(&self, place: PlaceId) -> Vec<(ElementId, bool)> {
        self.places[place as usize]
            .content
            .map(|content| self.members.of(self.schema, content))
            .unwrap_or_default()
    }

    fn add_element(
        &mut self,
        id: ElementId,
        parent: Option<PlaceId>,
        repeats: bool,
        records: &[impl AsRef<str>],
    ) -> PlaceId {
        let element = self.schema.element(id);
        let content = match element.content {
            TypeId::Complex(content) => Some(content),
            TypeId::Simple(_) | TypeId::Any => None,
        };
        let place = self.places.len() as PlaceId;
        let above = parent.and_then(|parent| self.places[parent as usize].record);
        let record = above.or_else(|| {
            let known = records
                .iter()
                .any(|name| name.as_ref() == &*element.name.local);
            (parent.is_some() && known).then_some(place)
        });
        if record == Some(place) {
            self.records.push(place);
        }
        self.add(
            Arc::clone(&element.name.local),
            parent,
            repeats,
            self.schema.text_type(element.content),
            content,
            &element.facts,
            is_fixed(element.constraint.as_ref()),
            record,
        );
        if let Some(content) = content {
            for usage in &self.schema.complex_type(content).attributes {
                if usage.usage != Use::Prohibited {
                    let attribute = &usage.attribute;
                    let name = format!("@{}", attribute.name.local).into();
                    let text = Some(attribute.content);
                    self.add(
                        name,
                        Some(place),
                        false,
                        text,
                        None,
                        &attribute.facts,
                        is_fixed(attribute.constraint.as_ref()),
                        record,
                    );
                }
            }
        }
        place
    }

    #[expect(clippy::too_many_arguments, reason = "one for each field of a place")]
    fn add(
        &mut self,
        name: Arc<str>,
        parent: Option<PlaceId>,
        repeats: bool,
        text: Option<SimpleTypeId>,
        content: Option<ComplexTypeId>,
        facts: &Facts,
        fixed: bool,
        record: Option<PlaceId>,
    ) {
        self.places.push(Place {
            name,
            parent,
            repeats,
            text,
            content,
            personal: facts.personal,
            dictionary_name: facts.dictionary_name.clone(),
            status: facts.status,
            fixed: fixed || text.is_some_and(|text| only_code(self.schema, text).is_some()),
            record,
        });
    }

    /// A place.
    pub fn place(&self, id: PlaceId) -> &Place {
        &self.places[id as usize]
    }

    /// The place and all above it, from the inside out.
    pub fn upwards(&self, id: PlaceId) -> impl Iterator<Item = PlaceId> + '_ {
        std::iter::successors(Some(id), |&id| self.place(id).parent)
    }

    /// The path of names from the root.
    pub fn path(&self, id: PlaceId) -> CapturePath {
        let mut path: CapturePath = self
            .upwards(id)
            .map(|id| Arc::clone(&self.place(id).name))
            .collect();
        path.reverse();
        path
    }

    /// The path as people write it.
    pub fn shown(&self, id: PlaceId) -> String {
        let mut text = String::new();
        for name in self.path(id) {
            text.push('/');
            text.push_str(&name);
        }
        text
    }

    /// All places that a reference may mean, in document order.
    pub fn candidates(&self, reference: &Reference) -> Vec<PlaceId> {
        let matches =
            |&id: &PlaceId| reference.matches(self.upwards(id).map(|id| &*self.place(id).name));
        match reference.last_name() {
            Some(name) => self
                .by_name
                .get(name)
                .into_iter()
                .flatten()
                .copied()
                .filter(matches)
                .collect(),
            None => (0..self.places.len() as PlaceId).filter(matches).collect(),
        }
    }

    /// Every name that occurs, sorted.
    pub fn names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<_> = self
            .places
            .iter()
            .map(|place| Arc::clone(&place.name))
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// Whether no document can hold both places inside the same occurrence of their nearest common ancestor.
    ///
    /// Places in different records never stand in the same row, whatever the structure says.
    pub fn exclusive(&self, one: PlaceId, other: PlaceId) -> bool {
        let (record, another) = (self.place(one).record, self.place(other).record);
        if record.is_some() && another.is_some() && record != another {
            return true;
        }
        let (mut one, mut other) = (one, other);
        let (mut one_branch, mut other_branch) = (None, None);
        while one != other {
            // A place comes behind the one that it stands in, so the later one is not above the other.
            let (later, branch) = if one > other {
                (&mut one, &mut one_branch)
            } else {
                (&mut other, &mut other_branch)
            };
            let place = self.place(*later);
            let Some(parent) = place.parent else {
                return false;
            };
            *branch = Some(&place.name);
            *later = parent;
        }
        let (Some(a), Some(b)) = (one_branch, other_branch) else {
            return false;
        };
        let content = self.place(one).content;
        content.is_some_and(|id| !self.members.together(self.schema, id, a, b))
    }

    /// What a place's text is.
    pub fn kind(&self, id: PlaceId) -> Kind {
        let Some(text) = self.place(id).text else {
            return Kind::Text;
        };
        let simple = self.schema.simple_type(text);
        let Variety::Atomic(builtin) = simple.variety else {
            return Kind::Text;
        };
        match (kind_of(builtin), simple.format.as_deref()) {
            (Kind::Text, Some(format)) => match Compact::of(format) {
                Some(compact) if compact.is_day() => Kind::Day(compact),
                _ => Kind::Text,
            },
            (kind, _) => kind,
        }
    }

    /// Whether the text of a place can be a day, or a moment with a day, as XML Schema writes it.
    pub fn may_be_moment(&self, id: PlaceId) -> bool {
        const MOMENTS: [&str; 3] = ["2025-04-01", "2025-04-01T09:30:00", "2025-04-01T09:30:00Z"];
        let checker = self
            .place(id)
            .text
            .and_then(|text| ValueChecker::compile(self.schema, text).ok());
        checker.is_none_or(|checker| MOMENTS.iter().any(|text| checker.check(text).is_ok()))
    }

    /// Whether the text of a place is free: a string that no code list and no pattern restricts, at least `least`
    /// characters long when it is as long as it may be.
    pub fn is_free_text(&self, id: PlaceId, least: u64) -> bool {
        let Some(text) = self.place(id).text else {
            return false;
        };
        let simple = self.schema.simple_type(text);
        let string = matches!(
            simple.variety,
            Variety::Atomic(Builtin::String | Builtin::NormalizedString | Builtin::Token)
        );
        let open = |facets: &Facets| {
            facets.enumeration.is_empty()
                && facets.patterns.is_empty()
                && facets
                    .max_length
                    .or(facets.length)
                    .is_none_or(|most| most >= least)
        };
        string && simple.steps.iter().all(open)
    }
}

fn is_fixed(constraint: Option<&ValueConstraint>) -> bool {
    matches!(constraint, Some(ValueConstraint::Fixed(_)))
}

/// The code of a type that permits only one.
pub fn only_code(schema: &Schema, id: SimpleTypeId) -> Option<&str> {
    let mut steps = schema.simple_type(id).steps.iter().rev();
    match steps
        .find(|step| !step.enumeration.is_empty())?
        .enumeration
        .as_slice()
    {
        [only] => Some(only),
        _ => None,
    }
}

fn kind_of(builtin: Builtin) -> Kind {
    match builtin {
        Builtin::Date => Kind::Date,
        Builtin::Boolean => Kind::Boolean,
        Builtin::Decimal => Kind::Decimal,
        integer if integer.is_integer() => Kind::Integer,
        _ => Kind::Text,
    }
}
