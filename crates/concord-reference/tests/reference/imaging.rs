//! Lists of imaging codes: in use, within months of it, imported again, and what is none.

use std::path::PathBuf;

use concord_reference::{ErrorKind, Import, Kind, ReferenceData, Written, recognise};

use crate::{day, fixtures, import, store_fixtures};

/// The three lists of imaging codes in the fixtures, stored.
pub(crate) fn stored(name: &str) -> (ReferenceData, PathBuf, Written) {
    let files = ["nicip.csv", "snomed.csv", "nicip-to-snomed.csv"];
    let (folder, written) = store_fixtures(name, &fixtures().join("../imaging-codes"), &files);
    (ReferenceData::open(&folder).unwrap(), folder, written)
}

#[test]
fn imaging_codes_have_months_of_grace_before_and_after_their_use() {
    let (data, folder, written) = stored("imaging");
    let kinds: Vec<_> = written
        .manifest
        .sources
        .iter()
        .map(|source| (&*source.name, source.kind, source.imaging_codes))
        .collect();
    assert_eq!(
        kinds,
        [
            ("imaging-snomed", Kind::ImagingCodes, 5),
            ("nicip", Kind::ImagingCodes, 4),
            ("nicip-to-snomed", Kind::ImagingMap, 2),
        ]
    );
    data.verify().unwrap();
    assert!(data.has("nicip") && !data.has("organisation"));
    for (table, code, date, months, expected) in [
        ("nicip", "XCHES", "1900-01-01", 0, true),
        ("nicip", "xches", "2024-01-01", 0, false),
        ("nicip", "XZNONE", "2024-01-01", 6, false),
        ("nicip", "XZOLD", "2024-02-29", 0, true),
        ("nicip", "XZOLD", "2024-03-01", 0, false),
        // Six months behind 29 February is 29 August.
        ("nicip", "XZOLD", "2024-08-29", 6, true),
        ("nicip", "XZOLD", "2024-08-30", 6, false),
        // Six months before 31 August is the last of February.
        ("nicip", "XZNEW", "2024-02-29", 6, true),
        ("nicip", "XZNEW", "2024-02-28", 6, false),
        // In use for a month only, neither on the day nor six months from it.
        ("nicip", "XZPAST", "2024-05-15", 6, true),
        ("imaging_snomed", "77477000", "2024-01-01", 0, true),
        ("nicip_to_snomed", "XCHES 399208008", "2024-01-01", 0, true),
        ("nicip_to_snomed", "XCHES 77477000", "2024-01-01", 0, false),
        ("nicip_to_snomed", "XZOLD 168537006", "2024-03-01", 0, false),
    ] {
        let found = data.is_imaging_code(table, code, Some(day(date)), months);
        assert_eq!(
            found.unwrap(),
            Some(expected),
            "{table} {code} {date} {months}"
        );
    }
    assert_eq!(
        data.is_imaging_code("nicip", "XZPAST", None, 0).unwrap(),
        Some(true)
    );
    assert_eq!(
        data.is_imaging_code("organisation", "R0A", None, 0)
            .unwrap(),
        None
    );
    // A list that is imported again takes the place of what it was; the others stay.
    let again = import(&[("june.csv", b"NICIP,Valid From\nXNEW,20240601\n")]).unwrap();
    let written = again.write(&folder, "2026-11-23T09:00:00Z").unwrap();
    assert_eq!(written.replaced.len(), 1);
    let data = ReferenceData::open(&folder).unwrap();
    let known = |table, code| data.is_imaging_code(table, code, None, 0).unwrap();
    assert_eq!(known("nicip", "XCHES"), Some(false));
    assert_eq!(known("nicip", "XNEW"), Some(true));
    assert_eq!(known("imaging_snomed", "399208008"), Some(true));
}

#[test]
fn what_is_no_imaging_code_is_left_out_and_told() {
    let text = "nicip,valid_from,valid_to\nXCHES,,\n,,\nX CHES,,\nXHAND,2024-13-01,\n";
    let import = import(&[("nicip.csv", text.as_bytes())]).unwrap();
    assert_eq!(import.sources()[0].imaging_codes, 1);
    assert_eq!(import.sources()[0].problems, 3);
    assert!(import.problems()[2].contains("line 5: `2024-13-01` is no date"));
    let ragged = recognise("nicip.csv", &b"nicip,valid_from\nXCHES\n"[..]).unwrap();
    let Err(error) = Import::default().read(ragged) else {
        panic!("a line with another number of cells was taken");
    };
    assert!(
        matches!(error.kind(), ErrorKind::Malformed { .. }),
        "{error}"
    );
}
