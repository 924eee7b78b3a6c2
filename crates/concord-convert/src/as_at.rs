//! Which of the rows that change with time holds on a day.

use concord_model::dates;
use jiff::civil::Date;

use crate::records::{Record, Row};

/// Entities whose rows hold for a period, with the fields of its first and its last day.
const PERIODS: [(&str, &str, &str); 2] = [
    (
        "service_agreement",
        "start_date_commissioner_assignment_period",
        "end_date_commissioner_assignment_period",
    ),
    (
        "overseas_visitor_charging",
        "overseas_visitor_charging_category_applicable_from_date",
        "overseas_visitor_charging_category_applicable_end_date",
    ),
];

/// Fields of the day by which it is decided who pays for activity, in the order in which they count: the arrival at an
/// emergency department, the appointment, the discharge; where none is said, the day by which the record counts, or on which
/// its episode ended. Source: Commissioner Assignment Method 2025/26, the date that commissioners are assigned by.
const ASSIGNED_BY: [(&str, &str); 5] = [
    ("emergency_attendance", "emergency_care_arrival_date"),
    ("outpatient_attendance", "appointment_date"),
    ("hospital_spell", "discharge_date_hospital_provider_spell"),
    ("activity_record", "cds_activity_date"),
    ("episode", "end_date_episode"),
];

/// A day of a row.
pub fn day(row: Row<'_>, field: &str) -> Option<Date> {
    dates::date(row.text(field)?.as_bytes())
}

/// The day by which it is decided who pays for the activity of a record.
pub fn assignment_day(record: &Record<'_>) -> Option<Date> {
    let mut days = ASSIGNED_BY.iter();
    days.find_map(|(entity, field)| day(record.first(entity)?, field))
}

/// Whether the rows of an entity hold for periods.
pub fn has_periods(entity: &str) -> bool {
    PERIODS.iter().any(|(known, ..)| *known == entity)
}

/// The row of an entity that [holds](Record::holding) on a day; the first of an entity that knows no periods.
pub fn row<'r>(record: &Record<'r>, entity: &str, date: Option<Date>) -> Option<Row<'r>> {
    match PERIODS.iter().find(|(known, ..)| *known == entity) {
        Some((_, from, to)) => record.holding(entity, date, from, to),
        None => record.first(entity),
    }
}

/// The agreement under which somebody pays for the activity of a record.
pub fn agreement<'r>(record: &Record<'r>) -> Option<Row<'r>> {
    row(record, "service_agreement", assignment_day(record))
}
