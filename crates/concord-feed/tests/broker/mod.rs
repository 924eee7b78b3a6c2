//! A real NATS server for tests: `nats-server` on the path, or where `CONCORD_NATS_SERVER` says.

#![allow(dead_code)] // each test takes what it needs
#![allow(unreachable_pub)] // a module of each test
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what is skipped is said

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, Stream};
use futures::StreamExt;
use tokio::runtime::Runtime;

/// A server, and those who ask it.
pub struct Broker {
    pub url: String,
    pub runtime: Runtime,
    folder: PathBuf,
    port: u16,
    process: Child,
}

impl Broker {
    /// Starts a server; says so and gives nothing where there is none.
    pub fn start(folder: &Path) -> Option<Self> {
        let port = free_port();
        let Some(process) = spawn(folder, port) else {
            eprintln!("skipped: there is no nats-server");
            return None;
        };
        let runtime = tokio::runtime::Builder::new_multi_thread();
        Some(Self {
            url: format!("nats://127.0.0.1:{port}"),
            runtime: { runtime }.worker_threads(2).enable_all().build().unwrap(),
            folder: folder.to_owned(),
            port,
            process,
        })
    }

    /// Kills the server and starts it again; it may not answer yet.
    pub fn restart(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.process = spawn(&self.folder, self.port).unwrap();
    }

    /// Waits until the server answers: who begins while it does not ends with an error.
    pub fn answers(&self) {
        self.runtime.block_on(async {
            let context = self.connect().await;
            while context.query_account().await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
    }

    pub async fn connect(&self) -> jetstream::Context {
        connect(&self.url).await
    }

    /// Makes a stream of all subjects below a name; what comes twice within the window is dropped.
    pub fn create(&self, name: &str, subjects: &str, window: Duration) {
        self.runtime.block_on(async {
            let config = Config {
                name: name.into(),
                subjects: vec![subjects.into()],
                duplicate_window: window,
                ..Config::default()
            };
            self.connect().await.create_stream(config).await.unwrap();
        });
    }

    pub fn stream(&self, name: &str) -> Stream {
        self.runtime
            .block_on(async { self.connect().await.get_stream(name).await.unwrap() })
    }

    /// How many messages a stream has, all that were ever in it; 0 while the server is away.
    pub fn count(&self, name: &str) -> u64 {
        self.runtime.block_on(async {
            let stream = self.connect().await.get_stream(name).await;
            stream.map_or(0, |stream| stream.cached_info().state.messages)
        })
    }

    /// Everything in a stream, in its order: subject and content.
    pub fn all(&self, name: &str) -> Vec<(String, String)> {
        self.runtime.block_on(async {
            let stream = self.connect().await.get_stream(name).await.unwrap();
            let wanted = pull::Config {
                ack_policy: AckPolicy::None,
                ..pull::Config::default()
            };
            let consumer = stream.create_consumer(wanted).await.unwrap();
            let mut left = consumer.cached_info().num_pending;
            let mut messages = consumer.messages().await.unwrap();
            let mut found = Vec::new();
            while left > 0 {
                let message = messages.next().await.unwrap().unwrap();
                let text = String::from_utf8(message.payload.to_vec()).unwrap();
                found.push((message.subject.to_string(), text));
                left -= 1;
            }
            found
        })
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn spawn(folder: &Path, port: u16) -> Option<Child> {
    let program = std::env::var("CONCORD_NATS_SERVER").unwrap_or("nats-server".into());
    let mut command = Command::new(program);
    command.args(["-js", "-a", "127.0.0.1", "-p", &port.to_string(), "-sd"]);
    command
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().ok()
}

pub async fn connect(url: &str) -> jetstream::Context {
    loop {
        if let Ok(client) = async_nats::connect(url).await {
            return jetstream::new(client);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Publishes a message until the server has said that it has it; it drops what it has already.
pub async fn publish(context: &jetstream::Context, subject: String, id: &str, message: String) {
    loop {
        let message = PublishMessage::build()
            .payload(message.clone().into())
            .message_id(id);
        if let Ok(sent) = context.send_publish(subject.clone(), message).await
            && sent.await.is_ok()
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
