//! Findings, with the values that they name.

use std::borrow::Cow;
use std::sync::Arc;

use concord_finding::{Fact, Finding, Place};
use concord_standards::submission::{Check, Operand};

use super::beyond::Beyond;
use super::late::Detail;
use super::moments;
use super::plan::{SubmissionPlan, label};
use super::row::{Broken, Known};
use super::sources::{Fault, Row};
use crate::bounds::bound;

/// What makes findings of one submission.
pub(crate) struct Teller<'t, 'p> {
    pub(crate) plan: &'t SubmissionPlan<'p>,
    pub(crate) known: &'t Known,
    /// What is known of other rows.
    pub(crate) beyond: &'t Beyond,
}

impl Teller<'_, '_> {
    /// A finding about the submission.
    pub(crate) fn of_file(&self, rule: u16, file: Arc<str>, why: Option<String>) -> Finding {
        let mut finding = self.bare(rule, file);
        if let Some(why) = why {
            finding.facts.push((Cow::Borrowed("why"), Fact::Plain(why)));
        }
        let header = self.plan.submission.header;
        if let Some((from, to)) = self.plan.submission.period {
            for column in [from, to] {
                let value = self.known.header.get(column).map_or("", String::as_str);
                self.name(&mut finding, header, column, value);
            }
        }
        finding
    }

    fn bare(&self, rule: u16, file: Arc<str>) -> Finding {
        let active = self.plan.active(rule);
        let mut finding = Finding::new(Arc::clone(&active.rule), file);
        finding.effect = active.grade.effect;
        finding.standard.clone_from(&self.plan.standard);
        finding.facts.push((
            Cow::Borrowed("severity"),
            Fact::Plain(active.grade.words().to_owned()),
        ));
        finding
    }

    /// A finding about a row that is no sound row of its carrier.
    pub(crate) fn of_fault(&self, fault: &Fault, row: &Row<'_>, file: Arc<str>) -> Finding {
        let mut finding = Finding::new(Arc::clone(fault.rule.rule()), file);
        finding.standard.clone_from(&self.plan.standard);
        finding.place = Some(Place {
            offset: row.offset,
            line: row.line,
            column: 1,
        });
        finding.record = Some(u64::from(row.number) + 1);
        finding.path = Some(Arc::clone(&self.plan.submission.tables[row.table].name));
        let number = |count: usize| Some(Fact::Number(count as u64));
        (finding.value, finding.expected) = (number(fault.cells.0), number(fault.cells.1));
        if let Some(column) = &fault.column {
            let column = Fact::Plain(column.clone());
            finding.facts.push((Cow::Borrowed("column"), column));
        }
        bound(&mut finding);
        finding
    }

    /// A finding about a row.
    pub(crate) fn of_row(
        &self,
        broken: Broken,
        row: &Row<'_>,
        detail: Detail,
        file: Arc<str>,
    ) -> Finding {
        let definition = self.plan.rule(broken.rule);
        let submission = &self.plan.submission;
        let table = &submission.tables[row.table];
        let mut finding = self.bare(broken.rule, file);
        finding.place = Some(Place {
            offset: row.offset,
            line: row.line,
            column: 1,
        });
        finding.record = Some(u64::from(row.number) + 1);
        let personal = |column: usize, value: &str| fact(table.columns[column].personal, value);
        if let Some(key) = table.tell.first() {
            finding.record_key =
                Some(personal(*key, row.cell(*key))).filter(|_| !row.cell(*key).is_empty());
        }
        let column = broken.column.or(definition.place);
        match column {
            Some(column) => {
                let about = &table.columns[column];
                finding.path = Some(format!("{}/{}", table.name, about.name).into());
                finding.element = Some(Arc::clone(&about.element));
                let value = row.cell(column);
                finding.value = (!value.is_empty()).then(|| personal(column, value));
                finding
                    .facts
                    .push((Cow::Borrowed("column"), Fact::Plain(about.name.to_string())));
            }
            None => finding.path = Some(Arc::clone(&table.name)),
        }
        self.values(&mut finding, broken, row, column);
        self.others(&mut finding, broken.rule, row, detail);
        bound(&mut finding);
        finding
    }

