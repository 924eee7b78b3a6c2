//! Faults of a batch as a whole.

use jiff::ToSpan as _;

use super::super::cells;
use super::super::kinds::System;
use super::super::written;
use super::Label;
use super::folder::{File, Folder};
use crate::Dice;
use crate::tables::pen::{Row, Source, WrittenColumn};

/// How a batch is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    FileMissing,
    NoManifest,
    FileTwice,
    OtherAgreement,
    OtherStamp,
    OtherNumbers,
    Order,
    Gap,
    Unlisted,
    DeltaNotSaid,
    OtherEnd,
    OtherBeginning,
    Stopped,
    Held,
    NoKey,
    ColumnTwice,
    ColumnMissing,
    ColumnMisspelt,
    ColumnUnknown,
}

const EMIS: [Way; 14] = [
    Way::FileMissing,
    Way::OtherAgreement,
    Way::Gap,
    Way::OtherStamp,
    Way::FileTwice,
    Way::Held,
    Way::NoKey,
    Way::Order,
    Way::OtherNumbers,
    Way::Stopped,
    Way::ColumnTwice,
    Way::ColumnMissing,
    Way::ColumnMisspelt,
    Way::ColumnUnknown,
];

const TPP: [Way; 14] = [
    Way::FileMissing,
    Way::OtherEnd,
    Way::Gap,
    Way::NoManifest,
    Way::OtherBeginning,
    Way::FileTwice,
    Way::Order,
    Way::Unlisted,
    Way::NoKey,
    Way::DeltaNotSaid,
    Way::ColumnTwice,
    Way::ColumnMissing,
    Way::ColumnMisspelt,
    Way::ColumnUnknown,
];

const VISION: [Way; 2] = [Way::FileMissing, Way::FileTwice];

/// The ways that there are for a system, in the order in which they take turns.
pub(super) fn ways(system: System) -> &'static [Way] {
    match system {
        System::Emis => &EMIS,
        System::Tpp => &TPP,
        System::Vision => &VISION,
    }
}

/// Where a batch stands among the others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    pub(super) month: u32,
    pub(super) last: bool,
    pub(super) bulk_next: bool,
}

/// What was done.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) labels: Vec<Label>,
    /// What the next batch is told of.
    pub(super) next: Option<Label>,
    /// What is added to the numbers of this batch and all later ones.
    pub(super) shift: u64,
}

fn done(label: Label) -> Done {
    Done {
        labels: vec![label],
        ..Done::default()
    }
}

