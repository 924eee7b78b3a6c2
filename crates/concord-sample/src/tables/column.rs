//! What stands in a column.

use std::fmt::Write as _;

use concord_standards::definition::Definition;
use concord_standards::layout::{Field, Mandation};
use concord_standards::schema::Schema;
use jiff::civil::Date;

use super::story::Story;
use super::submission::{Delivery, Submission};
use crate::Dice;
use crate::cds::people::snomed;
use crate::value::{Extent, Values};

/// How the value of a column is found.
#[derive(Debug, Clone)]
pub(crate) enum Column {
    /// By its name.
    Known(Known),
    /// Always blank.
    Blank,
    /// Often blank, else a text of this shape.
    Text(Words),
    /// One of these codes, blank in so many of a hundred rows.
    Code(Vec<String>, u8),
    /// Always the same.
    Fixed(String),
}

/// Made-up texts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Words {
    /// A short code with a prefix.
    Code(&'static str),
    /// A description.
    Description,
}

macro_rules! known {
    ($($name:ident = $($column:literal)|+,)*) => {
        /// Columns whose values the row's story tells.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Known { $($name,)* }

        impl Known {
            fn of(column: &str) -> Option<Self> {
                Some(match column { $($($column)|+ => Self::$name,)* _ => return None })
            }
        }
    };
}

