//! What fuzzing and random edits found, so that it stays found.

use concord_check::Plan;
use concord_check::capture::CapturePlan;
use concord_finding::{Effect, Fact, Verdict};

use crate::support::{BATCH, BATCH_XSD, INTERCHANGE, batch, compiled, examine, interchange};

#[track_caller]
fn examined(plan: &Plan, document: impl AsRef<[u8]>) -> Vec<String> {
    match examine(plan, document.as_ref(), &[1, 300]) {
        Ok(checked) => checked
            .rules()
            .iter()
            .map(|rule| (*rule).to_owned())
            .collect(),
        Err(error) => panic!("{error}"),
    }
}

fn edited(old: &str, new: &str) -> String {
    assert!(INTERCHANGE.contains(old), "`{old}` is in the document");
    INTERCHANGE.replacen(old, new, 1)
}

/// The tokeniser took U+FEFF at a place of hand-over for a byte order mark, and all places behind it were wrong.
#[test]
fn a_mark_inside_a_value_or_between_elements() {
    let plan = interchange();
    for count in 1..3 {
        let mark = "\u{feff}".repeat(count);
        assert_eq!(
            examined(
                &plan,
                edited("      <UpdateType>", &format!("{mark}<UpdateType>"))
            ),
            ["STRUCTURE-TEXT"]
        );
        assert_eq!(
            examined(
                &plan,
                edited("      <UpdateType>", &format!("{mark}x<UpdateType>"))
            ),
            ["STRUCTURE-TEXT"]
        );
        assert_eq!(
            examined(&plan, edited("  <Message>", &format!("{mark}<Message>"))),
            ["STRUCTURE-TEXT"]
        );
        assert_eq!(
            examined(&plan, edited(">9<", &format!(">{mark}<"))),
            ["VALUE-CODE"]
        );
        assert_eq!(
            examined(&plan, format!("{INTERCHANGE}{mark}")),
            ["XML-NOT-WELL-FORMED"]
        );
    }
}

/// The fast path took a value over before it looked at the end tag, and the exact path took it over again.
#[test]
fn a_value_with_a_wrong_end_tag_is_captured_once() {
    let plan = interchange();
    assert_eq!(
        examined(
            &plan,
            edited("</UniqueIdentifier>", "<!-- c --></UniqueIdentifier>")
        ),
        [""; 0]
    );
    assert_eq!(
        examined(&plan, edited("</UniqueIdentifier>", "</UniqueIdentifer>")),
        ["XML-NOT-WELL-FORMED"]
    );
    assert_eq!(
        examined(
            &plan,
            edited("</UniqueIdentifier>", "<</Message>/UniqueIdentifier>")
        ),
        ["XML-NOT-WELL-FORMED"]
    );
}

