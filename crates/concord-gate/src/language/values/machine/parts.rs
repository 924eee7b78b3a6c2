//! Automata side by side on the same text.

use super::{Classes, DEAD, Interned, Machine, Made, State, Verdict};

/// Several automata, each in a state.
struct SideBySide {
    parts: Vec<Box<dyn Machine>>,
    states: Interned<Box<[State]>>,
}

impl SideBySide {
    fn new(parts: Vec<Box<dyn Machine>>) -> Self {
        Self {
            parts,
            states: Interned::new(),
        }
    }

    fn start(&mut self) -> Made<State> {
        let states = self.parts.iter_mut().map(|part| part.start());
        let states = states.collect::<Made<Box<[State]>>>()?;
        self.states.number(states)
    }

    /// The states of the parts after one more byte; `None` from the dead state.
    fn step(&mut self, state: State, byte: u8) -> Made<Option<Box<[State]>>> {
        let Some(before) = self.states.get(state) else {
            return Ok(None);
        };
        let each = self.parts.iter_mut().zip(before);
        each.map(|(part, state)| part.step(*state, byte))
            .collect::<Made<Box<[State]>>>()
            .map(Some)
    }

    fn verdict(
        &mut self,
        state: State,
        neutral: Verdict,
        join: fn(Verdict, Verdict) -> Verdict,
    ) -> Made<Verdict> {
        let Some(states) = self.states.get(state) else {
            return Ok(Verdict::No);
        };
        let mut each = self.parts.iter_mut().zip(states);
        each.try_fold(neutral, |verdict, (part, state)| {
            Ok(join(verdict, part.verdict(*state)?))
        })
    }

    fn distinguish(&self, classes: &mut Classes) {
        for part in &self.parts {
            part.distinguish(classes);
        }
    }
}

/// Takes what all parts take.
pub(in super::super) struct All(SideBySide);

impl All {
    pub(in super::super) fn new(parts: Vec<Box<dyn Machine>>) -> Self {
        Self(SideBySide::new(parts))
    }
}

impl Machine for All {
    fn start(&mut self) -> Made<State> {
        self.0.start()
    }

    fn step(&mut self, state: State, byte: u8) -> Made<State> {
        match self.0.step(state, byte)? {
            Some(states) if !states.contains(&DEAD) => self.0.states.number(states),
            _ => Ok(DEAD),
        }
    }

    fn verdict(&mut self, state: State) -> Made<Verdict> {
        self.0.verdict(state, Verdict::Yes, Verdict::and)
    }

    fn distinguish(&self, classes: &mut Classes) {
        self.0.distinguish(classes);
    }
}

/// Takes what one of the parts takes.
pub(in super::super) struct Any(SideBySide);

impl Any {
    pub(in super::super) fn new(parts: Vec<Box<dyn Machine>>) -> Self {
        Self(SideBySide::new(parts))
    }
}

impl Machine for Any {
    fn start(&mut self) -> Made<State> {
        self.0.start()
    }

    fn step(&mut self, state: State, byte: u8) -> Made<State> {
        match self.0.step(state, byte)? {
            Some(states) if states.iter().any(|state| *state != DEAD) => {
                self.0.states.number(states)
            }
            _ => Ok(DEAD),
        }
    }

    fn verdict(&mut self, state: State) -> Made<Verdict> {
        self.0.verdict(state, Verdict::No, Verdict::or)
    }

    fn distinguish(&self, classes: &mut Classes) {
        self.0.distinguish(classes);
    }
}
