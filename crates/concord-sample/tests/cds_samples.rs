//! Samples of CDS interchanges are valid to xmllint, and what they say fits together.

#![allow(clippy::print_stderr)] // what is skipped is said aloud

#[allow(dead_code)]
mod common;

use std::collections::BTreeSet;

use concord_sample::cds::{CdsType, Protocol, Request, SampleError, write};
use concord_standards::schema::Schema;

fn request<'s>(
    schema: &'s Schema,
    types: &[&str],
    protocol: Protocol,
    records: u64,
) -> Request<'s> {
    Request {
        schema,
        records,
        seed: 7,
        types: types.iter().map(|code| (*code).to_owned()).collect(),
        protocol,
        faults: None,
        fault_rules: Vec::new(),
    }
}

fn sample(request: &Request<'_>) -> String {
    let mut out = Vec::new();
    let written = write(request, &mut out, None).expect("a sample");
    assert_eq!(written.bytes, out.len() as u64);
    assert_eq!(
        written.lines,
        out.split(|byte| *byte == b'\n').count() as u64 - 1
    );
    String::from_utf8(out).expect("UTF-8")
}

/// Texts of all elements of a name, which is how flat these documents are.
fn texts<'t>(document: &'t str, name: &str) -> Vec<&'t str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    document
        .split(open.as_str())
        .skip(1)
        .filter_map(|rest| rest.split(close.as_str()).next())
        .collect()
}

fn records(document: &str) -> Vec<&str> {
    document.split("<CDSMessageHeader>").skip(1).collect()
}

fn each(mut check: impl FnMut(&str, &str, Protocol, &str)) {
    for (folder, _) in common::VERSIONS {
        let Some((schema, xsd)) = common::official(folder) else {
            return;
        };
        for kind in CdsType::ALL {
            for protocol in [Protocol::Net, Protocol::Bulk] {
                match write(
                    &request(&schema, &[kind.code], protocol, 1),
                    &mut Vec::new(),
                    None,
                ) {
                    Err(SampleError::Type { .. }) => continue,
                    other => other.expect("a sample"),
                };
                let document = sample(&request(&schema, &[kind.code], protocol, 150));
                check(folder, kind.code, protocol, &document);
                if common::has_xmllint() {
                    let verdict = common::verdicts(
                        &xsd,
                        &[document.clone().into_bytes()],
                        &format!("cds-{folder}-{}-{protocol:?}", kind.code),
                    );
                    assert_eq!(verdict, [Ok(())], "{folder} {} {protocol:?}", kind.code);
                }
            }
        }
    }
}

#[test]
fn every_type_in_both_protocols_is_valid_and_fits_together() {
    let mut seen = BTreeSet::new();
    each(|folder, code, protocol, document| {
        seen.insert((folder.to_owned(), code.to_owned()));
        let all = records(document);
        assert_eq!(all.len(), 150);
        assert_eq!(texts(document, "CDSInterchangeControlCount"), ["150"]);
        let references = texts(document, "CDSInterchangeControlReference");
        assert_eq!(references[0], references[1]);
        assert!(
            !document.contains("></") && !document.contains("> <"),
            "empty items in {folder} {code}"
        );
        let unique: BTreeSet<&str> = texts(document, "CDSUniqueIdentifier").into_iter().collect();
        assert_eq!(unique.len(), 150);
        for (index, record) in all.iter().enumerate() {
            let number = (index + 1).to_string();
            assert_eq!(
                texts(record, "CDSMessageReferenceNumber"),
                [number.as_str(), number.as_str()]
            );
            assert_eq!(texts(record, "CDSTypeCode"), [code]);
            assert_eq!(
                texts(record, "CDSProtocolIdentifierCode"),
                [protocol.code()]
            );
            let deleted = record.contains("<DeleteTransaction");
            if protocol == Protocol::Net {
                assert_eq!(
                    texts(record, "CDSUpdateType"),
                    [if deleted { "1" } else { "9" }]
                );
            }
            identities_hold(record);
            dates_hold(record);
        }
    });
    eprintln!("{seen:?}");
}

