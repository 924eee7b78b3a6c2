//! Events that contradict others, one named rule each, and nothing else.

use std::collections::BTreeMap;

use super::arrival::by_chance;
use super::message::{Message, moment};
use super::stream::{Event, Patient, Stay, Trigger};
use crate::Dice;

/// The rules that events can be made to break.
pub(super) const RULES: [&str; 18] = [
    "STAY-DUPLICATE",
    "STAY-CONTROL-ID",
    "STAY-GAP",
    "STAY-LATE",
    "STAY-AGE",
    "STAY-FUTURE",
    "STAY-CANCEL",
    "STAY-DISCHARGE-FIRST",
    "STAY-NO-ADMISSION",
    "STAY-ADMITTED-TWICE",
    "STAY-OVERLAP",
    "STAY-DISCHARGED-TWICE",
    "STAY-AFTER-DISCHARGE",
    "STAY-OTHER-PATIENT",
    "STAY-LOCATION",
    "STAY-CLASS",
    "STAY-MERGE-UNKNOWN",
    "STAY-MERGED-AWAY",
];

/// Minutes between an event and one that is put behind it: fewer than to the patient's next one.
const BEHIND: i64 = 2;
/// Events at the beginning that are left as they are: what is not known yet may have been told before.
const FIRST: u64 = 10;

/// What is done to a message when it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// The patient comes from another ward than the one they were on.
    OtherWard,
    /// The patient has another class.
    OtherClass,
    /// The message is made days after the event.
    Old,
    /// The event occurs hours after the message.
    Ahead,
    /// It has the control id of an earlier message.
    SameControlId,
    /// Sequence numbers before it are left out.
    Gap(u64),
    /// It is sent a second time.
    Twice,
    /// It comes later than others wait for it.
    Late,
}

impl Change {
    /// Changes the fields of a message.
    pub(super) fn make(&self, message: &mut Message, event: &Event) {
        let (segment, field, text) = match self {
            Self::OtherWard => ("PV1", 6, "W99^B2^4^RXX01".to_owned()),
            Self::OtherClass => ("PV1", 2, "E".to_owned()),
            Self::Old => ("MSH", 6, moment(event.occurred + 3 * 1440)),
            Self::Ahead => ("EVN", 6, moment(event.occurred + 120)),
            Self::SameControlId | Self::Gap(_) | Self::Twice | Self::Late => return,
        };
        if let Some(segment) = message.segment(segment) {
            segment.set(field, text);
        }
    }
}

/// A rule that a message breaks: the segment and the place that the finding stands at, and what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) rule: &'static str,
    pub(super) place: &'static str,
    pub(super) what: &'static str,
}

/// An event, what is done to its message, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) event: Event,
    pub(super) change: Option<Change>,
    pub(super) broken: Option<Broken>,
}

impl Item {
    pub(super) fn plain(event: Event) -> Self {
        Self {
            event,
            change: None,
            broken: None,
        }
    }

    fn wrong(event: Event, rule: &'static str, place: &'static str, what: &'static str) -> Self {
        Self {
            broken: Some(Broken { rule, place, what }),
            ..Self::plain(event)
        }
    }
}

/// What has happened to a visit so far.
#[derive(Debug, Clone, Copy, Default)]
struct Visit {
    inside: bool,
    moves: u32,
    /// Its admission was left out, and that has not shown yet.
    left_out: bool,
    /// Its class was changed.
    class: bool,
}

/// Makes events that contradict others.
#[derive(Debug)]
pub(super) struct Contradictions {
    rate: f64,
    all: Vec<&'static str>,
    waiting: Vec<&'static str>,
    visits: BTreeMap<String, Visit>,
    /// Somebody else than the patient of the event.
    other: Option<Patient>,
}

impl Contradictions {
    /// Contradictions of `rules` (all when there are none) for this share of the events.
    pub(super) fn new(rate: f64, rules: &[String]) -> Self {
        let wanted = |rule: &&str| rules.is_empty() || rules.iter().any(|wanted| wanted == rule);
        let all: Vec<&'static str> = RULES.into_iter().filter(wanted).collect();
        Self {
            rate,
            waiting: all.clone(),
            all,
            visits: BTreeMap::new(),
            other: None,
        }
    }

