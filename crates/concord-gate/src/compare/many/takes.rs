//! What a column takes: the forms and codes that rules ask for, and whether one side takes all that the other does.

use std::sync::{Arc, LazyLock};

use concord_standards::compile::CompiledSchema;
use concord_standards::schema::{
    Builtin, Facets, Origin, Schema, SimpleType, SimpleTypeId, Variety,
};
use concord_standards::submission::form::Form;
use concord_standards::submission::{Check, Codes, Column};

use super::asked::Asked;
use super::words::notation;
use crate::language::{self, Inclusion};

/// What one side refuses of the texts of a column. A text that is empty is absent, and is not asked about here.
#[derive(Default, Clone)]
pub(super) struct Takes<'r> {
    forms: Vec<&'r Form>,
    codes: Vec<&'r Arc<Codes>>,
}

/// Texts that are tried where formats cannot be decided.
const TEXTS: [&str; 8] = ["X", "1", "*", "XX", "X1", "12", "9999999999", " "];

impl<'r> Takes<'r> {
    /// What the rules of a side ask of each text of a column, whatever else stands in the row.
    pub(super) fn of(rules: &'r [Asked<'_>], table: usize, column: usize) -> Self {
        let mut takes = Self::default();
        let rejecting = rules
            .iter()
            .filter(|asked| asked.table == table && asked.rejects());
        for asked in rejecting {
            takes.ask(&asked.check, column);
        }
        takes
    }

    fn ask(&mut self, check: &'r Check, of: usize) {
        match check {
            Check::Form {
                column,
                form,
                not: false,
                ..
            } if *column == of => self.forms.push(form),
            Check::Code {
                column,
                codes,
                not: false,
                when,
                ..
            } if *column == of && when.is_empty() => self.codes.push(codes),
            _ => {}
        }
    }

    /// The form that a column says, whether or not anything is refused for it.
    pub(super) fn as_said(column: &'r Column) -> Self {
        column.form.as_ref().map_or_else(Self::default, Self::form)
    }

    /// Only this form.
    pub(super) fn form(form: &'r Form) -> Self {
        Self {
            forms: vec![form],
            codes: Vec::new(),
        }
    }

    /// Only these codes.
    pub(super) fn codes(codes: &'r Arc<Codes>) -> Self {
        Self {
            forms: Vec::new(),
            codes: vec![codes],
        }
    }

    /// Whether a text is taken. Codes count on whatever day.
    pub(super) fn takes(&self, text: &str) -> bool {
        !text.is_empty()
            && self.forms.iter().all(|form| form.takes(text))
            && self.codes.iter().all(|codes| codes.permits(text, None))
    }

    /// The forms alone.
    pub(super) fn into_forms(self) -> Vec<Form> {
        self.forms.into_iter().cloned().collect()
    }

    /// Whether all texts that are taken here are taken by others.
    pub(super) fn within(&self, others: &Self) -> Inclusion<String> {
        let mut unknown = None;
        let mut keep = |found: Inclusion<String>| match found {
            Inclusion::Not(text) => Some(text),
            Inclusion::Included => None,
            Inclusion::Unknown(why) => {
                unknown = Some(why);
                None
            }
        };
        for form in &others.forms {
            if let Some(text) = keep(self.within_form(form)) {
                return Inclusion::Not(text);
            }
        }
        for codes in &others.codes {
            if let Some(text) = keep(self.within_codes(codes)) {
                return Inclusion::Not(text);
            }
        }
        unknown.map_or(Inclusion::Included, Inclusion::Unknown)
    }

    fn within_form(&self, form: &Form) -> Inclusion<String> {
        let same = |known: &&Form| notation(known) == notation(form);
        if self.forms.iter().any(same) {
            return Inclusion::Included;
        }
        if let Some(codes) = self.codes.first() {
            let mut codes = codes.all().filter(|code| self.takes(code));
            let refused = codes.find(|code| !form.takes(code));
            return refused.map_or(Inclusion::Included, |code| Inclusion::Not(code.to_owned()));
        }
        let takes = |text: &str| self.takes(text);
        let against = |text: &str| form.takes(text);
        let own: Vec<Pattern> = self.forms.iter().map(|form| Pattern::of(form).0).collect();
        let (_, least) = Pattern::of(form);
        if let Some(least) = least {
            let decided = included(&own, &least);
            match decided {
                Inclusion::Included => return Inclusion::Included,
                // Patterns that are more or less than the form only bound it.
                Inclusion::Not(text) if takes(&text) && !against(&text) => {
                    return Inclusion::Not(text);
                }
                Inclusion::Not(_) | Inclusion::Unknown(_) => {}
            }
        }
        self.tried(&[form], &against)
    }

    fn within_codes(&self, codes: &Arc<Codes>) -> Inclusion<String> {
        if self.codes.iter().any(|known| same_codes(known, codes)) {
            return Inclusion::Included;
        }
        if let Some(own) = self.codes.first() {
            let mut own = own.all().filter(|code| self.takes(code));
            let refused = own.find(|code| !codes.permits(code, None));
            if let Some(code) = refused {
                return Inclusion::Not(code.to_owned());
            }
            return match (own_days(&self.codes), days_matter(codes)) {
                (_, false) => Inclusion::Included,
                _ => Inclusion::Unknown("codes are in use on other days".to_owned()),
            };
        }
        self.tried(&[], &|text| codes.permits(text, None))
    }

    /// Texts tried one by one: those that forms have as examples, and some others.
    fn tried(&self, further: &[&Form], against: &dyn Fn(&str) -> bool) -> Inclusion<String> {
        let mut texts: Vec<String> = TEXTS.iter().map(|text| (*text).to_owned()).collect();
        for form in self.forms.iter().chain(further) {
            let (right, wrong) = form.examples();
            texts.extend(right);
            texts.extend(wrong);
        }
        let shown = texts
            .into_iter()
            .find(|text| self.takes(text) && !against(text));
        shown.map_or_else(
            || Inclusion::Unknown("whether all values have the form is not worked out".to_owned()),
            Inclusion::Not,
        )
    }
}

