//! A value in the form of its column.

use std::sync::Arc;

use concord_finding::Effect;
use concord_model::entities::Kind;
use concord_model::lexical;
use concord_standards::compile::CompiledSchema;
use concord_standards::definition::Definition;
use concord_standards::layout::{Field, Mandation};
use concord_standards::value::{ValueChecker, ValueFault};

use crate::loss::LossReason;

/// A column that is written.
#[derive(Debug)]
pub(super) struct Column {
    /// Its header.
    pub(super) header: Arc<str>,
    /// Its element, as losses name it.
    pub(super) element: Arc<str>,
    /// Whether it must be filled, may be, or is left blank.
    pub(super) mandation: Mandation,
    pub(super) personal: bool,
    /// Whether a code that is not on its list is written all the same, because receivers take it with a warning.
    other_codes: bool,
    /// What may stand in it; nothing where that is not known.
    checker: Option<ValueChecker>,
    /// The one code that it takes, where it takes no other and must be filled.
    pub(super) constant: Option<String>,
    /// How many characters it has in a line of fixed width, which no value divides.
    width: Option<usize>,
}

impl Column {
    pub(super) fn new(field: &Field, definition: &Definition, compiled: &CompiledSchema) -> Self {
        let rule = field.code_rule.as_ref();
        let effect = rule.and_then(|id| {
            let rules = definition.rules.iter();
            rules
                .map(|rule| &rule.rule)
                .find(|rule| rule.id == *id)
                .map(|rule| rule.effect)
        });
        Self {
            header: Arc::clone(&field.column),
            element: Arc::clone(&field.element),
            mandation: field.mandation,
            personal: field.personal,
            other_codes: effect.is_some_and(|effect| effect < Effect::RejectGroup),
            checker: Some(compiled.value(field.value).clone()),
            constant: constant(field, compiled),
            width: field.span.map(|(_, width)| width as usize),
        }
    }

    /// A column of which only the header is known.
    pub(super) fn unchecked(header: &Arc<str>, mandation: Mandation) -> Self {
        Self {
            header: Arc::clone(header),
            element: Arc::clone(header),
            mandation,
            personal: true,
            other_codes: true,
            checker: None,
            constant: None,
            width: None,
        }
    }

    /// Puts a text of a canonical value into the form of the column.
    ///
    /// What is left out to make it fit is told; a text that does not fit is emptied, and that is told, with the code if
    /// it is one without an equivalent and identifies nobody.
    pub(super) fn fit(
        &self,
        kind: Kind,
        text: &mut String,
    ) -> Option<(LossReason, Option<String>)> {
        let told = self.fit_form(kind, text);
        let wide = |width| text.chars().count() > width || text.contains(char::is_control);
        if self.width.is_some_and(wide) {
            text.clear();
            return Some((LossReason::NotOfItsForm, None));
        }
        told
    }

    fn fit_form(&self, kind: Kind, text: &mut String) -> Option<(LossReason, Option<String>)> {
        let checker = self.checker.as_ref().filter(|_| !text.is_empty())?;
        let fault = checker.check(text).err()?;
        let mended = match kind {
            Kind::Moment => self.moment(text),
            Kind::Decimal { .. } => self.decimal(text),
            Kind::Integer => self.integer(text),
            Kind::Boolean => self.boolean(text),
            Kind::Date | Kind::PartialDate | Kind::Time => self.compact(text),
            _ => Mended::Not,
        };
        match mended {
            Mended::Whole => return None,
            Mended::Without(reason) => return Some((reason, None)),
            Mended::Not => {}
        }
        if fault == ValueFault::Enumeration {
            if self.other_codes {
                return None;
            }
            let code = std::mem::take(text);
            let code = (!self.personal).then_some(code);
            return Some((LossReason::NoEquivalentCode, code));
        }
        text.clear();
        Some((LossReason::NotOfItsForm, None))
    }

    fn fits(&self, text: &str) -> bool {
        self.checker
            .as_ref()
            .is_none_or(|checker| checker.check(text).is_ok())
    }

    /// Without what the column does not hold of zone, fraction and time of day.
    fn moment(&self, text: &mut String) -> Mended {
        let Some(zone) = lexical::zone_of(text).map(str::len) else {
            return Mended::Not;
        };
        let local = text.len() - zone;
        if zone > 0 && self.fits(&text[..local]) {
            text.truncate(local);
            return Mended::Without(LossReason::Zone);
        }
        let seconds = text[..local].find('.').unwrap_or(local);
        let whole = format!("{}{}", &text[..seconds], &text[local..]);
        for length in [whole.len(), seconds, DAY] {
            if self.fits(&whole[..length]) {
                whole[..length].clone_into(text);
                return Mended::Without(LossReason::Precision);
            }
        }
        Mended::Not
    }

    /// Without digits behind the point that the column does not hold.
    fn decimal(&self, text: &mut String) -> Mended {
        let Some(point) = text.find('.') else {
            return Mended::Not;
        };
        for length in (point + 2..text.len()).rev().chain([point]) {
            if self.fits(&text[..length]) {
                text.truncate(length);
                return Mended::Without(LossReason::Precision);
            }
        }
        Mended::Not
    }

    /// With the zeros before it that a column of a fixed number of digits has.
    fn integer(&self, text: &mut String) -> Mended {
        /// Digits of the widest such column.
        const WIDEST: usize = 12;
        for width in text.len() + 1..=WIDEST {
            let padded = format!("{text:0>width$}");
            if self.fits(&padded) {
                *text = padded;
                return Mended::Whole;
            }
        }
        Mended::Not
    }

    /// Without the signs between the parts of a day or a time of day.
    fn compact(&self, text: &mut String) -> Mended {
        let digits: String = text
            .chars()
            .filter(|one| !matches!(one, '-' | ':'))
            .collect();
        if self.fits(&digits) {
            *text = digits;
            return Mended::Whole;
        }
        Mended::Not
    }

    /// As the letter or digit that the column takes.
    fn boolean(&self, text: &mut String) -> Mended {
        let words = if text == "true" {
            ["Y", "1"]
        } else {
            ["N", "0"]
        };
        match words.into_iter().find(|word| self.fits(word)) {
            Some(word) => {
                word.clone_into(text);
                Mended::Whole
            }
            None => Mended::Not,
        }
    }
}

/// The one code of a column that must be filled and takes no other.
fn constant(field: &Field, compiled: &CompiledSchema) -> Option<String> {
    let mut steps = compiled.schema.simple_type(field.value).steps.iter().rev();
    let codes = steps.find(|step| !step.enumeration.is_empty())?;
    let [only] = codes.enumeration.as_slice() else {
        return None;
    };
    (field.mandation == Mandation::Mandatory).then(|| only.clone())
}

/// Characters of a day.
const DAY: usize = 10;

/// What was done to make a text fit.
enum Mended {
    /// It does not fit, whatever is done.
    Not,
    /// It was written in another way.
    Whole,
    /// Something was left out.
    Without(LossReason),
}
