//! Files of tabular standards that show a change.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_sample::tables::sheet::{Sheet, Sheets};
use concord_standards::definition::Definition;
use concord_standards::layout::HeaderUse;

use super::court::{Court, Exhibit, Ruling, other, sayings};
use super::renames::Renames;
use super::{Attempt, ProofOptions, Told, shrink};
use crate::change::{LeadKind, Side, Witness};

/// Makes files of one side.
pub(super) struct Tables<'d> {
    pub(super) definition: &'d Definition,
    side: Side,
    by_name: BTreeMap<Arc<str>, Option<Table<'d>>>,
    /// What the other side calls differently.
    renames: Renames,
}

/// Makes files of one table.
pub(super) struct Table<'d> {
    pub(super) sheets: Sheets<'d>,
    bases: Option<Vec<Base>>,
    /// Whether a file may name its columns and need not.
    names_columns_at_will: bool,
}

/// A file that its side takes.
#[derive(Clone)]
pub(super) struct Base {
    pub(super) sheet: Sheet,
    /// Whether the other side takes it, too.
    pub(super) taken: bool,
    /// Whether nothing can be left out.
    small: bool,
}

/// Rows that are tried, one file each.
const ROWS: u64 = 12;
/// Files that are begun with.
const FILES: usize = 5;

impl<'d> Tables<'d> {
    pub(super) fn new(definition: &'d Definition, side: Side, renames: Renames) -> Self {
        Self {
            definition,
            side,
            by_name: BTreeMap::new(),
            renames,
        }
    }

    /// The maker of a table's files; of the only table, when there is none of that name.
    pub(super) fn table(&mut self, name: &str) -> Option<&mut Table<'d>> {
        let definition = self.definition;
        let layout = definition.layout.as_ref()?;
        let only = match layout.tables.as_slice() {
            [table] => Some(table),
            _ => None,
        };
        let table = layout.table(name).or(only)?;
        self.by_name
            .entry(Arc::clone(&table.name))
            .or_insert_with(|| {
                let sheets = Sheets::new(definition, table).ok()?;
                Some(Table {
                    sheets,
                    bases: None,
                    names_columns_at_will: table.header == HeaderUse::Optional,
                })
            })
            .as_mut()
    }

    pub(super) fn side(&self) -> Side {
        self.side
    }

    /// A file of the other side as this one has it, but for the column that it is about: by its values or, where `named`,
    /// by its name.
    fn taken_over(
        &mut self,
        table: &str,
        sheet: &Sheet,
        about: Option<&str>,
        named: bool,
    ) -> Option<Sheet> {
        let sheet = self.renames.in_sheet(sheet, about.filter(|_| named));
        let here = about.map(|about| self.renames.column(about).to_owned());
        // By its name it is missing here, too.
        let except: Vec<&str> = here
            .as_deref()
            .into_iter()
            .chain(about.filter(|_| named))
            .collect();
        Some(self.table(table)?.sheets.fitted(&sheet, &except))
    }
}

impl Table<'_> {
    /// Files of one row: such as both sides take first.
    fn bases(
        &mut self,
        name: &str,
        side: Side,
        renames: &Renames,
        against: &mut Tables<'_>,
        court: &mut Court<'_>,
        options: &ProofOptions,
    ) -> Vec<Base> {
        if let Some(known) = &self.bases {
            return known.clone();
        }
        let mut bases: Vec<Base> = Vec::new();
        let mut small = false;
        for number in 0..ROWS {
            if bases.len() >= FILES {
                break;
            }
            let Some(base) = base_of(self.sheets.valid(number, 1), side, court) else {
                continue;
            };
            let shared = if base.taken {
                None
            } else {
                let there = against.taken_over(name, &base.sheet, None, false);
                let back = there.map(|sheet| {
                    let sheet = renames.in_sheet(&sheet, None);
                    self.sheets.fitted(&sheet, &[])
                });
                back.and_then(|sheet| base_of(sheet, side, court))
                    .filter(|shared| shared.taken)
            };
            for base in shared.into_iter().chain([base]) {
                if !small {
                    bases.push(least(&base, side, court, options));
                }
                small |= base.taken;
                bases.push(base);
            }
        }
        if self.names_columns_at_will {
            // Without names, a value is that of the column at its place.
            let mut bare = Vec::new();
            for base in &bases {
                let sheet = base.sheet.clone().without_header();
                bare.extend(base_of(sheet, side, court).map(|bare| Base {
                    small: base.small,
                    ..bare
                }));
            }
            bases.extend(bare);
        }
        bases.sort_by_key(|base| (!base.taken, !base.small));
        if self.names_columns_at_will {
            // One of each sort before another of the same.
            let (named, bare): (Vec<Base>, Vec<Base>) =
                bases.into_iter().partition(|base| base.sheet.has_header());
            let longer = named.len().max(bare.len());
            let turns = (0..longer).flat_map(|turn| [named.get(turn), bare.get(turn)]);
            bases = turns.flatten().cloned().collect();
        }
        self.bases = Some(bases.clone());
        bases
    }
}

