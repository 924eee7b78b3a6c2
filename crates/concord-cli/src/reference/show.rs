//! `concord reference show`.

use std::fmt::Write as _;
use std::path::Path;

use concord_reference::{
    Organisation, PostcodeEntry, ReferenceData, Source, Standing, default_codes, name_of,
};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::failure::Failure;
use crate::standards::table;

/// Where the data come from.
pub(super) fn manifest(data: &ReferenceData, folder: &Path) -> String {
    let mut text = sources(data.manifest().sources.iter());
    // Writing to a `String` does not fail.
    let _ = writeln!(text, "\nin {}", folder.display());
    text
}

/// A table of sources.
pub(super) fn sources<'s>(sources: impl Iterator<Item = &'s Source>) -> String {
    let number = |count: u64| {
        if count == 0 {
            String::new()
        } else {
            count.to_string()
        }
    };
    let rows: Vec<_> = sources
        .map(|source| {
            [
                source.name.clone(),
                source.kind.to_string(),
                number(source.organisations),
                number(source.relationships),
                number(source.successions),
                number(source.postcodes),
                number(source.imaging_codes),
                source.date.clone().unwrap_or_default(),
                source.imported_at.clone(),
            ]
        })
        .collect();
    table(
        [
            "source",
            "what",
            "organisations",
            "relationships",
            "successions",
            "postcodes",
            "imaging codes",
            "published",
            "imported",
        ],
        &rows,
    )
}

/// What is known of a code or postcode.
pub(super) fn show(
    data: &ReferenceData,
    asked: &str,
    as_at: Option<Date>,
) -> Result<String, Failure> {
    let date = as_at.unwrap_or_else(|| Timestamp::now().to_zoned(TimeZone::UTC).date());
    let code = asked.trim().to_ascii_uppercase();
    let mut parts = Vec::new();
    if let Some(known) = data.organisation(&code)? {
        parts.push(organisation(data, known, date, as_at.is_some())?);
    }
    for known in default_codes(&code) {
        let scope = format!("{:?}", known.scope).to_ascii_lowercase();
        let usage = if known.current {
            ""
        } else {
            ", no longer used"
        };
        parts.push(format!(
            "{code}  default code for a {scope}{usage}: {}\n",
            known.meaning
        ));
    }
    if let Some(known) = data.postcode(&code)? {
        parts.push(postcode(&known, date));
    }
    if parts.is_empty() {
        return Err(Failure::usage(
            format!("nothing is known of `{asked}`"),
            "`concord reference show` tells which sources were imported; an organisation or postcode that is new may need a newer one",
        ));
    }
    let text = parts.join("\n");
    Ok(text
        .split('\n')
        .map(concord_report::harmless)
        .collect::<Vec<_>>()
        .join("\n"))
}

