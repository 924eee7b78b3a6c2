//! The elements that may stand in the old model, and what each is in either model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use concord_standards::compile::{CompiledSchema, Label, Model, wildcard_allows};
use concord_standards::schema::{
    ElementId, NamespaceSet, ProcessContents, QName, Schema, Wildcard,
};

/// Most different elements that are looked at.
const MOST_LETTERS: usize = 5_000;

/// An element, or one that stands for all that no declaration and no wildcard tells apart from it.
#[derive(Debug)]
pub(super) struct Letter {
    pub(super) name: QName,
    /// Labels that it may have in the old model, the declared one first.
    pub(super) old: Vec<Label>,
    /// The same in the new model.
    pub(super) new: Vec<Label>,
    /// New labels through which it is checked more closely than in OLD, so that nothing is known of its content.
    pub(super) doubtful: Vec<Label>,
    /// No other element has one of these labels, on either side.
    pub(super) alone: bool,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Letters {
    pub(super) all: Vec<Letter>,
}

impl Letters {
    pub(super) fn of(
        (old, old_model): (&CompiledSchema, &Model),
        (new, new_model): (&CompiledSchema, &Model),
        same: &dyn Fn(ElementId, ElementId) -> bool,
    ) -> Result<Self, String> {
        let mut all: Vec<Letter> = Vec::new();
        let mut add = |name: QName, child: Option<ElementId>| {
            let old_labels = labels_of_name(old, old_model, &name);
            if old_labels.is_empty() {
                return;
            }
            let element = child.or_else(|| global(&old.schema, &name));
            let new_labels = labels_in_new(new, new_model, &name, element, same);
            let new_global = global(&new.schema, &name).is_some();
            let new_children = children_of(new_model).len();
            // What OLD checks of its content: a declared child or global element is compared elsewhere.
            let unchecked = element.is_none()
                || child.is_none()
                    && wildcards_of(old_model).iter().any(|wildcard| {
                        wildcard.process == ProcessContents::Skip
                            && wildcard_allows(wildcard, &name.namespace)
                    });
            let doubtful = new_labels.iter().copied().filter(|label| {
                match wildcards_of(new_model).get((*label as usize).wrapping_sub(new_children)) {
                    None => unchecked,
                    Some(wildcard) => {
                        wildcard.process != ProcessContents::Skip
                            && new_global
                            && (unchecked || child.is_some())
                    }
                }
            });
            all.push(Letter {
                doubtful: doubtful.collect(),
                name,
                old: old_labels,
                new: new_labels,
                alone: false,
            });
        };
        let mut known = BTreeSet::new();
        for child in children_of(old_model) {
            let name = &old.schema.element(*child).name;
            if known.insert(name.clone()) {
                add(name.clone(), Some(*child));
            }
        }
        if !wildcards_of(old_model).is_empty() {
            for name in names_told_apart((old, old_model), (new, new_model)) {
                if known.insert(name.clone()) {
                    add(name, None);
                }
            }
        }
        if all.len() > MOST_LETTERS {
            return Err(format!(
                "wildcards let more than {MOST_LETTERS} different elements through"
            ));
        }
        mark_alone(&mut all);
        Ok(Self { all })
    }
}

impl Letters {
    /// Whether every element has the same labels in both models, and nothing is in doubt.
    pub(super) fn correspond(&self) -> bool {
        let mut each = self.all.iter();
        each.all(|letter| letter.old == letter.new && letter.doubtful.is_empty())
    }
}

fn mark_alone(letters: &mut [Letter]) {
    let mut users: [BTreeMap<Label, usize>; 2] = [BTreeMap::new(), BTreeMap::new()];
    for letter in letters.iter() {
        for (side, labels) in users.iter_mut().zip([&letter.old, &letter.new]) {
            for label in labels {
                *side.entry(*label).or_default() += 1;
            }
        }
    }
    for letter in letters {
        let alone = |side: usize, labels: &[Label]| {
            labels
                .iter()
                .all(|label| users[side].get(label).is_none_or(|count| *count == 1))
        };
        letter.alone = alone(0, &letter.old) && alone(1, &letter.new);
    }
}

pub(super) fn children_of(model: &Model) -> &[ElementId] {
    match model {
        Model::Ordered { automaton, .. } => &automaton.children,
        Model::All { group, .. } => &group.children,
        Model::Empty | Model::Simple(_) => &[],
    }
}

fn wildcards_of(model: &Model) -> &[Wildcard] {
    match model {
        Model::Ordered { automaton, .. } => &automaton.wildcards,
        Model::All { .. } | Model::Empty | Model::Simple(_) => &[],
    }
}

/// The global declaration of a name.
fn global(schema: &Schema, name: &QName) -> Option<ElementId> {
    schema
        .roots
        .iter()
        .copied()
        .find(|id| schema.element(*id).name == *name)
}

/// Labels that a name may have in a model: its declarations, then the wildcards that let it through.
pub(super) fn labels_of_name(compiled: &CompiledSchema, model: &Model, name: &QName) -> Vec<Label> {
    let children = children_of(model).iter().enumerate();
    let declared = children
        .filter(|(_, child)| compiled.schema.element(**child).name == *name)
        .map(|(label, _)| label as Label);
    declared
        .chain(wildcard_labels(compiled, model, name))
        .collect()
}

fn labels_in_new(
    new: &CompiledSchema,
    model: &Model,
    name: &QName,
    element: Option<ElementId>,
    same: &dyn Fn(ElementId, ElementId) -> bool,
) -> Vec<Label> {
    let named = |child: ElementId| new.schema.element(child).name == *name;
    let mut declared: Vec<(bool, Label)> = Vec::new();
    for (label, child) in children_of(model).iter().enumerate() {
        if element.map_or_else(|| named(*child), |old| same(old, *child)) {
            declared.push((!named(*child), label as Label));
        }
    }
    // The one of the same name goes before others.
    declared.sort_unstable();
    declared
        .into_iter()
        .map(|(_, label)| label)
        .chain(wildcard_labels(new, model, name))
        .collect()
}

fn wildcard_labels<'m>(
    compiled: &CompiledSchema,
    model: &'m Model,
    name: &'m QName,
) -> impl Iterator<Item = Label> + use<'m> {
    let declared = global(&compiled.schema, name).is_some();
    let first = children_of(model).len();
    wildcards_of(model)
        .iter()
        .enumerate()
        .filter(move |(_, wildcard)| {
            wildcard_allows(wildcard, &name.namespace)
                && (declared || wildcard.process != ProcessContents::Strict)
        })
        .map(move |(index, _)| (first + index) as Label)
}

