//! Live feeds, the whole way: the program listens, judges, stores, answers and delivers.

#![cfg(unix)] // signals
#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // a skipped test says so

mod feed_support;
mod ran;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use feed_support::{Client, Live, admission, becomes, delivered, folder, framed};
use ran::concord;

fn json(text: &str) -> Value {
    serde_json::from_str(text.trim()).unwrap()
}

fn status(folder: &Path) -> Value {
    json(
        &concord(folder, &["feed", "status", "store", "--format", "json"])
            .exits(0)
            .out,
    )
}

#[test]
fn every_message_is_judged_stored_answered_and_delivered() {
    let folder = folder("whole");
    let live = Live::start(&folder, &["--into", "into", "--metrics", "127.0.0.1:0"]);
    let mut client = Client::new(live.address);

    let answer = client.ask(&admission("1"));
    assert!(
        answer.starts_with("MSH|^~\\&|ROUTE|ROUTE|PAS|RXX|"),
        "{answer}"
    );
    assert!(answer.ends_with("\nMSA|AA|1\n"), "{answer}");

    // What is wrong, where, and by which rule.
    let answer = client.ask(&admission("2").replace("Testcase^Amara^^^^^L", ""));
    assert!(answer.contains("\nMSA|AE|2\n"), "{answer}");
    assert!(answer.contains("\nERR|PID^1^5^FIELD-MISSING&"), "{answer}");
    let without = admission("3");
    let without = &without[..without.find("PV1|").unwrap()];
    let answer = client.ask(without);
    assert!(
        answer.contains("\nMSA|AE|3\n") && answer.contains("SEGMENT-MISSING&"),
        "{answer}"
    );

    // Not of a type, or of a version, that is taken.
    let answer = client.ask(&admission("4").replace("ADT^A01^ADT_A01", "XYZ^Z99"));
    assert!(
        answer.contains("\nMSA|AR|4\n") && answer.contains("^9^MESSAGE-TYPE&"),
        "{answer}"
    );
    let answer = client.ask(&admission("5").replace("|2.4|", "|9.9|"));
    assert!(
        answer.contains("\nMSA|AR|5\n") && answer.contains("^12^FEED-STANDARD&"),
        "{answer}"
    );

    // It came before; and with other content.
    assert!(client.ask(&admission("1")).contains("\nMSA|AA|1\n"));
    let other = admission("1").replace("Amara", "Bela");
    assert!(client.ask(&other).contains("\nMSA|AA|1\n"));

    // Enhanced mode: safely stored first, then the application's answer.
    let enhanced = admission("6").replace("|P|2.4|||||GBR|", "|P|2.4|||AL|AL|GBR|");
    assert!(client.ask(&enhanced).contains("\nMSA|CA|6\n"));
    assert!(client.answer().unwrap().contains("\rMSA|AA|6\r"));

    // An answer is never answered, and what cannot be read is refused and not stored.
    client
        .send(&framed("MSH|^~\\&|A|B|C|D|||ACK^A01|9|P|2.4\rMSA|AA|9\r"))
        .unwrap();
    let answer = client.ask("PID|1\r");
    assert!(answer.contains("\nMSA|AR|"), "{answer}");
    let two = format!("{}{}", admission("7"), admission("8"));
    let answer = client.ask(&two);
    assert!(
        answer.contains("\nMSA|AE|7\n") && answer.contains("FEED-SEVERAL&"),
        "{answer}"
    );

    becomes("all is delivered", || {
        delivered(&folder, "rejected").contains("|7|P|")
    });
    let metrics = live.get("/metrics");
    for line in [
        "concord_feed_stored_total{sender=\"PAS/RXX\",outcome=\"accept\"} 3",
        "concord_feed_stored_total{sender=\"PAS/RXX\",outcome=\"error\"} 3",
        "concord_feed_stored_total{sender=\"PAS/RXX\",outcome=\"reject\"} 2",
        "concord_feed_duplicates_total{sender=\"PAS/RXX\"} 1",
        "concord_feed_anomalies_total{sender=\"PAS/RXX\"} 1",
        "concord_feed_broken_total{rule=\"FIELD-MISSING\"} 1",
        "concord_feed_refused_total{reason=\"no header\"} 1",
        "concord_feed_refused_total{reason=\"acknowledgement\"} 1",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
    assert!(metrics.contains("concord_feed_delay_seconds{sender=\"PAS/RXX\"} "));
    assert!(live.get("/ready").ends_with("ready\n"));
    live.stop();

    assert_eq!(delivered(&folder, "accepted").matches("MSH|").count(), 3);
    let findings = delivered(&folder, "findings");
    let mut rules: BTreeMap<String, u64> = BTreeMap::new();
    for line in findings.lines() {
        let finding = json(line);
        *rules
            .entry(finding["rule"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    assert_eq!(rules["FIELD-MISSING"], 1, "{findings}");
    assert_eq!(rules["FEED-ID-AGAIN"], 1, "{findings}");

    let status = status(&folder);
    assert_eq!(status["last"], 8);
    assert_eq!(status["held"], 5);
    assert_eq!(status["senders"][0]["accepted"], 3);
}

#[test]
fn what_a_message_says_is_in_no_log_metric_or_finding() {
    let folder = folder("private");
    let arguments = [
        "--into",
        "into",
        "--metrics",
        "127.0.0.1:0",
        "--max-message",
        "64KB",
    ];
    let live = Live::start(&folder, &arguments);
    let patient = admission("1")
        .replace("9990000018^^^NHS", "9990000019^^^NHS~L777333^^^RXX")
        .replace(
            "Testcase^Amara^^^^^L",
            "Ziegelhuber^Ottokar^^^^^Q~Ziegelhuber",
        )
        .replace(
            "|19700101|2|||",
            "|1970013199|X|||1 Nowhere Lane^^Elsewhere^^QQ9 9QQ||07700900123",
        );
    let mut answers = String::new();
    let mut tell = |message: &str| {
        let mut client = Client::new(live.address);
        answers.extend(client.try_ask(message));
    };
    tell(&patient);
    tell(&patient.replace("|1|P|2.4|", "|1|P|9.9|"));
    tell(&patient.replace("MSH|^~", "MSH|^^"));
    tell(&patient.replace("PV1|", "Ottokar|"));
    tell(&patient.replace("PID|", "\nZiegelhuber Ottokar 9990000019\r\nPID|"));
    // Large, half, no frame.
    tell(&format!(
        "{patient}NTE|||{}\r",
        "Ziegelhuber ".repeat(10_000)
    ));
    let mut client = Client::new(live.address);
    client.send(format!("\x0b{patient}").as_bytes()).unwrap();
    drop(client);
    let mut client = Client::new(live.address);
    client.send(patient.as_bytes()).unwrap();
    assert_eq!(client.answer(), None);
    let metrics = live.get("/metrics");
    let log = live.stop();
    assert!(
        log.contains("half frame") && log.contains("no frame"),
        "{log}"
    );
    let findings = delivered(&folder, "findings");
    assert!(findings.contains("HL7-NHS-CHECK"), "{findings}");
    for arguments in [
        &["feed", "status", "store"][..],
        &["feed", "quarantine", "list", "store"],
        &["feed", "replay", "store"],
    ] {
        answers.push_str(&concord(&folder, arguments).exits(0).out);
    }
    for personal in [
        "Ziegelhuber",
        "Ottokar",
        "9990000019",
        "L777333",
        "Nowhere",
        "QQ9",
        "07700",
        "1970013199",
    ] {
        for (name, text) in [
            ("log", &log),
            ("metrics", &metrics),
            ("findings", &findings),
            ("answers", &answers),
        ] {
            assert!(!text.contains(personal), "{personal} in {name}:\n{text}");
        }
    }
}

#[test]
fn one_process_writes_to_a_store() {
    let folder = folder("second");
    let live = Live::start(&folder, &[]);
    let second = concord(&folder, &["feed", "mllp://127.0.0.1:0", "--store", "store"]).exits(2);
    assert!(
        second
            .told()
            .contains("another process writes to this store"),
        "{}",
        second.err
    );
    assert!(
        Client::new(live.address)
            .ask(&admission("1"))
            .contains("|AA|1")
    );
    // Looking is not writing.
    assert_eq!(status(&folder)["last"], 1);
    let port = format!("mllp://{}", live.address);
    let taken = concord(&folder, &["feed", &port, "--store", "other"]).exits(2);
    assert!(taken.told().contains("free"), "{}", taken.err);
    live.stop();
}

#[test]
fn held_messages_are_listed_released_and_delivered_once() {
    let folder = folder("held");
    let live = Live::start(&folder, &["--into", "into"]);
    let mut client = Client::new(live.address);
    client.ask(&admission("good"));
    client.ask(&admission("bad").replace("Testcase^Amara^^^^^L", ""));
    let list = concord(&folder, &["feed", "quarantine", "list", "store"]).exits(0);
    assert!(
        list.out
            .contains("PAS/RXX  bad  ADT^A01^ADT_A01  error  FIELD-MISSING\n1 message held"),
        "{}",
        list.out
    );
    let release = [
        "feed",
        "quarantine",
        "release",
        "store",
        "2",
        "--reason",
        "agreed",
        "--by",
        "A. Reader",
    ];
    concord(&folder, &release).exits(0);
    let again = concord(&folder, &release).exits(2);
    assert!(
        again.told().contains("no message 2 is held"),
        "{}",
        again.err
    );
    becomes("it is delivered", || {
        delivered(&folder, "accepted").contains("|bad|")
    });
    live.stop();
    Live::start(&folder, &["--into", "into"]).stop();
    assert_eq!(delivered(&folder, "accepted").matches("|bad|").count(), 1);
    let status = status(&folder);
    assert_eq!(
        (&status["held"], &status["released"]),
        (&0.into(), &1.into())
    );
    let released = fs::read_to_string(folder.join("store/releases.ndjson")).unwrap();
    assert!(released.contains("\"by\":\"A. Reader\""), "{released}");
}

#[test]
fn what_is_stored_is_judged_again() {
    let folder = folder("replay");
    let live = Live::start(&folder, &[]);
    let mut client = Client::new(live.address);
    client.ask(&admission("1"));
    client.ask(&admission("2").replace("Testcase^Amara^^^^^L", ""));
    live.stop();
    let same = concord(&folder, &["feed", "replay", "store", "--no-config"]).exits(0);
    assert!(
        same.out
            .starts_with("2 messages judged again, 0 with another outcome\n"),
        "{}",
        same.out
    );
    // The settings grade a rule otherwise since.
    fs::write(
        folder.join("concord.toml"),
        "[rules]\nFIELD-MISSING = \"warn\"\n",
    )
    .unwrap();
    let replay = ["feed", "replay", "store", "--into", "into"];
    let changed = concord(&folder, &replay).exits(0);
    assert!(
        changed.out.starts_with(
            "2  error is now accept\n2 messages judged again, 1 with another outcome\n"
        ),
        "{}",
        changed.out
    );
    assert_eq!(delivered(&folder, "accepted").matches("MSH|").count(), 2);
    assert!(
        concord(&folder, &replay)
            .exits(2)
            .told()
            .contains("a folder of its own")
    );
    let last = ["feed", "replay", "store", "--from", "2", "--format", "json"];
    let last = concord(&folder, &last).exits(0).out;
    assert_eq!(json(last.lines().last().unwrap())["messages"], 1);
}

#[test]
fn standard_input_and_folders_are_read() {
    let folder = folder("sources");
    let file: String = (0..30)
        .map(|number| admission(&number.to_string()))
        .collect();
    fs::write(folder.join("all.hl7"), &file).unwrap();
    let from_input = |store: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_concord"))
            .current_dir(&folder)
            .args(["feed", "-", "--store", store, "--into", "into"])
            .stdin(fs::File::open(folder.join("all.hl7")).unwrap())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    from_input("store");
    from_input("store");
    assert_eq!(status(&folder)["last"], 30);
    assert_eq!(delivered(&folder, "accepted"), file);

    fs::create_dir(folder.join("inbox")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_concord"));
    command.args([
        "feed", "inbox", "--store", "second", "--log", "json", "--settle", "100ms",
    ]);
    let live = Live::run(command, &folder);
    fs::write(folder.join("inbox/some.hl7.tmp"), &file[..900]).unwrap();
    fs::write(folder.join("inbox/some.hl7.tmp"), &file).unwrap();
    fs::write(folder.join("inbox/none.hl7"), "no message").unwrap();
    fs::rename(
        folder.join("inbox/some.hl7.tmp"),
        folder.join("inbox/some.hl7"),
    )
    .unwrap();
    becomes("it is processed", || {
        folder.join("inbox/processed/some.hl7").exists()
    });
    becomes("it is refused", || {
        folder.join("inbox/failed/none.hl7").exists()
    });
    live.stop();
    let status = concord(&folder, &["feed", "status", "second", "--format", "json"]).exits(0);
    assert_eq!(json(&status.out)["last"], 30);
}

#[test]
fn what_contradicts_a_stay_is_told_once_also_after_a_kill() {
    let folder = folder("stays");
    let arguments = ["--into", "into", "--stays"];
    let at = |id: &str, event: &str, minutes: u32| {
        let time = format!("2026033112{minutes:02}");
        let message = admission(id).replace("ADT^A01^ADT_A01", &format!("ADT^{event}"));
        message
            .replace("202603311200", &time)
            .replace("202603311155\rPID", &format!("{time}\rPID"))
    };
    let mut live = Live::start(&folder, &arguments);
    let mut client = Client::new(live.address);
    client.ask(&at("1", "A01^ADT_A01", 0));
    client.ask(&at("2", "A01^ADT_A01", 10));
    becomes("both are delivered", || {
        delivered(&folder, "accepted").contains("|2|P|")
    });
    live.kill();
    // What was not written with the checkpoint is followed again; a later message ends the wait for earlier ones.
    let live = Live::start(&folder, &arguments);
    let later = at("3", "A08^ADT_A01", 20).replace("2026033112", "2026033118");
    assert!(Client::new(live.address).ask(&later).contains("|AA|3\n"));
    becomes("it is told", || {
        delivered(&folder, "stays").contains("STAY-ADMITTED-TWICE")
    });
    live.stop();
    Live::start(&folder, &arguments).stop();
    let told = delivered(&folder, "stays");
    assert_eq!(told.matches("STAY-ADMITTED-TWICE").count(), 1, "{told}");
    assert!(
        told.starts_with("{\"number\":2,\"control_id\":\"2\""),
        "{told}"
    );
}

#[test]
fn messages_are_sent_and_counted_by_their_answers() {
    let folder = folder("send");
    let live = Live::start(&folder, &[]);
    let to = live.address.to_string();
    let send = |more: &[&str]| {
        let mut arguments = vec!["feed", "send", &to, "--format", "json"];
        arguments.extend(more);
        json(&concord(&folder, &arguments).exits(0).out)
    };
    let sent = send(&[
        "-n",
        "200",
        "--connections",
        "5",
        "--twice",
        "20",
        "--half",
        "50",
        "--noise",
        "50",
    ]);
    assert_eq!(sent["answers"], serde_json::json!({ "AA": 210 }), "{sent}");
    // Other control ids each time, unless they are said.
    assert_eq!(send(&["-n", "10", "--ids", "X"])["answers"]["AA"], 10);
    assert_eq!(send(&["-n", "10", "--ids", "X"])["answers"]["AA"], 10);
    assert_eq!(status(&folder)["last"], 210);
    let faulty = send(&["-n", "100", "--faults", "1"]);
    assert!(faulty["answers"]["AE"].as_u64().unwrap() >= 10, "{faulty}");
    fs::write(folder.join("file.hl7"), admission("from a file")).unwrap();
    assert_eq!(send(&["file.hl7"])["answers"]["AA"], 1);
    live.stop();
    let nobody = concord(&folder, &["feed", "send", &to]).exits(3);
    assert!(
        nobody.told().contains("cannot be reached"),
        "{}",
        nobody.err
    );
}

#[test]
fn senders_are_told_apart() {
    let folder = folder("senders");
    // The overlay that ships as an example is for a sender WORLDPAS of RZZ, which names its sexes otherwise.
    let live = Live::start(
        &folder,
        &[
            "--allow-sender",
            "PAS/RXX,/RZZ",
            "--processing",
            "P",
            "--standard",
            "itk-adt@1.0",
            "--max-refused",
            "3",
        ],
    );
    let mut client = Client::new(live.address);
    assert!(client.ask(&admission("1")).contains("|AA|1"));
    let answer = client.ask(&admission("2").replace("|2|P|", "|2|T|"));
    assert!(
        answer.contains("|AR|2\n") && answer.contains("MSH^1^11^FEED-PROCESSING&"),
        "{answer}"
    );
    let other = |id: &str, sender: &str| admission(id).replace("|PAS|RXX|", sender);
    let answer = client.ask(&other("3", "|WORLDPAS2|RZZ|").replace("|19700101|2", "|19700101|F"));
    assert!(answer.contains("|AA|3\n"), "{answer}");
    for id in ["4", "5", "6"] {
        let answer = client.ask(&other(id, "|PAS|RYY|"));
        assert!(
            answer.contains("|AR|") && answer.contains("sender not allowed"),
            "{answer}"
        );
    }
    assert_eq!(client.try_ask(&admission("7")), None);
    live.stop();
    assert_eq!(status(&folder)["last"], 3);
}

#[test]
fn the_live_view_shows_rates_verdicts_and_rules() {
    let folder = folder("watch");
    let mut file = admission("1");
    file.push_str(&admission("2").replace("Testcase^Amara^^^^^L", ""));
    fs::write(folder.join("all.hl7"), &file).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_concord"))
        .current_dir(&folder)
        .args(["feed", "-", "--store", "store", "--watch", "--no-config"])
        .stdin(fs::File::open(folder.join("all.hl7")).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let last = text.rsplit("\x1b[H\x1b[J").next().unwrap();
    assert!(last.starts_with("2 messages in "), "{last}");
    let line = last
        .lines()
        .find(|line| line.starts_with("PAS/RXX "))
        .unwrap();
    assert!(line.contains(" 50.0% "), "{line}");
    assert!(
        last.contains("\nrules broken most\nFIELD-MISSING "),
        "{last}"
    );
}

#[test]
fn what_cannot_be_done_is_said_before_anything_is_taken() {
    let folder = folder("wrong");
    let wrong = |arguments: &[&str], said: &str| {
        let mut all = vec!["feed"];
        all.extend(arguments);
        let ran = concord(&folder, &all).exits(2);
        assert!(ran.told().contains(said), "{arguments:?}\n{}", ran.err);
    };
    let store = ["--store", "store"];
    let with = |source: &'static str| [source, store[0], store[1]];
    wrong(&["mllp://127.0.0.1:0"], "--store");
    wrong(&with("mllp://127.0.0.1"), "names no port");
    wrong(&with("mllp://127.0.0.1:99999"), "names no port");
    wrong(&with("nowhere"), "is not a folder");
    wrong(&with("ftp://x"), "there is no source ftp://");
    wrong(&with("nats://127.0.0.1:4222"), "a stream and a consumer");
    wrong(
        &["-", "--store", "store", "--standard", "cds@6-3-1"],
        "is no standard of messages",
    );
    wrong(
        &["-", "--store", "store", "--allow", "10.0.0.0/8"],
        "nothing listens",
    );
    wrong(
        &["mllp://127.0.0.1:0", "--store", "store", "--allow", "x"],
        "is no address",
    );
    wrong(
        &["mllp://127.0.0.1:0", "--store", "store", "--idle", "soon"],
        "a number and a unit",
    );
    wrong(
        &[
            "mllp://127.0.0.1:0",
            "--store",
            "store",
            "--tls-certificate",
            "a.pem",
        ],
        "--tls-key",
    );
    wrong(
        &[
            "mllp://127.0.0.1:0",
            "--store",
            "store",
            "--tls-certificate",
            "a.pem",
            "--tls-key",
            "b.pem",
        ],
        "a.pem",
    );
    fs::write(folder.join("concord.toml"), "nonsense = 1\n").unwrap();
    wrong(&with("-"), "nonsense");
    wrong(&["status", "nowhere"], "there is no store in nowhere");
    fs::remove_file(folder.join("concord.toml")).unwrap();
    for rule in [
        "FEED-STANDARD",
        "FEED-PROCESSING",
        "FEED-SEVERAL",
        "FEED-ID-AGAIN",
        "FEED-MORE",
    ] {
        let explained = concord(&folder, &["standards", "explain", rule]).exits(0);
        assert!(explained.out.starts_with(rule), "{}", explained.out);
    }
}

#[test]
fn a_feed_is_as_the_settings_say_unless_the_command_line_says_otherwise() {
    let folder = folder("settings");
    fs::create_dir_all(folder.join("far/inbox")).unwrap();
    fs::create_dir(folder.join("here")).unwrap();
    fs::write(
        folder.join("far/concord.toml"),
        "[feed]\nsource = \"inbox\"\nstore = \"store\"\ninto = \"into\"\nlog = \"json\"\nsettle = \"100ms\"\nprocessing = [\"T\"]\n",
    )
    .unwrap();
    fs::write(folder.join("far/inbox/one.hl7"), admission("1")).unwrap();
    // Paths are those of the settings' folder, wherever it is started.
    let run = |more: &[&str], processed: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_concord"));
        command
            .args(["feed", "--config", "../far/concord.toml"])
            .args(more);
        let live = Live::run(command, &folder.join("here"));
        becomes("it is taken", || folder.join(processed).exists());
        live.stop();
    };
    run(&[], "far/inbox/processed/one.hl7");
    let held = |store: &str| {
        let ran = concord(&folder, &["feed", "quarantine", "list", store]).exits(0);
        ran.out.matches("FEED-PROCESSING").count()
    };
    assert_eq!(held("far/store"), 1);
    assert!(folder.join("far/into/rejected").is_dir());
    fs::write(folder.join("far/inbox/two.hl7"), admission("2")).unwrap();
    run(
        &["--store", "other", "--processing", "P"],
        "far/inbox/processed/two.hl7",
    );
    assert_eq!(held("here/other"), 0);
    let status = concord(&folder, &["feed", "status", "here/other"]).exits(0);
    assert!(status.out.starts_with("1 message"), "{}", status.out);
    // A replay judges as the feed does.
    let replay = [
        "feed",
        "replay",
        "here/other",
        "--config",
        "far/concord.toml",
    ];
    let replayed = concord(&folder, &replay).exits(0).out;
    assert!(
        replayed.contains("accept is now reject: FEED-PROCESSING"),
        "{replayed}"
    );

    // What is wrong is told at its line.
    for (text, said) in [
        (
            "[feed]\nstore = \"s\"\nstores = \"x\"\n",
            "concord.toml:3:1",
        ),
        (
            "[feed]\nallow = [\"x\"]\nsource = \"-\"\nstore = \"s\"\n",
            "is no address",
        ),
        (
            "[feed]\nlog = \"loud\"\nsource = \"-\"\nstore = \"s\"\n",
            "text, json, none",
        ),
        ("[feed]\nstore = \"s\"\n", "where messages come from"),
        ("[feed]\nsource = \"-\"\n", "where messages are stored"),
        (
            "[feed]\nsource = \"-\"\nstore = \"s\"\ntls-key = \"a\"\n",
            "--tls-certificate",
        ),
    ] {
        fs::write(folder.join("here/concord.toml"), text).unwrap();
        let ran = concord(&folder.join("here"), &["feed"]).exits(2);
        assert!(ran.told().contains(said), "{text}\n{}", ran.err);
    }
}

#[test]
fn messages_are_sent_encrypted_by_who_shows_a_certificate() {
    let folder = folder("encrypted");
    if !certificates(&folder) {
        eprintln!("skipped: there is no openssl to make certificates with");
        return;
    }
    let arguments = [
        "--tls-certificate",
        "feed.pem",
        "--tls-key",
        "feed.key",
        "--tls-clients",
        "ca.pem",
        "--allow-certificate",
        "pas.example",
    ];
    let live = Live::start(&folder, &arguments);
    let address = live.address.to_string();
    let send = |more: &[&str]| {
        let mut all = vec!["feed", "send", &address, "-n", "20"];
        all.extend(more);
        concord(&folder, &all)
    };
    let name = ["--tls-authorities", "ca.pem", "--tls-name", "feed.example"];
    let own = ["--tls-certificate", "pas.pem", "--tls-key", "pas.key"];
    let sent = send(&[&name[..], &own].concat()).exits(0).out;
    assert!(sent.contains("AA           20"), "{sent}");
    // Not encrypted, of another name, without a certificate, with one of another name: nothing is answered.
    send(&["--answer-time", "5s"]).exits(3);
    send(&[&["--tls-authorities", "ca.pem"], &own[..]].concat()).exits(3);
    send(&name).exits(3);
    let other = ["--tls-certificate", "feed.pem", "--tls-key", "feed.key"];
    send(&[&name[..], &other].concat()).exits(3);
    send(&["--tls-key", "pas.key"]).exits(2);
    live.stop();
    assert_eq!(status(&folder)["last"], 20);
}

/// An authority, and certificates of a feed and of a sender.
fn certificates(folder: &Path) -> bool {
    let openssl = |arguments: &[&str]| {
        let ran = Command::new("openssl")
            .args(arguments)
            .current_dir(folder)
            .output();
        ran.is_ok_and(|ran| ran.status.success())
    };
    let new = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ];
    let authority = [
        &["req", "-x509"],
        &new[..],
        &["-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test"],
    ];
    openssl(&authority.concat())
        && [("feed", "feed.example"), ("pas", "pas.example")]
            .iter()
            .all(|(file, name)| {
                let (key, out) = (format!("{file}.key"), format!("{file}.pem"));
                let (subject, names) =
                    (format!("/CN={name}"), format!("subjectAltName=DNS:{name}"));
                let signed = [
                    &["req", "-x509"],
                    &new[..],
                    &["-CA", "ca.pem", "-CAkey", "ca.key"],
                    &[
                        "-keyout", &key, "-out", &out, "-subj", &subject, "-addext", &names,
                    ],
                    &["-addext", "basicConstraints=critical,CA:FALSE"],
                ];
                openssl(&signed.concat())
            })
}
