//! From a record's canonical rows to the facts that decide who pays.

use concord_convert::as_at;
use concord_convert::records::{Record, Row};
use concord_derive::commissioner::{Activity, Case, CodesOf, DecisionTable};
use concord_model::financial::{FinancialMonth, FinancialYear};
use jiff::civil::Date;

/// The facts of a record, or why it is none that somebody pays for.
pub(super) fn case<'r>(
    record: &Record<'r>,
    table: &DecisionTable,
) -> Result<Case<'r>, &'static str> {
    if let Some(line) = record.first("contract_line") {
        return Ok(contract_line(line, table));
    }
    if let Some(line) = record.first("contract_aggregate") {
        return Ok(contract(line, table));
    }
    let Some(activity) = record.first("activity_record") else {
        return Err("the record is neither activity nor a line of a contract");
    };
    match activity.str("cds_update_type") {
        Some(update) if holds(table, "deletions", update) => {
            Err("the record takes another one back")
        }
        _ => Ok(commissioning(record, Some(activity), table)),
    }
}

fn holds(table: &DecisionTable, set: &str, code: &str) -> bool {
    table.set(set).is_some_and(|set| set.holds(code))
}

/// What lines of patients and aggregates have in common.
fn contract<'r>(line: Row<'r>, table: &DecisionTable) -> Case<'r> {
    let point = line.str("point_of_delivery_code");
    Case {
        activity: point.and_then(|point| table.activity(point)),
        assignment_date: first_of_month(line),
        provider: line.str("organisation_identifier_code_of_provider"),
        provider_site: line.str("organisation_site_identifier_of_treatment"),
        practice: line.str("general_medical_practice_patient_registration"),
        service: line.str("service_code"),
        service_category: line.str("commissioned_service_category_code"),
        treatment_function: line.str("activity_treatment_function_code"),
        submitted: line.str("organisation_identifier_code_of_commissioner"),
        ..Case::default()
    }
}

fn contract_line<'r>(line: Row<'r>, table: &DecisionTable) -> Case<'r> {
    let mut case = contract(line, table);
    case.activity = case.activity.or_else(|| match line.str("kind")? {
        "drug" => Some(Activity::Drug),
        "device" => Some(Activity::Device),
        _ => None,
    });
    let own = [
        "activity_end_date_contract_monitoring",
        "activity_start_date_contract_monitoring",
        "clinical_intervention_date_drug_dispensed",
        "clinical_intervention_date_drug_administered",
        "clinical_intervention_date_medical_device_implementation",
    ];
    let date = own.iter().find_map(|name| as_at::day(line, name));
    case.assignment_date = date.or(case.assignment_date);
    case.registration_date = as_at::day(line, own[1]);
    case.postcode = line.str("postcode_of_usual_address");
    let line_number = || line.str("nhs_service_agreement_line_identifier");
    case.service = case.service.or_else(line_number);
    case
}

/// The first day of a line's month, which the published bridge from months to days takes.
fn first_of_month(line: Row<'_>) -> Option<Date> {
    let year = FinancialYear::parse(line.str("financial_year")?.as_bytes())?;
    let month = FinancialMonth::parse(line.str("financial_month")?.as_bytes())?;
    Some(month.period(year).first)
}

fn commissioning<'r>(
    record: &Record<'r>,
    activity: Option<Row<'r>>,
    table: &DecisionTable,
) -> Case<'r> {
    let spell = record.first("hospital_spell");
    let episode = record.first("episode");
    let outpatient = record.first("outpatient_attendance");
    let emergency = record.first("emergency_attendance");
    let cds_type = activity.and_then(|row| row.str("cds_type_code"));
    let date = as_at::assignment_day(record);
    let agreement = as_at::agreement(record);
    let providers = [emergency, outpatient, episode, record.first("delivery")];
    let of_providers = |name: &str| providers.iter().flatten().find_map(|row| row.str(name));
    let standard = activity.and_then(|row| row.str("source_standard"));
    Case {
        activity: cds_type.map(|code| table.activity_of_type(code).unwrap_or(Activity::Other)),
        assignment_date: date,
        registration_date: spell
            .and_then(|row| as_at::day(row, "start_date_hospital_provider_spell")),
        provider: of_providers("organisation_identifier_code_of_provider"),
        provider_site: of_providers("organisation_site_identifier_of_treatment"),
        practice: record
            .first("registration")
            .and_then(|row| row.str("general_medical_practice_patient_registration")),
        postcode: of_person(record, "postcode_of_usual_address"),
        overseas_visitor_charging_category: charging(record, date),
        administrative_category: spell
            .and_then(|row| row.str("administrative_category_code_on_admission"))
            .or_else(|| outpatient?.str("administrative_category_code")),
        source_of_admission: spell
            .and_then(|row| row.str("admission_source_hospital_provider_spell")),
        source_of_admission_codes: standard.and_then(|standard| {
            if holds(table, "standards-from-6-3", standard) {
                Some(CodesOf::From63)
            } else {
                holds(table, "standards-before-6-3", standard).then_some(CodesOf::Before63)
            }
        }),
        service: agreement.and_then(|row| {
            let line = || row.str("nhs_service_agreement_line_identifier");
            row.str("service_code").or_else(line)
        }),
        service_category: None,
        treatment_function: treatment_function(record, table),
        diagnoses: codes(record, "diagnosis", "icd-10"),
        procedures: codes(record, "procedure", "opcs-4"),
        submitted: agreement
            .and_then(|row| row.str("organisation_identifier_code_of_commissioner")),
    }
}

/// The charging category of the day: of the episode, else of the patient.
fn charging<'r>(record: &Record<'r>, date: Option<Date>) -> Option<&'r str> {
    as_at::row(record, "overseas_visitor_charging", date)
        .and_then(|row| row.str("overseas_visitor_charging_category"))
        .or_else(|| {
            of_person(
                record,
                "overseas_visitor_charging_category_at_cds_activity_date",
            )
        })
}

/// A fact of the patient; where the patient is a baby without one, of its mother.
fn of_person<'r>(record: &Record<'r>, name: &str) -> Option<&'r str> {
    ["patient", "baby", "mother"].iter().find_map(|role| {
        let mut persons = record
            .rows("person")
            .filter(|row| row.str("role") == Some(*role));
        persons.find_map(|row| row.str(name))
    })
}

/// The treatment function of the professional who answers for the care, else the first.
fn treatment_function<'r>(record: &Record<'r>, table: &DecisionTable) -> Option<&'r str> {
    let name = "activity_treatment_function_code";
    let mut responsible = record.rows("care_professional").filter(|row| {
        row.str("responsible_care_professional_indicator")
            .is_some_and(|code| holds(table, "responsible-professionals", code))
    });
    responsible.find_map(|row| row.str(name)).or_else(|| {
        record
            .rows("care_professional")
            .find_map(|row| row.str(name))
    })
}

fn codes<'r>(record: &Record<'r>, entity: &str, system: &str) -> Vec<&'r str> {
    record
        .rows(entity)
        .filter(|row| row.str("code_system") == Some(system))
        .filter_map(|row| row.str("code"))
        .collect()
}
