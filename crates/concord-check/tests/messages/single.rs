//! A message checked alone, as a feed does it, has the findings of an input that holds nothing else.

use std::sync::Arc;

use concord_check::NoRules;
use concord_check::message::{MessageMemory, MessagePlan, check_message};
use concord_finding::{Finding, Masking};

use crate::support::{ADMISSION, BASE, ITK, check};

/// Everything of a finding that people or programs read, but for the lines around it.
fn shown(finding: &Finding) -> String {
    let text = finding.message(Masking::Masked);
    format!(
        "{} {} {:?} {:?} {:?} {:?} {text}",
        finding.rule.id,
        finding.effect,
        finding.place,
        finding.path,
        finding.record,
        finding.record_key
    )
}

#[track_caller]
fn agrees(plan: &MessagePlan, memory: &mut MessageMemory<NoRules>, bytes: &[u8]) {
    let mut alone = Vec::new();
    let messages = check_message(bytes, plan, &NoRules, memory, |finding| {
        alone.push(shown(&finding));
    });
    let (checked, findings) = check(plan, bytes, 1);
    // A message alone is as long as who brings it says.
    let cut = |finding: &&Finding| &*finding.rule.id != "MESSAGE-CUT";
    let together: Vec<String> = findings.iter().filter(cut).map(shown).collect();
    assert_eq!(alone, together, "{}", String::from_utf8_lossy(bytes));
    assert_eq!(messages, checked.summary.records.records);
}

#[test]
fn one_at_a_time_says_what_an_input_says() {
    let whole = ADMISSION.replace('\n', "\r").into_bytes();
    let file: Arc<str> = "message".into();
    for plan in [&*ITK, &*BASE] {
        // The same memory for all: nothing of one message may be left for the next.
        let mut memory = MessageMemory::new(plan, &NoRules, Arc::clone(&file));
        agrees(plan, &mut memory, b"");
        for at in 0..whole.len() {
            agrees(plan, &mut memory, &whole[..at]);
            for byte in [0, b'\r', b'\n', b'|', b'^', b'\\', 0x1C, 0xFF, b'M'] {
                let mut changed = whole.clone();
                changed[at] = byte;
                agrees(plan, &mut memory, &changed);
            }
        }
        agrees(plan, &mut memory, &[&whole[..], &whole[..]].concat());
        agrees(plan, &mut memory, &whole);
    }
}
