//! Files in, look-ups out: over the fixtures, over hostile input, against a naive oracle, and over real samples where they are.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what is skipped is said

mod imaging;
mod searched;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use concord_reference::{
    Error, ErrorKind, Import, Kind, ReferenceData, Standing, Succession, Written, is_default_code,
    recognise, tables,
};
use jiff::civil::Date;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/reference")
}

/// The folder of real samples, beside the checkout.
fn samples() -> Option<PathBuf> {
    let folder = std::env::var_os("CONCORD_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    let folder = folder.join("organisations");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: {} is not there", folder.display());
    None
}

/// A fresh folder for one test.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("reference")
        .join(name);
    let _ = fs::remove_dir_all(&path);
    path
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn import(files: &[(&str, &[u8])]) -> Result<Import, Error> {
    files
        .iter()
        .try_fold(Import::default(), |import, (name, bytes)| {
            import.read(recognise(name, *bytes)?)
        })
}

fn store(name: &str, files: &[(&str, &[u8])]) -> (PathBuf, Written) {
    let folder = folder(name);
    let written = import(files)
        .unwrap()
        .write(&folder, "2026-11-22T09:00:00Z")
        .unwrap();
    (folder, written)
}

/// Files of a folder of fixtures, stored.
fn store_fixtures(name: &str, fixtures: &Path, files: &[&str]) -> (PathBuf, Written) {
    let read = |file: &&str| fs::read(fixtures.join(file)).unwrap();
    let contents: Vec<_> = files.iter().map(read).collect();
    let contents = contents.iter().map(Vec::as_slice);
    let files: Vec<_> = files.iter().copied().zip(contents).collect();
    store(name, &files)
}

/// Everything in the fixtures.
fn everything(name: &str) -> ReferenceData {
    let files = [
        "epraccur.csv",
        "epcmem.csv",
        "hscorgrefdata.xml",
        "onspd.csv",
    ];
    let (folder, written) = store_fixtures(name, &fixtures(), &files);
    assert!(written.replaced.is_empty());
    ReferenceData::open(folder).unwrap()
}

#[test]
fn the_manifest_tells_every_source() {
    let data = everything("manifest");
    let sources: Vec<_> = data
        .manifest()
        .sources
        .iter()
        .map(|source| {
            let counts = [
                source.organisations,
                source.relationships,
                source.successions,
                source.postcodes,
                source.problems,
            ];
            (&*source.name, source.kind, source.date.as_deref(), counts)
        })
        .collect();
    assert_eq!(
        sources,
        [
            ("epcmem", Kind::MembershipCsv, None, [0, 8, 0, 0, 0]),
            ("epraccur", Kind::OrganisationCsv, None, [26, 25, 0, 0, 0]),
            (
                "hscorgrefdata-full",
                Kind::OrganisationXml,
                Some("2026-08-27"),
                [17, 9, 11, 0, 0]
            ),
            ("onspd", Kind::PostcodeDirectory, None, [0, 0, 0, 10, 0]),
        ]
    );
    let source = &data.manifest().sources[2];
    assert_eq!(
        source.bytes,
        fs::metadata(fixtures().join("hscorgrefdata.xml"))
            .unwrap()
            .len()
    );
    assert_eq!(source.imported_at, "2026-11-22T09:00:00Z");
}

