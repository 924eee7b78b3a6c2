//! Events that undo others.

use super::{Judging, Status, Stay};
use crate::anomaly::Found;
use crate::rule::StayRule;

impl Stay {
    /// Undoes an event, which must stand. Events that are none of the stay's are left alone.
    pub(super) fn cancel(&mut self, judging: &Judging<'_>, found: &mut Vec<Found>) {
        let (original, stands) = match judging.told.event.as_str() {
            "A11" => ("A01", self.cancel_admission(judging)),
            "A12" => ("A02", self.cancel_transfer()),
            "A13" => ("A03", self.cancel_discharge()),
            "A38" => ("A05", self.cancel_expectation(judging)),
            "A25" => ("A16", self.ends("A16")),
            "A26" => ("A15", self.ends("A15")),
            "A27" => ("A14", self.ends("A14")),
            "A52" => ("A21", self.ends("A21")),
            "A53" => ("A22", self.ends("A22")),
            _ => return,
        };
        if !stands && !self.partial {
            let cancel = judging
                .at_visit(StayRule::Cancel)
                .other(self.cancellation.as_ref());
            found.push(cancel.fact("original", original));
        }
    }

    fn cancel_admission(&mut self, judging: &Judging<'_>) -> bool {
        let there = matches!(self.status, Status::In | Status::Registered | Status::Out);
        if !there || !self.admitted {
            return false;
        }
        self.status = Status::Cancelled;
        self.admitted = false;
        self.admission = None;
        self.discharge = None;
        self.moves.clear();
        self.cancellation = Some(judging.by.clone());
        true
    }

    fn cancel_transfer(&mut self) -> bool {
        let Some(before) = self.moves.pop() else {
            return false;
        };
        self.location = before;
        true
    }

    fn cancel_discharge(&mut self) -> bool {
        if self.status != Status::Out {
            return false;
        }
        self.discharge = None;
        if self.admitted || !self.early_told {
            // An admission that is missing was told of with the discharge, and once is enough.
            self.status = Status::In;
            self.admitted = true;
        } else {
            self.status = Status::Unknown;
        }
        true
    }

    fn cancel_expectation(&mut self, judging: &Judging<'_>) -> bool {
        if self.status != Status::Expected {
            return false;
        }
        self.status = Status::Cancelled;
        self.cancellation = Some(judging.by.clone());
        true
    }
}
