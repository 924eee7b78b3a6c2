//! `concord standards test`: every rule of every standard on its own examples.

use std::fmt::Write as _;

use concord_rules::Compiler;
use concord_standards::registry::Registry;

use crate::failure::{Failure, Report};
use crate::standards::chosen;

pub(super) fn test(registry: &Registry, names: &[String]) -> Result<String, Failure> {
    let mut text = String::new();
    let mut failed = Vec::new();
    for info in chosen(registry, names)? {
        let name = info.name();
        let definition = registry.load(&name)?;
        if let Some(submission) = &definition.submission {
            let (line, wrong) = super::submission::test(&name, submission);
            text.push_str(&line);
            failed.extend(wrong);
            continue;
        }
        let outcomes = Compiler::new(&definition).run_examples(&definition.rules);
        let mut wrong = 0;
        for outcome in &outcomes {
            let Some(problem) = &outcome.problem else {
                continue;
            };
            wrong += 1;
            failed.push(Report::new(
                format!(
                    "{name}: {} at {}:{}: {problem}",
                    outcome.rule, outcome.origin.file, outcome.origin.line
                ),
                None,
            ));
        }
        // Writing to a `String` does not fail.
        let _ = writeln!(
            text,
            "{name}: {} rules, {} examples, {wrong} wrong",
            definition.rules.len(),
            outcomes.len()
        );
    }
    if failed.is_empty() {
        Ok(text)
    } else {
        Err(Failure::definition(failed))
    }
}