    /// What is told in place of an event: mostly the event.
    pub(super) fn of(&mut self, event: Event, dice: &mut Dice) -> Vec<Item> {
        let chosen = by_chance(dice, self.rate) && event.number >= FIRST;
        let before = self.visit(&event);
        let patient = event.patient.clone();
        let items = if let Some(items) = shown(before, &event) {
            self.note(&event);
            items
        } else {
            self.note(&event);
            let made = chosen.then(|| self.next(&event, before, dice)).flatten();
            made.unwrap_or_else(|| vec![Item::plain(event)])
        };
        if !patient.local.starts_with('D') {
            self.other = Some(patient);
        }
        items
    }

    fn visit(&self, event: &Event) -> Visit {
        let stay = event.stay.as_ref();
        let visit = stay.and_then(|stay| self.visits.get(&stay.visit));
        visit.copied().unwrap_or_default()
    }

    fn note(&mut self, event: &Event) {
        let Some(stay) = &event.stay else { return };
        let visit = self.visits.entry(stay.visit.clone()).or_default();
        match event.trigger {
            Trigger::Admit | Trigger::CancelDischarge => visit.inside = true,
            Trigger::Transfer => visit.moves += 1,
            Trigger::CancelTransfer => visit.moves = visit.moves.saturating_sub(1),
            Trigger::Discharge | Trigger::CancelAdmit => visit.inside = false,
            _ => {}
        }
        if matches!(
            event.trigger,
            Trigger::Transfer | Trigger::Discharge | Trigger::CancelAdmit
        ) {
            visit.left_out = false;
        }
    }

    /// The next contradiction that the event has a place for.
    fn next(&mut self, event: &Event, before: Visit, dice: &mut Dice) -> Option<Vec<Item>> {
        if self.waiting.is_empty() {
            self.waiting.clone_from(&self.all);
        }
        let turns = self.waiting.iter();
        let first = turns
            .enumerate()
            .find_map(|(turn, rule)| Some((turn, self.make(rule, event, before, dice)?)));
        let items = if let Some((turn, items)) = first {
            self.waiting.remove(turn);
            items
        } else {
            // Those that are left wait for an event of their kind; meanwhile others have another turn.
            let first = dice.index(self.all.len());
            let mut turns = self.all.iter().cycle().skip(first).take(self.all.len());
            turns.find_map(|rule| self.make(rule, event, before, dice))?
        };
        if let Some(stay) = &event.stay
            && let Some(visit) = self.visits.get_mut(&stay.visit)
        {
            visit.left_out |= items.is_empty();
            visit.class |= items
                .iter()
                .any(|item| item.change == Some(Change::OtherClass));
        }
        Some(items)
    }

