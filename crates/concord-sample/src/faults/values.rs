//! Faults of values: not of the type, not on the list, too long, out of range.

use super::{Broken, FaultMaker, Work, broken, in_record};

pub(super) const MAKERS: &[FaultMaker] = &[
    in_record("VALUE-TYPE", kind),
    in_record("VALUE-CODE", code),
    in_record("VALUE-FORMAT", format),
    in_record("VALUE-LENGTH", length),
    in_record("VALUE-RANGE", range),
    in_record("VALUE-DIGITS", digits),
    in_record("VALUE-FIXED", fixed),
];

/// Gives the first of the elements that stands in the record another value.
fn give(work: &mut Work<'_>, values: &[(&str, &str)], description: &str) -> Option<Broken> {
    let there: Vec<(usize, &str, &str)> = values
        .iter()
        .filter_map(|(name, value)| work.lines.leaf(name).map(|line| (line, *name, *value)))
        .collect();
    let (line, name, value) = *work.dice.pick(&there)?;
    work.lines.set(line, value);
    Some(broken(line, name, format!("{description}: {value}")))
}

fn kind(work: &mut Work<'_>) -> Option<Broken> {
    give(
        work,
        &[
            ("StartDate_CommissionerAssignmentPeriod", "01/04/2025"),
            ("ReferralToTreatmentPeriod_StartDate", "2025-02-30"),
            ("ReferralToTreatmentPeriod_StartDate", "20250203"),
            ("CDSApplicableTime", "24:61:00"),
            ("CDSExtractTime", "7:30:00"),
            ("ExpectedDurationOfAppointment", "ten"),
        ],
        "a value of another kind",
    )
}

fn code(work: &mut Work<'_>) -> Option<Broken> {
    if work.around.version != "6-3-1" {
        // The structures of attendances restrict fewer elements to codes.
        return give(
            work,
            &[
                ("ReferralToTreatmentPeriod_Status", "77"),
                ("EmergencyCareAttendanceCategory", "7"),
                ("CareProfessionalTier_EmergencyCare", "77"),
            ],
            "a code that is not on the list",
        );
    }
    give(
        work,
        &[
            ("ReferralToTreatmentPeriod_Status", "77"),
            ("ProfessionalRegistrationIssuerCode", "77"),
            ("PatientClassificationCode", "7"),
            ("PersonMaritalStatus", "Q"),
            ("AttendanceStatus", "1"),
            ("FirstAttendanceCode", "9"),
            ("DeliveryPlaceTypeCode_Intended", "X"),
            ("EmergencyCareAttendanceCategory", "7"),
            ("CareProfessionalTier_EmergencyCare", "77"),
        ],
        "a code that is not on the list",
    )
}

fn format(work: &mut Work<'_>) -> Option<Broken> {
    give(
        work,
        &[
            ("EthnicCategory", "I"),
            ("UniqueBookingReferenceNumber_Converted", "00012345678X"),
        ],
        "a value in another format",
    )
}

fn length(work: &mut Work<'_>) -> Option<Broken> {
    give(
        work,
        &[
            (
                "CDSMessageRecordIdentifier",
                "REC-000000000000000000000000000000001",
            ),
            ("PatientPathwayIdentifier", "PWAY000000000000000"),
            ("HospitalProviderSpellIdentifier", "SP0000000000000000001"),
        ],
        "a value that is too short or too long",
    )
}

fn range(work: &mut Work<'_>) -> Option<Broken> {
    give(
        work,
        &[
            ("ReferralToTreatmentPeriod_StartDate", "1899-12-31"),
            ("StartDate_CommissionerAssignmentPeriod", "1899-12-31"),
            ("Latitude", "90.5"),
            ("ExpectedDurationOfAppointment", "1000"),
        ],
        "a value out of range",
    )
}

fn digits(work: &mut Work<'_>) -> Option<Broken> {
    give(
        work,
        &[
            ("BirthOrder", "10"),
            ("PersonWeight", "3.2505"),
            ("Latitude", "53.1234567"),
            ("Longitude", "1.1234567"),
        ],
        "too many digits",
    )
}

/// The attribute and the element both get the other protocol's code, so that they agree and only the fixed value is not kept.
fn fixed(work: &mut Work<'_>) -> Option<Broken> {
    let line = *work
        .lines
        .opens(|name| name.starts_with("CDSNetChange") || name.starts_with("CDSBulkGroup"))
        .first()?;
    let (right, wrong) = if work
        .lines
        .raw(line)
        .contains("CDSProtocolIdentifierCode=\"010\"")
    {
        ("010", "020")
    } else {
        ("020", "010")
    };
    let element = work.lines.leaf("CDSProtocolIdentifierCode")?;
    work.lines.set(element, wrong);
    let attribute = |code: &str| format!("CDSProtocolIdentifierCode=\"{code}\"");
    let tag = work
        .lines
        .raw(line)
        .trim_start()
        .replace(&attribute(right), &attribute(wrong));
    work.lines.write(line, &tag);
    let name = work.lines.name(line).to_owned();
    Some(broken(line, &name, format!("the protocol became {wrong}")))
}