#[test]
fn organisations_as_at_a_date() {
    let data = everything("organisations");
    let practice = data.organisation("A82048").unwrap().unwrap();
    assert_eq!(practice.name(), "BEECHWOOD GROUP PRACTICE");
    assert_eq!(practice.status(), "inactive");
    assert_eq!(practice.roles().collect::<Vec<_>>(), ["RO177", "RO76"]);
    assert_eq!(
        (practice.region(), practice.icb(), practice.setting()),
        ("Y63", "QHM", "4")
    );
    assert_eq!(practice.postcode(), "CA14 3FT");
    assert_eq!(practice.open_date(), Some(day("1974-04-01")));
    // The last day counts.
    for (date, open) in [
        ("1974-03-31", false),
        ("1974-04-01", true),
        ("2022-03-31", true),
        ("2022-04-01", false),
    ] {
        for succession in [Succession::Follow, Succession::Ignore] {
            assert_eq!(
                data.is_live("A82048", day(date), succession).unwrap(),
                open,
                "{date}"
            );
            assert_eq!(
                data.is_live_practice("A82048", day(date), succession)
                    .unwrap(),
                open,
                "{date}"
            );
        }
    }
    assert!(data.exists("A82048").unwrap());
    for unknown in ["", "A", "a82048", "A82048 ", "V81999", "ZZZZZZ", "\u{0}"] {
        assert!(!data.exists(unknown).unwrap(), "{unknown}");
        assert!(matches!(
            data.standing(unknown, day("2020-01-01")).unwrap(),
            Standing::Unknown
        ));
    }
    assert!(is_default_code("V81999", &[]));
    let site = data.organisation("5N424").unwrap().unwrap();
    assert_eq!(site.record_class(), "site");
    assert!(
        site.is_open(day("2026-01-01")),
        "the operational period counts"
    );
    assert_eq!(
        site.legal_dates(),
        (Some(day("1980-01-01")), Some(day("2013-03-31")))
    );
    let named = data.organisation("F83004").unwrap().unwrap();
    assert_eq!(named.name(), "ARCHWAY & CO MEDICAL CENTRE");
}

#[test]
fn roles_have_dates_of_their_own() {
    let data = everything("roles");
    let gp = |date| data.has_role("F83004", &["RO76"], day(date)).unwrap();
    assert!(!gp("2014-04-14") && gp("2014-04-15"));
    assert!(
        data.is_live_practice("F83004", day("2000-01-01"), Succession::Follow)
            .unwrap()
    );
    assert!(
        !data
            .is_live_practice("R0A", day("2020-01-01"), Succession::Follow)
            .unwrap()
    );
    let roles: Vec<_> = data
        .roles_of("RWR")
        .unwrap()
        .iter()
        .map(|role| (role.id, role.primary))
        .collect();
    assert_eq!(roles, [("RO197", true), ("RO57", false)]);
}

#[test]
fn succession_is_followed_from_the_day_it_takes_place() {
    let data = everything("succession");
    let successor = |code, date| {
        data.successor_at(code, day(date))
            .unwrap()
            .map(|organisation| organisation.code().to_owned())
    };
    // Said by the old organisation itself.
    assert_eq!(successor("RM2", "2017-09-30").as_deref(), Some("RM2"));
    assert_eq!(successor("RM2", "2017-10-01").as_deref(), Some("R0A"));
    // Said only by the new one.
    assert_eq!(successor("RLN", "2019-04-01").as_deref(), Some("R0B"));
    assert_eq!(successor("RLN", "2001-03-31"), None, "before it opened");
    assert_eq!(
        data.successors("RLN").unwrap(),
        [("R0B", Some(day("2019-04-01")))]
    );
    // The successor is none that is known.
    assert_eq!(successor("YGM10", "2016-01-01"), None);
    let date = day("2020-01-01");
    assert!(data.is_live("RLN", date, Succession::Follow).unwrap());
    assert!(!data.is_live("RLN", date, Succession::Ignore).unwrap());
    assert!(data.exists("RLN").unwrap());
    assert!(matches!(data.standing("RLN", date).unwrap(),
        Standing::Closed(old, Some(new)) if old.code() == "RLN" && new.code() == "R0B"));
    assert!(matches!(
        data.standing("R0B", day("2019-03-31")).unwrap(),
        Standing::NotYet(_)
    ));
}

