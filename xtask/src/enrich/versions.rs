//! The versions, and what is said of each as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use concord_standards::definition::{
    Effects, Recognise, RecordShape, StandardInfo, StandardStatus,
};

/// A version and how its facts are found.
pub(super) struct Version {
    pub(super) info: StandardInfo,
    /// Where its statuses stand.
    pub(super) statuses: Statuses,
}

/// Where the statuses of a version stand.
pub(super) enum Statuses {
    /// In the tables of the Data Dictionary's pages for this version.
    Pages(&'static str),
    /// In the specification workbook, one table for each type.
    Workbook(&'static [&'static str]),
}

const NAMESPACE: &str = "http://www.nhsia.nhs.uk/DataStandards/XMLschema/CDS/ns";

pub(super) fn all() -> Vec<Version> {
    vec![
        emergency("6-2-2"),
        emergency("6-2-3"),
        Version {
            info: info(
                "6-3-1",
                "DAPB0092",
                StandardStatus::Current,
                "Types 020, 120, 130, 140, 150, 160, 180, 190 and 200",
                Some("2022-04-01"),
                None,
                &["010", "020", "030", "040", "060"],
                "CDS V6-3-1 XML schema (SchemaDate 2021-07-05); CDS V6-3-0 XML Schema Specification; DAPB0092 CDS V6-3 (change request 1764)",
                "Structure and values as in the XML schema. Statuses and names as in the V6-3-0 specification workbook, joined by path; a status that \
                 differs between the types that share an element is left out. Where the workbook's format says other than the schema, the schema's stands.",
            ),
            statuses: Statuses::Workbook(&[
                "020", "120", "130", "140", "150", "160", "180", "190", "200",
            ]),
        },
    ]
}

fn emergency(version: &'static str) -> Version {
    let retired = version == "6-2-2";
    let provenance = "Structure and values as in the XML schema. Statuses from the Data Dictionary's pages for this version, joined by name \
                      in order; a status that differs between places that share an element is left out. The last day of 6-2-2 is inferred from the day on which it \
                      was retired from the dictionary.";
    let source = if retired {
        "CDS V6-2-2 XML schema (SchemaDate 2012-05-11); DCB0092-2062 (change request 1654); DDCN 1879/2023 retires it"
    } else {
        "CDS V6-2-3 XML schema (SchemaDate 2012-05-11); DCB0092-2062 (change request 1740)"
    };
    Version {
        info: info(
            version,
            "DCB0092-2062",
            if retired {
                StandardStatus::Retired
            } else {
                StandardStatus::Current
            },
            "Type 011, emergency care",
            Some(if retired { "2019-04-01" } else { "2020-11-01" }),
            retired.then_some("2023-02-28"),
            &["160"],
            source,
            provenance,
        ),
        statuses: Statuses::Pages(if retired { "cds_v6-2-2" } else { "cds_v6-2-3" }),
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one fact each, in the order of standard.toml"
)]
fn info(
    version: &str,
    number: &str,
    status: StandardStatus,
    covers: &str,
    effective_from: Option<&str>,
    effective_to: Option<&str>,
    groups: &[&str],
    source: &str,
    provenance: &str,
) -> StandardInfo {
    let records = std::iter::once("CDSNetChange-All-MessageTypes".to_owned()).chain(
        groups
            .iter()
            .map(|group| format!("CDSBulkGroup-{group}-Message")),
    );
    StandardInfo {
        id: "cds".into(),
        version: version.into(),
        title: "Commissioning Data Sets".to_owned(),
        number: Some(number.to_owned()),
        publisher: "NHS England".to_owned(),
        status,
        effective_from: effective_from.map(str::to_owned),
        effective_to: effective_to.map(str::to_owned),
        carrier: "xml".to_owned(),
        namespace: NAMESPACE.into(),
        recognise: Recognise {
            root: "CDS-XMLInterchange".into(),
            namespace: NAMESPACE.into(),
            attributes: BTreeMap::from([("SchemaVersion".to_owned(), version.to_owned())]),
            ..Recognise::default()
        },
        record: RecordShape {
            elements: records.map(Arc::from).collect(),
            key: [
                "CDSTransactionHeader_NetChange/CDSUniqueIdentifier",
                "CDSTransactionHeader_BulkUpdate/CDSUniqueIdentifier",
                "CDSMessageHeader/CDSMessageRecordIdentifier",
                "CDSMessageHeader/CDSMessageReferenceNumber",
            ]
            .map(str::to_owned)
            .to_vec(),
            provider: vec!["OrganisationIdentifier_CodeOfProvider".to_owned()],
            ..RecordShape::default()
        },
        tables: Vec::new(),
        messages: None,
        aliases: Vec::new(),
        reconcile: None,
        effects: Effects::default(),
        covers: Some(covers.to_owned()),
        source: source.to_owned(),
        provenance: Some(provenance.to_owned()),
        folder: format!("cds/{version}"),
    }
}
