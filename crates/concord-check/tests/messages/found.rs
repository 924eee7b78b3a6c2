//! One slip is one finding, at its place.

use crate::support::{ADMISSION, BASE, ITK, check, itk, plan, told};

/// The findings after one part of the admission was replaced.
#[track_caller]
fn one(from: &str, to: &str, expected: &str) {
    assert!(ADMISSION.contains(from), "{from}");
    let found = itk(&ADMISSION.replacen(from, to, 1));
    assert_eq!(found, [expected], "{from} → {to}");
}

#[test]
fn a_message_that_breaks_nothing() {
    assert_eq!(itk(ADMISSION), [""; 0]);
    let (checked, _) = check(&ITK, ADMISSION.replace('\n', "\r").repeat(3).as_bytes(), 2);
    assert_eq!(checked.summary.records.accepted, 3);
    assert_eq!(checked.summary.records.rejected, 0);
    assert_eq!(checked.summary.standard.as_deref(), Some("itk-adt@1.0"));
}

#[test]
fn segments() {
    one(
        "EVN||202603311200||||202603311155\n",
        "",
        "SEGMENT-MISSING reject-record 2:1 EVN `EVN` is missing from `ADT_A01`",
    );
    one(
        "PV1|1|I|WARD^B1^4^RXX01|21||||||300\n",
        "",
        "SEGMENT-MISSING reject-record 3:58 PV1 `PV1` is missing from `ADT_A01`",
    );
    one(
        "PV1|",
        "PV2|||X\nPV1|",
        "SEGMENT-ORDER reject-record 4:1 PV2 `PV2` is out of order in `ADT_A01`",
    );
    one(
        "PID|",
        "PV2|||X\nPID|",
        "SEGMENT-ORDER reject-record 3:1 PV2 `PV2` is out of order in `ADT_A01`",
    );
    // A required segment before another one: nothing is missing.
    one(
        "EVN||202603311200||||202603311155\nPID|1||9990000018^^^NHS||Testcase^Amara^^^^^L||19700101|2\n",
        "PID|1||9990000018^^^NHS||Testcase^Amara^^^^^L||19700101|2\nEVN||202603311200||||202603311155\n",
        "SEGMENT-ORDER reject-record 2:1 PID `PID` is out of order in `ADT_A01`",
    );
    one(
        "PV1|",
        "PD1|||X^^Y06601\nPD1|||X^^Y06601\nPV1|",
        "SEGMENT-REPEATED reject-record 5:1 PD1[2] `PD1` stands more than 1 time(s) in `ADT_A01`",
    );
    one(
        "PV1|",
        "ZU5|2026\nPV1|",
        "SEGMENT-UNKNOWN reject-record 4:1 ZU5 `ZU5` has no place in `ADT_A01`",
    );
    one(
        "PV1|",
        "ZXX|1\nPV1|",
        "SEGMENT-LOCAL note 4:1 ZXX `ZXX` is a local segment, of which the standard knows nothing",
    );
    one(
        "PV1|1",
        "PVI|1",
        "SEGMENT-MISSPELT reject-record 4:1 PV1 `PVI` is no segment of this standard; it stands where `PV1` is expected",
    );
    one(
        "PV1|",
        "and so on\nPV1|",
        "SEGMENT-NAME reject-record 4:1 MSH a line of the message does not begin with the name of a segment",
    );
}

#[test]
fn messages_of_one_structure_differ() {
    // ZU5 stands in A08, and PV1 need not stand in A28.
    let a08 = ADMISSION
        .replace("ADT^A01^ADT_A01", "ADT^A08^ADT_A01")
        .replace("300\n", "300\nZU5|20260101\n");
    assert_eq!(itk(&a08), [""; 0]);
    let a28 = ADMISSION
        .replace("ADT^A01^ADT_A01", "ADT^A28^ADT_A05")
        .replace("PV1|1|I|WARD^B1^4^RXX01|21||||||300\n", "");
    assert_eq!(itk(&a28), [""; 0]);
    let a05 = a28.replace("ADT^A28^ADT_A05", "ADT^A05^ADT_A05");
    assert_eq!(
        itk(&a05),
        ["SEGMENT-MISSING reject-record 3:58 PV1 `PV1` is missing from `ADT_A05`"]
    );
}

