//! Faults of order: what ends before it starts, or happens before it can.

use jiff::ToSpan;
use jiff::civil::Date;

use super::{Broken, FaultMaker, Work, broken, in_record};

pub(super) const MAKERS: &[FaultMaker] = &[
    in_record("CDS-E6-S13", early_timestamp),
    in_record("CDS-E6-S14", hour_24),
    in_record("CDS-TIME-ZONE", zone),
    in_record("CDS-ORDER-RTT", rtt),
    in_record("CDS-ORDER-ASSESSED", assessed),
    in_record("CDS-ORDER-SEEN", seen),
    in_record("CDS-ORDER-DEPARTED", departed),
    in_record("CDS-ORDER-DECIDED", decided),
    in_record("CDS-ORDER-INJURY", injury),
    in_record("CDS-ORDER-REFERRED", referred),
    in_record("CDS-ORDER-DETAINED", detained),
    in_record("CDS-ORDER-EPISODE", episode),
    in_record("CDS-ORDER-SPELL", spell),
    in_record("CDS-ORDER-DISCHARGE", discharge),
    in_record("CDS-ORDER-WARD", ward),
    in_record("CDS-ORDER-HOME-LEAVE", home_leave),
    in_record("CDS-ORDER-COMMISSIONER", commissioner),
    in_record("CDS-ORDER-OVERSEAS", overseas),
    in_record("CDS-ORDER-FIT-NOTE", fit_note),
    in_record("CDS-ORDER-CRITICAL-ADULT", adult),
    in_record("CDS-ORDER-CRITICAL-PAEDIATRIC", paediatric),
    in_record("CDS-ORDER-CRITICAL-NEONATAL", neonatal),
    in_record("CDS-ORDER-REFERRAL", referral),
    in_record("CDS-ORDER-CLINICALLY-APPROPRIATE", clinically_appropriate),
];

/// The day so many days from another.
pub(super) fn beside(day: &str, days: i64) -> Option<String> {
    let day: Date = day.parse().ok()?;
    Some(day.checked_add(days.days()).ok()?.to_string())
}

/// Timestamps that the rules name, by version.
fn timestamps(work: &Work<'_>) -> Vec<usize> {
    const NAMED: &[&str] = &[
        "AssessmentToolCompletionTimestamp",
        "AssessmentToolValidationTimestamp",
        "CareProfessionalClinicalResponsibilityTimeStamp",
        "CodedDiagnosisTimestamp",
        "CodedFindingTimestamp",
        "CodedFinding_TimeStamp",
        "CodedObservationTimeStamp",
        "CodedObservationTimestamp",
        "CodedProcedureTimestamp",
        "DeliveryTimestamp",
        "EmergencyCareClinicallyReadyToProceedTimeStamp",
        "EmergencyCareExpectedDateTimestampTreatment",
        "EmergencyCareTreatmentTimestamp",
        "SocPerRecordedTimestamp",
    ];
    if work.around.version == "6-2-2" {
        return Vec::new();
    }
    work.lines.leaves_where(|name, _| NAMED.contains(&name))
}

fn timestamp(
    work: &mut Work<'_>,
    description: &str,
    wrong: impl Fn(&str) -> Option<String>,
) -> Option<Broken> {
    let lines = timestamps(work);
    let line = *work.dice.pick(&lines)?;
    let wrong = wrong(work.lines.value(line))?;
    let name = work.lines.name(line).to_owned();
    work.lines.set(line, &wrong);
    Some(broken(line, &name, format!("{description}: {wrong}")))
}

fn early_timestamp(work: &mut Work<'_>) -> Option<Broken> {
    timestamp(work, "before 1900", |value| {
        Some(format!("1025{}", value.get(4..)?))
    })
}

fn hour_24(work: &mut Work<'_>) -> Option<Broken> {
    timestamp(work, "hour 24", |value| {
        Some(format!("{}T24:00:00Z", value.get(..10)?))
    })
}

fn zone(work: &mut Work<'_>) -> Option<Broken> {
    timestamp(work, "a zone that is not permitted", |value| {
        Some(format!("{}+05:30", value.get(..19)?))
    })
}

