//! What happened in one record.

use super::interchange::{DAY, Interchange};
use super::people::{Identity, Person};
use super::types::{CdsType, Happening, Subject};
use crate::Dice;

/// Which person of the story an element tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Patient,
    Mother,
    Baby,
}

/// What happened in one record. Moments are minutes, days are the calendar's.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) cds: CdsType,
    /// The record's number in the interchange, from 1.
    pub(super) number: u64,
    pub(super) deleted: bool,
    pub(super) patient: Person,
    pub(super) mother: Person,
    pub(super) babies: Vec<Person>,
    /// Start of the spell.
    pub(super) admitted: i64,
    /// Start of the episode or attendance.
    pub(super) start: i64,
    /// Its end, or the last moment that is known of it.
    pub(super) end: i64,
    /// Whether the episode's end is the spell's end.
    pub(super) discharged: bool,
    pub(super) delivery: i64,
    /// The day that the record is filed under.
    pub(super) activity: i64,
}

impl Story {
    pub(super) fn new(
        interchange: &Interchange,
        cds: CdsType,
        number: u64,
        deleted: bool,
        dice: &mut Dice,
    ) -> Self {
        let (first, last) = interchange.period;
        let day = dice.between(first, last);
        let minute = dice.between(0, DAY - 1);
        let (admitted, start, end, discharged, activity);
        match cds.happening {
            Happening::Emergency => {
                start = day * DAY + minute;
                end = start + dice.between(45, 600);
                (admitted, discharged, activity) = (start, true, day);
            }
            Happening::Outpatient => {
                start = day * DAY + 480 + dice.between(0, 110) * 5;
                end = start + dice.between(1, 12) * 5;
                (admitted, discharged, activity) = (start, true, day);
            }
            Happening::Finished => {
                end = day * DAY + minute;
                start = end - dice.between(30, 9 * DAY);
                admitted = if dice.percent(70) {
                    start
                } else {
                    start - dice.between(60, 5 * DAY)
                };
                (discharged, activity) = (dice.percent(75), day);
            }
            Happening::Unfinished => {
                end = last * DAY + DAY - 1;
                start = end - dice.between(30, 20 * DAY);
                admitted = if dice.percent(70) {
                    start
                } else {
                    start - dice.between(60, 5 * DAY)
                };
                (discharged, activity) = (false, last);
            }
            Happening::Event => {
                start = day * DAY + minute;
                end = start;
                (admitted, discharged, activity) = (start, true, day);
            }
        }
        // Newborns are admitted by being born; mothers give birth while in hospital.
        let (admitted, delivery) = match cds.subject {
            Subject::Newborn => (start, start),
            Subject::Mother => (admitted, dice.between(start, end)),
            Subject::Anyone => (admitted, start),
        };
        let serial = interchange.seed % 1000 * 10_000_000 + number + 1;
        let sexes = ["1", "2", "2", "1", "9"];
        let sex = |dice: &mut Dice| dice.pick(&sexes).copied().unwrap_or("9");
        let adult = |dice: &mut Dice| delivery / DAY - dice.between(17 * 366, 44 * 366);
        let patient = match cds.subject {
            Subject::Newborn => {
                let sex = sex(dice);
                Person::new(delivery / DAY, sex, format!("NB{serial:010}"), true, dice)
            }
            Subject::Mother => {
                let born = adult(dice);
                Person::new(born, "2", format!("MRN{serial:010}"), false, dice)
            }
            Subject::Anyone => {
                let (born, sex) = (admitted / DAY - dice.between(0, 96 * 365), sex(dice));
                Person::new(born, sex, format!("MRN{serial:010}"), false, dice)
            }
        };
        let born = adult(dice);
        let mother = Person::new(born, "2", format!("MUM{serial:010}"), false, dice);
        let mut babies = Vec::new();
        if cds.subject != Subject::Anyone {
            let count = match dice.below(40) {
                0 => 3,
                1 | 2 => 2,
                _ => 1,
            };
            for baby in 0..count {
                let sex = sex(dice);
                babies.push(Person::new(
                    delivery / DAY,
                    sex,
                    format!("NB{serial:09}{baby}"),
                    true,
                    dice,
                ));
            }
        }
        Self {
            cds,
            number: number + 1,
            deleted,
            patient,
            mother,
            babies,
            admitted,
            start,
            end,
            discharged,
            delivery,
            activity,
        }
    }

    /// A person of the story; the patient when there is no such baby.
    pub(super) fn person(&self, role: Role, baby: usize) -> &Person {
        match role {
            Role::Patient => &self.patient,
            Role::Mother => &self.mother,
            Role::Baby => self.babies.get(baby).unwrap_or(&self.patient),
        }
    }

    pub(super) fn identity(&self, role: Role, baby: usize) -> Identity {
        self.person(role, baby).identity
    }
}
