//! Small changes of submissions of many tables, one by one.

use concord_gate::change::Comparison;

use crate::checker::proved;
use crate::support::many::{files, tables};
use crate::support::{Files, compared, lines, load};

const CONTACT: &str = "\
table,column,uid,element,mandation,format,code_list,key,references,presence_rule,format_rule,code_rule
M102Contact,Contact,M102001,,M,max an20,,Y,,M-BLANK,M-FORMAT,
M102Contact,Referral,M102002,,M,max an20,,,M101Referral.Referral,M-BLANK,M-FORMAT,
M102Contact,Person,M102003,,R,max an20,,,M001Person.Person,,M-FORMAT,
M102Contact,Tool,M102004,,R,an3,,,,,M-FORMAT,
M102Contact,Score,M102005,,R,max an4,,,,,M-FORMAT,
";

fn change(parts: &[(&str, &str)], edited: &[(&str, &str)]) -> Comparison {
    proved(&tables(parts), &tables(edited))
}

#[track_caller]
fn expect(comparison: &Comparison, expected: &[&str]) {
    let why: Vec<String> = comparison
        .changes
        .iter()
        .flat_map(|change| &change.breaks)
        .map(|breaks| breaks.why.clone())
        .collect();
    assert_eq!(lines(comparison), expected, "{why:#?}");
}

/// The columns of one table edited.
#[track_caller]
fn column(from: &str, to: &str, expected: &[&str]) -> Comparison {
    assert!(CONTACT.contains(from), "{from}");
    let edited = CONTACT.replacen(from, to, 1);
    let comparison = change(&[("fields.csv", CONTACT)], &[("fields.csv", &edited)]);
    expect(&comparison, expected);
    comparison
}

/// Rules edited.
#[track_caller]
fn rule(before: &str, after: &str, expected: &[&str]) -> Comparison {
    let whole = |check: &str| match check {
        "" => String::new(),
        check if check.contains("[[rule]]") => check.to_owned(),
        check => format!(
            "[[rule]]\nid = \"A-1\"\ntable = \"M101Referral\"\neffect = \"reject-record\"\n{check}\n"
        ),
    };
    let comparison = change(
        &[("rules.toml", &whole(before))],
        &[("rules.toml", &whole(after))],
    );
    expect(&comparison, expected);
    comparison
}

#[test]
fn columns_that_come_and_go() {
    let added = "M102Contact,Score,M102005,,R,max an4,,,,,M-FORMAT,\n";
    let more = |row: &str| format!("{added}{row}\n");
    column(
        added,
        &more("M102Contact,Place,M102006,,R,an2,,,,,M-FORMAT,"),
        &["COLUMN-ADDED M102Contact.Place []"],
    );
    column(
        added,
        &more("M102Contact,Place,M102006,,M,an2,,,,M-BLANK,M-FORMAT,"),
        &["COLUMN-ADDED-MANDATORY M102Contact.Place [submitter proved]"],
    );
    column(added, "", &["COLUMN-REMOVED M102Contact.Score []"]);
    column(
        "Score,M102005",
        "ScoreText,M102005",
        &["COLUMN-RENAMED M102Contact.ScoreText []"],
    );
}

