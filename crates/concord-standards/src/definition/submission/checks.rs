//! The kinds of check of a rule about tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::definition::load::Loading;
use crate::definition::problem::nearest;
use crate::definition::table::{Spot, Table as Toml};
use crate::submission::form::Form;
use crate::submission::scale::Judge;
use crate::submission::{
    Check, Codes, Condition, Offset, On, Operand, Parameter, Precision, Registered, Submission,
    Test,
};

/// The kinds, which are keys of a rule.
pub(super) const KINDS: &[&str] = &[
    "required",
    "one_of",
    "blank",
    "form",
    "code",
    "on_or_before",
    "on_or_after",
    "age",
    "equal",
    "scheme",
    "scale",
    "live",
    "never",
    "unique",
    "singleton",
    "needs",
    "consecutive",
    "structure",
    "rows",
    "sound_header",
    "in_period",
];

/// What names in a rule mean.
pub(super) struct Scope<'s> {
    pub(super) submission: &'s Submission,
    pub(super) table: usize,
}

impl Scope<'_> {
    /// A column of a table.
    fn column_of(&self, said: &Toml<'_>, table: usize, spot: &Spot<'_>) -> Option<usize> {
        let table = &self.submission.tables[table];
        let found = table.column(spot.text);
        if found.is_none() {
            let names = table.columns.iter().map(|column| &*column.name);
            let what = format!("column of {}", table.name);
            said.reading.unknown(spot, &what, names);
        }
        found
    }

    /// A column of the rule's own table.
    pub(super) fn column(&self, said: &Toml<'_>, spot: &Spot<'_>) -> Option<usize> {
        self.column_of(said, self.table, spot)
    }

    fn table(&self, said: &Toml<'_>, spot: &Spot<'_>) -> Option<usize> {
        let found = self.submission.table(spot.text);
        if found.is_none() {
            let names = self.submission.tables.iter().map(|table| &*table.name);
            said.reading.unknown(spot, "table", names);
        }
        found
    }

    /// `Column`, `Table.Column`, `param.NAME` or a day.
    pub(super) fn operand(&self, said: &Toml<'_>, spot: &Spot<'_>) -> Option<Operand> {
        if let Some(name) = spot.text.strip_prefix("param.") {
            let parameter = Parameter::of(name);
            if parameter.is_none() {
                let names = Parameter::ALL.map(Parameter::as_str);
                let help = nearest(name, names).map(|near| format!("did you mean `param.{near}`?"));
                let message = format!("the portal knows no `{name}`");
                let help = help.unwrap_or_else(|| format!("it knows {}", names.join(", ")));
                said.reading
                    .error_with_help(spot.span.clone(), message, help);
            }
            return parameter.map(Operand::Parameter);
        }
        if concord_model::dates::date(spot.text.as_bytes()).is_some() {
            return Some(Operand::Day(spot.text.into()));
        }
        let Some((table, column)) = spot.text.split_once('.') else {
            return self.column(said, spot).map(Operand::Own);
        };
        let part = |text| Spot {
            text,
            span: spot.span.clone(),
        };
        let table = self.table(said, &part(table))?;
        let column = self.column_of(said, table, &part(column))?;
        if table == self.table {
            return Some(Operand::Own(column));
        }
        if table == self.submission.header {
            return Some(Operand::Header(column));
        }
        let Some(path) = self.submission.path(self.table, table) else {
            let (from, to) = (self.name(self.table), self.name(table));
            let message = format!("no reference leads from {from} to {to}");
            said.reading.error(spot.span.clone(), message);
            return None;
        };
        Some(Operand::Ancestor { path, column })
    }

    fn name(&self, table: usize) -> &str {
        &self.submission.tables[table].name
    }

    fn columns(&self, said: &Toml<'_>, key: &str) -> Option<Vec<usize>> {
        if !said.has(key) {
            said.reading
                .error(said.head(), format!("`{key}` is missing"));
        }
        let spots = said.texts(key)?;
        if spots.is_empty() {
            said.error(key, format!("`{key}` names nothing"));
            return None;
        }
        spots.iter().map(|spot| self.column(said, spot)).collect()
    }

    fn required(&self, said: &Toml<'_>, what: &str, key: &str) -> Option<usize> {
        let spot = said.required(what, key)?;
        self.column(said, &spot)
    }

    fn required_operand(&self, said: &Toml<'_>, what: &str, key: &str) -> Option<Operand> {
        let spot = said.required(what, key)?;
        self.operand(said, &spot)
    }

    /// A value of the row itself, of the header or of the portal: what a rule about single rows can read.
    fn near(&self, said: &Toml<'_>, what: &str, key: &str) -> Option<Operand> {
        let operand = self.required_operand(said, what, key)?;
        if matches!(operand, Operand::Ancestor { .. }) {
            let message = format!("`{what}` compares with the row, the header or the portal");
            said.error(key, message);
            return None;
        }
        Some(operand)
    }

    pub(super) fn conditions(&self, said: &Toml<'_>, key: &str) -> Option<Vec<Condition>> {
        let mut conditions = Vec::new();
        for table in said.tables(key) {
            table.only(
                "a condition",
                &["column", "filled", "blank", "in", "not_in"],
            );
            let column = self.required(&table, "a condition", "column")?;
            let texts = |key: &str| -> Option<Vec<Arc<str>>> {
                let spots = table.texts(key)?;
                Some(spots.iter().map(|spot| spot.text.into()).collect())
            };
            let test = if table.flag("filled") == Some(true) {
                Test::Filled
            } else if table.flag("blank") == Some(true) {
                Test::Blank
            } else if let Some(codes) = texts("in") {
                Test::In(codes)
            } else if let Some(codes) = texts("not_in") {
                Test::NotIn(codes)
            } else {
                let message =
                    "a condition says filled = true, blank = true, in = […] or not_in = […]";
                table.reading.error(table.head(), message.to_owned());
                return None;
            };
            conditions.push(Condition { column, test });
        }
        Some(conditions)
    }
}

