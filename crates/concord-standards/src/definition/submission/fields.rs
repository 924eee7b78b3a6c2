//! `fields.csv` of a standard of many tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::Effect;

use super::at;
use crate::definition::csv_rows::{Row, rows};
use crate::definition::elements::Elements;
use crate::definition::load::{Loading, join};
use crate::definition::problem::{Problem, Text, nearest};
use crate::definition::standard::StandardInfo;
use crate::layout::Mandation;
use crate::rules::FieldCheck;
use crate::schema::Origin;
use crate::submission::form::Form;
use crate::submission::{Codes, Column, Grade, Link, Submission};

pub(crate) const COLUMNS: [&str; 15] = [
    "table",
    "position",
    "column",
    "uid",
    "element",
    "mandation",
    "format",
    "code_list",
    "key",
    "references",
    "presence_rule",
    "format_rule",
    "code_rule",
    "source",
    "confidence",
];

/// A rule that stands beside a column.
pub(super) struct FieldRule {
    pub(super) id: Arc<str>,
    pub(super) table: usize,
    pub(super) column: usize,
    pub(super) kind: FieldCheck,
    pub(super) implemented: Option<Grade>,
    pub(super) published: Option<Grade>,
    /// Whether its effect stands beside the column too; else it is the usual one of its kind.
    pub(super) graded: bool,
    pub(super) source: Arc<str>,
    pub(super) origin: Origin,
}

/// Reads the columns, and the rules that stand beside them.
pub(super) fn read(
    info: &StandardInfo,
    elements: &Elements,
    submission: &mut Submission,
    loading: &mut Loading<'_>,
) -> Vec<FieldRule> {
    let path = join(&info.folder, "fields.csv");
    let Some(text) = loading.open(&path) else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    let found = rows(&text, COLUMNS, &mut problems);
    let personal: BTreeMap<&str, bool> = elements
        .list
        .iter()
        .map(|element| (&*element.name, element.personal))
        .collect();
    let mut fields = Fields {
        text: &text,
        submission,
        loading,
        personal,
        codes: BTreeMap::new(),
        references: Vec::new(),
        rules: Vec::new(),
        problems,
    };
    for row in &found {
        fields.row(row);
    }
    fields.link();
    for table in &fields.submission.tables {
        if table.columns.is_empty() {
            let message = format!("the table {} has no columns", table.name);
            fields.problems.push(at(&text, 1, message));
        }
    }
    let (rules, problems) = (fields.rules, fields.problems);
    loading.problems.extend(problems);
    rules
}

struct Fields<'f, 's> {
    text: &'f Text,
    submission: &'f mut Submission,
    loading: &'f mut Loading<'s>,
    personal: BTreeMap<&'f str, bool>,
    /// Codes by what the cell says.
    codes: BTreeMap<String, Arc<Codes>>,
    /// What leads to other tables: table, column, text, line.
    references: Vec<(usize, usize, String, u32)>,
    rules: Vec<FieldRule>,
    problems: Vec<Problem>,
}

impl Fields<'_, '_> {
    fn wrong(&mut self, line: u32, message: String, help: Option<String>) {
        let mut problem = at(self.text, line, message);
        problem.help = help;
        self.problems.push(problem);
    }

    fn row(&mut self, row: &Row<'_, { COLUMNS.len() }>) {
        let line = row.line;
        let [
            table,
            position,
            name,
            uid,
            element,
            mandation,
            format,
            code_list,
            key,
            references,
            presence,
            form_rule,
            code_rule,
            source,
            confidence,
        ] = row.cells.each_ref().map(|cell| cell.trim());
        let Some(number) = self.submission.table(table) else {
            let names = self.submission.tables.iter().map(|table| &*table.name);
            let help = nearest(table, names).map(|near| format!("did you mean `{near}`?"));
            self.wrong(line, format!("there is no table `{table}`"), help);
            return;
        };
        let columns = &self.submission.tables[number].columns;
        let expected = columns.len() + 1;
        if position.parse() != Ok(expected) {
            let message =
                format!("the position is `{position}`; this is column {expected} of its table");
            self.wrong(line, message, None);
        } else if name.is_empty() || columns.iter().any(|column| &*column.name == name) {
            self.wrong(line, format!("the column `{name}` stands twice"), None);
        }
        let form = Form::parse(format);
        if form.is_none() && !format.is_empty() {
            let help = "write such as an3, max an20, min an3 max an6, n10, max n2.max n2, an10 CCYY-MM-DD, an8 HH:MM:SS, \
                        postcode, nhs-number, snomed, /regex/; leave it empty when it is not known";
            self.wrong(
                line,
                format!("there is no format `{format}`"),
                Some(help.to_owned()),
            );
        }
        let mandation = Mandation::from_letter(mandation).unwrap_or_else(|| {
            let message = format!("there is no mandation `{mandation}`");
            self.wrong(line, message, Some("write M, R, O, P or X".to_owned()));
            Mandation::Optional
        });
        if !matches!(key, "" | "Y") {
            self.wrong(line, format!("`key` is Y or empty, not `{key}`"), None);
        }
        let personal = self.personal.get(element).copied();
        if personal.is_none() {
            let message = format!("elements.csv does not have `{element}`");
            self.wrong(line, message, None);
        }
        let codes = self.codes_of(code_list, line);
        let origin = Origin {
            file: Arc::clone(&self.text.name),
            line,
        };
        let column = expected - 1;
        for (cell, kind, lacks) in [
            (presence, FieldCheck::Presence, None),
            (
                form_rule,
                FieldCheck::Format,
                form.is_none().then_some("format"),
            ),
            (
                code_rule,
                FieldCheck::Code,
                codes.is_none().then_some("code list"),
            ),
        ] {
            if cell.is_empty() {
                continue;
            }
            if let Some(lacks) = lacks {
                self.wrong(
                    line,
                    format!("`{cell}` stands beside a column without {lacks}"),
                    None,
                );
                continue;
            }
            let Some((id, implemented, published)) = self.cited(cell, kind, line) else {
                continue;
            };
            let graded = cell.split_whitespace().nth(1).is_some();
            self.rules.push(FieldRule {
                id,
                table: number,
                column,
                kind,
                implemented,
                published,
                graded,
                source: source.into(),
                origin: origin.clone(),
            });
        }
        for reference in references.split(';').map(str::trim) {
            if !reference.is_empty() {
                self.references
                    .push((number, column, reference.to_owned(), line));
            }
        }
        self.submission.tables[number].columns.push(Column {
            name: name.into(),
            uid: uid.into(),
            element: element.into(),
            mandation,
            format: format.into(),
            form,
            codes,
            key: key == "Y",
            // What nobody knows is treated as personal.
            personal: personal.unwrap_or(true),
            confidence: confidence.into(),
            origin,
        });
    }

