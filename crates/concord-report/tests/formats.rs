//! What people and programs see, format by format.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // measurements

mod made;

use std::io::{self, Write};

use concord_finding::{Excerpt, Finding, Masking, Summary, Verdict};
use concord_report::{Format, Options, reporter};

use made::*;

#[test]
fn snapshots() {
    for format in Format::ALL {
        insta::assert_snapshot!(
            format.as_str(),
            report(format, Options::default(), &findings())
        );
    }
}

#[test]
fn human_at_eighty_columns_with_values() {
    let options = Options {
        masking: Masking::Revealed,
        width: 80,
        ..Options::default()
    };
    let text = report(Format::Human, options, &findings());
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    insta::assert_snapshot!("human-80-revealed", text);
}

#[test]
fn human_in_colour() {
    let options = Options {
        colour: true,
        ..Options::default()
    };
    let text = report(Format::Human, options, &[count_finding()]);
    assert!(text.contains("\u{1b}[31"), "colours are used");
    insta::assert_snapshot!("human-colour", text.replace('\u{1b}', "␛"));
}

#[test]
fn nothing_found() {
    for format in Format::ALL {
        let page = Page::default();
        let mut reporter = reporter(format, Options::default(), Box::new(page.clone()));
        let mut all = summary(&[]);
        all.not_run.clear();
        all.files.truncate(1);
        all.files[0].verdict = Verdict::Accepted;
        reporter.finish(&all).unwrap();
        let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        insta::assert_snapshot!(format!("{format}-nothing"), text);
    }
}

#[test]
fn no_personal_value_appears_unless_asked_for() {
    for format in Format::ALL {
        let masked = report(format, Options::default(), &findings());
        for value in PERSONAL {
            assert!(!masked.contains(value), "{format} shows {value}:\n{masked}");
        }
        let revealed = Options {
            masking: Masking::Revealed,
            ..Options::default()
        };
        assert!(
            report(format, revealed, &findings()).contains(PERSONAL[0]),
            "{format}"
        );
    }
}

#[test]
fn nothing_steers_the_terminal() {
    for format in Format::ALL {
        let text = report(format, Options::default(), &findings());
        let steering = |found: &char| {
            found.is_control() && *found != '\n' || ('\u{202a}'..='\u{202e}').contains(found)
        };
        assert_eq!(text.chars().find(steering), None, "{format}:\n{text}");
    }
}

#[test]
fn json_means_what_was_found() {
    let text = report(Format::Json, Options::default(), &findings());
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), findings().len());
    let hostile = &json["findings"][0];
    assert_eq!(
        hostile["value"], "\u{1b}[2J\u{9b}31mM\u{202e}",
        "escaped, not changed"
    );
    let count = &json["findings"][6];
    assert_eq!(count["value"], "1200");
    assert_eq!(count["line"], 88_213);
    assert_eq!(count["fingerprint"], count_finding().fingerprint());
    let lines = report(Format::Ndjson, Options::default(), &findings());
    let lines: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), findings().len() + 2);
    assert_eq!(&lines[6], count);
    assert_eq!(lines[8]["record_verdict"]["record_key"], "999•••••19");
    assert_eq!(lines[9]["summary"]["not_shown"], 0);
}

#[test]
fn json_is_as_its_schema_says() {
    let schema = include_str!("../../../schemas/meta/finding.schema.json");
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    let valid = jsonschema::validator_for(&schema).unwrap();
    let lines = report(Format::Ndjson, Options::default(), &findings());
    for line in lines.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let errors: Vec<String> = valid
            .iter_errors(&line)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{line}: {errors:?}");
    }
    let settled = settled_report(Format::Ndjson, Options::default(), &[waived_finding()]);
    for line in settled.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let errors: Vec<String> = valid
            .iter_errors(&line)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{line}: {errors:?}");
    }
    let mut wrong: serde_json::Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    wrong["effect"] = "ignore".into();
    assert!(!valid.is_valid(&wrong), "the schema says something");
}

#[test]
fn a_cap_changes_what_is_shown_and_not_what_is_counted() {
    for (max_findings, shown) in [(0, 0), (3, 3), (100, 8)] {
        let options = Options {
            max_findings: Some(max_findings),
            ..Options::default()
        };
        let text = report(Format::Json, options, &findings());
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["findings"].as_array().unwrap().len(), shown);
        assert_eq!(json["summary"]["not_shown"], 8 - shown);
        let counted: u64 = json["summary"]["rules"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| rule["findings"].as_u64().unwrap())
            .sum();
        assert_eq!(counted, 8);
        let concise = report(Format::Concise, options, &findings());
        assert_eq!(
            concise.contains("not shown: 5 more findings"),
            max_findings == 3,
            "{concise}"
        );
        let human = report(Format::Human, options, &findings());
        assert_eq!(
            human.contains("3 of 8 findings shown in full"),
            max_findings == 3,
            "{human}"
        );
    }
}

#[test]
fn a_broken_pipe_is_quiet_and_other_failures_are_not() {
    struct Broken(io::ErrorKind);
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }
    for format in Format::ALL {
        for (kind, quiet) in [
            (io::ErrorKind::BrokenPipe, true),
            (io::ErrorKind::StorageFull, false),
        ] {
            let mut reporter = reporter(format, Options::default(), Box::new(Broken(kind)));
            let result = (0..2_000)
                .try_for_each(|record| reporter.finding(&number_finding(record + 1)))
                .and_then(|()| reporter.finish(&Summary::default()));
            assert_eq!(result.is_ok(), quiet, "{format} {kind}");
        }
    }
}

#[test]
fn excerpts_that_do_not_hold_together_are_left_out() {
    for (text, start, length) in [
        ("abc", 2, 5),
        ("é", 1, 1),
        ("", 3, 0),
        ("", 0, 0),
        ("a", usize::MAX, 2),
    ] {
        let mut finding = count_finding();
        finding.excerpt = Some(Excerpt {
            first_line: 0,
            text: text.into(),
            start,
            length,
        });
        let text = report(Format::Human, Options::default(), &[finding]);
        assert!(text.contains("at: may.xml:88213:36"), "{text}");
    }
    for (text, start, length) in [
        ("", 0, 0),
        ("a\nb", 1, 2),
        ("a\n", 2, 0),
        ("\r\n\t<a>", 3, 3),
    ] {
        let mut finding = count_finding();
        finding.excerpt = Some(Excerpt {
            first_line: 7,
            text: text.into(),
            start,
            length,
        });
        let text = report(Format::Human, Options::default(), &[finding]);
        assert!(text.contains("may.xml:88213:36"), "{text}");
        assert!(!text.contains("Failed to read"), "{text}");
    }
}

/// Run with `cargo test -p concord-report --release -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn speed() {
    let findings: Vec<Finding> = (1..=200_000).map(number_finding).collect();
    for format in Format::ALL {
        let start = std::time::Instant::now();
        let text = report(format, Options::default(), &findings);
        eprintln!(
            "{format}: {:.3} s for {} MB",
            start.elapsed().as_secs_f64(),
            text.len() / 1_000_000
        );
    }
}