/// What a rule checks.
pub(super) fn check(
    rule: &Toml<'_>,
    scope: &Scope<'_>,
    loading: &mut Loading<'_>,
) -> Option<Check> {
    let said: Vec<&str> = KINDS.iter().copied().filter(|key| rule.has(key)).collect();
    let [key] = said[..] else {
        let message = match said.get(1) {
            None => "a rule must say what it checks".to_owned(),
            Some(second) => format!(
                "a rule checks one thing: both `{}` and `{second}` are said",
                said[0]
            ),
        };
        let help = format!("write one of: {}", KINDS.join(", "));
        rule.reading.error_with_help(rule.head(), message, help);
        return None;
    };
    let flag = |check: Check| (rule.flag(key) == Some(true)).then_some(check);
    match key {
        "never" => return flag(Check::Never),
        "singleton" => return flag(Check::Singleton),
        "structure" => return flag(Check::Structure),
        "rows" => return flag(Check::Rows),
        "sound_header" => return flag(Check::SoundHeader),
        _ => {}
    }
    // The short form names columns, or a table.
    let short = rule.value(key)?.get_ref().as_table().is_none();
    match (key, short) {
        ("required", true) => Some(Check::Required {
            columns: scope.columns(rule, key)?,
            when: Vec::new(),
        }),
        ("one_of", true) => Some(Check::OneOf {
            columns: scope.columns(rule, key)?,
            when: Vec::new(),
        }),
        ("blank", true) => Some(Check::Blank {
            columns: scope.columns(rule, key)?,
            when: Vec::new(),
        }),
        ("unique", true) => Some(Check::Unique {
            columns: scope.columns(rule, key)?,
            when: Vec::new(),
            blanks_same: false,
            counted: Vec::new(),
        }),
        ("needs", true) => {
            let spot = rule.text(key)?;
            let table = scope.table(rule, &spot)?;
            let on = usual_on(rule, key, scope, table)?;
            Some(Check::Needs { table, on })
        }
        _ => of_table(key, &rule.table(key)?, scope, loading),
    }
}