/// Whether two sets of codes are the same: one list under its id, whose codes are compared by themselves, or the same codes.
pub(super) fn same_codes(one: &Codes, other: &Codes) -> bool {
    match (one, other) {
        (Codes::List(one, _), Codes::List(other, _)) => one.id == other.id,
        (Codes::These(one), Codes::These(other)) => one == other,
        _ => false,
    }
}

fn own_days(all: &[&Arc<Codes>]) -> bool {
    all.iter().any(|codes| days_matter(codes))
}

/// Whether any code is in use on some days only.
fn days_matter(codes: &Codes) -> bool {
    match codes {
        Codes::These(_) => false,
        Codes::List(list, _) => list
            .codes
            .iter()
            .any(|code| !code.valid_from.is_empty() || !code.valid_to.is_empty()),
    }
}

/// A pattern of XML Schema with lengths.
#[derive(Clone)]
struct Pattern {
    text: String,
    least: Option<u64>,
    most: Option<u64>,
}

/// A day of the national form: any of the days that months have, no year before 1890. It is wider by 29 February of all years
/// and by what is said of full centuries.
const DAY: &str = r"(189[0-9]|19[0-9]{2}|[2-9][0-9]{3})-((01|03|05|07|08|10|12)-([0-2][0-9]|3[01])|(04|06|09|11)-([0-2][0-9]|30)|02-[0-2][0-9])";
/// Days that every year has.
const PLAIN_DAY: &str =
    r"(189[0-9]|19[0-9]{2}|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])";
const TIME: &str = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]";
const OFFSET: &str = r"(Z|\+00:00|\+01:00|-00:00)";

