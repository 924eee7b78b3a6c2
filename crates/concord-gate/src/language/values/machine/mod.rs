//! Deterministic automata over the bytes of a text, made state by state as they are walked.

mod decimal;
mod expression;
mod length;
mod list;
mod moment;
mod parts;
mod trie;
mod union;
mod white_space;

use std::collections::HashMap;
use std::hash::Hash;

use concord_standards::schema::{Builtin, WhiteSpace};
use concord_standards::value::Pattern;

use super::lexical;
use super::shape::{Base, Bound, Constraint, Shape, Unit};
use decimal::{DecimalOrder, Digits};
use expression::Expression;
use length::Length;
use list::List;
use moment::MomentOrder;
pub(super) use parts::{All, Any};
use trie::Trie;
use union::Union;
use white_space::Treated;

/// A state of one automaton.
pub(super) type State = u32;
/// The state of every automaton from which nothing is taken any more.
pub(super) const DEAD: State = 0;

/// Most states of one automaton that are made.
const MOST_STATES: usize = 1 << 18;
/// Most constraints that the automaton of one type is put together from.
const MOST_PARTS: usize = 2_000;
/// Most values of an enumeration that are compared one by one.
const MOST_COMPARED: usize = 64;

/// Whether a text may end in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    No,
    /// It depends on something that is not regular.
    Maybe,
    Yes,
}

impl Verdict {
    pub(super) fn of(taken: bool) -> Self {
        if taken { Self::Yes } else { Self::No }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Maybe,
        }
    }

    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, Self::No) => Self::No,
            _ => Self::Maybe,
        }
    }
}

/// An automaton takes more room than it is given, or cannot be made; in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TooLarge(pub(super) String);

pub(super) type Made<T> = Result<T, TooLarge>;

/// A deterministic automaton.
pub(super) trait Machine {
    /// Where every text begins.
    fn start(&mut self) -> Made<State>;
    /// The state after one more byte.
    fn step(&mut self, state: State, byte: u8) -> Made<State>;
    /// Whether the text may end here.
    fn verdict(&mut self, state: State) -> Made<Verdict>;
    /// Tells bytes apart that this automaton tells apart.
    fn distinguish(&self, classes: &mut Classes);
}

/// Bytes that no automaton has told apart yet.
#[derive(Debug)]
pub(super) struct Classes([u32; 256]);

impl Classes {
    pub(super) fn new() -> Self {
        Self([0; 256])
    }

    /// Splits classes by what `property` says of their bytes.
    pub(super) fn split<T: Ord>(&mut self, property: impl Fn(u8) -> T) {
        let mut numbers = std::collections::BTreeMap::new();
        for byte in 0..=255_u8 {
            let key = (self.0[usize::from(byte)], property(byte));
            let next = numbers.len() as u32;
            self.0[usize::from(byte)] = *numbers.entry(key).or_insert(next);
        }
    }

    /// One byte of each class, the most readable ones, and those in the order in which they are tried.
    pub(super) fn representatives(&self) -> Vec<u8> {
        let mut seen = std::collections::BTreeSet::new();
        readable_first()
            .filter(|byte| seen.insert(self.0[usize::from(*byte)]))
            .collect()
    }
}

/// Every byte: letters and digits, then the marks of dates and numbers, then the rest.
fn readable_first() -> impl Iterator<Item = u8> {
    let first = (b'A'..=b'Z')
        .chain(b'1'..=b'9')
        .chain([b'0'])
        .chain(b'a'..=b'z')
        .chain(*b"-./:, ");
    let named = |byte: &u8| byte.is_ascii_alphanumeric() || b"-./:, ".contains(byte);
    // Of the bytes of longer characters those of everyday letters first.
    let rest = (0x21..=0x7E_u8)
        .chain(0xC3..=0xFF)
        .chain(0x80..=0xC2)
        .chain(0..=0x20)
        .chain([0x7F]);
    first.chain(rest.filter(move |byte| !named(byte)))
}

