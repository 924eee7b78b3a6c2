//! Tables that are large and broken, checked by the binary: time and memory stay bounded, one slip is one finding, and the
//! number of threads does not show.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("bounded")
        .join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_concord"));
    command
        .current_dir(folder)
        .args(arguments)
        .env("NO_COLOR", "1");
    command
}

/// The header and one row of a month without a mistake.
fn clean() -> (String, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/contract/may/clean.csv");
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines().map(str::to_owned);
    (lines.next().unwrap(), lines.next().unwrap())
}

/// The most memory that a process has used, in megabytes, as far as the system tells.
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1024)
}

#[test]
fn a_quote_that_is_never_closed_costs_one_row() {
    const ROWS: usize = 200_000;
    let folder = folder("quote");
    let (header, row) = clean();
    let mut text = format!("{header}\n");
    for number in 1..=ROWS {
        match number {
            3 => writeln!(text, "{}", row.replacen("RXX,", "\"RXX,", 1)).unwrap(),
            _ => writeln!(text, "{row}").unwrap(),
        }
    }
    assert!(text.len() > 20_000_000, "{} bytes", text.len());
    fs::write(folder.join("acm.csv"), text).unwrap();

    let started = Instant::now();
    let arguments = ["check", "--format", "ndjson", "--threads", "2", "acm.csv"];
    let mut child = command(&folder, &arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = most.max(peak(child.id()).unwrap_or(0));
        // Without optimisation and beside other tests; a quote that swallowed the file would not end at all.
        assert!(started.elapsed() < Duration::from_mins(4), "still running");
        std::thread::sleep(Duration::from_millis(20));
    }
    let printed = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert!(most < 300, "{most} MB");

    let lines: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let findings: Vec<&Value> = lines
        .iter()
        .filter(|line| line["message"].is_string())
        .collect();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(findings[0]["rule"], "TABLE-QUOTE");
    assert_eq!(findings[0]["line"], 4);
    assert_eq!(findings[0]["record"], 3);
    let summary = lines.last().unwrap().to_string();
    assert!(summary.contains("\"accepted\":199999"), "{summary}");
    assert!(summary.contains("\"rejected\":1"), "{summary}");
}

/// Every row in five has a mistake, of ten kinds.
fn faulty() -> String {
    let (header, row) = clean();
    let mut text = format!("{header}\n");
    for number in 0.. {
        if text.len() > 5_000_000 {
            break;
        }
        let row = match number % 50 {
            3 => row.replace("2025-06-20T", "20/06/2025 "),
            8 => row.replacen("202526", "2025/26", 1),
            13 => row.replace(",EL,", ",ELECTIVE,"),
            18 => row.replacen("RXX,", "\"RXX,", 1),
            23 => row.replacen("RXX,", "RXX,RXX,", 1),
            28 => row.replace(",300,", ",,"),
            33 => row.replacen("00L", "0\u{a0}0L", 1),
            38 => header.clone(),
            43 => row.replacen(",A81001", ",\"A81001\n\"", 1),
            48 => String::new(),
            _ => row.clone(),
        };
        text.push_str(&row);
        text.push_str(if number % 7 == 0 { "\r\n" } else { "\n" });
    }
    text
}

#[test]
fn the_report_is_the_same_for_every_number_of_threads() {
    let folder = folder("threads");
    fs::write(folder.join("acm.csv"), faulty()).unwrap();
    for format in ["json", "concise"] {
        let run = |threads: &str| {
            let arguments = ["check", "--format", format, "--threads", threads, "acm.csv"];
            let ran = command(&folder, &arguments).output().unwrap();
            assert_eq!(ran.status.code(), Some(1));
            let text = String::from_utf8(ran.stdout).unwrap();
            // The time that it took is not the same.
            let kept: Vec<&str> = text
                .lines()
                .filter(|line| !line.contains("\"seconds\""))
                .collect();
            kept.join("\n")
        };
        let (one, three) = (run("1"), run("3"));
        assert!(one.len() > 200_000, "{} bytes", one.len());
        let differs = one
            .lines()
            .zip(three.lines())
            .find(|(one, three)| one != three);
        assert_eq!(differs, None, "{format}");
        assert_eq!(one.len(), three.len(), "{format}");
    }
}