#[test]
fn commissioners_as_at_a_date_come_from_every_file_once() {
    let data = everything("commissioners");
    for (practice, date, commissioner) in [
        ("A81633", "2002-09-30", None),
        ("A81633", "2012-12-31", Some("5KM")),
        ("A81633", "2020-03-31", Some("00M")),
        ("A81633", "2020-04-01", Some("16C")),
        ("A82026", "2017-03-31", Some("01H")),
        ("A82026", "2017-04-01", Some("01K")),
    ] {
        assert_eq!(
            data.commissioner_at(practice, day(date)).unwrap(),
            commissioner,
            "{practice} {date}"
        );
    }
    let of: Vec<_> = data.relationships_of("A82026").unwrap();
    assert_eq!(
        of.iter().map(|one| one.target).collect::<Vec<_>>(),
        ["01K", "01H"]
    );
}

#[test]
fn postcodes_as_at_a_date() {
    let data = everything("postcodes");
    for text in ["SW1A 1AA", "SW1A1AA", "sw1a 1aa", "SW1A  1AA"] {
        let entry = data.postcode(text).unwrap().unwrap();
        assert_eq!((entry.postcode, entry.country), ("SW1A1AA", "E92000001"));
        assert_eq!(
            (entry.local_authority, entry.nhs_region),
            ("E09000033", "E40000003")
        );
        assert_eq!((entry.lsoa11, entry.lsoa21), ("E01004736", "E01004736"));
    }
    let moved = data.postcode("LS1 4AP").unwrap().unwrap();
    assert_eq!((moved.lsoa11, moved.lsoa21), ("E01011363", "E01033015"));
    let ended = data.postcode("CA13 0BN").unwrap().unwrap();
    assert!(ended.is_live(day("2013-08-31")) && !ended.is_live(day("2013-09-01")));
    assert!(!ended.is_live(day("1979-12-31")));
    for unknown in [
        "",
        "SW1A 1A",
        "SW1A 1AB",
        "SW1A 1AAA",
        "é",
        "SW1A-1AA",
        "BF1 2AT",
    ] {
        assert!(data.postcode(unknown).unwrap().is_none(), "{unknown}");
    }
    let nowhere = data.postcode("ZZ99 3VZ").unwrap().unwrap();
    assert_eq!(
        nowhere.pseudo.map(|pseudo| pseudo.meaning),
        Some("no fixed abode")
    );
    assert!(nowhere.is_live(day("1900-01-01")));
}

#[test]
fn tables_for_joins_are_as_documented() {
    let data = everything("tables");
    let (codes, ..) = imaging::stored("tables-imaging");
    for table in tables::TABLES {
        let data = if codes.has(table.name) { &codes } else { &data };
        let batch = data.table(table.name).unwrap().unwrap();
        assert_eq!(batch.schema(), table.schema(), "{}", table.name);
        assert!(
            batch.num_rows() > 0 && data.has(table.name),
            "{}",
            table.name
        );
    }
    assert!(data.table("practices").unwrap().is_none() && !data.has("practices"));
    // 26 prescribing cost centres, and the practice of the XML.
    assert_eq!(data.table("practice").unwrap().unwrap().num_rows(), 27);
    assert_eq!(data.table("organisation").unwrap().unwrap().num_rows(), 43);
}

