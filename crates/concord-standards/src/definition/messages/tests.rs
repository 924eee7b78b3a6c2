use std::collections::BTreeMap;

use crate::definition::{Definition, Severity, lint};
use crate::messages::Usage;

const BASE: &str = "id = \"base\"\nversion = \"1\"\ntitle = \"t\"\npublisher = \"p\"\ncarrier = \"hl7\"\nsource = \"s\"\n[recognise]\nversions = [\"2.4\"]\n";
const STRUCTURE: &str = "[element.ADT_A01]\ngroup = \"ADT_A01\"\nmessages = [\"ADT^A01\", \"ADT^A04\"]\n[group.ADT_A01]\ncontent = [{ ref = \"MSH\" }, { ref = \"PID\", occurs = \"0..1\" }]\n";
const FIELDS: &str = "table,position,element,usage,occurs,length,data_type,code_list,code_use,personal,source\n\
    MSH,1,Separator,R,1..1,,ST,,,,x\n\
    PID,1,Set,O,0..1,4,SI,,,,x\n\
    PID,2,Identifiers,R,1..*,,CX,,,yes,x\n\
    PID,3,Sex,O,0..1,1,IS,sexes,,,x\n";
const TYPES: &str = "type,position,name,data_type,usage,length,code_list,code_use,pattern,format,condition,personal,source\n\
    ST,0,String,xs:string,,,,,,,,,x\n\
    IS,0,Code,xs:string,,,,,,,,,x\n\
    SI,0,Number,xs:nonNegativeInteger,,,,,,,,,x\n\
    CX,1,Number,ST,R,,,,,,,,x\n\
    CX,2,Authority,HD,O,,,,,,,no,x\n\
    HD,1,Name,IS,O,,,,,,unless 2,,x\n\
    HD,2,Identifier,ST,O,,,,,,unless 1,,x\n";

fn files() -> BTreeMap<String, String> {
    let pairs = [
        ("base/1/standard.toml", BASE),
        ("base/1/structure.toml", STRUCTURE),
        ("base/1/fields.csv", FIELDS),
        ("base/1/datatypes.csv", TYPES),
        (
            "codes/sexes.csv",
            "code,meaning,valid_from,valid_to,source\n1,male,,,x\n2,female,,,x\n",
        ),
    ];
    pairs
        .into_iter()
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .collect()
}

/// The base narrowed by a profile of these rows.
fn profile(rows: &str) -> BTreeMap<String, String> {
    let mut files = files();
    let standard = BASE
        .replace("\"base\"", "\"profile\"")
        .replace("[recognise]", "inherits = \"../../base/1\"\n[recognise]");
    let header = FIELDS.lines().next().unwrap_or_default();
    for (name, text) in [
        ("standard.toml", standard),
        ("structure.toml", STRUCTURE.to_owned()),
        ("fields.csv", format!("{header}\n{rows}")),
        (
            "datatypes.csv",
            TYPES.lines().next().unwrap_or_default().to_owned() + "\n",
        ),
    ] {
        files.insert(format!("profile/1/{name}"), text);
    }
    files
}

fn load(files: &BTreeMap<String, String>, folder: &str) -> Definition {
    Definition::load(files, folder).unwrap_or_else(|errors| panic!("{errors}"))
}

/// What is wrong with the base after a part of a file was replaced.
#[track_caller]
fn wrong(path: &str, from: &str, to: &str, expected: &str) {
    let mut files = files();
    files.insert("overlays/one.toml".to_owned(), OVERLAY.to_owned());
    let text = files.get_mut(path).expect("it is there");
    assert!(text.contains(from), "{from}");
    *text = text.replacen(from, to, 1);
    let errors = Definition::load(&files, "base/1").expect_err("it is wrong");
    let shown = errors.to_string();
    assert!(shown.contains(expected), "{shown}");
    let place = format!("{path}:");
    assert!(shown.contains(&place), "{shown}");
}

const OVERLAY: &str = "standard = \"base@1\"\ntitle = \"t\"\nreason = \"r\"\nowner = \"o\"\n[sender]\nfacility = \"RXX*\"\n[[field]]\nfield = \"PID-3\"\nmap = { M = \"1\" }\n[[segment]]\nsegment = \"ZUK\"\nafter = \"PID\"\n";

