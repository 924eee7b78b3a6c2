//! A small standard of seven tables with a rule of every kind that looks beyond a row, and submissions of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_check::submission::{
    Parameters, SubmissionPlan, Submitted, TablesInMemory, check_submission,
};
use concord_finding::{Effect, Finding, Grades};
use concord_standards::definition::Definition;
use concord_standards::submission::{Profile, Submission};

const STANDARD: &str = r#"
id = "small"
version = "1"
title = "Small"
publisher = "nobody"
carrier = "tables"
source = "tests"

[submission]
header = "T000Header"
period = ["From", "To"]
provider = "Provider"
calendar = "primary-refresh"
source = "tests"
since = "0.1.0"

[[table]]
name = "T000Header"
tell = ["Provider"]
[[table]]
name = "T001Person"
[[table]]
name = "T002GP"
[[table]]
name = "T101Referral"
[[table]]
name = "T201Contact"
[[table]]
name = "T202Activity"
tell = ["Id", "Contact", "T201.Referral", "T101.Person"]
[[table]]
name = "T607Score"
"#;

const FIELDS: &str = "\
table,position,column,uid,element,mandation,format,code_list,key,references,presence_rule,format_rule,code_rule,source,confidence
T000Header,1,Provider,H1,TEXT,M,,,,,R00001,,,,
T000Header,2,From,H2,TEXT,M,an10 CCYY-MM-DD,,,,,,,,
T000Header,3,To,H3,TEXT,M,an10 CCYY-MM-DD,,,,,,,,
T001Person,1,Id,P1,TEXT,M,max an3,,Y,,R00101,R00102,,,
T001Person,2,Nhs,P2,TEXT,R,,,,,,,,,
T001Person,3,Born,P3,TEXT,R,an10 CCYY-MM-DD,,,,R00104 warn,R00103,,,
T002GP,1,Person,G1,TEXT,M,,,,T001Person.Id,R00201,,,,
T002GP,2,Code,G2,TEXT,M,,A|B,,,,,R00202,,
T002GP,3,Start,G3,TEXT,R,an10 CCYY-MM-DD,,,,,,,,
T002GP,4,End,G4,TEXT,R,an10 CCYY-MM-DD,,,,,,,,
T101Referral,1,Id,F1,TEXT,M,,,Y,,R10101,,,,
T101Referral,2,Person,F2,WHO,M,,,,T001Person.Id,R10102,,,,
T101Referral,3,Day,F3,TEXT,M,an10 CCYY-MM-DD,,,,,R10103,,,
T201Contact,1,Id,C1,TEXT,M,,,Y,,R20101,,,,
T201Contact,2,Referral,C2,TEXT,M,,,,T101Referral.Id,R20102,,,,
T201Contact,3,Day,C3,TEXT,M,an10 CCYY-MM-DD,,,,,R20103,,,
T201Contact,4,Code,C4,TEXT,R,,2|5|6,,,,,R20104 reject-record,,
T202Activity,1,Id,A1,TEXT,M,max an3,,Y,,,R20201 warn,,,
T202Activity,2,Contact,A2,TEXT,M,,,,T201Contact.Id,,,,,
T607Score,1,Activity,S1,TEXT,M,,,,T202Activity.Id,,,,,
T607Score,2,Tool,S2,TEXT,M,,,,,,,,,
";

const CALENDAR: &str = "\
opens,closes,earliest_period,latest_period,source
2024-05-01,2024-05-29,2024-03,2024-04,tests
2024-06-01,2024-06-27,2024-04,2024-05,tests
";

