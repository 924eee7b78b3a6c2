use std::collections::BTreeMap;

use concord_finding::Effect;

use crate::definition::{Definition, lint};
use crate::submission::{Check, Operand, Profile, cases};

const STANDARD: &str = r#"
id = "small"
version = "1-0"
title = "Small"
publisher = "nobody"
carrier = "tables"
source = "tests"

[submission]
header = "T000Header"
period = ["From", "To"]
provider = "Provider"
source = "tests"
since = "0.1.0"

[[table]]
name = "T000Header"
tell = ["Provider"]

[[table]]
name = "T001Person"

[[table]]
name = "T101Referral"

[[table]]
name = "T201Contact"
"#;

const FIELDS: &str = "\
table,position,column,uid,element,mandation,format,code_list,key,references,presence_rule,format_rule,code_rule,source,confidence
T000Header,1,Provider,T000010,ORGANISATION,M,min an3 max an6,,,,T00001,T00002,,,
T000Header,2,From,T000020,DAY,M,an10 CCYY-MM-DD,,,,T00003,T00004,,,
T000Header,3,To,T000030,DAY,M,an10 CCYY-MM-DD,,,,T00005,T00006,,,
T001Person,1,Id,T001010,IDENTIFIER,M,max an20,,Y,,T00101,T00102,,,
T001Person,2,Born,T001020,DAY,R,an10 CCYY-MM-DD,,,,T00103 warn,T00104,,,
T001Person,3,Status,T001030,STATUS,R,an2,01|07,,,,T00105,T00106 reject-record published=warn,,
T101Referral,1,Id,T101010,IDENTIFIER,M,max an20,,Y,,T10101,,,,
T101Referral,2,Person,T101020,IDENTIFIER,M,max an20,,,T001Person.Id,T10102,,,,
T101Referral,3,Day,T101030,DAY,M,an10 CCYY-MM-DD,,,,T10103,T10104,,,
T201Contact,1,Id,T201010,IDENTIFIER,M,max an20,,Y,,T20101,,,,
T201Contact,2,Referral,T201020,IDENTIFIER,M,max an20,,,T101Referral.Id,T20102,,,,
T201Contact,3,Day,T201030,DAY,M,an10 CCYY-MM-DD,,,,T20103,T20104,,,
";

const RULES: &str = r#"
[messages]
presence = "{column} of {table} is empty"

[[rule]]
id = "T00101"
field = "presence"
help = "say whose row it is"

[[rule]]
id = "T20110"
table = "T201Contact"
effect = "reject-record"
on_or_after = { column = "Day", limit = "T001Person.Born" }

[[rule]]
id = "T20111"
table = "T201"
effect = "absent"
published = "severity-1"
on_or_before = { column = "Day", limit = "T000.To", days = 1 }

[[rule]]
id = "T00120"
table = "T001Person"
effect = "reject-group"
unique = ["Id"]

[[rule]]
id = "T20120"
table = "T201Contact"
effect = "reject-group"
needs = "T101Referral"

[[rule]]
id = "T00121"
table = "T001Person"
effect = "reject-group"
needs = "T101Referral"

[[rule]]
id = "T00122"
table = "T001Person"
effect = "warn"
code = { column = "Status", values = ["07"], blank = "fails", when = [{ column = "Born", blank = true }] }
"#;

const ELEMENTS: &str = "name,xml_names,format,code_list,personal,source
ORGANISATION,,,,no,t
DAY,,,,no,t
IDENTIFIER,,,,yes,t
STATUS,,,,no,t
";

fn files(fields: &str, rules: &str) -> BTreeMap<String, String> {
    let files = [
        ("elements.csv", ELEMENTS),
        ("small/standard.toml", STANDARD),
        ("small/fields.csv", fields),
        ("small/rules.toml", rules),
    ];
    files
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into()
}

fn loaded(fields: &str, rules: &str) -> Result<Definition, String> {
    Definition::load(&files(fields, rules), "small").map_err(|errors| errors.to_string())
}

