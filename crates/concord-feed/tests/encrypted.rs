//! Encrypted connections, and clients that must show a certificate of a name.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use concord_feed::mllp::{Allowed, ClientTls, Frames, MllpSettings, Tls, framed};
use concord_feed::send::{Faults, SendSettings, SendTls};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use support::{Running, all, becomes, listening, message};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn certificate(authority: &Authority, name: &str) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let signed = params.signed_by(&key, authority).unwrap();
    (signed.pem(), key.serialize_pem())
}

fn ask(
    feed: &Running,
    roots: &Authority,
    shown: Option<(String, String)>,
    id: &str,
) -> Option<String> {
    let mut store = RootCertStore::empty();
    store
        .add(CertificateDer::from_pem_slice(roots.pem().as_bytes()).unwrap())
        .unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(store);
    let config = match shown {
        None => config.with_no_client_auth(),
        Some((certificate, key)) => {
            let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
            config
                .with_client_auth_cert(vec![certificate], key)
                .unwrap()
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let stream = TcpStream::connect(feed.listening[0]).await.unwrap();
        let name = ServerName::try_from("feed.example").unwrap();
        let mut stream = TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
            .ok()?;
        stream
            .write_all(&framed(message(id).as_bytes()))
            .await
            .ok()?;
        let mut frames = Frames::new(1 << 20);
        loop {
            if let Some(answer) = frames.take().unwrap() {
                return Some(String::from_utf8(answer).unwrap());
            }
            if stream.read_buf(frames.buffer()).await.ok()? == 0 {
                return None;
            }
        }
    })
}

#[test]
fn clients_show_a_certificate_of_an_allowed_name() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs, stranger) = (authority(), authority(), authority());
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let (server, key) = certificate(&ours, "feed.example");
    let tls = Tls {
        certificate: write("server.pem", &server),
        key: write("server.key", &key),
        clients: Some(write("clients.pem", &theirs.pem())),
    };
    let allowed = Allowed {
        certificates: vec!["pas.example".into()],
        ..Allowed::default()
    };
    let settings = MllpSettings {
        tls: Some(tls),
        allowed,
        ..MllpSettings::default()
    };
    let feed = Running::start(listening(&folder.path().join("store"), settings));
    let answer = ask(&feed, &ours, Some(certificate(&theirs, "pas.example")), "1").unwrap();
    assert!(answer.ends_with("\rMSA|AA|1\r"), "{answer}");
    assert_eq!(
        ask(&feed, &ours, Some(certificate(&theirs, "lab.example")), "2"),
        None
    );
    assert_eq!(
        ask(
            &feed,
            &ours,
            Some(certificate(&stranger, "pas.example")),
            "3"
        ),
        None
    );
    assert_eq!(ask(&feed, &ours, None, "4"), None);
    let mut plain = support::Client::new(feed.listening[0]);
    plain.write(&message("5"));
    let answer = plain.answer_bytes();
    assert!(!answer.contains(&b'\x0b'));
    becomes(
        || feed.metric("concord_feed_refused_total{reason=\"certificate not allowed\"}"),
        1,
    );
    becomes(
        || feed.metric("concord_feed_refused_total{reason=\"handshake\"}"),
        3,
    );
    feed.stop();
    assert_eq!(all(&folder.path().join("store")).len(), 1);
}

#[test]
fn certificates_that_cannot_be_used_are_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let missing = |name: &str| Path::new("/nowhere").join(name);
    let tls = Tls {
        certificate: missing("a"),
        key: missing("b"),
        clients: None,
    };
    let settings = MllpSettings {
        tls: Some(tls),
        ..MllpSettings::default()
    };
    let feed = listening(folder.path(), settings);
    let never = std::future::pending();
    let judge = Arc::new(support::HeaderJudge);
    assert!(concord_feed::run(feed, judge, support::Wall::new(), never, |_| {}).is_err());
}

#[test]
fn messages_are_sent_over_encrypted_connections() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs, stranger) = (authority(), authority(), authority());
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let (server, key) = certificate(&ours, "feed.example");
    let tls = Tls {
        certificate: write("server.pem", &server),
        key: write("server.key", &key),
        clients: Some(write("clients.pem", &theirs.pem())),
    };
    let settings = MllpSettings {
        tls: Some(tls),
        ..MllpSettings::default()
    };
    let feed = Running::start(listening(&folder.path().join("store"), settings));
    let (shown, shown_key) = certificate(&theirs, "pas.example");
    let own = (write("pas.pem", &shown), write("pas.key", &shown_key));
    let authorities = write("ours.pem", &ours.pem());
    let strangers = write("strangers.pem", &stranger.pem());
    let send = |authorities: &Path, name: Option<&str>, own: Option<(PathBuf, PathBuf)>| {
        let settings = SendSettings {
            address: feed.listening[0].to_string(),
            connections: 2,
            messages: 20,
            rate: None,
            pipelined: 4,
            answer: Duration::from_secs(20),
            tls: Some(SendTls {
                files: ClientTls {
                    authorities: authorities.to_owned(),
                    certificate: own,
                },
                name: name.map(str::to_owned),
            }),
            faults: Faults::default(),
        };
        let message = Arc::new(|number: u64| message(&number.to_string()).into_bytes());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(concord_feed::send::send(
            settings,
            message,
            support::Wall::new(),
        ))
    };
    let name = Some("feed.example");
    let sent = send(&authorities, name, Some(own.clone())).unwrap();
    assert_eq!((sent.answers["AA"], sent.unanswered), (20, 0));
    // Another name, another authority: nothing is sent.
    assert!(send(&authorities, Some("pas.example"), Some(own.clone())).is_err());
    assert!(send(&authorities, None, Some(own.clone())).is_err());
    assert!(send(&strangers, name, Some(own)).is_err());
    // Without a certificate of one's own a listener that asks for one answers nothing.
    let refused = send(&authorities, name, None);
    assert!(refused.is_err() || refused.is_ok_and(|sent| sent.unanswered == 20));
    feed.stop();
    assert_eq!(all(&folder.path().join("store")).len(), 20);
}
