//! The formats that build servers, spreadsheets and browsers read: what their readers ask of them.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what is skipped is said

mod made;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use concord_finding::{Effect, Fact, Finding, Masking};
use concord_report::{Format, Options};
use serde_json::Value;

use made::*;

/// A schema that is not ours, from the reference folder or a copy that somebody keeps in the checkout's cache.
fn schema(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let reference = std::env::var_os("CONCORD_REFERENCE")
        .map_or_else(|| root.join("../shared/reference"), PathBuf::from);
    let found = [reference.join("reports"), root.join(".cache/reports")]
        .map(|folder| folder.join(name))
        .into_iter()
        .find(|path| path.is_file());
    if found.is_none() {
        eprintln!(
            "skipped: {name} is neither in {} nor in .cache/reports",
            reference.join("reports").display()
        );
    }
    found
}

fn all() -> Vec<Finding> {
    let mut all = findings();
    all.extend([waived_finding(), injecting_finding()]);
    all
}

fn json(format: Format, options: Options, findings: &[Finding]) -> Value {
    serde_json::from_str(&settled_report(format, options, findings)).unwrap()
}

#[test]
fn snapshots_with_settings() {
    for format in Format::ALL {
        let name = format!("{format}-settings");
        let findings = [count_finding(), waived_finding(), injecting_finding()];
        insta::assert_snapshot!(name, settled_report(format, Options::default(), &findings));
    }
}

#[test]
fn sarif_is_as_its_schema_says() {
    let Some(path) = schema("sarif-schema-2.1.0.json") else {
        return;
    };
    let mut schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    // Some editions have a pattern here that is no regular expression, for properties that are not written.
    for owner in ["run", "toolComponent"] {
        let at = format!("/definitions/{owner}/properties/language");
        if let Some(language) = schema.pointer_mut(&at).and_then(Value::as_object_mut) {
            language.remove("pattern");
        }
    }
    let valid = jsonschema::validator_for(&schema).unwrap();
    for findings in [all(), Vec::new()] {
        for only_new in [false, true] {
            let options = Options {
                only_new,
                ..Options::default()
            };
            let log = json(Format::Sarif, options, &findings);
            let errors: Vec<String> = valid
                .iter_errors(&log)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{errors:#?}");
        }
    }
    let mut wrong = json(Format::Sarif, Options::default(), &all());
    wrong["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(!valid.is_valid(&wrong), "the schema says something");
}

#[test]
fn sarif_says_what_code_scanning_needs() {
    let findings = all();
    let log = json(Format::Sarif, Options::default(), &findings);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: BTreeSet<&str> = rules
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), rules.len(), "a rule stands once");
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), findings.len());
    for (result, finding) in results.iter().zip(&findings) {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], *finding.rule.id);
        assert_eq!(result["ruleId"], *finding.rule.id);
        for words in ["shortDescription", "fullDescription", "help"] {
            assert!(!rule[words]["text"].as_str().unwrap().is_empty(), "{rule}");
        }
        assert_eq!(
            result["partialFingerprints"]["concord/v1"],
            finding.fingerprint()
        );
        let location = &result["locations"][0]["physicalLocation"];
        let uri = location["artifactLocation"]["uri"].as_str().unwrap();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%:".contains(&byte);
        assert!(uri.bytes().all(plain), "{uri}");
        let relative = location["artifactLocation"].get("uriBaseId").is_some();
        assert_eq!(relative, !uri.starts_with("file:///"), "{uri}");
        match finding.place {
            Some(place) => {
                assert_eq!(location["region"]["startLine"], place.line);
                assert_eq!(location["region"]["startColumn"], place.column);
            }
            None => assert!(location.get("region").is_none()),
        }
        assert_eq!(
            result.get("suppressions").is_some(),
            finding.waived.is_some()
        );
        assert_eq!(result.get("fixes").is_some(), finding.fix.is_some());
    }
    let waived = &results[findings.len() - 2];
    assert_eq!(waived["suppressions"][0]["kind"], "external");
    assert_eq!(
        waived["suppressions"][0]["properties"]["owner"],
        "Data Quality"
    );
    let replacement = &waived["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(replacement["deletedRegion"]["endColumn"], 10);
    assert_eq!(replacement["insertedContent"]["text"], "AB1 2CD");
    let injecting = results.last().unwrap()["message"]["text"].as_str().unwrap();
    assert!(
        injecting.contains("{{0}}"),
        "braces are no placeholders: {injecting}"
    );
    assert!(
        injecting.contains("\\[x\\](http"),
        "brackets are no links: {injecting}"
    );
    let invocation = &run["invocations"][0];
    assert_eq!(
        invocation["executionSuccessful"], false,
        "june.xml.gz cannot be read"
    );
    assert_eq!(
        invocation["toolConfigurationNotifications"][0]["level"],
        "error"
    );
}

