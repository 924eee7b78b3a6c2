//! A definition made ready to check with: its rules compiled, its structure or tables planned.

use std::sync::Arc;

use concord_check::capture::{CapturePath, CapturePlan};
use concord_check::submission::Parameters;
use concord_check::table::{FieldRules, TablePlan};
use concord_check::{Effects, Plan};
use concord_convert::Conversion;
use concord_finding::{Grades, NotRun, Rule, RuleId, RuleStatus};
use concord_read::Limits;
use concord_reference::days_of;
use concord_rules::Compiler;
use concord_rules::reconcile::Totalling;
use concord_standards::compile::CompiledSchema;
use concord_standards::definition::{Definition, StandardInfo};
use concord_standards::layout::{Layout, TableLayout};
use concord_standards::reconcile::Role;
use concord_standards::rules::{Check, RuleDefinition, Seat};
use concord_standards::schema::Schema;
use jiff::civil::Date;

use super::graded::graded;
use super::{Prepare, Prepared, messages, resources};
use crate::failure::Failure;
use crate::reference::ForRules;
use crate::standards::rule_report;

pub(super) fn prepare(
    mut definition: Definition,
    limits: &Limits,
    (reference, as_at): (Option<&Arc<ForRules>>, Option<Date>),
    parameters: &Parameters,
    totalling: Totalling,
    conversion: Option<Conversion>,
    grades: &Grades,
) -> Result<Prepared, Failure> {
    let (rules, off) = graded(std::mem::take(&mut definition.rules), grades);
    let (run, not_run): (Vec<RuleDefinition>, Vec<RuleDefinition>) = rules
        .into_iter()
        .partition(|rule| rule.rule.status == RuleStatus::Stable);
    let mut compiler = Compiler::new(&definition)
        .with_totals(totalling)
        .with_parameters(parameters.clone());
    if let Some(reference) = reference {
        compiler = compiler.with_reference(reference.clone());
    }
    if let Some(day) = as_at {
        compiler = compiler.as_at(days_of(day));
    }
    let rules = compiler.compile(&run).map_err(|errors| {
        let reports = errors.iter().map(|error| rule_report(&definition, error));
        Failure::definition(reports.collect())
    })?;
    if let Some(found) = definition.resources.take() {
        let plan = resources::plan(&definition.standard, found, limits);
        let mut prepared = Prepared::without_rules(Prepare::Resources(plan));
        prepared.not_run = off;
        return Ok(prepared);
    }
    let schema = std::mem::take(&mut definition.schema);
    let compiled = compiled(schema, definition.layout.as_ref())?;
    let conversion = conversion.map(|conversion| conversion.beside(rules.plan()));
    let capture = match &conversion {
        Some(conversion) => Arc::new(conversion.capture.clone()),
        None => Arc::clone(rules.plan()),
    };
    let plan = match (&definition.layout, definition.messages.take()) {
        (_, Some(found)) => Prepare::Messages(messages::plan(
            &definition.standard,
            found,
            compiled,
            capture,
            limits,
        )),
        (Some(layout), None) => {
            let layout = Arc::new(layout.clone());
            let field_rules = FieldRules::of(&run);
            let table = |number: usize| {
                let (layout, compiled) = (Arc::clone(&layout), Arc::clone(&compiled));
                let capture = Arc::clone(&capture);
                let keys = &definition.standard.record.key;
                let mut plan =
                    TablePlan::new(layout, number, compiled, capture, &field_rules, keys);
                plan.standard = Some(definition.standard.name().into());
                plan.authority = Some(authority(&definition.standard).into());
                plan.limits = limits.clone();
                plan.effects = effects(&definition.standard);
                plan.provider = provider(&definition.standard, plan.layout());
                plan.may_be_empty = definition.standard.record.may_be_empty;
                plan
            };
            Prepare::Tables((0..layout.tables.len()).map(table).collect())
        }
        (None, None) => {
            Prepare::Document(document(&definition.standard, compiled, capture, limits))
        }
    };
    Ok(Prepared {
        plan,
        rules: Some(rules),
        not_run: not_run
            .iter()
            .filter_map(|rule| not_run_for(&rule.rule))
            .chain(off)
            .collect(),
        across: run
            .iter()
            .filter(|rule| matches!(rule.check, Check::SubmissionSequence { .. }))
            .map(|rule| RuleId::clone(&rule.rule.id))
            .collect(),
        between: run
            .iter()
            .filter(|rule| rule.at == Seat::Set)
            .cloned()
            .collect(),
        conversion,
        data_set: definition
            .standard
            .reconcile
            .as_ref()
            .map(|_| Arc::clone(&definition.standard.id)),
    })
}

