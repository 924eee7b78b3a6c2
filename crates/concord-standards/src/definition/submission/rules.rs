//! `rules.toml` of a standard of many tables, the files that it inherits, and the rules that stand beside columns.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use concord_finding::{Effect, Provenance, Rule, RuleClass, RuleStatus};

use super::checks::{self, Scope};
use super::fields::{EFFECTS, FieldRule, Said, grade};
use super::{diagnostics, messages};
use crate::definition::load::{Loading, join};
use crate::definition::problem::{Severity, Text};
use crate::definition::rules::examples;
use crate::definition::standard::StandardInfo;
use crate::definition::table::{Reading, Table as Toml};
use crate::rules::FieldCheck;
use crate::submission::{Check, Grade, Profile, Submission, TableRule};

/// The keys of a rule besides its check.
const KEYS: &[&str] = &[
    "id",
    "table",
    "effect",
    "published",
    "profile",
    "title",
    "message",
    "help",
    "source",
    "provenance",
    "since",
    "place",
    "tell",
    "pass",
    "fail",
    "field",
];

/// The keys of a rule of columns: its table is theirs, and its profile follows from its effects.
const KEYS_OF_COLUMNS: &[&str] = &[
    "id",
    "field",
    "effect",
    "published",
    "title",
    "message",
    "help",
    "source",
    "provenance",
    "since",
    "tell",
    "pass",
    "fail",
];

/// Rule files that may inherit from one another.
const MOST_FILES: usize = 64;

/// What rules say unless they say otherwise.
pub(super) struct Defaults {
    pub(super) source: String,
    pub(super) since: String,
    pub(super) of_fields: Vec<FieldRule>,
}

/// Reads the rules in the order in which they stand, those of columns first.
pub(super) fn read(
    info: &StandardInfo,
    defaults: Defaults,
    submission: &mut Submission,
    loading: &mut Loading<'_>,
) {
    let mut texts = Vec::new();
    let path = join(&info.folder, "rules.toml");
    if loading.source().read(&path).is_ok() {
        files(&path, loading, &mut BTreeSet::new(), &mut texts);
    }
    let readings: Vec<Reading<'_>> = texts.iter().map(Reading::new).collect();
    let documents: Vec<_> = readings.iter().map(|reading| reading.parse().0).collect();
    let tables: Vec<Toml<'_>> = readings
        .iter()
        .zip(&documents)
        .map(|(reading, document)| Toml::new(reading, document))
        .collect();
    let mut reader = Reader {
        templates: templates(&tables),
        source: defaults.source,
        since: defaults.since,
        taken: BTreeMap::new(),
    };
    for field in &defaults.of_fields {
        let rule = reader.of_field(submission, field);
        submission.rules.push(rule);
    }
    let loads: &mut Loading<'_> = loading;
    for table in &tables {
        table.only("rules.toml", &["inherit", "rule", "messages", "diagnostic"]);
        for said in table.tables("diagnostic") {
            if let Some(found) = diagnostics::read(&said, submission) {
                submission.diagnostics.push(found);
            }
        }
        for rule in table.tables("rule") {
            if rule.has("field") {
                Reader::refine(&rule, &defaults.of_fields, submission);
            } else if let Some(rule) = reader.rule(&rule, submission, loads) {
                submission.rules.push(rule);
            }
        }
    }
    for reading in readings {
        loading.problems.extend(reading.into_problems());
    }
}

/// The texts of rule files, those that one inherits before it.
fn files(
    path: &str,
    loading: &mut Loading<'_>,
    opened: &mut BTreeSet<String>,
    texts: &mut Vec<Text>,
) {
    opened.insert(path.to_owned());
    let Some(text) = loading.open(path) else {
        return;
    };
    let reading = Reading::new(&text);
    let (document, _) = reading.parse();
    let table = Toml::new(&reading, &document);
    let inherit = table.texts("inherit").unwrap_or_default();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    for spot in inherit {
        let inherited = join(folder, spot.text);
        let message = if loading.source().read(&inherited).is_err() {
            format!("there is no file {inherited}")
        } else if opened.contains(&inherited) || opened.len() >= MOST_FILES {
            format!("{inherited} is inherited already")
        } else {
            files(&inherited, loading, opened, texts);
            continue;
        };
        let problem = text.problem(Severity::Error, spot.span.clone(), message, None);
        loading.problems.push(problem);
    }
    drop(document);
    texts.push(text);
}

