//! Faults of identity: NHS numbers, names, addresses, birth dates, leaks. Descriptions hold no personal value.

use super::dates::beside;
use super::{Broken, FaultMaker, Work, broken, in_record};

pub(super) const MAKERS: &[FaultMaker] = &[
    in_record("CDS-E7-STATUS", status),
    in_record("CDS-E7-STATUS-MOTHER", status_of_mother),
    in_record("CDS-E7-STATUS-BABY", status_of_baby),
    in_record("CDS-NHS-CHECK", check_digit),
    in_record("CDS-NHS-PLACEHOLDER", placeholder),
    in_record("CDS-NHS-STATUS-ABSENT", absent),
    in_record("CDS-I1", name_beside_number),
    in_record("CDS-I4", leak),
    in_record("CDS-I4-IDENTIFIER", local_leak),
    in_record("CDS-I5-AFTER-ACTIVITY", born_after_activity),
    in_record("CDS-I5-BABY", baby_born_after_activity),
    in_record("CDS-I5-MOTHER", mother_as_young),
    in_record("CDS-AGE", age),
    in_record("CDS-POSTCODE", postcode),
    in_record("CDS-EMPTY-NAME", empty_name),
    in_record("CDS-EMPTY-LOCAL-IDENTIFIER", empty_local_identifier),
];

const STATUS: &str = "NHSNumberStatusIndicatorCode";

/// Gives the attribute of an identity that is not verified another code than its element.
fn other_status(work: &mut Work<'_>, suffix: &str) -> Option<Broken> {
    let attribute = format!("{STATUS}{suffix}");
    let structures = [
        format!("UnverifiedIdentity_Structure{suffix}"),
        format!("WithheldIdentity_Structure{suffix}"),
    ];
    let lines = work
        .lines
        .opens(|name| structures.iter().any(|structure| structure == name));
    let line = *lines.first()?;
    let tag = work.lines.raw(line).trim_start().to_owned();
    let (before, rest) = tag.split_once(&format!("{attribute}=\""))?;
    let (code, after) = rest.split_once('"')?;
    let other = if code == "02" { "03" } else { "02" };
    work.lines
        .write(line, &format!("{before}{attribute}=\"{other}\"{after}"));
    Some(broken(
        line,
        &format!("@{attribute}"),
        format!("{other}, where the element says {code}"),
    ))
}

fn status(work: &mut Work<'_>) -> Option<Broken> {
    other_status(work, "")
}

fn status_of_mother(work: &mut Work<'_>) -> Option<Broken> {
    other_status(work, "_Mother")
}

fn status_of_baby(work: &mut Work<'_>) -> Option<Broken> {
    other_status(work, "_Baby")
}

fn number(work: &mut Work<'_>) -> Option<(usize, String)> {
    let lines = work.lines.leaves_where(|name, _| {
        matches!(name, "NHSNumber" | "NHSNumber_Mother" | "NHSNumber_Baby")
    });
    let line = *work.dice.pick(&lines)?;
    Some((line, work.lines.name(line).to_owned()))
}

fn check_digit(work: &mut Work<'_>) -> Option<Broken> {
    let (line, name) = number(work)?;
    let value = work.lines.value(line);
    let (body, last) = value.split_at_checked(9)?;
    let wrong = format!("{body}{}", (last.parse::<u8>().ok()? + 1) % 10);
    work.lines.set(line, &wrong);
    Some(broken(line, &name, "the check digit is wrong"))
}

fn placeholder(work: &mut Work<'_>) -> Option<Broken> {
    let (line, name) = number(work)?;
    work.lines.set(line, "0000000000");
    Some(broken(line, &name, "a value that stands for no number"))
}

/// Where an identity that is not verified begins, with the lines of its number and of its status.
fn unverified(work: &Work<'_>) -> Option<(usize, usize, usize)> {
    let open = work.lines.open("UnverifiedIdentity_Structure")?;
    let inside = |name: &str| work.lines.leaf_in(open, name);
    Some((open, inside("NHSNumber")?, inside(STATUS)?))
}

/// The patient's number in an identity that is not verified, with the status that says there is none.
fn absent(work: &mut Work<'_>) -> Option<Broken> {
    let (open, line, status) = unverified(work)?;
    work.lines.set(status, "07");
    work.lines.write(
        open,
        &format!("<UnverifiedIdentity_Structure {STATUS}=\"07\">"),
    );
    Some(broken(
        line,
        "NHSNumber",
        "a number beside the status that says there is none",
    ))
}

