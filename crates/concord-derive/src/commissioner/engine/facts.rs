//! What a record says, looked up once in reference data and in the table's own lists.

use jiff::civil::Date;

use super::Lack;
use crate::commissioner::case::{Case, given};
use crate::commissioner::outcome::Because;
use crate::commissioner::reference::{Organisation, Postcode, Reference, ReferenceError};
use crate::commissioner::settings::{Settings, Succession, Unallocated, UnknownPostcode};
use crate::commissioner::table::{DecisionTable, PseudoList, ServiceCode, postcode_key};

/// Where the patient lives, as far as the record says.
#[derive(Debug, Clone, Copy)]
pub(super) enum Home<'a> {
    /// Nothing is said.
    Missing,
    /// A pseudo postcode in whose place the provider's site is taken.
    Unallocated,
    /// Another pseudo postcode.
    Pseudo(Option<PseudoList>),
    /// A post office of the forces.
    Forces,
    /// A place of the directory.
    Known(Postcode<'a>),
    /// The directory does not have it.
    Unknown,
}

pub(super) struct Facts<'a> {
    pub(super) table: &'a DecisionTable,
    pub(super) case: &'a Case<'a>,
    pub(super) settings: &'a Settings,
    pub(super) reference: &'a dyn Reference,
    /// The assignment date.
    pub(super) date: Date,
    pub(super) practice_code: Option<&'a str>,
    pub(super) practice: Option<Organisation<'a>>,
    /// The place of a practice of the armed forces.
    pub(super) practice_place: Option<Postcode<'a>>,
    pub(super) provider_code: Option<&'a str>,
    pub(super) provider: Option<Organisation<'a>>,
    /// The place of the provider's main site.
    pub(super) provider_place: Option<Postcode<'a>>,
    /// The postcode of usual address, as keys are written.
    pub(super) postcode: Option<String>,
    pub(super) home: Home<'a>,
    pub(super) service: Option<&'a str>,
    /// What the list of services says of it.
    pub(super) listed: Option<&'a ServiceCode>,
}

impl<'a> Facts<'a> {
    pub(super) fn look_up(
        table: &'a DecisionTable,
        case: &'a Case<'a>,
        date: Date,
        reference: &'a dyn Reference,
        settings: &'a Settings,
    ) -> Result<Self, ReferenceError> {
        let registered = case.registration_date.unwrap_or(date);
        let practice_code = given(case.practice);
        let mut practice = practice_code
            .map(|code| reference.organisation(code, date))
            .transpose()?
            .flatten();
        if let Some(closed) =
            practice.filter(|known| !known.is_in_force() && !known.successor.is_empty())
            && settings.closed_practice == Succession::Follow
        {
            practice = reference.organisation(closed.successor, date)?.or(practice);
        }
        let provider_code = given(case.provider);
        let provider = match provider_code {
            Some(code) => provider(reference, code, date)?,
            None => None,
        };
        let provider_place = match provider.filter(|known| !known.postcode.is_empty()) {
            Some(known) => reference.postcode(&postcode_key(known.postcode), date)?,
            None => None,
        };
        let postcode = given(case.postcode).map(postcode_key);
        let service = given(case.service);
        let mut facts = Self {
            table,
            case,
            settings,
            reference,
            date,
            practice_code,
            practice,
            practice_place: None,
            provider_code,
            provider,
            provider_place,
            postcode,
            home: Home::Missing,
            service,
            listed: service.and_then(|code| table.service(code, date)),
        };
        facts.home = facts.find_home(registered)?;
        if let Some(known) = practice
            && facts.holds("armed-forces-commissioner", known.commissioner)
        {
            facts.practice_place = reference.postcode(&postcode_key(known.postcode), date)?;
        }
        Ok(facts)
    }