/// A misspelt first record was read with the header, rejected there and counted nowhere: the file was accepted.
#[test]
fn a_misspelt_first_record_is_counted() {
    let plan = interchange();
    let wrong =
        INTERCHANGE
            .replacen("<Message>", "<Messaxe>", 1)
            .replacen("</Message>", "</Messaxe>", 1);
    let checked =
        examine(&plan, wrong.as_bytes(), &[1, 300]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(checked.rules(), ["STRUCTURE-NAME"]);
    let records = checked.file.summary.records;
    assert_eq!(
        (records.records, records.accepted, records.rejected),
        (3, 2, 1)
    );
}

/// What was not well-formed before the first record ended the reading, and the bytes behind it were not accounted for.
#[test]
fn records_behind_a_broken_header_are_read() {
    let plan = interchange();
    let wrong =
        edited("<SenderIdentity>", "<SenderIdentity>&nbsp;").replace("2026-04-30", "2026-04-31");
    assert_eq!(
        examined(&plan, wrong),
        ["XML-NOT-WELL-FORMED", "VALUE-TYPE"]
    );
}

/// Behind the root's end tag every record of a second root had a finding of its own, if it stood in the same chunk.
#[test]
fn a_second_root_is_one_finding() {
    let plan = interchange();
    let second = INTERCHANGE.split_once('\n').expect("lines").1;
    assert_eq!(
        examined(&plan, format!("{INTERCHANGE}{second}")),
        ["XML-NOT-WELL-FORMED"]
    );
}

/// A value in pieces (CDATA, comments, references) was reported at a place counted back from its end.
#[test]
fn a_value_in_pieces_is_reported_where_it_begins() {
    let plan = interchange();
    let wrong = edited(
        "<UpdateType>9<",
        "<UpdateType>&#57;<![CDATA[9]]><!-- c -->9<",
    );
    let begins = wrong.find("&#57;").expect("it is there") as u64;
    let checked = examine(&plan, wrong.as_bytes(), &[1]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(checked.rules(), ["VALUE-CODE"]);
    assert_eq!(
        checked.findings[0].place.map(|place| place.offset),
        Some(begins)
    );
}

/// A byte that is not UTF-8 directly behind a record was reported for the record and for what follows it.
#[test]
fn a_broken_byte_between_records_is_one_finding() {
    let plan = interchange();
    let mut bytes = INTERCHANGE.as_bytes().to_vec();
    let behind = INTERCHANGE.find("</Message>").expect("it is there") + "</Message>".len();
    bytes.insert(behind, 0x80);
    assert_eq!(examined(&plan, bytes), ["XML-ENCODING"]);
}

/// A tag with an open quote was told in different words when the chunk ended inside it.
#[test]
fn an_open_quote_is_told_in_the_same_words_everywhere() {
    let plan = batch();
    for tag in ["<\"", "<Kind a=\"", "</Kind \"", "<Kind a=\"<b"] {
        let at = BATCH.find("      <When>").expect("it is there");
        let wrong = [&BATCH[..at], tag, &BATCH[at..]].concat();
        assert_eq!(examined(&plan, wrong), ["XML-NOT-WELL-FORMED"], "{tag}");
    }
}

/// Members of a substitution group lead to the same state, and the fast path did not know which of them was read last.
#[test]
fn members_of_a_substitution_group_are_told_apart() {
    let xsd = BATCH_XSD.replace(
        "<xs:element ref=\"Event\" maxOccurs=\"2\"/>",
        "<xs:element ref=\"Event\"/>",
    );
    let plan = Plan::new(
        compiled(&xsd),
        Vec::new(),
        CapturePlan::default(),
        Vec::new(),
    );
    assert_eq!(examined(&plan, BATCH), ["STRUCTURE-CHOICE"]);
}

/// What the root lacks was charged to the record that follows, and the others were accepted.
#[test]
fn an_interchange_without_its_header_is_rejected_and_no_record_of_it() {
    let plan = interchange();
    let (start, end) = ("  <InterchangeHeader>", "</InterchangeHeader>\n");
    let from = INTERCHANGE.find(start).expect("it is there");
    let to = INTERCHANGE.find(end).expect("it is there") + end.len();
    let wrong = [&INTERCHANGE[..from], &INTERCHANGE[to..]].concat();
    let checked =
        examine(&plan, wrong.as_bytes(), &[1, 300]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(checked.rules(), ["STRUCTURE-MISSING"]);
    let finding = &checked.findings[0];
    assert_eq!((finding.effect, finding.record), (Effect::RejectFile, None));
    assert_eq!(finding.path.as_deref(), Some("/Interchange"));
    assert_eq!(checked.verdict(), Verdict::Rejected);
    assert_eq!(checked.file.summary.records.rejected, 0);
}

/// Records before a comment that holds the end tag of a record were counted to what was not ended, until it was too long.
#[test]
fn a_record_is_as_long_as_it_is_whatever_comments_hold() {
    let mut plan = interchange();
    plan.limits.record_size = 64 * 1024;
    let comment = format!("</Message><!-- {} -->", "</Message>".repeat(300));
    let (head, rest) = INTERCHANGE.split_at(INTERCHANGE.find("  <Message>").expect("it is there"));
    let (records, tail) = rest.split_at(rest.find("  <InterchangeTrailer>").expect("it is there"));
    let records = records.replace("</Message>", &comment).repeat(300);
    let document = [head, &records, tail].concat();
    assert!(document.len() > 4 * concord_check::CHUNK);
    let checked =
        examine(&plan, document.as_bytes(), &[100_000]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(checked.rules(), [""; 0]);
    assert_eq!(checked.file.summary.records.accepted, 900);
}

/// The limit on the length of a value was held by the exact path alone, and not for attributes.
#[test]
fn a_value_is_not_longer_than_the_limit() {
    let mut plan = interchange();
    plan.limits.text_length = 30;
    let long = "x".repeat(31);
    let limit = [
        (">LOCAL1<", format!(">{long}<")),
        ("Type=\"01\"", format!("Type=\"{long}\"")),
    ];
    for (old, new) in limit {
        assert_eq!(examined(&plan, edited(old, &new)), ["LIMIT-TEXT"], "{old}");
    }
    assert_eq!(
        examined(&plan, edited(">LOCAL1<", &format!(">{}<", &long[1..]))),
        [""; 0]
    );
}

/// It was told that it needs a name, which it has.
#[test]
fn a_colon_in_the_name_of_an_instruction_is_told() {
    let wrong = edited("  <Message>", "<?p:q?>  <Message>");
    let checked =
        examine(&interchange(), wrong.as_bytes(), &[1]).unwrap_or_else(|error| panic!("{error}"));
    let [told] = &checked.lines()[..] else {
        panic!("{:#?}", checked.lines());
    };
    assert!(
        told.ends_with("the name of a processing instruction must have no colon"),
        "{told}"
    );
}

/// All records behind one whose end tag is lost were taken for its content: a finding each, and none of them counted.
#[test]
fn a_record_whose_end_tag_is_lost_is_one_mistake() {
    let plan = interchange();
    let wrong = edited("  </Message>\n", "");
    let checked =
        examine(&plan, wrong.as_bytes(), &[1, 300]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(checked.rules(), ["XML-NOT-WELL-FORMED"]);
    let records = &checked.file.summary.records;
    assert_eq!((records.records, records.rejected), (3, 1));
    assert_eq!(checked.verdict(), Verdict::Rejected);
}

/// A key that was written in another way than plainly was not taken for one.
#[test]
fn a_key_is_one_however_it_is_written() {
    let plan = interchange();
    let (before, behind) = INTERCHANGE
        .split_once("<UniqueIdentifier>")
        .expect("it has a key");
    let (key, behind) = behind.split_once('<').expect("it is closed");
    let (first, rest) = key.split_at(1);
    for written in [
        format!("<![CDATA[{key}]]>"),
        format!("&#{};{rest}", u32::from(first.as_bytes()[0])),
        format!("{first}<!-- and -->{rest}"),
    ] {
        let document = format!("{before}<UniqueIdentifier>{written}<{behind}");
        let wrong = document.replacen(">9<", ">7<", 1);
        let checked =
            examine(&plan, wrong.as_bytes(), &[1, 300]).unwrap_or_else(|error| panic!("{error}"));
        let keys: Vec<_> = checked
            .findings
            .iter()
            .map(|finding| finding.record_key.clone())
            .collect();
        assert_eq!(keys, [Some(Fact::Plain(key.to_owned()))], "{written}");
    }
}

/// A record whose own start tag could not be read to its end rejected the file, and was not counted.
#[test]
fn a_record_whose_own_start_tag_is_too_long_is_counted() {
    let plan = interchange();
    let long = "x".repeat(plan.limits.text_length + 1);
    let wrong = edited("<Message>", &format!("<Message note=\"{long}\">"));
    let checked =
        examine(&plan, wrong.as_bytes(), &[1, 300]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(checked.rules(), ["LIMIT-TEXT"]);
    let records = &checked.file.summary.records;
    assert_eq!((records.records, records.rejected), (3, 1));
}

/// Elements below the root were told one by one, and the record they are was not counted.
#[test]
fn a_record_whose_start_tag_is_lost_is_counted() {
    let plan = interchange();
    let starts: Vec<usize> = INTERCHANGE
        .match_indices("<Message>")
        .map(|(at, _)| at)
        .collect();
    for (index, at) in starts.iter().enumerate() {
        let wrong = [&INTERCHANGE[..*at], &INTERCHANGE[at + "<Message>".len()..]].concat();
        let checked =
            examine(&plan, wrong.as_bytes(), &[1, 300]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(checked.rules(), ["XML-NOT-WELL-FORMED"], "record {index}");
        assert_eq!(checked.findings[0].record, Some(index as u64 + 1));
        let records = &checked.file.summary.records;
        assert_eq!(
            (records.records, records.rejected),
            (starts.len() as u64, 1)
        );
    }
}