/// Numbers for states that have a structure; the first is 1.
#[derive(Debug)]
struct Interned<T> {
    numbers: HashMap<T, State>,
    states: Vec<T>,
}

impl<T: Clone + Eq + Hash> Interned<T> {
    fn new() -> Self {
        Self {
            numbers: HashMap::new(),
            states: Vec::new(),
        }
    }

    fn number(&mut self, state: T) -> Made<State> {
        if let Some(number) = self.numbers.get(&state) {
            return Ok(*number);
        }
        if self.states.len() >= MOST_STATES {
            return Err(TooLarge(format!(
                "the automaton of a type has more than {MOST_STATES} states"
            )));
        }
        self.states.push(state.clone());
        let number = self.states.len() as State;
        self.numbers.insert(state, number);
        Ok(number)
    }

    /// The structure of a state; `None` for the dead one.
    fn get(&self, number: State) -> Option<&T> {
        self.states.get((number as usize).checked_sub(1)?)
    }
}

/// Takes anything, with one verdict.
struct Always(Verdict);

impl Machine for Always {
    fn start(&mut self) -> Made<State> {
        Ok(1)
    }

    fn step(&mut self, state: State, _: u8) -> Made<State> {
        Ok(state)
    }

    fn verdict(&mut self, state: State) -> Made<Verdict> {
        Ok(if state == DEAD { Verdict::No } else { self.0 })
    }

    fn distinguish(&self, _: &mut Classes) {}
}

/// The automaton of a type over raw text, and how many constraints went into it.
pub(super) fn machine(shape: &Shape) -> Made<Box<dyn Machine>> {
    let mut parts = 0;
    of_shape(shape, &mut parts)
}

/// Texts that XML can hold, in UTF-8.
pub(super) fn any_text() -> Made<Box<dyn Machine>> {
    Ok(Box::new(Expression::new(&format!(
        r"\A(?:{})\z",
        lexical::ANY_TEXT
    ))?))
}

fn of_shape(shape: &Shape, parts: &mut usize) -> Made<Box<dyn Machine>> {
    *parts += 1 + shape.constraints.len();
    if *parts > MOST_PARTS {
        return Err(TooLarge(format!(
            "the type is made of more than {MOST_PARTS} parts"
        )));
    }
    match &shape.base {
        Base::Atomic => {
            let each = shape.constraints.iter().map(constraint);
            let all = All::new(each.collect::<Made<_>>()?);
            Ok(Treated::wrap(shape.white_space, Box::new(all)))
        }
        Base::List(item) => {
            let item = of_shape(item, parts)?;
            let mut bounds = (0, None);
            let mut whole = Vec::new();
            for part in &shape.constraints {
                match part {
                    Constraint::Length { least, most, .. } => {
                        bounds = tighter(bounds, (*least, *most));
                    }
                    part => whole.push(constraint(part)?),
                }
            }
            let whole = Treated::wrap(WhiteSpace::Collapse, Box::new(All::new(whole)));
            Ok(Box::new(List::new(item, bounds, whole)))
        }
        Base::Union(members) => {
            let mut each: Vec<(Box<dyn Machine>, Box<dyn Machine>)> = Vec::new();
            for member in members {
                let nested = matches!(member.base, Base::Union(_)) && !shape.constraints.is_empty();
                let demands: Box<dyn Machine> = if nested {
                    // The treatment depends on which inner member takes the text.
                    Box::new(Always(Verdict::Maybe))
                } else {
                    let parts = shape.constraints.iter().map(constraint);
                    let all = All::new(parts.collect::<Made<_>>()?);
                    Treated::wrap(member.white_space, Box::new(all))
                };
                each.push((of_shape(member, parts)?, demands));
            }
            Ok(Box::new(Union::new(each)))
        }
    }
}

