//! Examples of rules about tables: those that definitions write, and those that follow from the kind of a check.

use std::collections::BTreeMap;

use super::scale::Judge;
use super::{Check, Condition, Offset, Operand, Parameter, Submission, TableRule, Test};
use crate::rules::Example;

/// A small submission and what one rule must say of it.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// Rows, table by table; a column that is not named is absent. The row that the rule is asked about is the last of its table.
    pub rows: Vec<(usize, BTreeMap<usize, String>)>,
    /// What the portal knows.
    pub parameters: BTreeMap<Parameter, String>,
    /// Whether the rule must find something.
    pub breaks: bool,
}

/// A code that reference data have in force in examples.
pub const LIVE: &str = "LIVE";

/// A day that examples take.
const DAY: &str = "2024-04-15";
const KEY: &str = "K1";

/// The examples of a rule: its own, then those of its kind.
///
/// # Errors
/// What is wrong with one of its own.
pub fn cases(submission: &Submission, rule: &TableRule) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for (examples, breaks) in [(&rule.pass, false), (&rule.fail, true)] {
        for example in examples {
            cases.push(written(submission, rule, example, breaks)?);
        }
    }
    cases.extend(Maker { submission, rule }.derived());
    Ok(cases)
}

/// An example as a definition writes it.
fn written(
    submission: &Submission,
    rule: &TableRule,
    example: &Example,
    breaks: bool,
) -> Result<Case, String> {
    let mut case = Case {
        breaks,
        ..Case::default()
    };
    for (name, rows) in &example.groups {
        if name == "param" {
            for (name, value) in rows.iter().flat_map(|row| &row.elements) {
                let parameter =
                    Parameter::of(name).ok_or_else(|| format!("the portal knows no `{name}`"))?;
                case.parameters.insert(parameter, value.clone());
            }
            continue;
        }
        let table = submission
            .table(name)
            .ok_or_else(|| format!("there is no table `{name}`"))?;
        for example in rows {
            case.rows.push((table, row_of(submission, table, example)?));
        }
    }
    // A rule about the submission has no row of its own.
    if !(rule.check.is_of_file() && example.elements.is_empty()) {
        let own = row_of(submission, rule.table, example)?;
        case.rows.push((rule.table, own));
    }
    Ok(case)
}

fn row_of(
    submission: &Submission,
    table: usize,
    example: &Example,
) -> Result<BTreeMap<usize, String>, String> {
    let table = &submission.tables[table];
    let cells = example.elements.iter().map(|(name, value)| {
        let column = table.column(name);
        let column = column.ok_or_else(|| format!("{} has no column `{name}`", table.name))?;
        Ok((column, value.clone()))
    });
    cells.collect()
}

type Row = BTreeMap<usize, String>;

struct Maker<'m> {
    submission: &'m Submission,
    rule: &'m TableRule,
}

