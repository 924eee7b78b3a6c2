//! Everything about some comparisons as one JSON object: `schemas/meta/comparison.schema.json`.
//!
//! Members are only ever added.

use std::collections::BTreeMap;

use concord_finding::Notice;
use concord_gate::change::{Certainty, Change, ChangePlace, Side, Whom};
use serde::Serialize;

use super::place::FilePlace;
use super::{ChangesReport, Impact, JudgedChange, JudgedComparison, Standing, place};

/// The report as JSON, with a line end.
pub fn json(report: &ChangesReport) -> String {
    let whole = Whole {
        passed: report.passes(),
        fail: report.fail.iter().map(|whom| whom.as_str()).collect(),
        comparisons: report.comparisons.iter().map(comparison).collect(),
        notices: &report.notices,
    };
    // Texts, numbers and lists are always written.
    let text = serde_json::to_string_pretty(&whole).unwrap_or_default();
    text + "\n"
}

#[derive(Serialize)]
struct Whole<'a> {
    passed: bool,
    fail: Vec<&'static str>,
    comparisons: Vec<ComparisonObject<'a>>,
    notices: &'a [Notice],
}

#[derive(Serialize)]
struct ComparisonObject<'a> {
    old: &'a str,
    new: &'a str,
    passed: bool,
    counts: Counts,
    changes: Vec<ChangeObject<'a>>,
    not_compared: Vec<NotComparedObject<'a>>,
    without_proof: Option<&'a str>,
    impact: Option<ImpactObject<'a>>,
}

#[derive(Serialize)]
struct Counts {
    changes: usize,
    failing: usize,
    excepted: usize,
    safe: usize,
    /// Left out, because their rule is off.
    off: usize,
    /// Left out, because they break nobody who was asked for.
    not_asked_for: usize,
    breaks: BTreeMap<&'static str, BTreeMap<&'static str, usize>>,
}

#[derive(Serialize)]
struct ChangeObject<'a> {
    rule: &'a str,
    title: &'a str,
    message: String,
    place: PlaceObject<'a>,
    also: u32,
    old: Option<&'a str>,
    new: Option<&'a str>,
    facts: BTreeMap<&'static str, &'a str>,
    breaks: Vec<BreaksObject<'a>>,
    standing: &'static str,
    exception: Option<ExceptionObject<'a>>,
    when: Option<&'a str>,
    notice: Option<&'a str>,
    confidence: Option<u8>,
    old_file: Option<FileObject>,
    new_file: Option<FileObject>,
    effective: Option<&'a str>,
    witness: Option<WitnessObject<'a>>,
    fingerprint: String,
}

#[derive(Serialize)]
struct PlaceObject<'a> {
    kind: &'static str,
    name: String,
    within: &'a str,
}

#[derive(Serialize)]
struct BreaksObject<'a> {
    whom: &'static str,
    certainty: &'static str,
    why: &'a str,
}

#[derive(Serialize)]
struct ExceptionObject<'a> {
    owner: &'a str,
    reason: &'a str,
    expires: &'a str,
}

#[derive(Serialize)]
struct FileObject {
    file: String,
    line: Option<u32>,
}

#[derive(Serialize)]
struct WitnessObject<'a> {
    taken_by: &'static str,
    submission: &'a str,
    line: Option<u64>,
    refused_with: Vec<RefusedObject<'a>>,
}

#[derive(Serialize)]
struct RefusedObject<'a> {
    rule: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct NotComparedObject<'a> {
    what: &'a str,
    file: &'a str,
    line: Option<u32>,
}

#[derive(Serialize)]
struct ImpactObject<'a> {
    files: u64,
    records: u64,
    newly_rejected: u64,
    newly_accepted: u64,
    providers: Vec<ProviderObject<'a>>,
    not_read: Vec<NotReadObject<'a>>,
}

#[derive(Serialize)]
struct ProviderObject<'a> {
    provider: &'a str,
    newly_rejected: u64,
    newly_accepted: u64,
    rules: BTreeMap<&'a str, u64>,
}

#[derive(Serialize)]
struct NotReadObject<'a> {
    file: &'a str,
    reason: &'a str,
}

