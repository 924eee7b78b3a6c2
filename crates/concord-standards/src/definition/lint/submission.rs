//! A standard of many tables: every rule says its source and has examples, every column that must be filled says by which rule.

use super::Linting;
use crate::submission::{Check, cases};

pub(super) fn check(linting: &mut Linting<'_>) {
    let definition = linting.definition;
    let Some(submission) = &definition.submission else {
        return;
    };
    for rule in &submission.rules {
        let id = &rule.rule.id;
        if rule.rule.source.is_empty() {
            linting.error(
                &rule.origin,
                format!("the rule `{id}` says no source"),
                None,
            );
        }
        if rule.rule.since.is_empty() {
            let message = format!("the rule `{id}` does not say since when it is there");
            linting.warning(&rule.origin, message, None);
        }
        match cases(submission, rule) {
            Err(problem) => {
                let message = format!("an example of `{id}`: {problem}");
                linting.error(&rule.origin, message, None);
            }
            // What the reader of the carrier finds has no rows to show it with.
            Ok(_) if matches!(rule.check, Check::Structure) => {}
            Ok(found) => {
                let never = matches!(rule.check, Check::Never);
                for (breaks, kind) in [(false, "pass"), (true, "fail")] {
                    if found.iter().any(|case| case.breaks == breaks) || (never && !breaks) {
                        continue;
                    }
                    let message = format!("the rule `{id}` has no example that should {kind}");
                    let help = format!("write {kind} = [{{ … }}]: rows of column = \"text\"");
                    linting.error(&rule.origin, message, Some(help));
                }
            }
        }
    }
}