    /// The row's own values: those that every finding of the table names, those that the rule says, those that it is about.
    fn values(&self, finding: &mut Finding, broken: Broken, row: &Row<'_>, column: Option<usize>) {
        let definition = self.plan.rule(broken.rule);
        let table = &self.plan.submission.tables[row.table];
        for column in &table.tell {
            self.name(finding, row.table, *column, row.cell(*column));
        }
        for of in &self.plan.active(broken.rule).beyond {
            let end = self.plan.ways[of.0].end;
            let value = self.beyond.value(self.plan, row.number, *of);
            self.name(finding, end, of.1, value);
        }
        for operand in table.tell_beyond.iter().chain(&definition.tell) {
            match operand {
                Operand::Own(column) => self.name(finding, row.table, *column, row.cell(*column)),
                Operand::Header(column) => {
                    let value = self.known.header.get(*column).map_or("", String::as_str);
                    self.name(finding, self.plan.submission.header, *column, value);
                }
                Operand::Ancestor { .. } | Operand::Parameter(_) | Operand::Day(_) => {}
            }
        }
        for column in column.into_iter().chain(definition.check.columns()) {
            self.name(finding, row.table, column, row.cell(column));
        }
    }

    /// What the row is compared with, and what the rule has found.
    fn others(&self, finding: &mut Finding, rule: u16, row: &Row<'_>, detail: Detail) {
        let definition = self.plan.rule(rule);
        let submission = &self.plan.submission;
        for operand in definition.check.operands() {
            let precision = match &definition.check {
                Check::Order { precision, .. } => *precision,
                _ => concord_standards::submission::Precision::Day,
            };
            let (value, place) = match (operand, detail) {
                (Operand::Ancestor { path, column }, Detail::Limit(limit)) => {
                    let end = submission.end_of(row.table, path);
                    (
                        Cow::Owned(moments::written(limit, precision)),
                        Some((end, *column)),
                    )
                }
                (Operand::Header(column), _) => (
                    Cow::Borrowed(self.known.value(operand, Some(row))),
                    Some((submission.header, *column)),
                ),
                (Operand::Own(column), _) => {
                    (Cow::Borrowed(row.cell(*column)), Some((row.table, *column)))
                }
                _ => (Cow::Borrowed(self.known.value(operand, Some(row))), None),
            };
            let is_personal = place
                .is_some_and(|(table, column)| submission.tables[table].columns[column].personal);
            let shown = if value.is_empty() {
                Fact::Plain("blank".to_owned())
            } else {
                fact(is_personal, &value)
            };
            if finding.expected.is_none() {
                finding.expected = Some(shown.clone());
                finding.facts.push((Cow::Borrowed("limit"), shown));
            }
            if let Some((table, column)) = place {
                self.name(finding, table, column, &value);
            }
        }
        let mut plain = |name: &'static str, text: String| {
            finding.facts.push((Cow::Borrowed(name), Fact::Plain(text)));
        };
        match detail {
            Detail::Count(count) => plain("count", count.to_string()),
            Detail::NoParent => plain("why", "there is none".to_owned()),
            Detail::Rejected { row, by } => {
                let Check::Needs { table, .. } = &definition.check else {
                    return;
                };
                let parent = &submission.tables[*table].name;
                let id = self.plan.rejecter(by);
                plain(
                    "why",
                    format!("row {} was rejected by {id}", u64::from(row) + 1),
                );
                plain(
                    "rejected_parent",
                    format!("{parent} row {}", u64::from(row) + 1),
                );
                plain("rejected_by", id.to_string());
            }
            Detail::None | Detail::Limit(_) => {}
        }
        if let Check::Scale { tool, .. } = &definition.check {
            let code = row.cell(*tool).to_owned();
            if let Some(scale) = submission.scales.get(&*code) {
                plain("permitted", scale.shown());
            }
            plain("tool", code);
        }
        if let Check::Scheme { scheme, .. } = &definition.check {
            plain("scheme", row.cell(*scheme).to_owned());
        }
    }

    /// Names a value by its column, once.
    fn name(&self, finding: &mut Finding, table: usize, column: usize, value: &str) {
        let label = label(&self.plan.submission, table, column);
        if finding.facts.iter().any(|(known, _)| *known == label) {
            return;
        }
        let personal = self.plan.submission.tables[table].columns[column].personal;
        finding
            .facts
            .push((Cow::Owned(label), fact(personal, value)));
    }
}

fn fact(personal: bool, value: &str) -> Fact {
    if personal {
        Fact::Personal(value.to_owned())
    } else {
        Fact::Plain(value.to_owned())
    }
}
