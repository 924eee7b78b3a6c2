//! What would take the place of a wrong value, where that is beyond doubt.
//!
//! Only findings are looked at, and only when fixes were asked for: values that are right cost nothing. What is offered is
//! right by its type; whether it breaks a rule is for the caller to see, by checking again with the fixes in place.

use concord_finding::{Fact, Finding, Fix, RuleClass};
use concord_model::identifiers::postcode;
use concord_model::repair::lossless;
use concord_standards::definition::Compact;
use concord_standards::layout::normalised_header;
use concord_standards::schema::{Builtin, Facts, SimpleType, Variety};

/// What is done to a value, as people read it.
type Action = &'static str;

const TRIMMED: Action = "the white space around it is taken out";
const CASE: Action = "capital and small letters are those of the code";
const JOINED: Action = "the digits are put together";
const DAY: Action = "the day is written as the format has it";
const MOMENT: Action = "the moment is written as the format has it";
pub(crate) const BLANK: Action = "the white space is taken out";
const SPACED: Action = "the two parts of the postcode are set apart by a blank";

/// A value that is wrong, and what it is of.
pub(crate) struct Wrong<'w> {
    pub(crate) simple: &'w SimpleType,
    /// The Data Dictionary's name, or the name in the carrier.
    pub(crate) name: &'w str,
    pub(crate) text: &'w str,
}

impl Wrong<'_> {
    /// The first repair that loses nothing and of which `right` holds.
    pub(crate) fn lossless(&self, right: &dyn Fn(&str) -> bool) -> Option<(String, Action)> {
        let trimmed = lossless::trimmed(self.text);
        let candidates = [
            (Some(trimmed.to_owned()), TRIMMED),
            (self.code(trimmed), CASE),
            (self.nhs_number(), JOINED),
            (self.day(), DAY),
            (self.moment(), MOMENT),
        ];
        let spaced = self.postcodes().into_iter().flatten();
        candidates
            .into_iter()
            .chain(spaced.map(|postcode| (Some(postcode), SPACED)))
            .filter_map(|(text, action)| Some((text?, action)))
            .find(|(text, _)| text != self.text && !text.is_empty() && right(text))
    }

    /// The one code that is the same but for capital and small letters.
    fn code(&self, trimmed: &str) -> Option<String> {
        let codes = &self
            .simple
            .steps
            .iter()
            .rev()
            .find(|step| !step.enumeration.is_empty())?
            .enumeration;
        let mut same = codes
            .iter()
            .filter(|code| code.eq_ignore_ascii_case(trimmed));
        let code = same.next()?;
        same.next().is_none().then(|| code.clone())
    }

    fn is_named(&self, part: &str) -> bool {
        normalised_header(self.name).contains(part)
    }

    fn nhs_number(&self) -> Option<String> {
        (self.is_named("NHSNUMBER") || self.is_named("NHSNO"))
            .then(|| lossless::nhs_number(self.text))?
    }

    fn postcodes(&self) -> Option<[String; 2]> {
        self.is_named("POSTCODE")
            .then(|| lossless::postcode(self.text))?
    }

    fn is(&self, builtin: Builtin) -> bool {
        self.simple.variety == Variety::Atomic(builtin)
    }

    fn day(&self) -> Option<String> {
        let format = self.simple.format.as_deref().unwrap_or_default();
        let form = match Compact::of(format) {
            Some(form) if form.is_day() => Some(form),
            _ if self.is(Builtin::Date) => None,
            _ => return None,
        };
        let trimmed = lossless::trimmed(self.text);
        let day = match concord_model::dates::date(trimmed.as_bytes()) {
            // The right day in another form.
            Some(_) => trimmed.to_owned(),
            None => match form.and_then(|form| form.tidied(self.text)) {
                Some(day) => day,
                None => lossless::day(self.text)?,
            },
        };
        match form {
            Some(form) => form.written(&day),
            None => Some(day),
        }
    }

    fn moment(&self) -> Option<String> {
        self.is(Builtin::DateTime)
            .then(|| lossless::moment(self.text))?
    }
}

/// The postcode that a rule misses: spaced as it is written, when only that was wrong with it.
pub(crate) fn spaced(name: &str, text: &str) -> Option<(String, Action)> {
    if !normalised_header(name).contains("POSTCODE") || postcode::is_well_formed(text) {
        return None;
    }
    let [one, _] = lossless::postcode(text)?;
    Some((one, SPACED))
}

/// Whether a finding is about a value: one of its type, or one that a rule looked at.
pub(crate) fn is_about_value(finding: &Finding) -> bool {
    let class = matches!(finding.rule.class, RuleClass::Value | RuleClass::Business);
    class && finding.value.is_some()
}

/// As a part of a finding. `old` is what stands in the input.
pub(crate) fn fix(facts: &Facts, old: &str, replacement: String, action: Action) -> Fix {
    Fix {
        action: action.into(),
        length: old.len() as u64,
        characters: old.chars().count() as u64,
        replacement: if facts.personal {
            Fact::Personal(replacement)
        } else {
            Fact::Plain(replacement)
        },
    }
}

/// Whether a text can stand in a document as it is, between tags and in attributes.
pub(crate) fn is_plain_in_xml(text: &str) -> bool {
    !text.contains(['<', '>', '&', '"', '\'']) && !text.contains(char::is_control)
}
