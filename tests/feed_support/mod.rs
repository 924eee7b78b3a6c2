//! A feed run as its users run it, and senders that talk to it.

#![allow(dead_code)] // no test uses all of it
#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

const LONGEST: Duration = Duration::from_mins(1);

/// A folder for a test, empty.
pub(crate) fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("feed")
        .join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// A message that breaks nothing.
pub(crate) fn admission(id: &str) -> String {
    format!(
        "MSH|^~\\&|PAS|RXX|ROUTE|ROUTE|202603311200||ADT^A01^ADT_A01|{id}|P|2.4|||||GBR||||ITKv1.0\r\
         EVN||202603311200||||202603311155\r\
         PID|1||9990000018^^^NHS||Testcase^Amara^^^^^L||19700101|2||||||||||||||||||||||||NSTS01\r\
         PV1|1|I|WARD^B1^4^RXX01|21||||||300|||||||||S0000001^^^RXX^VN|||||||||||||||||||||||||202603311155\r"
    )
}

/// A feed that runs as a process of its own.
pub(crate) struct Live {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) metrics: Option<SocketAddr>,
    log: Arc<Mutex<Vec<String>>>,
    reading: Option<JoinHandle<()>>,
}

impl Live {
    /// Starts a listener with its store in a folder, and waits until it has begun.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::listen(folder, "127.0.0.1:0", arguments)
    }

    /// Starts one at an address.
    pub(crate) fn listen(folder: &Path, address: &str, arguments: &[&str]) -> Self {
        let source = format!("mllp://{address}");
        let mut command = Command::new(env!("CARGO_BIN_EXE_concord"));
        command.args(["feed", &source, "--store", "store", "--log", "json"]);
        command.args(["--no-config"]).args(arguments);
        Self::run(command, folder)
    }

    /// Starts what a command says.
    pub(crate) fn run(mut command: Command, folder: &Path) -> Self {
        command
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let written = Arc::clone(&log);
        let reading = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                written.lock().unwrap().push(line);
            }
        });
        let mut live = Self {
            child,
            address: "127.0.0.1:0".parse().unwrap(),
            metrics: None,
            log,
            reading: Some(reading),
        };
        live.begun();
        live
    }

    fn begun(&mut self) {
        let began = Instant::now();
        loop {
            let events = self.events();
            let address = |message: &str| {
                let event = events.iter().find(|event| event["message"] == message)?;
                event["address"].as_str().unwrap().parse().ok()
            };
            if events
                .iter()
                .any(|event| event["message"] == "the feed has begun")
            {
                self.address = address("listening").unwrap_or(self.address);
                self.metrics = address("metrics");
                return;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && began.elapsed() < LONGEST,
                "{ended:?}\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What was written to standard error so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// The same as events; lines that are none are left out.
    pub(crate) fn events(&self) -> Vec<Value> {
        let log = self.log.lock().unwrap();
        log.iter()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, waits for it, and gives what it wrote.
    pub(crate) fn terminate(mut self) -> (ExitStatus, String) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(status.success());
        let ended = self.child.wait().unwrap();
        self.reading.take().unwrap().join().unwrap();
        (ended, self.log())
    }

    /// Asks it to end, which it must do well.
    #[track_caller]
    pub(crate) fn stop(self) -> String {
        let (ended, log) = self.terminate();
        assert_eq!(ended.code(), Some(0), "{log}");
        log
    }

    /// Ends it as a loss of power would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The greatest memory so far, in megabytes.
    pub(crate) fn peak(&self) -> f64 {
        let text = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes: f64 = line
            .unwrap()
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .unwrap();
        kilobytes / 1024.0
    }

    /// What it says over HTTP.
    pub(crate) fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.metrics.unwrap()).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        // It has ended already where the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A sender.
pub(crate) struct Client(TcpStream);

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self::try_new(address).unwrap()
    }

    pub(crate) fn try_new(address: SocketAddr) -> Option<Self> {
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(10)).ok()?;
        stream.set_read_timeout(Some(LONGEST)).ok()?;
        stream.set_nodelay(true).ok()?;
        Some(Self(stream))
    }

    /// Sends bytes as they are.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.write_all(bytes)
    }

    /// The next answer; `None` when the connection has ended.
    pub(crate) fn answer(&mut self) -> Option<String> {
        let mut found = Vec::new();
        let mut byte = [0];
        loop {
            match self.0.read(&mut byte) {
                Ok(1) => found.push(byte[0]),
                _ => return None,
            }
            if found.ends_with(b"\x1c\r") {
                let text = &found[1..found.len() - 2];
                return Some(String::from_utf8(text.to_vec()).unwrap());
            }
        }
    }

    /// Sends a message and gives the answer, segments as lines; `None` when the connection has ended.
    pub(crate) fn try_ask(&mut self, message: &str) -> Option<String> {
        self.send(&framed(message)).ok()?;
        self.answer().map(|answer| answer.replace('\r', "\n"))
    }

    #[track_caller]
    pub(crate) fn ask(&mut self, message: &str) -> String {
        self.try_ask(message).expect("it is answered")
    }
}

pub(crate) fn framed(message: &str) -> Vec<u8> {
    [b"\x0b", message.as_bytes(), b"\x1c\r"].concat()
}

/// Waits until something is so.
#[track_caller]
pub(crate) fn becomes(what: &str, mut so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < LONGEST, "it never became so: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// All files of a folder below `into`, put together.
pub(crate) fn delivered(folder: &Path, kind: &str) -> String {
    let Ok(files) = fs::read_dir(folder.join("into").join(kind)) else {
        return String::new();
    };
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    // The state of stays is no output.
    files.retain(|file| file.extension().is_some());
    files.sort();
    let read = files.iter().map(|file| fs::read_to_string(file).unwrap());
    read.collect()
}
