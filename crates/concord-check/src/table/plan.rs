//! A table of a layout made ready to check with.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use concord_finding::{Effect, Grades, Rule, RuleClass, RuleId};
use concord_model::repair::Kind;
use concord_read::Limits;
use concord_standards::compile::CompiledSchema;
use concord_standards::layout::{Field, HeaderUse, Layout, Letters, Mandation, TableLayout};
use concord_standards::rules::{CarrierCheck, Check, RuleDefinition};
use concord_standards::schema::{ElementId, Facts, SimpleTypeId};

use crate::capture::CapturePlan;
use crate::catalogue::BuiltinRule;
use crate::plan::Effects;
use crate::quick::Quick;

/// What the checker needs to know about a table.
#[derive(Debug)]
pub struct TablePlan {
    /// The layout that the table is of.
    pub layout: Arc<Layout>,
    /// The table's number in the layout.
    pub table: usize,
    /// What may stand in the columns.
    pub compiled: Arc<CompiledSchema>,
    /// What to capture for rules and conversions.
    pub capture: Arc<CapturePlan>,
    /// The name of the standard, such as `acm@2`.
    pub standard: Option<Arc<str>>,
    /// The standard as findings name it as their source: `acm@2, DCB2050`.
    pub authority: Option<Arc<str>>,
    /// Limits on what is read.
    pub limits: Limits,
    /// Effects by class, where the standard departs from the rules' own.
    pub effects: Effects,
    /// Rules that the user grades otherwise.
    pub grades: Arc<Grades>,
    /// Whether findings about values say what would take the value's place, where that is beyond doubt.
    pub fixes: bool,
    /// The column that says who provided a row.
    pub provider: Option<usize>,
    /// Whether a file without rows is as it should be.
    pub may_be_empty: bool,
    /// Columns that identify a row to its owner, tried in this order.
    pub keys: Vec<usize>,
    pub(crate) fields: Vec<FieldPlan>,
    /// Groups of what is captured in which each row of the table makes a row.
    pub(crate) records: Vec<usize>,
    pub(crate) clean: Arc<Rule>,
    pub(crate) dirty: Arc<Rule>,
    pub(crate) spelling: Option<Arc<Rule>>,
    /// The standard's own rule about rows with another number of cells than there are columns.
    pub(crate) width: Option<Arc<Rule>>,
    /// The standard's own rule about documents that are not as they must be.
    pub(crate) document: Option<Arc<Rule>>,
}

/// A column made ready.
#[derive(Debug)]
pub(crate) struct FieldPlan {
    pub(crate) quick: Quick,
    pub(crate) value: SimpleTypeId,
    pub(crate) mandatory: bool,
    pub(crate) not_used: bool,
    /// What the value is wanted to be, for repairs.
    pub(crate) kind: Kind,
    pub(crate) facts: Facts,
    /// The path of the column: `acm/FINANCIAL_MONTH`.
    pub(crate) path: Arc<str>,
    pub(crate) presence: Option<Arc<Rule>>,
    pub(crate) format: Option<Arc<Rule>>,
    pub(crate) code: Option<Arc<Rule>>,
    pub(crate) captures: Vec<FieldCapture>,
}

/// A place that takes the text of a column.
#[derive(Debug, Clone, Copy)]
pub(crate) enum FieldCapture {
    /// A cell of the row that stands for the record.
    Cell {
        /// The group whose rows are records.
        group: usize,
        /// Its column.
        column: usize,
    },
    /// A row of its own, in a group of elements, with the text in each of its columns.
    Row {
        /// The group.
        group: usize,
        /// How many columns it has.
        columns: usize,
    },
}

/// The rules of a standard that the checker raises itself: those of columns and of the carrier.
#[derive(Debug, Clone, Default)]
pub struct FieldRules {
    by_id: BTreeMap<RuleId, Arc<Rule>>,
    clean: Option<Arc<Rule>>,
    dirty: Option<Arc<Rule>>,
    spelling: Option<Arc<Rule>>,
    width: Option<Arc<Rule>>,
    document: Option<Arc<Rule>>,
}

impl FieldRules {
    /// Takes them out of the rules of a standard.
    pub fn of(rules: &[RuleDefinition]) -> Self {
        let mut found = Self::default();
        for definition in rules {
            let rule = &definition.rule;
            match definition.check {
                Check::Field(_) => {
                    found.by_id.insert(rule.id.clone(), Arc::clone(rule));
                }
                Check::Carrier(CarrierCheck::Clean) => found.clean = Some(Arc::clone(rule)),
                Check::Carrier(CarrierCheck::DirtyValue) => found.dirty = Some(Arc::clone(rule)),
                Check::Carrier(CarrierCheck::DirtyHeader) => {
                    found.spelling = Some(Arc::clone(rule));
                }
                Check::Carrier(CarrierCheck::Columns) => found.width = Some(Arc::clone(rule)),
                Check::Carrier(CarrierCheck::Document) => found.document = Some(Arc::clone(rule)),
                _ => {}
            }
        }
        found
    }
}

