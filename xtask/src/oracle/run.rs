//! Makes the documents, asks everybody, compares.

use std::io::Write;
use std::path::{Path, PathBuf};

use concord_sample::Dice;
use concord_sample::instance::{Generator, Limits};
use concord_sample::mutate::{Mutant, MutantKind, mutate};
use concord_sample::tree::{Layout, Node};

use super::compare::{Case, compare};
use super::report::Report;
use super::source::{Subject, reference, subject};
use super::{Failed, XmlArguments, ours, xmllint};

/// Documents that xmllint is asked about at once.
const BATCH: usize = 250;

/// A document and what it is.
struct Document {
    kind: &'static str,
    what: String,
    bytes: Vec<u8>,
}

/// Compares instances and mutants; false when there is a disagreement that nothing explains.
pub(super) fn xml(arguments: &XmlArguments, out: &mut dyn Write) -> Result<bool, Failed> {
    let Some(version) = xmllint::version() else {
        writeln!(out, "SKIPPED: xmllint is not installed")?;
        return Ok(true);
    };
    let Some(reference) = reference(arguments.reference.as_deref()) else {
        writeln!(
            out,
            "SKIPPED: there is no reference collection (CONCORD_REFERENCE, or ../shared/reference)"
        )?;
        return Ok(true);
    };
    let subject = subject(arguments, &reference)?;
    let written = if subject.written.is_some() {
        "with"
    } else {
        "without"
    };
    writeln!(
        out,
        "{version}, {}, {written} a written definition",
        subject.xsd.display()
    )?;
    let folder = Scratch::new()?;
    let mut run = Run {
        arguments,
        subject: &subject,
        folder: &folder.0,
        report: Report::default(),
    };
    let instances = run.instances(out)?;
    run.mutants(&instances)?;
    run.report.write(out)?;
    Ok(run.report.is_settled())
}

struct Run<'r> {
    arguments: &'r XmlArguments,
    subject: &'r Subject,
    folder: &'r Path,
    report: Report,
}

impl Run<'_> {
    /// Makes and compares the valid instances, each in one layout.
    fn instances(&mut self, out: &mut dyn Write) -> Result<Vec<Node>, Failed> {
        let limits = Limits {
            elements: 200,
            unbounded: 2,
            occurrences: 30,
            ..Limits::default()
        };
        let mut generator = Generator::with_limits(&self.subject.schema, limits);
        let mut instances = Vec::new();
        let mut batch = Vec::new();
        for number in 0..self.arguments.instances {
            let mut dice = Dice::part(self.arguments.seed, number as u64);
            let instance = generator.covering(&mut dice)?;
            batch.push(Document {
                kind: "valid instance",
                what: format!("instance {number}"),
                bytes: layout(&mut dice).write(&instance).into_bytes(),
            });
            instances.push(instance);
            if batch.len() == BATCH {
                self.compare(&batch)?;
                batch.clear();
            }
        }
        self.compare(&batch)?;
        writeln!(
            out,
            "instances take {} of {} choices",
            generator.choices() - generator.uncovered(),
            generator.choices()
        )?;
        Ok(instances)
    }

    /// Makes and compares mutants, the kinds one after the other.
    fn mutants(&mut self, instances: &[Node]) -> Result<(), Failed> {
        let wanted = self.arguments.kind.as_deref().unwrap_or("");
        let kinds: Vec<MutantKind> = MutantKind::ALL
            .iter()
            .copied()
            .filter(|kind| kind.name().contains(wanted))
            .collect();
        if kinds.is_empty() {
            return Err(format!("no kind of mutant is called {wanted}").into());
        }
        let mut batch = Vec::new();
        let (mut made, mut tried) = (0, 0);
        while made < self.arguments.mutants && tried < self.arguments.mutants * 20 {
            // Far from the numbers that instances use.
            let mut dice = Dice::part(self.arguments.seed, (1 << 32) + tried as u64);
            let kind = kinds[tried % kinds.len()];
            tried += 1;
            let Some(instance) = dice.pick(instances) else {
                break;
            };
            let layout = layout(&mut dice);
            let mutant = mutate(kind, &self.subject.schema, instance, &layout, &mut dice);
            let Some(Mutant {
                kind,
                place,
                description,
                bytes,
            }) = mutant
            else {
                continue;
            };
            made += 1;
            batch.push(Document {
                kind: kind.name(),
                what: format!("{place}: {description}"),
                bytes,
            });
            if batch.len() == BATCH {
                self.compare(&batch)?;
                batch.clear();
            }
        }
        self.compare(&batch)
    }

    /// Asks everybody about a batch; xmllint works while we do.
    fn compare(&mut self, batch: &[Document]) -> Result<(), Failed> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut names = Vec::new();
        for (index, document) in batch.iter().enumerate() {
            let name = format!("{index:04}.xml");
            std::fs::write(self.folder.join(&name), &document.bytes)?;
            names.push(name);
        }
        let subject = self.subject;
        let folder = self.folder;
        let (lints, own) = std::thread::scope(|scope| {
            let lints = scope.spawn(|| xmllint::ask(&subject.xsd, folder, &names));
            let own: Vec<_> = batch
                .iter()
                .map(|document| {
                    let bytes = &document.bytes;
                    (
                        ours::ask(&subject.imported, bytes, true),
                        ours::ask(&subject.imported, bytes, false),
                        subject
                            .written
                            .as_ref()
                            .map(|plan| ours::ask(plan, bytes, true)),
                    )
                })
                .collect();
            (lints.join(), own)
        });
        let lints = lints.map_err(|_| "the thread that ran xmllint failed")??;
        for ((document, lint), (ours, exact, written)) in batch.iter().zip(&lints).zip(&own) {
            let case = Case {
                bytes: &document.bytes,
                lint,
                ours,
                exact,
                written: written.as_ref(),
            };
            let outcome = compare(&case);
            let keep = self.arguments.keep.as_deref();
            self.report.add(
                &case,
                outcome,
                document.kind,
                &document.what,
                keep,
                self.arguments.show,
            )?;
        }
        Ok(())
    }
}

fn layout(dice: &mut Dice) -> Layout {
    match dice.below(6) {
        0 => Layout::compact(),
        1 => Layout {
            prefix: Some("cds".to_owned()),
            ..Layout::default()
        },
        2 => Layout {
            self_closing: false,
            ..Layout::default()
        },
        _ => Layout::default(),
    }
}

/// A folder that goes away at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, Failed> {
        let folder = std::env::temp_dir().join(format!("concord-oracle-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
