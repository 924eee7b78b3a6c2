//! Samples with faults, and a line of CSV for all that is found in them.

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, Write};

use concord_standards::submission::Profile;

use super::faults::{Breaker, Broken, FAULTS, Role};
use super::judge::Found;
use super::plan::{Extent, Plan};
use super::value::Values;
use super::{Portal, Request, Tables, Writer, portal};
use crate::Dice;

/// The first line of labels. The first five columns are those of all standards; `record` is 0 for what is about the
/// submission. Lines with the same number of a `fault` belong to one fault: the rule that was broken (`fault` in the column `role`),
/// rules that cannot but be broken with it (`also`), and what follows (`consequence`), with the rejected row through which it
/// follows and the rule that rejected that one.
pub const LABEL_HEADER: &str =
    "rule,record,line,element,description,table,fault,role,parent_table,parent_record,parent_rule";

/// Which faults to make.
#[derive(Debug, Clone)]
pub struct FaultRequest {
    /// Share of the patients for whom a rule is broken, from 0 to 1. A rule about the header or the whole is broken once.
    pub rate: f64,
    /// Rules to break, each by its id or as `TABLE/RULE` where it stands for several tables; all that are about patients and run
    /// without anything beyond the submission, when none is named.
    pub rules: Vec<String>,
    /// The profile for which the labels hold.
    pub profile: Profile,
}

/// Why faults could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FaultError {
    /// The standard has no such rule.
    #[error("there is no rule `{0}` in this profile")]
    Unknown(String),
    /// Nothing breaks the rule.
    #[error("no fault can be made for the rule `{0}`")]
    Unbreakable(String),
    /// A rule about the whole submission together with others.
    #[error("`{0}` is about the header or the whole submission: its fault is made alone")]
    Alone(String),
    /// Could not write.
    #[error("cannot write the sample")]
    Write(#[from] io::Error),
}

/// Writes a submission with faults, each table to its own writer, and labels; how many rows each table has.
///
/// # Errors
/// [`FaultError`] when a rule cannot be broken, or a writer cannot be written.
pub fn write_faulty(
    request: &Request<'_>,
    faults: &FaultRequest,
    tables: &mut [Box<dyn Write>],
    labels: &mut dyn Write,
) -> Result<Vec<u64>, FaultError> {
    let portal: Portal = portal(request);
    let plan = Plan::new(request.submission);
    let breaker = Breaker::new(request, &plan, &portal, faults.profile);
    let wanted = wanted(&breaker, faults)?;
    writeln!(labels, "{LABEL_HEADER}")?;
    let mut pen = Pen {
        writer: Writer::new(request.submission, tables),
        labels,
        faults: 0,
        whole: None,
    };
    match wanted[..] {
        [rule] if breaker.is_whole(rule) => pen.whole(request, breaker, rule)?,
        _ => pen.patients(request, breaker, faults, wanted)?,
    }
    Ok(pen.writer.counts)
}

/// The rules that are to be broken, by number.
fn wanted(breaker: &Breaker<'_>, faults: &FaultRequest) -> Result<Vec<usize>, FaultError> {
    let rules = &breaker.submission.rules;
    let active = |rule: &usize| rules[*rule].grade(faults.profile).is_some();
    let mut wanted: Vec<usize> = (0..rules.len()).filter(active).collect();
    if faults.rules.is_empty() {
        wanted.retain(|rule| !breaker.is_whole(*rule) && breaker.asks(*rule).is_none());
        return Ok(wanted);
    }
    // A rule that stands for several tables can be named for one of them.
    let named = |rule: usize, name: &str| {
        let of = &rules[rule];
        let (table, id) = name.split_once('/').unwrap_or(("", name));
        *of.rule.id == *id
            && (table.is_empty() || *breaker.submission.tables[of.table].name == *table)
    };
    for name in &faults.rules {
        if !wanted.iter().any(|rule| named(*rule, name)) {
            return Err(FaultError::Unknown(name.clone()));
        }
    }
    wanted.retain(|rule| faults.rules.iter().any(|name| named(*rule, name)));
    let (whole, of_rows): (Vec<usize>, Vec<usize>) =
        wanted.into_iter().partition(|rule| breaker.is_whole(*rule));
    let apart = |name: &String| !of_rows.iter().any(|rule| named(*rule, name));
    match (faults.rules.iter().find(|name| apart(name)), whole.first()) {
        (Some(name), Some(_)) if faults.rules.len() > 1 => Err(FaultError::Alone(name.clone())),
        // A rule of several columns is broken in one of them.
        (Some(_), Some(rule)) => Ok(vec![*rule]),
        _ => Ok(of_rows),
    }
}

