//! A mailbox of MESH, the Message Exchange for Social Care and Health: what comes in is fetched and acknowledged, what goes
//! out is sent, in chunks and compressed.
//!
//! The interface is version 2 of the MESH API (NHS England, API catalogue): requests below `/messageexchange/MAILBOX`, facts
//! about a message in headers whose names begin with `Mex-`, chunks answered with status 206 until the last with 200.

mod connection;
mod error;
mod inbox;
mod outbox;
mod token;
mod unzip;

use std::sync::Arc;

use hyper::header::{ACCEPT, AUTHORIZATION, HOST, HeaderName, USER_AGENT};
use hyper::http::request::Builder;
use hyper::{Method, Request, StatusCode, Uri};

pub use error::MeshError;
pub use inbox::{Chunk, Page};
pub use outbox::Outgoing;
pub(crate) use unzip::Unzip;

use crate::clock::Clock;
pub use crate::mllp::ClientTls;
pub use crate::secret::Secret;
use connection::{Answer, Connection};
use token::Token;

/// Which mailbox.
#[derive(Debug, Clone)]
pub struct MailboxSettings {
    /// `https://host` or `https://host:port`; `http://` for a server of one's own.
    pub server: String,
    /// The mailbox's id.
    pub mailbox: String,
    /// Its password.
    pub password: Secret,
    /// The key that all mailboxes of an environment share.
    pub shared_key: Secret,
    /// Encryption, which `https://` needs.
    pub tls: Option<ClientTls>,
}

/// A mailbox that is talked to over one connection, which is made when it is needed.
pub struct Mailbox {
    settings: MailboxSettings,
    server: Uri,
    token: Token,
    clock: Arc<dyn Clock>,
    connection: Connection,
}

impl Mailbox {
    /// A mailbox; nothing is asked of the server yet.
    ///
    /// # Errors
    /// [`MeshError::Settings`] when the address, the mailbox or the certificates cannot be used.
    pub fn new(settings: MailboxSettings, clock: Arc<dyn Clock>) -> Result<Self, MeshError> {
        let unfit = |what: &str| MeshError::Settings(format!("{}: {what}", settings.server));
        let server: Uri = settings.server.parse().map_err(|_| unfit("no address"))?;
        if server.authority().is_none() {
            return Err(unfit("no address"));
        }
        if !is_id(&settings.mailbox) {
            return Err(unfit("the mailbox's id is not one"));
        }
        let tls = match (server.scheme_str(), &settings.tls) {
            (Some("http"), None) => None,
            (Some("https"), Some(tls)) => Some(tls),
            (Some("https"), None) => return Err(unfit("encryption needs the authorities")),
            (Some("http"), Some(_)) => return Err(unfit("http has no encryption")),
            _ => return Err(unfit("neither https nor http")),
        };
        let connection = Connection::new(&server, tls)
            .map_err(|error| MeshError::Settings(error.to_string()))?;
        Ok(Self {
            token: Token::new(clock.elapsed()),
            settings,
            server,
            clock,
            connection,
        })
    }

    /// Where it is, for people.
    pub fn name(&self) -> String {
        let host = self.server.host().unwrap_or_default();
        format!("mailbox {} at {host}", self.settings.mailbox)
    }

    /// Says who is there, which the server wants once a day, and whether it is let in.
    ///
    /// # Errors
    /// [`MeshError::Refused`] when it is not; what else goes wrong.
    pub async fn handshake(&mut self) -> Result<(), MeshError> {
        let version = env!("CARGO_PKG_VERSION");
        let request = self
            .request(Method::POST, "")
            .header("Mex-ClientVersion", format!("concord=={version}"))
            .header("Mex-OSName", "unspecified")
            .header("Mex-OSVersion", "unspecified");
        let answer = self.ask("the handshake", request, Vec::new()).await?;
        Ok(answer.ignored().await?)
    }

    /// A request below the mailbox.
    fn request(&mut self, method: Method, path: &str) -> Builder {
        let MailboxSettings {
            mailbox,
            password,
            shared_key,
            ..
        } = &self.settings;
        let token = self.token.next(
            mailbox,
            password.text(),
            shared_key.text(),
            self.clock.now(),
        );
        let host = self
            .server
            .authority()
            .map_or("", |authority| authority.as_str());
        Request::builder()
            .method(method)
            .uri(format!("/messageexchange/{mailbox}{path}"))
            .header(HOST, host)
            .header(ACCEPT, "application/vnd.mesh.v2+json")
            .header(USER_AGENT, concat!("concord;", env!("CARGO_PKG_VERSION")))
            .header(AUTHORIZATION, token)
    }

    /// Sends a request; an answer other than success is an error.
    async fn ask(
        &mut self,
        what: &'static str,
        request: Builder,
        body: Vec<u8>,
    ) -> Result<Answer, MeshError> {
        let request = request
            .body(body.into())
            .map_err(|error| MeshError::Settings(error.to_string()))?;
        let answer = self.connection.ask(request).await?;
        match answer.status() {
            status if status.is_success() => Ok(answer),
            StatusCode::FORBIDDEN => Err(MeshError::Refused(what)),
            status => Err(MeshError::Status {
                what,
                status: status.as_u16(),
                described: answer.described().await,
            }),
        }
    }
}

/// Whether a text is an id of a mailbox or a message, which stands in paths.
fn is_id(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=100).contains(&text.len()) && text.bytes().all(fits)
}

const MEX_MESSAGE_TYPE: HeaderName = HeaderName::from_static("mex-messagetype");
