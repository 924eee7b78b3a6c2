//! The connection to a server: HTTP/1.1, encrypted or not, made anew when it is lost.

use std::future::Future;
use std::io;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::HeaderMap;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::mllp::ClientTls;
use crate::mllp::tls::connector;

/// A connection, an answer, and each piece of it, is waited for so long.
const WAIT: Duration = Duration::from_mins(1);
/// What is known at once is known within so long.
const SOON: Duration = Duration::from_secs(1);
/// Bytes of an answer that is no message.
const LARGEST: usize = 4 << 20;
/// Characters of an error's description that are passed on.
const DESCRIPTION: usize = 200;

/// A connection to one server.
pub(super) struct Connection {
    host: String,
    port: u16,
    encrypted: Option<(TlsConnector, ServerName<'static>)>,
    open: Option<Open>,
}

/// Where questions are put, and what carries them.
struct Open {
    asking: SendRequest<Full<Bytes>>,
    carrying: JoinHandle<hyper::Result<()>>,
}

impl Connection {
    pub(super) fn new(server: &Uri, tls: Option<&ClientTls>) -> io::Result<Self> {
        // An address of version 6 stands in brackets, which are no part of it.
        let host = server
            .host()
            .unwrap_or_default()
            .trim_matches(['[', ']'])
            .to_owned();
        let encrypted = match tls {
            None => None,
            Some(tls) => {
                let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
                Some((connector(tls)?, name))
            }
        };
        let usual = if encrypted.is_some() { 443 } else { 80 };
        Ok(Self {
            host,
            port: server.port_u16().unwrap_or(usual),
            encrypted,
            open: None,
        })
    }

    /// Asks, and gives the answer whatever its status is. Until the answer has been read the next question waits.
    pub(super) async fn ask(&mut self, request: Request<Full<Bytes>>) -> io::Result<Answer> {
        let mut open = match self.open.take() {
            Some(open) if !open.asking.is_closed() => open,
            _ => self.connect().await?,
        };
        if within(open.asking.ready()).await.is_err() {
            open = self.connect().await?;
        }
        match within(open.asking.send_request(request)).await {
            Ok(answer) => {
                self.open = Some(open);
                Ok(Answer(answer))
            }
            // What carries them knows why they are lost.
            Err(error) => match timeout(SOON, open.carrying).await {
                Ok(Ok(Err(why))) => Err(io::Error::other(with_causes(&why))),
                _ => Err(error),
            },
        }
    }

    async fn connect(&self) -> io::Result<Open> {
        let stream = within(TcpStream::connect((&*self.host, self.port))).await?;
        stream.set_nodelay(true)?;
        match &self.encrypted {
            None => begin(stream).await,
            Some((connector, name)) => {
                begin(within(connector.connect(name.clone(), stream)).await?).await
            }
        }
    }
}

async fn begin(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> io::Result<Open> {
    let (asking, connection) = within(handshake(TokioIo::new(stream))).await?;
    let carrying = tokio::spawn(connection);
    Ok(Open { asking, carrying })
}

/// An error with what lies below it.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(cause) = below {
        text = format!("{text}: {cause}");
        below = cause.source();
    }
    text
}

/// Waits for something of the server, but not for ever.
async fn within<T, E: Into<Box<dyn std::error::Error + Send + Sync>>>(
    future: impl Future<Output = Result<T, E>>,
) -> io::Result<T> {
    let done = timeout(WAIT, future).await;
    done.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
        .map_err(io::Error::other)
}

/// What a server answers.
pub(super) struct Answer(Response<Incoming>);

/// An error as the interface describes it: version 2 below `detail`, version 1 in names of its own.
#[derive(Deserialize)]
struct Described {
    #[serde(alias = "errorCode")]
    code: Option<String>,
    #[serde(alias = "errorDescription")]
    msg: Option<String>,
}

impl Answer {
    pub(super) fn status(&self) -> StatusCode {
        self.0.status()
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        self.0.headers()
    }

    /// The next piece of it; `None` at its end.
    pub(super) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            let frame = timeout(WAIT, self.0.body_mut().frame()).await;
            let frame = frame.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?;
            match frame {
                None => return Ok(None),
                Some(frame) => {
                    if let Ok(bytes) = frame.map_err(io::Error::other)?.into_data() {
                        return Ok(Some(bytes));
                    }
                }
            }
        }
    }

    /// All of it, which is small.
    async fn all(mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await? {
            if bytes.len() + piece.len() > LARGEST {
                return Err(io::Error::other("the answer is too long"));
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes)
    }

    /// Reads what it says.
    pub(super) async fn json<T: DeserializeOwned>(self) -> io::Result<Option<T>> {
        Ok(serde_json::from_slice(&self.all().await?).ok())
    }

    /// Reads it, so that the connection can be used again.
    pub(super) async fn ignored(self) -> io::Result<()> {
        self.all().await.map(|_| ())
    }

    /// The error that it describes, if it does.
    pub(super) async fn described(self) -> Option<String> {
        let value: serde_json::Value = self.json().await.ok()??;
        let inner = value.get("detail").unwrap_or(&value);
        let inner = inner.get(0).unwrap_or(inner);
        let Described { code, msg } = Described::deserialize(inner).ok()?;
        let words: Vec<String> = [code, msg].into_iter().flatten().collect();
        let letters = words.join(" ");
        let letters = letters.chars().filter(|letter| !letter.is_control());
        (!words.is_empty()).then(|| letters.take(DESCRIPTION).collect())
    }
}
