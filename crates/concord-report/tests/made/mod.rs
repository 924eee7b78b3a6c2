//! Findings and summaries to be shown.

#![allow(dead_code)] // no test uses all of it
#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::unnecessary_wraps)] // `Option` is what the fields of a finding hold

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use concord_finding::{
    Baseline, Effect, Excerpt, Fact, FileSummary, Finding, Fix, NotRun, Notice, NoticeKind, Place,
    Provenance, RecordCounts, Rule, RuleClass, RuleStatus, Summary, Verdict, Waived,
};
use concord_report::{Format, Options, RecordVerdict, reporter};

/// Values that must be seen nowhere unless they are asked for.
pub(crate) const PERSONAL: [&str; 3] = ["9990000019", "Bláthnaid", "LS1 4AB"];

#[derive(Clone, Default)]
pub(crate) struct Page(pub(crate) Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) fn rule(
    id: &str,
    effect: Effect,
    title: &str,
    message: &str,
    help: Option<&str>,
) -> Arc<Rule> {
    Arc::new(Rule {
        id: id.into(),
        title: title.into(),
        effect,
        message: message.into(),
        label: None,
        help: help.map(Into::into),
        source: "DCB0092 CDS version 6.3, interchange trailer".into(),
        provenance: Provenance::Published,
        class: RuleClass::Business,
        status: RuleStatus::Stable,
        since: "0.1.0".into(),
    })
}

pub(crate) fn place(offset: u64, line: u64, column: u64) -> Option<Place> {
    Some(Place {
        offset,
        line,
        column,
    })
}

pub(crate) fn excerpt(first_line: u64, text: &str, marked: &str) -> Option<Excerpt> {
    Some(Excerpt {
        first_line,
        text: text.into(),
        start: text.find(marked).unwrap(),
        length: marked.len(),
    })
}

pub(crate) fn count_finding() -> Finding {
    let rule = rule(
        "CDS-E2",
        Effect::RejectFile,
        "control count is the number of messages",
        "the trailer counts {value} messages; the file holds {expected}",
        Some("count the messages again when the interchange is complete"),
    );
    Finding {
        standard: Some("cds@6-3-1".into()),
        place: place(41_882_011, 88_213, 36),
        path: Some("/CDS-XMLInterchange/CDSInterchangeTrailer/CDSInterchangeControlCount".into()),
        element: Some("CDS INTERCHANGE CONTROL COUNT".into()),
        value: Some(Fact::Number(1200)),
        expected: Some(Fact::Number(1199)),
        excerpt: excerpt(
            88_212,
            "    <CDSInterchangeTrailer>\n        <CDSInterchangeControlCount>1200</CDSInterchangeControlCount>\n    </CDSInterchangeTrailer>",
            "1200",
        ),
        ..Finding::new(rule, "may.xml".into())
    }
}

pub(crate) fn number_finding(record: u64) -> Finding {
    let rule = rule(
        "NHS-NUMBER-CHECK",
        Effect::RejectRecord,
        "NHS number has the right check digit",
        "{value} is no NHS number: its check digit should be {expected}",
        None,
    );
    Finding {
        standard: Some("cds@6-3-1".into()),
        place: place(1_000 * record, 40 * record, 12),
        path: Some("/CDS-XMLInterchange/Message[NHSNumber='9990000019']/NHSNumber".into()),
        record: Some(record),
        record_key: Some(Fact::Plain(format!("BRXX1{record:06}"))),
        element: Some("NHS NUMBER".into()),
        value: Some(Fact::Personal("9990000019".into())),
        expected: Some(Fact::Number(7)),
        facts: vec![
            ("name".into(), Fact::Personal("Bláthnaid".into())),
            ("postcode".into(), Fact::Personal("LS1 4AB".into())),
            ("seen_in".into(), Fact::Plain("LS1 4AB, again".into())),
        ],
        excerpt: excerpt(
            40 * record - 1,
            "<Name>•••••••••</Name>\n<NHSNumber>9990000019</NHSNumber><Postcode>•••••••</Postcode>\n<Also>9990000019</Also>",
            "9990000019",
        ),
        ..Finding::new(rule, "may.xml".into())
    }
}

/// A value that tries to steer the terminal, in a line that is far too long.
pub(crate) fn hostile_finding() -> Finding {
    let rule = rule(
        "VALUE-CODE",
        Effect::Warn,
        "value is on its code list, of which there are many and whose title is long enough to be wrapped",
        "`{value}` is not on the code list SEX",
        Some("permitted are {expected}"),
    );
    let value = "\u{1b}[2J\u{9b}31mM\u{202e}";
    let line = format!(
        "<Long>{}</Long><Sex>{value}</Sex>{}",
        "x".repeat(300),
        "<y/>".repeat(80)
    );
    Finding {
        place: place(77, 3, 320),
        element: Some("PERSON STATED GENDER CODE".into()),
        value: Some(Fact::Plain(value.into())),
        expected: Some(Fact::List(vec![
            "1".into(),
            "2".into(),
            "9".into(),
            "X".into(),
        ])),
        excerpt: excerpt(3, &line, value),
        ..Finding::new(rule, "odd\u{1b}name.xml".into())
    }
}

pub(crate) fn note_finding() -> Finding {
    let rule = rule(
        "XML-NOTE",
        Effect::Note,
        "worth knowing",
        "nothing to see",
        None,
    );
    Finding::new(rule, "-".into())
}

pub(crate) fn findings() -> Vec<Finding> {
    let mut findings = vec![hostile_finding()];
    findings.extend((1..=5).map(number_finding));
    findings.extend([count_finding(), note_finding()]);
    findings
}

