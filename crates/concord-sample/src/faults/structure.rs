//! Faults of structure: elements and attributes that are missing, unknown, out of order or too many.

use super::{Broken, FaultMaker, Work, broken, in_record};

pub(super) const MAKERS: &[FaultMaker] = &[
    in_record("STRUCTURE-MISSING", missing),
    in_record("STRUCTURE-UNKNOWN", unknown),
    in_record("STRUCTURE-NAME", misspelt),
    in_record("STRUCTURE-NAMESPACE", namespace),
    in_record("STRUCTURE-ORDER", order),
    in_record("STRUCTURE-REPEATED", repeated),
    in_record("STRUCTURE-CHOICE", choice),
    in_record("STRUCTURE-TEXT", text),
    in_record("STRUCTURE-EMPTY", not_empty),
    in_record("STRUCTURE-VALUE", child_in_value),
    in_record("STRUCTURE-TYPE", xsi_type),
    in_record("STRUCTURE-NIL", nil),
    in_record("ATTRIBUTE-MISSING", attribute_missing),
    in_record("ATTRIBUTE-UNKNOWN", attribute_unknown),
    in_record("ATTRIBUTE-PROHIBITED", attribute_prohibited),
];

/// Elements that every record of every version has, once, and that no rule but the structure's asks for.
const HEADER: &[&str] = &["CDSMessageType", "CDSMessageVersionNumber"];

fn missing(work: &mut Work<'_>) -> Option<Broken> {
    let name = *work.dice.pick(HEADER)?;
    let line = work.lines.leaf(name)?;
    work.lines.remove(line);
    Some(broken(line, name, "left out"))
}

fn unknown(work: &mut Work<'_>) -> Option<Broken> {
    let line = work.lines.leaf(work.dice.pick(HEADER)?)?;
    work.lines
        .insert(line, "<LocalSystemNote>1</LocalSystemNote>");
    Some(broken(
        line,
        "LocalSystemNote",
        "an element that the standard does not have",
    ))
}

fn misspelt(work: &mut Work<'_>) -> Option<Broken> {
    let name = *work.dice.pick(HEADER)?;
    let line = work.lines.leaf(name)?;
    let value = work.lines.value(line).to_owned();
    let at = name.len() - 2;
    let wrong = format!("{}{}", &name[..at], &name[at + 1..]);
    work.lines
        .write(line, &format!("<{wrong}>{value}</{wrong}>"));
    Some(broken(
        line,
        &wrong,
        format!("{name} with a letter left out"),
    ))
}

fn namespace(work: &mut Work<'_>) -> Option<Broken> {
    let name = *work.dice.pick(HEADER)?;
    let line = work.lines.leaf(name)?;
    work.lines
        .add_attribute(line, "xmlns=\"urn:example:other\"");
    Some(broken(line, name, "in another namespace"))
}

fn order(work: &mut Work<'_>) -> Option<Broken> {
    let line = work.lines.leaf("CDSMessageType")?;
    work.lines.swap(line, line + 1);
    Some(broken(
        line,
        "CDSMessageVersionNumber",
        "before CDSMessageType",
    ))
}

fn repeated(work: &mut Work<'_>) -> Option<Broken> {
    let name = *work.dice.pick(HEADER)?;
    let line = work.lines.leaf(name)?;
    let same = work.lines.raw(line).trim_start().to_owned();
    work.lines.insert(line, &same);
    Some(broken(line + 1, name, "stands twice"))
}

fn choice(work: &mut Work<'_>) -> Option<Broken> {
    let line = work.lines.leaf("UniqueBookingReferenceNumber_Converted")?;
    work.lines.insert(
        line + 1,
        "<PatientPathwayIdentifier>PWAY0000000000000001</PatientPathwayIdentifier>",
    );
    Some(broken(
        line + 1,
        "PatientPathwayIdentifier",
        "beside UniqueBookingReferenceNumber_Converted",
    ))
}

fn text(work: &mut Work<'_>) -> Option<Broken> {
    let line = work.lines.leaf(work.dice.pick(HEADER)?)?;
    work.lines.insert(line, "see note");
    Some(broken(line, "", "text between elements"))
}

fn not_empty(work: &mut Work<'_>) -> Option<Broken> {
    let line = (0..work.lines.len())
        .find(|&index| work.lines.raw(index).trim_start() == "<DeleteTransaction/>")?;
    work.lines
        .write(line, "<DeleteTransaction>1</DeleteTransaction>");
    Some(broken(line, "DeleteTransaction", "with content"))
}

fn child_in_value(work: &mut Work<'_>) -> Option<Broken> {
    let line = work.lines.leaf("CDSMessageRecordIdentifier")?;
    let value = work.lines.value(line).to_owned();
    work.lines.write(
        line,
        &format!("<CDSMessageRecordIdentifier>{value}<b/></CDSMessageRecordIdentifier>"),
    );
    Some(broken(
        line,
        "CDSMessageRecordIdentifier",
        "with an element inside its value",
    ))
}

fn xsi_type(work: &mut Work<'_>) -> Option<Broken> {
    let name = *work.dice.pick(HEADER)?;
    let line = work.lines.leaf(name)?;
    work.lines.add_attribute(
        line,
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"NoSuch_Type\"",
    );
    Some(broken(line, name, "with an xsi:type that does not exist"))
}

fn nil(work: &mut Work<'_>) -> Option<Broken> {
    let name = *work.dice.pick(HEADER)?;
    let line = work.lines.leaf(name)?;
    work.lines.add_attribute(
        line,
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"false\"",
    );
    Some(broken(line, name, "with xsi:nil"))
}

fn attribute_missing(work: &mut Work<'_>) -> Option<Broken> {
    let line = *work
        .lines
        .opens(|name| name.contains("Identity_Structure"))
        .iter()
        .find(|line| work.lines.raw(**line).contains('='))?;
    let name = work.lines.name(line).to_owned();
    work.lines.write(line, &format!("<{name}>"));
    Some(broken(line, &name, "without its attribute"))
}

fn attribute_unknown(work: &mut Work<'_>) -> Option<Broken> {
    let name = *work.dice.pick(&["CDSMessageHeader", "CDSMessageTrailer"])?;
    let line = work.lines.open(name)?;
    work.lines.add_attribute(line, "source=\"1\"");
    Some(broken(
        line,
        name,
        "with an attribute that the standard does not have",
    ))
}

fn attribute_prohibited(work: &mut Work<'_>) -> Option<Broken> {
    let line = *work
        .lines
        .opens(|name| name.starts_with("CDSNetChange"))
        .first()?;
    work.lines
        .add_attribute(line, "CDSBulkReplacementGroupCode=\"010\"");
    let name = work.lines.name(line).to_owned();
    Some(broken(
        line,
        &name,
        "with an attribute of the other protocol",
    ))
}
