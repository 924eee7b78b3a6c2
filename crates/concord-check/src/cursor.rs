//! Where the checker is in a content model, and what it makes of an element that should not stand there.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use concord_standards::compile::{AllGroup, Automaton, Label, Model, Transition, wildcard_allows};
use concord_standards::schema::{ElementId, QName, Schema, Wildcard};

/// A place in a content model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cursor {
    /// State of the automaton.
    pub(crate) state: u32,
    /// Repetitions of the state's element so far.
    pub(crate) count: u32,
    /// Slots seen, in an `all` group.
    pub(crate) seen: u64,
    /// The label that was matched last.
    pub(crate) last: Option<Label>,
}

/// Labels of which one is missing; several are alternatives of a choice.
pub(crate) type OneOf = Vec<Label>;

/// What may be made of a child element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Placed {
    /// It stands where it may.
    Fits,
    /// It would fit if these stood before it. The cursor has moved on.
    After(Vec<OneOf>),
    /// It has its place earlier. The cursor stays.
    Late,
    /// It stands more often than this. The cursor stays.
    TooMany(u32),
    /// It excludes, or is excluded by, what stood before it. The cursor stays.
    Excluded,
}

/// What a name means in a content model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known<'m> {
    /// A declared child.
    Child(Label, ElementId),
    /// Let through by a wildcard.
    Wildcard(Label, &'m Wildcard),
}

/// What `name` means in `model` at `cursor`: what may stand there, or else the first that the model has of it.
pub(crate) fn lookup<'m>(
    schema: &Schema,
    model: &'m Model,
    cursor: Cursor,
    name: &QName,
) -> Option<Known<'m>> {
    let (children, wildcards) = parts(model);
    let declared = children
        .iter()
        .enumerate()
        .filter(|(_, child)| schema.element(**child).name == *name)
        .map(|(label, child)| Known::Child(label as Label, *child));
    let let_through = wildcards
        .iter()
        .enumerate()
        .filter(|(_, wildcard)| wildcard_allows(wildcard, &name.namespace))
        .map(|(index, wildcard)| Known::Wildcard((children.len() + index) as Label, wildcard));
    let mut meanings = declared.chain(let_through);
    let first = meanings.next()?;
    if cursor.allows(model, first.label()) {
        return Some(first);
    }
    let here = meanings.find(|meaning| cursor.allows(model, meaning.label()));
    Some(here.unwrap_or(first))
}

/// Whether what some name means in `model` depends on what stood before it.
pub(crate) fn depends_on_place(schema: &Schema, model: &Model) -> bool {
    let (children, wildcards) = parts(model);
    let mut names = BTreeSet::new();
    wildcards.len() > 1
        || children.iter().any(|child| {
            let name = &schema.element(*child).name;
            !names.insert(name)
                || wildcards
                    .iter()
                    .any(|wildcard| wildcard_allows(wildcard, &name.namespace))
        })
}

fn parts(model: &Model) -> (&[ElementId], &[Wildcard]) {
    match model {
        Model::Ordered { automaton, .. } => (&automaton.children, &automaton.wildcards),
        Model::All { group, .. } => (&group.children, &[]),
        Model::Empty | Model::Simple(_) => (&[], &[]),
    }
}

impl Known<'_> {
    pub(crate) fn label(&self) -> Label {
        match self {
            Self::Child(label, _) | Self::Wildcard(label, _) => *label,
        }
    }
}

impl Cursor {
    /// Whether a child with a label may stand here.
    fn allows(&self, model: &Model, label: Label) -> bool {
        match model {
            Model::Ordered { automaton, .. } => {
                automaton.step(self.state, self.count, label).is_some()
            }
            Model::All { group, .. } => self.seen & (1 << group.slots[label as usize]) == 0,
            Model::Empty | Model::Simple(_) => false,
        }
    }

    /// Takes a child with a label and says how it fits.
    pub(crate) fn place(&mut self, model: &Model, label: Label) -> Placed {
        match model {
            Model::Ordered { automaton, .. } => self.place_ordered(automaton, label),
            Model::All { group, .. } => self.place_all(group, label),
            Model::Empty | Model::Simple(_) => Placed::Excluded,
        }
    }

