//! A finding as every format shows it: personal values masked wherever they may stand.

use std::borrow::Cow;

use concord_finding::{Fact, Finding, Masking, mask};

/// A finding under a masking policy.
pub(crate) struct Shown<'a> {
    pub(crate) finding: &'a Finding,
    masking: Masking,
    /// Personal texts of the finding, to be looked for where they should not be.
    personal: Vec<&'a str>,
}

impl<'a> Shown<'a> {
    pub(crate) fn new(finding: &'a Finding, masking: Masking) -> Self {
        let mut personal = Vec::new();
        if masking == Masking::Masked {
            let facts = [&finding.value, &finding.expected, &finding.record_key];
            personal.extend(facts.into_iter().flatten().filter_map(personal_text));
            let fix = finding.fix.iter().map(|fix| &fix.replacement);
            personal.extend(fix.filter_map(personal_text));
            personal.extend(
                finding
                    .facts
                    .iter()
                    .filter_map(|(_, fact)| personal_text(fact)),
            );
        }
        Self {
            finding,
            masking,
            personal,
        }
    }

    pub(crate) fn message(&self) -> String {
        self.scrubbed(Cow::Owned(self.finding.message(self.masking)))
            .into_owned()
    }

    /// The message, put together in memory that is used again.
    pub(crate) fn message_in<'t>(&self, memory: &'t mut String) -> Cow<'t, str> {
        memory.clear();
        self.finding.write_message(self.masking, memory);
        self.scrubbed(Cow::Borrowed(memory))
    }

    pub(crate) fn help(&self) -> Option<Cow<'a, str>> {
        let written = self.finding.rule.help.as_deref()?;
        // Most help is the same for every finding.
        let help = if written.contains('{') {
            Cow::Owned(self.finding.help(self.masking)?)
        } else {
            Cow::Borrowed(written)
        };
        Some(self.scrubbed(help))
    }

    /// The words under the marked place: the rule's own, else what was expected, else the element.
    pub(crate) fn label(&self) -> Option<String> {
        if let Some(label) = self.finding.label(self.masking) {
            return Some(self.scrubbed(Cow::Owned(label)).into_owned());
        }
        match (&self.finding.expected, &self.finding.element) {
            (Some(Fact::List(items)), _) if items.len() > 4 => {
                Some(format!("expected one of {} choices", items.len()))
            }
            (Some(expected), _) => Some(format!("expected {}", self.raw_fact(expected))),
            (None, Some(element)) => Some(element.to_string()),
            (None, None) => None,
        }
    }

    pub(crate) fn path(&self) -> Option<Cow<'a, str>> {
        let path = self.finding.path.as_deref()?;
        Some(self.scrubbed(Cow::Borrowed(path)))
    }

    pub(crate) fn raw<'f>(&self, fact: Option<&'f Fact>) -> Option<Cow<'f, str>> {
        fact.map(|fact| self.raw_fact(fact))
    }

    pub(crate) fn raw_fact<'f>(&self, fact: &'f Fact) -> Cow<'f, str> {
        let text = fact.text(self.masking);
        match fact {
            // Text that is plain by itself may still repeat a personal value.
            Fact::Plain(_) | Fact::List(_) => self.scrubbed(text),
            Fact::Personal(_) | Fact::Number(_) => text,
        }
    }

    /// The value that the finding marks, masked, when it is personal and must not be seen.
    pub(crate) fn hidden_value(&self) -> Option<String> {
        match &self.finding.value {
            Some(value @ Fact::Personal(_)) if self.masking != Masking::Revealed => {
                Some(value.raw(self.masking))
            }
            _ => None,
        }
    }

    /// `text` without the finding's personal values.
    pub(crate) fn scrubbed<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        let mut text = text;
        for personal in &self.personal {
            if text.contains(personal) {
                text = Cow::Owned(text.replace(personal, &mask(personal)));
            }
        }
        text
    }
}

/// Texts of up to three characters are masked where they stand, but looking for them elsewhere would hit anything.
fn personal_text(fact: &Fact) -> Option<&str> {
    match fact {
        Fact::Personal(text) if text.chars().nth(3).is_some() => Some(text),
        _ => None,
    }
}