/// Templates of messages by kind, of the first file that has one.
fn templates(tables: &[Toml<'_>]) -> BTreeMap<String, String> {
    let mut templates = BTreeMap::new();
    for table in tables {
        let Some(said) = table.table("messages") else {
            continue;
        };
        for kind in said.entries.keys() {
            let kind = kind.get_ref().as_ref();
            if !checks::KINDS.contains(&kind) && !["presence", "format"].contains(&kind) {
                said.error(kind, format!("there is no kind of check `{kind}`"));
            } else if let Some(template) = said.text(kind) {
                templates
                    .entry(kind.to_owned())
                    .or_insert_with(|| template.text.to_owned());
            }
        }
    }
    templates
}

struct Reader {
    templates: BTreeMap<String, String>,
    source: String,
    since: String,
    /// Ids of rules of their own, and the profiles in which they are run.
    taken: BTreeMap<Arc<str>, (bool, bool)>,
}

impl Reader {
    /// The rule that stands beside a column.
    fn of_field(&self, submission: &Submission, field: &FieldRule) -> TableRule {
        let column = &submission.tables[field.table].columns[field.column];
        let check = match (field.kind, &column.form, &column.codes) {
            (FieldCheck::Format, Some(form), _) => Check::Form {
                column: field.column,
                form: form.clone(),
                not: false,
                blank_fails: false,
            },
            (FieldCheck::Code, _, Some(codes)) => Check::Code {
                column: field.column,
                codes: Arc::clone(codes),
                not: false,
                blank_fails: false,
                when: Vec::new(),
            },
            _ => Check::Required {
                columns: vec![field.column],
                when: Vec::new(),
            },
        };
        let kind = field.kind.as_str();
        let source = if field.source.is_empty() {
            self.source.clone()
        } else {
            field.source.to_string()
        };
        let class = match field.kind {
            FieldCheck::Presence => RuleClass::Structure,
            FieldCheck::Format | FieldCheck::Code => RuleClass::Value,
        };
        let grades = (field.implemented, field.published);
        let message = self.message(kind, submission, field.table, &check);
        TableRule {
            rule: Arc::new(Rule {
                id: Arc::clone(&field.id),
                title: messages::title(submission, field.table, &check),
                effect: grades
                    .0
                    .or(grades.1)
                    .map_or(Effect::Note, |grade| grade.effect),
                message,
                label: None,
                help: None,
                source,
                provenance: Provenance::Published,
                class,
                status: RuleStatus::Stable,
                since: self.since.clone(),
            }),
            table: field.table,
            check,
            implemented: grades.0,
            published: grades.1,
            place: Some(field.column),
            tell: Vec::new(),
            pass: Vec::new(),
            fail: Vec::new(),
            origin: field.origin.clone(),
        }
    }

    fn message(&self, kind: &str, submission: &Submission, table: usize, check: &Check) -> String {
        let template = self.templates.get(kind);
        let template = template.or_else(|| self.templates.get(check.kind()));
        let template = template.map_or_else(|| messages::template(check), String::as_str);
        messages::filled(template, submission, table, check)
    }

    /// More about rules that stand beside columns, which are the first of the submission's.
    fn refine(said: &Toml<'_>, of_fields: &[FieldRule], submission: &mut Submission) {
        said.only("a rule of columns", KEYS_OF_COLUMNS);
        let (Some(id), Some(field)) = (said.required("a rule", "id"), said.text("field")) else {
            return;
        };
        let kind = FieldCheck::ALL
            .into_iter()
            .find(|kind| kind.as_str() == field.text);
        let Some(kind) = kind else {
            let words = FieldCheck::ALL.map(FieldCheck::as_str);
            said.reading.unknown(&field, "kind of field rule", words);
            return;
        };
        let mut rules = std::mem::take(&mut submission.rules);
        let mut found = false;
        for (rule, field) in rules.iter_mut().zip(of_fields) {
            let same = match kind {
                FieldCheck::Presence => matches!(rule.check, Check::Required { .. }),
                FieldCheck::Format => matches!(rule.check, Check::Form { .. }),
                FieldCheck::Code => matches!(rule.check, Check::Code { .. }),
            };
            if *rule.rule.id == *id.text && same {
                found = true;
                // What stands beside a column goes before what is said of all.
                if !field.graded {
                    grade_columns(said, rule);
                }
                Self::said(said, rule, submission);
            }
        }
        submission.rules = rules;
        if !found {
            let message = format!("`{}` stands beside no column", id.text);
            said.error("id", message);
        }
    }

    /// What a rule says of itself beside its check.
    fn said(said: &Toml<'_>, rule: &mut TableRule, submission: &Submission) {
        let text = |key: &str| said.text(key).map(|spot| spot.text.to_owned());
        let own = Arc::make_mut(&mut rule.rule);
        if let Some(title) = text("title") {
            own.title = title;
        }
        if let Some(message) = text("message") {
            own.message = messages::filled(&message, submission, rule.table, &rule.check);
        }
        if let Some(help) = text("help") {
            own.help = Some(help);
        }
        if let Some(source) = text("source") {
            own.source = source;
        }
        if let Some(since) = text("since") {
            own.since = since;
        }
        if let Some(provenance) = said.text("provenance") {
            own.provenance = match provenance.text {
                "published" => Provenance::Published,
                "inferred" => Provenance::Inferred,
                _ => {
                    let words = ["published", "inferred"];
                    said.reading.unknown(&provenance, "provenance", words);
                    Provenance::Inferred
                }
            };
        }
        let scope = Scope {
            submission,
            table: rule.table,
        };
        for spot in said.texts("tell").unwrap_or_default() {
            rule.tell.extend(scope.operand(said, &spot));
        }
        if let Some(place) = said.text("place") {
            rule.place = scope.column(said, &place);
        }
        rule.pass.extend(examples(said, "pass"));
        rule.fail.extend(examples(said, "fail"));
    }

    /// A rule of its own.
    fn rule(
        &mut self,
        said: &Toml<'_>,
        submission: &Submission,
        loading: &mut Loading<'_>,
    ) -> Option<TableRule> {
        said.only("a rule", &[KEYS, checks::KINDS].concat());
        let id = said.required("a rule", "id")?;
        let name = said.required("a rule", "table")?;
        let Some(table) = submission.table(name.text) else {
            let names = submission.tables.iter().map(|table| &*table.name);
            said.reading.unknown(&name, "table", names);
            return None;
        };
        let (implemented, published) = grades(said)?;
        let scope = Scope { submission, table };
        let check = checks::check(said, &scope, loading)?;
        self.take(said, &id, (implemented.is_some(), published.is_some()));
        let effect = implemented.or(published)?;
        let place = match &check {
            // The last of several, where they are compared with one another.
            Check::Unique { columns, .. } => columns.first().copied(),
            check => check.columns().first().copied(),
        };
        let mut rule = TableRule {
            rule: Arc::new(Rule {
                id: id.text.into(),
                title: messages::title(submission, table, &check),
                effect: effect.effect,
                message: self.message(check.kind(), submission, table, &check),
                label: None,
                help: None,
                source: self.source.clone(),
                provenance: Provenance::Published,
                class: RuleClass::Business,
                status: RuleStatus::Stable,
                since: self.since.clone(),
            }),
            table,
            check,
            implemented,
            published,
            place,
            tell: Vec::new(),
            pass: Vec::new(),
            fail: Vec::new(),
            origin: said.origin(),
        };
        Self::said(said, &mut rule, submission);
        Some(rule)
    }

    /// Takes an id, which no two rules of a profile share.
    fn take(
        &mut self,
        said: &Toml<'_>,
        id: &crate::definition::table::Spot<'_>,
        run: (bool, bool),
    ) {
        let taken = self.taken.entry(id.text.into()).or_default();
        if (taken.0 && run.0) || (taken.1 && run.1) {
            said.error("id", format!("the rule id `{}` is taken", id.text));
        }
        *taken = (taken.0 || run.0, taken.1 || run.1);
    }
}

/// The effect that a key says.
fn effect(said: &Toml<'_>, key: &str) -> Option<Said> {
    let spot = said.text(key)?;
    let found = grade(spot.text);
    if found.is_none() {
        let message = format!("there is no effect `{}`", spot.text);
        said.reading
            .error_with_help(spot.span, message, EFFECTS.to_owned());
    }
    found
}

/// Gives a rule of columns the effects that are said of it: `effect` in both profiles, `published` in the one.
fn grade_columns(said: &Toml<'_>, rule: &mut TableRule) {
    if let Some(effect) = effect(said, "effect") {
        (rule.implemented, rule.published) = (effect.grade(), effect.grade());
    }
    if let Some(effect) = effect(said, "published") {
        rule.published = effect.grade();
    }
    match rule.implemented.or(rule.published) {
        Some(grade) => Arc::make_mut(&mut rule.rule).effect = grade.effect,
        None => said.error("effect", "the rule is absent everywhere".to_owned()),
    }
}

/// What the implementation and the published text do.
fn grades(said: &Toml<'_>) -> Option<(Option<Grade>, Option<Grade>)> {
    said.required("a rule", "effect")?;
    let implemented = effect(said, "effect")?.grade();
    let published = if said.has("published") {
        effect(said, "published")?.grade()
    } else {
        implemented
    };
    let profile = match said.text("profile") {
        None => None,
        Some(spot) => match spot.text {
            "implemented" => Some(Profile::Implemented),
            "published" => Some(Profile::Published),
            _ => {
                let words = ["implemented", "published"];
                said.reading.unknown(&spot, "profile", words);
                return None;
            }
        },
    };
    let grades = match profile {
        None => (implemented, published),
        Some(Profile::Implemented) => (implemented, None),
        Some(Profile::Published) => (None, published.or(implemented)),
    };
    if grades == (None, None) {
        said.error("effect", "the rule is absent everywhere".to_owned());
        return None;
    }
    Some(grades)
}
