//! What happens to many patients, in the order of time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::Dice;
use crate::cds::people;

/// Patients whose journeys go on side by side.
const AT_ONCE: u64 = 40;
/// Minutes between one patient's beginning and the next one's.
const BETWEEN: i64 = 30;

/// What happened: the trigger event of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trigger {
    /// A28: a person becomes known.
    Register,
    /// A31: what is known of a person changes.
    UpdatePerson,
    /// A05: an admission is agreed.
    PreAdmit,
    /// A01: a patient is admitted.
    Admit,
    /// A02: a patient is moved to another ward.
    Transfer,
    /// A03: a patient leaves.
    Discharge,
    /// A08: what is known of a stay changes.
    UpdateStay,
    /// A11: there was no admission.
    CancelAdmit,
    /// A12: there was no transfer.
    CancelTransfer,
    /// A13: there was no discharge.
    CancelDischarge,
    /// A40: two persons are one.
    Merge,
}

impl Trigger {
    /// Every trigger.
    pub const ALL: [Self; 11] = [
        Self::Register,
        Self::UpdatePerson,
        Self::PreAdmit,
        Self::Admit,
        Self::Transfer,
        Self::Discharge,
        Self::UpdateStay,
        Self::CancelAdmit,
        Self::CancelTransfer,
        Self::CancelDischarge,
        Self::Merge,
    ];

    /// The code of the trigger event: `A01`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Register => "A28",
            Self::UpdatePerson => "A31",
            Self::PreAdmit => "A05",
            Self::Admit => "A01",
            Self::Transfer => "A02",
            Self::Discharge => "A03",
            Self::UpdateStay => "A08",
            Self::CancelAdmit => "A11",
            Self::CancelTransfer => "A12",
            Self::CancelDischarge => "A13",
            Self::Merge => "A40",
        }
    }
}

/// A made-up person, as the sender knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patient {
    /// NHS number of the 999 range, where it is known.
    pub nhs_number: Option<String>,
    /// The sender's own number.
    pub local: String,
    /// Family name.
    pub family: &'static str,
    /// Given name.
    pub given: &'static str,
    /// Sex: 1 or 2.
    pub sex: &'static str,
    /// Day of birth, `CCYYMMDD`.
    pub born: String,
    /// A postcode of which there is none.
    pub postcode: String,
}

/// A stay in hospital, as it stands after an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stay {
    /// Visit number.
    pub visit: String,
    /// Ward.
    pub ward: String,
    /// The ward before, behind a transfer.
    pub before: Option<String>,
    /// When it begins or began, in minutes.
    pub admitted: i64,
    /// When it ended, in minutes.
    pub discharged: Option<i64>,
    /// Admission method.
    pub method: &'static str,
    /// Main specialty or treatment function.
    pub specialty: &'static str,
}

/// Something that happened to a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number in the stream, from 0.
    pub number: u64,
    /// What it was.
    pub trigger: Trigger,
    /// When, in minutes since the first of March 2026.
    pub occurred: i64,
    /// To whom.
    pub patient: Patient,
    /// The stay that it is about.
    pub stay: Option<Stay>,
    /// Of a merge, the number that is no longer used.
    pub merged: Option<String>,
}

/// Events of many patients, without end.
#[derive(Debug)]
pub struct Stream {
    seed: u64,
    next: u64,
    number: u64,
    /// Journeys by the time of their next event.
    journeys: BinaryHeap<Reverse<(i64, u64, usize)>>,
    open: Vec<Vec<Event>>,
}

impl Stream {
    /// The events of a seed: always the same ones.
    pub fn new(seed: u64) -> Self {
        let mut stream = Self {
            seed,
            next: 0,
            number: 0,
            journeys: BinaryHeap::new(),
            open: Vec::new(),
        };
        for _ in 0..AT_ONCE {
            stream.begin();
        }
        stream
    }

    /// Lets another patient's journey begin.
    fn begin(&mut self) {
        let patient = self.next;
        self.next += 1;
        let mut events = journey(self.seed, patient);
        events.reverse();
        let Some(first) = events.last() else {
            return;
        };
        let place = self.open.len();
        self.journeys
            .push(Reverse((first.occurred, patient, place)));
        self.open.push(events);
    }
}

impl Iterator for Stream {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let Reverse((_, patient, place)) = self.journeys.pop()?;
        let events = self.open.get_mut(place)?;
        let mut event = events.pop()?;
        event.number = self.number;
        self.number += 1;
        if let Some(following) = events.last() {
            self.journeys
                .push(Reverse((following.occurred, patient, place)));
        } else {
            // The memory of a journey that has ended is that of the next.
            let next = self.next;
            self.next += 1;
            let mut events = journey(self.seed, next);
            events.reverse();
            // Nobody's journey begins before what was told already.
            let behind = events
                .last()
                .map_or(0, |first| (event.occurred - first.occurred).max(0));
            for following in &mut events {
                shift(following, behind);
            }
            if let Some(first) = events.last() {
                self.journeys.push(Reverse((first.occurred, next, place)));
            }
            self.open[place] = events;
        }
        Some(event)
    }
}

