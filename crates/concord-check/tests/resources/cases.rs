//! The published cases of the validator of FHIR: which of its outcomes are reached without profiles, terminology servers and
//! invariants beyond those of the carrier.

use std::collections::BTreeSet;

use crate::support::{check, reference, told};

const PROFILE: &str = "profiles, extensions, questionnaires or measures that it names";
const TERMINOLOGY: &str =
    "codes, value sets and code systems, which only a terminology server knows";
const INVARIANT: &str =
    "an invariant of its type, or its agreement with the definitions that it builds on";
const LINKS: &str = "links between narratives and what they are about";
const MARKUP: &str = "markup in Markdown";
const POLICY: &str = "addresses at example.org, which that validator refuses";

/// Cases that are invalid for what is not checked here.
const BEYOND: &[(&str, &str)] = &[
    ("ai6.json", PROFILE),
    ("bad-markdown.json", MARKUP),
    ("bundle-conformsto.json", PROFILE),
    ("bundle-enrl.json", PROFILE),
    ("capstmt.json", INVARIANT),
    ("cm.json", TERMINOLOGY),
    ("contract-binding-test.json", TERMINOLOGY),
    ("cs-narrative-status.json", TERMINOLOGY),
    ("dr-example-org.json", POLICY),
    ("ext-ccuk.json", INVARIANT),
    ("ext-derived-circle.json", INVARIANT),
    ("fixed-quantity-binding-observation.json", PROFILE),
    ("ips-htmlrefs-backwards.json", LINKS),
    ("ips-link.json", LINKS),
    ("measure-report-ihe.json", PROFILE),
    ("mr-covid-bnd1.json", PROFILE),
    ("mr-covid-m2.json", PROFILE),
    ("mr-covid-mr1.json", PROFILE),
    ("no.gastronet.json", PROFILE),
    ("obs-de.json", PROFILE),
    ("obs-mz.json", PROFILE),
    ("obs-temp-bad.json", PROFILE),
    ("patient-ig-bad.json", PROFILE),
    ("patient-with-turvakielto.json", TERMINOLOGY),
    ("qr-bad-ref2.json", PROFILE),
    ("questionnaire-enableWhen-dw.json", INVARIANT),
    ("risk-assessment-probability-range.json", INVARIANT),
    ("sdoh-type-slice.json", PROFILE),
    ("shc-cvx.json", PROFILE),
    ("sp-diff-base.json", INVARIANT),
    ("sp-diff-type.json", INVARIANT),
    ("target-ref-profile-empty.json", PROFILE),
    ("vs-bad-ecl.json", TERMINOLOGY),
    ("vs-bad-props.json", TERMINOLOGY),
    ("vs-canonical-bad-2.json", TERMINOLOGY),
    ("vs-canonical-urn.json", TERMINOLOGY),
    ("vs-filter-property-bad2.json", TERMINOLOGY),
    ("vs-params-2.json", TERMINOLOGY),
    ("vs-params-4.json", TERMINOLOGY),
];

/// Cases that are called valid and are found wrong, with why.
const WRONG: &[(&str, &str)] = &[];

#[test]
fn published_outcomes_are_reached() {
    let Some(table) = reference("fhir/hl7_cases.csv") else {
        return;
    };
    let folder = table.with_file_name("hl7_cases");
    let text = std::fs::read_to_string(&table).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    let mut missed = BTreeSet::new();
    for line in text.lines().skip(1) {
        // Cells before the list of packages, which alone has commas in it, and behind it.
        let file = line.split(',').nth(1).unwrap();
        let expected = line.rsplit(',').next().unwrap();
        let Ok(bytes) = std::fs::read(folder.join(file)) else {
            continue;
        };
        let found = check(&bytes);
        let rejected = found.iter().any(|finding| finding.effect.rejects_record());
        if expected == "valid" {
            valid += 1;
            let known = WRONG.iter().any(|(known, _)| *known == file);
            let told: Vec<String> = found.iter().map(told).collect();
            assert_eq!(rejected, known, "{file} {told:#?}");
        } else {
            invalid += 1;
            if !rejected {
                missed.insert(file.to_owned());
            }
        }
    }
    eprintln!(
        "{valid} valid; {invalid} invalid, {} of them found",
        invalid - missed.len()
    );
    let known: BTreeSet<String> = BEYOND.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(missed, known);
    assert!(valid >= 40 && invalid >= 60);
}