#[test]
fn the_kind_of_message() {
    one(
        "ADT^A01^ADT_A01",
        "ADT^A99^ADT_A01",
        "MESSAGE-TYPE reject-record 1:44 MSH-9 ADT^A99^ADT_A01 is not a message of this standard",
    );
    one(
        "ADT^A01^ADT_A01",
        "ADT^A01^ADT_A02",
        "MESSAGE-STRUCTURE warn 1:52 MSH-9.3 MSH-9 names the structure ADT_A02; that of ADT^A01 is ADT_A01",
    );
    one(
        "|P|2.4|",
        "|P|2.7|",
        "MESSAGE-VERSION reject-record 1:65 MSH-12 the message is of version 2.7; the standard takes 2.4",
    );
    one(
        "MSH|^~\\&|",
        "MSH|^^\\&|",
        "MESSAGE-HEADER reject-record 1:1 MSH the header of the message cannot be read: `^` stands for two things",
    );
}

#[test]
fn fields() {
    one(
        "|I|WARD",
        "||WARD",
        "FIELD-MISSING reject-record 4:7 PV1-2 Patient Class is empty; it must be filled",
    );
    one(
        "||||ITKv1.0",
        "",
        "FIELD-MISSING reject-record 1:76 MSH-21 Message profile Identifier is empty; it must be filled",
    );
    one(
        "|300",
        "|300|X",
        "VALUE-NOT-USED warn 4:37 PV1-11 Temporary Location holds X; it must be blank",
    );
    one(
        "|2\n",
        "|2~1\n",
        "FIELD-REPEATED reject-record 3:59 PID-8[2] Sex stands 2 times; it may stand 1 time(s)",
    );
    one(
        "202603311155",
        "202603311155||X",
        "FIELD-EXTRA warn 2:36 EVN-8 `EVN` has 7 field(s); more stand behind them",
    );
    one(
        "|I|",
        "|I^X|",
        "FIELD-COMPONENTS warn 4:9 PV1-2.2 Patient Class has more components than its data type, which has 1",
    );
    one(
        "^^^NHS|",
        "^^^NHS^NH|",
        "VALUE-NOT-USED warn 3:25 PID-3.5 Patient Identifiers: Identifier Type Code holds NH; it must be blank",
    );
    one(
        "^L|",
        "|",
        "COMPONENT-MISSING warn 3:44 PID-5.7 Patient Name: Name Type Code is empty; it must be filled",
    );
}

#[test]
fn values() {
    one(
        "|2\n",
        "|F\n",
        "VALUE-CODE warn 3:57 PID-8 F is not a code of Sex",
    );
    one(
        "|19700101|",
        "|19700230|",
        "VALUE-FORMAT warn 3:48 PID-7 1••••••• does not have the format CCYY[MM[DD[HHMM[SS[.S]]]]][+/-ZZZZ]",
    );
    one(
        "|C1|",
        "|C12345678901234567890|",
        "VALUE-LENGTH warn 1:60 MSH-10 C12345678901234567890 has 21 character(s); the format is max an20",
    );
    one(
        "Testcase",
        "R \\T\\ D \\zz\\",
        "MESSAGE-ESCAPE warn 3:34 PID-5.1 an escape sequence is none that HL7 knows",
    );
    // A value that is to be emptied is no value, and no mistake but where one is required.
    assert_eq!(itk(&ADMISSION.replace("|2\n", "|\"\"\n")), [""; 0]);
    one(
        "|I|",
        "|\"\"|",
        "FIELD-MISSING reject-record 4:7 PV1-2 Patient Class is empty; it must be filled",
    );
}

#[test]
fn what_is_personal_is_masked() {
    let long = "9".repeat(60);
    let found = itk(&ADMISSION.replace("Testcase", &long));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("VALUE-LENGTH warn 3:26 PID-5.1"));
    assert!(!found[0].contains("9999"), "{found:?}");
    let (_, findings) = check(
        &ITK,
        ADMISSION
            .replace("|2\n", "|F\n")
            .replace('\n', "\r")
            .as_bytes(),
        1,
    );
    let excerpt = &findings[0].excerpt.as_ref().unwrap().text;
    assert!(
        excerpt.starts_with("PID|•||••••••••••^^^•••||"),
        "{excerpt}"
    );
    assert!(!excerpt.contains("Testcase") && excerpt.contains("|F"));
}

#[test]
fn delimiters_of_its_own() {
    let message: String = ADMISSION
        .chars()
        .map(|character| match character {
            '|' => '#',
            '^' => '*',
            '~' => '!',
            '\\' => '%',
            '&' => '+',
            other => other,
        })
        .collect();
    assert_eq!(itk(&message), [""; 0]);
    assert_eq!(
        itk(&message.replace("#I#", "#Q#")),
        ["VALUE-CODE warn 4:7 PV1-2 Q is not a code of Patient Class"]
    );
}

