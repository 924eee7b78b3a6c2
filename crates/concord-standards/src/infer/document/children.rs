//! Which children an element has, in which order and how often: a content model from examples.
//!
//! The model is a chain of factors, each an element or a choice of elements that occurs once, at most once, at least once or
//! any number of times: the algorithm CRX of Bex, Neven, Schwentick and Vansummeren, *Inference of concise regular expressions
//! and DTDs* (ACM Transactions on Database Systems 35, 2010, section 7). Every sequence seen is valid under it, since a factor
//! stands before another wherever an element of it was seen before one of the other; and it is deterministic, since every name
//! stands in it once. Where all elements of a group were seen in any order and never twice, it is a group of all of them.

use std::collections::{BTreeMap, BTreeSet};

use super::Name;

/// Different numbers of each child that are kept of an element, to see how often a choice was made.
const MOST_COUNTS: usize = 512;

/// What is known of the children of an element.
#[derive(Debug, Clone, Default)]
pub(super) struct Children {
    /// The names in the order in which they were first seen.
    pub(super) names: Vec<Name>,
    places: BTreeMap<Name, usize>,
    /// Which child was seen behind which.
    follows: BTreeSet<(usize, usize)>,
    /// In how many elements a child stands at all, and whether twice in one.
    present: Vec<u64>,
    repeated: Vec<bool>,
    /// How often each child stands in an element, two standing for more.
    counts: BTreeSet<Vec<(usize, u8)>>,
    /// Whether there are more such counts than are kept.
    many: bool,
    /// Elements seen.
    seen: u64,
}

/// The children of one element, while it is being read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    last: Option<usize>,
    counts: BTreeMap<usize, u8>,
}

impl Reading {
    /// Whether there was none.
    pub(super) fn is_empty(&self) -> bool {
        self.last.is_none()
    }
}

/// A factor of the chain: one of some children, so many times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Factor {
    pub(super) names: Vec<Name>,
    pub(super) min: u32,
    pub(super) max: Option<u32>,
}

/// A content model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Model {
    /// Factors in this order.
    Chain(Vec<Factor>),
    /// All of these in any order, those that say so at most once, the others once.
    All(Vec<Factor>),
}

impl Children {
    /// Takes note of a child; `false` when there are more names than `most`.
    pub(super) fn child(&mut self, reading: &mut Reading, name: Name, most: usize) -> bool {
        let next = self.names.len();
        let place = *self.places.entry(name).or_insert(next);
        if place == next {
            if next == most {
                return false;
            }
            self.names.push(name);
            self.present.push(0);
            self.repeated.push(false);
        }
        if let Some(last) = reading.last.replace(place) {
            self.follows.insert((last, place));
        }
        let count = reading.counts.entry(place).or_default();
        *count = (*count + 1).min(2);
        true
    }

    /// Takes note of the end of an element.
    pub(super) fn end(&mut self, reading: Reading) {
        self.seen += 1;
        for (place, count) in &reading.counts {
            self.present[*place] += 1;
            self.repeated[*place] |= *count > 1;
        }
        if self.many {
            return;
        }
        self.counts.insert(reading.counts.into_iter().collect());
        if self.counts.len() > MOST_COUNTS {
            (self.many, self.counts) = (true, BTreeSet::new());
        }
    }

    /// Whether a child stood in every element, and in none twice.
    pub(super) fn is_single(&self, name: Name) -> bool {
        let place = self.places.get(&name);
        place.is_some_and(|place| self.present[*place] == self.seen && !self.repeated[*place])
    }

    /// Whether a child stood twice in an element.
    pub(super) fn is_repeated(&self, name: Name) -> bool {
        self.places
            .get(&name)
            .is_some_and(|place| self.repeated[*place])
    }

    /// The content model.
    pub(super) fn model(&self) -> Model {
        let order = Order::of(self.names.len(), &self.follows);
        let mut classes = order.classes();
        if let [only] = &classes[..]
            && only.len() > 1
            && !only.iter().any(|place| self.repeated[*place])
        {
            return Model::All(only.iter().map(|place| self.factor(&[*place])).collect());
        }
        order.merge_alternatives(&mut classes);
        Model::Chain(
            order
                .sorted(classes)
                .iter()
                .map(|class| self.factor(class))
                .collect(),
        )
    }

