//! Two content models walked side by side, shortest sequences first.
//!
//! A child that may come again hundreds of times is taken as often at once as makes no difference to either side, so
//! that only the counts where something changes are looked at.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use concord_standards::compile::Label;

use super::letters::Letter;
use super::side::{Repeats, Side, Spot};

/// Most pairs of places that are looked at.
const MOST_PAIRS: usize = 200_000;

/// What a walk found.
#[derive(Debug)]
pub(super) enum Found {
    /// Everything is taken; perhaps the content of this element is not.
    Included {
        doubt: Option<String>,
    },
    /// Letters, and how often each stands there.
    Not(Vec<(usize, u64)>),
    TooLarge(String),
}

impl Found {
    /// Of two demands that must both be met, the one that is not, by the shorter sequence.
    pub(super) fn worse(self, other: Self) -> Self {
        let length = |witness: &[(usize, u64)]| witness.iter().map(|(_, times)| times).sum::<u64>();
        match (self, other) {
            (Self::Not(left), Self::Not(right)) => Self::Not(if length(&right) < length(&left) {
                right
            } else {
                left
            }),
            (left, right) if left.badness() >= right.badness() => left,
            (_, right) => right,
        }
    }

    fn badness(&self) -> u8 {
        match self {
            Self::Not(_) => 3,
            Self::TooLarge(_) => 2,
            Self::Included { doubt: Some(_) } => 1,
            Self::Included { doubt: None } => 0,
        }
    }
}

/// Looks for a shortest sequence that OLD takes and NEW does not.
pub(super) fn walk(old: &Side<'_>, new: &Side<'_>, letters: &[Letter]) -> Found {
    let by_label = by_label(letters);
    let every: Vec<usize> = (0..letters.len()).collect();
    let mut pairs = Pairs::default();
    pairs.reach((old.start(), new.start()), 0, None);
    let mut doubt = None;
    while let Some(Reverse((length, pair))) = pairs.waiting.pop() {
        if pairs.reached[pair].length < length {
            continue;
        }
        let (old_spot, new_spot) = pairs.reached[pair].spots;
        if old.accepts(old_spot) && !new.accepts(new_spot) {
            return Found::Not(pairs.sequence(pair));
        }
        let expected = match old.expected(old_spot) {
            None => every.clone(),
            Some(labels) => {
                let each = labels.iter().filter_map(|label| by_label.get(label));
                let mut numbers: Vec<usize> = each.flatten().copied().collect();
                numbers.sort_unstable();
                numbers.dedup();
                numbers
            }
        };
        for number in expected {
            let letter = &letters[number];
            let old_next = old.step(old_spot, &letter.old);
            if old_next == Spot::Refused {
                continue;
            }
            let new_next = new.step(new_spot, &letter.new);
            if new_next != Spot::Refused && doubt.is_none() && !letter.doubtful.is_empty() {
                doubt = Some(letter.name.to_string());
            }
            let times = if letter.alone {
                times(
                    old.repeats(old_spot, old_next),
                    new.repeats(new_spot, new_next),
                )
            } else {
                1
            };
            let spots = (
                old.repeated(old_spot, old_next, times),
                new.repeated(new_spot, new_next, times),
            );
            let length = length + u64::from(times);
            pairs.reach(spots, length, Some((pair, number, times)));
        }
        if pairs.reached.len() > MOST_PAIRS {
            return Found::TooLarge(format!(
                "the two content models have more than {MOST_PAIRS} pairs of states"
            ));
        }
    }
    Found::Included { doubt }
}

/// The letters that may have each label in the old model.
fn by_label(letters: &[Letter]) -> BTreeMap<Label, Vec<usize>> {
    let mut by_label: BTreeMap<Label, Vec<usize>> = BTreeMap::new();
    for (number, letter) in letters.iter().enumerate() {
        for label in &letter.old {
            by_label.entry(*label).or_default().push(number);
        }
    }
    by_label
}

/// How often a child is taken at once.
fn times(old: Repeats, new: Repeats) -> u32 {
    match (old, new) {
        (Repeats::Times(old), Repeats::Times(new)) => old.min(new),
        (Repeats::Times(times), Repeats::Forever) | (Repeats::Forever, Repeats::Times(times)) => {
            times
        }
        _ => 1,
    }
}

/// The pairs of places found so far.
#[derive(Default)]
struct Pairs {
    numbers: HashMap<(Spot, Spot), usize>,
    reached: Vec<Reached>,
    /// By length, then by the order in which they were found.
    waiting: BinaryHeap<Reverse<(u64, usize)>>,
}

struct Reached {
    spots: (Spot, Spot),
    length: u64,
    /// From which pair, by which letter, how often.
    from: Option<(usize, usize, u32)>,
}

impl Pairs {
    fn reach(&mut self, spots: (Spot, Spot), length: u64, from: Option<(usize, usize, u32)>) {
        let next = self.reached.len();
        let number = *self.numbers.entry(spots).or_insert(next);
        let reached = Reached {
            spots,
            length,
            from,
        };
        match self.reached.get_mut(number) {
            None => self.reached.push(reached),
            Some(known) if length < known.length => *known = reached,
            Some(_) => return,
        }
        self.waiting.push(Reverse((length, number)));
    }

    /// The letters that lead to a pair.
    fn sequence(&self, pair: usize) -> Vec<(usize, u64)> {
        let mut letters = Vec::new();
        let mut at = pair;
        while let Some((before, letter, times)) = self.reached[at].from {
            letters.push((letter, u64::from(times)));
            at = before;
        }
        letters.reverse();
        letters
    }
}