#[test]
fn line_ends_and_frames() {
    let base = ADMISSION.replace('\n', "\r");
    let of = |bytes: &str| told(&check(&ITK, bytes.as_bytes(), 1).1);
    assert_eq!(of(&format!("\x0b{base}\x1c\r\x0b{base}\x1c\r")), [""; 0]);
    // A line feed between messages is no segment's end.
    assert_eq!(of(&format!("{base}\n{base}\n")), [""; 0]);
    assert_eq!(
        of(&ADMISSION.repeat(2)),
        [
            "MESSAGE-LINE-END warn 1:87 MSH-21 6 segment(s) end with a line feed, not with a carriage return alone"
        ]
    );
    assert_eq!(
        of(&ADMISSION.replace('\n', "\r\n")),
        [
            "MESSAGE-LINE-END warn 1:87 MSH-21 3 segment(s) end with a carriage return and a line feed, not with a carriage return alone"
        ]
    );
    assert_eq!(
        of(base.trim_end()),
        ["MESSAGE-CUT reject-record 4:35 PV1-10 the file ends inside a message"]
    );
}

/// An input that was cut off is never taken: what is certainly cut cannot be read to its end, and a last message that nothing
/// ends is rejected.
#[test]
fn an_input_that_was_cut_off_is_not_accepted() {
    let base = ADMISSION.replace('\n', "\r");
    let framed = format!("\x0b{base}\x1c\r");
    let batch = format!("FHS|^~\\&\rBHS|^~\\&\r{base}BTS|1\rFTS|1\r");
    let last = base.rfind("PV1").unwrap();
    for (whole, from, certain) in [(&base, last, false), (&framed, last + 1, true)] {
        for end in from..whole.len() {
            let (checked, findings) = check(&ITK, &whole.as_bytes()[..end], 1);
            let rejected = checked.summary.records.rejected == 1;
            // Cut behind a segment, a message that has no more to it cannot be told from a whole one.
            let ends = whole.as_bytes()[end - 1] == b'\r' || whole.as_bytes()[end - 1] == 0x1c;
            let may_be_whole = ends && (!certain || end + 1 == whole.len()) && end > from;
            assert!(rejected || may_be_whole, "{end}: {:?}", told(&findings));
            let read = checked.summary.unreadable.is_none();
            assert_eq!(read, !certain || may_be_whole, "{end}");
        }
    }
    let trailer = batch.find("BTS").unwrap();
    for end in trailer..=batch.len() {
        let (checked, findings) = check(&ITK, &batch.as_bytes()[..end], 1);
        // A last trailer that is there by name ends the file.
        let named = end >= trailer + "BTS|1\rFTS".len();
        assert_eq!(checked.summary.unreadable.is_none(), named, "{end}");
        assert_eq!(findings.is_empty(), named, "{end}: {:?}", told(&findings));
    }
}

#[test]
fn outside_of_messages() {
    let base = ADMISSION.replace('\n', "\r");
    let of = |bytes: &str| told(&check(&ITK, bytes.as_bytes(), 1).1);
    assert_eq!(
        of(""),
        ["MESSAGE-EMPTY reject-file - the file holds no message"]
    );
    assert_eq!(
        of(&format!("PID|1\rPV1|1\r{base}")),
        [
            "MESSAGE-OUTSIDE reject-file 1:1 MSH 2 line(s) stand before the first message, or between one and the next"
        ]
    );
}

#[test]
fn batches() {
    let base = ADMISSION.replace('\n', "\r");
    let of = |bytes: &str| told(&check(&ITK, bytes.as_bytes(), 1).1);
    let whole =
        |count: usize| format!("FHS|^~\\&|PAS\rBHS|^~\\&|PAS\r{base}{base}BTS|{count}\rFTS|1\r");
    assert_eq!(of(&whole(2)), [""; 0]);
    assert_eq!(
        of(&whole(3)),
        ["MESSAGE-BATCH reject-file 11:1 BTS the trailer (BTS-1) counts messages: 3; there are 2"]
    );
    assert_eq!(
        of(&whole(2).replace("FTS|1\r", "")),
        ["MESSAGE-BATCH reject-file FTS the input ends and the file does not: FTS is missing"]
    );
    assert_eq!(
        of(&whole(2).replace("BTS|2\r", "")),
        ["MESSAGE-BATCH reject-file 11:1 FTS the file ends (FTS) inside a batch: BTS is missing"]
    );
}

