//! One row: its cells against their columns.

use std::borrow::Cow;
use std::sync::Arc;

use concord_finding::{Fact, Finding, Masking, Rule};
use concord_model::financial::FinancialYear;
use concord_model::repair::{Damage, Kind, Repair, repair, year_of_month};
use concord_read::delimited::{Cell, Problem};
use concord_standards::layout::ValueProblem;
use concord_standards::value::ValueFault;

use super::header::Columns;
use super::plan::{FieldCapture, FieldPlan, TablePlan};
use super::suspect;
use crate::capture::Captured;
use crate::catalogue::BuiltinRule;
use crate::exact::shown;
use crate::explain;
use crate::output::{Draft, Unread};

/// What is checked against, and for which input.
#[derive(Clone, Copy)]
pub(crate) struct Table<'t> {
    pub(crate) plan: &'t TablePlan,
    pub(crate) columns: &'t Columns,
    pub(crate) file: &'t Arc<str>,
}

/// The row that is looked at.
#[derive(Clone, Copy)]
pub(crate) struct RowAt<'r> {
    /// The bytes that the cells stand in.
    pub(crate) bytes: &'r [u8],
    pub(crate) cells: &'r [Cell],
    /// Where the row begins in the bytes.
    pub(crate) start: usize,
    /// Its number in the chunk.
    pub(crate) record: u32,
    /// Whether it is printable ASCII throughout, which stands for itself.
    pub(crate) plain: bool,
}

impl<'r> RowAt<'r> {
    /// The text of a cell, blanks around it kept.
    pub(crate) fn text(&self, cell: usize) -> Cow<'r, str> {
        self.cells
            .get(cell)
            .map_or(Cow::Borrowed(""), |cell| cell.text(self.bytes))
    }
}

/// What is wrong with a cell.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) cell: usize,
    pub(crate) kind: FaultKind,
}

/// The kinds of fault of a cell.
#[derive(Debug)]
pub(crate) enum FaultKind {
    /// Nothing stands where something must.
    Missing,
    /// Something stands where nothing may.
    NotUsed,
    /// The value carries damage; what it was, if that can be told.
    Damaged(Repair),
    /// The value is wrong.
    Wrong(ValueFault),
}

impl FaultKind {
    /// Whether the receiver can still tell the value.
    pub(crate) fn is_slight(&self) -> bool {
        matches!(self, Self::Damaged(repair) if repair.text.is_some())
    }
}

