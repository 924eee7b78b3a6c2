//! FHIR resources compared: types, their elements by path, how often they stand, what they hold, and the codes that they may have.
//!
//! An element is told at the type that states it: `DomainResource.text`, not once for each resource. A type holds what it
//! always held where nothing that it states or builds on changed.

mod codes;
mod element;
mod way;

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_standards::resources::{Element, Kind as TypeKind, Resources, Type};
use concord_standards::schema::Origin;

use self::way::Ways;
use super::matching::{Likeness, pair_off};
use super::side::{Half, Pair};
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, LeadKind, Side, Whom};

/// Resources of both sides being compared.
struct Compared<'c> {
    pair: &'c Pair<'c>,
    old: &'c Resources,
    new: &'c Resources,
    ways: (Ways, Ways),
    lines: (Lines, Lines),
    changes: Vec<Change>,
}

/// Where types and elements are written.
#[derive(Default)]
struct Lines {
    found: BTreeMap<String, Origin>,
}

/// Compares the resources of two standards.
pub(super) fn compare(pair: &Pair<'_>, (old, new): (&Resources, &Resources)) -> Vec<Change> {
    let mut compared = Compared {
        pair,
        old,
        new,
        ways: (Ways::of(old), Ways::of(new)),
        lines: (Lines::of(&pair.old), Lines::of(&pair.new)),
        changes: Vec::new(),
    };
    compared.types();
    compared.codes();
    compared.changes
}

impl Lines {
    fn of(half: &Half<'_>) -> Self {
        let mut found = BTreeMap::new();
        for (file, text) in &half.definition().files {
            let cells = if file.ends_with("/elements.csv") {
                2
            } else if file.ends_with("/types.csv") {
                1
            } else if file.ends_with("/codes.csv") {
                0
            } else {
                continue;
            };
            for (number, line) in text.lines().enumerate().skip(1) {
                let mut parts = line.split(',');
                let key = match cells {
                    2 => format!(
                        "{}.{}",
                        parts.next().unwrap_or_default(),
                        parts.next().unwrap_or_default()
                    ),
                    1 => parts.next().unwrap_or_default().to_owned(),
                    _ => format!(
                        "{} {}",
                        parts.next().unwrap_or_default(),
                        parts.next().unwrap_or_default()
                    ),
                };
                let origin = Origin {
                    file: Arc::clone(file),
                    line: u32::try_from(number + 1).unwrap_or(u32::MAX),
                };
                found.entry(key).or_insert(origin);
            }
        }
        Self { found }
    }

    fn get(&self, what: &str) -> Option<&Origin> {
        self.found.get(what)
    }
}

/// Whether an element is stated by a type itself, and not by what it builds on.
fn states(known: &Type, element: &Element) -> bool {
    element
        .path
        .strip_prefix(&*known.name)
        .is_some_and(|rest| rest.starts_with('.'))
}

