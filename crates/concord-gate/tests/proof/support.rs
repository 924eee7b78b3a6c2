//! Definitions from texts, and a checker of structure and values.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_check::capture::CapturePlan;
use concord_check::table::{FieldRules, TableInput, TablePlan, check_table};
use concord_check::{CHUNK, Effects, NoRules, Options, Plan, check};
use concord_finding::{Finding, Masking, Verdict};
use concord_gate::change::Side;
use concord_gate::proof::{Checker, Outcome, Told};
use concord_gate::subject::{Subject, SubjectKind};
use concord_read::xml::Chunks;
use concord_standards::compile::CompiledSchema;
use concord_standards::definition::Definition;

/// A side of a comparison.
pub(crate) fn subject(definition: Definition) -> Subject {
    Subject {
        name: definition.standard.name(),
        kind: SubjectKind::Definition,
        definition,
        storage: Vec::new(),
        not_compared: Vec::new(),
    }
}

/// A definition of the texts of its files, which stand in the folder `folder`.
pub(crate) fn load(
    folder: &str,
    files: &[(&str, String)],
) -> Result<Definition, concord_standards::definition::DefinitionErrors> {
    let mut all: BTreeMap<String, String> = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), text.clone()))
        .collect();
    all.entry("elements.csv".to_owned())
        .or_insert_with(|| "name,xml_names,format,code_list,personal,source\n".to_owned());
    Definition::load(&all, folder)
}

const XML: &str = r#"
id = "stays"
version = "VERSION"
title = "Stays"
publisher = "written for this test"
carrier = "xml"
source = "written for this test"
[recognise]
root = "Stays"
[record]
elements = ["Stay"]
"#;

/// A hierarchical standard with this structure.
pub(crate) fn document(version: &str, structure: &str) -> Subject {
    document_with(version, structure, "")
}

/// A hierarchical standard with this structure and these rules.
pub(crate) fn document_with(version: &str, structure: &str, rules: &str) -> Subject {
    let folder = format!("stays/{version}");
    let definition = load(
        &folder,
        &[
            (
                &format!("{folder}/standard.toml"),
                XML.replace("VERSION", version),
            ),
            (&format!("{folder}/structure.toml"), structure.to_owned()),
            (&format!("{folder}/rules.toml"), rules.to_owned()),
        ],
    );
    subject(definition.unwrap_or_else(|errors| panic!("{errors}\n{structure}")))
}

/// A hierarchical standard with this structure and this end of `standard.toml`; `None` when it makes no sense.
pub(crate) fn document_with_effects(
    version: &str,
    structure: &str,
    effects: &str,
) -> Option<Subject> {
    let folder = format!("stays/{version}");
    let standard = format!("{}{effects}", XML.replace("VERSION", version));
    let files = [
        (&*format!("{folder}/standard.toml"), standard),
        (&*format!("{folder}/structure.toml"), structure.to_owned()),
    ];
    sensible(load(&folder, &files))
}

/// What can be compiled.
fn sensible(
    loaded: Result<Definition, concord_standards::definition::DefinitionErrors>,
) -> Option<Subject> {
    let definition = loaded.inspect_err(|errors| eprintln!("{errors}")).ok()?;
    CompiledSchema::compile(Arc::new(definition.schema.clone())).ok()?;
    Some(subject(definition))
}

/// A standard of one table with these columns, each of which is written as the cells from `column` to `code_list`.
pub(crate) fn table(version: &str, columns: &[&str]) -> Subject {
    table_with(
        version,
        columns,
        "header = \"required\"\ndelimiters = [\",\"]",
        "",
    )
}

/// A standard of one table whose header and delimiters are stated, with rules.
pub(crate) fn table_with(version: &str, columns: &[&str], table: &str, rules: &str) -> Subject {
    let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
    let loaded = load_table(version, &columns, table, rules, &["11", "21"]);
    subject(loaded.unwrap_or_else(|errors| panic!("{errors}\n{columns:?}")))
}

/// A standard of one table, with the codes of its list; `None` when it makes no sense.
pub(crate) fn table_coded(
    version: &str,
    columns: &[String],
    table: &str,
    codes: &[&str],
) -> Option<Subject> {
    sensible(load_table(version, columns, table, "", codes))
}

