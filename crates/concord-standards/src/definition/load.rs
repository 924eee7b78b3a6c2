//! A folder of definition files as one [`Definition`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::codes::{self, CodeList};
use super::elements::{self, Elements};
use super::problem::{DefinitionErrors, Problem, Severity, Text, nearest};
use super::rules::Wanted;
use super::standard::{self, StandardInfo};
use super::{fields, messages, resources, rules, structure, submission};
use crate::layout::Layout;
use crate::messages::Messages;
use crate::resources::Resources;
use crate::rules::{Check, RuleDefinition};
use crate::schema::{Origin, Schema};
use crate::source::Source;
use crate::submission::Submission;

/// Texts of definition files by path.
pub type Files = BTreeMap<Arc<str>, Arc<str>>;

/// Rule files that may inherit from one another.
const MOST_RULE_FILES: usize = 64;

/// A standard as its folder states it.
#[derive(Debug, Clone)]
pub struct Definition {
    /// What the standard is.
    pub standard: StandardInfo,
    /// Its structure and values. That of a tabular standard is made from its columns.
    pub schema: Schema,
    /// The tables and columns of a tabular standard.
    pub layout: Option<Layout>,
    /// The messages of a standard whose carrier is HL7 v2.
    pub messages: Option<Messages>,
    /// The resources of a standard whose carrier is FHIR.
    pub resources: Option<Resources>,
    /// The tables of a submission of many, and the rules about them; the other fields then say nothing of them.
    pub submission: Option<Submission>,
    /// Its rules, inherited ones first.
    pub rules: Vec<RuleDefinition>,
    /// The code lists that its values name, by id.
    pub code_lists: BTreeMap<Arc<str>, Arc<CodeList>>,
    /// What the Data Dictionary says of elements.
    pub elements: Arc<Elements>,
    /// Warnings met while reading.
    pub warnings: Vec<Problem>,
    /// Texts of the files that were read.
    pub files: Files,
}

impl Definition {
    /// Reads the standard in `folder` (such as `cds/6-3-1`) with its code lists and elements.
    ///
    /// # Errors
    /// [`DefinitionErrors`] with every error found, when there is any.
    pub fn load(source: &dyn Source, folder: &str) -> Result<Self, DefinitionErrors> {
        let mut loading = Loading::new(source);
        let info = loading.standard(folder);
        let elements = loading.elements();
        let (mut layout, mut of_messages, mut of_resources) = (None, None, None);
        let mut many = None;
        let schema = match &info {
            Some(info) if info.is_tabular() => {
                let (schema, tables) = fields::read(info, &elements, &mut loading);
                layout = Some(tables);
                schema
            }
            Some(info) if info.is_messages() => {
                let (schema, found) = messages::load(info, &elements, &mut loading);
                of_messages = Some(found);
                schema
            }
            Some(info) if info.is_resources() => {
                of_resources = Some(resources::load(info, &mut loading));
                Schema::default()
            }
            Some(info) if info.is_submission() => {
                many = submission::load(info, &elements, &mut loading);
                Schema::default()
            }
            Some(_) => loading.structure(folder, &elements),
            // What a folder holds is not known without its `standard.toml`.
            None => Schema::default(),
        };
        let wanted = Wanted {
            id: info.as_ref().map_or("", |info| &info.id),
            version: info.as_ref().map_or("", |info| &info.version),
        };
        // In which form rules are written is not known without its `standard.toml` either.
        let mut rules = match &info {
            Some(info) if !info.is_submission() => loading.rules(folder, wanted),
            _ => Vec::new(),
        };
        if of_resources.is_some() {
            loading.no_rules(&rules);
        }
        let info = info.map(|info| match &of_messages {
            Some(found) => {
                rules.extend(messages::rules(&info, &mut loading));
                with_records(info, found, &schema)
            }
            None => info,
        });
        loading.lists_of_rules(&rules);
        let broken = loading
            .problems
            .iter()
            .any(|problem| problem.severity == Severity::Error);
        match info {
            Some(standard) if !broken => Ok(Self {
                standard,
                schema,
                layout,
                messages: of_messages,
                submission: many,
                resources: of_resources,
                rules,
                code_lists: loading.code_lists,
                elements: Arc::new(elements),
                warnings: loading.problems,
                files: loading.files,
            }),
            _ => Err(DefinitionErrors {
                problems: loading.problems,
                files: loading.files,
            }),
        }
    }