/// What the table of a kind may say.
fn keys(key: &str) -> &'static [&'static str] {
    match key {
        "required" | "one_of" | "blank" => &["columns", "when"],
        "form" => &["column", "is", "is_not", "blank"],
        "code" => &["column", "list", "values", "not", "when", "blank"],
        "on_or_before" | "on_or_after" => &["column", "limit", "days", "months", "years", "by"],
        "age" => &["column", "at", "until", "greatest"],
        "equal" => &["column", "to", "blank"],
        "scheme" => &["column", "scheme", "forms"],
        "scale" => &["tool", "score", "judge"],
        "live" => &["column", "as", "at", "also"],
        "unique" => &["columns", "when", "blanks", "counted"],
        "needs" => &["table", "on"],
        "consecutive" => &["per", "code", "start", "end", "same_day"],
        _ => &["columns", "valid"],
    }
}

fn of_table(
    key: &str,
    said: &Toml<'_>,
    scope: &Scope<'_>,
    loading: &mut Loading<'_>,
) -> Option<Check> {
    said.only(key, keys(key));
    let when = |name: &str| scope.conditions(said, name);
    Some(match key {
        "required" => Check::Required {
            columns: scope.columns(said, "columns")?,
            when: when("when")?,
        },
        "one_of" => Check::OneOf {
            columns: scope.columns(said, "columns")?,
            when: when("when")?,
        },
        "blank" => Check::Blank {
            columns: scope.columns(said, "columns")?,
            when: when("when")?,
        },
        "form" => form(said, scope)?,
        "code" => code(said, scope, loading)?,
        "on_or_before" | "on_or_after" => order(key, said, scope)?,
        "age" => Check::Age {
            column: scope.required(said, key, "column")?,
            at: scope.near(said, key, "at")?,
            until: scope.near(said, key, "until")?,
            greatest: greatest(said)?,
        },
        "equal" => Check::Equal {
            column: scope.required(said, key, "column")?,
            to: scope.near(said, key, "to")?,
            blank_passes: blank(said)? == Absent::Passes,
        },
        "scheme" => scheme(said, scope)?,
        "scale" => scale(said, scope)?,
        "live" => live(said, scope)?,
        "unique" => unique(said, scope)?,
        "needs" => needs(said, scope)?,
        "consecutive" => Check::Consecutive {
            per: scope.required(said, key, "per")?,
            code: scope.required(said, key, "code")?,
            start: scope.required(said, key, "start")?,
            end: scope.required(said, key, "end")?,
            same_day: said.flag("same_day").unwrap_or(false),
        },
        // `in_period`, the last of `KINDS`.
        _ => in_period(said, scope)?,
    })
}

fn greatest(said: &Toml<'_>) -> Option<u32> {
    if !said.has("greatest") {
        said.reading
            .error(said.head(), "`greatest` is missing".to_owned());
    }
    u32::try_from(said.number("greatest")?).ok()
}

/// What an absent value does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Absent {
    /// What the kind of check says.
    Usual,
    Passes,
    Fails,
}

/// What an absent value does, where that is said rightly: `passes` or `fails`.
fn blank(said: &Toml<'_>) -> Option<Absent> {
    let Some(spot) = said.text("blank") else {
        return Some(Absent::Usual);
    };
    match spot.text {
        "passes" => Some(Absent::Passes),
        "fails" => Some(Absent::Fails),
        _ => {
            let words = ["passes", "fails"];
            said.reading.unknown(&spot, "way of a blank value", words);
            None
        }
    }
}

fn a_form(said: &Toml<'_>, spot: &Spot<'_>) -> Option<Form> {
    let form = Form::parse(spot.text);
    if form.is_none() {
        let message = format!("there is no format `{}`", spot.text);
        said.reading.error(spot.span.clone(), message);
    }
    form
}

