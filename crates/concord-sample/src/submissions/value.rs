//! What stands in a column.

use concord_model::identifiers::nhs_number::check_digit;
use concord_standards::submission::form::Form;
use concord_standards::submission::scale::Scale;
use concord_standards::submission::{Check, Column, Operand, Parameter, Submission};
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
}

impl<'r> Values<'r> {
    pub(super) fn new(request: &'r Request<'r>) -> Self {
        Self {
            request,
            patient: 0,
            keys: 0,
            day: request.period.0,
        }
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
        let mut cells: Vec<String> = table
            .columns
            .iter()
            .map(|column| match (&column.codes, &column.form) {
                (Some(codes), _) => codes.all().next().unwrap_or_default().to_owned(),
                (None, Some(Form::Day)) => to.to_string(),
                (None, Some(Form::Moment)) => format!("{to}T23:59:59"),
                (None, Some(Form::OffsetMoment)) => format!("{to}T23:59:59Z"),
                (None, Some(Form::Characters(least, _))) if *least > 0 => {
                    self.request.provider.clone()
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
                cells[*column].clone_from(&self.request.provider);
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
        if of.key || (tells_apart(submission, table, column) && &*of.element != "NHS NUMBER") {
            self.keys += 1;
            return short(of, format!("{:x}K{:x}", self.patient, self.keys));
        }
        match &*of.element {
            "NHS NUMBER" => return self.nhs_number(),
            "PERSON BIRTH DATE" => {
                let (year, month) = (dice.between(1940, 2005), dice.between(1, 12));
                return format!("{year}-{month:02}-{:02}", dice.between(1, 28));
            }
            "POSTCODE OF USUAL ADDRESS" => return "LS1 4AP".to_owned(),
            _ => {}
        }
        // A rule of its own says more of the form than the column.
        let forms = submission.rules.iter().filter(|rule| rule.table == table);
        let mut snomed = forms.filter_map(|rule| match &rule.check {
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
            return if conditional(submission, table, column) {
                first
            } else {
                any
            }
            .to_owned();
        }
        self.of_form(of, dice)
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
                    return format!("{:A<least$}", self.request.provider);
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

    /// A number of the 999 range, another for each of the first 500,000 patients. Of two that follow one another and differ in
    /// the last digit alone, one at least has a check digit.
    fn nhs_number(&self) -> String {
        let number = |serial: u64| {
            let text = format!("999{:06}", serial % 1_000_000);
            let digits: [u8; 9] = text.as_bytes().try_into().ok()?;
            let last = check_digit(digits)?;
            Some(format!("{text}{last}"))
        };
        number(self.patient * 2)
            .or_else(|| number(self.patient * 2 + 1))
            .unwrap_or_default()
    }

    /// Makes columns agree that a rule holds together.
    pub(super) fn agree(&self, submission: &Submission, table: usize, cells: &mut [String]) {
        for rule in submission.rules.iter().filter(|rule| rule.table == table) {
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
                    cells[*column].clone_from(&self.request.provider);
                }
                _ => {}
            }
        }
    }
}

fn least(scale: &Scale) -> String {
    scale
        .range
        .map_or_else(String::new, |(least, _)| least.to_string())
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

/// Whether what stands in a column decides about others.
fn conditional(submission: &Submission, table: usize, column: usize) -> bool {
    submission.rules.iter().any(|rule| {
        let own = matches!(&rule.check, Check::Code { column: about, not: false, .. } if *about == column);
        let form = matches!(&rule.check, Check::Form { .. });
        rule.table == table && !own && !form && rule.check.columns().contains(&column)
    })
}

/// A key as long as its column permits.
fn short(column: &Column, key: String) -> String {
    match &column.form {
        Some(Form::Characters(_, most)) if key.len() > *most => key[key.len() - most..].to_owned(),
        _ => key,
    }
}