fn identities_hold(record: &str) {
    for suffix in ["", "_Mother", "_Baby"] {
        for (kind, verified) in [("Verified", true), ("Unverified", false)] {
            for identity in
                texts_with_attributes(record, &format!("{kind}Identity_Structure{suffix}"))
            {
                let statuses = texts(identity, &format!("NHSNumberStatusIndicatorCode{suffix}"));
                assert_eq!(
                    statuses.iter().all(|status| *status == "01"),
                    verified,
                    "{identity}"
                );
                let numbers = texts(identity, &format!("NHSNumber{suffix}"));
                assert!(numbers.iter().all(|number| number.starts_with("999")));
                if !numbers.is_empty() {
                    assert!(
                        !identity.contains("PatientName")
                            && !identity.contains("PatientUsualAddress"),
                        "{identity}"
                    );
                }
            }
        }
        for identity in
            texts_with_attributes(record, &format!("WithheldIdentity_Structure{suffix}"))
        {
            for hidden in [
                "<NHSNumber>",
                "<NHSNumber_",
                "PersonBirthDate",
                "Postcode",
                "Local",
                "Name",
            ] {
                assert!(!identity.contains(hidden), "{identity}");
            }
        }
    }
    for number in texts(record, "NHSNumber") {
        assert_eq!(
            record.matches(number).count(),
            texts(record, "NHSNumber")
                .iter()
                .filter(|other| **other == number)
                .count()
        );
    }
}

fn texts_with_attributes<'t>(document: &'t str, name: &str) -> Vec<&'t str> {
    let (open, close) = (format!("<{name} "), format!("</{name}>"));
    document
        .split(open.as_str())
        .skip(1)
        .filter_map(|rest| rest.split(close.as_str()).next())
        .collect()
}

fn dates_hold(record: &str) {
    let first = |name: &str| texts(record, name).first().copied();
    let in_order = |earlier: &str, later: &str| {
        if let (Some(a), Some(b)) = (first(earlier), first(later)) {
            assert!(a <= b, "{earlier} {a} is after {later} {b}");
        }
    };
    in_order("StartDate_HospitalProviderSpell", "StartDate_Episode");
    in_order("StartDate_Episode", "EndDate_Episode");
    in_order("EndDate_Episode", "DischargeDate_HospitalProviderSpell");
    in_order("CDSReportPeriodStartDate", "CDSActivityDate");
    in_order("CDSActivityDate", "CDSReportPeriodEndDate");
    in_order("PersonBirthDate", "CDSActivityDate");
    in_order("EmergencyCareArrivalDate", "EmergencyCareDepartureDate");
    in_order("CriticalCareStartDate", "CriticalCareDischargeDate");
    in_order(
        "EarliestClinicallyAppropriateDate",
        "LatestClinicallyAppropriateDate",
    );
    in_order(
        "ReferralToTreatmentPeriod_StartDate",
        "ReferralToTreatmentPeriod_EndDate",
    );
    if let (Some(end), true) = (first("EndDate_Episode"), record.contains("_Finished_")) {
        assert_eq!(first("CDSActivityDate"), Some(end));
    }
}

#[test]
fn types_are_mixed_within_their_group() {
    let Some((schema, _)) = common::official("V6-3-1") else {
        return;
    };
    let net = sample(&request(&schema, &[], Protocol::Net, 400));
    let codes: BTreeSet<&str> = texts(&net, "CDSTypeCode").into_iter().collect();
    assert_eq!(
        codes.into_iter().collect::<Vec<_>>(),
        [
            "020", "120", "130", "140", "150", "160", "180", "190", "200"
        ]
    );
    let bulk = sample(&request(&schema, &[], Protocol::Bulk, 50));
    let groups: BTreeSet<&str> = texts(&bulk, "CDSBulkReplacementGroupCode")
        .into_iter()
        .collect();
    assert_eq!(groups.into_iter().collect::<Vec<_>>(), ["010"]);
    let apart = write(
        &request(&schema, &["020", "130"], Protocol::Bulk, 5),
        &mut Vec::new(),
        None,
    );
    assert!(matches!(apart, Err(SampleError::Groups(_))), "{apart:?}");
    let none = write(
        &request(&schema, &[], Protocol::Net, 0),
        &mut Vec::new(),
        None,
    );
    assert!(matches!(none, Err(SampleError::NoRecords)));
}

#[test]
fn records_do_not_depend_on_how_many_there_are() {
    let Some((schema, _)) = common::official("V6-3-1") else {
        return;
    };
    let few = sample(&request(&schema, &[], Protocol::Net, 5));
    let many = sample(&request(&schema, &[], Protocol::Net, 50));
    let end = few.find("  <CDSInterchangeTrailer>").expect("a trailer");
    assert!(many.starts_with(&few[..end]));
    assert_eq!(many, sample(&request(&schema, &[], Protocol::Net, 50)));
}
