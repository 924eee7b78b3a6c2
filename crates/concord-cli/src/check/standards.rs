//! Which standard an input is checked against, compiled once for all inputs that follow it.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_check::capture::{CapturePath, CapturePlan};
use concord_check::{Effects, Plan, RootTag, root_tag};
use concord_finding::{NotRun, Rule, RuleId, RuleStatus};
use concord_read::Limits;
use concord_rules::RuleSet;
use concord_standards::compile::CompiledSchema;
use concord_standards::definition::{Definition, StandardInfo};
use concord_standards::registry::{Recognition, Registry};
use concord_standards::rules::{Check, RuleDefinition};
use concord_standards::schema::Schema;

use crate::arguments::CheckArguments;
use crate::failure::Failure;
use crate::standards::rule_report;
use crate::{source, standards};

/// A standard ready to check with.
pub(super) struct Prepared {
    pub(super) plan: Plan,
    /// Rules beyond structure; `None` when there is only a structure.
    pub(super) rules: Option<RuleSet>,
    /// Rules that are not run whatever the input.
    pub(super) not_run: Vec<NotRun>,
    /// Rules that compare inputs, and so need more than one.
    pub(super) across: Vec<RuleId>,
}

/// What the beginning of an input follows.
pub(super) enum Which {
    This(Arc<Prepared>),
    /// Nothing that is known: why, and what to do.
    Unknown(String, String),
}

/// The standards of a run.
pub(super) struct Standards {
    registry: Registry,
    /// The one that the user named.
    named: Option<Arc<Prepared>>,
    prepared: BTreeMap<String, Arc<Prepared>>,
    limits: Limits,
}

impl Standards {
    pub(super) fn new(arguments: &CheckArguments, limits: &Limits) -> Result<Self, Failure> {
        let mut standards = Self {
            registry: source::registry(arguments.schemas.schemas.as_deref())?,
            named: None,
            prepared: BTreeMap::new(),
            limits: limits.clone(),
        };
        standards.named = match (&arguments.schema, &arguments.standard) {
            (Some(path), _) => {
                let schema = standards::read_xsd(path)?;
                Some(Arc::new(structure_only(schema, limits)?))
            }
            (None, Some(name)) => Some(standards.load(name)?),
            (None, None) => None,
        };
        Ok(standards)
    }

    /// The standard that an input follows which begins with `first`.
    pub(super) fn of(&mut self, first: &[u8]) -> Result<Which, Failure> {
        if let Some(named) = &self.named {
            return Ok(Which::This(Arc::clone(named)));
        }
        let Some(root) = root_tag(first) else {
            // No standard is needed to say what there is instead of XML.
            return Ok(Which::This(Arc::new(structure_only(
                Schema::default(),
                &self.limits,
            )?)));
        };
        let attributes: Vec<(&str, &str)> = root
            .attributes
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let name = match self
            .registry
            .recognise(&root.local, &root.namespace, &attributes)
        {
            Recognition::Recognised(info) => info.name(),
            Recognition::Ambiguous(infos) => {
                return Ok(Which::Unknown(
                    format!("several standards begin with {}", shown(&root)),
                    format!("name one of {} with --standard", names(&infos)),
                ));
            }
            Recognition::Unknown { nearest } => {
                let help = if nearest.is_empty() {
                    "name a standard with --standard, or give your own copy of an official XSD with --schema".to_owned()
                } else {
                    format!(
                        "the nearest are {}; name one with --standard to see what differs",
                        names(&nearest)
                    )
                };
                let reason = format!("no standard that is known begins with {}", shown(&root));
                return Ok(Which::Unknown(reason, help));
            }
        };
        self.load(&name).map(Which::This)
    }

    fn load(&mut self, name: &str) -> Result<Arc<Prepared>, Failure> {
        let name = self.registry.find(name)?.name();
        if let Some(prepared) = self.prepared.get(&name) {
            return Ok(Arc::clone(prepared));
        }
        let prepared = Arc::new(prepare(&self.registry.load(&name)?, &self.limits)?);
        self.prepared.insert(name, Arc::clone(&prepared));
        Ok(prepared)
    }
}

fn names(infos: &[&StandardInfo]) -> String {
    let names: Vec<String> = infos.iter().map(|info| info.name()).collect();
    names.join(", ")
}

/// The root element as far as it decides; attributes can hold anything and are cut.
fn shown(root: &RootTag) -> String {
    let namespace = match root.namespace.as_str() {
        "" => String::new(),
        namespace => format!(" in the namespace {namespace}"),
    };
    let attributes = root.attributes.iter().take(4).map(|(name, value)| {
        let value: String = value.chars().take(40).collect();
        format!(", {name}=\"{value}\"")
    });
    format!(
        "`{}`{namespace}{}",
        root.local,
        attributes.collect::<String>()
    )
}

fn compiled(schema: Schema) -> Result<Arc<CompiledSchema>, Failure> {
    CompiledSchema::compile(Arc::new(schema))
        .map(Arc::new)
        .map_err(|error| {
            Failure::usage(
                error.to_string(),
                "mend the definition; `concord standards lint` shows more",
            )
        })
}

/// An XSD alone: structure and values, no rules.
fn structure_only(schema: Schema, limits: &Limits) -> Result<Prepared, Failure> {
    let mut plan = Plan::new(
        compiled(schema)?,
        Vec::new(),
        CapturePlan::default(),
        Vec::new(),
    );
    plan.limits = limits.clone();
    Ok(Prepared {
        plan,
        rules: None,
        not_run: Vec::new(),
        across: Vec::new(),
    })
}

fn prepare(definition: &Definition, limits: &Limits) -> Result<Prepared, Failure> {
    let info = &definition.standard;
    let keys = keys(info);
    let effects = Effects {
        structure: Some(info.effects.structure),
        value: Some(info.effects.value),
        envelope: Some(info.effects.envelope),
    };
    let (run, not_run): (Vec<RuleDefinition>, Vec<RuleDefinition>) = definition
        .rules
        .iter()
        .cloned()
        .partition(|rule| rule.rule.status == RuleStatus::Stable);
    let rules =
        RuleSet::compile(&definition.schema, &info.record.elements, &run).map_err(|errors| {
            let reports = errors.iter().map(|error| rule_report(definition, error));
            Failure::definition(reports.collect())
        })?;
    let mut plan = Plan::new(
        compiled(definition.schema.clone())?,
        info.record.elements.clone(),
        rules.plan().clone(),
        keys,
    );
    plan.standard = Some(info.name().into());
    plan.limits = limits.clone();
    plan.effects = effects;
    Ok(Prepared {
        plan,
        rules: Some(rules),
        not_run: not_run
            .iter()
            .filter_map(|rule| not_run_for(&rule.rule))
            .collect(),
        across: run
            .iter()
            .filter(|rule| matches!(rule.check, Check::SubmissionSequence { .. }))
            .map(|rule| RuleId::clone(&rule.rule.id))
            .collect(),
    })
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
