//! Submissions of many tables that show a change: a file for each table, made from what a side takes.
//!
//! | module | does |
//! |---|---|
//! | `files` | tables with their rows, written as files |
//! | `broken` | what breaks a rule, laid over a submission |

mod broken;
mod files;

use std::collections::BTreeSet;
use std::sync::Arc;

use concord_standards::definition::Definition;
use concord_standards::submission::{Submission, TableRule};

use self::broken::laid_over;
use self::files::{Files, sample};
use super::court::{Court, name, other, rejecting, sayings};
use super::{Attempt, Outcome, ProofOptions, Told};
use crate::change::{Change, ChangePlace, Comparison, LeadKind, Side, Witness};

/// Makes submissions of one side.
pub(super) struct Submissions<'d> {
    submission: &'d Submission,
    definition: &'d Definition,
    side: Side,
    bases: Option<Vec<Base>>,
    names: Names,
}

/// A submission that its side takes.
#[derive(Clone)]
struct Base {
    files: Files,
    /// What the other side refuses of it.
    refused: BTreeSet<Refusal>,
    /// The same of it in the names of the other side.
    refused_there: BTreeSet<Refusal>,
}

/// A rule, and where it refuses something.
type Refusal = (Arc<str>, Option<Arc<str>>, String);

/// Tables and columns that the other side calls otherwise: here and there.
#[derive(Default)]
struct Names {
    tables: Vec<(String, String)>,
    columns: Vec<(String, String, String)>,
}

/// Submissions that are begun with.
const BASES: u64 = 4;
/// What is tried of each rule.
const CASES: usize = 24;

impl<'d> Submissions<'d> {
    pub(super) fn new(
        definition: &'d Definition,
        submission: &'d Submission,
        side: Side,
        comparison: &Comparison,
    ) -> Self {
        Self {
            submission,
            definition,
            side,
            bases: None,
            names: Names::of(comparison, side),
        }
    }

    fn bases(&mut self, against: &Submissions<'_>, court: &mut Court<'_>) -> Vec<Base> {
        if let Some(known) = &self.bases {
            return known.clone();
        }
        let mut bases: Vec<Base> = Vec::new();
        // Rules may look at days: those on which both are in force go first.
        for day_of in [against.definition, self.definition] {
            for seed in 0..BASES {
                let Some(files) = sample(self.submission, day_of, seed, 1 + seed % 2) else {
                    continue;
                };
                let own = court.hear_files(self.side, &files.write());
                if !own.is_some_and(|said| said.accepted) {
                    continue;
                }
                let refused = |files: &Files, court: &mut Court<'_>| {
                    let said = court.hear_files(other(self.side), &files.write());
                    said.map(|said| refusals(&said)).unwrap_or_default()
                };
                let base = Base {
                    refused: refused(&files, court),
                    refused_there: refused(&self.names.carried(&files), court),
                    files,
                };
                bases.push(base);
            }
        }
        bases.sort_by_key(|base| (base.refused.len(), base.files.rows()));
        self.bases = Some(bases.clone());
        bases
    }
}

impl Names {
    fn of(comparison: &Comparison, side: Side) -> Self {
        let mut found = Self::default();
        for change in &comparison.changes {
            let (Some(old), Some(new)) = (change.old.clone(), change.new.clone()) else {
                continue;
            };
            let (here, there) = match side {
                Side::Old => (old, new),
                Side::New => (new, old),
            };
            match (&*change.rule.id, &change.place) {
                ("TABLE-RENAMED", ChangePlace::Table(_)) => found.tables.push((here, there)),
                ("COLUMN-RENAMED", ChangePlace::Column(table, _)) => {
                    found.columns.push((table.to_string(), here, there));
                }
                _ => {}
            }
        }
        found
    }

    /// A column in the names of the other side.
    fn place(&self, table: &str, column: &str) -> String {
        let there = self.tables.iter().find(|(here, _)| here == table);
        let table = there.map_or(table, |(_, there)| there);
        let found = self
            .columns
            .iter()
            .find(|(of, here, _)| of == table && here == column);
        format!("{table}/{}", found.map_or(column, |(_, _, there)| there))
    }

    /// Files in the names of the other side.
    fn carried(&self, files: &Files) -> Files {
        let mut files = files.clone();
        for table in &mut files.tables {
            let there = self.tables.iter().find(|(here, _)| *here == table.name);
            let named = there.map_or_else(|| table.name.clone(), |(_, there)| there.clone());
            for (of, here, there) in &self.columns {
                if *of != table.name && *of != named {
                    continue;
                }
                if let Some(column) = table.columns.iter_mut().find(|column| *column == here) {
                    column.clone_from(there);
                }
            }
            table.name = named;
        }
        files
    }
}

fn refusals(said: &Outcome) -> BTreeSet<Refusal> {
    rejecting(said).map(refusal).collect()
}

