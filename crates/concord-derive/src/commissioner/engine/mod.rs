//! Walks the boxes for one record.

mod answers;
mod facts;
mod payer;
mod population;
mod services;

use std::sync::Arc;

use super::case::{Activity, Case, given};
use super::error::Error;
use super::outcome::{Answer, Because, Missing, Outcome, Step};
use super::reference::Reference;
use super::settings::{Excluded, Settings};
use super::table::{DecisionTable, End, Exit};
use facts::Facts;

/// What a population can be found by, as the suffixes of reason codes have it.
pub(super) const BASES: [&str; 5] = [
    "practice",
    "practice-icb",
    "residence",
    "residence-icb",
    "provider",
];

/// The sets of codes that answers look into.
pub(super) const SETS_NEEDED: &[&str] = &[
    "united-kingdom",
    "england",
    "chargeable-categories",
    "private-categories",
    "visitor-categories",
    "unknown-categories",
    "forces-postcodes",
    "island-geographies",
    "not-english-geographies",
    "welsh-boards",
    "border-icbs",
    "border-authorities",
    "no-practice",
    "welsh-groupings",
    "unallocated-postcodes",
    "infertility-diagnoses",
    "infertility-procedures",
    "detained-before-6-3",
    "detained-from-6-3",
    "national-funds",
    "armed-forces-commissioner",
    "standards-from-6-3",
    "standards-before-6-3",
    "deletions",
    "responsible-professionals",
];

/// A fact that is missing, before it is known which box asked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lack {
    key: &'static str,
    what: Because,
}

impl Lack {
    fn of(key: &'static str, what: impl Into<String>) -> Self {
        Self {
            key,
            what: Because::of(what),
        }
    }

    fn at(self, at: &Arc<str>) -> Missing {
        Missing {
            key: self.key,
            at: Arc::clone(at),
            what: self.what,
        }
    }
}

/// An answer and why, or what is missing.
type Answered = Result<(Answer, Because), Lack>;

#[allow(clippy::unnecessary_wraps)] // an answer in the form in which all are given
fn yes(because: Because) -> Answered {
    Ok((Answer::Yes, because))
}

#[allow(clippy::unnecessary_wraps)] // as yes
fn no(because: Because) -> Answered {
    Ok((Answer::No, because))
}

/// Why a record is outside the method, with its reason code and category where some are published.
type OutsideTold = (Because, Option<(String, String)>);

impl DecisionTable {
    /// Says who pays for the activity of one record, and why.
    ///
    /// # Errors
    /// [`Error::Reference`] when reference data could not be read. What the record lacks is no error: it is told in
    /// [`Outcome::undetermined`].
    pub fn derive(
        &self,
        case: &Case<'_>,
        reference: &dyn Reference,
        settings: &Settings,
    ) -> Result<Outcome, Error> {
        let mut outcome = Outcome {
            submitted: given(case.submitted).map(str::to_owned),
            ..Outcome::default()
        };
        let Some(date) = case.assignment_date else {
            let lack = Lack::of("assignment-date", "the day of the activity");
            self.undetermined(&mut outcome, lack, &self.first, (None, None));
            return Ok(outcome);
        };
        if !settings.other_years && !self.covers(date) {
            let lack = Lack::of(
                "other-year",
                format!(
                    "the boxes of another year: these are for {} to {}, and the activity is of {date} (settings: other_years)",
                    self.valid_from, self.valid_to
                ),
            );
            self.undetermined(&mut outcome, lack, &self.first, (None, None));
            return Ok(outcome);
        }
        let facts =
            Facts::look_up(self, case, date, reference, settings).map_err(Error::Reference)?;
        match self.outside(&facts) {
            Ok(None) => {}
            Ok(Some((because, reason))) => {
                if let Some((reason, category)) = reason {
                    outcome.reason_code = Some(reason);
                    outcome.service_category = Some(category);
                }
                outcome.outside = Some(because);
                return Ok(outcome);
            }
            Err(lack) => {
                self.undetermined(&mut outcome, lack, &self.first, (None, None));
                return Ok(outcome);
            }
        }
        outcome.responsible_sub_icb = facts
            .sub_icb_location()
            .ok()
            .map(|of| of.above.code.clone());
        self.walk(&facts, &mut outcome);
        Ok(outcome)
    }