    /// What is told in place of an event so that a rule is broken; `None` when the event has no place for it.
    fn make(
        &self,
        rule: &'static str,
        event: &Event,
        before: Visit,
        dice: &mut Dice,
    ) -> Option<Vec<Item>> {
        use Trigger::{Admit, Discharge, Merge, Register, Transfer, UpdatePerson, UpdateStay};
        let is = |triggers: &[Trigger]| triggers.contains(&event.trigger).then_some(());
        let clear = (!before.left_out).then_some(());
        // What is changed in a message of which nothing else depends.
        let update = is(&[UpdatePerson, UpdateStay]).and(clear);
        let changed = |change, place, what| {
            let item = Item::wrong(event.clone(), rule, place, what);
            vec![Item {
                change: Some(change),
                ..item
            }]
        };
        let behind = |events: Vec<Item>| {
            let mut items = vec![Item::plain(event.clone())];
            items.extend(events);
            items
        };
        let later = |trigger, minutes| at(event, trigger, event.occurred + minutes);
        let visit = "PV1-19";
        Some(match rule {
            "STAY-DUPLICATE" => changed(Change::Twice, "MSH-10", "the message was sent twice"),
            "STAY-CONTROL-ID" => {
                update?;
                changed(
                    Change::SameControlId,
                    "MSH-10",
                    "the control id of an earlier message was used again",
                )
            }
            "STAY-GAP" => {
                let left_out = 1 + dice.below(5);
                changed(
                    Change::Gap(left_out),
                    "MSH-13",
                    "sequence numbers were left out",
                )
            }
            "STAY-LATE" => {
                update?;
                changed(Change::Late, "EVN-6", "the message was held up")
            }
            "STAY-AGE" => {
                update?;
                changed(
                    Change::Old,
                    "EVN-6",
                    "the message was made days after the event",
                )
            }
            "STAY-FUTURE" => {
                update?;
                changed(
                    Change::Ahead,
                    "EVN-6",
                    "the event was put hours behind the message",
                )
            }
            "STAY-CANCEL" => {
                is(&[Admit, UpdateStay]).and(clear)?;
                let inside = before.inside || event.trigger == Admit;
                inside.then_some(())?;
                let trigger = if before.moves == 0 && dice.percent(50) {
                    Trigger::CancelTransfer
                } else {
                    Trigger::CancelDischarge
                };
                behind(vec![Item::wrong(
                    later(trigger, BEHIND),
                    rule,
                    visit,
                    "what did not happen was cancelled",
                )])
            }
            "STAY-DISCHARGE-FIRST" => {
                is(&[Admit])?;
                let mut first = at(event, Discharge, event.occurred - 1);
                stay(&mut first)?.discharged = Some(event.occurred + 1);
                vec![
                    Item::wrong(
                        first,
                        rule,
                        visit,
                        "a discharge was put before the admission",
                    ),
                    Item::plain(event.clone()),
                ]
            }
            "STAY-NO-ADMISSION" => {
                is(&[Admit])?;
                Vec::new()
            }
            "STAY-ADMITTED-TWICE" => {
                is(&[Admit])?;
                behind(vec![Item::wrong(
                    later(Admit, BEHIND),
                    rule,
                    visit,
                    "the patient was admitted again",
                )])
            }
            "STAY-OVERLAP" => {
                is(&[Admit])?;
                let (mut begin, mut end) = (
                    later(Admit, BEHIND),
                    later(Trigger::CancelAdmit, BEHIND + 1),
                );
                for event in [&mut begin, &mut end] {
                    stay(event)?.visit.insert(0, 'X');
                }
                behind(vec![
                    Item::wrong(
                        begin,
                        rule,
                        visit,
                        "the patient was admitted by another visit",
                    ),
                    Item::plain(end),
                ])
            }
            "STAY-DISCHARGED-TWICE" => {
                is(&[Discharge])?;
                behind(vec![Item::wrong(
                    later(Discharge, BEHIND),
                    rule,
                    visit,
                    "the patient was discharged again",
                )])
            }
            "STAY-AFTER-DISCHARGE" => {
                is(&[Discharge])?;
                behind(vec![Item::wrong(
                    later(UpdateStay, 45 * 1440),
                    rule,
                    visit,
                    "the stay was changed weeks after the discharge",
                )])
            }
            "STAY-OTHER-PATIENT" => {
                is(&[Transfer, UpdateStay, Discharge])?;
                let mut wrong = later(UpdateStay, BEHIND);
                let other = self.other.clone();
                wrong.patient = other.filter(|other| other.local != event.patient.local)?;
                behind(vec![Item::wrong(
                    wrong,
                    rule,
                    "PID-3",
                    "the visit was told of another patient",
                )])
            }
            "STAY-LOCATION" => {
                is(&[Transfer]).and(clear)?;
                changed(
                    Change::OtherWard,
                    "PV1-6",
                    "the patient came from another ward",
                )
            }
            "STAY-CLASS" => {
                is(&[UpdateStay]).and(clear)?;
                (!before.class).then_some(())?;
                changed(Change::OtherClass, "PV1-2", "the patient class was changed")
            }
            "STAY-MERGE-UNKNOWN" => {
                is(&[Register, UpdatePerson])?;
                let mut merge = later(Merge, BEHIND);
                merge.merged = Some(format!("U{:07}", event.number));
                behind(vec![Item::wrong(
                    merge,
                    rule,
                    "MRG-1",
                    "an unknown patient was merged",
                )])
            }
            "STAY-MERGED-AWAY" => {
                is(&[Merge])?;
                let mut gone = later(UpdatePerson, BEHIND);
                gone.patient.local = gone.merged.take()?;
                gone.patient.nhs_number = None;
                behind(vec![Item::wrong(
                    gone,
                    rule,
                    "PID-3",
                    "a patient who was merged away was changed",
                )])
            }
            _ => return None,
        })
    }
}

/// An admission that was left out shows by what comes next of the visit and needs one.
fn shown(before: Visit, event: &Event) -> Option<Vec<Item>> {
    let rule = match event.trigger {
        Trigger::Transfer | Trigger::Discharge => "STAY-NO-ADMISSION",
        Trigger::CancelAdmit => "STAY-CANCEL",
        _ => return None,
    };
    let what = "the admission was left out";
    before
        .left_out
        .then(|| vec![Item::wrong(event.clone(), rule, "PV1-19", what)])
}

/// The event as another one, at another time.
fn at(event: &Event, trigger: Trigger, occurred: i64) -> Event {
    Event {
        trigger,
        occurred,
        ..event.clone()
    }
}

fn stay(event: &mut Event) -> Option<&mut Stay> {
    event.stay.as_mut()
}
