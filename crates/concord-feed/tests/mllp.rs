//! Listeners: every message is answered when it is stored, whatever else senders do.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what was measured must be seen

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use concord_feed::mllp::{Allowed, Limits, MllpSettings, framed};
use support::{Client, Running, all, becomes, listening, message};

fn with(limits: Limits) -> MllpSettings {
    MllpSettings {
        limits,
        ..MllpSettings::default()
    }
}

#[test]
fn every_message_is_answered_and_stored() {
    let folder = tempfile::tempdir().unwrap();
    let feed = Running::start(listening(folder.path(), MllpSettings::default()));
    let mut client = Client::new(feed.listening[0]);
    let answer = client.ask(&message("1"));
    assert!(answer.starts_with("MSH|^~\\&|HUB|NHS|PAS|RXX|"), "{answer}");
    assert!(
        answer.contains("|ACK^A01^ACK|C") && answer.ends_with("\rMSA|AA|1\r"),
        "{answer}"
    );
    // A message with faults is stored as well, and told with rule and place.
    let answer = client.ask("MSH|^~\\&|PAS|RXX|HUB|NHS|||ADT^A01|2|P|2.4\r");
    assert!(
        answer.ends_with("\rMSA|AE|2\rERR|PID^1^^TEST-PID&a message has a patient&L\r"),
        "{answer}"
    );
    let answer = client.ask("MSH|^~\\&|PAS|RXX|HUB|NHS|||ADT^A01|3|P|2.9\r");
    assert!(answer.ends_with("\rMSA|AR|3\r"), "{answer}");
    // What comes again is answered as before; the same id with other content is stored and told.
    let answer = client.ask("MSH|^~\\&|PAS|RXX|HUB|NHS|||ADT^A01|2|P|2.4\r");
    assert!(answer.contains("\rMSA|AE|2\rERR|PID"), "{answer}");
    assert!(client.ask(&message("3")).ends_with("\rMSA|AA|3\r"));
    // Many at once are answered in their order.
    let many: Vec<Vec<u8>> = (10..200)
        .map(|id| framed(message(&id.to_string()).as_bytes()))
        .collect();
    client.stream.write_all(&many.concat()).unwrap();
    for id in 10..200 {
        assert!(
            client
                .answer()
                .unwrap()
                .ends_with(&format!("\rMSA|AA|{id}\r"))
        );
    }
    becomes(
        || feed.metric("concord_feed_duplicates_total{sender=\"PAS/RXX\"}"),
        1,
    );
    becomes(
        || feed.metric("concord_feed_anomalies_total{sender=\"PAS/RXX\"}"),
        1,
    );
    becomes(
        || feed.metric("concord_feed_received_total{sender=\"PAS/RXX\"}"),
        195,
    );
    becomes(|| feed.metric("concord_feed_answer_seconds_count"), 195);
    becomes(|| feed.metric("concord_feed_connections"), 1);
    drop(client);
    feed.stop();
    assert_eq!(all(folder.path()).len(), 194);
}

#[test]
fn enhanced_mode_answers_what_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let feed = Running::start(listening(folder.path(), MllpSettings::default()));
    let mut client = Client::new(feed.listening[0]);
    let mut ask = |id: u32, conditions: &str, body: &str| {
        client.write(&format!(
            "MSH|^~\\&|PAS|RXX|HUB|NHS|||ADT^A01|{id}|P|2.4|||{conditions}\r{body}"
        ));
        // A message in original mode shows that nothing else came before its answer.
        client.write(&message("last"));
        let mut answers = Vec::new();
        loop {
            let answer = client.answer().unwrap();
            let segment = answer.split('\r').nth(1).unwrap().to_owned();
            if segment == "MSA|AA|last" {
                return answers;
            }
            answers.push(segment);
        }
    };
    assert_eq!(ask(1, "AL|AL", "PID|1\r"), ["MSA|CA|1", "MSA|AA|1"]);
    assert_eq!(ask(2, "AL|NE", "PID|1\r"), ["MSA|CA|2"]);
    assert_eq!(ask(3, "NE|ER", "PID|1\r"), [""; 0]);
    assert_eq!(ask(4, "ER|ER", ""), ["MSA|AE|4"]);
    assert_eq!(ask(5, "SU|SU", ""), ["MSA|CA|5"]);
    assert_eq!(ask(6, "AL|", ""), ["MSA|CA|6"]);
    feed.stop();
}