const RULES: &str = r#"
[[diagnostic]]
code = "RDAG1"
description = "referrals without a contact"
table = "T101Referral"
without = "T201Contact"
[[diagnostic]]
code = "RDAG2"
description = "people with several contacts of code 5"
table = "T201Contact"
several_per = "T001Person"
when = [{ column = "Code", in = ["5"] }]
[[rule]]
id = "R00016"
table = "T000Header"
effect = "reject-record"
equal = { column = "From", to = "param.period-start" }
[[rule]]
id = "R00019"
table = "T000Header"
effect = "reject-record"
equal = { column = "To", to = "param.period-end" }
[[rule]]
id = "R10110"
table = "T101Referral"
effect = "reject-record"
on_or_after = { column = "Day", limit = "T001Person.Born" }
[[rule]]
id = "R20110"
table = "T201Contact"
effect = "reject-record"
on_or_after = { column = "Day", limit = "T101Referral.Day" }
[[rule]]
id = "R20111"
table = "T201Contact"
effect = "warn"
on_or_after = { column = "Day", limit = "T001Person.Born" }
[[rule]]
id = "R20112"
table = "T201Contact"
effect = "reject-record"
on_or_before = { column = "Day", limit = "T000Header.To", days = 1 }
[[rule]]
id = "R00025"
table = "T000Header"
effect = "reject-group"
singleton = true
[[rule]]
id = "R00110"
table = "T001Person"
effect = "reject-group"
unique = ["Id"]
[[rule]]
id = "R00111"
table = "T001Person"
effect = "reject-file"
unique = ["Nhs"]
[[rule]]
id = "R00210"
table = "T002GP"
effect = "reject-group"
unique = { columns = ["Person", "End"], blanks = "same", when = [{ column = "End", blank = true }] }
[[rule]]
id = "R10111"
table = "T101Referral"
effect = "reject-group"
unique = ["Id"]
[[rule]]
id = "R20113"
table = "T201Contact"
effect = "reject-group"
unique = ["Id"]
[[rule]]
id = "R20114"
table = "T201Contact"
effect = "warn"
unique = { columns = ["Referral", "Day"], blanks = "same", counted = { column = "Code", in = ["5", "6"] } }
[[rule]]
id = "R60710"
table = "T607Score"
effect = "reject-group"
unique = ["Activity", "Tool"]
[[rule]]
id = "R00145"
table = "T001Person"
effect = "reject-group"
needs = "T002GP"
[[rule]]
id = "R00146"
table = "T001Person"
effect = "reject-group"
needs = "T101Referral"
[[rule]]
id = "R00220"
table = "T002GP"
effect = "reject-group"
needs = "T001Person"
[[rule]]
id = "R10120"
table = "T101Referral"
effect = "reject-group"
needs = "T001Person"
[[rule]]
id = "R20120"
table = "T201Contact"
effect = "reject-group"
needs = "T101Referral"
[[rule]]
id = "R20220"
table = "T202Activity"
effect = "reject-group"
needs = "T201Contact"
[[rule]]
id = "R60720"
table = "T607Score"
effect = "reject-group"
needs = "T202Activity"
[[rule]]
id = "R60721"
table = "T607Score"
effect = "warn"
needs = { table = "T001Person", on = { Tool = "Nhs" } }
[[rule]]
id = "R00223"
table = "T002GP"
effect = "warn"
consecutive = { per = "Person", code = "Code", start = "Start", end = "End" }
[[rule]]
id = "RREJ03"
table = "T001Person"
effect = "reject-file"
rows = true
[[rule]]
id = "RREJ12"
table = "T000Header"
effect = "reject-file"
in_period = { columns = ["T101Referral.Day", "T201Contact.Day"] }
[[rule]]
id = "RREJ15"
table = "T000Header"
effect = "reject-file"
sound_header = true
[[rule]]
id = "RREJ101"
table = "T000Header"
effect = "reject-file"
in_period = { columns = ["T101Referral.Day", "T201Contact.Day"], valid = true }
"#;

/// The tables, by their numbers.
pub(crate) const WIDTHS: [usize; 7] = [3, 3, 4, 3, 4, 2, 2];

