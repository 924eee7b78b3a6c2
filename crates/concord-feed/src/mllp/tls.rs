//! Encryption, and certificates that clients must show.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

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
        let key = private_key(&self.key)?;
        let provider = Arc::new(default_provider());
        let settings = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| unfit(&self.certificate, error))?;
        let settings = match &self.clients {
            None => settings.with_no_client_auth(),
            Some(clients) => {
                let roots = roots(clients)?.into();
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider)
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

/// How connections that are made are encrypted: files in PEM format.
#[derive(Debug, Clone)]
pub struct ClientTls {
    /// The authorities that the server's certificate must come from.
    pub authorities: PathBuf,
    /// The client's own certificate, and its private key.
    pub certificate: Option<(PathBuf, PathBuf)>,
}

/// Encryption of connections that are made.
pub(crate) fn connector(tls: &ClientTls) -> io::Result<TlsConnector> {
    let authorities = &*tls.authorities;
    let settings = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| unfit(authorities, error))?
        .with_root_certificates(roots(authorities)?);
    let settings = match &tls.certificate {
        None => settings.with_no_client_auth(),
        Some((certificate, key)) => settings
            .with_client_auth_cert(certificates(certificate)?, private_key(key)?)
            .map_err(|error| unfit(certificate, error))?,
    };
    Ok(TlsConnector::from(Arc::new(settings)))
}

fn private_key(path: &Path) -> io::Result<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_slice(&read(path)?).map_err(|error| unfit(path, error))
}

fn roots(path: &Path) -> io::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for authority in certificates(path)? {
        roots.add(authority).map_err(|error| unfit(path, error))?;
    }
    Ok(roots)
}

fn certificates(path: &Path) -> io::Result<Vec<CertificateDer<'static>>> {
    let bytes = read(path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let found = found.map_err(|error| unfit(path, error))?;
    if found.is_empty() {
        return Err(unfit(path, "no certificate in it"));
    }
    Ok(found)
}

/// The bytes of a file, which an error names.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    std::fs::read(path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
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