known! {
    Month = "FINANCIAL_MONTH",
    Year = "FINANCIAL_YEAR",
    Created = "DATE_AND_TIME_DATA_SET_CREATED",
    Provider = "ORGANISATION_IDENTIFIER_CODE_OF_PROVIDER",
    Site = "ORGANISATION_SITE_IDENTIFIER_OF_TREATMENT",
    Responsible = "ORGANISATION_IDENTIFIER_GP_PRACTICE_RESPONSIBILITY" | "ORGANISATION_IDENTIFIER_RESIDENCE_RESPONSIBILITY",
    Commissioner = "ORGANISATION_IDENTIFIER_CODE_OF_COMMISSIONER",
    Practice = "GENERAL_MEDICAL_PRACTICE_CODE_PATIENT_REGISTRATION" | "GENERAL_MEDICAL_PRACTICE_PATIENT_REGISTRATION",
    Withheld = "WITHHELD_IDENTITY_REASON",
    NhsNumber = "NHS_NUMBER",
    LocalPatient = "LOCAL_PATIENT_IDENTIFIER_EXTENDED",
    Postcode = "POSTCODE_OF_USUAL_ADDRESS",
    Born = "PERSON_BIRTH_DATE",
    Age = "AGE_AT_ACTIVITY_DATE_CONTRACT_MONITORING",
    CdsIdentifier = "CDS_UNIQUE_IDENTIFIER",
    OtherIdentifier = "NON_CDS_UNIQUE_IDENTIFIER",
    Function = "ACTIVITY_TREATMENT_FUNCTION_CODE",
    Spell = "HOSPITAL_PROVIDER_SPELL_NUMBER" | "HOSPITAL_PROVIDER_SPELL_IDENTIFIER",
    Attendance = "ATTENDANCE_IDENTIFIER" | "OUT_PATIENT_ATTENDANCE_IDENTIFIER",
    Emergency = "EMERGENCY_CARE_ATTENDANCE_IDENTIFIER" | "URGENT_AND_EMERGENCY_CARE_ACTIVITY_IDENTIFIER",
    Start = "ACTIVITY_START_DATE_CONTRACT_MONITORING",
    End = "ACTIVITY_END_DATE_CONTRACT_MONITORING" | "CLINICAL_INTERVENTION_DATE_DRUG_ADMINISTERED" | "CLINICAL_INTERVENTION_DATE_DRUG_DISPENSED" | "CLINICAL_INTERVENTION_DATE_MEDICAL_DEVICE_IMPLEMENTATION",
    Unbundled = "UNBUNDLED_EPISODE_INDICATOR",
    Category = "COMMISSIONED_SERVICE_CATEGORY_CODE",
    Service = "SERVICE_CODE" | "SPECIALISED_SERVICE_CODE",
    Delivery = "POINT_OF_DELIVERY_CODE",
    Tariff = "TARIFF_CODE",
    National = "NATIONAL_TARIFF_INDICATOR",
    PlannedActivity = "CONTRACT_MONITORING_PLANNED_ACTIVITY",
    PlannedPrice = "CONTRACT_MONITORING_PLANNED_PRICE",
    PlannedFactor = "CONTRACT_MONITORING_PLANNED_MARKET_FORCES_FACTOR",
    ActualActivity = "CONTRACT_MONITORING_ACTUAL_ACTIVITY",
    ActualPrice = "CONTRACT_MONITORING_ACTUAL_PRICE",
    ActualFactor = "CONTRACT_MONITORING_ACTUAL_MARKET_FORCES_FACTOR",
    Count = "ACTIVITY_COUNT_POINT_OF_DELIVERY" | "DRUG_QUANTITY_OR_WEIGHT_PROPORTION_HIGH_COST_TARIFF_EXCLUDED_DRUG" | "MEDICAL_DEVICE_QUANTITY_HIGH_COST_TARIFF_EXCLUDED_DEVICE",
    UnitPrice = "ACTIVITY_UNIT_PRICE" | "UNIT_PRICE_COMMISSIONER" | "UNIT_PRICE_SUPPLIER" | "LOCAL_PRICE",
    Charge = "HOME_DELIVERY_CHARGE_HIGH_COST_TARIFF_EXCLUDED_DRUG" | "COMMISSIONER_SUPPORT_CHARGE",
    Total = "TOTAL_COST",
    RecordIdentifier = "RECORD_IDENTIFIER",
    Snomed = "THERAPEUTIC_INDICATION_CODE_SNOMED_CT" | "ROUTE_OF_ADMINISTRATION_SNOMED_CT_DM_D" | "UNIT_OF_MEASUREMENT_SNOMED_CT_DM_D" | "HIGH_COST_TARIFF_EXCLUDED_DRUG_CODE_DM_D" | "ROUTE_OF_ADMINISTRATION_SNOMED_CT" | "UNIT_OF_MEASUREMENT_DM_D" | "HIGH_COST_TARIFF_EXCLUDED_DEVICE_CODE_DM_D" | "HIGH_COST_TARIFF_EXCLUDED_DRUG_CODE_SNOMED_CT_DM_D" | "HIGH_COST_TARIFF_EXCLUDED_DEVICE_CODE_SNOMED_CT_DM_D",
    Drug = "DRUG_NAME_HIGH_COST_TARIFF_EXCLUDED_DRUG",
    Device = "MEDICAL_DEVICE_NAME_HIGH_COST_TARIFF_EXCLUDED_DEVICE",
    Submitter = "NAME_OF_SUBMITTER",
    Ward = "WARD_CODE",
}

impl Column {
    /// How the values of a field are found.
    pub(crate) fn of(field: &Field, definition: &Definition) -> Self {
        if let Some(known) = Known::of(&field.column) {
            return Self::Known(known);
        }
        if field.mandation == Mandation::NotUsed {
            return Self::Blank;
        }
        let blank = if field.mandation == Mandation::Mandatory {
            0
        } else {
            25
        };
        let list = field
            .code_list
            .as_ref()
            .and_then(|list| definition.code_lists.get(list));
        if let Some(list) = list {
            let codes = list
                .codes
                .iter()
                .filter(|code| code.valid_to.is_empty())
                .map(|code| code.code.to_string())
                .collect();
            return Self::Code(codes, blank);
        }
        if field.mandation == Mandation::Mandatory {
            return Self::Fixed(any(field, &definition.schema));
        }
        let name = &*field.column;
        if name.contains("DESCRIPTION") {
            return Self::Text(Words::Description);
        }
        let texts = field.format.starts_with("max an") && !name.contains("DATE");
        match (texts, name) {
            (_, "SPECIALISED_MENTAL_HEALTH_SERVICE_CATEGORY_CODE") | (false, _) => Self::Blank,
            (true, "LOCAL_SUB_SPECIALTY_CODE") => Self::Text(Words::Code("S")),
            (true, _) => Self::Text(Words::Code("L")),
        }
    }
}

