//! Rules that compare the inputs of a run, and the list of rules that were not run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use concord_finding::{Effect, Fact, Finding, NotRun, Place, Summary, Verdict};
use concord_rules::{Run, RunBroken, Spanning, Submission};

use super::Prepared;

/// What is remembered of the inputs so far.
#[derive(Default)]
pub(crate) struct Across {
    runs: BTreeMap<Arc<str>, (Arc<Prepared>, Run, u64)>,
    /// Names of inputs, and what they were checked against, by their number.
    names: BTreeMap<usize, (Arc<str>, Arc<Prepared>)>,
    /// Rows for rules that are queries over all inputs.
    spanning: Spanning,
    not_run: BTreeSet<NotRun>,
}

impl Across {
    /// Adds input number `file`, which has ended; `whole` says that it was read to its end.
    pub(crate) fn add(
        &mut self,
        prepared: &Arc<Prepared>,
        (file, name): (usize, &Arc<str>),
        ended: &Submission,
        whole: bool,
    ) {
        self.not_run.extend(prepared.not_run.iter().cloned());
        let Some(rules) = &prepared.rules else {
            return;
        };
        self.not_run
            .extend(ended.not_run.iter().map(|(rule, reason)| NotRun {
                rule: rules.rule(*rule).id.to_string(),
                reason: reason.clone(),
            }));
        let standard = prepared.plan.standard().cloned().unwrap_or_default();
        self.spanning
            .add(rules, &standard, (file, name), whole, ended);
        let (_, run, inputs) = self
            .runs
            .entry(standard)
            .or_insert_with(|| (Arc::clone(prepared), Run::default(), 0));
        run.add(rules, file, &ended.header);
        *inputs += 1;
        let known = (Arc::clone(name), Arc::clone(prepared));
        self.names.insert(file, known);
    }

    /// What the comparison shows, with the numbers of the inputs. Rows of inputs are not needed any more then.
    pub(crate) fn findings(&mut self) -> Vec<(usize, Finding)> {
        let mut findings = self.spanned();
        for (prepared, run, _) in self.runs.values() {
            let Some(rules) = &prepared.rules else {
                continue;
            };
            for broken in run.finish(rules) {
                let Some((name, _)) = self.names.get(&broken.file) else {
                    continue;
                };
                let rule = Arc::clone(rules.rule(broken.rule));
                let mut finding = Finding::new(rule, Arc::clone(name));
                finding.standard = prepared.plan.standard().cloned();
                findings.push((broken.file, self.filled(finding, broken)));
            }
        }
        findings.sort_by_key(|(file, _)| *file);
        findings
    }

    fn filled(&self, mut finding: Finding, broken: RunBroken) -> Finding {
        finding.value = broken.value;
        finding.expected = broken.expected;
        finding.facts = broken.facts;
        self.name_files(&mut finding);
        finding
    }

    /// Facts that are an input's number become its name, by which people know it.
    fn name_files(&self, finding: &mut Finding) {
        for (name, fact) in &mut finding.facts {
            if let Fact::Number(number) = &*fact
                && (name == "file" || name.ends_with("_file"))
                && let Some((known, _)) = self.names.get(&(*number as usize))
            {
                *fact = Fact::Plain(known.to_string());
            }
        }
    }

    /// What queries over all inputs show.
    fn spanned(&mut self) -> Vec<(usize, Finding)> {
        let (broken, not_run) = std::mem::take(&mut self.spanning).finish();
        self.not_run
            .extend(not_run.into_iter().map(|(rule, reason)| NotRun {
                rule: rule.id.to_string(),
                reason,
            }));
        let findings = broken.into_iter().filter_map(|broken| {
            let (name, prepared) = self.names.get(&broken.file)?;
            let mut finding = Finding::new(broken.rule, Arc::clone(name));
            finding.standard = prepared.plan.standard().cloned();
            finding.authority = prepared.plan.authority();
            finding.record = broken.record;
            finding.place = broken.place.map(|(offset, line)| Place {
                offset,
                line,
                column: 1,
            });
            finding.value = broken.value;
            finding.expected = broken.expected;
            finding.facts = broken.facts;
            self.name_files(&mut finding);
            Some((broken.file, finding))
        });
        findings.collect()
    }

    /// Every rule that was not run, and why.
    pub(crate) fn not_run(&self) -> Vec<NotRun> {
        let mut all = self.not_run.clone();
        for (prepared, _, inputs) in self.runs.values().filter(|(_, _, inputs)| *inputs < 2) {
            debug_assert!(*inputs == 1, "a run begins with an input");
            all.extend(prepared.across.iter().map(|rule| NotRun {
                rule: rule.to_string(),
                reason: "it compares the interchanges of a sender, and one was given".to_owned(),
            }));
        }
        all.into_iter().collect()
    }
}

/// Adds a finding that came after its input was accounted for.
pub(crate) fn add_to_file(summary: &mut Summary, file: usize, effect: Effect) {
    let Some(file) = summary.files.get_mut(file) else {
        return;
    };
    *file.findings.entry(effect.as_str()).or_default() += 1;
    if effect == Effect::RejectFile && file.verdict != Verdict::Unreadable {
        file.verdict = Verdict::Rejected;
    }
}