impl Pattern {
    fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            least: None,
            most: None,
        }
    }

    fn long(self, least: usize, most: usize) -> Self {
        Self {
            least: Some(least as u64),
            most: Some(most as u64),
            ..self
        }
    }

    /// What a form takes at most, and what it takes at least, as patterns; `None` where nothing is known to be taken.
    fn of(form: &Form) -> (Self, Option<Self>) {
        let exact = |pattern: Self| (pattern.clone(), Some(pattern));
        let bounds = |most: &str, least: String| (Self::new(most), Some(Self::new(least)));
        match form {
            Form::Characters(least, most) => {
                exact(Self::new(r"[^\n\r]*").long((*least).max(1), *most))
            }
            Form::Digits(least, most) => exact(Self::new("[0-9]*").long((*least).max(1), *most)),
            Form::Decimal((least, most), (fewest, greatest)) => exact(Self::new(format!(
                r"[0-9]{{{least},{most}}}\.[0-9]{{{fewest},{greatest}}}"
            ))),
            Form::Day => bounds(DAY, PLAIN_DAY.to_owned()),
            Form::Month => bounds(
                r"[0-9]{4}-[0-9]{2}",
                r"20[0-9]{2}-(0[1-9]|1[0-2])".to_owned(),
            ),
            Form::Time => exact(Self::new(TIME)),
            Form::Minute => exact(Self::new(r"([01][0-9]|2[0-3]):[0-5][0-9]")),
            Form::Moment => (
                Self::new(format!("{DAY}T{TIME}")),
                Some(Self::new(format!("{PLAIN_DAY}T{TIME}"))),
            ),
            Form::OffsetMoment => (
                Self::new(format!("{DAY}T{TIME}{OFFSET}")),
                Some(Self::new(format!("{PLAIN_DAY}T{TIME}{OFFSET}"))),
            ),
            Form::Postcode => bounds(
                r"[A-Za-z]{1,2}[0-9][A-Za-z0-9]?[ \t\n\r]+[0-9][A-Za-z]{2}",
                r"[A-Za-z]{1,2}[0-9][A-Za-z0-9]?[ ]+[0-9][A-Za-z]{2}".to_owned(),
            ),
            Form::NhsNumber => (Self::new("[0-9]{10}"), None),
            Form::Snomed(most) => (Self::new("[0-9:=]+").long(1, *most), None),
            Form::Pattern(pattern) => match translated(pattern.as_str()) {
                Some(text) => exact(Self::new(text)),
                None => (Self::new(r"[\s\S]+"), None),
            },
        }
    }
}

/// A regular expression as a pattern of XML Schema, which is anchored and knows fewer signs; `None` where it has others.
fn translated(expression: &str) -> Option<String> {
    let inner = expression.strip_prefix('^')?.strip_suffix('$')?;
    if inner.ends_with('\\') || top_level_choice(inner) {
        return None;
    }
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars().peekable();
    let mut class = false;
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next()? {
                '/' => text.push('/'),
                sign @ ('.' | '\\' | '(' | ')' | '[' | ']' | '{' | '}' | '*' | '+' | '?' | '|'
                | '-' | '^') => {
                    text.push('\\');
                    text.push(sign);
                }
                _ => return None,
            },
            '(' if !class && characters.peek() == Some(&'?') => return None,
            '^' | '$' if !class => return None,
            '&' | '~' | '[' if class => return None,
            '.' if !class => text.push_str(r"[^\n]"),
            '[' => {
                class = true;
                text.push('[');
            }
            ']' => {
                class = false;
                text.push(']');
            }
            // Lazy repetition takes the same texts, and has no sign.
            '?' if !class && text.ends_with(['*', '+', '?', '}']) => {}
            other => text.push(other),
        }
    }
    Some(text)
}

/// Whether an expression has a choice outside all brackets, of which `^` and `$` would bind one part only.
fn top_level_choice(expression: &str) -> bool {
    let (mut depth, mut escaped) = (0i32, false);
    for character in expression.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '|' if depth == 0 => return true,
            _ => {}
        }
    }
    false
}

/// Whether every text that has all of the one patterns has the other one.
fn included(own: &[Pattern], other: &Pattern) -> Inclusion<String> {
    static FILLED: LazyLock<Pattern> = LazyLock::new(|| Pattern::new(r"[\s\S]+"));
    let filled = std::slice::from_ref(&*FILLED);
    let (left, right) = (
        compiled(if own.is_empty() { filled } else { own }),
        compiled(std::slice::from_ref(other)),
    );
    match (left, right) {
        (Ok(left), Ok(right)) => {
            language::values((&left, SimpleTypeId(0)), (&right, SimpleTypeId(0)))
        }
        (Err(why), _) | (_, Err(why)) => Inclusion::Unknown(why),
    }
}

