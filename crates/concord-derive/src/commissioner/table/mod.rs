//! The boxes, codes and look-ups of a year, as data.

mod boxes;
mod check;
mod lists;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::case::Activity;
use super::error::Error;
use super::settings::Settings;

pub use boxes::{
    BoxDefinition, CodeSet, End, Exit, OtherReading, Outside, OutsideReason, Payer, Test,
};
pub use lists::{
    ArmedForcesPractice, Delegation, Period, PseudoList, ReasonForm, ServiceCode, ServiceKind,
    SubIcb,
};

/// The method of one year.
#[derive(Debug)]
pub struct DecisionTable {
    /// What it is.
    pub title: String,
    /// The first day for which it says who pays.
    pub valid_from: Date,
    /// The last day.
    pub valid_to: Date,
    /// Where it is from.
    pub source: String,
    /// The id of the box to begin with.
    pub first: Arc<str>,
    /// The boxes, in the order of the file.
    pub boxes: Vec<BoxDefinition>,
    /// Where ways end.
    pub ends: Vec<End>,
    /// What is said of mental health.
    pub outside: Outside,
    /// How published reason codes are formed.
    pub reasons: Vec<ReasonForm>,
    pub(crate) sets: BTreeMap<String, CodeSet>,
    sub_icbs: BTreeMap<String, Vec<SubIcb>>,
    services: BTreeMap<String, Vec<ServiceCode>>,
    armed_forces: BTreeMap<String, ArmedForcesPractice>,
    detention: BTreeMap<String, String>,
    pseudo: BTreeMap<String, PseudoList>,
    points: BTreeMap<String, Activity>,
    types: BTreeMap<String, Activity>,
}

impl DecisionTable {
    /// Reads the method from the files of a folder: `read` gives the text of one by its name, or why it cannot.
    ///
    /// # Errors
    /// [`Error::Missing`] when a file cannot be had, [`Error::Wrong`] when one says something that cannot be: a box that leads
    /// nowhere, a set that there is not, a row that is not whole.
    pub fn load(read: &dyn Fn(&str) -> Result<String, String>) -> Result<Self, Error> {
        let text = |file: &str| {
            read(file).map_err(|reason| Error::Missing {
                file: file.to_owned(),
                reason,
            })
        };
        let boxes::TableFile {
            title,
            valid_from,
            valid_to,
            first,
            source,
            boxes,
            ends,
            outside,
        } = boxes::table(&text(boxes::FILE)?)?;
        let table = Self {
            title,
            valid_from,
            valid_to,
            source,
            first,
            boxes,
            ends,
            outside,
            reasons: lists::reasons(&text(lists::REASONS)?)?,
            sets: boxes::sets(&text(boxes::SETS)?)?,
            sub_icbs: lists::sub_icbs(&text(lists::SUB_ICBS)?)?,
            services: lists::services(&text(lists::SERVICES)?)?,
            armed_forces: lists::armed_forces(&text(lists::ARMED_FORCES)?)?,
            detention: lists::detention(&text(lists::DETENTION)?)?,
            pseudo: lists::pseudo(&text(lists::PSEUDO)?)?,
            points: lists::points(&text(lists::POINTS)?)?,
            types: lists::types(&text(lists::TYPES)?)?,
        };
        check::table(&table)?;
        Ok(table)
    }

    /// Whether settings answer only boxes that are answered by hand; `file` names them in errors.
    ///
    /// # Errors
    /// [`Error::Wrong`] when they answer another box, or one that there is not.
    pub fn takes(&self, file: &str, settings: &Settings) -> Result<(), Error> {
        let by_hand = || self.boxes.iter().filter(|known| known.test == Test::ByHand);
        let mut answered = settings.answers.keys();
        let Some(other) = answered.find(|id| !by_hand().any(|known| *known.id == **id)) else {
            return Ok(());
        };
        let why = match self.find(other) {
            Some(_) => "is answered from the record",
            None => "is no box",
        };
        let ids: Vec<&str> = by_hand().map(|known| &*known.id).collect();
        Err(Error::wrong(
            file,
            None,
            format!(
                "answers: `{other}` {why}; answers are for {}",
                ids.join(", ")
            ),
        ))
    }

    /// Whether it says who pays for activity of that day.
    pub fn covers(&self, date: Date) -> bool {
        (self.valid_from..=self.valid_to).contains(&date)
    }

    /// The box of that id.
    pub fn find(&self, id: &str) -> Option<&BoxDefinition> {
        self.boxes.iter().find(|known| &*known.id == id)
    }

    /// The end of that id.
    pub fn end(&self, id: &str) -> Option<&End> {
        self.ends.iter().find(|known| &*known.id == id)
    }

    /// The codes of that name.
    pub fn set(&self, name: &str) -> Option<&CodeSet> {
        self.sets.get(name)
    }

    /// The sub-ICB location of that code, on a day.
    pub fn sub_icb(&self, code: &str, date: Date) -> Option<&SubIcb> {
        let periods = self.sub_icbs.get(code)?;
        periods.iter().find(|known| known.period.holds(date))
    }

    /// A sub-ICB location of that integrated care board, on a day: the first by code. All of a board share hub and region.
    pub fn icb(&self, code: &str, date: Date) -> Option<&SubIcb> {
        let mut periods = self.sub_icbs.values().flatten();
        periods.find(|known| known.icb == code && known.period.holds(date))
    }

    /// The service of that code, in any case, on a day.
    pub fn service(&self, code: &str, date: Date) -> Option<&ServiceCode> {
        let periods = self.services.get(&code.trim().to_ascii_uppercase())?;
        periods.iter().find(|known| known.period.holds(date))
    }

    /// The practice of Defence Medical Services in England of that code.
    pub fn armed_forces_practice(&self, code: &str) -> Option<&ArmedForcesPractice> {
        self.armed_forces.get(code)
    }

    /// The health and justice hub of a place of detention, by its postcode without a blank.
    pub fn detention_hub(&self, postcode: &str) -> Option<&str> {
        self.detention.get(postcode).map(String::as_str)
    }

    /// Which list a pseudo postcode stands on, without a blank.
    pub fn pseudo_list(&self, postcode: &str) -> Option<PseudoList> {
        self.pseudo.get(postcode).copied()
    }

    /// What kind of care a CDS TYPE CODE is.
    pub fn activity_of_type(&self, cds_type: &str) -> Option<Activity> {
        self.types.get(cds_type.trim()).copied()
    }

    /// What kind of care a point of delivery is.
    pub fn activity(&self, point_of_delivery: &str) -> Option<Activity> {
        let code = point_of_delivery.trim().to_ascii_uppercase();
        self.points.get(&code).copied()
    }
}

/// A postcode as keys are written: capitals without blanks.
pub(crate) fn postcode_key(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_whitespace())
        .map(|letter| letter.to_ascii_uppercase())
        .collect()
}
