//! How fast resources are checked: `cargo test --release -p concord-check --test resources -- --ignored --nocapture speed`.

use std::time::Instant;

use concord_read::json::Form;
use concord_sample::resources::{Request, write};

use crate::support::check_file;

#[test]
#[ignore = "it measures; run it with --release"]
fn speed() {
    let lines = |faults| {
        let request = Request {
            resources: 200_000,
            seed: 1,
            faults,
            fault_rules: Vec::new(),
        };
        let mut out = Vec::new();
        write(&request, &mut out, None).unwrap();
        out
    };
    for (what, bytes) in [
        ("clean", lines(None)),
        ("a fifth faulty", lines(Some(0.25))),
    ] {
        for threads in [1, 2] {
            let start = Instant::now();
            let (checked, findings) = check_file(&bytes, Form::Lines, threads);
            let seconds = start.elapsed().as_secs_f64();
            eprintln!(
                "{what}, {threads} thread(s): {:.0} resources a second, {:.0} MB/s, {} findings",
                checked.summary.records.records as f64 / seconds,
                bytes.len() as f64 / seconds / 1e6,
                findings.len(),
            );
        }
    }
}