    /// The text of a file that was read, for showing the lines that a problem is about.
    pub fn text(&self, file: &str) -> Option<&str> {
        self.files.get(file).map(|text| &**text)
    }
}

/// The records of a standard of messages are its messages.
fn with_records(mut info: StandardInfo, messages: &Messages, schema: &Schema) -> StandardInfo {
    for kind in &messages.kinds {
        let name = &schema.element(kind.record).name.local;
        if !info.record.elements.contains(name) {
            info.record.elements.push(Arc::clone(name));
        }
    }
    info
}

/// Reads only the `standard.toml` of a folder.
///
/// # Errors
/// [`DefinitionErrors`] when it is missing or wrong.
pub(crate) fn read_standard(
    source: &dyn Source,
    folder: &str,
) -> Result<StandardInfo, DefinitionErrors> {
    let mut loading = Loading::new(source);
    loading.standard(folder).ok_or(DefinitionErrors {
        problems: loading.problems,
        files: loading.files,
    })
}

/// Files read so far, and what was wrong with them.
pub(super) struct Loading<'s> {
    source: &'s dyn Source,
    pub(super) problems: Vec<Problem>,
    files: Files,
    code_lists: BTreeMap<Arc<str>, Arc<CodeList>>,
}

impl<'s> Loading<'s> {
    pub(super) fn new(source: &'s dyn Source) -> Self {
        Self {
            source,
            problems: Vec::new(),
            files: Files::new(),
            code_lists: BTreeMap::new(),
        }
    }

    /// The text of a file; an error about the file as a whole when there is none.
    pub(super) fn open(&mut self, path: &str) -> Option<Text> {
        match self.source.read(path) {
            Ok(text) => {
                let text = Text::new(path, &text);
                self.files
                    .insert(Arc::clone(&text.name), Arc::clone(&text.content));
                Some(text)
            }
            Err(error) => {
                self.problems.push(Problem {
                    severity: Severity::Error,
                    file: path.into(),
                    line: 0,
                    column: 0,
                    span: 0..0,
                    message: error.reason,
                    help: None,
                });
                None
            }
        }
    }

    fn standard(&mut self, folder: &str) -> Option<StandardInfo> {
        let text = self.open(&join(folder, "standard.toml"))?;
        let (info, problems) = standard::read(&text, folder);
        self.problems.extend(problems);
        info
    }

    /// `elements.csv`, which a set of standards may do without.
    fn elements(&mut self) -> Elements {
        if self.source.read("elements.csv").is_err() {
            return Elements::default();
        }
        self.open("elements.csv")
            .map(|text| elements::read(&text, &mut self.problems))
            .unwrap_or_default()
    }

    fn structure(&mut self, folder: &str, elements: &Elements) -> Schema {
        let Some(text) = self.open(&join(folder, "structure.toml")) else {
            return Schema::default();
        };
        let (schema, problems) = structure::read(&text, elements, self);
        self.problems.extend(problems);
        schema
    }

    /// A code list by id; `None` when there is no such file. Problems inside the file are kept.
    pub(super) fn code_list(&mut self, id: &str) -> Option<Arc<CodeList>> {
        if let Some(known) = self.code_lists.get(id) {
            return Some(Arc::clone(known));
        }
        let path = format!("codes/{id}.csv");
        self.source.read(&path).ok()?;
        let text = self.open(&path)?;
        let list = Arc::new(codes::read(&text, id, &mut self.problems));
        self.code_lists.insert(id.into(), Arc::clone(&list));
        Some(list)
    }

    /// The code lists that were read.
    pub(super) fn lists(&self) -> BTreeMap<Arc<str>, Arc<CodeList>> {
        self.code_lists.clone()
    }

    /// Forgets a file that turned out to be of no interest.
    pub(super) fn forget(&mut self, path: &str) {
        self.files.remove(path);
    }