    fn place_all(&mut self, group: &AllGroup, label: Label) -> Placed {
        let bit = 1 << group.slots[label as usize];
        if self.seen & bit != 0 {
            return Placed::TooMany(1);
        }
        self.seen |= bit;
        self.last = Some(label);
        Placed::Fits
    }

    fn place_ordered(&mut self, automaton: &Automaton, label: Label) -> Placed {
        if let Some((state, count)) = automaton.step(self.state, self.count, label) {
            *self = Self {
                state,
                count,
                seen: 0,
                last: Some(label),
            };
            return Placed::Fits;
        }
        if self.last == Some(label) {
            let max = automaton.states[self.state as usize]
                .counter
                .and_then(|counter| counter.max)
                .unwrap_or(1);
            return Placed::TooMany(max);
        }
        if let Some((missing, state)) = path(automaton, self.state, self.count, |state, count| {
            automaton.step(state, count, label).map(|step| step.0)
        }) {
            *self = Self {
                state,
                count: 1,
                seen: 0,
                last: Some(label),
            };
            return Placed::After(missing);
        }
        let Some(last) = self.last else {
            return Placed::Late;
        };
        // Does the model allow `label` and later what was matched last?
        let after = reachable_after(automaton, 0, label);
        if after
            .iter()
            .any(|state| !reachable_after(automaton, *state, last).is_empty())
        {
            Placed::Late
        } else {
            Placed::Excluded
        }
    }

    /// Where the content model is behind a child that stands in front of another one, if both have their places so.
    pub(crate) fn with_before(&self, model: &Model, child: Label, other: Label) -> Option<Self> {
        if !self.allows(model, child) {
            return None;
        }
        let mut with = *self;
        with.place(model, child);
        let mut behind = with;
        let placed = behind.place(model, other);
        matches!(placed, Placed::Fits | Placed::After(_)).then_some(with)
    }

    /// Where the content model would be if the child that was matched last did not stand there yet, but a late one did, if both
    /// have their places so; with the child.
    pub(crate) fn without_last(&self, model: &Model, late: Label) -> Option<(Self, Label)> {
        let Model::Ordered { automaton, .. } = model else {
            return None;
        };
        let last = self.last?;
        let mut befores = (0..automaton.states.len() as u32).map(|state| {
            let counter = automaton.states[state as usize].counter;
            Self {
                state,
                count: counter.map_or(1, |counter| counter.min.max(1)),
                ..Self::default()
            }
        });
        befores.find_map(|before| {
            let (reached, _) = automaton.step(before.state, before.count, last)?;
            let is_before = reached == self.state;
            let without = is_before.then(|| before.with_before(model, late, last));
            without.flatten().map(|without| (without, last))
        })
    }

    /// What is missing if the element ends here; `None` when it may. It is nothing where the model has a choice of nothing,
    /// which no element can meet.
    pub(crate) fn missing_at_end(&self, model: &Model) -> Option<Vec<OneOf>> {
        match model {
            Model::Ordered { automaton, .. } => {
                if automaton.accepts(self.state, self.count) {
                    return None;
                }
                let missing = path(automaton, self.state, self.count, |state, count| {
                    automaton.accepts(state, count).then_some(state)
                });
                Some(missing.map(|(labels, _)| labels).unwrap_or_default())
            }
            Model::All { group, .. } => {
                if group.optional && self.seen == 0 {
                    return None;
                }
                let missing = group.required & !self.seen;
                let each = (0..u64::BITS as u8).filter(|slot| missing & (1 << slot) != 0);
                let missing: Vec<OneOf> = each.map(|slot| group.in_slot(slot)).collect();
                (!missing.is_empty()).then_some(missing)
            }
            Model::Empty | Model::Simple(_) => None,
        }
    }

    /// What may stand here, in the model's order.
    pub(crate) fn expected(&self, model: &Model) -> Vec<Label> {
        match model {
            Model::Ordered { automaton, .. } => automaton.expected(self.state, self.count),
            Model::All { group, .. } => (0..group.children.len())
                .filter(|index| self.seen & (1 << group.slots[*index]) == 0)
                .map(|index| index as Label)
                .collect(),
            Model::Empty | Model::Simple(_) => Vec::new(),
        }
    }
}

