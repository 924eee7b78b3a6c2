//! What all rows of a sample share: provider, year and month, the lists that codes are drawn from.

use concord_model::financial::{FinancialMonth, FinancialYear};
use concord_standards::definition::Definition;
use jiff::civil::Date;

use super::TableSampleError;
use crate::Dice;

/// Which of the contract monitoring data sets a standard is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Feed {
    /// Activity and price, planned and actual.
    Aggregate,
    /// Activity of each patient.
    Patients,
    /// High cost drugs of each patient.
    Drugs,
    /// High cost devices of each patient.
    Devices,
    /// A plan.
    Plan,
    /// Prices that were agreed.
    Prices,
    /// A table that nothing else is known of.
    Other,
}

impl Feed {
    pub(crate) fn of(id: &str) -> Self {
        match id {
            "acm" => Self::Aggregate,
            "plcm" => Self::Patients,
            "drplcm" => Self::Drugs,
            "deplcm" => Self::Devices,
            "iap" => Self::Plan,
            "local-prices" => Self::Prices,
            _ => Self::Other,
        }
    }

    /// Whether its rows are about patients.
    pub(crate) fn has_patients(self) -> bool {
        matches!(self, Self::Patients | Self::Drugs | Self::Devices)
    }
}

/// Codes of organisations. They exist, in the reference data that the tests of this repository use.
const PROVIDERS: [&str; 3] = ["R0A", "R0B", "RWR"];
pub(crate) const COMMISSIONERS: [&str; 4] = ["16C", "01H", "00M", "QOP"];
pub(crate) const PRACTICES: [&str; 8] = [
    "A81633", "A82013", "A82026", "A82048", "A82058", "A82063", "V81997", "V81999",
];
pub(crate) const RESPONSIBLE: [&str; 4] = ["16C", "01H", "00M", "Q99"];

/// Healthcare resource groups that are used.
pub(crate) const GROUPS: [&str; 12] = [
    "AA22C", "EB07A", "EB07E", "FD05A", "FD05B", "HN22A", "HN22E", "LA08A", "LA08E", "MA01Z",
    "MA03C", "MA07D",
];

/// What a point of delivery is, as far as rows differ by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// A stay in hospital.
    Stay,
    /// An attendance of an outpatient.
    Attendance,
    /// An attendance in an emergency.
    Emergency,
    /// Charged beside an episode.
    Unbundled,
    /// Activity of another kind.
    Activity,
    /// What has a local price and no healthcare resource group.
    Local,
    /// No activity: a payment.
    Payment,
}

/// Points of delivery that are used, with what they are and how often they come.
const DELIVERIES: [(&str, Delivery, u64); 17] = [
    ("EL", Delivery::Stay, 14),
    ("DC", Delivery::Stay, 12),
    ("NEL", Delivery::Stay, 12),
    ("NELST", Delivery::Stay, 5),
    ("OPFASPCL", Delivery::Attendance, 10),
    ("OPFUPSPCL", Delivery::Attendance, 10),
    ("OPPROC", Delivery::Attendance, 6),
    ("AE", Delivery::Emergency, 9),
    ("UNBRAD", Delivery::Unbundled, 4),
    ("ELXBD", Delivery::Activity, 3),
    ("OTHER", Delivery::Local, 3),
    ("BLOCK", Delivery::Payment, 3),
    ("CQUIN", Delivery::Payment, 3),
    ("ADJUSTMENT", Delivery::Payment, 2),
    ("NAOTHER", Delivery::Payment, 1),
    ("DRUG", Delivery::Payment, 3),
    ("DEVICE", Delivery::Payment, 2),
];

