//! Which segment may stand where, and what to say of one that may not.
//!
//! Groups of segments leave no trace on the wire: a segment that its group cannot take ends the group, and one that only
//! another group can begin opens that.

use concord_finding::Fact;
use concord_standards::compile::Label;

use super::plan::MessagePlan;
use crate::catalogue::BuiltinRule;
use crate::cursor::{Cursor, OneOf, Placed};
use crate::placement;
use crate::plan::NOTHING;

/// A message or a group of segments that is open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) model: usize,
    pub(crate) cursor: Cursor,
    /// Where it is captured.
    pub(crate) node: u32,
}

/// What is wrong with where a segment stands.
#[derive(Debug)]
pub(crate) struct Misplaced {
    pub(crate) rule: BuiltinRule,
    pub(crate) facts: Vec<(&'static str, Fact)>,
    pub(crate) expected: Option<Fact>,
    /// The segment that is missing, where that is what is wrong.
    pub(crate) missing: Option<String>,
}

/// Where in the message a segment stands that is missing in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Elsewhere {
    /// Before it, which was told of.
    Before,
    /// Behind it.
    Behind,
}

/// Where a segment was put.
#[derive(Debug, Default)]
pub(crate) struct Seat {
    /// Where it is captured.
    pub(crate) node: u32,
    /// Nodes of the groups that it opened, from the outside in.
    pub(crate) opened: Vec<u32>,
    /// Whether it stands before what must stand before it.
    pub(crate) early: bool,
    pub(crate) wrong: Vec<Misplaced>,
}

impl MessagePlan {
    /// Puts a segment where it may stand, when it may stand where it does.
    ///
    /// `opened` is given the nodes of the groups that it begins.
    #[inline]
    pub(crate) fn place(
        &self,
        frames: &mut Vec<Frame>,
        segment: usize,
        opened: &mut Vec<u32>,
    ) -> Option<u32> {
        for depth in (0..frames.len()).rev() {
            let frame = frames[depth];
            let automaton = self.automaton(frame.model)?;
            for label in &self.models[frame.model].candidates[segment] {
                let step = automaton.step(frame.cursor.state, frame.cursor.count, *label);
                if let Some((state, count)) = step {
                    frames.truncate(depth + 1);
                    frames[depth].cursor = Cursor {
                        state,
                        count,
                        seen: 0,
                        last: Some(*label),
                    };
                    return Some(self.enter(frames, *label, segment, opened));
                }
            }
            if !automaton.accepts(frame.cursor.state, frame.cursor.count) {
                return None;
            }
        }
        None
    }

    /// Opens the groups that a segment begins, and says where it is captured.
    fn enter(
        &self,
        frames: &mut Vec<Frame>,
        label: Label,
        segment: usize,
        opened: &mut Vec<u32>,
    ) -> u32 {
        let mut label = label;
        while let Some(top) = frames.last().copied() {
            let node = self.child(top.node, label as usize);
            let group = self.models[top.model].groups.get(label as usize);
            let Some(Some(group)) = group else {
                return node;
            };
            opened.push(node);
            let mut frame = Frame {
                model: *group,
                cursor: Cursor::default(),
                node,
            };
            let step = self.automaton(*group).and_then(|automaton| {
                let mut candidates = self.models[*group].candidates[segment].iter();
                candidates.find_map(|label| Some((*label, automaton.step(0, 0, *label)?)))
            });
            let Some((inner, (state, count))) = step else {
                return NOTHING;
            };
            frame.cursor = Cursor {
                state,
                count,
                seen: 0,
                last: Some(inner),
            };
            frames.push(frame);
            label = inner;
        }
        NOTHING
    }

    /// Puts a segment where it fits best although it may not stand there; `None` when the message has no place for it.
    ///
    /// `elsewhere` says whether a segment of a name stands in the message all the same: where all that is missing does, this
    /// one stands too early, or what is missing did and was told of.
    pub(crate) fn misplace(
        &self,
        frames: &mut Vec<Frame>,
        segment: usize,
        name: &str,
        elsewhere: impl Fn(&str) -> Option<Elsewhere>,
    ) -> Option<Seat> {
        let Best {
            depth,
            label,
            cursor,
            placed,
        } = self.best(frames, segment)?;
        let mut seat = Seat {
            node: NOTHING,
            ..Seat::default()
        };
        if let Placed::After(missing) = &placed {
            let model = frames.get(depth)?.model;
            let names: Vec<String> = missing
                .iter()
                .filter_map(|one_of| self.first_of(model, one_of))
                .collect();
            let found: Option<Vec<Elsewhere>> = names.iter().map(|name| elsewhere(name)).collect();
            if let Some(found) = &found
                && found.iter().all(|found| *found == Elsewhere::Before)
            {
                frames.truncate(depth + 1);
                frames.last_mut()?.cursor = cursor;
                self.descend(frames, label, segment, name, &mut seat);
                return Some(seat);
            }
            if found.is_some() {
                let frame = frames.get(depth)?;
                seat.node = self.child(frame.node, label as usize);
                let place = format!("`{name}` must stand behind `{}`", names.join("`, `"));
                seat.wrong.push(Misplaced {
                    rule: BuiltinRule::SegmentOrder,
                    facts: vec![
                        ("found", Fact::Plain(name.to_owned())),
                        ("parent", Fact::Plain(parent(&self.models[model].name))),
                        ("where", Fact::Plain(place)),
                    ],
                    expected: None,
                    missing: None,
                });
                seat.early = true;
                return Some(seat);
            }
        }
        while frames.len() > depth + 1 {
            if let Some(frame) = frames.pop() {
                seat.wrong.extend(self.missing(&frame));
            }
        }
        let frame = frames.last_mut()?;
        let before = std::mem::replace(&mut frame.cursor, cursor);
        let (model, node) = (frame.model, frame.node);
        let wrong = self.describe(model, &before, &placed, name);
        seat.wrong.extend(wrong);
        match placed {
            Placed::Fits | Placed::After(_) => {
                self.descend(frames, label, segment, name, &mut seat);
            }
            Placed::Late => seat.node = self.child(node, label as usize),
            Placed::TooMany(_) | Placed::Excluded => {}
        }
        // What is missing inside of what is missing is missing for the same reason.
        seat.wrong.truncate(1);
        Some(seat)
    }

