//! Values that are wrong by themselves.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_standards::submission::form::Form;
use concord_standards::submission::scale::Judge as Judged;
use concord_standards::submission::{Check, Condition, Operand};

use super::super::super::judge::Seen;
use super::super::change::Change;
use super::super::texts::wrong;
use super::{Makers, Texts};

impl Makers<'_, '_> {
    /// Wrong values of one column, those that break the rule by themselves.
    pub(super) fn wrong(&mut self, rule: usize, when: &[Condition]) -> Vec<Change> {
        const CODES: usize = 60;
        const MOST: usize = 8;
        let judge = self.judge;
        let of = &judge.submission.rules[rule];
        let Some(column) = of.check.columns().first().copied() else {
            return Vec::new();
        };
        let (_, row) = self.first(of.table);
        let mut values = wrong(judge.submission, (of.table, column), &row[column]);
        values.push(String::new());
        values.splice(0..0, self.right(of.table, column));
        if let Check::Code { codes, .. } = &of.check {
            values.splice(0..0, codes.all().take(CODES).map(str::to_owned));
        }
        let header = self.tables[judge.submission.header].first();
        let mut broken: Vec<(usize, Texts)> = Vec::new();
        for value in values {
            let mut changed = row.clone();
            let texts = vec![(column, value)];
            let truths = self.truths(of.table, when, &texts);
            let truth = truths.into_iter().next().unwrap_or_default();
            for (about, text) in truth.iter().chain(&texts) {
                changed[*about].clone_from(text);
            }
            let seen = Seen::new(judge.submission, header, &changed);
            if !judge.broken(rule, &seen).is_empty() {
                broken.push((judge.count(of.table, &seen), texts));
            }
        }
        // Those first that break nothing else in the row.
        broken.sort_by_key(|(count, _)| *count);
        let broken = broken.into_iter().take(MOST).map(|(_, texts)| texts);
        let broken = broken.collect();
        let mut changes = self.rows(of.table, when, broken, "wrote a value that is not taken");
        if let Check::Equal {
            to: Operand::Parameter(parameter),
            ..
        } = &of.check
        {
            changes.splice(0..0, self.other_portal(of.table, column, *parameter));
        }
        changes
    }

    /// Codes that have not the form of their scheme.
    pub(super) fn scheme(
        &mut self,
        table: usize,
        column: usize,
        scheme: usize,
        forms: &BTreeMap<Arc<str>, Form>,
    ) -> Vec<Change> {
        const MOST: usize = 40;
        let mut texts = Vec::new();
        for (name, form) in forms {
            let mut values = form.examples().1;
            values.extend(wrong(self.submission(), (table, column), "1234"));
            values.retain(|value| !form.takes(value));
            for value in values.into_iter().take(MOST) {
                texts.push(vec![(scheme, name.to_string()), (column, value)]);
            }
        }
        let what = "made a code one that its scheme does not have";
        self.rows(table, &[], texts, what)
    }

    pub(super) fn scale(
        &mut self,
        table: usize,
        tool: usize,
        score: usize,
        judge: Judged,
    ) -> Vec<Change> {
        const TOOLS: usize = 60;
        const SCORES: [&str; 8] = ["99", "9", "999", "9999", "0", "-1", "Z", "0.123"];
        let submission = self.judge.submission;
        let mut texts = Vec::new();
        if judge == Judged::Tool {
            for value in wrong(submission, (table, tool), "195967001") {
                if !submission.scales.contains_key(&*value) {
                    texts.push(vec![(tool, value)]);
                }
            }
            texts.insert(0, vec![(tool, "195967001".to_owned())]);
            texts.truncate(TOOLS);
        } else {
            for (code, scale) in submission.scales.iter().take(TOOLS) {
                let beyond = scale
                    .range
                    .map(|(_, greatest)| (greatest + 1.0).to_string());
                let mut scores: Vec<String> = beyond.into_iter().collect();
                if let Some(form) = &scale.form {
                    scores.extend(form.examples().1);
                    scores.extend(form.examples().0);
                }
                scores.extend(SCORES.map(str::to_owned));
                if let (Judged::Format, Some((least, _))) = (judge, scale.range) {
                    scores.extend([
                        format!("{least}.0"),
                        format!("0{least}"),
                        format!("{least}.00"),
                    ]);
                }
                let broken = |value: &String| match judge {
                    Judged::Format => !scale.has_form(value),
                    _ => !scale.permits(value),
                };
                // One that the other rule about scores takes comes first.
                let mut scores: Vec<String> = scores.into_iter().filter(broken).collect();
                scores.sort_by_key(|value| match judge {
                    Judged::Format => !scale.permits(value),
                    _ => !scale.has_form(value),
                });
                for value in scores.into_iter().take(4) {
                    texts.push(vec![(tool, code.to_string()), (score, value)]);
                }
            }
        }
        self.rows(
            table,
            &[],
            texts,
            "made a tool or its score one that there is not",
        )
    }
}
