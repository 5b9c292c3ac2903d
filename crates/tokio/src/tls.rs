//! TLS: rustls, with ring.

use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, InvalidDnsNameError, PrivateKeyDer, ServerName, pem};
use rustls::{ClientConfig, RootCertStore, ServerConfig};

use crate::Transport;
use crate::runtime::{TcpStream, TlsAcceptor, TlsConnector, TlsStream};

/// Certificates or keys that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The PEM text holds none, or is broken.
    #[error("the PEM text cannot be read: {0}")]
    Pem(#[from] pem::Error),
    /// What it holds does not fit.
    #[error(transparent)]
    Rustls(#[from] rustls::Error),
}

impl From<TlsError> for io::Error {
    fn from(error: TlsError) -> io::Error {
        io::Error::other(error)
    }
}

/// Whom a client trusts.
#[derive(Clone)]
pub struct ClientTls(TlsConnector);

impl ClientTls {
    /// Those whom browsers trust (Mozilla's list, as of the version of `webpki-roots` that was built in).
    ///
    /// # Errors
    /// [`TlsError`], if ring was built without what TLS needs.
    pub fn web_roots() -> Result<ClientTls, TlsError> {
        // A list of hundreds, made once.
        static WEB: OnceLock<ClientTls> = OnceLock::new();
        if let Some(web) = WEB.get() {
            return Ok(web.clone());
        }
        let web = ClientTls::with_roots(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })?;
        Ok(WEB.get_or_init(|| web).clone())
    }

    /// Those who are vouched for by these certificates, in PEM, and nobody else.
    ///
    /// # Errors
    /// [`TlsError`], if that are no certificates.
    pub fn from_pem(certificates: &[u8]) -> Result<ClientTls, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(certificates) {
            roots.add(certificate?)?;
        }
        ClientTls::with_roots(roots)
    }

    fn with_roots(roots: RootCertStore) -> Result<ClientTls, TlsError> {
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(ClientTls::from(Arc::new(config)))
    }

    pub(crate) async fn connect(&self, host: &str, tcp: TcpStream) -> io::Result<Transport> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error: InvalidDnsNameError| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        self.0.connect(name, tcp).await.map(|tls| TlsStream::Client(tls).into())
    }
}

impl From<Arc<ClientConfig>> for ClientTls {
    /// A configuration of your own.
    fn from(config: Arc<ClientConfig>) -> ClientTls {
        ClientTls(TlsConnector::from(config))
    }
}

/// Who a server is.
#[derive(Clone)]
pub struct ServerTls(TlsAcceptor);

impl ServerTls {
    /// Who these certificates (its own first) and this private key say, in PEM.
    ///
    /// # Errors
    /// [`TlsError`], if they are not that, or do not belong together.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<ServerTls, TlsError> {
        let chain = CertificateDer::pem_slice_iter(certificates).collect::<Result<Vec<_>, _>>()?;
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, PrivateKeyDer::from_pem_slice(key)?)?;
        Ok(ServerTls::from(Arc::new(config)))
    }

    pub(crate) async fn accept(&self, tcp: TcpStream) -> io::Result<Transport> {
        self.0.accept(tcp).await.map(|tls| TlsStream::Server(tls).into())
    }
}

impl From<Arc<ServerConfig>> for ServerTls {
    /// A configuration of your own.
    fn from(config: Arc<ServerConfig>) -> ServerTls {
        ServerTls(TlsAcceptor::from(config))
    }
}

/// Named, for the process may have none by default, or another.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

impl fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientTls").finish_non_exhaustive()
    }
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerTls").finish_non_exhaustive()
    }
}