fn name_beside_number(work: &mut Work<'_>) -> Option<Broken> {
    let (_, line, status) = unverified(work)?;
    let full = if work.around.version == "6-3-1" {
        "PatientFullName"
    } else {
        "PersonFullName"
    };
    // What is put in at the end of a line stands behind it: the lines go in from last to first.
    work.lines.insert(status + 1, "</PatientName>");
    work.lines
        .insert(status + 1, &format!("  <{full}>Pat Sample</{full}>"));
    work.lines.insert(status + 1, "<PatientName>");
    Some(broken(line, "NHSNumber", "a name beside a valid number"))
}

fn leak(work: &mut Work<'_>) -> Option<Broken> {
    let number = work.lines.first("NHSNumber")?.to_owned();
    let (name, text) = work
        .dice
        .pick(&[
            ("PatientPathwayIdentifier", format!("PATHWAY{number}AAA")),
            ("HospitalProviderSpellIdentifier", format!("SP{number}")),
            ("OutpatientAttendanceIdentifier", format!("OA-{number}")),
            ("CDSMessageRecordIdentifier", format!("REC-{number}")),
        ])?
        .clone();
    let line = work.lines.leaf(name)?;
    work.lines.set(line, &text);
    Some(broken(line, name, "holds the NHS number"))
}

fn local_leak(work: &mut Work<'_>) -> Option<Broken> {
    let local = work
        .lines
        .leaves_where(|name, value| name.starts_with("LocalPatientIdentifier") && value.len() >= 8);
    let local = work.lines.value(*local.first()?).to_owned();
    let name = *work
        .dice
        .pick(&["CDSUniqueIdentifier", "CDSMessageRecordIdentifier"])?;
    let line = work.lines.leaf(name)?;
    // The first characters of a unique identifier say whose it is.
    let start: String = work.lines.value(line).chars().take(8).collect();
    work.lines.set(line, &format!("{start}-{local}"));
    Some(broken(line, name, "holds the local patient identifier"))
}

const ACTIVITY: &str = "CDSActivityDate";
const BORN: &str = "PersonBirthDate";

fn born_after(work: &mut Work<'_>, name: &str) -> Option<Broken> {
    let line = work.lines.leaf(name)?;
    let wrong = beside(work.lines.first(ACTIVITY)?, 1)?;
    work.lines.set(line, &wrong);
    Some(broken(line, name, "after the activity date"))
}

fn born_after_activity(work: &mut Work<'_>) -> Option<Broken> {
    // The age does not follow any more; 999 says that it is not known.
    if let Some(age) = work.lines.leaf("AgeAtCdsActivityDate") {
        work.lines.set(age, "999");
    }
    born_after(work, BORN)
}

fn baby_born_after_activity(work: &mut Work<'_>) -> Option<Broken> {
    born_after(work, "PersonBirthDate_Baby")
}

fn mother_as_young(work: &mut Work<'_>) -> Option<Broken> {
    const NAME: &str = "PersonBirthDate_Mother";
    let line = work.lines.leaf(NAME)?;
    let born = work.lines.first(BORN)?.to_owned();
    work.lines.set(line, &born);
    Some(broken(line, NAME, "the day on which her child was born"))
}

fn age(work: &mut Work<'_>) -> Option<Broken> {
    const NAME: &str = "AgeAtCdsActivityDate";
    work.lines.leaf(BORN)?;
    let line = work.lines.leaf(NAME)?;
    let wrong = work.lines.value(line).parse::<u32>().ok()? + 1;
    work.lines.set(line, &wrong.to_string());
    Some(broken(line, NAME, "a year too old"))
}

fn postcode(work: &mut Work<'_>) -> Option<Broken> {
    let lines = work
        .lines
        .leaves_where(|name, _| name.starts_with("PostcodeOfUsualAddress"));
    let line = *work.dice.pick(&lines)?;
    let name = work.lines.name(line).to_owned();
    work.lines.set(line, "JA1-2AB");
    Some(broken(line, &name, "not the form of a postcode"))
}

/// Takes everything out of a group.
fn clear(work: &mut Work<'_>, group: &str) -> Option<Broken> {
    let line = work.lines.open(group)?;
    let close = work.lines.close_of(line)?;
    for _ in line..close {
        work.lines.remove(line + 1);
    }
    work.lines.write(line, &format!("<{group}/>"));
    Some(broken(line, group, "empty"))
}

fn empty_name(work: &mut Work<'_>) -> Option<Broken> {
    clear(work, "PatientName")
}

fn empty_local_identifier(work: &mut Work<'_>) -> Option<Broken> {
    // The structure lets it be empty for verified identities only.
    work.lines.open("VerifiedIdentity_Structure")?;
    clear(work, "LocalIdentifierStructure")
}
