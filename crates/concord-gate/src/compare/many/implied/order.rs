//! Days, moments and months in order.

use concord_standards::submission::{Check, Offset, Operand};
use jiff::civil::Date;

use super::{Implied, NOT_WORKED_OUT, Refused, Sender, unknown};
use crate::compare::many::asked::Asked;

/// A day in the middle of a month, for rows that show something.
const DAY: Date = jiff::civil::date(2024, 4, 15);

/// A day with an offset added.
fn moved(day: Date, offset: Offset) -> Option<String> {
    let span = jiff::Span::new()
        .try_months(offset.months)
        .and_then(|span| span.try_days(offset.days))
        .ok()?;
    day.checked_add(span).ok().map(|day| day.to_string())
}

/// Whether an offset never leads further than another.
fn no_more(one: Offset, other: Offset) -> bool {
    one.months <= other.months && one.days <= other.days
}

impl Sender<'_> {
    /// Whether days are in an order that is no stricter than another that is asked for.
    pub(super) fn order(&self, asked: &Asked<'_>) -> Implied {
        let Check::Order {
            column,
            limit,
            after,
            offset,
            precision,
        } = &asked.check
        else {
            return unknown();
        };
        let header = self.header();
        let absent = !self.knows(asked.table, *column)
            || match limit {
                Operand::Own(other) => !self.knows(asked.table, *other),
                Operand::Header(other) => !self.knows(header, *other),
                _ => false,
            };
        if absent {
            return Implied::Yes;
        }
        // The offsets of the sender's rules that compare the same.
        let offsets: Vec<Offset> = self
            .own(asked.table)
            .filter_map(|own| match &own.check {
                Check::Order {
                    column: theirs,
                    after: same,
                    offset,
                    precision: exactly,
                    ..
                } if (theirs, same, exactly) == (column, after, precision)
                    && self.same_limits(own, asked) =>
                {
                    Some(*offset)
                }
                _ => None,
            })
            .collect();
        let implied = |known: &Offset| {
            let (less, more) = if *after {
                (*offset, *known)
            } else {
                (*known, *offset)
            };
            no_more(less, more)
        };
        match (offsets.iter().any(implied), offsets.first(), limit) {
            (true, ..) => Implied::Yes,
            // What only just passes there.
            (false, Some(known), Operand::Own(other)) => {
                let cells =
                    moved(DAY, *known).map(|day| vec![(*column, day), (*other, DAY.to_string())]);
                cells.map_or_else(unknown, |cells| {
                    Implied::Perhaps(Refused {
                        why: NOT_WORKED_OUT.to_owned(),
                        cells,
                    })
                })
            }
            _ => unknown(),
        }
    }

    fn header(&self) -> usize {
        let header = self.numbering.submission(self.side).header;
        self.numbering.table(self.side, header)
    }
}
