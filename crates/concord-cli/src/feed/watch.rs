//! The live view of a feed: what comes in, what becomes of it, which rules are broken most, renewed every second.

use std::fmt::Write as _;
use std::io::{Write as _, stdout};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use concord_feed::{Clock, Counts, Seen, SenderCounts};
use concord_report::{count, harmless};

const EVERY: Duration = Duration::from_secs(1);
/// Senders and rules that are shown; of the others the number is.
const SENDERS: usize = 15;
const RULES: usize = 8;
/// Moves to the top and clears what is below (ECMA-48, CUP and ED).
const CLEAR: &str = "\x1b[H\x1b[J";

/// A view that is drawn until it is dropped.
pub(super) struct Watch(Option<(Sender<()>, JoinHandle<()>)>);

impl Watch {
    /// Draws the counts to standard output.
    pub(super) fn start(seen: Arc<Seen>, clock: Arc<dyn Clock>) -> Self {
        let (stop, stopped) = channel::<()>();
        let thread = std::thread::spawn(move || {
            let began = clock.elapsed();
            let mut before = (began, Counts::default());
            let mut going_on = true;
            while going_on {
                going_on = stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout);
                let now = (clock.elapsed(), seen.counts());
                let running = now.0.saturating_sub(began);
                let today = clock.now().as_duration().as_secs_f64();
                let text = view(&before, &now, running, today);
                let mut out = stdout().lock();
                // A terminal that went away takes no view with it that anybody could miss.
                let _ = out.write_all(format!("{CLEAR}{text}").as_bytes());
                let _ = out.flush();
                before = now;
            }
        });
        Self(Some((stop, thread)))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.0.take() {
            // What was counted last is drawn once more.
            drop(stop);
            let _ = thread.join();
        }
    }
}

type Moment = (Duration, Counts);

/// The view of two moments; `now` is in seconds since 1970.
fn view(before: &Moment, after: &Moment, running: Duration, now: f64) -> String {
    let seconds = after.0.saturating_sub(before.0).as_secs_f64().max(0.001);
    let rate = |before: u64, after: u64| after.saturating_sub(before) as f64 / seconds;
    let counts = &after.1;
    let all = sum(counts);
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} messages in {}, {:.0} a second; {} connections; {} wait for the disk; {} not delivered; store {:.1} MB",
        count(all.received),
        time(running.as_secs_f64()),
        rate(sum(&before.1).received, all.received),
        count(counts.connections.unsigned_abs()),
        count(counts.waiting.unsigned_abs()),
        count(counts.undelivered),
        counts.store_bytes as f64 / f64::from(1 << 20),
    );
    let _ = writeln!(
        text,
        "\n{:<32} {:>10} {:>8} {:>9} {:>9} {:>8} {:>8} {:>8}",
        "sender", "messages", "a second", "accepted", "held", "again", "delay", "last"
    );
    let mut senders: Vec<(&String, &SenderCounts)> = counts.senders.iter().collect();
    senders.sort_by_key(|(name, of)| (std::cmp::Reverse(of.received), *name));
    for (name, of) in senders.iter().take(SENDERS) {
        let earlier = before.1.senders.get(*name).copied().unwrap_or_default();
        let judged = of.accepted + of.held;
        let share = if judged == 0 {
            "-".to_owned()
        } else {
            format!("{:.1}%", 100.0 * of.accepted as f64 / judged as f64)
        };
        let shown: String = harmless(name).chars().take(32).collect();
        let _ = writeln!(
            text,
            "{shown:<32} {:>10} {:>8.0} {share:>9} {:>9} {:>8} {:>8} {:>8}",
            count(of.received),
            rate(earlier.received, of.received),
            count(of.held),
            count(of.duplicates),
            of.delay.map_or_else(|| "-".to_owned(), time),
            of.last
                .map_or_else(|| "-".to_owned(), |last| time(now - last)),
        );
    }
    more(&mut text, senders.len(), SENDERS, "senders");
    let mut rules: Vec<(&str, u64)> = counts
        .rules
        .iter()
        .map(|(rule, times)| (&**rule, *times))
        .collect();
    rules.sort_by_key(|(rule, times)| (std::cmp::Reverse(*times), *rule));
    table(
        &mut text,
        "rules broken most",
        rules.iter().copied().take(RULES),
    );
    more(&mut text, rules.len(), RULES, "rules");
    let refused = counts.refused.iter();
    table(
        &mut text,
        "refused",
        refused.map(|(reason, times)| (*reason, *times)),
    );
    if counts.failed > 0 {
        let _ = writeln!(
            text,
            "\n{} messages could not be stored",
            count(counts.failed)
        );
    }
    text
}

fn table<'t>(text: &mut String, title: &str, rows: impl Iterator<Item = (&'t str, u64)>) {
    let mut rows = rows.peekable();
    if rows.peek().is_some() {
        let _ = writeln!(text, "\n{title}");
    }
    for (name, times) in rows {
        let _ = writeln!(text, "{name:<32} {:>10}", count(times));
    }
}

fn more(text: &mut String, all: usize, shown: usize, what: &str) {
    if all > shown {
        let _ = writeln!(text, "and {} more {what}", all - shown);
    }
}

fn sum(counts: &Counts) -> SenderCounts {
    let mut sum = SenderCounts::default();
    for of in counts.senders.values() {
        sum.received += of.received;
        sum.accepted += of.accepted;
        sum.held += of.held;
        sum.duplicates += of.duplicates;
    }
    sum
}

/// Seconds in the unit that people would use.
fn time(seconds: f64) -> String {
    let size = seconds.abs();
    if size < 120.0 {
        format!("{seconds:.0} s")
    } else if size < 7_200.0 {
        format!("{:.0} min", seconds / 60.0)
    } else if size < 172_800.0 {
        format!("{:.0} h", seconds / 3_600.0)
    } else {
        format!("{:.0} d", seconds / 86_400.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_view_says_rates_shares_and_what_is_broken() {
        let sender = |received, accepted, held| SenderCounts {
            received,
            accepted,
            held,
            delay: Some(90.0),
            last: Some(1_000.0),
            ..SenderCounts::default()
        };
        let counts = |received, accepted, held| Counts {
            senders: [("PAS/RXX".to_owned(), sender(received, accepted, held))].into(),
            rules: [("FIELD-MISSING".to_owned(), held), ("A".to_owned(), 0)].into(),
            refused: [("no frame", 2)].into(),
            ..Counts::default()
        };
        let before = (Duration::from_secs(1), counts(1_000, 1_000, 0));
        let after = (Duration::from_secs(3), counts(5_000, 3_750, 1_250));
        let text = view(&before, &after, Duration::from_mins(3), 1_007.0);
        assert!(
            text.starts_with("5,000 messages in 3 min, 2000 a second; "),
            "{text}"
        );
        let line = text
            .lines()
            .find(|line| line.starts_with("PAS/RXX"))
            .expect("it is there");
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(
            words,
            [
                "PAS/RXX", "5,000", "2000", "75.0%", "1,250", "0", "90", "s", "7", "s"
            ]
        );
        assert!(
            text.contains("\nFIELD-MISSING                         1,250\n"),
            "{text}"
        );
        assert!(
            text.contains("\nno frame                                  2\n"),
            "{text}"
        );
        // Nothing yet, no time between: nothing is divided by nothing.
        let nothing = (Duration::ZERO, Counts::default());
        assert!(view(&nothing, &nothing, Duration::ZERO, 0.0).starts_with("0 messages"));
    }
}