/// Sets the later of two dates before the earlier. The fault is on the line of the later.
fn end_before_start(
    work: &mut Work<'_>,
    within: Option<&str>,
    start: &str,
    end: &str,
) -> Option<Broken> {
    let blocks = match within {
        Some(group) => work
            .lines
            .opens(|name| name == group)
            .into_iter()
            .filter_map(|open| work.lines.close_of(open).map(|close| (open, close)))
            .collect(),
        None => vec![(0, work.lines.len())],
    };
    let pairs: Vec<(usize, usize)> = blocks
        .into_iter()
        .filter_map(|(open, close)| {
            let inside = |name: &str| {
                work.lines
                    .leaves(name)
                    .into_iter()
                    .find(|line| (open..close).contains(line))
            };
            Some((inside(start)?, inside(end)?))
        })
        .collect();
    let (start_line, end_line) = *work.dice.pick(&pairs)?;
    let wrong = beside(work.lines.value(start_line), -1)?;
    work.lines.set(end_line, &wrong);
    Some(broken(end_line, end, format!("before {start}")))
}

fn rtt(work: &mut Work<'_>) -> Option<Broken> {
    end_before_start(
        work,
        None,
        "ReferralToTreatmentPeriod_StartDate",
        "ReferralToTreatmentPeriod_EndDate",
    )
}

/// A moment of an attendance set before the arrival; the times must be there for the rule to compare them.
fn before_arrival(work: &mut Work<'_>, date: &str, time: &str) -> Option<Broken> {
    work.lines.leaf(time)?;
    work.lines.leaf("EmergencyCareArrivalTime")?;
    end_before_start(work, None, "EmergencyCareArrivalDate", date)
}

fn assessed(work: &mut Work<'_>) -> Option<Broken> {
    before_arrival(
        work,
        "EmergencyCareInitialAssessmentDate",
        "EmergencyCareInitialAssessmentTime",
    )
}

fn seen(work: &mut Work<'_>) -> Option<Broken> {
    before_arrival(
        work,
        "EmergencyCareDateSeenForTreatment",
        "EmergencyCareTimeSeenForTreatment",
    )
}

fn departed(work: &mut Work<'_>) -> Option<Broken> {
    before_arrival(
        work,
        "EmergencyCareDepartureDate",
        "EmergencyCareDepartureTime",
    )
}

fn decided(work: &mut Work<'_>) -> Option<Broken> {
    const NAME: &str = "DecidedToAdmitDate";
    if work.lines.leaf("EmergencyCareArrivalDate").is_some() {
        return before_arrival(work, NAME, "DecidedToAdmitTime");
    }
    let line = work.lines.leaf(NAME)?;
    let wrong = beside(work.lines.first("StartDate_HospitalProviderSpell")?, 1)?;
    work.lines.set(line, &wrong);
    Some(broken(line, NAME, "after the admission"))
}

fn injury(work: &mut Work<'_>) -> Option<Broken> {
    const NAME: &str = "InjuryDate";
    let line = work.lines.leaf(NAME)?;
    let wrong = beside(work.lines.first("EmergencyCareArrivalDate")?, 1)?;
    work.lines.set(line, &wrong);
    Some(broken(line, NAME, "after the arrival"))
}

fn referred(work: &mut Work<'_>) -> Option<Broken> {
    // Only the first group is looked at, and only when it has all four values.
    const GROUP: &str = "ReferralsToOtherServices";
    let open = work.lines.open(GROUP)?;
    let close = work.lines.close_of(open)?;
    let inside = |name: &str| {
        work.lines
            .leaves(name)
            .into_iter()
            .find(|line| (open..close).contains(line))
    };
    inside("ActivityServiceRequestTime_EmergencyCare")?;
    inside("ReferredToServiceAssessmentTime")?;
    let start = inside("ActivityServiceRequestDate_EmergencyCare")?;
    let line = inside("ReferredToServiceAssessmentDate")?;
    let wrong = beside(work.lines.value(start), -1)?;
    work.lines.set(line, &wrong);
    Some(broken(
        line,
        "ReferredToServiceAssessmentDate",
        "before the service was asked to",
    ))
}

fn detained(work: &mut Work<'_>) -> Option<Broken> {
    end_before_start(
        work,
        Some("MentalHealthActLegalStatus"),
        "StartDate_MentalHealthActLegalStatusClassificationAssignmentPeriod",
        "ExpiryDate_MentalHealthActLegalStatusClassification",
    )
}