fn comparison(one: &JudgedComparison) -> ComparisonObject<'_> {
    let of = |standing: fn(&Standing) -> bool| {
        let changes = one.changes.iter();
        changes.filter(|change| standing(&change.standing)).count()
    };
    let failing = of(|standing| *standing == Standing::Fails);
    ComparisonObject {
        old: &one.old.name,
        new: &one.new.name,
        passed: failing == 0,
        counts: Counts {
            changes: one.changes.len(),
            failing,
            excepted: of(|standing| matches!(standing, Standing::Excepted { .. })),
            safe: of(|standing| *standing == Standing::Safe),
            off: one.off,
            not_asked_for: one.not_asked_for,
            breaks: breaks(one),
        },
        changes: one
            .changes
            .iter()
            .map(|judged| change(one, judged))
            .collect(),
        not_compared: one
            .not_compared
            .iter()
            .map(|not| NotComparedObject {
                what: &not.what,
                file: &not.origin.file,
                line: (not.origin.line > 0).then_some(not.origin.line),
            })
            .collect(),
        without_proof: one.without_proof.as_deref(),
        impact: one.impact.as_ref().map(impact),
    }
}

/// How many changes break whom, and how sure that is; every category and certainty is there.
fn breaks(one: &JudgedComparison) -> BTreeMap<&'static str, BTreeMap<&'static str, usize>> {
    let certainties = [Certainty::Proved, Certainty::Decided, Certainty::Unknown];
    let mut counts: BTreeMap<_, BTreeMap<_, usize>> = Whom::ALL
        .map(|whom| {
            (
                whom.as_str(),
                certainties.map(|sure| (sure.as_str(), 0)).into(),
            )
        })
        .into();
    for breaks in one.changes.iter().flat_map(|one| &one.change.breaks) {
        let of = counts.entry(breaks.whom.as_str()).or_default();
        *of.entry(breaks.certainty.as_str()).or_default() += 1;
    }
    counts
}

fn change<'a>(comparison: &JudgedComparison, judged: &'a JudgedChange) -> ChangeObject<'a> {
    let change = &judged.change;
    let file = |side: Side| place::on(comparison, change, side).map(file);
    ChangeObject {
        rule: &change.rule.id,
        title: &change.rule.title,
        message: change.message(),
        place: place_object(&change.place),
        also: change.also,
        old: change.old.as_deref(),
        new: change.new.as_deref(),
        facts: change
            .facts
            .iter()
            .map(|(name, fact)| (*name, fact.as_str()))
            .collect(),
        breaks: change
            .breaks
            .iter()
            .map(|breaks| BreaksObject {
                whom: breaks.whom.as_str(),
                certainty: breaks.certainty.as_str(),
                why: &breaks.why,
            })
            .collect(),
        standing: match judged.standing {
            Standing::Fails => "fails",
            Standing::Excepted { .. } => "excepted",
            Standing::Told => "told",
            Standing::Safe => "safe",
        },
        exception: match &judged.standing {
            Standing::Excepted {
                owner,
                reason,
                expires,
            } => Some(ExceptionObject {
                owner,
                reason,
                expires,
            }),
            _ => None,
        },
        when: judged.when.as_deref(),
        notice: judged.notice.as_deref(),
        confidence: change.confidence,
        old_file: file(Side::Old),
        new_file: file(Side::New),
        effective: change.effective.as_deref(),
        witness: witness(change),
        fingerprint: change.fingerprint(),
    }
}

fn file(place: FilePlace) -> FileObject {
    FileObject {
        file: place.file,
        line: place.line,
    }
}

fn place_object(place: &ChangePlace) -> PlaceObject<'_> {
    PlaceObject {
        kind: place.kind(),
        name: place.to_string(),
        within: place.within(),
    }
}

fn witness(change: &Change) -> Option<WitnessObject<'_>> {
    let witness = change.witness.as_ref()?;
    Some(WitnessObject {
        taken_by: witness.taken_by.as_str(),
        submission: &witness.submission,
        line: witness.line,
        refused_with: witness
            .refused_with
            .iter()
            .map(|(rule, message)| RefusedObject { rule, message })
            .collect(),
    })
}

fn impact(impact: &Impact) -> ImpactObject<'_> {
    ImpactObject {
        files: impact.files,
        records: impact.records,
        newly_rejected: impact.newly_rejected(),
        newly_accepted: impact.newly_accepted(),
        providers: impact
            .providers
            .iter()
            .map(|one| ProviderObject {
                provider: &one.provider,
                newly_rejected: one.newly_rejected,
                newly_accepted: one.newly_accepted,
                rules: one
                    .rules
                    .iter()
                    .map(|(rule, records)| (rule.as_str(), *records))
                    .collect(),
            })
            .collect(),
        not_read: impact
            .not_read
            .iter()
            .map(|(file, reason)| NotReadObject { file, reason })
            .collect(),
    }
}