    /// Opens the groups between a label and a segment somewhere inside of it.
    fn descend(
        &self,
        frames: &mut Vec<Frame>,
        label: Label,
        segment: usize,
        name: &str,
        seat: &mut Seat,
    ) {
        let mut label = label;
        while let Some(top) = frames.last().copied() {
            seat.node = self.child(top.node, label as usize);
            let group = self.models[top.model].groups.get(label as usize);
            let Some(Some(group)) = group else {
                return;
            };
            seat.opened.push(seat.node);
            let mut frame = Frame {
                model: *group,
                cursor: Cursor::default(),
                node: seat.node,
            };
            let content = self.document.compiled.model(self.models[*group].content);
            let Some(inner) = self.labels(*group, segment).next() else {
                return;
            };
            let before = frame.cursor;
            let placed = frame.cursor.place(content, inner);
            seat.wrong
                .extend(self.describe(*group, &before, &placed, name));
            frames.push(frame);
            label = inner;
        }
    }

    /// The labels of a model that a segment is, begins, or stands inside of, the nearest first.
    fn labels(&self, model: usize, segment: usize) -> impl Iterator<Item = Label> {
        let plan = &self.models[model];
        let candidates = &plan.candidates[segment];
        let inside =
            plan.groups.iter().enumerate().filter(move |(_, group)| {
                group.is_some_and(|group| self.models[group].holds[segment])
            });
        candidates
            .iter()
            .copied()
            .chain(inside.map(|(label, _)| label as Label))
    }

    /// The place for a segment nearest to the inside, one that it fits before one that it does not.
    fn best(&self, frames: &[Frame], segment: usize) -> Option<Best> {
        let mut worse = None;
        for (depth, frame) in frames.iter().enumerate().rev() {
            let model = self
                .document
                .compiled
                .model(self.models[frame.model].content);
            for label in self.labels(frame.model, segment) {
                let mut cursor = frame.cursor;
                let placed = cursor.place(model, label);
                let best = Best {
                    depth,
                    label,
                    cursor,
                    placed,
                };
                if matches!(best.placed, Placed::Fits | Placed::After(_)) {
                    return Some(best);
                }
                worse.get_or_insert(best);
            }
        }
        worse
    }

    fn describe(
        &self,
        model: usize,
        before: &Cursor,
        placed: &Placed,
        name: &str,
    ) -> Option<Misplaced> {
        let plan = &self.models[model];
        let schema = &self.document.compiled.schema;
        let content = self.document.compiled.model(plan.content);
        let parent = parent(&plan.name);
        let described = placement::describe(schema, content, before, placed, name, &parent)?;
        let missing = match placed {
            Placed::After(missing) => missing.first(),
            _ => None,
        };
        let rule = match placed {
            Placed::After(_) | Placed::Fits => BuiltinRule::SegmentMissing,
            Placed::TooMany(_) => BuiltinRule::SegmentRepeated,
            Placed::Late | Placed::Excluded => BuiltinRule::SegmentOrder,
        };
        Some(Misplaced {
            rule,
            facts: described.facts,
            expected: described.expected,
            missing: missing.and_then(|one_of| self.first_of(model, one_of)),
        })
    }

    /// What is missing when a message or group ends here.
    pub(crate) fn missing(&self, frame: &Frame) -> Option<Misplaced> {
        let plan = &self.models[frame.model];
        let schema = &self.document.compiled.schema;
        let content = self.document.compiled.model(plan.content);
        let missing = frame.cursor.missing_at_end(content)?;
        let described = placement::missing_at_end(schema, content, &missing, &parent(&plan.name));
        Some(Misplaced {
            rule: BuiltinRule::SegmentMissing,
            facts: described.facts,
            expected: None,
            missing: missing
                .first()
                .and_then(|one_of| self.first_of(frame.model, one_of)),
        })
    }

    /// The segments that may stand next, by name.
    pub(crate) fn expected(&self, frames: &[Frame]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for frame in frames.iter().rev() {
            let content = self
                .document
                .compiled
                .model(self.models[frame.model].content);
            for label in frame.cursor.expected(content) {
                let name = self.named(frame.model, label);
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            let open = self
                .automaton(frame.model)
                .is_some_and(|automaton| automaton.accepts(frame.cursor.state, frame.cursor.count));
            if !open {
                break;
            }
        }
        names
    }

    /// The segment that a label stands for, or that begins the group that it stands for.
    fn named(&self, model: usize, label: Label) -> String {
        let mut candidates = self.models[model].candidates.iter().enumerate();
        let segment = candidates.find(|(_, labels)| labels.contains(&label));
        segment.map_or_else(String::new, |(segment, _)| {
            self.messages.segments[segment].name.to_string()
        })
    }

    /// The same for the first of alternatives.
    fn first_of(&self, model: usize, one_of: &OneOf) -> Option<String> {
        one_of.first().map(|label| self.named(model, *label))
    }
}

/// What a message or group is called: of a variant, the structure.
fn parent(name: &str) -> String {
    name.split('-').next().unwrap_or(name).to_owned()
}

struct Best {
    depth: usize,
    label: Label,
    cursor: Cursor,
    placed: Placed,
}
