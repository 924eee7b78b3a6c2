//! `concord standards`: the offline reference, and the tools for those who write definitions.

mod codes;
mod columns;
mod contract;
mod explain;
mod export;
mod import;
mod lint;
mod list;
mod new;
mod resources;
mod show;
mod submission;
mod test;

use std::process::ExitCode;

use concord_standards::definition::{StandardInfo, StandardStatus};
use concord_standards::registry::Registry;

use crate::arguments::{StandardsArguments, StandardsCommand};
use crate::failure::Failure;
use crate::{output, source};

pub(crate) use import::{read_xsd, recognise};
pub(crate) use lint::rule_report;
pub(crate) use new::NewArguments;

pub(crate) fn run(arguments: &StandardsArguments) -> Result<ExitCode, Failure> {
    let registry = source::registry(arguments.schemas.schemas.as_deref())?;
    let text = match arguments
        .command
        .as_ref()
        .unwrap_or(&StandardsCommand::List)
    {
        StandardsCommand::List => list::list(&registry),
        StandardsCommand::Show {
            standard,
            path,
            depth,
        } => show::show(&registry, standard, path.as_deref(), usize::from(*depth))?,
        StandardsCommand::Explain { rule, standard } => {
            explain::explain(&registry, rule, standard.as_deref())?
        }
        StandardsCommand::Codes { name, code } => {
            codes::codes(&registry, name.as_deref(), code.as_deref())?
        }
        StandardsCommand::Import(arguments) if contract::is_contract(&arguments.file) => {
            return contract::import(&registry, arguments);
        }
        StandardsCommand::New(arguments) => return new::new(&registry, arguments),
        StandardsCommand::Import(arguments) => import::import(&registry, arguments)?,
        StandardsCommand::Export { odcs, output } => {
            export::odcs(&registry, odcs, output.as_deref())?
        }
        StandardsCommand::Lint { standards } => lint::lint(&registry, standards)?,
        StandardsCommand::Test { standards } => test::test(&registry, standards)?,
    };
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The standards that were named, or all.
fn chosen<'r>(registry: &'r Registry, names: &[String]) -> Result<Vec<&'r StandardInfo>, Failure> {
    if names.is_empty() {
        return Ok(registry.list().iter().collect());
    }
    let found = names.iter().map(|name| registry.find(name));
    Ok(found.collect::<Result<_, _>>()?)
}

/// Where a standard is in its life, for people.
fn status_of(status: StandardStatus) -> &'static str {
    match status {
        StandardStatus::Provisional => {
            "provisional: put together from what could be found; hold it against the published specification"
        }
        other => other.as_str(),
    }
}

/// A table with a heading, columns two blanks apart, those that hold nothing left out.
pub(crate) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> String {
    let widths: [usize; N] = std::array::from_fn(|column| {
        let widest = rows.iter().map(|row| row[column].chars().count()).max();
        widest
            .filter(|widest| *widest > 0)
            .map_or(0, |widest| widest.max(heading[column].chars().count()))
    });
    let mut text = String::new();
    let heading = heading.map(str::to_owned);
    for row in std::iter::once(&heading).chain(rows) {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row).filter(|(width, _)| **width > 0) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width + 2 - cell.chars().count()));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
