//! Batches judged without being applied: every rule that they break, batch by batch, and where.
//!
//! [`Store::apply`] stops at the first thing that is wrong; here all are told. A batch that breaks a rule counts as seen, so that the one behind it
//! is not told of for that.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::{FileSummary, Finding, NotRun, RecordCounts, Verdict};
use concord_read::Input;
use concord_standards::layout::{HeaderUse, TableLayout};

use crate::agreement::{self, Said};
use crate::apply::in_order;
use crate::batch::{Batch, digits};
use crate::bulk::Watch;
use crate::error::{Error, ErrorKind, RowProblem};
use crate::extract::System;
use crate::ledger::{Entry, FileEntry, Ledger};
use crate::period::{self, Period};
use crate::reading::Reading;
use crate::reference::{Known, Named};
use crate::rows;
use crate::rule::ExtractRule;
use crate::store::Store;
use crate::telling::{Telling, account, at, place};
use crate::{demands, follow};

/// What is said of a batch that was judged.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Its name.
    pub name: String,
    /// Whether nothing keeps it from being applied.
    pub taken: bool,
    /// Whether it was applied before, with the same content, so that there was nothing to judge.
    pub before: bool,
    /// Its files, each with its account.
    pub files: Vec<FileSummary>,
}

/// What came before the batches that are judged.
#[derive(Debug, Clone, Copy)]
pub enum Before<'s> {
    /// That is not known: they are held against one another.
    Unknown,
    /// Nothing did.
    Nothing,
    /// What a store holds.
    Store(&'s Store),
}

/// Judges batches one after the other.
#[derive(Debug)]
pub struct Judge<'s> {
    system: &'s System,
    before: Before<'s>,
    /// What came before, by sender.
    ledgers: BTreeMap<String, Ledger>,
    /// How many batches the store has.
    stored: u64,
    /// What organisations have said, by sender.
    said: BTreeMap<String, Said>,
    known: Known,
}

impl<'s> Judge<'s> {
    /// A judge of a system's batches.
    ///
    /// # Errors
    /// [`ErrorKind::Stored`] when a stored file cannot be read.
    pub fn new(system: &'s System, before: Before<'s>) -> Result<Self, Error> {
        let mut ledgers = BTreeMap::new();
        let mut known = Known::new(system);
        let (mut stored, mut said) = (0, BTreeMap::new());
        if let Before::Store(store) = before
            && let Some(ledger) = &store.ledger
        {
            known.take_store(system, store)?;
            stored = ledger.batches.len() as u64;
            said.insert(ledger.sender.clone(), agreement::said(store, system)?);
            ledgers.insert(ledger.sender.clone(), ledger.clone());
        }
        Ok(Self {
            system,
            before,
            ledgers,
            stored,
            said,
            known,
        })
    }

    fn is_unknown(&self) -> bool {
        matches!(self.before, Before::Unknown)
    }

    /// Rules that cannot be judged, and why.
    pub fn not_run(&self) -> Vec<NotRun> {
        let mut not_run = Vec::new();
        let mut add = |rule: ExtractRule, reason: &str| {
            not_run.push(NotRun {
                rule: rule.id().to_owned(),
                reason: reason.to_owned(),
            });
        };
        if self.is_unknown() {
            let reason = "it is about what came before: name a store with --store";
            for rule in [
                ExtractRule::NoBulk,
                ExtractRule::Changed,
                ExtractRule::Other,
            ] {
                add(rule, reason);
            }
        }
        for (table, why) in self.known.doubts() {
            let references = self.system.description.references.iter();
            let mut of_table = references.filter(|reference| reference.table == table);
            let rule = match of_table.next() {
                Some(reference) if reference.codes => ExtractRule::Code,
                _ => ExtractRule::Reference,
            };
            add(rule, why);
        }
        not_run
    }

