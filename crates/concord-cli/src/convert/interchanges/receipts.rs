//! Receipts for interchanges: what their receiver would answer.

use concord_convert::{LossReason, Losses};
use concord_interchange::{Judged, Receipt, ReceiptForm};
use concord_read::Input;
use concord_read::edifact::Interchange;

use super::found::Found;
use super::{Run, stem};
use crate::convert::account::InputAccount;
use crate::failure::Failure;

impl Run<'_> {
    /// Writes a receipt for each interchange that asks for one.
    pub(super) fn receipts(
        &mut self,
        input: &Input,
        bytes: &[u8],
        found: &Found,
    ) -> Result<(), Failure> {
        let rejected = found.by_message(bytes);
        let interchanges = Interchange::read_all(bytes);
        let mut before = 0;
        let mut losses = Losses::default();
        for (number, interchange) in interchanges.iter().enumerate() {
            let count = interchange.messages.len();
            let own = before..before + count;
            before += count;
            let kind = interchange
                .messages
                .first()
                .map(concord_read::edifact::Message::identifier);
            let form = kind.as_deref().and_then(ReceiptForm::of);
            let Some(form) = form.filter(|form| Receipt::is_wanted(*form, interchange)) else {
                losses.add(
                    &"interchange that asks for no receipt".into(),
                    LossReason::NoPlace,
                    1,
                );
                continue;
            };
            let as_such = own.clone().find_map(|at| {
                found
                    .messages
                    .get(&(at as u64 + 1))
                    .filter(|(_, as_such)| *as_such)
            });
            let judged = Judged {
                interchange: found.of_interchange(&interchanges, number).map(plain),
                messages_as_such: as_such.map(|(reason, _)| plain(reason)),
                messages: own
                    .map(|at| {
                        rejected
                            .get(at)
                            .cloned()
                            .flatten()
                            .map(|reason| plain(&reason))
                    })
                    .collect(),
            };
            let Some(moment) = self.envelope.moment else {
                continue;
            };
            let known = self.envelope.facts.get("control-reference");
            let first: u64 = known.and_then(|text| text.parse().ok()).unwrap_or(1);
            let reference = first + self.made.get("receipts").copied().unwrap_or_default();
            match Receipt::new(form, interchange, &judged, moment, reference) {
                Ok(receipt) => {
                    let name = format!("{}-{}", stem(input), receipt.status);
                    self.write("receipts", &name, "edi", &receipt.text)?;
                    self.count("receipts", 1);
                }
                Err(error) => {
                    let reason = error.to_string();
                    losses.add_detail(
                        &"interchange".into(),
                        LossReason::NotDerived,
                        Some(&reason),
                        1,
                    );
                }
            }
        }
        let rules = found.rules.clone();
        self.account
            .add(InputAccount::of(&found.summary), rules, losses);
        Ok(())
    }
}

/// A reason in the characters that every interchange can hold.
fn plain(reason: &str) -> String {
    let ascii = reason.chars().filter(|character| *character != '`');
    ascii
        .map(|character| {
            if character.is_ascii() && !character.is_ascii_control() {
                character
            } else {
                '*'
            }
        })
        .collect()
}