#[test]
fn acknowledgements_are_never_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let feed = Running::start(listening(folder.path(), MllpSettings::default()));
    let mut client = Client::new(feed.listening[0]);
    client.write("MSH|^~\\&|HUB|NHS|PAS|RXX|||ACK^A01|9|P|2.4\rMSA|AA|1\r");
    assert!(client.ask(&message("1")).ends_with("\rMSA|AA|1\r"));
    becomes(
        || feed.metric("concord_feed_refused_total{reason=\"acknowledgement\"}"),
        1,
    );
    feed.stop();
    assert_eq!(all(folder.path()).len(), 1);
}

#[test]
fn only_allowed_senders_and_addresses_are_heard() {
    let folder = tempfile::tempdir().unwrap();
    let senders = vec![("PAS".into(), String::new()), ("LAB".into(), "RYY".into())];
    let allowed = Allowed {
        senders,
        ..Allowed::default()
    };
    let settings = MllpSettings {
        allowed,
        ..MllpSettings::default()
    };
    let mut feed = listening(folder.path(), settings);
    let allowed = Allowed {
        addresses: vec!["10.0.0.0/8".parse().unwrap()],
        ..Allowed::default()
    };
    let elsewhere = MllpSettings {
        address: "127.0.0.1:0".into(),
        allowed,
        ..MllpSettings::default()
    };
    feed.listeners.push(elsewhere);
    let feed = Running::start(feed);
    let mut client = Client::new(feed.listening[0]);
    assert!(client.ask(&message("1")).ends_with("\rMSA|AA|1\r"));
    let answer = client.ask(&message("2").replace("|PAS|RXX|", "|LAB|RXX|"));
    assert!(
        answer.ends_with("\rMSA|AR|2|sender not allowed\r"),
        "{answer}"
    );
    let answer = client.ask("MSH|^~\\&|LAB|RXX|HUB|NHS|||ADT^A01|7|P|2.4|||AL|AL\rPID|1\r");
    assert!(answer.contains("\rMSA|CR|7|"), "{answer}");
    let answer = client.ask("junk");
    assert!(answer.ends_with("\rMSA|AR||no header\r"), "{answer}");
    assert_eq!(Client::new(feed.listening[1]).answer(), None);
    feed.stop();
    assert_eq!(all(folder.path()).len(), 1);
}

