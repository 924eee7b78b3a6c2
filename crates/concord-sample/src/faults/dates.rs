//! Faults of order: what ends before it starts, or happens before it can.

use jiff::ToSpan;
use jiff::civil::Date;

use super::{Broken, FaultMaker, Work, broken, in_order, in_record};

pub(super) const MAKERS: &[FaultMaker] = &[
    in_record("CDS-E6-S13", early_timestamp),
    in_record("CDS-E6-S14", hour_24),
    in_record("CDS-TIME-ZONE", zone),
    backwards(
        "CDS-ORDER-RTT",
        "ReferralToTreatmentPeriod_StartDate",
        "ReferralToTreatmentPeriod_EndDate",
    ),
    in_record("CDS-ORDER-ASSESSED", assessed),
    in_record("CDS-ORDER-SEEN", seen),
    in_record("CDS-ORDER-DEPARTED", departed),
    in_record("CDS-ORDER-DECIDED", decided),
    in_record("CDS-ORDER-INJURY", injury),
    in_record("CDS-ORDER-REFERRED", referred),
    backwards_in(
        "CDS-ORDER-DETAINED",
        "MentalHealthActLegalStatus",
        "StartDate_MentalHealthActLegalStatusClassificationAssignmentPeriod",
        "ExpiryDate_MentalHealthActLegalStatusClassification",
    ),
    in_record("CDS-ORDER-EPISODE", episode),
    in_record("CDS-ORDER-SPELL", spell),
    in_record("CDS-ORDER-DISCHARGE", discharge),
    backwards_in(
        "CDS-ORDER-WARD",
        "WardStay",
        "StartDate_WardStay",
        "EndDate_WardStay",
    ),
    backwards_in(
        "CDS-ORDER-HOME-LEAVE",
        "HomeLeave",
        "StartDate_HomeLeave",
        "EndDate_HomeLeave",
    ),
    backwards_in(
        "CDS-ORDER-COMMISSIONER",
        "Commissioners",
        "StartDate_CommissionerAssignmentPeriod",
        "EndDate_CommissionerAssignmentPeriod",
    ),
    backwards_in(
        "CDS-ORDER-OVERSEAS",
        "OverseasVisitorChargingCategory",
        "OverseasVisitorChargingCategoryApplicableFromDate",
        "OverseasVisitorChargingCategoryApplicableEndDate",
    ),
    backwards_in(
        "CDS-ORDER-FIT-NOTE",
        "CareEpisode_EMED3_FitNote",
        "FitNoteStartDate",
        "FitNoteEndDate",
    ),
    critical("CDS-ORDER-CRITICAL-ADULT", "AdultCriticalCarePeriod"),
    critical(
        "CDS-ORDER-CRITICAL-PAEDIATRIC",
        "PaediatricCriticalCarePeriod",
    ),
    critical("CDS-ORDER-CRITICAL-NEONATAL", "NeonatalCriticalCarePeriod"),
    in_record("CDS-ORDER-REFERRAL", referral),
    backwards(
        "CDS-ORDER-CLINICALLY-APPROPRIATE",
        "EarliestClinicallyAppropriateDate",
        "LatestClinicallyAppropriateDate",
    ),
];

/// What ends before it starts, anywhere in the record.
const fn backwards(rule: &'static str, start: &'static str, end: &'static str) -> FaultMaker {
    in_order(rule, None, start, end)
}

/// What ends before it starts, in a group.
const fn backwards_in(
    rule: &'static str,
    group: &'static str,
    start: &'static str,
    end: &'static str,
) -> FaultMaker {
    in_order(rule, Some(group), start, end)
}

const fn critical(rule: &'static str, group: &'static str) -> FaultMaker {
    backwards_in(
        rule,
        group,
        "CriticalCareStartDate",
        "CriticalCareDischargeDate",
    )
}

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
pub(super) fn end_before_start(
    work: &mut Work<'_>,
    within: Option<&str>,
    start: &str,
    end: &str,
) -> Option<Broken> {
    let lines = &work.lines;
    let pairs: Vec<(usize, usize)> = match within {
        Some(group) => lines
            .opens(|name| name == group)
            .into_iter()
            .filter_map(|open| Some((lines.leaf_in(open, start)?, lines.leaf_in(open, end)?)))
            .collect(),
        None => vec![(lines.leaf(start)?, lines.leaf(end)?)],
    };
    let (start_line, end_line) = *work.dice.pick(&pairs)?;
    let wrong = beside(work.lines.value(start_line), -1)?;
    work.lines.set(end_line, &wrong);
    Some(broken(end_line, end, format!("before {start}")))
}

/// Sets a date a day after another, before which it must be.
fn after(work: &mut Work<'_>, name: &str, other: &str, description: &str) -> Option<Broken> {
    let line = work.lines.leaf(name)?;
    let wrong = beside(work.lines.first(other)?, 1)?;
    work.lines.set(line, &wrong);
    Some(broken(line, name, description))
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

fn decided(work: &mut Work<'_>) -> Option<Broken> {
    const NAME: &str = "DecidedToAdmitDate";
    if work.lines.leaf("EmergencyCareArrivalDate").is_some() {
        return before_arrival(work, NAME, "DecidedToAdmitTime");
    }
    let admitted = "StartDate_HospitalProviderSpell";
    after(work, NAME, admitted, "after the admission")
}

fn injury(work: &mut Work<'_>) -> Option<Broken> {
    let arrival = "EmergencyCareArrivalDate";
    after(work, "InjuryDate", arrival, "after the arrival")
}

fn referral(work: &mut Work<'_>) -> Option<Broken> {
    let received = "ReferralRequestReceivedDate";
    after(work, received, "AppointmentDate", "after the appointment")
}

fn referred(work: &mut Work<'_>) -> Option<Broken> {
    // Only the first group is looked at, and only when it has all four values.
    let open = work.lines.open("ReferralsToOtherServices")?;
    let inside = |name: &str| work.lines.leaf_in(open, name);
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
