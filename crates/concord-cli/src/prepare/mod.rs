//! Which standard an input is checked against, compiled once for all inputs that follow it.

mod across;
mod canonical;
mod graded;
mod headless;
mod in_force;
mod many;
mod messages;
mod ready;
mod recognise;
mod resources;
mod sides;
mod watched;
mod which_table;
mod whole;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use concord_check::Plan;
use concord_check::message::MessagePlan;
use concord_check::resource::ResourcePlan;
use concord_check::submission::Parameters;
use concord_check::table::TablePlan;
use concord_convert::Conversion;
use concord_finding::{Grades, NotRun, RuleId};
use concord_read::Limits;
use concord_rules::RuleSet;
use concord_rules::reconcile::Totalling;
use concord_standards::definition::Definition;
use concord_standards::registry::Registry;
use concord_standards::rules::RuleDefinition;
use jiff::civil::Date;

use crate::arguments::is_json;
use crate::failure::Failure;
use crate::reference::ForRules;
use crate::{reference, source, standards};

pub(crate) use across::{Across, add_to_file};
pub(crate) use canonical::{mapping, to_canonical};
pub(crate) use many::sorted;
use ready::{prepare, structure_only};
pub(crate) use resources::is_xml_of_resources;
pub(crate) use sides::{of_definition, of_structure};
pub(crate) use watched::{MayHold, may_hold};
pub(crate) use whole::{Whole, beginning};

/// A standard ready to check with.
pub(crate) struct Prepared {
    pub(crate) plan: Prepare,
    /// Rules beyond structure; `None` when there is only a structure.
    pub(crate) rules: Option<RuleSet>,
    /// Rules that are not run whatever the input.
    pub(crate) not_run: Vec<NotRun>,
    /// Rules that compare inputs, and so need more than one.
    pub(crate) across: Vec<RuleId>,
    /// Rules about whole files and data sets.
    pub(crate) between: Vec<RuleDefinition>,
    /// What it is converted to, where that was asked for.
    pub(crate) conversion: Option<Conversion>,
    /// Which data set the standard is a version of, where totals of it can be compared with others.
    pub(crate) data_set: Option<Arc<str>>,
}

impl Prepared {
    /// A structure alone.
    fn without_rules(plan: Prepare) -> Self {
        Self {
            plan,
            rules: None,
            not_run: Vec::new(),
            across: Vec::new(),
            between: Vec::new(),
            conversion: None,
            data_set: None,
        }
    }
}

/// A standard made ready for its carrier.
#[allow(clippy::large_enum_variant)] // there are a few in a run
pub(crate) enum Prepare {
    /// XML.
    Document(Plan),
    /// Delimited text: a plan for each table of the layout.
    Tables(Vec<TablePlan>),
    /// HL7 v2 messages.
    Messages(MessagePlan),
    /// FHIR resources.
    Resources(ResourcePlan),
}

impl Prepare {
    /// The name of the standard, such as `cds@6-3-1`.
    pub(crate) fn standard(&self) -> Option<&Arc<str>> {
        match self {
            Self::Document(plan) => plan.standard.as_ref(),
            Self::Tables(plans) => plans.first()?.standard.as_ref(),
            Self::Messages(plan) => plan.document.standard.as_ref(),
            Self::Resources(plan) => plan.standard.as_ref(),
        }
    }

    /// The standard as a source, in findings about tables.
    pub(crate) fn authority(&self) -> Option<Arc<str>> {
        match self {
            Self::Document(plan) => plan.authority.clone(),
            Self::Tables(plans) => plans.first()?.authority.clone(),
            Self::Messages(_) | Self::Resources(_) => None,
        }
    }

    /// Whether findings say what would put values right.
    fn say_fixes(&mut self, fixes: bool) {
        match self {
            Self::Document(plan) => plan.fixes = fixes,
            Self::Tables(plans) => plans.iter_mut().for_each(|plan| plan.fixes = fixes),
            // What would put a value of a message or resource right is not worked out.
            Self::Messages(_) | Self::Resources(_) => {}
        }
    }
}

/// What the beginning of an input follows.
pub(crate) enum Which {
    This(Arc<Prepared>),
    /// Nothing that is known: why, and what to do.
    Unknown(String, String),
}

/// Makes a conversion of a standard.
pub(crate) type Converts =
    dyn Fn(&Definition, &Registry) -> Result<Conversion, Failure> + Send + Sync;