/// Whether the other side closes within some seconds, and that it does so without an answer.
fn closes(mut stream: TcpStream) {
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let mut bytes = [0; 100];
    match stream.read(&mut bytes) {
        Ok(0) => {}
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn whoever_misbehaves_is_closed_and_nobody_else_notices() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits {
        message: 100_000,
        in_flight: 400_000,
        frame: Duration::from_secs(4),
        idle: Duration::from_secs(12),
        ..Limits::default()
    };
    let feed = Running::start(listening(folder.path(), with(limits)));
    let address = feed.listening[0];
    let refused = |reason: &str| {
        feed.metric(&format!(
            "concord_feed_refused_total{{reason=\"{reason}\"}}"
        ))
    };
    let idle = TcpStream::connect(address).unwrap();

    let mut noise = TcpStream::connect(address).unwrap();
    noise.write_all(&[0x16, 3, 1, 0, 0xFF, 0, 0x80]).unwrap();
    closes(noise);
    becomes(|| refused("no frame"), 1);

    let mut half = TcpStream::connect(address).unwrap();
    half.write_all(b"\x0bMSH|^~\\&|PAS").unwrap();
    half.shutdown(std::net::Shutdown::Write).unwrap();
    closes(half);
    becomes(|| refused("half frame"), 1);

    // Frames that are begun again and again are no reason to stay.
    let mut begun = TcpStream::connect(address).unwrap();
    begun.write_all(&[0x0B; 100]).unwrap();
    closes(begun);
    becomes(|| refused("half frame"), 11);

    // A frame without end: refused when it is too large, not when memory is.
    let mut endless = TcpStream::connect(address).unwrap();
    endless.write_all(b"\x0b").unwrap();
    let piece = vec![b'A'; 1 << 16];
    let written = (0..16_384)
        .take_while(|_| endless.write_all(&piece).is_ok())
        .count();
    assert!(
        written < 200,
        "{written} pieces of 64 kB were taken of a message"
    );
    becomes(|| refused("too large"), 1);

    // Many send slowly, and their half frames take all the room of their address. Small messages need none, other addresses
    // have their own, and in time the slow ones are closed.
    let slow: Vec<TcpStream> = (0..40)
        .map(|_| {
            let mut slow = TcpStream::connect(address).unwrap();
            slow.write_all(b"\x0bMSH|^~\\&|").unwrap();
            slow.set_nonblocking(true).unwrap();
            let _ = slow.write(&vec![b'A'; 90_000]);
            slow.set_nonblocking(false).unwrap();
            slow
        })
        .collect();
    let mut good = Client::new(address);
    assert!(good.ask(&message("0")).ends_with("\rMSA|AA|0\r"));
    let large = message("1").replace("PID", &"NTE|||x\rPID".repeat(4_000));
    let mut other = Client::from("127.0.0.2", address);
    assert!(other.ask(&large).ends_with("\rMSA|AA|1\r"));
    assert_eq!(
        refused("frame timeout"),
        0,
        "nobody waited for the slow ones"
    );
    for slow in slow {
        closes(slow);
    }
    becomes(|| refused("frame timeout"), 40);
    assert!(good.ask(&message("2")).ends_with("\rMSA|AA|2\r"));
    closes(idle);
    feed.stop();
    assert_eq!(all(folder.path()).len(), 3);
}

#[test]
fn connections_have_a_limit() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits {
        connections: 20,
        connections_of_address: 15,
        ..Limits::default()
    };
    let feed = Running::start(listening(folder.path(), with(limits)));
    let mut clients: Vec<Client> = (0..15).map(|_| Client::new(feed.listening[0])).collect();
    for (client, id) in clients.iter_mut().zip(0..) {
        assert!(client.ask(&message(&id.to_string())).contains("\rMSA|AA|"));
    }
    closes(TcpStream::connect(feed.listening[0]).unwrap());
    clients.pop();
    std::thread::sleep(Duration::from_millis(200));
    let mut client = Client::new(feed.listening[0]);
    assert!(client.ask(&message("another")).contains("\rMSA|AA|"));
    feed.stop();
}

#[test]
fn a_rate_is_kept_by_reading_more_slowly() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits {
        rate: Some(20),
        ..Limits::default()
    };
    let feed = Running::start(listening(folder.path(), with(limits)));
    let mut client = Client::new(feed.listening[0]);
    let began = Instant::now();
    for id in 0..50 {
        client.write(&message(&id.to_string()));
    }
    for _ in 0..50 {
        assert!(client.answer().unwrap().contains("\rMSA|AA|"));
    }
    assert!(began.elapsed() > Duration::from_millis(1_400));
    feed.stop();
}