#[test]
fn a_masked_value_is_never_a_fix() {
    let mut finding = waived_finding();
    finding.fix.as_mut().unwrap().replacement = Fact::Personal("999 000 0019".into());
    let log = json(Format::Sarif, Options::default(), &[finding.clone()]);
    assert!(log["runs"][0]["results"][0].get("fixes").is_none());
    let revealed = Options {
        masking: Masking::Revealed,
        ..Options::default()
    };
    let log = json(Format::Sarif, revealed, &[finding]);
    let fix = &log["runs"][0]["results"][0]["fixes"][0];
    assert_eq!(
        fix["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"],
        "999 000 0019"
    );
}

/// What `xmllint` says of a text; `None` where it is not installed.
fn xmllint(name: &str, text: &str, arguments: &[&str]) -> Option<Result<(), String>> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&file, text).unwrap();
    let Ok(ran) = Command::new("xmllint")
        .arg("--noout")
        .args(arguments)
        .arg(&file)
        .output()
    else {
        eprintln!("skipped: xmllint is not installed");
        return None;
    };
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    Some(if ran.status.success() {
        Ok(())
    } else {
        Err(told)
    })
}

#[test]
fn junit_is_as_its_schema_says() {
    let Some(path) = schema("junit-10.xsd") else {
        return;
    };
    for findings in [all(), Vec::new()] {
        let text = settled_report(Format::Junit, Options::default(), &findings);
        if let Some(said) = xmllint("report.xml", &text, &["--schema", path.to_str().unwrap()]) {
            assert_eq!(said, Ok(()), "{text}");
        }
    }
}

#[test]
fn junit_counts_what_it_holds() {
    let findings = all();
    let text = settled_report(Format::Junit, Options::default(), &findings);
    if let Some(said) = xmllint("report-alone.xml", &text, &[]) {
        assert_eq!(said, Ok(()), "{text}");
    }
    let number = |line: &str, name: &str| -> usize {
        let (_, rest) = line.split_once(&format!(" {name}=\"")).unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    };
    let count = |text: &str, what: &str| text.matches(what).count();
    let suites: Vec<&str> = text.split("<testsuite ").skip(1).collect();
    assert!(suites.len() >= 4, "inputs, settings, rules not run: {text}");
    for suite in &suites {
        let (head, body) = suite.split_once('>').unwrap();
        let head = format!(" {head}");
        assert_eq!(number(&head, "tests"), count(body, "<testcase "));
        assert_eq!(number(&head, "failures"), count(body, "<failure "));
        assert_eq!(number(&head, "errors"), count(body, "<error "));
        assert_eq!(number(&head, "skipped"), count(body, "<skipped "));
    }
    let head = text.lines().nth(1).unwrap();
    assert_eq!(number(head, "tests"), count(&text, "<testcase "));
    assert_eq!(number(head, "failures"), count(&text, "<failure "));
    // One rule, five findings: one case, which says how many.
    assert_eq!(count(&text, "<testcase name=\"NHS-NUMBER-CHECK "), 1);
    assert!(text.contains("message=\"5 findings: "), "{text}");
    // A warning is no failure, a waived finding is skipped, an input that cannot be read is an error.
    let case = |name: &str| {
        let (_, rest) = text
            .split_once(&format!("<testcase name=\"{name}"))
            .unwrap();
        rest.split("</testcase>").next().unwrap()
    };
    assert!(case("VALUE-CODE").contains("<system-out>"));
    assert!(case("POSTCODE-FORM").contains("<skipped "));
    assert!(text.contains("<error type=\"unreadable\""));
}

