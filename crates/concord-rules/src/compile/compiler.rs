//! What rules are compiled for.

use std::sync::Arc;

use concord_check::submission::Parameters;
use concord_finding::RuleStatus;
use concord_standards::definition::Definition;
use concord_standards::reconcile::RoleColumns;
use concord_standards::rules::RuleDefinition;
use concord_standards::schema::Schema;

use super::compile;
use crate::code_lists::CodeLists;
use crate::error::RuleError;
use crate::examples::ExampleOutcome;
use crate::given::{Given, Reference};
use crate::reconcile::{Totalling, TotalsPlan};
use crate::ruleset::RuleSet;
use crate::shape::Shape;
use crate::sql::Environment;
use crate::tables::Tables;

/// Compiles rules for a structure, with the code lists and the reference data that they may look things up in.
#[derive(Debug, Clone)]
pub struct Compiler<'c> {
    schema: &'c Schema,
    records: Vec<String>,
    given: Given,
    tabular: bool,
    roles: Option<&'c RoleColumns>,
    totalling: Option<Totalling>,
}

impl<'c> Compiler<'c> {
    /// For a standard.
    pub fn new(definition: &'c Definition) -> Self {
        let tables = definition.layout.as_ref().map(|layout| &layout.tables);
        let records = if let Some(tables) = tables {
            tables.iter().map(|table| table.name.to_string()).collect()
        } else {
            let elements = definition.standard.record.elements.iter();
            elements.map(ToString::to_string).collect()
        };
        Self {
            schema: &definition.schema,
            records,
            given: Given {
                code_lists: Arc::new(CodeLists::new(&definition.code_lists)),
                reference: None,
                parameters: Arc::default(),
                as_at: None,
                row_indexes: Arc::default(),
            },
            tabular: definition.layout.is_some(),
            roles: definition.standard.reconcile.as_ref(),
            totalling: None,
        }
    }

    /// For a structure in which the elements called `records` are the records; there are no code lists.
    pub fn of_schema(schema: &'c Schema, records: &[impl AsRef<str>]) -> Self {
        Self {
            schema,
            records: records
                .iter()
                .map(|name| name.as_ref().to_owned())
                .collect(),
            given: Given::default(),
            tabular: false,
            roles: None,
            totalling: None,
        }
    }

    /// With reference data. Without, the rules that need them are not run.
    #[must_use]
    pub fn with_reference(mut self, reference: Arc<dyn Reference>) -> Self {
        self.given.reference = Some(reference);
        self.given.row_indexes = Arc::default();
        self
    }

    /// As at a day (since 1970-01-01): code lists and reference data are looked up as at it where a rule names no day, or the day
    /// that it names is not there. Without, a code is then taken that was ever in use.
    #[must_use]
    pub fn as_at(mut self, day: i32) -> Self {
        self.given.as_at = Some(day);
        self
    }

    /// With what the user says of submissions. Without, the rules that ask for it are not run.
    #[must_use]
    pub fn with_parameters(mut self, parameters: Parameters) -> Self {
        self.given.parameters = Arc::new(parameters);
        self
    }

    /// With totals, where the standard says what they are made of. Without, none are gathered.
    #[must_use]
    pub fn with_totals(mut self, totalling: Totalling) -> Self {
        self.totalling = Some(totalling);
        self
    }

    #[cfg(test)]
    pub(crate) fn of_tables(
        schema: &'c Schema,
        records: &[&str],
        code_lists: &std::collections::BTreeMap<
            Arc<str>,
            Arc<concord_standards::definition::CodeList>,
        >,
    ) -> Self {
        let mut compiler = Self::of_schema(schema, records);
        compiler.given.code_lists = Arc::new(CodeLists::new(code_lists));
        compiler.tabular = true;
        compiler
    }

    /// Compiles rules. Retired ones are left out; those that lack reference data or parameters are told of when a submission ends.
    ///
    /// # Errors
    /// Everything that is wrong with any of the rules, each with its place.
    pub fn compile(&self, rules: &[RuleDefinition]) -> Result<RuleSet, Vec<RuleError>> {
        let shape = Shape::new(self.schema, &self.records);
        let environment = Environment::new(&self.given);
        let mut tables = Tables::new(&shape);
        let live: Vec<&RuleDefinition> = rules
            .iter()
            .filter(|rule| rule.rule.status != RuleStatus::Retired)
            .collect();
        let totals = self.roles.zip(self.totalling);
        let totals =
            totals.and_then(|(roles, totalling)| TotalsPlan::new(&mut tables, roles, totalling));
        let mut set = compile(&mut tables, &environment, self.tabular, &live)?;
        set.totals = totals;
        Ok(set)
    }

    /// Runs every example of every rule.
    ///
    /// Those of what a reader finds and of data sets that are compared are left out: they are tried where that is done.
    /// Each rule is compiled by itself, by the same code as for use. A rule that does not compile, or that has no passing or
    /// no failing example, gives an outcome with that problem. Rows under the name of a reference table are reference data:
    /// `code`, `valid_from`, `valid_to` and whatever a query asks for; a row under the name `param` has parameters.
    pub fn run_examples(&self, rules: &[RuleDefinition]) -> Vec<ExampleOutcome> {
        crate::examples::run(self.schema, &self.records, &self.given, self.tabular, rules)
    }
}

impl RuleSet {
    /// Compiles the rules for a structure in which the elements called `records` are the records, without code lists and
    /// reference data. [`Compiler`] compiles those of a standard.
    ///
    /// Retired rules are left out.
    ///
    /// # Errors
    /// Everything that is wrong with any of the rules, each with its place.
    pub fn compile(
        schema: &Schema,
        records: &[impl AsRef<str>],
        rules: &[RuleDefinition],
    ) -> Result<Self, Vec<RuleError>> {
        Compiler::of_schema(schema, records).compile(rules)
    }
}

/// Runs every example of every rule without code lists and reference data: see [`Compiler::run_examples`].
pub fn run_examples(
    schema: &Schema,
    records: &[impl AsRef<str>],
    rules: &[RuleDefinition],
) -> Vec<ExampleOutcome> {
    Compiler::of_schema(schema, records).run_examples(rules)
}