/// Names that declarations or wildcards may tell apart, and one more in every namespace that is spoken of.
fn names_told_apart(
    (old, old_model): (&CompiledSchema, &Model),
    (new, new_model): (&CompiledSchema, &Model),
) -> Vec<QName> {
    let mut names = BTreeSet::new();
    for (compiled, model) in [(old, old_model), (new, new_model)] {
        let elements = compiled.schema.roots.iter().chain(children_of(model));
        names.extend(elements.map(|id| compiled.schema.element(*id).name.clone()));
    }
    let mut namespaces: BTreeSet<Arc<str>> = BTreeSet::from(["".into()]);
    namespaces.extend(names.iter().map(|name| name.namespace.clone()));
    namespaces.extend([old.schema.namespace.clone(), new.schema.namespace.clone()]);
    for wildcard in wildcards_of(old_model)
        .iter()
        .chain(wildcards_of(new_model))
    {
        match &wildcard.namespaces {
            NamespaceSet::Any => {}
            NamespaceSet::Other(own) => {
                namespaces.insert(own.clone());
            }
            NamespaceSet::These(these) => namespaces.extend(these.iter().cloned()),
        }
    }
    let mut foreign = "urn:other".to_owned();
    while namespaces.contains(foreign.as_str()) {
        foreign.push('x');
    }
    namespaces.insert(foreign.into());
    let mut local = "other".to_owned();
    while names.iter().any(|name| *name.local == *local) {
        local.push('x');
    }
    let others = namespaces
        .into_iter()
        .map(|namespace| QName::new(namespace, local.as_str()));
    let others: Vec<QName> = others.collect();
    names.into_iter().chain(others).collect()
}