fn tighter(left: (u64, Option<u64>), right: (u64, Option<u64>)) -> (u64, Option<u64>) {
    let most = match (left.1, right.1) {
        (Some(left), Some(right)) => Some(left.min(right)),
        (left, right) => left.or(right),
    };
    (left.0.max(right.0), most)
}

/// The automaton of one constraint, over text whose white space was treated.
fn constraint(constraint: &Constraint) -> Made<Box<dyn Machine>> {
    Ok(match constraint {
        Constraint::Lexical(Builtin::String) => Box::new(Always(Verdict::Yes)),
        Constraint::Lexical(builtin) => {
            let known = match lexical::expression(*builtin) {
                Some(expression) => Box::new(Expression::new(&expression)?),
                None => return Ok(Box::new(Always(Verdict::Maybe))),
            };
            if *builtin == Builtin::AnyUri {
                let brackets = Box::new(Expression::new(lexical::BRACKETS)?);
                let doubtful = All::new(vec![brackets, Box::new(Always(Verdict::Maybe))]);
                Box::new(Any::new(vec![known, Box::new(doubtful)]))
            } else {
                known
            }
        }
        Constraint::Patterns(patterns) => Box::new(Expression::new(&one_of(patterns)?)?),
        Constraint::Length { unit, least, most } => match unit {
            Unit::Items => Box::new(Always(Verdict::Maybe)),
            unit => Box::new(Length::new(*unit, *least, *most)),
        },
        Constraint::Digits { total, fraction } => Box::new(Digits::new(*total, *fraction)),
        Constraint::Bound(bound) => order(bound),
        Constraint::Enumeration {
            primitive,
            literals,
        } => enumeration(*primitive, literals)?,
    })
}

/// One expression that matches what one of the patterns does.
fn one_of(patterns: &[String]) -> Made<String> {
    let all: Vec<&str> = patterns.iter().map(String::as_str).collect();
    let pattern = Pattern::compile(&all).map_err(|error| TooLarge(error.to_string()))?;
    Ok(pattern.expression())
}

/// Whether patterns are matched with any text in little time.
pub(super) fn is_light(patterns: &[String]) -> bool {
    one_of(patterns).is_ok_and(|expression| expression::is_light(&expression))
}

fn order(bound: &Bound) -> Box<dyn Machine> {
    let wanted = decimal::Wanted::of(bound);
    match bound.primitive {
        Builtin::Decimal => Box::new(DecimalOrder::new(&bound.literal, wanted)),
        primitive => match MomentOrder::new(primitive, &bound.literal, wanted) {
            Some(order) => Box::new(order),
            None => Box::new(Always(Verdict::Maybe)),
        },
    }
}

fn enumeration(primitive: Option<Builtin>, literals: &[String]) -> Made<Box<dyn Machine>> {
    let doubtful = || -> Box<dyn Machine> { Box::new(Always(Verdict::Maybe)) };
    Ok(match primitive {
        Some(Builtin::String | Builtin::AnyUri) => Box::new(Trie::new(literals)),
        Some(Builtin::Decimal) => {
            let all: Vec<String> = literals
                .iter()
                .map(|literal| decimal::spellings(literal))
                .collect();
            Box::new(Expression::new(&format!(r"\A(?:{})\z", all.join("|")))?)
        }
        Some(Builtin::HexBinary) => {
            let all: Vec<String> = literals
                .iter()
                .map(|literal| literal.to_ascii_uppercase())
                .collect();
            Box::new(Trie::without_case(&all))
        }
        Some(primitive) if literals.len() <= MOST_COMPARED => {
            let mut each: Vec<Box<dyn Machine>> = Vec::new();
            for literal in literals {
                match MomentOrder::new(primitive, literal, decimal::Wanted::Equal) {
                    Some(order) => each.push(Box::new(order)),
                    None => return Ok(doubtful()),
                }
            }
            Box::new(Any::new(each))
        }
        _ => doubtful(),
    })
}
