//! Changes as findings: what fails rejects, what is told warns, what is safe is a note.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use concord_finding::{
    Effect, Fact, FileSummary, Finding, Place, RecordCounts, Rule, RuleId, Summary, Verdict, Waived,
};
use concord_gate::change::Change;

use super::{ChangesReport, JudgedChange, JudgedComparison, Standing, place};

/// The changes of a report as findings, with the account of them.
///
/// A finding stands in the file of the definition that says what is new, or that said what is gone. Its facts are `place`,
/// `old`, `new`, `breaks` and those of the change.
pub fn findings(report: &ChangesReport) -> (Vec<Finding>, Summary) {
    let mut findings = Vec::new();
    let mut summary = Summary {
        notices: report.notices.clone(),
        ..Summary::default()
    };
    let mut rules: BTreeMap<(RuleId, Effect), Arc<Rule>> = BTreeMap::new();
    for comparison in &report.comparisons {
        let mut counts: BTreeMap<&'static str, u64> = Effect::ALL
            .iter()
            .map(|effect| (effect.as_str(), 0))
            .collect();
        for change in &comparison.changes {
            let effect = effect(&change.standing);
            let rule = rules
                .entry((RuleId::clone(&change.change.rule.id), effect))
                .or_insert_with(|| Arc::new(change.change.rule.as_rule(effect)));
            let finding = finding(comparison, change, Arc::clone(rule));
            *counts.entry(effect.as_str()).or_default() += 1;
            summary.waived += u64::from(finding.waived.is_some());
            summary.count(&finding);
            findings.push(finding);
        }
        let fails = comparison
            .changes
            .iter()
            .any(|change| change.standing == Standing::Fails);
        summary.files.push(FileSummary {
            file: format!("{} → {}", comparison.old.name, comparison.new.name),
            standard: None,
            verdict: if fails {
                Verdict::Rejected
            } else {
                Verdict::Accepted
            },
            size: None,
            bytes: 0,
            records: RecordCounts::default(),
            findings: counts,
            unreadable: None,
        });
    }
    (findings, summary)
}

fn effect(standing: &Standing) -> Effect {
    match standing {
        Standing::Fails => Effect::RejectFile,
        Standing::Told | Standing::Excepted { .. } => Effect::Warn,
        Standing::Safe => Effect::Note,
    }
}

fn finding(comparison: &JudgedComparison, judged: &JudgedChange, rule: Arc<Rule>) -> Finding {
    let change = &judged.change;
    let place = place::of(comparison, change);
    let file: Arc<str> = match &place {
        Some(place) => place.file.as_str().into(),
        None => comparison.new.name.as_str().into(),
    };
    let mut finding = Finding::new(rule, file);
    finding.place = place.and_then(|place| place.line).map(|line| Place {
        offset: 0,
        line: u64::from(line),
        column: 1,
    });
    finding.path = Some(change.place.to_string().into());
    finding.element = dictionary_name(change);
    let fact = |text: &Option<String>| text.clone().map(Fact::Plain);
    (finding.value, finding.expected) = (fact(&change.new), fact(&change.old));
    finding.facts = facts(judged);
    if let Standing::Excepted {
        owner,
        reason,
        expires,
    } = &judged.standing
    {
        finding.waived = Some(Arc::new(Waived {
            owner: owner.clone(),
            reason: reason.clone(),
            expires: expires.clone(),
        }));
    }
    finding
}

fn dictionary_name(change: &Change) -> Option<Arc<str>> {
    change.fact("element").map(|name| name.as_ref().into())
}

/// Every fact that the message may ask for, so that it reads as the change's own.
fn facts(judged: &JudgedChange) -> Vec<(Cow<'static, str>, Fact)> {
    let change = &judged.change;
    let shown = |text: Option<&str>| Fact::Plain(text.unwrap_or("nothing").to_owned());
    let mut facts = vec![
        ("place".into(), Fact::Plain(change.place.to_string())),
        ("old".into(), shown(change.old.as_deref())),
        ("new".into(), shown(change.new.as_deref())),
    ];
    let own = change.facts.iter();
    facts.extend(own.map(|(name, fact)| (Cow::Borrowed(*name), Fact::Plain(fact.clone()))));
    if !change.breaks.is_empty() {
        let breaks = change.breaks.iter();
        let breaks =
            breaks.map(|one| format!("{} ({}): {}", one.whom, one.certainty.as_str(), one.why));
        facts.push(("breaks".into(), Fact::List(breaks.collect())));
    }
    if let Some(notice) = &judged.notice {
        facts.push(("notice".into(), Fact::Plain(notice.clone())));
    }
    facts
}