#[test]
fn where_misfits_are_refused_every_column_counts() {
    let structure = "[[rule]]\nid = \"M-SHAPE\"\ntable = \"M000Header\"\neffect = \"reject-file\"\nstructure = true\n";
    let added = "M102Contact,Score,M102005,,R,max an4,,,,,M-FORMAT,\n";
    let edited = CONTACT.replacen(
        added,
        &format!("{added}M102Contact,Place,M102006,,R,an2,,,,,M-FORMAT,\n"),
        1,
    );
    let comparison = change(
        &[("fields.csv", CONTACT), ("rules.toml", structure)],
        &[("fields.csv", &edited), ("rules.toml", structure)],
    );
    expect(
        &comparison,
        &["COLUMN-ADDED M102Contact.Place [submitter proved, receiver decided]"],
    );
    let table = "[[table]]\nname = \"M103Extra\"\n";
    let more = "table,column,uid,mandation,format\nM103Extra,Contact,M103001,R,max an20\n";
    let comparison = change(
        &[("rules.toml", structure)],
        &[
            ("rules.toml", structure),
            ("standard.toml", &with_tables(table)),
            ("fields.csv", more),
        ],
    );
    expect(&comparison, &["TABLE-ADDED M103Extra [receiver proved]"]);
    let comparison = change(
        &[
            ("rules.toml", structure),
            ("standard.toml", &with_tables(table)),
            ("fields.csv", more),
        ],
        &[("rules.toml", structure)],
    );
    expect(&comparison, &["TABLE-REMOVED M103Extra [submitter proved]"]);
}

fn with_tables(more: &str) -> String {
    let names = ["M000Header", "M001Person", "M101Referral", "M102Contact"];
    let tables = names.map(|name| format!("[[table]]\nname = \"{name}\"\n"));
    tables.concat() + more
}

#[test]
fn formats_and_codes() {
    column(
        "R,an3,,,,,M-FORMAT,",
        "R,max an2,,,,,M-FORMAT,",
        &["FORMAT-CHANGED M102Contact.Tool [submitter proved, receiver decided]"],
    );
    column(
        "R,max an4,,,,,M-FORMAT,",
        "R,max an3,,,,,M-FORMAT,",
        &["FORMAT-NARROWED M102Contact.Score [submitter proved]"],
    );
    column(
        "R,max an4,,,,,M-FORMAT,",
        "R,max an5,,,,,M-FORMAT,",
        &["FORMAT-WIDENED M102Contact.Score [receiver proved]"],
    );
    // What nobody refuses breaks nobody.
    column(
        "R,max an4,,,,,M-FORMAT,",
        "R,max an3,,,,,,",
        &[
            "FORMAT-NARROWED M102Contact.Score []",
            "RULE-REMOVED M-FORMAT [receiver proved]",
        ],
    );
    column(
        "R,max an4,,,,,M-FORMAT,",
        "R,max an4,1|2,,,,M-FORMAT,M-CODE reject-record",
        &[
            "CODE-LIST-CHANGED M102Contact.Score [submitter proved]",
            "RULE-ADDED M-CODE []",
        ],
    );
    let coded = CONTACT.replacen(
        "R,max an4,,,,,M-FORMAT,",
        "R,max an4,1|2,,,,M-FORMAT,M-CODE reject-record",
        1,
    );
    let recoded = coded.replacen("1|2,", "1|3,", 1);
    let comparison = change(&[("fields.csv", &coded)], &[("fields.csv", &recoded)]);
    expect(
        &comparison,
        &[
            "VALUES-WITHDRAWN M102Contact.Score [submitter proved]",
            "VALUES-ADDED M102Contact.Score [receiver proved]",
        ],
    );
    let codes = |text: &'static str| [("codes/list.csv", text)];
    let comparison = change(
        &codes("code,meaning\n1,One\n2,Two\n"),
        &codes("code,meaning\n1,One\n3,Three\n"),
    );
    expect(
        &comparison,
        &[
            "CODE-ADDED list 3 [receiver proved]",
            "CODE-WITHDRAWN list 2 [submitter proved]",
        ],
    );
}