impl<'t> Table<'t> {
    /// What is wanted of each cell of a row; `None` for one that is no column of the standard.
    pub(crate) fn plans(&self) -> Vec<Option<&'t FieldPlan>> {
        let fields = self.columns.fields.iter();
        fields
            .map(|field| field.map(|field| &self.plan.fields[usize::from(field)]))
            .collect()
    }

    /// Checks the cells of a row, captures their texts and drafts findings.
    ///
    /// `plans` are those of the cells: see [`plans`](Self::plans). `faults` is memory that is used again.
    pub(crate) fn row(
        &self,
        row: RowAt<'_>,
        plans: &[Option<&FieldPlan>],
        captured: &mut Captured,
        faults: &mut Vec<Fault>,
        drafts: &mut Vec<Draft>,
    ) {
        faults.clear();
        let rows = self.open(row, captured);
        for (number, (cell, field)) in row.cells.iter().zip(plans).enumerate() {
            let Some(plan) = *field else { continue };
            let (at, length) = (cell.start as usize, cell.length as usize);
            if length == 0 {
                if plan.mandatory {
                    faults.push(Fault {
                        cell: number,
                        kind: FaultKind::Missing,
                    });
                }
                continue;
            }
            let text = row.bytes.get(at..at + length).unwrap_or_default();
            if !cell.escaped
                && begins_and_ends(text)
                && plan
                    .quick
                    .accepts_text(text, row.bytes, at, row.plain, true)
            {
                match *plan.captures {
                    [] => {}
                    // Of most columns there is one cell.
                    [FieldCapture::Cell { group, column }] => {
                        captured.put_span(group, rows, column, cell.start, cell.length);
                    }
                    _ => capture_span(&plan.captures, rows, row, *cell, captured),
                }
            } else if let Some(kind) = self.slow(plan, *cell, rows, row, captured) {
                faults.push(Fault { cell: number, kind });
            }
        }
        if faults.is_empty() {
            return;
        }
        if !self.plan.layout().as_written
            && let Some(draft) = suspect::suspect(self, row, faults)
        {
            // What rules would say of such a row would be about the wrong values.
            captured.forget_records_from(row.record);
            drafts.push(draft);
            return;
        }
        for fault in faults.drain(..) {
            drafts.push(self.finding(row, &fault));
        }
    }

    /// Begins the row's record in every group of records; the first of its rows.
    fn open(&self, row: RowAt<'_>, captured: &mut Captured) -> u32 {
        let mut number = 0;
        for group in &self.plan.records {
            let own = captured.groups[*group].len() as u32;
            number = captured.add_row(*group, own, row.record, row.start as u32);
        }
        number
    }

    /// A cell that the quick check did not take. Captures what the rules are to see.
    #[inline(never)]
    fn slow(
        &self,
        plan: &FieldPlan,
        cell: Cell,
        rows: u32,
        row: RowAt<'_>,
        captured: &mut Captured,
    ) -> Option<FaultKind> {
        let text = cell.text(row.bytes);
        let mut found = self.judge(plan, &text);
        if plan.kind == Kind::FinancialMonth
            && let Some(FaultKind::Damaged(repair)) = &mut found
            && let Some(year) = year_of_month(&text)
            && self.financial_year(row).is_some_and(|own| own != year)
        {
            repair.damages.insert(Damage::OtherFinancialYear);
            repair.text = None;
        }
        match &found {
            Some(FaultKind::Damaged(Repair {
                text: Some(text), ..
            })) => {
                if text.is_empty() {
                    return plan.mandatory.then_some(FaultKind::Missing).or(found);
                }
                capture_text(&plan.captures, rows, row, cell, text, captured);
            }
            Some(FaultKind::NotUsed) => {}
            _ if cell.escaped || matches!(text, Cow::Owned(_)) => {
                capture_text(&plan.captures, rows, row, cell, &text, captured);
            }
            _ => capture_span(&plan.captures, rows, row, cell, captured),
        }
        found
    }

    /// The financial year that a row says it is of.
    fn financial_year(&self, row: RowAt<'_>) -> Option<FinancialYear> {
        let mut fields = self.columns.fields.iter();
        let cell = fields.position(|field| {
            field.is_some_and(|field| {
                self.plan.fields[usize::from(field)].kind == Kind::FinancialYear
            })
        })?;
        let text = row.text(cell);
        let repaired = repair(text.as_bytes(), Kind::FinancialYear).and_then(|was| was.text);
        FinancialYear::parse(repaired.as_deref().unwrap_or(&text).as_bytes())
    }

    /// What is wrong with a text that is not empty; `None` when nothing is.
    pub(crate) fn judge(&self, plan: &FieldPlan, text: &str) -> Option<FaultKind> {
        if plan.not_used {
            return Some(FaultKind::NotUsed);
        }
        let checker = self.plan.compiled.value(plan.value);
        let problem = self.plan.layout().value_problem(checker, plan.kind, text)?;
        Some(match problem {
            ValueProblem::Damaged(repair) => FaultKind::Damaged(repair),
            ValueProblem::Wrong(fault) => FaultKind::Wrong(fault),
        })
    }

    /// The finding of a line without a place, for which there is no cell any more: as of those before it.
    pub(crate) fn further_line(&self, row: RowAt<'_>, problem: &Problem) -> Draft {
        let (cell, at) = (problem.cell, problem.at);
        let mut cells = row.cells.to_vec();
        let rest = &row.bytes[at..];
        let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        cells[cell].start = at as u32;
        cells[cell].length = cells[cell].length.min(end as u32);
        let cells = &cells[..];
        let kind = FaultKind::NotUsed;
        self.finding(RowAt { cells, ..row }, &Fault { cell, kind })
    }

    /// The finding that a fault makes.
    fn finding(&self, row: RowAt<'_>, fault: &Fault) -> Draft {
        let cell = row.cells[fault.cell];
        let field = self.columns.fields[fault.cell].map_or(0, usize::from);
        let plan = &self.plan.fields[field];
        let layout = &self.plan.layout().fields[field];
        let text = row.text(fault.cell);
        let mut draft = self.draft(BuiltinRule::ValueMissing.rule(), row.record, cell);
        draft
            .finding
            .element
            .clone_from(&plan.facts.dictionary_name);
        draft.finding.path = Some(self.path(field));
        draft.plain("column", layout.column.to_string());
        if !text.is_empty() {
            draft.finding.value = Some(shown(&plan.facts, &text));
        }
        // Where values are judged as they are written, each rule is run for itself.
        draft.unusable = !self.plan.layout().as_written
            && match &fault.kind {
                FaultKind::Wrong(_) => true,
                FaultKind::Damaged(repair) => repair.text.is_none(),
                FaultKind::Missing | FaultKind::NotUsed => false,
            };
        match &fault.kind {
            FaultKind::Missing => {
                draft.finding.expected = Some(Fact::Plain(layout.format.to_string()));
                self.speaks(
                    &mut draft,
                    plan.presence.as_ref(),
                    BuiltinRule::ValueMissing,
                );
            }
            FaultKind::NotUsed => {
                draft.unread = Some(Unread::without_place(self.unread(field, &text)));
                self.speaks(
                    &mut draft,
                    plan.presence.as_ref(),
                    BuiltinRule::ValueNotUsed,
                );
            }
            FaultKind::Damaged(repair) => {
                let rule = if repair.is_cleaning_only() {
                    &self.plan.clean
                } else {
                    &self.plan.dirty
                };
                self.set_rule(&mut draft, rule);
                let damages: Vec<&str> = repair.damages.iter().map(Damage::description).collect();
                draft.plain("damage", damages.join("; "));
                let value_is = match &repair.text {
                    Some(text) => shown(&plan.facts, text),
                    None => Fact::Plain(layout.format.to_string()),
                };
                let reading = value_is.shown(Masking::Masked);
                let reading = match &repair.text {
                    Some(_) => format!("it was read as {reading}"),
                    None => format!("what it was is lost, the format is {reading}"),
                };
                draft.plain("reading", reading);
                draft.finding.expected = Some(value_is);
                if repair.text.is_none() || repair.damages.contains(Damage::ForeignDigits) {
                    // A value that is lost is wrong, whatever happened to it; and digits are 0 to 9, whatever others mean.
                    let wrong = BuiltinRule::ValueDamaged.rule();
                    draft.finding.effect = self.plan.effect(wrong).max(draft.finding.effect);
                }
            }
            FaultKind::Wrong(fault) => {
                let name = plan.facts.dictionary_name.as_deref();
                let schema = &self.plan.compiled.schema;
                let explained = explain::value(schema, plan.value, name, &text, fault);
                let builtin = explained.rule;
                let own = match fault {
                    ValueFault::Enumeration => plan.code.as_ref().or(plan.format.as_ref()),
                    _ => plan.format.as_ref().or(plan.code.as_ref()),
                };
                explained.fill(&mut draft);
                self.speaks(&mut draft, own, builtin);
            }
        }
        draft
    }

    /// What a column that may hold nothing leaves unread: its value, or the line that has no place in its record.
    fn unread(&self, field: usize, text: &str) -> Arc<str> {
        let layout = self.plan.layout();
        let column = &layout.fields[field];
        if layout.lines.is_some() && column.line.is_none() {
            format!("line {text}").into()
        } else {
            Arc::clone(&column.column)
        }
    }

    /// Lets the standard's own rule speak, or else the general one.
    fn speaks(&self, draft: &mut Draft, own: Option<&Arc<Rule>>, general: BuiltinRule) {
        self.set_rule(draft, own.unwrap_or_else(|| general.rule()));
    }

    fn set_rule(&self, draft: &mut Draft, rule: &Arc<Rule>) {
        draft.finding.rule = Arc::clone(rule);
        draft.finding.effect = self.plan.effect(rule);
    }

    /// A finding of a rule at a cell of a row.
    pub(crate) fn draft(&self, rule: &Arc<Rule>, record: u32, cell: Cell) -> Draft {
        let mut draft = self.about_table(rule, cell.start);
        draft.finding.path = None;
        draft.length = cell.length;
        draft.record = Some(record);
        draft
    }

    /// A finding of a rule at an offset that is about no row.
    pub(crate) fn about_table(&self, rule: &Arc<Rule>, offset: u32) -> Draft {
        let mut finding = Finding::new(Arc::clone(rule), Arc::clone(self.file));
        finding.effect = self.plan.effect(rule);
        finding.standard.clone_from(&self.plan.standard);
        finding.authority.clone_from(&self.plan.authority);
        finding.path = Some(self.plan.layout().name.clone());
        Draft {
            finding,
            offset,
            length: 0,
            record: None,
            compared: None,
            unread: None,
            unusable: false,
        }
    }

    /// `acm/FINANCIAL_MONTH`
    pub(crate) fn path(&self, field: usize) -> Arc<str> {
        Arc::clone(&self.plan.fields[field].path)
    }
}

