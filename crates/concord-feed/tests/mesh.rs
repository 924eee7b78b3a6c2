//! Mailboxes of MESH, on the sandbox that NHS England gives out (`mesh-sandbox` of the Python package index): `python3` on the
//! path with the package, or the interpreter that `CONCORD_MESH_PYTHON` says.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what is skipped is said

mod support;

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use concord_feed::mesh::{ClientTls, Mailbox, MailboxSettings, MeshError, Outgoing};
use concord_feed::source::{MeshSettings, MeshSource};
use concord_feed::{Feed, Secret};
use flate2::Compression;
use flate2::write::GzEncoder;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use support::{Running, Wall, all, encounter, message};

/// The mailboxes that every sandbox has, and their password.
const SENDER: &str = "X26ABC1";
const RECEIVER: &str = "X26ABC2";
const PASSWORD: &str = "password";
const KEY: &str = "a shared key";

fn python() -> PathBuf {
    std::env::var_os("CONCORD_MESH_PYTHON").map_or("python3".into(), PathBuf::from)
}

/// A server of mailboxes.
struct Sandbox {
    process: Child,
    url: String,
    tls: Option<ClientTls>,
}

impl Sandbox {
    fn start() -> Option<Self> {
        Self::with(&[], None)
    }

    fn with(options: &[&str], tls: Option<ClientTls>) -> Option<Self> {
        let there = Command::new(python())
            .args(["-c", "import mesh_sandbox.api"])
            .stderr(Stdio::null())
            .status();
        if !there.is_ok_and(|status| status.success()) {
            eprintln!("skipped: there is no mesh-sandbox");
            return None;
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let process = Command::new(python())
            .args([
                "-m",
                "uvicorn",
                "mesh_sandbox.api:app",
                "--host",
                "127.0.0.1",
            ])
            .args(["--port", &port.to_string()])
            .args(options)
            .env("AUTH_MODE", "full")
            .env("STORE_MODE", "memory")
            .env("SHARED_KEY", KEY)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let sandbox = Self {
            process,
            url: match tls {
                None => format!("http://127.0.0.1:{port}"),
                Some(_) => format!("https://localhost:{port}"),
            },
            tls,
        };
        let until = Instant::now() + Duration::from_mins(1);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "the sandbox does not begin");
            std::thread::sleep(Duration::from_millis(100));
        }
        Some(sandbox)
    }

    fn settings(&self, mailbox: &str) -> MailboxSettings {
        MailboxSettings {
            server: self.url.clone(),
            mailbox: mailbox.into(),
            password: Secret::new(PASSWORD.into()),
            shared_key: Secret::new(KEY.into()),
            tls: self.tls.clone(),
        }
    }

    fn source(&self) -> MeshSettings {
        MeshSettings {
            mailbox: self.settings(RECEIVER),
            workflow: None,
            every: Duration::from_millis(200),
            largest: 1 << 20,
        }
    }

    /// Sends a file from one mailbox to the other.
    fn send(&self, outgoing: &Outgoing, content: &[u8]) -> Result<String, MeshError> {
        runtime().block_on(async {
            let mut mailbox = Mailbox::new(self.settings(SENDER), Wall::new()).unwrap();
            let length = content.len() as u64;
            mailbox.send(outgoing, &mut { content }, length).await
        })
    }

    /// What waits in the mailbox of the receiver.
    fn waiting(&self) -> Vec<String> {
        runtime().block_on(async {
            let mut mailbox = Mailbox::new(self.settings(RECEIVER), Wall::new()).unwrap();
            mailbox.inbox(None, None).await.unwrap().messages
        })
    }

    /// Runs a program with NHS England's own client for MESH as `client`, the receiver's mailbox; it gets `input`.
    fn official(&self, mailbox: &str, program: &str, input: &[u8]) -> String {
        let begin = format!(
            "import sys, hashlib\nfrom mesh_client import MeshClient\nclient = MeshClient({:?}, {mailbox:?}, {PASSWORD:?}, shared_key={KEY:?}.encode(), max_chunk_size=50000)\n",
            self.url
        );
        let mut process = Command::new(python())
            .args(["-c", &(begin + program)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        process.stdin.take().unwrap().write_all(input).unwrap();
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn start(store: &Path, settings: MeshSettings) -> Running {
    let mut feed = Feed::new(store.into(), 2);
    feed.sources.push(Box::new(MeshSource(settings)));
    Running::start(feed)
}

fn wait_for(what: &str, done: impl Fn() -> bool) {
    for _ in 0..300 {
        if done() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{what}");
}

fn messages(ids: std::ops::Range<u32>) -> Vec<u8> {
    ids.map(|id| message(&id.to_string()))
        .collect::<String>()
        .into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn outgoing() -> Outgoing {
    Outgoing::new(RECEIVER.into(), "ADT".into())
}

#[test]
fn files_are_taken_in_every_form_and_acknowledged_when_they_are_stored() {
    let Some(sandbox) = Sandbox::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    // In one chunk and in many that end within messages; compressed on the way, before, both, and not.
    let whole = outgoing();
    let chunked = Outgoing {
        chunk: 50_000,
        ..outgoing()
    };
    let plain = Outgoing {
        compress: false,
        ..chunked.clone()
    };
    sandbox.send(&whole, &messages(0..10)).unwrap();
    sandbox.send(&chunked, &messages(10..500)).unwrap();
    sandbox.send(&plain, &messages(500..1_000)).unwrap();
    sandbox
        .send(&plain, &gzip(&messages(1_000..1_100)))
        .unwrap();
    sandbox
        .send(&chunked, &gzip(&messages(1_100..1_200)))
        .unwrap();
    // NHS England's own client sends one as well.
    let program = format!(
        "client.send_message({RECEIVER:?}, sys.stdin.buffer.read(), workflow_id='ADT', compress=True)"
    );
    sandbox.official(SENDER, &program, &messages(1_200..1_500));
    // The same once more, as if its acknowledgement had been lost.
    sandbox.send(&whole, &messages(0..10)).unwrap();
    assert_eq!(sandbox.waiting().len(), 7);
    let feed = start(&store, sandbox.source());
    wait_for("all are acknowledged", || sandbox.waiting().is_empty());
    let ids = |store: &Path| -> Vec<String> {
        let entries = all(store).into_iter();
        entries
            .map(|entry| entry.verdict.identity.control_id)
            .collect()
    };
    let expected: Vec<String> = (0..1_500).map(|id| id.to_string()).collect();
    assert_eq!(ids(&store), expected);
    // One that comes later is found.
    sandbox.send(&whole, &messages(1_500..1_501)).unwrap();
    wait_for("it is acknowledged", || sandbox.waiting().is_empty());
    // Resources come in lines, and as a document.
    let lines = (0..5).map(|id| encounter(&id.to_string(), 1, "finished") + "\n");
    let document = encounter("5", 1, "finished").replace(',', ",\n");
    let lines: String = lines.collect();
    sandbox.send(&chunked, lines.as_bytes()).unwrap();
    sandbox.send(&whole, document.as_bytes()).unwrap();
    wait_for("both are acknowledged", || sandbox.waiting().is_empty());
    feed.stop();
    let ids = ids(&store);
    assert_eq!(ids.len(), 1_507);
    assert_eq!(ids[1_506], "Encounter/5/_history/1");
}

#[test]
fn what_cannot_be_taken_is_left_and_holds_nobody_up() {
    let Some(sandbox) = Sandbox::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let plain = Outgoing {
        compress: false,
        ..outgoing()
    };
    let mut left = vec![sandbox.send(&outgoing(), b"a,table\n1,2\n").unwrap()];
    let damaged = gzip(&messages(0..5));
    left.push(sandbox.send(&plain, &damaged[..damaged.len() - 4]).unwrap());
    let large = format!("{}NTE|||{}\r", message("6"), "x".repeat(2 << 20));
    left.push(sandbox.send(&outgoing(), large.as_bytes()).unwrap());
    let other = Outgoing {
        workflow: "OTHER".into(),
        ..outgoing()
    };
    left.push(sandbox.send(&other, &messages(7..8)).unwrap());
    sandbox.send(&outgoing(), &messages(8..9)).unwrap();
    let feed = start(
        &store,
        MeshSettings {
            workflow: Some("ADT".into()),
            ..sandbox.source()
        },
    );
    wait_for("the good one is acknowledged", || sandbox.waiting() == left);
    assert_eq!(
        feed.metric("concord_feed_refused_total{reason=\"file\"}"),
        3
    );
    feed.stop();
    let stored: Vec<String> = all(&store)
        .into_iter()
        .map(|entry| entry.verdict.identity.control_id)
        .collect();
    assert_eq!(stored.last().map(|id| &**id), Some("8"));
    assert!(
        !stored.contains(&"6".to_owned()) && !stored.contains(&"7".to_owned()),
        "{stored:?}"
    );
}

#[test]
fn what_is_sent_is_read_by_the_official_client() {
    let Some(sandbox) = Sandbox::start() else {
        return;
    };
    let content = messages(0..300);
    let sent = Outgoing {
        chunk: 50_000,
        local_id: Some("a local id".into()),
        subject: Some("a subject".into()),
        file_name: Some("adt.hl7".into()),
        ..outgoing()
    };
    let id = sandbox.send(&sent, &content).unwrap();
    let program = format!(
        "message = client.retrieve_message({id:?})\nprint(message.workflow_id, message.local_id, message.subject, message.filename, message.sender)\nprint(hashlib.sha256(message.read()).hexdigest())\nprint(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
    );
    let said = sandbox.official(RECEIVER, &program, &content);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "ADT a local id a subject adt.hl7 X26ABC1");
    assert_eq!(lines[1], lines[2]);
}

#[test]
fn who_is_not_let_in_is_told_without_the_password() {
    let Some(sandbox) = Sandbox::start() else {
        return;
    };
    let mut settings = sandbox.settings(RECEIVER);
    settings.password = Secret::new("not the password".into());
    assert!(
        !format!("{settings:?}").contains("password\""),
        "{settings:?}"
    );
    let error = runtime().block_on(async {
        let mut mailbox = Mailbox::new(settings.clone(), Wall::new()).unwrap();
        mailbox.handshake().await.unwrap_err()
    });
    assert_eq!(error, MeshError::Refused("the handshake"));
    let folder = tempfile::tempdir().unwrap();
    let mut feed = Feed::new(folder.path().join("store"), 2);
    let source = MeshSettings {
        mailbox: settings,
        ..sandbox.source()
    };
    feed.sources.push(Box::new(MeshSource(source)));
    let never = std::future::pending();
    let judge = std::sync::Arc::new(support::HeaderJudge);
    let ended = concord_feed::run(feed, judge, Wall::new(), never, |_| {}).unwrap_err();
    assert!(ended.to_string().contains("X26ABC2"), "{ended}");
    // The server says why it does not take something.
    let unknown = Outgoing::new("NOBODY".into(), "ADT".into());
    let error = sandbox.send(&unknown, b"MSH|").unwrap_err();
    assert!(
        matches!(&error, MeshError::Status { status: 417, described: Some(text), .. } if text == "12 Unregistered to address"),
        "{error:?}"
    );
}

#[test]
fn addresses_that_cannot_be_meant_are_refused() {
    for (server, mailbox) in [
        ("mesh.example", RECEIVER),
        ("ftp://mesh.example", RECEIVER),
        ("https://mesh.example", RECEIVER),
        ("http://mesh.example", "../other"),
        ("http://mesh.example", ""),
    ] {
        let settings = MailboxSettings {
            server: server.into(),
            mailbox: mailbox.into(),
            password: Secret::new(PASSWORD.into()),
            shared_key: Secret::new(KEY.into()),
            tls: None,
        };
        let refused = Mailbox::new(settings, Wall::new()).err();
        assert!(
            matches!(refused, Some(MeshError::Settings(_))),
            "{server}: {refused:?}"
        );
    }
}

#[test]
fn connections_are_encrypted_and_both_sides_show_certificates() {
    let folder = tempfile::tempdir().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let file = |name: &str, text: &str| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let certificate = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        // A name other than the authority's: who signs himself is not believed.
        params.distinguished_name.push(DnType::CommonName, name);
        let signed = params.signed_by(&key, &authority).unwrap();
        (
            file(&format!("{name}.pem"), &signed.pem()),
            file(&format!("{name}.key"), &key.serialize_pem()),
        )
    };
    let authorities = file("authority.pem", &authority.pem());
    let server = certificate("localhost");
    let tls = ClientTls {
        authorities: authorities.clone(),
        certificate: Some(certificate("client")),
    };
    let texts = [&server.0, &server.1, &authorities].map(|path| path.to_str().unwrap());
    let options = [
        "--ssl-certfile",
        texts[0],
        "--ssl-keyfile",
        texts[1],
        "--ssl-ca-certs",
        texts[2],
        "--ssl-cert-reqs",
        "2",
    ];
    let Some(sandbox) = Sandbox::with(&options, Some(tls.clone())) else {
        return;
    };
    let handshake = |tls: ClientTls| {
        let settings = MailboxSettings {
            tls: Some(tls),
            ..sandbox.settings(RECEIVER)
        };
        runtime().block_on(async {
            Mailbox::new(settings, Wall::new())
                .unwrap()
                .handshake()
                .await
        })
    };
    assert_eq!(handshake(tls.clone()), Ok(()));
    let without = ClientTls {
        certificate: None,
        ..tls.clone()
    };
    assert!(matches!(handshake(without), Err(MeshError::Connection(_))));
    // A server of another authority.
    let stranger = ClientTls {
        authorities: server.0.clone(),
        ..tls
    };
    assert!(matches!(handshake(stranger), Err(MeshError::Connection(_))));
}