#[test]
fn mandation_and_facts() {
    column(
        "R,max an4,,,,,M-FORMAT,",
        "M,max an4,,,,M-BLANK,M-FORMAT,",
        &[
            "COLUMN-MADE-MANDATORY M102Contact.Score [submitter proved]",
            "RULE-ADDED M-BLANK []",
        ],
    );
    column(
        "R,max an4,,,,,M-FORMAT,",
        "M,max an4,,,,,M-FORMAT,",
        &["COLUMN-MADE-MANDATORY M102Contact.Score [meaning decided]"],
    );
    column(
        "Score,M102005,",
        "Score,M102005,OTHER",
        &["IDENTITY-CHANGED M102Contact.Score [meaning decided]"],
    );
    column(
        "max an20,,Y,,M-BLANK",
        "max an20,,,,M-BLANK",
        &["RECORD-KEY-CHANGED M102Contact [meaning decided]"],
    );
    let comparison = column(
        "max an20,,,M001Person.Person,",
        "max an20,,,,",
        &["TABLE-LINKS-CHANGED M102Contact [meaning decided]"],
    );
    let message = comparison.changes[0].message();
    assert_eq!(
        message,
        "rows of M102Contact lead to M101Referral by Referral now, to M001Person by Person; M101Referral by Referral before"
    );
}

#[test]
fn rules_are_held_against_what_was_taken() {
    rule(
        "",
        "one_of = [\"Source\", \"Closed\"]",
        &["RULE-ADDED A-1 [submitter proved]"],
    );
    rule(
        "one_of = [\"Source\", \"Closed\"]",
        "",
        &["RULE-REMOVED A-1 [receiver proved]"],
    );
    // What always holds refuses nothing.
    rule(
        "",
        "one_of = [\"Source\", \"Opened\"]",
        &["RULE-ADDED A-1 []"],
    );
    rule("", "required = [\"Opened\"]", &["RULE-ADDED A-1 []"]);
    rule(
        "",
        "required = [\"Source\"]",
        &["RULE-ADDED A-1 [submitter proved]"],
    );
    rule("", "never = true", &["RULE-ADDED A-1 [submitter proved]"]);
    rule(
        "",
        "form = { column = \"Source\", is = \"an2\" }",
        &["RULE-ADDED A-1 []"],
    );
    rule(
        "",
        "form = { column = \"Source\", is = \"n2\" }",
        &["RULE-ADDED A-1 [submitter proved]"],
    );
    rule(
        "on_or_after = { column = \"Closed\", limit = \"Opened\" }",
        "on_or_after = { column = \"Closed\", limit = \"Opened\", days = 1 }",
        &["RULE-CONDITION-CHANGED A-1 [submitter proved]"],
    );
    rule(
        "on_or_after = { column = \"Closed\", limit = \"Opened\", days = 1 }",
        "on_or_after = { column = \"Closed\", limit = \"Opened\" }",
        &["RULE-CONDITION-CHANGED A-1 [receiver proved]"],
    );
    rule(
        "unique = [\"Person\", \"Source\"]",
        "unique = [\"Person\"]",
        &["RULE-CONDITION-CHANGED A-1 [submitter proved]"],
    );
    rule(
        "required = { columns = [\"Source\"], when = [{ column = \"Closed\", filled = true }] }",
        "required = { columns = [\"Source\"], when = [{ column = \"Closed\", in = [\"2024-04-01\"] }] }",
        &["RULE-CONDITION-CHANGED A-1 [receiver proved]"],
    );
    rule(
        "singleton = true",
        "",
        &["RULE-REMOVED A-1 [receiver proved]"],
    );
}

#[test]
fn needs_effects_ids_and_order() {
    let needs = |effect: &str| {
        format!(
            "[[rule]]\nid = \"A-1\"\ntable = \"M102Contact\"\neffect = \"{effect}\"\nneeds = \"M101Referral\"\n"
        )
    };
    rule(
        "",
        &needs("reject-group"),
        &["RULE-ADDED A-1 [submitter proved]"],
    );
    rule(
        &needs("warn"),
        &needs("reject-group"),
        &["RULE-EFFECT-RAISED A-1 [submitter proved]"],
    );
    rule(
        &needs("reject-group"),
        &needs("reject-file"),
        &["RULE-EFFECT-RAISED A-1 [submitter unknown]"],
    );
    rule(
        &needs("warn"),
        &needs("severity-1"),
        &["RULE-EFFECT-RAISED A-1 [meaning decided]"],
    );
    rule(
        &needs("reject-group"),
        &needs("reject-group").replace("A-1", "A-2"),
        &["RULE-ID-CHANGED A-2 [meaning decided]"],
    );
    let other = "[[rule]]\nid = \"A-0\"\ntable = \"M102Contact\"\neffect = \"reject-group\"\nneeds = \"M001Person\"\n";
    let (one, two) = (
        format!("{}{other}", needs("reject-group")),
        format!("{other}{}", needs("reject-group")),
    );
    rule(
        &one,
        &two,
        &["RULE-ORDER-CHANGED A-0 [submitter unknown, receiver unknown]"],
    );
}