#[test]
fn tables_keys_and_rules_are_read() {
    let definition = loaded(FIELDS, RULES).expect("right");
    let submission = definition.submission.as_ref().expect("tables");
    assert_eq!(submission.table("t201"), Some(3));
    assert_eq!(submission.period, Some((1, 2)));
    assert_eq!(submission.path(3, 1), Some(vec![0, 0]));
    let rule = |id: &str| {
        let mut rules = submission.rules.iter();
        rules.find(|rule| &*rule.rule.id == id).expect(id)
    };
    assert_eq!(rule("T00101").rule.message, "Id of T001Person is empty");
    assert_eq!(
        rule("T00101").rule.help.as_deref(),
        Some("say whose row it is")
    );
    assert_eq!(rule("T00103").rule.effect, Effect::Warn);
    let effect = |id: &str, profile| rule(id).grade(profile).map(|grade| grade.effect);
    assert_eq!(
        effect("T00106", Profile::Implemented),
        Some(Effect::RejectRecord)
    );
    assert_eq!(effect("T00106", Profile::Published), Some(Effect::Warn));
    assert_eq!(effect("T20111", Profile::Implemented), None);
    assert!(
        rule("T20111")
            .published
            .is_some_and(|grade| grade.severity_1)
    );
    assert!(matches!(
        &rule("T20110").check,
        Check::Order { limit: Operand::Ancestor { path, column: 1 }, after: true, .. } if *path == [0, 0]
    ));
    assert_eq!(
        rule("T20111").rule.message,
        "Day {value} is after To {limit} plus 1 days"
    );
    assert!(matches!(&rule("T00121").check, Check::Needs { table: 2, on } if *on == [(0, 1)]));
    assert_eq!(lint(&definition).len(), 0, "{:?}", lint(&definition));
    for rule in &submission.rules {
        let cases = cases(submission, rule).expect("examples");
        assert!(cases.iter().any(|case| case.breaks), "{}", rule.rule.id);
    }
}

#[test]
fn the_effect_of_a_rule_of_columns_is_what_is_said_of_it() {
    let rules = RULES.replace(
        "id = \"T00101\"\nfield = \"presence\"",
        "id = \"T00101\"\neffect = \"reject-file\"\npublished = \"warn\"\nfield = \"presence\"",
    );
    let rules = format!(
        "{rules}\n[[rule]]\nid = \"T00103\"\nfield = \"presence\"\neffect = \"reject-group\"\n"
    );
    let definition = loaded(FIELDS, &rules).expect("right");
    let submission = definition.submission.as_ref().expect("tables");
    let effects = |id: &str| {
        let mut rules = submission.rules.iter();
        let rule = rules.find(|rule| &*rule.rule.id == id).expect(id);
        let effect = |profile| rule.grade(profile).map(|grade| grade.effect);
        let both = [Profile::Implemented, Profile::Published].map(effect);
        (rule.rule.effect, both)
    };
    assert_eq!(
        effects("T00101"),
        (
            Effect::RejectFile,
            [Some(Effect::RejectFile), Some(Effect::Warn)]
        )
    );
    // What stands beside the column goes first.
    assert_eq!(
        effects("T00103"),
        (Effect::Warn, [Some(Effect::Warn), Some(Effect::Warn)])
    );
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (fields, rules, told) in [
        (
            FIELDS.replace("an2,01|07", "an2,no-such-list"),
            RULES.to_owned(),
            "no code list `no-such-list`",
        ),
        (
            FIELDS.replace("T001Person.Id", "T001Person.Nobody"),
            RULES.to_owned(),
            "leads to no column",
        ),
        (
            FIELDS.replace("T00103 warn", "T00103 wrn"),
            RULES.to_owned(),
            "no effect `wrn`",
        ),
        (
            FIELDS.replace("max an20,,Y,,T00101", "an,,Y,,T00101"),
            RULES.to_owned(),
            "no format `an`",
        ),
        (
            FIELDS.replace("ORGANISATION", "NOBODY"),
            RULES.to_owned(),
            "elements.csv does not have",
        ),
        (
            FIELDS.to_owned(),
            RULES.replace("unique = [\"Id\"]", "unique = [\"Ident\"]"),
            "column of T001Person",
        ),
        (
            FIELDS.to_owned(),
            RULES.replace(
                "\"T101Referral\"\n\n[[rule]]\nid = \"T00122\"",
                "\"T201Contact\"\n\n[[rule]]\nid = \"T00122\"",
            ),
            "belong together",
        ),
        (
            FIELDS.to_owned(),
            RULES.replace("limit = \"T001Person.Born\"", "limit = \"param.nothing\""),
            "the portal knows no",
        ),
        (
            FIELDS.to_owned(),
            RULES.replace("T20110", "T20120"),
            "is taken",
        ),
        (
            FIELDS.to_owned(),
            RULES.replace("field = \"presence\"", "field = \"code\""),
            "stands beside no column",
        ),
        (
            FIELDS.to_owned(),
            RULES.replace(
                "field = \"presence\"",
                "field = \"presence\"\neffect = \"rejected\"",
            ),
            "no effect `rejected`",
        ),
        (
            FIELDS.to_owned(),
            RULES.replace(
                "field = \"presence\"",
                "field = \"presence\"\ntable = \"T001Person\"",
            ),
            "means nothing in a rule of columns",
        ),
        (
            FIELDS.to_owned(),
            RULES.replace(
                "field = \"presence\"",
                "field = \"presence\"\neffect = \"absent\"",
            ),
            "absent everywhere",
        ),
        (
            FIELDS.to_owned(),
            RULES.replace("uniq", "uniqe"),
            "means nothing in a rule",
        ),
    ] {
        let error = loaded(&fields, &rules).expect_err(told);
        assert!(error.contains(told), "{told}: {error}");
        assert!(error.contains("small/"), "{error}");
    }
}