/// What the user asked for.
#[derive(Default)]
pub(crate) struct Ask<'a> {
    /// The standard that the user named.
    pub(crate) standard: Option<&'a str>,
    /// An XSD, or JSON Schema, of the user's own.
    pub(crate) schema: Option<&'a Path>,
    /// Definitions of the user's own.
    pub(crate) schemas: Option<&'a Path>,
    /// Reference data of the user's own.
    pub(crate) reference: Option<&'a Path>,
    /// The day by which codes, organisations and standards are judged where nothing says another.
    pub(crate) as_at: Option<Date>,
    /// What the user says of submissions.
    pub(crate) parameters: Parameters,
    /// Whether amounts are added up.
    pub(crate) amounts: bool,
    /// Whether findings say what would put values right.
    pub(crate) fixes: bool,
    /// Rules that the user grades otherwise than their standard does.
    pub(crate) grades: Arc<Grades>,
    /// What inputs are converted to.
    pub(crate) converts: Option<Box<Converts>>,
}

/// The standards of a run.
pub(crate) struct Standards {
    registry: Registry,
    /// The one that the user named.
    named: Option<Arc<Prepared>>,
    /// The one that the user named, where its submissions are many tables.
    many: Option<Arc<Definition>>,
    prepared: BTreeMap<String, Arc<Prepared>>,
    limits: Limits,
    reference: Option<Arc<ForRules>>,
    as_at: Option<Date>,
    parameters: Parameters,
    totalling: Totalling,
    fixes: bool,
    grades: Arc<Grades>,
    converts: Option<Box<Converts>>,
}

impl Standards {
    pub(crate) fn new(ask: Ask<'_>, limits: &Limits) -> Result<Self, Failure> {
        let mut standards = Self {
            registry: source::registry(ask.schemas)?,
            named: None,
            many: None,
            prepared: BTreeMap::new(),
            limits: limits.clone(),
            reference: reference::for_rules(ask.reference, ask.as_at)?,
            as_at: ask.as_at,
            parameters: ask.parameters,
            totalling: if ask.amounts {
                Totalling::Amounts
            } else {
                Totalling::Periods
            },
            fixes: ask.fixes,
            grades: ask.grades,
            converts: ask.converts,
        };
        standards.named = match (ask.schema, ask.standard) {
            (Some(path), _) => {
                let mut prepared = if is_json(path) {
                    resources::own(path, limits)?
                } else {
                    structure_only(standards::read_xsd(path)?, limits)?
                };
                prepared.plan.say_fixes(ask.fixes);
                prepared.grade(&standards.grades);
                Some(Arc::new(prepared))
            }
            (None, Some(name)) if standards.registry.find(name)?.is_submission() => {
                standards.many = Some(Arc::new(standards.registry.load(name)?));
                None
            }
            (None, Some(name)) => Some(standards.load(name)?),
            (None, None) => {
                standards.own(ask.schemas)?;
                None
            }
        };
        Ok(standards)
    }

    /// Reads the user's own definitions: content is not recognised by one that is wrong, so that has to be told first.
    fn own(&self, schemas: Option<&Path>) -> Result<(), Failure> {
        let Some(folder) = schemas else {
            return Ok(());
        };
        for info in self.registry.list() {
            if folder.join(&*info.folder).join("standard.toml").is_file() {
                self.registry.load(&info.name())?;
            }
        }
        Ok(())
    }

    /// The standard that the user named, where its submissions are many tables.
    pub(crate) fn many(&self) -> Option<Arc<Definition>> {
        self.many.clone()
    }

    /// Whether the user named a standard or a schema, so that nothing is to be recognised.
    pub(crate) fn is_named(&self) -> bool {
        self.named.is_some() || self.many.is_some()
    }

    /// Reference data, where there are any.
    pub(crate) fn reference(&self) -> Option<Arc<ForRules>> {
        self.reference.clone()
    }

    /// The standards that there are.
    pub(crate) fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Why reference data could not be read on, when they could not.
    pub(crate) fn failure(&self) -> Option<Failure> {
        Some(self.reference.as_ref()?.failure()?.into())
    }

    /// A standard by its name, compiled once.
    pub(crate) fn load(&mut self, name: &str) -> Result<Arc<Prepared>, Failure> {
        let name = self.registry.find(name)?.name();
        if let Some(prepared) = self.prepared.get(&name) {
            return Ok(Arc::clone(prepared));
        }
        let mut definition = self.registry.load(&name)?;
        if let Some(day) = self.as_at {
            definition.narrow_to(&day.to_string());
        }
        let reference = self.reference.as_ref();
        let conversion = match &self.converts {
            // Resources are converted as they are read, by a mapping of their own.
            Some(converts) if definition.resources.is_none() => {
                Some(converts(&definition, &self.registry)?)
            }
            _ => None,
        };
        let mut prepared = prepare(
            definition,
            &self.limits,
            (reference, self.as_at),
            &self.parameters,
            self.totalling,
            conversion,
            &self.grades,
        )?;
        prepared.plan.say_fixes(self.fixes);
        prepared.grade(&self.grades);
        let prepared = Arc::new(prepared);
        self.prepared.insert(name, Arc::clone(&prepared));
        Ok(prepared)
    }
}
