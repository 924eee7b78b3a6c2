//! The published samples are structurally clean under the profile. What is found in them is listed here, with why.

use crate::support::{ITK, check, reference, told};

/// Findings in the published samples: file, rule, place, why the sample is wrong and not the profile.
const KNOWN: &[(&str, &str, &str, &str)] = &[
    ("01", "VALUE-CODE", "MSH-19", "EN; table 0296 has en"),
    (
        "01",
        "VALUE-LENGTH",
        "EVN-5.1",
        "nine digits; XCN.1 has at most eight",
    ),
    ("01", "VALUE-FORMAT", "PID-7", "there is no month 13"),
    ("01", "VALUE-CODE", "PID-15", "EN; table 0296 has en"),
    (
        "01",
        "VALUE-LENGTH",
        "NK1-16",
        "a time of day; the field holds eight characters",
    ),
    ("01", "VALUE-CODE", "NK1-20", "EN; table 0296 has en"),
    ("01", "VALUE-FORMAT", "AL1-6", "a time of day; DT is a day"),
    ("03", "VALUE-CODE", "MSH-19", "EN; table 0296 has en"),
    (
        "03",
        "VALUE-LENGTH",
        "EVN-5.1",
        "nine digits; XCN.1 has at most eight",
    ),
    ("03", "VALUE-CODE", "PID-15", "EN; table 0296 has en"),
    (
        "03",
        "VALUE-LENGTH",
        "NK1-16",
        "a time of day; the field holds eight characters",
    ),
    ("03", "VALUE-CODE", "NK1-20", "EN; table 0296 has en"),
    (
        "03",
        "COMPONENT-MISSING",
        "PV1-19.5",
        "CX.5 is required; VISITID stands in CX.4",
    ),
    ("03", "VALUE-CODE", "ZU3-1", "004; table ZU052 has 4"),
    ("03", "VALUE-CODE", "ZU3-2", "03; table ZU019 has 3"),
    ("04", "VALUE-CODE", "MSH-19", "EN; table 0296 has en"),
    (
        "04",
        "VALUE-LENGTH",
        "EVN-5.1",
        "nine digits; XCN.1 has at most eight",
    ),
    ("04", "VALUE-CODE", "PID-15", "EN; table 0296 has en"),
    (
        "04",
        "VALUE-CODE",
        "PV1-10",
        "500 is a main specialty; table 0069 has 501",
    ),
    (
        "04",
        "COMPONENT-MISSING",
        "PV1-19.5",
        "CX.5 is required; VISITID stands in CX.4",
    ),
    (
        "04",
        "VALUE-CODE",
        "PV1-36",
        "19 is of table 0113, which is that of PV1-37",
    ),
];

#[test]
fn the_published_samples() {
    let Some(reference) = reference() else { return };
    let mut paths: Vec<_> = std::fs::read_dir(reference.join("hl7v2/samples"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 3);
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        let (checked, findings) = check(&ITK, &bytes, 1);
        let found: Vec<(String, String)> = told(&findings)
            .iter()
            .map(|line| {
                let words: Vec<&str> = line.split(' ').collect();
                assert_eq!(words[1], "warn", "{name}: {line}");
                (words[0].to_owned(), words[3].to_owned())
            })
            .collect();
        let known: Vec<(String, String)> = KNOWN
            .iter()
            .filter(|(file, ..)| name.starts_with(file))
            .map(|(_, rule, place, _)| ((*rule).to_owned(), (*place).to_owned()))
            .collect();
        assert_eq!(found, known, "{name}");
        assert_eq!(checked.summary.records.accepted, 1, "{name}");
    }
}