/// The column of a table that says who provided a row.
fn provider(info: &StandardInfo, table: &TableLayout) -> Option<usize> {
    let role = info
        .reconcile
        .as_ref()
        .and_then(|roles| roles.column(Role::Provider));
    let said = info.record.provider.iter().map(String::as_str);
    let mut columns = said.chain(role.map(AsRef::as_ref));
    columns.find_map(|column| Some(table.field(column)?.0))
}

pub(super) fn effects(info: &StandardInfo) -> Effects {
    Effects {
        structure: Some(info.effects.structure),
        value: Some(info.effects.value),
        envelope: Some(info.effects.envelope),
    }
}

pub(super) fn document(
    info: &StandardInfo,
    compiled: Arc<CompiledSchema>,
    capture: Arc<CapturePlan>,
    limits: &Limits,
) -> Plan {
    let records = info.record.elements.clone();
    let mut plan =
        Plan::new(compiled, records, capture, keys(info)).with_providers(&info.record.provider);
    plan.standard = Some(info.name().into());
    plan.authority = Some(authority(info).into());
    plan.limits = limits.clone();
    plan.effects = effects(info);
    plan
}

/// Retired rules are not there any more; the others that are not run are told of.
fn not_run_for(rule: &Rule) -> Option<NotRun> {
    (rule.status == RuleStatus::Preview).then(|| NotRun {
        rule: rule.id.to_string(),
        reason: "it is a preview".to_owned(),
    })
}

/// The paths, from the root, of what identifies a record.
fn keys(info: &StandardInfo) -> Vec<CapturePath> {
    let of_record = |key: &str, record: &Arc<str>| -> CapturePath {
        let below = key.split('/').map(Arc::from);
        [info.recognise.root.clone(), record.clone()]
            .into_iter()
            .chain(below)
            .collect()
    };
    info.record
        .key
        .iter()
        .flat_map(|key| {
            info.record
                .elements
                .iter()
                .map(move |record| of_record(key, record))
        })
        .collect()
}

/// A table of no standard, for an input that holds nothing.
pub(super) fn empty_table(limits: &Limits) -> Result<Prepared, Failure> {
    let mut plan = TablePlan::new(
        Arc::default(),
        0,
        compiled(Schema::default(), None)?,
        CapturePlan::default(),
        &FieldRules::default(),
        &[],
    );
    plan.limits = limits.clone();
    Ok(Prepared::without_rules(Prepare::Tables(vec![plan])))
}

fn compiled(schema: Schema, layout: Option<&Layout>) -> Result<Arc<CompiledSchema>, Failure> {
    let compiled = CompiledSchema::of_definition(Arc::new(schema), layout);
    compiled.map(Arc::new).map_err(|error| {
        Failure::usage(
            error.to_string(),
            "mend the definition; `concord standards lint` shows more",
        )
    })
}

/// An XSD alone: structure and values, no rules.
pub(super) fn structure_only(schema: Schema, limits: &Limits) -> Result<Prepared, Failure> {
    let mut plan = Plan::new(
        compiled(schema, None)?,
        Vec::new(),
        CapturePlan::default(),
        Vec::new(),
    );
    plan.limits = limits.clone();
    Ok(Prepared::without_rules(Prepare::Document(plan)))
}

/// The standard as a source: `cds@6-3-1, DAPB0092`.
pub(super) fn authority(info: &StandardInfo) -> String {
    match &info.number {
        Some(number) => format!("{}, {number}", info.name()),
        None => info.name(),
    }
}
