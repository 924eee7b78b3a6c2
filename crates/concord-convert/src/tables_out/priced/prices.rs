//! The list of prices.

use std::collections::HashMap;
use std::io::Read;

use concord_model::decimal::Decimal;
use jiff::civil::Date;

use super::lookup::{LookupError, read};
use crate::records::{RecordWriter, Records, Row};

/// A price, and what it is for. What it does not name may be anything.
#[derive(Debug, Clone)]
pub struct Price {
    /// Where it stands in its list, from 1, as people count its lines.
    pub line: u64,
    provider: Option<String>,
    commissioner: Option<String>,
    point_of_delivery: Option<String>,
    tariff_code: Option<String>,
    treatment_function: Option<String>,
    valid_from: Option<Date>,
    valid_to: Option<Date>,
    /// Category of the service, for the line.
    pub service_category: Option<String>,
    /// Service, for a line whose record does not say it.
    pub service_code: Option<String>,
    /// Whether it is a national price: `Y` or `N`.
    pub national: Option<String>,
    /// Pounds for one unit, without the market forces factor.
    pub price: Decimal,
    /// What the price is multiplied by for the cost of the place.
    pub market_forces_factor: Option<Decimal>,
}

/// Prices.
#[derive(Debug, Clone, Default)]
pub struct PriceList {
    prices: Vec<Price>,
    /// Prices by their tariff code; those for any stand under the empty one.
    by_tariff: HashMap<String, Vec<usize>>,
}

/// Why a list cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PriceError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] LookupError),
    /// A header that means nothing.
    #[error("the column `{0}` means nothing in a list of prices; there are {1}")]
    Header(String, String),
    /// Something that is not what its column holds.
    #[error("line {line}: {column} is no {what}")]
    Value {
        /// Line, from 1.
        line: u64,
        /// The column.
        column: &'static str,
        /// What it holds.
        what: &'static str,
    },
    /// A price that is for everything.
    #[error("line {0}: a price must name a tariff code or a point of delivery")]
    Everything(u64),
}

/// Columns of a list.
const COLUMNS: [&str; 12] = [
    "provider",
    "commissioner",
    "point_of_delivery",
    "tariff_code",
    "treatment_function",
    "service_category",
    "service_code",
    "national",
    "price",
    "market_forces_factor",
    "valid_from",
    "valid_to",
];

/// What a price is asked for.
pub(super) struct Asked<'a> {
    pub(super) provider: Option<&'a str>,
    pub(super) commissioner: Option<&'a str>,
    pub(super) point_of_delivery: &'a str,
    pub(super) tariff_code: &'a str,
    pub(super) treatment_function: Option<&'a str>,
    pub(super) day: Date,
}

/// What was found.
pub(super) enum Found<'p> {
    One(&'p Price),
    None,
    /// Two that say as much of the activity, by their lines.
    Several(u64, u64),
}

