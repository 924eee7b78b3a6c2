//! Whether a rule of one side refuses anything that the other side takes.
//!
//! What a side takes is what its own rules let through, so a rule is implied where others ask for the same or for more. What
//! nobody knows a column of is blank in what they send, and a table that they do not know has no rows.

mod order;
mod values;

use concord_standards::submission::scale::Judge;
use concord_standards::submission::{Check, Condition, Test};

use super::asked::Asked;
use super::numbering::Numbering;
use super::takes::Takes;
use super::words::Words;
use crate::change::Side;
use crate::language::Inclusion;

/// Whether whatever the sender's side takes passes a rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Implied {
    /// It does.
    Yes,
    /// It does not, and this is refused.
    No(Refused),
    /// It is not worked out, and why.
    Unknown(String),
    /// It is not worked out whether it refuses such a row.
    Perhaps(Refused),
}

/// What a rule refuses of what the sender's side takes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) why: String,
    /// Cells of a row of the rule's table that show it; empty for any row.
    pub(super) cells: Vec<(usize, String)>,
}

/// What the sender's side asks.
pub(super) struct Sender<'s> {
    pub(super) side: Side,
    pub(super) numbering: &'s Numbering<'s>,
    pub(super) rules: &'s [Asked<'s>],
}

const NOT_WORKED_OUT: &str = "whether a row breaks it that was taken is not worked out";

fn unknown() -> Implied {
    Implied::Unknown(NOT_WORKED_OUT.to_owned())
}

fn when(holds: bool) -> Implied {
    if holds { Implied::Yes } else { unknown() }
}

fn refused(why: &str, cells: Vec<(usize, String)>) -> Implied {
    Implied::No(Refused {
        why: why.to_owned(),
        cells,
    })
}

