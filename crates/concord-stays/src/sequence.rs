//! Sequence numbers (MSH-13) on the way from one system to the next.

use std::collections::BTreeMap;

use concord_finding::Fact;
use serde::{Deserialize, Serialize};

use crate::anomaly::{Anomaly, Found, Reference, Subject};
use crate::rule::StayRule;
use crate::told::{Field, Told};

/// Numbers up to this one begin a new count: senders begin with 0 or 1.
const FIRST: u64 = 1;

/// The numbers of one way.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Sequence {
    /// The number that follows all that came without a gap.
    next: Option<u64>,
    /// The message with the number before it.
    last: Option<Reference>,
    /// Messages whose numbers come after one that is missing.
    #[serde(with = "pairs")]
    early: BTreeMap<u64, (Subject, Reference)>,
}

impl Sequence {
    /// Takes the next message in the order of events, which is nearly that of the numbers: a number that is missing may still
    /// come, until `most` later ones have.
    pub(crate) fn take(
        &mut self,
        told: &Told,
        by: &Reference,
        most: usize,
        out: &mut Vec<Anomaly>,
    ) {
        let Some(number) = told.sequence else {
            return;
        };
        let next = self.next.unwrap_or(number);
        if number <= FIRST && next > most as u64 {
            // The count begins again.
            self.finish(out);
            self.next = Some(number.saturating_add(1));
            self.last = Some(by.clone());
            return;
        }
        if number < next {
            return;
        }
        self.next = Some(next);
        let subject = Subject::of(told, Field::Sequence);
        self.early.entry(number).or_insert((subject, by.clone()));
        self.join();
        while self.early.len() > most {
            self.give_up(out);
        }
    }

    /// Tells what has not come when nothing more will.
    pub(crate) fn finish(&mut self, out: &mut Vec<Anomaly>) {
        while !self.early.is_empty() {
            self.give_up(out);
        }
    }

    /// Takes the early ones that follow without a gap.
    fn join(&mut self) {
        while let (Some(next), Some(entry)) = (self.next, self.early.first_entry()) {
            if *entry.key() != next {
                break;
            }
            self.last = Some(entry.remove().1);
            self.next = Some(next.saturating_add(1));
            if next == u64::MAX {
                break;
            }
        }
    }

    /// Tells the first gap, and goes on behind it.
    fn give_up(&mut self, out: &mut Vec<Anomaly>) {
        let Some((number, (subject, by))) = self.early.pop_first() else {
            return;
        };
        let next = self.next.unwrap_or(number);
        let mut found = Found::new(StayRule::Gap, Field::Sequence)
            .value(Fact::Plain(number.to_string()))
            .expected(Fact::Plain(next.to_string()))
            .other(self.last.as_ref());
        let missing = Fact::Number(number.saturating_sub(next));
        found.facts.push(("missing", missing));
        out.push(found.about(subject));
        self.next = Some(number.saturating_add(1));
        self.last = Some(by);
        self.join();
    }
}

/// Maps whose keys are no text, as pairs.
pub(crate) mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(crate) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?
            .into_iter()
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::Moment;
    use crate::read::read;
    use crate::told::Origin;

    /// The gaps told of as (first message behind, numbers missing), in order.
    fn gaps(numbers: &[u64], most: usize) -> Vec<(u64, u64)> {
        let mut sequence = Sequence::default();
        let mut out = Vec::new();
        let by = Reference {
            control_id: "C".into(),
            moment: Moment::from(jiff::civil::date(2026, 3, 1).at(8, 0, 0, 0)),
        };
        for number in numbers {
            let text = format!("MSH|^~\\&|A|B|||||ADT^A08|C{number}|P|2.4|{number}\r");
            let told = read(text.as_bytes(), Origin::default()).expect("a message");
            sequence.take(&told, &by, most, &mut out);
        }
        sequence.finish(&mut out);
        out.iter()
            .map(|anomaly| {
                let number = |fact: Option<Cow<'_, Fact>>| match fact.as_deref() {
                    Some(Fact::Number(number)) => *number,
                    Some(Fact::Plain(text)) => text.parse().expect("a number"),
                    other => panic!("{other:?}"),
                };
                let finding = &anomaly.finding;
                (
                    number(finding.fact("value")),
                    number(finding.fact("missing")),
                )
            })
            .collect()
    }

    use std::borrow::Cow;

    #[test]
    fn what_is_left_out_is_told_of() {
        assert_eq!(gaps(&[5, 6, 7], 10), []);
        assert_eq!(gaps(&[5, 6, 8, 9], 10), [(8, 1)]);
        assert_eq!(gaps(&[5, 9, 20], 10), [(9, 3), (20, 10)]);
    }

    #[test]
    fn what_comes_later_is_waited_for() {
        assert_eq!(gaps(&[5, 8, 7, 6, 9], 10), []);
        assert_eq!(gaps(&[5, 7, 8, 9, 6, 10], 2), [(7, 1)]);
        assert_eq!(gaps(&[5, 5, 6, 5, 7], 10), []);
    }

    #[test]
    fn a_count_begins_again() {
        let numbers: Vec<u64> = (90..120).chain(1..10).collect();
        assert_eq!(gaps(&numbers, 10), []);
        let cut: Vec<u64> = (90..120)
            .filter(|number| *number != 118)
            .chain(1..10)
            .collect();
        assert_eq!(gaps(&cut, 10), [(119, 1)]);
        assert_eq!(
            gaps(&[u64::MAX, 0, 1, u64::MAX], 10),
            [(u64::MAX, u64::MAX - 2)]
        );
    }
}
