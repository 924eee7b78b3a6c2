//! `table.toml` and `sets.toml`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Deserialize;

use crate::commissioner::error::Error;
use crate::commissioner::settings::Reading;

pub(super) const FILE: &str = "table.toml";
pub(super) const SETS: &str = "sets.toml";

/// How a box's question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// By the kind of care.
    EmergencyCare,
    /// By the country of the postcode; those registered with Defence Medical Services live there.
    LivesInEngland,
    /// By charging and administrative category.
    ChargeableOrPrivate,
    /// By charging category, practice and country.
    OrdinarilyResident,
    /// By the list of services.
    HighlySpecialised,
    /// By the pseudo postcodes of the European Economic Area.
    AreaOfFreeAccess,
    /// By an answer in the settings; no record says it.
    ByHand,
    /// By the practice's status and grouping.
    RegisteredPopulation,
    /// By the practice's commissioner and the area of the postcode.
    WelshPracticeAtBorder,
    /// By the practice's geography and the area of the postcode.
    EnglishPracticeAtBorder,
    /// By the country of the postcode.
    ResidentInEngland,
    /// By the list of services.
    Specialised,
    /// By a table of the user's.
    #[serde(rename = "service-before-1991")]
    ServiceBefore1991,
    /// By the list of services: green or amber.
    InScopeForDelegation,
    /// By the list of services: whether the code is on it.
    OnListOfServices,
    /// By the list of services: green.
    DelegatedService,
    /// By a table of the user's, or the place of the provider.
    ContractedProvider,
    /// By the treatment function.
    TreatmentFunction,
    /// By the postcodes of places of detention and the source of admission.
    Detained,
    /// By the list of services.
    PublicHealth,
    /// By a table of the user's.
    LocalAuthorityService,
    /// By diagnoses and procedures.
    Infertility,
    /// By the practice.
    ArmedForcesPractice,
    /// By the day on which boards signed.
    AgreementSigned,
}

/// Where an answer leads.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum Exit {
    /// To another box.
    Box(Arc<str>),
    /// To an end.
    End(Arc<str>),
}

impl From<String> for Exit {
    fn from(text: String) -> Self {
        match text.strip_prefix("end:") {
            Some(end) => Self::End(end.into()),
            None => Self::Box(text.into()),
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Box(id) => out.write_str(id),
            Self::End(id) => write!(out, "end:{id}"),
        }
    }
}

/// A box of the decision table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoxDefinition {
    /// Its id, as published.
    #[serde(deserialize_with = "shared")]
    pub id: Arc<str>,
    /// What it asks.
    #[serde(deserialize_with = "shared")]
    pub question: Arc<str>,
    /// The facts of a case that it looks at.
    pub looks_at: Vec<String>,
    /// How it is answered.
    pub test: Test,
    /// The codes that it needs.
    pub set: Option<String>,
    /// What is said when a fact is missing that is in no record.
    pub needs: Option<String>,
    /// The published reason code when the box cannot be answered.
    pub unknown: Option<String>,
    /// COMMISSIONED SERVICE CATEGORY CODE that goes with it.
    pub category: Option<String>,
    /// Where yes leads.
    pub yes: Exit,
    /// Where no leads.
    pub no: Exit,
    /// What differs in other readings of the published text.
    #[serde(default)]
    pub readings: BTreeMap<Reading, OtherReading>,
}

impl BoxDefinition {
    /// Where yes and no lead.
    pub fn exits(&self, reading: Reading) -> (&Exit, &Exit) {
        let other = self.readings.get(&reading);
        let yes = other.and_then(|other| other.yes.as_ref());
        let no = other.and_then(|other| other.no.as_ref());
        (yes.unwrap_or(&self.yes), no.unwrap_or(&self.no))
    }
}

/// What differs in another reading.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherReading {
    /// How it is answered.
    pub test: Option<Test>,
    /// Where yes leads.
    pub yes: Option<Exit>,
    /// Where no leads.
    pub no: Option<Exit>,
}

