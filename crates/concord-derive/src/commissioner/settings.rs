//! What the published text leaves open, contradicts itself in, or expects a local table for.
//!
//! Each setting is told of in `docs/commissioner.md`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::error::Error;

/// Settings of a derivation, as `--settings FILE` holds them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub struct Settings {
    /// How boxes C-0a, C-0b and C-2 hang together.
    pub reading: Reading,
    /// Which SOURCE OF ADMISSION says that a person is detained.
    pub admission_source: AdmissionSource,
    /// What is taken when the postcode is missing or stands for no place.
    pub unallocated_postcode: Unallocated,
    /// What a postcode that no directory has says.
    pub unknown_postcode: UnknownPostcode,
    /// What a missing or undecided OVERSEAS VISITOR CHARGING CATEGORY says.
    pub unknown_charging_category: ChargingUnknown,
    /// What a missing service code says.
    pub no_service: Unlisted,
    /// Whether a practice that has closed counts as its successor.
    pub closed_practice: Succession,
    /// Whose hub pays where the box asks for the provider's.
    pub provider_hub: ProviderHub,
    /// Lines of high cost drugs and devices.
    pub drugs_and_devices: Excluded,
    /// Lines of the Cancer Drugs Fund, the Innovative Medicines Fund and hepatitis C (categories 31, 32, 41).
    pub national_funds: Excluded,
    /// Services of mental health.
    pub mental_health: Excluded,
    /// Activity that is neither emergency, admitted nor outpatient care.
    pub other_activity: Excluded,
    /// Whether activity of other years is put through this year's boxes as well.
    pub other_years: bool,
    /// Answers to boxes that no record answers: `"B-3" = "no"`.
    pub answers: BTreeMap<String, YesNo>,
    /// Codes of further services that are public health under section 7a.
    pub public_health_services: BTreeSet<String>,
    /// Codes of the bodies that commission for other home nations.
    pub bodies: Bodies,
    /// Tables of the user's own: names of files.
    pub files: BTreeMap<SettingsTable, String>,
    #[serde(skip)]
    pub(crate) provider_hubs: Option<BTreeMap<String, String>>,
    #[serde(skip)]
    pub(crate) services_before_1991: Option<BTreeMap<String, String>>,
    #[serde(skip)]
    pub(crate) local_authority_services: Option<BTreeMap<String, String>>,
    #[serde(skip)]
    pub(crate) areas: Option<BTreeMap<String, String>>,
}

/// A table that only the user can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingsTable {
    /// Columns `provider`, `hub`: whom specialised commissioning hubs contract with.
    ProviderHubs,
    /// Columns `service`, `nation` (blank for all): highly specialised services from before 1991.
    #[serde(rename = "services_before_1991")]
    ServicesBefore1991,
    /// Columns `service`, `authority`: public health services that local authorities pay for.
    LocalAuthorityServices,
    /// Columns `area`, `organisation`: codes of the Office for National Statistics and of the Organisation Data Service for the same area.
    Areas,
}

impl SettingsTable {
    /// Its name in settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::ProviderHubs => "provider_hubs",
            Self::ServicesBefore1991 => "services_before_1991",
            Self::LocalAuthorityServices => "local_authority_services",
            Self::Areas => "areas",
        }
    }

    fn columns(self) -> [&'static str; 2] {
        match self {
            Self::ProviderHubs => ["provider", "hub"],
            Self::ServicesBefore1991 => ["service", "nation"],
            Self::LocalAuthorityServices => ["service", "authority"],
            Self::Areas => ["area", "organisation"],
        }
    }
}

/// An answer by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// Codes of the bodies that commission for other home nations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bodies {
    /// For Wales.
    pub wales: Option<String>,
    /// For Scotland.
    pub scotland: Option<String>,
    /// For Northern Ireland.
    pub northern_ireland: Option<String>,
}

/// How boxes C-0a, C-0b and C-2 hang together: printed answers, flow chart and reason codes disagree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// As the published reason codes say: not in scope for delegation, C-2; in scope but not suitable, C-0b; else on to E.
    #[default]
    ReasonCodes,
    /// As the flow chart goes: in scope, on to E; not in scope, C-2.
    FlowChart,
    /// As the boxes are printed: on the list of services, C-2; not on it, E.
    Printed,
}

impl Reading {
    /// Its name in settings and in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReasonCodes => "reason-codes",
            Self::FlowChart => "flow-chart",
            Self::Printed => "printed",
        }
    }
}