struct Pen<'w, 'l> {
    writer: Writer<'w>,
    labels: &'l mut dyn Write,
    faults: u64,
    /// What is found of the submission in the rows of every patient.
    whole: Option<BTreeSet<Found>>,
}

impl Pen<'_, '_> {
    /// Writes patients, of whom some have a fault.
    fn patients<'d>(
        &mut self,
        request: &'d Request<'d>,
        mut breaker: Breaker<'d>,
        faults: &FaultRequest,
        wanted: Vec<usize>,
    ) -> Result<(), FaultError> {
        let mut turns = Turns {
            waiting: wanted.into(),
            done: BTreeSet::new(),
            named: !faults.rules.is_empty(),
        };
        let mut values = Values::new(request);
        self.writer.names(request.submission, None)?;
        self.writer.row(
            request.submission.header,
            &values.header(request.submission),
        )?;
        if request.patients == 0 {
            let mut alone = vec![Vec::new(); request.submission.tables.len()];
            alone[request.submission.header] = vec![values.header(request.submission)];
            self.whole = Some(breaker.judge.judge(&alone).into_iter().collect());
        }
        let in_a_million = (faults.rate * 1_000_000.0).clamp(0.0, 1_000_000.0);
        for patient in 0..request.patients {
            let mut dice = Dice::part(request.seed ^ FAULTS, patient);
            let broken = if (dice.below(1_000_000) as f64) < in_a_million {
                turns.next(&mut breaker, patient, &mut values)?
            } else {
                None
            };
            if let Some((rule, broken)) = broken {
                self.faults += 1;
                self.label(&breaker, rule, &broken.change.what, &broken.found)?;
                self.rows(&breaker, &broken.tables)?;
            } else {
                self.whole = Some(BTreeSet::new());
                let mut dice = Dice::part(request.seed, patient);
                values.begin(patient, &mut dice);
                let family = breaker.plan.family(Extent::Some, &mut values, &mut dice);
                self.rows(&breaker, &family)?;
            }
        }
        self.of_whole(&breaker, None, "")
    }

    /// Breaks a rule that is about the header or the whole.
    fn whole<'d>(
        &mut self,
        request: &'d Request<'d>,
        mut breaker: Breaker<'d>,
        rule: usize,
    ) -> Result<(), FaultError> {
        let mut values = Values::new(request);
        let Some(Broken { change, .. }) = breaker.break_rule(rule, 0, &mut values) else {
            let id = &breaker.submission.rules[rule].rule.id;
            return Err(FaultError::Unbreakable(id.to_string()));
        };
        let more = change.world.unpublished.then_some("NotPublished");
        self.writer.names(request.submission, more)?;
        self.faults = 1;
        let header = request.submission.header;
        for patient in 0..request.patients.max(1) {
            let mut dice = Dice::part(request.seed ^ FAULTS, patient);
            let mut tables = breaker.before(patient, &change.world, &mut values, &mut dice);
            change.apply(request.submission, &mut tables);
            let mut found = breaker.find(rule, &change, &tables);
            // There is one header for all.
            if patient > 0 {
                found.retain(|found| found.table != header || found.row.is_none());
            }
            self.label(&breaker, rule, &change.what, &found)?;
            if patient == 0 {
                for row in &mut tables[header] {
                    if more.is_some() {
                        row.push(String::new());
                    }
                    self.writer.row(header, row)?;
                }
            }
            self.rows(&breaker, &tables)?;
        }
        self.of_whole(&breaker, Some(rule), &change.what)
    }

    /// Writes rows of a patient.
    fn rows(&mut self, breaker: &Breaker<'_>, tables: &Tables) -> io::Result<()> {
        for table in &breaker.plan.order {
            for row in &tables[*table] {
                self.writer.row(*table, row)?;
            }
        }
        Ok(())
    }

    /// Labels what is found of rows that are written next, and keeps what is found of the submission.
    fn label(
        &mut self,
        breaker: &Breaker<'_>,
        rule: usize,
        what: &str,
        found: &[Found],
    ) -> io::Result<()> {
        let of_whole: BTreeSet<Found> = found
            .iter()
            .filter(|found| found.row.is_none())
            .cloned()
            .collect();
        self.whole = Some(match self.whole.take() {
            Some(whole) => whole.intersection(&of_whole).cloned().collect(),
            None => of_whole,
        });
        for found in found.iter().filter(|found| found.row.is_some()) {
            self.line(breaker, Some(rule), found, what)?;
        }
        Ok(())
    }

    /// Labels what is found of the submission.
    fn of_whole(
        &mut self,
        breaker: &Breaker<'_>,
        rule: Option<usize>,
        what: &str,
    ) -> Result<(), FaultError> {
        for found in self.whole.take().unwrap_or_default() {
            self.line(breaker, rule, &found, what)?;
        }
        Ok(())
    }

    fn line(
        &mut self,
        breaker: &Breaker<'_>,
        rule: Option<usize>,
        found: &Found,
        what: &str,
    ) -> io::Result<()> {
        let submission = breaker.submission;
        let id = |rule: usize| &submission.rules[rule].rule.id;
        let table = &submission.tables[found.table];
        let header = submission.header;
        // The header is written once, when the first patient is labelled.
        let before = |table: usize| {
            if table == header {
                0
            } else {
                self.writer.counts[table]
            }
        };
        let record = found
            .row
            .map_or(0, |row| before(found.table) + row as u64 + 1);
        let line = if record == 0 { 0 } else { record + 1 };
        let element = found
            .column
            .map_or("", |column| &table.columns[column].name);
        let role = rule.map_or(Role::Consequence, |rule| breaker.role(rule, found));
        let what = match role {
            Role::Fault => what,
            Role::Also => "this rule cannot but be broken as well",
            Role::Consequence if found.row.is_none() => "what the submission needs is not there",
            Role::Consequence => "what the row needs is not there, or was rejected",
        };
        let parent = found.through.map_or_else(
            || ",,".to_owned(),
            |through| {
                let name = &submission.tables[through.table].name;
                let row = before(through.table) + through.row as u64 + 1;
                format!("{name},{row},{}", id(through.by))
            },
        );
        writeln!(
            self.labels,
            "{},{record},{line},{element},\"{what}\",{},{},{},{parent}",
            id(found.rule),
            table.name,
            if rule.is_some() { self.faults } else { 0 },
            role.as_str(),
        )
    }
}

/// Rules that take turns.
struct Turns {
    waiting: VecDeque<usize>,
    /// Those that were broken once.
    done: BTreeSet<usize>,
    /// Whether each of them must be broken.
    named: bool,
}

impl Turns {
    /// Breaks the next rule; `None` where none can be broken for a patient.
    fn next<'d>(
        &mut self,
        breaker: &mut Breaker<'d>,
        patient: u64,
        values: &mut Values<'d>,
    ) -> Result<Option<(usize, Broken)>, FaultError> {
        for _ in 0..self.waiting.len() {
            let Some(rule) = self.waiting.pop_front() else {
                break;
            };
            let broken = breaker.break_rule(rule, patient, values);
            if broken.is_some() || self.done.contains(&rule) {
                self.waiting.push_back(rule);
            }
            match broken {
                Some(broken) => {
                    self.done.insert(rule);
                    return Ok(Some((rule, broken)));
                }
                None if self.named && !self.done.contains(&rule) => {
                    let id = &breaker.submission.rules[rule].rule.id;
                    return Err(FaultError::Unbreakable(id.to_string()));
                }
                None => {}
            }
        }
        Ok(None)
    }
}
