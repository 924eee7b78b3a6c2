//! What is known of the terminal, and of the machine.

use std::io::{IsTerminal as _, stderr, stdout};

use miette::GraphicalTheme;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::failure::Failure;

/// Columns for tables and snippets: those of the terminal, between 60 and 120, else 100.
pub(crate) fn width() -> usize {
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0).clamp(60, 120))
}

/// Whether standard output takes colours: it is a terminal and `NO_COLOR` (<https://no-color.org>) is not set.
pub(crate) fn colour() -> bool {
    stdout().is_terminal() && colour_is_wanted()
}

/// How failures are drawn on standard error.
pub(crate) fn theme() -> GraphicalTheme {
    if stderr().is_terminal() && colour_is_wanted() {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    }
}

fn colour_is_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|value| value != "dumb")
}

/// Threads to use: as many as the user wants, else as there are processors.
pub(crate) fn threads(wanted: Option<u16>) -> usize {
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    wanted.map_or_else(processors, usize::from)
}

/// That many threads.
pub(crate) fn pool(threads: usize) -> Result<ThreadPool, Failure> {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Failure::unreadable(format!("threads cannot be started: {error}")))
}
