//! Single values: how they are written, and whether a code is one of those that there are.

use std::borrow::Cow;

use concord_finding::Fact;
use concord_read::json::{Fault, Kind, Span};
use concord_standards::resources::{Element, Primitive, PrimitiveFault, Written};

use super::plan::{Hook, Property};
use super::tell;
use super::walk::{Walker, Within};
use crate::catalogue::BuiltinRule;

/// Codes that are listed in a finding.
const LISTED: usize = 12;

impl Walker<'_> {
    /// A single value, which comes next.
    pub(super) fn primitive(
        &mut self,
        within: Within,
        property: &Property,
        primitive: Primitive,
        kind: Kind,
    ) -> Result<(), Fault> {
        let (span, written) = match (kind, primitive.written()) {
            (Kind::String, Written::String) => {
                let text = self.reader.string()?;
                let quoted = Span {
                    start: text.span.start - 1,
                    end: text.span.end + 1,
                };
                if text.span.is_empty() {
                    self.hollow(within, property, quoted, "a string of no characters");
                    return Ok(());
                }
                let says = if text.escaped {
                    text.says(self.text.as_bytes())
                } else {
                    Cow::Borrowed(self.text.get(text.span.start..text.span.end).unwrap_or(""))
                };
                (text.span, says)
            }
            (Kind::Number, Written::Number) => {
                let span = self.reader.number()?;
                let says = self.text.get(span.start..span.end).unwrap_or("");
                (span, Cow::Borrowed(says))
            }
            (Kind::Boolean, Written::Boolean) => {
                self.reader.word()?;
                return Ok(());
            }
            (_, wanted) => {
                let wanted = match wanted {
                    Written::String => Kind::String,
                    Written::Number => Kind::Number,
                    Written::Boolean => Kind::Boolean,
                };
                return self.other_kind(within, property, wanted.called(), kind);
            }
        };
        let personal = within.personal || property.personal;
        if let Err(fault) = primitive.check(&written) {
            self.malformed(within, property, primitive, &written, span, fault);
            return Ok(());
        }
        let element = self.plan.element(within.of, property.element);
        if let Some(codes) = &element.codes
            && primitive == Primitive::Code
            && !codes.meanings.contains_key(&*written)
        {
            let value = tell::value(&written, primitive, personal);
            self.unknown_code(element, value, &written, span);
        }
        match property.hook {
            Hook::Nothing => {}
            hook => self.hooked(within, hook, &written, span),
        }
        Ok(())
    }

    /// A value that is not written as those of its type are.
    fn malformed(
        &mut self,
        within: Within,
        property: &Property,
        primitive: Primitive,
        written: &str,
        span: Span,
        fault: PrimitiveFault,
    ) {
        let personal = within.personal || property.personal;
        let element = &self.plan.element(within.of, property.element).path;
        let expected = match fault {
            PrimitiveFault::Form(form) | PrimitiveFault::Range(form) => form.to_owned(),
            PrimitiveFault::NoSuchTime => "a day or time that there is".to_owned(),
            PrimitiveFault::Long(most) => format!("no more than {most} characters"),
        };
        let rule = match fault {
            PrimitiveFault::Form(_) => BuiltinRule::ValueFormat,
            _ => BuiltinRule::ValueRange,
        };
        let draft = self.found.tell(self.teller, rule, span);
        draft.finding.element = Some(element.clone());
        draft.finding.value = Some(tell::value(written, primitive, personal));
        draft.finding.expected = Some(Fact::Plain(format!("{}: {expected}", primitive.name())));
        draft.plain("off", expected);
    }

    fn unknown_code(&mut self, element: &Element, value: Fact, written: &str, span: Span) {
        let Some(codes) = &element.codes else {
            return;
        };
        let known = || codes.meanings.keys().map(|code| &**code);
        let near = crate::wanted::nearest(written, known());
        let hint = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if codes.meanings.len() <= LISTED => {
                format!("the codes are {}", known().collect::<Vec<_>>().join(", "))
            }
            None => format!(
                "the value set {} has {} codes",
                codes.name,
                codes.meanings.len()
            ),
        };
        let list = codes.name.to_string();
        let draft = self.found.tell(self.teller, BuiltinRule::ValueCode, span);
        draft.finding.element = Some(element.path.clone());
        draft.finding.value = Some(value);
        draft.finding.expected = Some(Fact::Plain(format!("a code of {list}")));
        draft.plain("of", list).plain("hint", hint);
    }
}