fn refusal(told: &Told) -> Refusal {
    // What is said of a whole submission has no place.
    let message = match told.path {
        Some(_) => String::new(),
        None => told.message.clone(),
    };
    (Arc::clone(&told.rule), told.path.clone(), message)
}

/// What a submission is to show.
struct Wanted<'w> {
    /// The rule that refuses it, where one is named.
    rule: Option<&'w str>,
    /// Names of what the change is about, for submissions in which nothing was changed.
    about: Vec<String>,
    /// Where it is refused, in the names of the other side: a table, or a table and a column.
    place: Option<String>,
}

impl Wanted<'_> {
    /// The refusals that show it.
    fn of(&self, said: &Outcome, before: Option<&BTreeSet<Refusal>>) -> Vec<Told> {
        let shows = |told: &Told| {
            let named = self.rule.is_none_or(|rule| *told.rule == *rule);
            // What was refused there before is refused for what stands there now, too.
            let there = self.place.is_some() && self.place.as_deref() == told.path.as_deref();
            let new = match before {
                Some(before) => there || !before.contains(&refusal(told)),
                None => self.about.is_empty() || self.about.iter().any(|name| is_about(told, name)),
            };
            named && new
        };
        let all = rejecting(said).filter(|told| shows(told));
        all.cloned().collect()
    }
}

/// Whether a finding is about a table or column of this name.
fn is_about(told: &Told, name: &str) -> bool {
    let path = told.path.as_deref().unwrap_or_default();
    path.split('/').any(|part| part == name)
        || told
            .message
            .split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
            .any(|word| word == name)
}

/// Shows a change by a submission that one side takes.
pub(super) fn show(
    own: &mut Submissions<'_>,
    against: &mut Submissions<'_>,
    change: &Change,
    lead: &LeadKind,
    court: &mut Court<'_>,
    options: &ProofOptions,
) -> Attempt {
    let bases = own.bases(against, court);
    if bases.is_empty() {
        let own = name(own.side);
        return Attempt::NotMade(format!("no submission was made that {own} takes"));
    }
    match lead {
        LeadKind::Row { table, cells } => {
            with_cells(own, change, (table, cells), &bases, court, options)
        }
        LeadKind::Cell {
            table,
            column,
            text,
        } => {
            let cells = [(Arc::clone(column), text.clone())];
            with_cells(own, change, (table, &cells), &bases, court, options)
        }
        LeadKind::Columns { table, .. } => {
            with_cells(own, change, (table, &[]), &bases, court, options)
        }
        LeadKind::TableRuleBroken { rule, number } => {
            let Some(broken) = against.submission.rules.get(*number) else {
                return Attempt::NotMade(format!("there is no rule {rule}"));
            };
            rule_broken(own, against, broken, &bases, court, options)
        }
        _ => Attempt::NotMade("it is about no table".to_owned()),
    }
}

/// Names of what a change is about.
fn about(change: &Change) -> Vec<String> {
    let mut names: Vec<String> = match &change.place {
        ChangePlace::Column(_, column) => vec![column.to_string()],
        ChangePlace::Table(table) => vec![table.to_string()],
        _ => Vec::new(),
    };
    if change.rule.id.ends_with("-RENAMED") {
        names.extend(change.old.clone());
        names.extend(change.new.clone());
    }
    names
}

/// Rows with texts in their columns.
fn with_cells(
    own: &Submissions<'_>,
    change: &Change,
    (table, cells): (&Arc<str>, &[(Arc<str>, String)]),
    bases: &[Base],
    court: &mut Court<'_>,
    options: &ProofOptions,
) -> Attempt {
    let rule = match &change.place {
        ChangePlace::Rule(rule) => Some(&**rule),
        _ => None,
    };
    let place = cells
        .first()
        .map(|(column, _)| own.names.place(table, column));
    let wanted = Wanted {
        rule,
        about: about(change),
        place,
    };
    let mut answer = Attempt::NotMade(format!("no row of {table} was made"));
    for base in bases.iter().take(options.attempts as usize) {
        if !court.may_go_on() {
            return answer.or_spent(court);
        }
        let mut files = base.files.clone();
        let Some(rows) = files
            .table_mut(table)
            .filter(|found| !found.rows.is_empty())
        else {
            continue;
        };
        let set = cells
            .iter()
            .all(|(column, text)| rows.set(0, column, text).is_some());
        if !set {
            continue;
        }
        let shown = Exhibit {
            own,
            wanted: &wanted,
            base: (!cells.is_empty()).then_some(base),
        };
        match shown.rule(files, court, options) {
            Attempt::Shown(witness) => return Attempt::Shown(witness),
            other => answer.better(other),
        }
    }
    answer
}

