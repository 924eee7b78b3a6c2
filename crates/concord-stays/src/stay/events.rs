//! Events that happen to a stay.

use concord_finding::Fact;

use super::{Judging, MOST, Status, Stay};
use crate::anomaly::{Found, Reference};
use crate::moment::stretch;
use crate::rule::StayRule;
use crate::told::Field;

impl Stay {
    pub(super) fn admit(&mut self, judging: &Judging<'_>, found: &mut Vec<Found>) {
        let at = |reference: Option<&Reference>| {
            reference.map_or(String::new(), |reference| format!(", at {reference}"))
        };
        match self.status {
            Status::In => {
                let other = Some(self.beginning());
                let reason = format!(
                    "the patient was admitted already by this visit{}",
                    at(other)
                );
                let twice = judging.at_visit(StayRule::AdmittedTwice).other(other);
                found.push(twice.fact("reason", reason));
            }
            Status::Out if self.admitted => {
                let other = self.discharge.as_ref();
                let reason = format!(
                    "the patient is admitted by a visit that ended by a discharge{}",
                    at(other)
                );
                let twice = judging.at_visit(StayRule::AdmittedTwice).other(other);
                found.push(twice.fact("reason", reason));
            }
            Status::Out if !self.early_told => {
                let other = self.discharge.as_ref();
                let reason = format!("the admission is later than the discharge{}", at(other));
                let first = judging.at_visit(StayRule::DischargeFirst).other(other);
                found.push(first.fact("reason", reason));
            }
            _ => {}
        }
        if self.status != Status::In {
            self.moves.clear();
            self.admission = Some(judging.by.clone());
        }
        self.status = Status::In;
        self.admitted = true;
        self.discharge = None;
        self.cancellation = None;
    }

    pub(super) fn register(&mut self, judging: &Judging<'_>) {
        if self.status != Status::In {
            self.status = Status::Registered;
            self.admission = Some(judging.by.clone());
            self.admitted = true;
            self.discharge = None;
            self.cancellation = None;
        }
    }

    pub(super) fn expect(&mut self, event: &str) {
        if matches!(self.status, Status::Unknown | Status::Cancelled) {
            self.status = Status::Expected;
            self.cancellation = None;
        }
        if event == "A14" {
            self.stands(event);
        }
    }

    fn stands(&mut self, event: &str) {
        if !self.standing.iter().any(|standing| standing == event) {
            self.standing.push(event.to_owned());
        }
    }

    pub(super) fn ends(&mut self, event: &str) -> bool {
        let before = self.standing.len();
        self.standing.retain(|standing| standing != event);
        self.standing.len() < before
    }

    /// Tells of an event that only an admitted patient can have, and takes the patient for admitted from then on, so that one
    /// missing admission is told of once.
    fn inside(&mut self, judging: &Judging<'_>, found: &mut Vec<Found>) {
        let (reason, other) = match self.status {
            Status::In | Status::Registered => return,
            Status::Unknown | Status::Expected => ("no admission was told".to_owned(), None),
            Status::Cancelled => {
                let other = self.cancellation.as_ref();
                let when = other.map_or(String::new(), |other| format!(" at {other}"));
                (format!("the stay was cancelled{when}"), other)
            }
            Status::Out => {
                let other = self.discharge.as_ref();
                let when = other.map_or(String::new(), |other| format!(" at {other}"));
                (format!("the discharge was told{when}"), other)
            }
        };
        let none = judging.at_visit(StayRule::NoAdmission).other(other);
        found.push(none.fact("reason", reason));
        self.status = Status::In;
        self.admitted = true;
        self.discharge = None;
        self.cancellation = None;
    }

    pub(super) fn transfer(&mut self, judging: &Judging<'_>, found: &mut Vec<Found>) {
        self.inside(judging, found);
        let from = &judging.told.prior_location;
        if conflict(from, &self.location) && judging.key >= self.last {
            let location = Found::new(StayRule::Location, Field::PriorLocation)
                .value(Fact::Plain(shown(from)))
                .expected(Fact::Plain(shown(&self.location)))
                .other(Some(&self.located));
            found.push(location);
        }
        if self.moves.len() >= MOST {
            self.moves.remove(0);
        }
        let from = if self.location.is_empty() {
            from
        } else {
            &self.location
        };
        self.moves.push(from.clone());
    }

    pub(super) fn discharge(&mut self, judging: &Judging<'_>, found: &mut Vec<Found>) {
        let told = judging.told;
        match self.status {
            Status::In | Status::Registered => {}
            Status::Out => {
                let other = self.discharge.as_ref();
                found.push(judging.at_visit(StayRule::DischargedTwice).other(other));
            }
            Status::Unknown | Status::Expected
                if told
                    .admitted
                    .is_some_and(|admitted| admitted > judging.key.moment) =>
            {
                let admitted = told
                    .admitted
                    .map_or(String::new(), |admitted| admitted.to_string());
                let reason =
                    format!("the patient leaves before the admission (PV1-44), {admitted}");
                let first = judging.at_visit(StayRule::DischargeFirst);
                found.push(first.fact("reason", reason));
                self.early_told = true;
            }
            Status::Unknown | Status::Expected => {
                let none = judging.at_visit(StayRule::NoAdmission);
                found.push(none.fact("reason", "no admission was told"));
            }
            Status::Cancelled => self.inside(judging, found),
        }
        self.status = Status::Out;
        self.discharge = Some(judging.by.clone());
    }

    pub(super) fn change_class(&mut self, judging: &Judging<'_>, found: &mut Vec<Found>) {
        self.inside(judging, found);
        self.status = if judging.told.event == "A06" {
            Status::In
        } else {
            Status::Registered
        };
    }

    pub(super) fn update(&mut self, judging: &Judging<'_>, found: &mut Vec<Found>) {
        let (Status::Out, Some(discharge)) = (self.status, &self.discharge) else {
            return;
        };
        let minutes = judging.key.moment.minutes_since(discharge.moment);
        if minutes > u64::from(judging.after_discharge_days) * 1440 {
            let after = judging
                .at_visit(StayRule::AfterDischarge)
                .other(Some(discharge));
            found.push(after.fact("delay", stretch(minutes)));
        }
    }

    pub(super) fn stand(&mut self, judging: &Judging<'_>, found: &mut Vec<Found>) {
        self.inside(judging, found);
        let event = judging.told.event.as_str();
        if event == "A22" {
            self.ends("A21");
        }
        self.stands(event);
    }
}

/// Whether two places differ in what both of them say.
fn conflict(left: &[String], right: &[String]) -> bool {
    let both = left.iter().zip(right);
    let mut said = both.filter(|(left, right)| !left.is_empty() && !right.is_empty());
    said.any(|(left, right)| left != right)
}

/// A place as it is written.
fn shown(location: &[String]) -> String {
    location.join("^")
}
