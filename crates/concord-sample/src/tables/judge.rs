//! What a checker says of one value: sound, damaged and mended, or wrong, and by which rule.
//!
//! Faults are made by it, so that a fault meant for one rule does not break another.

use std::sync::Arc;

use concord_finding::RuleId;
use concord_model::repair::Kind;
use concord_standards::compile::{CompileError, CompiledSchema};
use concord_standards::definition::Definition;
use concord_standards::layout::{Mandation, TableLayout, ValueProblem};
use concord_standards::rules::{CarrierCheck, Check};
use concord_standards::value::ValueFault;

/// What is said of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// The rule that speaks.
    pub(crate) rule: RuleId,
    /// What other rules are given in its place; `None` when it is given as it stands.
    pub(crate) mended: Option<String>,
}

/// Judges values of one table.
#[derive(Debug)]
pub(crate) struct Judge {
    compiled: CompiledSchema,
    table: TableLayout,
    fields: Vec<JudgedField>,
    clean: RuleId,
    dirty: RuleId,
}

#[derive(Debug)]
struct JudgedField {
    kind: Kind,
    mandatory: bool,
    not_used: bool,
    presence: Option<RuleId>,
    format: Option<RuleId>,
    code: Option<RuleId>,
    value: concord_standards::schema::SimpleTypeId,
}

impl Judge {
    pub(crate) fn new(
        definition: &Definition,
        table: &TableLayout,
    ) -> Result<Self, Box<CompileError>> {
        let compiled = CompiledSchema::of_tables(Arc::new(definition.schema.clone()))?;
        let fields = table
            .fields
            .iter()
            .map(|field| JudgedField {
                kind: field.kind(&compiled.schema),
                mandatory: field.mandation == Mandation::Mandatory,
                not_used: field.mandation == Mandation::NotUsed,
                presence: field.presence_rule.clone(),
                format: field.format_rule.clone(),
                code: field.code_rule.clone(),
                value: field.value,
            })
            .collect();
        let carrier = |wanted: CarrierCheck, general: &str| {
            definition
                .rules
                .iter()
                .find(|rule| matches!(rule.check, Check::Carrier(check) if check == wanted))
                .map_or_else(|| RuleId::from(general), |rule| rule.rule.id.clone())
        };
        Ok(Self {
            compiled,
            table: table.clone(),
            fields,
            clean: carrier(CarrierCheck::Clean, "VALUE-UNCLEAN"),
            dirty: carrier(CarrierCheck::DirtyValue, "VALUE-DAMAGED"),
        })
    }

    /// What the value of a field is wanted to be.
    pub(crate) fn kind(&self, field: usize) -> Kind {
        self.fields[field].kind
    }

    pub(crate) fn is_mandatory(&self, field: usize) -> bool {
        self.fields[field].mandatory
    }

    /// What is said of a text in a field; `None` when nothing is.
    pub(crate) fn verdict(&self, number: usize, text: &str) -> Option<Verdict> {
        let field = &self.fields[number];
        let said = |own: &Option<RuleId>, general: &str| {
            Some(Verdict {
                rule: own.clone().unwrap_or_else(|| general.into()),
                mended: None,
            })
        };
        if text.is_empty() {
            return if field.mandatory {
                said(&field.presence, "VALUE-MISSING")
            } else {
                None
            };
        }
        if field.not_used {
            return said(&field.presence, "VALUE-NOT-USED");
        }
        let checker = self.compiled.value(field.value);
        match self.table.value_problem(checker, field.kind, text)? {
            ValueProblem::Damaged(found) => {
                if found.text.as_deref() == Some("") && field.mandatory {
                    return said(&field.presence, "VALUE-MISSING");
                }
                let rule = if found.is_cleaning_only() {
                    &self.clean
                } else {
                    &self.dirty
                };
                Some(Verdict {
                    rule: rule.clone(),
                    mended: found.text,
                })
            }
            ValueProblem::Wrong(ValueFault::Enumeration) => {
                let own = field.code.clone().or_else(|| field.format.clone());
                said(&own, "VALUE-CODE")
            }
            ValueProblem::Wrong(fault) => {
                let own = field.format.clone().or_else(|| field.code.clone());
                said(&own, general(&fault))
            }
        }
    }
}

/// The rule that speaks of a fault where the standard has none of its own.
fn general(fault: &ValueFault) -> &'static str {
    match fault {
        ValueFault::Pattern { .. } | ValueFault::NoUnionMember => "VALUE-FORMAT",
        ValueFault::Length { .. } | ValueFault::TooShort { .. } | ValueFault::TooLong { .. } => {
            "VALUE-LENGTH"
        }
        ValueFault::BelowMinimum { .. } | ValueFault::AboveMaximum { .. } => "VALUE-RANGE",
        ValueFault::TotalDigits { .. } | ValueFault::FractionDigits { .. } => "VALUE-DIGITS",
        _ => "VALUE-TYPE",
    }
}
