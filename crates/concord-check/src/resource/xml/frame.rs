//! Elements that are open, and the members that they become.

use concord_standards::resources::TypeNumber;

use super::piece::Piece;

/// An element that is open.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // each is a fact that is independent of the others
pub(super) struct Frame {
    /// Its local name.
    pub(super) name: String,
    /// Where its tag begins.
    pub(super) start: usize,
    pub(super) holds: Holds,
    /// Whether several of its name may stand in what it stands in.
    pub(super) repeats: bool,
    /// Place in its type of the last element in it.
    pub(super) last: u8,
    /// Whether it was told that text stands in it.
    pub(super) has_text: bool,
    /// Whether it was told that elements in it are out of order.
    pub(super) is_unordered: bool,
    /// Whether it is of another namespace than that of FHIR.
    pub(super) is_foreign: bool,
    /// The members of its object so far.
    members: Piece,
    is_empty: bool,
    /// Elements of one name that stand together.
    run: Option<Run>,
}

/// What an element holds.
#[derive(Debug)]
pub(super) enum Holds {
    /// Elements of a type.
    Object(TypeNumber),
    /// A value, and what is said about it, which is of the type of all elements.
    Value(TypeNumber, Option<Piece>),
    /// An element that is a resource.
    Resource(Option<Piece>),
}

/// Elements of one name that stand together.
#[derive(Debug)]
struct Run {
    name: String,
    start: usize,
    repeats: bool,
    count: u32,
    values: Piece,
    has_value: bool,
    companions: Piece,
    has_companion: bool,
}

impl Frame {
    pub(super) fn new(name: &str, start: usize, holds: Holds, repeats: bool) -> Self {
        Self {
            name: name.to_owned(),
            start,
            holds,
            repeats,
            last: 0,
            has_text: false,
            is_unordered: false,
            is_foreign: false,
            members: Piece::default(),
            is_empty: true,
            run: None,
        }
    }

    /// How many elements of a name stand together just now.
    pub(super) fn count(&self, name: &str) -> u32 {
        let run = self.run.as_ref().filter(|run| run.name == name);
        run.map_or(0, |run| run.count)
    }

    /// Takes a member that stands there once.
    pub(super) fn member(&mut self, name: &str, start: usize, value: Piece) {
        self.end_run();
        write(&mut self.members, &mut self.is_empty, (name, start), value);
    }

    /// Takes an element that has ended: its value, and what is said about that.
    pub(super) fn take(&mut self, child: Ended) {
        let Ended {
            name,
            start,
            repeats,
            value,
            companion,
        } = child;
        if self
            .run
            .as_ref()
            .is_none_or(|run| run.name != name || !repeats)
        {
            self.end_run();
            self.run = Some(Run {
                name,
                start,
                repeats,
                count: 0,
                values: Piece::default(),
                has_value: false,
                companions: Piece::default(),
                has_companion: false,
            });
        }
        let Some(run) = &mut self.run else {
            return;
        };
        for (pieces, has, piece) in [
            (&mut run.values, &mut run.has_value, value),
            (&mut run.companions, &mut run.has_companion, companion),
        ] {
            if run.count > 0 {
                pieces.punctuate(",");
            }
            *has |= piece.is_some();
            match piece {
                Some(piece) => pieces.append(piece),
                None => pieces.push(start, "null"),
            }
        }
        run.count += 1;
    }

    fn end_run(&mut self) {
        let Some(run) = self.run.take() else {
            return;
        };
        let list = |pieces: Piece| {
            let mut list = Piece::default();
            list.push(run.start, "[");
            list.append(pieces);
            list.punctuate("]");
            list
        };
        let whole = |pieces| if run.repeats { list(pieces) } else { pieces };
        let companion = format!("_{}", run.name);
        for (name, has, pieces) in [
            (&run.name, run.has_value, run.values),
            (&companion, run.has_companion, run.companions),
        ] {
            if has {
                let member = (name.as_str(), run.start);
                write(&mut self.members, &mut self.is_empty, member, whole(pieces));
            }
        }
    }

    /// What it becomes: its value, and what is said about that.
    pub(super) fn end(mut self) -> Ended {
        self.end_run();
        let mut object = Piece::default();
        object.push(self.start, "{");
        object.append(self.members);
        object.punctuate("}");
        let (value, companion) = match self.holds {
            Holds::Object(_) => (Some(object), None),
            Holds::Resource(resource) => {
                let nothing = || {
                    let mut nothing = Piece::default();
                    nothing.push(self.start, "{}");
                    nothing
                };
                (Some(resource.unwrap_or_else(nothing)), None)
            }
            Holds::Value(_, value) => {
                let companion = (!self.is_empty).then_some(object);
                let nothing = || {
                    let mut nothing = Piece::default();
                    nothing.string(self.start + 1, "");
                    nothing
                };
                // An element that says nothing at all is told of as an empty value.
                let value = if companion.is_some() {
                    value
                } else {
                    Some(value.unwrap_or_else(nothing))
                };
                (value, companion)
            }
        };
        Ended {
            name: self.name,
            start: self.start,
            repeats: self.repeats,
            value,
            companion,
        }
    }
}

/// An element that has ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) name: String,
    pub(super) start: usize,
    pub(super) repeats: bool,
    pub(super) value: Option<Piece>,
    pub(super) companion: Option<Piece>,
}

fn write(to: &mut Piece, is_empty: &mut bool, (name, start): (&str, usize), value: Piece) {
    if !std::mem::replace(is_empty, false) {
        to.punctuate(",");
    }
    to.string(start + 1, name);
    to.punctuate(":");
    to.append(value);
}