fn load_table(
    version: &str,
    columns: &[String],
    table: &str,
    rules: &str,
    codes: &[&str],
) -> Result<Definition, concord_standards::definition::DefinitionErrors> {
    let folder = format!("rows/{version}");
    let standard = format!(
        "id = \"rows\"\nversion = \"{version}\"\ntitle = \"Rows\"\npublisher = \"written for this test\"\n\
         carrier = \"delimited\"\nsource = \"written for this test\"\n[recognise]\nheader = {}\n[[table]]\nname = \"row\"\ntitle = \"Row\"\n{table}\n",
        !table.contains("\"none\"")
    );
    let mut fields =
        "table,position,column,element,group,mandation,format,code_list,start,width,presence_rule,format_rule,code_rule,source,confidence\n"
            .to_owned();
    for (number, column) in columns.iter().enumerate() {
        let (name, rest) = column.split_once(',').expect("a column and more");
        let element = name.replace('_', " ");
        let position = number + 1;
        let _ = writeln!(fields, "row,{position},{name},{element},,{rest},,,,,,,");
    }
    let rows = codes.iter().map(|code| format!("{code},code {code},,,x\n"));
    let list = format!(
        "code,meaning,valid_from,valid_to,source\n{}",
        rows.collect::<String>()
    );
    load(
        &folder,
        &[
            (&format!("{folder}/standard.toml"), standard),
            (&format!("{folder}/fields.csv"), fields),
            (&format!("{folder}/rules.toml"), rules.to_owned()),
            ("codes/methods.csv", list),
        ],
    )
}

/// A side made ready.
enum Ready {
    Document(Box<Plan>),
    Tables(Vec<TablePlan>),
}

impl Ready {
    fn new(definition: &Definition) -> Self {
        let compiled = CompiledSchema::compile(Arc::new(definition.schema.clone()));
        let compiled = Arc::new(compiled.expect("a structure that can be compiled"));
        let info = &definition.standard;
        let effects = Effects {
            structure: Some(info.effects.structure),
            value: Some(info.effects.value),
            envelope: Some(info.effects.envelope),
        };
        let Some(layout) = &definition.layout else {
            let records = info.record.elements.clone();
            let mut plan = Plan::new(compiled, records, CapturePlan::default(), Vec::new());
            plan.effects = effects;
            return Self::Document(Box::new(plan));
        };
        let layout = Arc::new(layout.clone());
        let rules = FieldRules::of(&definition.rules);
        let plan = |table| {
            let (layout, compiled) = (Arc::clone(&layout), Arc::clone(&compiled));
            let mut plan =
                TablePlan::new(layout, table, compiled, CapturePlan::default(), &rules, &[]);
            plan.effects = effects;
            plan
        };
        Self::Tables((0..layout.tables.len()).map(plan).collect())
    }

    fn check(&self, submission: &[u8]) -> Outcome {
        let file: Arc<str> = "submission".into();
        let mut findings = Vec::new();
        let mut sink = |finding: Finding| {
            findings.push(told(&finding));
            ControlFlow::Continue(())
        };
        let options = Options::default();
        let checked = match self {
            Self::Document(plan) => {
                let largest = plan.limits.record_size;
                let chunks = Chunks::new(submission, Arc::clone(&file), CHUNK, largest);
                check(chunks, &file, None, plan, &NoRules, options, &mut sink)
            }
            Self::Tables(plans) => {
                let line = submission
                    .split(|byte| *byte == b'\n')
                    .next()
                    .unwrap_or_default();
                let line = String::from_utf8_lossy(line);
                let names: Vec<&str> = line.trim_end().split(',').collect();
                // The table that has most of the names.
                let plan = plans
                    .iter()
                    .rev()
                    .max_by_key(|plan| {
                        let table = &plan.layout.tables[plan.table];
                        names
                            .iter()
                            .filter(|name| table.field(name).is_some())
                            .count()
                    })
                    .expect("a table");
                let input = TableInput {
                    bytes: Cursor::new(submission),
                    file: &file,
                    size: None,
                    guessed_encoding: None,
                };
                check_table(input, plan, &NoRules, options, &mut sink)
            }
        };
        let accepted = checked.summary.verdict == Verdict::Accepted
            && findings.iter().all(|told| !told.effect.is_reject());
        Outcome { accepted, findings }
    }
}

fn told(finding: &Finding) -> Told {
    Told {
        rule: Arc::clone(&finding.rule.id),
        effect: finding.effect,
        path: finding.path.clone(),
        line: finding.place.map(|place| place.line),
        message: finding.message(Masking::Masked),
    }
}

/// Checks structure and values with either side.
pub(crate) struct Light {
    old: Ready,
    new: Ready,
}

impl Light {
    pub(crate) fn new(old: &Subject, new: &Subject) -> Self {
        Self {
            old: Ready::new(&old.definition),
            new: Ready::new(&new.definition),
        }
    }
}

impl Checker for Light {
    fn check(&self, side: Side, submission: &[u8]) -> Outcome {
        match side {
            Side::Old => self.old.check(submission),
            Side::New => self.new.check(submission),
        }
    }
}
