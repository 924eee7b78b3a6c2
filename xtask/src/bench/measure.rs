//! How long a whole process takes, and how much memory.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::BenchError;

/// What one run took.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Run {
    /// Seconds by the clock.
    pub(super) wall: f64,
    /// CPU-seconds, user and system.
    pub(super) cpu: f64,
    /// Peak resident memory in MB.
    pub(super) memory: f64,
}

/// Runs a command to its end. `accepted` are the exit codes that mean that it did its work.
pub(super) fn measure(command: &[String], accepted: &[i32]) -> Result<Run, BenchError> {
    let program = command.first().cloned().unwrap_or_default();
    let failed = |error| BenchError::Run {
        program: program.clone(),
        error,
    };
    let before = children_seconds();
    let began = Instant::now();
    let mut child = Command::new(&program)
        .args(&command[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let status = format!("/proc/{}/status", child.id());
    let mut memory = 0.0_f64;
    let exit = loop {
        if let Ok(text) = std::fs::read_to_string(&status) {
            memory = memory.max(peak(&text));
        }
        match child.try_wait().map_err(failed)? {
            Some(exit) => break exit,
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let wall = began.elapsed().as_secs_f64();
    if !exit.code().is_some_and(|code| accepted.contains(&code)) {
        return Err(BenchError::Refused {
            program,
            status: exit.to_string(),
        });
    }
    Ok(Run {
        wall,
        cpu: children_seconds() - before,
        memory,
    })
}

/// CPU-seconds of all children that have ended, from the kernel's account of this process (proc(5), `stat`).
fn children_seconds() -> f64 {
    // USER_HZ, which is 100 on every Linux that has a /proc/self/stat.
    const TICKS: f64 = 100.0;
    let Ok(text) = std::fs::read_to_string("/proc/self/stat") else {
        return 0.0;
    };
    // The name in parentheses may hold blanks; `cutime` and `cstime` are the 14th and 15th fields behind it.
    let fields: Vec<&str> = text
        .rsplit(')')
        .next()
        .unwrap_or("")
        .split_ascii_whitespace()
        .collect();
    let ticks = |index: usize| -> f64 {
        fields
            .get(index)
            .and_then(|field| field.parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    (ticks(13) + ticks(14)) / TICKS
}

fn peak(status: &str) -> f64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| {
            rest.trim()
                .trim_end_matches("kB")
                .trim()
                .parse::<f64>()
                .ok()
        })
        .map_or(0.0, |kilobytes| kilobytes * 1024.0 / 1e6)
}

/// The middle of some runs, each figure for itself.
pub(super) fn median(runs: &[Run]) -> Run {
    let middle = |of: fn(&Run) -> f64| {
        let mut values: Vec<f64> = runs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    };
    Run {
        wall: middle(|run| run.wall),
        cpu: middle(|run| run.cpu),
        memory: runs.iter().map(|run| run.memory).fold(0.0, f64::max),
    }
}