impl Sender<'_> {
    /// Whether what this side takes passes a rule of the other side.
    pub(super) fn implies(&self, asked: &Asked<'_>) -> Implied {
        if !asked.rejects() {
            return Implied::Yes;
        }
        let known = self.numbering.knows_table(self.side, asked.table);
        if !known && !matches!(asked.check, Check::Rows) && !asked.check.is_of_file() {
            return Implied::Yes;
        }
        let mut rejecting = self.rules.iter().filter(|own| own.rejects());
        if rejecting.any(|own| own.words == asked.words) {
            return Implied::Yes;
        }
        self.check(asked)
    }

    /// The sender's rejecting rules about the rows of the same table.
    fn own(&self, table: usize) -> impl Iterator<Item = &Asked<'_>> {
        self.rules
            .iter()
            .filter(move |own| own.table == table && own.rejects())
    }

    /// Why something is refused, as who sends it or who receives it is told.
    fn as_told(&self, sent: &'static str, arrives: &'static str) -> &'static str {
        match self.side {
            Side::Old => sent,
            Side::New => arrives,
        }
    }

    fn knows(&self, table: usize, column: usize) -> bool {
        self.numbering.knows(self.side, table, column)
    }

    fn check(&self, asked: &Asked<'_>) -> Implied {
        let table = asked.table;
        let knows = |column: &usize| self.knows(table, *column);
        match &asked.check {
            Check::Required { columns, when } => self.required(asked, columns, when),
            Check::OneOf { columns, when } => self.one_of(asked, columns, when),
            Check::Blank { columns, when } => self.blank(asked, columns, when),
            Check::Form {
                column,
                not,
                blank_fails,
                form,
            } => {
                let filled = if *blank_fails {
                    self.filled(asked, *column)
                } else {
                    Implied::Yes
                };
                if *not {
                    return match filled {
                        Implied::Yes if !knows(column) => Implied::Yes,
                        Implied::No(refused) => Implied::No(refused),
                        _ => unknown(),
                    };
                }
                self.values(table, *column, &Takes::form(form), filled)
            }
            Check::Code { .. } => self.code(asked),
            Check::Order { .. } => self.order(asked),
            Check::Age {
                column, greatest, ..
            } => self::when(
                !knows(column)
                    || self.own(table).any(|own| {
                        matches!(&own.check, Check::Age { column: theirs, greatest: most, .. }
                            if theirs == column && most <= greatest)
                            && self.same_limits(own, asked)
                    }),
            ),
            Check::Equal {
                column,
                blank_passes,
                ..
            } => self::when(*blank_passes && !knows(column)),
            Check::Scheme {
                column,
                scheme,
                forms,
            } => self::when(
                !knows(column)
                    || !knows(scheme)
                    || self.own(table).any(|own| match &own.check {
                        Check::Scheme {
                            column: theirs,
                            scheme: by,
                            forms: known,
                        } => {
                            (theirs, by) == (column, scheme)
                                && forms.iter().all(|(name, form)| {
                                    known.get(name).is_some_and(|known| {
                                        let (known, form) = (Takes::form(known), Takes::form(form));
                                        known.within(&form) == Inclusion::Included
                                    })
                                })
                        }
                        _ => false,
                    }),
            ),
            Check::Scale { tool, score, judge } => {
                let judged = if *judge == Judge::Tool { tool } else { score };
                self::when(!knows(tool) || !knows(judged))
            }
            Check::Live { column, also, .. } => self::when(
                !knows(column)
                    || self.own(table).any(|own| match &own.check {
                        Check::Live {
                            column: theirs,
                            also: known,
                            registered,
                            ..
                        } => {
                            let same = matches!(&asked.check, Check::Live { registered: asked, .. } if asked == registered);
                            same && theirs == column
                                && known.iter().all(|code| also.contains(code))
                                && self.same_limits(own, asked)
                        }
                        _ => false,
                    }),
            ),
            Check::Never => refused("no row of the table is taken", Vec::new()),
            Check::Unique { .. } => self.unique(asked),
            Check::Needs { on, .. } => self::when(on.iter().any(|(own, _)| !knows(own))),
            Check::Consecutive { end, .. } => self::when(!knows(end)),
            Check::InPeriod { columns, valid } => {
                self::when(self.rules.iter().any(|own| match &own.check {
                    Check::InPeriod {
                        columns: theirs,
                        valid: strict,
                    } => {
                        own.rejects()
                            && (*strict || !*valid)
                            && theirs.iter().all(|one| columns.contains(one))
                    }
                    _ => false,
                }))
            }
            Check::Singleton | Check::Structure | Check::Rows | Check::SoundHeader => unknown(),
        }
    }

    /// Whether conditions can be true of a row of the sender's, and which of them are still to be asked.
    fn possible<'c>(&self, table: usize, when: &'c [Condition]) -> Option<Vec<&'c Condition>> {
        let mut left = Vec::new();
        for condition in when {
            if self.knows(table, condition.column) {
                left.push(condition);
            } else if !matches!(condition.test, Test::Blank) {
                return None;
            }
        }
        Some(left)
    }

    /// Whether a rule of the sender's looks at every row that these conditions are true of.
    fn looks(own: &[Condition], wanted: &[&Condition]) -> bool {
        own.iter().all(|condition| {
            wanted.iter().any(|wanted| {
                wanted.column == condition.column && narrower(&wanted.test, &condition.test)
            })
        })
    }

    fn required(&self, asked: &Asked<'_>, columns: &[usize], when: &[Condition]) -> Implied {
        let Some(when) = self.possible(asked.table, when) else {
            return Implied::Yes;
        };
        for column in columns {
            let is_filled = self.own(asked.table).any(|own| {
                matches!(&own.check, Check::Required { columns, when: on }
                    if columns.contains(column) && Self::looks(on, &when))
            });
            if is_filled {
                continue;
            }
            if !when.is_empty() {
                return unknown();
            }
            return self.filled(asked, *column);
        }
        Implied::Yes
    }

    fn one_of(&self, asked: &Asked<'_>, columns: &[usize], when: &[Condition]) -> Implied {
        let Some(when) = self.possible(asked.table, when) else {
            return Implied::Yes;
        };
        self::when(self.own(asked.table).any(|own| match &own.check {
            Check::Required {
                columns: theirs,
                when: on,
            } => theirs.iter().any(|one| columns.contains(one)) && Self::looks(on, &when),
            Check::OneOf {
                columns: theirs,
                when: on,
            } => theirs.iter().all(|one| columns.contains(one)) && Self::looks(on, &when),
            _ => false,
        }))
    }

    fn blank(&self, asked: &Asked<'_>, columns: &[usize], when: &[Condition]) -> Implied {
        let Some(when) = self.possible(asked.table, when) else {
            return Implied::Yes;
        };
        let mut known = columns
            .iter()
            .filter(|column| self.knows(asked.table, **column));
        self::when(known.all(|column| {
            self.own(asked.table).any(|own| {
                matches!(&own.check, Check::Blank { columns: theirs, when: on }
                    if theirs.contains(column) && Self::looks(on, &when))
            })
        }))
    }

    /// Whether the values beyond the row that two rules read are the same.
    fn same_limits(&self, own: &Asked<'_>, asked: &Asked<'_>) -> bool {
        let words = |asked: &Asked<'_>, side: Side| -> Vec<String> {
            let words = Words {
                numbering: self.numbering,
                side,
            };
            let rule = asked.rule;
            let operands = rule.check.operands().into_iter();
            operands
                .map(|operand| words.operand(rule.table, operand))
                .collect()
        };
        words(own, self.side) == words(asked, self.side.other())
    }

    fn unique(&self, asked: &Asked<'_>) -> Implied {
        let Check::Unique {
            columns,
            when,
            blanks_same,
            counted,
        } = &asked.check
        else {
            return unknown();
        };
        if !*blanks_same
            && columns
                .iter()
                .any(|column| !self.knows(asked.table, *column))
        {
            return Implied::Yes;
        }
        let (Some(when), Some(counted)) = (
            self.possible(asked.table, when),
            self.possible(asked.table, counted),
        ) else {
            return Implied::Yes;
        };
        self::when(self.own(asked.table).any(|own| match &own.check {
            Check::Unique {
                columns: theirs,
                when: on,
                blanks_same: same,
                counted: of,
            } => {
                theirs.iter().all(|column| columns.contains(column))
                    && (*same || !*blanks_same)
                    && Self::looks(on, &when)
                    && Self::looks(of, &counted)
            }
            Check::Singleton => true,
            _ => false,
        }))
    }
}

/// Whether whatever passes a test passes another one.
fn narrower(test: &Test, other: &Test) -> bool {
    match (test, other) {
        (Test::Filled | Test::In(_) | Test::NotIn(_), Test::Filled)
        | (Test::Blank, Test::Blank) => match test {
            // An empty code would be an absent one.
            Test::In(codes) => codes.iter().all(|code| !code.is_empty()),
            _ => true,
        },
        (Test::In(few), Test::In(many)) => few.iter().all(|code| many.contains(code)),
        (Test::In(few), Test::NotIn(none)) => few
            .iter()
            .all(|code| !code.is_empty() && !none.contains(code)),
        (Test::NotIn(many), Test::NotIn(few)) => few.iter().all(|code| many.contains(code)),
        _ => false,
    }
}
