//! `concord standards lint`: definitions read, compiled, their rules compiled and their mappings held against them; every
//! problem with its place.

use std::sync::Arc;

use concord_convert::mapping::lint;
use concord_convert::submission::extract::ExtractLayouts;
use concord_rules::{Compiler, RuleError};
use concord_standards::compile::CompiledSchema;
use concord_standards::definition::{Definition, Mapping, Severity};
use concord_standards::registry::{Registry, RegistryError};
use concord_standards::submission::Submission;

use crate::failure::{Failure, Report};
use crate::reference::KnownTables;
use crate::standards::chosen;

pub(super) fn lint(registry: &Registry, names: &[String]) -> Result<String, Failure> {
    let mut errors = Vec::new();
    let mut text = String::new();
    for info in chosen(registry, names)? {
        let name = info.name();
        let definition = match registry.load(&name) {
            Ok(definition) => definition,
            Err(RegistryError::Definition(found)) => {
                for problem in &found.problems {
                    let file = found.files.get(&problem.file).map(|text| &**text);
                    errors.push(Report::problem(problem, file));
                }
                continue;
            }
            Err(other) => return Err(other.into()),
        };
        let before = errors.len();
        let problems = concord_standards::definition::lint(&definition);
        for problem in &problems {
            let report = Report::problem(problem, definition.text(&problem.file));
            if problem.severity == Severity::Error {
                errors.push(report);
            } else {
                report.render(&mut text);
            }
        }
        if let Some(submission) = &definition.submission {
            if let Some(tables) = definition.as_tables() {
                mapping(registry, &tables, &mut errors);
            }
            extracts(registry, &definition, submission, &mut errors);
            if errors.len() == before {
                let holds = super::submission::holds(submission);
                let line = format!("{name}: {holds}, {} warnings\n", problems.len());
                text.push_str(&line);
            }
            continue;
        }
        if let Some(found) = &definition.resources {
            if errors.len() == before {
                let line = format!(
                    "{name}: {} types, {} elements, {} code lists, {} warnings\n",
                    found.types.len(),
                    super::resources::elements(found),
                    found.codes.len(),
                    problems.len(),
                );
                text.push_str(&line);
            }
            continue;
        }
        mapping(registry, &definition, &mut errors);
        let schema = Arc::new(definition.schema.clone());
        let compiled = CompiledSchema::of_definition(schema, definition.layout.as_ref());
        if let Err(error) = compiled {
            errors.push(Report::new(format!("{name}: {error}"), None));
        }
        let compiler = Compiler::new(&definition).with_reference(Arc::new(KnownTables));
        let rules = compiler.compile(&definition.rules);
        if let Err(found) = rules {
            errors.extend(found.iter().map(|error| rule_report(&definition, error)));
        }
        if errors.len() == before {
            let line = format!(
                "{name}: {} elements, {} code lists, {} rules, {} warnings\n",
                definition.schema.elements.len(),
                definition.code_lists.len(),
                definition.rules.len(),
                problems.len(),
            );
            text.push_str(&line);
        }
    }
    if errors.is_empty() {
        Ok(text)
    } else {
        Err(Failure::definition(errors))
    }
}

/// What can be said against the extracts of a submission of many tables. A standard may have none.
fn extracts(
    registry: &Registry,
    definition: &Definition,
    submission: &Submission,
    errors: &mut Vec<Report>,
) {
    let (source, folder) = (registry.source(), &definition.standard.folder);
    if ExtractLayouts::are_there(source, folder)
        && let Err(error) = ExtractLayouts::load(source, folder, submission)
    {
        errors.push(Report::new(error.to_string(), None));
    }
}

/// What can be said against the standard's mapping to the canonical model. A standard may have none.
fn mapping(registry: &Registry, definition: &Definition, errors: &mut Vec<Report>) {
    let found = Mapping::load(registry.source(), &definition.standard.folder);
    let (problems, files) = match found {
        Ok(None) => return,
        Ok(Some(mapping)) => (lint::lint(definition, &mapping), mapping.files),
        Err(found) => (found.problems, found.files),
    };
    for problem in &problems {
        let file = files.get(&problem.file).map(|text| &**text);
        errors.push(Report::problem(problem, file));
    }
}

/// A rule's error under the part of its file that is wrong, when that part can be found there as written.
pub(crate) fn rule_report(definition: &Definition, error: &RuleError) -> Report {
    let report = Report::new(
        format!("{}: {}", error.rule, error.message),
        error.help.clone(),
    );
    let place = definition.text(&error.origin.file).and_then(|file| {
        let line = (error.origin.line as usize).saturating_sub(1);
        let from: usize = file.split_inclusive('\n').take(line).map(str::len).sum();
        let at = if error.text.is_empty() {
            return None;
        } else {
            from + file.get(from..)?.find(&error.text)?
        };
        let (start, length) = error.span.unwrap_or((0, error.text.len()));
        Some((file, at + start..at + start + length))
    });
    match place {
        Some((file, span)) => report.at(&error.origin.file, file.into(), span),
        None => Report::new(
            format!("{}:{}: {report}", error.origin.file, error.origin.line),
            error.help.clone(),
        ),
    }
}
