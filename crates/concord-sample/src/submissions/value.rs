//! What stands in a column.

use std::collections::BTreeSet;

use concord_model::identifiers::nhs_number::check_digit;
use concord_standards::submission::form::Form;
use concord_standards::submission::scale::Scale;
use concord_standards::submission::{Check, Column, Operand, Parameter, Submission, TableRule};
use jiff::civil::Date;

use super::Request;
use crate::Dice;

/// Makes values, those of one patient after those of another.
pub(super) struct Values<'r> {
    request: &'r Request<'r>,
    patient: u64,
    /// Keys made so far for the patient.
    keys: u64,
    /// The day of all that happens to the patient.
    day: Date,
    /// Who provides the data, where it is not whom the portal knows.
    other: Option<String>,
    /// Columns that tell rows apart, or by which others lead to them.
    keys_of: BTreeSet<(usize, usize)>,
    /// The rules about each table, by number.
    rules: Vec<Vec<usize>>,
}

impl<'r> Values<'r> {
    pub(super) fn new(request: &'r Request<'r>) -> Self {
        Self {
            request,
            patient: 0,
            keys: 0,
            day: request.period.0,
            other: None,
            keys_of: keys_of(request.submission),
            rules: by_table(request.submission),
        }
    }

    /// Who the header and the rows say provides the data.
    pub(super) fn provider(&self) -> &str {
        self.other.as_deref().unwrap_or(&self.request.provider)
    }

    /// Has another provider from now on; `None`: that of the request.
    pub(super) fn be(&mut self, other: Option<String>) {
        self.other = other;
    }

    /// Has all happen on a day.
    pub(super) fn on(&mut self, day: Date) {
        self.day = day;
    }

    /// A key that no other row has.
    pub(super) fn key(&mut self, submission: &Submission, table: usize, column: usize) -> String {
        self.keys += 1;
        short(
            &submission.tables[table].columns[column],
            format!("{:x}K{:x}", self.patient, self.keys),
        )
    }

    pub(super) fn begin(&mut self, patient: u64, dice: &mut Dice) {
        let (from, to) = self.request.period;
        let days = from.until(to).map_or(0, |span| i64::from(span.get_days()));
        let after = jiff::Span::new().try_days(dice.between(0, days));
        self.day = after
            .and_then(|after| from.checked_add(after))
            .unwrap_or(from);
        (self.patient, self.keys) = (patient, 0);
    }

    /// The row of the header.
    pub(super) fn header(&self, submission: &Submission) -> Vec<String> {
        let table = &submission.tables[submission.header];
        let (from, to) = self.request.period;
        // Data sets are put together some days after their period.
        let made = to.saturating_add(jiff::Span::new().days(7));
        let mut cells: Vec<String> = table
            .columns
            .iter()
            .map(|column| match (&column.codes, &column.form) {
                (Some(codes), _) => codes.all().next().unwrap_or_default().to_owned(),
                (None, Some(Form::Day)) => to.to_string(),
                (None, Some(Form::Moment)) => format!("{made}T09:00:00"),
                (None, Some(Form::OffsetMoment)) => format!("{made}T09:00:00Z"),
                (None, Some(Form::Characters(least, _))) if *least > 0 => {
                    self.provider().to_owned()
                }
                (None, Some(form)) if !form.takes("Concord") => {
                    form.examples().0.into_iter().next().unwrap_or_default()
                }
                _ => "Concord".to_owned(),
            })
            .collect();
        if let Some((first, last)) = submission.period {
            (cells[first], cells[last]) = (from.to_string(), to.to_string());
        }
        for rule in &submission.rules {
            if let Check::Equal { column, to, .. } = &rule.check
                && rule.table == submission.header
                && matches!(
                    to,
                    Operand::Parameter(Parameter::Provider | Parameter::Submitter)
                )
            {
                self.provider().clone_into(&mut cells[*column]);
            }
        }
        cells
    }

