//! Records that show what a change breaks: made, and confirmed by checking with both sides.
//!
//! | module | does |
//! |---|---|
//! | `court` | asks the checker, and keeps within what may be asked |
//! | `documents` | records of hierarchical standards that show a change |
//! | `sheets` | files of tabular standards that show a change |
//! | `faults` | records that break a rule |
//! | `submissions` | submissions of many tables that show a change |
//! | `resources` | FHIR resources that show a change |
//! | `renames` | what the sides call differently |
//! | `search` | records that show a change of which it is not said how it shows |
//! | `shrink` | drops what need not be there |
//!
//! A comparison says what a record must hold to show a change (its [`Lead`]). Around that a submission
//! is built which the one side takes and the other refuses. A record is only a proof when it is refused *because of* what it
//! shows: two versions of a standard often differ in so much that the one takes no record of the other. Then the record is
//! also carried over (fitted to the other side in all but what it shows), and must be refused still, while it is taken when
//! that is fitted as well.

mod court;
mod documents;
mod faults;
mod renames;
mod resources;
mod search;
mod sheets;
mod shrink;
mod submissions;

use std::sync::Arc;

use concord_finding::Effect;

use crate::change::{
    Certainty, Change, ChangePlace, Comparison, Lead, LeadKind, Side, Whom, Witness,
};
use crate::subject::Subject;
use court::{Court, Ruling};
use documents::Documents;
use renames::Renames;
use resources::Makes;
use sheets::Tables;
use submissions::Submissions;

/// Checks submissions with either side of a comparison. Whoever has a checker lends it.
pub trait Checker {
    /// What a side says of a submission.
    fn check(&self, side: Side, submission: &[u8]) -> Outcome;

    /// What a side says of a submission of many tables: the name and the text of each file. Who checks no such submissions takes
    /// none.
    fn check_files(&self, side: Side, files: &[(String, String)]) -> Outcome {
        let (_, _) = (side, files);
        Outcome::default()
    }

    /// Whether there is time to make further proofs.
    fn may_go_on(&self) -> bool {
        true
    }
}

/// What a side says of a submission.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Whether all of it is taken: nothing rejects the file, a record or a group.
    pub accepted: bool,
    /// What was found.
    pub findings: Vec<Told>,
}

/// One finding, as a proof needs it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// The rule.
    pub rule: Arc<str>,
    /// What the receiver does about it.
    pub effect: Effect,
    /// Path of the element, when it is about one.
    pub path: Option<Arc<str>>,
    /// Line (from 1), when it stands on one.
    pub line: Option<u64>,
    /// The message.
    pub message: String,
}

/// How much is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProofOptions {
    /// Most submissions that are tried for one change.
    pub attempts: u32,
    /// Most things that are tried to be left out of a submission that shows a change.
    pub shrinking: u32,
    /// Most submissions that are checked in all.
    pub checks: u32,
}

impl Default for ProofOptions {
    fn default() -> Self {
        Self {
            attempts: 12,
            shrinking: 150,
            checks: 20_000,
        }
    }
}

/// Makes a submission for every change that breaks somebody and says what shows it, and confirms it by checking with both
/// sides.
///
/// Where that succeeds, the change has a [`Witness`] and its certainty is [`Certainty::Proved`]. Where it does not, the
/// reason is added to `why`; and a decided claim that a submission contradicts becomes [`Certainty::Unknown`].
pub fn prove(
    comparison: &mut Comparison,
    old: &Subject,
    new: &Subject,
    checker: &dyn Checker,
    options: &ProofOptions,
) {
    let mut court = Court::new(checker, options.checks);
    let mut makers = Makers {
        old: Maker::new(old, Side::Old, comparison),
        new: Maker::new(new, Side::New, comparison),
    };
    for change in &mut comparison.changes {
        for whom in to_show(change) {
            let attempt = if court.may_go_on() {
                makers.show(change, whom, &mut court, options)
            } else {
                Attempt::Spent
            };
            settle(change, whom, attempt);
            if change.witness.is_some() {
                break;
            }
        }
    }
}

