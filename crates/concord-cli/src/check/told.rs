//! What is told of files that replace one another and of totals that differ.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use concord_finding::Fact;
use concord_model::decimal::Decimal;
use concord_rules::reconcile::{Difference, Replaced, Side, money};
use concord_standards::reconcile::Role;

use crate::check::reconcile::Facts;

/// An amount of money.
pub(super) fn amount(amount: Decimal) -> Fact {
    Fact::Plain(money(amount))
}

/// The facts about a file of which something does not count any more.
pub(super) fn replaced(replaced: &Replaced, by: &str) -> Facts {
    vec![
        plain("provider", &replaced.provider),
        plain("year", &replaced.year),
        plain("months", &months(&replaced.months)),
        plain("file", by),
    ]
}

/// What tells a replaced part of a file from others.
pub(super) fn replaced_key(replaced: &Replaced, name: &str) -> Fact {
    let months = replaced.months.join(",");
    Fact::Plain(format!(
        "{name}/{}/{}/{months}",
        replaced.provider, replaced.year
    ))
}

/// What tells a combination from others.
pub(super) fn difference_key(difference: &Difference) -> Fact {
    let values: Vec<&str> = difference
        .of
        .iter()
        .map(|(_, value)| value.as_str())
        .collect();
    Fact::Plain(values.join("/"))
}

/// The facts about a difference; `name` knows files by their number.
pub(super) fn difference<'n>(difference: &Difference, name: &dyn Fn(usize) -> &'n str) -> Facts {
    let lines = |side: &Side| lines(side, name);
    let mut facts = vec![
        plain("of", &combination(&difference.of)),
        plain("lines", &lines(&difference.left)),
        plain("expected_lines", &lines(&difference.right)),
        plain("difference", &money(difference.difference)),
        plain("hint", &hint(difference)),
    ];
    let values = difference.of.iter();
    facts.extend(values.map(|(role, value)| plain(role.as_str(), value)));
    facts
}

fn plain(name: &'static str, text: &str) -> (Cow<'static, str>, Fact) {
    (Cow::Borrowed(name), Fact::Plain(text.to_owned()))
}

/// `month 3`, `months 1 to 3`, `months 1, 2, 5`.
fn months(months: &[String]) -> String {
    let numbers: Option<Vec<u64>> = months.iter().map(|month| month.parse().ok()).collect();
    match (months, numbers.as_deref()) {
        ([month], _) => format!("month {month}"),
        ([first, .., last], Some(numbers))
            if numbers
                .windows(2)
                .all(|pair| pair[0].checked_add(1) == Some(pair[1])) =>
        {
            format!("months {first} to {last}")
        }
        _ => format!("months {}", months.join(", ")),
    }
}

/// `RXX, month 3 of 202526, commissioner 00L, point of delivery EL, service 99999999`.
fn combination(of: &[(Role, String)]) -> String {
    let mut parts = Vec::new();
    let value = |wanted: Role| of.iter().find(|(role, _)| *role == wanted);
    for (role, text) in of {
        let shown = match (*role, text.as_str()) {
            (Role::Amount, _) => continue,
            (Role::Provider, "") => "no provider".to_owned(),
            (Role::Provider, _) => text.clone(),
            (Role::Year, _) if value(Role::Month).is_some() => continue,
            (Role::Month, month) => match value(Role::Year) {
                Some((_, year)) => format!("month {month} of {year}"),
                None => format!("month {month}"),
            },
            (role, "") => format!("no {}", word(role)),
            (role, _) => format!("{} {text}", word(role)),
        };
        parts.push(shown);
    }
    if parts.is_empty() {
        return "in all".to_owned();
    }
    parts.join(", ")
}

/// `2 lines, plcm.csv:12, 15`, and three dots when there are more.
fn lines<'n>(side: &Side, name: &dyn Fn(usize) -> &'n str) -> String {
    let mut text = match side.lines {
        0 => return "no line".to_owned(),
        1 => "1 line".to_owned(),
        lines => format!("{lines} lines"),
    };
    if side.unread > 0 {
        // Writing to a `String` does not fail.
        let _ = write!(
            text,
            ", {} of which without an amount that can be added",
            side.unread
        );
    }
    let mut files: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (file, line) in &side.first {
        files.entry(*file).or_default().push(line.to_string());
    }
    for (file, lines) in files {
        let _ = write!(text, ", {}:{}", name(file), lines.join(", "));
    }
    if side.lines > side.first.len() as u64 {
        text.push_str(" …");
    }
    text
}

/// Where to look, when what is wider agrees.
fn hint(difference: &Difference) -> String {
    let Some(agrees) = difference.agrees_by else {
        return String::new();
    };
    let mut narrower = difference.of.iter().skip_while(|(role, _)| *role != agrees);
    let whole = match narrower.next() {
        Some((Role::Provider, text)) => format!("all of provider {text}"),
        Some((Role::Month, _)) => "all of that month".to_owned(),
        Some((role, text)) => format!("all of {} {text}", word(*role)),
        None => return String::new(),
    };
    match narrower.next() {
        Some((role, _)) => format!("; {whole} agrees, so look under another {}", word(*role)),
        None => String::new(),
    }
}

fn word(role: Role) -> &'static str {
    match role {
        Role::Provider => "provider",
        Role::Year => "financial year",
        Role::Month => "month",
        Role::Commissioner => "commissioner",
        Role::PointOfDelivery => "point of delivery",
        Role::Service => "service",
        Role::Amount => "amount",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[(Role, &str)]) -> Vec<(Role, String)> {
        let values = values.iter();
        values
            .map(|(role, text)| (*role, (*text).to_owned()))
            .collect()
    }

    #[test]
    fn months_are_told_shortly() {
        for (given, expected) in [
            ("3", "month 3"),
            ("1 2 3", "months 1 to 3"),
            ("1 3", "months 1, 3"),
            ("Apr May", "months Apr, May"),
        ] {
            let given: Vec<String> = given.split(' ').map(str::to_owned).collect();
            assert_eq!(months(&given), expected);
        }
    }

    #[test]
    fn combinations_are_told_in_words() {
        let whole = of(&[
            (Role::Provider, "RXX"),
            (Role::Year, "202526"),
            (Role::Month, "3"),
            (Role::Commissioner, "00L"),
            (Role::PointOfDelivery, "EL"),
            (Role::Service, ""),
        ]);
        assert_eq!(
            combination(&whole),
            "RXX, month 3 of 202526, commissioner 00L, point of delivery EL, no service"
        );
        assert_eq!(combination(&whole[..3]), "RXX, month 3 of 202526");
        assert_eq!(combination(&whole[..2]), "RXX, financial year 202526");
        assert_eq!(combination(&[]), "in all");
    }

    #[test]
    fn lines_are_named_by_file() {
        let name = |file: usize| ["a.csv", "b.csv"][file];
        let mut side = Side::default();
        assert_eq!(lines(&side, &name), "no line");
        side.lines = 1;
        side.first = vec![(0, 7)];
        assert_eq!(lines(&side, &name), "1 line, a.csv:7");
        side.lines = 9;
        side.unread = 2;
        side.first = vec![(0, 7), (0, 9), (1, 3)];
        assert_eq!(
            lines(&side, &name),
            "9 lines, 2 of which without an amount that can be added, a.csv:7, 9, b.csv:3 …"
        );
    }
}