/// Some value that the field takes, the same in every row.
fn any(field: &Field, schema: &Schema) -> String {
    Values::new(schema)
        .make(field.value, Extent::Smallest, &mut Dice::new(1))
        .unwrap_or_else(|_| "1".to_owned())
}

const WARDS: [&str; 6] = ["W01", "W07", "W12", "ICU1", "DSU", "OPD3"];
const DESCRIPTIONS: [&str; 8] = [
    "Day case unit",
    "Outpatients, first floor",
    "Clinic \"B\", north wing",
    "Caf\u{e9} ward (caf\u{e9} side)",
    "Shared care; local agreement",
    "Follow-up within 12 weeks",
    "Block element",
    "Two lines,\nas spreadsheets allow",
];
const DRUGS: [&str; 4] = [
    "Exampleumab 40 mg/0.8 ml",
    "Placebolizumab 100 mg, powder",
    "Sampleferon beta",
    "Testocept 50 mg",
];
const DEVICES: [&str; 4] = [
    "Sample stent",
    "Mock valve",
    "Test pacemaker",
    "Specimen mesh",
];

/// Writes the value of a column into a cell.
pub(crate) fn fill(
    column: &Column,
    story: &Story,
    submission: &Submission,
    dice: &mut Dice,
    cell: &mut String,
) {
    cell.clear();
    match column {
        Column::Blank => {}
        Column::Fixed(text) => cell.push_str(text),
        Column::Code(codes, blank) => {
            if !dice.percent(*blank) {
                cell.push_str(dice.pick(codes).map_or("", String::as_str));
            }
        }
        Column::Text(words) => {
            if dice.percent(35) {
                match words {
                    Words::Code(prefix) => put(cell, format_args!("{prefix}{}", dice.below(90))),
                    Words::Description => {
                        cell.push_str(dice.pick(&DESCRIPTIONS).copied().unwrap_or(""));
                    }
                }
            }
        }
        Column::Known(known) => tell(*known, story, submission, dice, cell),
    }
}

fn put(cell: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a `String` does not fail.
    let _ = cell.write_fmt(arguments);
}

/// Pence as pounds.
pub(crate) fn money(cell: &mut String, pence: i64) {
    let sign = if pence < 0 { "-" } else { "" };
    let pence = pence.unsigned_abs();
    put(
        cell,
        format_args!("{sign}{}.{:02}", pence / 100, pence % 100),
    );
}

/// A day as `CCYY-MM-DD`.
pub(crate) fn day(cell: &mut String, day: Date) {
    put(
        cell,
        format_args!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day()),
    );
}