    fn factor(&self, class: &[usize]) -> Factor {
        let names = class.iter().map(|place| self.names[*place]).collect();
        let (min, max) = match class {
            [only] => (self.present[*only] == self.seen, !self.repeated[*only]),
            several if self.many => {
                let always = |place: &usize| self.present[*place] == self.seen;
                (several.iter().any(always), false)
            }
            several => {
                let of_class = |counts: &Vec<(usize, u8)>| -> u32 {
                    let own = counts.iter().filter(|(place, _)| several.contains(place));
                    own.map(|(_, count)| u32::from(*count)).sum()
                };
                let totals: Vec<u32> = self.counts.iter().map(of_class).collect();
                let (least, most) = (totals.iter().min(), totals.iter().max());
                (least != Some(&0), most.is_none_or(|most| *most <= 1))
            }
        };
        Factor {
            names,
            min: u32::from(min),
            max: max.then_some(1),
        }
    }
}

/// Which child can stand before which, as far as was seen: directly, or with others between them.
struct Order {
    /// For each child those that were seen behind it.
    behind: Vec<BTreeSet<usize>>,
}

/// Children that were seen both before and behind one another.
type Class = Vec<usize>;

impl Order {
    fn of(count: usize, follows: &BTreeSet<(usize, usize)>) -> Self {
        let mut next: Vec<Vec<usize>> = vec![Vec::new(); count];
        for (before, after) in follows {
            next[*before].push(*after);
        }
        let behind = (0..count)
            .map(|start| {
                let mut found = BTreeSet::new();
                let mut open = next[start].clone();
                while let Some(place) = open.pop() {
                    if found.insert(place) {
                        open.extend(&next[place]);
                    }
                }
                found
            })
            .collect();
        Self { behind }
    }

    fn before(&self, first: usize, second: usize) -> bool {
        self.behind[first].contains(&second)
    }

    /// The children, those together that stand on both sides of one another, by the first of each.
    fn classes(&self) -> Vec<Class> {
        let mut classes: Vec<Class> = Vec::new();
        for place in 0..self.behind.len() {
            let same =
                |class: &&mut Class| self.before(class[0], place) && self.before(place, class[0]);
            match classes.iter_mut().find(same) {
                Some(class) => class.push(place),
                None => classes.push(vec![place]),
            }
        }
        classes
    }

    fn class_before(&self, first: &Class, second: &Class) -> bool {
        self.before(first[0], second[0]) && first[0] != second[0]
    }

    /// Puts single children together that stand between the same others and were never seen in one element: they are
    /// alternatives.
    fn merge_alternatives(&self, classes: &mut Vec<Class>) {
        let neighbours: Vec<(Vec<usize>, Vec<usize>)> = (0..classes.len())
            .map(|index| {
                (
                    self.next_to(classes, index, true),
                    self.next_to(classes, index, false),
                )
            })
            .collect();
        let mut merged: Vec<Class> = Vec::with_capacity(classes.len());
        let mut known: BTreeMap<&(Vec<usize>, Vec<usize>), usize> = BTreeMap::new();
        for (class, neighbours) in classes.iter().zip(&neighbours) {
            if class.len() == 1
                && let Some(index) = known.get(neighbours)
            {
                merged[*index].extend(class);
                continue;
            }
            if class.len() == 1 {
                known.insert(neighbours, merged.len());
            }
            merged.push(class.clone());
        }
        *classes = merged;
    }

    /// The classes directly before or directly behind one: those with no other between.
    fn next_to(&self, classes: &[Class], index: usize, before: bool) -> Vec<usize> {
        let is_before = |first: usize, second: usize| {
            let (first, second) = if before {
                (first, second)
            } else {
                (second, first)
            };
            self.class_before(&classes[first], &classes[second])
        };
        let beyond: Vec<usize> = (0..classes.len())
            .filter(|other| is_before(*other, index))
            .collect();
        let direct = |other: &&usize| !beyond.iter().any(|between| is_before(**other, *between));
        beyond.iter().filter(direct).copied().collect()
    }

    /// Classes, each behind all that stand before it, else as they come.
    fn sorted(&self, mut classes: Vec<Class>) -> Vec<Class> {
        let mut sorted = Vec::with_capacity(classes.len());
        while !classes.is_empty() {
            let first = classes
                .iter()
                .position(|class| !classes.iter().any(|other| self.any_before(other, class)));
            // A merged class stands between the same others as each of its children, so that some class is always first.
            sorted.push(classes.remove(first.unwrap_or(0)));
        }
        sorted
    }