/// The shortest way from a state to one where `goal` gives something, as the labels on the way, each with those that could
/// stand in its place.
fn path<T>(
    automaton: &Automaton,
    state: u32,
    count: u32,
    goal: impl Fn(u32, u32) -> Option<T>,
) -> Option<(Vec<OneOf>, T)> {
    let mut from: BTreeMap<(u32, u32), ((u32, u32), Label)> = BTreeMap::new();
    let mut queue = VecDeque::from([(state, count)]);
    while let Some(current) = queue.pop_front() {
        if let Some(found) = goal(current.0, current.1) {
            let mut labels = Vec::new();
            let mut at = current;
            while at != (state, count) {
                let Some((before, label)) = from.get(&at) else {
                    break;
                };
                labels.push(one_of(automaton, *before, *label, &goal));
                at = *before;
            }
            labels.reverse();
            return Some((labels, found));
        }
        let here = &automaton.states[current.0 as usize];
        let short = here
            .counter
            .filter(|counter| current.1 < counter.min)
            .map(|counter| ((current.0, counter.min), counter.label));
        let steps = short.into_iter().chain(
            automaton
                .transitions(current.0)
                .iter()
                .filter(|_| short.is_none())
                .map(|step| ((step.target, 1), step.label)),
        );
        for (next, label) in steps {
            if next != (state, count) && !from.contains_key(&next) {
                from.insert(next, (current, label));
                queue.push_back(next);
            }
        }
    }
    None
}

/// A label that leads from a place towards a goal, and those that may stand in its stead: behind them the goal is reached
/// without it, and before that it has no place any more.
fn one_of<T>(
    automaton: &Automaton,
    (state, count): (u32, u32),
    label: Label,
    goal: impl Fn(u32, u32) -> Option<T>,
) -> OneOf {
    let mut labels = vec![label];
    let others: Vec<&Transition> = match automaton.states[state as usize].counter {
        Some(counter) if count < counter.min => Vec::new(),
        _ => {
            let steps = automaton.transitions(state).iter();
            steps.filter(|step| step.label != label).collect()
        }
    };
    if others.is_empty() {
        return labels;
    }
    let is_goal = |state: u32| {
        let counter = automaton.states[state as usize].counter;
        goal(state, counter.map_or(1, |counter| counter.min.max(1))).is_some()
    };
    let goals: Vec<bool> = (0..automaton.states.len() as u32).map(is_goal).collect();
    let takes = |state: u32| {
        let mut steps = automaton.transitions(state).iter();
        !goals[state as usize] && steps.any(|step| step.label == label)
    };
    let without = leading(
        automaton,
        |state| goals[state as usize],
        |_, step| step != label,
    );
    let to_it = leading(automaton, takes, |state, _| !goals[state as usize]);
    let instead = others
        .iter()
        .filter(|step| without[step.target as usize] && !to_it[step.target as usize]);
    labels.extend(instead.map(|step| step.label));
    labels
}

/// For each state whether it is, or steps of some kind lead from it to, one of those wanted.
fn leading(
    automaton: &Automaton,
    wanted: impl Fn(u32) -> bool,
    is_step: impl Fn(u32, Label) -> bool,
) -> Vec<bool> {
    let states = 0..automaton.states.len() as u32;
    let mut before: Vec<Vec<u32>> = vec![Vec::new(); automaton.states.len()];
    for state in states.clone() {
        for step in automaton.transitions(state) {
            if is_step(state, step.label) {
                before[step.target as usize].push(state);
            }
        }
    }
    let mut waiting: Vec<u32> = states.filter(|state| wanted(*state)).collect();
    let mut leads = vec![false; automaton.states.len()];
    while let Some(state) = waiting.pop() {
        if !std::mem::replace(&mut leads[state as usize], true) {
            waiting.append(&mut before[state as usize]);
        }
    }
    leads
}

/// States that a step with `label` can lead to, from `start` or anything behind it.
fn reachable_after(automaton: &Automaton, start: u32, label: Label) -> Vec<u32> {
    let mut seen = vec![false; automaton.states.len()];
    let mut stack = vec![start];
    let mut found = Vec::new();
    seen[start as usize] = true;
    while let Some(state) = stack.pop() {
        for step in automaton.transitions(state) {
            if step.label == label && !found.contains(&step.target) {
                found.push(step.target);
            }
            if !seen[step.target as usize] {
                seen[step.target as usize] = true;
                stack.push(step.target);
            }
        }
    }
    found
}
