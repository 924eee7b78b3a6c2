//! What identifiers, codes and times say together with what stands beside them: an identifier with its system, a code with its
//! code system, an end with its start (per-1).

use std::borrow::Cow;

use concord_finding::Fact;
use concord_read::json::{Span, Text};
use concord_standards::resources::{Form, Primitive};

use super::plan::Side;
use super::tell;
use super::walk::{Walker, Within};
use crate::catalogue::BuiltinRule;

/// Codes that are listed in a finding.
const LISTED: usize = 12;

impl<'w> Walker<'w> {
    /// Takes a value that says something together with others.
    pub(super) fn say(&mut self, side: Side, span: Span) {
        self.said.push((side, span));
    }

    /// What the values of an object that has ended say together; `from` is where they begin.
    pub(super) fn together(&mut self, within: Within, from: usize) {
        let find = |side| {
            let mut said = self.said[from..].iter();
            said.find(|(known, _)| *known == side)
                .map(|(_, span)| *span)
        };
        let [system, value, code, start, end] = [
            Side::System,
            Side::Value,
            Side::Code,
            Side::Start,
            Side::End,
        ]
        .map(find);
        self.said.truncate(from);
        match (system, value, code, start, end) {
            (Some(system), Some(value), ..) => self.identifier(system, value),
            (Some(system), _, Some(code), ..) => self.code(within, system, code),
            (_, _, _, Some(start), Some(end)) => self.times(within, start, end),
            _ => {}
        }
    }

    fn says(&self, span: Span) -> Cow<'w, str> {
        let text: &'w str = self.text;
        Text {
            span,
            escaped: true,
        }
        .says(text.as_bytes())
    }

    fn identifier(&mut self, system: Span, value: Span) {
        let forms = &self.plan.resources.systems.identifiers;
        if let Some(form) = forms.get(&*self.says(system)).copied() {
            let says = self.says(value);
            self.of_form(form, &says, value, "Identifier.value");
        }
    }

    /// The id of a resource whose profile says what it looks like.
    pub(super) fn id_of_form(&mut self, form: Form, id: &str, at: Span) {
        self.of_form(form, id, at, "Resource.id");
    }

    fn of_form(&mut self, form: Form, says: &str, at: Span, element: &str) {
        let Some(reason) = form.fault(says) else {
            return;
        };
        let draft = self
            .found
            .tell(self.teller, BuiltinRule::ResourceIdentifier, at);
        draft.finding.element = Some(element.into());
        draft.finding.value = Some(Fact::Personal(says.to_owned()));
        draft.plain("of", form.called()).plain("reason", reason);
    }

    fn code(&mut self, within: Within, system: Span, code: Span) {
        let system = self.says(system);
        let Some(list) = self.plan.resources.systems.codes.get(&*system) else {
            return;
        };
        let says = self.says(code);
        if list.get(&says).is_some() {
            return;
        }
        let known = || list.codes.iter().map(|known| &*known.code);
        let near = crate::wanted::nearest(&says, known());
        let hint = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if list.codes.len() <= LISTED => {
                format!("the codes are {}", known().collect::<Vec<_>>().join(", "))
            }
            None => format!("it has {} codes", list.codes.len()),
        };
        let value = tell::value(&says, Primitive::Code, within.personal);
        let draft = self
            .found
            .tell(self.teller, BuiltinRule::ResourceSystem, code);
        draft.finding.element = Some("Coding.code".into());
        draft.finding.value = Some(value);
        draft.plain("of", system.into_owned()).plain("hint", hint);
    }

    fn times(&mut self, within: Within, start: Span, end: Span) {
        let (begins, ends) = (self.says(start), self.says(end));
        if !is_before(&ends, &begins) {
            return;
        }
        let of = &self.plan.resources.types[within.of].name;
        let element = format!("{of}.end");
        let fact = |text: &str| tell::value(text, Primitive::DateTime, within.personal);
        let (value, expected) = (fact(&ends), fact(&begins));
        let draft = self
            .found
            .tell(self.teller, BuiltinRule::ResourceOrder, end);
        draft.finding.element = Some(element.into());
        draft.finding.value = Some(value);
        draft.finding.expected = Some(expected);
    }
}

/// Whether one time is before another as far as both are known: years, months and days are compared as such.
fn is_before(time: &str, other: &str) -> bool {
    if let (Ok(time), Ok(other)) = (
        time.parse::<jiff::Timestamp>(),
        other.parse::<jiff::Timestamp>(),
    ) {
        return time < other;
    }
    let known = time.len().min(other.len()).min("CCYY-MM-DD".len());
    match (time.get(..known), other.get(..known)) {
        (Some(time), Some(other)) => time < other,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_before;

    #[test]
    fn times_are_compared_as_far_as_both_are_known() {
        for (time, other, expected) in [
            ("2024-01-01", "2024-01-02", true),
            ("2024-01-02", "2024-01-02", false),
            ("2024-01", "2024-01-31", false),
            ("2023", "2024-01-31", true),
            ("2024-01-01T10:00:00+01:00", "2024-01-01T09:30:00Z", true),
            ("2024-01-01T10:00:00+01:00", "2024-01-01T09:00:00Z", false),
            ("2024-01-01T10:00:00Z", "2024-01-01", false),
            ("", "2024", false),
            ("\u{e9}", "2024", false),
        ] {
            assert_eq!(is_before(time, other), expected, "{time} {other}");
        }
    }
}
