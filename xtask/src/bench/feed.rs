//! Messages and resources: in bulk beside what Python reads them with, and live, received, judged, stored durably and answered.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::BenchError;
use super::measure::{Run, measure, median};
use super::samples::succeed;
use super::side_by_side::{peer, text, words};

const STANDARD: &str = "itk-adt@1.0";
const RESOURCES: &str = "fhir@4.0.1";

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Messages in bulk
    #[arg(long, default_value_t = 1_000_000)]
    messages: u64,
    /// Messages for the peers, which take longer
    #[arg(long, default_value_t = 5_000)]
    few: u64,
    /// Messages sent to a live feed in each round
    #[arg(long, default_value_t = 100_000)]
    live: u64,
    /// Connections that send them
    #[arg(long, default_value_t = 50)]
    connections: u32,
    /// Rounds of each measurement
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The program, built beforehand with `cargo xtask ship`
    #[arg(long, default_value = "target/release/concord")]
    binary: PathBuf,
    /// Where files and stores are kept
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
    /// A Python with hl7, hl7apy and fhir.resources; the peers are left out when not given
    #[arg(long)]
    python: Option<PathBuf>,
}

/// Measures both, and prints a table for each.
pub(crate) fn run(
    arguments: &Arguments,
    out: &mut dyn Write,
) -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(&arguments.folder).map_err(|error| BenchError::File {
        path: text(&arguments.folder),
        error,
    })?;
    for carrier in [Carrier::Messages, Carrier::Resources] {
        bulk(arguments, carrier, out)?;
        writeln!(out)?;
    }
    sync(arguments, out)?;
    live(arguments, out)
}

/// What files in bulk hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carrier {
    Messages,
    Resources,
}

impl Carrier {
    fn standard(self) -> &'static str {
        match self {
            Self::Messages => STANDARD,
            Self::Resources => RESOURCES,
        }
    }

    fn called(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Resources => "resources",
        }
    }

    /// What Python reads them with, and the program that does.
    fn peers(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Messages => &[
                ("python-hl7, split and not checked", "hl7_split.py"),
                ("hl7apy, checked against HL7 2.4", "hl7apy_check.py"),
            ],
            Self::Resources => &[("fhir.resources, models of R4B", "fhir_resources_check.py")],
        }
    }

    /// What they are checked against here, by one thread and by two.
    fn checks(self) -> [(&'static str, &'static str); 2] {
        match self {
            Self::Messages => [
                ("the ITK profile, all rules, one thread", "1"),
                ("the ITK profile, all rules, two threads", "2"),
            ],
            Self::Resources => [
                ("FHIR R4, all rules, one thread", "1"),
                ("FHIR R4, all rules, two threads", "2"),
            ],
        }
    }
}

/// A command that reads a file of so many messages.
struct Reader {
    what: &'static str,
    command: Vec<String>,
    messages: u64,
}

fn bulk(
    arguments: &Arguments,
    carrier: Carrier,
    out: &mut dyn Write,
) -> Result<(), Box<dyn std::error::Error>> {
    let file = sample(arguments, carrier, arguments.messages)?;
    let mut readers = Vec::new();
    if let Some(python) = &arguments.python {
        let few = sample(arguments, carrier, arguments.few)?;
        for (what, program) in carrier.peers() {
            let command = [python, &peer(program), &few].map(|word| text(word));
            readers.push(Reader {
                what,
                command: command.to_vec(),
                messages: arguments.few,
            });
        }
    } else {
        writeln!(
            out,
            "SKIPPED: the peers, for which --python was not given\n"
        )?;
    }
    for (what, threads) in carrier.checks() {
        let mut command = vec![text(&arguments.binary), "check".to_owned()];
        command.extend(words(&["--no-config", "--standard", carrier.standard()]));
        command.extend(words(&["--format", "ndjson", "--threads", threads]));
        command.push(text(&file));
        readers.push(Reader {
            what,
            command,
            messages: arguments.messages,
        });
    }
    writeln!(
        out,
        "| what | {} | a second by the clock | per CPU-second | against the first | peak MB |\n|---|---|---|---|---|---|",
        carrier.called()
    )?;
    let mut runs: Vec<Vec<Run>> = vec![Vec::new(); readers.len()];
    for _ in 0..arguments.rounds {
        for (reader, runs) in readers.iter().zip(&mut runs) {
            runs.push(measure(&reader.command, &[0])?);
        }
    }
    let mut first = None;
    for (reader, runs) in readers.iter().zip(&runs) {
        let run = median(runs);
        let messages = reader.messages as f64;
        let (clock, cpu) = (
            messages / run.wall.max(0.001),
            messages / run.cpu.max(0.005),
        );
        let first = *first.get_or_insert(cpu);
        writeln!(
            out,
            "| {} | {messages:.0} | {clock:.0} | {cpu:.0} | {:.1}× | {:.0} |",
            reader.what,
            cpu / first,
            run.memory
        )?;
        out.flush()?;
    }
    Ok(())
}

