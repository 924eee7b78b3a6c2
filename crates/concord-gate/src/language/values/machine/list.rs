//! Lists: items between white space (XML Schema part 2, section 2.5.1.2).

use super::{Classes, DEAD, Interned, Machine, Made, State, Verdict};

/// An automaton for each item, one for the whole, and a count.
pub(super) struct List {
    item: Box<dyn Machine>,
    least: u64,
    most: Option<u64>,
    whole: Box<dyn Machine>,
    states: Interned<Reading>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Reading {
    /// The item that is being read.
    item: Option<State>,
    /// Items begun, as far as it matters.
    count: u64,
    whole: State,
    /// An item before this one may or may not be taken.
    doubtful: bool,
}

impl List {
    pub(super) fn new(
        item: Box<dyn Machine>,
        (least, most): (u64, Option<u64>),
        whole: Box<dyn Machine>,
    ) -> Self {
        Self {
            item,
            least,
            most,
            whole,
            states: Interned::new(),
        }
    }
}

impl Machine for List {
    fn start(&mut self) -> Made<State> {
        let whole = self.whole.start()?;
        if whole == DEAD {
            return Ok(DEAD);
        }
        self.states.number(Reading {
            item: None,
            count: 0,
            whole,
            doubtful: false,
        })
    }

    fn step(&mut self, state: State, byte: u8) -> Made<State> {
        let Some(&(mut reading)) = self.states.get(state) else {
            return Ok(DEAD);
        };
        reading.whole = self.whole.step(reading.whole, byte)?;
        if reading.whole == DEAD {
            return Ok(DEAD);
        }
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            if let Some(item) = reading.item.take() {
                match self.item.verdict(item)? {
                    Verdict::No => return Ok(DEAD),
                    Verdict::Maybe => reading.doubtful = true,
                    Verdict::Yes => {}
                }
            }
        } else {
            let item = if let Some(item) = reading.item {
                item
            } else {
                let next = reading.count + 1;
                if self.most.is_some_and(|most| next > most) {
                    return Ok(DEAD);
                }
                if self.most.is_some() || next <= self.least {
                    reading.count = next;
                }
                self.item.start()?
            };
            let item = self.item.step(item, byte)?;
            if item == DEAD {
                return Ok(DEAD);
            }
            reading.item = Some(item);
        }
        self.states.number(reading)
    }

    fn verdict(&mut self, state: State) -> Made<Verdict> {
        let Some(&reading) = self.states.get(state) else {
            return Ok(Verdict::No);
        };
        let mut verdict = Verdict::of(reading.count >= self.least);
        if reading.doubtful {
            verdict = verdict.and(Verdict::Maybe);
        }
        if let Some(item) = reading.item {
            verdict = verdict.and(self.item.verdict(item)?);
        }
        Ok(verdict.and(self.whole.verdict(reading.whole)?))
    }

    fn distinguish(&self, classes: &mut Classes) {
        classes.split(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        self.item.distinguish(classes);
        self.whole.distinguish(classes);
    }
}
