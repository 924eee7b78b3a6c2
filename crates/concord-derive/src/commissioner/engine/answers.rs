//! Answers about people and places.

use super::facts::{Facts, Home, directory};
use super::{Answered, Lack, no, yes};
use crate::commissioner::case::{Activity, CodesOf, given};
use crate::commissioner::outcome::{Answer, Because};
use crate::commissioner::settings::{AdmissionSource, ChargingUnknown, YesNo};
use crate::commissioner::table::{BoxDefinition, PseudoList, Test, postcode_key};

impl Facts<'_> {
    /// The answer to a box.
    pub(super) fn answer(&self, definition: &BoxDefinition) -> Answered {
        let reading = definition.readings.get(&self.settings.reading);
        let test = reading
            .and_then(|other| other.test)
            .unwrap_or(definition.test);
        match test {
            Test::EmergencyCare => self.emergency_care(),
            Test::LivesInEngland => self.lives_in_england(),
            Test::ChargeableOrPrivate => self.chargeable_or_private(),
            Test::OrdinarilyResident => self.ordinarily_resident(),
            Test::AreaOfFreeAccess => self.area_of_free_access(),
            Test::ByHand => self.by_hand(definition),
            Test::RegisteredPopulation => Ok(self.registered_population()),
            Test::WelshPracticeAtBorder => self.welsh_practice_at_border(),
            Test::EnglishPracticeAtBorder => self.english_practice_at_border(),
            Test::ResidentInEngland => self.resident_in_england(),
            Test::Detained => self.detained(),
            Test::ArmedForcesPractice => Ok(self.armed_forces_practice()),
            Test::HighlySpecialised => self.highly_specialised(),
            Test::Specialised => self.specialised(),
            Test::ServiceBefore1991 => self.service_before_1991(definition),
            Test::InScopeForDelegation => self.in_scope_for_delegation(),
            Test::OnListOfServices => self.on_list_of_services(),
            Test::DelegatedService => self.delegated_service(),
            Test::ContractedProvider => self.contracted_provider(definition),
            Test::TreatmentFunction => Ok(self.treatment_function(definition)),
            Test::PublicHealth => self.public_health(),
            Test::LocalAuthorityService => Ok(self.local_authority_service()),
            Test::Infertility => Ok(self.infertility()),
            Test::AgreementSigned => self.agreement_signed(),
        }
    }

    fn emergency_care(&self) -> Answered {
        let because = |words| Because::of(words);
        match self.case.activity {
            Some(Activity::Emergency) => yes(because("it is emergency care")),
            Some(Activity::Admitted) => no(because("it is admitted patient care")),
            Some(Activity::Outpatient) => no(because("it is outpatient care")),
            Some(_) => no(because(
                "it is other activity, which the settings put through the boxes",
            )),
            None => Err(Lack::of("activity", "what kind of care it is")),
        }
    }

    fn lives_in_england(&self) -> Answered {
        if let (Answer::Yes, because) = self.armed_forces_practice() {
            return yes(because);
        }
        self.resident_in_england()
    }

    fn resident_in_england(&self) -> Answered {
        let (country, because) = self.country()?;
        let answer = self.holds("england", country);
        if answer { yes(because) } else { no(because) }
    }

    fn chargeable_or_private(&self) -> Answered {
        let charging = given(self.case.overseas_visitor_charging_category);
        let administrative = given(self.case.administrative_category);
        if let Some(code) = charging.filter(|code| self.holds("chargeable-categories", code)) {
            return yes(Because::of(format!("the charging category is {code}")));
        }
        if let Some(code) = administrative.filter(|code| self.holds("private-categories", code)) {
            return yes(Because::of(format!(
                "the administrative category is {code}"
            )));
        }
        let said = |name: &str, code: Option<&str>| match code {
            Some(code) => format!("the {name} category is {code}"),
            None => format!("there is no {name} category"),
        };
        no(Because::of(format!(
            "{} and {}",
            said("charging", charging),
            said("administrative", administrative)
        )))
    }

    fn ordinarily_resident(&self) -> Answered {
        match given(self.case.overseas_visitor_charging_category) {
            Some(code) if self.holds("visitor-categories", code) => {
                return no(Because::of(format!("the charging category is {code}")));
            }
            code if self.settings.unknown_charging_category == ChargingUnknown::Undetermined
                && code.is_none_or(|code| self.holds("unknown-categories", code)) =>
            {
                return Err(Lack::of(
                    "charging-category",
                    "the overseas visitor charging category",
                ));
            }
            _ => {}
        }
        if let Some(practice) = self
            .practice
            .filter(crate::commissioner::Organisation::is_in_force)
        {
            let postcode = postcode_key(practice.postcode);
            if self.holds("forces-postcodes", &postcode) && postcode.len() == 6 {
                return no(Because::of(format!(
                    "practice {} has the postcode of a forces' post office",
                    practice.code
                )));
            }
            if self.holds("island-geographies", practice.geography) {
                return no(Because::of(format!(
                    "practice {} is in {}, outside the United Kingdom",
                    practice.code, practice.geography
                )));
            }
        }
        let (country, because) = self.country()?;
        let answer = self.holds("united-kingdom", country);
        if answer { yes(because) } else { no(because) }
    }

    fn area_of_free_access(&self) -> Answered {
        match self.home {
            Home::Pseudo(Some(PseudoList::Eea)) => yes(self
                .of_postcode(" stands for a country of the European Economic Area or Switzerland")),
            Home::Missing => no(Because::of("there is no postcode")),
            _ => no(self.of_postcode(" stands for no country of the European Economic Area")),
        }
    }

    fn by_hand(&self, definition: &BoxDefinition) -> Answered {
        let because = || Because::of("the settings say so");
        match self.settings.answers.get(&*definition.id) {
            Some(YesNo::Yes) => yes(because()),
            Some(YesNo::No) => no(because()),
            None => Err(Lack::of(
                "by-hand",
                format!(
                    "{} (settings: answers.\"{}\")",
                    definition.needs.as_deref().unwrap_or("an answer by hand"),
                    definition.id
                ),
            )),
        }
    }

    fn registered_population(&self) -> (Answer, Because) {
        match self.deciding_practice() {
            Ok(practice) => (
                Answer::Yes,
                Because::of(format!(
                    "practice {} was in force on {} with national grouping {}",
                    practice.code, self.date, practice.national_grouping
                )),
            ),
            Err(lack) => (Answer::No, Because::of("it would take ").and_all(lack.what)),
        }
    }

    /// Whether the home lies in the border area; what is missing to say so.
    fn at_border(&self) -> Result<bool, Lack> {
        let place = match &self.home {
            Home::Known(place) => place,
            Home::Unknown if !self.reference.has_postcodes() => return Err(directory()),
            _ => return Ok(false),
        };
        if self.holds("border-authorities", place.local_authority) {
            return Ok(true);
        }
        // Only England has boards; elsewhere a directory has other codes in their place.
        if !self.holds("england", place.country) {
            return Ok(false);
        }
        Ok(self.holds("border-icbs", self.area(place.icb)?))
    }

    pub(super) fn welsh_practice_at_border(&self) -> Answered {
        let welsh = self
            .practice
            .filter(|practice| self.holds("welsh-boards", practice.commissioner));
        let Some(practice) = welsh else {
            return no(Because::of(match (self.practice_code, self.practice) {
                (None, _) => "there is no practice".to_owned(),
                (Some(code), None) => format!("practice {code} is not known as a Welsh one"),
                (Some(code), Some(known)) => {
                    format!(
                        "practice {code} is commissioned by {}",
                        or_nobody(known.commissioner)
                    )
                }
            }));
        };
        let board = format!(
            "practice {} is commissioned by {}",
            practice.code, practice.commissioner
        );
        if self.at_border()? {
            yes(Because::of(board).and(" and the postcode lies in the border area"))
        } else {
            no(Because::of(board).and(", but the postcode does not lie in the border area"))
        }
    }

    fn english_practice_at_border(&self) -> Answered {
        let english = self.practice.filter(|practice| {
            practice.is_in_force() && !self.holds("not-english-geographies", practice.geography)
        });
        let Some(practice) = english else {
            return no(Because::of(match self.practice_code {
                None => "there is no practice".to_owned(),
                Some(code) => format!(
                    "practice {code} is no English practice in force on {}",
                    self.date
                ),
            }));
        };
        if self.at_border()? {
            yes(Because::of(format!(
                "practice {} is an English one and the postcode lies in the border area",
                practice.code
            )))
        } else {
            no(Because::of("the postcode does not lie in the border area"))
        }
    }

    fn detained(&self) -> Answered {
        let admitted = match self.case.activity {
            Some(Activity::Admitted) => true,
            Some(Activity::Outpatient) => false,
            _ => {
                return no(Because::of(
                    "only admitted and outpatient care is looked at",
                ));
            }
        };
        let place = self.postcode.as_deref();
        if place
            .and_then(|postcode| self.table.detention_hub(postcode))
            .is_none()
        {
            return no(match place {
                None => Because::of("there is no postcode"),
                Some(_) => self.of_postcode(" is no place of detention"),
            });
        }
        let at_place = self.of_postcode(" is a place of detention");
        if !admitted {
            return yes(at_place);
        }
        let Some(source) = given(self.case.source_of_admission) else {
            return Err(Lack::of("source-of-admission", "the source of admission"));
        };
        let (before, from) = match (
            self.settings.admission_source,
            self.case.source_of_admission_codes,
        ) {
            (AdmissionSource::ThirtyNine, _)
            | (AdmissionSource::ByVersion, Some(CodesOf::Before63)) => (true, false),
            (AdmissionSource::Forty, _) | (AdmissionSource::ByVersion, Some(CodesOf::From63)) => {
                (false, true)
            }
            (AdmissionSource::Either, _) | (AdmissionSource::ByVersion, None) => (true, true),
        };
        let detained = (before && self.holds("detained-before-6-3", source))
            || (from && self.holds("detained-from-6-3", source));
        if detained {
            yes(at_place.and(format!(" and the source of admission is {source}")))
        } else {
            no(at_place.and(format!(", but the source of admission is {source}")))
        }
    }

    /// Whether the practice is one of Defence Medical Services in England: commissioned by 13Q, in force, in England. Where
    /// reference data do not know the practice, or not where it is, the table's own list of them says so.
    fn armed_forces_practice(&self) -> (Answer, Because) {
        let Some(code) = self.practice_code else {
            return (Answer::No, Because::of("there is no practice"));
        };
        let listed = self.table.armed_forces_practice(code);
        let forces = match self.practice {
            Some(known) => {
                self.holds("armed-forces-commissioner", known.commissioner)
                    && known.is_in_force()
                    && self.practice_place.map_or(listed.is_some(), |place| {
                        self.holds("england", place.country)
                    })
            }
            None => listed.is_some_and(|listed| listed.period.holds(self.date)),
        };
        if forces {
            (
                Answer::Yes,
                Because::of(format!(
                    "practice {code} is one of Defence Medical Services in England"
                )),
            )
        } else {
            (
                Answer::No,
                Because::of(format!(
                    "practice {code} is none of Defence Medical Services in England on {}",
                    self.date
                )),
            )
        }
    }
}

fn or_nobody(code: &str) -> &str {
    if code.is_empty() {
        "nobody that is known"
    } else {
        code
    }
}
