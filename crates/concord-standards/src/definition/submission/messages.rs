//! What is said of a rule that says no more than its check: its title and its message, by the kind of check.

use crate::submission::{Check, Operand, Precision, Submission};

/// The template of a message. What the rule alone decides is filled in when it is read, the rest when a finding is shown.
pub(super) fn template(check: &Check) -> &'static str {
    match check {
        Check::Required { when, .. } if when.is_empty() => "{column} is blank",
        Check::Required { .. } => "{column} is blank, but must be filled here",
        Check::OneOf { .. } => "none of {columns} is filled",
        Check::Blank { .. } => "{column} is {value}, but must be blank here",
        Check::Form { not: false, .. } => "{column} is {value}, which has not the form {format}",
        Check::Form { .. } => "{column} is {value}, which must not have the form {format}",
        Check::Code { not: false, .. } => "{column} is {value}, which is none of the codes {codes}",
        Check::Code { .. } => "{column} is {value}, which must not stand here",
        Check::Order { after: false, .. } => {
            "{column} {value} is after {limit_column} {limit}{offset}"
        }
        Check::Order { .. } => "{column} {value} is before {limit_column} {limit}{offset}",
        Check::Age { .. } => {
            "{column} {value} is after the reporting period or more than {greatest} years before it"
        }
        Check::Equal { .. } => "{column} is {value}, where {limit_column} is {limit}",
        Check::Scheme { .. } => "{column} is {value}, which has not the form of scheme {scheme}",
        Check::Scale { judge, .. } => match judge {
            crate::submission::scale::Judge::Tool => {
                "{column} is {value}, which is no assessment tool in scope"
            }
            crate::submission::scale::Judge::Score => {
                "{column} is {value}; the tool {tool} permits {permitted}"
            }
            crate::submission::scale::Judge::Format => {
                "{column} is {value}, which is not written as scores of the tool {tool} are"
            }
        },
        Check::Live { .. } => "{column} is {value}, which is not {registered} in force{at}",
        Check::Never => "no row of {table} is taken",
        Check::Unique { .. } => "{count} rows of {table} have the same {columns}",
        Check::Singleton => "{table} has {count} rows where it may have one",
        Check::Needs { .. } => "no valid row of {parent} has {column} {value}: {why}",
        Check::Consecutive { .. } => {
            "{column} {value} is not followed by a valid registration with another code"
        }
        Check::Structure => "{problem}",
        Check::Rows => "{table} has no rows",
        Check::SoundHeader => "the header has not exactly one valid row: {why}",
        Check::InPeriod { valid: false, .. } => "no row lies within the reporting period",
        Check::InPeriod { .. } => "no row that lies within the reporting period is valid",
    }
}

/// A few words that name a rule.
pub(super) fn title(submission: &Submission, table: usize, check: &Check) -> String {
    let at = &submission.tables[table];
    let name = |column: &usize| at.columns[*column].name.to_string();
    let names = |columns: &[usize]| columns.iter().map(name).collect::<Vec<_>>().join(", ");
    match check {
        Check::Required { columns, .. } => format!("{} is filled", names(columns)),
        Check::OneOf { columns, .. } => format!("one of {} is filled", names(columns)),
        Check::Blank { columns, .. } => format!("{} is blank", names(columns)),
        Check::Form { column, .. } => format!("{} has its form", name(column)),
        Check::Code { column, .. } => format!("{} is a code that may be used", name(column)),
        Check::Order {
            column,
            limit,
            after,
            ..
        } => format!(
            "{} is not {} {}",
            name(column),
            if *after { "before" } else { "after" },
            operand(submission, table, limit)
        ),
        Check::Age { column, .. } => format!("{} is possible", name(column)),
        Check::Equal { column, to, .. } => {
            format!("{} is {}", name(column), operand(submission, table, to))
        }
        Check::Scheme { column, .. } => format!("{} fits its scheme", name(column)),
        Check::Scale { tool, score, judge } => match judge {
            crate::submission::scale::Judge::Tool => format!("{} is in scope", name(tool)),
            crate::submission::scale::Judge::Score => format!("{} is permitted", name(score)),
            crate::submission::scale::Judge::Format => format!("{} has its form", name(score)),
        },
        Check::Live {
            column, registered, ..
        } => format!("{} is {} in force", name(column), registered.what),
        Check::Never => format!("no row of {}", at.name),
        Check::Unique { columns, .. } => format!("{} stands once", names(columns)),
        Check::Singleton => format!("one row of {}", at.name),
        Check::Needs { table, .. } => {
            format!("a valid {} for the row", submission.tables[*table].name)
        }
        Check::Consecutive { .. } => "registrations follow one another".to_owned(),
        Check::Structure => "tables and columns are as published".to_owned(),
        Check::Rows => format!("{} has rows", at.name),
        Check::SoundHeader => "one valid header".to_owned(),
        Check::InPeriod { valid: false, .. } => "rows in the reporting period".to_owned(),
        Check::InPeriod { .. } => "valid rows in the reporting period".to_owned(),
    }
}