impl Maker<'_> {
    fn own(&self, row: Row, breaks: bool) -> Case {
        Case {
            rows: vec![(self.rule.table, row)],
            parameters: BTreeMap::new(),
            breaks,
        }
    }

    /// A case for each value of a column, in rows of which the conditions are true.
    fn values(&self, column: usize, when: &[Condition], values: &[(&str, bool)]) -> Vec<Case> {
        let cases = values.iter().map(|(value, breaks)| {
            let mut row = true_of(when);
            row.insert(column, (*value).to_owned());
            self.own(row, *breaks)
        });
        cases.collect()
    }

    fn derived(&self) -> Vec<Case> {
        match &self.rule.check {
            Check::Required { columns, when } => self.filled(columns, when, Filling::All),
            Check::OneOf { columns, when } => self.filled(columns, when, Filling::One),
            Check::Blank { columns, when } => self.filled(columns, when, Filling::None),
            Check::Form {
                column,
                form,
                not,
                blank_fails,
            } => {
                let (right, wrong) = form.examples();
                let right = right.iter().map(|value| (&**value, *not));
                let wrong = wrong.iter().map(|value| (&**value, !*not));
                let mut values: Vec<(&str, bool)> = right.chain(wrong).collect();
                values.push(("", *blank_fails));
                self.values(*column, &[], &values)
            }
            Check::Code {
                column,
                codes,
                not,
                blank_fails,
                when,
            } => {
                let mut cases = vec![("\u{a4}\u{a4}", !*not), ("", *blank_fails)];
                cases.extend(codes.all().map(|code| (code, *not)));
                // A condition about the column itself, or a list whose codes have gone out of use, is for written examples.
                if when.iter().any(|condition| condition.column == *column) {
                    return Vec::new();
                }
                let mut made = self.values(*column, when, &cases);
                made.extend(self.untrue(when, &[(*column, "\u{a4}\u{a4}")]));
                made
            }
            Check::Order { .. } => self.order(),
            Check::Equal {
                column,
                to,
                blank_passes,
            } => self.equal(*column, to, *blank_passes),
            Check::Scheme {
                column,
                scheme,
                forms,
            } => {
                let mut cases = Vec::new();
                for (name, form) in forms {
                    let (right, wrong) = form.examples();
                    for (values, breaks) in [(right, false), (wrong, true)] {
                        for value in values {
                            let row = Row::from([(*column, value), (*scheme, name.to_string())]);
                            cases.push(self.own(row, breaks));
                        }
                    }
                }
                cases
            }
            Check::Scale { tool, score, judge } => self.scale(*tool, *score, *judge),
            Check::Live {
                column, also, at, ..
            } => {
                let mut cases =
                    self.values(*column, &[], &[(LIVE, false), ("GONE", true), ("", false)]);
                for code in also {
                    cases.extend(self.values(*column, &[], &[(code, false)]));
                }
                if let Some(Operand::Header(at)) = at {
                    let header = self.submission.header;
                    for case in &mut cases {
                        let header = (header, Row::from([(*at, DAY.to_owned())]));
                        case.rows.insert(0, header);
                    }
                }
                cases
            }
            Check::Never => vec![self.own(Row::new(), true)],
            Check::Unique {
                columns,
                when,
                blanks_same,
                counted,
            } => self.unique(columns, when, *blanks_same, counted),
            Check::Singleton => {
                let one = (self.rule.table, Row::new());
                let two = Case {
                    rows: vec![one.clone(), one],
                    breaks: true,
                    ..Case::default()
                };
                vec![self.own(Row::new(), false), two]
            }
            Check::Needs { table, on } => {
                let own: Row = on.iter().map(|(own, _)| (*own, KEY.to_owned())).collect();
                let theirs: Row = on
                    .iter()
                    .map(|(_, theirs)| (*theirs, KEY.to_owned()))
                    .collect();
                let mut with = self.own(own.clone(), false);
                with.rows.insert(0, (*table, theirs));
                vec![with, self.own(own, true), self.own(Row::new(), false)]
            }
            Check::Consecutive {
                per,
                code,
                start,
                end,
                ..
            } => {
                let row = |from: &str, to: &str, of: &str| {
                    let cells = [(*per, KEY), (*start, from), (*end, to), (*code, of)];
                    let cells = cells.map(|(column, value)| (column, value.to_owned()));
                    (self.rule.table, Row::from(cells))
                };
                let case = |next: Option<(usize, Row)>, breaks| Case {
                    rows: next
                        .into_iter()
                        .chain([row("2024-01-01", "2024-03-31", "A")])
                        .collect(),
                    breaks,
                    ..Case::default()
                };
                vec![
                    case(Some(row("2024-04-01", "", "B")), false),
                    case(Some(row("2024-04-01", "", "A")), true),
                    case(Some(row("2024-04-02", "", "B")), true),
                    case(None, true),
                ]
            }
            Check::Rows => vec![
                self.own(Row::new(), false),
                Case {
                    breaks: true,
                    ..Case::default()
                },
            ],
            Check::SoundHeader => {
                let row = || (self.submission.header, Row::new());
                [(0, true), (1, false), (2, true)]
                    .map(|(count, breaks)| Case {
                        rows: (0..count).map(|_| row()).collect(),
                        breaks,
                        ..Case::default()
                    })
                    .to_vec()
            }
            Check::InPeriod { columns, .. } => self.in_period(columns),
            // Ages are written; the structure is what the reader of the carrier finds.
            Check::Age { .. } | Check::Structure => Vec::new(),
        }
    }

    /// Rows whose conditions are not true, of which the rule says nothing.
    fn untrue(&self, when: &[Condition], cells: &[(usize, &str)]) -> Option<Case> {
        let first = when.first()?;
        let mut row = true_of(when);
        for (column, value) in cells {
            row.insert(*column, (*value).to_owned());
        }
        let value = match &first.test {
            Test::Filled | Test::In(_) | Test::NotIn(_) => "",
            Test::Blank => "X",
        };
        if cells.iter().any(|(column, _)| *column == first.column) {
            return None;
        }
        row.insert(first.column, value.to_owned());
        Some(self.own(row, false))
    }

    fn filled(&self, columns: &[usize], when: &[Condition], filling: Filling) -> Vec<Case> {
        if columns
            .iter()
            .any(|column| when.iter().any(|condition| condition.column == *column))
        {
            return Vec::new();
        }
        let row = |values: &dyn Fn(usize) -> &'static str| {
            let mut row = true_of(when);
            for (at, column) in columns.iter().enumerate() {
                row.insert(*column, values(at).to_owned());
            }
            row
        };
        let one = columns.len() == 1;
        let mut cases = vec![
            self.own(row(&|_| "X"), matches!(filling, Filling::None)),
            self.own(row(&|_| ""), !matches!(filling, Filling::None)),
            // Blanks are an absent value to nobody but who asks for a value.
            self.own(row(&|_| "  "), !matches!(filling, Filling::One)),
        ];
        if !one {
            let first = row(&|at| if at == 0 { "X" } else { "" });
            cases.push(self.own(first, !matches!(filling, Filling::One)));
        }
        let broken: Vec<(usize, &str)> = columns
            .iter()
            .map(|column| {
                (
                    *column,
                    if matches!(filling, Filling::None) {
                        "X"
                    } else {
                        ""
                    },
                )
            })
            .collect();
        cases.extend(self.untrue(when, &broken));
        cases
    }

    fn order(&self) -> Vec<Case> {
        let Check::Order {
            column,
            limit,
            after,
            offset: Offset { months, days },
            precision,
        } = &self.rule.check
        else {
            return Vec::new();
        };
        let day: jiff::civil::Date = match limit {
            Operand::Day(day) => day.parse(),
            _ => DAY.parse(),
        }
        .unwrap_or_default();
        let span = jiff::Span::new()
            .try_months(*months)
            .and_then(|span| span.try_days(*days));
        let Some(last) = span.ok().and_then(|span| day.checked_add(span).ok()) else {
            return Vec::new();
        };
        let beyond = if *after {
            last.checked_sub(jiff::Span::new().days(40))
        } else {
            last.checked_add(jiff::Span::new().days(40))
        };
        let Ok(beyond) = beyond else {
            return Vec::new();
        };
        let month = *precision == super::Precision::Month;
        let write = |day: jiff::civil::Date| {
            let text = day.to_string();
            if month && self.column_is_month(*column) {
                text[..7].to_owned()
            } else {
                text
            }
        };
        let values = [
            (write(last), false),
            (write(beyond), true),
            (String::new(), false),
            ("no day".to_owned(), false),
        ];
        values
            .into_iter()
            .map(|(value, breaks)| {
                let row = Row::from([(*column, value)]);
                self.with(limit, &day.to_string(), row, breaks)
            })
            .collect()
    }

    fn column_is_month(&self, column: usize) -> bool {
        let column = &self.submission.tables[self.rule.table].columns[column];
        let day = matches!(column.form, Some(super::form::Form::Day));
        !day
    }

    /// A row, and what another value reads.
    fn with(&self, operand: &Operand, value: &str, mut row: Row, breaks: bool) -> Case {
        let mut others = Vec::new();
        let mut parameters = BTreeMap::new();
        match operand {
            Operand::Own(column) => {
                row.entry(*column).or_insert_with(|| value.to_owned());
            }
            Operand::Header(column) => {
                others.push((
                    self.submission.header,
                    Row::from([(*column, value.to_owned())]),
                ));
            }
            Operand::Parameter(parameter) => {
                parameters.insert(*parameter, value.to_owned());
            }
            Operand::Day(_) => {}
            Operand::Ancestor { path, column } => {
                let mut table = self.rule.table;
                let mut cells = row;
                let mut chain = Vec::new();
                for link in path {
                    let link = &self.submission.tables[table].links[*link];
                    for (own, _) in &link.columns {
                        cells.entry(*own).or_insert_with(|| KEY.to_owned());
                    }
                    let keys = link
                        .columns
                        .iter()
                        .map(|(own, theirs)| (*theirs, cells[own].clone()));
                    let next = keys.collect();
                    chain.push((table, std::mem::replace(&mut cells, next)));
                    table = link.table;
                }
                cells.insert(*column, value.to_owned());
                chain.push((table, cells));
                let (own, rest) = (chain.remove(0), chain);
                let rows = rest.into_iter().chain([own]).collect();
                return Case {
                    rows,
                    parameters,
                    breaks,
                };
            }
        }
        others.push((self.rule.table, row));
        Case {
            rows: others,
            parameters,
            breaks,
        }
    }

    fn equal(&self, column: usize, to: &Operand, blank_passes: bool) -> Vec<Case> {
        let case = |own: &str, other: &str, breaks| {
            self.with(to, other, Row::from([(column, own.to_owned())]), breaks)
        };
        let header_of_itself = *to == Operand::Own(column);
        if header_of_itself {
            return Vec::new();
        }
        vec![
            case("RX1", "RX1", false),
            case("RX1", "RX2", true),
            case("", "RX1", !blank_passes),
        ]
    }

    fn scale(&self, tool: usize, score: usize, judge: Judge) -> Vec<Case> {
        let row =
            |of: &str, value: &str| Row::from([(score, value.to_owned()), (tool, of.to_owned())]);
        let mut cases = Vec::new();
        for (code, scale) in &self.submission.scales {
            match judge {
                Judge::Tool => cases.push(self.own(Row::from([(tool, code.to_string())]), false)),
                Judge::Score => {
                    if let Some((least, greatest)) = scale.range {
                        cases.push(self.own(row(code, &least.to_string()), false));
                        cases.push(self.own(row(code, &greatest.to_string()), false));
                        cases.push(self.own(row(code, &(greatest + 1.0).to_string()), true));
                    }
                    for value in &scale.values {
                        cases.push(self.own(row(code, value), false));
                    }
                    cases.push(self.own(row(code, "?"), true));
                }
                Judge::Format => {
                    let Some(form) = &scale.form else { continue };
                    let (right, wrong) = form.examples();
                    for (values, breaks) in [(right, false), (wrong, true)] {
                        cases.extend(
                            values
                                .iter()
                                .map(|value| self.own(row(code, value), breaks)),
                        );
                    }
                }
            }
        }
        if judge == Judge::Tool {
            cases.push(self.own(Row::from([(tool, "1".to_owned())]), true));
        } else {
            cases.push(self.own(row("1", "9999"), false));
        }
        cases
    }

    fn unique(
        &self,
        columns: &[usize],
        when: &[Condition],
        blanks_same: bool,
        counted: &[Condition],
    ) -> Vec<Case> {
        let all: Vec<&Condition> = when.iter().chain(counted).collect();
        let row = |value: &str| {
            let mut row: Row = columns
                .iter()
                .map(|column| (*column, value.to_owned()))
                .collect();
            for condition in &all {
                row.insert(condition.column, makes_true(condition));
            }
            row
        };
        let two = |first: Row, second: Row, breaks| Case {
            rows: vec![(self.rule.table, first), (self.rule.table, second)],
            breaks,
            ..Case::default()
        };
        let free = columns
            .iter()
            .any(|column| all.iter().all(|condition| condition.column != *column));
        let mut cases = vec![two(row("A"), row("A"), true), self.own(row("A"), false)];
        if free {
            cases.push(two(row("A"), row("B"), false));
            cases.push(two(row(""), row(""), blanks_same));
        }
        cases
    }

    fn in_period(&self, columns: &[(usize, usize)]) -> Vec<Case> {
        let Some((from, to)) = self.submission.period else {
            return Vec::new();
        };
        let header = || {
            let days = [(from, "2024-04-01"), (to, "2024-04-30")];
            let days = days.map(|(column, day)| (column, day.to_owned()));
            (self.submission.header, Row::from(days))
        };
        let case = |table, row, breaks| Case {
            rows: vec![header(), (table, row)],
            breaks,
            ..Case::default()
        };
        let mut cases = vec![Case {
            rows: vec![header()],
            breaks: true,
            ..Case::default()
        }];
        for (table, column) in columns {
            let day = |day: &str| Row::from([(*column, day.to_owned())]);
            cases.push(case(*table, day("2024-04-30"), false));
            cases.push(case(*table, day("2024-05-01"), true));
        }
        cases
    }
}

/// How many columns must be filled.
#[derive(Clone, Copy)]
enum Filling {
    All,
    One,
    None,
}

/// A row of which conditions are true.
fn true_of(when: &[Condition]) -> Row {
    let cells = when
        .iter()
        .map(|condition| (condition.column, makes_true(condition)));
    cells.collect()
}

fn makes_true(condition: &Condition) -> String {
    match &condition.test {
        Test::Filled => "X".to_owned(),
        Test::Blank => String::new(),
        Test::In(codes) => codes.first().map(ToString::to_string).unwrap_or_default(),
        Test::NotIn(_) => "\u{a4}".to_owned(),
    }
}
