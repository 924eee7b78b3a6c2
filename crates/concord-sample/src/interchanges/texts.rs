//! Messages that are right: transactions of registration, reports of laboratories and of imaging departments.

use std::fmt::Write as _;

use super::{IMAGING, REGISTRATION, REPORT};
use crate::Dice;
use crate::cds::people::nhs_number;

const SURNAMES: [&str; 6] = [
    "TESTCASE",
    "SAMPLE",
    "EXAMPLE",
    "SYNTHETIC",
    "MOCKUP",
    "O?'TEST",
];
const FORENAMES: [&str; 6] = ["AMARA", "BORIS", "CERYS", "DEV", "EILIDH", "FENG"];

/// Somebody who is made up.
fn person(dice: &mut Dice) -> (String, &'static str, &'static str, String, u64) {
    let number = nhs_number(dice);
    let surname = dice.pick(&SURNAMES).copied().unwrap_or("TESTCASE");
    let forename = dice.pick(&FORENAMES).copied().unwrap_or("AMARA");
    let born = format!(
        "{}{:02}{:02}",
        1930 + dice.below(95),
        1 + dice.below(12),
        1 + dice.below(28)
    );
    (number, surname, forename, born, 1 + dice.below(2))
}

fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

/// A transaction to a practice.
pub(super) fn registration(number: u64, dice: &mut Dice) -> Vec<String> {
    let (nhs, surname, forename, born, sex) = person(dice);
    let day = format!("202603{:02}", 1 + dice.below(28));
    let house = 1 + dice.below(200);
    let (transaction, facts, person) = match dice.below(5) {
        0 => (
            "F1",
            "HEA+DM+Y:ZZZ".to_owned(),
            format!(
                "S02+2\nPNA+PAT+{nhs}:OPI+++SU:{surname}+FO:{forename}+TI:MX\nDTM+329:{born}:102\nPDI+{sex}\nNAD+PAT++??:{house} SYNTHETIC WAY::EXAMPLETON+++++ZZ99 3WZ"
            ),
        ),
        1 => (
            "F2",
            format!("GIS+{}:ZZZ\nDTM+961:{day}:102", 1 + dice.below(2)),
            format!("S02+2\nPNA+PAT+{nhs}:OPI"),
        ),
        2 => ("F3", "FTX+RGI+++NOT OF THIS AREA".to_owned(), String::new()),
        3 => ("F4", String::new(), format!("S02+2\nPNA+PAT+{nhs}:OPI")),
        _ => (
            "F9",
            format!("HEA+FRN+8:ZZZ\nDTM+962:{day}:102"),
            format!(
                "S02+2\nPNA+PAT+{nhs}:OPI+++SU:{surname}+FO:{forename}\nDTM+329:{born}:102\nNAD+PAT++TEST HOUSE:{house} SYNTHETIC WAY::EXAMPLETON+++++ZZ99 3WZ"
            ),
        ),
    };
    lines(&format!(
        "UNH+{number}+{REGISTRATION}\nBGM+++507\nNAD+FHS+ZZ:954\nDTM+137:202603311015:203\nRFF+950:{transaction}\nS01+1\nRFF+TN:{number}\nNAD+GP+9999981,901:900\n{facts}\n{person}"
    ))
}

/// A report of a laboratory: a specimen, a group of results or single ones.
pub(super) fn report(number: u64, dice: &mut Dice) -> Vec<String> {
    const TESTS: [(&str, &str, &str, u64, u64); 4] = [
        ("44I5.", "Serum sodium", "mmol/L", 135, 145),
        ("44J3.", "Serum creatinine", "umol/L", 50, 100),
        ("42P..", "Platelet count", "10*9/L", 150, 450),
        ("42A..", "Mean corpuscular volume (MCV)", "fL", 76, 96),
    ];
    let (nhs, surname, forename, born, sex) = person(dice);
    let group = dice.percent(50);
    let mut results = String::new();
    if group {
        results.push_str("GIS+N\nINV+MQ+451..:911::A group of tests\nSEQ++1\nRFF+ASL:1\n");
    }
    for (code, name, unit, low, high) in TESTS.iter().take(1 + dice.index(TESTS.len())) {
        let value = low / 2 + dice.below(high + low);
        let deviation = match value {
            value if value < *low => "+LO",
            value if value > *high => "+HI",
            _ => "",
        };
        let reference = if group { "ARL" } else { "ASL" };
        // Writing to a string cannot fail.
        let _ = write!(
            results,
            "GIS+N\nINV+MQ+{code}:911::{name}\nRSL+NV+{value}.{}++:::{unit}{deviation}\nRFF+{reference}:1\nS20+20\nRND+U+{low}+{high}\n",
            dice.below(10)
        );
    }
    lines(&format!(
        "UNH+{number}+{REPORT}\nBGM+LSR\nDTM+137:202603311015:203\nS01+01\nNAD+PO+G9999981:900++DR SYNTHETIC\nSPR+PRO\nS01+01\nNAD+SLA+++CHEMISTRY\nSPR+DPT\nS02+02\nGIS+N\nRFF+SRI:TEST/{number}\nSTS++UN\nDTM+ISR:202603301220:203\nS06+06\nADR++US:{} SYNTHETIC WAY:EXAMPLETON++ZZ99 3WZ\nS07+07\nPNA+PAT+{nhs}:OPI+++SU:{surname}+FO:{forename}\nDTM+329:{born}:102\nPDI+{sex}\nS16+16\nSEQ++1\nSPC+TSP+:::SERUM\nRFF+STI:LAB-{number}\nDTM+SCO:20260329:102\n{results}",
        1 + dice.below(200)
    ))
}

/// A report of an imaging department: investigations with their text.
pub(super) fn imaging(number: u64, dice: &mut Dice) -> Vec<String> {
    const INVESTIGATIONS: [(&str, &str); 3] = [
        ("XCHES", "XR Chest"),
        ("XPELV", "XR Pelvis"),
        ("UABDO", "US Abdomen"),
    ];
    let (nhs, surname, forename, born, sex) = person(dice);
    let mut results = String::new();
    for (code, name) in INVESTIGATIONS.iter().take(1 + dice.index(3)) {
        // Writing to a string cannot fail.
        let _ = write!(
            results,
            "S10+10\nINV+RS+{code}:ZZZ::{name}\nS11+11\nSTS++VR\nDTM+AIC:202603291435:203\nDTM+RIV:202603301220:203\nFTX+RIT+++{name}?: no abnormality seen.\nREL+RRP+RA\nRFF+AHL:1\n"
        );
    }
    lines(&format!(
        "UNH+{number}+{IMAGING}\nBGM+RRR\nDTM+137:202603311015:203\nNAD+PO+G9999981:900++DR SYNTHETIC\nSPR+PRO\nNAD+RRP+++RADIOLOGIST Synthetic\nSEQ++1\nSPR+PRO\nNAD+SRA+++General Radiology\nSPR+DPT\nS02+02\nRFF+SRI:TEST{number}\nDTM+ISR:202603301220:203\nS05+05\nPNA+PAT+{nhs}:OPI+++SU:{surname}+FO:{forename}\nRFF+RPI:{}\nADR++US:{} SYNTHETIC WAY:EXAMPLETON++ZZ99 3WZ\nDTM+329:{born}:102\nPDI+{sex}\n{results}",
        80_000_000 + number,
        1 + dice.below(200)
    ))
}
