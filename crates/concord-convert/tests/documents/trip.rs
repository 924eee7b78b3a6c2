//! A document of one version through the model into another.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_check::capture::CapturePlan;
use concord_check::{CHUNK, NoRules, Options, Plan, check};
use concord_convert::document::{DocumentPlan, DocumentWriter, Envelope, WrittenDocument};
use concord_convert::records::ByRecord;
use concord_convert::{Conversion, Converting, Loss, LossReason, OnReject, mapped};
use concord_finding::{Finding, Masking};
use concord_model::entities::Kind;
use concord_read::xml::Chunks;
use concord_standards::compile::CompiledSchema;
use concord_standards::definition::{Definition, Mapping};

use crate::normal::{Node, kinds, normal};

/// A version of a standard.
pub(crate) struct Version {
    pub(crate) definition: Definition,
    pub(crate) mapping: Mapping,
    pub(crate) kinds: BTreeMap<String, Kind>,
    /// The elements behind the names by which losses tell of values.
    names: BTreeMap<String, BTreeSet<String>>,
    conversion: Conversion,
    compiled: Arc<CompiledSchema>,
}

/// What came of a trip.
#[derive(Debug)]
pub(crate) struct Trip {
    pub(crate) written: Vec<u8>,
    pub(crate) records: u64,
    pub(crate) left_out: u64,
    /// What was lost on the way into the model.
    pub(crate) into: Vec<Loss>,
    /// What was lost on the way out of it.
    pub(crate) out: Vec<Loss>,
}

impl Trip {
    fn loses_records(&self) -> bool {
        self.left_out > 0 || self.into.iter().any(|loss| loss.element == "record")
    }

    /// This trip, and another one behind it.
    pub(crate) fn then(self, next: Self) -> Self {
        Self {
            written: next.written,
            records: next.records,
            left_out: self.left_out + next.left_out,
            into: self.into.into_iter().chain(self.out).collect(),
            out: next.into.into_iter().chain(next.out).collect(),
        }
    }
}

impl Version {
    pub(crate) fn load(files: &BTreeMap<String, String>, folder: &str) -> Self {
        let definition = Definition::load(files, folder);
        let definition = definition.unwrap_or_else(|errors| panic!("{folder}: {errors}"));
        let mapping = Mapping::load(files, folder);
        let mapping = mapping.unwrap_or_else(|errors| panic!("{folder}: {errors}"));
        let mapping = mapping.expect("a mapping");
        let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in &mapping.rows {
            for field in &row.fields {
                let known = [
                    field.field.title.to_owned(),
                    field.field.name.to_owned(),
                    format!("{}.{}", row.entity.name, field.field.name),
                ];
                for reference in field.from.iter().chain(&field.also) {
                    let element = reference.text.rsplit('/').next().expect("a name");
                    for name in &known {
                        names
                            .entry(name.clone())
                            .or_default()
                            .insert(element.to_owned());
                    }
                }
            }
        }
        Self {
            kinds: kinds(&mapping),
            names,
            conversion: mapped(&definition, &mapping).expect("a conversion"),
            compiled: Arc::new(
                CompiledSchema::compile(Arc::new(definition.schema.clone())).expect("compiles"),
            ),
            definition,
            mapping,
        }
    }