    /// A value for a column.
    pub(super) fn value(
        &mut self,
        submission: &Submission,
        table: usize,
        column: usize,
        dice: &mut Dice,
    ) -> String {
        let of = &submission.tables[table].columns[column];
        if of.key || (self.keys_of.contains(&(table, column)) && &*of.element != "NHS NUMBER") {
            return self.key(submission, table, column);
        }
        match &*of.element {
            "NHS NUMBER" | "NHS NUMBER (BABY)" => return self.nhs_number(),
            "NHS NUMBER (MOTHER)" => return self.another_number(),
            "PERSON BIRTH DATE" => return born(dice, 1940, 2005),
            "PERSON BIRTH DATE (MOTHER)" => return born(dice, 1975, 2000),
            "POSTCODE OF USUAL ADDRESS" => return "LS1 4AP".to_owned(),
            _ => {}
        }
        // A rule of its own says more of the form than the column.
        let mut snomed = self.rules(table).filter_map(|rule| match &rule.check {
            Check::Form {
                column: about,
                form: form @ Form::Snomed(_),
                ..
            } if *about == column => Some(form),
            _ => None,
        });
        if let Some(form) = snomed.next_back() {
            return form.examples().0.into_iter().next().unwrap_or_default();
        }
        if let Some(codes) = &of.codes {
            let from = self.request.period.0.to_string();
            let codes: Vec<&str> = codes
                .all()
                .filter(|code| codes.permits(code, Some(&from)))
                .collect();
            let fits = |code: &&&str| of.form.as_ref().is_none_or(|form| form.takes(code));
            let codes: Vec<&str> = codes.iter().filter(fits).copied().collect();
            // The first code is the one that rules about other columns are content with.
            let first = codes.first().copied().unwrap_or_default();
            let any = dice.pick(&codes).copied().unwrap_or(first);
            return if self.is_conditional(table, column) {
                first
            } else {
                any
            }
            .to_owned();
        }
        self.of_form(of, dice)
    }

    /// The rules about a table.
    fn rules(&self, table: usize) -> impl DoubleEndedIterator<Item = &'r TableRule> {
        let rules = &self.request.submission.rules;
        self.rules[table].iter().map(move |rule| &rules[*rule])
    }

    /// Whether what stands in a column decides about others.
    fn is_conditional(&self, table: usize, column: usize) -> bool {
        self.rules(table).any(|rule| {
            let own = matches!(&rule.check, Check::Code { column: about, not: false, .. } if *about == column);
            let form = matches!(&rule.check, Check::Form { .. });
            !own && !form && rule.check.columns().contains(&column)
        })
    }

    fn of_form(&self, column: &Column, dice: &mut Dice) -> String {
        let day = self.day;
        match &column.form {
            None => format!("V{}", dice.below(1000)),
            Some(Form::Day) => day.to_string(),
            Some(Form::Month) => day.to_string()[..7].to_owned(),
            Some(Form::Time) => format!("{:02}:{:02}:00", dice.between(8, 18), dice.between(0, 59)),
            Some(Form::Minute) => format!("{:02}:00", dice.between(8, 18)),
            Some(Form::Moment) => format!("{day}T12:00:00"),
            Some(Form::OffsetMoment) => format!("{day}T12:00:00Z"),
            Some(Form::Digits(least, most)) => {
                let digits = (*least).max(1).max((*most).min(2));
                (0..digits)
                    .map(|_| char::from(b'1' + dice.below(9) as u8))
                    .collect()
            }
            Some(Form::Characters(least, most)) => {
                if column.element.contains("ORGANISATION") || column.element.contains("SITE") {
                    // A site is its organisation with more behind it.
                    return format!("{:A<least$}", self.provider());
                }
                let text = format!("T{}", dice.below(100_000));
                let count = text.len().clamp((*least).max(1), *most);
                format!("{text:X<count$}")[..count].to_owned()
            }
            Some(Form::NhsNumber) => self.nhs_number(),
            Some(Form::Pattern(_)) => self.day.to_string()[..7].to_owned(),
            Some(form) => form.examples().0.into_iter().next().unwrap_or_default(),
        }
    }

    /// A number of the 999 range, another for each of the first 500,000 patients.
    fn nhs_number(&self) -> String {
        number_of(self.patient * 2)
    }

    /// Another number of the patient than the own, which is that of no other of the first 250,000.
    pub(super) fn another_number(&self) -> String {
        number_of(999_998 - self.patient * 2 % 500_000)
    }

    /// Makes columns agree that a rule holds together.
    pub(super) fn agree(&self, submission: &Submission, table: usize, cells: &mut [String]) {
        for rule in self.rules(table) {
            match &rule.check {
                Check::Scheme {
                    column,
                    scheme,
                    forms,
                } => {
                    let form = forms.iter().find(|(_, form)| !form.examples().0.is_empty());
                    if let Some((name, form)) = form {
                        cells[*scheme] = name.to_string();
                        cells[*column] = form.examples().0.into_iter().next().unwrap_or_default();
                    }
                }
                Check::Scale { tool, score, .. } if tool != score => {
                    let with_range = submission
                        .scales
                        .iter()
                        .find(|(_, scale)| scale.range.is_some());
                    if let Some((code, scale)) = with_range {
                        cells[*tool] = code.to_string();
                        cells[*score] = least(scale);
                    }
                }
                Check::Code {
                    column,
                    codes,
                    not: false,
                    blank_fails: true,
                    when,
                } if when
                    .iter()
                    .all(|condition| condition.holds(&cells[condition.column])) =>
                {
                    let first = codes.all().next().unwrap_or_default();
                    first.clone_into(&mut cells[*column]);
                }
                Check::Equal {
                    column,
                    to: Operand::Header(_),
                    ..
                } => {
                    self.provider().clone_into(&mut cells[*column]);
                }
                _ => {}
            }
        }
    }
}