fn base_of(sheet: Sheet, side: Side, court: &mut Court<'_>) -> Option<Base> {
    // A row that is blank altogether is none.
    if sheet
        .rows
        .iter()
        .any(|row| row.iter().all(String::is_empty))
    {
        return None;
    }
    let file = sheet.write();
    if !court.hear(side, &file)?.accepted {
        return None;
    }
    let taken = court.hear(other(side), &file)?.accepted;
    Some(Base {
        sheet,
        taken,
        small: false,
    })
}

/// A file without all that may be left blank.
fn least(base: &Base, side: Side, court: &mut Court<'_>, options: &ProofOptions) -> Base {
    let mut tries = options.shrinking;
    let mut holds = |sheet: &Sheet| {
        let file = sheet.write();
        let mut takes = |side| court.hear(side, &file).is_some_and(|said| said.accepted);
        takes(side) && (!base.taken || takes(other(side)))
    };
    Base {
        sheet: shrink::sheet(base.sheet.clone(), &[], &mut tries, &mut holds),
        taken: base.taken,
        small: true,
    }
}

/// What a lead asks of a file.
struct Edit<'l> {
    table: &'l str,
    /// The column that it is about.
    column: Option<&'l str>,
    /// The text to stand in it.
    text: Option<&'l str>,
    /// Whether the column is left out.
    left_out: bool,
}

impl<'l> Edit<'l> {
    fn of(lead: &'l LeadKind, about: Option<&'l str>) -> Option<Self> {
        match lead {
            LeadKind::Cell {
                table,
                column,
                text,
            } => Some(Self {
                table,
                column: Some(column),
                text: Some(text),
                left_out: false,
            }),
            LeadKind::Columns { table, without } => Some(Self {
                table,
                column: without.as_deref().or(about),
                text: None,
                left_out: without.is_some(),
            }),
            _ => None,
        }
    }

    fn make(&self, sheet: &Sheet) -> Result<Sheet, String> {
        let mut sheet = sheet.clone();
        let Some(column) = self.column else {
            return Ok(sheet);
        };
        let missing = || format!("there is no column {column}");
        if self.left_out {
            return sheet.leave_out(column).then_some(sheet).ok_or_else(missing);
        }
        if let Some(text) = self.text {
            let at = sheet.column(column).ok_or_else(missing)?;
            for row in &mut sheet.rows {
                text.clone_into(&mut row[at]);
            }
        }
        Ok(sheet)
    }
}

/// Files of a table to begin with; `None` when there is no such table.
pub(super) fn bases(
    own: &mut Tables<'_>,
    table: &str,
    against: &mut Tables<'_>,
    court: &mut Court<'_>,
    options: &ProofOptions,
) -> Option<Vec<Base>> {
    let side = own.side;
    let renames = std::mem::take(&mut own.renames);
    let bases = own
        .table(table)
        .map(|maker| maker.bases(table, side, &renames, against, court, options));
    own.renames = renames;
    bases
}