#[test]
fn metrics_health_and_readiness_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut feed = listening(folder.path(), MllpSettings::default());
    feed.metrics = Some("127.0.0.1:0".into());
    let feed = Running::start(feed);
    Client::new(feed.listening[0]).ask(&message("1"));
    let get = |path: &str| {
        let mut stream = TcpStream::connect(feed.metrics.unwrap()).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let metrics = get("/metrics");
    assert!(metrics.starts_with("HTTP/1.1 200"), "{metrics}");
    assert!(
        metrics.contains("\nconcord_feed_stored_total{sender=\"PAS/RXX\",outcome=\"accept\"} 1\n"),
        "{metrics}"
    );
    assert!(!metrics.contains("999000"), "{metrics}");
    // The message says local time, which was summer time by then.
    let delay = metrics
        .lines()
        .find_map(|line| line.strip_prefix("concord_feed_delay_seconds{sender=\"PAS/RXX\"} "));
    let delay: f64 = delay.unwrap().parse().unwrap();
    let made: jiff::Timestamp = "2026-03-31T11:00:00Z".parse().unwrap();
    let since = jiff::Timestamp::now().duration_since(made).as_secs_f64();
    assert!((delay - since).abs() < 60.0, "{delay} {since}");
    let mut client = Client::new(feed.listening[0]);
    client.ask(&message("1"));
    client.ask(&message("2").replace("PID|", "PIX|"));
    let counts = feed.seen.counts();
    let sender = counts.senders["PAS/RXX"];
    assert_eq!((sender.received, sender.accepted), (3, 1));
    assert_eq!((sender.held, sender.duplicates), (1, 1));
    assert_eq!(counts.rules, [("TEST-PID".to_owned(), 1)].into());
    assert!(get("/metrics").contains("\nconcord_feed_broken_total{rule=\"TEST-PID\"} 1\n"));
    assert!(get("/health").ends_with("running\n"));
    assert!(get("/ready").starts_with("HTTP/1.1 200"));
    assert!(get("/other").starts_with("HTTP/1.1 404"));
    feed.stop();
}

#[test]
fn ten_thousand_connections_do_not_keep_others_out() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits {
        connections: 1_000,
        ..Limits::default()
    };
    let feed = Running::start(listening(folder.path(), with(limits)));
    let mut good = Client::new(feed.listening[0]);
    assert!(good.ask(&message("1")).contains("\rMSA|AA|"));
    // As far as the limit of open files goes.
    let many: Vec<TcpStream> = (0..10_000)
        .map_while(|_| TcpStream::connect(feed.listening[0]).ok())
        .collect();
    assert!(good.ask(&message("2")).contains("\rMSA|AA|"));
    assert!(feed.metric("concord_feed_connections") <= 1_000);
    eprintln!("{} connections were opened", many.len());
    let refused = feed.metric("concord_feed_refused_total{reason=\"too many connections\"}")
        + feed.metric("concord_feed_refused_total{reason=\"not accepted\"}");
    assert!(refused > 0 || many.len() <= 1_000);
    drop(many);
    becomes(|| feed.metric("concord_feed_connections"), 1);
    assert!(
        Client::new(feed.listening[0])
            .ask(&message("3"))
            .contains("\rMSA|AA|")
    );
    feed.stop();
}

#[test]
fn resources_are_refused_and_told_where_they_go() {
    let folder = tempfile::tempdir().unwrap();
    let feed = Running::start(listening(
        &folder.path().join("store"),
        MllpSettings::default(),
    ));
    let mut client = Client::new(feed.listening[0]);
    let answer = client.ask(r#"{"resourceType": "Patient", "id": "9990000018"}"#);
    assert!(
        answer.contains("\rMSA|AR||resource over MLLP\r"),
        "{answer}"
    );
    assert!(
        answer.contains("^FEED-CARRIER&a resource of FHIR cannot be answered over MLLP"),
        "{answer}"
    );
    assert!(!answer.contains("9990000018"));
    let answer = client.ask(&message("1"));
    assert!(answer.contains("\rMSA|AA|1\r"), "{answer}");
    becomes(
        || feed.metric("concord_feed_refused_total{reason=\"resource over MLLP\"}"),
        1,
    );
    feed.stop();
    assert_eq!(all(&folder.path().join("store")).len(), 1);
}