/// Codes that rows are drawn from.
#[derive(Debug, Clone)]
pub(crate) struct Palette {
    pub(crate) deliveries: Vec<(&'static str, Delivery, u64)>,
    pub(crate) services: Vec<String>,
    pub(crate) functions: Vec<String>,
    pub(crate) categories: Vec<String>,
}

impl Palette {
    /// What a standard permits; `small` keeps to a few, so that many rows share them.
    fn new(definition: &Definition, feed: Feed, small: bool) -> Self {
        let only = |wanted: &'static str| vec![(wanted, Delivery::Payment, 1)];
        let mut deliveries = match feed {
            Feed::Drugs => only("DRUG"),
            Feed::Devices => only("DEVICE"),
            Feed::Patients => DELIVERIES
                .into_iter()
                .filter(|(_, kind, _)| *kind != Delivery::Payment)
                .collect(),
            _ => DELIVERIES.to_vec(),
        };
        if let Some(list) = definition.code_lists.get("point-of-delivery") {
            deliveries.retain(|(code, ..)| list.get(code).is_some());
        }
        let codes = |names: &[&str], most: usize| -> Vec<String> {
            let list = names
                .iter()
                .find_map(|name| definition.code_lists.get(*name));
            list.map_or_else(Vec::new, |list| {
                let in_use = list
                    .codes
                    .iter()
                    .filter(|code| code.valid_from.is_empty() && code.valid_to.is_empty());
                in_use
                    .take(if small { most } else { usize::MAX })
                    .map(|code| code.code.to_string())
                    .collect()
            })
        };
        Self {
            deliveries,
            services: codes(&["service-code"], 4),
            functions: codes(&["treatment-function"], 3),
            categories: codes(&["commissioned-service-category"], 3),
        }
    }
}

/// What all rows of a sample share.
#[derive(Debug, Clone)]
pub(crate) struct Submission {
    pub(crate) feed: Feed,
    pub(crate) provider: &'static str,
    pub(crate) year: FinancialYear,
    pub(crate) month: FinancialMonth,
    /// First and last day of the month.
    pub(crate) first: Date,
    pub(crate) last: Date,
    /// `CCYY-MM-DDThh:mm:ss`
    pub(crate) created: String,
    pub(crate) created_on: Date,
    pub(crate) palette: Palette,
    /// Whether rows are to add up with those of the other data sets.
    pub(crate) in_set: bool,
}

impl Submission {
    pub(crate) fn new(
        definition: &Definition,
        year: Option<FinancialYear>,
        seed: u64,
        in_set: bool,
    ) -> Result<Self, TableSampleError> {
        let feed = Feed::of(&definition.standard.id);
        // Files of one set share the provider, the year and the month.
        let mut dice = Dice::part(seed, u64::MAX);
        let year = match year {
            Some(year) => year,
            None => default_year(definition)?,
        };
        // Not the first month, so that a row of an earlier one can slip in.
        let number = dice.between(2, 12);
        let month = i8::try_from(number)
            .ok()
            .and_then(FinancialMonth::new)
            .ok_or(TableSampleError::Year)?;
        let period = month.period(year);
        let created_on = period
            .last
            .checked_add(jiff::Span::new().days(dice.between(10, 18)))
            .map_err(|_| TableSampleError::Year)?;
        let created = format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            created_on.year(),
            created_on.month(),
            created_on.day(),
            dice.between(8, 17),
            dice.between(0, 58),
            dice.between(0, 59)
        );
        let at = dice.index(PROVIDERS.len());
        Ok(Self {
            feed,
            provider: PROVIDERS[at],
            year,
            month,
            first: period.first,
            last: period.last,
            created,
            created_on,
            palette: Palette::new(definition, feed, in_set),
            in_set,
        })
    }
}

/// The year in which a standard came into force, or 2025/26.
fn default_year(definition: &Definition) -> Result<FinancialYear, TableSampleError> {
    let from = definition.standard.effective_from.as_deref();
    let start = from
        .and_then(|day| day.get(..4)?.parse().ok())
        .unwrap_or(2025);
    FinancialYear::starting(start).ok_or(TableSampleError::Year)
}
