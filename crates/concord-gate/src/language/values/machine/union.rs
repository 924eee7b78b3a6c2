//! Unions: the first member that takes the text decides (XML Schema part 2, section 2.5.1.3).

use super::{Classes, DEAD, Interned, Machine, Made, State, Verdict};

/// For each member its automaton, and what the union itself demands of the text as this member treats it.
pub(super) struct Union {
    members: Vec<(Box<dyn Machine>, Box<dyn Machine>)>,
    states: Interned<Box<[(State, State)]>>,
}

impl Union {
    pub(super) fn new(members: Vec<(Box<dyn Machine>, Box<dyn Machine>)>) -> Self {
        Self {
            members,
            states: Interned::new(),
        }
    }
}

impl Machine for Union {
    fn start(&mut self) -> Made<State> {
        let mut states = Vec::new();
        for (member, demands) in &mut self.members {
            states.push((member.start()?, demands.start()?));
        }
        self.states.number(states.into())
    }

    fn step(&mut self, state: State, byte: u8) -> Made<State> {
        let Some(before) = self.states.get(state) else {
            return Ok(DEAD);
        };
        let mut after = Vec::with_capacity(before.len());
        for ((member, demands), state) in self.members.iter_mut().zip(before) {
            let member = member.step(state.0, byte)?;
            // What is demanded matters only while the member may take the text.
            let demanded = if member == DEAD {
                DEAD
            } else {
                demands.step(state.1, byte)?
            };
            after.push((member, demanded));
        }
        if after.iter().all(|(member, _)| *member == DEAD) {
            return Ok(DEAD);
        }
        self.states.number(after.into())
    }

    fn verdict(&mut self, state: State) -> Made<Verdict> {
        let Some(states) = self.states.get(state) else {
            return Ok(Verdict::No);
        };
        // While it is not certain which member decides, all that might have to agree.
        let mut doubtful: Option<Verdict> = None;
        let agree = |doubtful: Option<Verdict>, next: Verdict| match doubtful {
            None => next,
            Some(before) if before == next => next,
            Some(_) => Verdict::Maybe,
        };
        for ((member, demands), state) in self.members.iter_mut().zip(states) {
            match member.verdict(state.0)? {
                Verdict::No => {}
                Verdict::Maybe => {
                    let demanded = demands.verdict(state.1)?;
                    doubtful = Some(agree(doubtful, demanded));
                }
                Verdict::Yes => {
                    let demanded = demands.verdict(state.1)?;
                    return Ok(agree(doubtful, demanded));
                }
            }
        }
        // Perhaps none takes it.
        Ok(doubtful.map_or(Verdict::No, |verdict| agree(Some(verdict), Verdict::No)))
    }

    fn distinguish(&self, classes: &mut Classes) {
        for (member, demands) in &self.members {
            member.distinguish(classes);
            demands.distinguish(classes);
        }
    }
}
