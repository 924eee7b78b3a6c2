//! Batches with labelled faults.
//!
//! | module | does |
//! |---|---|
//! | `folder` | a batch as it is before it is written, so that it can be changed |
//! | `batches` | faults of a batch as a whole: files, names, manifests, agreements, names of columns |
//! | `rows` | faults of single rows and values, and what they are for who takes the batch |
//!
//! A batch has one fault as a whole, or faults in its rows, or none; the first bulk has none, because everything after it rests on it.
//! Tables whose rows are named by others keep all of their rows: a row that is lost there is one more fault in each that names it. So
//! the labels say all that is found, by `concord check` of the files and by `concord practice check` of the batches.

mod batches;
mod folder;
mod rows;

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, Write};

use super::kinds::{self, System};
use super::world::World;
use super::{PracticeSampleError, Request, Written};
use crate::Dice;
use batches::Way;
use folder::Folder;
use rows::RowFaults;

/// The first line of labels: those of all standards, and the file or the batch, below the folder of batches.
pub const LABEL_HEADER: &str = "rule,record,line,element,description,file";

/// Which faults to make.
#[derive(Debug, Clone)]
pub struct FaultRequest {
    /// Share of the batches with a fault as a whole, and of the rows of others with a fault of their own, from 0 to 1.
    pub rate: f64,
    /// Rules to break; all when none is named.
    pub rules: Vec<String>,
}

/// A label.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Label {
    rule: String,
    record: u64,
    line: u64,
    element: String,
    description: String,
    file: String,
}

impl Label {
    fn new(rule: &str, file: &str, description: &str) -> Self {
        Self {
            rule: rule.to_owned(),
            record: 0,
            line: 0,
            element: String::new(),
            description: description.to_owned(),
            file: file.to_owned(),
        }
    }

    fn at(self, line: u64, element: &str) -> Self {
        Self {
            line,
            element: element.to_owned(),
            ..self
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self {
            rule,
            record,
            line,
            element,
            description,
            file,
        } = self;
        let description = description.replace('"', "\"\"");
        writeln!(
            out,
            "{rule},{record},{line},{element},\"{description}\",{file}"
        )
    }
}

/// The rules that faults can be made for, sorted.
///
/// # Errors
/// [`PracticeSampleError`] when nothing is known of the standard.
pub fn rules(request: &Request<'_>) -> Result<Vec<String>, PracticeSampleError> {
    let system = kinds::of(&request.definition.standard.id).ok_or_else(|| {
        PracticeSampleError::OtherStandard {
            standard: request.definition.standard.name(),
        }
    })?;
    let mut all: BTreeSet<String> = batches::ways(system)
        .iter()
        .map(|way| way.rule().to_owned())
        .collect();
    all.extend(RowFaults::new(system, request, &[], 0.0)?.rules());
    Ok(all.into_iter().collect())
}

/// Why no fault is made for a rule about batches.
pub fn reason(rule: &str) -> &'static str {
    match rule {
        "EXTRACT-NO-BULK" | "EXTRACT-CHANGED" | "EXTRACT-OTHER" => {
            "it is about what a store holds already; the tests of stores break it"
        }
        _ => "files of this system have nothing that could break it",
    }
}

/// Writes the batches of a practice with faults, and a line of CSV for each. What a store must hold in the end is what it must hold
/// when every batch has been sent again right: as the same request without faults has it.
///
/// # Errors
/// [`PracticeSampleError`].
pub fn write_faulty(
    request: &Request<'_>,
    faults: &FaultRequest,
    create: &mut dyn FnMut(&str) -> io::Result<Box<dyn Write>>,
    labels: &mut dyn Write,
) -> Result<Written, PracticeSampleError> {
    let id = &request.definition.standard.id;
    let (Some(system), Some(layout)) = (kinds::of(id), &request.definition.layout) else {
        return Err(PracticeSampleError::OtherStandard {
            standard: request.definition.standard.name(),
        });
    };
    writeln!(labels, "{LABEL_HEADER}")?;
    let mut world = World::new(system, layout, &request.definition.schema, request);
    let wanted =
        |way: &Way| faults.rules.is_empty() || faults.rules.iter().any(|rule| rule == way.rule());
    let mut ways: VecDeque<Way> = batches::ways(system)
        .iter()
        .copied()
        .filter(|way| wanted(way))
        .collect();
    let mut rows = RowFaults::new(system, request, &faults.rules, faults.rate)?;
    let mut carried: Option<Label> = None;
    let mut shift = 0;
    let mut written = Vec::new();
    for month in 0..=request.months {
        let batch = world.month(month);
        let again = month + 1 == request.months / 2 + 1;
        let mut folder = Folder::new(system, layout, &mut world, &batch, shift)?;
        rows.sent(&folder);
        let mut dice = Dice::part(request.seed ^ 0x00ba_7c11, u64::from(month));
        let mut told: Vec<Label> = Vec::new();
        if let Some(label) = carried.take() {
            // It says that something is missing before this one, which no bulk is told of.
            told.extend(folder.follows().then(|| Label {
                file: folder.name.clone(),
                ..label
            }));
        } else if month > 0 && is_faulty(faults.rate, &mut dice) {
            let around = batches::Around {
                month,
                last: month == request.months,
                bulk_next: again,
            };
            for _ in 0..ways.len() {
                let Some(way) = ways.pop_front() else { break };
                ways.push_back(way);
                let mut broken = folder.clone();
                if let Some(done) = way.break_it(around, &mut broken, &mut dice) {
                    folder = broken;
                    told = done.labels;
                    carried = done.next;
                    shift += done.shift;
                    break;
                }
            }
        }
        let rows = (month > 0 && told.is_empty()).then_some(&mut rows);
        told.extend(folder.write(rows, create)?);
        for label in &told {
            label.write(labels)?;
        }
        written.push(folder.name);
    }
    Ok(Written {
        batches: written,
        state: world.state(),
    })
}

fn is_faulty(rate: f64, dice: &mut Dice) -> bool {
    (dice.below(1_000_000) as f64) < rate.clamp(0.0, 1.0) * 1_000_000.0
}

/// A system's own words, as its files write them.
impl System {
    /// What stands where a row neither stands nor is withdrawn.
    fn unknown_word(self) -> &'static str {
        match self {
            Self::Emis => "maybe",
            Self::Tpp => "2",
            Self::Vision => "X",
        }
    }

    /// What rows that are withdrawn say, and what others do.
    fn words(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Emis => (&["true"], &["false", ""]),
            Self::Tpp => (&["1", "true"], &["0", "false", ""]),
            Self::Vision => (&["d"], &["i", "u"]),
        }
    }
}
