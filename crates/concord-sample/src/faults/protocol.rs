//! Faults of protocol: what attributes, headers and bodies say of one another, and how records are filed.

use crate::cds::Protocol;

use super::dates::beside;
use super::{Broken, FaultMaker, Work, broken, in_record};

pub(super) const MAKERS: &[FaultMaker] = &[
    in_record("CDS-E7-TYPE", type_attribute),
    in_record("CDS-E7-PROTOCOL", protocol),
    in_record("CDS-E7-GROUP", group),
    in_record("CDS-E7-GROUP-TYPE", group_of_another_type),
    in_record("CDS-E7-BODY", body),
    in_record("CDS-P1", update_type),
    in_record("CDS-P2", unique_identifier),
    in_record("CDS-P4", long_period),
    in_record("CDS-P4-START", other_start),
    in_record("CDS-P4-END", other_end),
    in_record("CDS-P5", period_backwards),
    in_record("CDS-P5-EXTRACT", extract),
    in_record("CDS-P6-PERIOD", outside_period),
    in_record("CDS-P6-ARRIVAL", not_arrival),
    in_record("CDS-P6-APPOINTMENT", not_appointment),
    in_record("CDS-P6-EPISODE", not_episode_end),
    in_record("CDS-ODS", organisation),
    in_record("CDS-EMPTY", empty),
];

/// The record's start tag.
fn record(work: &Work<'_>) -> Option<usize> {
    work.lines
        .opens(|name| name.starts_with("CDSNetChange") || name.starts_with("CDSBulkGroup"))
        .first()
        .copied()
}