fn organisation(
    data: &ReferenceData,
    known: Organisation<'_>,
    date: Date,
    only_then: bool,
) -> Result<String, Failure> {
    let standing = match data.standing(known.code(), date)? {
        Standing::Live(_) | Standing::Unknown => "in operation".to_owned(),
        Standing::NotYet(_) => "not open yet".to_owned(),
        Standing::Closed(_, None) => "closed, and no successor in operation is known".to_owned(),
        Standing::Closed(_, Some(new)) => {
            format!("closed; in its place {} {}", new.code(), new.name())
        }
    };
    let (legal_open, legal_close) = known.legal_dates();
    let status = match known.status() {
        "" => String::new(),
        status => format!("{status} when {} was published", known.source()),
    };
    let facts = [
        (format!("on {date}"), standing),
        (
            "operation".to_owned(),
            period(known.open_date(), known.close_date()),
        ),
        ("legally".to_owned(), period(legal_open, legal_close)),
        ("status".to_owned(), status),
        ("class".to_owned(), known.record_class().to_owned()),
        ("postcode".to_owned(), known.postcode().to_owned()),
        ("region".to_owned(), named(data, known.region())?),
        ("geography".to_owned(), named(data, known.icb())?),
        ("setting".to_owned(), known.setting().to_owned()),
        ("source".to_owned(), known.source().to_owned()),
    ];
    let rows: Vec<_> = facts
        .into_iter()
        .filter(|(_, fact)| !fact.is_empty())
        .map(|(name, fact)| [name, fact])
        .collect();
    let mut text = table([known.code(), known.name()], &rows);
    let roles: Vec<_> = data
        .roles_of(known.code())?
        .into_iter()
        .filter(|role| !only_then || role.is_in_force(date))
        .map(|role| {
            let name = name_of(role.id).unwrap_or_default();
            let primary = if role.primary { " (primary)" } else { "" };
            [
                role.id.to_owned(),
                format!("{name}{primary}"),
                period(role.start, role.end),
            ]
        })
        .collect();
    section(&mut text, ["role", "", "when"], &roles);
    let mut relationships = Vec::new();
    for one in data.relationships_of(known.code())? {
        if !only_then || one.is_in_force(date) {
            let what =
                name_of(one.id).map_or_else(|| format!("{} belongs to", one.id), str::to_owned);
            relationships.push([
                what.trim_start().to_owned(),
                named(data, one.target)?,
                period(one.start, one.end),
            ]);
        }
    }
    section(&mut text, ["relationship", "", "when"], &relationships);
    let mut successors = Vec::new();
    for (successor, from) in data.successors(known.code())? {
        if !only_then || from.is_none_or(|from| from <= date) {
            successors.push([named(data, successor)?, since(from)]);
        }
    }
    section(&mut text, ["successor", "when"], &successors);
    Ok(text)
}

fn section<const N: usize>(text: &mut String, heading: [&str; N], rows: &[[String; N]]) {
    if !rows.is_empty() {
        text.push('\n');
        text.push_str(&table(heading, rows));
    }
}

fn postcode(known: &PostcodeEntry<'_>, date: Date) -> String {
    let (front, back) = known
        .postcode
        .split_at(known.postcode.len().saturating_sub(3));
    let heading = format!("{front} {back}");
    if let Some(pseudo) = known.pseudo {
        return format!(
            "{heading}  pseudo postcode, {}: {}\n",
            pseudo.kind, pseudo.meaning
        );
    }
    let standing = if known.is_live(date) {
        "in use"
    } else {
        "not in use"
    };
    let facts = [
        (format!("on {date}"), standing.to_owned()),
        (
            "in use".to_owned(),
            period(known.introduced, known.terminated),
        ),
        ("country".to_owned(), known.country.to_owned()),
        ("region".to_owned(), known.region.to_owned()),
        ("NHS region".to_owned(), known.nhs_region.to_owned()),
        (
            "local authority".to_owned(),
            known.local_authority.to_owned(),
        ),
        ("sub-ICB location".to_owned(), known.sub_icb.to_owned()),
        ("integrated care board".to_owned(), known.icb.to_owned()),
        ("output area of 2011".to_owned(), known.lsoa11.to_owned()),
        ("output area of 2021".to_owned(), known.lsoa21.to_owned()),
    ];
    let rows: Vec<_> = facts
        .into_iter()
        .filter(|(_, fact)| !fact.is_empty())
        .map(|(name, fact)| [name, fact])
        .collect();
    table([&heading, "postcode"], &rows)
}

/// A code with its name, as far as it is known.
fn named(data: &ReferenceData, code: &str) -> Result<String, Failure> {
    let name = data.organisation(code)?.map_or("", |known| known.name());
    Ok(format!("{code} {name}").trim().to_owned())
}

fn period(start: Option<Date>, end: Option<Date>) -> String {
    match (start, end) {
        (None, None) => String::new(),
        (start, None) => since(start),
        (None, Some(end)) => format!("until {end}"),
        (Some(start), Some(end)) => format!("{start} to {end}"),
    }
}

fn since(start: Option<Date>) -> String {
    start.map_or_else(String::new, |start| format!("since {start}"))
}