impl Way {
    /// The rule that it breaks.
    pub(super) fn rule(self) -> &'static str {
        match self {
            Self::FileMissing | Self::NoManifest => "EXTRACT-FILE-MISSING",
            Self::FileTwice => "EXTRACT-FILE-TWICE",
            Self::OtherAgreement => "EXTRACT-AGREEMENTS",
            Self::OtherStamp => "EXTRACT-STAMPS",
            Self::OtherNumbers => "EXTRACT-NUMBERS",
            Self::Order => "EXTRACT-ORDER",
            Self::Gap => "EXTRACT-GAP",
            Self::Unlisted | Self::DeltaNotSaid => "EXTRACT-MANIFEST",
            Self::OtherEnd => "EXTRACT-MANIFEST-TO",
            Self::OtherBeginning => "EXTRACT-MANIFEST-FROM",
            Self::Stopped => "EXTRACT-STOPPED",
            Self::Held => "EXTRACT-HELD",
            Self::NoKey => "EXTRACT-HEADER",
            Self::ColumnTwice => "TABLE-COLUMN-REPEATED",
            Self::ColumnMissing => "TABLE-COLUMN-MISSING",
            Self::ColumnMisspelt => "TABLE-COLUMN-NAME",
            Self::ColumnUnknown => "TABLE-COLUMN-UNKNOWN",
        }
    }

    /// Breaks a batch; none where it has no place for the fault.
    pub(super) fn break_it(
        self,
        around: Around,
        folder: &mut Folder<'_>,
        dice: &mut Dice,
    ) -> Option<Done> {
        match self {
            Self::FileMissing
            | Self::NoManifest
            | Self::FileTwice
            | Self::OtherAgreement
            | Self::OtherStamp
            | Self::OtherNumbers => self.files(around, folder, dice),
            Self::Order | Self::Gap => self.order(around, folder),
            Self::Unlisted | Self::DeltaNotSaid | Self::OtherEnd | Self::OtherBeginning => {
                self.manifest(around, folder)
            }
            Self::Stopped | Self::Held => self.agreement(around, folder),
            _ => self.header(folder, dice),
        }
    }

    fn files(self, around: Around, folder: &mut Folder<'_>, dice: &mut Dice) -> Option<Done> {
        let rule = self.rule();
        let of_batch = |done: &str, folder: &Folder<'_>| Label::new(rule, &folder.name, done);
        if self == Self::NoManifest {
            folder.manifest.take()?;
            return Some(done(of_batch("the manifest left out", folder)));
        }
        if self == Self::FileMissing && folder.system == System::Vision {
            // Only that of people must be there; what names them cannot be judged without it, so that nothing must come behind.
            let people = folder.system.people().table;
            let at = folder
                .files
                .iter()
                .position(|file| &*file.table.name == people)?;
            folder.files.remove(at);
            return around
                .last
                .then(|| of_batch("the file of people left out", folder))
                .map(done);
        }
        let at = plain(folder, dice, |_| true)?;
        let other = folder.files.get(at)?.clone();
        match self {
            Self::FileMissing => {
                folder.files.remove(at);
                Some(done(of_batch("a file left out", folder)))
            }
            Self::FileTwice => {
                let name = other.named.file(folder.system, other.table);
                let called = match folder.system {
                    System::Emis => format!("0{name}"),
                    // Names of tables are the same in capitals and small letters.
                    System::Tpp => format!("{}{}", &name[..2], name[2..].to_ascii_lowercase()),
                    System::Vision => format!("other_{name}"),
                };
                let first = folder.system == System::Emis;
                let copy = File {
                    called: Some(called),
                    ..other.clone()
                };
                let told = if first {
                    folder.path(&other)
                } else {
                    folder.path(&copy)
                };
                folder.files.push(copy);
                Some(done(Label::new(rule, &told, "a file put there twice")))
            }
            _ => {
                let file = folder.files.get_mut(at)?;
                let what = match self {
                    Self::OtherAgreement => {
                        file.named.agreement = file.named.agreement.replace("0999", "0998");
                        "a file of another agreement in the place of its own"
                    }
                    Self::OtherStamp => {
                        file.named.time = "053100";
                        "a file of another moment in the place of its own"
                    }
                    _ => {
                        file.named.numbers.1 += 7;
                        "a file of other numbers in the place of its own"
                    }
                };
                let path = folder.path(&folder.files[at]);
                Some(done(Label::new(rule, &path, what)))
            }
        }
    }

    fn order(self, around: Around, folder: &mut Folder<'_>) -> Option<Done> {
        let label = |what: &str| Label::new(self.rule(), &folder.name, what);
        if self == Self::Gap {
            if !folder.follows() {
                return None;
            }
            let told = label("something that comes before it was never sent");
            if let Some((_, lines)) = &mut folder.manifest {
                let from = cells::day_of(around.month - 1).saturating_add(5.days());
                let mut deltas = lines.iter_mut().filter(|line| line[1] == "Y").peekable();
                deltas.peek()?;
                deltas.for_each(|line| line[3] = written::moment(from));
                return Some(done(told));
            }
            for file in &mut folder.files {
                file.named.numbers.0 += 100;
                file.named.numbers.1 += 100;
            }
            return Some(Done {
                shift: 100,
                ..done(told)
            });
        }
        if around.month < 2 {
            return None;
        }
        let told = label("older than the batch before it");
        if let Some((_, lines)) = &mut folder.manifest {
            let to = cells::day_of(around.month - 1).saturating_sub(1.days());
            let from = cells::day_of(around.month - 1).saturating_sub(9.days());
            for line in lines {
                line[4] = written::moment(to);
                if line[1] == "Y" {
                    line[3] = written::moment(from);
                }
            }
        } else {
            for file in &mut folder.files {
                file.named.numbers = (1, 50);
            }
        }
        // It was not taken, so that it is missing before the next one.
        let missing = Label::new(
            "EXTRACT-GAP",
            "",
            "the batch before was older than the one before it",
        );
        Some(Done {
            next: (!around.bulk_next || folder.follows()).then_some(missing),
            ..done(told)
        })
    }

    fn manifest(self, around: Around, folder: &mut Folder<'_>) -> Option<Done> {
        let path = folder.manifest_path();
        let (_, lines) = folder.manifest.as_mut()?;
        let label = |what: &str| Label::new(self.rule(), &path, what);
        let deltas: Vec<usize> = (0..lines.len()).filter(|at| lines[*at][1] == "Y").collect();
        match self {
            Self::Unlisted => {
                lines.pop()?;
                Some(done(label("a file not listed")))
            }
            Self::DeltaNotSaid => {
                let at = lines.len().checked_sub(1)?;
                lines[at][1].clear();
                let record = at as u64 + 1;
                let also = Label {
                    record,
                    ..Label::new("VALUE-MISSING", &path, "left out").at(record + 1, "IS_DELTA")
                };
                Some(Done {
                    labels: vec![
                        label("not said whether a file holds only what changed"),
                        also,
                    ],
                    ..Done::default()
                })
            }
            Self::OtherEnd => {
                let to = cells::day_of(around.month).saturating_sub(1.days());
                lines.last_mut()?[4] = written::moment(to);
                Some(done(label("a file that goes up to another moment")))
            }
            _ => {
                let at = deltas.last().filter(|_| deltas.len() > 1)?;
                let from = cells::day_of(around.month - 1).saturating_sub(3.days());
                lines[*at][3] = written::moment(from);
                Some(done(label("a file whose changes begin at another moment")))
            }
        }
    }

    fn agreement(self, around: Around, folder: &mut Folder<'_>) -> Option<Done> {
        let number = folder
            .files
            .iter()
            .position(|file| &*file.table.name == "agreements_sharing_organisation")?;
        let (of, what) = if self == Self::Stopped {
            (cells::practice_guid(0), "the agreement disabled")
        } else {
            let other = cells::practice_guid(500 + u64::from(around.month));
            (other, "the agreement of another organisation disabled")
        };
        let file = &mut folder.files[number];
        let cells = file.table.fields.iter().map(|field| {
            match &*field.column {
                "ORGANISATION_GUID" => of.as_str(),
                "IS_ACTIVATED" | "DISABLED" => "true",
                "DELETED" => "false",
                _ => "",
            }
            .to_owned()
        });
        let row = Row {
            cells: cells.collect(),
        };
        if self == Self::Stopped {
            // What it said otherwise in the same file would count.
            file.rows.clear();
        }
        file.rows.push((row, false));
        Some(done(Label::new(
            self.rule(),
            &folder.path(&folder.files[number]),
            what,
        )))
    }

    fn header(self, folder: &mut Folder<'_>, dice: &mut Dice) -> Option<Done> {
        let at = plain(folder, dice, |file| file.columns.len() > 8)?;
        let path = folder.path(&folder.files[at]);
        let system = folder.system;
        let file = &mut folder.files[at];
        let element = |file: &File<'_>, column: usize| match file.columns[column].source {
            Source::Field(field) => file.table.fields[field].column.to_string(),
            Source::Text(_) => String::new(),
        };
        let key = keys(system, file);
        let spare = |file: &File<'_>| {
            let optional = |column: &usize| {
                let name = element(file, *column);
                name.len() > 12
                    && !key.contains(&name)
                    && system.person() != name
                    && name != system.removal().0
                    && !name.starts_with("ORGANISATION")
            };
            (0..file.columns.len()).rev().find(optional)
        };
        let label =
            |rule: &str, element: &str, what: &str| Label::new(rule, &path, what).at(1, element);
        let refused = |what: &str| Label::new("EXTRACT-HEADER", &path, what).at(1, "");
        let labels = match self {
            Self::NoKey => {
                let column =
                    (0..file.columns.len()).find(|column| key.contains(&element(file, *column)))?;
                let name = element(file, column);
                file.columns.remove(column);
                let what = "left out a column that rows are known by";
                vec![refused(what), label("TABLE-COLUMN-MISSING", &name, what)]
            }
            Self::ColumnTwice => {
                let first = file.columns.first()?.clone();
                let name = element(file, 0);
                file.columns.push(first);
                let what = "put the first column again at the end";
                vec![label(self.rule(), &name, what), refused(what)]
            }
            Self::ColumnMissing => {
                let column = spare(file)?;
                let name = element(file, column);
                file.columns.remove(column);
                vec![label(self.rule(), &name, "left out a column")]
            }
            Self::ColumnMisspelt => {
                let column = spare(file)?;
                let name = element(file, column);
                let header = &mut file.columns[column].header;
                let mut letters: Vec<char> = header.chars().collect();
                let swap = (4..letters.len() - 1).find(|at| letters[*at] != letters[*at + 1])?;
                letters.swap(swap, swap + 1);
                *header = letters.into_iter().collect();
                vec![label(self.rule(), &name, "swapped two letters of the name")]
            }
            _ => {
                file.columns.push(WrittenColumn {
                    header: "OurOwnNote".to_owned(),
                    source: Source::Text("note"),
                });
                vec![label(
                    self.rule(),
                    "",
                    "added a column that the standard does not have",
                )]
            }
        };
        Some(Done {
            labels,
            ..Done::default()
        })
    }
}

/// The columns that identify the rows of a file.
pub(super) fn keys(system: System, file: &File<'_>) -> Vec<String> {
    let mut kinds = system.kinds().iter();
    let kind = kinds.find(|kind| kind.table == &*file.table.name);
    kind.map_or_else(Vec::new, |kind| {
        kind.key.iter().map(|column| (*column).to_owned()).collect()
    })
}

/// Whether rows of a table are named by others.
pub(super) fn is_named(system: System, table: &str) -> bool {
    system.people().table == table || system.codes().iter().any(|(.., target)| *target == table)
}

/// A file whose rows nobody names, that holds no agreements, and that `fits`.
fn plain(folder: &Folder<'_>, dice: &mut Dice, fits: impl Fn(&File<'_>) -> bool) -> Option<usize> {
    let system = folder.system;
    let places: Vec<usize> = (0..folder.files.len())
        .filter(|at| {
            let file = &folder.files[*at];
            let table = &*file.table.name;
            let listed = table != "sr_mapping" && !table.starts_with("agreements");
            listed && !is_named(system, table) && !file.rows.is_empty() && fits(file)
        })
        .collect();
    dice.pick(&places).copied()
}
