//! What has been written of a record so far, so that what turns out wrong can be taken back.

use std::sync::Arc;

use concord_check::places::PlaceId;
use concord_standards::schema::ElementId;

use super::facts::Facts;
use super::place::SourceId;
use crate::loss::LossReason;

/// A piece of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Open(ElementId),
    /// An attribute of the element that is open: its place, for the name.
    Attribute(PlaceId, String),
    Text(String),
    Close,
    /// Where the records stand.
    Records,
}

/// What became of a value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Fate {
    /// Nothing so far.
    #[default]
    Waiting,
    /// It is written.
    Carried,
    /// It is not written, for this reason.
    Lost(LossReason, Option<Arc<str>>),
}

/// What must be there and is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Missing {
    /// Its place; none when a record as a whole is meant.
    pub(super) place: Option<PlaceId>,
    /// What is missing, and in what.
    pub(super) detail: Arc<str>,
}

/// An occurrence of a group whose contents belong together.
#[derive(Debug, Default)]
struct Frame {
    /// Rows that lie in it.
    bound: Vec<(SourceId, usize)>,
    /// Values that all the rows of a source in it share: source, field, value.
    shared: Vec<(SourceId, usize, String)>,
}

#[derive(Debug)]
enum Change {
    Taken(usize),
    Fate(usize, usize, Fate),
    Bound(usize),
    Shared(usize),
    Incomplete,
    Noted,
}

/// Where to go back to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pieces: usize,
    changes: usize,
    open: usize,
    frames: usize,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) pieces: Vec<Piece>,
    /// For each row the source that took it.
    pub(super) taken: Vec<Option<SourceId>>,
    pub(super) fates: Vec<Vec<Fate>>,
    /// The groups around, from the outside in, that are rows.
    pub(super) open: Vec<(SourceId, usize, PlaceId)>,
    /// Groups that are left out because something that must be in them is missing.
    pub(super) incomplete: Vec<(PlaceId, Arc<str>)>,
    /// What a draft lacks, by path.
    pub(super) lacking: Vec<Arc<str>>,
    frames: Vec<Frame>,
    changes: Vec<Change>,
}

