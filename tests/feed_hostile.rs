//! Senders that mean ill or are broken: others go on being answered, and memory stays bounded.

#![cfg(target_os = "linux")] // memory is read from /proc
#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what was measured must be seen

mod feed_support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use feed_support::{Client, Live, admission, becomes, folder, framed};

/// Megabytes beyond what the feed takes when it has nothing to do: what may be in flight, and what is judged of it.
const MORE_MEMORY: f64 = 160.0;

/// A sender that goes on as if nothing was, and the longest that it waited for an answer.
struct Good<'g> {
    address: SocketAddr,
    stop: &'g AtomicBool,
    slowest: &'g AtomicU64,
}

impl Good<'_> {
    fn run(&self) -> u64 {
        let mut client = Client::new(self.address);
        let mut sent = 0;
        while !self.stop.load(Ordering::Relaxed) {
            let began = Instant::now();
            let answer = client.ask(&admission(&format!("G{sent}")));
            assert!(answer.contains(&format!("\nMSA|AA|G{sent}\n")), "{answer}");
            let took = u64::try_from(began.elapsed().as_millis()).unwrap();
            self.slowest.fetch_max(took, Ordering::Relaxed);
            sent += 1;
            std::thread::sleep(Duration::from_millis(5));
        }
        sent
    }
}

/// Sends bytes until the other side ends the connection; how many it took.
fn pour(address: SocketAddr, first: &[u8], more: &[u8], most: usize) -> usize {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_write_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let mut sent = 0;
    let mut next = first;
    while sent < most && stream.write_all(next).is_ok() {
        sent += next.len();
        next = more;
    }
    sent
}

fn refused(live: &Live, reason: &str) -> u64 {
    let metrics = live.get("/metrics");
    let line = format!("concord_feed_refused_total{{reason=\"{reason}\"}} ");
    let count = metrics.lines().find_map(|found| found.strip_prefix(&*line));
    count.map_or(0, |count| count.parse().unwrap())
}

#[test]
fn those_who_mean_ill_hurt_only_themselves() {
    let folder = folder("hostile");
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n \"$(ulimit -Hn)\"; exec \"$@\"", "sh"]);
    command.args([env!("CARGO_BIN_EXE_concord"), "feed", "mllp://127.0.0.1:0"]);
    command.args(["--store", "store", "--log", "json", "--no-config"]);
    command.args(["--metrics", "127.0.0.1:0", "--standard", "itk-adt@1.0"]);
    command.args(["--frame-time", "2s", "--max-connections", "400"]);
    command.args(["--max-connections-of-address", "300"]);
    let live = Live::run(command, &folder);
    let address = live.address;
    let mut first = Client::new(address);
    assert!(first.ask(&admission("first")).contains("|AA|first\n"));
    let before = live.peak();

    let (stop, slowest) = (AtomicBool::new(false), AtomicU64::new(0));
    let good = Good {
        address,
        stop: &stop,
        slowest: &slowest,
    };
    let sent = std::thread::scope(|scope| {
        let good = scope.spawn(|| good.run());

        // A frame of one gigabyte: it is read no further than the limit.
        let megabyte = vec![b'x'; 1 << 20];
        let taken = pour(address, b"\x0bMSH|^~\\&|", &megabyte, 1 << 30);
        assert!(taken < 64 << 20, "{taken} bytes were taken");
        becomes("it is too large", || refused(&live, "too large") == 1);

        // Binary noise, and what other protocols begin with.
        let mut noise = vec![0; 64 << 10];
        let mut state = 12_345_u32;
        for byte in &mut noise {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = (state >> 24) as u8;
        }
        for bytes in [
            &noise[..],
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            &[0x16, 3, 1, 2, 0, 1],
        ] {
            pour(address, bytes, bytes, 1 << 20);
        }
        becomes("it is no frame", || refused(&live, "no frame") == 3);
        // Noise in frames: answered or refused, never stored as a message.
        let mut client = Client::new(address);
        let inside: Vec<u8> = noise.iter().map(|byte| byte.max(&0x20)).copied().collect();
        client
            .send(&[b"\x0b", &inside[..], b"\x1c\r"].concat())
            .unwrap();
        assert!(client.answer().unwrap().contains("\rMSA|AR|"));

        // Delimiters that are none, and others that are as good as the usual ones.
        for wrong in ["MSH||||\\&|", "MSH", "MSH|", "MSHX^~\\&X"] {
            let text = admission("wrong").replace("MSH|^~\\&|", wrong);
            assert!(
                Client::new(address).ask(&text).contains("MSA|AR"),
                "{wrong}"
            );
        }
        let other = admission("other").replace('|', "#").replace('^', "*");
        assert!(
            Client::new(address)
                .ask(&other)
                .contains("\nMSA#AA#other\n")
        );

        // Half frames: one that is begun again, one whose sender goes away.
        let mut client = Client::new(address);
        client.send(b"\x0bMSH|^~\\&|half").unwrap();
        client.send(&framed(&admission("whole"))).unwrap();
        assert!(client.answer().unwrap().contains("|AA|whole\r"));
        pour(address, b"\x0bMSH|^~\\&|half", b"", 1);
        becomes("it is half", || refused(&live, "half frame") >= 2);

        // Slow ones: a byte now and then for ever, many at the same time, each with most of a message.
        let large = [b"\x0bMSH|^~\\&|", &vec![b'x'; 1 << 20][..]].concat();
        let mut slow: Vec<TcpStream> = (0..100)
            .map(|_| TcpStream::connect(address).unwrap())
            .collect();
        for stream in &mut slow {
            stream
                .set_write_timeout(Some(Duration::from_millis(50)))
                .unwrap();
            // The feed reads of them what there is room for.
            let _ = stream.write(&large);
        }
        becomes("they are too slow", || {
            for stream in &mut slow {
                let _ = stream.write(b"x");
            }
            refused(&live, "frame timeout") >= 100
        });

        // More connections than there may be: those beyond are closed, and it goes on when some are gone.
        let mut many = Vec::new();
        let mut turned_away = 0;
        for _ in 0..3_000 {
            let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_secs(10)) else {
                break;
            };
            many.push(stream);
            // This process has no more files than others.
            if many.len() >= 500 {
                let mut byte = [0];
                for stream in many.drain(300..) {
                    let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
                    turned_away += u64::from(!matches!((&stream).read(&mut byte), Ok(1..)));
                }
            }
        }
        drop(many);
        assert!(turned_away >= 2_000, "{turned_away}");
        becomes("there is room again", || {
            Client::try_new(address)
                .and_then(|mut client| client.try_ask(&admission("after")))
                .is_some_and(|answer| answer.contains("|AA|after\n"))
        });
        stop.store(true, Ordering::Relaxed);
        good.join().unwrap()
    });
    let more = live.peak() - before;
    let slowest = slowest.load(Ordering::Relaxed);
    eprintln!(
        "{sent} messages of a good sender, the slowest {slowest} ms; {more:.0} MB more memory"
    );
    assert!(sent > 50, "{sent}");
    assert!(slowest < 10_000, "{slowest} ms");
    assert!(more < MORE_MEMORY, "{more} MB");
    let log = live.stop();
    assert!(!log.contains("panicked"), "{log}");
}