/// Whom a witness of a change may show as broken, in the order in which it is tried: submitters go first, and a lead says more
/// than a search.
fn to_show(change: &Change) -> Vec<Whom> {
    let led = change.lead.as_ref().map(|lead| shows(lead.taken_by));
    let broken = |whom: Whom| change.breaks.iter().any(|breaks| breaks.whom == whom);
    let submitter = broken(Whom::Submitter);
    let receiver = broken(Whom::Receiver) && (led == Some(Whom::Receiver) || !submitter);
    let mut order = Vec::new();
    order.extend(submitter.then_some(Whom::Submitter));
    order.extend(receiver.then_some(Whom::Receiver));
    order
}

/// Who is broken when a side takes a record that the other refuses.
fn shows(taken_by: Side) -> Whom {
    match taken_by {
        Side::Old => Whom::Submitter,
        Side::New => Whom::Receiver,
    }
}

/// Writes down what came of an attempt.
fn settle(change: &mut Change, whom: Whom, attempt: Attempt) {
    let breaks = change
        .breaks
        .iter_mut()
        .filter(|breaks| breaks.whom == whom);
    for breaks in breaks {
        let reason = match &attempt {
            Attempt::Shown(_) => {
                breaks.certainty = Certainty::Proved;
                continue;
            }
            Attempt::Contradicted(reason) if breaks.certainty == Certainty::Decided => {
                breaks.certainty = Certainty::Unknown;
                format!("contradicted: {reason}")
            }
            Attempt::Contradicted(reason) | Attempt::NotMade(reason) => {
                format!("not proved: {reason}")
            }
            Attempt::Spent => "not proved: budget".to_owned(),
        };
        if !breaks.why.is_empty() {
            breaks.why.push_str("; ");
        }
        breaks.why.push_str(&reason);
    }
    if let Attempt::Shown(witness) = attempt {
        change.witness = Some(witness);
    }
}

/// What came of an attempt to show a change.
enum Attempt {
    /// A submission shows it.
    Shown(Witness),
    /// A submission that holds what is said to be refused is taken by both sides.
    Contradicted(String),
    /// None could be made that could be confirmed, and why.
    NotMade(String),
    /// There was no time for it.
    Spent,
}

impl Attempt {
    /// What a ruling that is no proof means.
    fn of(ruling: Ruling, taken_by: Side) -> Self {
        let (own, against) = (court::name(taken_by), court::name(court::other(taken_by)));
        match ruling {
            Ruling::Taken => Self::Contradicted(format!(
                "{against} takes a submission that was made to show it"
            )),
            Ruling::OwnRefuses(said) => {
                Self::NotMade(format!("{own} refuses what was made to show it ({said})"))
            }
            Ruling::Unclear(said) => Self::NotMade(format!(
                "{against} refuses what was made to show it, but perhaps for something else ({said})"
            )),
            Ruling::Refused(_) => Self::NotMade("nothing was made".to_owned()),
            Ruling::Spent => Self::Spent,
        }
    }

    /// Keeps the attempt that says most.
    fn better(&mut self, other: Self) {
        let keeps = matches!(self, Self::Shown(_) | Self::Contradicted(_))
            && !matches!(other, Self::Shown(_));
        if !keeps {
            *self = other;
        }
    }

    /// As it is, or that there was no time for more.
    fn or_spent(self, court: &Court<'_>) -> Self {
        match self {
            Self::NotMade(_) if !court.may_go_on() => Self::Spent,
            other => other,
        }
    }
}

