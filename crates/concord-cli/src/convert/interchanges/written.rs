//! Documents of FHIR become interchanges.

use std::ops::ControlFlow;
use std::sync::Arc;

use concord_check::Options;
use concord_finding::Finding;
use concord_interchange::{Json, Translation, TranslationError};
use concord_read::Input;

use super::found::Found;
use super::{Run, losses, stem};
use crate::convert::account::InputAccount;
use crate::failure::Failure;
use crate::prepare::{Which, Whole};

impl Run<'_> {
    /// Writes the interchange that a document becomes.
    pub(super) fn write_edifact(
        &mut self,
        translation: &Translation,
        input: &Input,
    ) -> Result<(), Failure> {
        let Some(bytes) = self.bytes(input) else {
            return Ok(());
        };
        let json = match Json::read(&bytes) {
            Ok(json) => json,
            Err(error) => {
                self.unreadable(input, format!("it is no document: {error}"));
                return Ok(());
            }
        };
        let mut envelope = self.envelope.clone();
        let number = self.made.get("edifact").copied().unwrap_or_default();
        for name in ["control-reference", "message-reference"] {
            if let Some(known) = envelope.facts.get_mut(name) {
                *known = further(known, number);
            }
        }
        let written = match translation.to_edifact(&json, &envelope) {
            Ok(written) => written,
            Err(error @ TranslationError::Missing(_)) => {
                let TranslationError::Missing(name) = &error else {
                    return Ok(());
                };
                let name = if name == "recipient" {
                    "receiver"
                } else {
                    name
                };
                return Err(Failure::usage(
                    format!("{}: {error}", input.name()),
                    format!("say it: --param {name}=…"),
                ));
            }
            Err(error) => {
                self.unreadable(input, error.to_string());
                return Ok(());
            }
        };
        self.write("edifact", &stem(input), "edi", &written.text)?;
        let found = self.found_in(input, &written.text)?;
        let account = InputAccount {
            file: input.name().to_string(),
            standard: Some(format!("document ({})", written.form)),
            bytes: bytes.len() as u64,
            findings: found.summary.findings,
            ..InputAccount::default()
        }
        .with_records(1);
        self.account
            .add(account, found.rules, losses(&written.lost, 0));
        self.count("edifact", 1);
        Ok(())
    }

    /// What a check finds in an interchange that was written: a document may lack what its message must have.
    fn found_in(&mut self, input: &Input, text: &str) -> Result<Found, Failure> {
        let mut found = Found::nothing();
        let first = &text.as_bytes()[..text.len().min(65_536)];
        if let Which::This(prepared) = self.standards.of(input.name(), first)? {
            let written = Input::bytes(Arc::clone(input.name()), text.as_bytes());
            let whole = Whole::open(&written, self.limits)?;
            let mut take = |finding: Finding| {
                found.take(&finding);
                ControlFlow::Continue(())
            };
            let (summary, _) = whole.checked(&prepared, self.limits, Options::default(), &mut take);
            found.summary = summary;
        }
        Ok(found)
    }
}

/// A reference for the next interchange: a number that is larger by so many, as wide.
fn further(reference: &str, by: u64) -> String {
    match reference.parse::<u64>() {
        Ok(number) => format!("{:0width$}", number + by, width = reference.len()),
        Err(_) if by == 0 => reference.to_owned(),
        Err(_) => format!("{reference}{by}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_go_on() {
        assert_eq!(further("00000009", 1), "00000010");
        assert_eq!(further("A", 0), "A");
        assert_eq!(further("A", 2), "A2");
    }
}
