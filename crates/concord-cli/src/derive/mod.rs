//! `concord derive`: facts derived by published rules, with their reasons.

pub(crate) mod arguments;
mod case;
mod lines;
mod method;
mod reference;
mod summary;

use std::io::{Write, stderr};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use concord_check::{CheckedFile, NoRules, Options};
use concord_convert::records::ByRecord;
use concord_convert::{Converting, OnReject};
use concord_finding::{Finding, Masking};
use concord_read::{Input, Limits, expand};
use concord_reference::ReferenceData;

use self::arguments::{CommissionerArguments, DeriveArguments, Fact};
use self::lines::{Derivation, OfInput, Told};
use self::reference::Imported;
use crate::failure::{Failure, UNREADABLE, USAGE};
use crate::output;
use crate::prepare::{Ask, Standards, Which, Whole, to_canonical};
use crate::terminal;

/// Derives facts of inputs.
pub(crate) fn run(arguments: &DeriveArguments) -> Result<ExitCode, Failure> {
    match &arguments.fact {
        Fact::Commissioner(arguments) => commissioner(arguments),
    }
}

fn commissioner(arguments: &CommissionerArguments) -> Result<ExitCode, Failure> {
    let limits = Limits::default();
    let inputs = expand(&arguments.paths, &limits)?;
    let table = method::table(arguments.schemas.schemas.as_deref())?;
    let settings = method::settings(arguments.settings.as_deref(), &table)?;
    let folder = crate::reference::folder(arguments.reference.reference.as_deref())?;
    let data = ReferenceData::open(folder)?;
    data.verify()?;
    let imported = Imported(data);
    let standards = Standards::new(ask(arguments), &limits)?;
    let threads = terminal::threads(arguments.threads);
    let pool = terminal::pool(threads)?;
    let with = Derivation {
        table: &table,
        settings: &settings,
        reference: &imported,
        masking: if arguments.show_values {
            Masking::Revealed
        } else {
            Masking::Masked
        },
        threads,
        wanted: &arguments.explain,
        several: inputs.len() > 1,
    };
    let (out, target) = lines_to(arguments.output.as_deref())?;
    let mut run = Run {
        limits: &limits,
        options: Options {
            threads,
            ..Options::default()
        },
        standards,
        with: &with,
        told: Told::new(out).map_err(|error| unwritten(&error))?,
        exit: 0,
    };
    pool.install(|| inputs.iter().try_for_each(|input| run.input(input)))?;
    let exit = run.exit;
    run.finish(target, arguments.output.as_deref() == Some(Path::new("-")))?;
    Ok(ExitCode::from(exit))
}

fn ask(arguments: &CommissionerArguments) -> Ask<'_> {
    Ask {
        standard: arguments.standard.as_deref(),
        schemas: arguments.schemas.schemas.as_deref(),
        reference: arguments.reference.reference.as_deref(),
        converts: Some(Box::new(to_canonical)),
        ..Ask::default()
    }
}

type Out = Option<Box<dyn Write + Send>>;

/// Where the lines go, and the file that is to be completed.
fn lines_to(path: Option<&Path>) -> Result<(Out, Option<output::Whole>), Failure> {
    match path {
        None => Ok((None, None)),
        Some(path) if path == Path::new("-") => Ok((Some(Box::new(std::io::stdout())), None)),
        Some(path)
            if path
                .extension()
                .is_some_and(|extension| extension == "parquet") =>
        {
            Err(Failure::usage(
                "who pays is written as CSV",
                "name a .csv file; `concord convert` writes Parquet of the records themselves",
            ))
        }
        Some(path) => {
            let file = output::Whole::create(path)?;
            Ok((Some(Box::new(file.clone())), Some(file)))
        }
    }
}

fn unwritten(error: &csv::Error) -> Failure {
    Failure::unreadable(format!("the lines cannot be written: {error}"))
}

/// One run over several inputs, one after the other.
struct Run<'r> {
    limits: &'r Limits,
    options: Options,
    standards: Standards,
    with: &'r Derivation<'r>,
    told: Told,
    exit: u8,
}

impl Run<'_> {
    fn input(&mut self, input: &Input) -> Result<(), Failure> {
        if let Some((failure, exit)) = self.derive(input)? {
            let mut text = String::new();
            failure.render(&mut text);
            // There is nowhere left to tell that standard error cannot be written.
            let _ = stderr().write_all(text.as_bytes());
            self.exit = self.exit.max(exit);
        }
        Ok(())
    }

    /// Derives for an input; gives why it could not be read to its end, and the exit code for that.
    fn derive(&mut self, input: &Input) -> Result<Option<(Failure, u8)>, Failure> {
        let unreadable = |failure: Failure| Ok(Some((failure, UNREADABLE)));
        let whole = match Whole::open(input, self.limits) {
            Ok(whole) => whole,
            Err(error) => return unreadable(error.into()),
        };
        let unknown = |reason: &str, help: &str| {
            let failure = Failure::usage(format!("{}: {reason}", input.name()), help);
            Ok(Some((failure, USAGE)))
        };
        let prepared = match self.standards.of(input.name(), &whole.first)? {
            Which::This(prepared) => prepared,
            Which::Unknown(reason, help) => return unknown(&reason, &help),
        };
        let Some(conversion) = &prepared.conversion else {
            return unknown(
                "no standard can be told from its content",
                "name one with --standard",
            );
        };
        let names = conversion
            .tables
            .iter()
            .map(|table| Arc::clone(&table.name));
        let target = ByRecord::new(
            names.collect(),
            OfInput {
                file: Arc::clone(input.name()),
                with: self.with,
                told: &mut self.told,
            },
        );
        // Rules are not run: who pays does not hang on them, and `concord check` tells of them.
        let converting = Converting::new(&NoRules, conversion, OnReject::Keep, &target);
        let mut sink = |_: Finding| ControlFlow::Continue(());
        let CheckedFile { summary, error, .. } =
            whole.check(&prepared, &converting, self.limits, self.options, &mut sink);
        target.into_writer().map_err(Failure::unreadable)?;
        match (error, summary.unreadable) {
            (Some(error), _) => unreadable(error.into()),
            (None, Some(reason)) => {
                unreadable(Failure::unreadable(format!("{}: {reason}", input.name())))
            }
            (None, None) => Ok(None),
        }
    }

    fn finish(self, target: Option<output::Whole>, beside: bool) -> Result<(), Failure> {
        let mut told = self.told;
        if let Some(lines) = &mut told.lines {
            let flushed = lines.flush();
            flushed.map_err(|error| unwritten(&error.into()))?;
        }
        drop(told.lines.take());
        match target {
            Some(file) if self.exit == 0 => file.complete()?,
            // Lines of a part of the records would look like all of them.
            Some(_) => {
                let told = "The lines were not written, because not every input could be read.\n";
                let _ = stderr().write_all(told.as_bytes());
            }
            None => {}
        }
        let text = format!("{}{}", told.sentences, told.summary.human());
        if beside {
            let _ = stderr().write_all(text.as_bytes());
            return Ok(());
        }
        output::print(&text)
    }
}