#[allow(clippy::too_many_lines)] // a table: one line for each column
fn tell(known: Known, story: &Story, of: &Submission, dice: &mut Dice, cell: &mut String) {
    let payment = story.kind == Delivery::Payment && !of.feed.has_patients();
    let (amounts, planned) = (&story.amounts, &story.planned);
    match known {
        Known::Month => put(cell, format_args!("{}", of.month)),
        Known::Year => put(cell, format_args!("{}", of.year)),
        Known::Created => cell.push_str(&of.created),
        Known::Provider => cell.push_str(of.provider),
        Known::Site if !payment => put(
            cell,
            format_args!("{}{:02}", of.provider, 1 + dice.below(4)),
        ),
        Known::Responsible if !payment => cell.push_str(story.responsible),
        Known::Commissioner => cell.push_str(story.key.commissioner),
        Known::Practice => cell.push_str(story.practice),
        Known::Withheld if story.patient.withheld => {
            cell.push_str(
                dice.pick(&["01", "02", "03", "97", "99"])
                    .copied()
                    .unwrap_or("99"),
            );
        }
        Known::NhsNumber => cell.push_str(story.patient.number.as_deref().unwrap_or("")),
        Known::LocalPatient => cell.push_str(story.patient.local.as_deref().unwrap_or("")),
        Known::Postcode => cell.push_str(story.patient.postcode.as_deref().unwrap_or("")),
        Known::Born => story.patient.born.iter().for_each(|born| day(cell, *born)),
        Known::Age => {
            let age = story.patient.age.iter();
            age.for_each(|age| put(cell, format_args!("{age}")));
        }
        Known::CdsIdentifier if story.in_cds => {
            put(
                cell,
                format_args!("B{}{:012}", of.provider, story.number + 1),
            );
        }
        Known::OtherIdentifier if !story.in_cds => {
            put(cell, format_args!("L{:010}", story.number + 1));
        }
        Known::Function if !payment => cell.push_str(&story.key.function),
        Known::Spell if story.kind == Delivery::Stay => {
            put(cell, format_args!("S{:010}", story.number + 1));
        }
        Known::Attendance if story.kind == Delivery::Attendance => {
            put(cell, format_args!("A{:010}", story.number + 1));
        }
        Known::Emergency if story.kind == Delivery::Emergency => {
            put(cell, format_args!("E{:010}", story.number + 1));
        }
        Known::Start => story.start.iter().for_each(|start| day(cell, *start)),
        Known::End => story.end.iter().for_each(|end| day(cell, *end)),
        Known::Unbundled => cell.push(if story.unbundled { 'Y' } else { 'N' }),
        Known::Category => cell.push_str(&story.key.category),
        Known::Service => cell.push_str(&story.key.service),
        Known::Delivery => cell.push_str(story.key.delivery),
        Known::Tariff if story.kind == Delivery::Local => {
            put(cell, format_args!("LOC{:02}", story.number % 40));
        }
        Known::Tariff if !payment => {
            cell.push_str(story.group);
            if dice.percent(10) {
                cell.push_str("/BPT");
            }
        }
        Known::National => cell.push(if story.national { 'Y' } else { 'N' }),
        // What is no activity counts for nothing; in a set, prices hold the factor.
        Known::PlannedActivity | Known::ActualActivity if payment => cell.push('0'),
        Known::PlannedFactor | Known::ActualFactor if of.in_set => cell.push('0'),
        Known::PlannedActivity => {
            put(cell, format_args!("{}", planned.count));
            if dice.percent(10) {
                cell.push_str(".5");
            }
        }
        Known::PlannedPrice => money(cell, planned.total),
        Known::PlannedFactor => money(cell, planned.total / 20),
        Known::ActualActivity | Known::Count => put(cell, format_args!("{}", amounts.count)),
        Known::ActualPrice | Known::Total => money(cell, amounts.total),
        Known::ActualFactor => money(cell, amounts.total / 20),
        Known::UnitPrice => money(cell, amounts.price),
        Known::Charge => money(cell, amounts.charge),
        Known::RecordIdentifier => put(cell, format_args!("{}", story.number + 1)),
        Known::Snomed => cell.push_str(&snomed(dice)),
        Known::Drug => cell.push_str(dice.pick(&DRUGS).copied().unwrap_or("")),
        Known::Device => cell.push_str(dice.pick(&DEVICES).copied().unwrap_or("")),
        Known::Submitter => cell.push_str("Amara Testcase"),
        Known::Ward if !of.feed.has_patients() && dice.percent(60) => {
            cell.push_str(dice.pick(&WARDS).copied().unwrap_or(""));
        }
        _ => {}
    }
}