/// Who pays at an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Payer {
    /// Always the same.
    Code,
    /// The sub-ICB location that is responsible for the patient.
    ResponsibleSubIcb,
    /// The sub-ICB location where the provider's main site is.
    HostSubIcb,
    /// The hub of the responsible sub-ICB location or board.
    HubOfPopulation,
    /// The hub that contracts with the provider.
    HubOfProvider,
    /// The hub of the place of detention.
    JusticeHub,
    /// The region of the responsible sub-ICB location or board.
    RegionOfPopulation,
    /// As the user's table says.
    LocalAuthority,
    /// The practice's local health board.
    WelshBoard,
    /// The body of the patient's home nation.
    Devolved,
    /// Nobody.
    Nobody,
}

/// Where a way ends.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// Its id.
    #[serde(deserialize_with = "shared")]
    pub id: Arc<str>,
    /// Who pays.
    pub payer: Payer,
    /// The code, where it is always the same.
    pub code: Option<String>,
    /// Who that is, in words.
    #[serde(deserialize_with = "shared")]
    pub title: Arc<str>,
    /// COMMISSIONED SERVICE CATEGORY CODE.
    pub category: Option<String>,
    /// The middle of the published reason code, such as `C_6`.
    pub reason: Option<String>,
    /// The end of the published reason code, by what the population was found by.
    #[serde(default)]
    pub suffixes: BTreeMap<String, String>,
    /// The published reason code when nobody can be found.
    pub unknown: Option<String>,
    /// What is said when a fact is missing that is in no record.
    pub needs: Option<String>,
}

/// What is said of services of mental health.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outside {
    /// Of delegated ones.
    pub delegated: OutsideReason,
    /// Of others.
    pub not_delegated: OutsideReason,
}

/// A reason code and category.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutsideReason {
    /// The published reason code.
    pub reason: String,
    /// COMMISSIONED SERVICE CATEGORY CODE.
    pub category: String,
}

/// Codes that a box looks for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeSet {
    /// Its name.
    pub name: String,
    /// What they have in common.
    pub meaning: String,
    /// The codes; one that ends in `*` stands for all that begin so.
    pub codes: Vec<String>,
    /// Where that is published.
    pub source: String,
}

impl CodeSet {
    /// Whether a code is one of them, written in capitals or not.
    pub fn holds(&self, code: &str) -> bool {
        let code = code.as_bytes();
        self.codes
            .iter()
            .any(|known| match known.strip_suffix('*') {
                Some(start) => code
                    .get(..start.len())
                    .is_some_and(|begin| begin.eq_ignore_ascii_case(start.as_bytes())),
                None => code.eq_ignore_ascii_case(known.as_bytes()),
            })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableFile {
    pub(super) title: String,
    #[serde(deserialize_with = "day")]
    pub(super) valid_from: Date,
    #[serde(deserialize_with = "day")]
    pub(super) valid_to: Date,
    #[serde(deserialize_with = "shared")]
    pub(super) first: Arc<str>,
    pub(super) source: String,
    #[serde(rename = "box")]
    pub(super) boxes: Vec<BoxDefinition>,
    #[serde(rename = "end")]
    pub(super) ends: Vec<End>,
    pub(super) outside: Outside,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetsFile {
    set: Vec<CodeSet>,
}

fn shared<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
    String::deserialize(deserializer).map(Arc::from)
}

fn day<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    concord_model::dates::date(text.as_bytes())
        .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no day such as 2025-04-01")))
}

fn parse<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, Error> {
    toml::from_str(text).map_err(|error| {
        let line = error
            .span()
            .and_then(|span| text.get(..span.start))
            .map(|before| 1 + before.matches('\n').count() as u64);
        Error::wrong(file, line, error.message())
    })
}

pub(super) fn table(text: &str) -> Result<TableFile, Error> {
    parse(FILE, text)
}

pub(super) fn sets(text: &str) -> Result<BTreeMap<String, CodeSet>, Error> {
    let file: SetsFile = parse(SETS, text)?;
    let mut sets = BTreeMap::new();
    for set in file.set {
        if let Some(twice) = sets.insert(set.name.clone(), set) {
            return Err(Error::wrong(
                SETS,
                None,
                format!("`{}` stands there twice", twice.name),
            ));
        }
    }
    Ok(sets)
}