    /// Judges a batch.
    ///
    /// # Errors
    /// [`ErrorKind::Reading`] when a file cannot be read to its end, and those of definitions.
    pub fn batch(&mut self, batch: &Batch, tell: &mut dyn FnMut(Finding)) -> Result<Judged, Error> {
        let system = self.system;
        let mut telling = Telling {
            standard: Arc::clone(system.standard()),
            tell,
            refused: false,
            counts: BTreeMap::new(),
        };
        let name = batch.name();
        let about = batch.about();
        let mut judged = Judged {
            name,
            taken: true,
            before: false,
            files: Vec::new(),
        };
        for demand in [demands::once_each(batch), demands::unmixed(batch)] {
            if let Err(error) = demand {
                telling.refuse(&about, error)?;
            }
        }
        let manifest = system.description.manifest.as_ref();
        let period = match manifest.map(|manifest| period::period(system, manifest, batch)) {
            None => None,
            Some(Ok(period)) => Some(period),
            Some(Err(error)) => {
                let manifest = manifest.and_then(|manifest| batch.file(&manifest.table));
                let missing = error.rule() == Some(ExtractRule::FileMissing);
                let manifest = manifest.filter(|_| !missing);
                let at = manifest.map_or(about.as_str(), |input| input.name());
                telling.refuse(at, error)?;
                None
            }
        };
        // Without a manifest that can be read it is not known when the batch was made, but by its folder.
        let stamp = match &period {
            Some(period) => digits(&period.to),
            None if manifest.is_some() => digits(batch.folder()),
            None => batch.identity.stamp.clone(),
        };
        self.other(batch, &about, &mut telling)?;
        let sender = batch.identity.sender.clone();
        let ledger = self.ledgers.remove(&sender);
        let mut ledger = ledger.unwrap_or_else(|| Ledger::new(system.id(), &sender));
        let found = ledger
            .find(&stamp, &batch.identity)
            .filter(|entry| entry.number <= self.stored);
        if let Some(entry) = found {
            if let Err(error) = demands::unchanged(system, entry, batch) {
                telling.refuse(&about, error)?;
            }
            judged.before = true;
            judged.taken = !telling.refused;
            self.ledgers.insert(sender, ledger);
            return Ok(judged);
        }
        let late = follow::in_order(&ledger, batch, &stamp);
        let is_late = late.is_err();
        for demand in [late, demands::whole(system, batch)] {
            if let Err(error) = demand {
                telling.refuse(&about, error)?;
            }
        }
        if self.is_unknown() && ledger.batches.is_empty() {
            self.begin(batch, period.as_ref())?;
        }
        let (watch, files) = self.files(batch, &mut telling, &mut judged.files)?;
        if !is_late {
            let bulk = self.follows(batch, &ledger, period.as_ref(), &watch, &mut telling)?;
            let number = ledger.batches.len() as u64 + 1;
            ledger.batches.push(Entry {
                number,
                name: judged.name.clone(),
                stamp,
                covers: batch.identity.covers,
                bulk,
                gap: None,
                held: Vec::new(),
                files,
            });
        }
        self.ledgers.insert(sender, ledger);
        judged.taken = !telling.refused;
        account(&mut judged.files, &telling.counts);
        Ok(judged)
    }

    /// Holds the system and sender of a batch against those of the store.
    fn other(&self, batch: &Batch, about: &str, telling: &mut Telling<'_>) -> Result<(), Error> {
        let Before::Store(store) = self.before else {
            return Ok(());
        };
        match store.ledger_for(self.system, batch) {
            Err(error) => telling.refuse(about, error),
            Ok(_) => Ok(()),
        }
    }

    /// Without a store, what rows name is known where the first batch is a bulk.
    fn begin(&mut self, batch: &Batch, period: Option<&Period>) -> Result<(), Error> {
        let system = self.system;
        let mut watch = Watch::default();
        let inferred = system.description.bulk.as_ref();
        if inferred.is_some_and(|bulk| bulk.inferred.is_some()) {
            for (table, input) in in_order(system, batch) {
                let mut reading: Option<Reading<'_>> = None;
                rows::each_row(input, |row, damage| {
                    match &mut reading {
                        // Rows that are wrong are told of later.
                        Some(reading) if damage.is_none() => drop(reading.row(row, &mut watch)),
                        Some(_) => {}
                        none => *none = Reading::new(system, table, input, row).ok(),
                    }
                    Ok(())
                })?;
            }
        }
        let nothing = Ledger::new(system.id(), &batch.identity.sender);
        let bulk = follow::replaces(system, batch, &nothing, period, &watch);
        if !bulk.is_ok_and(|replaces| replaces.bulk) {
            let why = "what rows name may have come before: name a store with --store, or begin with a bulk";
            for table in self.known.targets() {
                self.known.doubt(&table, why);
            }
        }
        Ok(())
    }

    /// Whether the batch is a bulk; tells of what is missing before it.
    fn follows(
        &mut self,
        batch: &Batch,
        ledger: &Ledger,
        period: Option<&Period>,
        watch: &Watch,
        telling: &mut Telling<'_>,
    ) -> Result<bool, Error> {
        let about = batch.about();
        let bulk = match follow::replaces(self.system, batch, ledger, period, watch) {
            Ok(replaces) => replaces.bulk,
            Err(error) => {
                // Without a store it is not known what came before.
                if !self.is_unknown() {
                    telling.refuse(&about, error)?;
                }
                false
            }
        };
        if let Some(missing) = follow::gap(ledger, batch, period, bulk) {
            let error = ErrorKind::Gap {
                batch: batch.name(),
                missing,
            };
            telling.refuse(&about, error.into())?;
        }
        Ok(bulk)
    }