/// Which SOURCE OF ADMISSION says that a person is detained: the box says 39, its text also 40.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum AdmissionSource {
    /// 39 for CDS 6.2, 40 for CDS 6.3; either where the record is of neither.
    #[default]
    #[serde(rename = "by-version")]
    ByVersion,
    /// 39 alone, as the box is printed.
    #[serde(rename = "39")]
    ThirtyNine,
    /// 40 alone.
    #[serde(rename = "40")]
    Forty,
    /// Either.
    #[serde(rename = "either")]
    Either,
}

/// What is taken in the place of a postcode that is missing or stands for no place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unallocated {
    /// That of the provider's main site.
    #[default]
    ProviderSite,
    /// England, without looking the provider up.
    England,
}

/// What a postcode that no directory has says about where a person lives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownPostcode {
    /// Nothing: the result is undetermined.
    #[default]
    Undetermined,
    /// As a missing one: the provider's main site is taken.
    ProviderSite,
    /// That the person does not live in the United Kingdom, as the box is printed.
    NotResident,
}

/// What a missing or undecided OVERSEAS VISITOR CHARGING CATEGORY says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChargingUnknown {
    /// The same as A.
    #[default]
    AsStandard,
    /// Nothing: the result is undetermined.
    Undetermined,
}

/// What a missing service code says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unlisted {
    /// That no rule has identified a specialised service.
    #[default]
    NotSpecialised,
    /// Nothing: the result is undetermined.
    Undetermined,
}

/// Whether a practice that has closed counts as its successor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Succession {
    /// No: the boxes ask for the status of the practice itself.
    #[default]
    Ignore,
    /// Yes.
    Follow,
}

/// Whose hub pays where a box asks for the provider's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderHub {
    /// The one that the user's table of contracts names.
    #[default]
    Map,
    /// That of the sub-ICB location where the provider is, as the words of reason code `C_2_1` have it.
    HostSubIcb,
}

/// Whether something is outside the method.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Excluded {
    /// It is left out.
    #[default]
    LeaveOut,
    /// It goes through the boxes.
    Assign,
}

impl Settings {
    /// Reads settings; `file` names them in errors. Tables come by [`Settings::add`].
    ///
    /// # Errors
    /// [`Error::Wrong`] when it is no TOML, or has a setting or a value that there is not.
    pub fn read(file: &str, text: &str) -> Result<Self, Error> {
        toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .map(|span| 1 + text[..span.start].matches('\n').count() as u64);
            Error::wrong(file, line, error.message())
        })
    }

    /// Takes in the text of one of the user's tables: CSV with a heading. `file` names it in errors.
    ///
    /// # Errors
    /// [`Error::Wrong`] when a column is missing or a row is not whole.
    pub fn add(&mut self, table: SettingsTable, file: &str, text: &str) -> Result<(), Error> {
        let rows = pairs(table, file, text)?;
        let place = match table {
            SettingsTable::ProviderHubs => &mut self.provider_hubs,
            SettingsTable::ServicesBefore1991 => &mut self.services_before_1991,
            SettingsTable::LocalAuthorityServices => &mut self.local_authority_services,
            SettingsTable::Areas => &mut self.areas,
        };
        place.get_or_insert_default().extend(rows);
        Ok(())
    }
}

fn pairs(table: SettingsTable, file: &str, text: &str) -> Result<Vec<(String, String)>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let wrong = |error: &csv::Error| {
        let line = error.position().map(csv::Position::line);
        Error::wrong(file, line, "the row has too few or too many values")
    };
    let headers = reader.headers().map_err(|error| wrong(&error))?.clone();
    let find = |name: &str| {
        headers
            .iter()
            .position(|header| header.eq_ignore_ascii_case(name))
            .ok_or_else(|| {
                Error::wrong(
                    file,
                    Some(1),
                    format!(
                        "the heading has no column `{name}`; {} has `{}`",
                        table.name(),
                        table.columns().join("`, `")
                    ),
                )
            })
    };
    let [key, value] = table.columns();
    let (key, value) = (find(key)?, find(value)?);
    let mut rows = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| wrong(&error))?;
        let line = row.position().map(csv::Position::line);
        let (key, value) = (&row[key], &row[value]);
        if key.is_empty() || (value.is_empty() && table != SettingsTable::ServicesBefore1991) {
            return Err(Error::wrong(file, line, "a value is missing"));
        }
        rows.push((key.to_ascii_uppercase(), value.to_ascii_uppercase()));
    }
    Ok(rows)
}