#[test]
fn scales_are_held_against_the_rules_that_judge_scores() {
    let scales = |rows: &str| format!("tool,name,least,greatest,decimals,values,format\n{rows}");
    let of = |before: &str, after: &str, expected: &[&str]| {
        let comparison = change(
            &[("scales.csv", &scales(before))],
            &[("scales.csv", &scales(after))],
        );
        expect(&comparison, expected);
    };
    of(
        "111,,0,9,,,\n",
        "111,,0,5,,,\n",
        &["SCALE-CHANGED scales 111 [submitter proved]"],
    );
    of(
        "111,,0,9,,,\n",
        "111,,0,9,,,\n222,,0,9,,,\n",
        &["SCALE-ADDED scales 222 [receiver proved]"],
    );
    of(
        "111,,0,9,,,\n222,,0,9,,,\n",
        "111,,0,9,,,\n",
        &["SCALE-REMOVED scales 222 [submitter proved]"],
    );
    of(
        "111,,0,9,1,,\n",
        "111,,0,9,,,\n",
        &["SCALE-CHANGED scales 111 [receiver proved]"],
    );
}

/// What order means nothing, and how files are laid out, is no change.
#[test]
fn what_is_written_in_another_order_has_not_changed() {
    let rules = "[[rule]]\nid = \"A-1\"\ntable = \"M101Referral\"\neffect = \"warn\"\none_of = [\"Source\", \"Closed\"]\n\n[[rule]]\nid = \"A-2\"\ntable = \"M101Referral\"\neffect = \"warn\"\nrequired = { columns = [\"Source\"], when = [{ column = \"Closed\", filled = true }, { column = \"Opened\", filled = true }] }\n";
    let turned = "[[rule]]\nid = \"A-2\"\ntable = \"M101Referral\"\neffect = \"warn\"\nrequired = { columns = [ \"Source\" ], when = [{ column = \"Opened\", filled = true }, { filled = true, column = \"Closed\" }] } # the same\n\n[[rule]]\nid = \"A-1\"\ntable = \"M101Referral\"\neffect = \"warn\"\none_of = [\"Closed\", \"Source\"]\n";
    let before = files(&[("rules.toml", rules)]);
    let mut after = files(&[("rules.toml", turned)]);
    let fields = after["many/1/fields.csv"].clone();
    after.insert("many/1/fields.csv".to_owned(), reordered(&fields));
    let comparison = compared(&load(&before, "many/1"), &load(&after, "many/1"));
    assert!(comparison.is_empty(), "{:#?}", lines(&comparison));
    let twice: Vec<Files> = vec![before.clone(), before];
    assert!(compared(&load(&twice[0], "many/1"), &load(&twice[1], "many/1")).is_empty());
}

/// The columns of each table from the last to the first, and the tables too.
fn reordered(fields: &str) -> String {
    let (head, rows) = fields.split_once('\n').expect("a header");
    let mut positions = std::collections::BTreeMap::new();
    let mut all = format!("{head}\n");
    for row in rows.lines().rev() {
        let mut cells: Vec<String> = row.split(',').map(str::to_owned).collect();
        let position = positions.entry(cells[0].clone()).or_insert(0);
        *position += 1;
        cells[1] = position.to_string();
        all.push_str(&cells.join(","));
        all.push('\n');
    }
    all
}