/// Makes submissions of one side.
enum Maker<'s> {
    Documents(Box<Documents<'s>>),
    Tables(Tables<'s>),
    Submissions(Box<Submissions<'s>>),
    Resources(Makes<'s>),
}

/// Why nothing can be made.
const UNLIKE: &str = "the two sides are not of one kind";

impl<'s> Maker<'s> {
    fn new(subject: &'s Subject, side: Side, comparison: &Comparison) -> Self {
        let definition = &subject.definition;
        if let Some(many) = &definition.submission {
            let made = Submissions::new(definition, many, side, comparison);
            return Self::Submissions(Box::new(made));
        }
        if let Some(resources) = &definition.resources {
            return Self::Resources(Makes::new(resources, side));
        }
        let renames = Renames::of(comparison, side);
        if definition.layout.is_some() {
            Self::Tables(Tables::new(definition, side, renames))
        } else {
            Self::Documents(Box::new(Documents::new(definition, side, renames)))
        }
    }
}

struct Makers<'s> {
    old: Maker<'s>,
    new: Maker<'s>,
}

impl<'s> Makers<'s> {
    /// Shows whom a change breaks: from its lead, else by a search.
    fn show(
        &mut self,
        change: &Change,
        whom: Whom,
        court: &mut Court<'_>,
        options: &ProofOptions,
    ) -> Attempt {
        let lead = change
            .lead
            .as_ref()
            .filter(|lead| shows(lead.taken_by) == whom);
        let led = lead.map(|lead| self.follow(change, lead, court, options));
        match led {
            Some(Attempt::Shown(witness)) => return Attempt::Shown(witness),
            Some(Attempt::Spent) => return Attempt::Spent,
            _ => {}
        }
        let taken_by = match whom {
            Whom::Receiver => Side::New,
            _ => Side::Old,
        };
        let found = match self.sides(taken_by) {
            (Maker::Documents(own), Maker::Documents(against)) => {
                search::in_documents(own, against, &change.place, court, options)
            }
            (Maker::Tables(own), Maker::Tables(against)) => {
                search::in_tables(own, against, &change.place, court, options)
            }
            (Maker::Submissions(_), Maker::Submissions(_))
            | (Maker::Resources(_), Maker::Resources(_)) => {
                Attempt::NotMade("it is not said what shows it".to_owned())
            }
            _ => Attempt::NotMade(UNLIKE.to_owned()),
        };
        match (found, led) {
            (Attempt::Shown(witness), _) => Attempt::Shown(witness),
            (_, Some(led)) => led,
            (found, None) => found.or_spent(court),
        }
    }

    /// The side that takes what is made, and the other.
    fn sides(&mut self, taken_by: Side) -> (&mut Maker<'s>, &mut Maker<'s>) {
        match taken_by {
            Side::Old => (&mut self.old, &mut self.new),
            Side::New => (&mut self.new, &mut self.old),
        }
    }

    fn follow(
        &mut self,
        change: &Change,
        lead: &Lead,
        court: &mut Court<'_>,
        options: &ProofOptions,
    ) -> Attempt {
        let sides = self.sides(lead.taken_by);
        match (sides, &lead.what) {
            ((Maker::Documents(own), Maker::Documents(against)), LeadKind::RuleBroken(rule)) => {
                faults::in_document(own, against, rule, court, options)
            }
            ((Maker::Documents(own), Maker::Documents(against)), what) => {
                match documents::wish_of(what, &change.place) {
                    Some(wish) => documents::show(own, against, &wish, court, options),
                    None => Attempt::NotMade("it is about a table, and this is none".to_owned()),
                }
            }
            ((Maker::Tables(own), Maker::Tables(against)), LeadKind::RuleBroken(rule)) => {
                faults::in_table(own, against, rule, court, options)
            }
            ((Maker::Tables(own), Maker::Tables(against)), what) => {
                let about = match &change.place {
                    ChangePlace::Column(_, column) => Some(&**column),
                    _ => None,
                };
                sheets::show(own, against, what, about, court, options)
            }
            ((Maker::Submissions(own), Maker::Submissions(against)), what) => {
                submissions::show(own, against, change, what, court, options)
            }
            ((Maker::Resources(own), Maker::Resources(_)), what) => {
                resources::show(own, what, court)
            }
            _ => Attempt::NotMade(UNLIKE.to_owned()),
        }
    }
}
