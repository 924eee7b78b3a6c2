//! The text of elements and attributes: which row says it, and how the type wants it.

use std::borrow::Cow;
use std::sync::Arc;

use concord_check::places::{PlaceId, only_code};
use concord_standards::schema::{SimpleTypeId, ValueConstraint};

use super::lexical;
use super::place::Provider;
use super::state::{Fate, Piece};
use super::walk::{Walk, Written};
use crate::loss::LossReason;

/// The text of a place.
enum Found {
    Nothing {
        /// Whether something is there that the type does not take.
        refused: bool,
    },
    Text {
        text: String,
        /// The row and field that it is carried for, and the code that stands in it.
        of: Option<(usize, usize, String)>,
    },
}

/// What may stand in a place.
#[derive(Clone, Copy)]
struct Allowed<'a> {
    place: PlaceId,
    simple: SimpleTypeId,
    fixed: Option<&'a str>,
    required: bool,
}

impl Walk<'_> {
    /// Writes the text of an element, or an attribute.
    pub(super) fn text(
        &mut self,
        place: PlaceId,
        simple: SimpleTypeId,
        constraint: Option<&ValueConstraint>,
        required: bool,
    ) -> Written {
        let fixed = match constraint {
            Some(ValueConstraint::Fixed(text)) => Some(&**text),
            _ => None,
        };
        let found = self.find(Allowed {
            place,
            simple,
            fixed,
            required,
        });
        let (text, of) = match found {
            Found::Text { text, of } => (text, of),
            Found::Nothing { refused } => {
                let mut missing = self.missing(place);
                if refused {
                    missing.detail = format!("{} that may stand there", missing.detail).into();
                }
                return Err(missing);
            }
        };
        let mut carried = 0;
        if let Some((row, field, code)) = of {
            carried = u32::from(self.state.settle(row, field, Fate::Carried));
            self.share(place, &code);
        }
        let attribute = self.plan.place(place).name.starts_with('@');
        self.state.pieces.push(if attribute {
            Piece::Attribute(place, text)
        } else {
            Piece::Text(text)
        });
        Ok(carried)
    }

    /// Notes that what is written in a place is what all the rows say that share it.
    fn share(&mut self, place: PlaceId, code: &str) {
        let plan = self.plan;
        let providers = plan.place(place).providers.iter();
        for provider in providers.filter(|provider| provider.shared) {
            let value = match &provider.codes {
                None => Some(code),
                Some(codes) => codes.to_model(code),
            };
            if let Some(value) = value {
                let value = value.to_owned();
                self.state.share(provider.source, provider.field, value);
            }
        }
    }

    fn find(&mut self, allowed: Allowed<'_>) -> Found {
        let plan = self.plan;
        let mut refused = false;
        for provider in &plan.place(allowed.place).providers {
            let Some(row) = self.row_of(provider) else {
                continue;
            };
            let facts = self.facts;
            let Some(value) = facts.value(row, provider.field) else {
                continue;
            };
            let elsewhere = self.state.fates[row][provider.field] == Fate::Carried;
            if elsewhere && !provider.again && !allowed.required {
                continue;
            }
            match self.written(provider, value, allowed) {
                Ok((code, text)) => {
                    return Found::Text {
                        text: text.into_owned(),
                        of: Some((row, provider.field, code.to_owned())),
                    };
                }
                Err(reason) => {
                    refused = true;
                    let fate = self.refusal(provider, value, reason, allowed.place);
                    self.state.settle(row, provider.field, fate);
                }
            }
        }
        // What the structure leaves no choice about stands there without a row that says so, but not against one.
        let only = || only_code(plan.schema, allowed.simple);
        match allowed.fixed.or_else(only) {
            Some(text) if allowed.required && !refused => Found::Text {
                text: text.to_owned(),
                of: None,
            },
            _ => Found::Nothing { refused },
        }
    }

    /// The standard's code for a value, and its text as the type takes it.
    fn written<'v>(
        &self,
        provider: &'v Provider,
        value: &'v str,
        allowed: Allowed<'_>,
    ) -> Result<(&'v str, Cow<'v, str>), LossReason> {
        let plan = self.plan;
        let code = match &provider.codes {
            None => value,
            Some(codes) => codes
                .from_model(value)
                .ok_or(LossReason::NoEquivalentCode)?,
        };
        let Some(checker) = plan.checkers.get(&allowed.simple) else {
            return Ok((code, Cow::Borrowed(code)));
        };
        let field = &plan.sources[provider.source].entity.fields[provider.field];
        let text = lexical::written(checker, field.kind, code)?;
        match allowed.fixed {
            Some(fixed) if !checker.same_value(&text, fixed) => Err(LossReason::NoEquivalentCode),
            _ => Ok((code, text)),
        }
    }

    /// What is told of a value that is not taken: of codes, unless they identify a person, which they are.
    fn refusal(
        &self,
        provider: &Provider,
        value: &str,
        reason: LossReason,
        place: PlaceId,
    ) -> Fate {
        let field = &self.plan.sources[provider.source].entity.fields[provider.field];
        let personal = field.personal || self.plan.place(place).personal;
        let told = reason == LossReason::NoEquivalentCode && !personal;
        Fate::Lost(reason, told.then(|| Arc::from(value)))
    }

    /// The row that a provider's value is of: that around here, or the one that comes next.
    fn row_of(&self, provider: &Provider) -> Option<usize> {
        if !provider.shared {
            return self.state.around(provider.source);
        }
        let around = self.state.in_frame(provider.source);
        around.or_else(|| self.next_row(provider.source))
    }
}