#[test]
fn a_file_imported_again_replaces_what_it_said_and_nothing_else() {
    let row = |name: &str, status: &str, close: &str| {
        format!(
            r#""A81633","{name}","Y63","QHM","","","","","","TS1 5EF","20021001","{close}","{status}","B","16C","20200401","","","","","","0","","16C","","4","""#
        )
    };
    let trust = r#""RWR","A TRUST","Y61","QM7","","","","","","","20010401","","","","","","","","","","","0","","","","","""#;
    let first = row("FIRST NAME", "A", "");
    let (folder, _) = store(
        "again",
        &[
            ("epraccur.csv", first.as_bytes()),
            ("etr.csv", trust.as_bytes()),
        ],
    );
    let second = row("SECOND NAME", "C", "20260101");
    let written = import(&[("down/loads/epraccur.csv", second.as_bytes())])
        .unwrap()
        .write(&folder, "2026-12-01T00:00:00Z")
        .unwrap();
    let replaced: Vec<_> = written
        .replaced
        .iter()
        .map(|one| {
            (
                &*one.before.name,
                &*one.before.imported_at,
                &*one.now.imported_at,
            )
        })
        .collect();
    assert_eq!(
        replaced,
        [("epraccur", "2026-11-22T09:00:00Z", "2026-12-01T00:00:00Z")]
    );
    let data = ReferenceData::open(&folder).unwrap();
    let practice = data.organisation("A81633").unwrap().unwrap();
    assert_eq!(
        (practice.name(), practice.status()),
        ("SECOND NAME", "inactive")
    );
    assert_eq!(practice.close_date(), Some(day("2026-01-01")));
    let trust = data.organisation("RWR").unwrap().unwrap();
    assert_eq!((trust.name(), trust.source()), ("A TRUST", "etr"));
    assert_eq!(trust.roles().collect::<Vec<_>>(), ["RO197"]);
    let files: BTreeSet<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(files.iter().all(|name| !name.contains("part")), "{files:?}");
}

#[test]
fn the_directory_goes_before_the_csv_which_fills_what_it_leaves_out() {
    let csv = r#""F83004","OLD NAME","Y56","QMJ","","","","","","N19 3NU","19740401","20200101","C","B","93C","20200401","","","","","","0","","93C","","4","""#;
    let xml = fs::read(fixtures().join("hscorgrefdata.xml")).unwrap();
    let (folder, _) = store(
        "precedence",
        &[("epraccur.csv", csv.as_bytes()), ("x.xml", &xml)],
    );
    let data = ReferenceData::open(&folder).unwrap();
    let practice = data.organisation("F83004").unwrap().unwrap();
    assert_eq!(
        (practice.name(), practice.source()),
        ("ARCHWAY & CO MEDICAL CENTRE", "hscorgrefdata-full")
    );
    assert_eq!(practice.close_date(), None, "dates come from one source");
    assert_eq!((practice.icb(), practice.setting()), ("QMJ", "4"));
    // The XML has no commissioner for it, the CSV has.
    assert_eq!(
        data.commissioner_at("F83004", day("2021-01-01")).unwrap(),
        Some("93C")
    );
    assert_eq!(data.table("organisation").unwrap().unwrap().num_rows(), 17);
}

#[test]
fn what_is_no_reference_data_is_told_with_what_was_seen() {
    for (bytes, seen) in [
        (&b""[..], "nothing: it is empty"),
        (b"  \r\n ", "nothing: it is empty"),
        (
            b"<?xml version='1.0'?><!-- <x> --><CDS-XMLInterchange/>",
            "the XML element <CDS-XMLInterchange>",
        ),
        (b"{\"Organisations\": []}", "a list of search results"),
        (b"{\"resourceType\": \"Bundle\"}", "JSON: {"),
        (
            b"RECORD_IDENTIFIER,FINANCIAL_MONTH\n1,2\n",
            "2 comma-separated values: RECORD_IDENTIFIER | FINANCIAL_MONTH",
        ),
        (b"just text", "1 comma-separated value: just text"),
        (b"\x00\xff\xfe\x01", "1 comma-separated value"),
    ] {
        let error = recognise("x/y.csv", bytes).err().unwrap();
        let text = error.to_string();
        assert!(
            matches!(error.kind(), ErrorKind::Unrecognised { .. }),
            "{text}"
        );
        assert!(
            text.starts_with("x/y.csv is no reference data") && text.contains(seen),
            "{text}"
        );
        assert!(!text.contains('\u{0}') && error.help().unwrap().contains("epraccur.csv"));
    }
}

