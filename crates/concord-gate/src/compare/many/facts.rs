//! What a submission as a whole is known by: its header, its reporting period, who provides it.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_standards::submission::{Calendar, Submission, Window};

use super::Many;
use super::words::Words;
use crate::catalogue::Kind;
use crate::change::{Certainty, Change, ChangePlace, Side, Whom};
use crate::compare::value::some_of;

impl Many<'_> {
    pub(super) fn facts(&mut self) {
        self.calendar();
        self.counted();
        let (old, new) = (self.said(Side::Old), self.said(Side::New));
        for ((name, before), (_, now)) in old.into_iter().zip(new) {
            if before == now {
                continue;
            }
            let mut change = Change::draft(
                Kind::SubmissionFactChanged,
                ChangePlace::Standard(name.into()),
            )
            .was(before)
            .is(now)
            .breaking(
                Whom::Meaning,
                Certainty::Decided,
                "it is read from another place",
            );
            if matches!(name, "submission.header" | "submission.period") {
                let why = "rules look at another day or another row";
                change.break_for(Whom::Submitter, Certainty::Unknown, why);
                change.break_for(Whom::Receiver, Certainty::Unknown, why);
            }
            self.changes.push(change);
        }
    }

    /// When the national system takes which reporting period.
    fn calendar(&mut self) {
        let calendar = |submission: &Submission| submission.calendar.clone();
        let (old, new) = (calendar(self.numbering.old), calendar(self.numbering.new));
        if old == new {
            return;
        }
        let word = |own: &Option<Arc<Calendar>>, other: &Option<Arc<Calendar>>| {
            let Some(own) = own else {
                return "not known".to_owned();
            };
            let known = |window: &&Window| {
                let other = other.as_ref().map(|other| &other.windows);
                !other.is_some_and(|windows| windows.contains(window))
            };
            let differing: Vec<String> = own
                .windows
                .iter()
                .filter(known)
                .map(|window| {
                    format!(
                        "{} to {} for {} to {}",
                        window.opens, window.closes, window.earliest, window.latest
                    )
                })
                .collect();
            let scheme = own.scheme.as_str();
            if differing.is_empty() {
                format!("{scheme}, {} windows", own.windows.len())
            } else {
                format!("{scheme}, {}", some_of(&differing))
            }
        };
        let change = Change::draft(
            Kind::SubmissionFactChanged,
            ChangePlace::Standard("submission.calendar".into()),
        )
        .was(word(&old, &new))
        .is(word(&new, &old))
        .breaking(
            Whom::Meaning,
            Certainty::Decided,
            "the portal takes reporting periods on other days",
        );
        self.changes.push(change);
    }

    /// What the national report counts beyond findings and rows.
    fn counted(&mut self) {
        let said = |side: Side| -> BTreeMap<Arc<str>, String> {
            let words = Words {
                numbering: self.numbering,
                side,
            };
            let all = self.numbering.submission(side).diagnostics.iter();
            all.map(|one| (Arc::clone(&one.code), words.counted(one)))
                .collect()
        };
        let (old, new) = (said(Side::Old), said(Side::New));
        let mut codes: Vec<&Arc<str>> = new.keys().collect();
        codes.extend(old.keys().filter(|code| !new.contains_key(*code)));
        let mut told = Vec::new();
        for code in codes {
            let (before, now) = (old.get(code), new.get(code));
            if before == now {
                continue;
            }
            let none = || "not counted".to_owned();
            let place = ChangePlace::Standard(format!("submission.count {code}").into());
            let change = Change::draft(Kind::SubmissionFactChanged, place)
                .was(before.cloned().unwrap_or_else(none))
                .is(now.cloned().unwrap_or_else(none))
                .breaking(
                    Whom::Meaning,
                    Certainty::Decided,
                    "the national report counts something else under the code",
                );
            told.push(change);
        }
        self.changes.append(&mut told);
    }

    fn said(&self, side: Side) -> [(&'static str, String); 5] {
        let submission: &Submission = self.numbering.submission(side);
        let words = Words {
            numbering: self.numbering,
            side,
        };
        let none = || "not said".to_owned();
        let header = submission.header;
        let named = submission.tables.get(header).is_some();
        [
            (
                "submission.header",
                if named {
                    words.table(header).to_string()
                } else {
                    none()
                },
            ),
            (
                "submission.period",
                submission.period.map_or_else(none, |(from, to)| {
                    format!(
                        "{} to {}",
                        words.column(header, from),
                        words.column(header, to)
                    )
                }),
            ),
            (
                "submission.provider",
                submission
                    .provider
                    .map_or_else(none, |column| words.column(header, column).to_string()),
            ),
            (
                "submission.version",
                submission
                    .version
                    .map_or_else(none, |column| words.column(header, column).to_string()),
            ),
            (
                "submission.row_counts",
                submission
                    .row_counts
                    .as_ref()
                    .map_or_else(none, ToString::to_string),
            ),
        ]
    }
}