    pub(crate) fn plan(&self) -> DocumentPlan<'_> {
        DocumentPlan::new(&self.definition, &self.mapping).expect("a plan")
    }

    fn check_plan(&self, capture: CapturePlan) -> Plan {
        let records = self.definition.standard.record.elements.clone();
        Plan::new(Arc::clone(&self.compiled), records, capture, Vec::new())
    }

    /// What our own checker finds in a document.
    pub(crate) fn findings(&self, document: &[u8]) -> Vec<String> {
        let plan = self.check_plan(CapturePlan::default());
        let name: Arc<str> = "written.xml".into();
        let chunks = Chunks::new(Cursor::new(document), Arc::clone(&name), CHUNK, 1 << 24);
        let mut found = Vec::new();
        let mut sink = |finding: Finding| {
            let rule = &finding.rule.id;
            found.push(format!(
                "{rule} {:?} {}",
                finding.path,
                finding.message(Masking::Revealed)
            ));
            ControlFlow::Continue(())
        };
        let checked = check(
            chunks,
            &name,
            None,
            &plan,
            &NoRules,
            Options::default(),
            &mut sink,
        );
        assert!(checked.error.is_none(), "{:?}", checked.error);
        found
    }

    /// A document through the model into the version of a plan.
    pub(crate) fn to(&self, document: &[u8], plan: &DocumentPlan<'_>, envelope: Envelope) -> Trip {
        let capture = self.conversion.capture.clone();
        let check_plan = self.check_plan(capture);
        let name: Arc<str> = "source.xml".into();
        let chunks = Chunks::new(Cursor::new(document), Arc::clone(&name), CHUNK, 1 << 24);
        let tables = self.conversion.tables.iter();
        let names = tables.map(|table| Arc::clone(&table.name)).collect();
        let target = ByRecord::new(names, DocumentWriter::new(plan, envelope, Vec::new()));
        let converting = Converting::new(&NoRules, &self.conversion, OnReject::Split, &target);
        let mut sink = |_: Finding| ControlFlow::Continue(());
        let options = Options::default();
        let checked = check(
            chunks,
            &name,
            None,
            &check_plan,
            &converting,
            options,
            &mut sink,
        );
        assert!(checked.error.is_none(), "{:?}", checked.error);
        let ((), converted) = checked.outcome.expect("an outcome");
        let writer = target
            .into_writer()
            .unwrap_or_else(|reason| panic!("{reason}"));
        let WrittenDocument {
            records,
            left_out,
            losses,
            out,
            lacking: _,
        } = writer.finish().unwrap_or_else(|error| panic!("{error}"));
        Trip {
            written: out,
            records,
            left_out,
            into: converted.losses.list(),
            out: losses.list(),
        }
    }

    pub(crate) fn normal(&self, document: &[u8]) -> Node {
        let records = &self.definition.standard.record.elements;
        let records: Vec<&str> = records.iter().map(|name| &**name).collect();
        normal(document, &self.kinds, &records)
    }

    /// What the source says and the written document does not, or the other way round, and no loss tells of; empty when
    /// everything is accounted for.
    pub(crate) fn unaccounted(&self, source: &[u8], trip: &Trip) -> Vec<String> {
        let mut problems = Vec::new();
        if trip.records == 0 {
            if !trip
                .out
                .iter()
                .any(|loss| loss.reason == LossReason::Incomplete)
            {
                problems.push("nothing was written, and no loss says so".to_owned());
            }
            return problems;
        }
        let (before, after) = (self.normal(source), self.normal(&trip.written));
        if before == after {
            let lost = trip
                .out
                .iter()
                .filter(|loss| loss.reason != LossReason::NotOfItsForm);
            problems.extend(lost.map(|loss| format!("said to be lost, and there: {loss:?}")));
            return problems;
        }
        let mut values = BTreeMap::new();
        before.values("", &mut values, 1);
        after.values("", &mut values, -1);
        values.retain(|_, count| *count != 0);
        if trip.loses_records() {
            values.retain(|(path, _), _| !path.ends_with("/CDSInterchangeControlCount"));
        }
        if values.is_empty() {
            problems.push("the same values in another order or grouping".to_owned());
        }
        let records_lost = trip.loses_records();
        let lost: BTreeSet<&str> = trip
            .into
            .iter()
            .chain(&trip.out)
            .flat_map(|loss| {
                let named = self.names.get(&loss.element).into_iter().flatten();
                named.map(String::as_str).chain([&*loss.element])
            })
            .collect();
        for ((path, value), count) in values {
            let name = path.rsplit('/').next().expect("a name");
            if !(lost.contains(name) || (records_lost && count > 0)) {
                problems.push(format!("{count:+} {path} = {value:?}"));
            }
        }
        problems
    }
}
