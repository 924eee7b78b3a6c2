//! A progress bar for inputs that take more than a moment.

use std::io::{self, IsTerminal as _, Write, stderr};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const BEFORE_SHOWING: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

/// The bar of a run; nothing where standard error is no terminal.
pub(super) struct Progress {
    bar: ProgressBar,
    current: Arc<Mutex<Option<Current>>>,
    ticker: Mutex<Option<(Sender<()>, JoinHandle<()>)>>,
}

struct Current {
    name: String,
    read: concord_read::Progress,
    began: Instant,
}

impl Progress {
    pub(super) fn start() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let current: Arc<Mutex<Option<Current>>> = Arc::default();
        let ticker = stderr().is_terminal().then(|| {
            let (stop, stopped) = channel::<()>();
            let (bar, current) = (bar.clone(), Arc::clone(&current));
            let thread = std::thread::spawn(move || {
                while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                    let current = current.lock().unwrap_or_else(PoisonError::into_inner);
                    match &*current {
                        Some(current) if current.began.elapsed() >= BEFORE_SHOWING => {
                            draw(&bar, current);
                        }
                        _ => {}
                    }
                }
            });
            (stop, thread)
        });
        Self {
            bar,
            current,
            ticker: Mutex::new(ticker),
        }
    }

    /// The input that is read from now on.
    pub(super) fn of(&self, name: &str, read: concord_read::Progress) {
        self.bar.set_draw_target(ProgressDrawTarget::hidden());
        self.bar.reset();
        let name = name.chars().map(|character| {
            if character.is_control() {
                '?'
            } else {
                character
            }
        });
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(Current {
            name: name.collect(),
            read,
            began: Instant::now(),
        });
    }

    /// A writer whose output the bar does not get into.
    pub(super) fn beside<W: Write>(&self, out: W) -> Beside<W> {
        Beside {
            bar: self.bar.clone(),
            out,
        }
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        let ticker = self
            .ticker
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some((stop, thread)) = ticker {
            drop(stop);
            // It has nothing to say; a panic in it was shown already.
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

fn draw(bar: &ProgressBar, current: &Current) {
    let template = match current.read.size {
        Some(size) => {
            bar.set_length(size);
            "{msg} {bar:30} {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left"
        }
        None => "{msg} {spinner} {decimal_bytes}, {decimal_bytes_per_sec}",
    };
    if bar.is_hidden() {
        bar.set_draw_target(ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(current.name.clone());
    }
    bar.set_position(current.read.read());
}

/// A writer beside a progress bar.
pub(super) struct Beside<W> {
    bar: ProgressBar,
    out: W,
}

impl<W: Write> Write for Beside<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bar.suspend(|| self.out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.bar.suspend(|| self.out.flush())
    }
}