#[test]
fn github_gets_at_most_ten_annotations_of_a_level_from_all_rules() {
    let mut findings: Vec<Finding> = (1..=50).map(number_finding).collect();
    findings.push(count_finding());
    findings.push(waived_finding());
    let text = settled_report(Format::Github, Options::default(), &findings);
    let of = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!(of("::error file=may.xml"), 10, "{text}");
    assert!(
        text.contains("title=CDS-E2"),
        "a rule that comes late is among them: {text}"
    );
    assert!(
        !text.contains("title=POSTCODE-FORM"),
        "what is waived is not"
    );
    assert!(
        text.contains("rule NHS-NUMBER-CHECK reject-record: 50, "),
        "{text}"
    );
    assert!(
        text.contains("::error file=concord.toml,line=7,title=waiver-expired::"),
        "{text}"
    );
}

#[test]
fn no_input_gives_github_a_command() {
    let text = settled_report(Format::Github, Options::default(), &[injecting_finding()]);
    let commands: Vec<&str> = text.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(commands.len(), 3, "one finding and two notices: {text}");
    assert!(!text.contains('\r'));
    let (properties, _) = commands[2]
        .strip_prefix("::error ")
        .unwrap()
        .split_once("::")
        .unwrap();
    assert_eq!(properties.split(',').count(), 4, "{properties}");
    assert!(properties.starts_with("file=%3A%3Ax/"), "{properties}");
}

#[test]
fn gitlab_gets_issues_of_its_own_kind() {
    let mut findings = all();
    findings.push(count_finding());
    let report = json(Format::Gitlab, Options::default(), &findings);
    let issues = report.as_array().unwrap();
    assert_eq!(
        issues.len(),
        findings.len() + 2 + 1,
        "two notices and an input that cannot be read"
    );
    let fingerprints: BTreeSet<&str> = issues
        .iter()
        .map(|issue| issue["fingerprint"].as_str().unwrap())
        .collect();
    assert_eq!(
        fingerprints.len(),
        issues.len(),
        "no two issues are one to GitLab"
    );
    for issue in issues {
        assert!(!issue["description"].as_str().unwrap().is_empty());
        assert!(!issue["check_name"].as_str().unwrap().is_empty());
        let severities = ["info", "minor", "major", "critical", "blocker"];
        assert!(
            severities.contains(&issue["severity"].as_str().unwrap()),
            "{issue}"
        );
        let path = issue["location"]["path"].as_str().unwrap();
        assert!(!path.starts_with("./"), "{issue}");
        assert!(
            issue["location"]["lines"]["begin"].as_u64().unwrap() > 0,
            "{issue}"
        );
    }
    let options = Options {
        max_findings: Some(2),
        ..Options::default()
    };
    let report = json(Format::Gitlab, options, &findings);
    let last = report.as_array().unwrap().last().unwrap();
    assert_eq!(last["check_name"], "not-shown");
    let empty = json(Format::Gitlab, Options::default(), &[]);
    assert_eq!(empty.as_array().unwrap().len(), 3);
}

#[test]
fn csv_reads_back_and_runs_nothing() {
    let findings = all();
    let text = settled_report(Format::Csv, Options::default(), &findings);
    let rows: Vec<Vec<String>> = text.lines().map(cells).collect();
    assert_eq!(rows.len(), findings.len() + 1);
    for (row, finding) in rows[1..].iter().zip(&findings) {
        assert_eq!(row.len(), rows[0].len(), "{row:?}");
        assert_eq!(row[0], *finding.rule.id);
        assert_eq!(row[1], finding.effect.as_str());
        for cell in row {
            let first = cell.trim_start().chars().next();
            assert!(
                !matches!(first, Some('=' | '+' | '@' | '-' | '\t')),
                "{cell}"
            );
        }
    }
    let waived = &rows[rows.len() - 2];
    let column = |name: &str| rows[0].iter().position(|cell| cell == name).unwrap();
    assert_eq!(waived[column("provider")], "RXX");
    assert!(waived[column("waived")].starts_with("Data Quality, until 2027-03-31"));
}