    fn any_before(&self, first: &Class, second: &Class) -> bool {
        first != second
            && first
                .iter()
                .any(|one| second.iter().any(|other| self.before(*one, *other)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn learnt(words: &[&str]) -> Children {
        let mut children = Children::default();
        for word in words {
            let mut reading = Reading::default();
            for letter in word.bytes() {
                assert!(children.child(&mut reading, u32::from(letter), 100));
            }
            children.end(reading);
        }
        children
    }

    fn shown(model: &Model) -> String {
        let factor = |factor: &Factor| {
            let names: Vec<String> = factor
                .names
                .iter()
                .map(|name| char::from(*name as u8).to_string())
                .collect();
            let times = match (factor.min, factor.max) {
                (1, Some(_)) => "",
                (0, Some(_)) => "?",
                (1, None) => "+",
                _ => "*",
            };
            match &names[..] {
                [one] => format!("{one}{times}"),
                several => format!("({}){times}", several.join("|")),
            }
        };
        match model {
            Model::Chain(factors) => factors.iter().map(factor).collect(),
            Model::All(factors) => {
                let factors: Vec<String> = factors.iter().map(factor).collect();
                format!("all({})", factors.join(" "))
            }
        }
    }

    #[track_caller]
    fn check(words: &[&str], expected: &str) {
        assert_eq!(shown(&learnt(words).model()), expected, "{words:?}");
    }

    #[test]
    fn models_are_those_that_people_would_write() {
        check(&["abc"], "abc");
        check(&["abc", "ac"], "ab?c");
        check(&["abbbc", "abc"], "ab+c");
        check(&["ac", "abbc"], "ab*c");
        check(&["abd", "acd"], "a(b|c)d");
        check(&["ad", "abd", "acd"], "a(b|c)?d");
        check(&["abcbd"], "a(b|c)+d");
        check(&["abc", "cba", "bac"], "all(a b c)");
        check(&["abc", "ca"], "all(a b? c)");
        check(&["hxyt", "hyxt"], "h(x|y)+t");
        // The example of the paper.
        check(
            &["abccde", "cccad", "bfegg", "bfehi"],
            "(a|b|c)+(d|f)e?g*h?i?",
        );
        check(&[], "");
        check(&[""], "");
    }

    /// Whether a word is one of a model.
    fn takes(model: &Model, word: &[u8]) -> bool {
        let names = |factor: &Factor| factor.names.clone();
        match model {
            Model::All(factors) => {
                word.iter().all(|letter| {
                    factors
                        .iter()
                        .any(|factor| names(factor) == [u32::from(*letter)])
                }) && factors.iter().all(|factor| {
                    let count = word
                        .iter()
                        .filter(|letter| names(factor) == [u32::from(**letter)])
                        .count();
                    count <= 1 && count as u32 >= factor.min
                })
            }
            Model::Chain(factors) => {
                let mut at = 0;
                for factor in factors {
                    let start = at;
                    while at < word.len()
                        && names(factor).contains(&u32::from(word[at]))
                        && factor.max.is_none_or(|max| at - start < max as usize)
                    {
                        at += 1;
                    }
                    if ((at - start) as u32) < factor.min {
                        return false;
                    }
                }
                at == word.len()
            }
        }
    }

    proptest! {
        /// Every example is valid under what was learnt of them, and every name stands in the model once.
        #[test]
        fn every_example_is_valid(words in prop::collection::vec("[a-f]{0,8}", 0..12)) {
            let texts: Vec<&str> = words.iter().map(String::as_str).collect();
            let model = learnt(&texts).model();
            for word in &words {
                prop_assert!(takes(&model, word.as_bytes()), "{} {word}", shown(&model));
            }
            let (Model::Chain(factors) | Model::All(factors)) = &model;
            let mut names: Vec<Name> = factors.iter().flat_map(|factor| factor.names.clone()).collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            prop_assert_eq!(names.len(), count);
        }

        /// So it is when more different counts were seen than are kept.
        #[test]
        fn every_example_is_valid_when_counts_are_many(words in prop::collection::vec("[a-d]{0,4}", 1..8)) {
            let texts: Vec<&str> = words.iter().map(String::as_str).collect();
            let mut children = learnt(&texts);
            (children.many, children.counts) = (true, BTreeSet::new());
            let model = children.model();
            for word in &words {
                prop_assert!(takes(&model, word.as_bytes()), "{} {word}", shown(&model));
            }
        }
    }
}
