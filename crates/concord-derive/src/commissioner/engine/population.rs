//! The sub-ICB location that is responsible for a patient: by the practice, else by residence, else by where the provider is.

use super::Lack;
use super::facts::{Facts, Home, directory, organisations};
use crate::commissioner::outcome::Because;
use crate::commissioner::reference::{Organisation, Postcode};
use crate::commissioner::table::SubIcb;

/// Who is responsible, and what that was found by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Population<'a> {
    /// The sub-ICB location; when only the board is known, one of the board.
    pub(super) above: &'a SubIcb,
    /// One of [`BASES`](super::BASES).
    pub(super) basis: &'static str,
}

impl<'a> Facts<'a> {
    /// The responsible sub-ICB location.
    pub(super) fn sub_icb_location(&self) -> Result<Population<'a>, Lack> {
        self.population(false)
    }

    /// The responsible sub-ICB location, or its board where no more is known: enough to find hub and region.
    pub(super) fn board(&self) -> Result<Population<'a>, Lack> {
        self.population(true)
    }

    fn population(&self, board_is_enough: bool) -> Result<Population<'a>, Lack> {
        let mut lacks = Vec::new();
        let mut found = |result: Result<Population<'a>, Lack>| match result {
            Ok(population) => Some(population),
            Err(lack) => {
                lacks.push(lack);
                None
            }
        };
        let population = found(self.by_practice(board_is_enough))
            .or_else(|| found(self.by_residence(board_is_enough)))
            .or_else(|| found(self.by_provider()));
        population.ok_or_else(|| {
            // What a table of the user's or an import would mend is the most useful to hear.
            let curable = lacks
                .iter()
                .find(|lack| ["areas", "organisations", "postcode-directory"].contains(&lack.key));
            let key = curable.map_or("responsible-sub-icb", |lack| lack.key);
            let mut what = Because::of("any of these, to find the responsible sub-ICB location: ");
            for (number, lack) in lacks.into_iter().enumerate() {
                if number > 0 {
                    what = what.and("; ");
                }
                what.0.extend(lack.what.0);
            }
            Lack { key, what }
        })
    }

    /// The practice, when its status, grouping and code let it decide.
    pub(super) fn deciding_practice(&self) -> Result<&Organisation<'a>, Lack> {
        let Some(code) = self.practice_code else {
            return Err(Lack::of("practice", "the practice"));
        };
        if self.holds("no-practice", code) {
            return Err(Lack::of(
                "practice",
                format!("a practice ({code} stands for none)"),
            ));
        }
        let Some(practice) = &self.practice else {
            return Err(if self.reference.has_organisations() {
                Lack::of("practice", format!("practice {code} in reference data"))
            } else {
                organisations()
            });
        };
        if !practice.is_in_force() {
            return Err(Lack::of(
                "practice",
                format!("a practice in force ({code} was not on {})", self.date),
            ));
        }
        if practice.national_grouping.is_empty() {
            return Err(Lack::of(
                "practice",
                format!("the national grouping of practice {code}"),
            ));
        }
        if self.holds("welsh-groupings", practice.national_grouping) {
            return Err(Lack::of(
                "practice",
                format!("an English practice ({code} is a Welsh one)"),
            ));
        }
        Ok(practice)
    }

    fn by_practice(&self, board_is_enough: bool) -> Result<Population<'a>, Lack> {
        let practice = self.deciding_practice()?;
        if let Some(above) = self.table.sub_icb(practice.commissioner, self.date) {
            return Ok(Population {
                above,
                basis: "practice",
            });
        }
        if board_is_enough && let Some(above) = self.table.icb(practice.geography, self.date) {
            return Ok(Population {
                above,
                basis: "practice-icb",
            });
        }
        let commissioner = match practice.commissioner {
            "" => "nobody",
            code => code,
        };
        Err(Lack::of(
            "practice",
            format!(
                "a sub-ICB location of practice {} ({commissioner} commissioned it on {})",
                practice.code, self.date
            ),
        ))
    }

    fn by_residence(&self, board_is_enough: bool) -> Result<Population<'a>, Lack> {
        let place = match &self.home {
            Home::Known(place) if self.holds("england", place.country) => place,
            Home::Unknown if !self.reference.has_postcodes() => return Err(directory()),
            _ => return Err(Lack::of("postcode", "a postcode in England")),
        };
        let sub_icb = self.of_place(place);
        match sub_icb {
            Ok(above) => Ok(Population {
                above,
                basis: "residence",
            }),
            Err(lack) if board_is_enough => {
                let above = self
                    .area(place.icb)
                    .ok()
                    .and_then(|icb| self.table.icb(icb, self.date));
                above.map_or(Err(lack), |above| {
                    Ok(Population {
                        above,
                        basis: "residence-icb",
                    })
                })
            }
            Err(lack) => Err(lack),
        }
    }

    pub(super) fn by_provider(&self) -> Result<Population<'a>, Lack> {
        Ok(Population {
            above: self.of_place(self.host()?)?,
            basis: "provider",
        })
    }

    /// The sub-ICB location of a place.
    fn of_place(&self, place: &Postcode<'a>) -> Result<&'a SubIcb, Lack> {
        let code = self.area(place.sub_icb)?;
        self.table.sub_icb(code, self.date).ok_or_else(|| {
            let what = match code {
                "" => "the sub-ICB location of the postcode".to_owned(),
                code => format!(
                    "sub-ICB location {code} in the look-ups as on {}",
                    self.date
                ),
            };
            Lack::of("sub-icb", what)
        })
    }
}
