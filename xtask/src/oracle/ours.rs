//! Our verdicts.

use std::ops::ControlFlow;
use std::sync::Arc;

use concord_check::{NoRules, Options, Plan, check};
use concord_finding::{Finding, Masking, RuleClass};
use concord_read::xml::Chunks;
use concord_read::{Input, open};

/// What the checker says of one document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ours {
    /// Whether there is nothing that rejects.
    pub(super) valid: bool,
    /// Findings in their order.
    pub(super) found: Vec<Found>,
    /// Why it could not be read to its end.
    pub(super) error: Option<String>,
}

/// A finding, as far as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The rule.
    pub(super) rule: String,
    /// Whether it is about the carrier rather than the standard.
    pub(super) carrier: bool,
    /// Line, 0 when unknown.
    pub(super) line: u64,
    /// Offset in the decoded input.
    pub(super) offset: Option<u64>,
    /// Where and what, for people.
    pub(super) text: String,
}

/// Checks a document held in memory.
pub(super) fn ask(plan: &Plan, bytes: &[u8], fast: bool) -> Ours {
    let input = Input::bytes("document.xml", bytes);
    let opened = match open(&input, &plan.limits) {
        Ok(opened) => opened,
        Err(error) => {
            return Ours {
                error: Some(error.to_string()),
                ..Ours::default()
            };
        }
    };
    let name: Arc<str> = Arc::clone(input.name());
    let chunks = Chunks::new(opened, Arc::clone(&name), 1 << 20, plan.limits.record_size);
    let mut ours = Ours {
        valid: true,
        ..Ours::default()
    };
    let options = Options {
        threads: 1,
        fast,
        ..Options::default()
    };
    let checked = check(
        chunks,
        &name,
        Some(bytes.len() as u64),
        plan,
        &NoRules,
        options,
        &mut |finding| {
            ours.valid &= !finding.effect.is_reject();
            ours.found.push(found(&finding));
            ControlFlow::Continue(())
        },
    );
    if let Some(error) = checked.error {
        ours.valid = false;
        ours.error = Some(error.to_string());
    }
    ours
}

fn found(finding: &Finding) -> Found {
    Found {
        rule: finding.rule.id.to_string(),
        carrier: finding.rule.class == RuleClass::Carrier,
        line: finding.place.map_or(0, |place| place.line),
        offset: finding.place.map(|place| place.offset),
        text: format!(
            "{}{}: {} {}",
            finding.place.map_or(String::new(), |place| format!(
                "{}:{}: ",
                place.line, place.column
            )),
            finding.path.as_deref().unwrap_or("-"),
            finding.rule.id,
            finding.message(Masking::Revealed)
        ),
    }
}