pub(crate) fn definition() -> Definition {
    let files: BTreeMap<String, String> = [
        (
            "elements.csv",
            "name,xml_names,format,code_list,personal,source\nTEXT,,,,no,t\nWHO,,,,yes,t\n",
        ),
        ("small/standard.toml", STANDARD),
        ("small/fields.csv", FIELDS),
        ("small/rules.toml", RULES),
        ("small/calendar.csv", CALENDAR),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .into();
    Definition::load(&files, "small").unwrap_or_else(|errors| panic!("{errors}"))
}

pub(crate) fn submission() -> Arc<Submission> {
    Arc::new(definition().submission.expect("tables"))
}

/// Rows by table, each a text for each column.
pub(crate) type Tables = Vec<Vec<Vec<String>>>;

/// What is found: the rule, the table, and the row from 0 where it is about one.
pub(crate) type Found = BTreeSet<(String, usize, Option<usize>)>;

/// What the engine says.
pub(crate) struct Said {
    pub(crate) found: Found,
    /// For each table, for each row, whether it is valid.
    pub(crate) valid: Vec<Vec<bool>>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) rejected: Vec<Vec<Option<String>>>,
    pub(crate) submitted: Option<Submitted>,
    /// Codes, numerators and denominators.
    pub(crate) counted: Vec<(String, u64, u64)>,
    /// Rules that were not run.
    pub(crate) not_run: Vec<String>,
}

pub(crate) fn engine(tables: &Tables) -> Said {
    engine_with(tables, Parameters::new())
}

pub(crate) fn engine_with(tables: &Tables, parameters: Parameters) -> Said {
    let submission = submission();
    let plan = SubmissionPlan::new(
        &submission,
        Profile::Implemented,
        parameters,
        None,
        &Grades::default(),
    );
    let mut source = TablesInMemory {
        tables: tables.clone(),
    };
    let mut findings = Vec::new();
    let checked = check_submission(&mut source, &plan, &mut |finding| {
        findings.push(finding);
        ControlFlow::Continue(())
    });
    assert!(checked.error.is_none());
    let table_of = |finding: &Finding| {
        let path = finding.path.as_deref().unwrap_or("");
        let name = path.split('/').next().unwrap_or("");
        submission.table(name)
    };
    let found = findings
        .iter()
        .map(|finding| {
            let row = finding.record.map(|record| record as usize - 1);
            let rule = finding.rule.id.to_string();
            let table = row.and_then(|_| table_of(finding)).unwrap_or(0);
            (rule, table, row)
        })
        .collect();
    let rejected: Vec<Vec<Option<String>>> = tables
        .iter()
        .enumerate()
        .map(|(table, rows)| {
            let rows = 0..rows.len();
            rows.map(|row| checked.rejected_by(table, row).map(str::to_owned))
                .collect()
        })
        .collect();
    let valid = rejected
        .iter()
        .map(|rows| rows.iter().map(Option::is_none).collect())
        .collect();
    let counted = checked.counted.iter().map(|counted| {
        let code = counted.code.to_string();
        (code, counted.numerator, counted.denominator)
    });
    Said {
        found,
        valid,
        findings,
        rejected,
        submitted: checked.submitted,
        counted: counted.collect(),
        not_run: plan.not_run.iter().map(|left| left.rule.clone()).collect(),
    }
}

/// Whether any finding rejects the submission.
pub(crate) fn rejects_file(said: &Said) -> bool {
    let mut findings = said.findings.iter();
    findings.any(|finding| finding.effect == Effect::RejectFile)
}

pub(crate) fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

/// A submission in which nothing is wrong.
pub(crate) fn clean() -> Tables {
    vec![
        vec![row(&["RX1", "2024-04-01", "2024-04-30"])],
        vec![
            row(&["a", "1", "1990-01-01"]),
            row(&["b", "2", "1980-02-29"]),
        ],
        vec![
            row(&["a", "A", "2020-01-01", "2024-04-14"]),
            row(&["a", "B", "2024-04-15", ""]),
            row(&["b", "A", "2020-01-01", ""]),
        ],
        vec![
            row(&["r", "a", "2024-03-01"]),
            row(&["s", "b", "2024-04-02"]),
        ],
        vec![
            row(&["c", "r", "2024-04-03", "5"]),
            row(&["d", "r", "2024-04-10", "5"]),
            row(&["e", "s", "2024-05-01", "2"]),
        ],
        vec![row(&["x", "c"]), row(&["y", "d"])],
        vec![row(&["x", "1"]), row(&["x", "2"]), row(&["y", "1"])],
    ]
}