    fn find_home(&self, registered: Date) -> Result<Home<'a>, ReferenceError> {
        let Some(postcode) = &self.postcode else {
            return Ok(Home::Missing);
        };
        if self.holds("unallocated-postcodes", postcode) {
            return Ok(Home::Unallocated);
        }
        if postcode.starts_with("ZZ99") {
            return Ok(Home::Pseudo(self.table.pseudo_list(postcode)));
        }
        if self.holds("forces-postcodes", postcode) && postcode.len() == 6 {
            return Ok(Home::Forces);
        }
        Ok(match self.reference.postcode(postcode, registered)? {
            Some(place) => Home::Known(place),
            None => Home::Unknown,
        })
    }

    /// Whether a code is in one of the table's sets.
    pub(super) fn holds(&self, set: &str, code: &str) -> bool {
        self.table.set(set).is_some_and(|set| set.holds(code))
    }

    /// The code of the Organisation Data Service for an area, when the directory has that of the Office for National Statistics.
    pub(super) fn area<'c>(&'c self, code: &'c str) -> Result<&'c str, Lack> {
        let bytes = code.as_bytes();
        let statistical = bytes.len() == 9
            && bytes[0].is_ascii_alphabetic()
            && bytes[1..].iter().all(u8::is_ascii_digit);
        if !statistical {
            return Ok(code);
        }
        let known = self
            .settings
            .areas
            .as_ref()
            .and_then(|areas| areas.get(code));
        known.map(String::as_str).ok_or_else(|| {
            Lack::of(
                "areas",
                format!("the code of the Organisation Data Service for area {code}, which the postcode directory writes with a code of the Office for National Statistics (settings: files.areas)"),
            )
        })
    }

    /// The place of the provider's main site.
    pub(super) fn host(&self) -> Result<&Postcode<'a>, Lack> {
        if let Some(place) = &self.provider_place {
            return Ok(place);
        }
        let Some(code) = self.provider_code else {
            return Err(Lack::of("provider", "the provider"));
        };
        Err(match self.provider {
            None if !self.reference.has_organisations() => organisations(),
            None => Lack::of("provider", format!("provider {code} in reference data")),
            Some(_) if !self.reference.has_postcodes() => directory(),
            Some(known) if known.postcode.is_empty() => {
                Lack::of("provider", format!("the postcode of provider {code}"))
            }
            Some(known) => Lack::of(
                "provider",
                format!(
                    "postcode {} of provider {code} in the postcode directory",
                    known.postcode
                ),
            ),
        })
    }

    /// The country in which the patient lives, and how that is known; an empty code for one that is not of the United Kingdom.
    pub(super) fn country(&self) -> Result<(&str, Because), Lack> {
        match self.home {
            Home::Known(place) => Ok((
                place.country,
                self.of_postcode(&format!(" lies in {}", named(place.country))),
            )),
            Home::Missing => self.country_of_provider(Because::of("there is no postcode")),
            Home::Unallocated => self.country_of_provider(self.of_postcode(" stands for no place")),
            Home::Pseudo(_) => Ok((
                "",
                self.of_postcode(" stands for a place outside the United Kingdom"),
            )),
            Home::Forces => Ok(("", self.of_postcode(" is one of the forces' post offices"))),
            Home::Unknown if !self.reference.has_postcodes() => Err(directory()),
            Home::Unknown => match self.settings.unknown_postcode {
                UnknownPostcode::Undetermined => Err(Lack {
                    key: "postcode",
                    what: Because::of("postcode ")
                        .personal(self.postcode.as_deref().unwrap_or_default())
                        .and(" in the postcode directory"),
                }),
                UnknownPostcode::ProviderSite => {
                    self.country_of_provider(self.of_postcode(" is not in the postcode directory"))
                }
                UnknownPostcode::NotResident => {
                    Ok(("", self.of_postcode(" is not in the postcode directory")))
                }
            },
        }
    }

    fn country_of_provider(&self, because: Because) -> Result<(&str, Because), Lack> {
        match self.settings.unallocated_postcode {
            Unallocated::England => {
                let england = self.table.set("england").and_then(|set| set.codes.first());
                Ok((
                    england.map_or("", String::as_str),
                    because.and(", which counts as England"),
                ))
            }
            Unallocated::ProviderSite => {
                let country = self.host()?.country;
                Ok((
                    country,
                    because.and(format!(
                        ", and the provider's main site lies in {}",
                        named(country)
                    )),
                ))
            }
        }
    }

    /// `postcode LA9•••` and what is said of it.
    pub(super) fn of_postcode(&self, words: &str) -> Because {
        Because::of("postcode ")
            .personal(self.postcode.as_deref().unwrap_or_default())
            .and(words)
    }
}

/// A provider by its code, which SUS fills with `00`.
fn provider<'a>(
    reference: &'a dyn Reference,
    code: &str,
    date: Date,
) -> Result<Option<Organisation<'a>>, ReferenceError> {
    let known = reference.organisation(code, date)?;
    match code.strip_suffix("00") {
        Some(short) if known.is_none() && short.len() == 3 => reference.organisation(short, date),
        _ => Ok(known),
    }
}

pub(super) fn organisations() -> Lack {
    Lack::of(
        "organisations",
        "organisations in reference data (concord reference import epraccur.csv etr.csv, or a file of TRUD)",
    )
}

pub(super) fn directory() -> Lack {
    Lack::of(
        "postcode-directory",
        "a postcode directory in reference data (concord reference import, with NHSPD or ONSPD)",
    )
}

fn named(country: &str) -> &str {
    match country.as_bytes().first() {
        Some(b'E') => "England",
        Some(b'W') => "Wales",
        Some(b'S') => "Scotland",
        Some(b'N') => "Northern Ireland",
        _ => "no country of the United Kingdom",
    }
}