impl PriceList {
    /// Reads delimited text with a header that names what its columns are: `price`, and any of `provider`, `commissioner`,
    /// `point_of_delivery`, `tariff_code`, `treatment_function`, `service_category`, `service_code`, `national` (`Y` or
    /// `N`), `market_forces_factor` (such as 1.0625), `valid_from` and `valid_to`.
    ///
    /// # Errors
    /// [`PriceError`] when something in it cannot be used.
    pub fn read(input: impl Read) -> Result<Self, PriceError> {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(input);
        let headers = reader.headers().map_err(|error| read(&error))?.clone();
        let mut columns = Vec::new();
        for header in &headers {
            let known = COLUMNS
                .into_iter()
                .find(|column| column.eq_ignore_ascii_case(header));
            let unknown = || PriceError::Header(header.to_owned(), COLUMNS.join(", "));
            columns.push(known.ok_or_else(unknown)?);
        }
        if !columns.contains(&"price") {
            return Err(LookupError::Column("price").into());
        }
        let mut list = Self::default();
        for row in reader.records() {
            let row = row.map_err(|error| read(&error))?;
            let line = row.position().map_or(0, csv::Position::line);
            let cell = |name: &str| {
                let place = columns.iter().position(|column| *column == name)?;
                row.get(place)
                    .filter(|cell| !cell.is_empty())
                    .map(str::to_owned)
            };
            let wrong = |column, what| PriceError::Value { line, column, what };
            let amount = |column: &'static str| {
                let amount = cell(column).map(|text| Decimal::parse(text.as_bytes()));
                amount.transpose().map_err(|_| wrong(column, "number"))
            };
            let day = |column: &'static str| {
                let day = cell(column).map(|text| text.parse::<Date>());
                day.transpose()
                    .map_err(|_| wrong(column, "day (CCYY-MM-DD)"))
            };
            let national = cell("national");
            if national
                .as_deref()
                .is_some_and(|said| said != "Y" && said != "N")
            {
                return Err(wrong("national", "Y or N"));
            }
            list.add(Price {
                line,
                provider: cell("provider"),
                commissioner: cell("commissioner"),
                point_of_delivery: cell("point_of_delivery"),
                tariff_code: cell("tariff_code"),
                treatment_function: cell("treatment_function"),
                valid_from: day("valid_from")?,
                valid_to: day("valid_to")?,
                service_category: cell("service_category"),
                service_code: cell("service_code"),
                national,
                price: amount("price")?.ok_or_else(|| wrong("price", "number"))?,
                market_forces_factor: amount("market_forces_factor")?,
            })?;
        }
        Ok(list)
    }

    fn add(&mut self, price: Price) -> Result<(), PriceError> {
        if price.tariff_code.is_none() && price.point_of_delivery.is_none() {
            return Err(PriceError::Everything(price.line));
        }
        let tariff = price.tariff_code.clone().unwrap_or_default();
        self.by_tariff
            .entry(tariff)
            .or_default()
            .push(self.prices.len());
        self.prices.push(price);
        Ok(())
    }

    /// How many prices there are.
    pub fn len(&self) -> usize {
        self.prices.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.prices.is_empty()
    }

    /// The price that fits and names most.
    pub(super) fn find(&self, asked: &Asked<'_>) -> Found<'_> {
        let (mut best, mut most, mut rival): (Option<&Price>, usize, Option<&Price>) =
            (None, 0, None);
        for tariff in [asked.tariff_code, ""] {
            for number in self.by_tariff.get(tariff).into_iter().flatten() {
                let price = &self.prices[*number];
                let Some(named) = price.fits(asked) else {
                    continue;
                };
                if best.is_none() || named > most {
                    (best, most, rival) = (Some(price), named, None);
                } else if named == most {
                    rival = Some(price);
                }
            }
        }
        match (best, rival) {
            (None, _) => Found::None,
            (Some(price), None) => Found::One(price),
            (Some(price), Some(rival)) => Found::Several(price.line, rival.line),
        }
    }
}

impl Price {
    /// How much of what is asked for the price names; `None` when it is for something else.
    fn fits(&self, asked: &Asked<'_>) -> Option<usize> {
        if self.valid_from.is_some_and(|from| asked.day < from)
            || self.valid_to.is_some_and(|to| asked.day > to)
        {
            return None;
        }
        let pairs = [
            (&self.provider, asked.provider),
            (&self.commissioner, asked.commissioner),
            (&self.point_of_delivery, Some(asked.point_of_delivery)),
            (&self.tariff_code, Some(asked.tariff_code)),
            (&self.treatment_function, asked.treatment_function),
        ];
        let mut named = 0;
        for (own, asked) in pairs {
            if let Some(own) = own {
                if Some(own.as_str()) != asked {
                    return None;
                }
                named += 1;
            }
        }
        Some(named)
    }

    /// A price of a data set of local prices.
    fn of(row: Row<'_>, line: u64) -> Option<Self> {
        let text = |field: &str| row.text(field).map(|text| text.trim().to_owned());
        Some(Self {
            line,
            provider: text("organisation_identifier_code_of_provider"),
            commissioner: text("organisation_identifier_code_of_commissioner"),
            point_of_delivery: text("point_of_delivery_code"),
            tariff_code: text("tariff_code"),
            treatment_function: text("activity_treatment_function_code"),
            valid_from: year(row).map(|(first, _)| first),
            valid_to: year(row).map(|(_, last)| last),
            service_category: text("commissioned_service_category_code"),
            service_code: text("service_code"),
            national: Some("N".to_owned()),
            price: Decimal::parse(text("local_price")?.as_bytes()).ok()?,
            market_forces_factor: None,
        })
    }
}

/// First and last day of a row's financial year.
fn year(row: Row<'_>) -> Option<(Date, Date)> {
    let year =
        concord_model::financial::FinancialYear::parse(row.str("financial_year")?.as_bytes())?;
    let period = year.period();
    Some((period.first, period.last))
}

/// Takes the rows of a data set of local prices.
impl RecordWriter for PriceList {
    fn write(&mut self, records: &Records) -> Result<(), String> {
        for record in records.records() {
            for row in record.rows("local_price") {
                // The header is the first line.
                let line = u64::try_from(record.number).unwrap_or_default() + 1;
                if let Some(price) = Price::of(row, line) {
                    self.add(price).map_err(|error| error.to_string())?;
                }
            }
        }
        Ok(())
    }
}