    /// Where definition files come from.
    pub(super) fn source(&self) -> &'s dyn Source {
        self.source
    }

    /// Ids of all code lists, for saying which one was meant.
    pub(super) fn code_list_ids(&self) -> Vec<String> {
        self.source
            .list("codes")
            .iter()
            .filter_map(|path| path.strip_prefix("codes/")?.strip_suffix(".csv"))
            .map(str::to_owned)
            .collect()
    }

    /// The rules of a folder, those it inherits first. A standard may have none.
    fn rules(&mut self, folder: &str, wanted: Wanted<'_>) -> Vec<RuleDefinition> {
        let path = join(folder, "rules.toml");
        if self.source.read(&path).is_err() {
            return Vec::new();
        }
        let mut rules = Vec::new();
        let mut opened = Vec::new();
        self.rules_file(&path, wanted, &mut opened, &mut rules);
        rules
    }

    fn rules_file(
        &mut self,
        path: &str,
        wanted: Wanted<'_>,
        opened: &mut Vec<String>,
        rules: &mut Vec<RuleDefinition>,
    ) {
        opened.push(path.to_owned());
        let Some(text) = self.open(path) else {
            return;
        };
        let file = rules::read(&text, wanted);
        self.problems.extend(file.problems);
        for (inherited, span) in file.inherit {
            let inherited = join(
                path.rsplit_once('/').map_or("", |(folder, _)| folder),
                &inherited,
            );
            let message = if self.source.read(&inherited).is_err() {
                format!("there is no file {inherited}")
            } else if opened.contains(&inherited) || opened.len() >= MOST_RULE_FILES {
                format!("{inherited} is inherited already")
            } else {
                self.rules_file(&inherited, wanted, opened, rules);
                continue;
            };
            let problem = text.problem(Severity::Error, span, message, None);
            self.problems.push(problem);
        }
        rules.extend(file.rules);
    }
}

impl Loading<'_> {
    /// Rules look at what is captured of a record, and nothing is captured of resources: a rule would never be run.
    fn no_rules(&mut self, rules: &[RuleDefinition]) {
        for rule in rules {
            let message = "a standard of FHIR resources cannot have rules yet".to_owned();
            let problem = self.problem_at(&rule.check_origin, message, None);
            self.problems.push(problem);
        }
    }

    /// Reads the code lists that rules name: in a check of their own, or as a text in SQL that asks for a code list.
    fn lists_of_rules(&mut self, rules: &[RuleDefinition]) {
        let mut ids: Option<Vec<String>> = None;
        for rule in rules {
            if let Check::Code { list, .. } = &rule.check
                && self.code_list(list).is_none()
            {
                let known = ids.get_or_insert_with(|| self.code_list_ids());
                let help = nearest(list, known.iter().map(String::as_str))
                    .map(|near| format!("did you mean `{near}`?"));
                let problem = self.problem_at(
                    &rule.check_origin,
                    format!("there is no code list `{list}`"),
                    help,
                );
                self.problems.push(problem);
            }
            for sql in rule.check.sql() {
                if !sql.to_ascii_lowercase().contains(ON_CODE_LIST) {
                    continue;
                }
                // Every text in the SQL that is the id of a list: which of them is an argument is for the crate to say that
                // reads SQL.
                for text in sql.split('\'').skip(1).step_by(2) {
                    self.code_list(text);
                }
            }
        }
    }

    /// An error about a line of a file that was read.
    fn problem_at(&self, origin: &Origin, message: String, help: Option<String>) -> Problem {
        let content = self.files.get(&origin.file).map_or("", |content| content);
        let text = Text::new(&origin.file, content);
        text.problem(Severity::Error, text.line_span(origin.line), message, help)
    }
}

/// The SQL function that looks a code up.
const ON_CODE_LIST: &str = "on_code_list";

/// A path relative to a folder, with `.` and `..` worked out.
pub(super) fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_standard_no_rule_is_called_wrong() {
        let files: BTreeMap<String, String> = [
            ("a/1/standard.toml", "id = "),
            ("a/1/rules.toml", "[[rule]]\nid = \"R\"\nrows = true\n"),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into();
        let errors = Definition::load(&files, "a/1").expect_err("it is no TOML");
        let files: Vec<&str> = errors.problems.iter().map(|one| &*one.file).collect();
        assert_eq!(files, ["a/1/standard.toml"]);
    }

    #[test]
    fn paths_are_joined() {
        assert_eq!(join("cds/6-3-1", "../rules.toml"), "cds/rules.toml");
        assert_eq!(join("", "elements.csv"), "elements.csv");
        assert_eq!(join("cds", "../../x"), "x");
    }
}