impl TablePlan {
    /// Puts a table of a layout, its compiled schema, the wanted values and the rules of its columns together.
    ///
    /// A table that the layout does not have gives a plan without columns.
    pub fn new(
        layout: Arc<Layout>,
        table: usize,
        compiled: Arc<CompiledSchema>,
        capture: impl Into<Arc<CapturePlan>>,
        rules: &FieldRules,
        keys: &[String],
    ) -> Self {
        let capture = capture.into();
        let (mut fields, mut found) = (Vec::new(), Vec::new());
        if let Some(table) = layout.tables.get(table) {
            fields = table
                .fields
                .iter()
                .map(|field| field_plan(table, field, &compiled, &capture, rules))
                .collect();
            found = keys
                .iter()
                .filter_map(|key| table.field(key).map(|(index, _)| index))
                .collect();
        }
        let records = layout
            .tables
            .get(table)
            .map_or_else(Vec::new, |table| record_groups(table, &capture));
        Self {
            records,
            layout,
            table,
            compiled,
            capture,
            standard: None,
            authority: None,
            limits: Limits::default(),
            effects: Effects::default(),
            grades: Arc::default(),
            fixes: false,
            provider: None,
            may_be_empty: false,
            keys: found,
            fields,
            clean: or_builtin(rules.clean.as_ref(), BuiltinRule::ValueUnclean),
            dirty: or_builtin(rules.dirty.as_ref(), BuiltinRule::ValueDamaged),
            spelling: rules.spelling.clone(),
            width: rules.width.clone(),
            document: rules.document.clone(),
        }
    }

    /// The table; one without columns when the layout has no such table.
    pub fn layout(&self) -> &TableLayout {
        static NONE: LazyLock<TableLayout> = LazyLock::new(|| TableLayout {
            name: "table".into(),
            title: String::new(),
            header: HeaderUse::Optional,
            delimiters: Vec::new(),
            record_length: None,
            lines: None,
            encoding: Letters::default(),
            document: None,
            as_written: false,
            fields: Vec::new(),
            record: ElementId(0),
        });
        self.layout.tables.get(self.table).unwrap_or(&NONE)
    }

    /// Whether a row could be one of a table without a header: it has as many cells as the table has columns, what must be
    /// filled is filled as it should be, and what is not used is blank.
    pub fn could_hold(&self, cells: &[String]) -> bool {
        let table = self.layout();
        let rightly_filled = |(field, cell): (&Field, &String)| match field.mandation {
            Mandation::Mandatory => {
                !cell.is_empty() && self.compiled.value(field.value).check(cell).is_ok()
            }
            Mandation::NotUsed => cell.is_empty(),
            Mandation::Required | Mandation::Optional | Mandation::Pilot => true,
        };
        table.header != HeaderUse::Required
            && table.fields.len() == cells.len()
            && table.fields.iter().zip(cells).all(rightly_filled)
    }

    /// Whether columns are found by where they stand.
    pub fn is_fixed_width(&self) -> bool {
        let fields = &self.layout().fields;
        !fields.is_empty() && fields.iter().all(|field| field.span.is_some())
    }

    /// The effect of a rule of the catalogue under this standard.
    pub(crate) fn effect(&self, rule: &Rule) -> Effect {
        match rule.class {
            RuleClass::Structure => self.effects.structure,
            RuleClass::Value => self.effects.value,
            RuleClass::Carrier | RuleClass::Business => None,
        }
        .filter(|_| rule.effect == Effect::RejectRecord)
        .unwrap_or(rule.effect)
    }
}

fn or_builtin(rule: Option<&Arc<Rule>>, builtin: BuiltinRule) -> Arc<Rule> {
    Arc::clone(rule.unwrap_or_else(|| builtin.rule()))
}

fn field_plan(
    table: &TableLayout,
    field: &Field,
    compiled: &CompiledSchema,
    capture: &CapturePlan,
    rules: &FieldRules,
) -> FieldPlan {
    let rule = |id: &Option<RuleId>| id.as_ref().and_then(|id| rules.by_id.get(id)).cloned();
    let not_used = field.mandation == Mandation::NotUsed;
    FieldPlan {
        // Where nothing may stand, no value is right.
        quick: if not_used {
            Quick::Exact
        } else {
            Quick::new(&compiled.schema, field.value)
        },
        value: field.value,
        mandatory: field.mandation == Mandation::Mandatory,
        not_used,
        kind: field.kind(&compiled.schema),
        facts: Facts {
            dictionary_name: Some(Arc::clone(&field.element)),
            personal: field.personal,
            ..Facts::default()
        },
        path: format!("{}/{}", table.name, field.column).into(),
        presence: rule(&field.presence_rule),
        format: rule(&field.format_rule),
        code: rule(&field.code_rule),
        captures: captures(table, field, capture),
    }
}

/// Groups whose rows are the rows of a table.
fn record_groups(table: &TableLayout, capture: &CapturePlan) -> Vec<usize> {
    let groups = capture.groups.iter().enumerate();
    groups
        .filter(|(_, group)| group.paths.iter().any(|path| is_record(table, path)))
        .map(|(number, _)| number)
        .collect()
}

fn is_record(table: &TableLayout, path: &[Arc<str>]) -> bool {
    matches!(path, [_, record] if *record == table.name)
}

/// The cells and rows that take the text of a column.
fn captures(table: &TableLayout, field: &Field, capture: &CapturePlan) -> Vec<FieldCapture> {
    let is_column = |path: &[Arc<str>]| match path {
        [_, record, column] => *record == table.name && *column == field.column,
        _ => false,
    };
    let mut found = Vec::new();
    for (number, group) in capture.groups.iter().enumerate() {
        if group.paths.iter().any(|path| is_record(table, path)) {
            for (column, wanted) in group.columns.iter().enumerate() {
                if wanted.paths.iter().any(|path| is_column(path)) {
                    found.push(FieldCapture::Cell {
                        group: number,
                        column,
                    });
                }
            }
        } else if group.paths.iter().any(|path| is_column(path)) {
            found.push(FieldCapture::Row {
                group: number,
                columns: group.columns.len(),
            });
        }
    }
    found
}