/// Another code for the type, that the same place takes.
fn another_type(work: &Work<'_>, code: &str) -> Option<&'static str> {
    let open = work.lines.name(record(work)?).to_owned();
    let codes: &[&str] = match (work.around.version, work.around.protocol) {
        ("6-2-2", Protocol::Net) => &["010", "021"],
        ("6-3-1", Protocol::Net) => &["120", "130", "140"],
        ("6-3-1", Protocol::Bulk) if open.contains("-010-") => &["120", "130", "140"],
        ("6-3-1", Protocol::Bulk) if open.contains("-020-") => &["180", "190", "200"],
        _ => &[],
    };
    codes.iter().copied().find(|other| *other != code)
}

fn set_attribute(work: &mut Work<'_>, name: &str, from: &str, to: &str) -> Option<usize> {
    let line = record(work)?;
    let tag = work
        .lines
        .raw(line)
        .trim_start()
        .replace(&format!(" {name}=\"{from}\""), &format!(" {name}=\"{to}\""));
    work.lines.write(line, &tag);
    Some(line)
}

fn type_attribute(work: &mut Work<'_>) -> Option<Broken> {
    let code = work.lines.first("CDSTypeCode")?.to_owned();
    let other = another_type(work, &code)?;
    let line = set_attribute(work, "CDSTypeCode", &code, other)?;
    Some(broken(
        line,
        "@CDSTypeCode",
        format!("{other}, where the element says {code}"),
    ))
}

fn protocol(work: &mut Work<'_>) -> Option<Broken> {
    const NAME: &str = "CDSProtocolIdentifierCode";
    let line = work.lines.leaf(NAME)?;
    let other = match work.lines.value(line) {
        "010" => "020",
        _ => "010",
    };
    work.lines.set(line, other);
    Some(broken(line, NAME, "the code of the other protocol"))
}

const GROUP: &str = "CDSBulkReplacementGroupCode";

fn group(work: &mut Work<'_>) -> Option<Broken> {
    // A group of lists, for which no rule says which types it holds.
    if work.around.version == "6-2-2" {
        let line = work.lines.leaf(GROUP)?;
        work.lines.set(line, "070");
        return Some(broken(line, GROUP, "070, where the attribute says 160"));
    }
    let mut made = group_of_another_type(work)?;
    made.also = vec![("CDS-E7-GROUP-TYPE", made.line)];
    made.line = work.lines.leaf(GROUP)?;
    Some(made)
}

fn group_of_another_type(work: &mut Work<'_>) -> Option<Broken> {
    if work.around.version == "6-2-3" {
        return None;
    }
    let line = work.lines.leaf(GROUP)?;
    let code = work.lines.value(line).to_owned();
    let other = match (work.around.version, code.as_str()) {
        ("6-2-2", _) => "140",
        (_, "060") => "040",
        _ => "060",
    };
    work.lines.set(line, other);
    let mut made = broken(
        work.lines.leaf("CDSTypeCode")?,
        "CDSTypeCode",
        format!("a type that group {other} does not hold"),
    );
    made.also.push(("CDS-E7-GROUP", line));
    Some(made)
}

fn body(work: &mut Work<'_>) -> Option<Broken> {
    if (0..work.lines.len()).any(|index| work.lines.raw(index).contains("<DeleteTransaction")) {
        return None;
    }
    let line = work.lines.leaf("CDSTypeCode")?;
    let code = work.lines.value(line).to_owned();
    let other = another_type(work, &code)?;
    set_attribute(work, "CDSTypeCode", &code, other)?;
    work.lines.set(line, other);
    Some(broken(
        line,
        "CDSTypeCode",
        format!("{other}, over the body of {code}"),
    ))
}

fn update_type(work: &mut Work<'_>) -> Option<Broken> {
    const NAME: &str = "CDSUpdateType";
    let line = work.lines.leaf(NAME)?;
    let other = if work.lines.value(line) == "1" {
        "9"
    } else {
        "1"
    };
    work.lines.set(line, other);
    Some(broken(
        line,
        NAME,
        "a deletion with content, or content of a deletion",
    ))
}

fn unique_identifier(work: &mut Work<'_>) -> Option<Broken> {
    const NAME: &str = "CDSUniqueIdentifier";
    let line = work.lines.leaf(NAME)?;
    let wrong = work.lines.value(line).replacen('B', "X", 1);
    work.lines.set(line, &wrong);
    Some(broken(line, NAME, "begins with neither A nor B"))
}

const PERIOD_START: &str = "CDSReportPeriodStartDate";
const PERIOD_END: &str = "CDSReportPeriodEndDate";
const ACTIVITY: &str = "CDSActivityDate";

const SAME_START: &str = "CDS-P4-START";
const SAME_END: &str = "CDS-P4-END";

/// A number of days that no other record uses to move its period: of other records one with the same period as this
/// would not be told of. `None` for the first record, which says what the period is, and far into a file.
fn days_apart(work: &Work<'_>) -> Option<i64> {
    let number = i64::try_from(work.around.number).ok()?;
    (1..12_000).contains(&number).then_some(3 * number)
}

fn other_start(work: &mut Work<'_>) -> Option<Broken> {
    // Not by so much that the period gets too long.
    let days = days_apart(work).filter(|days| *days < 1_300)? + 2;
    let line = work.lines.leaf(PERIOD_START)?;
    let wrong = beside(work.lines.value(line), -days)?;
    work.lines.set(line, &wrong);
    Some(broken(line, PERIOD_START, "not that of other records"))
}

fn other_end(work: &mut Work<'_>) -> Option<Broken> {
    let days = days_apart(work).filter(|days| *days < 1_300)?;
    let line = work.lines.leaf(PERIOD_END)?;
    let wrong = beside(work.lines.value(line), days)?;
    work.lines.set(line, &wrong);
    Some(broken(line, PERIOD_END, "not that of other records"))
}

/// Such a period is not that of other records either.
fn long_period(work: &mut Work<'_>) -> Option<Broken> {
    let days = days_apart(work)? + 1_500;
    let line = work.lines.leaf(PERIOD_START)?;
    let wrong = beside(work.lines.value(line), -days)?;
    work.lines.set(line, &wrong);
    let mut made = broken(line, PERIOD_START, "a period of many years");
    made.also.push((SAME_START, line));
    Some(made)
}

/// Nothing lies within a period that ends before it starts, so the activity date is outside as well.
fn period_backwards(work: &mut Work<'_>) -> Option<Broken> {
    let days = days_apart(work)? + 1;
    let start = work.lines.first(PERIOD_START)?.to_owned();
    let line = work.lines.leaf(PERIOD_END)?;
    work.lines.set(line, &beside(&start, -days)?);
    let mut made = broken(line, PERIOD_END, "the period ends before it starts");
    made.also.push((SAME_END, line));
    made.also
        .push(("CDS-P6-PERIOD", work.lines.leaf(ACTIVITY)?));
    Some(made)
}

fn extract(work: &mut Work<'_>) -> Option<Broken> {
    let name = if work.around.protocol == Protocol::Bulk {
        "CDSExtractDate"
    } else {
        "CDSApplicableDate"
    };
    let line = work.lines.leaf(name)?;
    work.lines.set(line, "2999-12-31");
    Some(broken(line, name, "after the interchange was prepared"))
}

/// The whole period lies before the activity.
fn outside_period(work: &mut Work<'_>) -> Option<Broken> {
    let days = days_apart(work)? + 400;
    let line = work.lines.leaf(ACTIVITY)?;
    let (start, end) = (work.lines.leaf(PERIOD_START)?, work.lines.leaf(PERIOD_END)?);
    let first = beside(work.lines.value(start), -days)?;
    work.lines.set(start, &first);
    work.lines.set(end, &beside(&first, 28)?);
    let mut made = broken(line, ACTIVITY, "outside the report period");
    made.also.extend([(SAME_START, start), (SAME_END, end)]);
    Some(made)
}

/// Moves the activity date by a day, when no birthday and no bound of the period lies between.
fn move_activity(work: &mut Work<'_>, description: &str) -> Option<Broken> {
    let line = work.lines.leaf(ACTIVITY)?;
    let activity = work.lines.value(line).to_owned();
    let fits = |day: &str| {
        let inside = work
            .lines
            .first(PERIOD_START)
            .is_none_or(|start| start <= day)
            && work.lines.first(PERIOD_END).is_none_or(|end| day <= end);
        let births = work
            .lines
            .leaves_where(|name, _| name.starts_with("PersonBirthDate"));
        inside
            && births.iter().all(|&birth| {
                let birth = work.lines.value(birth);
                birth <= day
                    && birth.get(5..) != day.get(5..)
                    && (birth.get(..4) == day.get(..4) || birth.get(5..) != activity.get(5..))
            })
    };
    let moved = [beside(&activity, 1)?, beside(&activity, -1)?]
        .into_iter()
        .find(|day| fits(day))?;
    work.lines.set(line, &moved);
    Some(broken(line, ACTIVITY, description))
}

fn not_arrival(work: &mut Work<'_>) -> Option<Broken> {
    work.lines.leaf("EmergencyCareArrivalDate")?;
    move_activity(work, "not the day of arrival")
}

fn not_appointment(work: &mut Work<'_>) -> Option<Broken> {
    work.lines.leaf("AppointmentDate")?;
    move_activity(work, "not the day of the appointment")
}

fn not_episode_end(work: &mut Work<'_>) -> Option<Broken> {
    work.lines.leaf("EndDate_Episode")?;
    work.lines
        .first("CDSTypeCode")
        .filter(|code| matches!(*code, "120" | "130" | "140"))?;
    move_activity(work, "not the day on which the episode ended")
}

fn organisation(work: &mut Work<'_>) -> Option<Broken> {
    let (name, wrong) = *work.dice.pick(&[
        ("OrganisationSiteIdentifier_OfTreatment", "RXX-1"),
        ("OrganisationIdentifier_CodeOfCommissioner", "Q-1"),
        ("OrganisationIdentifier_ConveyingAmbulanceTrust", "rx6"),
    ])?;
    let line = work.lines.leaf(name)?;
    work.lines.set(line, wrong);
    Some(broken(
        line,
        name,
        format!("not the form of an organisation's code: {wrong}"),
    ))
}

fn empty(work: &mut Work<'_>) -> Option<Broken> {
    let names: &[&str] = match work.around.version {
        "6-2-2" => &["CDSMessageRecordIdentifier", "AmbulanceIncidentNumber"],
        "6-2-3" => &[
            "CDSMessageRecordIdentifier",
            "ObservationValue",
            "PersonScore",
            "UCUMunitOfMeasurement",
        ],
        _ => &[
            "BirthWeight",
            "CommissionerReferenceIdentifier",
            "EpisodeNumber",
            "ObsValue",
            "PersonScore",
            "ServiceCode",
            "UCUMUnit",
            "AgeOnAdmission",
        ],
    };
    let there: Vec<(usize, &str)> = names
        .iter()
        .filter_map(|name| work.lines.leaf(name).map(|line| (line, *name)))
        .collect();
    let (line, name) = *work.dice.pick(&there)?;
    work.lines.set(line, "");
    Some(broken(line, name, "empty"))
}