/// A structure whose one type has all of these patterns.
fn compiled(patterns: &[Pattern]) -> Result<CompiledSchema, String> {
    let steps = patterns.iter().map(|pattern| Facets {
        patterns: vec![pattern.text.clone()],
        min_length: pattern.least,
        max_length: pattern.most,
        ..Facets::default()
    });
    let schema = Schema {
        simple_types: vec![SimpleType {
            name: None,
            variety: Variety::Atomic(Builtin::String),
            steps: steps.collect(),
            base: None,
            code_list: None,
            format: None,
            origin: Origin::default(),
        }],
        ..Schema::default()
    };
    CompiledSchema::compile(Arc::new(schema)).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(old: &str, new: &str) -> Inclusion<String> {
        let form = |text: &str| Form::parse(text).unwrap_or_else(|| panic!("{text}"));
        let (old, new) = (form(old), form(new));
        Takes::form(&old).within(&Takes::form(&new))
    }

    #[test]
    fn forms_are_compared_by_what_they_take() {
        for (old, new) in [
            ("an3", "max an20"),
            ("n10", "an10"),
            ("max n4", "max n5"),
            ("an10 CCYY-MM-DD", "an10"),
            ("an10 CCYY-MM-DD", "an10 CCYY-MM-DD"),
            ("nhs-number", "n10"),
            ("snomed", "max an18"),
            ("snomed 56", "max an56"),
            ("postcode", "max an100000"),
            ("an8 HH:MM:SS", "an8"),
            ("max n2.max n2", "max an5"),
            ("/^[0-9]{4}\\/(0[1-9]|1[0-2])$/", "an7"),
        ] {
            let verdict = within(old, new);
            let known = verdict == Inclusion::Included
                || (old == "postcode" && matches!(verdict, Inclusion::Not(_)));
            assert!(known, "{old} in {new}: {verdict:?}");
        }
        for (old, new) in [
            ("max an20", "an3"),
            ("an10", "n10"),
            ("n10", "nhs-number"),
            ("an10", "an10 CCYY-MM-DD"),
            ("max an18", "snomed"),
            ("snomed 56", "snomed"),
            ("an7", "/^[0-9]{4}-(0[1-9]|1[0-2])$/"),
            ("max n3", "min n2 max n3"),
        ] {
            let Inclusion::Not(text) = within(old, new) else {
                // Of expressions none is among the examples.
                assert_eq!(old, "snomed 56", "{old} in {new}: {:?}", within(old, new));
                continue;
            };
            let form = |text: &str| Form::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert!(
                form(old).takes(&text) && !form(new).takes(&text),
                "{old} in {new}: {text}"
            );
        }
    }

    #[test]
    fn expressions_that_the_patterns_cannot_say_are_left_alone() {
        assert_eq!(translated("^a|b$"), None);
        assert_eq!(translated("a"), None);
        assert_eq!(translated(r"^\w$"), None);
        assert_eq!(translated(r"^a(?i)b$"), None);
        assert_eq!(
            translated(r"^(.{5}|.{7})$").as_deref(),
            Some(r"([^\n]{5}|[^\n]{7})")
        );
        assert_eq!(
            translated(r"^[0-9]{4}\/[0,1]$").as_deref(),
            Some("[0-9]{4}/[0,1]")
        );
    }

    #[test]
    fn codes_are_compared_one_by_one() {
        let these = |codes: &[&str]| {
            Arc::new(Codes::These(
                codes.iter().map(|code| (*code).into()).collect(),
            ))
        };
        let (few, many) = (these(&["N", "Y"]), these(&["N", "X", "Y"]));
        assert_eq!(
            Takes::codes(&few).within(&Takes::codes(&many)),
            Inclusion::Included
        );
        assert_eq!(
            Takes::codes(&many).within(&Takes::codes(&few)),
            Inclusion::Not("X".to_owned())
        );
        assert_eq!(
            Takes::default().within(&Takes::codes(&few)),
            Inclusion::Not("X".to_owned())
        );
        let form = Form::parse("an2").expect("a format");
        assert_eq!(
            Takes::codes(&few).within(&Takes::form(&form)),
            Inclusion::Not("N".to_owned())
        );
    }
}
