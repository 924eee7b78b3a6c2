//! What becomes of each change: it fails, is excepted, is told, or is safe.

use std::collections::BTreeSet;

use concord_gate::change::{Change, Whom};
use concord_gate::subject::Subject;
use concord_report::changes::{JudgedChange, JudgedComparison, Standing};
use concord_settings::{Day, Exception};
use jiff::civil::Date;

use super::Compared;

/// What fails.
#[derive(Debug, Default)]
pub(crate) struct Policy {
    /// Whom a change must break, or perhaps break, to fail.
    pub(crate) fail: BTreeSet<Whom>,
    /// Fewest days between publication and effect.
    pub(crate) notice_days: Option<u32>,
    /// When the changes are published.
    pub(crate) published: Option<Day>,
    /// The day from which distances are counted, when they are to be.
    pub(crate) today: Option<Day>,
}

/// Judges the changes of a comparison. `excepted` gives the exception that covers a change, if one does.
pub(crate) fn judge<'e>(
    compared: Compared,
    new: &Subject,
    policy: &Policy,
    excepted: &mut dyn FnMut(&Change) -> Option<&'e Exception>,
) -> JudgedComparison {
    let changes = compared.comparison.changes.into_iter().map(|change| {
        let effective = effective(&change, new, policy);
        let notice = notice(&change, effective.as_deref(), policy);
        let standing = if change.fails(&policy.fail) || notice.is_some() {
            match excepted(&change) {
                Some(exception) => Standing::Excepted {
                    owner: exception.owner.clone(),
                    reason: exception.reason.clone(),
                    expires: exception.expires.to_string(),
                },
                None => Standing::Fails,
            }
        } else if change.is_safe() {
            Standing::Safe
        } else {
            Standing::Told
        };
        JudgedChange {
            when: effective.map(|day| when(&day, policy)),
            change,
            standing,
            notice,
        }
    });
    JudgedComparison {
        changes: changes.collect(),
        impact: compared.impact,
        ..compared.told
    }
}

/// The day from which a change holds: its own, else that from which a standard that is still to come is in force.
fn effective(change: &Change, new: &Subject, policy: &Policy) -> Option<String> {
    if change.effective.is_some() {
        return change.effective.clone();
    }
    let published = policy.published.or(policy.today)?;
    let from = new.definition.standard.effective_from.as_deref()?;
    (Day::parse(from)? > published && !change.is_safe()).then(|| from.to_owned())
}

fn when(day: &str, policy: &Policy) -> String {
    let distance = policy
        .today
        .and_then(|today| Some((today, days(today, Day::parse(day)?)?)));
    match distance {
        Some((today, days @ 1..)) => format!("from {day}, {days} days after {today}"),
        Some((today, 0)) => format!("from {day}, which is {today}"),
        Some((today, days)) => format!("from {day}, {} days before {today}", -days),
        None => format!("from {day}"),
    }
}

/// Why a change that breaks somebody comes too early, when it does.
fn notice(change: &Change, effective: Option<&str>, policy: &Policy) -> Option<String> {
    let least = i64::from(policy.notice_days?);
    if change.is_safe() {
        return None;
    }
    let (published, effective) = (policy.published.or(policy.today)?, Day::parse(effective?)?);
    let given = days(published, effective)?;
    (given < least).then(|| {
        format!(
            "takes effect on {effective}, {given} days after its publication on {published}; at least {least} are asked for"
        )
    })
}

/// Days from one day to another.
fn days(from: Day, to: Day) -> Option<i64> {
    let date = |day: Day| day.to_string().parse::<Date>().ok();
    let span = date(to)?.since(date(from)?).ok()?;
    Some(i64::from(span.get_days()))
}

/// Whether an exception is about a change: its rule, and its place, the group, table or list that holds it, or the end of its
/// path.
pub(crate) fn covers(exception: &Exception, change: &Change) -> bool {
    if exception.rule.value != *change.rule.id {
        return false;
    }
    let Some(place) = &exception.place else {
        return true;
    };
    let (shown, within) = (change.place.to_string(), change.place.within());
    let ends = |path: &str| {
        path.strip_suffix(place.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.ends_with(['/', '.']))
    };
    ends(&shown) || ends(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_months_and_years() {
        let day = |text: &str| Day::parse(text).expect("a day");
        for (from, to, expected) in [
            ("2026-01-01", "2026-04-01", 90),
            ("2026-04-01", "2026-01-01", -90),
            ("2025-12-31", "2026-01-01", 1),
            ("2024-02-28", "2025-02-28", 366),
        ] {
            assert_eq!(days(day(from), day(to)), Some(expected), "{from} {to}");
        }
    }
}
