//! Rules of a standard as the user grades them.

use std::sync::Arc;

use concord_check::BuiltinRule;
use concord_finding::{Grade, Grades, NotRun};
use concord_standards::rules::{Check, RuleDefinition};

use super::{Prepare, Prepared};

/// The rules that are run, with the effects that they are graded with, and those that are off.
///
/// A rule that names what structure and values are checked for anyway stays: without it the general rule would speak in
/// its place. Its findings are left out where they are made.
pub(super) fn graded(
    rules: Vec<RuleDefinition>,
    grades: &Grades,
) -> (Vec<RuleDefinition>, Vec<NotRun>) {
    let mut off = Vec::new();
    let mut run = Vec::with_capacity(rules.len());
    for mut rule in rules {
        match grades.of(&rule.rule.id) {
            Some(Grade::Effect(effect)) => Arc::make_mut(&mut rule.rule).effect = effect,
            Some(Grade::Off) => {
                off.push(is_off(&rule.rule.id));
                if !matches!(rule.check, Check::Field(_) | Check::Carrier(_)) {
                    continue;
                }
            }
            None => {}
        }
        run.push(rule);
    }
    (run, off)
}

fn is_off(rule: &str) -> NotRun {
    NotRun {
        rule: rule.to_owned(),
        reason: "it is off in the settings".to_owned(),
    }
}

impl Prepared {
    /// Grades what every standard checks.
    pub(super) fn grade(&mut self, grades: &Arc<Grades>) {
        match &mut self.plan {
            Prepare::Document(plan) => plan.grades = Arc::clone(grades),
            Prepare::Messages(plan) => plan.document.grades = Arc::clone(grades),
            Prepare::Resources(plan) => plan.grades = Arc::clone(grades),
            Prepare::Tables(plans) => {
                for plan in plans {
                    plan.grades = Arc::clone(grades);
                }
            }
        }
        let builtin = BuiltinRule::ALL.iter().map(|builtin| &builtin.rule().id);
        let off = builtin.filter(|rule| grades.of(rule) == Some(Grade::Off));
        self.not_run.extend(off.map(|rule| is_off(rule)));
    }
}