    fn walk(&self, facts: &Facts<'_>, outcome: &mut Outcome) {
        let mut id = &self.first;
        // The table was checked when it was loaded: no way goes round, and every exit is there.
        for _ in 0..=self.boxes.len() {
            let Some(definition) = self.find(id) else {
                return;
            };
            let (answer, because) = match facts.answer(definition) {
                Ok(answered) => answered,
                Err(lack) => {
                    let published = (definition.unknown.as_ref(), definition.category.as_ref());
                    return self.undetermined(outcome, lack, id, published);
                }
            };
            outcome.steps.push(Step {
                id: Arc::clone(&definition.id),
                question: Arc::clone(&definition.question),
                answer,
                because,
            });
            let (on_yes, on_no) = definition.exits(facts.settings.reading);
            let exit = match answer {
                Answer::Yes => on_yes,
                Answer::No => on_no,
            };
            match exit {
                Exit::Box(next) => id = next,
                Exit::End(end) => {
                    if let Some(end) = self.end(end) {
                        self.arrive(facts, end, outcome);
                    }
                    return;
                }
            }
        }
    }

    fn arrive(&self, facts: &Facts<'_>, end: &End, outcome: &mut Outcome) {
        let published = (end.unknown.as_ref(), end.category.as_ref());
        outcome.title = Some(Arc::clone(&end.title));
        match facts.payer(end) {
            Ok(None) => {
                outcome.end = Some(Arc::clone(&end.id));
                if let Some(needs) = &end.needs {
                    let lack = Lack::of("by-hand", needs.as_str());
                    self.undetermined(outcome, lack, &end.id, published);
                }
            }
            Ok(Some(paying)) => {
                outcome.end = Some(Arc::clone(&end.id));
                outcome.service_category.clone_from(&end.category);
                if let (Some(reason), Some(suffix)) = (&end.reason, end.suffixes.get(paying.basis))
                {
                    outcome.reason_code = Some(format!("{}_{reason}_{suffix}", paying.code));
                }
                outcome.commissioner = Some(paying.code);
            }
            Err(lack) => {
                outcome.end = Some(Arc::clone(&end.id));
                self.undetermined(outcome, lack, &end.id, published);
            }
        }
    }

    /// Notes what is missing, with the reason code and category that are published for that, if any.
    fn undetermined(
        &self,
        outcome: &mut Outcome,
        lack: Lack,
        at: &Arc<str>,
        (unknown, category): (Option<&String>, Option<&String>),
    ) {
        let nobody = self.reasons.iter().find(|form| form.of.is_empty());
        outcome.reason_code = unknown.or(nobody.map(|form| &form.suffix)).cloned();
        outcome.service_category = category.filter(|_| unknown.is_some()).cloned();
        outcome.undetermined = Some(lack.at(at));
    }

    /// Whether the method does not speak of the record.
    fn outside(&self, facts: &Facts<'_>) -> Result<Option<OutsideTold>, Lack> {
        let settings = facts.settings;
        let left_out = |setting| setting == Excluded::LeaveOut;
        let told = |because: &str| Ok(Some((Because::of(because), None)));
        match facts.case.activity {
            None => return Err(Lack::of("activity", "what kind of care it is")),
            Some(Activity::Drug) if left_out(settings.drugs_and_devices) => {
                return told("lines of high cost drugs are left out");
            }
            Some(Activity::Device) if left_out(settings.drugs_and_devices) => {
                return told("lines of high cost devices are left out");
            }
            Some(Activity::Other) if left_out(settings.other_activity) => {
                return told("it is neither emergency, admitted nor outpatient care");
            }
            Some(_) => {}
        }
        if let Some(category) = given(facts.case.service_category)
            && facts.holds("national-funds", category)
            && left_out(settings.national_funds)
        {
            let because = format!(
                "lines of service category {category}, which are funded nationally, are left out"
            );
            return told(&because);
        }
        if let Some(service) = facts.listed
            && service.mental_health
            && left_out(settings.mental_health)
        {
            let (kind, outside) = if facts.is_green() {
                ("a delegated service", &self.outside.delegated)
            } else {
                (
                    "a service that is not delegated",
                    &self.outside.not_delegated,
                )
            };
            return Ok(Some((
                Because::of(format!("{kind} of mental health is outside the boxes")),
                Some((outside.reason.clone(), outside.category.clone())),
            )));
        }
        Ok(None)
    }
}