/// A file of so many messages or resources, made once.
fn sample(arguments: &Arguments, carrier: Carrier, count: u64) -> Result<PathBuf, BenchError> {
    let name = match carrier {
        Carrier::Messages => format!("adt-{count}.hl7"),
        Carrier::Resources => format!("fhir-{count}.ndjson"),
    };
    let path = arguments.folder.join(name);
    if !path.exists() {
        let mut command = Command::new(&arguments.binary);
        command.args(["sample", carrier.standard(), "--seed", "7", "-n"]);
        command.arg(count.to_string()).arg("-o").arg(&path);
        succeed(&mut command)?;
    }
    Ok(path)
}

/// What the disk below the store costs: without it, no figure about durable messages says anything.
fn sync(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Box<dyn std::error::Error>> {
    let path = arguments.folder.join("sync");
    let mut file = File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..200 {
        file.write_all(&[0; 16 << 10])?;
        let began = Instant::now();
        file.sync_data()?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    drop(file);
    std::fs::remove_file(&path)?;
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    writeln!(
        out,
        "A sync of 16 KB takes {:.2} ms here (half of 200), {:.2} ms (99 of 100).\n",
        ms(times[100]),
        ms(times[198])
    )?;
    Ok(())
}

fn live(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Box<dyn std::error::Error>> {
    writeln!(
        out,
        "| live, {} connections, {} messages | a second | half ms | 99% ms | all ms | CPU-seconds of the feed |\n|---|---|---|---|---|---|",
        arguments.connections, arguments.live
    )?;
    let ways: [(&str, &[&str]); 3] = [
        ("each answer awaited", &[]),
        ("eight messages before the answers", &["--unanswered", "8"]),
        ("10,000 a second asked for", &["--rate", "10000"]),
    ];
    for (what, extra) in ways {
        let mut rows = Vec::new();
        for _ in 0..arguments.rounds {
            rows.push(round(arguments, extra)?);
        }
        rows.sort_by(|one, other| one[0].total_cmp(&other[0]));
        let [rate, half, most, all, cpu] = rows[rows.len() / 2];
        writeln!(
            out,
            "| {what} | {rate:.0} | {half:.1} | {most:.1} | {all:.1} | {cpu:.1} |"
        )?;
        out.flush()?;
    }
    Ok(())
}

/// A feed that is measured; it ends when this is dropped.
struct Feed(Child);

impl Drop for Feed {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Messages a second, times to the answer (half, 99 of 100, all, in ms), and CPU-seconds of the feed.
fn round(arguments: &Arguments, extra: &[&str]) -> Result<[f64; 5], Box<dyn std::error::Error>> {
    let store = arguments.folder.join("store");
    if store.exists() {
        std::fs::remove_dir_all(&store)?;
    }
    let (feed, address) = start(&arguments.binary, &store)?;
    let before = seconds(feed.0.id());
    let output = Command::new(&arguments.binary)
        .args(["feed", "send", &address, "--format", "json", "-n"])
        .arg(arguments.live.to_string())
        .args(["--connections", &arguments.connections.to_string()])
        .args(extra)
        .output()?;
    let said: Value = serde_json::from_slice(&output.stdout)?;
    let accepted = said["answers"]["AA"].as_u64();
    if accepted != Some(arguments.live) {
        return Err(format!("not every message was accepted: {said}").into());
    }
    let cpu = seconds(feed.0.id()) - before;
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let times = &said["milliseconds"];
    Ok([
        arguments.live as f64 / number(&said["seconds"]),
        number(&times["half"]),
        number(&times["99%"]),
        number(&times["all"]),
        cpu,
    ])
}

/// Starts a feed, and says where it listens.
fn start(binary: &Path, store: &Path) -> Result<(Feed, String), Box<dyn std::error::Error>> {
    let mut child = Command::new(binary)
        .args(["feed", "mllp://127.0.0.1:0", "--log", "json", "--no-config"])
        .args(["--standard", STANDARD, "--store"])
        .arg(store)
        .stderr(Stdio::piped())
        .spawn()?;
    let err = child.stderr.take();
    let feed = Feed(child);
    let mut address = None;
    let mut lines = BufReader::new(err.ok_or("the feed says nothing")?).lines();
    for line in lines.by_ref() {
        let event: Value = serde_json::from_str(&line?)?;
        match event["message"].as_str() {
            Some("listening") => address = event["address"].as_str().map(str::to_owned),
            Some("the feed has begun") => break,
            _ => {}
        }
    }
    // What it says later is read, so that it need not wait to be heard.
    std::thread::spawn(move || lines.count());
    Ok((feed, address.ok_or("the feed listens nowhere")?))
}

/// CPU-seconds of a process so far (proc(5), `stat`: `utime` and `stime` are the 14th and 15th fields).
fn seconds(id: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let behind = stat.rsplit(')').next().unwrap_or("");
    let ticks = behind.split_ascii_whitespace().skip(11).take(2);
    let ticks: f64 = ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / 100.0
}