    /// Judges the rows of all files.
    fn files(
        &mut self,
        batch: &Batch,
        telling: &mut Telling<'_>,
        summaries: &mut Vec<FileSummary>,
    ) -> Result<(Watch, BTreeMap<String, FileEntry>), Error> {
        let system = self.system;
        self.agreements(batch, telling)?;
        let mut watch = Watch::default();
        let mut entries = BTreeMap::new();
        let mut ordered = in_order(system, batch);
        // What is named comes before what names it.
        ordered.sort_by_key(|(table, _)| !self.known.is_target(&table.name));
        let people = system
            .description
            .person
            .as_ref()
            .map(|person| &*person.table);
        ordered.sort_by_key(|(table, _)| people != Some(&*table.name));
        for table in self.known.targets() {
            if !batch.files.contains_key(&table) && system.is_wanted(&table) {
                let why = format!("the file of {table} is missing from batch {}", batch.name());
                self.known.doubt(&table, &why);
            }
        }
        for (table, input) in ordered {
            let (rows, removed) = self.file(table, input, &mut watch, telling, summaries)?;
            let entry = FileEntry {
                rows,
                removed,
                ..FileEntry::default()
            };
            entries.insert(table.name.to_string(), entry);
        }
        Ok((watch, entries))
    }

    /// Tells of agreements that are disabled. What a batch says that is refused for it counts for nothing later.
    fn agreements(&mut self, batch: &Batch, telling: &mut Telling<'_>) -> Result<(), Error> {
        let system = self.system;
        let said = self.said.entry(batch.identity.sender.clone()).or_default();
        let before = said.clone();
        let held = match agreement::held(said, system, batch) {
            Ok(held) => held,
            Err(error) => {
                *said = before;
                // A row of that file that cannot be read is told of with all others.
                return match error.rule() {
                    Some(rule) if rule != ExtractRule::Stopped => Ok(()),
                    _ => telling.refuse(&batch.about(), error),
                };
            }
        };
        let file = system.description.agreement.as_ref();
        let file = file.and_then(|agreement| batch.file(&agreement.table));
        for name in agreement::told(&held, &before) {
            let file = file.map_or_else(|| batch.about().into(), |file| Arc::clone(file.name()));
            let reason = format!(
                "the agreement of organisation {name} is disabled: what a store has of it stays, and nothing is taken"
            );
            let finding = telling.finding(ExtractRule::Held, file, reason);
            telling.say(finding);
        }
        Ok(())
    }

    /// Judges the rows of a file; how many there are, and how many are withdrawn.
    fn file(
        &mut self,
        table: &TableLayout,
        input: &Input,
        watch: &mut Watch,
        telling: &mut Telling<'_>,
        summaries: &mut Vec<FileSummary>,
    ) -> Result<(u64, u64), Error> {
        let system = self.system;
        let file = input.name();
        let known = &mut self.known;
        let mut reading: Option<Reading<'_>> = None;
        let mut named: Option<Named> = None;
        let mut unreadable = false;
        let (mut records, mut rejected) = (0, 0);
        let print = rows::each_row(input, |row, damage| {
            if unreadable {
                records += 1;
                return Ok(());
            }
            let reading = match &mut reading {
                Some(reading) => reading,
                none => {
                    match Reading::new(system, table, input, row) {
                        Ok(first) => {
                            named = Some(Named::new(system, table, &first.columns));
                            none.insert(first)
                        }
                        Err(error) => {
                            unreadable = true;
                            return place(telling, error, (row, None));
                        }
                    };
                    if table.header != HeaderUse::None {
                        return Ok(());
                    }
                    let Some(first) = none else { return Ok(()) };
                    first
                }
            };
            records += 1;
            let judged = match damage {
                Some(reason) => Err(Error::row(file, row.line, RowProblem::Cells, reason)),
                None => reading.row(row, watch),
            };
            let removed = match judged {
                Ok(removed) => removed,
                Err(error) => {
                    rejected += 1;
                    return place(telling, error, (row, Some(records)));
                }
            };
            if let Some(named) = &named {
                for orphan in known.row(named, row, removed) {
                    let mut finding = telling.finding(orphan.rule, Arc::clone(file), orphan.reason);
                    finding.place = Some(at(row, orphan.cell));
                    finding.record = Some(records);
                    finding.element = Some(orphan.column);
                    telling.say(finding);
                }
            }
            Ok(())
        })?;
        if unreadable {
            known.doubt(&table.name, &format!("{file} cannot be read as a table"));
        }
        if reading.is_none() && !unreadable && table.header != HeaderUse::None {
            let error = Error::row(file, 1, RowProblem::Header, "the file has no header");
            telling.refuse(file, error)?;
        }
        summaries.push(FileSummary {
            file: file.to_string(),
            standard: Some(telling.standard.to_string()),
            verdict: Verdict::Accepted,
            size: None,
            bytes: print.length,
            records: RecordCounts {
                records,
                accepted: records - rejected,
                rejected,
            },
            findings: BTreeMap::new(),
            unreadable: None,
        });
        Ok(reading.map_or((0, 0), |reading| (reading.rows, reading.removed)))
    }
}
