//! The look-ups: CSV files, each row with its source.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::postcode_key;
use crate::commissioner::case::Activity;
use crate::commissioner::error::Error;

pub(super) const SUB_ICBS: &str = "sub-icbs.csv";
pub(super) const SERVICES: &str = "service-codes.csv";
pub(super) const ARMED_FORCES: &str = "armed-forces-practices.csv";
pub(super) const DETENTION: &str = "detention-postcodes.csv";
pub(super) const PSEUDO: &str = "pseudo-postcodes.csv";
pub(super) const POINTS: &str = "points-of-delivery.csv";
pub(super) const TYPES: &str = "cds-types.csv";
pub(super) const REASONS: &str = "reason-codes.csv";

/// First and last day; open where none is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
}

impl Period {
    /// Whether a day is in it. First and last day count.
    pub fn holds(&self, date: Date) -> bool {
        self.from.is_none_or(|from| from <= date) && self.to.is_none_or(|to| date <= to)
    }
}

/// A sub-ICB location and who is above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubIcb {
    /// Its code.
    pub code: String,
    /// The integrated care board.
    pub icb: String,
    /// The specialised commissioning hub.
    pub hub: String,
    /// The NHS England region, which commissions public health.
    pub region: String,
    /// The health and justice hub.
    pub justice_hub: String,
    /// From when the board had signed the delegation agreement.
    pub delegated_from: Option<Date>,
    /// When this holds.
    pub period: Period,
}

/// What a service code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceKind {
    /// A prescribed specialised service.
    Specialised,
    /// Public health under section 7a.
    PublicHealth,
    /// Secondary dental care.
    Dental,
    /// Health and justice.
    Justice,
    /// The armed forces.
    ArmedForces,
    /// The Cancer Drugs Fund.
    CancerDrugs,
    /// Hepatitis C.
    HepatitisC,
    /// The Innovative Medicines Fund.
    InnovativeMedicines,
    /// What a rule identified and local commissioners pay for.
    Local,
    /// Not commissioned by NHS England.
    NotDirect,
}

/// How far a service is delegated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Delegation {
    /// Suitable and ready.
    Green,
    /// Suitable, not ready.
    Amber,
    /// Not suitable.
    Red,
    /// No service by itself: top-ups, networks.
    Blue,
}

/// A service code in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceCode {
    /// What it is for.
    pub kind: ServiceKind,
    /// How far it is delegated.
    pub delegation: Option<Delegation>,
    /// Whether it is a highly specialised service.
    pub highly_specialised: bool,
    /// Whether it is a service of mental health alone.
    pub mental_health: bool,
    /// When this holds.
    pub period: Period,
}

/// A practice of Defence Medical Services in England.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArmedForcesPractice {
    /// Its postcode.
    pub postcode: String,
    /// When it is or was open.
    pub period: Period,
}

/// Which list a pseudo postcode stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PseudoList {
    /// It stands for no place.
    Unknown,
    /// A country of the United Kingdom.
    Country,
    /// The European Economic Area and Switzerland.
    Eea,
    /// A place with a reciprocal agreement.
    Reciprocal,
}

/// How a published reason code is formed: commissioner, box and suffix.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ReasonForm {
    /// The box, such as `C_6`; empty for the one that says nobody could be found.
    #[serde(rename = "box")]
    pub of: String,
    /// What it ends with.
    pub suffix: String,
    /// What kind of commissioner it begins with: `sub-icb`, `hub`, `justice-hub`, `region`, a code, or nothing.
    pub commissioner: String,
    /// COMMISSIONED SERVICE CATEGORY CODE that goes with it.
    pub category: String,
    /// What it says, in our words.
    pub meaning: String,
}

/// The rows of a file, each with its line.
fn rows<R: DeserializeOwned>(file: &str, text: &str) -> Result<Vec<(u64, R)>, Error> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader
        .headers()
        .map_err(|error| Error::wrong(file, Some(1), error.to_string()))?
        .clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| Error::wrong(file, None, error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let row = record
            .deserialize(Some(&headers))
            .map_err(|error| Error::wrong(file, Some(line), error.to_string()))?;
        rows.push((line, row));
    }
    Ok(rows)
}

fn day(file: &str, line: u64, text: &str) -> Result<Option<Date>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    concord_model::dates::date(text.as_bytes())
        .map(Some)
        .ok_or_else(|| Error::wrong(file, Some(line), format!("`{text}` is no day")))
}