fn shift(event: &mut Event, minutes: i64) {
    event.occurred += minutes;
    if let Some(stay) = &mut event.stay {
        stay.admitted += minutes;
        stay.discharged = stay.discharged.map(|discharged| discharged + minutes);
    }
}

/// The events of one patient.
fn journey(seed: u64, number: u64) -> Vec<Event> {
    let mut dice = Dice::part(seed, number);
    let mut journey = Journey {
        patient: person(&mut dice, number),
        at: number.cast_signed() * BETWEEN + dice.between(0, 600),
        stay: None,
        events: Vec::new(),
    };
    journey.tell(Trigger::Register);
    // Some are registered twice, which is found out in the end.
    let twice = dice.percent(10).then(|| format!("D{number:07}"));
    if let Some(local) = &twice {
        let again = Patient {
            nhs_number: None,
            local: local.clone(),
            ..journey.patient.clone()
        };
        let patient = std::mem::replace(&mut journey.patient, again);
        journey.wait(&mut dice, 60);
        journey.tell(Trigger::Register);
        journey.patient = patient;
    }
    if dice.percent(20) {
        journey.wait(&mut dice, 60);
        journey.patient.postcode = people::postcode(&mut dice);
        journey.tell(Trigger::UpdatePerson);
    }
    for visit in 0..dice.between(1, 3) {
        journey.wait(&mut dice, 5000);
        journey.stay(&mut dice, number, visit);
    }
    if twice.is_some() {
        journey.stay = None;
        journey.wait(&mut dice, 3000);
        journey.tell(Trigger::Merge);
        if let Some(event) = journey.events.last_mut() {
            event.merged = twice;
        }
    }
    journey.events
}

struct Journey {
    patient: Patient,
    at: i64,
    stay: Option<Stay>,
    events: Vec<Event>,
}

impl Journey {
    fn wait(&mut self, dice: &mut Dice, most: i64) {
        self.at += dice.between(5, most);
    }

    fn tell(&mut self, trigger: Trigger) {
        self.events.push(Event {
            number: 0,
            trigger,
            occurred: self.at,
            patient: self.patient.clone(),
            stay: self.stay.clone(),
            merged: None,
        });
    }

    /// One stay, from its beginning to its end.
    fn stay(&mut self, dice: &mut Dice, number: u64, visit: i64) {
        const METHODS: [&str; 5] = ["11", "12", "13", "21", "22"];
        const SPECIALTIES: [&str; 5] = ["100", "300", "320", "430", "502"];
        let planned = dice.percent(30);
        let method = dice.index(if planned { 3 } else { METHODS.len() });
        let mut stay = Stay {
            visit: format!("V{number:07}{visit}"),
            ward: ward(dice),
            before: None,
            admitted: self.at,
            discharged: None,
            method: METHODS[method],
            specialty: SPECIALTIES[dice.index(SPECIALTIES.len())],
        };
        if planned {
            stay.admitted = self.at + 1440;
            self.stay = Some(stay.clone());
            self.tell(Trigger::PreAdmit);
            self.at = stay.admitted;
        }
        self.stay = Some(stay);
        self.tell(Trigger::Admit);
        if dice.percent(4) {
            self.wait(dice, 60);
            self.tell(Trigger::CancelAdmit);
            return;
        }
        for _ in 0..dice.between(0, 3) {
            self.wait(dice, 2000);
            if dice.percent(50) {
                self.tell(Trigger::UpdateStay);
                continue;
            }
            let to = ward(dice);
            let Some(stay) = &mut self.stay else { return };
            let from = std::mem::replace(&mut stay.ward, to);
            stay.before = Some(from.clone());
            self.tell(Trigger::Transfer);
            if dice.percent(10) {
                self.wait(dice, 60);
                let Some(stay) = &mut self.stay else { return };
                stay.ward = from;
                stay.before = None;
                self.tell(Trigger::CancelTransfer);
            }
        }
        self.wait(dice, 4000);
        self.leave();
        if dice.percent(5) {
            self.wait(dice, 120);
            if let Some(stay) = &mut self.stay {
                stay.discharged = None;
            }
            self.tell(Trigger::CancelDischarge);
            self.wait(dice, 3000);
            self.leave();
        }
        if dice.percent(10) {
            self.wait(dice, 600);
            self.tell(Trigger::UpdateStay);
        }
    }

    fn leave(&mut self) {
        if let Some(stay) = &mut self.stay {
            stay.discharged = Some(self.at);
        }
        self.tell(Trigger::Discharge);
    }
}

fn ward(dice: &mut Dice) -> String {
    format!("W{:02}", 1 + dice.below(30))
}

fn person(dice: &mut Dice, number: u64) -> Patient {
    Patient {
        nhs_number: (!dice.percent(5)).then(|| people::nhs_number(dice)),
        local: format!("L{number:07}"),
        family: people::family(dice),
        given: people::given(dice),
        sex: if dice.percent(50) { "1" } else { "2" },
        born: format!(
            "{}{:02}{:02}",
            dice.between(1930, 2024),
            dice.between(1, 12),
            dice.between(1, 28)
        ),
        postcode: people::postcode(dice),
    }
}