/// Whether a text is not empty and no blank begins or ends it.
#[inline]
fn begins_and_ends(text: &[u8]) -> bool {
    let solid = |byte: Option<&u8>| byte.is_some_and(|byte| *byte > b' ');
    solid(text.first()) && solid(text.last())
}

fn capture_span(
    captures: &[FieldCapture],
    rows: u32,
    row: RowAt<'_>,
    cell: Cell,
    captured: &mut Captured,
) {
    for capture in captures {
        match *capture {
            FieldCapture::Cell { group, column } => {
                captured.put_span(group, rows, column, cell.start, cell.length);
            }
            FieldCapture::Row { group, columns } => {
                let own = captured.add_row(group, rows, row.record, cell.start);
                for column in 0..columns {
                    captured.put_span(group, own, column, cell.start, cell.length);
                }
            }
        }
    }
}

fn capture_text(
    captures: &[FieldCapture],
    rows: u32,
    row: RowAt<'_>,
    cell: Cell,
    text: &str,
    captured: &mut Captured,
) {
    for capture in captures {
        match *capture {
            FieldCapture::Cell { group, column } => captured.put_text(group, rows, column, text),
            FieldCapture::Row { group, columns } => {
                let own = captured.add_row(group, rows, row.record, cell.start);
                for column in 0..columns {
                    captured.put_text(group, own, column, text);
                }
            }
        }
    }
}