/// The cells of a row (RFC 4180).
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                cell.push('"');
                characters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            character => cell.push(character),
        }
    }
    cells.push(cell);
    cells
}

#[test]
fn html_holds_no_script_and_nothing_from_elsewhere() {
    for findings in [all(), Vec::new()] {
        let text = settled_report(Format::Html, Options::default(), &findings);
        let markup = text.to_lowercase();
        for forbidden in [
            "<script",
            "javascript:",
            "<link",
            "<img",
            "<iframe",
            " src=",
            "@import",
            "url(",
            "onerror",
        ] {
            assert!(!markup.contains(forbidden), "{forbidden}:\n{text}");
        }
        for link in text.split("href=\"").skip(1) {
            let target = link.split('"').next().unwrap();
            let id = target.strip_prefix('#').expect("links stay on the page");
            assert!(
                text.contains(&format!("id=\"{id}\"")),
                "{target} leads to nothing"
            );
        }
        // As XML it holds together when the elements without end tags are closed.
        let closed = text
            .replace("<!doctype html>\n", "")
            .replace("<br>", "<br/>")
            .split_inclusive('>')
            .map(|piece| match piece.rfind("<meta ") {
                Some(_) => piece.replace('>', "/>"),
                None => piece.to_owned(),
            })
            .collect::<String>();
        if let Some(said) = xmllint("page.xml", &closed, &[]) {
            assert_eq!(said, Ok(()), "{closed}");
        }
    }
    let text = settled_report(Format::Html, Options::default(), &all());
    let place = |what: &str| {
        text.find(what)
            .unwrap_or_else(|| panic!("{what} is not there"))
    };
    assert!(
        place("id=\"inputs\"") < place("id=\"rules\""),
        "the account stands first"
    );
    assert!(place("id=\"rules\"") < place("id=\"rule-CDS-E2\""));
    for order in ["gravest", "most", "named"] {
        assert!(
            text.contains(&format!("<a href=\"#{order}\">")),
            "{order} can be chosen"
        );
    }
    assert!(text.contains("&lt;script&gt;"), "it is shown as text");
}

#[test]
fn pages_stay_bounded_and_count_everything() {
    let findings: Vec<Finding> = (1..=5_000).map(number_finding).collect();
    let html = settled_report(Format::Html, Options::default(), &findings);
    assert_eq!(html.matches("<td class=\"where\">").count(), 200);
    assert!(
        html.contains("4,800 findings counted and not shown"),
        "{}",
        &html[..3000]
    );
    let junit = settled_report(Format::Junit, Options::default(), &findings);
    assert!(junit.contains("5,000 findings: ") && junit.contains("… and 4,980 more"));
    let many: Vec<Finding> = (0..2_000)
        .map(|number| {
            let id = format!("RULE-{number:04}");
            let long = "x".repeat(900);
            Finding::new(
                rule(&id, Effect::Warn, &long, &long, None),
                "may.xml".into(),
            )
        })
        .collect();
    let options = Options {
        max_findings: Some(100_000),
        ..Options::default()
    };
    let markdown = settled_report(Format::Markdown, options, &many);
    assert!(
        markdown.chars().count() < 65_536,
        "{}",
        markdown.chars().count()
    );
    assert!(markdown.contains("… and 1,960 more rules."), "{markdown}");
    assert!(markdown.contains("… and findings of further rules."));
}

#[test]
fn markdown_tables_hold_together() {
    let text = settled_report(Format::Markdown, Options::default(), &all());
    let mut columns = None;
    for line in text.lines() {
        if !line.starts_with('|') {
            columns = None;
            continue;
        }
        let bars = line.replace("\\|", "").matches('|').count();
        assert_eq!(*columns.get_or_insert(bars), bars, "{line}");
    }
    // What stands between accents is code, and nothing else is markup.
    let outside: String = text.replace("\\`", "").split('`').step_by(2).collect();
    for forbidden in ["<script", "@team", "[x](", "<b>"] {
        assert!(!outside.contains(forbidden), "{forbidden}: {text}");
    }
}