#[test]
fn what_is_cut_off_or_goes_on_as_something_else_is_refused_with_its_line() {
    let csv = fs::read_to_string(fixtures().join("epraccur.csv")).unwrap();
    let xml = fs::read_to_string(fixtures().join("hscorgrefdata.xml")).unwrap();
    let directory = fs::read_to_string(fixtures().join("onspd.csv")).unwrap();
    let cut = |text: &str, at: &str| text[..text.find(at).unwrap()].to_owned();
    let doctype = xml.replace(
        "<HSCOrgRefData:",
        "<!DOCTYPE x [<!ENTITY a 'b'>]><HSCOrgRefData:",
    );
    for (name, text, line, reason) in [
        ("epraccur.csv", cut(&csv, r#","W00","#), 16, "columns"),
        ("x.xml", cut(&xml, "</Organisations>"), 0, "ends before"),
        ("x.xml", cut(&xml, "INDIGO 4"), 0, "ends before"),
        ("x.xml", xml.replace("&amp;", "&danger;"), 0, "&danger;"),
        ("x.xml", doctype, 0, "document type"),
        ("onspd.csv", cut(&directory, "W11000029"), 8, "columns"),
        ("onspd.csv", directory + "\"never closed", 12, "columns"),
    ] {
        let error = import(&[(name, text.as_bytes())]).err().unwrap();
        let ErrorKind::Malformed {
            line: at,
            reason: why,
            ..
        } = error.kind()
        else {
            panic!("{error}");
        };
        assert!(line == 0 || *at == line, "{error}");
        assert!(why.contains(reason), "{error}");
    }
}

#[test]
fn a_record_without_an_end_is_refused_in_bounded_memory() {
    let mut bytes = fs::read(fixtures().join("epraccur.csv")).unwrap();
    bytes.extend(b"\"A81634\",\"");
    bytes.extend(std::iter::repeat_n(b'x', 20_000_000));
    let error = import(&[("epraccur.csv", &bytes)]).err().unwrap();
    assert!(
        matches!(error.kind(), ErrorKind::Malformed { line: 27, .. }),
        "{error}"
    );
    let mut xml = b"<OrgRefData><Organisations><Organisation><Name>".to_vec();
    xml.extend(std::iter::repeat_n(b'x', 20_000_000));
    let error = import(&[("x.xml", &xml)]).err().unwrap();
    assert!(
        matches!(error.kind(), ErrorKind::Malformed { .. }),
        "{error}"
    );
    let deep = "<OrgRefData>".repeat(10_000);
    let error = import(&[("x.xml", deep.as_bytes())]).err().unwrap();
    assert!(error.to_string().contains("nested too deep"), "{error}");
}

#[test]
fn values_that_cannot_be_read_are_counted_and_told() {
    let csv = fs::read_to_string(fixtures().join("epraccur.csv")).unwrap();
    let csv = csv
        .replacen("20220331", "20221331", 1)
        .replacen("A82013", "a82013", 1);
    let import = import(&[("epraccur.csv", csv.as_bytes())]).unwrap();
    assert_eq!(import.sources()[0].problems, 2);
    assert_eq!(import.sources()[0].organisations, 25);
    assert_eq!(
        import.problems(),
        [
            "epraccur.csv, line 2: `a82013` is no code of an organisation; the line is left out",
            "epraccur.csv, line 4: the close date of A82048, `20221331`, is no date",
        ]
    );
}

#[test]
fn the_same_source_twice_in_one_import_is_refused() {
    let csv = fs::read(fixtures().join("epraccur.csv")).unwrap();
    let error = import(&[("a/epraccur.csv", &csv), ("b/epraccur.csv", &csv)])
        .err()
        .unwrap();
    assert!(
        error.to_string().contains("the same source, epraccur"),
        "{error}"
    );
    // Directories come in parts.
    let directory = fs::read(fixtures().join("onspd.csv")).unwrap();
    let (folder, written) = store(
        "parts",
        &[
            ("ONSPD_MAY_2026_UK_A.csv", &directory),
            ("ONSPD_MAY_2026_UK_B.csv", &directory),
        ],
    );
    assert_eq!(
        (
            written.manifest.sources[0].files,
            written.manifest.sources[0].postcodes
        ),
        (2, 20)
    );
    let data = ReferenceData::open(folder).unwrap();
    assert_eq!(
        data.table("postcode").unwrap().unwrap().num_rows(),
        10,
        "each postcode stands once"
    );
}

#[test]
fn older_and_newer_headings_of_directories() {
    let old = "pcd,pcd2,pcds,dointr,doterm,oscty,oslaua,osward,ctry,rgn,nhser,ccg,lsoa11,stp\n\
               LS1 4AP,LS1  4AP,LS1 4AP,198001,,E99999999,E08000035,E05011385,E92000001,E12000003,E40000012,E38000225,E01011363,E54000054\n";
    let (folder, _) = store("headings", &[("nhspd.csv", old.as_bytes())]);
    let data = ReferenceData::open(folder).unwrap();
    let entry = data.postcode("LS14AP").unwrap().unwrap();
    assert_eq!(
        (entry.local_authority, entry.sub_icb, entry.icb),
        ("E08000035", "E38000225", "E54000054")
    );
    assert_eq!(
        (entry.lsoa11, entry.lsoa21, entry.nhs_region),
        ("E01011363", "", "E40000012")
    );
    assert_eq!(data.manifest().sources[0].name, "nhspd");
}

#[test]
fn what_is_not_there_or_damaged_is_an_error() {
    let nowhere = folder("nowhere");
    assert!(matches!(
        ReferenceData::open(&nowhere).unwrap_err().kind(),
        ErrorKind::Absent { .. }
    ));
    let csv = fs::read(fixtures().join("epraccur.csv")).unwrap();
    let (folder, _) = store("damaged", &[("epraccur.csv", &csv)]);
    let data = ReferenceData::open(&folder).unwrap();
    data.verify().unwrap();
    assert!(!data.has("postcode") && data.postcode("LS1 4AP").unwrap().is_none());
    let path = folder.join("organisations.parquet");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert!(ReferenceData::open(&folder).unwrap().verify().is_err());
    let error = ReferenceData::open(&folder)
        .unwrap()
        .organisation("A82013")
        .unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Stored { .. }), "{error}");
    fs::write(folder.join("manifest.toml"), "source = 3").unwrap();
    assert!(matches!(
        ReferenceData::open(&folder).unwrap_err().kind(),
        ErrorKind::Stored { .. }
    ));
}