fn form(said: &Toml<'_>, scope: &Scope<'_>) -> Option<Check> {
    let not = said.has("is_not");
    let spot = if not {
        said.text("is_not")?
    } else {
        said.required("form", "is")?
    };
    Some(Check::Form {
        column: scope.required(said, "form", "column")?,
        form: a_form(said, &spot)?,
        not,
        blank_fails: blank(said)? == Absent::Fails,
    })
}

fn code(said: &Toml<'_>, scope: &Scope<'_>, loading: &mut Loading<'_>) -> Option<Check> {
    let ways = ["list", "values", "not"];
    let ways: Vec<&str> = ways.into_iter().filter(|way| said.has(way)).collect();
    let [way] = ways[..] else {
        let message = "`code` says its `list`, its `values`, or which codes it may `not` be";
        said.reading.error(said.head(), message.to_owned());
        return None;
    };
    let codes = if way == "list" {
        let spot = said.text("list")?;
        let Some(list) = loading.code_list(spot.text) else {
            let known = loading.code_list_ids();
            said.reading
                .unknown(&spot, "code list", known.iter().map(String::as_str));
            return None;
        };
        Codes::of_list(list)
    } else {
        let spots = said.texts(way)?;
        Codes::These(spots.iter().map(|spot| spot.text.into()).collect())
    };
    Some(Check::Code {
        column: scope.required(said, "code", "column")?,
        codes: Arc::new(codes),
        not: way == "not",
        blank_fails: blank(said)? == Absent::Fails,
        when: scope.conditions(said, "when")?,
    })
}

fn order(key: &str, said: &Toml<'_>, scope: &Scope<'_>) -> Option<Check> {
    let count = |name: &str| {
        said.number(name)
            .and_then(|count| i32::try_from(count).ok())
    };
    let precision = match said.text("by") {
        None => Precision::Day,
        Some(spot) => match spot.text {
            "day" => Precision::Day,
            "moment" => Precision::Moment,
            "month" => Precision::Month,
            _ => {
                let words = ["day", "moment", "month"];
                said.reading.unknown(&spot, "precision", words);
                return None;
            }
        },
    };
    let years = count("years").unwrap_or(0);
    Some(Check::Order {
        column: scope.required(said, key, "column")?,
        limit: scope.required_operand(said, key, "limit")?,
        after: key == "on_or_after",
        offset: Offset {
            months: years
                .saturating_mul(12)
                .saturating_add(count("months").unwrap_or(0)),
            days: count("days").unwrap_or(0),
        },
        precision,
    })
}

fn scheme(said: &Toml<'_>, scope: &Scope<'_>) -> Option<Check> {
    let mut forms = BTreeMap::new();
    let table = said.table("forms")?;
    for scheme in table.entries.keys() {
        let scheme = scheme.get_ref().as_ref();
        let spot = table.text(scheme)?;
        forms.insert(Arc::from(scheme), a_form(&table, &spot)?);
    }
    Some(Check::Scheme {
        column: scope.required(said, "scheme", "column")?,
        scheme: scope.required(said, "scheme", "scheme")?,
        forms,
    })
}

fn scale(said: &Toml<'_>, scope: &Scope<'_>) -> Option<Check> {
    let spot = said.required("scale", "judge")?;
    let judge = Judge::ALL
        .into_iter()
        .find(|judge| judge.as_str() == spot.text);
    if judge.is_none() {
        let words = Judge::ALL.map(Judge::as_str);
        said.reading.unknown(&spot, "judgement of a scale", words);
    }
    if scope.submission.scales.is_empty() {
        said.reading
            .error(said.head(), "there is no scales.csv".to_owned());
    }
    let tool = scope.required(said, "scale", "tool")?;
    let score = if judge? == Judge::Tool && !said.has("score") {
        tool
    } else {
        scope.required(said, "scale", "score")?
    };
    Some(Check::Scale {
        tool,
        score,
        judge: judge?,
    })
}

