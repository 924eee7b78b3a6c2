//! The finding that a wrong value makes.

use concord_finding::{Fact, Fix};
use concord_standards::schema::{Facts, SimpleTypeId};
use concord_standards::value::ValueFault;

use super::Exact;
use crate::explain;
use crate::fixes::{self, Wrong};

/// Makes the finding for the text of the innermost open element, or of one of its attributes.
#[allow(clippy::too_many_arguments)] // one call per kind of value; a struct would only be taken apart again
pub(crate) fn report_value(
    exact: &mut Exact<'_, '_>,
    simple: SimpleTypeId,
    facts: &Facts,
    value: &str,
    fault: &ValueFault,
    offset: usize,
    length: usize,
    attribute: Option<&str>,
) {
    let plan = exact.plan;
    let name = facts.dictionary_name.as_deref();
    let explained = explain::value(&plan.compiled.schema, simple, name, value, fault);
    let path = attribute.map(|local| format!("{}/@{local}", exact.path()));
    let fix = (plan.fixes)
        .then(|| fix(exact, simple, facts, value, offset, length, attribute))
        .flatten();
    let draft = exact.draft(explained.rule, offset, length);
    if let Some(path) = path {
        draft.finding.path = Some(path.into());
        draft.finding.element.clone_from(&facts.dictionary_name);
    }
    draft.finding.value = Some(shown(facts, value));
    draft.finding.fix = fix;
    draft.unusable = true;
    explained.fill(draft);
}

/// What would take the value's place, where it stands in the chunk as it is.
fn fix(
    exact: &Exact<'_, '_>,
    simple: SimpleTypeId,
    facts: &Facts,
    value: &str,
    offset: usize,
    length: usize,
    attribute: Option<&str>,
) -> Option<Fix> {
    let compiled = &exact.plan.compiled;
    let written = exact.chunk.get(offset..offset + length)?;
    let local = match (attribute, exact.stack.last()) {
        (Some(local), _) => local,
        (None, Some(frame)) => &frame.local,
        (None, None) => "",
    };
    let wrong = Wrong {
        simple: compiled.schema.simple_type(simple),
        name: facts.dictionary_name.as_deref().unwrap_or(local),
        text: value,
    };
    let right =
        |text: &str| fixes::is_plain_in_xml(text) && compiled.value(simple).check(text).is_ok();
    let (replacement, action) = (written == value).then(|| wrong.lossless(&right))??;
    Some(fixes::fix(facts, written, replacement, action))
}

/// What is expected of a value that holds a name with a prefix that is not declared.
pub(super) fn with_declared(prefix: &str) -> Fact {
    Fact::Plain(format!(
        "a name whose prefix is declared, which `{prefix}` is not"
    ))
}

/// A value as a fact: personal when the dictionary says so, and never longer than people read.
pub(crate) fn shown(facts: &Facts, value: &str) -> Fact {
    const LONGEST: usize = 80;
    // A text has no more characters than bytes.
    let end = if value.len() > LONGEST {
        value.char_indices().nth(LONGEST).map(|(end, _)| end)
    } else {
        None
    };
    let text = match end {
        Some(end) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    };
    if facts.personal {
        Fact::Personal(text)
    } else {
        Fact::Plain(text)
    }
}

impl explain::Explained {
    /// Puts what was explained into a finding.
    pub(crate) fn fill(self, draft: &mut crate::output::Draft) {
        draft.finding.rule = self.rule.rule().clone();
        draft.finding.expected = Some(Fact::Plain(self.expected));
        draft.finding.facts.extend(self.facts);
    }
}
