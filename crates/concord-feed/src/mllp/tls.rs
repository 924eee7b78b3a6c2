//! Encryption, and certificates that clients must show.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// How connections are encrypted: files in PEM format.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The server's certificate, and those that lead to its authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// The authorities of which every client must show a certificate; without, clients show none.
    pub clients: Option<PathBuf>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// When a file cannot be read or does not hold what it should.
    pub(crate) fn acceptor(&self) -> io::Result<TlsAcceptor> {
        let certificates = certificates(&self.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&std::fs::read(&self.key)?)
            .map_err(|error| unfit(&self.key, error))?;
        let provider = Arc::new(default_provider());
        let settings = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| unfit(&self.certificate, error))?;
        let settings = match &self.clients {
            None => settings.with_no_client_auth(),
            Some(clients) => {
                let mut roots = RootCertStore::empty();
                for authority in self::certificates(clients)? {
                    roots
                        .add(authority)
                        .map_err(|error| unfit(clients, error))?;
                }
                let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider)
                    .build()
                    .map_err(|error| unfit(clients, error))?;
                settings.with_client_cert_verifier(verifier)
            }
        };
        let settings = settings
            .with_single_cert(certificates, key)
            .map_err(|error| unfit(&self.certificate, error))?;
        Ok(TlsAcceptor::from(Arc::new(settings)))
    }
}

fn certificates(path: &Path) -> io::Result<Vec<CertificateDer<'static>>> {
    let bytes = std::fs::read(path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let found = found.map_err(|error| unfit(path, error))?;
    if found.is_empty() {
        return Err(unfit(path, "no certificate in it"));
    }
    Ok(found)
}

fn unfit(path: &Path, what: impl std::fmt::Display) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("{}: {what}", path.display()),
    )
}

/// Whether the certificate that a client showed has one of these names.
pub(crate) fn has_name(shown: Option<&[CertificateDer<'_>]>, names: &[String]) -> bool {
    let Some(first) = shown.and_then(<[_]>::first) else {
        return false;
    };
    let Ok(certificate) = webpki::EndEntityCert::try_from(first) else {
        return false;
    };
    names.iter().any(|name| {
        ServerName::try_from(&**name)
            .is_ok_and(|name| certificate.verify_is_valid_for_subject_name(&name).is_ok())
    })
}
