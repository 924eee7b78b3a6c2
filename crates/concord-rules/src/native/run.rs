//! Rules across the submissions of one run.

use std::borrow::Cow;
use std::collections::BTreeMap;

use concord_finding::Fact;

use super::CrossCheck;
use crate::header::Header;
use crate::ruleset::RuleSet;

/// Numbers of the submissions of a run, by rule and sender.
///
/// The order in which submissions are given does not matter: files in a folder stand in the order of their names.
#[derive(Debug, Clone, Default)]
pub struct Run {
    numbers: BTreeMap<(u32, Vec<String>), Vec<Given>>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Given {
    number: u64,
    file: usize,
    offset: Option<u64>,
}

/// A rule across submissions broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunBroken {
    /// The submission, by the number given to [`Run::add`].
    pub file: usize,
    /// Number of the rule in its [`RuleSet`].
    pub rule: u32,
    /// Where it stands in the input.
    pub offset: Option<u64>,
    /// The value that stood there.
    pub value: Option<Fact>,
    /// What should have stood there.
    pub expected: Option<Fact>,
    /// `previous`: the number before it, or the same number when it stands twice; `file`: the submission that has that one.
    pub facts: Vec<(Cow<'static, str>, Fact)>,
}

impl Run {
    /// Adds the header of submission number `file`.
    pub fn add(&mut self, rules: &RuleSet, file: usize, header: &Header) {
        for cross in &rules.cross {
            let CrossCheck::SubmissionSequence { cell, per, .. } = &cross.check else {
                continue;
            };
            let number = header
                .text(cell.column)
                .and_then(|text| text.trim().parse().ok());
            // A reference that is not a number has no place in a sequence.
            let Some(number) = number else {
                continue;
            };
            let sender = per
                .iter()
                .map(|cell| header.text(cell.column).unwrap_or_default().to_owned())
                .collect();
            self.numbers
                .entry((cross.rule, sender))
                .or_default()
                .push(Given {
                    number,
                    file,
                    offset: header.offset(cell.column),
                });
        }
    }

    /// Says which numbers are missing or stand twice, ordered by submission.
    pub fn finish(&self, rules: &RuleSet) -> Vec<RunBroken> {
        let mut broken = Vec::new();
        for cross in &rules.cross {
            let CrossCheck::SubmissionSequence { greatest, .. } = cross.check else {
                continue;
            };
            let own = self
                .numbers
                .range((cross.rule, Vec::new())..)
                .take_while(|((rule, _), _)| *rule == cross.rule);
            for (_, numbers) in own {
                follow(cross.rule, greatest, numbers, &mut broken);
            }
        }
        broken.sort_by_key(|broken| (broken.file, broken.rule));
        broken
    }
}

fn follow(rule: u32, greatest: u64, numbers: &[Given], broken: &mut Vec<RunBroken>) {
    let mut sorted = numbers.to_vec();
    sorted.sort();
    let mut distinct: Vec<&Given> = Vec::new();
    for number in &sorted {
        match distinct.last() {
            Some(known) if known.number == number.number => broken.push(RunBroken {
                file: number.file,
                rule,
                offset: number.offset,
                value: Some(Fact::Plain(number.number.to_string())),
                expected: None,
                facts: before(known),
            }),
            _ => distinct.push(number),
        }
    }
    // The sequence begins behind its largest gap, the one from the last number round to the first included.
    let count = distinct.len();
    let round = |index: usize| {
        let (from, to) = (distinct[index].number, distinct[(index + 1) % count].number);
        if index + 1 == count {
            to.saturating_add(greatest.saturating_sub(from))
        } else {
            to - from
        }
    };
    let Some(last) = (0..count).max_by_key(|&index| (round(index), index)) else {
        return;
    };
    for step in 1..count {
        let (before, after) = ((last + step) % count, (last + step + 1) % count);
        if round(before) == 1 {
            continue;
        }
        let (before, after) = (distinct[before], distinct[after]);
        let expected = if before.number >= greatest {
            1
        } else {
            before.number + 1
        };
        broken.push(RunBroken {
            file: after.file,
            rule,
            offset: after.offset,
            value: Some(Fact::Plain(after.number.to_string())),
            expected: Some(Fact::Plain(expected.to_string())),
            facts: self::before(before),
        });
    }
}

/// The facts about the submission before.
fn before(given: &Given) -> Vec<(Cow<'static, str>, Fact)> {
    vec![
        (
            Cow::Borrowed("previous"),
            Fact::Plain(given.number.to_string()),
        ),
        (Cow::Borrowed("file"), Fact::Number(given.file as u64)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(numbers: &[u64], expected: &[(usize, Option<&str>)]) {
        let numbers: Vec<Given> = numbers
            .iter()
            .enumerate()
            .map(|(file, &number)| Given {
                number,
                file,
                offset: None,
            })
            .collect();
        let mut broken = Vec::new();
        follow(0, 9_999_999, &numbers, &mut broken);
        let found: Vec<(usize, Option<String>)> = broken
            .into_iter()
            .map(|broken| {
                let expected = broken.expected.map(|fact| match fact {
                    Fact::Plain(text) => text,
                    other => panic!("{other:?}"),
                });
                (broken.file, expected)
            })
            .collect();
        let expected: Vec<(usize, Option<String>)> = expected
            .iter()
            .map(|&(file, text)| (file, text.map(str::to_owned)))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn order_of_files_does_not_matter() {
        check(&[3, 1, 2], &[]);
        check(&[7], &[]);
        check(&[], &[]);
    }

    #[test]
    fn gaps_and_repeats_are_found() {
        check(&[1, 2, 4], &[(2, Some("3"))]);
        check(&[5, 6, 5], &[(2, None)]);
    }

    #[test]
    fn numbers_wrap() {
        check(&[9_999_998, 9_999_999, 1, 2], &[]);
        check(&[9_999_999, 2], &[(1, Some("1"))]);
    }
}