/// What a value beyond the row is called.
pub(super) fn operand(submission: &Submission, table: usize, operand: &Operand) -> String {
    let column = |table: usize, column: usize| {
        let table = &submission.tables[table];
        table.columns[column].name.to_string()
    };
    match operand {
        Operand::Own(own) => column(table, *own),
        Operand::Header(own) => column(submission.header, *own),
        Operand::Ancestor { path, column: own } => column(submission.end_of(table, path), *own),
        Operand::Parameter(parameter) => format!("--param {}", parameter.as_str()),
        Operand::Day(_) => "the day".to_owned(),
    }
}

/// Fills in what the rule alone decides.
pub(super) fn filled(
    template: &str,
    submission: &Submission,
    table: usize,
    check: &Check,
) -> String {
    let at = &submission.tables[table];
    let columns = check.columns();
    let name = |column: &usize| at.columns[*column].name.to_string();
    let first = columns.first().map(name).unwrap_or_default();
    let about: Vec<String> = match check {
        // The columns of conditions are not what must be there, or differ.
        Check::Required { columns, .. }
        | Check::OneOf { columns, .. }
        | Check::Blank { columns, .. }
        | Check::Unique { columns, .. } => columns.iter().map(name).collect(),
        _ => check.columns().iter().map(name).collect(),
    };
    let mut text = template.replace("{columns}", &about.join(" + "));
    // Of several columns the finding says which one it is.
    if !matches!(check, Check::Required { columns, .. } | Check::Blank { columns, .. } if columns.len() > 1)
    {
        text = text.replace("{column}", &first);
    }
    text = text.replace("{table}", &at.name);
    match check {
        Check::Form { column, form, .. } => {
            let own = &at.columns[*column];
            let same =
                own.form.as_ref().map(|known| format!("{known:?}")) == Some(format!("{form:?}"));
            let shown = if same {
                own.format.to_string()
            } else {
                shown_form(form)
            };
            text = text.replace("{format}", &shown);
        }
        Check::Code { codes, .. } => text = text.replace("{codes}", &codes.shown()),
        Check::Order {
            limit,
            offset,
            precision,
            ..
        } => {
            text = text.replace("{limit_column}", &operand(submission, table, limit));
            let mut plus = String::new();
            for (count, unit) in [(offset.months, "months"), (offset.days, "days")] {
                if count != 0 {
                    plus = format!("{plus} plus {count} {unit}");
                }
            }
            if *precision == Precision::Month {
                plus.push_str(" (by month)");
            }
            text = text.replace("{offset}", &plus);
        }
        Check::Equal { to, .. } => {
            text = text.replace("{limit_column}", &operand(submission, table, to));
        }
        Check::Age { greatest, .. } => text = text.replace("{greatest}", &greatest.to_string()),
        Check::Live { registered, at, .. } => {
            text = text.replace("{registered}", registered.what);
            let on = if at.is_some() { " on {limit}" } else { "" };
            text = text.replace("{at}", on);
        }
        Check::Needs { table, .. } => {
            text = text.replace("{parent}", &submission.tables[*table].name);
        }
        _ => {}
    }
    text
}

/// A form that is not that of a column, for people.
fn shown_form(form: &crate::submission::form::Form) -> String {
    use crate::submission::form::Form;
    match form {
        Form::Postcode => "of a postcode".to_owned(),
        Form::NhsNumber => "of an NHS number with its check digit".to_owned(),
        Form::Snomed(_) => "of a SNOMED CT concept with its check digit".to_owned(),
        Form::Pattern(pattern) => format!("/{pattern}/"),
        Form::Characters(least, most) => format!("{least} to {most} characters"),
        Form::Digits(least, most) => format!("{least} to {most} digits"),
        Form::Decimal(..) => "digits, a point and digits".to_owned(),
        Form::Day => "CCYY-MM-DD".to_owned(),
        Form::Month => "CCYY-MM".to_owned(),
        Form::Time => "HH:MM:SS".to_owned(),
        Form::Minute => "HH:MM".to_owned(),
        Form::Moment => "CCYY-MM-DDThh:mm:ss".to_owned(),
        Form::OffsetMoment => "CCYY-MM-DDThh:mm:ss with Z, +00:00 or +01:00".to_owned(),
    }
}
