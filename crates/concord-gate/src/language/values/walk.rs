//! Two automata walked side by side, the nearest pairs of states first.

use std::collections::HashSet;

use super::Both;
use super::implied::implied;
use super::machine::{
    All, Classes, DEAD, Machine, Made, State, TooLarge, Verdict, any_text, machine,
};
use super::shape::{Base, Shape};

/// Most pairs of states that are looked at.
const MOST_PAIRS: usize = 200_000;
/// Most texts that are given to the checkers because the automata left them in doubt.
const MOST_DOUBTS: usize = 500;

/// What the walk found.
pub(super) enum Outcome {
    Included,
    Not(String),
    Undecided(String),
}

/// Looks for a shortest text that OLD takes and NEW does not.
pub(super) fn walk(old: &Shape, new: &Shape, both: &Both<'_>) -> Outcome {
    match try_walk(old, new, both) {
        Ok(outcome) => outcome,
        Err(TooLarge(reason)) => Outcome::Undecided(reason),
    }
}

fn try_walk(old: &Shape, new: &Shape, both: &Both<'_>) -> Made<Outcome> {
    let mut left = All::new(vec![any_text()?, machine(old)?]);
    let mut right = machine(&without_implied(old, new))?;
    let mut classes = Classes::new();
    left.distinguish(&mut classes);
    right.distinguish(&mut classes);
    let bytes = classes.representatives();

    let mut pairs = Pairs::default();
    pairs.add((left.start()?, right.start()?), None);
    let mut doubts = 0;
    let mut next = 0;
    while let Some(&(old_state, new_state)) = pairs.found.get(next) {
        let taken = left.verdict(old_state)?;
        let refused = right.verdict(new_state)?;
        if taken != Verdict::No && refused != Verdict::Yes {
            let certain = taken == Verdict::Yes && refused == Verdict::No;
            if (certain || doubts < MOST_DOUBTS)
                && let Some(text) = pairs.text(next)
                && both.confirm(&text)
            {
                return Ok(Outcome::Not(text));
            }
            doubts += 1;
        }
        for &byte in &bytes {
            let old_next = left.step(old_state, byte)?;
            if old_next != DEAD {
                pairs.add((old_next, right.step(new_state, byte)?), Some((next, byte)));
            }
        }
        if pairs.found.len() > MOST_PAIRS {
            return Err(TooLarge(format!(
                "the two types have more than {MOST_PAIRS} pairs of states"
            )));
        }
        next += 1;
    }
    Ok(if doubts == 0 {
        Outcome::Included
    } else {
        Outcome::Undecided(
            "values with time zones, floating numbers, durations, or values of lists or unions are restricted, and no value \
             was found that tells the types apart"
                .to_owned(),
        )
    })
}

/// NEW without the demands that OLD's imply, where both treat white space alike.
fn without_implied(old: &Shape, new: &Shape) -> Shape {
    let mut rest = new.clone();
    let alike = matches!((&old.base, &new.base), (Base::Atomic, Base::Atomic))
        && old.white_space == new.white_space;
    if alike {
        rest.constraints
            .retain(|constraint| !implied(old, constraint));
    }
    rest
}

/// The pairs found so far, and from where each was reached first.
#[derive(Default)]
struct Pairs {
    known: HashSet<(State, State)>,
    found: Vec<(State, State)>,
    from: Vec<Option<(usize, u8)>>,
}

impl Pairs {
    fn add(&mut self, pair: (State, State), from: Option<(usize, u8)>) {
        if self.known.insert(pair) {
            self.found.push(pair);
            self.from.push(from);
        }
    }

    /// The text that leads to a pair.
    fn text(&self, pair: usize) -> Option<String> {
        let mut bytes = Vec::new();
        let mut at = pair;
        while let Some((before, byte)) = self.from[at] {
            bytes.push(byte);
            at = before;
        }
        bytes.reverse();
        String::from_utf8(bytes).ok()
    }
}