#[test]
fn letters_beyond_ascii() {
    let latin = |name: &str, charset: &str| {
        let text = ADMISSION
            .replace("|GBR||||", &format!("|GBR|{charset}|||"))
            .replace("Testcase", name)
            .replace('\n', "\r");
        // One byte for each character.
        let bytes: Vec<u8> = text.chars().map(|character| character as u8).collect();
        told(&check(&ITK, &bytes, 1).1)
    };
    assert_eq!(latin("Sián", "8859/1"), [""; 0]);
    assert_eq!(
        latin("Sián", ""),
        [
            "MESSAGE-ENCODING warn 3:28 PID-5.1 1 message(s) hold bytes that are not UTF-8; they were read as Windows-1252"
        ]
    );
    assert_eq!(itk(&ADMISSION.replace("Testcase", "Sián")), [""; 0]);
}

#[test]
fn other_versions_are_held_against_the_structure() {
    let message = |version: &str| {
        "MSH|^~\\&|A|B|||20260331||ADT^A01|7|P|VERSION\rSFT|x\rEVN|A01|notadate\rPID|1\rPV1|1\r"
            .replace("VERSION", version)
    };
    let of = |version: &str| told(&check(&BASE, message(version).as_bytes(), 1).1);
    let structure = of("2.5.1");
    assert_eq!(
        structure,
        ["SEGMENT-UNKNOWN note 2:1 SFT `SFT` has no place in `ADT_A01`"]
    );
    // Of its own version every field is looked at.
    assert!(of("2.4").len() > structure.len());
    assert!(of("2.9")[0].starts_with("MESSAGE-VERSION"));
}

#[test]
fn groups_of_segments() {
    let of = |body: &str| {
        let head = "MSH|^~\\&|A|B|||20260331||ORU^R01^ORU_R01|7|P|2.4\r";
        let bytes = format!("{head}{}", body.replace('\n', "\r"));
        told(&check(&BASE, bytes.as_bytes(), 1).1)
    };
    let report = "PID|1||1^^^X||A\nOBR|1|||X\nOBX|1|ST|X||v||||||F\nNTE|1\nOBX|2|ST|X||v||||||F\nOBR|2|||X\nNTE|1\nOBX|1|ST|X||v||||||F\n";
    assert_eq!(of(report), [""; 0]);
    assert_eq!(of(&format!("{report}{report}")), [""; 0]);
    assert_eq!(
        of(&report.replace("OBR|1|||X\n", "")),
        ["SEGMENT-MISSING reject-record 3:1 OBR `OBR` is missing from `ORU_R01.ORDER_OBSERVATION`"]
    );
}

#[test]
fn what_is_agreed_with_a_sender() {
    let sent = ADMISSION
        .replace("|PAS|RXX|", "|WORLDPAS|RZZ01|")
        .replace("||||ITKv1.0", "")
        .replace("EVN||", "EVN|A01|")
        .replace("^^^NHS||", "^^^NHS^NH||")
        .replace("|2\n", "|F\n")
        .replace(
            "PV1|1|I|WARD^B1^4^RXX01|21|",
            "ZUK|1\nPV1|1|V|WARD^B1^4^RXX01|E|",
        );
    assert_eq!(
        itk(&sent),
        [
            "SEGMENT-LOCAL note 4:1 ZUK `ZUK` is a local segment, of which the standard knows nothing"
        ],
        "it is agreed behind PV1"
    );
    let sent = sent.replace("ZUK|1\n", "") + "ZUK|1\nZUK|2\n";
    assert_eq!(itk(&sent), [""; 0]);
    // Nobody else may.
    assert!(itk(&sent.replace("RZZ01", "RXX01")).len() > 5);
    // A code that the map does not have is wrong for this sender too.
    let found = itk(&sent.replace("|F\n", "|Q\n"));
    assert_eq!(found, ["VALUE-CODE warn 3:60 PID-8 Q is not a code of Sex"]);
}

#[test]
fn an_overlay_grades_rules() {
    let overlay = "standard = \"itk-adt@1.0\"\ntitle = \"t\"\nreason = \"r\"\nowner = \"o\"\n[sender]\nfacility = \"RXX\"\n[effects]\nVALUE-CODE = \"reject-record\"\n[[field]]\nfield = \"PV1-2\"\nusage = \"X\"\n";
    let plan = plan("itk-adt@1.0", &[("overlays/graded.toml", overlay)]);
    let message = ADMISSION.replace("|2\n", "|F\n").replace('\n', "\r");
    let (checked, findings) = check(&plan, message.as_bytes(), 1);
    assert_eq!(
        told(&findings),
        [
            "VALUE-CODE reject-record 3:57 PID-8 F is not a code of Sex",
            "VALUE-NOT-USED warn 4:7 PV1-2 Patient Class holds I; it must be blank"
        ]
    );
    assert_eq!(checked.summary.records.rejected, 1);
}