/// A number of the 999 range. Of two that follow one another and differ in the last digit alone, one at least has a check digit.
/// Numbers that read the same backwards, which national validation refuses, come of no even serial.
fn number_of(serial: u64) -> String {
    let number = |serial: u64| {
        let text = format!("999{:06}", serial % 1_000_000);
        let digits: [u8; 9] = text.as_bytes().try_into().ok()?;
        let last = check_digit(digits)?;
        Some(format!("{text}{last}"))
    };
    number(serial)
        .or_else(|| number(serial + 1))
        .unwrap_or_default()
}

/// A day between the beginning of a year and the end of another.
fn born(dice: &mut Dice, from: i64, to: i64) -> String {
    let (year, month) = (dice.between(from, to), dice.between(1, 12));
    format!("{year}-{month:02}-{:02}", dice.between(1, 28))
}

fn least(scale: &Scale) -> String {
    scale
        .range
        .map_or_else(String::new, |(least, _)| least.to_string())
}

/// Columns whose values are to be other ones in every row.
fn keys_of(submission: &Submission) -> BTreeSet<(usize, usize)> {
    let mut keys = BTreeSet::new();
    for (table, of) in submission.tables.iter().enumerate() {
        let columns = 0..of.columns.len();
        keys.extend(
            columns
                .filter(|column| tells_apart(submission, table, *column))
                .map(|column| (table, column)),
        );
    }
    let own = |table: usize, column: usize| {
        let mut links = submission.tables[table].links.iter();
        !links.any(|link| link.columns.iter().any(|(own, _)| *own == column))
    };
    for rule in &submission.rules {
        if let Check::Needs { table, on } = &rule.check {
            let theirs = on.iter().map(|(_, theirs)| (*table, *theirs));
            keys.extend(theirs.filter(|(table, column)| own(*table, *column)));
        }
    }
    keys
}

/// Whether a column is what tells rows apart that must not be the same: the first of them, where none is a key or leads
/// elsewhere.
fn tells_apart(submission: &Submission, table: usize, column: usize) -> bool {
    let of = &submission.tables[table];
    let kept = |column: &usize| {
        let mut links = of.links.iter().flat_map(|link| &link.columns);
        of.columns[*column].key || links.any(|(own, _)| own == column)
    };
    submission.rules.iter().any(|rule| {
        rule.table == table
            && matches!(&rule.check, Check::Unique { columns, .. }
                if columns.first() == Some(&column) && !columns.iter().any(kept))
    })
}

fn by_table(submission: &Submission) -> Vec<Vec<usize>> {
    let mut rules = vec![Vec::new(); submission.tables.len()];
    for (number, rule) in submission.rules.iter().enumerate() {
        rules[rule.table].push(number);
    }
    rules
}

/// A key as long as its column permits.
fn short(column: &Column, key: String) -> String {
    match &column.form {
        Some(Form::Characters(_, most)) if key.len() > *most => key[key.len() - most..].to_owned(),
        _ => key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_patients_pass() {
        for serial in (0..1_000_000).step_by(2) {
            let number = number_of(serial);
            assert!(Form::NhsNumber.takes(&number), "{serial}: {number}");
        }
    }
}
