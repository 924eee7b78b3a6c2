//! One resource at a time, for live feeds.

use std::sync::Arc;

use concord_finding::{Fact, Finding};
use concord_read::json::Form;

use super::finish::{Seen, finish};
use super::plan::ResourcePlan;
use super::records::{self, ResourceOutput};
use super::tell::Teller;
use crate::delivery::Sated;
use crate::lines::Advance;

/// The verdict on one resource.
#[derive(Debug)]
pub struct ResourceVerdict {
    /// Whether it is taken.
    pub accepted: bool,
    /// What identifies it: its type and id; of a bundle, or without an id, nothing.
    pub key: Option<Fact>,
    /// What is wrong with it, in the order of its bytes, with lines and columns of its own.
    pub findings: Vec<Finding>,
}

/// Checks one resource: the whole of `bytes`, whatever they are. `file` is what findings call it.
///
/// A bundle is one record here, since it is answered as a whole. Nothing is kept from one call to the next.
pub fn check_resource(plan: &ResourcePlan, file: &Arc<str>, bytes: &[u8]) -> ResourceVerdict {
    let mut out = ResourceOutput::default();
    records::single(Teller { plan, file }, bytes, &mut out);
    let seen = Seen {
        bytes,
        form: Form::Document,
        xml: None,
    };
    let found = finish(seen, &mut out, false, &Sated::default());
    let begin = Advance::default();
    let findings: Vec<Finding> = found
        .into_iter()
        .filter_map(|relative| {
            let mut finding = relative.finding;
            finding.place = finding.place.map(|place| begin.absolute(place, 0));
            finding.record = Some(1);
            plan.grades.apply(&mut finding).then_some(finding)
        })
        .collect();
    ResourceVerdict {
        accepted: !findings
            .iter()
            .any(|finding| finding.effect.rejects_record()),
        key: out.records.first().and_then(|record| record.key.clone()),
        findings,
    }
}
