//! The verdicts of libxml2 on the reference's CDS instances and one-change mutants, met by both paths.

#![allow(clippy::print_stderr)] // what is skipped, and what was found, must be seen

mod official;

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use concord_check::{NoRules, Options, Plan, check};
use concord_finding::{Finding, Masking};
use concord_read::xml::Chunks;

use official::{plan, reference};

fn findings(plan: &Plan, path: &Path, options: Options) -> Vec<Finding> {
    let bytes = std::fs::read(path).expect("readable");
    let name: Arc<str> = path.file_name().expect("a file").to_string_lossy().into();
    let chunks = Chunks::new(&bytes[..], name.clone(), 1 << 20, 1 << 24);
    let mut all = Vec::new();
    let checked = check(
        chunks,
        &name,
        None,
        plan,
        &NoRules,
        options,
        &mut |finding| {
            all.push(finding);
            ControlFlow::Continue(())
        },
    );
    assert!(checked.error.is_none());
    assert_eq!(
        checked.summary.bytes,
        bytes.len() as u64,
        "{name}: every byte is accounted for"
    );
    all
}

fn shown(findings: &[Finding]) -> String {
    findings.iter().fold(String::new(), |mut text, finding| {
        let (line, column) = finding
            .place
            .map_or((0, 0), |place| (place.line, place.column));
        let path = finding.path.as_deref().unwrap_or("");
        let message = finding.message(Masking::Masked);
        let _ = writeln!(
            text,
            "  {line}:{column} {} {message} [{path}]",
            finding.rule.id
        );
        text
    })
}

#[test]
fn valid_instances_give_no_finding() {
    let Some(reference) = reference() else { return };
    for version in ["6-2-2", "6-2-3", "6-3-1"] {
        let plan = plan(&reference, version);
        let folder = reference.join("cds/instances").join(format!("V{version}"));
        let mut count = 0;
        for entry in std::fs::read_dir(folder).expect("instances are there") {
            let path = entry.expect("readable").path();
            for fast in [true, false] {
                let found = findings(
                    &plan,
                    &path,
                    Options {
                        threads: 1,
                        fast,
                        ..Options::default()
                    },
                );
                assert!(
                    found.is_empty(),
                    "{} (fast: {fast}):\n{}",
                    path.display(),
                    shown(&found)
                );
            }
            count += 1;
        }
        assert!(count > 0);
    }
}

#[test]
fn mutants_get_the_verdict_of_libxml2() {
    let Some(reference) = reference() else { return };
    let plan = plan(&reference, "6-2-3");
    let table = std::fs::read_to_string(reference.join("cds/edge/verdicts.csv")).expect("readable");
    let mut wrong = String::new();
    let mut count = 0;
    for line in table.lines().skip(1) {
        let mut fields = line.split(',');
        let (Some(_), Some(file), Some(verdict), Some(_)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        if Path::new(file)
            .extension()
            .is_none_or(|extension| extension != "xml")
        {
            continue;
        }
        // xs:date collapses white space (XML Schema part 2, 4.3.6); libxml2 2.9 compares before it does so.
        let expected_valid = verdict == "valid" || file == "prep_date_ws.xml";
        let path = reference.join("cds/edge").join(file);
        let exact = findings(
            &plan,
            &path,
            Options {
                threads: 1,
                fast: false,
                ..Options::default()
            },
        );
        let fast = findings(
            &plan,
            &path,
            Options {
                threads: 1,
                fast: true,
                ..Options::default()
            },
        );
        if shown(&exact) != shown(&fast) {
            let _ = write!(
                wrong,
                "{file}: the paths differ\nexact:\n{}fast:\n{}",
                shown(&exact),
                shown(&fast)
            );
        }
        if exact.is_empty() != expected_valid {
            let _ = write!(
                wrong,
                "{file}: expected valid: {expected_valid}\n{}",
                shown(&exact)
            );
        }
        if exact.len() > 1 {
            eprintln!("{file}: {} findings\n{}", exact.len(), shown(&exact));
        } else {
            eprint!("{file}:\n{}", shown(&exact));
        }
        count += 1;
    }
    assert!(count > 40, "only {count} mutants read");
    assert!(wrong.is_empty(), "{wrong}");
}
