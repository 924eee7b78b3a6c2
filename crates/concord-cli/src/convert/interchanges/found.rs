//! What checking an input finds out of its interchanges and messages.

use std::collections::BTreeMap;

use concord_finding::{Effect, FileSummary, Finding, Masking, Summary, Verdict};
use concord_read::edifact::Interchange;

/// The rule of messages whose trailer is another's: such messages cannot be told from one another.
const REFERENCE: &str = "MESSAGE-REFERENCE";

/// What the check of an input found out.
pub(super) struct Found {
    pub(super) summary: FileSummary,
    pub(super) rules: Summary,
    /// Why interchanges are rejected: where that was found, and the reason.
    interchanges: Vec<(u64, String)>,
    /// Why messages are, by their numbers from 1, and whether they cannot be told from one another.
    pub(super) messages: BTreeMap<u64, (String, bool)>,
}

impl Found {
    /// Nothing yet.
    pub(super) fn nothing() -> Self {
        Self {
            summary: FileSummary::without_records("", Verdict::Accepted),
            rules: Summary::default(),
            interchanges: Vec::new(),
            messages: BTreeMap::new(),
        }
    }

    /// Takes what a finding says.
    pub(super) fn take(&mut self, finding: &Finding) {
        self.rules.count(finding);
        let place = finding
            .path
            .as_deref()
            .map_or_else(String::new, |path| format!("{path}: "));
        let reason = format!("{place}{}", finding.message(Masking::Masked));
        match (finding.effect, finding.record) {
            (Effect::RejectFile, _) => {
                let at = finding.place.map_or(0, |place| place.offset);
                self.interchanges.push((at, reason));
            }
            (Effect::RejectRecord | Effect::RejectGroup, Some(record)) => {
                let as_such = *finding.rule.id == *REFERENCE;
                self.messages.entry(record).or_insert((reason, as_such));
            }
            _ => {}
        }
    }

    /// Why an interchange as a whole is rejected, when it is.
    pub(super) fn of_interchange(
        &self,
        interchanges: &[Interchange<'_>],
        number: usize,
    ) -> Option<&str> {
        let start = |number: usize| {
            let interchange = interchanges.get(number)?;
            Some(interchange.header.span.start as u64)
        };
        let from = if number == 0 { 0 } else { start(number)? };
        let to = start(number + 1).unwrap_or(u64::MAX);
        let mut own = self
            .interchanges
            .iter()
            .filter(|(at, _)| (from..to).contains(at));
        own.next().map(|(_, reason)| reason.as_str())
    }

    /// For each message why it is rejected, when it is, or its interchange.
    pub(super) fn by_message(&self, bytes: &[u8]) -> Vec<Option<String>> {
        let interchanges = Interchange::read_all(bytes);
        let mut out = Vec::new();
        for (number, interchange) in interchanges.iter().enumerate() {
            let whole = self.of_interchange(&interchanges, number);
            for _ in &interchange.messages {
                let own = self
                    .messages
                    .get(&(out.len() as u64 + 1))
                    .map(|(reason, _)| reason.as_str());
                out.push(own.or(whole).map(str::to_owned));
            }
        }
        out
    }
}