impl<'c> Compared<'c> {
    fn side(&self, side: Side) -> &'c Resources {
        match side {
            Side::Old => self.old,
            Side::New => self.new,
        }
    }

    fn half(&self, side: Side) -> &Half<'_> {
        match side {
            Side::Old => &self.pair.old,
            Side::New => &self.pair.new,
        }
    }

    /// Whether a side refuses resources that are not built as it says.
    fn refuses_shape(&self, side: Side) -> bool {
        self.half(side).effects().structure.is_reject()
    }

    /// Whether a side refuses values that are not as it says.
    fn refuses_values(&self, side: Side) -> bool {
        self.half(side).effects().value.is_reject()
    }

    fn types(&mut self) {
        let (old, new) = (self.old, self.new);
        for now in &new.types {
            match old.find(&now.name) {
                Some(before) => {
                    let before = &old.types[before];
                    self.kind(before, now);
                    self.elements(before, now);
                }
                None => self.alone(now, Side::New),
            }
        }
        for before in &old.types {
            if new.find(&before.name).is_none() {
                self.alone(before, Side::Old);
            }
        }
    }

    /// A draft about a type.
    fn draft(&self, kind: Kind, what: &str) -> Change {
        Change::draft(kind, ChangePlace::Element(what.into()))
            .at(self.lines.0.get(what), self.lines.1.get(what))
    }

    /// A type that only one side has. A group of elements is told with the element that holds it.
    fn alone(&mut self, known: &Type, side: Side) {
        if matches!(known.kind, TypeKind::Group) {
            return;
        }
        let (kind, whom) = match side {
            Side::New => (Kind::TypeAdded, Whom::Receiver),
            Side::Old => (Kind::TypeRemoved, Whom::Submitter),
        };
        let mut change = self.draft(kind, &known.name).with("what", word(known.kind));
        if known.kind == TypeKind::Resource && self.refuses_shape(side.other()) {
            let path = vec![Arc::clone(&known.name)];
            change = change
                .breaking(whom, Certainty::Decided, "the resource is not known")
                .led(side, LeadKind::Present(path));
        }
        self.changes.push(change);
    }

    /// Another kind of type, or another type that it builds on.
    fn kind(&mut self, old: &Type, new: &Type) {
        let base = |resources: &Resources, known: &Type| {
            known.base.map_or_else(String::new, |base| {
                format!(" of {}", resources.types[base].name)
            })
        };
        let said = |resources: &Resources, known: &Type| {
            format!("{}{}", word(known.kind), base(resources, known))
        };
        let (before, now) = (said(self.old, old), said(self.new, new));
        if before == now {
            return;
        }
        let mut change = self
            .draft(Kind::TypeKindChanged, &new.name)
            .was(before)
            .is(now);
        if old.kind != new.kind {
            let why = "what stands there is read as something else";
            for whom in [Whom::Submitter, Whom::Receiver] {
                change.break_for(whom, Certainty::Unknown, why);
            }
        }
        self.changes.push(change);
    }

    /// The elements that two types state, or have, where what they build on is another type.
    fn elements(&mut self, old: &Type, new: &Type) {
        let base = |resources: &'c Resources, known: &Type| {
            known
                .base
                .map(|base| Arc::clone(&resources.types[base].name))
        };
        let rebased = base(self.old, old) != base(self.new, new);
        let own = |known: &Type| -> Vec<Element> {
            let all = known.elements.iter();
            all.filter(|element| rebased || states(known, element))
                .cloned()
                .collect()
        };
        let (before, now) = (own(old), own(new));
        let named =
            |all: &[Element], name: &str| all.iter().position(|element| *element.name == *name);
        let gone: Vec<&Element> = before
            .iter()
            .filter(|element| named(&now, &element.name).is_none())
            .collect();
        let come: Vec<&Element> = now
            .iter()
            .filter(|element| named(&before, &element.name).is_none())
            .collect();
        let renamed = pair_off(gone.len(), come.len(), 60, |mine, theirs| {
            self.alike(gone[mine], come[theirs])
        });
        for element in &now {
            if let Some(found) = named(&before, &element.name) {
                self.element(&new.name, &before[found], element);
            }
        }
        let (mut lost, mut won) = (vec![false; gone.len()], vec![false; come.len()]);
        for found in &renamed {
            (lost[found.old], won[found.new]) = (true, true);
            let (mine, theirs) = (gone[found.old], come[found.new]);
            self.element_renamed(&new.name, (mine, theirs), &found.likeness);
            self.element(&new.name, mine, theirs);
        }
        for (element, _) in come.iter().zip(won).filter(|(_, known)| !known) {
            self.element_alone(&new.name, element, Side::New);
        }
        for (element, _) in gone.iter().zip(lost).filter(|(_, known)| !known) {
            self.element_alone(&old.name, element, Side::Old);
        }
    }

    fn alike(&self, old: &Element, new: &Element) -> Likeness {
        let same_types = self.type_names(Side::Old, old) == self.type_names(Side::New, new);
        let list = |element: &Element| element.codes.as_ref().map(|codes| Arc::clone(&codes.name));
        let same_list = list(old).is_some() && list(old) == list(new);
        Likeness::default()
            .when(same_types, 25, "same types")
            .when(same_list, 30, "same codes")
            .when(
                (old.required, old.repeats) == (new.required, new.repeats),
                10,
                "as often",
            )
            .names(&old.name, &new.name)
    }

    /// The names of the types of an element, in one order.
    fn type_names(&self, side: Side, element: &Element) -> Vec<Arc<str>> {
        let types = &self.side(side).types;
        let mut names: Vec<Arc<str>> = element
            .types
            .iter()
            .map(|number| Arc::clone(&types[*number].name))
            .collect();
        names.sort_unstable();
        names
    }

    /// The names of what an element may refer to, in one order.
    fn target_names(&self, side: Side, element: &Element) -> Vec<Arc<str>> {
        let types = &self.side(side).types;
        let mut names: Vec<Arc<str>> = element
            .targets
            .iter()
            .map(|number| Arc::clone(&types[*number].name))
            .collect();
        names.sort_unstable();
        names
    }

    /// The way from a resource to a type, by names.
    fn way_to(&self, side: Side, of: &str) -> Option<Vec<Arc<str>>> {
        let ways = match side {
            Side::Old => &self.ways.0,
            Side::New => &self.ways.1,
        };
        ways.to(self.side(side).find(of)?)
    }

    /// The way from a resource to an element of a type.
    fn path(&self, side: Side, of: &str, element: &Element) -> Option<Vec<Arc<str>>> {
        let mut path = self.way_to(side, of)?;
        path.push(Arc::clone(&element.name));
        Some(path)
    }
}

/// A kind of type, for people.
fn word(kind: TypeKind) -> String {
    match kind {
        TypeKind::Primitive(primitive) => format!("primitive type {}", primitive.name()),
        TypeKind::DataType => "data type".to_owned(),
        TypeKind::Group => "group of elements".to_owned(),
        TypeKind::Resource => "resource".to_owned(),
        TypeKind::AnyResource => "any resource".to_owned(),
        TypeKind::Abstract => "abstract type".to_owned(),
    }
}