/// Shows a change by a file of a table. `about` is the column that it is about.
pub(super) fn show(
    own: &mut Tables<'_>,
    against: &mut Tables<'_>,
    lead: &LeadKind,
    about: Option<&str>,
    court: &mut Court<'_>,
    options: &ProofOptions,
) -> Attempt {
    let side = own.side;
    let Some(edit) = Edit::of(lead, about) else {
        return Attempt::NotMade("nothing is known of what a record must hold".to_owned());
    };
    let Some(bases) = bases(own, edit.table, against, court, options) else {
        return Attempt::NotMade(format!("no file of {} could be made", edit.table));
    };
    let mut answer = Attempt::NotMade(format!(
        "no file of {} was found that its own side takes",
        edit.table
    ));
    for base in bases.iter().take(options.attempts as usize) {
        if !court.may_go_on() {
            return answer.or_spent(court);
        }
        let candidate = match edit.make(&base.sheet) {
            Ok(candidate) => candidate,
            Err(reason) => {
                answer.better(Attempt::NotMade(reason));
                continue;
            }
        };
        match rule_on(&candidate, side, base.taken, against, &edit, court) {
            Ruling::Refused(told) => {
                let candidate = if base.small {
                    candidate
                } else {
                    smaller(
                        candidate, side, base.taken, against, &edit, &told, court, options,
                    )
                };
                return Attempt::Shown(Witness {
                    taken_by: side,
                    line: Some(if edit.text.is_some() && candidate.has_header() {
                        2
                    } else {
                        1
                    }),
                    submission: String::from_utf8_lossy(&candidate.write()).into_owned(),
                    refused_with: sayings(&told),
                });
            }
            ruling => answer.better(Attempt::of(ruling, side)),
        }
    }
    answer
}

fn rule_on(
    candidate: &Sheet,
    side: Side,
    start_taken: bool,
    against: &mut Tables<'_>,
    edit: &Edit<'_>,
    court: &mut Court<'_>,
) -> Ruling {
    let file = candidate.write();
    court.rule(Exhibit {
        taken_by: side,
        own: &file,
        start_taken,
        rule: None,
        carried: &mut |kept| match (kept, edit.column) {
            // It is about the file as a whole.
            (true, None) => Some(file.clone()),
            (true, column) => {
                let named = edit.text.is_none();
                let sheet = against.taken_over(edit.table, candidate, column, named)?;
                let place = |sheet: &Sheet| column.and_then(|column| sheet.column(column));
                if !named && !sheet.has_header() && place(candidate) != place(&sheet) {
                    // Without names, what stands elsewhere is something else.
                    return Some(file.clone());
                }
                Some(sheet.write())
            }
            (false, _) => carried(candidate, against, edit.table),
        },
    })
}

/// A file as the other side has it.
pub(super) fn carried(sheet: &Sheet, against: &mut Tables<'_>, table: &str) -> Option<Vec<u8>> {
    Some(against.taken_over(table, sheet, None, false)?.write())
}

/// A file as the other side has it, whose values stay as they are: they may be what breaks a rule.
pub(super) fn values_kept(of: &mut Tables<'_>, table: &str, sheet: &Sheet) -> Option<Sheet> {
    let sheet = of.renames.in_sheet(sheet, None);
    let sheets = &mut of.table(table)?.sheets;
    let known = |name: &&Arc<str>| sheets.takes(name, "").is_some();
    let kept: Vec<Arc<str>> = sheet.columns.iter().filter(known).cloned().collect();
    let kept: Vec<&str> = kept.iter().map(|name| &**name).collect();
    Some(sheets.fitted(&sheet, &kept))
}

/// The candidate without what need not be there.
#[allow(clippy::too_many_arguments)] // it is one step of `show`, with all that it knows
fn smaller(
    candidate: Sheet,
    side: Side,
    start_taken: bool,
    against: &mut Tables<'_>,
    edit: &Edit<'_>,
    told: &[Told],
    court: &mut Court<'_>,
    options: &ProofOptions,
) -> Sheet {
    let said = sayings(told);
    let mut tries = options.shrinking;
    let kept: Vec<&str> = edit.column.into_iter().collect();
    let mut holds = |sheet: &Sheet| match rule_on(sheet, side, start_taken, against, edit, court) {
        // Nothing else may be wrong with it.
        Ruling::Refused(now) => sayings(&now).iter().all(|saying| said.contains(saying)),
        _ => false,
    };
    shrink::sheet(candidate, &kept, &mut tries, &mut holds)
}