#[test]
fn real_samples() {
    let Some(samples) = samples() else { return };
    let names = [
        "epraccur_sample.csv",
        "epcmem_sample.csv",
        "hscorgrefdata_v2_sample.xml",
        "ord_2-0-0_RWR.json",
        "ord_2-0-0_F83004_singleRelObject.json",
    ];
    let contents: Vec<_> = names
        .iter()
        .map(|name| (*name, fs::read(samples.join(name)).unwrap()))
        .collect();
    let files: Vec<_> = contents
        .iter()
        .map(|(name, bytes)| (*name, &bytes[..]))
        .collect();
    let import = import(&files).unwrap();
    assert!(import.problems().is_empty(), "{:?}", import.problems());
    let folder = folder("samples");
    let written = import.write(&folder, "2026-11-22T09:00:00Z").unwrap();
    let counts: Vec<_> = written
        .manifest
        .sources
        .iter()
        .map(|source| (&*source.name, source.organisations))
        .collect();
    assert_eq!(
        counts,
        [
            ("epcmem", 0),
            ("epraccur", 419),
            ("hscorgrefdata-full", 5),
            ("ord-F83004", 1),
            ("ord-RWR", 1),
        ]
    );
    let data = ReferenceData::open(&folder).unwrap();
    let trust = data.organisation("RWR").unwrap().unwrap();
    assert_eq!(trust.postcode(), "AL10 8YE");
    assert!(
        data.successors("RQJ")
            .unwrap()
            .contains(&("RWR", Some(day("2001-04-01"))))
    );
    // One relationship that stands without a list around it.
    assert_eq!(data.relationships_of("F83004").unwrap().len(), 1);
    assert_eq!(
        data.commissioner_at("J82028", day("2000-01-01")).unwrap(),
        Some("4RK71")
    );
    let practices = data.table("practice").unwrap().unwrap();
    let gp = practices.column_by_name("gp_practice").unwrap();
    assert_eq!(gp.len(), 421, "419 of the CSV, and two of the XML");
}

