//! What a run found, counted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use concord_derive::commissioner::Outcome;
use concord_finding::Masking;
use concord_report::harmless;

/// Counts of records. Nothing is capped but what is shown.
#[derive(Debug, Default)]
pub(super) struct Summary {
    records: u64,
    agree: u64,
    /// Submitted and derived, where they differ.
    differ: BTreeMap<(String, String), u64>,
    /// Derived, where nobody was submitted.
    alone: u64,
    /// A way's end where nobody pays.
    nobody: u64,
    /// What is missing: key and where, in words.
    undetermined: BTreeMap<(&'static str, String), (u64, String)>,
    outside: BTreeMap<String, u64>,
}

/// Pairs and reasons shown of each kind.
const SHOWN: usize = 20;

impl Summary {
    pub(super) fn count(&mut self, outcome: &Outcome) {
        self.records += 1;
        if let Some(outside) = &outcome.outside {
            let because = outside.shown(Masking::Masked);
            *self.outside.entry(because).or_default() += 1;
        } else if let Some(missing) = &outcome.undetermined {
            let place = (missing.key, missing.at.to_string());
            let (count, _) = self
                .undetermined
                .entry(place)
                .or_insert_with(|| (0, missing.general()));
            *count += 1;
        } else {
            match (outcome.agrees(), &outcome.submitted, &outcome.commissioner) {
                (Some(true), ..) => self.agree += 1,
                (Some(false), Some(submitted), Some(derived)) => {
                    let pair = (submitted.clone(), derived.clone());
                    *self.differ.entry(pair).or_default() += 1;
                }
                (_, _, None) => self.nobody += 1,
                _ => self.alone += 1,
            }
        }
    }

    /// As people read it.
    pub(super) fn human(&self) -> String {
        let mut text = String::new();
        let differ: u64 = self.differ.values().sum();
        let undetermined: u64 = self.undetermined.values().map(|(count, _)| count).sum();
        let outside: u64 = self.outside.values().sum();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} records", concord_report::count(self.records));
        for (count, what) in [
            (self.agree, "agree with what was submitted"),
            (differ, "differ"),
            (self.alone, "derived where nobody was submitted"),
            (self.nobody, "for which nobody pays"),
            (undetermined, "undetermined"),
            (outside, "outside the method"),
        ] {
            if count > 0 {
                let _ = writeln!(text, "{:>12}  {what}", concord_report::count(count));
            }
        }
        let mut pairs: Vec<_> = self.differ.iter().collect();
        pairs.sort_by_key(|(pair, count)| (u64::MAX - **count, *pair));
        section(
            &mut text,
            "Submitted and derived",
            pairs.len(),
            pairs
                .iter()
                .map(|((submitted, derived), count)| (**count, format!("{submitted} → {derived}"))),
        );
        let mut missing: Vec<_> = self.undetermined.iter().collect();
        missing.sort_by_key(|(place, (count, _))| (u64::MAX - *count, *place));
        section(
            &mut text,
            "Undetermined for want of",
            missing.len(),
            missing
                .iter()
                .map(|((_, at), (count, what))| (*count, format!("{what} ({at})"))),
        );
        let mut left: Vec<_> = self.outside.iter().collect();
        left.sort_by_key(|(because, count)| (u64::MAX - **count, *because));
        section(
            &mut text,
            "Outside the method",
            left.len(),
            left.iter()
                .map(|(because, count)| (**count, (*because).clone())),
        );
        text
    }
}

fn section(text: &mut String, title: &str, all: usize, rows: impl Iterator<Item = (u64, String)>) {
    if all == 0 {
        return;
    }
    let _ = writeln!(text, "\n{title}");
    for (count, what) in rows.take(SHOWN) {
        let _ = writeln!(
            text,
            "{:>12}  {}",
            concord_report::count(count),
            harmless(&what)
        );
    }
    if all > SHOWN {
        let _ = writeln!(
            text,
            "{:>12}  and {} more; -o writes a line for each record",
            "",
            all - SHOWN
        );
    }
}