impl State {
    pub(super) fn new(facts: &Facts<'_>) -> Self {
        let rows = facts.rows.iter();
        Self {
            pieces: Vec::new(),
            taken: vec![None; facts.rows.len()],
            fates: rows
                .map(|fact| vec![Fate::Waiting; fact.values.len()])
                .collect(),
            open: Vec::new(),
            incomplete: Vec::new(),
            lacking: Vec::new(),
            frames: Vec::new(),
            changes: Vec::new(),
        }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            pieces: self.pieces.len(),
            changes: self.changes.len(),
            open: self.open.len(),
            frames: self.frames.len(),
        }
    }

    /// Takes a row for an occurrence of a group.
    pub(super) fn take(&mut self, source: SourceId, row: usize, place: PlaceId) {
        self.taken[row] = Some(source);
        self.changes.push(Change::Taken(row));
        self.open.push((source, row, place));
        let frame = self.frames.len().saturating_sub(1);
        if let Some(last) = self.frames.last_mut() {
            last.bound.push((source, row));
            self.changes.push(Change::Bound(frame));
        }
    }

    /// The row of a source around here.
    pub(super) fn around(&self, source: SourceId) -> Option<usize> {
        let mut open = self.open.iter().rev();
        open.find(|(other, ..)| *other == source)
            .map(|(_, row, _)| *row)
    }

    /// The row of a source that lies in the innermost frame.
    pub(super) fn in_frame(&self, source: SourceId) -> Option<usize> {
        let bound = &self.frames.last()?.bound;
        bound
            .iter()
            .find(|(other, _)| *other == source)
            .map(|(_, row)| *row)
    }

    /// Notes a value that all the rows of a source in the innermost frame share.
    pub(super) fn share(&mut self, source: SourceId, field: usize, value: String) {
        let frame = self.frames.len().saturating_sub(1);
        if let Some(last) = self.frames.last_mut() {
            last.shared.push((source, field, value));
            self.changes.push(Change::Shared(frame));
        }
    }

    /// Notes what became of a value, unless it is carried already. Gives whether it is carried now and was not before.
    pub(super) fn settle(&mut self, row: usize, field: usize, fate: Fate) -> bool {
        let known = &mut self.fates[row][field];
        if *known == Fate::Carried || *known == fate {
            return false;
        }
        let carried = fate == Fate::Carried;
        let before = std::mem::replace(known, fate);
        self.changes.push(Change::Fate(row, field, before));
        carried
    }

    /// Notes that a group is left out because of what is missing.
    pub(super) fn without(&mut self, place: PlaceId, missing: &Missing) {
        self.incomplete.push((place, Arc::clone(&missing.detail)));
        self.changes.push(Change::Incomplete);
    }

    /// Notes what a draft lacks.
    pub(super) fn note(&mut self, path: Arc<str>) {
        self.lacking.push(path);
        self.changes.push(Change::Noted);
    }

    pub(super) fn enter(&mut self) {
        self.frames.push(Frame::default());
    }

    /// Leaves a frame: the values that its rows share are carried for all that have the same.
    pub(super) fn leave(&mut self, facts: &Facts<'_>) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        for (source, field, written) in &frame.shared {
            for &(_, row) in frame.bound.iter().filter(|(other, _)| other == source) {
                let fate = match facts.value(row, *field) {
                    None => continue,
                    Some(value) if value == written => Fate::Carried,
                    Some(_) => Fate::Lost(LossReason::Several, None),
                };
                self.settle(row, *field, fate);
            }
        }
        let above = self.frames.len().saturating_sub(1);
        if let Some(last) = self.frames.last_mut() {
            let count = frame.bound.len();
            last.bound.extend(frame.bound);
            self.changes
                .extend((0..count).map(|_| Change::Bound(above)));
        }
    }

    /// Takes back everything since a mark.
    pub(super) fn back(&mut self, mark: Mark) {
        self.pieces.truncate(mark.pieces);
        self.open.truncate(mark.open);
        for change in self.changes.drain(mark.changes..).rev() {
            match change {
                Change::Taken(row) => self.taken[row] = None,
                Change::Fate(row, field, before) => self.fates[row][field] = before,
                Change::Bound(frame) => {
                    if let Some(frame) = self.frames.get_mut(frame) {
                        frame.bound.pop();
                    }
                }
                Change::Incomplete => {
                    self.incomplete.pop();
                }
                Change::Noted => {
                    self.lacking.pop();
                }
                Change::Shared(frame) => {
                    if let Some(frame) = self.frames.get_mut(frame) {
                        frame.shared.pop();
                    }
                }
            }
        }
        self.frames.truncate(mark.frames);
    }

    /// Takes back what was tried since a mark, whose rows are then used up and whose values are lost. Gives whether there
    /// were rows.
    pub(super) fn give_up(&mut self, mark: Mark, missing: Option<&Missing>) -> bool {
        let mut rows = Vec::new();
        let mut fates = Vec::new();
        for change in &self.changes[mark.changes..] {
            match change {
                Change::Taken(row) => rows.push((*row, self.taken[*row])),
                Change::Fate(row, field, _) => {
                    let fate = match (&self.fates[*row][*field], missing) {
                        (Fate::Carried, Some(missing)) => {
                            Fate::Lost(LossReason::Incomplete, Some(Arc::clone(&missing.detail)))
                        }
                        (Fate::Carried, None) => Fate::Waiting,
                        (fate, _) => fate.clone(),
                    };
                    fates.push((*row, *field, fate));
                }
                Change::Bound(_) | Change::Shared(_) | Change::Incomplete | Change::Noted => {}
            }
        }
        self.back(mark);
        for &(row, source) in &rows {
            self.taken[row] = source;
            self.changes.push(Change::Taken(row));
        }
        for (row, field, fate) in fates {
            if fate != Fate::Waiting {
                self.settle(row, field, fate);
            }
        }
        !rows.is_empty()
    }
}
