//! What stands in a column: whether it is filled, has a form, is a code.

use concord_standards::submission::{Check, Operand};

use super::{Implied, Sender, refused, unknown, when as holds};
use crate::compare::many::asked::Asked;
use crate::compare::many::takes::{Takes, same_codes};
use crate::language::Inclusion;

impl Sender<'_> {
    /// Whether a column is filled in every row that the sender's side takes.
    pub(super) fn filled(&self, asked: &Asked<'_>, column: usize) -> Implied {
        let table = asked.table;
        if !self.knows(table, column) {
            return refused(
                self.as_told("nobody fills it yet", "rows without it arrive"),
                Vec::new(),
            );
        }
        let mut own = self.own(table);
        if own.any(|own| {
            matches!(&own.check, Check::Required { columns, when }
                if columns.contains(&column) && when.is_empty())
        }) {
            return Implied::Yes;
        }
        // Others may ask for it in another way.
        let may_ask = self.own(table).any(|own| match &own.check {
            Check::OneOf { columns, .. } | Check::Required { columns, .. } => {
                columns.contains(&column)
            }
            Check::Form {
                column: of,
                blank_fails,
                ..
            }
            | Check::Code {
                column: of,
                blank_fails,
                ..
            } => *of == column && *blank_fails,
            Check::Equal { column: of, to, .. } => *of == column || *to == Operand::Own(column),
            _ => false,
        });
        if may_ask {
            return unknown();
        }
        refused(
            self.as_told(
                "rows that leave it blank are refused",
                "rows that leave it blank arrive",
            ),
            vec![(column, String::new())],
        )
    }

    /// Whether all texts of a column that the sender's side takes are among these.
    pub(super) fn values(
        &self,
        table: usize,
        column: usize,
        wanted: &Takes<'_>,
        filled: Implied,
    ) -> Implied {
        match filled {
            Implied::Yes => {}
            not => return not,
        }
        if !self.knows(table, column) {
            return Implied::Yes;
        }
        match Takes::of(self.rules, table, column).within(wanted) {
            Inclusion::Included => Implied::Yes,
            Inclusion::Not(text) => refused(
                self.as_told(
                    "a value that was right is refused",
                    "a value arrives that was refused",
                ),
                vec![(column, text)],
            ),
            Inclusion::Unknown(why) => Implied::Unknown(why),
        }
    }

    /// Whether a code is among others.
    pub(super) fn code(&self, asked: &Asked<'_>) -> Implied {
        let Check::Code {
            column,
            codes,
            not,
            blank_fails,
            when,
        } = &asked.check
        else {
            return unknown();
        };
        let Some(when) = self.possible(asked.table, when) else {
            return Implied::Yes;
        };
        let covered = self.own(asked.table).any(|own| match &own.check {
            Check::Code {
                column: theirs,
                codes: known,
                not: negative,
                blank_fails: fails,
                when: on,
            } => {
                let same = if *not {
                    codes.all().all(|code| known.permits(code, None))
                } else {
                    same_codes(known, codes)
                        || Takes::codes(known).within(&Takes::codes(codes)) == Inclusion::Included
                };
                theirs == column
                    && negative == not
                    && same
                    && (*fails || !*blank_fails)
                    && Self::looks(on, &when)
            }
            _ => false,
        });
        if covered {
            return Implied::Yes;
        }
        let filled = if *blank_fails && when.is_empty() {
            self.filled(asked, *column)
        } else if *blank_fails {
            unknown()
        } else {
            Implied::Yes
        };
        if *not {
            return holds(filled == Implied::Yes && !self.knows(asked.table, *column));
        }
        let verdict = self.values(asked.table, *column, &Takes::codes(codes), filled);
        match verdict {
            // Where only some rows are looked at, others may hold the value.
            Implied::No(_) if !when.is_empty() => unknown(),
            verdict => verdict,
        }
    }
}
