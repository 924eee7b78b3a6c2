//! White space treatment before an automaton: XML Schema part 2, section 4.3.6.

use concord_standards::schema::WhiteSpace;

use super::{Classes, DEAD, Interned, Machine, Made, State, Verdict};

/// An automaton that sees what is left after white space treatment.
pub(super) struct Treated {
    collapse: bool,
    inner: Box<dyn Machine>,
    states: Interned<(Place, State)>,
}

/// Where a collapsed text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    /// Nothing but white space so far.
    Start,
    Word,
    /// White space that counts as one blank if anything follows.
    Gap,
}

impl Treated {
    pub(super) fn wrap(treatment: WhiteSpace, inner: Box<dyn Machine>) -> Box<dyn Machine> {
        match treatment {
            WhiteSpace::Preserve => inner,
            treatment => Box::new(Self {
                collapse: treatment == WhiteSpace::Collapse,
                inner,
                states: Interned::new(),
            }),
        }
    }

    fn number(&mut self, place: Place, inner: State) -> Made<State> {
        if inner == DEAD {
            return Ok(DEAD);
        }
        self.states.number((place, inner))
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

impl Machine for Treated {
    fn start(&mut self) -> Made<State> {
        let inner = self.inner.start()?;
        self.number(Place::Start, inner)
    }

    fn step(&mut self, state: State, byte: u8) -> Made<State> {
        let Some(&(place, inner)) = self.states.get(state) else {
            return Ok(DEAD);
        };
        if !self.collapse {
            let byte = if is_space(byte) { b' ' } else { byte };
            let inner = self.inner.step(inner, byte)?;
            return self.number(place, inner);
        }
        if is_space(byte) {
            let place = match place {
                Place::Start => Place::Start,
                Place::Word | Place::Gap => Place::Gap,
            };
            return self.number(place, inner);
        }
        let before = match place {
            Place::Gap => self.inner.step(inner, b' ')?,
            Place::Start | Place::Word => inner,
        };
        let inner = self.inner.step(before, byte)?;
        self.number(Place::Word, inner)
    }

    fn verdict(&mut self, state: State) -> Made<Verdict> {
        match self.states.get(state) {
            Some(&(_, inner)) => self.inner.verdict(inner),
            None => Ok(Verdict::No),
        }
    }

    fn distinguish(&self, classes: &mut Classes) {
        classes.split(is_space);
        self.inner.distinguish(classes);
    }
}