pub(crate) fn summary(findings: &[Finding]) -> Summary {
    let mut by_effect: BTreeMap<&'static str, u64> = Effect::ALL
        .iter()
        .map(|effect| (effect.as_str(), 0))
        .collect();
    let mut summary = Summary {
        not_run: vec![
            NotRun {
                rule: "CDS-E1".into(),
                reason: "it compares interchanges of one sender, and one was given".into(),
            },
            NotRun {
                rule: "CDS-E5".into(),
                reason: "no reference data were given".into(),
            },
        ],
        seconds: 0.5,
        ..Summary::default()
    };
    for finding in findings {
        *by_effect.get_mut(finding.effect.as_str()).unwrap() += 1;
        summary.count(finding);
    }
    summary.files = vec![
        FileSummary {
            file: "may.xml".into(),
            standard: Some("cds@6-3-1".into()),
            verdict: Verdict::Rejected,
            size: Some(41_882_300),
            bytes: 41_882_300,
            records: RecordCounts {
                records: 1_199,
                accepted: 1_194,
                rejected: 5,
            },
            findings: by_effect,
            unreadable: None,
        },
        FileSummary {
            file: "june.xml.gz".into(),
            standard: None,
            verdict: Verdict::Unreadable,
            size: Some(1_000),
            bytes: 8_000,
            records: RecordCounts {
                records: 1,
                accepted: 1,
                rejected: 0,
            },
            findings: BTreeMap::new(),
            unreadable: Some("the gzip stream is cut off after 8000 decompressed bytes".into()),
        },
    ];
    summary
}

pub(crate) fn report(format: Format, options: Options, findings: &[Finding]) -> String {
    let page = Page::default();
    let mut reporter = reporter(format, options, Box::new(page.clone()));
    for finding in findings {
        reporter.finding(finding).unwrap();
    }
    if format == Format::Ndjson {
        reporter
            .record(&RecordVerdict {
                file: &"may.xml".into(),
                record: 5,
                record_key: Some(&Fact::Personal("9990000019".into())),
                effect: Effect::RejectRecord,
                findings: 1,
            })
            .unwrap();
    }
    reporter.finish(&summary(findings)).unwrap();
    String::from_utf8(page.0.lock().unwrap().clone()).unwrap()
}

/// A finding that is waived and could be repaired, of a record whose provider is known.
pub(crate) fn waived_finding() -> Finding {
    let rule = rule(
        "POSTCODE-FORM",
        Effect::Warn,
        "postcode is written with one blank",
        "`{value}` is not written as {expected}",
        None,
    );
    Finding {
        standard: Some("plcm@2025".into()),
        place: place(12, 2, 4),
        path: Some("plcm/POSTCODE".into()),
        value: Some(Fact::Plain("AB12CD".into())),
        expected: Some(Fact::Plain("AB1 2CD".into())),
        facts: vec![("provider".into(), Fact::Plain("RXX".into()))],
        fix: Some(Fix {
            action: "the blank is put in".into(),
            length: 6,
            characters: 6,
            replacement: Fact::Plain("AB1 2CD".into()),
        }),
        waived: Some(Arc::new(Waived {
            owner: "Data Quality".into(),
            reason: "the supplier writes it so until {July} [see](x)".into(),
            expires: "2027-03-31".into(),
        })),
        ..Finding::new(rule, "/data/may 1.csv".into())
    }
}

/// A finding whose every text tries to be markup or a command.
pub(crate) fn injecting_finding() -> Finding {
    const TEXT: &str =
        "]]>\"'><script>alert(1)</script>|`@team` #1 [x](http://x) {0}\r\n::error::x,y:z%\u{ffff}";
    let rule = rule(
        "X-1",
        Effect::RejectGroup,
        "<b>bold</b> | of {value}",
        "{value}",
        Some(TEXT),
    );
    Finding {
        place: place(1, 1, 1),
        record: Some(1),
        record_key: Some(Fact::Plain(TEXT.into())),
        path: Some(TEXT.into()),
        element: Some(TEXT.into()),
        value: Some(Fact::Plain(format!("=1+1{TEXT}"))),
        expected: Some(Fact::Plain(TEXT.into())),
        excerpt: excerpt(1, TEXT, "<script>"),
        ..Finding::new(rule, format!("::x/{TEXT}.csv").into())
    }
}

/// The account of a run with settings.
pub(crate) fn settled(findings: &[Finding]) -> Summary {
    let notice = |kind, message: &str, line| Notice {
        kind,
        message: message.to_owned(),
        file: Some("concord.toml".to_owned()),
        line,
    };
    Summary {
        waived: findings
            .iter()
            .filter(|finding| finding.waived.is_some())
            .count() as u64,
        baseline: Some(Baseline {
            file: "last.json".to_owned(),
            new: findings.len() as u64,
            persisting: 0,
            fixed: 3,
        }),
        notices: vec![
            notice(
                NoticeKind::WaiverExpired,
                "the waiver of PLCM-1 expired on 2026-01-31",
                Some(7),
            ),
            notice(
                NoticeKind::WaiverUnused,
                "the waiver of PLCM-2 covered nothing",
                Some(12),
            ),
        ],
        ..summary(findings)
    }
}

/// A report of a run with settings.
pub(crate) fn settled_report(format: Format, options: Options, findings: &[Finding]) -> String {
    let page = Page::default();
    let mut reporter = reporter(format, options, Box::new(page.clone()));
    for finding in findings {
        reporter.finding(finding).unwrap();
    }
    reporter.finish(&settled(findings)).unwrap();
    let written = page.0.lock().unwrap().clone();
    String::from_utf8(written).unwrap()
}
