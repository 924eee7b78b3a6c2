//! Which standard an input is checked against, compiled once for all inputs that follow it.

mod across;
mod graded;
mod headless;
mod in_force;
mod many;
mod messages;
mod resources;
mod sides;
mod which_table;
mod whole;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use concord_check::capture::{CapturePath, CapturePlan};
use concord_check::message::MessagePlan;
use concord_check::resource::ResourcePlan;
use concord_check::submission::Parameters;
use concord_check::table::{FieldRules, TablePlan, header_row};
use concord_check::{Effects, Plan, RootTag, root_tag};
use concord_convert::{Conversion, mapped};
use concord_finding::{Grades, NotRun, Rule, RuleId, RuleStatus};
use concord_read::Limits;
use concord_reference::days_of;
use concord_rules::reconcile::Totalling;
use concord_rules::{Compiler, RuleSet};
use concord_standards::compile::CompiledSchema;
use concord_standards::definition::{Definition, Mapping, StandardInfo};
use concord_standards::layout::TableLayout;
use concord_standards::reconcile::Role;
use concord_standards::registry::{HeaderRecognition, Recognition, Registry};
use concord_standards::rules::{Check, RuleDefinition, Seat};
use concord_standards::schema::Schema;
use jiff::civil::Date;

use crate::arguments::is_json;
use crate::failure::Failure;
use crate::reference::ForRules;
use crate::standards::rule_report;
use crate::{reference, source, standards};

