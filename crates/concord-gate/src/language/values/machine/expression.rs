//! Regular expressions as automata, determined as they are walked by `regex-automata`.

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};

use super::{Classes, DEAD, Interned, Machine, Made, State, TooLarge, Verdict};

/// Room for the states of one expression, in bytes; a full one is an error, states are never thrown away. Making them takes time
/// by their size, so this bounds the time too.
const ROOM: usize = 2 << 20;

/// Room for the automaton of an expression that is matched in little time, in bytes.
const LIGHT: usize = 1 << 18;

/// A regular expression that is anchored at both ends.
pub(super) struct Expression {
    automaton: DFA,
    cache: Cache,
    states: Interned<LazyStateID>,
}

impl Expression {
    pub(super) fn new(expression: &str) -> Made<Self> {
        let config = DFA::config()
            .match_kind(MatchKind::All)
            .cache_capacity(ROOM)
            .minimum_cache_clear_count(Some(0));
        let automaton = DFA::builder()
            .configure(config)
            .thompson(thompson::Config::new().nfa_size_limit(Some(ROOM)))
            .build(expression)
            .map_err(|error| too_large(&error))?;
        let cache = automaton.create_cache();
        Ok(Self {
            automaton,
            cache,
            states: Interned::new(),
        })
    }

    fn number(&mut self, id: LazyStateID) -> Made<State> {
        if id.is_dead() {
            return Ok(DEAD);
        }
        self.states.number(id)
    }
}

/// Whether an expression is matched with any text in little time.
pub(super) fn is_light(expression: &str) -> bool {
    thompson::Compiler::new()
        .configure(thompson::Config::new().nfa_size_limit(Some(LIGHT)))
        .build(expression)
        .is_ok()
}

fn too_large(error: &impl std::fmt::Display) -> TooLarge {
    TooLarge(format!(
        "the automaton of a pattern becomes too large: {error}"
    ))
}

impl Machine for Expression {
    fn start(&mut self) -> Made<State> {
        let config = start::Config::new().anchored(Anchored::Yes);
        let id = self
            .automaton
            .start_state(&mut self.cache, &config)
            .map_err(|error| too_large(&error))?;
        self.number(id)
    }

    fn step(&mut self, state: State, byte: u8) -> Made<State> {
        let Some(&id) = self.states.get(state) else {
            return Ok(DEAD);
        };
        let next = self
            .automaton
            .next_state(&mut self.cache, id, byte)
            .map_err(|error| too_large(&error))?;
        self.number(next)
    }

    fn verdict(&mut self, state: State) -> Made<Verdict> {
        let Some(&id) = self.states.get(state) else {
            return Ok(Verdict::No);
        };
        // A match is told one byte late, so it takes the end of the text to see it.
        let end = self
            .automaton
            .next_eoi_state(&mut self.cache, id)
            .map_err(|error| too_large(&error))?;
        Ok(Verdict::of(end.is_match()))
    }

    fn distinguish(&self, classes: &mut Classes) {
        classes.split(|byte| self.automaton.byte_classes().get(byte));
    }
}