/// A rule of the other side, broken by what breaks it in examples of its kind.
fn rule_broken(
    own: &Submissions<'_>,
    against: &Submissions<'_>,
    rule: &TableRule,
    bases: &[Base],
    court: &mut Court<'_>,
    options: &ProofOptions,
) -> Attempt {
    let id = &rule.rule.id;
    let table = &against.submission.tables[rule.table];
    let place = match rule.place.and_then(|column| table.columns.get(column)) {
        Some(column) => format!("{}/{}", table.name, column.name),
        None => table.name.to_string(),
    };
    let wanted = Wanted {
        rule: Some(id),
        about: Vec::new(),
        place: Some(place),
    };
    let mut answer = Attempt::NotMade(format!("nothing was made that breaks {id}"));
    // What breaks it may be what everybody sends.
    for base in bases.iter().take(2) {
        let plain = Exhibit {
            own,
            wanted: &wanted,
            base: None,
        };
        if let Attempt::Shown(witness) = plain.rule(base.files.clone(), court, options) {
            return Attempt::Shown(witness);
        }
    }
    let cases = concord_standards::submission::cases(against.submission, rule).unwrap_or_default();
    let breaking = cases
        .iter()
        .filter(|case| case.breaks && case.parameters.is_empty());
    for case in breaking.take(CASES) {
        for base in bases.iter().take(options.attempts as usize) {
            if !court.may_go_on() {
                return answer.or_spent(court);
            }
            for files in laid_over(
                &base.files,
                (own.submission, against.submission),
                rule,
                case,
                &own.names.here(),
            ) {
                let shown = Exhibit {
                    own,
                    wanted: &wanted,
                    base: Some(base),
                };
                match shown.rule(files, court, options) {
                    Attempt::Shown(witness) => return Attempt::Shown(witness),
                    // That one example breaks nothing says nothing of the rule.
                    Attempt::Contradicted(reason) => answer.better(Attempt::NotMade(reason)),
                    other => answer.better(other),
                }
            }
        }
    }
    answer
}

impl Names {
    /// Columns by the name of the other side: table and column there, and the name here.
    fn here(&self) -> Vec<(String, String)> {
        let columns = self.columns.iter();
        columns
            .map(|(_, here, there)| (there.clone(), here.clone()))
            .collect()
    }
}

/// A submission that is to show something.
struct Exhibit<'e, 'd> {
    own: &'e Submissions<'d>,
    wanted: &'e Wanted<'e>,
    /// What it was made from; `None` where nothing was changed in it.
    base: Option<&'e Base>,
}

impl Exhibit<'_, '_> {
    /// Whether it shows what it is to show, made as small as it can be.
    fn rule(&self, files: Files, court: &mut Court<'_>, options: &ProofOptions) -> Attempt {
        let side = self.own.side;
        let (own, against) = (name(side), name(other(side)));
        let Some(said) = court.hear_files(side, &files.write()) else {
            return Attempt::Spent;
        };
        if !said.accepted {
            let first = rejecting(&said).next();
            let first = first.map_or_else(String::new, |told| told.message.clone());
            return Attempt::NotMade(format!("{own} refuses what was made to show it ({first})"));
        }
        let Some((shown, carried)) = self.refused(&files, court) else {
            return Attempt::Spent;
        };
        if shown.is_empty() {
            return Attempt::Contradicted(format!(
                "{against} takes a submission that was made to show it"
            ));
        }
        let first = refusal(&shown[0]);
        let mut tries = options.shrinking;
        let files = files.least(&mut tries, &mut |files| {
            let accepted = court
                .hear_files(side, &files.write())
                .is_some_and(|said| said.accepted);
            accepted
                && self
                    .heard(files, carried, court)
                    .is_some_and(|shown| shown.iter().any(|told| refusal(told) == first))
        });
        let Some(shown) = self.heard(&files, carried, court) else {
            return Attempt::Spent;
        };
        let same: Vec<Told> = shown
            .into_iter()
            .filter(|told| refusal(told) == first)
            .collect();
        Attempt::Shown(Witness {
            taken_by: side,
            line: same.first().and_then(|told| files.line_of(told)),
            submission: files.shown(),
            refused_with: sayings(&same),
        })
    }

    /// What the other side says that shows it, of the submission as it stands or in its own names.
    fn refused(&self, files: &Files, court: &mut Court<'_>) -> Option<(Vec<Told>, bool)> {
        let shown = self.heard(files, false, court)?;
        if !shown.is_empty()
            || (self.own.names.tables.is_empty() && self.own.names.columns.is_empty())
        {
            return Some((shown, false));
        }
        Some((self.heard(files, true, court)?, true))
    }

    fn heard(&self, files: &Files, carried: bool, court: &mut Court<'_>) -> Option<Vec<Told>> {
        let against = other(self.own.side);
        let said = if carried {
            court.hear_files(against, &self.own.names.carried(files).write())?
        } else {
            court.hear_files(against, &files.write())?
        };
        let before = self.base.map(|base| {
            if carried {
                &base.refused_there
            } else {
                &base.refused
            }
        });
        Some(self.wanted.of(&said, before))
    }
}