#[test]
fn names_are_those_of_the_xml_encoding() {
    let definition = load(&files(), "base/1");
    let messages = definition.messages.as_ref().expect("messages");
    assert_eq!(
        messages.kind("ADT", "A04").map(|kind| &*kind.structure),
        Some("ADT_A01")
    );
    assert_eq!(messages.kind("ADT", "A05"), None);
    let names: Vec<&str> = definition
        .schema
        .elements
        .iter()
        .map(|element| &*element.name.local)
        .collect();
    for name in [
        "submission",
        "ADT_A01",
        "PID",
        "PID.2",
        "CX.1",
        "CX.2",
        "HD.1",
    ] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    let personal = |name: &str| {
        let mut elements = definition.schema.elements.iter();
        elements.any(|element| &*element.name.local == name && element.facts.personal)
    };
    assert!(personal("CX.1") && !personal("CX.2") && !personal("PID.3"));
    assert_eq!(
        &*definition.standard.record.elements,
        [std::sync::Arc::from("ADT_A01")]
    );
    let problems = lint(&definition);
    assert!(
        problems
            .iter()
            .all(|problem| problem.severity != Severity::Error),
        "{problems:?}"
    );
}

#[test]
fn a_profile_narrows_what_it_inherits() {
    let files = profile("PID,1,,X,,,,,,,y\nPID,2,Numbers,,1..2,,,,,,y\nPID,3,,R,,,,,,,y\n");
    let definition = load(&files, "profile/1");
    let messages = definition.messages.as_ref().expect("messages");
    let pid = messages.segment("PID").expect("it is inherited");
    let [first, second, third] = &pid.fields[..] else {
        panic!("three fields");
    };
    assert_eq!((first.usage, &*first.name), (Usage::NotSupported, "Set"));
    assert_eq!(
        (second.usage, second.max, &*second.name),
        (Usage::Required, Some(2), "Numbers")
    );
    assert_eq!(third.usage, Usage::Required);
    assert_eq!(third.code_list.as_deref(), Some("sexes"));
}

#[test]
fn overlays_are_read_with_their_standard() {
    let mut files = files();
    files.insert("overlays/one.toml".to_owned(), OVERLAY.to_owned());
    files.insert(
        "overlays/two.toml".to_owned(),
        OVERLAY.replace("base@1", "other@1"),
    );
    let definition = load(&files, "base/1");
    let overlays = &definition.messages.as_ref().expect("messages").overlays;
    assert_eq!(overlays.len(), 1);
    assert!(overlays[0].is_for("ANY", "RXX01") && !overlays[0].is_for("ANY", "RYY"));
    assert_eq!(
        overlays[0].fields[0].map.get("M").map(|to| &**to),
        Some("1")
    );
}

#[test]
fn mistakes_have_a_place() {
    wrong(
        "base/1/fields.csv",
        ",O,0..1,4",
        ",Q,0..1,4",
        "there is no usage `Q`",
    );
    wrong(
        "base/1/fields.csv",
        "PID,2",
        "PID,7",
        "this is field 2 of its segment",
    );
    wrong(
        "base/1/fields.csv",
        ",CX,",
        ",CY,",
        "there is no data type `CY`",
    );
    wrong(
        "base/1/fields.csv",
        "sexes",
        "sexed",
        "there is no code list `sexed`",
    );
    wrong(
        "base/1/datatypes.csv",
        "CX,2",
        "CX,3",
        "this is component 2 of its type",
    );
    wrong(
        "base/1/datatypes.csv",
        "unless 2",
        "if 2",
        "is no condition",
    );
    wrong(
        "base/1/structure.toml",
        "ref = \"PID\"",
        "ref = \"PIX\"",
        "there is no segment `PIX`",
    );
    wrong(
        "base/1/structure.toml",
        "messages = [\"ADT^A01\", \"ADT^A04\"]\n",
        "",
        "must say its `messages`",
    );
    wrong(
        "base/1/standard.toml",
        "versions = [\"2.4\"]",
        "",
        "which `versions`",
    );
    wrong(
        "overlays/one.toml",
        "PID-3",
        "PID-9",
        "the standard has no field `PID-9`",
    );
    wrong(
        "overlays/one.toml",
        "[sender]\nfacility = \"RXX*\"\n",
        "",
        "must say whose messages it is for",
    );
    wrong(
        "overlays/one.toml",
        "after = \"PID\"",
        "after = \"PIX\"",
        "there is no segment `PIX`",
    );
}

#[test]
fn a_standard_does_not_inherit_itself() {
    let mut files = profile("");
    let standard = files.get_mut("base/1/standard.toml").expect("it is there");
    *standard = standard.replace("[recognise]", "inherits = \"../../profile/1\"\n[recognise]");
    let errors = Definition::load(&files, "profile/1").expect_err("a circle");
    assert!(
        errors.to_string().contains("is inherited already"),
        "{errors}"
    );
}