fn live(said: &Toml<'_>, scope: &Scope<'_>) -> Option<Check> {
    let spot = said.required("live", "as")?;
    let registered = Registered::ALL
        .into_iter()
        .find(|(word, _)| *word == spot.text);
    if registered.is_none() {
        let words = Registered::ALL.map(|(word, _)| word);
        said.reading.unknown(&spot, "reference data", words);
    }
    let at = if said.has("at") {
        Some(scope.near(said, "live", "at")?)
    } else {
        None
    };
    let also = said.texts("also").unwrap_or_default();
    Some(Check::Live {
        column: scope.required(said, "live", "column")?,
        registered: registered?.1,
        at,
        also: also.iter().map(|spot| spot.text.into()).collect(),
    })
}

fn unique(said: &Toml<'_>, scope: &Scope<'_>) -> Option<Check> {
    let blanks_same = match said.text("blanks") {
        None => false,
        Some(spot) => match spot.text {
            "same" => true,
            "unique" => false,
            _ => {
                let words = ["same", "unique"];
                said.reading.unknown(&spot, "way of blank values", words);
                return None;
            }
        },
    };
    let counted = match said.table("counted") {
        None => Vec::new(),
        Some(counted) => {
            counted.only("counted", &["column", "in"]);
            let column = scope.required(&counted, "counted", "column")?;
            let codes = counted.texts("in")?;
            vec![Condition {
                column,
                test: Test::In(codes.iter().map(|spot| spot.text.into()).collect()),
            }]
        }
    };
    Some(Check::Unique {
        columns: scope.columns(said, "columns")?,
        when: scope.conditions(said, "when")?,
        blanks_same,
        counted,
    })
}

fn needs(said: &Toml<'_>, scope: &Scope<'_>) -> Option<Check> {
    let spot = said.required("needs", "table")?;
    let table = scope.table(said, &spot)?;
    if !said.has("on") {
        let on = usual_on(said, "table", scope, table)?;
        return Some(Check::Needs { table, on });
    }
    let pairs = said.table("on")?;
    let mut on = On::new();
    for own in pairs.entries.keys() {
        let theirs = pairs.text(own.get_ref())?;
        let own = Spot {
            text: own.get_ref().as_ref(),
            span: own.span(),
        };
        on.push((
            scope.column(&pairs, &own)?,
            scope.column_of(&pairs, table, &theirs)?,
        ));
    }
    if on.is_empty() {
        said.error("on", "`on` names nothing".to_owned());
        return None;
    }
    Some(Check::Needs { table, on })
}

/// The columns by which two tables belong together, as one of them says.
fn usual_on(said: &Toml<'_>, key: &str, scope: &Scope<'_>, table: usize) -> Option<On> {
    let link = |from: usize, to: usize| {
        let mut links = scope.submission.tables[from].links.iter();
        links.find(|link| link.table == to)
    };
    if let Some(link) = link(scope.table, table) {
        return Some(link.columns.clone());
    }
    if let Some(link) = link(table, scope.table) {
        let turned = link.columns.iter().map(|(theirs, own)| (*own, *theirs));
        return Some(turned.collect());
    }
    let (from, to) = (scope.name(scope.table), scope.name(table));
    let message = format!("no reference says how {from} and {to} belong together");
    said.error(key, message);
    None
}

fn in_period(said: &Toml<'_>, scope: &Scope<'_>) -> Option<Check> {
    let mut columns = Vec::new();
    for spot in said.texts("columns").unwrap_or_default() {
        let Some((table, column)) = spot.text.split_once('.') else {
            let message = format!("`{}` is no Table.Column", spot.text);
            said.reading.error(spot.span, message);
            return None;
        };
        let part = |text| Spot {
            text,
            span: spot.span.clone(),
        };
        let table = scope.table(said, &part(table))?;
        columns.push((table, scope.column_of(said, table, &part(column))?));
    }
    if columns.is_empty() {
        said.reading
            .error(said.head(), "`columns` is missing".to_owned());
        return None;
    }
    Some(Check::InPeriod {
        columns,
        valid: said.flag("valid").unwrap_or(false),
    })
}