fn period(file: &str, line: u64, from: &str, to: &str) -> Result<Period, Error> {
    Ok(Period {
        from: day(file, line, from)?,
        to: day(file, line, to)?,
    })
}

pub(super) fn sub_icbs(text: &str) -> Result<BTreeMap<String, Vec<SubIcb>>, Error> {
    #[derive(Deserialize)]
    struct Row {
        sub_icb: String,
        icb: String,
        hub: String,
        region: String,
        justice_hub: String,
        delegated_from: String,
        valid_from: String,
        valid_to: String,
    }
    let mut found: BTreeMap<String, Vec<SubIcb>> = BTreeMap::new();
    for (line, row) in rows::<Row>(SUB_ICBS, text)? {
        let periods = found.entry(row.sub_icb.clone()).or_default();
        periods.push(SubIcb {
            delegated_from: day(SUB_ICBS, line, &row.delegated_from)?,
            period: period(SUB_ICBS, line, &row.valid_from, &row.valid_to)?,
            code: row.sub_icb,
            icb: row.icb,
            hub: row.hub,
            region: row.region,
            justice_hub: row.justice_hub,
        });
    }
    Ok(found)
}

pub(super) fn services(text: &str) -> Result<BTreeMap<String, Vec<ServiceCode>>, Error> {
    #[derive(Deserialize)]
    struct Row {
        service: String,
        kind: ServiceKind,
        delegation: Option<Delegation>,
        highly_specialised: String,
        care: String,
        valid_from: String,
        valid_to: String,
    }
    let mut found: BTreeMap<String, Vec<ServiceCode>> = BTreeMap::new();
    for (line, row) in rows::<Row>(SERVICES, text)? {
        let periods = found.entry(row.service).or_default();
        periods.push(ServiceCode {
            kind: row.kind,
            delegation: row.delegation,
            highly_specialised: row.highly_specialised == "yes",
            mental_health: row.care == "mental-health",
            period: period(SERVICES, line, &row.valid_from, &row.valid_to)?,
        });
    }
    Ok(found)
}

pub(super) fn armed_forces(text: &str) -> Result<BTreeMap<String, ArmedForcesPractice>, Error> {
    #[derive(Deserialize)]
    struct Row {
        practice: String,
        postcode: String,
        opened: String,
        closed: String,
    }
    rows::<Row>(ARMED_FORCES, text)?
        .into_iter()
        .map(|(line, row)| {
            let practice = ArmedForcesPractice {
                postcode: row.postcode,
                period: period(ARMED_FORCES, line, &row.opened, &row.closed)?,
            };
            Ok((row.practice, practice))
        })
        .collect()
}

pub(super) fn detention(text: &str) -> Result<BTreeMap<String, String>, Error> {
    #[derive(Deserialize)]
    struct Row {
        postcode: String,
        hub: String,
    }
    let rows = rows::<Row>(DETENTION, text)?.into_iter();
    Ok(rows
        .map(|(_, row)| (postcode_key(&row.postcode), row.hub))
        .collect())
}

pub(super) fn pseudo(text: &str) -> Result<BTreeMap<String, PseudoList>, Error> {
    #[derive(Deserialize)]
    struct Row {
        postcode: String,
        list: PseudoList,
    }
    let rows = rows::<Row>(PSEUDO, text)?.into_iter();
    Ok(rows
        .map(|(_, row)| (postcode_key(&row.postcode), row.list))
        .collect())
}

pub(super) fn points(text: &str) -> Result<BTreeMap<String, Activity>, Error> {
    #[derive(Deserialize)]
    struct Row {
        point_of_delivery: String,
        activity: Activity,
    }
    let rows = rows::<Row>(POINTS, text)?.into_iter();
    Ok(rows
        .map(|(_, row)| (row.point_of_delivery, row.activity))
        .collect())
}

pub(super) fn types(text: &str) -> Result<BTreeMap<String, Activity>, Error> {
    #[derive(Deserialize)]
    struct Row {
        cds_type: String,
        activity: Activity,
    }
    let rows = rows::<Row>(TYPES, text)?.into_iter();
    Ok(rows.map(|(_, row)| (row.cds_type, row.activity)).collect())
}

pub(super) fn reasons(text: &str) -> Result<Vec<ReasonForm>, Error> {
    Ok(rows(REASONS, text)?
        .into_iter()
        .map(|(_, row)| row)
        .collect())
}
