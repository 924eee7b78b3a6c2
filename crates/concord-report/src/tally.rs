//! What several formats say of a run as a whole.

use std::cmp::Reverse;

use concord_finding::{Effect, FileSummary, Notice, RuleCount, Summary, Timing, Verdict};

use crate::numbers::{count, many};

/// The rules broken, the gravest first, and of those the most frequent.
pub(crate) fn by_gravity(summary: &Summary) -> Vec<&RuleCount> {
    let mut rows: Vec<_> = summary.rules.iter().collect();
    rows.sort_by_key(|row| (Reverse(row.effect), Reverse(row.findings), &row.rule));
    rows
}

/// When submissions come, and what waivers and an earlier run make of the findings, a line for each.
pub(crate) fn settings(summary: &Summary) -> Vec<String> {
    let mut lines: Vec<String> = summary.timing.iter().map(timing).collect();
    if summary.waived > 0 {
        lines.push(format!("waived: {}", many(summary.waived, "finding")));
    }
    if let Some(baseline) = &summary.baseline {
        lines.push(format!(
            "since {}: {} new, {} persisting (not shown), {} fixed",
            baseline.file,
            count(baseline.new),
            count(baseline.persisting),
            count(baseline.fixed)
        ));
    }
    lines
}

/// `may/: refresh of 2024-04 for mhsds@6-0, in window 2 of that period (2024-06-21 to 2024-07-20)`.
fn timing(timing: &Timing) -> String {
    let standard = match &timing.standard {
        Some(standard) => format!(" for {standard}"),
        None => String::new(),
    };
    let (file, period) = (&timing.file, &timing.period);
    let window = timing.opens.as_ref().zip(timing.closes.as_ref());
    match (timing.file_type.zip(timing.window), window) {
        (Some((file_type, number)), Some((opens, closes))) => format!(
            "{file}: {file_type} of {period}{standard}, in window {number} of that period ({opens} to {closes})"
        ),
        (_, next) => {
            let next = match next {
                Some((opens, closes)) => format!("; it is from {opens} to {closes}"),
                None => String::new(),
            };
            let day = &timing.submitted;
            format!("{file}: {period} is not taken{standard} on {day}{next}")
        }
    }
}

/// `concord.toml:12: the waiver of … expired on …`.
pub(crate) fn notice(notice: &Notice) -> String {
    match (&notice.file, notice.line) {
        (Some(file), Some(line)) => format!("{file}:{line}: {}", notice.message),
        (Some(file), None) => format!("{file}: {}", notice.message),
        (None, _) => notice.message.clone(),
    }
}

/// Findings by effect over all inputs, those of no effect left out: `2 reject-record, 1 warn`.
pub(crate) fn effects(file: &FileSummary) -> String {
    let counted = Effect::ALL.iter().filter_map(|effect| {
        let findings = *file.findings.get(effect.as_str())?;
        (findings > 0).then(|| format!("{} {effect}", count(findings)))
    });
    counted.collect::<Vec<_>>().join(", ")
}

/// What becomes of a run in a few words: that of its worst input.
pub(crate) fn headline(summary: &Summary) -> String {
    let inputs = summary.files.len() as u64;
    let worst = summary.files.iter().map(|file| file.verdict).max();
    let records = summary.files.iter().map(|file| file.records.records).sum();
    let rejected = summary.files.iter().map(|file| file.records.rejected).sum();
    let verdict = match worst {
        Some(Verdict::Unreadable) => "an input cannot be read to its end",
        Some(Verdict::Rejected) => "rejected",
        Some(Verdict::PartlyAccepted) => "partly accepted",
        Some(Verdict::Accepted) => "accepted",
        None => "nothing was checked",
    };
    format!(
        "{verdict}: {}, {}, {} rejected, {}",
        many(inputs, "input"),
        many(records, "record"),
        count(rejected),
        many(summary.findings(), "finding")
    )
}