    /// A list by its id, or the codes themselves with bars between them.
    fn codes_of(&mut self, said: &str, line: u32) -> Option<Arc<Codes>> {
        if said.is_empty() {
            return None;
        }
        if let Some(known) = self.codes.get(said) {
            return Some(Arc::clone(known));
        }
        let codes = if said.contains('|') {
            let codes = said.split('|').filter(|code| !code.is_empty());
            Codes::These(codes.map(Arc::from).collect())
        } else if let Some(list) = self.loading.code_list(said) {
            Codes::of_list(list)
        } else {
            let known = self.loading.code_list_ids();
            let help = nearest(said, known.iter().map(String::as_str))
                .map(|near| format!("did you mean `{near}`?"));
            self.wrong(line, format!("there is no code list `{said}`"), help);
            return None;
        };
        let codes = Arc::new(codes);
        self.codes.insert(said.to_owned(), Arc::clone(&codes));
        Some(codes)
    }

    /// `ID`, and what the implementation and the published text do: `ID reject-record published=warn`.
    fn cited(
        &mut self,
        cell: &str,
        kind: FieldCheck,
        line: u32,
    ) -> Option<(Arc<str>, Option<Grade>, Option<Grade>)> {
        let mut words = cell.split_whitespace();
        let id = words.next()?;
        let usual = match kind {
            FieldCheck::Presence | FieldCheck::Format => Effect::RejectRecord,
            FieldCheck::Code => Effect::Warn,
        };
        let mut implemented = Some(Grade::of(usual));
        let mut published = None;
        for word in words {
            let (text, of_text) = match word.strip_prefix("published=") {
                Some(text) => (text, true),
                None => (word, false),
            };
            let Some(grade) = grade(text) else {
                let message = format!("there is no effect `{text}`");
                self.wrong(line, message, Some(EFFECTS.to_owned()));
                return None;
            };
            if of_text {
                published = Some(grade.grade());
            } else {
                implemented = grade.grade();
            }
        }
        Some((id.into(), implemented, published.unwrap_or(implemented)))
    }

    /// What leads to other tables, once all columns are known.
    fn link(&mut self) {
        for (table, column, text, line) in std::mem::take(&mut self.references) {
            let found = text.split_once('.').and_then(|(table, column)| {
                let table = self.submission.table(table)?;
                Some((table, self.submission.tables[table].column(column)?))
            });
            let Some((other, theirs)) = found else {
                self.wrong(line, format!("`{text}` leads to no column"), None);
                continue;
            };
            let links = &mut self.submission.tables[table].links;
            match links.iter_mut().find(|link| link.table == other) {
                Some(link) => link.columns.push((column, theirs)),
                None => links.push(Link {
                    table: other,
                    columns: vec![(column, theirs)],
                }),
            }
        }
    }
}

/// What effects may be written.
pub(super) const EFFECTS: &str =
    "write reject-file, reject-group, reject-record, severity-1, warn, note or absent";

/// What a word says of a rule.
#[derive(Clone, Copy)]
pub(super) enum Said {
    /// It is no rule.
    Absent,
    /// It is one of this effect.
    Grade(Grade),
}

impl Said {
    pub(super) fn grade(self) -> Option<Grade> {
        match self {
            Self::Absent => None,
            Self::Grade(grade) => Some(grade),
        }
    }
}

/// An effect by its word; `None` for a word that is none.
pub(super) fn grade(word: &str) -> Option<Said> {
    match word {
        "absent" => Some(Said::Absent),
        "severity-1" => Some(Said::Grade(Grade {
            effect: Effect::Warn,
            severity_1: true,
        })),
        word => word
            .parse()
            .ok()
            .map(|effect| Said::Grade(Grade::of(effect))),
    }
}