fn episode(work: &mut Work<'_>) -> Option<Broken> {
    let line = work.lines.leaf("EndDate_Episode")?;
    let start = work.lines.leaf("StartDate_Episode")?;
    let wrong = beside(work.lines.value(line), 1)?;
    work.lines.set(start, &wrong);
    Some(broken(line, "EndDate_Episode", "before StartDate_Episode"))
}

fn spell(work: &mut Work<'_>) -> Option<Broken> {
    let line = work.lines.leaf("StartDate_Episode")?;
    let admitted = work.lines.leaf("StartDate_HospitalProviderSpell")?;
    let wrong = beside(work.lines.value(line), 1)?;
    if work
        .lines
        .first("DischargeDate_HospitalProviderSpell")
        .is_some_and(|discharge| discharge < wrong.as_str())
    {
        return None;
    }
    work.lines.set(admitted, &wrong);
    Some(broken(line, "StartDate_Episode", "before the spell began"))
}

/// A discharge before the admission also leaves the episode outside its spell.
fn discharge(work: &mut Work<'_>) -> Option<Broken> {
    let mut made = end_before_start(
        work,
        None,
        "StartDate_HospitalProviderSpell",
        "DischargeDate_HospitalProviderSpell",
    )?;
    made.also
        .push(("CDS-ORDER-SPELL", work.lines.leaf("StartDate_Episode")?));
    Some(made)
}

fn ward(work: &mut Work<'_>) -> Option<Broken> {
    end_before_start(
        work,
        Some("WardStay"),
        "StartDate_WardStay",
        "EndDate_WardStay",
    )
}

fn home_leave(work: &mut Work<'_>) -> Option<Broken> {
    end_before_start(
        work,
        Some("HomeLeave"),
        "StartDate_HomeLeave",
        "EndDate_HomeLeave",
    )
}

fn commissioner(work: &mut Work<'_>) -> Option<Broken> {
    end_before_start(
        work,
        Some("Commissioners"),
        "StartDate_CommissionerAssignmentPeriod",
        "EndDate_CommissionerAssignmentPeriod",
    )
}

fn overseas(work: &mut Work<'_>) -> Option<Broken> {
    end_before_start(
        work,
        Some("OverseasVisitorChargingCategory"),
        "OverseasVisitorChargingCategoryApplicableFromDate",
        "OverseasVisitorChargingCategoryApplicableEndDate",
    )
}

fn fit_note(work: &mut Work<'_>) -> Option<Broken> {
    end_before_start(
        work,
        Some("CareEpisode_EMED3_FitNote"),
        "FitNoteStartDate",
        "FitNoteEndDate",
    )
}

fn critical(work: &mut Work<'_>, group: &str) -> Option<Broken> {
    end_before_start(
        work,
        Some(group),
        "CriticalCareStartDate",
        "CriticalCareDischargeDate",
    )
}

fn adult(work: &mut Work<'_>) -> Option<Broken> {
    critical(work, "AdultCriticalCarePeriod")
}

fn paediatric(work: &mut Work<'_>) -> Option<Broken> {
    critical(work, "PaediatricCriticalCarePeriod")
}

fn neonatal(work: &mut Work<'_>) -> Option<Broken> {
    critical(work, "NeonatalCriticalCarePeriod")
}

fn referral(work: &mut Work<'_>) -> Option<Broken> {
    const NAME: &str = "ReferralRequestReceivedDate";
    let line = work.lines.leaf(NAME)?;
    let wrong = beside(work.lines.first("AppointmentDate")?, 1)?;
    work.lines.set(line, &wrong);
    Some(broken(line, NAME, "after the appointment"))
}

fn clinically_appropriate(work: &mut Work<'_>) -> Option<Broken> {
    const LATEST: &str = "LatestClinicallyAppropriateDate";
    let earliest = work.lines.leaf("EarliestClinicallyAppropriateDate")?;
    let line = work.lines.leaf(LATEST)?;
    let wrong = beside(work.lines.value(earliest), -1)?;
    work.lines.set(line, &wrong);
    Some(broken(line, LATEST, "before the earliest"))
}