pub(crate) use across::{Across, add_to_file};
use graded::graded;
pub(crate) use many::sorted;
pub(crate) use resources::is_xml_of_resources;
pub(crate) use sides::{of_definition, of_structure};
pub(crate) use whole::Whole;

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

    /// The standard that an input follows which begins with `first`.
    pub(crate) fn of(&mut self, name: &str, first: &[u8]) -> Result<Which, Failure> {
        if let Some(named) = &self.named {
            return Ok(Which::This(Arc::clone(named)));
        }
        if let Some(which) = self.of_messages(first)? {
            return Ok(which);
        }
        if let Some(which) = self.of_resources(name, first)? {
            return Ok(which);
        }
        let blank = |byte: &u8| byte.is_ascii_whitespace();
        if first.iter().all(blank) && is_delimited(name) {
            return Ok(Which::This(Arc::new(empty_table(&self.limits)?)));
        }
        if first
            .iter()
            .find(|byte| !blank(byte))
            .is_some_and(|byte| *byte != b'<')
        {
            if let Some(which) = self.of_header(first)? {
                return Ok(which);
            }
            if let Some(which) = self.of_cells(first)? {
                return Ok(which);
            }
        }
        let Some(root) = root_tag(first) else {
            if is_delimited(name) && is_text(first) {
                return Ok(self.no_header(first));
            }
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
            Recognition::Ambiguous(infos) if let Some(info) = self.only_in_force(&infos) => {
                info.name()
            }
            Recognition::Ambiguous(infos) => {
                return Ok(Which::Unknown(
                    format!("several standards begin with {}", shown(&root)),
                    format!("name one of {} with --standard", names(&infos)),
                ));
            }
            Recognition::Unknown { .. } if let Some(name) = self.of_records(first) => name,
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

    /// The tabular standard whose columns the first row names; `None` when it is no header that is known.
    fn of_header(&mut self, first: &[u8]) -> Result<Option<Which>, Failure> {
        let Some(row) = header_row(first, b",") else {
            return Ok(None);
        };
        let cells: Vec<&str> = row.cells.iter().map(String::as_str).collect();
        let day = self.as_at.map(|day| day.to_string());
        let name = match self.registry.recognise_header_as_at(&cells, day.as_deref()) {
            HeaderRecognition::Recognised(info, _) => info.name(),
            HeaderRecognition::Ambiguous(infos) => {
                return Ok(Some(Which::Unknown(
                    "several standards have the columns of this header".to_owned(),
                    format!("name one of {} with --standard", names(&infos)),
                )));
            }
            HeaderRecognition::Nearest {
                info,
                missing,
                unknown,
            } => {
                let unknown: Vec<&str> = unknown.iter().map(|cell| cells[*cell]).collect();
                return Ok(Some(near_miss(info, &missing, &unknown)));
            }
            HeaderRecognition::Unknown => return Ok(None),
        };
        self.load(&name).map(Which::This).map(Some)
    }

    /// A table whose first row says nothing. The names of columns may stand further down.
    fn no_header(&self, first: &[u8]) -> Which {
        const LINES: usize = 20;
        let ends = first.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        for (above, (at, _)) in ends.take(LINES).enumerate() {
            let rest = &first[at + 1..];
            let line = rest.split(|byte| *byte == b'\n').next().unwrap_or(rest);
            let Some(row) = header_row(line, b",") else {
                continue;
            };
            let cells: Vec<&str> = row.cells.iter().map(String::as_str).collect();
            if let HeaderRecognition::Recognised(info, _) = self.registry.recognise_header(&cells) {
                return Which::Unknown(
                    format!(
                        "the names of the columns of {} stand in line {}; they must be the first row",
                        info.name(),
                        above + 2
                    ),
                    "take out what stands above them".to_owned(),
                );
            }
        }
        Which::Unknown(
            "the first row names no columns of a standard that is known".to_owned(),
            "write the names of the columns into the first row, or name the standard with --standard".to_owned(),
        )
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

/// Whether an input's name says that it holds delimited text.
fn is_delimited(name: &str) -> bool {
    let extension = std::path::Path::new(name).extension();
    extension.is_some_and(|extension| {
        ["csv", "tsv", "txt"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// A table of no standard, for an input that holds nothing.
fn empty_table(limits: &Limits) -> Result<Prepared, Failure> {
    let mut plan = TablePlan::new(
        Arc::default(),
        0,
        compiled(Schema::default())?,
        CapturePlan::default(),
        &FieldRules::default(),
        &[],
    );
    plan.limits = limits.clone();
    Ok(Prepared::without_rules(Prepare::Tables(vec![plan])))
}

/// Whether bytes are not what documents and archives begin with.
fn is_text(first: &[u8]) -> bool {
    let other: [&[u8]; 5] = [b"<", b"{", b"[", b"PK", b"%PDF"];
    let first = first.trim_ascii_start();
    !other.iter().any(|mark| first.starts_with(mark))
}

/// A header that is nearly that of a standard: what differs.
fn near_miss(info: &StandardInfo, missing: &[Arc<str>], unknown: &[&str]) -> Which {
    const LISTED: usize = 8;
    let list = |names: &[&str]| {
        let more = if names.len() > LISTED { ", …" } else { "" };
        format!("{}{more}", names[..names.len().min(LISTED)].join(", "))
    };
    let missing: Vec<&str> = missing.iter().map(AsRef::as_ref).collect();
    let beyond = match unknown {
        [] => String::new(),
        unknown => format!("; not of it: {}", list(unknown)),
    };
    Which::Unknown(
        format!(
            "the header is nearest to {}, but mandatory columns are missing: {}{beyond}",
            info.name(),
            list(&missing)
        ),
        format!("check it all the same with --standard {}", info.name()),
    )
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
    Ok(Prepared::without_rules(Prepare::Document(plan)))
}

/// The standard as a source: `cds@6-3-1, DAPB0092`.
fn authority(info: &StandardInfo) -> String {
    match &info.number {
        Some(number) => format!("{}, {number}", info.name()),
        None => info.name(),
    }
}

fn prepare(
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
    let compiled = compiled(std::mem::take(&mut definition.schema))?;
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

/// A conversion by a standard's own mapping to the canonical model.
pub(crate) fn to_canonical(
    definition: &Definition,
    registry: &Registry,
) -> Result<Conversion, Failure> {
    let mapping = mapping(definition, registry)?;
    let conversion = mapped(definition, &mapping).map_err(|error| {
        Failure::usage(error.to_string(), "`concord standards lint` shows more")
    })?;
    // A message says what changed; only all that are about a stay say how it stands.
    Ok(if definition.messages.is_some() {
        conversion.staged()
    } else {
        conversion
    })
}

/// A standard's mapping to the canonical model.
pub(crate) fn mapping(definition: &Definition, registry: &Registry) -> Result<Mapping, Failure> {
    let mapping = Mapping::load(registry.source(), &definition.standard.folder)?;
    mapping.ok_or_else(|| {
        Failure::usage(
            format!(
                "{} has no mapping to the canonical model",
                definition.standard.name()
            ),
            "write a mapping.toml beside its standard.toml; `concord convert --native` needs none",
        )
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

fn effects(info: &StandardInfo) -> Effects {
    Effects {
        structure: Some(info.effects.structure),
        value: Some(info.effects.value),
        envelope: Some(info.effects.envelope),
    }
}

fn document(
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
