//! Values that a column takes, and values that it does not.

use concord_standards::submission::form::Form;
use concord_standards::submission::{Check, Precision, Submission};
use jiff::civil::DateTime;

/// Concepts of SNOMED CT that are no assessment scales.
const CONCEPTS: [&str; 4] = ["195967001", "73211009", "24700007", "720433000"];

/// The forms that rules and the definition give a column.
pub(super) fn forms(submission: &Submission, table: usize, column: usize) -> Vec<&Form> {
    let of_rules = submission
        .rules
        .iter()
        .filter_map(|rule| match &rule.check {
            Check::Form {
                column: about,
                form,
                ..
            } if rule.table == table && *about == column => Some(form),
            _ => None,
        });
    let own = submission.tables[table].columns[column].form.as_ref();
    own.into_iter().chain(of_rules).collect()
}

/// Values that a column may take by its form and codes.
pub(super) fn right(submission: &Submission, table: usize, column: usize) -> Vec<String> {
    const CODES: usize = 40;
    let of = &submission.tables[table].columns[column];
    let codes = of.codes.iter().flat_map(|codes| codes.all());
    let mut values: Vec<String> = codes.take(CODES).map(str::to_owned).collect();
    for form in forms(submission, table, column) {
        values.extend(form.examples().0);
    }
    values.extend(["A", "1", "AA", "11", "9", "99", "AAAAA"].map(str::to_owned));
    values
}

/// Values that are wrong in many ways, those first that are like the one that stands there.
pub(super) fn wrong(
    submission: &Submission,
    (table, column): (usize, usize),
    now: &str,
) -> Vec<String> {
    const LONGEST: usize = 32;
    let mut values = Vec::new();
    if let Some((last, _)) = now.char_indices().next_back() {
        let front = &now[..last];
        values.extend("0123456789XZ~".chars().map(|end| format!("{front}{end}")));
        values.push(front.to_owned());
        values.push(format!("{now}9"));
        values.push(format!("{now}X"));
        values.push(now.replace('-', "/"));
    }
    for form in forms(submission, table, column) {
        if let Form::Characters(_, most) | Form::Digits(_, most) = form {
            let longer = most + 1;
            values.push(format!("{now:9<longer$}"));
        }
        values.extend(form.examples().1);
    }
    for count in 1..=LONGEST {
        values.extend(["~", "9", "0", "Z"].map(|letter| letter.repeat(count)));
    }
    values.extend(CONCEPTS.map(str::to_owned));
    values.extend(["ZZ1 1ZZ", "0.5", "-1", "2024-13", "1889-12-31"].map(str::to_owned));
    values.retain(|value| !value.is_empty() && value != now);
    values
}

/// A moment as a column writes it.
pub(super) fn written(
    submission: &Submission,
    (table, column): (usize, usize),
    precision: Precision,
    moment: DateTime,
) -> String {
    let day = moment.date().to_string();
    let clock = moment.time().strftime("%H:%M:%S").to_string();
    let forms = forms(submission, table, column);
    let is = |wanted: fn(&Form) -> bool| forms.iter().any(|form| wanted(form));
    if is(|form| matches!(form, Form::Day)) {
        day
    } else if is(|form| matches!(form, Form::Moment)) {
        format!("{day}T{clock}")
    } else if is(|form| matches!(form, Form::OffsetMoment)) {
        format!("{day}T{clock}Z")
    } else if precision == Precision::Month || is(|form| matches!(form, Form::Month)) {
        day[..7].to_owned()
    } else {
        day
    }
}
