//! Interchanges become documents of FHIR, once they are checked.

use std::ops::ControlFlow;
use std::sync::Arc;

use concord_check::Options;
use concord_convert::Losses;
use concord_finding::Finding;
use concord_read::Input;
use concord_read::edifact::begins_interchange;

use super::found::Found;
use super::{Run, losses, mapped, stem};
use crate::arguments::OnRejectName;
use crate::convert::account::InputAccount;
use crate::failure::Failure;
use crate::prepare::{Which, Whole};
use crate::terminal;

impl Run<'_> {
    /// Takes an input that holds interchanges: their documents, or receipts for them.
    pub(super) fn interchange(&mut self, input: &Input, receipts: bool) -> Result<(), Failure> {
        let Some(bytes) = self.bytes(input) else {
            return Ok(());
        };
        if !begins_interchange(&bytes) {
            let reason = "it is no interchange: it begins with neither UNA nor UNB nor UNH";
            self.unreadable(input, reason.to_owned());
            return Ok(());
        }
        let prepared = match self
            .standards
            .of(input.name(), &bytes[..bytes.len().min(65_536)])?
        {
            Which::This(prepared) => prepared,
            Which::Unknown(reason, help) => {
                self.unreadable(input, format!("{reason}; {help}"));
                return Ok(());
            }
        };
        let standard = prepared
            .plan
            .standard()
            .map(ToString::to_string)
            .unwrap_or_default();
        let known = Input::bytes(Arc::clone(input.name()), bytes.clone());
        let whole = Whole::open(&known, self.limits)?;
        let mut found = Found::nothing();
        let options = Options {
            threads: terminal::threads(self.arguments.threads),
            ..Options::default()
        };
        let mut take = |finding: Finding| {
            found.take(&finding);
            ControlFlow::Continue(())
        };
        let (summary, error) = whole.checked(&prepared, self.limits, options, &mut take);
        let unreadable = summary
            .unreadable
            .clone()
            .or_else(|| error.map(|error| error.to_string()));
        found.summary = summary;
        if receipts {
            return self.receipts(input, &bytes, &found);
        }
        if let Some(reason) = unreadable {
            let mut account = InputAccount::of(&found.summary);
            account.unreadable = Some(reason);
            self.account.add(account, found.rules, Losses::default());
            return Ok(());
        }
        self.documents(input, &standard, &bytes, found)
    }

    fn documents(
        &mut self,
        input: &Input,
        standard: &str,
        bytes: &[u8],
        found: Found,
    ) -> Result<(), Failure> {
        if !self.translations.contains_key(standard) {
            let translation = mapped(standard, self.standards.registry())?;
            self.translations
                .insert(standard.to_owned(), Some(translation));
        }
        let rejected = found.by_message(bytes);
        let keep = self.arguments.on_reject == OnRejectName::Keep;
        let accept = |number: u64| {
            let reason = rejected.get(usize::try_from(number).ok()?)?.clone();
            reason.filter(|_| !keep)
        };
        let translated = match self.translations.get(standard) {
            Some(Some(translation)) => translation.to_fhir(bytes, &self.envelope, &accept),
            _ => return Ok(()),
        };
        for document in &translated.documents {
            let name = format!("{}-{}", stem(input), document.reference);
            self.write("fhir", &name, "json", &document.json.pretty())?;
        }
        let refused = translated.refused.len() as u64;
        self.count("fhir", translated.documents.len() as u64);
        let losses = losses(&translated.lost, refused);
        self.account
            .add(InputAccount::of(&found.summary), found.rules, losses);
        Ok(())
    }
}