#[test]
fn the_form_with_21_columns() {
    let Some(samples) = samples() else { return };
    let name = "epraccur_21col_header_variant_sample.csv";
    let bytes = fs::read(samples.join(name)).unwrap();
    let (folder, written) = store("variant", &[(name, &bytes)]);
    assert_eq!(
        (
            &*written.manifest.sources[0].name,
            written.manifest.sources[0].problems
        ),
        ("epraccur", 0)
    );
    let data = ReferenceData::open(folder).unwrap();
    let practice = data.organisation("B82020").unwrap().unwrap();
    assert_eq!(practice.close_date(), Some(day("2022-11-30")));
    assert_eq!(
        data.commissioner_at("B82020", day("2021-01-01")).unwrap(),
        Some("36J")
    );
}

/// What a table takes in memory for each row, at a size where what is held once no longer counts.
#[test]
fn tables_are_compact_in_memory() {
    let mut csv = String::new();
    let mut directory =
        "pcds,dointr,doterm,ctry,rgn,nhser,lad25cd,sicbl24cd,icb23cd,lsoa11cd,lsoa21cd\n"
            .to_owned();
    for number in 0_u32..40_000 {
        let code = format!("Y{number:05}");
        // Names of organisations have 28 letters on average.
        writeln!(csv,
            "\"{code}\",\"THE MEDICAL CENTRE, STREET {}\",\"Y63\",\"QHM\",\"\",\"\",\"\",\"\",\"\",\"TS18 {}HU\",\"1974040{}\",\"\",\"A\",\"B\",\"{:03}\",\"20130401\",\"\",\"\",\"\",\"\",\"\",\"0\",\"\",\"16C\",\"\",\"4\",\"\"",
            number % 100, number % 10, number % 9 + 1, number % 200
        ).unwrap();
        writeln!(directory,
            "{}{} {}{}A,198001,,E92000001,E1200000{},E4000000{},E0{:07},E38{:06},E54{:06},E01{:06},E01{:06}",
            ["A", "B", "CA", "DA"][(number % 4) as usize],
            number / 4 % 90 + 10,
            number / 360 % 10,
            ["A", "B", "D", "E", "F", "G", "H", "J", "L", "N", "P", "Q"][(number / 3_600 % 12) as usize],
            number % 9, number % 7, number % 350, number % 106, number % 42, number % 20_000, number % 20_000
        ).unwrap();
    }
    let (folder, _) = store(
        "compact",
        &[
            ("epraccur.csv", csv.as_bytes()),
            ("onspd.csv", directory.as_bytes()),
        ],
    );
    let data = ReferenceData::open(folder).unwrap();
    let each = |bytes: usize, rows: usize| bytes as f64 / rows as f64;
    assert_eq!(data.memory(), 0, "nothing is loaded before it is asked for");
    assert!(data.exists("Y00001").unwrap());
    let organisations = data.memory();
    let organisation = each(
        organisations,
        data.table("organisation").unwrap().unwrap().num_rows(),
    );
    assert!(data.postcode("CA10 0AA").unwrap().is_some());
    let postcode = each(
        data.memory() - organisations,
        data.table("postcode").unwrap().unwrap().num_rows(),
    );
    eprintln!("bytes for each organisation: {organisation:.0}, postcode: {postcode:.0}");
    assert!(organisation < 60e6 / 400e3, "{organisation}");
    assert!(postcode < 150e6 / 2.7e6, "{postcode}");
}
