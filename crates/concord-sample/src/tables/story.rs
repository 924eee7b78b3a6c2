//! What one row is about.

use jiff::civil::Date;

use super::submission::{
    COMMISSIONERS, Delivery, Feed, GROUPS, PRACTICES, RESPONSIBLE, Submission,
};
use crate::Dice;
use crate::cds::people::{nhs_number, postcode};

/// What decides to which total a row belongs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) commissioner: &'static str,
    pub(crate) delivery: &'static str,
    pub(crate) service: String,
    pub(crate) function: String,
    pub(crate) category: String,
}

/// Money of a row, in pence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Amounts {
    /// Units of activity, or of what was supplied.
    pub(crate) count: i64,
    pub(crate) price: i64,
    /// A charge beside the price.
    pub(crate) charge: i64,
    pub(crate) total: i64,
}

/// What one row is about.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    pub(crate) number: u64,
    pub(crate) key: Key,
    pub(crate) kind: Delivery,
    pub(crate) group: &'static str,
    pub(crate) practice: &'static str,
    pub(crate) responsible: &'static str,
    pub(crate) national: bool,
    pub(crate) amounts: Amounts,
    pub(crate) planned: Amounts,
    pub(crate) patient: Patient,
    pub(crate) start: Option<Date>,
    pub(crate) end: Option<Date>,
    pub(crate) unbundled: bool,
    pub(crate) in_cds: bool,
}

/// Whom a row is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Patient {
    pub(crate) withheld: bool,
    pub(crate) number: Option<String>,
    pub(crate) local: Option<String>,
    pub(crate) postcode: Option<String>,
    pub(crate) born: Option<Date>,
    /// In whole years; 999 when it is not known.
    pub(crate) age: Option<i16>,
}

impl Story {
    /// Draws the row of a number.
    pub(crate) fn new(submission: &Submission, number: u64, dice: &mut Dice) -> Self {
        let palette = &submission.palette;
        let (delivery, kind) = delivery(&palette.deliveries, dice);
        let one_of =
            |codes: &[String], dice: &mut Dice| dice.pick(codes).cloned().unwrap_or_default();
        let key = Key {
            commissioner: dice.pick(&COMMISSIONERS).copied().unwrap_or("16C"),
            delivery,
            service: one_of(&palette.services, dice),
            function: one_of(&palette.functions, dice),
            category: one_of(&palette.categories, dice),
        };
        let (start, end) = days(submission, kind, dice);
        let patient = if submission.feed.has_patients() {
            Patient::new(number, start.unwrap_or(submission.first), dice)
        } else {
            Patient::default()
        };
        Self {
            number,
            key,
            kind,
            group: dice.pick(&GROUPS).copied().unwrap_or("AA22C"),
            practice: dice.pick(&PRACTICES).copied().unwrap_or("V81999"),
            responsible: dice.pick(&RESPONSIBLE).copied().unwrap_or("Q99"),
            national: kind != Delivery::Payment && dice.percent(70),
            amounts: amounts(submission.feed, dice),
            planned: amounts(submission.feed, dice),
            patient,
            start,
            end,
            unbundled: kind == Delivery::Unbundled,
            in_cds: dice.percent(85),
        }
    }
}

fn delivery(
    deliveries: &[(&'static str, Delivery, u64)],
    dice: &mut Dice,
) -> (&'static str, Delivery) {
    let whole = deliveries.iter().map(|(.., weight)| weight).sum();
    let mut at = dice.below(whole);
    for (code, kind, weight) in deliveries {
        if at < *weight {
            return (code, *kind);
        }
        at -= weight;
    }
    ("OTHER", Delivery::Local)
}

/// First and last day of the activity; it ends in the month.
fn days(submission: &Submission, kind: Delivery, dice: &mut Dice) -> (Option<Date>, Option<Date>) {
    // What is paid by the month has no days.
    if submission.feed == Feed::Patients && (kind == Delivery::Local || dice.percent(4)) {
        return (None, None);
    }
    let length = i64::from(submission.last.day());
    let end = back(submission.last, dice.between(0, length - 1));
    let stay = if kind == Delivery::Stay {
        dice.between(0, 9)
    } else {
        0
    };
    (Some(back(end, stay)), Some(end))
}

/// So many days before a day.
pub(crate) fn back(day: Date, days: i64) -> Date {
    day.saturating_sub(jiff::Span::new().days(days))
}

/// Whole years between two days, as an age is counted.
pub(crate) fn age(born: Date, on: Date) -> i16 {
    let had_birthday = (on.month(), on.day()) >= (born.month(), born.day());
    on.year() - born.year() - i16::from(!had_birthday)
}

fn amounts(feed: Feed, dice: &mut Dice) -> Amounts {
    let (count, price) = match feed {
        Feed::Aggregate | Feed::Plan => (dice.between(1, 400), dice.between(3_000, 250_000)),
        Feed::Drugs | Feed::Devices => (dice.between(1, 6), dice.between(5_000, 900_000)),
        Feed::Patients if dice.percent(8) => (dice.between(2, 12), dice.between(4_000, 60_000)),
        _ => (1, dice.between(4_000, 900_000)),
    };
    let charge = if feed == Feed::Drugs && dice.percent(40) {
        dice.between(500, 6_000)
    } else {
        0
    };
    Amounts {
        count,
        price,
        charge,
        total: count * price + charge,
    }
}

impl Patient {
    fn new(number: u64, on: Date, dice: &mut Dice) -> Self {
        let kind = dice.below(100);
        if kind < 5 {
            return Self {
                withheld: true,
                ..Self::default()
            };
        }
        let local = Some(format!("P{:07}", (number * 7 + 41) % 10_000_000));
        if kind < 8 {
            return Self {
                local,
                age: Some(999),
                ..Self::default()
            };
        }
        let mut born = back(on, dice.between(0, 34_000));
        if (born.month(), born.day()) == (2, 29) {
            born = back(born, 1);
        }
        Self {
            withheld: false,
            number: (kind < 96).then(|| nhs_number(dice)),
            local,
            postcode: Some(match kind {
                94 => "ZZ99 3VZ".to_owned(),
                95 => "ZZ99 3WZ".to_owned(),
                _ => postcode(dice),
            }),
            born: Some(born),
            age: Some(age(born, on)),
        }
    }
}
